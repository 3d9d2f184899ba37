"""The dashboard and the API beside the trading: paint, answers under load, and what they cost."""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median, quantiles

import aiohttp
from aiohttp import web
from playwright.async_api import Browser, async_playwright

from hedged.core.figures import Figures
from hedged.web.history import CAPACITY, Series
from tests.bench.row import Row
from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.process import Process, embedded_exchange, process, written
from tests.web.build import Stage, stage

BY = "tests/bench/web.py"
LOADS = 7
REQUESTS = 1500
PACE_S = 0.01  # 100 requests a second
QUIET_S = 15.0


def filled() -> Series:
    """A full history: a wave in every column, a look every 10 s up to now."""
    series, now_s = Series(), datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    waves = [
        Figures(**{field.name: Decimal(step % 97) / 97 for field in fields(Figures)})
        for step in range(97)
    ]
    for step in range(CAPACITY):
        series.add(now_s - 10 * (CAPACITY - step), waves[step * 7 % 97])
    return series


@asynccontextmanager
async def served(on: Stage) -> AsyncIterator[str]:
    """The stage's application on a free port."""
    runner = web.AppRunner(on.app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def paint_ms(browser: Browser, url: str) -> tuple[float, float]:
    """First paint of the page, and from asking for the whole history to its charts."""
    page = await browser.new_page()
    await page.goto(url)
    await page.wait_for_selector("#chart[data-points]")
    paint = await page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    )
    await page.evaluate("delete document.getElementById('chart').dataset.points")
    began = time.perf_counter()
    await page.select_option("#chart-hours", "1000")
    await page.wait_for_selector("#chart[data-points]")
    drawn = (time.perf_counter() - began) * 1000
    await page.close()
    return paint, drawn


async def painted(folder: Path) -> list[tuple[float, float]]:
    """The same, several times, on a full history."""
    on = stage(folder)
    on.recorder.series["core", "BTC"] = filled()
    await on.hedger.run_cycle()
    async with served(on) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        found = [await paint_ms(browser, url) for _ in range(LOADS)]
        await browser.close()
    return found


async def answered_ms(url: str) -> list[float]:
    """How long each status took, asked 100 times a second whatever the answers do."""
    taken: list[float] = []

    async def ask(session: aiohttp.ClientSession) -> None:
        began = time.perf_counter()
        async with session.get(f"{url}/api/v1/status") as answer:
            assert answer.status == 200
            await answer.read()
        taken.append((time.perf_counter() - began) * 1000)

    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        began = time.perf_counter()
        for count in range(REQUESTS):
            await asyncio.sleep(max(0.0, began + count * PACE_S - time.perf_counter()))
            group.create_task(ask(session))
    return taken


def cycles_ms(daemon: Process) -> Iterator[float]:
    """Durations of the cycles that were logged since the last time, as far as they are there."""
    while not daemon._queue.empty():
        line = daemon.next_line()
        event = json.loads(line) if line.startswith("{") else {}
        if event.get("event") == "cycle.done":
            yield event["duration_ms"]


def under_load(folder: Path) -> tuple[list[float], float, float]:
    """Answers, and the median cycle without and with somebody asking."""
    with embedded_exchange() as exchange:
        config = written(folder, exchange.url, execution="live", poll="0.2s")
        config.write_text(config.read_text() + '\n[web]\nbind = "127.0.0.1:0"\n')
        with process("run", "-c", config, "--live", is_fresh=True) as daemon:
            url = daemon.event("web.started")["url"]
            daemon.event("cycle.done", reason="IN_BAND", asset="ETH")
            time.sleep(QUIET_S / 3)
            list(cycles_ms(daemon))
            time.sleep(QUIET_S)
            quiet = median(cycles_ms(daemon))
            taken = asyncio.run(answered_ms(url))
            busy = median(cycles_ms(daemon))
    return taken, quiet, busy


def web_rows() -> list[Row]:
    """The rows of this group."""
    with tempfile.TemporaryDirectory() as folder:
        paints = asyncio.run(painted(Path(folder)))
    with tempfile.TemporaryDirectory() as folder:
        taken, quiet, busy = under_load(Path(folder))
    return [
        _row("dashboard, first paint on loopback", median(p for p, _ in paints), 1000),
        _row("dashboard, charts of 100,000 points", median(d for _, d in paints), 2000),
        _row("status, p99 at 100 requests/s while trading", quantiles(taken, n=100)[98], 20),
        Row(
            what="median cycle while the status is asked 100 times/s",
            median=busy,
            limit=quiet * 1.1,
            unit="ms",
            floor=quiet,
            floor_is="the same daemon, nobody asking",
            measured_by=BY,
        ),
    ]


def _row(what: str, figure: float, limit: float) -> Row:
    return Row(what, figure, limit, "ms", floor=None, floor_is="", measured_by=BY)
