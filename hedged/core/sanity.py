"""A figure that jumps is not believed until a second look agrees with the first.

Price and positions are held against the last believed reading. The price may change by the
fraction `jump`; a position may differ from the last one by what orders since then explain, and
beyond that by `jump` times the asset's own value.

Coins are held against the net delta, which at any price changes by nothing but trades, flows and
funding: what neither the positions nor a transfer under way explain has come or gone. If that is
more than the band has room for, it would be traded on, so that it needs a second look first; coins
that are gone are told to the owner before their hedge is bought back.

A jump is believed when it has stood for `SECOND_LOOK`, every look since having shown the same:
two looks in one instant may have been answered from one stale copy.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ONE, ZERO, plain
from hedged.core.departures import unexplained
from hedged.core.types import (
    AssetMemory,
    Exposure,
    Finding,
    HedgePolicy,
    HeldAt,
    Kind,
    Placed,
    Reading,
    Reason,
    Standing,
)
from hedged.core.world import World

SECOND_LOOK: Final = timedelta(milliseconds=500)
FEES: Final = Decimal("0.001")  # of an asset's value: what funding and fees take at one time


def reading_of(exposure: Exposure) -> Reading:
    """What of an asset's exposure was read: no PnL, nothing assumed, nothing carried."""
    return Reading(
        asset=exposure.asset,
        coins=exposure.coins.value,
        mark=exposure.mark,
        net_delta=exposure.own_delta.value,
        positions=tuple(
            [
                HeldAt(
                    held.instrument.venue,
                    held.instrument.symbol,
                    held.instrument.kind,
                    held.quantity.value,
                )
                for held in exposure.held
                if held.managed
            ]
        ),
    )


@dataclass(frozen=True, slots=True)
class Doubt:
    """A jump that is not believed yet."""

    finding: Finding
    since: datetime  # every look since then has shown the same


def doubt(world: World, policy: HedgePolicy, standing: Standing, reading: Reading) -> Doubt | None:
    """What changed too much since the last look, unless this is the second look."""
    memory, at = world.memories[policy.asset], world.snapshot.at
    if memory.believed is None:
        return None
    room = _room(world, standing, reading)
    detail = _jump(policy, memory.believed, reading, _since(world, memory), room)
    if detail is None:
        return None
    since = at
    if memory.doubted is not None and memory.doubted_at is not None:
        agrees = _jump(policy, memory.doubted, reading, {}, room) is None
        since = memory.doubted_at if agrees else at
    if at - since >= SECOND_LOOK:
        return None
    return Doubt(
        Finding(Reason.SANITY_JUMP, f"{detail}; believed when the next look agrees"), since
    )


def _room(world: World, standing: Standing, reading: Reading) -> Decimal | None:
    """Coins that may come or go without a second look: what the band has room for.

    None: any. A flattened book is closed whatever its coins do.
    """
    if world.snapshot.flattened is not None:
        return None
    target = standing.target
    band = max(target.band_usd, target.width.edge_usd) / reading.mark
    return max(band, FEES * abs(reading.coins))


def _since(world: World, memory: AssetMemory) -> dict[tuple[str, str], list[Placed]]:
    """Orders since the believed reading, by instrument."""
    found: dict[tuple[str, str], list[Placed]] = {}
    for order in world.placed.get(memory.asset, ()):
        if memory.believed_at is not None and order.at >= memory.believed_at:
            found.setdefault((order.venue, order.symbol), []).append(order)
    return found


def _jump(
    policy: HedgePolicy,
    before: Reading,
    now: Reading,
    placed: dict[tuple[str, str], list[Placed]],
    room: Decimal | None,
) -> str | None:
    jump = policy.limits.jump
    if abs(now.mark - before.mark) > jump * before.mark:
        return (
            f"the mark went from {plain(before.mark)} to {plain(now.mark)}, "
            f"limit {plain(jump * 100)} %"
        )
    known = {(held.venue, held.symbol): held.quantity for held in before.positions}
    for held in now.positions:
        key = (held.venue, held.symbol)
        was = known.get(key, ZERO)
        change = held.quantity - was
        if not change:
            continue
        book = abs(now.coins) * (now.mark if held.kind is Kind.INVERSE else ONE)
        beyond = _beyond(change, [order.quantity for order in placed.get(key, ())])
        if beyond > jump * max(abs(was), book):
            return (
                f"the position in {held.symbol} went from {plain(was)} to {plain(held.quantity)}, "
                f"limit {plain(jump * 100)} %"
            )
    if room is None:
        return None
    flow, traded = unexplained(before, now)
    # What was traded moved the net delta at its own prices, not at the mark of now.
    unsure = traded * (policy.limits.collar + abs(now.mark / before.mark - ONE))
    if abs(flow) > room + unsure:
        way = "came" if flow > 0 else "went"
        return (
            f"{plain(abs(flow), 8)} {now.asset} {way} without a trade or a transfer that is known "
            f"(coins from {plain(before.coins, 8)} to {plain(now.coins, 8)}), limit "
            f"{plain(room, 8)}"
        )
    return None


def _beyond(change: Decimal, orders: list[Decimal]) -> Decimal:
    """How far a change is outside what any part of the orders could have done."""
    most = sum((order for order in orders if order > 0), ZERO)
    least = sum((order for order in orders if order < 0), ZERO)
    return max(change - most, least - change, ZERO)
