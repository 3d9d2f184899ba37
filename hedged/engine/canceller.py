"""Cancels every working order of ours at once, and waits for nothing before it does.

An order that the journal knows is cancelled by its client id, without a read; meanwhile the
venue is asked for what else is working there with our mark. An order that is just being sent
is cancelled a second time once its submit has ended, because the first cancel may have been
the faster one. What failed, a cancel or the listing, as at a venue that limits us, is tried
again: cancelling twice harms nothing. Nothing waits for the store: that a cancel was sent is
written down afterwards, where it can be. Orders of others are left alone.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from hedged.core.events import CancelRequested
from hedged.core.orders import Order, State, is_ours
from hedged.ports import OUTAGE, Clock, Journal, StoreError, TradingVenue, VenueAuthError
from hedged.store.failpoints import point

log = structlog.get_logger("hedged.canceller")

SUBMIT_S: Final = 1.0  # how long an order that is being sent is waited for
STEP_S: Final = 0.05
AGAIN_S: Final = 0.5  # between two tries at what could not be cancelled
TRYING_S: Final = 5.0  # no new try after that, from the start of the sweep
RECORD_S: Final = 5.0  # how long the store may take to write down what was cancelled


@dataclass(frozen=True, slots=True)
class Cancel:
    """One cancel that was sent; `failed` says why it is not known to have arrived."""

    venue: str
    symbol: str
    client_id: str
    failed: str = ""

    def __str__(self) -> str:
        outcome = f"NOT cancelled, {self.failed}" if self.failed else "cancelled"
        return f"{self.client_id} ({self.symbol} at {self.venue}): {outcome}"


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one sweep over all venues came to."""

    cancels: tuple[Cancel, ...] = ()
    unread: tuple[str, ...] = ()  # why a venue could not tell what else is working there

    @property
    def is_whole(self) -> bool:
        """Whether nothing of ours is left working, as far as the venues tell."""
        return not self.unread and not any(cancel.failed for cancel in self.cancels)


@dataclass(slots=True)
class _Round:
    """The cancels of one venue, each order's last one."""

    venue: TradingVenue
    sent: dict[str, Cancel] = field(default_factory=dict)
    unread: str = ""
    is_locked_out: bool = False  # the key is wrong: asking again would only get us banned

    @property
    def failed(self) -> dict[str, str]:
        """Orders whose cancel is not known to have arrived; their symbols by client id."""
        return {cancel.client_id: cancel.symbol for cancel in self.sent.values() if cancel.failed}

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to try."""
        return self.is_locked_out or not (self.unread or self.failed)

    def note(self, error: Exception) -> None:
        """Note why the venue did not tell what is working there."""
        self.unread = f"{self.venue.name}: {error}"
        self.is_locked_out = isinstance(error, VenueAuthError)

    def wants(self, name: str) -> bool:
        """Whether no cancel of this order has arrived."""
        return name not in self.sent or bool(self.sent[name].failed)

    async def cancel(self, orders: Mapping[str, str]) -> None:
        """Cancel these, all at once; their symbols by client id."""
        done = await asyncio.gather(*(self._one(name, symbol) for name, symbol in orders.items()))
        self.sent |= {cancel.client_id: cancel for cancel in done}

    async def _one(self, name: str, symbol: str) -> Cancel:
        venue = self.venue
        log.info("order.cancel", venue=venue.name, instrument=symbol, client_id=name)
        try:
            point("cancel.before")
            await venue.cancel(venue.instrument(symbol), name)
            point("cancel.after")
        except OUTAGE as error:
            return Cancel(venue.name, symbol, name, str(error))
        return Cancel(venue.name, symbol, name)


class Canceller:
    """Sweeps all venues of a process."""

    def __init__(
        self,
        venues: Mapping[str, TradingVenue],
        symbols: Mapping[str, tuple[str, ...]],
        journal: Journal,
        clock: Clock,
    ) -> None:
        """`symbols` are the instruments that hedges trade, by venue."""
        self._venues = venues
        self._symbols = symbols
        self._journal = journal
        self._clock = clock

    async def sweep(self, why: str) -> Sweep:
        """Cancel everything of ours that is or may be working; never raises for an outage."""
        rounds = await asyncio.gather(*map(self._sweep_venue, self._venues.values()))
        await self._record([name for done in rounds for name in done.sent], why)
        return Sweep(
            cancels=tuple(cancel for done in rounds for cancel in done.sent.values()),
            unread=tuple(done.unread for done in rounds if done.unread),
        )

    async def _sweep_venue(self, venue: TradingVenue) -> _Round:
        done = _Round(venue)
        began_s = self._clock.monotonic()
        await self._try(done)
        while self._clock.monotonic() - began_s < TRYING_S and not done.is_over:
            await self._clock.sleep(AGAIN_S)
            await self._try(done)
        return done

    async def _try(self, done: _Round) -> None:
        """Cancel what may be working and is not known to be cancelled."""
        venue, done.unread = done.venue, ""
        try:
            await venue.open()  # at once where it is open already
        except OUTAGE as error:
            done.note(error)
            return
        orders = [order for order in self._unresolved(venue.name) if done.wants(order.client_id)]
        known = {order.client_id: order.terms.symbol for order in orders} | done.failed
        leaving = [order.client_id for order in orders if order.state is State.SUBMITTING]
        await asyncio.gather(done.cancel(known), self._cancel_listed(done, known))
        if leaving:
            await self._submits_end(leaving)
            still = {order.client_id for order in self._unresolved(venue.name)}
            await done.cancel({name: known[name] for name in leaving if name in still})

    async def _cancel_listed(self, done: _Round, known: Mapping[str, str]) -> None:
        """Cancel what the venue lists with our mark beyond what is known."""
        venue = done.venue
        symbols = {*self._symbols.get(venue.name, ()), *known.values()}
        try:
            listed = await venue.open_orders(tuple(sorted(symbols)))
        except OUTAGE as error:
            done.note(error)
            return
        await done.cancel(
            {
                report.client_id: report.symbol
                for report in listed
                if is_ours(report.client_id)
                and report.client_id not in known
                and done.wants(report.client_id)
            }
        )

    async def _submits_end(self, names: list[str]) -> None:
        """Wait until these have an outcome, or long enough."""
        orders = self._journal.ledger.orders
        for _ in range(round(SUBMIT_S / STEP_S)):
            if not any(orders[name].state is State.SUBMITTING for name in names if name in orders):
                return
            await self._clock.sleep(STEP_S)

    def _unresolved(self, venue: str) -> list[Order]:
        """Orders that may be working: one that was never sent is not among them."""
        return [
            order
            for order in self._journal.ledger.unresolved(venue)
            if order.state is not State.PENDING
        ]

    async def _record(self, names: list[str], why: str) -> None:
        open_now = {order.client_id for venue in self._venues for order in self._unresolved(venue)}
        events = [CancelRequested(name, why) for name in names if name in open_now]
        if not events:
            return
        try:
            async with asyncio.timeout(RECORD_S):
                await self._journal.append(*events)
        except (StoreError, TimeoutError) as error:
            log.warning("cancel.not_recorded", why=str(error) or "the store does not answer")
