"""All that a process prints, by whatever way, as the hub hears of it."""

from __future__ import annotations

import os

from .line_splitter import LineSplitter
from .log_pipe import LogPipe
from .wire import LOG, PRINTED, WireError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .journal import Journal
    from .loop import Loop

_LEVELS = {1: "info", 2: "error"}
_NAMES = (b"debug", b"info", b"warn", b"error")


class Printing:
    """Two streams, two descriptors and the records of `logging` of one process."""

    def __init__(
        self, loop: Loop, journal: Journal, pipes: tuple[int, int], owner: Callable[[], str | None]
    ) -> None:
        """`pipes`: what stands behind the descriptors 1 and 2. `owner`: the request id that lines belong to now."""
        self._loop = loop
        self._journal = journal
        self._owner = owner
        self._streams = {
            str(number).encode(): LineSplitter(level, journal, owner) for number, level in _LEVELS.items()
        }
        self._pipes = [
            LogPipe(fd, LineSplitter(level, journal, owner)) for fd, level in zip(pipes, _LEVELS.values())
        ]

    def listen(self) -> None:
        """Starts reading the descriptors."""
        for pipe in self._pipes:
            self._loop.add(pipe.fd, lambda _, pipe=pipe: self._readable(pipe))

    def take(self, kind: int, head: bytes, data: bytes) -> None:
        """A frame of type PRINTED or LOG. Raises WireError."""
        if kind == PRINTED and head in self._streams:
            self._streams[head].feed(data)
        elif kind == LOG and head in _NAMES:
            self._journal.write(head.decode(), data.decode("utf-8", "replace"), self._owner())
        else:
            raise WireError(f"a message of type {kind} that is none")

    def drain(self) -> None:
        """All that was printed before now; lines without an end have it now."""
        for stream in self._streams.values():
            stream.end()
        for pipe in self._pipes:
            pipe.drain()

    def close(self) -> None:
        """Gives up the descriptors."""
        for pipe in list(self._pipes):
            self._close(pipe)

    def _readable(self, pipe: LogPipe) -> None:
        if pipe.read() == 0:
            self._close(pipe)

    def _close(self, pipe: LogPipe) -> None:
        self._pipes.remove(pipe)
        self._loop.remove(pipe.fd)
        os.close(pipe.fd)
