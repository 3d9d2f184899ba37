"""Metrics are what their page says, follow the cycles, and leave out what is not known."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from hedged.core.access import Use
from hedged.ops.notify import Outbox
from tests.web.build import asked, stage, unavailable
from tests.web.exported import exported

PAGE = Path(__file__).resolve().parents[2] / "docs/metrics.md"


def test_the_page_describes_every_metric_with_its_labels_and_no_other() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]*) ?\|", PAGE.read_text(), re.MULTILINE)
    described = {name: set(filter(None, re.split(r"[, ]+", labels))) for name, labels in rows}
    assert described == exported()


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"hedged_{name}", labels)


BTC = {"book": "core", "asset": "BTC", "basis": "real"}


@pytest.mark.asyncio
async def test_cycles_set_figures_and_count_minutes_unhedged(tmp_path: Path) -> None:
    on = stage(tmp_path)
    registry = on.metrics.registry
    await on.hedger.run_cycle()
    assert value(registry, "net_delta_coins", **BTC) == 5
    assert value(registry, "drift_usd", **BTC) == 325_000
    assert value(registry, "funding_rate", **BTC) is None
    on.venue.wallet += 1
    await on.hedger.run_cycle()  # coins from nowhere are believed at the second look
    await on.venue.clock.advance(30.0)
    await on.hedger.run_cycle()
    # What a cycle finds counts for the time since the one before it.
    minutes = value(registry, "unhedged_dollar_minutes_total", **BTC)
    assert minutes == 65_407 * 0.5  # one coin, and what the first order left within the band
    named = {"book": "core", "asset": "BTC", "reason": "ABOVE_BAND"}
    assert value(registry, "verdicts_total", **named) is not None


@pytest.mark.asyncio
async def test_what_cannot_be_told_goes_away_and_its_reason_shows(tmp_path: Path) -> None:
    on = stage(tmp_path)
    registry = on.metrics.registry
    await on.hedger.run_cycle()
    on.venue.before_read = unavailable
    await on.hedger.run_cycle()
    assert value(registry, "net_delta_coins", **BTC) is None
    found = {"book": "core", "asset": "BTC", "reason": "SOURCE_MISSING"}
    assert value(registry, "verdicts_total", **found) == 1


@pytest.mark.asyncio
async def test_the_scrape_parses_and_counts_orders_by_what_became_of_them(tmp_path: Path) -> None:
    box = Outbox("env:ALERT_URL", lambda _: True, "tests")
    on = stage(tmp_path, outboxes=(box,))
    async with asked(on) as client:
        await on.hedger.run_cycle()
        await on.hedger.run_cycle()
        await client.get("/metrics")
        on.venue.use = Use(7, Decimal("3.5"))
        box.sent, box.dropped = 5, 2
        answer = await client.get("/metrics")
        assert answer.content_type == "text/plain"
        families = {f.name: f for f in text_string_to_metric_families(await answer.text())}
    (order,) = (s for s in families["hedged_orders"].samples if s.name == "hedged_orders_total")
    assert (order.labels, order.value) == ({"book": "core", "outcome": "filled"}, 1)
    assert families["hedged_ready"].samples[0].value == 1
    for name, count in (("requests", 7), ("weight", 3.5)):
        (of_main,) = families[f"hedged_api_{name}"].samples
        assert (of_main.labels, of_main.value) == ({"venue": "main"}, count)
    box.close()
    became = {
        s.labels["outcome"]: s.value
        for s in families["hedged_alerts"].samples
        if s.name == "hedged_alerts_total"
    }
    assert became == {"sent": 5, "lost": 2}
    (waiting,) = families["hedged_alerts_waiting"].samples
    assert (waiting.labels, waiting.value) == ({"to": "env:ALERT_URL"}, 0)
