"""Runs a WSGI application (PEP 3333)."""

from __future__ import annotations

import io
import sys

from .answer import Unsendable, check_header, check_size, check_status
from .bodies import close
from .context import Context
from .exchange import BODILESS, HungUp, add_length, fits
from .mount import Address
from .thrown import fail_head, stack_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .exchange import Exchange
    from .worker import Worker


class _Input(io.RawIOBase):
    """The request's body as a file that reads it as it comes."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._held = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        if not self._held:
            try:
                self._held = memoryview(self._worker.read())
            except HungUp as error:
                raise ConnectionResetError("The caller hung up") from error
        size = min(len(buffer), len(self._held))
        buffer[:size] = self._held[:size]
        self._held = self._held[size:]
        return size


class _Response:
    """One answer: from `start_response` to the last piece."""

    def __init__(self, worker: Worker, exchange: Exchange) -> None:
        self._worker = worker
        self._exchange = exchange
        self._status = 0
        self._headers: list[list[str]] | None = None
        self._bare = False

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: tuple[object, ...] | None = None
    ) -> Callable[[bytes], None]:
        """As PEP 3333 has it; the answer leaves with its first piece."""
        if exc_info is not None:
            try:
                if self._exchange.answered:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self._headers is not None:
            raise AssertionError("start_response was called again without exc_info")
        code = int(str(status)[:3])
        check_status(code, "status")
        kept = [[str(name), str(value).strip()] for name, value in headers]
        for name, value in kept:
            check_header(name, value, "headers")
        check_size(kept)
        self._status, self._headers = code, kept
        return self.write

    def write(self, piece: bytes) -> None:
        """Sends a piece."""
        if not self._exchange.answered:
            self._begin(False)
        if not self._bare:
            self._worker.poll()
            self._worker.write(piece)

    def send(self, result: Iterable[bytes]) -> None:
        """What the application returned. One piece alone goes inline."""
        exchange = self._exchange
        single = result if isinstance(result, (list, tuple)) else None
        if single is not None and len(single) <= 1 and not exchange.answered:
            body = single[0] if single else b""
            self._check_started()
            if fits(body):
                self._begin(True, body)
                return
            add_length(self._headers, body)
        for piece in result:
            if piece:
                self.write(piece)
        if not exchange.answered:
            self._begin(True)
        elif not self._bare:
            exchange.end()

    def _begin(self, whole: bool, body: bytes = b"") -> None:
        self._check_started()
        self._bare = self._exchange.head["method"] == "HEAD" or self._status in BODILESS
        if self._bare and whole and body and self._status not in BODILESS:
            add_length(self._headers, body)
        # `close` of what the application returned comes after it, so the call is not over.
        self._exchange.begin(
            self._status, self._headers, whole or self._bare, b"" if self._bare else body, whole or self._bare
        )

    def _check_started(self) -> None:
        if self._headers is None:
            raise AssertionError("The application sent a body before it called start_response")

    def failed(self, error: BaseException) -> None:
        """The application raised before its answer was complete."""
        exchange = self._exchange
        if not exchange.answered:
            exchange.fail(fail_head("unsendable" if isinstance(error, Unsendable) else "threw", error))
            return
        print(f"The body of the answer failed: {stack_of(error)}", file=sys.stderr)
        if not self._bare:
            exchange.broke(fail_head("threw", error)["message"])
        exchange.done()


def wsgi_runner(
    worker: Worker, meta: dict[str, object], app: Callable[..., Iterable[bytes]]
) -> Callable[[Exchange], None]:
    """Calls the application."""

    def run(exchange: Exchange) -> None:
        response = _Response(worker, exchange)
        result: object = None
        try:
            try:
                result = app(_environ(worker, meta, exchange), response.start_response)
                response.send(result)
            finally:
                close_result(result)
        except HungUp:
            exchange.done()
        except (
            BaseException
        ) as error:  # Whatever the author raises, SystemExit included, ends this call alone.
            response.failed(error)
        else:
            exchange.done()

    return run


def close_result(result: object) -> None:
    """PEP 3333: `close` is called where there is one, however the call went."""
    if hasattr(result, "close"):
        close(result)


def _environ(worker: Worker, meta: dict[str, object], exchange: Exchange) -> dict[str, object]:
    head = exchange.head
    address = Address(head["url"], head["path"])
    environ: dict[str, object] = {
        "REQUEST_METHOD": head["method"],
        "SCRIPT_NAME": address.root.decode("latin-1"),
        "PATH_INFO": address.rest.decode("latin-1"),
        "QUERY_STRING": address.query.decode("latin-1"),
        "REQUEST_URI": _request_uri(address),
        "SERVER_NAME": address.host,
        "SERVER_PORT": str(address.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": head["ip"],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": address.scheme,
        "wsgi.input": io.BufferedReader(_Input(worker), 65_536),
        # Where the body ends is known without its length.
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "faas.context": Context(meta, head),
        "faas.path_parameters": dict(head["params"]),
    }
    for name, value in head["headers"]:
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            # A name that has an underscore of its own could pass for another one.
            if "_" in name:
                continue
            key = f"HTTP_{key}"
        before = environ.get(key)
        joined = value if before is None else f"{before}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = joined
    return environ


def _request_uri(address: Address) -> str:
    query = f"?{address.query.decode('latin-1')}" if address.query else ""
    return address.raw_path.decode("latin-1") + query
