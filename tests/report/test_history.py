"""A journal tells a chart what it told while it was written, and what was paid is listed."""

from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from hedged.core.events import Decided
from hedged.core.figures import Figures, figures
from hedged.core.types import Amount, Flow, FlowKind
from hedged.engine.cycle import Cycle
from hedged.ports import Selection, VenueUnavailable
from hedged.replay.rehearsal import Rehearsal
from hedged.replay.rules import SYMBOL
from hedged.replay.stage import STANDARD, START, Stage
from hedged.report.history import history
from hedged.report.payments import AGAIN_S, FundingLog
from hedged.store import SqlJournal
from tests.engine.fake import FakeVenue
from tests.report.test_report import workload

D = Decimal


@pytest.mark.asyncio
async def test_the_past_is_what_the_cycles_showed(tmp_path: Path) -> None:
    stage = Stage(workload(), "BTC", SYMBOL, terms=STANDARD)
    journal = await SqlJournal.open(tmp_path / "journal.db", stage.clock)
    rehearsal = Rehearsal(stage, journal=journal)
    shown: dict[int, Figures | None] = {}

    def note(cycle: Cycle) -> None:
        shown[cycle.decision.cycle] = figures(cycle.snapshot, cycle.decision.assets[0])

    rehearsal.hedger.watchers.append(note)
    await stage.play(rehearsal.act)
    began, ended = START + timedelta(hours=2), START + timedelta(hours=4)
    found = await history(journal, "replay", began, ended)
    nothing = await history(journal, "another", began, ended)
    await journal.close()
    (points,) = found.points.values()
    assert len(points) >= 3
    assert all(began <= point.at <= ended for point in points)
    for point in points:
        then = shown[point.verdict.cycle]
        if then is None or point.figures is None:
            assert then is point.figures, "nothing could be told"
            continue
        for field in fields(Figures):
            if field.name != "liquidation_price":
                known, kept = getattr(then, field.name), getattr(point.figures, field.name)
                wanted = None if known is None else pytest.approx(known, rel=D("1e-30"))
                assert kept == wanted, field.name
    assert {order.terms.client_id for order in found.orders} == {f.client_id for f in found.fills}
    assert found.orders
    assert (nothing.points, nothing.orders, nothing.fills) == ({}, (), ())


@pytest.mark.asyncio
async def test_every_cycle_counts_for_the_time_up_to_it(tmp_path: Path) -> None:
    stage = Stage(workload(), "BTC", SYMBOL, terms=STANDARD)
    journal = await SqlJournal.open(tmp_path / "journal.db", stage.clock)
    rehearsal = Rehearsal(stage, journal=journal)
    seen: list[Cycle] = []
    rehearsal.hedger.watchers.append(seen.append)
    await stage.play(rehearsal.act)
    entries = await journal.entries(Selection(kinds=(Decided.kind,)))
    await journal.close()
    told = [e.event.watched for e in entries if isinstance(e.event, Decided)]
    whole = [watched for watched in told if watched is not None]
    last = next(n for n, c in enumerate(seen, 1) if c.decision.cycle == entries[-1].event.cycle)  # type: ignore[union-attr] # selected by kind
    exposed, in_band, blind, before = D(0), D(0), D(0), seen[0].seen_s
    for cycle in seen[:last]:
        span, before = D(str(round(cycle.seen_s - before, 3))), cycle.seen_s
        (asset,) = cycle.decision.assets
        if asset.judged is None:
            blind += span
            continue
        exposed += abs(asset.judged.drift_usd) * span
        in_band += span if abs(asset.judged.drift_usd) <= asset.judged.target.band_usd else D(0)
    assert sum(w.cycles for w in whole) == last
    assert sum(w.in_band_s for w in whole) == in_band > 0
    assert sum(w.blind_s for w in whole) == blind > 0, "jumps that were not believed at once"
    assert sum(w.exposed_usd_s for w in whole) == pytest.approx(exposed, rel=D("1e-20"))


class Telling(FakeVenue):
    """Lists funding, and counts how often it is asked."""

    listed: tuple[Flow, ...] = ()
    times = 0

    async def flows(self, since: object) -> tuple[Flow, ...]:
        self.before_read()
        self.times += 1
        return self.listed


@pytest.mark.asyncio
async def test_payments_are_kept_while_nobody_answers() -> None:
    venue = Telling()
    none = Amount(D(0), "BTC")
    paid = Flow("1", FlowKind.FUNDING, none, D("0.01"), D(0), None, START, "BTCUSD", "", "")
    venue.listed = (paid, replace(paid, flow_id="2", kind=FlowKind.TRADE, funding=D(0)))
    found = FundingLog({"main": venue}, venue.clock)
    (told,) = await found.payments()
    assert (told.flows, told.as_of) == ((paid,), venue.clock.now())
    await found.payments()
    assert venue.times == 1, "it was asked a moment ago"

    def down() -> None:
        raise VenueUnavailable("down")

    venue.before_read = down
    await venue.clock.advance(AGAIN_S)
    (kept,) = await found.payments()
    assert (kept.flows, kept.why) == ((paid,), "down")
    assert kept.as_of == told.as_of
