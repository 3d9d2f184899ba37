"""The gateway for trading: reading, plus one order at a time and its look-up.

An order is sent once. Nothing below repeats it: ccxt's own retries stay off, the transport
sends each request once and follows no redirect, and there is no retry here. What comes back
is an `Outcome`; only proof makes it `Accepted` or `Refused`.

A cancelled `submit` raises CancelledError, as it must. The order may have been sent all the
same: the caller treats it as `Unknown`.
"""

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import structlog

from hedged.core.decimals import plain
from hedged.core.types import Instrument
from hedged.ports import Accepted, Order, OrderReport, Outcome, Refused, Unknown, VenueUnavailable
from hedged.venue.lazy import errors
from hedged.venue.outcomes import read_error, submit_outcome, venue_code
from hedged.venue.profiles.profile import Read
from hedged.venue.rest import ReadOnlyVenue
from hedged.venue.transport import Route

_log = structlog.get_logger("hedged.venue")


class LiveVenue(ReadOnlyVenue):
    """`ports.TradingVenue`: its client can also send the profile's few writes."""

    async def submit(self, order: Order) -> Outcome:
        """See `ports.TradingVenue`; a CancelledError out of it means `Unknown`."""
        amount, price = plain(self._amount(order)), plain(order.limit_price)
        problem = self._unsendable(order.instrument.symbol, amount, price)
        if problem is not None:
            return Refused(f"not sent: {problem}")
        outcome = await self._sent(order, amount, price)
        _log.debug("venue.submitted", venue=self.name, client_id=order.client_id, outcome=outcome)
        return outcome

    async def find_order(self, instrument: Instrument, client_id: str) -> OrderReport | None:
        """See `ports.TradingVenue`."""
        for read in self._profile.order_lookups:
            found = await self._read(partial(self._looked_up, read, instrument, client_id))
            if found is not None:
                return found
        return None

    async def cancel(self, instrument: Instrument, client_id: str) -> None:
        """See `ports.TradingVenue`; sent once, an order that is gone is no error."""
        try:
            await self._client.cancel_order(
                None, instrument.symbol, {self._profile.client_id_param: client_id}
            )
        except errors().BaseError as error:
            if venue_code(error, self._profile) in self._profile.gone:
                return
            raise read_error(error, self._profile, self._redact) from None

    async def _sent(self, order: Order, amount: str, price: str) -> Outcome:
        try:
            reply = await self._client.create_order(
                order.instrument.symbol,
                "limit",
                order.side.value,
                amount,
                price,
                {
                    **self._profile.order_params,
                    "clientOrderId": order.client_id,
                    "reduceOnly": order.reduce_only,
                },
            )
        except errors().BaseError as error:
            if isinstance(error, errors().InvalidNonce):
                self._synced = False
            return submit_outcome(error, self._profile, self._redact)
        return _acknowledged(order.client_id, reply)

    def _routes(self) -> frozenset[Route]:
        return self._profile.routes | self._profile.write_routes

    def _amount(self, order: Order) -> Decimal:
        if self._profile.amounts_in_contracts:
            return order.contracts
        return order.contracts * order.instrument.contract_size

    def _unsendable(self, symbol: str, amount: str, price: str) -> str | None:
        """Why the figures would not arrive as they are: ccxt truncates and rounds in silence."""
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
        wanted = {
            "symbol": self._market(instrument.symbol)["id"],
            self._profile.client_id_param: client_id,
        }
        try:
            rows = await self._rows("order", read, **wanted)
        except errors().OrderNotFound:
            return None
        if not rows:
            return None
        report = self._profile.report(rows[0])
        if len(rows) > 1 or report.client_id != client_id:
            # A venue that overlooks the filter has not said that it does not know the order.
            raise VenueUnavailable("order: the reply is about something else")
        if self._profile.amounts_in_contracts:
            return report
        return replace(report, filled=report.filled / instrument.contract_size)


def _acknowledged(client_id: str, reply: Any) -> Outcome:
    venue_id, echoed = reply.get("id"), reply.get("clientOrderId")
    if not venue_id:
        return Unknown("the venue's acknowledgement names no order")
    if echoed is not None and echoed != client_id:
        return Unknown(f"the venue acknowledged another order, {echoed}")
    return Accepted(str(venue_id))
