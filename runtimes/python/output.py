"""`sys.stdout` and `sys.stderr`: they take the way of answers and log records, so that all keep their order."""

from __future__ import annotations

import io
import os
import sys

from .wire import PRINTED, frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .port import Port

_PIECE = 65_536


class Output(io.RawIOBase):
    """The bytes of one stream. In a process that the author forked they go to the descriptor itself."""

    def __init__(self, fd: int, port: Port) -> None:
        super().__init__()
        self._fd = fd
        self._head = str(fd).encode()
        #: Changed when a worker is forked.
        self.port = port

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._fd

    def write(self, data: bytes) -> int:
        view = memoryview(data).cast("B")
        if self.port.channel is None:
            for at in range(0, len(view), _PIECE):
                _write(self._fd, view[at : at + _PIECE])
            return len(view)
        for at in range(0, len(view), _PIECE):
            self.port.send(frame(PRINTED, 0, self._head, view[at : at + _PIECE].tobytes()))
        return len(view)


class Streams:
    """Both of them, in their place."""

    def __init__(self, port: Port) -> None:
        self._outputs = [Output(1, port), Output(2, port)]
        # A line leaves when it ends.
        self._texts = [
            io.TextIOWrapper(one, encoding="utf-8", errors="backslashreplace", line_buffering=True)
            for one in self._outputs
        ]
        sys.stdout, sys.stderr = self._texts
        sys.__stdout__, sys.__stderr__ = self._texts
        sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)

    def move(self, port: Port) -> None:
        """A worker was forked: it has a way of its own."""
        for one in self._outputs:
            one.port = port


def _write(fd: int, view: memoryview) -> None:
    while view:
        view = view[os.write(fd, view) :]


def flush_output() -> None:
    """Lets out what has no line break yet. The author may have put anything in place of the streams."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except BaseException:
            continue
