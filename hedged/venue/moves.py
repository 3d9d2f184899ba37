"""Transfers between the trading account and another one of the same owner: sent once, looked up.

As with orders, nothing here repeats a request, and only proof makes an outcome. The id of a
transfer is ours and the venue's: one that it has seen already it does not make again.
"""

import structlog

from hedged.core.moves import MoveState, MoveTerms
from hedged.ports import Accepted, Outcome, Refused, Unknown, VenueRefused, VenueUnavailable
from hedged.venue.connection import Connection
from hedged.venue.fields import row_at
from hedged.venue.outcomes import submit_outcome
from hedged.venue.profiles.profile import Mover, Profile
from hedged.venue.transport import WriteRefused

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
        method = getattr(self._connection.client, self._mover.method)
        named = {self._mover.id_param: self._mover.own_id(terms.transfer_id)}
        try:
            reply = await method({**self._mover.request(terms, source, target), **named})
            state = self._mover.state(row_at("transfer", reply, self._mover.reply))
        except WriteRefused:
            raise
        except Exception as error:  # noqa: BLE001 - whatever broke, it may have been sent
            self._connection.note(error)
            proofs = self._mover.rejections
            return submit_outcome(error, self._profile, self._connection.redact, proofs)
        _log.debug("venue.moved", venue=self._name, transfer_id=terms.transfer_id, state=state)
        if state is MoveState.CONFIRMED:
            return Accepted(terms.transfer_id)
        return Unknown("the venue says that it is on its way, or that it does not know")

    async def find(self, terms: MoveTerms) -> MoveState | None:
        """What the venue says of it; part of an attempt."""
        own_id = self._mover.own_id(terms.transfer_id)
        named = {self._mover.id_param: own_id}
        rows = await self._connection.rows("transfer", self._mover.look_up, **named)
        if not rows:
            return None
        if len(rows) > 1 or rows[0].text(self._mover.id_param) != own_id:
            # A venue that overlooks the filter has not said that it does not know the transfer.
            raise VenueUnavailable("transfer: the reply is about something else")
        return self._mover.state(rows[0])

    def _wallet(self, place: str) -> str | None:
        """The venue's name of one of our places."""
        return self._mover.wallets.get(place.removeprefix(self._name))


def no_mover(profile: Profile) -> VenueRefused:
    """What a venue says that moves nothing."""
    return VenueRefused(f"hedged moves no coins at {profile.title}")
