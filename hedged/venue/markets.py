"""From a venue's listings to `Instrument`s, and what one is called at the venue."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hedged.core.types import Instrument, Kind
from hedged.ports import VenueRefused
from hedged.venue.connection import Connection
from hedged.venue.fields import EPOCH, Row
from hedged.venue.figures import Figures
from hedged.venue.profiles.profile import Leg, Profile


class Markets:
    """The instruments of one venue, as listed of late."""

    def __init__(
        self, venue: str, profile: Profile, connection: Connection, figures: Figures
    ) -> None:
        self._venue = venue
        self._profile = profile
        self._connection = connection
        self._figures = figures

    def instrument(self, symbol: str, *, held: bool = False) -> Instrument:
        """The instrument of a unified symbol.

        `held`: it is wanted for something that exists, whether or not one may trade it now.

        Raises:
            VenueRefused: it cannot be hedged with: not a contract, not trading, being delisted.
        """
        return self._listed(self._connection.market(symbol), held=held)

    def market_id(self, symbol: str) -> str:
        """What the venue calls it."""
        market_id: str = self._connection.market(symbol)["id"]
        return market_id

    @property
    def settled_in(self) -> frozenset[str]:
        """The coins that listed contracts settle in."""
        markets = (self._connection.client.markets or {}).values()
        return frozenset(market["settle"] for market in markets if market["contract"])

    def by_id(self, symbols: Sequence[str]) -> dict[str, Instrument]:
        """The instruments by market id; held ones, as orders and fills outlive a listing's end."""
        return {self.market_id(symbol): self.instrument(symbol, held=True) for symbol in symbols}

    def interval_h(self, symbol: str) -> Decimal | None:
        """Hours between two stamps of funding, as the listing tells."""
        listing = Row(f"listing {symbol}", self._connection.market(symbol)["info"])
        return self._profile.funding_interval(listing)

    def listed(self, symbols: Sequence[str]) -> dict[str, str]:
        """Those of them that are still listed, by market id."""
        found = {}
        for symbol in symbols:
            with suppress(VenueRefused):
                found[self.market_id(symbol)] = symbol
        return found

    def of_position(self, leg: Leg, kind: Kind) -> Instrument:
        """The instrument of a position, in a market that this client loaded or not.

        One that it did not load, or whose contracts are on a multiple of a coin, gets a stand-in
        that serves to name what moves with which coin. It is never traded: `instrument` does not
        give it out, and its largest order is 0.
        """
        base, settle = self._profile.coins_of(leg.market_id, kind)
        for market in self._connection.client.markets_by_id.get(leg.market_id, ()):
            is_kind = market["contract"] and market["inverse"] is (kind is Kind.INVERSE)
            if is_kind and market["base"] == base:
                return self._listed(market, held=True)
        return Instrument(
            venue=self._venue,
            symbol=leg.market_id,
            kind=kind,
            base=base,
            settle=settle,
            contract_size=Decimal(1),
            lot=Decimal(1),
            tick=Decimal(1),
            min_contracts=Decimal(1),
            max_contracts=Decimal(0),
        )

    def _listed(self, market: Any, *, held: bool) -> Instrument:
        instrument = listed_instrument(self._venue, self._profile, market, held=held)
        return replace(instrument, maintenance=self._figures.maintenance(market["id"]))


def listed_instrument(venue: str, profile: Profile, market: Any, *, held: bool) -> Instrument:
    """The instrument of one of ccxt's markets; lot, minimum and maximum become contracts."""
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
            "least notional": market["limits"]["cost"]["min"],
            "expiry": market["expiry"],
        },
    )
    size = profile.contract_size or figures.positive("contract size")
    per_contract = Decimal(1) if profile.amounts_in_contracts else size
    # A largest order of 0 is no listing: read as "no limit" it would be its opposite.
    limited = figures.optional("maximum") is not None
    maximum = figures.positive("maximum") if limited else None
    expires_ms = figures.optional("expiry")
    return Instrument(
        venue=venue,
        symbol=symbol,
        kind=Kind.INVERSE if market["inverse"] else Kind.LINEAR,
        base=market["base"],
        settle=market["settle"],
        contract_size=size,
        lot=figures.positive("lot") / per_contract,
        tick=figures.positive("tick"),
        min_contracts=figures.unsigned("lot" if profile.least_is_lot else "minimum") / per_contract,
        max_contracts=None if maximum is None else maximum / per_contract,
        min_notional_usd=figures.optional("least notional") or None,
        expires_at=None if expires_ms is None else EPOCH + timedelta(milliseconds=int(expires_ms)),
    )


def _problem(profile: Profile, market: Any, listing: Row) -> str | None:
    kind = Kind.INVERSE if market["inverse"] else Kind.LINEAR
    if profile.coins_of(market["id"], kind)[0] != market["base"]:
        return "its contracts are on a multiple of the coin"
    if not market["active"]:
        return "it is not trading"
    return profile.delisting(listing)
