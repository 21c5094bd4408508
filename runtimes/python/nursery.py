"""The hub's side of the zygote: makes it, hears how loading the author's module went, asks it for workers."""

from __future__ import annotations

import os
import socket
from json import loads

from . import processes
from .outcomes import MemoryLedger
from .printing import Printing
from .wire import START_FAILED, STARTED, FrameReader, WireError, split
from .worker_process import WorkerProcess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .journal import Journal
    from .loop import Loop


_READ = 65_536


class Nursery:
    """One zygote process, for as long as the function lives."""

    def __init__(
        self, loop: Loop, journal: Journal, reaper: processes.Reaper, head: dict[str, object], code: bytes
    ) -> None:
        self._loop = loop
        self._journal = journal
        self._reaper = reaper
        self._head = head
        self._code = code
        self._reader = FrameReader()
        self._open = True
        self.pid = 0
        self.on_loaded: Callable[[float], None]
        self.on_failed: Callable[[bytes], None]
        self.on_ended: Callable[[str], None]

    def open(self) -> None:
        """Forks the zygote, which loads the author's module; `on_loaded` or `on_failed` follows."""
        memory = MemoryLedger(int(self._head["memoryMb"]))
        here, there = socket.socketpair()
        out, err = os.pipe(), os.pipe()
        pid = os.fork()
        if pid == 0:
            self._become_zygote(there, [out[1], err[1]])
        self.pid = pid
        self._code = b""
        there.close()
        here.setblocking(False)
        self._channel = here
        self._loop.add(here.fileno(), self._heard)
        os.close(out[1])
        os.close(err[1])
        self._printing = Printing(self._loop, self._journal, (out[0], err[0]), lambda: None)
        self._printing.listen()
        self._reaper.expect(pid, lambda status: self._ended(status, memory))

    def spawn(self) -> WorkerProcess:
        """Asks for one more worker. Without one its channel ends."""
        here, there = socket.socketpair()
        out, err = os.pipe(), os.pipe()
        worker = WorkerProcess(self._loop, self._journal, here, (out[0], err[0]))
        try:
            socket.send_fds(self._channel, [b"F"], [there.fileno(), out[1], err[1]])
        finally:
            there.close()
            os.close(out[1])
            os.close(err[1])
        return worker

    def close(self) -> None:
        """Removes what the zygote left on the disk."""
        from .author import remove_folder

        remove_folder(self.pid)

    def _become_zygote(self, channel: socket.socket, outputs: list[int]) -> None:
        """In the forked child, for good."""
        status = 1
        try:
            self._loop.close()
            from . import zygote

            zygote.run(channel, outputs, self._head, self._code)
            status = 0
        except BaseException as error:  # Nothing may return into the hub's loop.
            os.write(2, f"The zygote failed: {error!r}\n".encode())
        finally:
            os._exit(status)

    def _heard(self, _: int = 0) -> bool:
        """Whether there may be more."""
        try:
            chunk = self._channel.recv(_READ)
        except BlockingIOError:
            return False
        except OSError:
            chunk = b""
        try:
            for raw in self._reader.feed(chunk):
                self._take(raw)
        except WireError:
            chunk = b""
        if not chunk:
            self._loop.remove(self._channel.fileno())
            self._channel.close()
            self._open = False
            processes.kill(self.pid)
        return self._open

    def _take(self, raw: bytes) -> None:
        kind, _, head, data = split(raw)
        if kind == STARTED:
            self._printing.drain()
            self.on_loaded(float(loads(head)["initMs"]))
        elif kind == START_FAILED:
            self._printing.drain()
            self.on_failed(head)
        else:
            self._printing.take(kind, head, data)

    def _ended(self, status: int, memory: MemoryLedger) -> None:
        while self._open and self._heard():
            pass
        self._printing.drain()
        outcome = memory.exhausted(status)
        self.on_ended(processes.how_it_ended(status) if outcome is None else f"ended: {outcome[1]}")
