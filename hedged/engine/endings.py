"""Sees orders to their end: looks one up until it can fill no further, withdraws one that rests.

A cancel waits for no store: when the journal cannot be written, it is sent all the same, and put on
record once that can be done. What the venue then says of the order is the proof of its end, never
the cancel itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from hedged.core.decimals import plain
from hedged.core.events import CancelRequested
from hedged.core.orders import Order
from hedged.core.reports import Rules
from hedged.core.types import Instrument
from hedged.engine.reconciler import look_up_event
from hedged.ports import OUTAGE, Clock, Journal, OrderStatus, StoreError, TradingVenue
from hedged.store.failpoints import point

log = structlog.get_logger("hedged.executor")


@dataclass(frozen=True, slots=True)
class SettleRules:
    """How long things may take; only the sim environment may shorten these."""

    proof: Rules = field(default_factory=Rules)
    poll_s: float = 0.2  # between look-ups right after a submit
    wait_s: float = 3.0  # for how long a cycle waits before the slot is carried over
    reconcile_s: float = 60.0  # between two reconciliations when nothing calls for one


class Endings:
    """The ends of the orders of one journal."""

    def __init__(
        self,
        venues: Mapping[str, TradingVenue],
        journal: Journal,
        clock: Clock,
        rules: SettleRules,
    ) -> None:
        self._venues = venues
        self._journal = journal
        self._clock = clock
        self._rules = rules
        self._unrecorded: dict[str, CancelRequested] = {}  # by client id

    async def record(self) -> None:
        """Put on record what was cancelled while the journal could not be written.

        Raises:
            StoreError: it still cannot be.
        """
        if self._unrecorded:
            await self._journal.append(*self._unrecorded.values())
            self._unrecorded.clear()

    async def take_away(self, name: str, why: str) -> None:
        """Cancel an order without the store; never raises for what the venue does."""
        order = self._journal.ledger.orders[name]
        log.warning("order.withdrawn", client_id=name, instrument=order.terms.symbol, why=why)
        self._unrecorded.setdefault(name, CancelRequested(name, why))
        await self._cancel(order)

    async def withdraw(self, name: str, why: str, *, given_up: bool = False) -> None:
        """Cancel an order and wait, for a bounded time, for its end. A cancel waits for no store.

        Raises:
            StoreError: it could not be journalled; the cancel was sent all the same.
        """
        order = self._journal.ledger.orders.get(name)
        if order is None or order.resolved:
            return
        unrecorded = None
        if not order.cancel_requested:
            log.info("order.withdrawn", client_id=name, instrument=order.terms.symbol, why=why)
            cancel = CancelRequested(name, why, given_up)
            try:
                await self._journal.append(cancel)
            except StoreError as error:
                unrecorded = error
                self._unrecorded[name] = cancel
        instrument = await self._cancel(order)
        if unrecorded is not None:
            raise unrecorded
        if instrument is not None:
            await self.settle(instrument, name)

    async def _cancel(self, order: Order) -> Instrument | None:
        """Send a cancel; its instrument, where that arrived."""
        venue = self._venues[order.terms.venue]
        try:
            instrument = venue.instrument(order.terms.symbol)
            point("cancel.before")
            await venue.cancel(instrument, order.client_id)
            point("cancel.after")
        except OUTAGE as error:
            log.warning("order.not_cancelled", client_id=order.client_id, why=str(error))
            return None
        return instrument

    async def settle(self, instrument: Instrument, name: str) -> None:
        """Look an order up until its end is known, or the cycle has waited enough."""
        deadline_s = self._clock.monotonic() + self._rules.wait_s
        while self._holds(name) and self._clock.monotonic() < deadline_s:
            await self.look_up(instrument, name)
            if self._holds(name):
                await self._clock.sleep(self._rules.poll_s)

    async def look_up(self, instrument: Instrument, name: str) -> None:
        """Journal the end of an order; the reconciler counts all other answers."""
        try:
            report = await self._venues[instrument.venue].find_order(instrument, name)
        except OUTAGE as error:
            log.debug("look_up.failed", client_id=name, why=str(error))
            return
        if report is None or report.status is not OrderStatus.DONE:
            return
        await self._journal.append(look_up_event(name, report))
        log.info(
            "order.done",
            client_id=name,
            filled=plain(report.filled),
            of=plain(report.contracts),
            average=None if report.average is None else plain(report.average),
        )

    def _holds(self, name: str) -> bool:
        order = self._journal.ledger.orders.get(name)
        return order is not None and not order.resolved
