"""What the gateway is told about something that was raised: the author's own lines, in Python's own words."""

from __future__ import annotations

import os
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: What the names of the runner's own files start with.
_RUNNER = __file__.rpartition("/")[0]
_MAX_MESSAGE = 16_384
_MAX_STACK = 65_536
_MAX_CHAIN = 64
_HEADER = "Traceback (most recent call last):\n"
_ASYNCIO = f"{os.sep}asyncio{os.sep}"


def fail_head(kind: str, error: BaseException) -> dict[str, object]:
    """The head of FAIL and START_FAILED."""
    return {
        "kind": kind,
        "name": type(error).__name__,
        "message": message_of(error)[:_MAX_MESSAGE],
        "stack": stack_of(error)[:_MAX_STACK],
    }


def message_of(error: BaseException) -> str:
    """What it says; an author's `__str__` may fail in its turn."""
    try:
        text = str(error)
    except BaseException:
        return ""
    return f"the code asked to exit with {text or 'no status'}" if isinstance(error, SystemExit) else text


def stack_of(error: BaseException) -> str:
    """The traceback without the frames of the runner."""
    try:
        report = traceback.TracebackException(type(error), error, error.__traceback__)
        _clean(report, _MAX_CHAIN)
        text = "".join(report.format())
    except BaseException:
        return f"{type(error).__name__}: {message_of(error)}"
    if not report.stack and text.startswith(_HEADER):
        text = text[len(_HEADER) :]
    return _well_formed(text.rstrip("\n"))


def _clean(report: traceback.TracebackException, depth: int) -> None:
    report.stack[:] = list(_own_frames(report.stack))
    inner = [report.__cause__, report.__context__, *(getattr(report, "exceptions", None) or ())]
    for one in inner:
        if one is not None and depth:
            _clean(one, depth - 1)


def _own_frames(frames: Iterable[traceback.FrameSummary]) -> Iterable[traceback.FrameSummary]:
    inside = False
    for one in frames:
        if one.filename.startswith(_RUNNER):
            inside = True
        # What lies between the runner and the author's code is the event loop.
        elif not (inside and _ASYNCIO in one.filename):
            inside = False
            yield one


def _well_formed(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
