"""A venue's client and the manners of using it: retries, pauses, the clock, the listings.

A read that failed in passing is tried again a few times, all parts of it together, within
`VenueSpec.timeout_s`. A venue that limits us is left alone until the time that it names; only
orders and cancels, which do not go through `read`, are still sent.

Two things grow old while a venue is open: the offset between its clock and ours, with which
requests are signed, and its listings. Both are renewed every few minutes beside the reads, so
that none of them waits for it; sooner after a step of the wall clock, or after the venue has
refused a figure of an order. Upkeep that fails is tried again later: what is known stays.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Protocol, TypeVar

import stamina
import structlog

from hedged.core.access import Use
from hedged.core.types import Kind
from hedged.ports import OUTAGE, Clock, VenueAuthError, VenueRefused, VenueUnavailable
from hedged.venue import client as clients
from hedged.venue.fields import Row, row_at, rows_at, value_at
from hedged.venue.lazy import errors
from hedged.venue.limits import pause_s
from hedged.venue.outcomes import Redactor, TransientUnavailable, read_error, venue_code
from hedged.venue.profiles.profile import Profile
from hedged.venue.profiles.reads import Read
from hedged.venue.spec import VenueSpec, kind_of
from hedged.venue.transport import Route, WriteRefused

T = TypeVar("T")

_ATTEMPTS: Final = 3
_MOST_PAGES: Final = 50
_RENEWED_S: Final = 300.0  # the offset and the listings
_DOUBTED_S: Final = 60.0  # the listings, at the earliest, after a figure was refused
_AGAIN_S: Final = 30.0  # between two tries at upkeep
_STEP_S: Final = Decimal("0.5")  # of the wall clock, that is worth a new offset
_log = structlog.get_logger("hedged.venue")


class Chore(Protocol):
    """Something else that grows old, and is renewed with the rest."""

    def is_due(self, now_s: float) -> bool:
        """Whether it is time, by the monotonic clock."""

    async def renew(self) -> None:
        """Read it anew; raises what a read raises, and what is known stays."""


class Connection:
    """One client, opened and closed as often as needed."""

    def __init__(
        self,
        spec: VenueSpec,
        profile: Profile,
        clock: Clock,
        routes: frozenset[Route],
        on_read: Callable[[], None] | None = None,
    ) -> None:
        """`on_read` is called at the end of each read, well or not: the process is alive."""
        self.redact = Redactor(spec.api_key, spec.secret, spec.passphrase)
        self._spec = spec
        self._profile = profile
        self._clock = clock
        self._routes = routes
        self._on_read = on_read
        # The caller waits for `timeout_s` and should get the reason before its patience ends.
        self._limit_s = 0.8 * spec.timeout_s
        self._opened: Any = None
        self._paused_until_s: float | None = None
        self._in_step = False  # the offset is worth signing with
        self._ahead_s = Decimal(0)
        self._measured: tuple[datetime, float] | None = None  # by the wall, and monotonic
        self._listed_at_s: float | None = None
        self._listings_doubted = False
        self._upkeep: asyncio.Task[None] | None = None
        self._upkeep_after_s = 0.0
        self._chores: list[Chore] = []
        self._use = Use()

    @property
    def client(self) -> Any:
        """The ccxt client.

        Raises:
            VenueUnavailable: there is none: the venue is not open, as while it is away at a start.
        """
        if self._opened is None:
            raise VenueUnavailable(f"venue {self._spec.name} is not open")
        return self._opened

    @property
    def is_open(self) -> bool:
        """Whether there is a client."""
        return self._opened is not None

    @property
    def skew_s(self) -> Decimal | None:
        """See `ports.Venue`."""
        return None if self._measured is None else self._ahead_s + self._stepped_s()

    @property
    def use(self) -> Use:
        """See `ports.Venue`."""
        return self._use

    @property
    def venue_time(self) -> datetime:
        """What the venue's clock shows, as far as we know."""
        return self._clock.now() - timedelta(seconds=float(self.skew_s or 0))

    @property
    def stream_origin(self) -> str:
        """Where its websockets are."""
        return clients.stream_origin(self._spec, self._profile)

    def keep_up(self, chore: Chore) -> None:
        """Renew this, too, beside the reads."""
        self._chores.append(chore)

    def connect(self) -> None:
        """Make a client; its listings are still to be read."""
        self._opened = clients.guarded_client(self._spec, self._profile, self._routes)
        self._opened.asked = self._count

    async def close(self) -> None:
        """Release sockets; never raises."""
        self._listed_at_s = None
        upkeep, self._upkeep = self._upkeep, None
        if upkeep is not None:
            upkeep.cancel()
            await asyncio.wait((upkeep,))
        opened, self._opened = self._opened, None
        if opened is not None:
            await clients.close(opened)

    def market(self, symbol: str) -> Any:
        """The market of a unified symbol, as ccxt has it.

        Raises:
            VenueRefused: it is not listed.
        """
        markets = self.client.markets or {}
        market = markets.get(symbol)
        if market is None:
            hint = "" if ":" in symbol else ": a contract is written like BTC/USD:BTC"
            hint = hint or _linear_hint(symbol, markets.values())
            raise VenueRefused(f"{symbol} is not listed at {self._profile.exchange}{hint}")
        return market

    def naming(self, read: Read, symbol: str) -> dict[str, str]:
        """How this request names the market of a unified symbol.

        Raises:
            VenueRefused: it is not listed.
        """
        market = self.market(symbol)
        if read.market is None:
            return {self._profile.market_key: market["id"]}
        return dict(read.market(market))

    async def load_listings(self) -> None:
        """Read all listings anew; part of an attempt."""
        try:
            listing = self._profile.listing or _all_markets
            markets = await listing(self.client, dict(self._profile.listing_params))
            if markets:
                self.client.set_markets(markets)
        except (errors().BaseError, WriteRefused):
            raise
        except Exception as error:
            raise VenueUnavailable(f"markets: ccxt cannot read them: {error!r}") from error
        if not markets:
            raise VenueUnavailable("markets: the venue lists none")
        # ccxt looks for markets before each order. It finds these, and its one shared search for
        # them is over, so that the cancellation of one order cannot fail another's.
        await self.client.load_markets()
        self._listed_at_s = self._clock.monotonic()
        self._listings_doubted = False

    async def rows(self, what: str, read: Read, **params: str) -> list[Row]:
        """All rows of a request, over all its pages; part of an attempt."""
        method: Callable[[dict[str, str]], Awaitable[Any]] = getattr(self.client, read.method)
        rows: list[Row] = []
        wanted = {**read.params, **params}
        for _ in range(_MOST_PAGES):
            reply = await method(wanted)
            if read.or_none and value_at(reply, read.rows) is None:
                return rows
            page = [row_at(what, reply, read.rows)] if read.one else rows_at(what, reply, read.rows)
            rows += page
            cursor = value_at(reply, read.cursor) if read.cursor else None
            if read.last and len(page) >= read.page:
                cursor = page[-1].name(read.last)
            if not cursor or not page:
                return rows
            if cursor == wanted.get(read.cursor_param):
                raise VenueUnavailable(f"{what}: a page of one moment, after which nothing is told")
            wanted = {**wanted, read.cursor_param: cursor}
        raise VenueUnavailable(f"{what}: more than {_MOST_PAGES} pages")

    async def row(self, what: str, read: Read, **params: str) -> Row:
        """The one object of a request; part of an attempt."""
        method: Callable[[dict[str, str]], Awaitable[Any]] = getattr(self.client, read.method)
        return row_at(what, await method({**read.params, **params}), read.rows)

    async def read(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """What `attempt` returns, tried again while it fails in passing and time is left."""
        self._keep_up()
        try:
            async with asyncio.timeout(self._limit_s):
                async for turn in stamina.retry_context(
                    on=TransientUnavailable,
                    attempts=_ATTEMPTS,
                    timeout=self._limit_s,
                    wait_initial=0.05,
                    wait_max=0.25,
                    wait_jitter=0.05,
                ):
                    with turn:
                        return await self._once(attempt)
        except TimeoutError:
            raise VenueUnavailable(f"no answer within {self._limit_s:g} s") from None
        finally:
            if self._on_read is not None:
                self._on_read()
        raise AssertionError("stamina ends by returning or raising")

    def failure(self, error: Exception) -> VenueUnavailable | VenueAuthError:
        """The port's error for a request, not a submit, that raised; what it teaches is noted."""
        self.note(error)
        failure = read_error(error, self._profile, self.redact)
        _log.debug("venue.request_failed", venue=self._spec.name, error=str(failure))
        return failure

    def note(self, error: Exception) -> None:
        """Learn from an error how to go on: the clock is off, slow down, read the listings."""
        if isinstance(error, errors().InvalidNonce):
            self._in_step = False
        elif venue_code(error, self._profile) in self._profile.listing_doubts:
            self._listings_doubted = True
        wanted_s = pause_s(error, self._profile, self.venue_time)
        if wanted_s is not None:
            until_s = self._clock.monotonic() + wanted_s
            self._paused_until_s = max(until_s, self._paused_until_s or until_s)
            _log.warning("venue.limited", venue=self._spec.name, pause_s=round(wanted_s, 3))

    async def _once(self, attempt: Callable[[], Awaitable[T]]) -> T:
        left_s = (self._paused_until_s or 0.0) - self._clock.monotonic()
        if self._paused_until_s is not None and left_s > 0:
            raise VenueUnavailable(f"the venue limits us: not asked for another {left_s:.1f} s")
        self._paused_until_s = None
        try:
            if not self._in_step:
                await self._measure_offset()
            return await attempt()
        except errors().BaseError as error:
            # ccxt's own text may quote the key: it goes no further, not even as the cause.
            raise self.failure(error) from None

    def _count(self, weight: Decimal) -> None:
        self._use = Use(self._use.requests + 1, self._use.weight + weight)

    async def _measure_offset(self) -> None:
        before_ms = self.client.milliseconds()
        ask = self._profile.clock
        venue_ms = await (self.client.fetch_time() if ask is None else ask(self.client))
        after_ms = self.client.milliseconds()
        if not venue_ms:
            raise VenueUnavailable("clock: the reply tells no time")
        # The venue read its clock somewhere between: in the middle, at best guess.
        ahead_ms = (before_ms + after_ms) // 2 - venue_ms
        self.client.options["timeDifference"] = ahead_ms
        self._ahead_s = Decimal(ahead_ms) / 1000
        self._measured = self._clock.now(), self._clock.monotonic()
        self._in_step = True

    def _stepped_s(self) -> Decimal:
        """How far the wall clock has moved against the monotonic one since it was measured."""
        if self._measured is None:
            return Decimal(0)
        wall_at, monotonic_s = self._measured
        wall_s = (self._clock.now() - wall_at).total_seconds()
        return Decimal(str(round(wall_s - (self._clock.monotonic() - monotonic_s), 3)))

    def _keep_up(self) -> None:
        """Start the upkeep that is due."""
        if self._upkeep is not None and self._upkeep.done():
            ended, self._upkeep = self._upkeep, None
            ended.result()  # a bug in it surfaces here, instead of nowhere
        now_s = self._clock.monotonic()
        is_open = self._in_step and self._listed_at_s is not None
        is_paused = self._paused_until_s is not None
        if not is_open or is_paused or self._upkeep is not None or now_s < self._upkeep_after_s:
            return
        due = [
            *([self._measure_offset] if self._is_offset_old(now_s) else []),
            *([self.load_listings] if self._are_listings_old(now_s) else []),
            *(chore.renew for chore in self._chores if chore.is_due(now_s)),
        ]
        if due:
            self._upkeep_after_s = now_s + _AGAIN_S
            self._upkeep = asyncio.create_task(self._renew(due))

    def _is_offset_old(self, now_s: float) -> bool:
        if self._measured is None or abs(self._stepped_s()) >= _STEP_S:
            return True
        return now_s - self._measured[1] >= _RENEWED_S

    def _are_listings_old(self, now_s: float) -> bool:
        if self._listed_at_s is None:
            return True
        return now_s - self._listed_at_s >= (_DOUBTED_S if self._listings_doubted else _RENEWED_S)

    async def _renew(self, due: Sequence[Callable[[], Awaitable[None]]]) -> None:
        for renew in due:
            try:
                async with asyncio.timeout(self._limit_s):
                    await self._once(renew)
            except (*OUTAGE, TimeoutError) as error:
                _log.debug("venue.upkeep_failed", venue=self._spec.name, error=str(error))


async def _all_markets(client: Any, params: dict[str, str]) -> Any:
    return await client.fetch_markets(params)


def _linear_hint(symbol: str, markets: Iterable[Mapping[str, Any]]) -> str:
    """What to hedge with, where an inverse contract was looked for and the coin has none."""
    base = symbol.partition("/")[0]
    its = [market for market in markets if market["base"] == base and market["contract"]]
    if kind_of(symbol) is not Kind.INVERSE or any(market["inverse"] for market in its):
        return ""
    linear = sorted(market["symbol"] for market in its if market["swap"])
    return (
        f": it lists no inverse contract on {base}; a hedge there is linear, in {linear[0]}"
        if linear
        else ""
    )
