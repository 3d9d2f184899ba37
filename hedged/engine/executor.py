"""Sends approved orders, once each, and holds an instrument's slot until the order's end is known.

The intent is on disk before anything leaves; when the disk refuses, nothing leaves. A submit has
three outcomes. Refused is proof that nothing exists. Accepted and Unknown both mean: look the
order up by its client id until it can fill no further; until then the slot is held and nothing
else is sent in that instrument. Slots are what the journal comes to, so a restart holds the same
ones. An order that the venue does not know is given up by the reconciler alone, on proof.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import structlog

from hedged.core.access import Access
from hedged.core.arming import disarmed
from hedged.core.events import Dropped, Event
from hedged.core.invariants import Violation, ledger_violations, unrecorded
from hedged.core.orders import Order as Known
from hedged.core.orders import State
from hedged.core.reports import Rules
from hedged.core.types import (
    Approved,
    Caps,
    HedgePolicy,
    InFlight,
    MarginAccount,
    Missing,
    OrderIntent,
    Reason,
    Resting,
    Tended,
    Tending,
    TradingState,
)
from hedged.engine.brake import Brake
from hedged.engine.canceller import Canceller
from hedged.engine.dead_man import DeadMan
from hedged.engine.endings import Endings, SettleRules
from hedged.engine.mover import Mover, MovingVenue
from hedged.engine.past import Past
from hedged.engine.reconciler import Reconciler
from hedged.engine.strikes import Strikes
from hedged.engine.together import together
from hedged.engine.wire import Send, described, order_of, outcome_event, terms_of
from hedged.ports import (
    OUTAGE,
    Accepted,
    Clock,
    Journal,
    Order,
    Outcome,
    TradingVenue,
    VenueAuthError,
)
from hedged.store.failpoints import point

log = structlog.get_logger("hedged.executor")

CLEAN: Final = 2  # comparisons in a row that end an outage


class Executor:
    """The only caller of `submit`; one for all books, as there is one journal."""

    def __init__(
        self,
        venues: Mapping[str, TradingVenue],
        symbols: Mapping[str, tuple[str, ...]],
        journal: Journal,
        clock: Clock,
        rules: SettleRules | None = None,
        *,
        makers: Collection[str] = (),
        books: Collection[str] = (),
        proofs: Mapping[str, Rules] = MappingProxyType({}),
        movers: Mapping[str, MovingVenue] = MappingProxyType({}),
    ) -> None:
        """`symbols` are the instruments that hedges trade, by venue.

        `makers` are the venues at which orders may rest, `books` those that run, `proofs` the
        rules of a venue's own, `movers` the venues at which collateral may be moved.
        """
        self._venues = venues
        self._journal = journal
        self._clock = clock
        self._rules = rules or SettleRules()
        self.brake, self.past = Brake(journal), Past(journal)
        self.canceller = Canceller(venues, symbols, journal, clock)
        self.mover = Mover(movers, journal, clock, self.brake, proofs)
        self._under_way: set[str] = set()
        self._claims: set[tuple[str, str]] = set()  # slots between their check and their intent
        self._sent_s: dict[str, float] = {}
        self._strikes = Strikes()
        self._switches = {name: DeadMan(venues[name], clock) for name in makers}
        self._books = books
        self._endings = Endings(venues, journal, clock, self._rules)
        self._reconcilers = {
            name: Reconciler(
                venues[name],
                traded,
                journal,
                clock,
                proofs.get(name, self._rules.proof),
                self.brake,
            )
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

    def disarmed(self, book: str, hedges: Iterable[HedgePolicy], *caps: Caps) -> str | None:
        """Why real money may not move for a book; None: it may."""
        numbers = {name: access.account_id for name, access in self.accesses.items()}
        return disarmed(book, self._journal.ledger.armed.get(book), numbers, hedges, *caps)

    @property
    def accesses(self) -> Mapping[str, Access]:
        """What the venues tell of keys and accounts, by the venues' names."""
        return {name: venue.access for name, venue in self._venues.items()}

    def violations(self) -> tuple[Violation, ...]:
        """Invariants that the journal breaks."""
        return ledger_violations(self._journal.ledger)

    async def record(self, events: tuple[Event, ...]) -> None:
        """Write down what explains and what must be remembered, with nothing waiting for it.

        Raises:
            StoreError: it could not be journalled.
        """
        if events:
            await self._journal.append(*events)

    def in_flight(self) -> tuple[InFlight, ...]:
        """Orders that hold their slots, for the next snapshot."""
        return tuple(
            InFlight(
                venue=order.terms.venue,
                symbol=order.terms.symbol,
                client_id=order.client_id,
                detail=order.detail or order.state.value,
                resting=self._resting(order),
            )
            for order in self._journal.ledger.unresolved()
        )

    def unprotected(self) -> tuple[str, ...]:
        """Venues that would not cancel our resting orders if this process died."""
        return tuple(name for name, switch in self._switches.items() if not switch.protects)

    def unexplained(self, accounts: Iterable[MarginAccount]) -> tuple[Missing, ...]:
        """What may not be traded, and why: not reconciled, or changed by somebody else."""
        found = []
        for name, reconciler in self._reconcilers.items():
            if reconciler.done_at_s is None or reconciler.owed:
                why = reconciler.failed or "journal and venue have not been compared yet"
                if reconciler.owed and not reconciler.failed:
                    done = CLEAN - reconciler.owed
                    why = f"{done} of {CLEAN} clean comparisons since an outage"
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
        strikes = self._journal.ledger.strikes.values()
        pauses = self._strikes.pauses(strikes, self._clock.now(), self._clock.monotonic())
        return (*found, *pauses)

    def note_outages(self, missing: Iterable[Missing]) -> None:
        """What could not be read is compared anew, twice, before anything follows from it."""
        for gap in missing:
            if gap.reason is Reason.SOURCE_MISSING and gap.source in self._reconcilers:
                self._reconcilers[gap.source].owed = CLEAN

    async def prepare(self, venues: Iterable[str]) -> None:
        """Before a cycle: hold the journal against these venues, where that is due."""
        await self.brake.record()
        await self._endings.record()
        await self.mover.settle()
        traded = [self._reconcilers[name] for name in venues if name in self._reconcilers]
        await together(map(self._prepare, traded))
        await together(switch.keep() for switch in self._switches.values())
        for order in self._journal.ledger.unresolved():
            if order.cancel_requested:
                await self._endings.withdraw(order.client_id, "asked again")
            elif order.terms.post_only and order.terms.book not in self._books:
                await self._endings.withdraw(order.client_id, "its book does not run any more")

    async def reconcile_differences(self, accounts: Iterable[MarginAccount]) -> bool:
        """Reconcile where a position is not what the journal comes to; whether there was one."""
        differing = [account.venue for account in accounts if self._differences(account)]
        await together(self._reconcile(self._reconcilers[name]) for name in differing)
        return bool(differing)

    def venue(self, name: str) -> TradingVenue | None:
        """The venue of this name."""
        return self._venues.get(name)

    async def reconcile_all(self) -> Mapping[str, Reconciler]:
        """Hold the journal against every venue now; each tells how it went.

        Raises:
            StoreError: what was found could not be journalled.
        """
        await together(map(self._reconcile, self._reconcilers.values()))
        return self._reconcilers

    async def tend(self, tended: Iterable[Tended]) -> bool:
        """Withdraw the resting orders that are not to be kept; whether one is to be replaced.

        Raises:
            StoreError: that it was done could not be journalled; it was done all the same.
        """
        going = [verdict for verdict in tended if verdict.move is not Tending.KEEP]
        if not going:
            return False
        await asyncio.gather(
            *(
                self._endings.withdraw(v.client_id, v.why, given_up=v.move is Tending.GIVE_UP)
                for v in going
            )
        )
        return any(verdict.move in (Tending.REPRICE, Tending.CROSS) for verdict in going)

    async def execute(self, approved: Iterable[Approved], record: tuple[Event, ...] = ()) -> int:
        """Send each approved order and wait, for a bounded time, for its end.

        What led to the orders, the `record`, is committed with their intents, at once for all.
        Returns how many were sent.

        Raises:
            StoreError: the intents could not be journalled; nothing was sent.
        """
        sends = self._claimed(order.intent for order in approved)
        if not sends:
            await self.record(record)
            return 0
        # Under way from before its intent is recorded until its outcome is: a reconciliation for
        # another book at the same venue must not judge it in between.
        names = {send.terms.client_id for send in sends}
        self._under_way |= names
        try:
            intents = [event for send in sends for event in send.events]
            await self._journal.append(*record, *intents)
        except BaseException:
            self._under_way -= names
            raise
        finally:
            self._claims -= {(send.terms.venue, send.terms.symbol) for send in sends}
        ends = await asyncio.gather(*map(self._send, sends), return_exceptions=True)
        for failure in ends:
            if isinstance(failure, BaseException):
                raise failure
        for name in sorted({send.terms.venue for send in sends}):
            await self._reconcile(self._reconcilers[name])
        return sum(end is True for end in ends)

    async def disarm_switches(self) -> None:
        """On a clean stop: nothing is left to rest, so nobody has to cancel it."""
        for switch in self._switches.values():
            await switch.disarm()

    async def lose_store(self) -> None:
        """What rests goes, because its fills could not be recorded, and nothing new is sent.

        The ledger may lag behind the venue from now on: the two have to be compared.
        """
        for reconciler in self._reconcilers.values():
            reconciler.done_at_s = None
        resting = [o.client_id for o in self._journal.ledger.unresolved() if o.terms.post_only]
        why = "the journal cannot be written"
        await asyncio.gather(*(self._endings.take_away(name, why) for name in resting))

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
            or any(order.terms.venue == name for order in self._journal.ledger.open.values())
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

    def _claimed(self, intents: Iterable[OrderIntent]) -> list[Send]:
        """The orders that may go: a taken slot, or the operator's last word, keeps one back."""
        sends = []
        for part, intent in enumerate(intents):
            slot = (intent.instrument.venue, intent.instrument.symbol)
            if slot in self._claims or self._is_taken(*slot) or self.brake.withholds(intent):
                continue
            self._claims.add(slot)
            sends.append(Send(intent, terms_of(intent, self._journal.ledger.epoch_ms, part)))
        return sends

    async def _send(self, send: Send) -> bool:
        """Send an order whose intent is recorded, once, and look what became of it."""
        order = order_of(send.terms, send.intent.instrument)
        try:
            if withheld := await self._withheld(send):
                log.warning("order.withheld", client_id=order.client_id, why=withheld)
                await self._journal.append(Dropped(order.client_id, withheld))
                return False
            outcome = await self._submit(order)
            await self._journal.append(outcome_event(order.client_id, outcome))
        finally:
            self._under_way.discard(order.client_id)
        if send.terms.post_only and isinstance(outcome, Accepted):
            await self._endings.look_up(order.instrument, order.client_id)
        else:
            await self._endings.settle(order.instrument, order.client_id)
        return True

    async def _withheld(self, send: Send) -> str:
        """Why an order must not leave after all, as for a halt in the meantime; empty: it may."""
        violation = unrecorded(self._journal.ledger, send.terms.client_id)
        if violation is not None:
            await self.brake.halt(violation.text)
            return violation.text
        return self.brake.withholds(send.intent)

    async def _submit(self, order: Order) -> Outcome:
        self._sent_s[order.client_id] = self._clock.monotonic()
        log.info("order.sent", **described(order))
        point("send.before")
        outcome = await self._venues[order.instrument.venue].submit(order)
        point("send.after")
        return outcome

    def _is_taken(self, venue: str, symbol: str) -> bool:
        """Whether an unresolved order holds the instrument's slot."""
        return any(
            (order.terms.venue, order.terms.symbol) == (venue, symbol)
            for order in self._journal.ledger.unresolved()
        )

    def _resting(self, order: Known) -> Resting | None:
        """The order as one that its venue shows working, where it does."""
        terms = order.terms
        if not terms.post_only or order.state not in (State.WORKING, State.PARTIALLY_FILLED):
            return None
        now_s = self._clock.monotonic()
        age_s = now_s - self._sent_s.setdefault(order.client_id, now_s)
        return Resting(
            book=terms.book,
            asset=terms.asset,
            side=terms.side,
            remaining=order.remaining,
            price=order.limit_price,
            bound=terms.limit_price if terms.bound is None else terms.bound,
            reduce_only=terms.reduce_only,
            age_s=Decimal(str(round(age_s, 3))),
        )
