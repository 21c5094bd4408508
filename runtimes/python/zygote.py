"""The process that loads the author's module, once, and from which every worker is forked."""

from __future__ import annotations

import gc
import os
import socket
from contextlib import suppress
from json import dumps
from time import perf_counter

from . import author, guard
from .handlers import NoHandler, find_handler
from .log_records import attach
from .output import Streams, flush_output
from .port import Port
from .thrown import fail_head
from .wire import HELLO, START_FAILED, STARTED, frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handlers import Handler

#: What the kernel ends first when memory runs out: workers, then the zygote, the hub last.
_WORKER_SCORE, _ZYGOTE_SCORE = b"1000", b"500"


def run(channel: socket.socket, outputs: list[int], head: dict[str, object], code: bytes) -> None:
    """Until the hub closes the channel. In a forked worker it does not return."""
    guard.unprotect()
    os.setsid()
    _set_score(_ZYGOTE_SCORE)
    _attach(outputs)
    _close_all_but(channel.fileno())
    port = Port(channel)
    streams, records = Streams(port), attach(port)
    author.set_environment(head["meta"]["env"])
    author.set_paths()
    handler = _load(port, code)
    if handler is None:
        return
    # What is alive now lives on: collections in workers leave it alone, so that its pages stay shared.
    gc.collect()
    gc.freeze()
    while True:
        data, fds, _, _ = socket.recv_fds(channel, 1, 3, socket.MSG_CMSG_CLOEXEC)
        if not data:
            return
        flush_output()
        if _is_worker():
            os.setsid()
            _set_score(_WORKER_SCORE)
            _attach(fds[1:])
            records.port = port = Port(socket.socket(fileno=fds[0]))
            streams.move(port)
            port.send(frame(HELLO, 0, str(os.getpid()).encode()))
            handler.serve(port, head["meta"])
            return
        for fd in fds:
            os.close(fd)


def _load(port: Port, code: bytes) -> Handler | None:
    """The handler; None when the author's module has none or could not be loaded, which was reported."""
    began = perf_counter()
    try:
        handler = find_handler(author.load(code))
    except BaseException as error:  # The author's module may raise anything, SystemExit included.
        flush_output()
        kind = "no_handler" if isinstance(error, NoHandler) else "threw"
        port.send(frame(START_FAILED, 0, dumps(fail_head(kind, error)).encode()))
        return None
    flush_output()
    handler.prepare()
    port.send(frame(STARTED, 0, dumps({"initMs": (perf_counter() - began) * 1000}).encode()))
    return handler


def _is_worker() -> bool:
    """Forks; True in the new worker.

    Twice, so that the worker is the hub's child: the hub reaps it and sees how it ended. Where no process can be
    made, the hub sees that the worker's channel ends.
    """
    try:
        between = os.fork()
        if between == 0 and os.fork() == 0:
            return True
    except OSError:
        between = -1
    if between == 0:
        os._exit(0)
    if between > 0:
        os.waitpid(between, 0)
    return False


def _attach(outputs: list[int]) -> None:
    for fd, target in zip(outputs, (1, 2)):
        os.dup2(fd, target)
        os.close(fd)


def _close_all_but(kept: int) -> None:
    """What the hub has open is not for the author's code to find."""
    for name in os.listdir("/proc/self/fd"):
        fd = int(name)
        if fd > 2 and fd != kept:
            with suppress(OSError):
                os.close(fd)


def _set_score(score: bytes) -> None:
    with suppress(OSError), open("/proc/self/oom_score_adj", "wb", buffering=0) as file:
        file.write(score)
