"""A small event loop: descriptors, timers, and a way to stop listening to everything but the gateway."""

from __future__ import annotations

import select
from heapq import heappop, heappush
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

READ = select.EPOLLIN
WRITE = select.EPOLLOUT


class Timer:
    """Something to do later; `cancel` undoes it."""

    __slots__ = ("action", "at")

    def __init__(self, at: float, action: Callable[[], None]) -> None:
        self.at = at
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        self.action = None

    def __lt__(self, other: Timer) -> bool:
        return self.at < other.at


class Loop:
    """Waits for descriptors and timers and calls what was registered for them."""

    def __init__(self) -> None:
        self._wide = select.epoll()
        # What is listened to while the gateway does not read: what workers send has to wait.
        self._narrow = select.epoll()
        self._handlers: dict[int, Callable[[int], None]] = {}
        self._essential: set[int] = set()
        self._timers: list[Timer] = []

    def add(
        self, fd: int, handler: Callable[[int], None], events: int = READ, essential: bool = False
    ) -> None:
        self._handlers[fd] = handler
        self._wide.register(fd, events)
        if essential:
            self._essential.add(fd)
            self._narrow.register(fd, events)

    def modify(self, fd: int, events: int) -> None:
        self._wide.modify(fd, events)
        if fd in self._essential:
            self._narrow.modify(fd, events)

    def remove(self, fd: int) -> None:
        """To be called before the descriptor is closed."""
        del self._handlers[fd]
        self._wide.unregister(fd)
        if fd in self._essential:
            self._essential.remove(fd)
            self._narrow.unregister(fd)

    def later(self, seconds: float, action: Callable[[], None]) -> Timer:
        timer = Timer(monotonic() + seconds, action)
        heappush(self._timers, timer)
        return timer

    def turn(self, narrow: bool) -> None:
        """Waits once and handles what came. `narrow`: only the essential descriptors."""
        timers = self._timers
        while timers and timers[0].action is None:
            heappop(timers)
        timeout = max(0.0, timers[0].at - monotonic()) if timers else -1
        handlers = self._handlers
        for fd, events in (self._narrow if narrow else self._wide).poll(timeout):
            handler = handlers.get(fd)
            if handler is not None:
                handler(events)
        if timers:
            self._run_timers()

    def close(self) -> None:
        """For a forked child: it must not share what the parent waits for."""
        self._wide.close()
        self._narrow.close()

    def _run_timers(self) -> None:
        timers, now = self._timers, monotonic()
        while timers and timers[0].at <= now:
            action = heappop(timers).action
            if action is not None:
                action()
