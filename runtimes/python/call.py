"""A call as the hub knows it, and the rules that what a worker sends for it must keep."""

from __future__ import annotations

from time import monotonic

from .wire import (
    ANSWER,
    CREDIT,
    DATA,
    DONE,
    END,
    FAIL,
    HEADER_SIZE,
    RESET,
    WINDOW,
    WireError,
    frame,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .crew import Worker

_OPEN, _STREAMING, _OWES_DONE, _OVER = range(4)
_FAIL_KINDS = ("threw", "unsendable")

#: Functions mostly answer with the same head as the last time.
_known: dict[bytes, tuple[bool, bool]] = {}
_KNOWN_MOST = 64
_KNOWN_SIZE = 1024


class Call:
    """One call: waiting in `frames` for a worker, or running on one."""

    __slots__ = (
        *("_head", "_request_id", "_state", "_unacknowledged"),
        *("aborted", "begun", "frames", "id", "since", "worker"),
    )

    def __init__(self, call_id: int, raw: bytes, head_size: int) -> None:
        self.id = call_id
        #: What the worker that takes it has to be sent.
        self.frames = [raw]
        self.worker: Worker | None = None
        #: When it came, and when a worker took it.
        self.since = self.begun = monotonic()
        #: The gateway gave it up.
        self.aborted = False
        self._head: bytes | None = raw[HEADER_SIZE : HEADER_SIZE + head_size]
        self._request_id: str | None = None
        self._state = _OPEN
        self._unacknowledged = 0

    @property
    def request_id(self) -> str | None:
        """Read from the head when a line of the call asks for it."""
        if self._head is not None:
            from json import loads

            self._request_id = loads(self._head).get("requestId")
            self._head = None
        return self._request_id

    def credit(self, size: int) -> None:
        """The gateway consumed so many bytes of the answer."""
        self._unacknowledged = max(0, self._unacknowledged - size)

    def accept(self, kind: int, raw: bytes, head_size: int) -> bool:
        """Checks one frame from the worker; whether the call is over with it. Raises WireError."""
        state = self._state
        if kind == ANSWER and state == _OPEN:
            whole, pending = _answer(raw[HEADER_SIZE : HEADER_SIZE + head_size])
            self._state = _STREAMING if not whole else _OWES_DONE if pending else _OVER
        elif kind == FAIL and state == _OPEN:
            self._state = _OWES_DONE if _failure(raw[HEADER_SIZE : HEADER_SIZE + head_size]) else _OVER
        elif kind == DATA and state == _STREAMING and head_size == 0:
            self._unacknowledged += len(raw) - HEADER_SIZE
            if self._unacknowledged > WINDOW:
                raise WireError("more of an answer than was asked for")
        elif kind == END and state == _STREAMING:
            self._state = _OWES_DONE
        elif kind == RESET and state <= _STREAMING:
            if state == _STREAMING:
                self._state = _OWES_DONE
            _text(raw[HEADER_SIZE:])
        elif kind == DONE and (state == _OWES_DONE or self.aborted):
            self._state = _OVER
        elif kind == CREDIT:
            if not raw[HEADER_SIZE:].isdigit():
                raise WireError("a credit that is no number of bytes")
        else:
            raise WireError(f"a message of type {kind} out of turn")
        return self._state == _OVER

    def killed(self, reason: str, detail: str, limit: float | None, used: float | None) -> bytes:
        """The frame that tells that it ended from outside."""
        from json import dumps

        from .wire import KILLED

        head = {"reason": reason, "detail": detail, "limit": limit, "used": used}
        return frame(KILLED, self.id, dumps(head).encode())


def _answer(head: bytes) -> tuple[bool, bool]:
    known = _known.get(head)
    if known is not None:
        return known
    value = _object(head)
    status, headers, whole = value.get("status"), value.get("headers"), value.get("whole")
    if (
        type(status) is not int
        or type(whole) is not bool
        or type(headers) is not list
        or not all(type(pair) is list and [type(part) for part in pair] == [str, str] for pair in headers)
    ):
        raise WireError("the head of an answer that is none")
    found = (whole, value.get("pending") is True)
    if len(head) <= _KNOWN_SIZE:
        if len(_known) >= _KNOWN_MOST:
            _known.clear()
        _known[head] = found
    return found


def _failure(head: bytes) -> bool:
    value = _object(head)
    if value.get("kind") not in _FAIL_KINDS:
        raise WireError("the head of a failure that is none")
    return value.get("pending") is True


def _object(head: bytes) -> dict[str, object]:
    from json import loads

    try:
        value = loads(head)
    except (ValueError, RecursionError) as error:
        raise WireError("a head that is not JSON") from error
    if not isinstance(value, dict):
        raise WireError("a head that is no object")
    return value


def _text(text: bytes) -> None:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise WireError("a reason that is no text") from error
