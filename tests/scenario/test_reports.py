"""Reports at their times: in a process of their own, into a folder, and to whoever is told."""

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from hedged.report.scheduled import Period, Reporter, day_before, month_before, told
from tests.alerts.receiver import receiving
from tests.rig import Rig, rig
from tests.scenario.test_alerts import titles
from tests.scenario.test_alerts import told as audience_told

REPORTS = """
[reports]
folder = "reports"
daily = "30 0 * * *"
"""


def reporter(on: Rig) -> Reporter:
    return Reporter(on.config, {**os.environ, **on.env})


def test_periods_are_whole_days_and_months() -> None:
    now = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    day, month = day_before(now), month_before(now)
    assert (day.name, day.until - day.since) == ("daily-2026-02-28", timedelta(days=1))
    assert (month.name, month.until - month.since) == ("monthly-2026-02", timedelta(days=28))
    assert day.until == month.until == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.asyncio
@pytest.mark.usefixtures("at_home")
async def test_a_day_is_reported_into_the_folder_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hedged.alerts.reports.day_before", today)
    monkeypatch.setattr("hedged.alerts.reports.FIRST_S", 0.0)
    async with receiving() as receiver, rig(tmp_path, hasty=False) as on:
        await on.until_hedged()
        on.act("deposit", account="demo", coin="BTC", amount="0.1")
        await on.until(lambda asset: bool(asset.orders))
        await on.until_hedged()
        on.config.write_text(on.config.read_text() + REPORTS)
        async with audience_told(on, receiver, asyncio.Event(), reporter=reporter(on)):
            await receiver.until(lambda: any("report" in t for t in titles(receiver)), 60)
    (message,) = [m["message"] for m in receiver.messages if "report daily" in m["title"]]
    assert "core BTC: +6," in message, "0.1 BTC came"
    assert "deposits, withdrawals, spot trades +6,500.00" in message
    folder = Path(on.env["STATE_DIRECTORY"]) / "reports"
    (page,) = folder.glob("daily-*.html")
    assert f"Written: {page}" in message
    assert "<script src" not in page.read_text()
    (asset,) = json.loads(page.with_suffix(".json").read_text())["assets"]
    assert Decimal(asset["causes_usd"]["unexplained"]) == 0
    assert sorted(path.suffix for path in folder.iterdir()) == [".csv", ".html", ".json"]


@pytest.mark.asyncio
@pytest.mark.usefixtures("at_home")
async def test_when_the_exchange_is_down_the_journal_alone_is_reported(tmp_path: Path) -> None:
    async with rig(tmp_path, hasty=False, patience="1s") as on:
        await on.until_hedged()
        await on.server.stop()
        made = await reporter(on).write(today(datetime.now(UTC)), tmp_path / "reports")
        assert made.assets
        assert made.written is not None
        *_, last = told(made)
        assert last.startswith("Without the exchange's records: ")
        assert "ConnectionRefused" in last


@pytest.mark.asyncio
async def test_what_cannot_be_made_is_said(tmp_path: Path) -> None:
    config = tmp_path / "hedged.toml"
    config.write_text("nonsense")
    made = await Reporter(config, os.environ).write(today(datetime.now(UTC)), tmp_path / "reports")
    assert made.is_failed
    assert "hedged.toml" in made.why
    assert list((tmp_path / "reports").iterdir()) == []


def today(now: datetime) -> Period:
    """The day that is not over, as if it were: the rig lives for seconds."""
    return day_before(now + timedelta(days=1))
