"""What functions print, on its way to the gateway: cut, counted, and dropped beyond a rate."""

from __future__ import annotations

from time import time

from .wire import LOG, frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: The longest line, in characters.
MAX_LINE = 16_384
#: Lines and characters in one frame.
MAX_LINES = 1_000
MAX_TEXT = 262_144
#: What may be printed at a stroke beyond the seconds of the rate.
EARLY_LINES = 20
BURST_SECONDS = 2
TEXT_PER_LINE = 512
#: How often it is told that lines were dropped, at the most.
TELL_SECONDS = 1.0
DEFAULT_RATE = 500


def cut(text: str, more: int = 0) -> str:
    """The line as it is kept. `more`: characters that were left out before."""
    if len(text) <= MAX_LINE and more == 0:
        return text
    return f"{text[:MAX_LINE]}… ({max(0, len(text) - MAX_LINE) + more} more characters)"


class Journal:
    """Gathers lines into LOG frames. Whoever sends an answer flushes first, so that its lines come before it."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._lines: list[dict[str, object]] = []
        self._text = 0
        self._dropped = 0
        self._told_at = 0.0
        self._filled_at = 0.0
        self.set_rate(DEFAULT_RATE)

    def set_rate(self, rate: int) -> None:
        """`rate`: lines a second, on average."""
        self._rate = rate
        self._most_lines = EARLY_LINES + rate * BURST_SECONDS
        self._most_text = MAX_TEXT + rate * BURST_SECONDS * TEXT_PER_LINE
        self._line_tokens: float = self._most_lines
        self._text_tokens: float = self._most_text
        self._filled_at = time()

    def affordable(self) -> bool:
        """Whether the rate has room for one more line."""
        if self._line_tokens >= 1 and self._text_tokens > 0:
            return True
        now = time()
        seconds = now - self._filled_at
        self._filled_at = now
        # A clock that is set back fills nothing.
        if seconds > 0:
            self._line_tokens = min(self._line_tokens + seconds * self._rate, self._most_lines)
            self._text_tokens = min(self._text_tokens + seconds * self._rate * TEXT_PER_LINE, self._most_text)
        return self._line_tokens >= 1 and self._text_tokens > 0

    def drop(self, lines: int) -> None:
        """Counts lines that are not even looked at."""
        self._dropped += lines

    def write(self, level: str, text: str, request_id: str | None, more: int = 0) -> None:
        """One line, or what was logged as one. `more`: characters of it that were left out already."""
        if not self.affordable():
            self._dropped += 1
            return
        line = cut(text, more)
        self._line_tokens -= 1
        self._text_tokens -= len(line)
        self._push(level, line, request_id, time())
        if len(self._lines) >= MAX_LINES or self._text >= MAX_TEXT:
            self._post()

    def flush(self) -> None:
        """Sends what there is."""
        if self._dropped:
            self._tell()
        if self._lines:
            self._post()

    @property
    def untold(self) -> bool:
        """Lines were dropped and the gateway does not know."""
        return self._dropped > 0

    def _tell(self) -> None:
        now = time()
        if 0 <= now - self._told_at < TELL_SECONDS:
            return
        self._told_at = now
        text = (
            f"{self._dropped} lines dropped: too much was printed at once, "
            f"at most {self._rate} lines a second are kept"
        )
        self._dropped = 0
        self._push("warn", text, None, now)

    def _push(self, level: str, line: str, request_id: str | None, now: float) -> None:
        self._lines.append({"r": request_id, "l": level, "t": int(now * 1000), "m": line})
        self._text += len(line)

    def _post(self) -> None:
        from json import dumps

        lines, self._lines, self._text = self._lines, [], 0
        self._send(frame(LOG, 0, dumps(lines).encode()))
