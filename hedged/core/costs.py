"""What an order is expected to cost, and what the hedge earns; None wherever it is not known.

Fee and half the spread on the notional; funding per day of the position as it will be, at the
rate now shown; the basis, mark less index. The carry of the whole hedge is the average of its
instruments' carries, weighted by their sizes.
"""

from decimal import Decimal
from typing import Final

from hedged.core.carry import carry_per_year
from hedged.core.contracts import basis, basis_bps, position_usd
from hedged.core.decimals import ZERO, exact
from hedged.core.types import Cost, Exposure, HedgePolicy, OrderIntent, Quote, Side
from hedged.core.world import World

DEFAULT_STAMPS: Final = 21  # a week of three a day


@exact
def expected_cost(
    world: World, policy: HedgePolicy, exposure: Exposure, intent: OrderIntent
) -> Cost:
    """The cost view of one order."""
    key = (intent.instrument.venue, intent.instrument.symbol)
    quote = world.quotes[key]
    notional = intent.notional_usd
    leg = next(leg for leg in policy.legs if (leg.venue, leg.symbol) == key)
    return Cost(
        fee_usd=None if quote.taker_fee is None else quote.taker_fee * notional,
        spread_usd=_half_spread_usd(quote, notional),
        funding_usd_per_day=_funding_usd_per_day(quote, exposure, intent),
        basis_usd=basis(quote.mark, quote.index),
        basis_bps=basis_bps(quote.mark, quote.index),
        carry_per_year=carry_per_year(world, leg, _stamps(policy)),
    )


@exact
def hedge_carry(
    world: World, policy: HedgePolicy, exposure: Exposure
) -> tuple[Decimal | None, Decimal | None]:
    """Carry of the whole hedge: as a fraction of its size and in USD a year, earned > 0."""
    earned, size = ZERO, ZERO
    for leg, held in zip(policy.legs, exposure.held, strict=False):
        usd = position_usd(held.instrument, held.quantity.value, held.mark)
        carry = carry_per_year(world, leg, _stamps(policy))
        if usd and carry is None:
            return None, None
        earned -= usd * (carry or ZERO)
        size += abs(usd)
    return (earned / size, earned) if size else (None, None)


def _stamps(policy: HedgePolicy) -> int:
    return DEFAULT_STAMPS if policy.carry_floor is None else policy.carry_floor.stamps


def _half_spread_usd(quote: Quote, notional: Decimal) -> Decimal | None:
    if quote.bid is None or quote.ask is None:
        return None
    middle = (quote.bid + quote.ask) / 2
    return (quote.ask - quote.bid) / 2 / middle * notional


def _funding_usd_per_day(quote: Quote, exposure: Exposure, intent: OrderIntent) -> Decimal | None:
    """Of the position after the order: a short receives what the rate is above zero."""
    if quote.funding_rate is None or quote.funding_interval_h is None:
        return None
    held = next(h for h in exposure.held if h.instrument == intent.instrument)
    change = intent.notional_usd if intent.side is Side.BUY else -intent.notional_usd
    after = position_usd(held.instrument, held.quantity.value, held.mark) + change
    return -after * quote.funding_rate * 24 / quote.funding_interval_h
