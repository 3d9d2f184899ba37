"""The Protocols between the engine and the outside world, with their outcomes and errors.

A read either returns a complete, freshly read value or raises; it never returns "nothing"
for "could not be read". A submit never raises for what the venue did with the order: it
returns an `Outcome`, and everything that is not proof of acceptance or refusal is `Unknown`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Protocol

from hedged.core.access import Access, Use
from hedged.core.arrangement import Arrangement, Change
from hedged.core.events import Entry, Event
from hedged.core.ledger import Ledger
from hedged.core.types import (
    Depth,
    Flow,
    Holding,
    Instrument,
    Maintenance,
    MarginAccount,
    Quote,
    Rate,
    Transfer,
)
from hedged.core.words import WOULD_TAKE
from hedged.orders import (
    NO_LIQUIDITY,
    REDUCE_ONLY,
    Accepted,
    Fill,
    FillKind,
    Order,
    OrderReport,
    OrderStatus,
    Outcome,
    Refused,
    Style,
    Unknown,
)

__all__ = [
    "NO_LIQUIDITY",
    "OUTAGE",
    "REDUCE_ONLY",
    "WOULD_TAKE",
    "Accepted",
    "Clock",
    "Fill",
    "FillKind",
    "Journal",
    "Order",
    "OrderReport",
    "OrderStatus",
    "Outcome",
    "Refused",
    "Selection",
    "SpotSource",
    "StoreError",
    "Style",
    "TradingVenue",
    "Unknown",
    "Venue",
    "VenueAuthError",
    "VenueRefused",
    "VenueUnavailable",
]


class VenueUnavailable(Exception):  # noqa: N818 - the design's own word
    """The venue did not answer, or answered nonsense: retry in the next cycle."""


class VenueAuthError(Exception):
    """The venue refused the key: nothing will work until an operator acts."""


class VenueRefused(Exception):  # noqa: N818 - the design's own word
    """What was asked for cannot be had there: unknown symbol, hedge mode, no test environment."""


class StatementNotTold(VenueRefused):
    """No statement can be had there at all, whatever is configured."""


OUTAGE: Final = (VenueUnavailable, VenueAuthError, VenueRefused)  # all that a venue raises


class StoreError(Exception):
    """The journal could not be read or written: nothing was recorded, nothing may be sent."""


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
        """What the key may do and how its account is set up, as told at the opening.

        `account_id` is the exchange's own number of the account, whichever of its keys reads it:
        two venues with one number, in the same environment of the same exchange, are one account
        whose coins must not count twice; a sub-account has a number of its own.
        """

    @property
    def use(self) -> Use:
        """How much was asked of it."""

    @property
    def maintenance(self) -> tuple[Maintenance, ...]:
        """What it has announced, ahead and under way, as told within the last minutes."""

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

    async def arrangement(self) -> Arrangement:
        """How the account's margin is set now, with the leverage of what is to be traded."""

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
            StatementNotTold: of no time at all.
            VenueRefused: `since` is more than a year ago; no contract of ours is listed any more.
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

    async def arrange(self, change: Change) -> Outcome:
        """Change a setting of the account's margin. Sent once, never retried, here or below."""

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
