"""JSON of what a handler answered: Python's own types as its users expect them, or which of them cannot go."""

from __future__ import annotations

import sys
from json import JSONEncoder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_DEEPEST = 200


class NotJson(Exception):
    """A value that JSON has no form for. The message is a part of a sentence."""


def to_json(value: object) -> bytes:
    """As short as JavaScript writes it. Raises NotJson."""
    try:
        text = _encode(value)
    except Exception as error:  # What is asked for its value may be the author's code.
        raise NotJson(_find(value, "", _DEEPEST, set()) or _first_line(error)) from error
    try:
        return text.encode()
    except UnicodeEncodeError:
        # A lone surrogate, which only an escape can carry.
        return _encode_ascii(value).encode()


def _convert(value: object) -> object:
    """What JSON itself does not know. The standard library's types are only looked for where they are loaded."""
    for module, name, convert in _KNOWN:
        loaded = sys.modules.get(module)
        kind = getattr(loaded, name, None)
        if kind is not None and isinstance(value, kind):
            return convert(value)
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    # Models of pydantic and of libraries that took over its word.
    dump = getattr(value, "model_dump", None)
    if callable(dump) and not isinstance(value, type):
        return dump()
    raise NotJson(f"it is {_kind(value)}")


def _of_decimal(value: object) -> object:
    if not value.is_finite():
        raise NotJson(f"it is {value}, JSON has no such number")
    return int(value) if value == value.to_integral_value() else float(value)


_KNOWN: tuple[tuple[str, str, Callable[[object], object]], ...] = (
    # A datetime is a date too.
    ("datetime", "date", lambda value: value.isoformat()),
    ("datetime", "time", lambda value: value.isoformat()),
    ("decimal", "Decimal", _of_decimal),
    ("uuid", "UUID", str),
    ("enum", "Enum", lambda value: value.value),
    ("pathlib", "PurePath", str),
    ("builtins", "set", list),
    ("builtins", "frozenset", list),
    ("collections", "deque", list),
    ("collections.abc", "Mapping", dict),
)

_FORM = {"separators": (",", ":"), "default": _convert, "allow_nan": False}
_encode = JSONEncoder(ensure_ascii=False, **_FORM).encode
_encode_ascii = JSONEncoder(ensure_ascii=True, **_FORM).encode


def _find(value: object, path: str, depth: int, above: set[int]) -> str | None:
    """Where the first value is that cannot be written, and what it is."""
    at = f"the value at {path}" if path else "it"
    if depth == 0:
        return f"it is nested too deeply: {_shorten(path)}"
    if value is None or isinstance(value, (str, bool, int)):
        return None
    if isinstance(value, float):
        return None if value - value == 0 else f"{at} is {value}, JSON has no such number"
    if id(value) in above:
        return f"{at} contains itself"
    above = above | {id(value)}
    if isinstance(value, dict):
        for key, inner in value.items():
            if key is not None and not isinstance(key, (str, int, float)):
                return f"{at} has a key that is {_kind(key)}, keys must be text"
            found = _find(inner, f"{path}.{key}" if path else str(key), depth - 1, above)
            if found:
                return found
        return None
    if isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            found = _find(inner, f"{path}[{index}]", depth - 1, above)
            if found:
                return found
        return None
    try:
        return _find(_convert(value), path, depth - 1, above)
    except NotJson as error:
        return f"{at}{str(error)[2:]}" if str(error).startswith("it") else str(error)
    except Exception as error:  # A method of the author's.
        return f"{at} is {_kind(value)}, and asking it failed: {_first_line(error)}"


def _kind(value: object) -> str:
    kind = type(value)
    name = (
        kind.__qualname__
        if kind.__module__ in ("builtins", "main")
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    return f"of type {name}"


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).split("\n", 1)[0]


def _shorten(path: str) -> str:
    return path if len(path) <= 80 else f"{path[:80]}…"
