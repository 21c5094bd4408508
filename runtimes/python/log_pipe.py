"""What is written to a descriptor 1 or 2 past `sys.stdout` and `sys.stderr`: by programs, by C, by hand."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .line_splitter import LineSplitter

_READ = 65_536


class LogPipe:
    """Reads one pipe."""

    __slots__ = ("_lines", "fd")

    def __init__(self, fd: int, lines: LineSplitter) -> None:
        os.set_blocking(fd, False)
        self.fd = fd
        self._lines = lines

    def read(self) -> int:
        """Takes what is there, at most one piece: how much, 0 at the end, -1 where there is nothing now."""
        try:
            chunk = os.read(self.fd, _READ)
        except BlockingIOError:
            return -1
        except OSError:
            return 0
        if chunk:
            self._lines.feed(chunk)
        return len(chunk)

    def drain(self) -> None:
        """Takes what was written before now."""
        size = 0
        # No more than a pipe holds: what goes on writing has to be no reason to wait.
        while size < _READ:
            got = self.read()
            if got <= 0:
                break
            size += got
        self._lines.end()
