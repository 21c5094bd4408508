"""A worker's way to the hub."""

from __future__ import annotations

import os
from _thread import allocate_lock, get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from socket import socket


class Port:
    """Sends frames whole, whichever thread they come from, and only from the process that it was made in."""

    def __init__(self, channel: socket) -> None:
        self.channel: socket | None = channel
        self._lock = allocate_lock()
        self._sender = 0
        self._later: list[bytes] = []
        os.register_at_fork(after_in_child=self._abandon)

    def send(self, raw: bytes) -> None:
        """Returns when the hub's end has taken it."""
        if self.channel is None:
            # A process that the author forked has come back from the handler.
            os._exit(0)
        me = get_ident()
        if self._sender == me:
            # A signal handler of the author's, in the middle of a frame.
            self._later.append(raw)
            return
        with self._lock:
            self._sender = me
            try:
                self.channel.sendall(raw)
                while self._later:
                    self.channel.sendall(self._later.pop(0))
            finally:
                self._sender = 0

    def receive(self, size: int, flags: int = 0) -> bytes:
        """Bytes from the hub; empty at the end."""
        if self.channel is None:
            os._exit(0)
        return self.channel.recv(size, flags)

    def _abandon(self) -> None:
        channel, self.channel = self.channel, None
        if channel is not None:
            channel.close()
