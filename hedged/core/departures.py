"""Coins that went without a trade of the hedge: the owner is told before the hedge follows.

    flow = net delta now - net delta before - what the positions changed by          (coins)

A price moves equity and position against each other, so at whatever prices the net delta of a coin
changes by trades of the hedge and by flows alone. A trade at a price near the mark moves it by the
contracts traded: q / mark for an inverse contract, q for a linear one, but for fee and slippage,
which are allowed for. Coins that left for another account of the same owner look the same as
coins that were stolen, and buying the hedge back is wrong for one of the two: whoever moved them
must hear of it.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ZERO, plain
from hedged.core.types import Finding, HedgePolicy, HeldAt, Kind, Reading, Reason, Standing
from hedged.core.world import World

FEE: Final = Decimal("0.002")  # of what was traded: more than any venue takes


def departures(
    world: World, policy: HedgePolicy, standing: Standing, reading: Reading
) -> tuple[Finding, ...]:
    """One finding where more coins left since the last look than the band holds."""
    before = world.memories[policy.asset].believed
    if before is None:
        return ()
    flow, traded = unexplained(before, reading)
    costs = traded * (policy.slippage + FEE)
    if (-flow - costs) * reading.mark <= standing.target.band_usd:
        return ()
    text = (
        f"{plain(-flow, 8)} {policy.asset} left since the last look and no trade of the hedge took "
        f"them ({plain(before.coins)} before, {plain(reading.coins)} now); "
        "the hedge follows"
    )
    return (Finding(Reason.SANITY_JUMP, text),)


def unexplained(before: Reading, now: Reading) -> tuple[Decimal, Decimal]:
    """Coins that came (> 0) or went by no trade, and the size of the trades in coins."""
    change = now.net_delta - before.net_delta
    if now.positions == before.positions:
        return change, ZERO
    traded = _delta(now.positions, now.mark) - _delta(before.positions, now.mark)
    return change - traded, abs(traded)


def _delta(positions: Iterable[HeldAt], mark: Decimal) -> Decimal:
    return sum(
        (
            held.quantity / mark if held.kind is Kind.INVERSE else held.quantity
            for held in positions
        ),
        ZERO,
    )
