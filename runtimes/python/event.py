"""The event that `handler(event, context)` is called with."""

from __future__ import annotations

import re
from binascii import b2a_base64
from json import JSONDecoder
from time import gmtime, strftime, time

# White space as JavaScript's regular expressions know it: a function sees the same event in either language.
_SPACE = "[\\t\\n\\x0b\\x0c\\r \\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]*"
_NO_SPACE = "[^;/\\t\\n\\x0b\\x0c\\r \\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]+"
_JSON_TYPE = re.compile(
    f"(?:application/json|{_NO_SPACE}/{_NO_SPACE}\\+json){_SPACE}(?:;|\\Z)", re.IGNORECASE | re.ASCII
)
_COOKIES = re.compile(f";{_SPACE}")
_ESCAPE = re.compile(b"%([0-9a-fA-F]{2})")


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_parse = JSONDecoder(parse_constant=_refuse).decode


def build_event(meta: dict[str, object], head: dict[str, object], body: bytes) -> dict[str, object]:
    """`body`: all of it, empty where there is none."""
    headers: dict[str, str] = {}
    for name, value in head["headers"]:
        key = name.lower()
        before = headers.get(key)
        if before is None:
            headers[key] = value
        else:
            headers[key] = f"{before}{'; ' if key == 'cookie' else ', '}{value}"
    single, multiple = _query_parameters(head["url"])
    parsed, is_base64 = _read_body(body, headers.get("content-type", ""))
    epoch = int(time() * 1000)
    return {
        "httpMethod": head["method"],
        "path": head["path"],
        "pathParameters": dict(head["params"]),
        "queryStringParameters": single,
        "multiValueQueryStringParameters": multiple,
        "headers": headers,
        "cookies": [one for one in _COOKIES.split(headers.get("cookie", "")) if one],
        "body": parsed,
        "isBase64Encoded": is_base64,
        "requestContext": {
            "requestId": head["requestId"],
            "callbackId": meta["callbackId"],
            "version": meta["version"],
            "runtime": meta["runtime"],
            "time": iso_time(epoch),
            "timeEpoch": epoch,
            "identity": {"sourceIp": head["ip"]},
        },
    }


def iso_time(epoch_ms: int) -> str:
    """As JavaScript's `toISOString` writes it."""
    return f"{strftime('%Y-%m-%dT%H:%M:%S', gmtime(epoch_ms // 1000))}.{epoch_ms % 1000:03}Z"


def _query_parameters(url: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    single: dict[str, str] = {}
    multiple: dict[str, list[str]] = {}
    start = url.find("?")
    if start == -1:
        return single, multiple
    end = url.find("#", start)
    for part in (url[start + 1 :] if end == -1 else url[start + 1 : end]).split("&"):
        if not part:
            continue
        name, _, value = part.partition("=")
        name, value = _decode(name), _decode(value)
        single[name] = value
        multiple.setdefault(name, []).append(value)
    return single, multiple


def _decode(text: str) -> str:
    """A part of a query as forms are written; what is no UTF-8 is replaced, what is no escape stays."""
    if "%" not in text and "+" not in text:
        return text
    raw = text.replace("+", " ").encode("utf-8", "surrogatepass")
    return _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), raw).decode("utf-8", "replace")


def _read_body(body: bytes, content_type: str) -> tuple[object, bool]:
    if not body:
        return {}, False
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return b2a_base64(body, newline=False).decode(), True
    if _JSON_TYPE.match(content_type):
        try:
            return _parse(text[1:] if text.startswith("\ufeff") else text), False
        except (ValueError, RecursionError):
            # Not JSON after all: the author gets the text as it came.
            return text, False
    return text, False
