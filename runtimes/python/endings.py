"""Ends workers so that nothing of them is left: the process, what it started, and what those left behind."""

from __future__ import annotations

import os

from . import processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .loop import Loop
    from .worker_process import WorkerProcess

#: How often it is looked whether the last of them has ended. Seconds.
_LOOK_AGAIN = 0.003


class Endings:
    """A worker is gone when it was reaped and no process of it is left."""

    def __init__(
        self,
        loop: Loop,
        protected: Callable[[], Iterable[int] | None],
        gone: Callable[[WorkerProcess], None],
    ) -> None:
        """`protected`: sessions that live on; None while it cannot be told which they are."""
        self._loop = loop
        self._protected = protected
        self._gone = gone
        self._known: dict[WorkerProcess, set[int]] = {}

    def kill(self, worker: WorkerProcess) -> None:
        """Ends it at once; `ended` has to be called when it was reaped."""
        if worker.pid is None:
            return
        # Looked up before: when it is dead, its children are the hub's.
        self._known[worker] = processes.family(worker.pid, processes.table())
        processes.kill_group(worker.pid)
        for pid in self._known[worker]:
            processes.kill(pid)

    def ended(self, worker: WorkerProcess) -> None:
        """It was reaped: what is left of it is ended, then `gone` is called."""
        table = processes.table()
        left = {pid for pid in self._known.get(worker, ()) if pid in table}
        if worker.pid is not None:
            left |= processes.family(worker.pid, table)
        left |= self._strays(table)
        for pid in left:
            processes.kill(pid)
        if left:
            self._loop.later(_LOOK_AGAIN, lambda: self.ended(worker))
        else:
            self._known.pop(worker, None)
            self._gone(worker)

    def _strays(self, table: processes.Processes) -> set[int]:
        """Processes that made themselves independent of the worker that started them."""
        sessions = self._protected()
        if sessions is None:
            return set()
        kept = {pid for pid, (_, session) in table.items() if session in sessions}
        kept |= processes.descendants(kept, table)
        hub = os.getpid()
        return processes.descendants([hub], table) - kept
