"""Sends approved transfers of collateral, once each, and sees each to its end.

Intent and sending are on disk before anything leaves; when the disk refuses, nothing leaves. A
transfer whose outcome is not known, and one that a process died with, is looked up until the venue
says how it ended. That it never existed is believed after as many answers "not
found" over as long a time as for an order. It is never sent again.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final, Protocol

import structlog

from hedged.core.decimals import plain
from hedged.core.moves import (
    Move,
    MoveFound,
    MoveIntended,
    MoveState,
    MoveStep,
    MoveTerms,
    transfer_id,
)
from hedged.core.reports import Rules
from hedged.core.types import MoveIntent
from hedged.engine.brake import Brake
from hedged.ports import OUTAGE, Accepted, Clock, Journal, Outcome, Refused
from hedged.store.failpoints import point

log = structlog.get_logger("hedged.mover")

POLL_S: Final = 0.5  # between two look-ups at the end of the process
DETAILS: Final = 200  # characters of a reason that are kept


class MovingVenue(Protocol):
    """A venue that can move coins between the accounts of one owner."""

    async def move(self, terms: MoveTerms) -> Outcome:
        """Send once. `Accepted` only when the coins have arrived. Never retried, here or below."""

    async def find_move(
        self, terms: MoveTerms, since: datetime, known: Collection[str]
    ) -> MoveFound | None:
        """A transfer as it stands; None: the venue knows of none.

        `since` is our clock's when it was recorded; `known` are the venue's own ids of others.

        Raises:
            VenueUnavailable: the look-up itself failed: nothing was learned.
            VenueAuthError: the key is wrong.
            VenueRefused: the venue moves nothing.
        """


class Mover:
    """The only caller of `move`; one for all books, as there is one journal."""

    def __init__(
        self,
        venues: Mapping[str, MovingVenue],
        journal: Journal,
        clock: Clock,
        brake: Brake,
        proofs: Mapping[str, Rules],
    ) -> None:
        """`proofs` are the rules of venues that have their own."""
        self._venues = venues
        self._journal = journal
        self._clock = clock
        self._brake = brake
        self._proofs = proofs
        self._under_way: set[str] = set()  # this process is sending them right now
        self._turn = asyncio.Lock()
        self._absent_s: dict[str, list[float]] = {}  # when "not found" was answered, in a row

    def open(self) -> tuple[str, ...]:
        """Transfers whose end is not known, in words."""
        return tuple(
            f"{name} ({move.terms.quantity.unit} from {move.terms.source}): {move.detail}"
            for name, move in self._journal.ledger.moves.items()
            if move.open
        )

    async def settle(self) -> None:
        """Before a cycle: find out what became of the transfers without an end.

        Raises:
            StoreError: it could not be journalled.
        """
        async with self._turn:  # books ask at their own times: each end is found out once
            for move in list(self._journal.ledger.moves.values()):
                if move.open and move.terms.transfer_id not in self._under_way:
                    await self._settle(move)

    async def finish(self) -> None:
        """Look for the ends of all that have none, for as long as there are any.

        Raises:
            StoreError: one could not be journalled.
        """
        while self.open():
            await self.settle()
            if self.open():
                await self._clock.sleep(POLL_S)

    async def move(self, intents: Iterable[MoveIntent]) -> None:
        """Send each transfer once.

        Raises:
            StoreError: one could not be journalled; it was not sent, or its outcome is looked up.
        """
        for intent in intents:
            terms = self._terms(intent)
            if not self._is_taken(terms):
                await self._send(terms)

    async def _send(self, terms: MoveTerms) -> None:
        name = terms.transfer_id
        self._under_way.add(name)
        try:
            await self._journal.append(MoveIntended(terms), MoveStep(name, MoveState.SENT))
            if withheld := self._withheld(terms):
                await self._step(name, MoveState.DROPPED, withheld)
                return
            log.info("transfer.sent", **_described(terms), why=terms.why)
            point("transfer.before")
            outcome = await self._venues[terms.venue].move(terms)
            point("transfer.after")
            match outcome:
                case Accepted(venue_id):
                    await self._step(name, MoveState.CONFIRMED, venue_id=venue_id)
                case Refused(detail):
                    await self._step(name, MoveState.REFUSED, detail)
                case _:
                    number = outcome.venue_id
                    await self._step(name, MoveState.UNKNOWN, outcome.detail, venue_id=number)
        finally:
            self._under_way.discard(name)

    async def _settle(self, move: Move) -> None:
        terms = move.terms
        name, venue = terms.transfer_id, self._venues.get(terms.venue)
        if move.state is MoveState.INTENDED:
            await self._step(name, MoveState.DROPPED, "the process ended before it was sent")
            return
        if venue is None:
            return  # the configuration has lost it; its owner is told that the end is not known
        try:
            known = self._known(terms.venue) - {move.venue_id}
            found = await venue.find_move(terms, move.at, known)
        except OUTAGE as error:
            log.debug("transfer.look_up_failed", transfer_id=name, why=str(error))
            return
        if move.venue_id and (found is None or found.venue_id != move.venue_id):
            return  # the venue has taken it, and tells of it later
        if found is not None:
            self._absent_s.pop(name, None)
            if found.state is not MoveState.SENT:
                await self._step(name, found.state, venue_id=found.venue_id)
            return
        times = self._absent_s.setdefault(name, [])
        times.append(self._clock.monotonic())
        lasted_s = times[-1] - times[0]
        rules = self._proofs.get(terms.venue, Rules())
        if len(times) >= rules.not_founds and lasted_s >= float(rules.moves_over_s):
            evidence = f"not found {len(times)} times in {lasted_s:.0f} s: it never existed"
            await self._step(name, MoveState.DROPPED, evidence)

    async def _step(
        self, name: str, state: MoveState, detail: str = "", venue_id: str = ""
    ) -> None:
        tell = log.info if state is MoveState.CONFIRMED else log.warning
        tell(f"transfer.{state}", transfer_id=name, why=detail)
        await self._journal.append(MoveStep(name, state, detail[:DETAILS], venue_id))

    def _known(self, venue: str) -> frozenset[str]:
        """The venue's own ids of our transfers there, as far as they are on record."""
        moves = self._journal.ledger.moves.values()
        return frozenset(move.venue_id for move in moves if move.terms.venue == venue)

    def _terms(self, intent: MoveIntent) -> MoveTerms:
        coin = intent.quantity.unit
        epoch_ms = self._journal.ledger.epoch_ms
        name = transfer_id(intent.book, intent.venue, coin, epoch_ms=epoch_ms, cycle=intent.cycle)
        return MoveTerms(
            transfer_id=name,
            book=intent.book,
            asset=intent.asset,
            venue=intent.venue,
            quantity=intent.quantity,
            source=intent.source,
            destination=intent.destination,
            why=intent.why,
        )

    def _is_taken(self, terms: MoveTerms) -> bool:
        """Whether another transfer of the coin at the venue has no known end, or this one had."""
        return terms.transfer_id in self._journal.ledger.moves or any(
            move.open
            and (move.terms.venue, move.terms.quantity.unit) == (terms.venue, terms.quantity.unit)
            for move in self._journal.ledger.moves.values()
        )

    def _withheld(self, terms: MoveTerms) -> str:
        """Why it must not leave after all, as for a halt in the meantime; empty: it may."""
        return self._brake.withholds_move(is_in=terms.destination == terms.venue)


def _described(terms: MoveTerms) -> dict[str, object]:
    return {
        "transfer_id": terms.transfer_id,
        "book": terms.book,
        "asset": terms.asset,
        "amount": plain(terms.quantity.value),
        "source": terms.source,
        "destination": terms.destination,
    }
