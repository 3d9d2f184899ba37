"""What an order is expected to cost, and what the hedge earns; None wherever it is not known.

Fee and half the spread on the notional; funding per day of the position as it will be, at the
rate now shown; the basis, mark less index. The carry of the whole hedge is the average of its
instruments' carries, weighted by their sizes.
"""

from decimal import Decimal
from typing import Final

from hedged.core.carry import carry_per_year
from hedged.core.contracts import basis, basis_bps, position_usd
from hedged.core.decimals import ZERO
from hedged.core.funding import HOURS_A_DAY
from hedged.core.sizing import Slot
from hedged.core.types import Cost, Exposure, HedgePolicy, OrderIntent, Quote, Side
from hedged.core.world import World

DEFAULT_STAMPS: Final = 21  # a week of three a day


def expected_cost(world: World, policy: HedgePolicy, slot: Slot, intent: OrderIntent) -> Cost:
    """The cost view of one order."""
    quote, held, notional = slot.quote, slot.held, intent.notional_usd
    half_spread, per_day = quote.half_spread, _funding_per_day(quote)
    after = position_usd(slot.instrument, held.quantity.value, held.mark)
    after += notional if intent.side is Side.BUY else -notional
    return Cost(
        fee_usd=None if quote.taker_fee is None else quote.taker_fee * notional,
        fee_rate=quote.taker_fee,
        spread_usd=None if half_spread is None else half_spread * notional,
        half_spread=half_spread,
        position_usd=after,
        funding_usd_per_day=None if per_day is None else -after * per_day,
        funding_per_day=per_day,
        basis_usd=basis(quote.mark, quote.index),
        basis_bps=basis_bps(quote.mark, quote.index),
        carry_per_year=carry_per_year(world, slot.leg, _stamps(policy)),
    )


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


def _funding_per_day(quote: Quote) -> Decimal | None:
    """What a short receives, at the rate now shown; nothing where there is an end instead."""
    if quote.instrument.expires_at is not None:
        return ZERO
    if quote.funding_rate is None or quote.funding_interval_h is None:
        return None
    return quote.funding_rate * HOURS_A_DAY / quote.funding_interval_h
