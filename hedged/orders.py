"""Orders as venues are told of them and tell of them: what is sent, what became of it.

Quantities are contracts and positive, with a side; prices are USD per coin.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from hedged.core.types import Amount, Instrument, Side


class Style(StrEnum):
    """How long an order lives, and which side of a trade it may take."""

    IOC = "ioc"  # fills at once what it can, the rest is cancelled
    POST_ONLY = "post-only"  # rests until cancelled; cancelled at once where it would take


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
    venue_id: str = ""  # where the venue has taken a transfer, and does not tell of its end yet


Outcome = Accepted | Refused | Unknown


class OrderStatus(StrEnum):
    """What a look-up says of an order."""

    WORKING = "working"
    DONE = "done"  # filled, cancelled or rejected: it cannot fill any further


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
