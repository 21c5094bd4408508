"""A worker whose handler is asynchronous: one event loop for its whole life, so that what lives on it lives on."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from json import loads
from socket import MSG_DONTWAIT

from .answer import BYTES_TYPE, TEXT_TYPE, Unsendable, to_answer
from .bodies import as_bytes, close, pieces_of
from .context import Context
from .event import build_event
from .exchange import Exchange, HungUp, add_length, fits, without_body
from .leftovers import crowded
from .output import flush_output
from .thrown import fail_head, stack_of
from .wire import CALL, READY, RETIRE, FrameReader, frame, split
from .worker import leave

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from .answer import Answer
    from .handlers import Handler
    from .port import Port

_READ = 65_536


def serve(port: Port, meta: dict[str, object], handler: Handler) -> None:
    """Takes calls until the hub wants no more."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    worker = AsyncWorker(port, loop)
    stop = None
    ready = b""
    if handler.kind == "asgi":
        from .asgi import Application

        application = Application(worker, meta, handler.call)
        worker.run = application.run
        ready = loop.run_until_complete(application.start())
        stop = application.stop
        if ready:
            worker.run = worker.refuse(ready)
    else:
        worker.run = event_runner(worker, meta, handler.call)
    port.send(frame(READY, 0, ready))
    worker.listen()
    while not worker.closed:
        # SystemExit out of a task of the author's own ends that task alone.
        with suppress(SystemExit, KeyboardInterrupt):
            loop.run_forever()
    if stop is not None:
        with suppress(BaseException):
            loop.run_until_complete(stop())
    leave()


def event_runner(
    worker: AsyncWorker, meta: dict[str, object], handler: Callable[..., object]
) -> Callable[[Exchange], Awaitable[None]]:
    """Calls `handler(event, context)`."""

    async def run(exchange: Exchange) -> None:
        try:
            body = await worker.collect(exchange)
        except HungUp:
            exchange.done()
            return
        try:
            result = handler(build_event(meta, exchange.head, body), Context(meta, exchange.head))
            if hasattr(type(result), "__await__"):
                result = await result
            answer = to_answer(result)
        except Unsendable as error:
            exchange.fail(fail_head("unsendable", error))
        except (
            BaseException
        ) as error:  # Whatever the author raises, SystemExit included, ends this call alone.
            exchange.fail(fail_head("threw", error))
        else:
            await worker.respond(exchange, answer)

    return run


class AsyncWorker:
    """Hears the channel beside the author's code, on the same loop."""

    def __init__(self, port: Port, loop: asyncio.AbstractEventLoop) -> None:
        self._port = port
        self._loop = loop
        self._reader = FrameReader()
        self._waiting: set[asyncio.Future[None]] = set()
        self._exchange: Exchange | None = None
        self._task: asyncio.Task[None] | None = None
        self._worn = False
        #: The hub wants no more calls taken.
        self.closed = False
        self.run: Callable[[Exchange], Awaitable[None]]

    def refuse(self, head: bytes) -> Callable[[Exchange], Awaitable[None]]:
        """Takes one call, fails it with this FailHead, and wants to be replaced: the next startup may go better."""
        self._worn = True

        async def run(exchange: Exchange) -> None:
            exchange.fail(loads(head))

        return run

    def listen(self) -> None:
        """Starts taking calls."""
        self._loop.add_reader(self._port.channel.fileno(), self._readable)

    async def wait(self, exchange: Exchange) -> None:
        """Until something has come for this call. Raises HungUp."""
        if not exchange.aborted:
            future = self._loop.create_future()
            self._waiting.add(future)
            try:
                await future
            finally:
                self._waiting.discard(future)
        if exchange.aborted:
            raise HungUp

    async def read(self, exchange: Exchange) -> bytes:
        """The next piece of the request's body; empty at its end. Raises HungUp."""
        while not exchange.pieces:
            if exchange.ended:
                return b""
            await self.wait(exchange)
        return exchange.next_piece()

    async def collect(self, exchange: Exchange) -> bytes:
        """All of the request's body. Raises HungUp."""
        parts = [await self.read(exchange)]
        while not exchange.ended or exchange.pieces:
            parts.append(await self.read(exchange))
        return b"".join(parts)

    async def write(self, exchange: Exchange, piece: bytes) -> None:
        """Sends a piece of the answer's body as its reader takes it. Raises HungUp."""
        view = memoryview(piece)
        while view:
            while exchange.room == 0:
                await self.wait(exchange)
            view = view[exchange.piece(view) :]

    async def respond(self, exchange: Exchange, answer: Answer) -> None:
        """Sends an answer, whatever its body is."""
        body = answer.body
        if without_body(answer, exchange.head["method"]):
            await _close(body)
            exchange.begin(answer.status, answer.headers, True)
        elif body is None or isinstance(body, bytes):
            if body is None or fits(body):
                exchange.begin(answer.status, answer.headers, True, body or b"")
                return
            add_length(answer.headers, body)
            exchange.begin(answer.status, answer.headers, False)
            await self._finish(exchange, _iterate(iter([body])))
        else:
            await self._stream(exchange, answer, _iterate(body))

    async def _stream(self, exchange: Exchange, answer: Answer, pieces: AsyncIterator[object]) -> None:
        """The head leaves with the first piece: until then a failure is the call's."""
        try:
            piece = await pieces.__anext__()
            first = as_bytes(piece)
        except StopAsyncIteration:
            piece = first = b""
        except BaseException as error:
            await _close(pieces)
            exchange.fail(fail_head("threw", error))
            return
        if not answer.typed:
            kind = TEXT_TYPE if isinstance(piece, str) else BYTES_TYPE
            answer.headers.append(["content-type", kind])
        exchange.begin(answer.status, answer.headers, False)
        await self._finish(exchange, pieces, first)

    async def _finish(self, exchange: Exchange, pieces: AsyncIterator[object], first: bytes = b"") -> None:
        try:
            await self.write(exchange, first)
            async for piece in pieces:
                # A generator that never waits must not keep the loop from hearing that the caller is gone.
                await asyncio.sleep(0)
                if exchange.aborted:
                    raise HungUp
                await self.write(exchange, as_bytes(piece))
            exchange.end()
        except HungUp:
            await _close(pieces)
        except BaseException as error:
            await _close(pieces)
            print(f"The body of the answer failed: {stack_of(error)}", file=sys.stderr)
            exchange.broke(fail_head("threw", error)["message"])
        exchange.done()

    def _before(self, last: bool) -> None:
        flush_output()
        if last and (self._worn or crowded()):
            self._port.send(frame(RETIRE))

    def _readable(self) -> None:
        try:
            chunk = self._port.receive(_READ, MSG_DONTWAIT)
        except BlockingIOError:
            return
        if not chunk:
            self.closed = True
            self._loop.remove_reader(self._port.channel.fileno())
            self._loop.stop()
            return
        for raw in self._reader.feed(chunk):
            kind, call_id, head, data = split(raw)
            if kind == CALL:
                self._exchange = Exchange(self._port.send, self._before, call_id, head, data)
                # Kept: the loop itself holds tasks only weakly.
                self._task = self._loop.create_task(self.run(self._exchange))
            elif self._exchange is not None and self._exchange.id == call_id:
                self._exchange.take(kind, head, data)
                for future in self._waiting:
                    if not future.done():
                        future.set_result(None)


def _iterate(body: object) -> AsyncIterator[object]:
    return body.__aiter__() if hasattr(type(body), "__aiter__") else _asynchronous(body)


async def _asynchronous(body: object) -> AsyncIterator[object]:
    pieces = pieces_of(body)
    try:
        for piece in pieces:
            yield piece
    finally:
        close(pieces)


async def _close(body: object) -> None:
    """Lets an iterator know that nobody reads on; it may fail in its turn."""
    end = getattr(body, "aclose", None)
    if end is None:
        close(body)
        return
    with suppress(BaseException):
        await end()
