"""Whether one more worker would help, and whether there is room for it."""

from __future__ import annotations

from time import monotonic

from . import cgroup, processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .call import Call
    from .worker_process import WorkerProcess

#: A call that has waited so long for something else leaves its core to another. Seconds.
LONG = 0.004
#: A call that waits so long for its turn is worth one more worker, however short calls are. Seconds.
_PATIENCE = 0.02
#: One that waits so long is, even where all cores are busy: those calls may never end. Seconds.
_LAST_PATIENCE = 0.05
#: Memory that must be left for one more worker, at least.
_MEMORY = 8 * 1_048_576
#: Processes that must be left.
_PROCESSES = 16


class Gauge:
    """Tells whether calls would end sooner with one more worker."""

    def __init__(self) -> None:
        self._waited: set[Call] = set()

    def useful(self, workers: Iterable[WorkerProcess], first: Call) -> bool:
        """Beyond a worker for each core: while some wait for something else than a core.

        `first`: the call that waits longest for a worker.
        """
        running = [worker for worker in workers if worker.call is not None and worker.pid is not None]
        now = monotonic()
        patience = now - first.since
        cores = cgroup.cores()
        if len(running) < cores or patience >= _LAST_PATIENCE:
            return True
        resting = {
            worker.call: now - worker.call.begun
            for worker in running
            if processes.state(worker.pid) not in (b"R", b"")
        }
        # Twice in a row: at the first look it may have answered already, unread.
        waited = {call for call, age in resting.items() if age >= LONG}
        still, self._waited = waited & self._waited, waited
        return bool(still) or (patience >= _PATIENCE and len(running) - len(resting) < cores)


def left() -> bool:
    """Whether one more has memory to live on, and the container processes to spare."""
    limit, used = cgroup.memory_limit(), cgroup.memory_used()
    if limit is not None and used is not None:
        memory = limit - used + cgroup.memory_reclaimable()
        if memory < max(_MEMORY, limit // 10):
            return False
    most, count = cgroup.process_limit(), cgroup.processes()
    return most is None or count is None or most - count >= _PROCESSES
