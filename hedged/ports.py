"""The Protocols between the engine and the outside world, with their outcomes and errors.

A read either returns a complete, freshly read value or raises; it never returns "nothing"
for "could not be read". A submit never raises for what the venue did with the order: it
returns an `Outcome`, and everything that is not proof of acceptance or refusal is `Unknown`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

from hedged.core.access import Access
from hedged.core.events import Entry, Event
from hedged.core.ledger import Ledger
from hedged.core.types import (
    Amount,
    Depth,
    Flow,
    Holding,
    Instrument,
    MarginAccount,
    Quote,
    Rate,
    Side,
    Transfer,
)


class VenueUnavailable(Exception):  # noqa: N818 - the design's own word
    """The venue did not answer, or answered nonsense: retry in the next cycle."""


class VenueAuthError(Exception):
    """The venue refused the key: nothing will work until an operator acts."""


class VenueRefused(Exception):  # noqa: N818 - the design's own word
    """What was asked for cannot be had there: unknown symbol, hedge mode, no test environment."""


class Style(StrEnum):
    """How long an order lives, and which side of a trade it may take."""

    IOC = "ioc"  # fills at once what it can, the rest is cancelled
    POST_ONLY = "post-only"  # rests until cancelled; cancelled at once where it would take


class StoreError(Exception):
    """The journal could not be read or written: nothing was recorded, nothing may be sent."""


@dataclass(frozen=True, slots=True)
class Order:
    """A limit order, exactly as it will be sent."""

    client_id: str  # at most 28 characters, lowercase letters and digits, never reused
    instrument: Instrument
    side: Side
    contracts: Decimal  # > 0
    limit_price: Decimal
    reduce_only: bool
    style: Style = Style.IOC


@dataclass(frozen=True, slots=True)
class Accepted:
    """The venue acknowledged the order; fills are read later."""

    venue_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Proof that the order does not exist: a definite rejection, or it was never sent."""

    detail: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The order may or may not exist: look it up by its client id, never send it again."""

    detail: str


Outcome = Accepted | Refused | Unknown


class OrderStatus(StrEnum):
    """What a look-up says of an order."""

    WORKING = "working"
    DONE = "done"  # filled, cancelled or rejected: it cannot fill any further


WOULD_TAKE: Final = "post-only would take"
REDUCE_ONLY: Final = "reduce-only: nothing left to reduce"
NO_LIQUIDITY: Final = "nothing to fill it with at its limit"


@dataclass(frozen=True, slots=True)
class OrderReport:
    """One order as the venue reports it, ours or foreign."""

    client_id: str  # empty: whoever sent it named none
    venue_id: str
    symbol: str  # unified, e.g. BTC/USD:BTC
    side: Side
    contracts: Decimal  # > 0; 0 for a foreign order that closes whatever is open
    filled: Decimal  # contracts
    average: Decimal | None  # USD per coin; None: nothing filled
    limit_price: Decimal | None  # None: a market order
    status: OrderStatus
    reduce_only: bool
    created_at: datetime  # the venue's clock
    # Why it ended short of its contracts: a constant from above, or the venue's own words. Empty
    # while it works, and where the venue gives no reason, such as a cancel that was asked for.
    reason: str


class FillKind(StrEnum):
    """What a row of the fills is; all but `FUNDING` change the position."""

    TRADE = "trade"
    FUNDING = "funding"
    LIQUIDATION = "liquidation"
    ADL = "adl"  # auto-deleveraging: taken over to cover another's liquidation
    SETTLEMENT = "settlement"  # closed by the venue, at delivery or delisting


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution, or a funding payment (`contracts` is then the position it was paid on)."""

    trade_id: str  # unique at the venue: what a fill is deduplicated by
    client_id: str  # of its order; empty: foreign, or of the venue's own making
    venue_id: str  # of its order; may be empty where there is none
    symbol: str  # unified
    side: Side
    contracts: Decimal  # >= 0
    price: Decimal  # USD per coin
    fee: Amount  # > 0 paid, < 0 received
    is_maker: bool
    at: datetime  # the venue's clock
    kind: FillKind


class Clock(Protocol):
    """The only ambient time and randomness."""

    def now(self) -> datetime:
        """Wall clock, aware UTC: for stamps, never for ages."""

    def monotonic(self) -> float:
        """Seconds for ages and deadlines."""

    async def sleep(self, seconds: float) -> None:
        """Suspend the caller."""


class SpotSource(Protocol):
    """Coins held outside the margin accounts."""

    @property
    def name(self) -> str:
        """The name that hedges refer to."""

    async def holdings(self) -> tuple[Holding, ...]:
        """All coins of the source.

        Raises:
            VenueUnavailable: it could not be read.
        """


class Venue(Protocol):
    """One account at one venue, read-only: what dry-run and `plan` get.

    Every read raises VenueUnavailable where any part is missing, unparsable or belied by another,
    and VenueAuthError where the key is wrong or lacks the right.
    """

    @property
    def name(self) -> str:
        """The venue's name in the configuration."""

    @property
    def skew_s(self) -> Decimal | None:
        """How far this machine's wall clock is ahead of the venue's; < 0: behind.

        As measured when the venue was opened and every few minutes since, plus every step that
        the wall clock has made against the monotonic one in the meantime. None: never measured.
        """

    @property
    def access(self) -> Access:
        """What the key may do and how its account is set up, as told when the venue was opened.

        `account_id` is the exchange's own number of the account, whichever of its keys reads it:
        two venues with one number, in the same environment of the same exchange, are one account
        whose coins must not count twice; a sub-account has a number of its own.
        """

    async def open(self) -> None:
        """Load the markets and the clock offset; must succeed before anything else.

        Idempotent: an open venue stays as it is, and whoever opens it meanwhile waits.

        Raises:
            VenueUnavailable: not reachable, or nonsense came back.
            VenueAuthError: the key is wrong.
            VenueRefused: hedge mode, no such environment, on mainnet a key that may withdraw.
        """

    async def close(self) -> None:
        """Release sockets; never raises."""

    def instrument(self, symbol: str) -> Instrument:
        """The listing of a unified symbol, not older than a few minutes.

        Raises:
            VenueRefused: not listed, not trading, or not a kind that can hedge.
            VenueUnavailable: its listing cannot be read.
        """

    async def account(self, coins: Sequence[str]) -> MarginAccount:
        """Balances and all open derivative positions, read together.

        Kinds of positions that cannot hedge and in which nothing was held may be left out for up
        to a minute, so a position opened by hand in one of them can be that late.
        `coins` are those that the book asks for: each gets a balance, which is 0 only where the
        venue says so, unless the venue knows no such coin; other coins may be left out.
        """

    async def holdings(self, account: str, coins: Sequence[str]) -> tuple[Holding, ...]:
        """What another account of the same owner holds of these coins, one holding each.

        `account` is "funding", "earn" or "sub:NAME"; the holdings' source is "VENUE:ACCOUNT".
        Derivatives in a sub-account are not part of it, nor is their PnL.

        Raises:
            VenueUnavailable: any part is missing or unparsable.
            VenueRefused: there is no such account, or the key may not read it.
        """

    async def transfers(self, since: datetime) -> tuple[Transfer, ...]:
        """Moves between the owner's accounts at this venue that began since then.

        Places are named as sources are: "VENUE", "VENUE:funding", "VENUE:sub:NAME", the latter for
        those sub-accounts that holdings were asked of.
        """

    async def withdrawals(self, since: datetime) -> tuple[Transfer, ...]:
        """Coins sent away since then; as destination the address, none where they are not told."""

    async def credited(self, since: datetime) -> frozenset[str]:
        """The `tx_id` of every deposit since then whose coins are in the account."""

    async def quote(self, symbol: str) -> Quote:
        """Prices and costs of one instrument, all but the depth of its order book.

        Quotes that are asked for at the same time may share one request. Fees are as told within
        the last hour, and None where the venue does not tell them.

        Raises:
            VenueUnavailable: a price is missing, not a number, or not positive.
        """

    async def depth(self, symbol: str) -> Depth:
        """What stands in the order book of one instrument, as far as a venue tells at once.

        Raises:
            VenueUnavailable: it could not be read, or its prices are out of order.
            VenueRefused: the instrument is not listed.
        """

    async def prices(self, coins: Sequence[str]) -> tuple[Rate, ...]:
        """What each of these coins is worth in USD, by the middle of its spot market.

        Raises:
            VenueUnavailable: a price is missing, or a side of its book is empty.
        """

    async def open_orders(self, symbols: Sequence[str]) -> tuple[OrderReport, ...]:
        """Every working order in these instruments, ours and foreign.

        There is no "cancel all": at most venues that would hit the orders of others. Cancel
        those of these that are ours, one by one.

        Raises:
            VenueRefused: an instrument is not listed.
        """

    async def fills(self, symbols: Sequence[str], since: datetime) -> tuple[Fill, ...]:
        """Everything executed in these instruments at or after `since`, oldest first.

        Each trade id comes once. `since` is by the venue's clock. A venue may list a fill some
        seconds after it happened: ask again for the last minutes, and deduplicate.

        Raises:
            VenueRefused: an instrument is not listed, or `since` is more than a year ago.
        """

    async def flows(self, since: datetime) -> tuple[Flow, ...]:
        """Every change of the trading account's coins at or after `since`, oldest first.

        Raises:
            VenueRefused: `since` is more than a year ago.
        """


class TradingVenue(Venue, Protocol):
    """A venue that may also be written to: what live execution gets."""

    async def submit(self, order: Order) -> Outcome:
        """Send once. Never retried, here or below.

        A post-only order that would take is accepted, and then reported as DONE with nothing
        filled and the reason `WOULD_TAKE`; so may a reduce-only order be with `REDUCE_ONLY`.
        """

    async def find_order(self, instrument: Instrument, client_id: str) -> OrderReport | None:
        """The order of this client id, or None when the venue does not know it.

        Raises:
            VenueUnavailable: the look-up itself failed: nothing was learned.
        """

    async def cancel(self, instrument: Instrument, client_id: str) -> None:
        """Ask to cancel; idempotent, an order that is gone is no error. Never waits for reads.

        Raises:
            VenueUnavailable: whether it was cancelled is not known.
            VenueAuthError: the key is wrong.
        """

    async def arm_dead_man(self, window_s: int) -> bool:
        """Have the venue cancel our orders when it hears nothing of us for `window_s`.

        To be called again well within the window. True only when the venue confirms that the
        switch is armed; False means unprotected: let resting orders have short lifetimes.

        Raises:
            VenueUnavailable: whether it is armed is not known.
            VenueAuthError: the key is wrong.
        """

    async def disarm_dead_man(self) -> None:
        """Let resting orders outlive this process; without a switch nothing happens.

        Raises:
            VenueUnavailable: whether it was disarmed is not known.
            VenueAuthError: the key is wrong.
        """


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries of a journal; what is left out selects all."""

    after_seq: int = 0
    kinds: tuple[str, ...] = ()
    client_id: str | None = None
    since: datetime | None = None
    last: int | None = None  # only the newest so many


class Journal(Protocol):
    """The append-only record of everything that a restart must know."""

    @property
    def ledger(self) -> Ledger:
        """What the committed events come to; changes only between two steps of the event loop."""

    async def append(self, *events: Event) -> tuple[Entry, ...]:
        """Commit all of the events or none; on disk when this returns.

        Trades that are recorded already are left out, so that booking one twice is harmless.

        Raises:
            StoreError: nothing was recorded.
            IllegalStepError: a bug, such as a client id used twice; nothing was recorded.
        """

    async def entries(self, selection: Selection) -> tuple[Entry, ...]:
        """The selected entries, oldest first.

        Raises:
            StoreError: they could not be read.
        """

    async def close(self) -> None:
        """Finish what is under way and release the store."""
