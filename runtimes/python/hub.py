"""The first process: passes frames between the gateway and the workers. It never runs the author's code."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from .loop import READ, Loop
from .outlet import Outlet
from .wire import HEADER, HELLO, START, FrameReader, WireError, frame, split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .function import Function

_READ = 65_536
#: While the gateway has so much unread, nothing is read from workers.
_CONGESTED = 1_048_576


class Hub:
    """Standard input and output of the container are the wire."""

    def __init__(self, wire_in: int, wire_out: int) -> None:
        os.set_blocking(wire_in, False)
        os.set_blocking(wire_out, False)
        self._in = wire_in
        self._reader = FrameReader()
        self._loop = Loop()
        self._loop.add(wire_in, self._input, READ, essential=True)
        self._loop.add(wire_out, lambda _: self._out.flush(), 0, essential=True)
        self._out = Outlet(self._loop, wire_out, 0)
        self._function: Function | None = None
        version = ".".join(map(str, sys.version_info[:3]))
        hello = f'{{"language":"python","version":"{version}","pid":{os.getpid()}}}'
        self._out.put(frame(HELLO, 0, hello.encode()))
        self._out.flush()

    def prepare(self) -> None:
        """Loads what every function needs, while nothing is asked of it."""
        from . import guard
        from .function import Function
        from .journal import Journal

        self._journal = Journal(self._out.put)
        self._make = Function
        self._clear = guard.clear
        self._loop.add(guard.protect(), self._child_ended, READ, essential=True)
        guard.load_ahead()

    def run(self) -> None:
        """Until the gateway closes its end."""
        while True:
            self._loop.turn(self._out.pending > _CONGESTED)
            self._journal.flush()
            if self._out.pending:
                self._out.flush()

    def end(self) -> None:
        """Says the last words, as far as they are taken, and ends what was started."""
        with suppress(OSError):
            self._out.flush()
        if self._function is not None:
            self._function.end()

    def _input(self, _: int) -> None:
        try:
            chunk = os.read(self._in, _READ)
        except BlockingIOError:
            return
        if not chunk:
            raise SystemExit(0)
        for raw in self._reader.feed(chunk):
            _, kind, _, call_id, head_size = HEADER.unpack_from(raw)
            if self._function is not None:
                self._function.message(kind, call_id, raw, head_size)
            elif kind == START:
                _, _, head, data = split(raw)
                self._function = self._make(self._loop, self._journal, self._out.put, head, data)
            else:
                raise WireError(f"a message of type {kind} before START")

    def _child_ended(self, _: int) -> None:
        self._clear()
        if self._function is not None:
            self._function.reaper.reap(self._function.expecting)


def main() -> None:
    """Runs the hub on the descriptors 0 and 1, which nothing else gets to see."""
    wire_in, wire_out = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    hub = Hub(wire_in, wire_out)
    status: object = 1
    try:
        hub.prepare()
        hub.run()
    except SystemExit as stop:
        status = stop.code
    except BrokenPipeError:
        status = 0
    except (WireError, ValueError) as error:
        status = f"Cannot go on: the gateway sent what is not the protocol: {error}"
    if isinstance(status, str):
        os.write(2, f"{status}\n".encode("utf-8", "replace"))
    try:
        hub.end()
    finally:
        os._exit(status if isinstance(status, int) else 1)
