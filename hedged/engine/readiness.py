"""Whether the daemon can do its work: reconciled, fresh, not halted. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from hedged.core.types import Finding, Reason, TradingState
from hedged.engine.cycle import Cycle

# Verdicts and blocks with which a book is not hedged as it should be until something changes.
UNREADY: Final = frozenset(
    {
        Reason.STALE_DATA,
        Reason.SOURCE_MISSING,
        Reason.SANITY_JUMP,
        Reason.EPOCH_TORN,
        Reason.CLOCK_SKEW,
        Reason.UNMANAGED_POSITION,
        Reason.EXTERNAL_CHANGE,
        Reason.UNRECONCILED,
        Reason.HALTED,
    }
)
_PATIENCE: Final = 3  # polls without a finished cycle
_LEAST_S: Final = Decimal(30)  # an order may take that long in a cycle


def hindrances(
    polls_s: Mapping[str, Decimal],
    cycles: Mapping[str, Cycle],
    state: TradingState,
    now_s: float,
) -> Iterator[Finding]:
    """What keeps the daemon from being ready; nothing when it is. `now_s` is monotonic."""
    if state is TradingState.HALTED:
        yield Finding(Reason.HALTED, "an operator or a limit stopped trading")
    for book, poll_s in polls_s.items():
        cycle = cycles.get(book)
        if cycle is None:
            yield Finding(Reason.UNRECONCILED, f"{book}: no cycle has ended yet")
            continue
        if silence := silence_of(book, poll_s, cycle.seen_s, now_s):
            yield silence
        for asset in cycle.decision.assets:
            name = f"{book} {asset.asset}"
            if asset.reason in UNREADY:
                yield Finding(asset.reason, f"{name}: {asset.why}")
            for finding in asset.blocked:
                if finding.reason in UNREADY and finding.reason is not asset.reason:
                    yield Finding(finding.reason, f"{name}: {finding.detail}")


def silence_of(book: str, poll_s: Decimal, seen_s: float, now_s: float) -> Finding | None:
    """That a book's last cycle, of `seen_s`, is too long ago; None: it is not."""
    limit_s = max(_PATIENCE * poll_s, poll_s + _LEAST_S)
    silent_s = now_s - seen_s
    if silent_s <= limit_s:
        return None
    detail = f"{book}: the last cycle was {silent_s:.0f} s ago, limit {limit_s:.0f} s"
    return Finding(Reason.STALE_DATA, detail)


def is_good(cycle: Cycle) -> bool:
    """Whether all was read and agrees; a halt is an operator's word, and no failure of a cycle."""
    failures = UNREADY - {Reason.HALTED}
    return not any(asset.reason in failures for asset in cycle.decision.assets)
