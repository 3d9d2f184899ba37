"""The position wanted: ratio, kept coins or a fixed notional, the windows, and the band.

    neutral            q* = -E*F          (E with unrealised PnL; F the perp's mark, not spot)
    ratio h            q* = -h*E*F        (0 < h < 1 drifts with the price, h = 1 does not)
    keep k coins       q* = -max(0, E - k)*F   (a partial hedge that does not drift)
    fixed notional Q   q* = -Q

Coins of other assets that this hedge carries (beta times their value) add to E. A window moves
the target to its own ratio, step by step. Accounting `coins` puts spot + collateral in E's
place: exact for linear contracts, whose PnL is in quote; for inverse ones it un-hedges after a
fall and over-hedges after a rise. The band is never less than one lot: a coarser contract
cannot do better. All amounts are signed USD at the mark. Source: docs/maths.md.
"""

from decimal import Decimal

from hedged.core.band import auto_inputs, width
from hedged.core.carry import below_floor, stepped_ratio
from hedged.core.decimals import ONE, ZERO, exact, plain
from hedged.core.exposure import usd_per_unit
from hedged.core.types import (
    Accounting,
    ActiveWindow,
    BandKind,
    Cross,
    Exposure,
    Finding,
    Goal,
    HedgePolicy,
    Kind,
    Reason,
    StyleKind,
    Target,
    Width,
)
from hedged.core.windows import Schedule, schedule
from hedged.core.world import World


@exact
def ratio_target(coins: Decimal, mark: Decimal, ratio: Decimal) -> Decimal:
    """q* = -h*E*F, signed USD."""
    return -ratio * coins * mark


@exact
def keep_target(coins: Decimal, mark: Decimal, keep: Decimal) -> Decimal:
    """q* = -max(0, E - k)*F, signed USD: never long."""
    return -max(ZERO, coins - keep) * mark


@exact
def target_of(world: World, policy: HedgePolicy, exposure: Exposure) -> Target:
    """The target of one asset with its effective band."""
    if policy.cross is not None:
        return _carried_target(policy, policy.cross, exposure)
    if world.snapshot.flattened is not None:
        return _flat_target(world, policy, exposure, world.snapshot.flattened)
    mark, cross, equity = exposure.mark, exposure.cross, exposure.equity
    accounting = _accounting(policy, exposure)
    own = equity if accounting is Accounting.EQUITY else exposure.coins
    hedged = own + cross
    plan = schedule(policy.windows, world.snapshot.at)
    goal = _goal(world, policy, accounting, own.of(policy.asset), cross.of(policy.asset), mark)
    wanted, windowed = goal.usd, None
    if plan.active is not None:
        windowed = ratio_target(hedged.value, mark, plan.active.ratio)
        wanted = _stepped(goal.usd, windowed, plan.active)
    refused = wanted if wanted > 0 and not policy.allow_long else None
    value = hedged if own is equity else equity + cross
    value_usd = abs(value.value * mark)
    room, lot_usd = _room(world, policy, exposure, value_usd, _ratio_in_force(goal, plan))
    band_usd = max(room.edge_usd, lot_usd)
    trigger_usd = band_usd
    if world.memories[policy.asset].correcting_since is not None:
        # What takes its time is not stopped half way by coming back into the band.
        at_once = policy.style.kind is StyleKind.IOC
        goes_on_usd = policy.band.hysteresis * band_usd if at_once else ZERO
        trigger_usd = max(goes_on_usd, room.kept_usd, lot_usd)
    return Target(
        usd=wanted if refused is None else ZERO,
        band_usd=band_usd,
        trigger_usd=trigger_usd,
        kept_usd=room.kept_usd,
        outer_usd=policy.band.outer * band_usd,
        hedged=hedged,
        goal=goal,
        width=room,
        refused_usd=refused,
        window=plan.active,
        windowed_usd=windowed,
        next_change_at=plan.next_change_at,
    )


def window_alerts(target: Target) -> tuple[Finding, ...]:
    """That a window is open, once for each step of it: prices are left out of the words."""
    window = target.window
    if window is None:
        return ()
    told = (
        f"{window.rule} until {window.ends_at.isoformat()}, "
        f"from {target.goal.rule(target.hedged.unit)}"
    )
    return (Finding(Reason.WINDOW, told),)


def _accounting(policy: HedgePolicy, exposure: Exposure) -> Accounting:
    """The configured accounting, else what is exact for the kinds of contract."""
    if policy.accounting is not None:
        return policy.accounting
    for held in exposure.held:
        if held.instrument.kind is Kind.INVERSE:
            return Accounting.EQUITY
    return Accounting.COINS


def _goal(
    world: World,
    policy: HedgePolicy,
    accounting: Accounting,
    own: Decimal,
    cross: Decimal,
    mark: Decimal,
) -> Goal:
    """What is wanted where no window is open."""
    ratio = stepped_ratio(policy, below_floor(world, policy), policy.ratio)
    if policy.notional_usd is not None:
        usd = -policy.notional_usd
    elif policy.keep is not None:
        usd = keep_target(own, mark, policy.keep) + ratio_target(cross, mark, ONE)
    else:
        usd = ratio_target(own + cross, mark, ratio)
    return Goal(
        accounting=accounting,
        own=own,
        cross=cross,
        mark=mark,
        ratio=ratio,
        configured=policy.ratio,
        keep=policy.keep,
        notional_usd=policy.notional_usd,
        usd=usd,
    )


def _stepped(base: Decimal, windowed: Decimal, window: ActiveWindow) -> Decimal:
    """The target on its way from the base to the window's."""
    if window.step == window.steps:
        return windowed
    return base + (windowed - base) * window.step / window.steps


def _ratio_in_force(goal: Goal, plan: Schedule) -> Decimal:
    """The ratio that makes the target drift with the price; 1 where it does not."""
    if plan.active is not None:
        return plan.active.ratio
    return goal.ratio if goal.keep is None and goal.notional_usd is None else ONE


def _room(
    world: World, policy: HedgePolicy, exposure: Exposure, value_usd: Decimal, ratio: Decimal
) -> tuple[Width, Decimal]:
    """The band as the owner words it, and the largest lot of the legs in USD."""
    mark = exposure.mark
    auto = (
        auto_inputs(world, policy, ratio, value_usd) if policy.band.kind is BandKind.AUTO else None
    )
    return width(policy, value_usd, mark, auto), _lot_usd(world, policy, mark)


def _lot_usd(world: World, policy: HedgePolicy, mark: Decimal) -> Decimal:
    largest = ZERO
    for leg in policy.legs:
        quote = world.quotes[leg.venue, leg.symbol]
        instrument = quote.instrument
        lot_usd = instrument.lot * instrument.contract_size * usd_per_unit(quote, mark)
        largest = max(largest, lot_usd)
    return largest


def _carried_target(policy: HedgePolicy, cross: Cross, exposure: Exposure) -> Target:
    """An asset that another one's hedge carries has no position of its own."""
    told = f"carried by the hedge of {cross.asset} with beta {plain(cross.beta)}"
    return _no_position(policy, exposure, told, ZERO)


def _flat_target(world: World, policy: HedgePolicy, exposure: Exposure, told: str) -> Target:
    """An operator's flatten stands before ratio, windows and bands: all of it is closed."""
    return _no_position(policy, exposure, told, _lot_usd(world, policy, exposure.mark))


def _no_position(policy: HedgePolicy, exposure: Exposure, told: str, lot_usd: Decimal) -> Target:
    coins, mark = exposure.equity, exposure.mark
    nothing = Goal(
        accounting=Accounting.EQUITY,
        own=coins.value,
        cross=ZERO,
        mark=mark,
        ratio=ZERO,
        configured=ZERO,
        keep=None,
        notional_usd=None,
        usd=ZERO,
        told=told,
    )
    return Target(
        usd=ZERO,
        band_usd=lot_usd,
        trigger_usd=ZERO,
        kept_usd=ZERO,
        outer_usd=ZERO,
        hedged=coins,
        goal=nothing,
        width=width(policy, abs(coins.value * mark), mark, None),
    )
