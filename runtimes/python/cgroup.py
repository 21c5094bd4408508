"""What the container uses, as its control group tells it; of the processes alone where there is none."""

from __future__ import annotations

import os

_V1_MEMORY = "/sys/fs/cgroup/memory/"
_V1_CPU = "/sys/fs/cgroup/cpuacct/cpuacct.usage"
_V2 = "/sys/fs/cgroup/"
_MIB = 1_048_576
_NO_LIMIT = 1 << 60


def _text(path: str) -> str:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(16_384).decode("ascii", "replace")
    except OSError:
        return ""


def _number(path: str) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None


def _field(path: str, name: str) -> int | None:
    for line in _text(path).splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.isdigit():
            return int(value)
    return None


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def memory_used() -> int | None:
    """Bytes, the kernel's caches of files included."""
    return _first(_number(_V1_MEMORY + "memory.usage_in_bytes"), _number(_V2 + "memory.current"))


def memory_limit() -> int | None:
    """Bytes; None where there is no limit."""
    limit = _first(_number(_V1_MEMORY + "memory.limit_in_bytes"), _number(_V2 + "memory.max"))
    return None if limit is None or limit >= _NO_LIMIT else limit


def memory_reclaimable() -> int:
    """Bytes of files that the kernel gives up before anything is killed."""
    return (
        _first(
            _field(_V1_MEMORY + "memory.stat", "total_inactive_file"),
            _field(_V2 + "memory.stat", "inactive_file"),
        )
        or 0
    )


def memory_peak() -> int | None:
    """Bytes at the most so far."""
    return _first(_number(_V1_MEMORY + "memory.max_usage_in_bytes"), _number(_V2 + "memory.peak"))


def oom_kills() -> int:
    """How often the kernel has killed for memory here."""
    return (
        _first(
            _field(_V1_MEMORY + "memory.oom_control", "oom_kill"), _field(_V2 + "memory.events", "oom_kill")
        )
        or 0
    )


def processes() -> int | None:
    """Processes and threads that there are."""
    return _first(_number("/sys/fs/cgroup/pids/pids.current"), _number(_V2 + "pids.current"))


def process_limit() -> int | None:
    """Processes and threads that there may be."""
    return _first(_number("/sys/fs/cgroup/pids/pids.max"), _number(_V2 + "pids.max"))


def cpu_ms() -> int | None:
    """CPU time that was used."""
    nanoseconds = _number(_V1_CPU)
    if nanoseconds is not None:
        return nanoseconds // 1_000_000
    microseconds = _field(_V2 + "cpu.stat", "usage_usec")
    return None if microseconds is None else microseconds // 1000


class Meter:
    """Figures for USAGE."""

    def __init__(self) -> None:
        # A machine's own control group is not that of the function: outside of a container there is no limit.
        self._in_group = memory_limit() is not None
        self._peak = 0

    def figures(self, pids: list[int]) -> dict[str, int | float]:
        """`pids`: what is summed up where no control group tells."""
        if self._in_group:
            memory, cpu = memory_used() or 0, cpu_ms() or 0
            peak = memory_peak() or 0
        else:
            memory = sum(resident(pid) for pid in pids)
            cpu, peak = sum(cpu_of(pid) for pid in pids), 0
        self._peak = max(self._peak, memory, peak)
        return {
            "cpuMs": cpu,
            "memoryMb": round(memory / _MIB, 1),
            "peakMb": round(self._peak / _MIB, 1),
        }


def resident(pid: int) -> int:
    """Bytes of a process that are in memory and not shared with a file."""
    fields = _text(f"/proc/{pid}/statm").split()
    if len(fields) < 3:
        return 0
    return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")


def cpu_of(pid: int) -> int:
    """Milliseconds of CPU time of a process and of the children that it has waited for."""
    fields = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if len(fields) < 15:
        return 0
    return sum(int(value) for value in fields[11:15]) * 1000 // os.sysconf("SC_CLK_TCK")
