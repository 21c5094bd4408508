"""Bytes on their way into a descriptor that does not block."""

from __future__ import annotations

import os

from .loop import READ, WRITE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .loop import Loop

_PIECE = 1_048_576


class Outlet:
    """Gathers frames and writes them when it can; what does not fit waits."""

    __slots__ = ("_base", "_fd", "_loop", "_parts", "_waiting", "pending")

    def __init__(self, loop: Loop, fd: int, base: int = READ) -> None:
        """`base`: the events that the descriptor is registered with anyway."""
        self._loop = loop
        self._fd = fd
        self._base = base
        self._parts: list[bytes] = []
        self._waiting = False
        self.pending = 0

    def put(self, raw: bytes) -> None:
        """Takes bytes; `flush` sends them."""
        self._parts.append(raw)
        self.pending += len(raw)

    def flush(self) -> None:
        """Writes what the descriptor takes now. Raises OSError where nobody reads any more."""
        parts = self._parts
        while parts:
            data = parts[0] if len(parts) == 1 else self._gather()
            try:
                written = os.write(self._fd, data)
            except BlockingIOError:
                written = 0
            self.pending -= written
            if written == len(data):
                parts.pop(0)
                continue
            # A view: what is left of a large frame is not copied with every piece that leaves.
            parts[0] = memoryview(data)[written:]
            break
        waiting = bool(parts)
        if waiting != self._waiting:
            self._waiting = waiting
            self._loop.modify(self._fd, self._base | WRITE if waiting else self._base)

    def _gather(self) -> bytes:
        """The first parts as one, so that a burst is one write."""
        parts, size, count = self._parts, 0, 0
        for part in parts:
            if count and size + len(part) > _PIECE:
                break
            size += len(part)
            count += 1
        if count > 1:
            parts[:count] = [b"".join(parts[:count])]
        return parts[0]
