"""Prices and costs of a venue's instruments, and the depth of their order books.

Quotes that are wanted at the same time share one request for all tickers of a kind, where that
is a short list; elsewhere each market is asked for by itself.
"""

import asyncio
from decimal import Decimal
from itertools import pairwise

from hedged.core.types import USD, Depth, Kind, Level, Quote, Rate
from hedged.ports import Clock, VenueUnavailable
from hedged.venue.connection import Connection
from hedged.venue.fields import Row
from hedged.venue.figures import Figures
from hedged.venue.markets import Markets
from hedged.venue.profiles.profile import Profile

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
        self._tickers: dict[Kind, asyncio.Task[Tickers]] = {}

    async def quote(self, symbol: str) -> Quote:
        """Mark, index and best prices, funding and fees."""
        instrument, market_id = self._markets.instrument(symbol), self._markets.market_id(symbol)
        key = self._profile.market_key
        started_s, tickers = await self._asked(instrument.kind, market_id)
        rows = [row for row in tickers if row.values.get(key) == market_id]
        if len(rows) != 1:
            raise VenueUnavailable(f"quote {symbol}: the reply has {len(rows)} prices of it")
        prices = self._profile.prices(Row(f"quote {symbol}", rows[0].values))
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
            funding_interval_h=prices.funding_interval_h,
            taker_fee=None if fees is None else fees.taker,
            maker_fee=None if fees is None else fees.maker,
        )

    async def depth(self, symbol: str) -> Depth:
        """What stands in the order book."""
        instrument = self._markets.instrument(symbol, held=True)
        contracts = self._profile.contracts[instrument.kind]
        only = {self._profile.market_key: self._markets.market_id(symbol)}
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
        only = {self._profile.market_key: market}
        rows = await self._connection.rows(what, self._profile.spot_tickers, **only)
        if len(rows) != 1 or rows[0].values.get(self._profile.market_key) != market:
            raise VenueUnavailable(f"{what}: the reply does not tell of {market}")
        bid, ask = self._profile.best(rows[0])
        if bid is None or ask is None or bid >= ask:
            raise VenueUnavailable(f"{what}: {market} has no two sides")
        return Rate(coin, USD, (bid + ask) / 2, self._age_s(started_s))

    async def _asked(self, kind: Kind, market_id: str) -> Tickers:
        contracts = self._profile.contracts[kind]
        if contracts.by_market:
            only = {self._profile.market_key: market_id}
            return await self._read_tickers({**contracts.only, **only})
        shared = self._tickers.get(kind)
        if shared is None or shared.done():
            shared = asyncio.create_task(self._read_tickers(dict(contracts.only)))
            self._tickers[kind] = shared
            # Whoever waits may have lost patience by the time it fails: then nobody is told.
            shared.add_done_callback(_looked_at)
        # Shielded: whoever is cancelled must not take the reply away from the others.
        return await asyncio.shield(shared)

    async def _read_tickers(self, only: dict[str, str]) -> Tickers:
        started_s = self._clock.monotonic()
        return started_s, await self._connection.rows("quotes", self._profile.tickers, **only)

    def _age_s(self, started_s: float) -> Decimal:
        return Decimal(str(round(self._clock.monotonic() - started_s, 6)))


def _looked_at(task: asyncio.Task[Tickers]) -> None:
    if not task.cancelled():
        task.exception()


def _check_order(what: str, prices: list[Decimal]) -> None:
    """Refuse a side of a book that does not go from its best price to worse ones."""
    if any(better >= worse for better, worse in pairwise(prices)):
        raise VenueUnavailable(f"{what}: its prices are out of order")
