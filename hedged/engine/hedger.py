"""One book's cycle: settle what is open, observe, decide, act, and say what was done.

The cycle is level-triggered: whatever woke it, it looks at the whole world and does what the
world needs. Every cycle ends in one `cycle.done` per asset, with the verdict in words.
"""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import structlog

from hedged.core.decide import decide
from hedged.core.decimals import plain
from hedged.core.types import (
    AssetDecision,
    Decision,
    Environment,
    Execution,
    HedgePolicy,
    OrderIntent,
    Reason,
    Snapshot,
)
from hedged.core.view import order_object
from hedged.engine.executor import Executor
from hedged.engine.observer import Observation, Observer
from hedged.engine.paper import PaperLedger
from hedged.ports import Clock

log = structlog.get_logger("hedged.hedger")

REPEAT_S: Final = 3600.0  # an unchanged stateless proposal is logged again after this
WORKING: Final = frozenset({Reason.IN_BAND, Reason.ABOVE_BAND, Reason.BELOW_BAND})


@dataclass(slots=True)
class Tally:
    """What the cycles of one book came to."""

    cycles: int = 0
    proposed: Counter[str] = field(default_factory=Counter)  # orders by asset
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
        self._observer = observer
        self._clock = clock
        self._executor = executor
        self._paper = paper if executor is None else None
        self._logged: dict[str, tuple[OrderIntent, float]] = {}

    @property
    def sent(self) -> int:
        """Orders sent since the start."""
        return self._executor.sent if self._executor else 0

    async def run_cycle(self) -> Decision:
        """One full cycle; raises only on a bug."""
        started_s = self._clock.monotonic()
        if self._executor:
            await self._executor.settle()
        seen = await self._observer.observe()
        snapshot = self._snapshot(seen)
        decision = decide(snapshot)
        self._count(decision)
        self._log_proposals(decision)
        if self._executor:
            await self._executor.execute(decision.approved, snapshot)
        elif self._paper:
            self._paper.assume(decision)
        duration_ms = round((self._clock.monotonic() - started_s) * 1000, 1)
        for asset in decision.assets:
            log.info("cycle.done", **self._said(asset, seen), duration_ms=duration_ms)
        self.last = decision
        return decision

    def _snapshot(self, seen: Observation) -> Snapshot:
        return Snapshot(
            book=self.book.name,
            cycle=self.tally.cycles + 1,
            at=self._clock.now(),
            environment=self.book.environment,
            execution=Execution.LIVE if self._executor else Execution.DRY_RUN,
            hedges=self.book.hedges,
            accounts=seen.accounts,
            holdings=seen.holdings,
            quotes=seen.quotes,
            missing=seen.missing,
            in_flight=self._executor.in_flight() if self._executor else (),
            paper=self._paper.fills() if self._paper else None,
        )

    def _count(self, decision: Decision) -> None:
        self.tally.cycles += 1
        for asset in decision.assets:
            self.tally.proposed[asset.asset] += len(asset.orders)
            if not asset.orders:
                self.tally.idle_reasons[asset.reason.value] += 1

    def _log_proposals(self, decision: Decision) -> None:
        now_s = self._clock.monotonic()
        for asset in decision.assets:
            for intent in asset.orders:
                if self._is_news(asset, intent, now_s):
                    self._logged[asset.asset] = (intent, now_s)
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
                self._logged.pop(asset.asset, None)

    def _is_news(self, asset: AssetDecision, intent: OrderIntent, now_s: float) -> bool:
        """Whether a proposal differs from the one last logged: only stateless ones repeat."""
        before = self._logged.get(asset.asset)
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
            "cycle": self.tally.cycles,
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


def _cents(usd: Decimal) -> str:
    return plain(usd, 2)
