"""The frames of the wire: between the gateway and the hub, and between the hub and its workers.

Little endian: u32 length of all that follows, u8 type, u32 instance, u32 id, u32 head length, head, data.
"""

from __future__ import annotations

from struct import Struct

START = 2
STARTED = 3
START_FAILED = 4
LOG = 7
USAGE = 8
CALL = 16
ANSWER = 17
FAIL = 18
DATA = 19
END = 20
CREDIT = 21
RESET = 22
DONE = 23
KILL = 26
KILLED = 27

#: Between the hub and its children alone.
HELLO = 1
#: worker → hub: it can take calls. Head: empty, or the FailHead of a startup that failed.
READY = 128
#: worker → hub, before the end of a call: it wants to be replaced after it.
RETIRE = 129

#: worker → hub: written to `sys.stdout` or `sys.stderr`. Head: `1` or `2`.
PRINTED = 130

#: Bytes of one body that may be under way unacknowledged.
WINDOW = 262_144
#: The largest piece of a body in one DATA frame.
CHUNK = 65_536
#: The largest body that goes inline.
WHOLE = 1_048_576
MAX_FRAME = 67_108_864

HEADER = Struct("<IBIII")
HEADER_SIZE = HEADER.size
_SMALLEST = HEADER_SIZE - 4


class WireError(Exception):
    """Bytes that are not the protocol."""


def frame(kind: int, call_id: int = 0, head: bytes = b"", data: bytes = b"") -> bytes:
    """One frame, ready to be sent."""
    return HEADER.pack(_SMALLEST + len(head) + len(data), kind, 0, call_id, len(head)) + head + data


def split(raw: bytes) -> tuple[int, int, bytes, bytes]:
    """Type, id, head and data of a frame that `FrameReader` gave."""
    _, kind, _, call_id, head_size = HEADER.unpack_from(raw)
    end = HEADER_SIZE + head_size
    return kind, call_id, raw[HEADER_SIZE:end], raw[end:]


class FrameReader:
    """Cuts a stream of bytes into frames."""

    __slots__ = ("_held", "_needed", "_size")

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._size = 0
        self._needed = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The whole frames that the chunk completes. Raises WireError, after which the stream is of no use."""
        if self._held:
            self._held.append(chunk)
            self._size += len(chunk)
            if self._size < self._needed:
                return []
            chunk = b"".join(self._held)
            self._held = []
        frames = []
        at, end = 0, len(chunk)
        needed = HEADER_SIZE
        while end - at >= HEADER_SIZE:
            length, _, _, _, head_size = HEADER.unpack_from(chunk, at)
            if not _SMALLEST <= length <= MAX_FRAME:
                raise WireError(f"Frame of {length} bytes: must be {_SMALLEST} to {MAX_FRAME}")
            if head_size > length - _SMALLEST:
                raise WireError(f"Head of {head_size} bytes in a frame of {length}")
            stop = at + 4 + length
            if stop > end:
                needed = stop - at
                break
            frames.append(chunk[at:stop])
            at = stop
        if at < end:
            self._held = [chunk[at:]]
            self._size = end - at
            self._needed = needed
        return frames
