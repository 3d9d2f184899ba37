"""What of a book's cycles the journal keeps: verdicts that are news, and what must be remembered.

A verdict is news when its reason, what blocks it or its number of orders differs from the last
one that was written down, when an order follows from it, and every hour all the same. The digest
of the snapshot that it was made from follows once its orders are out: making one takes longer than
an order should wait. The memory is written when something in it changed that a restart must not
lose, and every hour for its statistics. So a daemon that idles writes a few lines an hour, however
often it looks.
"""

import hashlib
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from hedged.core.decimals import CONTEXT, ZERO
from hedged.core.events import Decided, Event, Observed, Remembered
from hedged.core.looks import Watched, look
from hedged.core.per_object import per_object
from hedged.core.serialise import snapshot_to_json
from hedged.core.types import AssetDecision, Decision, FundingStamp, Memory, Snapshot

REPEAT_S: Final = 3600.0

Verdict = tuple[object, ...]


@dataclass(slots=True)
class _Tally:
    """What cycles came to; of every cycle, so in whole milliseconds and with little ado."""

    ms: int = 0
    in_band_ms: int = 0
    blind_ms: int = 0
    exposed_usd_ms: Decimal = ZERO
    cycles: int = 0

    def count(self, asset: AssetDecision, ms: int) -> None:
        """One more cycle, which came so long after the one before."""
        self.cycles += 1
        self.ms += ms
        judged = asset.judged
        if judged is None:
            self.blind_ms += ms
            return
        drift = abs(judged.drift_usd)
        if drift <= judged.target.band_usd:
            self.in_band_ms += ms
        self.exposed_usd_ms = CONTEXT.fma(drift, ms, self.exposed_usd_ms)

    @property
    def watched(self) -> Watched:
        """The same for the journal."""
        return Watched(
            seconds=Decimal(self.ms) / 1000,
            in_band_s=Decimal(self.in_band_ms) / 1000,
            blind_s=Decimal(self.blind_ms) / 1000,
            exposed_usd_s=CONTEXT.divide(self.exposed_usd_ms, 1000),
            cycles=self.cycles,
        )


class Recorder:
    """Of one book; times are monotonic seconds. Nothing counts as written before it is."""

    def __init__(self) -> None:
        self._verdicts: dict[str, tuple[Verdict, float]] = {}
        self._watched: dict[str, _Tally] = {}  # since the verdict that was written last
        self._cycle_s: float | None = None
        self._memory: tuple[Verdict, float] | None = None

    def watch(self, decision: Decision, now_s: float) -> None:
        """Count a cycle; each is to be told once, before its verdicts."""
        before_s = now_s if self._cycle_s is None else self._cycle_s
        self._cycle_s = now_s
        ms = round((now_s - before_s) * 1000)
        for asset in decision.assets:
            tally = self._watched.get(asset.asset)
            if tally is None:
                tally = self._watched[asset.asset] = _Tally()
            tally.count(asset, ms)

    def verdicts(self, snapshot: Snapshot, decision: Decision, now_s: float) -> tuple[Event, ...]:
        """What to write of this decision."""
        ordered = {order.intent.asset for order in decision.approved}
        return tuple(
            replace(
                _decided(decision, asset),
                look=look(snapshot, asset),
                watched=self._watched[asset.asset].watched,
            )
            for asset in decision.assets
            if asset.asset in ordered
            or _is_due(self._verdicts.get(asset.asset), _key(asset), now_s)
        )

    def memory(self, book: str, memory: Memory, now_s: float) -> tuple[Event, ...]:
        """What to write of the memory."""
        if not _is_due(self._memory, _lasting(memory), now_s):
            return ()
        return (Remembered(book, replace(memory, placed=(), moves=())),)

    def wrote(self, events: tuple[Event, ...], decision: Decision, now_s: float) -> None:
        """These are on disk."""
        for event in events:
            if isinstance(event, Remembered):
                self._memory = (_lasting(event.memory), now_s)
        decided = {event.asset for event in events if isinstance(event, Decided)}
        for asset in decision.assets:
            if asset.asset in decided:
                self._verdicts[asset.asset] = (_key(asset), now_s)
                self._watched.pop(asset.asset, None)


def observed(snapshot: Snapshot) -> Observed:
    """What a decision was made from; of its orders of the last day the journal itself tells."""
    bare = replace(snapshot, memory=replace(snapshot.memory, placed=(), moves=()))
    digest = hashlib.sha256(snapshot_to_json(bare).encode()).hexdigest()
    return Observed(snapshot.book, snapshot.cycle, digest)


def _is_due(written: tuple[Verdict, float] | None, now: Verdict, now_s: float) -> bool:
    return written is None or written[0] != now or now_s - written[1] >= REPEAT_S


def _key(asset: AssetDecision) -> Verdict:
    blocked = tuple(finding.reason for finding in asset.blocked)
    return (asset.reason, blocked, len(asset.orders))


def _lasting(memory: Memory) -> Verdict:
    """What a crash must not lose: not the statistics, which grow with every look."""
    return (
        tuple(
            (a.asset, a.correcting_since, a.working_since, a.emergency_since) for a in memory.assets
        ),
        _settled(memory.stamps),
        memory.transfers,
    )


@per_object
def _settled(stamps: tuple[FundingStamp, ...]) -> tuple[FundingStamp, ...]:
    return tuple(stamp for stamp in stamps if stamp.settled)


def _decided(decision: Decision, asset: AssetDecision) -> Decided:
    judged = asset.judged
    bare = Decided(
        book=decision.book,
        cycle=decision.cycle,
        asset=asset.asset,
        reason=asset.reason,
        why=asset.why,
        orders=len(asset.orders),
        blocked=tuple(dict.fromkeys(finding.reason for finding in asset.blocked)),
    )
    if judged is None:
        return bare
    return replace(
        bare,
        target_usd=judged.target.usd,
        drift_usd=judged.drift_usd,
        net_delta=judged.exposure.net_delta.value,
        band_usd=judged.target.band_usd,
        position_usd=judged.exposure.position_usd,
        equity=judged.exposure.equity.value,
    )
