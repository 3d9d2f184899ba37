"""What of the settings concerns one venue."""

from collections.abc import Iterator

from hedged.config.hedges import HedgeSettings, StaticSource
from hedged.config.settings import Settings


def symbols_at(settings: Settings, venue: str) -> list[str]:
    """The instruments that hedges trade at this venue."""
    hedges = [hedge for book in settings.books.values() for hedge in book.hedges]
    legs = [leg for hedge in hedges for leg in hedge.legs]
    return sorted({leg.instrument for leg in legs if leg.venue == venue})


def coins_at(settings: Settings, venue: str) -> list[str]:
    """The coins that count at this venue: hedged there, or held there."""
    found: set[str] = set()
    for hedge in (hedge for book in settings.books.values() for hedge in book.hedges):
        held = {source.venue for source in hedge.spot if not isinstance(source, StaticSource)}
        if venue in held | {leg.venue for leg in hedge.legs}:
            found |= {hedge.asset, *(alias.coin for alias in hedge.also)}
    return sorted(found)


def coins_of(settings: Settings) -> list[str]:
    """The coins that are hedged, at whichever venue they are."""
    return sorted({hedge.asset for book in settings.books.values() for hedge in book.hedges})


def moving_venues(settings: Settings) -> set[str]:
    """Where collateral may be moved."""
    return {venue for _, venue, _, _ in moving_hedges(settings)}


def moving_hedges(settings: Settings) -> Iterator[tuple[str, str, int, HedgeSettings]]:
    """The hedges whose collateral may be moved: their book, venue and place in it."""
    for name, book in settings.books.items():
        for index, hedge in enumerate(book.hedges):
            if hedge.transfers.account is not None and hedge.venue is not None:
                yield name, hedge.venue, index, hedge
