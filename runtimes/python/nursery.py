"""The hub's side of the zygote: makes it, hears how loading the author's module went, asks it for workers."""

from __future__ import annotations

import os
import socket
from json import loads

from . import processes
from .journal import level_of
from .log_pipe import LogPipe
from .outcomes import MemoryLedger
from .wire import LOG, START_FAILED, STARTED, FrameReader, WireError, split
from .worker_process import WorkerProcess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .journal import Journal
    from .loop import Loop


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
        self._pipes: list[LogPipe] = []
        self.pid = 0
        self.on_loaded: Callable[[float], None]
        self.on_failed: Callable[[bytes], None]
        self.on_ended: Callable[[str], None]

    def open(self) -> None:
        """Forks the zygote, which loads the author's module; `on_loaded` or `on_failed` follows."""
        memory = MemoryLedger(int(self._head["memoryMb"]))
        here, there = socket.socketpair()
        pipes = [os.pipe(), os.pipe()]
        pid = os.fork()
        if pid == 0:
            self._become_zygote(there, [pipes[0][1], pipes[1][1]])
        self.pid = pid
        self._code = b""
        there.close()
        here.setblocking(False)
        self._channel = here
        self._loop.add(here.fileno(), self._heard)
        for (reader, writer), level in zip(pipes, ("info", "error")):
            os.close(writer)
            pipe = LogPipe(reader, level, self._journal, lambda: None)
            self._pipes.append(pipe)
            self._loop.add(reader, lambda _, pipe=pipe: self._printed(pipe))
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

    def _heard(self, _: int) -> None:
        try:
            chunk = self._channel.recv(65_536)
            frames = self._reader.feed(chunk)
        except BlockingIOError:
            return
        except (OSError, WireError):
            chunk, frames = b"", []
        for raw in frames:
            kind, _, head, data = split(raw)
            for pipe in self._pipes:
                pipe.drain()
            if kind == STARTED:
                self.on_loaded(float(loads(head)["initMs"]))
            elif kind == START_FAILED:
                self.on_failed(head)
            elif kind == LOG:
                self._journal.write(level_of(head), data.decode("utf-8", "replace"), None)
        if not chunk:
            self._loop.remove(self._channel.fileno())
            processes.kill(self.pid)

    def _printed(self, pipe: LogPipe) -> None:
        if pipe.read() == 0:
            self._loop.remove(pipe.fd)
            os.close(pipe.fd)
            self._pipes.remove(pipe)

    def _ended(self, status: int, memory: MemoryLedger) -> None:
        for pipe in self._pipes:
            pipe.drain()
        outcome = memory.exhausted(status)
        self.on_ended(processes.how_it_ended(status) if outcome is None else f"ended: {outcome[1]}")
