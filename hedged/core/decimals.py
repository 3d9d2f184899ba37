"""Exact decimal arithmetic: one context for the whole core, and the rounding rules.

Every formula and every entry to the core computes in `CONTEXT`: 50 digits, half-even, and a trap on
mixing in a float. Quotients that should be whole (3,250 lots) come out of a division as
3249.999…; `lots` therefore snaps to the nearest integer within `SNAP` before it rounds.
Quantities round toward less trading, prices round passively (a buy down, a sell up).
"""

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_UP,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    InvalidOperation,
    Overflow,
    getcontext,
    setcontext,
)
from enum import StrEnum
from functools import lru_cache, wraps
from typing import Final, ParamSpec, TypeVar

CONTEXT: Final = Context(
    prec=50,
    rounding=ROUND_HALF_EVEN,
    traps=[InvalidOperation, DivisionByZero, Overflow, FloatOperation],
)
SNAP: Final = Decimal("1e-12")
SHOWN_PLACES: Final = 36
_SHOWN: Final = Context(prec=28, rounding=ROUND_HALF_EVEN)
_SHORT: Final = 28  # characters: nothing to round away
_WIDE: Final = Context(prec=400, rounding=ROUND_HALF_EVEN)
ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)

P = ParamSpec("P")
T = TypeVar("T")


class Rounding(StrEnum):
    """How a count of lots becomes whole."""

    DOWN = "down"  # toward zero: trades less
    UP = "up"  # away from zero
    NEAREST = "nearest"  # ties to even


_MODES: Final = {
    Rounding.DOWN: ROUND_DOWN,
    Rounding.UP: ROUND_UP,
    Rounding.NEAREST: ROUND_HALF_EVEN,
}


def exact(function: Callable[P, T]) -> Callable[P, T]:
    """Run `function` in `CONTEXT`, whatever context its caller is in.

    Only the outermost of nested calls pays for the change of context.
    """

    @wraps(function)
    def in_context(*args: P.args, **kwargs: P.kwargs) -> T:
        if getcontext() is CONTEXT:
            return function(*args, **kwargs)
        before = getcontext()
        setcontext(CONTEXT)
        try:
            return function(*args, **kwargs)
        finally:
            setcontext(before)

    return in_context


def whole(count: Decimal, rounding: Rounding) -> Decimal:
    """A signed count, snapped to an integer within `SNAP` and else rounded as told."""
    nearest = count.to_integral_value(ROUND_HALF_EVEN)
    if abs(count - nearest) <= SNAP:
        return nearest
    return count.to_integral_value(_MODES[rounding])


@exact
def round_contracts(contracts: Decimal, lot: Decimal, rounding: Rounding) -> Decimal:
    """Signed contracts as a whole multiple of `lot` (> 0, in contracts)."""
    return whole(contracts / lot, rounding) * lot


@exact
def passive_price(price: Decimal, tick: Decimal, *, buy: bool) -> Decimal:
    """A limit price on the tick grid that never pays more than `price` asks for."""
    ticks = price / tick
    nearest = ticks.to_integral_value(ROUND_HALF_EVEN)
    if abs(ticks - nearest) > SNAP:
        nearest = ticks.to_integral_value(ROUND_FLOOR if buy else ROUND_CEILING)
    return nearest * tick


@lru_cache(maxsize=1024)
def plain(value: Decimal, places: int = SHOWN_PLACES) -> str:
    """A decimal in plain notation without trailing zeros.

    At most 28 significant digits, and at most `places` after the point: what is left of an
    exact zero after 50-digit divisions is thereby 0. Equal values read the same, and a decision
    shows most of its figures several times, so the last ones are kept.
    """
    text = format(value, "f")
    if len(text) > _SHORT or len(text.partition(".")[2]) > places:
        text = format(_SHOWN.plus(_WIDE.quantize(value, ONE.scaleb(-places))), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
