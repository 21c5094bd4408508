"""One call inside of a worker: its two bodies, and what it still owes the gateway."""

from __future__ import annotations

from collections import deque
from json import dumps, loads

from .wire import (
    ANSWER,
    CHUNK,
    CREDIT,
    DATA,
    DONE,
    END,
    FAIL,
    RESET,
    WHOLE,
    WINDOW,
    frame,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .answer import Answer

BODILESS = (204, 205, 304)


class HungUp(Exception):
    """The caller is gone: nobody reads the answer, nothing more comes of the request."""


class Exchange:
    """Holds what arrived, counts what is under way, and sends."""

    def __init__(
        self,
        send: Callable[[bytes], None],
        before: Callable[[bool], None],
        call_id: int,
        head: bytes,
        data: bytes,
    ) -> None:
        """`before` is called ahead of each frame that ends a part of the call; with True for the call's last one."""
        self._send = send
        self._before = before
        self.id = call_id
        self.head = loads(head)
        #: Pieces of the request's body that nobody has taken yet.
        self.pieces: deque[bytes] = deque([data] if data else [])
        #: All of the body has arrived.
        self.ended = bool(self.head["whole"])
        self.aborted = False
        self._credited = self.ended
        self._room = WINDOW
        #: The answer's head has left.
        self.answered = False

    # What the gateway sends.

    def take(self, kind: int, head: bytes, data: bytes) -> None:
        """One frame for this call."""
        if kind == DATA:
            self.pieces.append(data)
        elif kind == END:
            self.ended = True
        elif kind == CREDIT:
            self._room = min(WINDOW, self._room + int(head))
        elif kind == RESET:
            self.aborted = True
            self.pieces.clear()

    # The request's body.

    def next_piece(self) -> bytes:
        """What has arrived, given up to its reader and so credited; empty where there is none now."""
        if not self.pieces:
            return b""
        piece = self.pieces.popleft()
        if not self._credited:
            self._send(frame(CREDIT, self.id, str(len(piece)).encode()))
        return piece

    # The answer.

    @property
    def room(self) -> int:
        """Bytes that may be sent now."""
        return self._room

    def begin(
        self, status: int, headers: list[list[str]], whole: bool, data: bytes = b"", pending: bool = False
    ) -> None:
        """The answer's head, with its body where that is whole. `pending`: DONE follows."""
        head = {"status": status, "headers": headers, "whole": whole}
        if pending:
            head["pending"] = True
        self.answered = True
        self._before(whole and not pending)
        self._send(frame(ANSWER, self.id, dumps(head, separators=(",", ":")).encode(), data))

    def piece(self, view: memoryview) -> int:
        """Sends as much as there is room for, and how much that was."""
        size = min(CHUNK, self._room, len(view))
        self._room -= size
        self._send(frame(DATA, self.id, b"", view[:size].tobytes()))
        return size

    def end(self) -> None:
        """The answer's body is complete."""
        self._before(False)
        self._send(frame(END, self.id))

    def broke(self, reason: str) -> None:
        """The answer's body will never be complete."""
        self._before(False)
        self._send(frame(RESET, self.id, reason.encode("utf-8", "replace")))

    def fail(self, head: dict[str, object]) -> None:
        """The call failed before its answer began."""
        self.answered = True
        self._before(True)
        self._send(frame(FAIL, self.id, dumps(head).encode()))

    def done(self) -> None:
        """Everything of the call has ended, which the gateway waits to hear."""
        self._before(True)
        self._send(frame(DONE, self.id))


def without_body(answer: Answer, method: str) -> bool:
    """Whether only the head of an answer goes out. That of HEAD says how long the body would be, where it is known."""
    if answer.status in BODILESS:
        return True
    if method != "HEAD":
        return False
    if isinstance(answer.body, bytes):
        add_length(answer.headers, answer.body)
    return True


def add_length(headers: list[list[str]], body: bytes) -> None:
    """For a body that is known whole but does not go inline: the gateway may limit it."""
    if not any(name.lower() == "content-length" for name, _ in headers):
        headers.append(["content-length", str(len(body))])


def fits(body: bytes) -> bool:
    """Whether it goes inline."""
    return len(body) <= WHOLE
