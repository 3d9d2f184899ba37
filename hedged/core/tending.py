"""The verdict on every resting order of a book: keep it, move it, or let it go.

It is given anew in every cycle, from the same snapshot as everything else. A resting order may
stay while what it can still do, at its worst together with the others of its asset, takes the
drift no further from the target than it is; while every gate but those of pace would let it
pass; and while its input can be judged. Input that is missing for a moment does not drive it
away, input that is missing for longer than a price may be old does, and a position that somebody
else changed, or a halt, does at once.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from hedged.core.chase import Move, chase
from hedged.core.contracts import usd_per_contract
from hedged.core.decimals import ZERO
from hedged.core.risk import lasting_findings
from hedged.core.types import (
    AssetDecision,
    Finding,
    HedgePolicy,
    InFlight,
    OrderIntent,
    Reason,
    Resting,
    Standing,
    StyleKind,
    Tended,
    Tending,
    TradingState,
)
from hedged.core.working import chased_s, moves_usd, patience
from hedged.core.world import World

Order = tuple[InFlight, Resting]

# What a moment's bad luck with a read can bring, and the next read take away.
PASSING: Final = frozenset(
    {
        Reason.SOURCE_MISSING,
        Reason.STALE_DATA,
        Reason.EPOCH_TORN,
        Reason.SANITY_JUMP,
        Reason.UNRECONCILED,
        Reason.ORDER_IN_FLIGHT,  # in another instrument of the asset
    }
)


def tended(world: World, assets: Sequence[AssetDecision]) -> Iterator[Tended]:
    """What becomes of each resting order of the book."""
    decisions = {asset.asset: asset for asset in assets}
    for flight in world.snapshot.in_flight:
        order = flight.resting
        if order is None or order.book != world.snapshot.book:
            continue
        policy, decision = world.policies.get(order.asset), decisions.get(order.asset)
        if policy is None or decision is None or not _is_leg(policy, flight):
            move = Move(Tending.CANCEL, "no hedge trades here any more")
        else:
            move = _move(world, policy, decision, (flight, order))
        yield Tended(flight.client_id, order.asset, move.kind, move.why)


def _is_leg(policy: HedgePolicy, flight: InFlight) -> bool:
    return any((leg.venue, leg.symbol) == (flight.venue, flight.symbol) for leg in policy.legs)


def _move(world: World, policy: HedgePolicy, decision: AssetDecision, order: Order) -> Move:
    flight, resting = order
    ended = _ended_by(world, policy)
    if ended:
        return Move(Tending.CANCEL, ended)
    if decision.standing is None:
        return _blind(world, policy, decision)
    for finding in _obstacles(world, policy, decision.standing, order):
        return Move(Tending.CANCEL, finding.detail)
    quote = world.quotes[flight.venue, flight.symbol]
    return chase(resting, quote, patience(world, policy, flight.venue), chased_s(world, policy))


def _ended_by(world: World, policy: HedgePolicy) -> str:
    """What ends every resting order at once, whatever the input says."""
    snapshot = world.snapshot
    if snapshot.state is TradingState.HALTED:
        return "halted"
    if snapshot.flattened is not None:
        return "the book is being closed"
    if world.memories[policy.asset].emergency_since is not None:
        return "the margin is running out"
    if policy.style.kind is not StyleKind.MAKER:
        return f"the style of the hedge is {policy.style.kind}"
    return ""


def _blind(world: World, policy: HedgePolicy, decision: AssetDecision) -> Move:
    """Without a verdict an order stays only as long as a price may be old."""
    believed_at = world.memories[policy.asset].believed_at
    if decision.reason in PASSING and believed_at is not None:
        limit = timedelta(seconds=float(policy.max_age_s))
        if world.snapshot.at - believed_at <= limit:
            return Move(Tending.KEEP)
    return Move(Tending.CANCEL, decision.why)


def _obstacles(
    world: World, policy: HedgePolicy, standing: Standing, order: Order
) -> Iterator[Finding]:
    """Why it may not rest any longer."""
    flight, resting = order
    if standing.target.refused_usd is not None:
        yield Finding(Reason.LIMIT_EXCEEDED, "the target is long")
    drift, worst = standing.drift_usd, _worst_usd(world, policy, standing)
    if worst > max(abs(drift), _room_usd(world, policy, standing)):
        yield Finding(
            Reason.ABOVE_BAND,
            f"the target moved: the drift of {drift:+,.2f} USD would become {worst:,.2f} USD",
        )
    yield from lasting_findings(world, policy, standing, _as_intent(world, flight, resting))


def _worst_usd(world: World, policy: HedgePolicy, standing: Standing) -> Decimal:
    """How far the drift may end from zero, whichever of the resting orders fill."""
    moves = list(moves_usd(world, policy, standing))
    low = standing.drift_usd + sum((move for move in moves if move < 0), ZERO)
    high = standing.drift_usd + sum((move for move in moves if move > 0), ZERO)
    return max(abs(low), abs(high))


def _room_usd(world: World, policy: HedgePolicy, standing: Standing) -> Decimal:
    """Orders in both directions move the hedge from one instrument to another, inside the band."""
    moves = list(moves_usd(world, policy, standing))
    moves_over = any(move > 0 for move in moves) and any(move < 0 for move in moves)
    return standing.target.band_usd if moves_over else ZERO


def _as_intent(world: World, flight: InFlight, order: Resting) -> OrderIntent:
    """What is left of it, for the gates."""
    quote = world.quotes[flight.venue, flight.symbol]
    return OrderIntent(
        book=order.book,
        cycle=world.snapshot.cycle,
        asset=order.asset,
        instrument=quote.instrument,
        side=order.side,
        contracts=order.remaining,
        notional_usd=order.remaining * usd_per_contract(quote.instrument, quote.mark),
        limit_price=order.bound,
        reduce_only=order.reduce_only,
        style=StyleKind.MAKER,
        post_price=order.price,
    )
