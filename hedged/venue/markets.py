"""From a venue's listing to an `Instrument`."""

from collections.abc import Container
from decimal import Decimal
from typing import Any

from hedged.core.types import Instrument, Kind
from hedged.ports import VenueRefused
from hedged.venue.fields import Row
from hedged.venue.profiles.profile import Profile


def listed_instrument(
    venue: str, profile: Profile, market: Any, *, held: bool = False
) -> Instrument:
    """The instrument of one of ccxt's markets; lot, minimum and maximum become contracts.

    `held`: it is wanted for a position that exists, whether or not one may trade it now.

    Raises:
        VenueRefused: it cannot be hedged with: not a perpetual, not trading, being delisted.
    """
    symbol = market["symbol"]
    listing = Row(f"listing {symbol}", market["info"])
    problem = None if held else _problem(profile, market, listing)
    if problem is not None:
        raise VenueRefused(f"{symbol} cannot be hedged with: {problem}")
    figures = Row(
        f"listing {symbol}",
        {
            "contract size": market["contractSize"],
            "lot": market["precision"]["amount"],
            "tick": market["precision"]["price"],
            "minimum": market["limits"]["amount"]["min"],
            "maximum": market["limits"]["amount"]["max"],
        },
    )
    size = profile.contract_size or figures.positive("contract size")
    per_contract = Decimal(1) if profile.amounts_in_contracts else size
    # A largest order of 0 is no listing: read as "no limit" it would be its opposite.
    limited = figures.optional("maximum") is not None
    maximum = figures.positive("maximum") if limited else None
    return Instrument(
        venue=venue,
        symbol=symbol,
        kind=Kind.INVERSE if market["inverse"] else Kind.LINEAR,
        base=market["base"],
        settle=market["settle"],
        contract_size=size,
        lot=figures.positive("lot") / per_contract,
        tick=figures.positive("tick"),
        min_contracts=figures.unsigned("minimum") / per_contract,
        max_contracts=None if maximum is None else maximum / per_contract,
    )


def _problem(profile: Profile, market: Any, listing: Row) -> str | None:
    if not market["swap"] or not market["inverse"]:
        return "it is not an inverse perpetual"
    if not market["active"]:
        return "it is not trading"
    return profile.delisting(listing)


def unlisted(profile: Profile, symbol: str, listed: Container[str]) -> VenueRefused:
    """Why there is no market of this unified symbol: only those that can hedge are read."""
    base, _, rest = symbol.partition("/")
    settle = rest.partition(":")[2].partition("-")[0]
    if not rest or settle == base:
        return VenueRefused(f"{symbol} is not listed at {profile.exchange}")
    own = f"{base}/USD:{base}"
    example = own if own in listed else "BTC/USD:BTC"
    return VenueRefused(
        f"{profile.exchange}: hedged trades inverse perpetuals here, e.g. {example}; "
        f"{symbol} is {'linear' if settle else 'spot'}"
    )


def unlisted_instrument(venue: str, profile: Profile, market_id: str, kind: Kind) -> Instrument:
    """The instrument of a position in something that this client did not load.

    It serves to name what moves with which coin. It is never traded: `instrument` does not give
    it out, and its largest order is 0.
    """
    base, settle = profile.coins_of(market_id, kind)
    return Instrument(
        venue=venue,
        symbol=market_id,
        kind=kind,
        base=base,
        settle=settle,
        contract_size=Decimal(1),
        lot=Decimal(1),
        tick=Decimal(1),
        min_contracts=Decimal(1),
        max_contracts=Decimal(0),
    )
