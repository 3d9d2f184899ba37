"""Values that are made quickly: frozen dataclasses with slots, of which a cycle makes hundreds.

The `__init__` that `dataclass` writes for a frozen class asks `object.__setattr__` to find each
field by its name. One that calls the fields' own setters says the same in half the time, and
making values was a third of a decision.
"""

from dataclasses import MISSING, fields
from inspect import signature
from typing import Any, TypeVar

T = TypeVar("T")


def quick(cls: type[T]) -> type[T]:
    """Give a frozen dataclass with slots an `__init__` that sets them directly."""
    written: Any = cls.__init__
    scope: dict[str, Any] = {}
    takes, sets = ["self"], []
    for field in fields(cls):  # type: ignore[arg-type] # a dataclass, as said
        scope[f"set_{field.name}"] = getattr(cls, field.name).__set__
        scope[f"of_{field.name}"] = field.default
        default = "" if field.default is MISSING else f"=of_{field.name}"
        takes.append(f"{field.name}{default}")
        sets.append(f"set_{field.name}(self, {field.name})")
    exec(f"def __init__({', '.join(takes)}):\n {'; '.join(sets)}", scope)  # noqa: S102 - as `dataclass` does
    quick_init = scope["__init__"]
    quick_init.__signature__ = signature(written)
    quick_init.__annotations__ = written.__annotations__
    cls.__init__ = quick_init  # type: ignore[method-assign] # that is what it is for
    return cls
