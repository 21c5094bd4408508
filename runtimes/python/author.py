"""The world that the author's code finds: environment, paths, output, and the module itself."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

#: Where an image has the function's library.
LIBRARY = "/faas/python"
MODULE = "main"
FILE = "main.py"

#: What programs need, and what an image says about itself; everything else of the environment is not the author's.
_KEPT = {
    *("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "HOSTNAME", "LD_LIBRARY_PATH"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT"),
}


def _folder(pid: int) -> str:
    return os.path.join(os.getcwd(), f".faas-{pid}")


def remove_folder(pid: int) -> None:
    """Removes what `load` wrote for this process."""
    folder = _folder(pid)
    with suppress(OSError):
        os.unlink(os.path.join(folder, FILE))
        os.rmdir(folder)


def set_environment(given: dict[str, str]) -> None:
    """The function's own environment, over what is kept of the container's."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("LC_")}
    os.environ.clear()
    os.environ.update(kept)
    for name, value in given.items():
        # A name that the system cannot take is no variable for anyone.
        with suppress(ValueError, OSError):
            os.environ[name] = value


def set_paths() -> None:
    """The library of the function first, then what the image has; the same for Python programs that it starts."""
    import site

    site.main()
    if not os.path.isdir(LIBRARY):
        return
    before = len(sys.path)
    # Its .pth files count as in any folder of packages.
    site.addsitedir(LIBRARY)
    added = sys.path[before:]
    sys.path[:] = added + sys.path[:before]
    own = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([LIBRARY, own] if own else [LIBRARY])
    tools = os.path.join(LIBRARY, "bin")
    if os.path.isdir(tools):
        os.environ["PATH"] = os.pathsep.join([tools, os.environ.get("PATH", os.defpath)])


def load(code: bytes) -> ModuleType:
    """Runs the author's module once. Raises what it raises."""
    import linecache

    module = type(sys)(MODULE)
    sys.modules[MODULE] = module
    path = _write(code)
    module.__dict__.update(__file__=path, __builtins__=__builtins__)
    text = code.decode("utf-8", "replace")
    # Without a time of change the cache keeps it: tracebacks show lines by the short name.
    linecache.cache[FILE] = (len(code), None, text.splitlines(keepends=True), FILE)
    exec(compile(code, FILE, "exec", dont_inherit=True), module.__dict__)
    return module


def _write(code: bytes) -> str:
    """The module as a file: for `__file__`, and for processes that import it again."""
    folder = _folder(os.getpid())
    path = os.path.join(folder, FILE)
    try:
        os.mkdir(folder, 0o700)
        with open(path, "wb") as file:
            file.write(code)
    except OSError:
        return FILE
    sys.path.append(folder)
    return path
