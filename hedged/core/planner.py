"""From a drift to orders: how much, which way, in which instruments, at what price at worst.

Inside the band nothing is traded. Outside it, the position is traded back to the kept fraction
of the band: the *gap*, not the target, is split over the instruments and rounded to lots toward
less trading, what rounding leaves of one going to the next. Where that would stop short of the
band (a band of about one lot), the fewest lots that reach it are added; as a lot is at most the
band, even those never overshoot the target. Instruments beyond their share close first; all
orders of a plan point the same way, so that any of them may fail and none makes it worse.

Where the whole is inside its band but one instrument is beyond its share by more than the band,
the hedge moves over: a slice is closed here and opened there, both so small that either alone
stays inside the band.

A flattened book has no band: each instrument is closed to its last whole lot, whatever the
others hold, and the owner's smallest order does not stand in the way. So it is with what a margin
emergency buys back; while it lasts nothing else moves.

One order per instrument and cycle. It never crosses zero (the rest opens in a later cycle) and
is cut to the largest order and to what the book shows within its price bound. The bound lies
`slippage` past the mark and is rounded passively.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from hedged.core.allocation import shares
from hedged.core.carry import below_floor, usable_legs
from hedged.core.decimals import ZERO, Rounding, exact, plain, whole
from hedged.core.exposure import usd_per_unit
from hedged.core.sizing import Sized, Slot, Wish, sized
from hedged.core.types import (
    Emergency,
    Finding,
    HedgeLeg,
    HedgePolicy,
    Held,
    Reason,
    Standing,
    Style,
)
from hedged.core.world import World


class Plan(NamedTuple):
    """The orders that a standing calls for, and what could not be ordered."""

    orders: tuple[Sized, ...] = ()
    findings: tuple[Finding, ...] = ()


@exact
def band_trade(drift_usd: Decimal, band_usd: Decimal, kept_usd: Decimal) -> Decimal:
    """The unrounded trade in signed USD: 0 inside the band, else back to what is kept of it."""
    if abs(drift_usd) <= band_usd:
        return ZERO
    return kept_usd - drift_usd if drift_usd > 0 else -kept_usd - drift_usd


def plan(world: World, policy: HedgePolicy, standing: Standing) -> Plan:
    """The orders that bring this standing back into its band."""
    target, drift = standing.target, standing.drift_usd
    slots = _slots(world, policy, standing)
    if world.snapshot.flattened is not None:
        return _closing(world, policy, slots)
    if target.emergency is not None and target.emergency.sets(target.usd):
        return _relieving(world, policy, slots, target.emergency)
    gap = band_trade(drift, target.trigger_usd, target.kept_usd)
    if not gap:
        return _moved_over(world, policy, standing, slots)
    wishes, left = _wishes(world, policy, slots, gap, abs(drift) - target.trigger_usd)
    findings = []
    if left:
        findings.append(
            Finding(
                Reason.LIMIT_EXCEEDED,
                f"the caps of the instruments leave {plain(left, 2)} USD of the hedge without one",
            )
        )
    spare = abs(drift) - sum([wish.contracts * wish.slot.contract_usd for wish in wishes], ZERO)
    return _plan(world, policy, wishes, spare, findings)


def _closing(world: World, policy: HedgePolicy, slots: Sequence[Slot]) -> Plan:
    """All of every instrument; reduce-only, as no order is larger than what is held."""
    wishes = []
    for slot in slots:
        lot = slot.instrument.lot * slot.instrument.contract_size
        lots = whole(abs(slot.held.quantity.value) / lot, Rounding.DOWN)
        if lots:
            buys = slot.held.quantity.value < 0
            wishes.append(Wish(slot, buys, abs(slot.held.value_usd), lots * slot.instrument.lot))
    return _plan(world, at_once(policy), wishes, ZERO, [])


def _relieving(world: World, policy: HedgePolicy, slots: Sequence[Slot], crisis: Emergency) -> Plan:
    """What a margin emergency buys back; nothing else, as that would increase the hedge."""
    bought = {relief.leg: relief for relief in crisis.relief}
    wishes = [
        Wish(slot, buys=True, usd=relief.usd, contracts=relief.contracts)
        for slot in slots
        if (relief := bought.get(slot.leg)) is not None
    ]
    if not wishes:
        return Plan(findings=(Finding(Reason.MARGIN_LOW, crisis.text),))
    return _plan(world, policy, wishes, ZERO, [])


def at_once(policy: HedgePolicy) -> HedgePolicy:
    """The same without patience and without a smallest order of the owner's."""
    return replace(policy, limits=replace(policy.limits, min_order_usd=None), style=Style())


def _plan(
    world: World,
    policy: HedgePolicy,
    wishes: Sequence[Wish],
    spare_usd: Decimal,
    findings: list[Finding],
) -> Plan:
    """Wishes within the limits of their venues; `spare_usd`: what may be added to reach minima."""
    orders = []
    for wish in wishes:
        order = sized(world, policy, wish, spare_usd)
        if isinstance(order, Finding):
            findings.append(order)
        else:
            added = order.intent.contracts - wish.contracts
            spare_usd -= max(ZERO, added) * wish.slot.contract_usd
            orders.append(order)
    return Plan(tuple(orders), tuple(findings))


def _slots(world: World, policy: HedgePolicy, standing: Standing) -> list[Slot]:
    exposure = standing.exposure
    return [
        _slot(world, leg, held, exposure.mark)
        for leg, held in zip(policy.legs, exposure.held, strict=False)
    ]


def _slot(world: World, leg: HedgeLeg, held: Held, mark: Decimal) -> Slot:
    quote = world.quotes[leg.venue, leg.symbol]
    instrument = quote.instrument
    contract_usd = instrument.contract_size * usd_per_unit(quote, mark)
    return Slot(leg, quote, instrument, held, contract_usd, instrument.lot * contract_usd)


def _wishes(
    world: World, policy: HedgePolicy, slots: Sequence[Slot], gap: Decimal, least: Decimal
) -> tuple[list[Wish], Decimal]:
    """How many contracts each instrument should trade, and what has no room.

    `least` is the part of the drift that is outside the band: the fewest lots that must trade.
    """
    buys = gap > 0
    moves, left = _moves(world, policy, slots, gap)
    remaining, over, reached = abs(gap), ZERO, ZERO
    wishes: list[Wish] = []
    for slot, move in moves:
        room = slot.room_usd(buys=buys)
        amount = min(move + over, remaining, move + over if room is None else room)
        lots = whole(amount / slot.lot_usd, Rounding.DOWN)
        placed = lots * slot.lot_usd
        remaining -= placed
        reached += placed
        over = amount - placed
        wishes.append(Wish(slot, buys=buys, usd=amount, contracts=lots * slot.instrument.lot))
    return [wish for wish in _reaching(wishes, least - reached) if wish.contracts], left


def _reaching(wishes: list[Wish], short_usd: Decimal) -> list[Wish]:
    """The same with the fewest lots more that reach the band, where there is room for them."""
    for place in range(len(wishes) - 1, -1, -1):
        if short_usd <= 0:
            break
        wish = wishes[place]
        lots = whole(short_usd / wish.slot.lot_usd, Rounding.UP)
        room = wish.slot.room_usd(buys=wish.buys)
        if room is not None:
            free = room - wish.contracts * wish.slot.contract_usd
            lots = min(lots, whole(free / wish.slot.lot_usd, Rounding.DOWN))
        if lots > 0:
            wishes[place] = wish.with_more(lots)
            short_usd -= lots * wish.slot.lot_usd
    return wishes


def _moves(
    world: World, policy: HedgePolicy, slots: Sequence[Slot], gap: Decimal
) -> tuple[list[tuple[Slot, Decimal]], Decimal]:
    """What each instrument is off its share in the gap's direction, closing ones first."""
    total = sum([slot.held.value_usd for slot in slots], ZERO) + gap
    wanted, left = _shares_of(world, policy, slots, total)
    moves = []
    for slot, share in zip(slots, wanted, strict=True):
        off = share - slot.held.value_usd
        if off and (off > 0) == (gap > 0):
            moves.append((slot, abs(off)))
    moves.sort(key=lambda move: (not move[0].closes(buys=gap > 0), move[0].leg.priority))
    return moves, left


def _shares_of(
    world: World, policy: HedgePolicy, slots: Sequence[Slot], total: Decimal
) -> tuple[list[Decimal], Decimal]:
    """Signed shares of a signed total; an instrument that may not be used has none."""
    if len(slots) == 1 and slots[0].leg.cap_usd is None:
        return [total], ZERO
    usable = usable_legs(policy, below_floor(world, policy))
    found, left = shares(abs(total), usable)
    sign = -1 if total < 0 else 1
    return [sign * found.get(slot.leg, ZERO) for slot in slots], left


def _moved_over(
    world: World, policy: HedgePolicy, standing: Standing, slots: Sequence[Slot]
) -> Plan:
    """A slice from an instrument beyond its share to one short of it, inside the band."""
    if len(slots) == 1:
        return Plan()
    total = sum((slot.held.value_usd for slot in slots), ZERO)
    wanted, _ = _shares_of(world, policy, slots, total)
    band = standing.target.trigger_usd
    beyond: list[tuple[Decimal, Slot, bool]] = []
    short_of: list[tuple[Decimal, Slot, bool]] = []
    for slot, share in zip(slots, wanted, strict=True):
        off = share - slot.held.value_usd
        side = beyond if slot.closes(buys=off > 0) else short_of
        side.append((abs(off), slot, off > 0))
    if not beyond or not short_of or max(beyond, key=_size)[0] <= band:
        return Plan()
    wishes = list(_slices(max(beyond, key=_size), max(short_of, key=_size), standing))
    return _plan(world, policy, wishes, ZERO, [])


def _size(move: tuple[Decimal, Slot, bool]) -> Decimal:
    return move[0]


def _slices(
    beyond: tuple[Decimal, Slot, bool], short_of: tuple[Decimal, Slot, bool], standing: Standing
) -> Iterator[Wish]:
    """One order each, closing first; either alone leaves the drift inside the band."""
    for off, slot, buys in (beyond, short_of):
        drift = standing.drift_usd if buys else -standing.drift_usd
        room = slot.room_usd(buys=buys)
        amount = min(off, standing.target.trigger_usd - drift, off if room is None else room)
        lots = whole(amount / slot.lot_usd, Rounding.DOWN)
        if lots > 0:
            yield Wish(slot, buys=buys, usd=amount, contracts=lots * slot.instrument.lot)
