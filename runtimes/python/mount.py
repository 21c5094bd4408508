"""Where an application stands: ASGI and WSGI tell it apart from the path below."""

from __future__ import annotations

import re

_ESCAPE = re.compile(b"%([0-9a-fA-F]{2})")
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class Address:
    """A call's address in parts. `root` and `rest` are bytes without escapes; `root` may be empty."""

    __slots__ = ("host", "port", "query", "raw_path", "rest", "root", "scheme")

    def __init__(self, url: str, pattern: str) -> None:
        """`pattern`: the callback's path. The application stands at its segments before the first `:name` or `*`."""
        self.scheme, _, behind = url.partition("://")
        behind = behind.partition("#")[0]
        before_query, _, query = behind.partition("?")
        authority, slash, path = before_query.partition("/")
        self.query = query.encode("ascii", "backslashreplace")
        self.raw_path = (slash + path or "/").encode("utf-8", "replace")
        self.host, self.port = _authority(authority, self.scheme)
        segments = self.raw_path[1:].split(b"/")
        count = _fixed(pattern) + _above(segments, pattern)
        self.root = b"".join(b"/" + _unescape(one) for one in segments[:count])
        self.rest = b"/" + b"/".join(_unescape(one) for one in segments[count:])

    @property
    def path(self) -> bytes:
        """All of it."""
        return self.root + self.rest


def _fixed(pattern: str) -> int:
    """Segments of a callback's path that are the same in every call."""
    count = 0
    for segment in pattern.split("/"):
        if segment.startswith(":") or segment == "*":
            break
        count += 1
    return count


def _above(segments: list[bytes], pattern: str) -> int:
    """Segments that the gateway has before the callback's own: `api`, or `api` and `kube`."""
    if segments[0] != b"api":
        return 0
    return 2 if segments[1:2] == [b"kube"] and pattern.split("/", 1)[0] != "kube" else 1


def _authority(authority: str, scheme: str) -> tuple[str, int]:
    host, colon, port = authority.rpartition(":")
    if colon and port.isdigit():
        return host, int(port)
    return authority, _DEFAULT_PORTS.get(scheme, 80)


def _unescape(segment: bytes) -> bytes:
    if b"%" not in segment:
        return segment
    return _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), segment)
