"""A daemon that starts again shows what its journal kept: verdicts, orders, points of charts."""

import math
from decimal import Decimal
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hedged.ports import StoreError
from hedged.web.recall import recall
from hedged.web.recorder import Recorder
from hedged.web.sentence import done
from tests.web.build import asked, stage

D = Decimal


@pytest.mark.asyncio
async def test_the_past_is_shown_as_it_was(tmp_path: Path) -> None:
    on = stage(tmp_path)
    assert on.journal is not None
    said: set[tuple[int, str, str]] = set()
    on.hedger.watchers.append(
        lambda cycle: said.update(
            (cycle.decision.cycle, a.reason, a.why) for a in cycle.decision.assets
        )
    )
    for coins in ("1", "3", "2"):
        on.venue.wallet = D(coins)
        for _ in range(4):
            await on.hedger.run_cycle()
            await on.venue.clock.advance(30)
    again = Recorder()
    await recall(again, on.journal, ["core", "another"])
    assert again.marks
    assert list(again.marks) == [mark for mark in on.recorder.marks if mark.fate == "sent"]
    assert [done(mark) for mark in again.marks] == [done(mark) for mark in on.recorder.marks]
    assert {(row.cycle, row.reason, row.why) for row in again.verdicts} <= said
    assert len(again.verdicts) >= 3
    told = (await again.series["core", "BTC"].thinned(0, 1000))["net_delta"]
    whole = (await on.recorder.series["core", "BTC"].thinned(0, 1000))["net_delta"]
    known = [pair for pair in zip(*told, strict=True) if not math.isnan(pair[1])]
    assert set(known) <= set(zip(*whole, strict=True))
    assert known
    assert math.isnan(told[1][-1]), "nobody looked from then on"


@pytest.mark.asyncio
async def test_the_api_goes_on_from_there(tmp_path: Path) -> None:
    first = stage(tmp_path)
    assert first.journal is not None
    await first.hedger.run_cycle()
    second = stage(tmp_path)
    await recall(second.recorder, first.journal, ["core"])
    async with asked(second) as client:
        decisions = await (await client.get("/api/v1/decisions")).json()
        assert decisions["decisions"][0]["why"]
        found = await (await client.get("/api/v1/history?book=core&asset=BTC")).json()
        assert [mark["state"] for mark in found["marks"]] == ["sent"]
        assert found["kept"] >= 1
        before = found["kept"]
        await second.hedger.run_cycle()
        found = await (await client.get("/api/v1/history?book=core&asset=BTC")).json()
        assert found["kept"] == before + 1


@pytest.mark.asyncio
async def test_a_journal_that_cannot_be_read_leaves_it_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = stage(tmp_path)
    assert on.journal is not None

    async def torn(_selection: object) -> None:
        raise StoreError("torn")

    monkeypatch.setattr(on.journal, "entries", torn)
    fresh = Recorder()
    with capture_logs() as logs:
        await recall(fresh, on.journal, ["core"])
    assert [log["event"] for log in logs] == ["history.unread"]
    assert (fresh.verdicts, fresh.series) == ([], {})
