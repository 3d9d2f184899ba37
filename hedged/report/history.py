"""A book's past as its journal has it: for charts and lists that survive a restart.

The journal keeps a verdict at every hour, at every one that is news and at every order, with the
figures that charts show. Whoever draws a chart of a daemon that has just started begins with these
and goes on with what the cycles tell.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ONE, ZERO, exact
from hedged.core.events import Decided, Entry, Fill, Intended
from hedged.core.figures import Figures
from hedged.core.funding import HOURS_A_DAY
from hedged.core.looks import Look
from hedged.core.terms import Terms
from hedged.core.types import Kind
from hedged.ports import Journal, Selection

KINDS: Final = (Decided.kind, Intended.kind, Fill.kind)


@dataclass(frozen=True, slots=True)
class Point:
    """One verdict, with the figures behind it; None: nothing could be told, or by an old version.

    The liquidation price is not among them: the journal has its distance.
    """

    at: datetime
    seq: int
    verdict: Decided
    figures: Figures | None


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order that was going to be sent."""

    at: datetime
    seq: int
    terms: Terms


@dataclass(frozen=True, slots=True)
class History:
    """Of one book, oldest first."""

    points: Mapping[str, tuple[Point, ...]]  # by asset
    orders: tuple[Ordered, ...]
    fills: tuple[Fill, ...]  # of these orders


async def history(journal: Journal, book: str, since: datetime, until: datetime) -> History:
    """What a journal has of a book from one moment to another.

    Raises:
        StoreError: it could not be read.
    """
    found = await journal.entries(Selection(kinds=KINDS, since=since))
    return told(book, (entry for entry in found if entry.at <= until))


def told(book: str, entries: Iterable[Entry]) -> History:
    """The same of entries at hand."""
    points: dict[str, list[Point]] = {}
    orders: dict[str, Ordered] = {}
    fills: dict[str, Fill] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, Decided) and event.book == book:
            point = Point(entry.at, entry.seq, event, figures_of(event))
            points.setdefault(event.asset, []).append(point)
        elif isinstance(event, Intended) and event.order.book == book:
            orders[event.client_id] = Ordered(entry.at, entry.seq, event.order)
        elif isinstance(event, Fill) and event.client_id in orders:
            fills.setdefault(event.trade, event)
    return History(
        {asset: tuple(its) for asset, its in points.items()},
        tuple(orders.values()),
        tuple(fills.values()),
    )


@exact
def figures_of(verdict: Decided) -> Figures | None:
    """The figures that a verdict was made from, as far as it keeps them."""
    look = verdict.look
    net, equity, usd = verdict.net_delta, verdict.equity, verdict.position_usd
    target, drift, band = verdict.target_usd, verdict.drift_usd, verdict.band_usd
    if look is None or net is None or equity is None or usd is None:
        return None
    if target is None or drift is None or band is None:
        return None
    first = next(iter(look.legs), None)
    return Figures(
        price=look.price,
        net_delta=net,
        target_delta=look.target_delta,
        band=band / look.price,
        hedge_ratio=look.hedge_ratio,
        position_usd=usd,
        target_usd=target,
        drift_usd=drift,
        band_usd=band,
        funding_rate=None if first is None else first.funding_rate,
        index_basis=look.price / look.index - ONE if look.index else None,
        funding_usd_per_day=funding_usd_per_day(look),
        collateral_fraction=look.collateral / equity if equity else None,
        liquidation_price=None,
        liquidation_distance=look.liquidation_distance,
    )


@exact
def funding_usd_per_day(look: Look) -> Decimal | None:
    """What the hedge receives as the rates then were; None: one is not known."""
    parts = list(_fundings(look))
    return None if None in parts else sum((part or ZERO for part in parts), ZERO)


def _fundings(look: Look) -> Iterator[Decimal | None]:
    for leg in look.legs:
        if not leg.quantity:
            continue
        usd = leg.quantity if leg.kind is Kind.INVERSE else leg.quantity * leg.mark
        if leg.funding_rate is None or not leg.funding_interval_h:
            yield None
        else:
            yield -usd * leg.funding_rate * HOURS_A_DAY / leg.funding_interval_h
