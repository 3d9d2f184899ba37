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
from typing import Protocol

from hedged.core.types import Holding, Instrument, MarginAccount, Quote, Side


class VenueUnavailable(Exception):  # noqa: N818 - the design's own word
    """The venue did not answer, or answered nonsense: retry in the next cycle."""


class VenueAuthError(Exception):
    """The venue refused the key: nothing will work until an operator acts."""


class VenueRefused(Exception):  # noqa: N818 - the design's own word
    """What was asked for cannot be had there: unknown symbol, hedge mode, no test environment."""


@dataclass(frozen=True, slots=True)
class Order:
    """A limit order, immediate-or-cancel, exactly as it will be sent."""

    client_id: str  # at most 28 characters, lowercase letters and digits, never reused
    instrument: Instrument
    side: Side
    contracts: Decimal  # > 0
    limit_price: Decimal
    reduce_only: bool


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


@dataclass(frozen=True, slots=True)
class OrderReport:
    """One order as the venue reports it; `filled` in contracts, `average` in USD per coin."""

    client_id: str
    venue_id: str
    status: OrderStatus
    filled: Decimal
    average: Decimal | None  # None: nothing filled


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
    """One account at one venue, read-only: what dry-run and `plan` get."""

    @property
    def name(self) -> str:
        """The venue's name in the configuration."""

    async def open(self) -> None:
        """Load the markets and the clock offset; must succeed before anything else. Idempotent.

        Raises:
            VenueUnavailable: not reachable, or nonsense came back.
            VenueAuthError: the key is wrong.
            VenueRefused: hedge mode, or no such environment.
        """

    async def close(self) -> None:
        """Release sockets; never raises."""

    def instrument(self, symbol: str) -> Instrument:
        """The listing of a unified symbol.

        Raises:
            VenueRefused: not listed, not trading, or not a kind that can hedge.
        """

    async def account(self, coins: Sequence[str]) -> MarginAccount:
        """Balances and all open derivative positions, read together.

        `coins` are those that the book asks for: each gets a balance, a venue that leaves
        empty coins out of its reply reporting them as 0; other coins may be left out.

        Raises:
            VenueUnavailable: any part is missing, empty by surprise, or unparsable.
            VenueAuthError: the key is wrong.
        """

    async def quote(self, symbol: str) -> Quote:
        """Mark, index and best prices of one instrument.

        Raises:
            VenueUnavailable: a price is missing, not a number, or not positive.
        """


class TradingVenue(Venue, Protocol):
    """A venue that may also be written to: what live execution gets."""

    async def submit(self, order: Order) -> Outcome:
        """Send once. Never retried, here or below."""

    async def find_order(self, instrument: Instrument, client_id: str) -> OrderReport | None:
        """The order of this client id, or None when the venue does not know it.

        Raises:
            VenueUnavailable: the look-up itself failed: nothing was learned.
        """

    async def cancel(self, instrument: Instrument, client_id: str) -> None:
        """Ask to cancel; idempotent, an order that is gone is no error.

        Raises:
            VenueUnavailable: whether it was cancelled is not known.
        """
