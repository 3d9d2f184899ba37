"""What one cycle leaves behind for the next: a pure fold over snapshots and decisions.

A reading that was judged is believed; one that jumped is doubted until the next. On paper
orders count from the moment they were assumed; those that were sent the journal knows better.
Between two believed readings with the
same positions the net delta of a coin changes by nothing but flows and funding, at whatever
prices: that is how flows are known without a list of them. Prices are sampled once an hour.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ZERO, exact
from hedged.core.types import (
    AssetDecision,
    AssetMemory,
    DayStatistics,
    Decision,
    Execution,
    FundingStamp,
    Memory,
    OrderIntent,
    Placed,
    Reading,
    Snapshot,
    Tending,
    Transfer,
)
from hedged.core.world import by_instrument, under_way

A_DAY: Final = timedelta(days=1)
SAMPLE_EVERY: Final = timedelta(hours=1)
STATISTICS_DAYS: Final = 30
STAMPS_KEPT: Final = 400  # per instrument: four months of three a day
TRANSFER_KEPT: Final = timedelta(days=7)
AN_HOUR: Final = Decimal(3600)


@exact
def remember(memory: Memory, snapshot: Snapshot, decision: Decision) -> Memory:
    """The memory for the next snapshot."""
    known = {asset.asset: asset for asset in memory.assets}
    for asset in decision.assets:
        before = known.get(asset.asset) or AssetMemory(asset.asset)
        known[asset.asset] = _asset(before, asset, snapshot.at)
    recent = (order for order in snapshot.memory.placed if snapshot.at - order.at < A_DAY)
    assets = known.values()
    return Memory(
        assets=tuple(_given_up(asset, decision) for asset in assets)
        if decision.tended
        else tuple(assets),
        placed=(*recent, *(_placed(intent, snapshot.at) for intent in _going(snapshot, decision))),
        stamps=_stamps(memory.stamps, snapshot),
        transfers=_transfers(snapshot),
    )


def _going(snapshot: Snapshot, decision: Decision) -> list[OrderIntent]:
    """Orders that leave the decision as sent, or as assumed on paper."""
    if snapshot.execution is Execution.LIVE:
        return []  # the journal knows which were sent, and how they ended
    if snapshot.paper is None:
        return []
    return [intent for asset in decision.assets for intent in asset.assumable]


def _placed(intent: OrderIntent, at: datetime) -> Placed:
    instrument = intent.instrument
    return Placed(
        at=at,
        asset=intent.asset,
        venue=instrument.venue,
        symbol=instrument.symbol,
        quantity=intent.quantity.value,
        notional_usd=intent.notional_usd,
        goes_on=intent.goes_on,
    )


def _given_up(asset: AssetMemory, decision: Decision) -> AssetMemory:
    """A chase that is given up begins anew; crossing the spread is its end, not another one."""
    ends = {Tending.CANCEL, Tending.GIVE_UP}
    is_over = any(t.asset == asset.asset and t.move in ends for t in decision.tended)
    return replace(asset, correcting_since=None, working_since=None) if is_over else asset


def _asset(before: AssetMemory, decision: AssetDecision, at: datetime) -> AssetMemory:
    if decision.reading is None:
        return before
    if decision.standing is None:
        return replace(before, doubted=decision.reading, doubted_at=decision.doubted_at)
    days = _with_flow(before, decision.reading, at.date())
    mark, sampled = decision.reading.mark, before.sampled_at
    if sampled is None or at - sampled >= SAMPLE_EVERY:
        days = _with_return(before, days, mark, at)
        sampled = at
    judged = decision.judged or decision.standing
    corrects = bool(decision.proposals) and abs(judged.drift_usd) > judged.target.trigger_usd
    return AssetMemory(
        asset=before.asset,
        believed=decision.reading,
        believed_at=at,
        correcting_since=(before.correcting_since or at) if corrects else None,
        # Also of a move from one instrument to another, which needs no drift to begin.
        working_since=(before.working_since or at) if decision.proposals else None,
        first_at=before.first_at or at,
        sampled_at=sampled,
        sampled_mark=mark if sampled == at else before.sampled_mark,
        days=days,
        emergency_since=None if decision.emergency is None else decision.emergency.since,
        owed=min(before.owed or decision.owed, decision.owed),
    )


def _with_flow(before: AssetMemory, reading: Reading, today: date) -> tuple[DayStatistics, ...]:
    """The statistics with what flowed since the last look, where no trade hides it."""
    days = _including(before.days, today)
    believed = before.believed
    if believed is None or believed.positions != reading.positions:
        return days
    flow = (reading.net_delta - believed.net_delta) * reading.mark
    return (*days[:-1], replace(days[-1], flows=days[-1].flows + flow * flow))


def _including(days: tuple[DayStatistics, ...], today: date) -> tuple[DayStatistics, ...]:
    kept = days
    if days and (today - days[0].day).days >= STATISTICS_DAYS:
        kept = tuple(day for day in days if (today - day.day).days < STATISTICS_DAYS)
    if kept and kept[-1].day >= today:
        return kept
    return (*kept, DayStatistics(today, ZERO, ZERO, ZERO))


def _with_return(
    before: AssetMemory, days: tuple[DayStatistics, ...], mark: Decimal, at: datetime
) -> tuple[DayStatistics, ...]:
    if before.sampled_at is None or before.sampled_mark is None:
        return days
    hours = Decimal((at - before.sampled_at) // timedelta(seconds=1)) / AN_HOUR
    change = (mark / before.sampled_mark).ln()
    last = days[-1]
    grown = replace(
        last, returns=last.returns + change * change, return_hours=last.return_hours + hours
    )
    return (*days[:-1], grown)


def _stamps(stamps: tuple[FundingStamp, ...], snapshot: Snapshot) -> tuple[FundingStamp, ...]:
    """Stamps that have passed, and of each instrument the next one at its latest rate."""
    known = by_instrument(stamps)
    news: dict[tuple[str, str], tuple[FundingStamp, ...]] = {}
    for quote in snapshot.quotes:
        at, rate = quote.funding_at, quote.funding_rate
        if at is None or rate is None:
            continue
        key = (quote.instrument.venue, quote.instrument.symbol)
        passed = news.get(key) or known.get(key, ())
        if not passed or passed[-1].at < at:
            settled = (s if s.settled else replace(s, settled=True) for s in passed)
            news[key] = (*settled, FundingStamp(*key, at, rate))
        elif passed[-1].at == at and passed[-1].rate != rate:
            news[key] = (*passed[:-1], FundingStamp(*key, at, rate))
    if not news:
        return stamps
    latest = {**known, **news}
    return tuple(stamp for of_one in latest.values() for stamp in of_one[-STAMPS_KEPT:])


def _transfers(snapshot: Snapshot) -> tuple[Transfer, ...]:
    return tuple(t for t in under_way(snapshot) if snapshot.at - t.started_at < TRANSFER_KEPT)
