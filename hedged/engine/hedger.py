"""One book's cycle: settle what is open, observe, decide, act, and say what was done.

The cycle is level-triggered: whatever woke it, it looks at the whole world and does what the
world needs. Every cycle ends in one `cycle.done` per asset, with the verdict in words.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

import structlog

from hedged.core.decide import decide
from hedged.core.decimals import plain
from hedged.core.invariants import decision_violations
from hedged.core.memory import remember
from hedged.core.snapshot import NEVER_ARMED
from hedged.core.types import (
    AssetDecision,
    Decision,
    Environment,
    Execution,
    HedgePolicy,
    Memory,
    OrderIntent,
    Reason,
    Snapshot,
    TradingState,
)
from hedged.core.view import order_object
from hedged.engine.cycle import Cycle, Watch
from hedged.engine.executor import Executor
from hedged.engine.observer import Observation, Observer
from hedged.engine.paper import PaperLedger
from hedged.ports import Clock, StoreError

log = structlog.get_logger("hedged.hedger")

REPEAT_S: Final = 3600.0  # an unchanged stateless proposal is logged again after this
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
        self._memory = Memory()
        self._cycle = 0
        self._logged: dict[tuple[str, str, str], tuple[OrderIntent, float]] = {}
        self._alerted: set[tuple[str, Reason, str]] = set()

    async def run_cycle(self) -> Decision:
        """One full cycle; raises only on a bug."""
        started_s = self._clock.monotonic()
        if self._executor is not None and self._memory == Memory():
            await self._look_first()
        seen = await self._observe()
        snapshot, seen_s = self._snapshot(seen), self._clock.monotonic()
        decision = await self._asserted(snapshot, decide(snapshot))
        self._memory = remember(self._memory, snapshot, decision)
        self._count(decision)
        self._log_alerts(decision)
        self._log_proposals(decision)
        await self._act(decision)
        took_s = self._clock.monotonic() - started_s
        for asset in decision.assets:
            log.info("cycle.done", **self._said(asset, seen), duration_ms=round(took_s * 1000, 1))
        self.last = decision
        self._tell(Cycle(snapshot, decision, seen_s, took_s))
        return decision

    async def _asserted(self, snapshot: Snapshot, decision: Decision) -> Decision:
        """The decision; without its orders where an invariant does not hold, and all halts."""
        broken = decision_violations(snapshot, decision)
        if self._executor is not None:
            broken += self._executor.violations()
        if not broken:
            return decision
        for violation in broken:
            log.error("invariant.broken", number=violation.number, why=violation.detail)
        if self._executor is not None:
            try:
                await self._executor.brake.halt(broken[0].text)
            except StoreError as error:
                _say_store_failed(error)
        return replace(decision, approved=())

    def _tell(self, cycle: Cycle) -> None:
        for watch in self.watchers:
            try:
                watch(cycle)
            except Exception:
                log.exception("watch.failed", effect="none on trading")

    async def _look_first(self) -> None:
        """Fold one reading before the first that may trade: a lone wrong one then stands out."""
        snapshot = self._snapshot(await self._observe())
        looked = replace(snapshot, execution=Execution.DRY_RUN, paper=None)
        self._memory = remember(self._memory, looked, decide(looked))

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
            _say_store_failed(error)
            seen = await self._observer.observe()
        self._executor.note_outages(seen.missing)
        unexplained = self._executor.unexplained(seen.accounts)
        return replace(seen, missing=(*seen.missing, *unexplained))

    async def _act(self, decision: Decision) -> None:
        """Send what was approved, or assume it; what cannot be journalled is not sent."""
        if self._executor is None:
            if self._paper:
                self._paper.assume(decision)
            return
        try:
            self.tally.sent += await self._executor.execute(decision.approved)
        except StoreError as error:
            _say_store_failed(error)

    def _snapshot(self, seen: Observation) -> Snapshot:
        return Snapshot(
            book=self.book.name,
            cycle=self._next_cycle(),
            at=self._clock.now(),
            environment=self.book.environment,
            execution=Execution.LIVE if self._executor else Execution.DRY_RUN,
            state=self._executor.state if self._executor else TradingState.ACTIVE,
            disarmed=(
                self._executor.disarmed(self.book.name, self.book.hedges)
                if self._executor
                else NEVER_ARMED
            ),
            flattened=self._executor.flattened(self.book.name) if self._executor else None,
            hedges=self.book.hedges,
            accounts=seen.accounts,
            holdings=seen.holdings,
            quotes=seen.quotes,
            missing=seen.missing,
            in_flight=self._executor.in_flight() if self._executor else (),
            paper=self._paper.fills() if self._paper else None,
            memory=self._recalled(),
        )

    def _recalled(self) -> Memory:
        """The memory; which orders were sent, and how they ended, the journal knows best."""
        if self._executor is None:
            return self._memory
        return replace(self._memory, placed=self._executor.placed(self.book.name))

    def _next_cycle(self) -> int:
        """Client ids are made of it: with a journal it goes on where the last process ended."""
        if self._executor is None:
            return self.tally.cycles + 1
        return max(self._cycle, self._executor.last_cycle(self.book.name)) + 1

    def _count(self, decision: Decision) -> None:
        self.tally.cycles += 1
        self._cycle = decision.cycle
        for asset in decision.assets:
            self.tally.proposed[asset.asset] += len(asset.orders)
            if not asset.orders:
                self.tally.idle_reasons[asset.reason.value] += 1

    def _log_alerts(self, decision: Decision) -> None:
        """Say once what the owner should know, before anything is done about it."""
        alerts = {(a.asset, f.reason, f.detail) for a in decision.assets for f in a.alerts}
        for asset, reason, why in sorted(alerts - self._alerted):
            log.warning("alert", book=self.book.name, asset=asset, reason=reason.value, why=why)
        self._alerted = alerts

    def _log_proposals(self, decision: Decision) -> None:
        now_s = self._clock.monotonic()
        for asset in decision.assets:
            for intent in asset.orders:
                if self._is_news(asset, intent, now_s):
                    self._logged[_slot(intent)] = (intent, now_s)
                    log.info(
                        "order.proposed",
                        book=self.book.name,
                        asset=asset.asset,
                        **order_object(intent),
                        reason=asset.reason.value,
                        blocked=[finding.reason.value for finding in asset.blocked],
                        assumed_filled=self._paper is not None,
                    )
            if not asset.orders:
                for slot in [slot for slot in self._logged if slot[0] == asset.asset]:
                    del self._logged[slot]

    def _is_news(self, asset: AssetDecision, intent: OrderIntent, now_s: float) -> bool:
        """Whether a proposal differs from the one last logged: only stateless ones repeat."""
        before = self._logged.get(_slot(intent))
        if before is None or self._paper or self._executor or asset.judged is None:
            return True
        last, logged_s = before
        moved_usd = abs(intent.notional_usd - last.notional_usd)
        same = intent.side is last.side and moved_usd <= asset.judged.target.band_usd
        return not same or now_s - logged_s >= REPEAT_S

    def _said(self, asset: AssetDecision, seen: Observation) -> dict[str, object]:
        judged = asset.judged
        said: dict[str, object] = {
            "book": self.book.name,
            "cycle": self._cycle,
            "asset": asset.asset,
            "reason": asset.reason.value,
            "why": asset.why,
            "drift_usd": None,
            "band_usd": None,
            "net_delta": None,
            "age_s": None if seen.age_s is None else plain(seen.age_s, 3),
        }
        if judged is not None:
            said["drift_usd"] = _cents(judged.drift_usd)
            said["band_usd"] = _cents(judged.target.band_usd)
            said["net_delta"] = plain(judged.exposure.net_delta.value, 8)
        if asset.paper is not None:
            said["assumed"] = True
        return said


def _slot(intent: OrderIntent) -> tuple[str, str, str]:
    return intent.asset, intent.instrument.venue, intent.instrument.symbol


def _cents(usd: Decimal) -> str:
    return plain(usd, 2)


def _say_store_failed(error: StoreError) -> None:
    log.error("store.failed", why=str(error), effect="nothing is sent")
