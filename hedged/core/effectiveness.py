"""How well a hedge worked: the measures that accounting standards and risk managers ask for.

    dollar offset       -(sum of the hedge's changes)/(sum of the item's), within 80 to 125 %
    regression          hedge on item: slope within -0.80 to -1.25, R^2 at least 0.80
    variance reduction  1 - var(net)/var(item), with sample variances

R^2 alone does not see a hedge of the wrong size: the slope must be shown beside it.
Source: IAS 39, docs/maths.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ONE, ZERO, exact

OFFSET_LOW: Final = Decimal("0.8")
OFFSET_HIGH: Final = Decimal("1.25")


@exact
def dollar_offset(item: Sequence[Decimal], hedge: Sequence[Decimal]) -> Decimal | None:
    """The share of the item's change that the hedge offset; None where the item did not move."""
    moved = sum(item, ZERO)
    return -sum(hedge, ZERO) / moved if moved else None


def is_effective(offset: Decimal) -> bool:
    """Whether a dollar offset is within 80 to 125 %."""
    return OFFSET_LOW <= offset <= OFFSET_HIGH


@dataclass(frozen=True, slots=True)
class Regression:
    """The least-squares line of the hedge's changes on the item's."""

    slope: Decimal
    intercept: Decimal
    r_squared: Decimal


@exact
def regression(item: Sequence[Decimal], hedge: Sequence[Decimal]) -> Regression | None:
    """None where the item or the hedge did not vary: no line can be told then."""
    item_mean, hedge_mean = _mean(item), _mean(hedge)
    across = sum(
        ((x - item_mean) * (y - hedge_mean) for x, y in zip(item, hedge, strict=True)), ZERO
    )
    of_item, of_hedge = _squares(item), _squares(hedge)
    if not of_item or not of_hedge:
        return None
    slope = across / of_item
    return Regression(
        slope=slope,
        intercept=hedge_mean - slope * item_mean,
        r_squared=across * across / (of_item * of_hedge),
    )


@exact
def variance_reduction(item: Sequence[Decimal], net: Sequence[Decimal]) -> Decimal | None:
    """The share of the item's variance that is gone; None where it had none to lose."""
    of_item = _squares(item)
    return ONE - _squares(net) / of_item if of_item else None


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, ZERO) / len(values)


def _squares(values: Sequence[Decimal]) -> Decimal:
    mean = _mean(values)
    return sum(((value - mean) ** 2 for value in values), ZERO)
