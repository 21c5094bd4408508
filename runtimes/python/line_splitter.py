"""Cuts what is written into lines of the journal, whatever it is and however much."""

from __future__ import annotations

from .journal import MAX_LINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .journal import Journal

#: UTF-8 takes at most four bytes for a character.
_HELD = MAX_LINE * 4


class LineSplitter:
    """One stream. A line is kept up to what the journal takes of it, its rest is only counted."""

    __slots__ = ("_held", "_journal", "_level", "_owner", "_skipped")

    def __init__(self, level: str, journal: Journal, owner: Callable[[], str | None]) -> None:
        """`owner`: the request id that a line belongs to now."""
        self._level = level
        self._journal = journal
        self._owner = owner
        self._held = b""
        self._skipped = 0

    def end(self) -> None:
        """Whoever wrote has come to an end, with a line break or without."""
        if self._held or self._skipped:
            self._end_line(self._held)

    def feed(self, chunk: bytes) -> None:
        """What was written next."""
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
