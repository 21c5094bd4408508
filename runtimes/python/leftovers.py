"""Processes that calls leave behind."""

from __future__ import annotations

import os

#: A worker with more children than this is replaced after its call, and they end with it.
_MOST = 8


def crowded() -> bool:
    """Whether there are too many. Costs one call of the system where there are none."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    me = os.getpid()
    with open(f"/proc/{me}/task/{me}/children", "rb", buffering=0) as file:
        return len(file.read(4096).split()) > _MOST
