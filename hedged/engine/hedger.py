"""One book's cycle: settle what is open, observe, decide, act, and say what was done.

The cycle is level-triggered: whatever woke it, it looks at the whole world and does what the
world needs. Every cycle ends in one `cycle.done` per asset, with the verdict in words.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

import structlog

from hedged.core.certificate import NOTHING_PROVEN, Proven
from hedged.core.decide import decide
from hedged.core.decimals import ZERO
from hedged.core.invariants import decision_violations
from hedged.core.memory import remember
from hedged.core.sanity import SECOND_LOOK
from hedged.core.snapshot import NEVER_ARMED
from hedged.core.types import (
    AssetDecision,
    Caps,
    Decision,
    Environment,
    Execution,
    HedgePolicy,
    InFlight,
    Memory,
    OrderIntent,
    Reason,
    Snapshot,
    TradingState,
)
from hedged.core.view import order_object
from hedged.core.wanted import NO_CAPS
from hedged.engine.cycle import Cycle, Watch
from hedged.engine.executor import Executor
from hedged.engine.observer import Observation, Observer
from hedged.engine.paper import PaperLedger
from hedged.engine.recorder import Recorder, observed
from hedged.engine.told import verdict_fields
from hedged.ports import Clock, StoreError

log = structlog.get_logger("hedged.hedger")
_LEVEL: Final = logging.getLogger("hedged.hedger")  # in a replay nobody reads what cycles say

REPEAT_S: Final = 3600.0  # an unchanged stateless proposal is logged again after this
SOON_S: Final = SECOND_LOOK.total_seconds() + 0.1
WORKING: Final = frozenset({Reason.IN_BAND, Reason.ABOVE_BAND, Reason.BELOW_BAND})


@dataclass(slots=True)
class Tally:
    """What the cycles of one book came to."""

    cycles: int = 0
    proposed: Counter[str] = field(default_factory=Counter)  # orders by asset
    sent: int = 0
    idle_reasons: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Book:
    """What a hedger hedges, and under which rules."""

    name: str
    environment: Environment
    hedges: tuple[HedgePolicy, ...]
    caps: Caps = NO_CAPS
    total: Caps = NO_CAPS  # of all books together
    proven: Proven = NOTHING_PROVEN  # asked for on mainnet


class Hedger:
    """Runs the cycles of one book, one at a time.

    Without an `executor` it is a dry-run: there is nothing that could send. With a `paper`
    ledger a dry-run assumes its proposals filled; without one they are stateless.
    """

    def __init__(
        self,
        book: Book,
        observer: Observer,
        clock: Clock,
        *,
        executor: Executor | None = None,
        paper: PaperLedger | None = None,
    ) -> None:
        self.book = book
        self.tally = Tally()
        self.last: Decision | None = None
        self.watchers: list[Watch] = []
        self._observer = observer
        self._clock = clock
        self._executor = executor
        self._paper = paper if executor is None else None
        self._memory = Memory() if executor is None else executor.past.memory(book.name)
        self._has_looked = executor is None
        self._recorder = Recorder()
        self._again_s: float | None = None
        self._second_look_s: float | None = None
        self._cycle = 0
        self._logged: dict[tuple[str, str, str], tuple[OrderIntent, float]] = {}
        self._alerted: set[tuple[str, Reason, str]] = set()

    async def run_cycle(self) -> Decision:
        """One full cycle; raises only on a bug."""
        started_s = self._clock.monotonic()
        if not self._has_looked:
            await self._look_first()
            self._has_looked = True
        seen = await self._observe()
        snapshot, seen_s = self._snapshot(seen), self._clock.monotonic()
        decision = decide(snapshot)
        if traded := _traded(decision):
            seen = await self._observer.deepened(seen, traded)
            snapshot = replace(
                snapshot,
                accounts=seen.accounts,
                holdings=seen.holdings,
                quotes=seen.quotes,
                rates=seen.rates,
                missing=seen.missing,
            )
            decision = decide(snapshot)
        decision = await self._asserted(snapshot, decision)
        self._memory = remember(self._memory, snapshot, decision)
        # What is doubted is looked at again as soon as that may settle it, once; then at the poll.
        is_new = any(asset.doubted_at == decision.at for asset in decision.assets)
        self._second_look_s = SOON_S if is_new and self._second_look_s is None else None
        self._count(decision)
        self._log_alerts(decision)
        self._log_proposals(decision)
        await self._act(snapshot, decision)
        took_s = self._clock.monotonic() - started_s
        if _LEVEL.isEnabledFor(logging.INFO):
            ms = round(took_s * 1000, 1)
            for asset in decision.assets:
                told = verdict_fields(self.book.name, self._cycle, asset, seen.age_s)
                log.info("cycle.done", **told, duration_ms=ms)
        self.last = decision
        self._tell(Cycle(snapshot, decision, seen_s, took_s))
        return decision

    async def _asserted(self, snapshot: Snapshot, decision: Decision) -> Decision:
        """The decision; where an invariant or a hard limit is broken, a halt in its place."""
        broken = decision_violations(snapshot, decision)
        if self._executor is not None:
            broken += self._executor.violations()
        for violation in broken:
            log.error("invariant.broken", number=violation.number, why=violation.detail)
        why = broken[0].text if broken else decision.halts
        if not why:
            return decision
        if self._executor is not None:
            try:
                await self._executor.brake.halt(why)
            except StoreError as error:
                await self._fail_store(error)
        return replace(decision, approved=(), moves=())

    @property
    def again_s(self) -> float | None:
        """When to look again, whatever else calls for it: at what rests, at what is doubted."""
        known = [s for s in (self._again_s, self._second_look_s) if s is not None]
        return min(known, default=None)

    async def pause(self) -> None:
        """Wait until it is time to look again; for ever where nothing asks for it."""
        again_s = self.again_s
        if again_s is None:
            await asyncio.Event().wait()
        else:
            await self._clock.sleep(again_s)

    def _tell(self, cycle: Cycle) -> None:
        for watch in self.watchers:
            try:
                watch(cycle)
            except Exception:
                log.exception("watch.failed", effect="none on trading")

    async def _look_first(self) -> None:
        """Fold one reading before the first that may trade: a lone wrong one then stands out.

        One that differs from what the last process believed is a first look: the cycle, which comes
        late enough to be the second, then need not wait for another.
        """
        snapshot = self._snapshot(await self._observe())
        looked = replace(snapshot, execution=Execution.DRY_RUN, paper=None)
        decision = decide(looked)
        self._memory = remember(self._memory, looked, decision)
        if any(asset.doubted_at or asset.emergency for asset in decision.assets):
            await self._clock.sleep(SECOND_LOOK.total_seconds())

    async def _observe(self) -> Observation:
        """Read the world; in live execution the journal is held against it first.

        What was read is used only where it agrees with the journal: a position that moved in
        between, or that no order of ours explains, is read again after a reconciliation.
        """
        if self._executor is None:
            return await self._observer.observe()
        opened = await self._observer.open()
        try:
            await self._executor.prepare(opened)
            seen = await self._observer.observe()
            if await self._executor.reconcile_differences(seen.accounts):
                seen = await self._observer.observe()
        except StoreError as error:
            await self._fail_store(error)
            seen = await self._observer.observe()
        self._executor.note_outages(seen.missing)
        unexplained = self._executor.unexplained(seen.accounts)
        return replace(seen, missing=(*seen.missing, *unexplained)) if unexplained else seen

    async def _act(self, snapshot: Snapshot, decision: Decision) -> None:
        """Tend what rests, send what was approved, or assume it; write down what is news.

        What cannot be journalled is not sent. What no order waits for is written last.
        """
        if self._executor is None:
            if self._paper:
                self._paper.assume(decision)
            return
        now_s, replaces = self._clock.monotonic(), False
        self._recorder.watch(decision, now_s)
        news = self._recorder.verdicts(snapshot, decision, now_s)
        try:
            replaces = await self._executor.tend(decision.tended)
            self.tally.sent += await self._executor.execute(decision.approved, news)
            self._recorder.wrote(news, decision, now_s)
            await self._executor.mover.move(decision.moves)
            remembered = self._recorder.memory(self.book.name, self._memory, now_s)
            await self._executor.record((*([observed(snapshot)] if news else []), *remembered))
            self._recorder.wrote(remembered, decision, now_s)
        except StoreError as error:
            await self._fail_store(error)
        self._again_s = 0.0 if replaces else self._patience_s(self._executor.in_flight())

    def _patience_s(self, in_flight: Iterable[InFlight]) -> float | None:
        """How long what rests may be left alone; None: nothing rests."""
        resting = {
            f.resting.asset for f in in_flight if f.resting and f.resting.book == self.book.name
        }
        styles = [hedge.style for hedge in self.book.hedges if hedge.asset in resting]
        return min((float(style.reprice_s) for style in styles), default=None)

    async def _fail_store(self, error: StoreError) -> None:
        log.error("store.failed", why=str(error), effect="nothing is sent, what rests is cancelled")
        if self._executor is not None:
            await self._executor.lose_store()

    def _snapshot(self, seen: Observation) -> Snapshot:
        book, past = self.book, self._executor.past if self._executor else None
        return Snapshot(
            book=self.book.name,
            cycle=self._next_cycle(),
            at=self._clock.now(),
            environment=self.book.environment,
            execution=Execution.LIVE if self._executor else Execution.DRY_RUN,
            state=self._executor.state if self._executor else TradingState.ACTIVE,
            disarmed=self._disarmed(seen),
            flattened=self._executor.flattened(self.book.name) if self._executor else None,
            hedges=self.book.hedges,
            accounts=seen.accounts,
            holdings=seen.holdings,
            quotes=seen.quotes,
            missing=seen.missing,
            transfers=seen.transfers,
            maintenance=seen.maintenance,
            rates=seen.rates,
            in_flight=self._executor.in_flight() if self._executor else (),
            paper=self._paper.fills() if self._paper else None,
            unprotected=self._executor.unprotected() if self._executor else (),
            memory=self._recalled(),
            caps=book.caps,
            total=book.total,
            elsewhere=past.elsewhere(book.name) if past else (),
            held_elsewhere_usd=past.held_elsewhere(book.hedges) if past else ZERO,
        )

    def _disarmed(self, seen: Observation) -> str | None:
        """Why real money may not move: the book is not armed, or a contract not certified."""
        book = self.book
        if self._executor is None or book.environment is not Environment.MAINNET:
            return NEVER_ARMED  # and nobody asks
        if why := self._executor.disarmed(book.name, book.hedges, book.caps, book.total):
            return why
        return book.proven.lack(quote.instrument for quote in seen.quotes)

    def _recalled(self) -> Memory:
        """The memory; which orders were sent, and how they ended, the journal knows best."""
        if self._executor is None:
            return self._memory
        known, memory = self._executor.past.memory(self.book.name), self._memory
        if (known.placed, known.moves) == (memory.placed, memory.moves):
            return memory
        return replace(memory, placed=known.placed, moves=known.moves)

    def _next_cycle(self) -> int:
        """Client ids are made of it: with a journal it goes on where the last process ended."""
        if self._executor is None:
            return self.tally.cycles + 1
        return max(self._cycle, self._executor.past.last_cycle(self.book.name)) + 1

    def _count(self, decision: Decision) -> None:
        self.tally.cycles += 1
        self._cycle = decision.cycle
        for asset in decision.assets:
            self.tally.proposed[asset.asset] += len(_newly_proposed(asset))
            if not asset.orders:
                self.tally.idle_reasons[asset.reason.value] += 1

    def _log_alerts(self, decision: Decision) -> None:
        """Say once what the owner should know, before anything is done about it."""
        alerts = {
            (a.asset, f.reason, f.about or f.detail): f.detail
            for a in decision.assets
            for f in a.alerts
        }
        for asset, reason, about in sorted(alerts.keys() - self._alerted):
            why = alerts[asset, reason, about]
            say = log.info if reason is Reason.WINDOW else log.warning  # the owner set the window
            say("alert", book=self.book.name, asset=asset, reason=reason.value, why=why)
        self._alerted = set(alerts)

    def _log_proposals(self, decision: Decision) -> None:
        now_s = self._clock.monotonic()
        for asset in decision.assets:
            for intent in _newly_proposed(asset):
                if self._is_news(asset, intent, now_s):
                    self._logged[_slot(intent)] = (intent, now_s)
                    log.info(
                        "order.proposed",
                        book=self.book.name,
                        asset=asset.asset,
                        **order_object(intent),
                        reason=asset.reason.value,
                        blocked=[finding.reason.value for finding in asset.blocked],
                        assumed_filled=self._paper is not None and intent in asset.assumable,
                    )
            if not asset.orders:
                for slot in [slot for slot in self._logged if slot[0] == asset.asset]:
                    del self._logged[slot]

    def _is_news(self, asset: AssetDecision, intent: OrderIntent, now_s: float) -> bool:
        """Whether a proposal differs from the one last logged: those that do not go repeat."""
        before = self._logged.get(_slot(intent))
        goes = (self._paper or self._executor) and intent in asset.assumable
        if before is None or goes or asset.judged is None:
            return True
        last, logged_s = before
        moved_usd = abs(intent.notional_usd - last.notional_usd)
        same = intent.side is last.side and moved_usd <= asset.judged.target.band_usd
        return not same or now_s - logged_s >= REPEAT_S


def _traded(decision: Decision) -> tuple[tuple[str, str], ...]:
    """The instruments of its orders, by venue and symbol, of those that the gates let pass.

    The gates judge the whole of an order: the depth only cuts what has passed them.
    """
    passed = (
        proposal.intent.instrument
        for asset in decision.assets
        for proposal in asset.proposals
        if all(finding.reason is Reason.DRY_RUN for finding in proposal.findings)
    )
    return tuple(dict.fromkeys((found.venue, found.symbol) for found in passed))


def _slot(intent: OrderIntent) -> tuple[str, str, str]:
    return intent.asset, intent.instrument.venue, intent.instrument.symbol


def _newly_proposed(asset: AssetDecision) -> list[OrderIntent]:
    """The proposals, but for those whose order is resting already."""
    return [
        proposal.intent
        for proposal in asset.proposals
        if not any(finding.reason is Reason.ORDER_IN_FLIGHT for finding in proposal.findings)
    ]
