"""What an idle live book asks of its venue, counted at the door of the embedded exchange."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from hedged import app
from hedged.engine.endings import SettleRules
from hedged.venue import profile_of
from tests.contract.payloads.idle import IDLE
from tests.houses import House
from tests.rig import POLL_S, rig

MINUTES, AN_HOUR = 6, 60
LOOK_S = 10


@pytest.mark.asyncio
async def test_an_idle_book_asks_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_home: House
) -> None:
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
    total, limit = sum(hourly.values()), profile_of(at_home.name).limit_per_hour
    assert total <= 2500
    assert max(hourly.values()) <= limit * 5 // 100
    # Wallets beside the trading one are counted in nobody's figure: how many there are differs.
    beside = sum(hourly.get(path, 0) for path in at_home.beside_paths)
    idle = IDLE[at_home.name]
    # In so few minutes there is one comparison with the journal more or less.
    assert abs(total - beside - idle) <= idle // 25, hourly
