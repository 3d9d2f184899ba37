"""The gates before an order is sent; a gate that is shut leaves the proposal visible.

Each gives a `Reason` with the figure and the limit. Gates of state (dry-run, arming, halt) and
of pace (`pace`) hold for every order; those of size and margin for orders that increase a position.
This module is the only maker of `Approved`.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from hedged.core.decimals import ONE, ZERO, plain
from hedged.core.gross import gross_findings
from hedged.core.leverage import margin_findings
from hedged.core.maintenance import maintenance_findings
from hedged.core.pace import pace_findings
from hedged.core.types import (
    Approved,
    Environment,
    Execution,
    Finding,
    HedgePolicy,
    OrderIntent,
    Proposal,
    Reason,
    Snapshot,
    Standing,
    TradingState,
)
from hedged.core.working import move_usd, moves_usd, patience, slice_findings
from hedged.core.world import World


def sending_findings(
    world: World,
    policy: HedgePolicy,
    standing: Standing,
    intent: OrderIntent,
    beside: Sequence[OrderIntent],
) -> tuple[Finding, ...]:
    """Why a sound order is proposed but not sent; empty: it may be.

    `beside` are orders of the same decision that go before it.
    """
    return (
        *_of_state(world.snapshot, intent),
        *_of_slot(world, intent),
        *maintenance_findings(world, intent, _rests_s(world, policy, intent)),
        *_beside_resting(world, policy, standing, intent),
        *slice_findings(world, policy, intent),
        *pace_findings(world, policy, standing, intent, beside),
        *_of_price(world, policy, intent),
        *_of_size(world, policy, standing, intent, beside),
        *margin_findings(world, policy, intent, beside),
    )


def lasting_findings(
    world: World, policy: HedgePolicy, standing: Standing, intent: OrderIntent
) -> tuple[Finding, ...]:
    """Why an order that rests already may not go on doing so: every gate but those of pace."""
    return (
        *_of_state(world.snapshot, intent),
        *maintenance_findings(world, intent),
        *_of_price(world, policy, intent),
        *_of_size(world, policy, standing, intent, None),
        *margin_findings(world, policy, intent, ()),
    )


def _rests_s(world: World, policy: HedgePolicy, intent: OrderIntent) -> Decimal:
    """For how long an order may rest; 0: it does not."""
    if intent.post_price is None:
        return ZERO
    return patience(world, policy, intent.instrument.venue).time_limit_s


def approved(proposal: Proposal) -> Approved | None:
    """The intent, stamped, where no gate found anything."""
    return None if proposal.findings else Approved(proposal.intent)


def _of_state(snapshot: Snapshot, intent: OrderIntent) -> Iterator[Finding]:
    if snapshot.execution is Execution.DRY_RUN:
        yield Finding(Reason.DRY_RUN, "dry-run proposes and sends nothing")
    if snapshot.environment is Environment.MAINNET and snapshot.disarmed is not None:
        yield Finding(Reason.NOT_ARMED, snapshot.disarmed)
    if snapshot.state is TradingState.HALTED:
        yield Finding(Reason.HALTED, "halted until an operator resumes")
    if snapshot.state is TradingState.REDUCING and not intent.reduce_only:
        yield Finding(Reason.REDUCING, "only reduce-only orders pass")


def _of_slot(world: World, intent: OrderIntent) -> Iterator[Finding]:
    """An order that rests holds its slot: at most one unresolved order per instrument."""
    flight = world.in_flight.get((intent.instrument.venue, intent.instrument.symbol))
    if flight is not None and flight.resting is not None:
        left, price = plain(flight.resting.remaining), plain(flight.resting.price)
        detail = f"order {flight.client_id} rests at {price} with {left} contracts to go"
        yield Finding(Reason.ORDER_IN_FLIGHT, detail)


def _beside_resting(
    world: World, policy: HedgePolicy, standing: Standing, intent: OrderIntent
) -> Iterator[Finding]:
    """Together with what rests in the asset's other instruments it must not pass the target."""
    if not world.in_flight:
        return
    resting = tuple(moves_usd(world, policy, standing))
    if not resting:
        return
    own = _move_usd(world, standing, intent)
    same = sum((move for move in resting if (move > 0) == (own > 0)), own)
    drift = standing.drift_usd
    if abs(drift + same) > max(abs(drift), standing.target.trigger_usd):
        yield Finding(
            Reason.ORDER_IN_FLIGHT,
            f"with the orders that rest already the drift of {drift:+,.2f} USD would become "
            f"{drift + same:+,.2f} USD",
        )


def _of_price(world: World, policy: HedgePolicy, intent: OrderIntent) -> Iterator[Finding]:
    """The bound itself within the collar: a mark may be sound and the slippage too wide."""
    quote = world.quotes[intent.instrument.venue, intent.instrument.symbol]
    limit = policy.limits.collar
    for name, price in (("index", quote.index), ("last price", quote.last)):
        if price is not None:
            gap = abs(intent.limit_price / price - ONE)
            if gap > limit:
                yield Finding(
                    Reason.COLLAR,
                    f"price bound {plain(intent.limit_price)} is {plain(gap * 100, 2)} % from "
                    f"{name} {plain(price)}, limit {plain(limit * 100)} %",
                )


def _of_size(
    world: World,
    policy: HedgePolicy,
    standing: Standing,
    intent: OrderIntent,
    beside: Sequence[OrderIntent] | None,
) -> Iterator[Finding]:
    """The caps on positions, should all that moves this one in the order's direction fill.

    `beside` are orders that go before; None: what rests is weighed, by itself.

    An order that reduces one instrument may increase the whole; only a book that is closed, one
    instrument after the other, must be free to.
    """
    if world.snapshot.flattened is not None:
        return
    own = _move_usd(world, standing, intent)
    others = () if beside is None else _moves_usd(world, policy, standing, beside)
    before = standing.exposure.position_usd
    after = before + sum((move for move in others if (move > 0) == (own > 0)), own)
    if abs(after) <= abs(before):
        return
    yield from gross_findings(world, policy, after, beside or ())
    limit = policy.limits.max_position_usd
    if limit is not None and abs(after) > limit:
        yield Finding(
            Reason.LIMIT_EXCEEDED,
            f"the position would be {after:,.2f} USD, limit ±{limit:,.2f} USD",
        )


def _moves_usd(
    world: World, policy: HedgePolicy, standing: Standing, beside: Sequence[OrderIntent]
) -> Iterator[Decimal]:
    """What orders that go before, and those that rest, do to the position of the asset."""
    for order in beside:
        if order.asset == policy.asset:
            yield _move_usd(world, standing, order)
    yield from moves_usd(world, policy, standing)


def _move_usd(world: World, standing: Standing, intent: OrderIntent) -> Decimal:
    quote = world.quotes[intent.instrument.venue, intent.instrument.symbol]
    return move_usd(quote, intent, intent.contracts, standing.exposure.mark)
