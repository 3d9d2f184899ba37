"""A figure that jumps is not believed until a second look agrees with the first.

Coins, price and positions are held against the last believed reading. Coins and price may
change by the fraction `jump`; a position may differ from the last one by what orders since then
explain, and beyond that by `jump` times the asset's own value. Anything more is doubted, and
believed when the next reading shows the same.
"""

from decimal import Decimal

from hedged.core.decimals import ONE, ZERO, plain
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
)
from hedged.core.world import World


def reading_of(exposure: Exposure) -> Reading:
    """What of an asset's exposure was read: no PnL, nothing assumed."""
    return Reading(
        asset=exposure.asset,
        coins=exposure.coins.value,
        mark=exposure.mark,
        positions=tuple(
            HeldAt(
                held.instrument.venue,
                held.instrument.symbol,
                held.instrument.kind,
                held.quantity.value,
            )
            for held in exposure.held
            if held.managed
        ),
    )


def jump_finding(world: World, policy: HedgePolicy, reading: Reading) -> Finding | None:
    """What changed too much since the last look, unless this is the second look."""
    memory = world.memories[policy.asset]
    if memory.believed is None:
        return None
    detail = _jump(policy, memory.believed, reading, _since(world, memory))
    if detail is None:
        return None
    doubted = memory.doubted
    if doubted is not None and _jump(policy, doubted, reading, {}) is None:
        return None
    return Finding(
        Reason.SANITY_JUMP,
        f"{detail}, limit {plain(policy.limits.jump * 100)} %; believed when the next look agrees",
    )


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
) -> str | None:
    jump = policy.limits.jump
    if abs(now.coins - before.coins) > jump * abs(before.coins):
        return f"coins went from {plain(before.coins)} to {plain(now.coins)}"
    if abs(now.mark - before.mark) > jump * before.mark:
        return f"the mark went from {plain(before.mark)} to {plain(now.mark)}"
    known = {(held.venue, held.symbol): held.quantity for held in before.positions}
    for held in now.positions:
        key = (held.venue, held.symbol)
        was = known.get(key, ZERO)
        book = abs(now.coins) * (now.mark if held.kind is Kind.INVERSE else ONE)
        beyond = _beyond(held.quantity - was, [order.quantity for order in placed.get(key, ())])
        if beyond > jump * max(abs(was), book):
            return f"the position in {held.symbol} went from {plain(was)} to {plain(held.quantity)}"
    return None


def _beyond(change: Decimal, orders: list[Decimal]) -> Decimal:
    """How far a change is outside what any part of the orders could have done."""
    most = sum((order for order in orders if order > 0), ZERO)
    least = sum((order for order in orders if order < 0), ZERO)
    return max(change - most, least - change, ZERO)
