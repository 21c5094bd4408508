"""The one function that a container runs: its zygote, its workers, its calls."""

from __future__ import annotations

import os
from json import loads
from time import monotonic, sleep

from . import outcomes, processes
from .call import Call
from .crew import Crew
from .endings import Endings
from .nursery import Nursery
from .startup import Startup
from .usage import UsageReports
from .wire import (
    CALL,
    CREDIT,
    DATA,
    DONE,
    END,
    HEADER_SIZE,
    KILL,
    RESET,
    WireError,
    frame,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .journal import Journal
    from .loop import Loop
    from .worker_process import WorkerProcess

_FOR_CALLS = (DATA, END, CREDIT, RESET, KILL)
#: How long the zygote may take to make a worker. Seconds.
_BORN_WITHIN = 5.0
#: How long a worker may live on without its channel. Seconds.
_EXIT_GRACE = 1.0
#: What cannot be killed is not waited for longer than this at the end. Seconds.
_END_WITHIN = 0.2


class Function:
    """Takes the gateway's messages from START on."""

    def __init__(
        self, loop: Loop, journal: Journal, send: Callable[[bytes], None], head: bytes, code: bytes
    ) -> None:
        self._loop = loop
        self._journal = journal
        self._send = send
        self._head = loads(head)
        self._calls: dict[int, Call] = {}
        self._usage = UsageReports(loop, send, lambda: [os.getpid(), *self._sessions()], self._look)
        self._memory = outcomes.MemoryLedger(self._head["memoryMb"])
        self._startup = Startup(self._tell)
        self.reaper = processes.Reaper()
        self._nursery = Nursery(loop, journal, self.reaper, self._head, code)
        self._nursery.on_loaded = self._loaded
        self._nursery.on_failed = self._startup.failed
        self._nursery.on_ended = self._zygote_ended
        self._crew = Crew(loop, max(1, int(self._head["concurrency"])), self._spawn)
        self._crew.on_hopeless = self._hopeless
        self._crew.on_overstay = self._overstays
        self._endings = Endings(loop, lambda: None if self._crew.starting else self._sessions(), self._gone)
        journal.set_rate(int(self._head["logLines"]))
        if self._head["cpuMs"] is not None:
            from .cpu_watch import CpuWatch

            self._crew.on_begin = CpuWatch(loop, self._head["cpuMs"], self._burnt).begin
        self._nursery.open()

    @property
    def expecting(self) -> bool:
        """Processes are being made whose ids are not known yet."""
        return self._crew.starting

    def message(self, kind: int, call_id: int, raw: bytes, head_size: int) -> None:
        """One frame from the gateway."""
        if kind == CALL:
            if call_id in self._calls or not self._startup.done:
                raise WireError(f"call {call_id} out of turn")
            call = self._calls[call_id] = Call(call_id, raw, head_size)
            self._crew.take(call)
            self._usage.wake()
            return
        if kind not in _FOR_CALLS:
            raise WireError(f"a message of type {kind} out of turn")
        call = self._calls.get(call_id)
        # The gateway may cross with an answer: a message for a call that has ended means nothing.
        if call is None:
            return
        if kind in (DATA, END, CREDIT):
            if kind == CREDIT:
                call.credit(int(raw[HEADER_SIZE:]))
            self._pass_on(call, raw)
        elif kind == RESET:
            call.aborted = True
            if call.worker is None:
                self._crew.forget(call)
                self._drop(call, frame(DONE, call_id))
            else:
                self._pass_on(call, raw)
        else:
            self._kill(call, raw[HEADER_SIZE:].decode("utf-8", "replace"))

    def end(self) -> None:
        """Ends everything at once, with what it starts while it is being ended."""
        until = monotonic() + _END_WITHIN
        while monotonic() < until and (left := processes.descendants([os.getpid()], processes.table())):
            for pid in left:
                processes.kill(pid)
            sleep(0.001)
        self._nursery.close()

    # What the zygote and the workers tell.

    def _loaded(self, load_ms: float) -> None:
        self._startup.loaded(load_ms)
        self._crew.hire()

    def _zygote_ended(self, how: str) -> None:
        if not self._startup.done:
            self._startup.killed(f"the process that loads its module {how}")
            return
        for call in list(self._calls.values()):
            self._drop(
                call, call.killed("crash", f"the process that its worker comes from {how}", None, None)
            )
        raise SystemExit(f"Cannot go on: the process that workers come from {how}")

    def _spawn(self) -> WorkerProcess:
        # Code of the author may have stopped the zygote: it is the same user.
        processes.resume(self._nursery.pid)
        worker = self._nursery.spawn()
        worker.on_hello = self._born
        worker.on_ready = self._ready
        worker.on_frame = self._answered
        worker.on_lost = self._lost
        worker.listen()
        self._loop.later(_BORN_WITHIN, lambda: self._overdue(worker))
        return worker

    def _overdue(self, worker: WorkerProcess) -> None:
        """A zygote that makes no worker is of no use to any call: the container ends with it."""
        if worker.pid is None and worker in self._crew.workers:
            processes.kill(self._nursery.pid)

    def _born(self, worker: WorkerProcess, pid: int) -> None:
        self.reaper.expect(pid, lambda status: self._ended(worker, status))

    def _ready(self, worker: WorkerProcess) -> None:
        if self._startup.ready(worker.startup_failure):
            self._usage.report()
        if self._startup.done:
            self._crew.free(worker)

    def _answered(self, worker: WorkerProcess, kind: int, raw: bytes, head_size: int) -> None:
        call = worker.call
        if call is None or int.from_bytes(raw[9:13], "little") != call.id:
            raise WireError("a message for a call that it does not run")
        over = call.accept(kind, raw, head_size)
        if kind not in (DATA, CREDIT):
            worker.drain_logs()
            self._journal.flush()
        self._send(raw)
        if over:
            del self._calls[call.id]
            worker.call = None
            self._crew.free(worker)

    def _lost(self, worker: WorkerProcess, why: str) -> None:
        """Its channel has ended, or what came over it was not the protocol."""
        if worker.pid is None:
            self._discard(worker)
        elif why:
            self._end_worker(worker, outcomes.garbled(why))
        else:
            # Mostly it is about to end, and its status will tell more.
            outcome = outcomes.crashed("its process gave up the connection that calls come over")
            self._loop.later(_EXIT_GRACE, lambda: self._end_worker(worker, outcome))

    def _ended(self, worker: WorkerProcess, status: int) -> None:
        worker.drain()
        if worker.ending is None:
            worker.ending = self._memory.ended(status)
            if worker.call is None and not worker.leaving:
                self._journal.write("warn", f"Between calls {worker.ending[1]}", None)
        self._endings.ended(worker)

    def _gone(self, worker: WorkerProcess) -> None:
        worker.close()
        call = worker.call
        if call is not None and worker.ending is not None:
            self._drop(call, call.killed(*worker.ending))
        if worker.ending is not None:
            self._startup.killed(worker.ending[1])
        self._crew.gone(worker)

    def _discard(self, worker: WorkerProcess) -> None:
        """No process came of it."""
        worker.close()
        self._startup.killed("no process could be made to run calls")
        self._crew.gone(worker)

    # How calls end from outside.

    def _end_worker(self, worker: WorkerProcess, outcome: outcomes.Outcome) -> None:
        if worker.ending is None and worker in self._crew.workers:
            worker.ending = outcome
            self._endings.kill(worker)

    def _kill(self, call: Call, reason: str) -> None:
        outcome = outcomes.ordered(reason, self._head["meta"]["timeoutMs"], call)
        if call.worker is None:
            self._crew.forget(call)
            self._drop(call, call.killed(*outcome))
        else:
            self._end_worker(call.worker, outcome)

    def _burnt(self, worker: WorkerProcess, call: Call, used_ms: float) -> None:
        self._end_worker(worker, outcomes.burnt(self._head["cpuMs"], used_ms))

    def _overstays(self, worker: WorkerProcess) -> None:
        self._end_worker(worker, outcomes.crashed("its process did not end in time"))

    def _hopeless(self, call: Call) -> None:
        self._drop(call, call.killed(*outcomes.crashed("no process could be made to run it")))

    def _drop(self, call: Call, last: bytes) -> None:
        del self._calls[call.id]
        self._tell(last)

    def _tell(self, raw: bytes) -> None:
        """Sends a frame, and what was printed ahead of it."""
        self._journal.flush()
        self._send(raw)

    def _pass_on(self, call: Call, raw: bytes) -> None:
        if call.worker is None:
            call.frames.append(raw)
        else:
            call.worker.send(raw)

    def _sessions(self) -> list[int]:
        """Process ids of what lives on: each leads a session of its own."""
        return [self._nursery.pid, *self._crew.pids]

    def _look(self) -> bool:
        """Once a second while there are calls. Whether to look again."""
        self._memory.tick()
        self._crew.retire_spare()
        return self._crew.busy or self._journal.untold
