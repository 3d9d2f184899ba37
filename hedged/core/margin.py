"""Margin of an inverse position: where it is liquidated, and what collateral keeps it alive.

Notation. q: signed USD notional; C: collateral in coins without unrealised PnL; m: maintenance
rate on the mark value; f: the rate of the liquidation fee. A short is liquidated where what is
left of the collateral equals the maintenance:

    C - Q/entry + Q/P = (m + f)*Q/P      P(short) = Q*(1 - m - f)/(Q/entry - C)
    C + Q/entry - Q/P = (m + f)*Q/P      P(long)  = Q*(1 + m + f)/(Q/entry + C)

A short with C >= Q/entry (1x or less) has no such price: its collateral covers all that it can
lose. A maintenance amount in coins, which some venues deduct, counts as collateral. These hold
for single-coin and isolated accounts; a multi-collateral account goes by the venue's own rate.
Collateral fraction c = futures equity / E; a price factor y takes a neutral hedge's c to
1 - y*(1 - c). Source: the venues' published formulas, docs/maths.md.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ONE, ZERO, exact

# The steepest that BTC has risen, 2018 to 2021, in data of minutes; other coins rose steeper.
WORST_RISES: Final = (
    ("10 minutes", Decimal("0.147")),
    ("an hour", Decimal("0.247")),
    ("a day", Decimal("0.423")),
)


@exact
def liquidation_price(
    q_usd: Decimal, entry: Decimal, collateral: Decimal, maintenance: Decimal, fee: Decimal = ZERO
) -> Decimal | None:
    """USD per coin at which the position is liquidated; None where no price does it."""
    size = abs(q_usd)
    if q_usd > 0:
        return size * (ONE + maintenance + fee) / (size / entry + collateral)
    uncovered = size / entry - collateral
    return size * (ONE - maintenance - fee) / uncovered if uncovered > 0 else None


@exact
def growing_liquidation_price(
    size_usd: Decimal, entry: Decimal, collateral: Decimal, base: Decimal, growth: Decimal
) -> Decimal | None:
    """Liquidation price of a short whose maintenance rate grows with its size in coins.

    With x = Q/P coins the rate is base + growth*x, so that P comes from the smaller root of
    growth*x^2 - (1 - base)*x + (Q/entry - C) = 0. None where no price does it.
    """
    uncovered = size_usd / entry - collateral
    if uncovered <= 0:
        return None
    rest = ONE - base
    under_root = rest * rest - 4 * growth * uncovered
    if under_root < 0:
        return ZERO  # the collateral meets such a maintenance at no price at all
    return size_usd * (rest + under_root.sqrt()) / (2 * uncovered)


@exact
def linear_liquidation_price(
    coins: Decimal, entry: Decimal, collateral_quote: Decimal, maintenance: Decimal
) -> Decimal:
    """Liquidation price of a linear short of `coins` > 0 on collateral in quote currency."""
    return (collateral_quote + coins * entry) / (coins * (ONE + maintenance))


@exact
def distance(liquidation: Decimal, mark: Decimal) -> Decimal:
    """How far the mark may move until liquidation, as a fraction >= 0 of the mark."""
    return abs(liquidation / mark - ONE)


@exact
def fraction_after(fraction: Decimal, price_factor: Decimal) -> Decimal:
    """The collateral fraction of a neutral hedge after the price was multiplied."""
    return ONE - price_factor * (ONE - fraction)


@exact
def fraction_needed(rise: Decimal, maintenance: Decimal, fee: Decimal = ZERO) -> Decimal:
    """The collateral fraction that survives a price rise: (x + m + f)/(1 + x)."""
    return (rise + maintenance + fee) / (ONE + rise)


@exact
def rise_survived(fraction: Decimal, maintenance: Decimal) -> Decimal:
    """The price rise that a collateral fraction below 1 survives: (c - m)/(1 - c)."""
    return (fraction - maintenance) / (ONE - fraction)


def time_to_live(rise: Decimal) -> str:
    """What a rise that is survived is to be held against, in words; empty: it is plenty."""
    for within, worst in WORST_RISES:
        if rise < worst:
            return f"BTC has risen {worst * 100:.0f} % within {within}"
    return ""


@exact
def top_up(fraction: Decimal, target: Decimal, equity: Decimal) -> Decimal:
    """Coins to move from spot to futures to reach the target fraction; < 0: back to spot."""
    return (target - fraction) * equity


@exact
def margin_value(items: Iterable[tuple[Decimal, Decimal, Decimal]]) -> Decimal:
    """USD that collateral of (quantity, price, haircut) counts for as margin; never for delta."""
    return sum((coins * price * (ONE - haircut) for coins, price, haircut in items), ZERO)
