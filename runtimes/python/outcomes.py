"""Why a call ended from outside, as the gateway is told: reason, sentence, limit, use."""

from __future__ import annotations

import os
from time import monotonic

from . import cgroup
from .processes import SIGKILL, how_it_ended

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

    from .call import Call

    #: `limit` and `used` are milliseconds for time and CPU, MiB for memory.
    Outcome = tuple[str, str, Optional[float], Optional[float]]

_MIB = 1_048_576


def ordered(reason: str, timeout_ms: int, call: Call) -> Outcome:
    """The gateway wanted its end."""
    used = round((monotonic() - call.since) * 1000)
    if reason == "timeout":
        return "timeout", f"it took longer than {timeout_ms} ms", timeout_ms, used
    kept = reason if reason in ("memory", "cpu", "crash") else "crash"
    return kept, f"it was ended by the gateway: {reason}", None, None


def burnt(limit_ms: int, used_ms: float) -> Outcome:
    """It used too much CPU time."""
    used = round(used_ms)
    return "cpu", f"it used {used} ms of CPU time, {limit_ms} ms are allowed", limit_ms, used


def crashed(detail: str) -> Outcome:
    """Its process is gone, or of no more use."""
    return "crash", detail, None, None


def garbled(detail: str) -> Outcome:
    """What its process sent is not the protocol: no answer can be told from it."""
    return "protocol", f"its process sent what is not the protocol: {detail}", None, None


class MemoryLedger:
    """Tells an end for lack of memory from any other."""

    def __init__(self, limit_mb: int) -> None:
        self._limit = limit_mb
        self._accounted = self._seen = cgroup.oom_kills()

    def tick(self) -> None:
        """Once in a while: kills before the last time were of processes that the author's code had made."""
        self._accounted = max(self._accounted, self._seen)
        self._seen = cgroup.oom_kills()

    def exhausted(self, status: int) -> Outcome | None:
        """The outcome where a status of `waitpid` means that memory was at its limit."""
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != SIGKILL:
            return None
        if cgroup.oom_kills() <= self._accounted:
            return None
        self._accounted += 1
        used = round((cgroup.memory_peak() or 0) / _MIB) or None
        return (
            "memory",
            f"it needed more memory than the limit of {self._limit} MB (exit code 137)",
            self._limit,
            used,
        )

    def ended(self, status: int) -> Outcome:
        """A process ended by itself, or something inside of the container ended it."""
        return self.exhausted(status) or crashed(f"the process that ran it {how_it_ended(status)}")
