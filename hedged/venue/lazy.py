"""One exchange class of ccxt without the other hundred.

`import ccxt` imports every exchange: most of a second and tens of megabytes for classes that
are never used. Python imports the parent packages of `ccxt.async_support.bybit` first, and it
is their `__init__` files that pull the rest in. So empty packages of the same names and search
paths stand in for them while the one module is imported. They are taken away again: code that
imports the whole of ccxt afterwards gets the real packages, with the very same classes in them.
Where the real package is loaded already, it is simply used.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

_PACKAGES: Final = ("ccxt", "ccxt.async_support")


def exchange_class(exchange: str) -> type[Any]:
    """The asynchronous ccxt class of this id, e.g. "bybit".

    Raises:
        ModuleNotFoundError: ccxt has no such exchange.
    """
    module = _module(f"ccxt.async_support.{exchange}")
    found: type[Any] = getattr(module, exchange)
    return found


def ccxt_version() -> str:
    """The version that is in use, told without importing it."""
    return metadata.version("ccxt")


def errors() -> Any:
    """The module of ccxt's exceptions, imported when first asked for."""
    return _module("ccxt.base.errors")


@cache
def _module(name: str) -> ModuleType:
    with _light_packages():
        return import_module(name)


@contextmanager
def _light_packages() -> Iterator[None]:
    """Stand-ins for the packages that are not loaded, for as long as the block runs."""
    spec = find_spec(_PACKAGES[0])
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("ccxt is not installed", name=_PACKAGES[0])
    root = Path(spec.origin).parent.parent
    light = {name: _package(name, root) for name in _PACKAGES if name not in sys.modules}
    sys.modules.update(light)
    try:
        yield
    finally:
        for name in light:
            sys.modules.pop(name, None)


def _package(name: str, root: Path) -> ModuleType:
    package = ModuleType(name)
    package.__path__ = [str(root.joinpath(*name.split(".")))]

    def attribute(wanted: str) -> Any:
        # ccxt's modules import a few names from the package itself.
        for source in ("ccxt.base.exchange", "ccxt.base.errors"):
            found = getattr(import_module(source), wanted, None)
            if found is not None:
                return found
        raise AttributeError(f"module {name!r} has no attribute {wanted!r}")

    package.__getattr__ = attribute  # type: ignore[method-assign]  # PEP 562: a module's own hook
    return package
