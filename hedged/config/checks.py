"""What no single key can show: settings that contradict each other, or count coins twice."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from hedged.config.exchanges import TRADED
from hedged.config.hedge_checks import hedge_contradictions
from hedged.config.hedges import AccountsSource, HedgeSettings, StaticSource, VenueSource
from hedged.config.policies import account_names
from hedged.config.problems import Location, did_you_mean, key_text, quoted
from hedged.config.settings import BookSettings, Settings
from hedged.core.types import Environment

Contradiction = tuple[Location, str]

_SHORTEST_WAIT_S: Final = Decimal(1)
_ONCE: Final = "each balance counts exactly once"


def contradictions(settings: Settings) -> Iterator[Contradiction]:
    """Everything that is wrong between keys which are each right by themselves."""
    yield from _hurried(settings)
    yield from _misplaced(settings)
    yield from _worldless(settings)
    yield from _same_account(settings)
    for name, book in settings.books.items():
        yield from _stale_from_the_start(settings, name, book)
        yield from _asset_twice(name, book)
        yield from _carriers(name, book)
        for index, hedge in enumerate(book.hedges):
            at = ("books", name, "hedges", index)
            yield from hedge_contradictions(at, hedge)
            yield from _venue_names(settings, at, hedge)
    yield from _idle_reports(settings)
    yield from _one_address_twice(settings)
    yield from _counted_twice(settings)
    yield from _traded_twice(settings)


def _worldless(settings: Settings) -> Iterator[Contradiction]:
    """A test environment that an exchange does not have."""
    if settings.environment is not Environment.TESTNET:
        return
    with_one = ", ".join(exchange for exchange, worlds in TRADED.items() if worlds)
    for name, venue in settings.venues.items():
        worlds = TRADED.get(venue.exchange)
        if worlds == ():
            text = f"{venue.exchange} has no test environment; these have one: {with_one}"
            yield ("venues", name, "exchange"), text
        elif worlds and venue.testnet not in worlds:
            there = f"{venue.exchange} has no {quoted(venue.testnet)}; it has {', '.join(worlds)}"
            yield ("venues", name, "testnet"), there


def _idle_reports(settings: Settings) -> Iterator[Contradiction]:
    reports = settings.reports
    times = [key for key in ("daily", "monthly") if getattr(reports, key) is not None]
    if reports.folder is None and times:
        yield ("reports", times[0]), "does nothing without folder, where reports are written"
    if reports.folder is not None and not times:
        yield ("reports", "folder"), "does nothing without daily or monthly"


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
    read = {wallet.partition(":")[0] for hedge in book.hedges for wallet in _wallets((), hedge)}
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


def _carriers(name: str, book: BookSettings) -> Iterator[Contradiction]:
    """An asset may be carried by one that stands in the same book and has an instrument."""
    carriers = [hedge.asset for hedge in book.hedges if hedge.hedged_by is None]
    for index, hedge in enumerate(book.hedges):
        if hedge.hedged_by is not None and hedge.hedged_by not in carriers:
            yield (
                ("books", name, "hedges", index, "hedged_by"),
                (
                    f"{hedge.hedged_by} has no instrument in this book"
                    f"{did_you_mean(hedge.hedged_by, carriers)}"
                ),
            )


def _venue_names(settings: Settings, at: Location, hedge: HedgeSettings) -> Iterator[Contradiction]:
    """Venues that are not there, and sources that one list names twice."""
    listed = [
        ((*at, "spot", index), source)
        for index, source in enumerate(hedge.spot)
        if isinstance(source, VenueSource | AccountsSource)
    ]
    places = [((*at, "venue"), hedge.venue)] if hedge.venue is not None else []
    places += [((*at, "more", index, "venue"), leg.venue) for index, leg in enumerate(hedge.more)]
    places += [(place, source.venue) for place, source in listed]
    for place, venue in places:
        if venue not in settings.venues:
            known = f"; the venues here are {', '.join(settings.venues)}"
            near = did_you_mean(venue, settings.venues) or known
            yield place, f"there is no venue {quoted(venue)}{near}"
        elif place[-1] == "venue" and (found := settings.venues[venue].exchange) not in TRADED:
            yield place, f"{found} is read for coins only; hedged trades at {', '.join(TRADED)}"
    seen: set[str] = set()
    for place, source in listed:
        for wallet in account_names(source):
            if wallet in seen:
                yield place, f"{quoted(wallet)} is listed twice; {_ONCE}"
            seen.add(wallet)


def _counted_twice(settings: Settings) -> Iterator[Contradiction]:
    """A coin in an account may count for one asset of one book only."""
    counted: dict[tuple[str, str], tuple[str, str]] = {}
    for name, book in settings.books.items():
        for index, hedge in enumerate(book.hedges):
            coins = (hedge.asset, *(alias.coin for alias in hedge.also))
            for wallet, place in _wallets(("books", name, "hedges", index), hedge).items():
                for coin in coins:
                    owner = counted.setdefault((wallet, coin), (name, hedge.asset))
                    if owner != (name, hedge.asset):
                        book_of, asset = owner
                        whose = (
                            f"books.{book_of}" if coin == asset else f"{asset} in books.{book_of}"
                        )
                        yield place, f"the {coin} there is counted by {whose} already; {_ONCE}"


def _wallets(at: Location, hedge: HedgeSettings) -> dict[str, Location]:
    """The accounts whose coins a hedge counts, once each, and where it names them."""
    wallets: dict[str, Location] = {}
    if hedge.venue is not None:
        wallets[hedge.venue] = (*at, "venue")
    for index, leg in enumerate(hedge.more):
        wallets.setdefault(leg.venue, (*at, "more", index, "venue"))
    for index, source in enumerate(hedge.spot):
        if isinstance(source, VenueSource | AccountsSource):
            for wallet in account_names(source):
                wallets.setdefault(wallet, (*at, "spot", index))
    return wallets


def _one_address_twice(settings: Settings) -> Iterator[Contradiction]:
    """Coins that went to an address went to one place."""
    listed: list[tuple[Location, tuple[str, ...]]] = [
        (("venues", name), venue.addresses) for name, venue in settings.venues.items()
    ]
    for name, book in settings.books.items():
        for index, hedge in enumerate(book.hedges):
            listed += [
                (("books", name, "hedges", index, "spot", number), source.addresses)
                for number, source in enumerate(hedge.spot)
                if isinstance(source, StaticSource)
            ]
    seen: dict[str, Location] = {}
    for owner, addresses in listed:
        for place, address in enumerate(addresses):
            first = seen.setdefault(address.casefold(), owner)
            if first != owner:
                yield (*owner, "addresses", place), f"is an address of {key_text(first)} too"


def _traded_twice(settings: Settings) -> Iterator[Contradiction]:
    """A position belongs to one hedge: two that share it would undo each other's orders."""
    traded: dict[tuple[str, str], Location] = {}
    for name, book in settings.books.items():
        for index, hedge in enumerate(book.hedges):
            at = ("books", name, "hedges", index)
            more: list[Location] = [
                (*at, "more", number, "instrument") for number in range(len(hedge.more))
            ]
            places = more if len(hedge.legs) == len(more) else [(*at, "instrument"), *more]
            for place, leg in zip(places, hedge.legs, strict=True):
                first = traded.setdefault((leg.venue, leg.instrument), place)
                if first != place:
                    yield place, f"is traded by {key_text(first[:4])} already"
