"""What no single key can show: settings that contradict each other, or count coins twice."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from hedged.config.problems import Location, did_you_mean, quoted
from hedged.config.settings import BookSettings, HedgeSettings, Settings, VenueSource
from hedged.core.types import Environment

Contradiction = tuple[Location, str]

_SHORTEST_WAIT_S: Final = Decimal(1)
_ONCE: Final = "each balance counts exactly once"


def contradictions(settings: Settings) -> Iterator[Contradiction]:
    """Everything that is wrong between keys which are each right by themselves."""
    yield from _hurried(settings)
    yield from _misplaced(settings)
    yield from _same_account(settings)
    for name, book in settings.books.items():
        yield from _stale_from_the_start(settings, name, book)
        yield from _asset_twice(name, book)
        for index, hedge in enumerate(book.hedges):
            at = ("books", name, "hedges", index)
            if hedge.keep is not None and "ratio" in hedge.model_fields_set:
                yield (*at, "keep"), "ratio and keep exclude each other; remove one of them"
            yield from _venue_names(settings, at, hedge)
    yield from _counted_twice(settings)


def _hurried(settings: Settings) -> Iterator[Contradiction]:
    """Only the embedded exchange may be asked more than once a second."""
    if settings.environment is Environment.SIM:
        return
    waits: dict[Location, Decimal] = {}
    for name, venue in settings.venues.items():
        waits["venues", name, "timeout"] = venue.timeout_s
    for name, book in settings.books.items():
        waits["books", name, "poll"] = book.poll_s
        waits["books", name, "max_age"] = book.max_age_s
    for at, seconds in waits.items():
        if seconds < _SHORTEST_WAIT_S:
            yield at, 'must be at least 1s; less is for environment = "sim" only'


def _misplaced(settings: Settings) -> Iterator[Contradiction]:
    """Keys that belong to another environment, and one that the embedded exchange needs."""
    environment = settings.environment
    for name, venue in settings.venues.items():
        is_sim = environment is Environment.SIM
        if is_sim and venue.url is None:
            yield (
                ("venues", name, "url"),
                (
                    'missing: environment = "sim" needs the address of the embedded exchange,'
                    ' such as "http://127.0.0.1:8421"'
                ),
            )
        if not is_sim and venue.url is not None:
            yield (
                ("venues", name, "url"),
                f'is for environment = "sim" only, and this is "{environment}"; remove it',
            )
        if environment is not Environment.TESTNET and "testnet" in venue.model_fields_set:
            yield (
                ("venues", name, "testnet"),
                f'is for environment = "testnet" only, and this is "{environment}"; remove it',
            )


def _same_account(settings: Settings) -> Iterator[Contradiction]:
    """Two venues with one key are one account, whose coins would count twice."""
    owners: dict[str, str] = {}
    for name, venue in settings.venues.items():
        owner = owners.setdefault(str(venue.api_key), name)
        if owner != name:
            yield (
                ("venues", name, "api_key"),
                f"is the key of venues.{owner} too; {_ONCE}",
            )


def _stale_from_the_start(
    settings: Settings, name: str, book: BookSettings
) -> Iterator[Contradiction]:
    """Age runs from the start of a read: one that may take `max_age` might arrive too old."""
    read = {venue for hedge in book.hedges for venue in _wallets((), hedge)}
    for venue in sorted(read & settings.venues.keys()):
        if book.max_age_s <= settings.venues[venue].timeout_s:
            yield (
                ("books", name, "max_age"),
                f"must be longer than venues.{venue}.timeout, or a slow answer is stale at once",
            )


def _asset_twice(name: str, book: BookSettings) -> Iterator[Contradiction]:
    seen: set[str] = set()
    for index, hedge in enumerate(book.hedges):
        if hedge.asset in seen:
            yield (
                ("books", name, "hedges", index, "asset"),
                f"{hedge.asset} stands in this book already; an asset is hedged once in a book",
            )
        seen.add(hedge.asset)


def _venue_names(settings: Settings, at: Location, hedge: HedgeSettings) -> Iterator[Contradiction]:
    """Venues that are not there, or that one list names twice."""
    listed = [
        ((*at, "spot", index), source.venue)
        for index, source in enumerate(hedge.spot)
        if isinstance(source, VenueSource)
    ]
    for place, venue in [((*at, "venue"), hedge.venue), *listed]:
        if venue not in settings.venues:
            known = f"; the venues here are {', '.join(settings.venues)}"
            near = did_you_mean(venue, settings.venues) or known
            yield place, f"there is no venue {quoted(venue)}{near}"
    names = [venue for _, venue in listed]
    for number, (place, venue) in enumerate(listed):
        if venue in names[:number]:
            yield place, f"{quoted(venue)} is listed twice; {_ONCE}"


def _counted_twice(settings: Settings) -> Iterator[Contradiction]:
    """The coins of one asset in one account may stand in one book only."""
    counted: dict[tuple[str, str], str] = {}
    for name, book in settings.books.items():
        for index, hedge in enumerate(book.hedges):
            for venue, place in _wallets(("books", name, "hedges", index), hedge).items():
                other = counted.setdefault((venue, hedge.asset), name)
                if other != name:
                    yield (
                        place,
                        f"the {hedge.asset} there is counted by books.{other} already; {_ONCE}",
                    )


def _wallets(at: Location, hedge: HedgeSettings) -> dict[str, Location]:
    """The venues whose coins a hedge counts, once each, and where it names them."""
    wallets: dict[str, Location] = {hedge.venue: (*at, "venue")}
    for index, source in enumerate(hedge.spot):
        if isinstance(source, VenueSource):
            wallets.setdefault(source.venue, (*at, "spot", index))
    return wallets
