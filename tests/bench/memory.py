"""A week's worth of live cycles back to back over HTTP, with journal and API: memory stays flat.

Prices move and the owner moves coins, so that orders are sent and filled all along. Every cycle
must have read the world: one that the venue left without an answer would measure nothing.

Long, so only on request: `make bench ARGS=memory`; HEDGED_BENCH_CYCLES shortens it.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import aiohttp

from hedged.app import build, recorded
from hedged.clock import SystemClock
from hedged.config import load
from hedged.core.types import Execution, Reason
from hedged.onlookers import shown, tokens_of
from hedged.ops import logging
from tests.bench.process import resident_mb
from tests.bench.row import Row
from tests.process import KEYS, Exchange, written

CYCLES: Final = int(os.environ.get("HEDGED_BENCH_CYCLES", "60480"))
ASK_EVERY: Final = 100
MOVE_EVERY: Final = 500
BLIND: Final = (Reason.SOURCE_MISSING.value, Reason.STALE_DATA.value)
PAGES: Final = ("status", "decisions", "history?book=core&asset=BTC", "orders", "fills")


@contextmanager
def unlimited_exchange() -> Iterator[Exchange]:
    """The embedded exchange without its rate limits."""
    command = [sys.executable, "-m", "tests.bench.exchange"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603 - our own command
        try:
            assert running.stdout is not None
            yield Exchange(running.stdout.readline().strip())
        finally:
            running.terminate()


async def grown(config: Path, exchange: Exchange) -> tuple[list[float], int, int]:
    """Resident megabytes after each hundredth of the cycles; blind verdicts; orders sent."""
    env = {**os.environ, **KEYS, "STATE_DIRECTORY": str(config.parent / "state")}
    settings, clock = load(config, env=env), SystemClock()
    course: list[float] = []
    async with recorded(settings, env, config.parent, clock) as journal:
        daemon = build(settings, Execution.LIVE, env=env, base=config.parent, journal=journal)
        try:
            await daemon.open()
            (loop,) = daemon.loops
            url = f"http://{settings.web.bind}/api/v1"
            async with shown(daemon, tokens_of(settings, env)), aiohttp.ClientSession() as session:
                for count in range(CYCLES):
                    await loop.hedger.run_cycle()
                    if count % MOVE_EVERY == 0:
                        await asyncio.to_thread(_move, exchange, count // MOVE_EVERY)
                    if count % ASK_EVERY == 0:
                        for page in PAGES:
                            async with session.get(f"{url}/{page}") as answer:
                                answer.raise_for_status()
                                await answer.read()
                    if (count + 1) % (CYCLES // 100) == 0:
                        course.append(resident_mb(os.getpid()))
                        print(count + 1, round(course[-1], 2), file=sys.stderr)
            tally = loop.hedger.tally
            print(dict(tally.idle_reasons), file=sys.stderr)
            return course, sum(tally.idle_reasons[reason] for reason in BLIND), tally.sent
        finally:
            await daemon.close()


def _move(exchange: Exchange, number: int) -> None:
    """What came in last time goes out again."""
    exchange.admin(("withdraw", "deposit")[number % 2], account="demo", coin="BTC", amount="0.1")


def memory_rows() -> list[Row]:
    """The rows of this group."""
    with (
        tempfile.TemporaryDirectory() as folder,
        unlimited_exchange() as exchange,
        (Path(folder) / "log").open("w") as sink,
    ):
        logging.configure(style="json", level="warning", stream=sink)
        config = written(Path(folder), exchange.url, execution="live")
        config.write_text(config.read_text() + '\n[web]\nbind = "127.0.0.1:8439"\n')
        course, blind, sent = asyncio.run(grown(config, exchange))
    by = "tests/bench/memory.py"
    early = course[len(course) // 10 - 1]
    return [
        Row(
            what=f"resident memory after {CYCLES:,} live cycles over HTTP with journal and API on, "
            f"{sent:,} orders",
            median=course[-1],
            limit=round(early * 1.05, 1),
            unit="MB",
            floor=early,
            floor_is="after the first tenth",
            measured_by=by,
        ),
        Row("verdicts among these that saw nothing", blind, 0, "", None, "", by),
    ]
