"""Sets an account's margin as the configuration wants it, where the owner lets hedged do so.

The intent is on disk before the change is sent, and it is sent once. Whatever the answer was, what
holds is what the venue tells when it is asked again; a change that did not take is tried anew at
the next preflight, not sooner.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import structlog

from hedged.core.arrangement import Arranged, Change, changes
from hedged.core.types import Environment, TradingState
from hedged.engine.executor import Executor
from hedged.engine.hedger import Book
from hedged.ports import Accepted, Journal, Outcome, Refused, TradingVenue, Unknown

log = structlog.get_logger("hedged.preflight")


def may_arrange(venue: str, books: Iterable[Book], executor: Executor) -> bool:
    """Whether anything but a look may reach an account now: real money is for armed books."""
    if executor.state is not TradingState.ACTIVE:
        return False
    return not any(
        book.environment is Environment.MAINNET
        and executor.disarmed(book.name, book.hedges, book.caps, book.total) is not None
        for book in books
        if venue in {leg.venue for hedge in book.hedges for leg in hedge.legs}
    )


async def arranged(
    venue: TradingVenue, mode: str, leverage: Decimal | None, journal: Journal
) -> Mapping[str, str]:
    """Set what is not as it should be; what each change came to, by what it changes.

    Raises:
        VenueUnavailable, VenueAuthError, VenueRefused: how it is set cannot be read.
        StoreError: a change could not be put on record; it was not sent.
    """
    came_to = {}
    for change in changes(await venue.arrangement(), mode, leverage):
        await journal.append(_event(venue, change, ""))
        said = _said(await venue.arrange(change))
        log.warning(
            "setting.changed",
            venue=venue.name,
            what=change.what,
            was=change.was,
            wanted=change.wanted,
            outcome=said,
        )
        await journal.append(_event(venue, change, said))
        came_to[change.what] = said
    return came_to


def _event(venue: TradingVenue, change: Change, outcome: str) -> Arranged:
    return Arranged(venue.name, change.what, change.was, change.wanted, outcome)


def _said(outcome: Outcome) -> str:
    match outcome:
        case Accepted():
            return "accepted"
        case Refused(detail):
            return f"refused: {detail}"
        case Unknown(detail):
            return f"unknown: {detail}"
