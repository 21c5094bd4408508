"""Runs an ASGI application: its lifespan once for a worker, its http scope for each call."""

from __future__ import annotations

import asyncio
import sys
from json import dumps

from .answer import Unsendable, check_header, check_size, check_status
from .context import Context
from .exchange import BODILESS, HungUp, fits
from .mount import Address
from .thrown import fail_head, stack_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .async_worker import AsyncWorker
    from .exchange import Exchange

    Message = dict[str, object]

#: Up to here `send` after a hang-up does nothing, and applications listen for `http.disconnect`.
_VERSIONS = {"version": "3.0", "spec_version": "2.3"}
#: How long an application may take to shut down. Seconds.
_SHUTDOWN = 1.5


class Application:
    """The author's `app`, for the life of a worker."""

    def __init__(
        self, worker: AsyncWorker, meta: dict[str, object], app: Callable[..., Awaitable[None]]
    ) -> None:
        self._worker = worker
        self._meta = meta
        self._app = app
        self._state: dict[str, object] = {}
        self._lifespan: asyncio.Task[None] | None = None
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()

    async def start(self) -> bytes:
        """The FailHead of a startup that failed, or nothing. An application without a lifespan is none the worse."""
        scope = {"type": "lifespan", "asgi": _VERSIONS, "state": self._state}
        self._to_app.put_nowait({"type": "lifespan.startup"})
        self._lifespan = asyncio.ensure_future(self._app(scope, self._to_app.get, self._from_app.put))
        answer = asyncio.ensure_future(self._from_app.get())
        await asyncio.wait({self._lifespan, answer}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            # It raised, or returned: it does not know of lifespans.
            answer.cancel()
            if not self._lifespan.cancelled():
                self._lifespan.exception()
            self._lifespan = None
            return b""
        message = answer.result()
        if message.get("type") != "lifespan.startup.failed":
            return b""
        await asyncio.wait({self._lifespan}, timeout=_SHUTDOWN)
        error = self._lifespan.exception() if self._lifespan.done() else None
        if error is None:
            error = RuntimeError(str(message.get("message", "")) or "the application's startup failed")
        return dumps(fail_head("threw", error)).encode()

    async def stop(self) -> None:
        """Lets the application shut down."""
        if self._lifespan is not None and not self._lifespan.done():
            self._to_app.put_nowait({"type": "lifespan.shutdown"})
            await asyncio.wait({self._lifespan}, timeout=_SHUTDOWN)

    async def run(self, exchange: Exchange) -> None:
        """One call."""
        request = Request(self._worker, exchange)
        try:
            await self._app(self._scope(exchange), request.receive, request.send)
        except (
            BaseException
        ) as error:  # Whatever the author raises, SystemExit included, ends this call alone.
            request.failed(error)
        else:
            request.returned()

    def _scope(self, exchange: Exchange) -> dict[str, object]:
        head = exchange.head
        address = Address(head["url"], head["path"])
        return {
            "type": "http",
            "asgi": _VERSIONS,
            "http_version": "1.1",
            "method": head["method"],
            "scheme": address.scheme,
            "path": address.path.decode("utf-8", "replace"),
            "raw_path": address.raw_path,
            "root_path": address.root.decode("utf-8", "replace"),
            "query_string": address.query,
            "headers": [
                (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace"))
                for name, value in head["headers"]
            ],
            "client": (head["ip"], 0),
            "server": (address.host, address.port),
            "state": self._state.copy(),
            "faas.context": Context(self._meta, head),
            "faas.path_parameters": dict(head["params"]),
        }


class Request:
    """One http scope: what the application receives and sends."""

    def __init__(self, worker: AsyncWorker, exchange: Exchange) -> None:
        self._worker = worker
        self._exchange = exchange
        self._start: tuple[int, list[list[str]]] | None = None
        self._body_read = False
        self._complete = False
        self._bare = False

    async def receive(self) -> Message:
        """The next piece of the request; after it, that the caller or the answer is gone."""
        exchange = self._exchange
        try:
            if not self._body_read and not self._complete:
                piece = await self._worker.read(exchange)
                self._body_read = exchange.ended and not exchange.pieces
                return {"type": "http.request", "body": piece, "more_body": not self._body_read}
            while not self._complete:
                await self._worker.wait(exchange)
        except HungUp:
            pass
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """A part of the answer. Returns when there is room for the next."""
        exchange, kind = self._exchange, message["type"]
        if exchange.aborted:
            # An application that goes on all the same must not keep the loop to itself.
            await asyncio.sleep(0)
            return
        if kind == "http.response.start" and self._start is None:
            self._start = _head(message)
        elif kind == "http.response.body" and self._start is not None and not self._complete:
            try:
                await self._send_body(bytes(message.get("body", b"")), bool(message.get("more_body", False)))
            except HungUp:
                return
        else:
            raise RuntimeError(f'Cannot send "{kind}": it is not what follows in an answer')

    async def _send_body(self, body: bytes, more: bool) -> None:
        exchange = self._exchange
        if not exchange.answered:
            status, headers = self._start
            self._bare = exchange.head["method"] == "HEAD" or status in BODILESS
            if self._bare:
                exchange.begin(status, headers, True, pending=True)
            elif not more and fits(body):
                self._complete = True
                exchange.begin(status, headers, True, body, pending=True)
                return
            else:
                exchange.begin(status, headers, False)
        if not self._bare:
            await self._worker.write(exchange, body)
        if more:
            # Room for the loop to hear that the caller is gone.
            await asyncio.sleep(0)
            return
        self._complete = True
        if not self._bare:
            exchange.end()

    def returned(self) -> None:
        """The application has ended, background tasks included."""
        if not self._complete and not self._exchange.aborted:
            what = "sent no answer" if self._start is None else "did not complete its answer"
            self.failed(RuntimeError(f"The application returned but {what}"))
        else:
            self._exchange.done()

    def failed(self, error: BaseException) -> None:
        """The application raised."""
        exchange = self._exchange
        if not exchange.answered and not exchange.aborted:
            exchange.fail(fail_head("unsendable" if isinstance(error, Unsendable) else "threw", error))
            return
        if not exchange.aborted:
            what = "What goes on after the answer" if self._complete else "The body of the answer"
            print(f"{what} failed: {stack_of(error)}", file=sys.stderr)
            if not self._complete and not self._bare:
                exchange.broke(fail_head("threw", error)["message"])
        exchange.done()


def _head(message: Message) -> tuple[int, list[list[str]]]:
    """Raises Unsendable."""
    status = int(message["status"])
    check_status(status, "status")
    headers = [
        [bytes(name).decode("latin-1"), bytes(value).decode("latin-1").strip()]
        for name, value in message.get("headers", ())
    ]
    for name, value in headers:
        check_header(name, value, "headers")
    check_size(headers)
    return status, headers
