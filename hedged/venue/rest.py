"""The gateway for reading: one account at one venue, over REST.

Units and signs come out as the core wants them: an inverse position in signed USD, wallets in
coins without unrealised PnL, prices in USD per coin, all Decimal. A value that is missing,
malformed or impossible makes the whole read fail; no read ever returns less than it was asked for.

A read that failed in passing is tried again a few times, all parts of it together, within
`VenueSpec.timeout_s`. Ages run from the start of the attempt that succeeded, before its first
request, to the moment of return: a caller that keeps the value adds the time it kept it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeVar

import stamina
import structlog

from hedged.core.decimals import ZERO
from hedged.core.types import (
    Amount,
    CoinBalance,
    Instrument,
    Kind,
    MarginAccount,
    Position,
    Quote,
)
from hedged.ports import Clock, VenueRefused, VenueUnavailable
from hedged.venue import client as clients
from hedged.venue.fields import Row, rows_at, value_at
from hedged.venue.lazy import errors
from hedged.venue.markets import listed_instrument, unlisted_instrument
from hedged.venue.outcomes import Redactor, TransientUnavailable, read_error
from hedged.venue.profiles.profile import Leg, Profile, Read
from hedged.venue.spec import VenueSpec
from hedged.venue.transport import Route

T = TypeVar("T")

_ATTEMPTS: Final = 3
_MOST_PAGES: Final = 50
_log = structlog.get_logger("hedged.venue")


class ReadOnlyVenue:
    """`ports.Venue`: its client can send the profile's reads, and no write."""

    def __init__(self, spec: VenueSpec, profile: Profile, clock: Clock) -> None:
        self._spec = spec
        self._profile = profile
        self._clock = clock
        self._redact = Redactor(spec.api_key, spec.secret)
        self._opened: Any = None
        self._synced = False
        self._skew_s = ZERO

    @property
    def name(self) -> str:
        """The venue's name in the configuration."""
        return self._spec.name

    @property
    def skew_s(self) -> Decimal:
        """How far this machine's wall clock is ahead of the venue's, as last measured."""
        return self._skew_s

    async def open(self) -> None:
        """See `ports.Venue`; also checks the position mode of `VenueSpec.symbols`.

        The account is read once, since not every environment tells about its keys otherwise. An
        open venue is opened anew: markets, clock and key are read again.
        """
        await self.close()
        self._opened = clients.guarded_client(self._spec, self._profile, self._routes())
        try:
            # The one place that loads markets: ccxt shares a load between all who wait for it,
            # and the cancellation of one would fail the others.
            await _together(self._read(self._load_markets), self._read(self._check_key))
            await self._read(partial(self._account, ()))
            await _together(
                *(self._read(partial(self._check_mode, symbol)) for symbol in self._spec.symbols)
            )
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Release sockets; never raises."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await clients.close(opened)

    def instrument(self, symbol: str) -> Instrument:
        """See `ports.Venue`."""
        return listed_instrument(self.name, self._profile, self._market(symbol))

    async def account(self, coins: Sequence[str]) -> MarginAccount:
        """See `ports.Venue`. All parts are read at once; the age is that of the oldest."""
        return await self._read(partial(self._account, coins))

    async def quote(self, symbol: str) -> Quote:
        """See `ports.Venue`."""
        return await self._read(partial(self._quote, symbol))

    def _routes(self) -> frozenset[Route]:
        return self._profile.routes

    @property
    def _client(self) -> Any:
        if self._opened is None:
            raise RuntimeError(f"venue {self.name} is not open")
        return self._opened

    async def _account(self, coins: Sequence[str]) -> MarginAccount:
        started_s = self._clock.monotonic()
        reads = self._profile.positions
        wallet, *kinds = await _together(
            self._rows("wallet", self._profile.wallet),
            *(self._rows("position", read) for read in reads),
        )
        balances = self._profile.balances(wallet)
        held = {balance.wallet.unit for balance in balances}
        empty = (
            CoinBalance(Amount(ZERO, coin), Amount(ZERO, coin))
            for coin in dict.fromkeys(coins)
            if coin not in held
        )
        return MarginAccount(
            venue=self.name,
            balances=(*balances, *empty),
            positions=tuple(
                position
                for read, rows in zip(reads, kinds, strict=True)
                for row in rows
                if (position := self._position(row, read.kind)) is not None
            ),
            age_s=self._age_s(started_s),
        )

    def _position(self, row: Row, kind: Kind) -> Position | None:
        row = Row(f"position {row.text('symbol')}", row.values)
        leg = self._profile.leg(row)
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
        )

    def _instrument_of(self, leg: Leg, kind: Kind) -> Instrument:
        markets = self._client.markets_by_id.get(leg.market_id, ())
        for market in markets:
            if market["contract"] and market["inverse"] is (kind is Kind.INVERSE):
                return listed_instrument(self.name, self._profile, market, held=True)
        return unlisted_instrument(self.name, self._profile, leg.market_id, kind)

    async def _quote(self, symbol: str) -> Quote:
        started_s = self._clock.monotonic()
        instrument = self.instrument(symbol)
        market_id = self._market(symbol)["id"]
        rows = await self._rows(f"quote {symbol}", self._profile.ticker, symbol=market_id)
        found = list(map(self._profile.prices, rows))
        if [prices.market_id for prices in found] != [market_id]:
            raise VenueUnavailable(f"quote {symbol}: the reply is about something else")
        return Quote(
            instrument=instrument,
            mark=found[0].mark,
            index=found[0].index,
            age_s=self._age_s(started_s),
            bid=found[0].bid,
            ask=found[0].ask,
            funding_rate=found[0].funding_rate,
        )

    async def _load_markets(self) -> None:
        await self._client.load_markets()
        if not self._client.markets:
            raise VenueUnavailable("markets: the venue lists none")

    async def _check_key(self) -> None:
        problem = await self._profile.account_problem(self._client)
        if problem is not None:
            raise VenueRefused(problem)

    async def _check_mode(self, symbol: str) -> None:
        market_id = self._market(symbol)["id"]
        rows = await self._rows(
            f"position mode {symbol}", self._profile.position_mode, symbol=market_id
        )
        if not rows:
            raise VenueUnavailable(f"position mode {symbol}: the reply lists no row")
        if not all(self._profile.is_one_way(row) for row in rows):
            raise self._in_hedge_mode(symbol)

    def _in_hedge_mode(self, symbol: str) -> VenueRefused:
        return VenueRefused(
            f"{symbol} is in hedge mode, hedged needs one-way mode: {self._profile.one_way_advice}"
        )

    async def _sync_clock(self) -> None:
        before_ms = self._client.milliseconds()
        ahead_ms = await self._client.load_time_difference()  # measured when the reply is there
        took_ms = self._client.milliseconds() - before_ms
        self._skew_s = (Decimal(ahead_ms) - Decimal(took_ms) / 2) / 1000
        self._synced = True

    def _market(self, symbol: str) -> Any:
        market = self._client.markets.get(symbol)
        if market is None:
            raise VenueRefused(f"{symbol} is not listed at {self._profile.exchange}")
        return market

    async def _rows(self, what: str, read: Read, **params: str) -> list[Row]:
        """All rows of a request, over all its pages."""
        method: Callable[[dict[str, str]], Awaitable[Any]] = getattr(self._client, read.method)
        rows: list[Row] = []
        wanted = {**read.params, **params}
        for _ in range(_MOST_PAGES):
            reply = await method(wanted)
            page = rows_at(what, reply, read.rows)
            rows += page
            cursor = value_at(reply, read.cursor) if read.cursor else None
            if not cursor or not page:
                return rows
            wanted = {**wanted, read.cursor_param: cursor}
        raise VenueUnavailable(f"{what}: more than {_MOST_PAGES} pages")

    async def _read(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """What `attempt` returns, tried again while it fails in passing and time is left."""
        # The caller waits for `timeout_s` and should get the reason before its patience ends.
        limit_s = 0.8 * self._spec.timeout_s
        try:
            async with asyncio.timeout(limit_s):
                async for turn in stamina.retry_context(
                    on=TransientUnavailable,
                    attempts=_ATTEMPTS,
                    timeout=limit_s,
                    wait_initial=0.05,
                    wait_max=0.25,
                    wait_jitter=0.05,
                ):
                    with turn:
                        return await self._once(attempt)
        except TimeoutError:
            raise VenueUnavailable(f"no answer within {limit_s:g} s") from None
        raise AssertionError("stamina ends by returning or raising")

    async def _once(self, attempt: Callable[[], Awaitable[T]]) -> T:
        try:
            if not self._synced:
                await self._sync_clock()
            return await attempt()
        except errors().BaseError as error:
            if isinstance(error, errors().InvalidNonce):
                self._synced = False
            failure = read_error(error, self._profile, self._redact)
            _log.debug("venue.read_failed", venue=self.name, error=str(failure))
            # ccxt's own text may quote the key: it goes no further, not even as the cause.
            raise failure from None

    def _age_s(self, started_s: float) -> Decimal:
        return Decimal(str(round(self._clock.monotonic() - started_s, 6)))


async def _together(*reads: Coroutine[Any, Any, T]) -> list[T]:
    """All results, read at once; the first failure cancels the rest."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(read) for read in reads]
    except BaseExceptionGroup as failures:
        failure = failures.exceptions[0]
    else:
        return [task.result() for task in tasks]
    raise failure  # out here it keeps its own cause, which tells what happened
