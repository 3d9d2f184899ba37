"""Transfers between the trading account and another one of the same owner: sent once, looked up.

As with orders, nothing here repeats a request, and only proof makes an outcome. Where the id of a
transfer is ours and the venue's, one that it has seen already it does not make again. Where it
takes no id, a transfer is looked up among those of its kind: the same coins, from and to the same
accounts, not before it was sent, and none that is known to be another one.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import structlog

from hedged.core.moves import MoveFound, MoveState, MoveTerms
from hedged.core.types import Amount
from hedged.ports import (
    Accepted,
    Outcome,
    Refused,
    Unknown,
    VenueAuthError,
    VenueRefused,
    VenueUnavailable,
)
from hedged.venue.connection import Connection
from hedged.venue.fields import EPOCH, row_at
from hedged.venue.outcomes import submit_outcome
from hedged.venue.profiles.profile import Mover, Profile
from hedged.venue.transport import WriteRefused

EARLIER: Final = timedelta(seconds=10)  # for clocks: a transfer is not stamped before it was sent
_DUST: Final = Decimal("0.000000005")
_MILLISECOND: Final = timedelta(milliseconds=1)
_log = structlog.get_logger("hedged.venue")


class Moves:
    """Of one account at one venue."""

    def __init__(self, name: str, profile: Profile, mover: Mover, connection: Connection) -> None:
        self._name = name
        self._profile = profile
        self._mover = mover
        self._connection = connection

    async def send(self, terms: MoveTerms) -> Outcome:
        """Send once; a CancelledError out of it means `Unknown`."""
        source, target = self._wallet(terms.source), self._wallet(terms.destination)
        if source is None or target is None:
            return Refused(f"not sent: no transfer from {terms.source} to {terms.destination} here")
        if not self._connection.is_open:
            return Refused("not sent: the venue is not open")
        method = getattr(self._connection.client, self._mover.method)
        own_id = self._mover.own_id(terms.transfer_id)
        named = {self._mover.id_param: own_id} if self._mover.id_param else {}
        since = self._connection.venue_time
        try:
            reply = await method({**self._mover.request(terms, source, target), **named})
            row = row_at("transfer", reply, self._mover.reply)
            state = self._mover.state(row)
            number = row.name(self._mover.number) if self._mover.number else own_id
        except WriteRefused:
            raise
        except Exception as error:  # noqa: BLE001 - whatever broke, it may have been sent
            self._connection.note(error)
            proofs = self._mover.rejections
            return submit_outcome(error, self._profile, self._connection.redact, proofs)
        _log.debug("venue.moved", venue=self._name, transfer_id=terms.transfer_id, state=state)
        if self._mover.number and await self._has_arrived(number, terms, since):
            state = MoveState.CONFIRMED
        if state is MoveState.CONFIRMED:
            return Accepted(number)
        return Unknown("the venue says that it is on its way, or that it does not know", number)

    async def find(
        self, terms: MoveTerms, since: datetime, known: Collection[str]
    ) -> MoveFound | None:
        """What the venue says of it; part of an attempt. `since` is by the venue's clock."""
        if not self._mover.id_param:
            alike = await self._alike(terms, since)
            return next((found for found in alike if found.venue_id not in known), None)
        own_id = self._mover.own_id(terms.transfer_id)
        named = {self._mover.id_param: own_id}
        rows = await self._connection.rows("transfer", self._mover.look_up, **named)
        if not rows:
            return None
        if len(rows) > 1 or rows[0].text(self._mover.id_param) != own_id:
            # A venue that overlooks the filter has not said that it does not know the transfer.
            raise VenueUnavailable("transfer: the reply is about something else")
        return MoveFound(self._mover.state(rows[0]), own_id)

    async def _has_arrived(self, number: str, terms: MoveTerms, since: datetime) -> bool:
        """Whether a transfer of this number, which the venue has taken, has come to its end."""
        try:
            alike = await self._connection.read(lambda: self._alike(terms, since))
        except (VenueUnavailable, VenueAuthError):
            return False  # it is looked up again
        return MoveFound(MoveState.CONFIRMED, number) in alike

    async def _alike(self, terms: MoveTerms, since: datetime) -> list[MoveFound]:
        """Transfers that may be this one, oldest first."""
        moves, look_up = self._profile.moves, self._mover.look_up
        source, target = self._wallet(terms.source), self._wallet(terms.destination)
        if moves is None or source is None or target is None:
            raise VenueRefused(f"no transfer from {terms.source} to {terms.destination} is told")
        name = look_up.span[0] if look_up.span else self._profile.from_param
        begin = {name: str((since - EARLIER - EPOCH) // _MILLISECOND)}
        rows = await self._connection.rows(
            "transfer", look_up, **self._mover.alike(source, target), **begin
        )
        if look_up.page and len(rows) >= look_up.page:
            raise VenueUnavailable(f"transfer: more than {look_up.page}, not all of them told")
        read = ((moves.transfer(row, self._name, {}), self._mover.state(row)) for row in rows)
        told = [(move, state) for move, state in read if move is not None]
        told.sort(key=lambda one: one[0].started_at)
        return [
            MoveFound(state, move.transfer_id)
            for move, state in told
            if (move.source, move.destination) == (terms.source, terms.destination)
            and _is_same(move.quantity, terms.quantity)
        ]

    def _wallet(self, place: str) -> str | None:
        """The venue's name of one of our places."""
        return self._mover.wallets.get(place.removeprefix(self._name))


def _is_same(told: Amount, sent: Amount) -> bool:
    """Coins to eight decimals: a venue that tells balances only leaves dust in their difference."""
    return told.unit == sent.unit and abs(told.value - sent.value) < _DUST


def no_mover(profile: Profile) -> VenueRefused:
    """What a venue says that moves nothing."""
    return VenueRefused(f"hedged moves no coins at {profile.title}")
