"""The workers of one function: made when calls wait, given calls, ended when they are spare or stuck."""

from __future__ import annotations

from collections import deque
from time import monotonic

from . import room
from .worker_process import WorkerProcess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .call import Call
    from .loop import Loop, Timer

#: A call that has waited so long is worth a look at whether one more worker would help. Seconds.
GROW_AFTER = 0.004
#: A spare worker that had no call for so long is ended. Seconds.
SPARE_IDLE = 10.0
#: How long until it is tried again where there was no room. Seconds.
_RETRY = 0.1
#: Workers in a row that may end before they are ready.
_FAILED_STARTS = 3
#: How long a worker that is to leave may take, for what its author does at exit. Seconds.
_GRACE = 2.0


class Crew:
    """Hands calls to idle workers, one at a time to each; those that find none wait in order."""

    def __init__(self, loop: Loop, most: int, spawn: Callable[[], WorkerProcess]) -> None:
        """`most`: workers at the most. `spawn`: asks for one more; `arrived` or `gone` follows."""
        self._loop = loop
        self._most = most
        self._spawn = spawn
        self._idle: list[WorkerProcess] = []
        self._queue: deque[Call] = deque()
        self._timer: Timer | None = None
        self._gauge = room.Gauge()
        self._failed_starts = 0
        self.workers: set[WorkerProcess] = set()
        #: Called with a call that no worker can be made for.
        self.on_hopeless: Callable[[Call], None]
        #: Called with a worker that should have left by now.
        self.on_overstay: Callable[[WorkerProcess], None]
        #: Called when a worker is given a call.
        self.on_begin: Callable[[WorkerProcess, Call], None] | None = None

    @property
    def starting(self) -> bool:
        """A worker was asked for and is not ready."""
        return any(not worker.ready for worker in self.workers)

    @property
    def pids(self) -> list[int]:
        """Of the workers that are to live on."""
        return [one.pid for one in self.workers if one.pid is not None and one.ending is None]

    @property
    def busy(self) -> bool:
        """There are calls, running or waiting, or spare workers."""
        return bool(self._queue) or len(self._idle) != len(self.workers) or len(self.workers) > 1

    def hire(self) -> WorkerProcess:
        """Makes one more worker."""
        worker = self._spawn()
        self.workers.add(worker)
        return worker

    def take(self, call: Call) -> None:
        """A new call."""
        if self._idle:
            self._begin(self._idle.pop(), call)
        else:
            self._queue.append(call)
            self._grow_soon()

    def forget(self, call: Call) -> None:
        """A call that waits is not wanted any more."""
        self._queue.remove(call)

    def free(self, worker: WorkerProcess) -> None:
        """It is ready for a call, or for its next one."""
        self._failed_starts = 0
        if worker.leaving:
            self._leave(worker)
            self._grow_soon()
        elif self._queue:
            self._begin(worker, self._queue.popleft())
            self._grow_soon()
        else:
            worker.idle_since = monotonic()
            self._idle.append(worker)

    def retire_spare(self) -> None:
        """Ends workers beyond the first that have had no call for a while: the longest idle come first."""
        limit = monotonic() - SPARE_IDLE
        while self._staying > 1 and self._idle and self._idle[0].idle_since < limit:
            self._leave(self._idle.pop(0))

    def gone(self, worker: WorkerProcess) -> None:
        """It has ended."""
        self.workers.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        if not worker.ready:
            self._failed_starts += 1
            if self._failed_starts >= _FAILED_STARTS and not self.workers:
                self._failed_starts = 0
                while self._queue:
                    self.on_hopeless(self._queue.popleft())
        self._grow_soon()

    @property
    def _staying(self) -> int:
        return sum(1 for worker in self.workers if not worker.leaving)

    def _begin(self, worker: WorkerProcess, call: Call) -> None:
        worker.call = call
        call.worker = worker
        call.begun = monotonic()
        frames, call.frames = call.frames, []
        for raw in frames:
            worker.send(raw)
        if self.on_begin is not None:
            self.on_begin(worker, call)

    def _leave(self, worker: WorkerProcess) -> None:
        worker.finish_sending()
        self._loop.later(_GRACE, lambda: self.on_overstay(worker))

    def _grow_soon(self) -> None:
        if self._timer is not None or not self._queue or self.starting:
            return
        waited = monotonic() - self._queue[0].since
        delay = max(0.0, GROW_AFTER - waited) if self.workers else 0.0
        self._timer = self._loop.later(delay, self._grow)

    def _grow(self) -> None:
        self._timer = None
        staying = self._staying
        if not self._queue or self.starting or staying >= self._most:
            return
        if staying and not self._gauge.useful(self.workers, self._queue[0]):
            self._timer = self._loop.later(room.LONG, self._grow)
        elif staying and not room.left():
            self._timer = self._loop.later(_RETRY, self._grow)
        else:
            self.hire()
