"""How a wish becomes an order of its hedge's style: rested, sliced, or sent at once.

All three are decided anew in every cycle from where the world stands and from two memories:
since when orders have been wanted, and which were sent. A maker hedge rests at the best price
of its own side until its time limit, then takes what it needs within the bound. A TWAP hedge
sends at each slice's time its share of what is still to do.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hedged.core.chase import UNPROTECTED_S
from hedged.core.decimals import ZERO, Rounding, plain, whole
from hedged.core.exposure import usd_per_unit
from hedged.core.twap import Slice, next_slice
from hedged.core.types import (
    Finding,
    HedgePolicy,
    Instrument,
    OrderIntent,
    Quote,
    Reason,
    Resting,
    Side,
    Standing,
    Style,
    StyleKind,
)
from hedged.core.world import World


def chased_s(world: World, policy: HedgePolicy) -> Decimal:
    """For how long orders of the asset have been wanted; 0 where none were."""
    since = world.memories[policy.asset].working_since
    if since is None:
        return ZERO
    return max(ZERO, Decimal((world.snapshot.at - since) // timedelta(milliseconds=1)) / 1000)


def patience(world: World, policy: HedgePolicy, venue: str) -> Style:
    """The style in force: short-lived where no dead-man switch would cancel a resting order."""
    style = policy.style
    if venue in world.snapshot.unprotected and style.time_limit_s > UNPROTECTED_S:
        return replace(style, time_limit_s=UNPROTECTED_S)
    return style


def rests(world: World, policy: HedgePolicy, venue: str) -> bool:
    """Whether the next order rests: a maker hedge, within its time limit."""
    style = patience(world, policy, venue)
    if style.kind is not StyleKind.MAKER or world.snapshot.flattened is not None:
        return False
    return not style.cross or chased_s(world, policy) < style.time_limit_s


def goes_on(world: World, policy: HedgePolicy, instrument: Instrument, side: Side) -> bool:
    """Whether an order takes the place of one that was withdrawn in the same correction."""
    since = world.memories[policy.asset].working_since
    if since is None:
        return False
    sign = 1 if side is Side.BUY else -1
    for order in reversed(world.placed.get(policy.asset, ())):
        if (order.venue, order.symbol) == (instrument.venue, instrument.symbol):
            return order.at >= since and order.quantity * sign > 0 and order.withdrawn
    return False


def sliced(
    world: World, policy: HedgePolicy, quote: Quote, contracts: Decimal
) -> tuple[Decimal, str]:
    """This time's share of what is to do, in whole lots, and why it is less."""
    part = _slice(world, policy, quote)
    if part is None or part.left == 1:
        return contracts, ""
    lot = quote.instrument.lot
    share = max(lot, whole(contracts / part.left / lot, Rounding.DOWN) * lot)
    cut = f"slice {part.part} of {policy.style.slices}: a share of {plain(contracts)} contracts"
    return min(contracts, share), cut


def slice_findings(world: World, policy: HedgePolicy, intent: OrderIntent) -> Iterator[Finding]:
    """Why a slice waits, with how long."""
    quote = world.quotes[intent.instrument.venue, intent.instrument.symbol]
    part = _slice(world, policy, quote)
    if part is not None and part.wait_s:
        yield Finding(
            Reason.COOLDOWN,
            f"slice {part.part} of {policy.style.slices} is due in {plain(part.wait_s, 1)} s",
        )


def moves_usd(world: World, policy: HedgePolicy, standing: Standing) -> Iterator[Decimal]:
    """What the resting orders of the asset would do to its drift."""
    mark = standing.exposure.mark
    for leg in policy.legs:
        flight = world.in_flight.get((leg.venue, leg.symbol))
        if flight is not None and flight.resting is not None:
            order = flight.resting
            if order.asset == policy.asset:
                yield move_usd(world.quotes[leg.venue, leg.symbol], order, order.remaining, mark)


def move_usd(
    quote: Quote, order: Resting | OrderIntent, contracts: Decimal, mark: Decimal
) -> Decimal:
    """What contracts of an order would do to the drift, at the asset's mark."""
    size = contracts * quote.instrument.contract_size * usd_per_unit(quote, mark)
    return size if order.side is Side.BUY else -size


def _slice(world: World, policy: HedgePolicy, quote: Quote) -> Slice | None:
    """The slice to send or to wait for; None: the hedge is not sliced."""
    if policy.style.kind is not StyleKind.TWAP or world.snapshot.flattened is not None:
        return None
    elapsed_s = chased_s(world, policy)
    key = (quote.instrument.venue, quote.instrument.symbol)
    since = world.memories[policy.asset].working_since or world.snapshot.at
    sent = [
        Decimal((order.at - since) // timedelta(milliseconds=1)) / 1000
        for order in world.placed.get(policy.asset, ())
        if (order.venue, order.symbol) == key and order.at >= since
    ]
    seed = "|".join((world.snapshot.book, policy.asset, *key, since.isoformat()))
    return next_slice(policy.style, seed, elapsed_s, max(sent, default=None))
