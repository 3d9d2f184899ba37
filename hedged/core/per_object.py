"""What a function of unchanging values comes to, kept for the last few values by identity.

A history of months is handed from cycle to cycle as it is, and comparing it, or hashing it, would
take as long as what is to be spared.
"""

from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

KEPT: Final = 64


def per_object(function: Callable[P, R]) -> Callable[P, R]:
    """Compute once for the same objects, which must never change; they are given by position."""
    known: dict[tuple[int, ...], tuple[R, tuple[object, ...]]] = {}

    @wraps(function)
    def looked_up(*args: P.args, **kwargs: P.kwargs) -> R:
        key = tuple(map(id, args))
        found = known.get(key)
        if found is not None:
            return found[0]
        result = function(*args, **kwargs)
        if len(known) >= KEPT:
            known.pop(next(iter(known)))
        known[key] = (result, args)  # kept alive: no other object gets one of these ids meanwhile
        return result

    return looked_up
