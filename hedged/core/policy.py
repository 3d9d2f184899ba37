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

from collections.abc import Iterable
from decimal import Decimal

from hedged.core.band import Width, auto_inputs, width
from hedged.core.carry import below_floor, stepped_ratio
from hedged.core.decimals import ONE, ZERO, exact, plain
from hedged.core.exposure import usd_per_unit
from hedged.core.types import (
    Accounting,
    ActiveWindow,
    BandKind,
    Cross,
    Exposure,
    HedgePolicy,
    Kind,
    Target,
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


def accounting_of(policy: HedgePolicy, kinds: Iterable[Kind]) -> Accounting:
    """The configured accounting, else what is exact for the kinds of contract."""
    if policy.accounting is not None:
        return policy.accounting
    return Accounting.EQUITY if Kind.INVERSE in kinds else Accounting.COINS


@exact
def target_of(world: World, policy: HedgePolicy, exposure: Exposure) -> Target:
    """The target of one asset with its effective band."""
    if policy.cross is not None:
        return _carried_target(policy.cross, exposure)
    if world.snapshot.flattened is not None:
        return _flat_target(world, policy, exposure, world.snapshot.flattened)
    accounting = accounting_of(policy, (held.instrument.kind for held in exposure.held))
    equity = exposure.equity
    own = equity if accounting is Accounting.EQUITY else exposure.coins
    hedged = own + exposure.cross
    plan = schedule(policy.windows, world.snapshot.at)
    ratio = stepped_ratio(policy, below_floor(world, policy), policy.ratio)
    wanted, rule, formula = _base_target(policy, exposure, own.of(policy.asset), ratio)
    rule = f"{rule} of {accounting.value}" if policy.notional_usd is None else rule
    if plan.active is not None:
        windowed = ratio_target(hedged.value, exposure.mark, plan.active.ratio)
        wanted, formula = _stepped(wanted, windowed, plan.active)
        rule = f"{_window_rule(plan.active)} of {accounting.value}, from {rule}"
    refused = wanted if wanted > 0 and not policy.allow_long else None
    value = hedged if own is equity else equity + exposure.cross
    value_usd = abs(value.value * exposure.mark)
    room, lot_usd = _room(world, policy, exposure, value_usd, _ratio_in_force(policy, plan, ratio))
    band_usd = max(room.edge_usd, lot_usd)
    trigger_usd = band_usd
    if world.memory(policy.asset).correcting:
        trigger_usd = max(policy.band.hysteresis * band_usd, room.kept_usd, lot_usd)
    return Target(
        usd=wanted if refused is None else ZERO,
        band_usd=band_usd,
        rule=rule,
        formula=formula,
        trigger_usd=trigger_usd,
        kept_usd=room.kept_usd,
        outer_usd=policy.band.outer * band_usd,
        band_rule=room.rule if room.edge_usd >= lot_usd else f"one lot, {room.rule} is less",
        hedged=hedged,
        refused_usd=refused,
        window=plan.active,
        next_change_at=plan.next_change_at,
    )


def _base_target(
    policy: HedgePolicy, exposure: Exposure, own: Decimal, ratio: Decimal
) -> tuple[Decimal, str, str]:
    """The target without a window, its rule, and the same with its numbers."""
    mark, cross = exposure.mark, exposure.cross.of(policy.asset)
    if policy.notional_usd is not None:
        fixed = plain(policy.notional_usd)
        return -policy.notional_usd, f"a fixed short of {fixed} USD", f"-{fixed}"
    at, also = plain(mark), f" - {plain(cross, 8)} * {plain(mark)}" if cross else ""
    if policy.keep is not None:
        kept = plain(policy.keep)
        target = keep_target(own, mark, policy.keep)
        formula = f"-max(0, {plain(own, 8)} - {kept}) * {at}{also}"
        if cross:
            target += ratio_target(cross, mark, ONE)
        return target, f"keep {kept} {policy.asset}", formula
    rule = f"ratio {plain(ratio)}"
    if ratio != policy.ratio:
        rule = f"{rule} (carry below its floor, else {plain(policy.ratio)})"
    coins = own + cross if cross else own
    formula = f"-{plain(ratio)} * {plain(coins, 8)} * {at}"
    return ratio_target(coins, mark, ratio), rule, formula


def _stepped(base: Decimal, windowed: Decimal, window: ActiveWindow) -> tuple[Decimal, str]:
    """The target on its way from the base to the window's."""
    if window.step == window.steps:
        return windowed, f"the window's {plain(windowed, 2)}"
    start, end = plain(base, 2), plain(windowed, 2)
    formula = f"{start} + ({end} - {start}) * {window.step} / {window.steps}"
    return base + (windowed - base) * window.step / window.steps, formula


def _window_rule(window: ActiveWindow) -> str:
    ramp = "" if window.step == window.steps else f", step {window.step} of {window.steps}"
    return f"window {window.name}: ratio {plain(window.ratio)}{ramp}"


def _ratio_in_force(policy: HedgePolicy, plan: Schedule, ratio: Decimal) -> Decimal:
    """The ratio that makes the target drift with the price; 1 where it does not."""
    if plan.active is not None:
        return plan.active.ratio
    return ratio if policy.keep is None and policy.notional_usd is None else ONE


def _room(
    world: World, policy: HedgePolicy, exposure: Exposure, value_usd: Decimal, ratio: Decimal
) -> tuple[Width, Decimal]:
    """The band as the owner words it, and the largest lot of the legs in USD."""
    quotes = [world.quotes[leg.venue, leg.symbol] for leg in policy.legs]
    auto = (
        auto_inputs(world.snapshot, world.memory(policy.asset), quotes[0], ratio)
        if policy.band.kind is BandKind.AUTO
        else ""
    )
    room = width(policy.band, policy.rebalance_to, value_usd, exposure.mark, auto)
    return room, _lot_usd(world, policy, exposure)


def _lot_usd(world: World, policy: HedgePolicy, exposure: Exposure) -> Decimal:
    quotes = (world.quotes[leg.venue, leg.symbol] for leg in policy.legs)
    return max(
        q.instrument.lot * q.instrument.contract_size * usd_per_unit(q, exposure.mark)
        for q in quotes
    )


def _flat_target(world: World, policy: HedgePolicy, exposure: Exposure, told: str) -> Target:
    """An operator's flatten stands before ratio, windows and bands: all of it is closed."""
    return Target(
        usd=ZERO,
        band_usd=_lot_usd(world, policy, exposure),
        rule=told,
        formula="0",
        trigger_usd=ZERO,
        kept_usd=ZERO,
        outer_usd=ZERO,
        band_rule="one lot",
        hedged=exposure.equity,
    )


def _carried_target(cross: Cross, exposure: Exposure) -> Target:
    """An asset that another one's hedge carries has no position of its own."""
    return Target(
        usd=ZERO,
        band_usd=ZERO,
        rule=f"carried by the hedge of {cross.asset} with beta {plain(cross.beta)}",
        formula="0",
        trigger_usd=ZERO,
        kept_usd=ZERO,
        outer_usd=ZERO,
        band_rule="",
        hedged=exposure.equity,
    )
