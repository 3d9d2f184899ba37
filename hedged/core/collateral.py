"""Whether what stands behind a hedge is enough to keep it: alerts, before any order is concerned.

The collateral fraction c is the part of an asset's coins, with all PnL, that lies in the accounts
of its short. A neutral hedge survives a rise x of the price as long as

    c >= (x + m)/(1 + x)          x = (c - m)/(1 - c)          (m: maintenance rate)

Below the low bound the owner is told how far the price may still rise, and what part of the coins
brings c back to the target. Where everything lies in one account, c is 1 and nothing can be moved.
"""

from collections.abc import Iterator
from decimal import Decimal

from hedged.core.decimals import ZERO, exact, plain
from hedged.core.leverage import maintenance_findings
from hedged.core.margin import distance, rise_survived
from hedged.core.types import Finding, HedgePolicy, Kind, Reason, Standing
from hedged.core.world import World


@exact
def margin_alerts(world: World, policy: HedgePolicy, standing: Standing) -> tuple[Finding, ...]:
    """What the owner should hear of the margin of an asset's hedge as it is."""
    return (
        *_near_liquidation(world, policy),
        *_used_up(world, policy),
        *_thin(world, policy, standing),
        *_borrowed(world, policy),
    )


def _near_liquidation(world: World, policy: HedgePolicy) -> Iterator[Finding]:
    limit = policy.limits.liquidation_distance
    if limit is None:
        return
    for leg in policy.legs:
        mark = world.quotes[leg.venue, leg.symbol].mark
        for position in world.positions.get((leg.venue, leg.symbol), ()):
            price = position.liquidation_price
            if price is not None and position.quantity.value and distance(price, mark) < limit:
                gap = plain(distance(price, mark) * 100, 0)
                yield Finding(
                    Reason.MARGIN_LOW,
                    f"{leg.symbol} at {leg.venue} is liquidated some {gap} % from the mark, limit "
                    f"{plain(limit * 100)} % (liquidation_distance)",
                )


def _used_up(world: World, policy: HedgePolicy) -> Iterator[Finding]:
    for venue in policy.venues:
        account = world.accounts.get(venue)
        if account is not None:
            yield from maintenance_findings(policy, account.margin)


def _thin(world: World, policy: HedgePolicy, standing: Standing) -> Iterator[Finding]:
    low, exposure = policy.limits.collateral_low, standing.exposure
    equity, is_short = exposure.equity.value, exposure.position_usd < 0
    if low is None or equity <= 0 or not is_short or not _is_inverse(world, policy):
        return
    fraction = (exposure.collateral + exposure.unrealised_pnl).value / equity
    if fraction >= low:
        return
    rates = [world.quotes[leg.venue, leg.symbol].instrument.maintenance for leg in policy.legs]
    rise = rise_survived(fraction, max((rate for rate in rates if rate is not None), default=ZERO))
    lacking = max(policy.limits.collateral_target, low) - fraction
    yield Finding(
        Reason.MARGIN_LOW,
        f"{_percent(fraction)} of the {policy.asset} are collateral, bound {_percent(low)} "
        f"(collateral_low): a rise of {_percent(max(rise, ZERO))} would take all of it; move "
        f"{_percent(lacking)} of the coins there, or lower the ratio",
    )


def _is_inverse(world: World, policy: HedgePolicy) -> bool:
    for leg in policy.legs:
        if world.quotes[leg.venue, leg.symbol].instrument.kind is not Kind.INVERSE:
            return False
    return True


def _borrowed(world: World, policy: HedgePolicy) -> Iterator[Finding]:
    """A wallet below zero is coin that the venue has lent: losses on other coins' collateral."""
    for venue in policy.venues:
        balance = world.balances.get((venue, policy.asset))
        if balance is not None and balance.wallet.value < 0:
            owed = plain(-balance.wallet.value, 4)
            yield Finding(
                Reason.MARGIN_LOW,
                f"{owed} {policy.asset} are borrowed at {venue}: pay them in, or lower the ratio",
            )


def _percent(fraction: Decimal) -> str:
    """Whole percents: an alert is not told anew for every tick."""
    return f"{plain(fraction * 100, 0)} %"
