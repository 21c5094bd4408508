"""Bodies that a handler answers with in pieces."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

_READ = 65_536


def as_bytes(piece: object) -> bytes:
    """A piece of a streamed body. Raises TypeError."""
    if isinstance(piece, str):
        return piece.encode("utf-8", "replace")
    if isinstance(piece, (bytes, bytearray, memoryview)):
        return bytes(piece)
    raise TypeError(f"A piece of a body must be bytes or text: it is of type {type(piece).__name__}")


def close(body: object) -> None:
    """Lets an iterator know that nobody reads on; it may fail in its turn."""
    try:
        body.close()
    except BaseException:
        return


async def awaiting(value: Awaitable[object]) -> object:
    """Anything that can be awaited, as a coroutine."""
    return await value


def synchronous(body: object, run: Callable[[Awaitable[object]], object]) -> Iterator[object]:
    """The pieces of an asynchronous iterable. `run` waits for one of them."""
    iterator = body.__aiter__()
    try:
        while True:
            try:
                yield run(awaiting(iterator.__anext__()))
            except StopAsyncIteration:
                return
    finally:
        if hasattr(iterator, "aclose"):
            run(awaiting(iterator.aclose()))


def pieces_of(body: object) -> Iterator[object]:
    """An iterator as it is; a file in pieces of some size."""
    read = getattr(body, "read", None)
    return body if read is None else _file_pieces(body, read)


def _file_pieces(body: object, read: Callable[[int], object]) -> Iterator[object]:
    try:
        while piece := read(_READ):
            yield piece
    finally:
        close(body)
