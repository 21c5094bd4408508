"""Processes: which there are, who made them, and how they ended."""

from __future__ import annotations

import os
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    #: Parent and session by process id.
    Processes = dict[int, tuple[int, int]]

SIGKILL, SIGCONT = 9, 18


def table() -> Processes:
    """All live processes that can be seen: parent and session by id. Zombies are no more."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb", buffering=0) as file:
                fields = file.read(1024).rpartition(b")")[2].split()
        except OSError:
            continue
        if len(fields) > 3 and fields[0] not in (b"Z", b"X"):
            found[int(name)] = (int(fields[1]), int(fields[3]))
    return found


def state(pid: int) -> bytes:
    """`R` where it runs or could, `S` where it waits; empty where there is none."""
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            return file.read(1024).rpartition(b")")[2].split(None, 1)[0]
    except (OSError, IndexError):
        return b""


def family(root: int, processes: Processes) -> set[int]:
    """A worker's own: everything in its session, and everything that descends from those. Without itself."""
    members = {pid for pid, (_, session) in processes.items() if session == root}
    members.add(root)
    members |= descendants(members, processes)
    members.discard(root)
    return members


def descendants(roots: Iterable[int], processes: Processes) -> set[int]:
    """Children of these, and theirs."""
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in processes.items():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found


def kill(pid: int) -> None:
    """Ends a process at once, if it is there."""
    with suppress(OSError):
        os.kill(pid, SIGKILL)


def resume(pid: int) -> None:
    """Lets a process go on that was stopped."""
    with suppress(OSError):
        os.kill(pid, SIGCONT)


def kill_group(pid: int) -> None:
    """Ends all of a process group at once."""
    with suppress(OSError):
        os.killpg(pid, SIGKILL)
    kill(pid)


def how_it_ended(status: int) -> str:
    """A status of `waitpid` as a part of a sentence."""
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"exited with status {code}"
    import signal

    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    return f"was ended by signal {name} ({signal.strsignal(-code) or 'unknown'})"


class Reaper:
    """Hears of the end of children, and of what they left behind: those are children of the hub then."""

    def __init__(self) -> None:
        self._known: dict[int, Callable[[int], None]] = {}
        self._early: dict[int, int] = {}

    def expect(self, pid: int, ended: Callable[[int], None]) -> None:
        """`ended` is called once with the status; at once where it ended before anyone asked."""
        status = self._early.pop(pid, None)
        if status is None:
            self._known[pid] = ended
        else:
            ended(status)

    def reap(self, expecting: bool) -> None:
        """Takes all that have ended. `expecting`: ids may still be announced, so unknown ones are kept."""
        if not expecting:
            self._early.clear()
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            ended = self._known.pop(pid, None)
            if ended is not None:
                ended(status)
            elif expecting:
                self._early[pid] = status
