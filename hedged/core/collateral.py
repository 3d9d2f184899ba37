"""Whether what stands behind a hedge is enough to keep it: alerts, before any order is concerned.

The collateral fraction c is the part of an asset's coins, with all PnL, that lies in the accounts
of its short. A neutral hedge survives a rise x of the price as long as

    c >= (x + m)/(1 + x)          x = (c - m)/(1 - c)          (m: maintenance rate)

Three tiers, by what is left: below the low bound the owner is warned, told how far the price may
still rise, and what part of the coins brings c back to the target; what survives less than
`liquidation_distance` is urgent; a margin emergency, maintenance that takes most of an account,
and a loan that grows are critical. Where everything lies in one account, c is 1 and nothing can be
moved.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from hedged.core.cushion import Cushion
from hedged.core.decimals import ZERO, exact, plain
from hedged.core.leverage import maintenance_findings
from hedged.core.margin import distance, rise_survived, time_to_live
from hedged.core.types import Emergency, Finding, Grade, HedgePolicy, Kind, Reason, Standing
from hedged.core.world import World

GROWN: Final = Decimal("1.01")  # times the least loan: more than its interest of a day


@exact
def margin_alerts(
    world: World,
    policy: HedgePolicy,
    standing: Standing,
    behind: Sequence[Cushion],
    crisis: Emergency | None = None,
) -> tuple[Finding, ...]:
    """What the owner should hear of the margin of an asset's hedge as it is."""
    near = _near_liquidation(world, policy, behind)
    if crisis is not None:
        near = iter((Finding(Reason.MARGIN_LOW, crisis.text, grade=Grade.CRITICAL),))
    return (
        *_thin(world, policy, standing),
        *near,
        *_used_up(world, policy),
        *(_borrowed(world, policy) if world.owing else ()),
    )


def _near_liquidation(
    world: World, policy: HedgePolicy, behind: Sequence[Cushion]
) -> Iterator[Finding]:
    """By the price that the venue names, else by what its figures come to."""
    limit = policy.limits.liquidation_distance
    if limit is None:
        return
    named = set()
    for leg in policy.legs:
        mark = world.quotes[leg.venue, leg.symbol].mark
        for position in world.positions.get((leg.venue, leg.symbol), ()):
            price = position.liquidation_price
            if price is None or not position.quantity.value:
                continue
            named.add(leg.venue)
            gap = distance(price, mark)
            if gap < limit:
                away = plain(gap * 100, 0)
                text = f"{leg.symbol} at {leg.venue} is liquidated some {away} % from the mark"
                yield _urgent(text, limit)
    for cushion in behind:
        rise = None if cushion.venue in named else cushion.rise
        if rise is not None and rise < limit:
            text = f"the short at {cushion.venue} survives a rise of some {plain(rise * 100, 0)} %"
            yield _urgent(text, limit)


def _urgent(text: str, limit: Decimal) -> Finding:
    shown = f"limit {plain(limit * 100)} % (liquidation_distance)"
    return Finding(Reason.MARGIN_LOW, f"{text}, {shown}", grade=Grade.URGENT)


def _used_up(world: World, policy: HedgePolicy) -> Iterator[Finding]:
    for venue in world.venues[policy.asset]:
        account = world.accounts.get(venue)
        if account is not None and account.margin is not None:
            for found in maintenance_findings(policy, account.margin):
                yield Finding(found.reason, found.detail, grade=Grade.CRITICAL)


def _thin(world: World, policy: HedgePolicy, standing: Standing) -> Iterator[Finding]:
    low, exposure = policy.limits.collateral_low, standing.exposure
    equity, is_short = exposure.equity.value, exposure.position_usd < 0
    if low is None or equity <= 0 or not is_short or not is_inverse(world, policy):
        return
    fraction = (exposure.collateral + exposure.unrealised_pnl).value / equity
    if fraction >= low:
        return
    rates = [world.quotes[leg.venue, leg.symbol].instrument.maintenance for leg in policy.legs]
    rise = rise_survived(fraction, max((rate for rate in rates if rate is not None), default=ZERO))
    lacking = max(policy.limits.collateral_target, low) - fraction
    worst = time_to_live(rise)
    told = f", and {worst}" if worst else ""
    yield Finding(
        Reason.MARGIN_LOW,
        f"{_percent(fraction)} of the {policy.asset} are collateral, bound {_percent(low)} "
        f"(collateral_low): a rise of {_percent(max(rise, ZERO))} would take all of it{told}; "
        f"move {_percent(lacking)} of the coins there, or lower the ratio",
    )


def is_inverse(world: World, policy: HedgePolicy) -> bool:
    """Whether all that the hedge trades settles in its coin."""
    for leg in policy.legs:
        if world.quotes[leg.venue, leg.symbol].instrument.kind is not Kind.INVERSE:
            return False
    return True


def _borrowed(world: World, policy: HedgePolicy) -> Iterator[Finding]:
    """A wallet below zero is coin that the venue has lent: losses on other coins' collateral."""
    owed = borrowed(world, policy)
    before = world.memories[policy.asset].owed
    if before and owed > GROWN * before:
        grown = f"grew from {plain(before, 4)} to {plain(owed, 4)}: losses are paid with it"
        text = f"the loan of {policy.asset} {grown}; pay coins in, or lower the ratio"
        yield Finding(Reason.MARGIN_LOW, text, grade=Grade.CRITICAL)
    for venue in world.venues[policy.asset]:
        legs = [leg for leg in policy.legs if leg.venue == venue]
        settled = {world.quotes[venue, leg.symbol].instrument.settle for leg in legs}
        for coin in sorted({policy.asset, *settled}):
            balance = world.balances.get((venue, coin))
            if balance is not None and balance.wallet.value < 0:
                lent = f"{plain(-balance.wallet.value, 4)} {coin} are borrowed at {venue}"
                text = f"{lent}: pay them in, or lower the ratio"
                yield Finding(Reason.MARGIN_LOW, text, grade=Grade.URGENT)


def borrowed(world: World, policy: HedgePolicy) -> Decimal:
    """Coins of the asset that the venues of a hedge have lent."""
    total = ZERO
    for venue in world.venues[policy.asset] if world.owing else ():
        balance = world.balances.get((venue, policy.asset))
        if balance is not None and balance.wallet.value < 0:
            total -= balance.wallet.value
    return total


def _percent(fraction: Decimal) -> str:
    """Whole percents: an alert is not told anew for every tick."""
    return f"{plain(fraction * 100, 0)} %"
