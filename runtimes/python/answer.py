"""Turns what a handler returned into status, headers and body."""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64

from .json_text import NotJson, to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Union

    #: An iterator, synchronous or not, is sent as it goes.
    Body = Union[bytes, None, object]

JSON_TYPE = "application/json"
TEXT_TYPE = "text/plain;charset=UTF-8"
BYTES_TYPE = "application/octet-stream"
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FIELD_VALUE = re.compile("[\\t\\x20-\\x7e\\x80-\\xff]*")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_WHITE = re.compile(r"[\t\n\f\r ]+")
_MAX_HEADERS = 1000
_MAX_HEADER_TEXT = 65_536


class Unsendable(Exception):
    """The handler answered with something that HTTP cannot carry."""


class Answer:
    """What goes out for a call, whatever the handler returned."""

    __slots__ = ("body", "headers", "status", "typed")

    def __init__(self, status: int, headers: list[list[str]], body: Body, typed: bool = True) -> None:
        """`typed`: false where the content type follows from the first piece of a stream."""
        self.status = status
        self.headers = headers
        self.body = body
        self.typed = typed


def to_answer(value: object) -> Answer:
    """Raises Unsendable."""
    if value is None:
        return Answer(204, [], None)
    if isinstance(value, dict):
        status = value.get("statusCode")
        if isinstance(status, int) and not isinstance(status, bool):
            return _proxy_answer(value, int(status))
    elif isinstance(value, (bytes, bytearray, memoryview)):
        return Answer(200, [["content-type", BYTES_TYPE]], bytes(value))
    elif is_stream(value):
        return Answer(200, [], value, typed=False)
    return Answer(200, [["content-type", JSON_TYPE]], _json(value, "The answer"))


def is_stream(value: object) -> bool:
    """Generators and other iterators, files among them, and what is to be iterated asynchronously."""
    kind = type(value)
    return hasattr(kind, "__next__") or hasattr(kind, "__aiter__")


def check_size(headers: list[list[str]]) -> None:
    """Clients and proxies take far less; the gateway does not carry more. Raises Unsendable."""
    size = sum(len(name) + len(value) for name, value in headers)
    if len(headers) > _MAX_HEADERS or size > _MAX_HEADER_TEXT:
        raise Unsendable(
            f"Cannot send the answer: it has {len(headers)} headers with {size} characters, "
            f"at most {_MAX_HEADERS} with {_MAX_HEADER_TEXT} can be sent"
        )


def check_header(name: str, value: str, field: str) -> None:
    """Raises Unsendable where HTTP cannot carry it."""
    if not _FIELD_VALUE.fullmatch(value):
        raise Unsendable(
            f'Cannot send the answer: the value of the header "{name}" has characters that a header cannot carry'
        )
    if not _TOKEN.fullmatch(name):
        raise Unsendable(f'Cannot send the answer: "{name}" in its {field} is not a header name')


def check_status(status: int, name: str) -> None:
    """Raises Unsendable where it does not end a call."""
    if not 200 <= status <= 599:
        raise Unsendable(
            f"Cannot send the answer: its {name} is {status}, it must be a final HTTP status, 200 to 599"
        )


def _proxy_answer(value: dict[str, object], status: int) -> Answer:
    check_status(status, "statusCode")
    headers: list[list[str]] = []
    _add_headers(headers, value.get("headers"), "headers")
    _add_headers(headers, value.get("multiValueHeaders"), "multiValueHeaders")
    _add_cookies(headers, value.get("cookies"))
    check_size(headers)
    body, kind = _proxy_body(value)
    typed = any(name.lower() == "content-type" for name, _ in headers)
    if body is not None and kind is not None and not typed:
        headers.append(["content-type", kind])
    return Answer(status, headers, body, typed or kind is not None)


def _proxy_body(value: dict[str, object]) -> tuple[Body, str | None]:
    body = value.get("body")
    if body is None:
        return None, JSON_TYPE
    if value.get("isBase64Encoded") is True:
        return _from_base64(body), BYTES_TYPE
    if isinstance(body, str):
        return _utf8(body), TEXT_TYPE
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body), BYTES_TYPE
    if is_stream(body):
        return body, None
    return _json(body, "The body of the answer"), JSON_TYPE


def _from_base64(body: object) -> bytes:
    if isinstance(body, (bytes, bytearray)):
        body = body.decode("latin-1")
    if not isinstance(body, str):
        raise Unsendable(
            f"Cannot send the answer: isBase64Encoded is true and its body is of type {type(body).__name__}"
        )
    text = _WHITE.sub("", body)
    bare = text.rstrip("=")
    try:
        if not _BASE64.fullmatch(text) or len(bare) % 4 == 1 or (text != bare and len(text) % 4):
            raise Base64Error
        return a2b_base64(bare + "=" * (-len(bare) % 4))
    except Base64Error:
        raise Unsendable(
            "Cannot send the answer: isBase64Encoded is true and its body is not base64"
        ) from None


def _add_headers(headers: list[list[str]], source: object, field: str) -> None:
    if source is None:
        return
    if not hasattr(source, "items"):
        kind = "a list" if isinstance(source, (list, tuple)) else f"of type {type(source).__name__}"
        raise Unsendable(f"Cannot send the answer: its {field} must be a dict, it is {kind}")
    for name, value in source.items():
        if len(headers) > _MAX_HEADERS:
            return
        if not isinstance(name, str):
            raise Unsendable(f'Cannot send the answer: "{name}" in its {field} is not a header name')
        if field == "headers":
            headers.append([name, _header_value(name, value, field)])
        elif isinstance(value, (list, tuple)):
            headers.extend([name, _header_value(name, one, field)] for one in value)
        else:
            raise Unsendable(
                f'Cannot send the answer: the values of "{name}" in its multiValueHeaders must be a list'
            )


def _header_value(name: str, value: object, field: str) -> str:
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, (str, int, float)):
        text = str(value).strip()
    else:
        kind = "None" if value is None else f"of type {type(value).__name__}"
        raise Unsendable(
            f'Cannot send the answer: the header "{name}" must be a string, a number or a boolean, it is {kind}'
        )
    check_header(name, text, field)
    return text


def _add_cookies(headers: list[list[str]], cookies: object) -> None:
    if cookies is None:
        return
    if not isinstance(cookies, (list, tuple)) or not all(isinstance(cookie, str) for cookie in cookies):
        raise Unsendable("Cannot send the answer: its cookies must be a list of strings")
    headers.extend(["set-cookie", _header_value("set-cookie", cookie, "cookies")] for cookie in cookies)


def _json(value: object, what: str) -> bytes:
    try:
        return to_json(value)
    except NotJson as error:
        raise Unsendable(f"{what} cannot be written as JSON: {error}") from None


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        # As JavaScript does with a lone surrogate.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
