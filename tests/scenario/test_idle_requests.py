"""What an idle live book asks of its venue, counted at the door of the embedded exchange."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from hedged import app
from hedged.engine.endings import SettleRules
from hedged.venue import profile_of
from tests.contract.payloads.idle import IDLE
from tests.rig import POLL_S, rig

MINUTES, AN_HOUR = 6, 60
LOOK_S = 10


@pytest.mark.asyncio
async def test_an_idle_book_asks_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_on_mainnet = replace(app.SIM_RULES, reconcile_s=SettleRules().reconcile_s)
    monkeypatch.setattr(app, "SIM_RULES", as_on_mainnet)
    async with rig(tmp_path) as running:
        await running.until_hedged()
        running.server.requests.clear()
        for _ in range(MINUTES * 60 // LOOK_S):
            await running.cycle()
            running.clock.skip(LOOK_S - POLL_S)
        assert not running.creates
        asked = Counter(request.path for request in running.server.requests)
    hourly = {path: count * AN_HOUR // MINUTES for path, count in asked.items()}
    total, limit = sum(hourly.values()), profile_of("bybit").limit_per_hour
    assert total <= 2500
    assert max(hourly.values()) <= limit * 5 // 100
    assert abs(total - IDLE["bybit"]) <= IDLE["bybit"] // 50, hourly
