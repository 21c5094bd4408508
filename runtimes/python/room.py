"""Whether one more worker would help, and whether there is room for it."""

from __future__ import annotations

from time import monotonic

from . import cgroup, processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .call import Call
    from .worker_process import WorkerProcess

#: A call that runs so long may be waiting for something: another can run beside it. Seconds.
LONG = 0.004
#: A call that waits so long for its turn is worth one more worker, however short calls are. Seconds.
_PATIENCE = 0.02
#: One that waits so long is, even where all cores are busy: those calls may never end. Seconds.
_LAST_PATIENCE = 0.05
#: Memory that must be left for one more worker, at least.
_MEMORY = 8 * 1_048_576
#: Processes that must be left.
_PROCESSES = 16


def useful(workers: Iterable[WorkerProcess], first: Call) -> bool:
    """Whether calls would end sooner with one more. Beyond one for each core: not while the cores have enough to do.

    `first`: the call that waits longest.
    """
    cores = cgroup.cores()
    running = [worker for worker in workers if worker.call is not None]
    now = monotonic()
    waited = now - first.since
    if len(running) < cores or waited >= _LAST_PATIENCE:
        return True
    if waited < _PATIENCE and all(now - worker.call.begun < LONG for worker in running):
        return False
    runnable = 0
    for worker in running:
        if worker.pid is not None and processes.state(worker.pid) == b"R":
            runnable += 1
            if runnable >= cores:
                return False
    return True


def left() -> bool:
    """Whether one more has memory to live on, and the container processes to spare."""
    limit, used = cgroup.memory_limit(), cgroup.memory_used()
    if limit is not None and used is not None:
        memory = limit - used + cgroup.memory_reclaimable()
        if memory < max(_MEMORY, limit // 10):
            return False
    most, count = cgroup.process_limit(), cgroup.processes()
    return most is None or count is None or most - count >= _PROCESSES
