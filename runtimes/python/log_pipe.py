"""What is written to a descriptor 1 or 2, by whatever means, becomes lines of the journal."""

from __future__ import annotations

import os

from .journal import MAX_LINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .journal import Journal

_READ = 65_536
#: UTF-8 takes at most four bytes for a character.
_HELD = MAX_LINE * 4


class LogPipe:
    """Reads one pipe. A line is kept up to what the journal takes of it, its rest is only counted."""

    __slots__ = ("_held", "_journal", "_level", "_owner", "_skipped", "fd")

    def __init__(self, fd: int, level: str, journal: Journal, owner: Callable[[], str | None]) -> None:
        """`owner`: the request id that a line belongs to now."""
        os.set_blocking(fd, False)
        self.fd = fd
        self._level = level
        self._journal = journal
        self._owner = owner
        self._held = b""
        self._skipped = 0

    def read(self) -> int:
        """Takes what is there, at most one piece. The number of bytes: 0 at the end, -1 where there is nothing now."""
        try:
            chunk = os.read(self.fd, _READ)
        except BlockingIOError:
            return -1
        except OSError:
            return 0
        if chunk:
            self._split(chunk)
        return len(chunk)

    def drain(self) -> None:
        """Takes what was written before now, and ends the line that it leaves open."""
        size = 0
        # No more than a pipe holds: what goes on writing has to be no reason to wait.
        while 0 <= size < _READ:
            got = self.read()
            if got <= 0:
                break
            size += got
        if self._held or self._skipped:
            self._end_line(self._held)

    def _split(self, chunk: bytes) -> None:
        if not self._journal.affordable() and not self._held:
            self._drop(chunk)
            return
        lines = chunk.split(b"\n")
        last = lines.pop()
        if lines:
            lines[0] = self._held + lines[0]
            self._held = b""
            for line in lines:
                self._end_line(line)
        self._hold(last)

    def _drop(self, chunk: bytes) -> None:
        """Too much comes: what stands behind the last line break is the start of a line of its own."""
        lines = chunk.count(b"\n")
        if lines == 0:
            self._hold(chunk)
            return
        self._journal.drop(lines)
        self._skipped = 0
        self._hold(chunk[chunk.rindex(b"\n") + 1 :])

    def _hold(self, piece: bytes) -> None:
        room = _HELD - len(self._held)
        if len(piece) > room:
            self._skipped += len(piece) - room
            piece = piece[:room]
        if piece:
            self._held += piece

    def _end_line(self, line: bytes) -> None:
        skipped, self._skipped = self._skipped, 0
        self._held = b""
        if line.endswith(b"\r"):
            line = line[:-1]
        self._journal.write(self._level, line.decode("utf-8", "replace"), self._owner(), skipped)
