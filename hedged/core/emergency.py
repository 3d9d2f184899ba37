"""The margin emergency: a hedge that is about to be liquidated gives up a part of itself first.

It begins when the rise that the hedge survives at one of its venues falls below
`emergency_distance`, and a second look agrees. From then on the target is not the owner's any more:

    top up first: where coins may be moved and are on their way, the position stays as it is
    else reduce:  that venue's short is bought back, reduce-only, to what survives
                  `liquidation_distance`
    else hold:    the position stays as it is, and nothing increases it

A reduction goes on until the rise survived is half way between the two distances, so that neither a
fee nor the next tick begins another one. The emergency is over when all that the owner wants would
survive `liquidation_distance`: after coins were paid in, the price fell, or the ratio was lowered.
A target that is less short than what is held is followed meanwhile, as it helps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from hedged.core.allocation import shares
from hedged.core.carry import below_floor, usable_legs
from hedged.core.cushion import Behind, Cushion
from hedged.core.decimals import ZERO, Rounding, exact, whole
from hedged.core.exposure import usd_per_unit
from hedged.core.sanity import SECOND_LOOK
from hedged.core.types import Emergency, Exposure, HedgePolicy, Relief, Standing, Target
from hedged.core.world import World

HALF: Final = Decimal("0.5")


@exact
def emergency(
    world: World,
    policy: HedgePolicy,
    standing: Standing,
    behind: Behind,
    *,
    tops_up: bool,
) -> Emergency | None:
    """What replaces the target of a hedge whose margin is running out; None: nothing does.

    `tops_up`: coins are going to be moved there, or on their way.
    """
    low, bound = policy.limits.emergency_distance, policy.limits.liquidation_distance
    if low is None or bound is None or policy.cross or world.snapshot.flattened is not None:
        return None
    found, least, rise = behind
    since = world.memories[policy.asset].emergency_since
    is_thin = rise is not None and rise < low
    if since is None:
        at = world.snapshot.at
        return _told(standing, at, least or found[0], bound) if is_thin else None
    if not is_thin and _fits(world, policy, standing.target, found, bound):
        return None
    told = _told(standing, since, least or found[0], bound)
    if world.snapshot.at - since < SECOND_LOOK:
        return told
    told = replace(told, acts=True)
    if tops_up:
        return replace(told, tops_up=True)
    goes_on = world.memories[policy.asset].correcting_since is not None
    begin = low + HALF * (bound - low) if goes_on else low
    thin = [c for c in found if c.rise is not None and c.rise < begin]
    relief = tuple(_relief(world, policy, standing.exposure, thin, bound))
    return replace(told, relief=relief)


@exact
def in_emergency(standing: Standing, found: Emergency | None) -> Standing:
    """The standing with the target that an emergency puts in the place of the owner's."""
    if found is None or not found.acts:
        return standing
    position, target = standing.exposure.position_usd, standing.target
    bought = sum((relief.usd for relief in found.relief), ZERO)
    if not bought and target.usd > position:
        return replace(standing, target=replace(target, emergency=found))
    held = replace(
        target,
        usd=position + bought,
        trigger_usd=ZERO,
        kept_usd=ZERO,
        outer_usd=ZERO,  # it waits for no cooldown and no soft limit
        emergency=found,
    )
    return replace(standing, target=held)


def _told(standing: Standing, since: datetime, least: Cushion, bound: Decimal) -> Emergency:
    return Emergency(
        since=since,
        venue=least.venue,
        rise=least.rise,
        bound=bound,
        position_usd=standing.exposure.position_usd,
        wanted_usd=standing.target.usd,
        lacking=least.lacks(max(ZERO, -standing.target.usd), bound) / standing.exposure.mark,
    )


def _fits(
    world: World, policy: HedgePolicy, target: Target, found: Sequence[Cushion], bound: Decimal
) -> bool:
    """Whether all that is wanted would survive the bound, wherever it would be held."""
    wanted, _ = shares(max(ZERO, -target.usd), usable_legs(policy, below_floor(world, policy)))
    return all(
        not cushion.lacks(
            sum((usd for leg, usd in wanted.items() if leg.venue == cushion.venue), ZERO), bound
        )
        for cushion in found
    )


def _relief(
    world: World,
    policy: HedgePolicy,
    exposure: Exposure,
    thin: Sequence[Cushion],
    bound: Decimal,
) -> Iterator[Relief]:
    """What to buy back in each instrument: whole lots, rounded up, at most all of it."""
    excess = {c.venue: c.short - (c.carries(bound) or ZERO) for c in thin}
    for leg, held in zip(policy.legs, exposure.held, strict=False):
        quote = world.quotes[leg.venue, leg.symbol]
        instrument = quote.instrument
        lot = instrument.lot * instrument.contract_size
        lot_usd = lot * usd_per_unit(quote, exposure.mark)
        left = excess.get(leg.venue, ZERO)
        if left <= 0 or held.quantity.value >= 0:
            continue
        least = whole(instrument.min_contracts / instrument.lot, Rounding.UP)
        needed = max(least, whole(left / lot_usd, Rounding.UP))
        lots = min(needed, whole(-held.quantity.value / lot, Rounding.DOWN))
        excess[leg.venue] = left - lots * lot_usd
        if lots:
            yield Relief(leg, lots * instrument.lot, lots * lot_usd)
