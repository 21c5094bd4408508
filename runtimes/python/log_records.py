"""The root logger writes where the gateway keeps lines: a record is one line, with its level."""

from __future__ import annotations

import logging
import sys

from .wire import LOG, frame

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .port import Port

_MOST = 131_072


class RecordHandler(logging.Handler):
    """Sends each record, its traceback included, as one line of the journal."""

    def __init__(self, port: Port) -> None:
        super().__init__()
        #: Changed when a worker is forked.
        self.port = port
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
            if self.port.channel is None:
                # A process of the author's: its lines go the way of all that is printed.
                sys.stderr.write(text + "\n")
                return
            data = text.encode("utf-8", "backslashreplace")
            self.port.send(frame(LOG, 0, _level(record.levelno), data[:_MOST]))
        except Exception:  # As every handler of `logging` does.
            self.handleError(record)


def attach(port: Port) -> RecordHandler:
    """Gives the root logger its handler, as functions find it on Lambda: INFO and above, nothing to set up."""
    handler = RecordHandler(port)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return handler


def _level(number: int) -> bytes:
    if number >= logging.ERROR:
        return b"error"
    if number >= logging.WARNING:
        return b"warn"
    return b"info" if number >= logging.INFO else b"debug"
