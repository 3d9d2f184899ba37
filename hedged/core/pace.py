"""How much may be ordered in a time: by one asset, by its book, by all books together.

Counted are orders in an hour, and in a day their notional and what they cost: the fees that their
trades were booked with, and what is not booked yet at the fees and spreads of now (where a venue
tells neither, at the dearest that is known). An order that goes on
in the place of a cancelled one is no new order, though its notional counts. Each figure has a soft
limit, which makes orders wait unless the drift is beyond the outer band, and a hard one at five
times that, which nothing passes. Whoever has used up the soft limit and still comes to the hard one
is running away: then trading halts.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from hedged.core.decimals import ZERO, plain
from hedged.core.types import (
    Caps,
    Finding,
    HedgePolicy,
    Limits,
    OrderIntent,
    Placed,
    Reason,
    Standing,
)
from hedged.core.wanted import NO_CAPS
from hedged.core.world import World

HARD: Final = 5  # times the soft limit
AN_HOUR: Final = timedelta(hours=1)
A_DAY: Final = timedelta(days=1)


class _Scope(NamedTuple):
    """Whose orders are counted together, and what they may come to."""

    whose: str
    caps: Caps | Limits  # both name the same three
    placed: Sequence[Placed]
    beside: Sequence[OrderIntent]


class _Figure(NamedTuple):
    """A sum before and after the orders that are weighed, with its limit."""

    what: str
    before: Decimal
    after: Decimal
    limit: Decimal


def pace_findings(
    world: World,
    policy: HedgePolicy,
    standing: Standing,
    intent: OrderIntent,
    beside: Sequence[OrderIntent],
) -> Iterator[Finding]:
    """What speaks against so many orders; `beside` are those of the decision that go before."""
    is_outside = abs(standing.drift_usd) > standing.target.outer_usd
    yield from _cooldown(world, policy, standing, intent)
    for scope in _scopes(world, policy, beside):
        for figure in _figures(world, scope, intent):
            if figure.after > figure.limit:
                yield from _found(figure, passes=is_outside)


def _scopes(world: World, policy: HedgePolicy, beside: Sequence[OrderIntent]) -> Iterator[_Scope]:
    """Those that have a limit."""
    limits, snapshot = policy.limits, world.snapshot
    own = [order for order in beside if order.asset == policy.asset]
    yield _Scope("", limits, world.placed.get(policy.asset, ()), own)
    ours = snapshot.memory.placed
    if snapshot.caps is not NO_CAPS:
        yield _Scope(" of the book", snapshot.caps, ours, beside)
    if snapshot.total is not NO_CAPS:
        yield _Scope(" of all books", snapshot.total, (*ours, *snapshot.elsewhere), beside)


def _figures(world: World, scope: _Scope, intent: OrderIntent) -> Iterator[_Figure]:
    caps, now = scope.caps, (intent, *scope.beside)
    at, whose = world.snapshot.at, scope.whose
    today = [order for order in scope.placed if at - order.at < A_DAY]
    if caps.max_orders_per_hour is not None:
        count = sum(not order.goes_on and at - order.at < AN_HOUR for order in today)
        fresh = count + sum(not order.goes_on for order in now)
        hourly = Decimal(caps.max_orders_per_hour)
        yield _Figure(f"orders{whose} in an hour", Decimal(count), Decimal(fresh), hourly)
    if caps.max_turnover_usd is not None:
        turnover = sum((order.notional_usd for order in today), ZERO)
        more = sum((order.notional_usd for order in now), ZERO)
        most = caps.max_turnover_usd
        yield _Figure(f"USD of orders{whose} in a day", turnover, turnover + more, most)
    if caps.max_cost_usd is not None:
        cost = sum((_paid(world, order) for order in today), ZERO)
        own = sum((_expected(world, order) for order in now), ZERO)
        what = f"USD of fees and spreads{whose} in a day"
        yield _Figure(what, cost, cost + own, caps.max_cost_usd)


def _found(figure: _Figure, *, passes: bool) -> Iterator[Finding]:
    limit = figure.limit
    shown = f"{plain(figure.after, 2)} {figure.what}"
    if figure.after > HARD * limit:
        runs_away = figure.before > limit
        detail = f"{shown} would be more than {HARD} times the limit of {plain(limit)}"
        yield Finding(Reason.LIMIT_EXCEEDED, detail, halts=runs_away)
    elif not passes:
        yield Finding(Reason.COOLDOWN, f"{shown}, limit {plain(limit)}")


def _paid(world: World, order: Placed) -> Decimal:
    """USD: the fees that are booked; of the rest, and for half the spread, as they are now."""
    fee, half_spread = _rates(world, order.venue, order.symbol)
    unbooked = max(ZERO, order.notional_usd - order.booked_usd)
    return order.fee_usd + fee * unbooked + half_spread * order.notional_usd


def _expected(world: World, order: OrderIntent) -> Decimal:
    """USD, fee and half the spread, as they are now."""
    fee, half_spread = _rates(world, order.instrument.venue, order.instrument.symbol)
    return (fee + half_spread) * order.notional_usd


def _rates(world: World, venue: str, symbol: str) -> tuple[Decimal, Decimal]:
    """Fee and half the spread of an instrument; the dearest that are known where it tells none."""
    known = {
        key: (quote.taker_fee or ZERO, quote.half_spread or ZERO)
        for key, quote in world.quotes.items()
        if quote.taker_fee is not None or quote.half_spread is not None
    }
    return known.get((venue, symbol)) or max(known.values(), key=sum, default=(ZERO, ZERO))


def _cooldown(
    world: World, policy: HedgePolicy, standing: Standing, intent: OrderIntent
) -> Iterator[Finding]:
    fresh = [order for order in world.placed.get(policy.asset, ()) if not order.goes_on]
    cooldown_s, outer = policy.limits.cooldown_s, standing.target.outer_usd
    if not fresh or not cooldown_s or intent.goes_on or abs(standing.drift_usd) > outer:
        return
    since = world.snapshot.at - fresh[-1].at
    if since < timedelta(seconds=float(cooldown_s)):
        ago = plain(Decimal(since // timedelta(milliseconds=1)) / 1000, 3)
        yield Finding(
            Reason.COOLDOWN,
            f"the last order was {ago} s ago, cooldown {plain(cooldown_s)} s (ignored beyond "
            f"{outer:,.2f} USD of drift)",
        )
