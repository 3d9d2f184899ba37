"""The gateway for trading: reading, plus one order at a time and its look-up.

An order is sent once. Nothing below repeats it: ccxt's own retries stay off, the transport
sends each request once and follows no redirect, and there is no retry here. What comes back
is an `Outcome`; only proof makes it `Accepted` or `Refused`.

A cancelled `submit` raises CancelledError, as it must. The order may have been sent all the
same: the caller treats it as `Unknown`.
"""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import structlog

from hedged.core.arrangement import MARGIN_MODE, Change
from hedged.core.decimals import plain
from hedged.core.moves import MoveFound, MoveTerms
from hedged.core.types import Instrument
from hedged.ports import (
    Accepted,
    Clock,
    Order,
    OrderReport,
    Outcome,
    Refused,
    Unknown,
    VenueRefused,
    VenueUnavailable,
)
from hedged.venue.accounts import TRANSFERS
from hedged.venue.lazy import errors
from hedged.venue.lifeline import Lifeline
from hedged.venue.moves import Moves, no_mover
from hedged.venue.outcomes import submit_outcome, venue_code
from hedged.venue.profiles.profile import Profile
from hedged.venue.profiles.reads import Read
from hedged.venue.rest import ReadOnlyVenue
from hedged.venue.spec import VenueSpec
from hedged.venue.transport import Route, WriteRefused

_log = structlog.get_logger("hedged.venue")


class LiveVenue(ReadOnlyVenue):
    """`ports.TradingVenue`: its client can also send the profile's few writes."""

    def __init__(
        self,
        spec: VenueSpec,
        profile: Profile,
        clock: Clock,
        on_read: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(spec, profile, clock, on_read)
        switch = profile.switch
        self._lifeline = None if switch is None else Lifeline(switch, spec, self._connection)
        mover = None if TRANSFERS in profile.lacks(spec.world) else profile.mover
        self._moves = None if mover is None else Moves(spec.name, profile, mover, self._connection)

    async def open(self) -> None:
        """See `ports.Venue`.

        Raises:
            VenueRefused: hedged sends no orders at this venue.
        """
        if not self._profile.write_routes:
            raise VenueRefused(
                f"no orders are sent at {self._profile.title}: {self._profile.only_read}; "
                'use execution = "dry-run"'
            )
        await super().open()

    async def _check_key(self) -> None:
        await super()._check_key()
        if self._access.may_trade is False:
            raise VenueRefused("the key may only read: live execution needs one that may trade")

    @property
    def refuses_duplicates(self) -> bool:
        """Whether the venue is known to take no second order of one client id."""
        return bool(self._profile.duplicates)

    async def submit(self, order: Order) -> Outcome:
        """See `ports.TradingVenue`; a CancelledError out of it means `Unknown`."""
        amount, price = plain(self._amount(order)), plain(order.limit_price)
        problem = self._unsendable(order, amount, price)
        if problem is not None:
            return Refused(f"not sent: {problem}")
        outcome = await self._sent(order, amount, price)
        _log.debug("venue.submitted", venue=self.name, client_id=order.client_id, outcome=outcome)
        return outcome

    async def find_order(self, instrument: Instrument, client_id: str) -> OrderReport | None:
        """See `ports.TradingVenue`."""
        for read in self._profile.order_lookups:
            found = await self._connection.read(
                partial(self._looked_up, read, instrument, client_id)
            )
            if found is not None:
                return found
        return None

    async def cancel(self, instrument: Instrument, client_id: str) -> None:
        """See `ports.TradingVenue`; sent once, an order that is gone is no error."""
        await self._cancelled(lambda: self._named_away(instrument, client_id))

    async def cancel_numbered(self, instrument: Instrument, venue_id: str) -> None:
        """Ask to cancel an order by the venue's own number; sent once, gone is no error.

        Raises:
            VenueUnavailable: whether it was cancelled is not known.
        """
        await self._cancelled(lambda: self._client.cancel_order(venue_id, instrument.symbol))

    async def _named_away(self, instrument: Instrument, client_id: str) -> None:
        named = {self._profile.client_id_param: self._profile.client_prefix + client_id}
        read = self._profile.cancel
        if read is None:
            await self._client.cancel_order(None, instrument.symbol, named)
        else:
            market = self._connection.naming(read, instrument.symbol)
            await getattr(self._client, read.method)({**read.params, **market, **named})

    async def _cancelled(self, cancel: Callable[[], Awaitable[object]]) -> None:
        try:
            await cancel()
        except WriteRefused:
            raise
        except Exception as error:  # noqa: BLE001 - whatever broke, it may have been sent
            if venue_code(error, self._profile) in self._profile.gone:
                return
            raise self._connection.failure(error) from None

    async def arrange(self, change: Change) -> Outcome:
        """See `ports.TradingVenue`."""
        client, profile = self._client, self._profile
        is_kept = change.what == MARGIN_MODE and profile.keeps_mode
        if is_kept or not profile.setting_routes or not self._spec.arranges:
            return Refused(f"it cannot be set through hedged at {profile.title}")
        if change.what == MARGIN_MODE:
            each = [()] if profile.margin_mode is None else zip(self._spec.symbols)
            settings = [partial(client.set_margin_mode, change.wanted, *named) for named in each]
        elif profile.whole_leverage and not change.wanted.isdecimal():
            return Refused(f"not sent: a leverage at {profile.title} is a whole number")
        else:
            leverage = int(change.wanted) if profile.whole_leverage else change.wanted
            settings = [partial(client.set_leverage, leverage, change.what)]
        for setting in settings:
            outcome = await self._set(setting)
            if not isinstance(outcome, Accepted):
                return outcome
        return Accepted("")

    async def _set(self, setting: Callable[[], Awaitable[object]]) -> Outcome:
        try:
            await setting()
        except WriteRefused:
            raise
        except Exception as error:  # noqa: BLE001 - whatever broke, it may have been done
            if venue_code(error, self._profile) in self._profile.unchanged:
                return Accepted("")
            self._connection.note(error)
            return submit_outcome(error, self._profile, self._connection.redact)
        return Accepted("")

    async def arm_dead_man(self, window_s: int) -> bool:
        """See `ports.TradingVenue`; False where the profile knows of no switch."""
        if self._profile.countdown is not None:
            return await self._connection.read(partial(self._counted, window_s))
        return self._lifeline is not None and await self._lifeline.hold(window_s)

    async def disarm_dead_man(self) -> None:
        """See `ports.TradingVenue`."""
        if self._profile.countdown is not None:
            await self._connection.read(partial(self._counted, 0))
        elif self._lifeline is not None:
            await self._lifeline.let_go()

    async def _counted(self, window_s: int) -> bool:
        """Begin the countdown anew; to send that twice does no harm."""
        countdown = self._profile.countdown
        markets = [self._connection.market(symbol)["id"] for symbol in self._spec.symbols]
        return countdown is not None and await countdown(self._client, markets, window_s)

    async def move(self, terms: MoveTerms) -> Outcome:
        """Move coins between the owner's accounts, once; see `hedged.engine.mover`."""
        if self._moves is None:
            return Refused(f"not sent: {no_mover(self._profile)}")
        return await self._moves.send(terms)

    async def find_move(
        self, terms: MoveTerms, since: datetime, known: Collection[str]
    ) -> MoveFound | None:
        """What the venue says of a transfer of ours; see `hedged.engine.mover`.

        Raises:
            VenueRefused: hedged moves nothing there.
        """
        if self._moves is None:
            raise no_mover(self._profile)
        begun_at = since - timedelta(seconds=float(self.skew_s or 0))
        return await self._connection.read(partial(self._moves.find, terms, begun_at, known))

    async def _sent(self, order: Order, amount: str, price: str) -> Outcome:
        try:
            reply = await self._client.create_order(
                order.instrument.symbol,
                "limit",
                order.side.value,
                self._profile.amount_type(amount),
                price,
                {
                    **self._profile.styles[order.style],
                    **self._expiry(),
                    self._profile.order_id_param: order.client_id,
                    "reduceOnly": order.reduce_only,
                },
            )
            return _acknowledged(self._profile.client_prefix + order.client_id, reply)
        except WriteRefused:
            raise
        except Exception as error:  # noqa: BLE001 - whatever broke, the order may have been sent
            self._connection.note(error)
            return submit_outcome(error, self._profile, self._connection.redact)

    def _routes(self) -> frozenset[Route]:
        profile, mover = self._profile, self._profile.mover
        settings = profile.setting_routes if self._spec.arranges else frozenset()
        moved = {mover.route} if mover is not None and self._spec.moves else set()
        return profile.routes | profile.write_routes | settings | moved

    def _expiry(self) -> dict[str, object]:
        """What keeps an order from being placed when it is held for lost already."""
        deadline = self._profile.deadline
        return {} if deadline is None else deadline.of_order(self._connection.venue_time)

    def _amount(self, order: Order) -> Decimal:
        if self._profile.amounts_in_contracts:
            return order.contracts
        return order.contracts * order.instrument.contract_size

    def _unsendable(self, order: Order, amount: str, price: str) -> str | None:
        """Why the order would not arrive as it was meant."""
        symbol = order.instrument.symbol
        try:
            # What reduces a position may go out to the last, while its market is being closed.
            listed = self._markets.instrument(symbol, held=order.reduce_only)
        except (VenueRefused, VenueUnavailable) as problem:
            return str(problem)
        if listed != order.instrument:
            return f"the listing of {symbol} has changed since the order was made"
        mistake = self._profile.mistaken(order)
        if mistake is not None:
            return mistake
        # ccxt truncates and rounds in silence.
        for what, figure, to_precision in (
            ("amount", amount, self._client.amount_to_precision),
            ("price", price, self._client.price_to_precision),
        ):
            try:
                sent = to_precision(symbol, figure)
            except errors().BaseError as error:
                return f"{what} {figure}: {error}"
            if Decimal(sent) != Decimal(figure):
                return f"{what} {figure} would be sent as {sent}"
        return None

    async def _looked_up(
        self, read: Read, instrument: Instrument, client_id: str
    ) -> OrderReport | None:
        one, named = read.named is None, self._profile.client_prefix + client_id
        wanted = {
            **self._profile.contracts[instrument.kind].only,
            **(self._connection.naming(read, instrument.symbol)),
            **({read.id_param or self._profile.client_id_param: named} if one else {}),
        }
        try:
            rows = await self._connection.rows("order", read, **wanted)
        except errors().OrderNotFound:
            return None
        except errors().BaseError as error:
            if venue_code(error, self._profile) in self._profile.absent:
                return None
            raise
        if read.named is not None:
            rows = [row for row in rows if read.named(row) == client_id][:1]
        if not rows:
            return None
        report = self._records.report(rows[0], instrument)
        if len(rows) > 1 or report.client_id != client_id:
            # A venue that overlooks the filter has not said that it does not know the order.
            raise VenueUnavailable("order: the reply is about something else")
        return report


def _acknowledged(client_id: str, reply: Any) -> Outcome:
    venue_id, echoed = reply.get("id"), reply.get("clientOrderId")
    if not venue_id:
        return Unknown("the venue's acknowledgement names no order")
    if echoed is not None and echoed != client_id:
        return Unknown(f"the venue acknowledged another order, {echoed}")
    return Accepted(str(venue_id))
