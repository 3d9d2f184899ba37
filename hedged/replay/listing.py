"""The embedded exchange's instruments under their unified names: BTC/USD:BTC, BTC/USDT:USDT."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from hedged.core.types import Instrument, Kind
from hedged.ports import VenueRefused
from hedged.sim.exchange import Exchange
from hedged.sim.instruments import Instrument as Listing
from hedged.sim.market import Market, Phase

_CONTRACT: Final = Decimal(1)  # USD (inverse), coins (linear)


@lru_cache
def unified_symbol(listing: Listing) -> str:
    """The name that all venues' clients give it."""
    pair = f"{listing.base}/{listing.quote}"
    if listing.is_spot:
        return pair
    name = f"{pair}:{listing.settle}"
    if listing.is_perpetual:
        return name
    return f"{name}-{datetime.fromtimestamp(listing.delivery_ms / 1000, UTC):%y%m%d}"


def market_of(exchange: Exchange, symbol: str) -> Market:
    """The market of a contract's unified symbol.

    Raises:
        VenueRefused: there is no such contract.
    """
    for market in exchange.markets.values():
        if not market.instrument.is_spot and unified_symbol(market.instrument) == symbol:
            return market
    raise VenueRefused(f"{symbol} is not listed")


def listing_of(venue: str, market: Market, *, held: bool = False) -> Instrument:
    """The instrument of a market. `held`: it is wanted for what exists, not for trading.

    Raises:
        VenueRefused: it cannot be hedged with: not trading, or being delisted.
    """
    listing = market.instrument
    problem = None if held else _problem(market)
    if problem is not None:
        raise VenueRefused(f"{unified_symbol(listing)} cannot be hedged with: {problem}")
    return _instrument(venue, listing)


@lru_cache
def _instrument(venue: str, listing: Listing) -> Instrument:
    is_dated = not listing.is_perpetual
    return Instrument(
        venue=venue,
        symbol=unified_symbol(listing),
        kind=Kind.INVERSE if listing.is_inverse else Kind.LINEAR,
        base=listing.base,
        settle=listing.settle,
        contract_size=_CONTRACT,
        lot=listing.lot,
        tick=listing.tick,
        min_contracts=listing.min_quantity,
        max_contracts=listing.max_quantity,
        min_notional_usd=listing.min_value or None,
        expires_at=datetime.fromtimestamp(listing.delivery_ms / 1000, UTC) if is_dated else None,
        maintenance=listing.tiers[0].maintenance_rate,
    )


def _problem(market: Market) -> str | None:
    listing = market.instrument
    if market.phase is not Phase.TRADING:
        return "it is not trading"
    if listing.is_perpetual and listing.delivery_ms:
        return f"it is being delisted (delivery at {listing.delivery_ms} ms)"
    return None
