"""From START to STARTED or START_FAILED: one of them is sent, once."""

from __future__ import annotations

from json import dumps
from time import monotonic

from .wire import START_FAILED, STARTED, frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Startup:
    """The function has started when its module is loaded and a first worker can take calls."""

    def __init__(self, tell: Callable[[bytes], None]) -> None:
        self._tell = tell
        self._load_ms = 0.0
        self._loaded_at = 0.0
        self._failed = False
        #: STARTED was sent.
        self.done = False

    def loaded(self, load_ms: float) -> None:
        """The module is loaded, which took so long."""
        self._load_ms = load_ms
        self._loaded_at = monotonic()

    def ready(self, failure: bytes) -> bool:
        """A worker is ready, or its startup failed with this FailHead. Whether the function has started with it."""
        if self.done:
            return False
        if failure:
            self.failed(failure)
            return False
        self.done = True
        init_ms = self._load_ms + (monotonic() - self._loaded_at) * 1000
        self._tell(frame(STARTED, 0, dumps({"initMs": round(init_ms, 3)}).encode()))
        return True

    def failed(self, head: bytes) -> None:
        """It cannot be started, for this reason; later ones are no news."""
        if not self.done and not self._failed:
            self._failed = True
            self._tell(frame(START_FAILED, 0, head))

    def killed(self, detail: str) -> None:
        """A process that it needs has ended."""
        message = f"Cannot start the function: {detail}"
        self.failed(dumps({"kind": "threw", "name": "Killed", "message": message, "stack": ""}).encode())
