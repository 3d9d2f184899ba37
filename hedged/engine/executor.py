"""Sends approved orders, once each, and holds an instrument's slot until the order's end is known.

The intent is on disk before anything leaves; when the disk refuses, nothing leaves. A submit has
three outcomes. Refused is proof that nothing exists. Accepted and Unknown both mean: look the
order up by its client id until it can fill no further; until then the slot is held and nothing
else is sent in that instrument. Slots are what the journal comes to, so a restart holds the same
ones. An order that the venue does not know is given up by the reconciler alone, on proof.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from hedged.core.arming import disarmed
from hedged.core.decimals import plain
from hedged.core.events import Acknowledged, Event, Intended, OutcomeUnknown, Rejected, Submitted
from hedged.core.invariants import Violation, ledger_violations, unrecorded
from hedged.core.orders import Order as Known
from hedged.core.orders import client_id
from hedged.core.reports import Rules
from hedged.core.terms import Terms
from hedged.core.types import (
    Approved,
    HedgePolicy,
    InFlight,
    MarginAccount,
    Missing,
    OrderIntent,
    Placed,
    Reason,
    TradingState,
)
from hedged.engine.brake import Brake
from hedged.engine.canceller import Canceller
from hedged.engine.reconciler import Reconciler, look_up_event
from hedged.engine.strikes import Strikes
from hedged.ports import (
    Accepted,
    Clock,
    Journal,
    Order,
    OrderStatus,
    Outcome,
    Refused,
    TradingVenue,
    Unknown,
    VenueAuthError,
    VenueRefused,
    VenueUnavailable,
)
from hedged.store.failpoints import point

log = structlog.get_logger("hedged.executor")

OUTAGE: Final = (VenueUnavailable, VenueAuthError, VenueRefused)
CLEAN: Final = 2  # comparisons in a row that end an outage


@dataclass(frozen=True, slots=True)
class SettleRules:
    """How long things may take; only the sim environment may shorten these."""

    proof: Rules = field(default_factory=Rules)
    poll_s: float = 0.2  # between look-ups right after a submit
    wait_s: float = 3.0  # for how long a cycle waits before the slot is carried over
    reconcile_s: float = 60.0  # between two reconciliations when nothing calls for one


class Executor:
    """The only caller of `submit`; one for all books, as there is one journal."""

    def __init__(
        self,
        venues: Mapping[str, TradingVenue],
        symbols: Mapping[str, tuple[str, ...]],
        journal: Journal,
        clock: Clock,
        rules: SettleRules | None = None,
    ) -> None:
        """`symbols` are the instruments that hedges trade, by venue."""
        self._venues = venues
        self._journal = journal
        self._clock = clock
        self._rules = rules or SettleRules()
        self.brake = Brake(journal)
        self.canceller = Canceller(venues, symbols, journal, clock)
        self._under_way: set[str] = set()
        self._strikes = Strikes()
        self._reconcilers = {
            name: Reconciler(venues[name], traded, journal, clock, self._rules.proof, self.brake)
            for name, traded in symbols.items()
            if traded
        }

    @property
    def state(self) -> TradingState:
        """What the operator, or a fault, allows."""
        return self.brake.state

    def flattened(self, book: str) -> str | None:
        """By whom and why the hedge of a book is kept closed; None: it is not."""
        act = self._journal.ledger.flattened.get(book)
        return None if act is None else act.told

    def disarmed(self, book: str, hedges: Iterable[HedgePolicy]) -> str | None:
        """Why real money may not move for a book; None: it may."""
        armed = self._journal.ledger.armed.get(book)
        return disarmed(book, armed, self.account_ids, hedges)

    @property
    def account_ids(self) -> Mapping[str, str | None]:
        """The venues' own numbers of the accounts, by the venues' names."""
        return {name: venue.account_id for name, venue in self._venues.items()}

    def violations(self) -> tuple[Violation, ...]:
        """Invariants that the journal breaks."""
        return ledger_violations(self._journal.ledger)

    def last_cycle(self, book: str) -> int:
        """The last cycle that the journal knows of this book; 0: none."""
        return self._journal.ledger.cycles.get(book, 0)

    def placed(self, book: str) -> tuple[Placed, ...]:
        """The orders of a book within the last day, as far as they count for its pace."""
        return self._journal.ledger.memory(book).placed

    def in_flight(self) -> tuple[InFlight, ...]:
        """Orders that hold their slots, for the next snapshot."""
        return tuple(
            InFlight(o.terms.venue, o.terms.symbol, o.client_id, o.detail or o.state.value)
            for o in self._journal.ledger.unresolved()
        )

    def unexplained(self, accounts: Iterable[MarginAccount]) -> tuple[Missing, ...]:
        """What may not be traded, and why: not reconciled, or changed by somebody else."""
        found = []
        for name, reconciler in self._reconcilers.items():
            if reconciler.done_at_s is None or reconciler.owed:
                why = reconciler.failed or "journal and venue have not been compared yet"
                if reconciler.owed and not reconciler.failed:
                    done = CLEAN - reconciler.owed
                    why = f"{done} clean comparisons since an outage, {CLEAN} needed"
                found.append(Missing(name, "journal", why, Reason.UNRECONCILED))
            found += [
                Missing(name, "position", why, Reason.EXTERNAL_CHANGE, symbol=symbol)
                for symbol, why in reconciler.frozen.items()
            ]
        for account in accounts:
            found += [
                Missing(account.venue, "position", why, Reason.UNRECONCILED, symbol=symbol)
                for symbol, why in self._differences(account).items()
            ]
        return (*found, *self._strikes.pauses(self._clock.monotonic()))

    def note_outages(self, missing: Iterable[Missing]) -> None:
        """What could not be read is compared anew, twice, before anything follows from it."""
        for gap in missing:
            if gap.reason is Reason.SOURCE_MISSING and gap.source in self._reconcilers:
                self._reconcilers[gap.source].owed = CLEAN

    async def prepare(self, venues: Iterable[str]) -> None:
        """Before a cycle: hold the journal against these venues, where that is due."""
        await self.brake.record()
        traded = [self._reconcilers[name] for name in venues if name in self._reconcilers]
        await asyncio.gather(*map(self._prepare, traded))

    async def reconcile_differences(self, accounts: Iterable[MarginAccount]) -> bool:
        """Reconcile where a position is not what the journal comes to; whether there was one."""
        differing = [account.venue for account in accounts if self._differences(account)]
        await asyncio.gather(*(self._reconcile(self._reconcilers[name]) for name in differing))
        return bool(differing)

    def venue(self, name: str) -> TradingVenue | None:
        """The venue of this name."""
        return self._venues.get(name)

    async def reconcile_all(self) -> Mapping[str, Reconciler]:
        """Hold the journal against every venue now; each tells how it went.

        Raises:
            StoreError: what was found could not be journalled.
        """
        await asyncio.gather(*map(self._reconcile, self._reconcilers.values()))
        return self._reconcilers

    async def execute(self, approved: Iterable[Approved]) -> int:
        """Send each approved order and wait, for a bounded time, for its end.

        Returns how many were sent.

        Raises:
            StoreError: an intent could not be journalled; that order was not sent.
        """
        intents = [order.intent for order in approved]
        sends = [self._send(intent, part) for part, intent in enumerate(intents)]
        ends = await asyncio.gather(*sends, return_exceptions=True)
        for failure in ends:
            if isinstance(failure, BaseException):
                raise failure
        for name in sorted({intent.instrument.venue for intent in intents}):
            await self._reconcile(self._reconcilers[name])
        return sum(end is True for end in ends)

    def _differences(self, account: MarginAccount) -> Mapping[str, str]:
        reconciler = self._reconcilers.get(account.venue)
        return reconciler.differences(account) if reconciler else {}

    async def _prepare(self, reconciler: Reconciler) -> None:
        done_at_s, name = reconciler.done_at_s, reconciler.venue.name
        if (
            done_at_s is None
            or reconciler.owed
            or self._clock.monotonic() - done_at_s >= self._rules.reconcile_s
            or reconciler.frozen
            or any(
                _is_open(order)
                for order in self._journal.ledger.orders.values()
                if order.terms.venue == name
            )
        ):
            await self._reconcile(reconciler)

    async def _reconcile(self, reconciler: Reconciler) -> None:
        try:
            await reconciler.venue.open()  # at once where it is open already
            await reconciler.reconcile(frozenset(self._under_way))
            reconciler.failed = ""
        except OUTAGE as error:
            reconciler.failed, reconciler.owed = str(error), CLEAN
            log.info("reconcile.failed", venue=reconciler.venue.name, why=str(error))
            if isinstance(error, VenueAuthError):
                await self.brake.halt(f"{reconciler.venue.name} refused the key: {error}")

    async def _send(self, intent: OrderIntent, part: int) -> bool:
        """Whether it was sent: a slot that is taken, or the operator's last word, keeps it back."""
        terms = self._terms(intent, part)
        if self._is_taken(terms.venue, terms.symbol) or self.brake.withholds(intent):
            return False
        order = Order(
            client_id=terms.client_id,
            instrument=intent.instrument,
            side=terms.side,
            contracts=terms.contracts,
            limit_price=terms.limit_price,
            reduce_only=terms.reduce_only,
        )
        # Under way from before its intent is recorded until its outcome is: a reconciliation for
        # another book at the same venue must not judge it in between.
        self._under_way.add(terms.client_id)
        try:
            await self._journal.append(Intended(terms), Submitted(terms.client_id))
            withheld = self.brake.withholds(intent)  # a halt may have come while that was written
            outcome = Refused(f"not sent: {withheld}") if withheld else await self._submit(order)
            await self._journal.append(_noted(terms.client_id, outcome))
        finally:
            self._under_way.discard(terms.client_id)
        if withheld:
            return False
        if isinstance(outcome, Refused):
            self._strike(order, Reason.LIMIT_EXCEEDED, f"refused: {outcome.detail}")
        await self._settle(order)
        return True

    async def _submit(self, order: Order) -> Outcome:
        violation = unrecorded(self._journal.ledger, order.client_id)
        if violation is not None:
            await self.brake.halt(violation.text)
            return Refused(f"not sent: {violation.text}")
        log.info("order.sent", **_described(order))
        point("send.before")
        outcome = await self._venues[order.instrument.venue].submit(order)
        point("send.after")
        return outcome

    async def _settle(self, order: Order) -> None:
        """Look an order up until its end is known, or the cycle has waited enough."""
        deadline_s = self._clock.monotonic() + self._rules.wait_s
        while self._holds(order.client_id) and self._clock.monotonic() < deadline_s:
            await self._look_up(order)
            if self._holds(order.client_id):
                await self._clock.sleep(self._rules.poll_s)

    async def _look_up(self, order: Order) -> None:
        """Journal what the venue says of the order, where it says something new."""
        venue = self._venues[order.instrument.venue]
        try:
            report = await venue.find_order(order.instrument, order.client_id)
        except OUTAGE as error:
            log.debug("look_up.failed", client_id=order.client_id, why=str(error))
            return
        if report is None or report.status is not OrderStatus.DONE:
            return  # the reconciler counts answers; here only the end matters
        await self._journal.append(look_up_event(order.client_id, report))
        log.info(
            "order.done",
            client_id=order.client_id,
            filled=plain(report.filled),
            of=plain(order.contracts),
            average=None if report.average is None else plain(report.average),
        )
        if report.filled:
            self._strikes.filled((order.instrument.venue, order.instrument.symbol))
        else:
            bound = plain(order.limit_price)
            self._strike(order, Reason.NO_LIQUIDITY, report.reason or f"no fill at {bound}")

    def _strike(self, order: Order, reason: Reason, detail: str) -> None:
        slot = (order.instrument.venue, order.instrument.symbol)
        self._strikes.failed(slot, reason, detail, self._clock.monotonic())

    def _is_taken(self, venue: str, symbol: str) -> bool:
        """Whether an unresolved order holds the instrument's slot."""
        return any(
            (order.terms.venue, order.terms.symbol) == (venue, symbol)
            for order in self._journal.ledger.unresolved()
        )

    def _holds(self, name: str) -> bool:
        order = self._journal.ledger.orders.get(name)
        return order is not None and not order.resolved

    def _terms(self, intent: OrderIntent, part: int) -> Terms:
        instrument = intent.instrument
        return Terms(
            client_id=client_id(
                intent.book,
                instrument.venue,
                instrument.symbol,
                epoch_ms=self._journal.ledger.epoch_ms,
                cycle=intent.cycle,
                part=part,
            ),
            book=intent.book,
            asset=intent.asset,
            cycle=intent.cycle,
            part=part,
            venue=instrument.venue,
            symbol=instrument.symbol,
            unit=instrument.unit,
            contract_size=instrument.contract_size,
            side=intent.side,
            contracts=intent.contracts,
            limit_price=intent.limit_price,
            reduce_only=intent.reduce_only,
        )


def _is_open(order: Known) -> bool:
    """Whether something about the order is still to be found out."""
    return not order.resolved or order.filled != order.booked


def _noted(name: str, outcome: Outcome) -> Event:
    """The outcome as an event; logged on the way, because people follow orders in the log."""
    match outcome:
        case Accepted(venue_id):
            log.info("order.accepted", client_id=name, venue_id=venue_id)
            return Acknowledged(name, venue_id)
        case Refused(detail):
            log.warning("order.refused", client_id=name, detail=detail)
            return Rejected(name, detail)
        case Unknown(detail):
            log.warning("order.unknown", client_id=name, detail=detail)
            return OutcomeUnknown(name, detail)


def _described(order: Order) -> dict[str, object]:
    return {
        "client_id": order.client_id,
        "venue": order.instrument.venue,
        "instrument": order.instrument.symbol,
        "side": order.side.value,
        "contracts": plain(order.contracts),
        "limit_price": plain(order.limit_price),
        "reduce_only": order.reduce_only,
    }
