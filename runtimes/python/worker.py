"""A worker whose handler is synchronous: it waits for a call, runs it, waits for the next."""

from __future__ import annotations

import os
import sys
from collections import deque
from socket import MSG_DONTWAIT

from .answer import BYTES_TYPE, TEXT_TYPE, Unsendable, to_answer
from .bodies import as_bytes, awaiting, close, pieces_of, synchronous
from .context import Context
from .event import build_event
from .exchange import Exchange, HungUp, add_length, fits, without_body
from .leftovers import crowded
from .output import flush_output
from .thrown import fail_head, stack_of
from .wire import CALL, READY, RETIRE, FrameReader, frame, split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .answer import Answer
    from .handlers import Handler
    from .port import Port

_READ = 65_536


def serve(port: Port, meta: dict[str, object], handler: Handler) -> None:
    """Takes calls until the hub wants no more."""
    worker = Worker(port)
    if handler.kind == "wsgi":
        from .wsgi import wsgi_runner

        run = wsgi_runner(worker, meta, handler.call)
    else:
        run = event_runner(worker, meta, handler.call)
    port.send(frame(READY))
    while True:
        kind, call_id, head, data = worker.next_frame()
        # Anything else is for a call that has ended.
        if kind == CALL:
            worker.exchange = Exchange(port.send, worker.before, call_id, head, data)
            run(worker.exchange)


def event_runner(
    worker: Worker, meta: dict[str, object], handler: Callable[..., object]
) -> Callable[[Exchange], None]:
    """Calls `handler(event, context)`."""

    def run(exchange: Exchange) -> None:
        try:
            body = worker.collect()
        except HungUp:
            exchange.done()
            return
        try:
            event, context = build_event(meta, exchange.head, body), Context(meta, exchange.head)
            answer = to_answer(worker.settle(handler(event, context)))
        except Unsendable as error:
            exchange.fail(fail_head("unsendable", error))
        except (
            BaseException
        ) as error:  # Whatever the author raises, SystemExit included, ends this call alone.
            exchange.fail(fail_head("threw", error))
        else:
            worker.respond(answer)

    return run


class Worker:
    """Reads the channel when there is something to wait for, and never beside the author's code."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._reader = FrameReader()
        self._frames: deque[bytes] = deque()
        self._loop = None
        self.exchange: Exchange

    def next_frame(self) -> tuple[int, int, bytes, bytes]:
        """Waits for a frame. At the end of the channel the process ends."""
        while not self._frames:
            self._feed(self._port.receive(_READ))
        return split(self._frames.popleft())

    def before(self, last: bool) -> None:
        """What was printed goes ahead; a worker with too many children wants to be replaced."""
        flush_output()
        if last and crowded():
            self._port.send(frame(RETIRE))

    def wait(self) -> None:
        """Waits for what the gateway sends for this call. Raises HungUp."""
        kind, call_id, head, data = self.next_frame()
        if call_id == self.exchange.id:
            self.exchange.take(kind, head, data)
        if self.exchange.aborted:
            raise HungUp

    def poll(self) -> None:
        """Takes what has come for this call, without waiting. Raises HungUp."""
        try:
            self._feed(self._port.receive(_READ, MSG_DONTWAIT))
        except BlockingIOError:
            pass
        while self._frames:
            self.wait()

    def read(self) -> bytes:
        """The next piece of the request's body; empty at its end. Raises HungUp."""
        exchange = self.exchange
        while not exchange.pieces:
            if exchange.ended:
                return b""
            self.wait()
        return exchange.next_piece()

    def collect(self) -> bytes:
        """All of the request's body. Raises HungUp."""
        first = self.read()
        if self.exchange.ended and not self.exchange.pieces:
            return first
        parts = [first]
        while parts[-1]:
            parts.append(self.read())
        return b"".join(parts)

    def write(self, piece: bytes) -> None:
        """Sends a piece of the answer's body as its reader takes it. Raises HungUp."""
        view = memoryview(piece)
        while view:
            while self.exchange.room == 0:
                self.wait()
            view = view[self.exchange.piece(view) :]

    def settle(self, value: object) -> object:
        """What a handler returned; awaited, where it is to be."""
        if not hasattr(type(value), "__await__"):
            return value
        return self.event_loop().run_until_complete(awaiting(value))

    def event_loop(self) -> object:
        """One for the life of the worker, made when something is to be awaited."""
        if self._loop is None:
            import asyncio

            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        return self._loop

    def respond(self, answer: Answer) -> None:
        """Sends an answer, whatever its body is."""
        exchange, body = self.exchange, answer.body
        if without_body(answer, exchange.head["method"]):
            close(body)
            exchange.begin(answer.status, answer.headers, True)
        elif body is None or isinstance(body, bytes):
            if body is None or fits(body):
                exchange.begin(answer.status, answer.headers, True, body or b"")
                return
            add_length(answer.headers, body)
            exchange.begin(answer.status, answer.headers, False)
            self._finish(iter([body]))
        else:
            self._stream(answer, self._pieces(body))

    def _stream(self, answer: Answer, pieces: Iterator[object]) -> None:
        """The head leaves with the first piece: until then a failure is the call's."""
        exchange = self.exchange
        try:
            first = as_bytes(piece := next(pieces, b""))
        except BaseException as error:
            close(pieces)
            exchange.fail(fail_head("threw", error))
            return
        if not answer.typed:
            kind = TEXT_TYPE if isinstance(piece, str) else BYTES_TYPE
            answer.headers.append(["content-type", kind])
        exchange.begin(answer.status, answer.headers, False)
        self._finish(pieces, first)

    def _finish(self, pieces: Iterator[object], first: bytes = b"") -> None:
        exchange = self.exchange
        try:
            self.write(first)
            for piece in pieces:
                self.poll()
                self.write(as_bytes(piece))
            exchange.end()
        except HungUp:
            close(pieces)
        except BaseException as error:
            close(pieces)
            print(f"The body of the answer failed: {stack_of(error)}", file=sys.stderr)
            exchange.broke(fail_head("threw", error)["message"])
        exchange.done()

    def _pieces(self, body: object) -> Iterator[object]:
        if hasattr(type(body), "__aiter__"):
            return synchronous(body, self.event_loop().run_until_complete)
        return pieces_of(body)

    def _feed(self, chunk: bytes) -> None:
        if not chunk:
            leave()
        self._frames.extend(self._reader.feed(chunk))


def leave() -> None:
    """The hub wants no more: what the author's code registered for its end is done."""
    import atexit

    try:
        atexit._run_exitfuncs()
    finally:
        flush_output()
        os._exit(0)
