"""How a hedge is split over its instruments.

Priorities fill in ascending order; instruments of one priority share by weight; no share passes
its cap, and what it cannot take goes to the others of its priority and then to the next one.
Sizes are magnitudes in USD: the sign is that of the whole hedge.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from hedged.core.decimals import ZERO, exact
from hedged.core.types import HedgeLeg


@exact
def shares(total_usd: Decimal, legs: Sequence[HedgeLeg]) -> tuple[dict[HedgeLeg, Decimal], Decimal]:
    """Each leg's share of `total_usd` >= 0, and what no cap leaves room for."""
    found: dict[HedgeLeg, Decimal] = dict.fromkeys(legs, ZERO)
    left = total_usd
    for _, group in groupby(sorted(legs, key=_priority), key=_priority):
        left = _fill(left, list(group), found)
    return found, left


def _priority(leg: HedgeLeg) -> int:
    return leg.priority


def _fill(left: Decimal, legs: list[HedgeLeg], found: dict[HedgeLeg, Decimal]) -> Decimal:
    """Share among legs of one priority; a capped one leaves its part to the rest."""
    while legs and left:
        weights = sum((leg.weight for leg in legs), ZERO)
        full = [
            leg
            for leg in legs
            if leg.cap_usd is not None and left * leg.weight / weights >= leg.cap_usd
        ]
        if not full:
            *others, last = legs
            for leg in others:
                found[leg] = left * leg.weight / weights
            found[last] = left - sum((found[leg] for leg in others), ZERO)
            return ZERO
        for leg in full:
            found[leg] = leg.cap_usd or ZERO
        left -= sum((found[leg] for leg in full), ZERO)
        legs = [leg for leg in legs if leg not in full]
    return left
