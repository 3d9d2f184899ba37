"""The life of a transfer of ours, between the trading account and another one of the same owner.

    intended → sent → confirmed | refused | unknown | dropped
                                            unknown → confirmed | refused | dropped

Intent and sending are committed before anything leaves, under an id that the venue takes as its
own. What was sent and has no outcome is looked up by that id and never sent again; nothing else is
moved of that coin at that venue until its end is known. Dropped is what never left, kept back by
its sender, and what never arrived, as enough answers over enough time prove.

A venue that takes no id of ours gives each transfer a number. There ours is looked up by what it
moves, from where to where and since when; no transfer whose number is on record is taken for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final
from uuid import NAMESPACE_OID, uuid5

from hedged.core.amount import Amount

A_DAY: Final = timedelta(days=1)


class MoveState(StrEnum):
    """How far a transfer has come."""

    INTENDED = "intended"
    SENT = "sent"  # it may have left
    CONFIRMED = "confirmed"
    REFUSED = "refused"  # proof that nothing moved
    UNKNOWN = "unknown"
    DROPPED = "dropped"  # it never existed for the venue


_FOLLOWING: Final[Mapping[MoveState, frozenset[MoveState]]] = {
    MoveState.INTENDED: frozenset({MoveState.SENT, MoveState.DROPPED}),
    MoveState.SENT: frozenset(
        {MoveState.CONFIRMED, MoveState.REFUSED, MoveState.UNKNOWN, MoveState.DROPPED}
    ),
    MoveState.UNKNOWN: frozenset({MoveState.CONFIRMED, MoveState.REFUSED, MoveState.DROPPED}),
}


@dataclass(frozen=True, slots=True)
class MoveTerms:
    """One transfer as it is going to be sent; places are named as sources are."""

    transfer_id: str  # the venue's, too
    book: str
    asset: str
    venue: str
    quantity: Amount  # > 0
    source: str  # "main:funding"
    destination: str  # "main": the trading account
    why: str = ""


@dataclass(frozen=True, slots=True)
class MoveIntended:
    """A transfer is going to be sent; committed before anything leaves."""

    kind: ClassVar[str] = "transfer-intent"
    move: MoveTerms

    @property
    def transfer_id(self) -> str:
        """The transfer's own id."""
        return self.move.transfer_id


@dataclass(frozen=True, slots=True)
class MoveStep:
    """A transfer came further."""

    kind: ClassVar[str] = "transfer-step"
    transfer_id: str
    state: MoveState
    detail: str = ""
    venue_id: str = ""  # the venue's own, once it is known


@dataclass(frozen=True, slots=True)
class MoveFound:
    """What a venue says of a transfer of ours."""

    state: MoveState  # CONFIRMED, REFUSED, or SENT while it is on its way
    venue_id: str


@dataclass(frozen=True, slots=True)
class Move:
    """A transfer of ours and how far it has come."""

    terms: MoveTerms
    at: datetime  # of its intent
    state: MoveState = MoveState.INTENDED
    detail: str = ""
    venue_id: str = ""

    @property
    def open(self) -> bool:
        """Whether its end is not known."""
        return self.state in _FOLLOWING


def transfer_id(book: str, venue: str, coin: str, *, epoch_ms: int, cycle: int) -> str:
    """An id that no other transfer of this journal has, in the form that venues ask for."""
    return str(uuid5(NAMESPACE_OID, f"hedged|{epoch_ms}|{book}|{venue}|{coin}|{cycle}"))


def forbidden(before: Move | None, event: MoveIntended | MoveStep) -> str:
    """Why an event may not follow, as it would be an act that must not happen; empty: it may."""
    if isinstance(event, MoveIntended):
        return "" if before is None else f"the transfer {event.transfer_id} was made before"
    if before is None:
        return f"there is no transfer {event.transfer_id}"
    if event.state in _FOLLOWING.get(before.state, ()):
        return ""
    return f"the transfer {event.transfer_id} is {before.state}, it cannot become {event.state}"


def moved(
    moves: Mapping[str, Move], event: MoveIntended | MoveStep, at: datetime
) -> dict[str, Move]:
    """The transfers after an event, those that ended more than a day ago forgotten."""
    after = {name: move for name, move in moves.items() if move.open or at - move.at < A_DAY}
    before = moves.get(event.transfer_id)
    if isinstance(event, MoveIntended):
        after[event.transfer_id] = before or Move(event.move, at)
    elif before is not None and not forbidden(before, event):
        after[event.transfer_id] = replace(
            before, state=event.state, detail=event.detail, venue_id=event.venue_id
        )
    return after
