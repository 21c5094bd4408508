"""Finds what takes calls in the author's module."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket
    from types import ModuleType

#: Flags of code objects: coroutine, iterable coroutine, asynchronous generator.
_ASYNC = 0x80 | 0x100 | 0x200
_SHAPES = "lambda_handler(event, context), handler(event, context) or app, an ASGI or WSGI application"
_MANY = 1000


class NoHandler(Exception):
    """The module has nothing that could take a call."""


class Handler:
    """The author's entry. `kind`: event, async_event, asgi or wsgi."""

    def __init__(self, kind: str, call: Callable[..., object]) -> None:
        self.kind = kind
        self.call = call

    def prepare(self) -> None:
        """Loads in the zygote what every worker needs."""
        needed = {
            "event": (),
            "async_event": ("async_worker",),
            "asgi": ("async_worker", "asgi"),
            "wsgi": ("wsgi",),
        }
        for name in needed[self.kind]:
            __import__(f"{__package__}.{name}")

    def serve(self, channel: socket, meta: dict[str, object]) -> None:
        """Runs a worker, for good."""
        if self.kind in ("async_event", "asgi"):
            from .async_worker import serve
        else:
            from .worker import serve
        serve(channel, meta, self)


def find_handler(module: ModuleType) -> Handler:
    """In the order that the contract gives. Raises NoHandler with a sentence for the author."""
    names = module.__dict__
    for name in ("lambda_handler", "handler"):
        found = names.get(name)
        if callable(found) and not isinstance(found, type):
            return Handler("async_event" if is_async(found) else "event", _with_arguments(name, found))
    app = names.get("app")
    if callable(app):
        return _application(app)
    raise NoHandler(f"Cannot find a handler: the module must have {_SHAPES}: {_describe(names)}")


def _with_arguments(name: str, handler: Callable[..., object]) -> Callable[[object, object], object]:
    """Called with as many arguments as it takes."""
    least, most = positional(handler)
    if least > 2:
        raise NoHandler(
            f'Cannot use "{name}": it must take (event, context): it needs {least} positional arguments'
        )
    if most >= 2:
        return handler
    if most == 1:
        return lambda event, _: handler(event)
    return lambda *_: handler()


def _application(app: Callable[..., object]) -> Handler:
    least, most = positional(app)
    if isinstance(app, type):
        # ASGI 2: an instance for each connection.
        if most == 1:
            return Handler("asgi", _single_callable(app))
    elif is_async(app) or least == 3:
        return Handler("asgi", app)
    elif most == 1:
        return Handler("asgi", _single_callable(app))
    elif least <= 2 <= most:
        return Handler("wsgi", app)
    raise NoHandler(
        'Cannot use "app": it must be an ASGI application, called with (scope, receive, send), or a WSGI '
        f"application, called with (environ, start_response): it takes {most} arguments"
    )


def _single_callable(app: Callable[[object], object]) -> Callable[..., object]:
    async def run(scope: object, receive: object, send: object) -> None:
        await app(scope)(receive, send)

    return run


def is_async(function: object) -> bool:
    """Whether calling it gives something to wait for, as far as can be told without calling it."""
    for _ in range(_MANY):
        function = getattr(function, "__func__", function)
        code = getattr(function, "__code__", None)
        if code is not None and code.co_flags & _ASYNC:
            return True
        # A partial has what it calls in `func`, a decorated function mostly in `__wrapped__`.
        inner = getattr(function, "__wrapped__", None) or getattr(function, "func", None)
        if inner is None and code is None and not isinstance(function, type):
            inner = getattr(type(function), "__call__", None)
        if inner is None or inner is function:
            return False
        function = inner
    return False


def positional(function: Callable[..., object]) -> tuple[int, int]:
    """How many positional arguments it needs, and takes."""
    code = getattr(function, "__code__", None)
    if code is not None and not hasattr(function, "__wrapped__") and not hasattr(function, "__self__"):
        if code.co_flags & 0x04:
            return max(0, code.co_argcount - len(function.__defaults__ or ())), _MANY
        return code.co_argcount - len(function.__defaults__ or ()), code.co_argcount
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 2, 2
    places = [one for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    least = sum(1 for one in places if one.default is one.empty)
    return least, _MANY if any(one.kind is one.VAR_POSITIONAL for one in parameters) else len(places)


def _describe(names: dict[str, object]) -> str:
    for name in ("lambda_handler", "handler"):
        if isinstance(names.get(name), type):
            return f'its "{name}" is a class, it must be an instance of it or a function'
    own = [
        name for name, value in names.items() if not name.startswith("_") and type(value).__name__ != "module"
    ]
    if not own:
        return "it defines nothing"
    shown = ", ".join(own[:10])
    return f"it defines {shown} and {len(own) - 10} more" if len(own) > 10 else f"it defines {shown}"
