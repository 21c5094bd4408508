"""First of the payload: makes the runner's modules importable from memory and starts the hub."""

import sys

PACKAGE = "faas_runner"
#: Where code of the runner says it comes from: its frames are kept out of the author's tracebacks.
ORIGIN = "<" + PACKAGE + ">"


class MemoryFinder:
    """Finds the runner's modules in the payload; each is compiled when it is first imported."""

    def __init__(self, sources: dict[str, str]) -> None:
        self._sources = sources

    def find_spec(self, name: str, path: object = None, target: object = None) -> object:
        if name != PACKAGE and not name.startswith(PACKAGE + "."):
            return None
        source = "" if name == PACKAGE else self._sources.get(name[len(PACKAGE) + 1 :])
        if source is None:
            return None
        # What `importlib.machinery.ModuleSpec` is, without loading that package.
        spec = sys.modules["_frozen_importlib"].ModuleSpec(name, self, origin=ORIGIN)
        if name == PACKAGE:
            spec.submodule_search_locations = []
        return spec

    def create_module(self, spec: object) -> None:
        return None

    def exec_module(self, module: object) -> None:
        name = module.__name__
        if name == PACKAGE:
            return
        short = name[len(PACKAGE) + 1 :]
        module.__file__ = f"{ORIGIN}/{short}.py"
        code = compile(self._sources[short], module.__file__, "exec", dont_inherit=True, optimize=2)
        exec(code, module.__dict__)


def start(sources: dict[str, str]) -> None:
    """Runs the hub until the gateway closes its end."""
    sys.meta_path.insert(0, MemoryFinder(sources))
    from faas_runner import hub  # The finder above has it.

    hub.main()
