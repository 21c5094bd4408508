"""What the container uses, as its control group tells it; of the processes alone where there is none."""

from __future__ import annotations

import os

_V1_MEMORY = "/sys/fs/cgroup/memory/"
_V1_CPU = "/sys/fs/cgroup/cpuacct/cpuacct.usage"
_V2 = "/sys/fs/cgroup/"
_NO_LIMIT = 1 << 60


def text(path: str) -> str:
    """A small file's text; empty where there is none."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(16_384).decode("ascii", "replace")
    except OSError:
        return ""


def _number(path: str) -> int | None:
    found = text(path).strip()
    return int(found) if found.isdigit() else None


def _field(path: str, name: str) -> int | None:
    for line in text(path).splitlines():
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


def cores() -> int:
    """Cores that may be used at the same time."""
    quota, period = (
        _number("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
        _number("/sys/fs/cgroup/cpu/cpu.cfs_period_us"),
    )
    if quota is None or period is None:
        # `max 100000` where there is no limit.
        parts = [int(part) for part in text(_V2 + "cpu.max").split() if part.isdigit()]
        quota, period = parts if len(parts) == 2 else (0, 0)
    here = len(os.sched_getaffinity(0))
    return min(here, max(1, -(-quota // period))) if quota and period else here


def cpu_ms() -> int | None:
    """CPU time that was used."""
    nanoseconds = _number(_V1_CPU)
    if nanoseconds is not None:
        return nanoseconds // 1_000_000
    microseconds = _field(_V2 + "cpu.stat", "usage_usec")
    return None if microseconds is None else microseconds // 1000
