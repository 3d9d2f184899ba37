"""When collateral moves by itself: into the trading account when it is thin, back when it is much.

    c < low, or a margin emergency       (target - c)*E coins, or what ends the emergency, come in
    c > high, and no emergency           (c - target)*E coins go back, as far as the short that is
                                         left behind survives `liquidation_distance`

c is the part of the coins E that lies, with all PnL, in the trading account of the short. Only what
the other account holds can come, only with the owner's leave and so often and so much in a day;
never while another transfer of the coin at the venue has no known end. Where there is nothing to
move, or no leave for more, the owner is told so.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from hedged.core.collateral import is_inverse
from hedged.core.cushion import cushions
from hedged.core.decimals import ZERO, Rounding, exact, plain, whole
from hedged.core.leverage import coin_equity, collateral
from hedged.core.moves import Move, MoveState
from hedged.core.pace import A_DAY
from hedged.core.types import (
    Amount,
    Emergency,
    Environment,
    Execution,
    Finding,
    Grade,
    HedgePolicy,
    MoveIntent,
    Reason,
    Standing,
    TradingState,
    Transfers,
)
from hedged.core.world import World

UNIT: Final = Decimal("0.00000001")  # venues move coins in steps of eight decimals
LEAST: Final = Decimal("0.001")  # of the coins: less is not worth a transfer
SPARE: Final = Decimal("1.25")  # times what ends an emergency: the next tick needs no other one
AGAIN: Final = timedelta(minutes=5)  # after one that was refused
PATIENCE: Final = timedelta(minutes=1)  # for which a margin emergency waits for coins on their way
OVERDUE: Final = timedelta(minutes=5)


class Relocation(NamedTuple):
    """What is to be moved, what the owner should hear of it, and whether margin is coming."""

    move: MoveIntent | None = None
    alerts: tuple[Finding, ...] = ()
    tops_up: bool = False


@exact
def relocation(
    world: World, policy: HedgePolicy, standing: Standing, crisis: Emergency | None
) -> Relocation:
    """What of an asset's collateral should be somewhere else."""
    allowed = policy.transfers
    if allowed is None or world.snapshot.flattened is not None:
        return Relocation()
    own = [move for move in world.snapshot.memory.moves if _is_beside(move, policy, allowed)]
    overdue = tuple(_overdue(world, own))
    comes = any(_is_coming(world, move, allowed) for move in own)
    wanted, why = _wanted(world, policy, allowed, standing, crisis)
    if not wanted:
        return Relocation(alerts=overdue, tops_up=comes)
    equity = standing.exposure.equity.value
    amount = _possible(world, policy, allowed, standing, wanted)
    amount, cut = _within_the_day(world, policy, allowed, own, amount)
    if amount <= LEAST * equity:
        told = (cut or _nothing(world, policy, allowed, wanted),) if wanted > 0 else ()
        return Relocation(alerts=(*overdue, *told), tops_up=comes)
    source, destination = allowed.store, allowed.venue
    if wanted < 0:
        source, destination = destination, source
    move = MoveIntent(
        book=world.snapshot.book,
        cycle=world.snapshot.cycle,
        asset=policy.asset,
        venue=allowed.venue,
        quantity=Amount(amount, policy.asset),
        source=source,
        destination=destination,
        why=why,
    )
    findings = tuple(_findings(world, allowed, own, move))
    limits = (found for found in findings if found.reason is Reason.LIMIT_EXCEEDED)
    return Relocation(
        replace(move, findings=findings),
        (*overdue, *limits),
        comes or (wanted > 0 and not findings),
    )


def _wanted(
    world: World,
    policy: HedgePolicy,
    allowed: Transfers,
    standing: Standing,
    crisis: Emergency | None,
) -> tuple[Decimal, str]:
    """Coins to bring in (> 0) or back (< 0), and why."""
    exposure, limits = standing.exposure, policy.limits
    equity, low = exposure.equity.value, limits.collateral_low
    if equity <= 0 or low is None or not is_inverse(world, policy):
        return ZERO, ""
    here = coin_equity(world, allowed.venue, policy.asset)
    is_dire = crisis is not None and crisis.acts and crisis.venue == allowed.venue
    lacking = SPARE * crisis.lacking if crisis is not None and is_dire else ZERO
    if exposure.position_usd < 0 and here < low * equity:
        lacking = max(lacking, limits.collateral_target * equity - here)
    share = f"{plain(here / equity * 100, 1)} % of the {policy.asset} are collateral"
    if lacking:
        return lacking, f"{share}, bound {plain(low * 100)} % (collateral_low)"
    high = limits.collateral_high
    if crisis is None and here > high * equity:
        over = limits.collateral_target * equity - here
        return over, f"{share}, bound {plain(high * 100)} % (collateral_high)"
    return ZERO, ""


def _possible(
    world: World, policy: HedgePolicy, allowed: Transfers, standing: Standing, wanted: Decimal
) -> Decimal:
    """How many of the coins wanted can be moved, in steps that a venue takes; >= 0."""
    if wanted > 0:
        return whole(min(wanted, _stored(world, policy, allowed)) / UNIT, Rounding.DOWN) * UNIT
    # A profit that is not realised is no coin yet.
    amount = min(-wanted, collateral(world, allowed.venue, policy.asset))
    mark = standing.exposure.mark
    bound = policy.limits.liquidation_distance
    for cushion in cushions(world, policy, standing.exposure):
        if cushion.venue == allowed.venue and bound is not None and cushion.equity is not None:
            moved = amount * mark
            left = replace(
                cushion, coins=cushion.coins - moved, equity=cushion.equity - moved, reported=None
            )
            amount -= left.lacks(cushion.short, bound) / mark
    return whole(max(ZERO, amount) / UNIT, Rounding.DOWN) * UNIT


def _stored(world: World, policy: HedgePolicy, allowed: Transfers) -> Decimal:
    held = world.holdings.get((allowed.store, policy.asset), ())
    return max(ZERO, sum((holding.quantity.value for holding in held), ZERO))


def _within_the_day(
    world: World, policy: HedgePolicy, allowed: Transfers, own: list[Move], amount: Decimal
) -> tuple[Decimal, Finding | None]:
    """The amount as far as the day's coins allow, and what to tell when that is nothing."""
    most = allowed.max_coins_a_day
    if most is None:
        return amount, None
    gone = {MoveState.REFUSED, MoveState.DROPPED}
    spent = sum((move.terms.quantity.value for move in _of_the_day(world, own, gone)), ZERO)
    text = f"{plain(spent)} {policy.asset} were moved in a day, limit {plain(most)} (max_coins)"
    return min(amount, max(ZERO, most - spent)), Finding(Reason.LIMIT_EXCEEDED, text)


def _of_the_day(
    world: World, own: list[Move], without: frozenset[MoveState] | set[MoveState]
) -> list[Move]:
    at = world.snapshot.at
    return [move for move in own if at - move.at < A_DAY and move.state not in without]


def _nothing(world: World, policy: HedgePolicy, allowed: Transfers, wanted: Decimal) -> Finding:
    held = plain(_stored(world, policy, allowed), 8)
    return Finding(
        Reason.MARGIN_LOW,
        f"nothing can be moved from {allowed.store}: it holds {held} {policy.asset}, wanted "
        f"{plain(wanted, 4)}",
        grade=Grade.URGENT,
    )


def _is_beside(move: Move, policy: HedgePolicy, allowed: Transfers) -> bool:
    """Whether a transfer is one of the same coin at the same venue."""
    return (move.terms.venue, move.terms.quantity.unit) == (allowed.venue, policy.asset)


def _is_coming(world: World, move: Move, allowed: Transfers) -> bool:
    """Whether it brings margin, and has not been waited for long enough."""
    is_in = move.open and move.terms.destination == allowed.venue
    return is_in and world.snapshot.at - move.at < PATIENCE


def _overdue(world: World, own: list[Move]) -> Iterator[Finding]:
    for move in own:
        if move.open and world.snapshot.at - move.at >= OVERDUE:
            yield Finding(
                Reason.UNRECONCILED,
                f"what became of the transfer {_named(move)} is not known: {move.detail}",
                grade=Grade.URGENT,
            )


def _findings(
    world: World, allowed: Transfers, own: list[Move], move: MoveIntent
) -> Iterator[Finding]:
    """Why a transfer that would be right is not sent."""
    snapshot = world.snapshot
    if snapshot.execution is Execution.DRY_RUN:
        yield Finding(Reason.DRY_RUN, "dry-run proposes and sends nothing")
    if snapshot.environment is Environment.MAINNET and snapshot.disarmed is not None:
        yield Finding(Reason.NOT_ARMED, snapshot.disarmed)
    if snapshot.state is TradingState.HALTED:
        yield Finding(Reason.HALTED, "halted until an operator resumes")
    if snapshot.state is TradingState.REDUCING and move.destination != allowed.venue:
        yield Finding(Reason.REDUCING, "only what adds margin is moved")
    for other in own:
        if other.open:
            detail = f"the transfer {_named(other)} is {other.state}"
            yield Finding(Reason.ORDER_IN_FLIGHT, detail)
    today = _of_the_day(world, own, set())
    if len(today) >= allowed.max_a_day:
        text = f"{len(today)} transfers of {move.asset} in a day, limit {allowed.max_a_day}"
        yield Finding(Reason.LIMIT_EXCEEDED, f"{text} (max_count)")
    failed = [other for other in today if other.state is MoveState.REFUSED]
    if failed and snapshot.at - failed[-1].at < AGAIN:
        yield Finding(Reason.COOLDOWN, f"a transfer was refused: {failed[-1].detail}")


def _named(move: Move) -> str:
    terms = move.terms
    coins = f"{plain(terms.quantity.value)} {terms.quantity.unit}"
    return f"of {coins} from {terms.source} to {terms.destination}"
