"""What charts and lists begin with: the journal's past, so that a restart leaves no white page.

Between two verdicts on record lies up to an hour; from the start on there is a point per cycle.
A dry-run keeps no journal and begins anew.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

import structlog

from hedged.core.decimals import CONTEXT, ONE
from hedged.core.terms import Terms
from hedged.core.types import USD, StyleKind
from hedged.ports import Journal, Selection, StoreError
from hedged.report.history import KINDS, History, Point, told
from hedged.web.recorder import Fate, Mark, Recorder, Verdict

log = structlog.get_logger("hedged.web")

ENTRIES: Final = 3000  # about two months of two assets; read in a fraction of a second


async def recall(recorder: Recorder, journal: Journal, books: Iterable[str]) -> None:
    """Give the recorder the newest entries, before its first cycle.

    A journal that cannot be read leaves it empty.
    """
    try:
        entries = await journal.entries(Selection(kinds=KINDS, last=ENTRIES))
    except StoreError as error:
        log.warning("history.unread", why=str(error), effect="charts begin with the next cycle")
        return
    for book in books:
        past = told(book, entries)
        for asset, points in past.points.items():
            for point in points:
                recorder.recall(_verdict(book, asset, point), point.figures)
            recorder.interrupt(book, asset, points[-1].at)
        recorder.marks.extend(_marks(past))


def _verdict(book: str, asset: str, point: Point) -> Verdict:
    said, watched = point.verdict, point.verdict.watched
    return Verdict(
        book=book,
        asset=asset,
        reason=said.reason,
        why=said.why,
        blocked=said.blocked,
        orders=said.orders,
        drift_usd=said.drift_usd,
        band_usd=said.band_usd,
        net_delta=said.net_delta,
        since=point.at,
        at=point.at,
        cycle=said.cycle,
        cycles=1 if watched is None else max(1, watched.cycles),
    )


def _marks(past: History) -> Iterator[Mark]:
    """The orders; one that only took the place of another is no order of its own."""
    whys = {
        (asset, point.verdict.cycle): point.verdict.why
        for asset, points in past.points.items()
        for point in points
    }
    for order in past.orders:
        terms = order.terms
        if not terms.goes_on:
            yield Mark(
                at=order.at,
                book=terms.book,
                asset=terms.asset,
                cycle=terms.cycle,
                fate=Fate.SENT,
                why=whys.get((terms.asset, terms.cycle), "its verdict is not kept any more"),
                venue=terms.venue,
                instrument=terms.symbol,
                side=terms.side,
                contracts=terms.contracts,
                notional_usd=notional_usd(terms),
                limit_price=terms.limit_price if terms.bound is None else terms.bound,
                reduce_only=terms.reduce_only,
                style=StyleKind.MAKER if terms.post_only else StyleKind.IOC,
                post_price=terms.limit_price if terms.post_only else None,
            )


def notional_usd(terms: Terms) -> Decimal:
    """What an order is worth, at its limit where the contract is of coins."""
    each = ONE if terms.unit == USD else terms.limit_price
    return CONTEXT.multiply(CONTEXT.multiply(terms.contracts, terms.contract_size), each)
