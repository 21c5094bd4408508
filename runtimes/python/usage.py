"""Figures of the container for the gateway."""

from __future__ import annotations

import os
from json import dumps

from . import cgroup
from .wire import USAGE, frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .loop import Loop

#: How often they are sent while there are calls. Seconds.
_PAUSE = 1.0
_MIB = 1_048_576


class UsageReports:
    """Sends figures each second while there is something to tell, and then not at all."""

    def __init__(
        self,
        loop: Loop,
        send: Callable[[bytes], None],
        pids: Callable[[], list[int]],
        look: Callable[[], bool],
    ) -> None:
        """`pids`: what is summed up where no control group tells. `look`: called each time; false: no more for now."""
        self._loop = loop
        self._send = send
        self._pids = pids
        self._look = look
        self._meter = _Meter()
        self._awake = False

    def wake(self) -> None:
        """There are calls."""
        if not self._awake:
            self._awake = True
            self._loop.later(_PAUSE, self._tick)

    def report(self) -> None:
        """Sends figures now."""
        self._send(frame(USAGE, 0, dumps(self._meter.figures(self._pids())).encode()))

    def _tick(self) -> None:
        self._awake = False
        if self._look():
            self.wake()
        self.report()


class _Meter:
    """Figures for USAGE."""

    def __init__(self) -> None:
        # A machine's own control group is not that of the function: outside of a container there is no limit.
        self._in_group = cgroup.memory_limit() is not None
        self._peak = 0

    def figures(self, pids: list[int]) -> dict[str, int | float]:
        """`pids`: what is summed up where no control group tells."""
        if self._in_group:
            memory, cpu = cgroup.memory_used() or 0, cgroup.cpu_ms() or 0
            peak = cgroup.memory_peak() or 0
        else:
            memory = sum(_resident(pid) for pid in pids)
            cpu, peak = sum(_cpu_of(pid) for pid in pids), 0
        self._peak = max(self._peak, memory, peak)
        return {
            "cpuMs": cpu,
            "memoryMb": round(memory / _MIB, 1),
            "peakMb": round(self._peak / _MIB, 1),
        }


def _resident(pid: int) -> int:
    """Bytes of a process that are in memory and not shared with a file."""
    fields = cgroup.text(f"/proc/{pid}/statm").split()
    if len(fields) < 3:
        return 0
    return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")


def _cpu_of(pid: int) -> int:
    """Milliseconds of CPU time of a process and of the children that it has waited for."""
    fields = cgroup.text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if len(fields) < 15:
        return 0
    return sum(int(value) for value in fields[11:15]) * 1000 // os.sysconf("SC_CLK_TCK")
