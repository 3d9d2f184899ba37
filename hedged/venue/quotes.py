"""Prices and costs of a venue's instruments, and the depth of their order books.

Quotes that are wanted at the same time share one request for all tickers of a kind, where that
is a short list; elsewhere each market is asked for by itself.
"""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise

from hedged.core.types import USD, Depth, Instrument, Kind, Level, Quote, Rate
from hedged.ports import Clock, VenueUnavailable
from hedged.venue.connection import Connection
from hedged.venue.fields import Row
from hedged.venue.figures import Figures
from hedged.venue.markets import Markets
from hedged.venue.profiles.profile import Profile
from hedged.venue.profiles.reads import Read
from hedged.venue.together import together

Tickers = tuple[float, list[Row]]  # when they were asked for, and the rows


class Quotes:
    """Reads quotes and depth; each method is an attempt of `Connection.read`."""

    def __init__(
        self,
        profile: Profile,
        connection: Connection,
        markets: Markets,
        figures: Figures,
        clock: Clock,
    ) -> None:
        self._profile = profile
        self._connection = connection
        self._markets = markets
        self._figures = figures
        self._clock = clock
        self._tickers: dict[tuple[Kind, str], asyncio.Task[Tickers]] = {}

    async def quote(self, symbol: str) -> Quote:
        """Mark, index and best prices, funding and fees."""
        instrument, market_id = self._markets.instrument(symbol), self._markets.market_id(symbol)
        told = await together(*(self._ticker(instrument, read) for read in self._profile.tickers))
        started_s = min(started_s for started_s, _ in told)
        figures = {
            read.prefix + key: value
            for read, (_, row) in zip(self._profile.tickers, told, strict=True)
            for key, value in row.values.items()
        }
        prices = self._profile.prices(Row(f"quote {symbol}", figures))
        fees = self._figures.fees(market_id)
        return Quote(
            instrument=instrument,
            mark=prices.mark,
            index=prices.index,
            age_s=self._age_s(started_s),
            bid=prices.bid,
            ask=prices.ask,
            last=prices.last,
            funding_rate=prices.funding_rate,
            funding_at=prices.funding_at,
            funding_interval_h=prices.funding_interval_h or self._markets.interval_h(symbol),
            taker_fee=None if fees is None else fees.taker,
            maker_fee=None if fees is None else fees.maker,
        )

    async def depth(self, symbol: str) -> Depth:
        """What stands in the order book."""
        instrument = self._markets.instrument(symbol, held=True)
        contracts = self._profile.contracts[instrument.kind]
        only = self._connection.naming(self._profile.depth, symbol)
        started_s = self._clock.monotonic()
        what = f"depth of {symbol}"
        reply = await self._connection.row(what, self._profile.depth, **contracts.only, **only)
        size = Decimal(1) if self._profile.amounts_in_contracts else instrument.contract_size
        bids, asks = (
            tuple(Level(level.price, level.contracts / size) for level in side)
            for side in self._profile.book(reply)
        )
        _check_order(what, [level.price for level in asks])
        _check_order(what, [-level.price for level in bids])
        return Depth(bids, asks, self._age_s(started_s))

    async def price(self, coin: str) -> Rate:
        """The middle of a coin's spot market."""
        market, what = self._profile.spot_market.format(coin), f"price of {coin}"
        started_s = self._clock.monotonic()
        read, key = self._profile.spot_tickers, self._profile.spot_key or self._profile.market_key
        if read is None:
            raise VenueUnavailable(f"{what}: {self._profile.exchange} does not tell it")
        rows = await self._connection.rows(what, read, **{key: market})
        if len(rows) != 1 or rows[0].values.get(key) != market:
            raise VenueUnavailable(f"{what}: the reply does not tell of {market}")
        bid, ask = self._profile.best(rows[0])
        if bid is None or ask is None or bid >= ask:
            raise VenueUnavailable(f"{what}: {market} has no two sides")
        return Rate(coin, USD, (bid + ask) / 2, self._age_s(started_s))

    async def _ticker(self, instrument: Instrument, read: Read) -> tuple[float, Row]:
        """What one request says of one market, and when it was sent."""
        naming = self._connection.naming(read, instrument.symbol)
        started_s, tickers = await self._asked(instrument.kind, read, naming)
        # A reply about one market need not name it; where it does, it must be the right one.
        rows = [
            row
            for row in tickers
            if all(
                row.values.get(key, None if read.market is None else value) == value
                for key, value in naming.items()
            )
        ]
        if len(rows) != 1:
            raise VenueUnavailable(
                f"quote {instrument.symbol}: the reply has {len(rows)} prices of it"
            )
        return started_s, rows[0]

    async def _asked(self, kind: Kind, read: Read, naming: Mapping[str, str]) -> Tickers:
        contracts = self._profile.contracts[kind]
        if contracts.by_market:
            return await self._read_tickers(read, {**contracts.only, **naming})
        key = kind, read.method
        shared = self._tickers.get(key)
        if shared is None or shared.done():
            shared = asyncio.create_task(self._read_tickers(read, dict(contracts.only)))
            self._tickers[key] = shared
            # Whoever waits may have lost patience by the time it fails: then nobody is told.
            shared.add_done_callback(_looked_at)
        # Shielded: whoever is cancelled must not take the reply away from the others.
        return await asyncio.shield(shared)

    async def _read_tickers(self, read: Read, only: dict[str, str]) -> Tickers:
        started_s = self._clock.monotonic()
        return started_s, await self._connection.rows("quotes", read, **only)

    def _age_s(self, started_s: float) -> Decimal:
        return Decimal(str(round(self._clock.monotonic() - started_s, 6)))


def _looked_at(task: asyncio.Task[Tickers]) -> None:
    if not task.cancelled():
        task.exception()


def _check_order(what: str, prices: list[Decimal]) -> None:
    """Refuse a side of a book that does not go from its best price to worse ones."""
    if any(better >= worse for better, worse in pairwise(prices)):
        raise VenueUnavailable(f"{what}: its prices are out of order")
