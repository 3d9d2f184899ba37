"""How far a hedge may drift before a trade pays.

Cost k proportional (fee + half spread), K fixed per order (USD), drift scale s (USD per
sqrt(year): flows and funding, and for a ratio h the price itself, h*(1 - h)*sigma*V),
a = gamma/V for risk aversion gamma and book value V, volatility sigma. Trading from the edge b
back to u costs per year

    J(b,u) = (a*sigma^2/2)*(b^2 + u^2)/6 + s^2*(K + k*(b - u))/(b^2 - u^2)

With A = a*sigma^2/12, d = b - u and m = b + u, dJ/db = dJ/du = 0 become

    A*d^3*m = s^2*K      and      d^8*(K + k*d) = s^4*K^3/A^2

of which the second has one root d > 0, found by Newton's method from above, where the left side
is convex. K = 0 gives u = b = (3*k*s^2/(2*a*sigma^2))^(1/3), trading back to the edge only;
k = 0 gives u = 0 and b = (12*K*s^2/(a*sigma^2))^(1/4). Value at risk caps the band at
VaR/(z*sigma*sqrt(T)). Source: docs/maths.md.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from hedged.core.decimals import CONTEXT, ONE, ZERO, exact, plain
from hedged.core.types import Auto, Band, BandKind, DayStatistics, HedgePolicy, Width
from hedged.core.world import World

DAYS_KNOWN: Final = 14  # of flows, before the automatic band trusts them
LEAST: Final = Decimal("0.0005")  # of the book's value: the automatic band's lower clamp
Z_99: Final = Decimal("2.326")  # a day's loss is beyond it in one of a hundred
_A_THIRD: Final = CONTEXT.divide(ONE, Decimal(3))
_CLOSE: Final = Decimal("1e-30")
_HOURS_A_YEAR: Final = Decimal(8760)
_DAYS_A_YEAR: Final = Decimal(365)


@exact
def best_width(
    k: Decimal, fixed_usd: Decimal, s: Decimal, a: Decimal, sigma: Decimal
) -> tuple[Decimal, Decimal]:
    """The b and u that cost least; `a` and `sigma` > 0, the rest >= 0."""
    risk = a * sigma * sigma / 12
    flow = s * s
    if not fixed_usd or not flow:
        edge = (k * flow / (8 * risk)) ** _A_THIRD if k and flow else ZERO
        return edge, edge
    goal = flow * flow * fixed_usd**3 / (risk * risk)
    gap = (goal / fixed_usd) ** (ONE / 8)
    step = gap
    while abs(step) > gap * _CLOSE:
        eighth = gap**8
        value = eighth * (fixed_usd + k * gap) - goal
        step = value / (8 * eighth / gap * (fixed_usd + k * gap) + eighth * k)
        gap -= step
    total = flow * fixed_usd / (risk * gap**3)
    return (total + gap) / 2, max(ZERO, (total - gap) / 2)


@exact
def value_at_risk_width(value_at_risk_usd: Decimal, sigma: Decimal, days: Decimal) -> Decimal:
    """The widest band whose loss over `days` stays within the value at risk, at 99 %."""
    return value_at_risk_usd / (Z_99 * sigma * (days / _DAYS_A_YEAR).sqrt())


def width(
    policy: HedgePolicy, value_usd: Decimal, coin_usd: Decimal, auto: Auto | str | None
) -> Width:
    """The band wanted, before it is widened to a lot; `auto`: what is known for an automatic one.

    Where something is not known, it is a text that says what.
    """
    band, kept = policy.band, policy.rebalance_to
    if isinstance(auto, Auto):
        return _auto_width(band, value_usd, coin_usd, auto)
    edge = band.size
    if band.kind is BandKind.COINS:
        edge = band.size * coin_usd
    elif band.kind is not BandKind.USD:
        edge = band.size * value_usd
    return Width(edge, kept * edge, band.kind, band.size, value_usd, coin_usd, unknown=auto or "")


def _auto_width(band: Band, value_usd: Decimal, coin_usd: Decimal, auto: Auto) -> Width:
    edge, kept = best_width(
        auto.cost, band.order_cost_usd, auto.flow_usd, band.risk_aversion / value_usd, auto.sigma
    )
    least, bound = LEAST * value_usd, ""
    if edge < least:
        edge, bound = least, f", at least {plain(LEAST * 100)} %"
    if band.value_at_risk_usd is not None:
        cap = max(least, value_at_risk_width(band.value_at_risk_usd, auto.sigma, ONE))
        if edge > cap:
            edge, bound = cap, f"{bound}, capped by value at risk"
    known = replace(auto, bound=bound)
    return Width(edge, min(kept, edge), band.kind, band.size, value_usd, coin_usd, auto=known)


def auto_inputs(
    world: World, policy: HedgePolicy, ratio: Decimal, value_usd: Decimal
) -> Auto | str:
    """What the automatic band needs, or in words what is not known of it."""
    memory, first = world.memories[policy.asset], policy.legs[0]
    quote = world.quotes[first.venue, first.symbol]
    if memory.first_at is None or (world.snapshot.at - memory.first_at).days < DAYS_KNOWN:
        return f"fewer than {DAYS_KNOWN} days of flows are known"
    if quote.taker_fee is None:
        return "the venue's fee is not known"
    half_spread = quote.half_spread
    if half_spread is None:
        return "the spread is not known"
    hours = sum((day.return_hours for day in memory.days), ZERO)
    squares = sum((day.returns for day in memory.days), ZERO)
    if not hours or not squares:
        return "the volatility is not known"
    if not value_usd:
        return "the book is empty"
    sigma = (squares / hours * _HOURS_A_YEAR).sqrt()
    drift = ratio * (ONE - ratio) * sigma * value_usd
    return Auto(
        cost=quote.taker_fee + half_spread,
        flow_usd=(_flow_scale(memory.days) ** 2 + drift**2).sqrt(),
        sigma=sigma,
        ratio=ratio,
        risk_aversion=policy.band.risk_aversion,
    )


def _flow_scale(days: tuple[DayStatistics, ...]) -> Decimal:
    """USD per sqrt(year), over all days since the first: quiet ones count too."""
    total = sum((day.flows for day in days), ZERO)
    span = (days[-1].day - days[0].day).days + 1
    return (total / span * _DAYS_A_YEAR).sqrt()
