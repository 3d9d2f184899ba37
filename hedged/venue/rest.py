"""The gateway for reading: one account at one venue, over REST.

Units and signs come out as the core wants them: an inverse position in signed USD, wallets in
coins without unrealised PnL, prices in USD per coin, orders in contracts, all Decimal. A value
that is missing, malformed or impossible makes the whole read fail; no read ever returns less than
it was asked for.

Ages run from the start of the attempt that succeeded, before its first request, to the moment
of return: a caller that keeps the value adds the time it kept it. Two things are read less often
than they are asked for. Quotes that are wanted at the same time share one request for all
tickers. And a kind of position that cannot hedge and in which nothing was held is not asked for
again within `Read.rest_s`: its absence may be that much older than the account's age says.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final

from hedged.core.decimals import plain
from hedged.core.types import (
    Amount,
    CoinBalance,
    Instrument,
    Kind,
    MarginAccount,
    Position,
    Quote,
)
from hedged.ports import Clock, Fill, OrderReport, OrderStatus, VenueRefused, VenueUnavailable
from hedged.venue.connection import Connection
from hedged.venue.fields import EPOCH, Row
from hedged.venue.lazy import errors
from hedged.venue.markets import listed_instrument, unlisted_instrument
from hedged.venue.outcomes import venue_code
from hedged.venue.profiles.profile import Leg, Profile, Read
from hedged.venue.spec import VenueSpec
from hedged.venue.transport import Route

_MILLISECOND: Final = timedelta(milliseconds=1)
_MOST_SPANS: Final = 53  # of fills: a year, where one request may span a week


class ReadOnlyVenue:
    """`ports.Venue`: its client can send the profile's reads, and no write."""

    def __init__(
        self,
        spec: VenueSpec,
        profile: Profile,
        clock: Clock,
        on_read: Callable[[], None] | None = None,
    ) -> None:
        self._spec = spec
        self._profile = profile
        self._clock = clock
        self._connection = Connection(spec, profile, clock, self._routes(profile), on_read)
        self._opening = asyncio.Lock()
        self._account_id: str | None = None
        self._tickers: asyncio.Task[tuple[float, list[Row]]] | None = None
        self._empty_at_s: dict[int, float] = {}  # by the place of a kind among the positions

    @property
    def name(self) -> str:
        """The venue's name in the configuration."""
        return self._spec.name

    @property
    def skew_s(self) -> Decimal | None:
        """See `ports.Venue`."""
        return self._connection.skew_s

    @property
    def account_id(self) -> str | None:
        """See `ports.Venue`."""
        return self._account_id

    async def open(self) -> None:
        """See `ports.Venue`; also checks the position mode of `VenueSpec.symbols`.

        The account is read once, since not every environment tells about its keys otherwise.
        """
        async with self._opening:
            if not self._connection.is_open:
                await self._open()

    async def close(self) -> None:
        """Release sockets; never raises."""
        async with self._opening:
            await self._close()

    async def _open(self) -> None:
        connection = self._connection
        connection.connect()
        try:
            await _together(
                connection.read(connection.load_listings), connection.read(self._check_key)
            )
            await connection.read(partial(self._account, ()))
            await _together(
                *(
                    connection.read(partial(self._check_mode, symbol))
                    for symbol in self._spec.symbols
                )
            )
        except BaseException:
            await self._close()
            raise

    async def _close(self) -> None:
        self._empty_at_s.clear()
        await self._connection.close()

    def instrument(self, symbol: str) -> Instrument:
        """See `ports.Venue`."""
        return listed_instrument(self.name, self._profile, self._connection.market(symbol))

    async def account(self, coins: Sequence[str]) -> MarginAccount:
        """See `ports.Venue`. All parts are read at once; the age is that of the oldest."""
        return await self._connection.read(partial(self._account, coins))

    async def quote(self, symbol: str) -> Quote:
        """See `ports.Venue`."""
        return await self._connection.read(partial(self._quote, symbol))

    async def open_orders(self, symbols: Sequence[str]) -> tuple[OrderReport, ...]:
        """See `ports.Venue`."""
        return await self._connection.read(partial(self._open_orders, symbols))

    async def fills(self, symbols: Sequence[str], since: datetime) -> tuple[Fill, ...]:
        """See `ports.Venue`. Each span of time is an attempt of its own."""
        wanted = self._wanted(symbols)
        found: dict[str, Fill] = {}
        for span in self._spans(since):
            for fill in await self._connection.read(partial(self._fills, wanted, span)):
                found.setdefault(fill.trade_id, fill)
        # Rows come newest first: reversed, those of one moment are in the order they happened.
        oldest_first = list(found.values())[::-1]
        oldest_first.sort(key=lambda fill: fill.at)
        return tuple(oldest_first)

    @staticmethod
    def _routes(profile: Profile) -> frozenset[Route]:
        return profile.routes

    @property
    def _client(self) -> Any:
        return self._connection.client

    async def _account(self, coins: Sequence[str]) -> MarginAccount:
        started_s = self._clock.monotonic()
        wallet, *kinds = await _together(
            self._wallet(),
            *(self._positions(place, read) for place, read in enumerate(self._profile.positions)),
        )
        balances = self._profile.balances(wallet, coins)
        positions = tuple(position for positions in kinds for position in positions)
        if positions and not balances:
            raise VenueUnavailable("wallet: it lists no coin, and there are positions")
        margin = self._profile.margin(wallet)
        if positions and margin is not None and margin.equity_usd <= 0:
            shown = plain(margin.equity_usd)
            raise VenueUnavailable(f"wallet: it shows {shown} USD equity, and there are positions")
        listed = {balance.wallet.unit for balance in balances}
        left_out = [coin for coin in dict.fromkeys(coins) if coin not in listed]
        for position in positions:
            if position.instrument.settle in left_out:
                raise VenueUnavailable(
                    f"wallet: it lists no {position.instrument.settle}, which the position in "
                    f"{position.instrument.symbol} is settled in"
                )
        stated = await _together(*(self._stated(coin) for coin in left_out))
        return MarginAccount(
            venue=self.name,
            balances=(*balances, *(balance for balance in stated if balance is not None)),
            positions=positions,
            age_s=self._age_s(started_s),
            margin=margin,
        )

    async def _wallet(self, **only: str) -> list[Row]:
        return await self._connection.rows("wallet", self._profile.wallet, **only)

    async def _stated(self, coin: str) -> CoinBalance | None:
        """What the venue says of a coin that it left out; None: it knows no such coin.

        A reply that lost a row looks like one of an account without the coin: it takes a second
        answer that says so to believe it.
        """
        try:
            wallet = await self._wallet(**{self._profile.wallet_coin_param: coin})
        except errors().BaseError as error:
            if venue_code(error, self._profile) in self._profile.unknown_coin:
                return None
            raise
        for balance in self._profile.balances(wallet, (coin,)):
            if balance.wallet.unit == coin:
                if balance.wallet.value:
                    raise VenueUnavailable(
                        f"wallet: it left {coin} out, and says {plain(balance.wallet.value)} "
                        "when asked for it"
                    )
                return balance
        raise VenueUnavailable(f"wallet: it lists no {coin}, even when asked for it")

    async def _positions(self, place: int, read: Read) -> tuple[Position, ...]:
        """The positions of one kind."""
        started_s = self._clock.monotonic()
        empty_at_s = self._empty_at_s.get(place)
        if empty_at_s is not None and started_s - empty_at_s < read.rest_s:
            return ()
        rows = await self._connection.rows("position", read)
        self._check_once(rows)
        found = (self._position(row, read.kind) for row in rows)
        positions = tuple(position for position in found if position is not None)
        self._empty_at_s.pop(place, None)
        if not positions:
            self._empty_at_s[place] = started_s
        return positions

    def _check_once(self, rows: Sequence[Row]) -> None:
        """Refuse a market that comes twice, other than as the two legs of hedge mode."""
        seen: set[str] = set()
        for row in rows:
            market_id = row.text(self._profile.market_key)
            if market_id in seen and self._profile.is_one_way(row):
                raise VenueUnavailable(f"position {market_id}: it is listed twice")
            seen.add(market_id)

    def _position(self, row: Row, kind: Kind) -> Position | None:
        row = Row(f"position {row.text(self._profile.market_key)}", row.values)
        leg = self._profile.leg(row, kind)
        if leg is None:
            return None
        instrument = self._instrument_of(leg, kind)
        if kind is Kind.INVERSE and not self._profile.is_one_way(row):
            raise self._in_hedge_mode(instrument.symbol)
        return Position(
            instrument=instrument,
            quantity=Amount(leg.quantity, instrument.unit),
            entry=leg.entry,
            unrealised_pnl=leg.unrealised_pnl,
            liquidation_price=leg.liquidation_price,
            pnl_from=leg.pnl_from,
        )

    def _instrument_of(self, leg: Leg, kind: Kind) -> Instrument:
        markets = self._client.markets_by_id.get(leg.market_id, ())
        for market in markets:
            if market["contract"] and market["inverse"] is (kind is Kind.INVERSE):
                return listed_instrument(self.name, self._profile, market, held=True)
        return unlisted_instrument(self.name, self._profile, leg.market_id, kind)

    async def _quote(self, symbol: str) -> Quote:
        instrument = self.instrument(symbol)
        market_id = self._connection.market(symbol)["id"]
        if self._tickers is None or self._tickers.done():
            self._tickers = asyncio.create_task(self._all_tickers())
            # Whoever waits may have lost patience by the time it fails: then nobody is told.
            self._tickers.add_done_callback(_looked_at)
        # Shielded: whoever is cancelled must not take the reply away from the others.
        started_s, tickers = await asyncio.shield(self._tickers)
        rows = [row for row in tickers if row.values.get(self._profile.market_key) == market_id]
        if len(rows) != 1:
            raise VenueUnavailable(f"quote {symbol}: the reply has {len(rows)} prices of it")
        prices = self._profile.prices(Row(f"quote {symbol}", rows[0].values))
        return Quote(
            instrument=instrument,
            mark=prices.mark,
            index=prices.index,
            age_s=self._age_s(started_s),
            bid=prices.bid,
            ask=prices.ask,
            funding_rate=prices.funding_rate,
        )

    async def _all_tickers(self) -> tuple[float, list[Row]]:
        """The rows, and when they were asked for."""
        started_s = self._clock.monotonic()
        return started_s, await self._connection.rows("quotes", self._profile.tickers)

    async def _open_orders(self, symbols: Sequence[str]) -> tuple[OrderReport, ...]:
        wanted = self._wanted(symbols)
        rows = await self._connection.rows("open orders", self._profile.open_orders)
        reports = [
            self._report(Row("open order", row.values), instrument)
            for row in rows
            if (instrument := self._wanted_by(wanted, row)) is not None
        ]
        # An order that moves between pages while they are read comes twice.
        working = {r.venue_id: r for r in reports if r.status is OrderStatus.WORKING}
        return tuple(working.values())

    async def _fills(self, wanted: Mapping[str, Instrument], span: Mapping[str, str]) -> list[Fill]:
        rows = await self._connection.rows("fills", self._profile.fills, **span)
        fills = []
        for row in rows:
            instrument = self._wanted_by(wanted, row)
            if instrument is None:
                continue
            fill = self._profile.fill(Row("fill", row.values), instrument)
            if fill is not None:
                contracts = self._contracts(fill.contracts, instrument)
                fills.append(replace(fill, contracts=contracts))
        return fills

    def _spans(self, since: datetime) -> list[dict[str, str]]:
        """The spans of time to ask for, latest first; the latest has no end."""
        start_ms, now_ms = (
            (at - EPOCH) // _MILLISECOND for at in (since, self._connection.venue_time)
        )
        longest_ms = self._profile.fills_longest // _MILLISECOND
        starts = list(range(start_ms, max(now_ms, start_ms) + 1, longest_ms))
        if len(starts) > _MOST_SPANS:
            raise VenueRefused(f"fills since {since:%Y-%m-%d}: that is more than a year ago")
        spans = [
            {
                self._profile.fills_from_param: str(begin_ms),
                self._profile.fills_to_param: str(begin_ms + longest_ms - 1),
            }
            for begin_ms in starts
        ]
        del spans[-1][self._profile.fills_to_param]
        return spans[::-1]

    def _wanted(self, symbols: Sequence[str]) -> dict[str, Instrument]:
        """The instruments by market id; held ones, as orders and fills outlive a listing's end."""
        markets = [self._connection.market(symbol) for symbol in symbols]
        return {
            market["id"]: listed_instrument(self.name, self._profile, market, held=True)
            for market in markets
        }

    def _wanted_by(self, wanted: Mapping[str, Instrument], row: Row) -> Instrument | None:
        return wanted.get(row.text(self._profile.market_key))

    def _report(self, row: Row, instrument: Instrument) -> OrderReport:
        report = self._profile.report(row, instrument)
        return replace(
            report,
            contracts=self._contracts(report.contracts, instrument),
            filled=self._contracts(report.filled, instrument),
        )

    def _contracts(self, amount: Decimal, instrument: Instrument) -> Decimal:
        return amount if self._profile.amounts_in_contracts else amount / instrument.contract_size

    async def _check_key(self) -> None:
        self._account_id = await self._profile.account_id(self._client)

    async def _check_mode(self, symbol: str) -> None:
        only = {self._profile.market_key: self._connection.market(symbol)["id"]}
        rows = await self._connection.rows(
            f"position mode {symbol}", self._profile.position_mode, **only
        )
        if not rows:
            raise VenueUnavailable(f"position mode {symbol}: the reply lists no row")
        if not all(self._profile.is_one_way(row) for row in rows):
            raise self._in_hedge_mode(symbol)

    def _in_hedge_mode(self, symbol: str) -> VenueRefused:
        return VenueRefused(
            f"{symbol} is in hedge mode, hedged needs one-way mode: {self._profile.one_way_advice}"
        )

    def _age_s(self, started_s: float) -> Decimal:
        return Decimal(str(round(self._clock.monotonic() - started_s, 6)))


def _looked_at(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled():
        task.exception()


async def _together(*reads: Coroutine[Any, Any, Any]) -> list[Any]:
    """All results, read at once; the first failure cancels the rest."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(read) for read in reads]
    except BaseExceptionGroup as failures:
        failure = failures.exceptions[0]
    else:
        return [task.result() for task in tasks]
    raise failure  # out here it keeps its own cause, which tells what happened
