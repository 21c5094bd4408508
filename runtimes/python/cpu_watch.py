"""Ends a call that has used more CPU time than it may."""

from __future__ import annotations

import os
from time import clock_gettime

from . import cgroup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .call import Call
    from .loop import Loop
    from .worker_process import WorkerProcess

#: The shortest and the longest pause between two looks. Seconds.
_SHORTEST, _LONGEST = 0.003, 0.1


class CpuWatch:
    """Looks at the clock of the worker's process, and of the children that it has, while a call runs."""

    def __init__(
        self, loop: Loop, limit_ms: int, exceeded: Callable[[WorkerProcess, Call, float], None]
    ) -> None:
        self._loop = loop
        self._limit = limit_ms
        self._exceeded = exceeded
        self._cores = cgroup.cores()

    def begin(self, worker: WorkerProcess, call: Call) -> None:
        """A worker was given a call."""
        if worker.pid is not None:
            self._look(worker, call, _used_ms(worker.pid))

    def _look(self, worker: WorkerProcess, call: Call, base: float) -> None:
        if worker.call is not call or worker.ending is not None or worker.pid is None:
            return
        used = _used_ms(worker.pid) - base
        if used > self._limit:
            self._exceeded(worker, call, used)
            return
        # It cannot have used the rest up before, with all cores of the machine.
        pause = (self._limit - used) / 1000 / self._cores
        self._loop.later(min(_LONGEST, max(_SHORTEST, pause)), lambda: self._look(worker, call, base))


def _used_ms(pid: int) -> float:
    """CPU time of a process, of its children that live and of those that it has waited for."""
    try:
        # What clock_getcpuclockid(3) gives for a process.
        used = clock_gettime((~pid << 3) | 2) * 1000
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            fields = file.read(1024).rpartition(b")")[2].split()
        waited = (int(fields[13]) + int(fields[14])) * 1000 / os.sysconf("SC_CLK_TCK")
        with open(f"/proc/{pid}/task/{pid}/children", "rb", buffering=0) as file:
            children = file.read(4096).split()
    except (OSError, IndexError):
        return 0.0
    return used + waited + sum(_used_ms(int(child)) for child in children)
