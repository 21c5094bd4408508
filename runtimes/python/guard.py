"""What the hub does for its own safety, and ahead of time."""

from __future__ import annotations

import os
import signal

_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_KEPT = (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD)
_FAULTS = (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT, signal.SIGSYS)

_OWN = ("answer", "author", "context", "event", "handlers", "output", "thrown", "worker", "zygote")
_AHEAD = ("gc", "json", "logging", "re", "site", "traceback", *(f"{__package__}.{name}" for name in _OWN))

_wake = -1


def protect() -> int:
    """Ignores signals and keeps other processes out of this one. A descriptor that is readable when a child ends."""
    global _wake
    for number in signal.valid_signals():
        if number not in _KEPT and number not in _FAULTS:
            _set(number, signal.SIG_IGN)
    _wake, writer = os.pipe()
    os.set_blocking(_wake, False)
    os.set_blocking(writer, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    # Memory and descriptors of this process are not to be had through /proc.
    control(_PR_SET_DUMPABLE, 0)
    # The first process of a container gets all orphans anyway.
    if os.getpid() != 1:
        control(_PR_SET_CHILD_SUBREAPER, 1)
    return _wake


def clear() -> None:
    """Takes what the wake-up descriptor says."""
    try:
        os.read(_wake, 4096)
    except BlockingIOError:
        return


def unprotect() -> None:
    """In a forked child: signals and /proc are the author's, as in any process."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            _set(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Python's own way of life: a broken pipe is an error, not an end.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    control(_PR_SET_DUMPABLE, 1)


def load_ahead() -> None:
    """Loads what zygotes and workers need: they share it."""
    for name in _AHEAD:
        __import__(name)


def control(option: int, value: int) -> None:
    """prctl(2), where there is one to be called."""
    try:
        from ctypes import CDLL
    except ImportError:
        return
    CDLL(None).prctl(option, value, 0, 0, 0)


def _set(number: int, action: signal.Handlers) -> None:
    try:
        signal.signal(number, action)
    except (OSError, ValueError):
        # The C library keeps some to itself.
        return
