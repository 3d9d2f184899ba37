"""The vocabulary of reconciliation: what is compared, how much proof counts, what comes out.

A report is complete or it is not made: a list that could not be read raises before it gets
here. Quantities of orders are contracts and positive, those of positions signed `Amount`s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from hedged.core.events import Event, Fill, LookedUp
from hedged.core.types import Amount


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that the venue lists as working; contracts are positive."""

    client_id: str  # empty: it has none
    venue_id: str
    symbol: str
    filled: Decimal
    created_at: datetime


@dataclass(frozen=True, slots=True)
class VenueReport:
    """Everything that a reconciliation reads of one account, all of it complete.

    Orders are listed before fills and fills before positions are read: a trade in between then
    shows as a difference that the next report explains, never as one that is explained away.
    """

    venue: str
    at: datetime
    open_orders: tuple[OpenOrder, ...]
    fills: tuple[Fill, ...]  # recent ones, ours and others'
    positions: Mapping[str, Amount]  # by symbol, signed; one that is left out is flat
    balances: tuple[Amount, ...]
    look_ups: Mapping[str, LookedUp] = field(default_factory=dict)  # by client id
    flows: Mapping[str, Decimal] = field(default_factory=dict)  # coins, as the venue's log explains


@dataclass(frozen=True, slots=True)
class Absence:
    """Answers "not found" in a row for one order, and the time that they span."""

    answers: int
    over_s: Decimal  # monotonic


@dataclass(frozen=True, slots=True)
class Doubt:
    """A difference that nothing explains, and in how many reads in a row it was the same."""

    difference: Amount
    reads: int
    since_s: Decimal  # of the first of them; monotonic


@dataclass(frozen=True, slots=True)
class Evidence:
    """What this process knows and the journal does not."""

    watched: Mapping[str, str]  # symbols that hedges trade here, with their units
    started_at: datetime  # since when this process alone may send
    now_s: Decimal  # monotonic
    under_way: frozenset[str] = frozenset()  # client ids that this process is submitting now
    absences: Mapping[str, Absence] = field(default_factory=dict)
    doubts: Mapping[str, Doubt] = field(default_factory=dict)  # as the last one returned them


@dataclass(frozen=True, slots=True)
class Rules:
    """How much proof is needed; only the sim environment may shorten the time."""

    not_founds: int = 3
    over_s: Decimal = Decimal(10)
    moves_over_s: Decimal = Decimal(10)  # the same of a transfer
    agreeing_reads: int = 2  # to believe a position that no trade explains
    agreeing_s: Decimal = Decimal(10)  # from the first of them to the last
    adopt_external: bool = False  # trades that are not ours need no acknowledgement
    rehedge_adl: bool = True  # auto-deleveraging needs no acknowledgement; else it halts
    most_adl: int = 3  # times in a day; then it halts
    vanish: Decimal = Decimal("0.01")  # fraction of a balance that may go unexplained


class Topic(StrEnum):
    """What an explanation is about."""

    NEVER_SENT = "never-sent"
    ADOPTED_ORDER = "adopted-order"
    ENDED_ORDER = "ended-order"
    INVISIBLE_ORDER = "invisible-order"  # acknowledged, and now not found: its slot stays held
    UNPROVEN_ORDER = "unproven-order"  # not found, and not often enough to believe it
    NEVER_EXISTED = "never-existed"
    NEW_FILL = "new-fill"
    LATE_FILL = "late-fill"
    OUTSTANDING_FILL = "outstanding-fill"
    IN_FLIGHT = "in-flight"
    ORPHAN = "orphan"
    RIVAL = "rival"
    FOREIGN_ORDER = "foreign-order"
    OPENING = "opening"
    EXTERNAL_CHANGE = "external-change"
    ADOPTED_CHANGE = "adopted-change"  # an external one that the settings allow
    SUSPICION = "suspicion"  # a difference that is not believed yet
    RECOVERED = "recovered"  # an unexplained change that the venue shows no more
    DELEVERAGED = "deleveraged"  # taken over to cover another's liquidation; hedged again
    VANISHED_COINS = "vanished-coins"


# Topics that stop new orders in their instrument, or for their coin.
FREEZING: Final = frozenset(
    {Topic.ORPHAN, Topic.RIVAL, Topic.EXTERNAL_CHANGE, Topic.SUSPICION, Topic.VANISHED_COINS}
)


@dataclass(frozen=True, slots=True)
class Note:
    """One difference in words; `subject` is a symbol or a coin."""

    topic: Topic
    subject: str
    text: str
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class Orphan:
    """An order with our mark that must go."""

    symbol: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What to do about what was found, in this order."""

    events: tuple[Event, ...]  # journal them in one job
    notes: tuple[Note, ...]
    cancel: tuple[Orphan, ...]
    look_up: tuple[str, ...]  # client ids to ask for by name, then reconcile again
    doubts: Mapping[str, Doubt]  # for the next one's evidence
    frozen: Mapping[str, str]  # symbol or coin -> why no new order
    halt: str | None  # why everything must stop: a rival, a liquidation, too much deleveraging

    @property
    def settled(self) -> bool:
        """Whether nothing is left to find out."""
        return not (self.look_up or self.frozen or self.cancel)
