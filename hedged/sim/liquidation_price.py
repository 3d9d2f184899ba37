"""Where an account's margin would be used up, if one coin's price moved and no other did.

Let y be the factor by which the coin's index and the marks of all its contracts move. In USD every
part of the account is then a straight line in y:

    the coin itself, with its inverse contracts    P*y*(W - cost) - q*P/F
    a stablecoin, with its linear contracts        W - cost + n*F*y
    maintenance of an inverse contract             rate*|q|*P/F - deduction*P*y
    maintenance of a linear contract               rate*|n|*F*y - deduction

A coin counts as margin with a haircut while it is positive, and in full once it is owed: the margin
balance is straight between the factors at which a coin changes sign, so it is walked from one of
them to the next. For one coin without a haircut the result is the published formula,
P = Q(1 - m - f)/(Q/entry - W) for a short.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from hedged.sim.decimals import ONE, ZERO, product, quotient


class Line(NamedTuple):
    """An amount in USD that follows the factor: `fixed + slope * y`."""

    fixed: Decimal
    slope: Decimal

    def at(self, factor: Decimal) -> Decimal:
        """Return the amount at a factor."""
        return self.fixed + product(self.slope, factor) if self.slope else self.fixed


class CoinLine(NamedTuple):
    """The equity of one coin, and what of it counts as margin while it is positive."""

    equity: Line
    collateral_ratio: Decimal

    def collateral_at(self, factor: Decimal) -> Decimal:
        """Return what it counts at a factor."""
        usd = self.equity.at(factor)
        return product(usd, self.collateral_ratio) if usd > 0 else usd


def liquidation_factor(
    coins: Sequence[CoinLine], maintenance: Line, *, is_rise: bool
) -> Decimal | None:
    """Return the first factor above or below 1 at which the margin is used up; None for none."""

    def margin(factor: Decimal) -> Decimal:
        held = [coin.collateral_at(factor) for coin in coins]
        return sum(held, ZERO) - maintenance.at(factor)

    before, left = ONE, margin(ONE)
    if left <= 0:
        return None
    for after in _turns((coin.equity for coin in coins), is_rise=is_rise):
        reached = margin(after)
        if reached <= 0:
            return before + quotient(product(after - before, left), left - reached)
        before, left = after, reached
    if is_rise:
        lost = left - margin(before + ONE)
        return before + quotient(left, lost) if lost > 0 else None
    at_zero = margin(ZERO)
    return before - quotient(product(before, left), left - at_zero) if at_zero < 0 else None


def _turns(equities: Iterable[Line], *, is_rise: bool) -> list[Decimal]:
    """Return the factors at which coins change sign, in the order in which they are met."""
    turns = [quotient(-line.fixed, line.slope) for line in equities if line.slope]
    if is_rise:
        return sorted(turn for turn in turns if turn > ONE)
    return sorted((turn for turn in turns if ZERO < turn < ONE), reverse=True)
