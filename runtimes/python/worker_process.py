"""The hub's side of one worker: its channel, what it prints, and the call it runs."""

from __future__ import annotations

from contextlib import suppress
from socket import SHUT_WR

from .loop import WRITE
from .outlet import Outlet
from .printing import Printing
from .wire import HEADER, HELLO, LOG, PRINTED, READY, RETIRE, FrameReader, WireError, split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket

    from .call import Call
    from .journal import Journal
    from .loop import Loop
    from .outcomes import Outcome

_READ = 65_536


class WorkerProcess:
    """One process that runs one call at a time."""

    def __init__(self, loop: Loop, journal: Journal, channel: socket, pipes: tuple[int, int]) -> None:
        channel.setblocking(False)
        self._loop = loop
        self._channel = channel
        self._reader = FrameReader()
        self._fd = channel.fileno()
        self._outlet = Outlet(loop, self._fd)
        self._open = True
        self._printing = Printing(loop, journal, pipes, self.request_id)
        #: Known when the process has said so.
        self.pid: int | None = None
        self.call: Call | None = None
        self.ready = False
        #: It takes no further call.
        self.leaving = False
        #: It was ended, and why: what it still says means nothing.
        self.ending: Outcome | None = None
        self.idle_since = 0.0
        #: The FailHead of a startup that failed.
        self.startup_failure = b""
        #: Hears of frames for a call, of what else changes, and of the end of the channel.
        self.on_frame: Callable[[WorkerProcess, int, bytes, int], None]
        self.on_hello: Callable[[WorkerProcess, int], None]
        self.on_ready: Callable[[WorkerProcess], None]
        self.on_lost: Callable[[WorkerProcess, str], None]

    def listen(self) -> None:
        """Starts hearing what it sends; the listeners must be set."""
        self._loop.add(self._fd, self._heard)
        self._printing.listen()

    def request_id(self) -> str | None:
        """Of the call that it runs now."""
        return None if self.call is None else self.call.request_id

    def send(self, raw: bytes) -> None:
        """Passes a frame on to it."""
        if self._open:
            self._outlet.put(raw)
            self._flush()

    def finish_sending(self) -> None:
        """It reads an end: it may finish what it does and leave."""
        self.leaving = True
        if self._open:
            with suppress(OSError):
                self._channel.shutdown(SHUT_WR)

    def drain_logs(self) -> None:
        """Takes what was printed before now."""
        self._printing.drain()

    def drain(self) -> None:
        """After its end: what it sent before."""
        while self._open and self._receive():
            pass
        self.drain_logs()

    def close(self) -> None:
        """Gives up the channel and the pipes."""
        self._close_channel()
        self._printing.close()

    def _heard(self, events: int) -> None:
        if events & WRITE:
            self._flush()
        if events & ~WRITE:
            self._receive()

    def _flush(self) -> None:
        # That it has ended is heard of in its own time.
        with suppress(OSError):
            self._outlet.flush()

    def _receive(self) -> bool:
        """Whether there may be more."""
        try:
            chunk = self._channel.recv(_READ)
        except BlockingIOError:
            return False
        except OSError:
            chunk = b""
        if not chunk:
            self._close_channel()
            self.on_lost(self, "")
            return False
        try:
            for raw in self._reader.feed(chunk):
                _, kind, _, _, head_size = HEADER.unpack_from(raw)
                if kind in (HELLO, READY, RETIRE, PRINTED, LOG):
                    self._own_frame(kind, raw)
                elif self.ending is None:
                    self.on_frame(self, kind, raw, head_size)
        except WireError as error:
            self._close_channel()
            self.on_lost(self, str(error))
            return False
        return self._open

    def _own_frame(self, kind: int, raw: bytes) -> None:
        _, _, head, data = split(raw)
        if kind == HELLO and self.pid is None and head.isdigit():
            self.pid = int(head)
            self.on_hello(self, self.pid)
        elif kind == READY and not self.ready and self.pid is not None:
            self.startup_failure = head
            self.ready = True
            self.on_ready(self)
        elif kind == RETIRE:
            self.leaving = True
        elif kind in (PRINTED, LOG):
            self._printing.take(kind, head, data)
        else:
            raise WireError(f"a message of type {kind} out of turn")

    def _close_channel(self) -> None:
        if self._open:
            self._open = False
            self._loop.remove(self._fd)
            self._channel.close()
