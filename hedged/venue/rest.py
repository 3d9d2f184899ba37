"""The gateway for reading: one account at one venue, over REST.

Units and signs come out as the core wants them: an inverse position in signed USD, wallets in
coins without unrealised PnL, prices in USD per coin, orders in contracts, all Decimal. A value
that is missing, malformed or impossible makes the whole read fail; no read ever returns less than
it was asked for.

Ages run from the start of the attempt that succeeded, before its first request, to the moment
of return: a caller that keeps the value adds the time it kept it. Two things are read less often
than they are asked for: `quotes` tells of one. And a kind of position in which nothing was held
may not be asked for again within `Read.rest_s`: its absence may be that much older than the
account's age says.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from hedged.core.access import Access, Use
from hedged.core.arrangement import Arrangement
from hedged.core.decimals import ZERO, plain
from hedged.core.types import (
    Amount,
    CoinBalance,
    Depth,
    Environment,
    Flow,
    Holding,
    Instrument,
    Kind,
    Maintenance,
    MarginAccount,
    Position,
    Quote,
    Rate,
    Transfer,
)
from hedged.ports import Clock, Fill, OrderReport, VenueRefused, VenueUnavailable
from hedged.venue.accounts import OtherAccounts
from hedged.venue.announcements import Announcements
from hedged.venue.connection import Connection
from hedged.venue.fields import Row
from hedged.venue.figures import Figures
from hedged.venue.lazy import errors
from hedged.venue.markets import Markets
from hedged.venue.outcomes import venue_code
from hedged.venue.profiles.profile import Profile
from hedged.venue.profiles.reads import Read
from hedged.venue.profiles.rows import in_units
from hedged.venue.quotes import Quotes
from hedged.venue.records import Records
from hedged.venue.spec import VenueSpec, settle_of
from hedged.venue.together import together
from hedged.venue.transport import Route


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
        self._connection = Connection(spec, profile, clock, self._routes(), on_read)
        figures = Figures(spec.name, profile, self._connection, clock, spec.symbols)
        self._figures = figures
        self._markets = Markets(spec.name, profile, self._connection, figures)
        self._quotes = Quotes(profile, self._connection, self._markets, figures, clock)
        self._records = Records(profile, self._connection, self._markets, spec.symbols)
        coins = tuple(dict.fromkeys((*spec.coins, *map(settle_of, spec.symbols))))
        self._accounts = OtherAccounts(
            spec.name, profile, self._connection, clock, spec.world, coins
        )
        self._announcements = Announcements(spec, profile, self._connection, clock)
        self._connection.keep_up(figures)
        self._connection.keep_up(self._announcements)
        self._opening = asyncio.Lock()
        self._access = Access()
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
    def use(self) -> Use:
        """See `ports.Venue`."""
        return self._connection.use

    @property
    def access(self) -> Access:
        """See `ports.Venue`."""
        return self._access

    @property
    def maintenance(self) -> tuple[Maintenance, ...]:
        """See `ports.Venue`."""
        return self._announcements.maintenance

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
            await together(
                connection.read(connection.load_listings), connection.read(self._check_key)
            )
            await connection.read(partial(self._account, ()))
            await together(
                self._figures.open(),
                self._announcements.open(),
                *(
                    connection.read(partial(self._check_mode, symbol))
                    for symbol in self._spec.symbols
                ),
            )
        except BaseException:
            await self._close()
            raise

    async def _close(self) -> None:
        self._empty_at_s.clear()
        await self._connection.close()

    def instrument(self, symbol: str) -> Instrument:
        """See `ports.Venue`."""
        return self._markets.instrument(symbol)

    async def arrangement(self) -> Arrangement:
        """See `ports.Venue`."""
        return await self._connection.read(self._arrangement)

    async def account(self, coins: Sequence[str]) -> MarginAccount:
        """See `ports.Venue`. All parts are read at once; the age is that of the oldest."""
        return await self._connection.read(partial(self._account, coins))

    async def holdings(self, account: str, coins: Sequence[str]) -> tuple[Holding, ...]:
        """See `ports.Venue`."""
        return await self._connection.read(partial(self._accounts.holdings, account, coins))

    async def transfers(self, since: datetime) -> tuple[Transfer, ...]:
        """See `ports.Venue`."""
        return await self._connection.read(partial(self._accounts.transfers, since))

    async def withdrawals(self, since: datetime) -> tuple[Transfer, ...]:
        """See `ports.Venue`."""
        return await self._connection.read(partial(self._accounts.withdrawals, since))

    async def credited(self, since: datetime) -> frozenset[str]:
        """See `ports.Venue`."""
        return await self._connection.read(partial(self._accounts.credited, since))

    async def quote(self, symbol: str) -> Quote:
        """See `ports.Venue`."""
        return await self._connection.read(partial(self._quotes.quote, symbol))

    async def depth(self, symbol: str) -> Depth:
        """See `ports.Venue`."""
        return await self._connection.read(partial(self._quotes.depth, symbol))

    async def prices(self, coins: Sequence[str]) -> tuple[Rate, ...]:
        """See `ports.Venue`."""
        read = self._connection.read
        rates = await together(*(read(partial(self._quotes.price, coin)) for coin in coins))
        return tuple(rates)

    async def open_orders(self, symbols: Sequence[str]) -> tuple[OrderReport, ...]:
        """See `ports.Venue`."""
        return await self._connection.read(partial(self._records.open_orders, symbols))

    async def fills(self, symbols: Sequence[str], since: datetime) -> tuple[Fill, ...]:
        """See `ports.Venue`."""
        return await self._records.fills(symbols, since)

    async def flows(self, since: datetime) -> tuple[Flow, ...]:
        """See `ports.Venue`."""
        return await self._records.flows(since)

    def _routes(self) -> frozenset[Route]:
        return self._profile.routes

    @property
    def _client(self) -> Any:
        return self._connection.client

    async def _account(self, coins: Sequence[str]) -> MarginAccount:
        started_s = self._clock.monotonic()
        wallet, *kinds = await together(
            self._wallets(coins),
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
            self._check_carried(position, balances)
        stated = await together(*(self._stated(coin) for coin in left_out))
        return MarginAccount(
            venue=self.name,
            balances=(*balances, *(balance for balance in stated if balance is not None)),
            positions=positions,
            age_s=self._age_s(started_s),
            margin=margin,
        )

    def _check_carried(self, position: Position, balances: Sequence[CoinBalance]) -> None:
        """Refuse a wallet of nothing under a position that only its coin can carry."""
        coin = position.instrument.settle
        equity = [b.equity for b in balances if b.wallet.unit == coin and b.equity is not None]
        if self._profile.coins_stand_alone and equity and equity[0].value <= 0:
            raise VenueUnavailable(
                f"wallet {coin}: it says {plain(equity[0].value)}, and the position in "
                f"{position.instrument.symbol} stands on it alone"
            )

    async def _wallets(self, coins: Sequence[str]) -> list[Row]:
        """What the account says of all coins, or of these and what is traded settles in."""
        by_coin = self._profile.wallet_by_coin
        if by_coin is None:
            return await self._wallet()
        wanted = dict.fromkeys((*coins, *map(settle_of, self._spec.symbols)))
        replies = await together(*(self._wallet(**by_coin(coin)) for coin in wanted))
        return [row for rows in replies for row in rows]

    async def _wallet(self, **only: str) -> list[Row]:
        return await self._connection.rows("wallet", self._profile.wallet, **only)

    async def _stated(self, coin: str) -> CoinBalance | None:
        """What the venue says of a coin that it left out; None: it knows no such coin.

        A reply that lost a row looks like one of an account without the coin: it takes a second
        answer that says so to believe it. Where each coin stands alone, the venue lists those that
        contracts settle in, and knows no other.
        """
        if self._profile.coins_stand_alone and coin not in self._markets.settled_in:
            return None
        param = self._profile.wallet_coin_param
        try:
            wallet = await self._wallet(**({param: coin} if param else {}))
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
        if self._profile.absent_is_zero:
            return CoinBalance(wallet=Amount(ZERO, coin), equity=Amount(ZERO, coin))
        raise VenueUnavailable(f"wallet: it lists no {coin}, even when asked for it")

    async def _positions(self, place: int, read: Read) -> tuple[Position, ...]:
        """The positions of one kind."""
        started_s = self._clock.monotonic()
        settled_in = map(settle_of, self._spec.symbols)
        empty_at_s = None if read.settle in settled_in else self._empty_at_s.get(place)
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
        kind = leg.kind or kind
        instrument = self._markets.of_position(leg, kind)
        if leg.in_contracts:
            leg = in_units(row, leg, instrument)
        is_ours = kind is Kind.INVERSE or instrument.symbol in self._spec.symbols
        if is_ours and not self._profile.is_one_way(row):
            raise self._in_hedge_mode(instrument.symbol)
        return Position(
            instrument=instrument,
            quantity=Amount(leg.quantity, instrument.unit),
            entry=leg.entry,
            unrealised_pnl=leg.unrealised_pnl,
            liquidation_price=leg.liquidation_price,
            pnl_from=leg.pnl_from,
            mark=leg.mark,
        )

    async def _check_key(self) -> None:
        self._access = await self._profile.access(self._client)
        if self._access.may_withdraw and self._spec.environment is Environment.MAINNET:
            raise VenueRefused(
                "the key may withdraw coins, which hedged never needs: on mainnet use one without "
                "that right"
            )

    async def _arrangement(self) -> Arrangement:
        await self._check_key()
        tell, tell_mode = self._profile.leverage, self._profile.margin_mode
        leverages, modes = dict[str, Decimal | None](), set[str]()
        for symbol in self._spec.symbols if tell is not None else ():
            rows = await self._margin_rows(symbol)
            leverages[symbol] = tell(rows[0]) if rows and tell is not None else None
            modes |= {tell_mode(row) for row in rows} if tell_mode is not None else set()
        return Arrangement(" and ".join(sorted(modes)) or self._access.margin_mode, leverages)

    async def _margin_rows(self, symbol: str) -> list[Row]:
        """The rows that tell leverage and margin mode of an instrument."""
        read = self._profile.margins
        if read is None:
            return await self._mode_rows(symbol)
        named = {} if read.market is None else self._connection.naming(read, symbol)
        rows = await self._connection.rows(f"margin {symbol}", read, **named)
        market_id = self._connection.market(symbol)["id"]
        return [row for row in rows if row.text(self._profile.market_key) == market_id]

    async def _mode_rows(self, symbol: str) -> list[Row]:
        """The rows that tell an instrument's position mode; none where all are one-way."""
        read = self._profile.position_mode
        if read is None:
            return []
        kind = self._markets.instrument(symbol, held=True).kind
        rows = await self._connection.rows(
            f"position mode {symbol}",
            read,
            **self._profile.contracts[kind].only,
            **self._connection.naming(read, symbol),
        )
        if not rows:
            raise VenueUnavailable(f"position mode {symbol}: the reply lists no row")
        return rows

    async def _check_mode(self, symbol: str) -> None:
        rows = await self._mode_rows(symbol)
        if not all(map(self._profile.is_one_way_mode or self._profile.is_one_way, rows)):
            raise self._in_hedge_mode(symbol)

    def _in_hedge_mode(self, symbol: str) -> VenueRefused:
        return VenueRefused(
            f"{symbol} is in hedge mode, hedged needs one-way mode: {self._profile.one_way_advice}"
        )

    def _age_s(self, started_s: float) -> Decimal:
        return Decimal(str(round(self._clock.monotonic() - started_s, 6)))
