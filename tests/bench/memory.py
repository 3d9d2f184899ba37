"""A week's worth of cycles back to back over HTTP, with the API on: memory must stay flat.

Long, so only on request: `make bench ARGS=memory`; HEDGED_BENCH_CYCLES shortens it.
"""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Final

import aiohttp

from hedged.app import build
from hedged.config import load
from hedged.core.types import Execution
from hedged.onlookers import shown, tokens_of
from hedged.ops import logging
from tests.bench.process import resident_mb
from tests.bench.row import Row
from tests.process import KEYS, embedded_exchange, written

CYCLES: Final = int(os.environ.get("HEDGED_BENCH_CYCLES", "60480"))
ASK_EVERY: Final = 100


async def grown(config: Path) -> tuple[float, float]:
    """Resident megabytes after the first tenth of the cycles, and after all."""
    env = {**os.environ, **KEYS, "STATE_DIRECTORY": str(config.parent / "state")}
    settings = load(config, env=env)
    daemon = build(settings, Execution.DRY_RUN, env=env, base=config.parent)
    early = 0.0
    try:
        await daemon.open()
        (loop,) = daemon.loops
        url = f"http://{settings.web.bind}/api/v1"
        async with shown(daemon, tokens_of(settings, env)), aiohttp.ClientSession() as session:
            for count in range(CYCLES):
                await loop.hedger.run_cycle()
                if count % ASK_EVERY == 0:
                    for path in ("status", "decisions", "history?book=core&asset=BTC"):
                        async with session.get(f"{url}/{path}") as answer:
                            await answer.read()
                if count == CYCLES // 10:
                    early = resident_mb(os.getpid())
        return early, resident_mb(os.getpid())
    finally:
        await daemon.close()


def memory_rows() -> list[Row]:
    """The row of this group."""
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_exchange() as exchange,
        (Path(folder) / "log").open("w") as sink,
    ):
        logging.configure(style="json", level="warning", stream=sink)
        config = written(Path(folder), exchange.url)
        config.write_text(config.read_text() + '\n[web]\nbind = "127.0.0.1:8439"\n')
        early, late = asyncio.run(grown(config))
    return [
        Row(
            what=f"resident memory after {CYCLES:,} cycles over HTTP with the API on",
            median=late,
            limit=early * 1.05,
            unit="MB",
            floor=early,
            floor_is="after the first tenth",
            measured_by="tests/bench/memory.py",
        )
    ]
