"""What a function of one unchanging value comes to, kept for the last few values by identity.

A history of months is handed from cycle to cycle as it is, and comparing it, or hashing it, would
take as long as what is to be spared.
"""

from collections.abc import Callable
from functools import wraps
from typing import Final, TypeVar

V = TypeVar("V")
R = TypeVar("R")

KEPT: Final = 64


def per_object(function: Callable[[V], R]) -> Callable[[V], R]:
    """Compute once for each object, which must never change."""
    known: dict[int, tuple[V, R]] = {}

    @wraps(function)
    def looked_up(value: V) -> R:
        found = known.get(id(value))
        if found is not None and found[0] is value:
            return found[1]
        result = function(value)
        if len(known) >= KEPT:
            known.pop(next(iter(known)))
        known[id(value)] = (value, result)  # kept alive: no other object gets its id meanwhile
        return result

    return looked_up
