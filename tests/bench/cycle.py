"""A full dry-run cycle against the embedded exchange in a process of its own, over HTTP."""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

from hedged.app import Daemon, build
from hedged.config import load
from hedged.core.types import Execution
from hedged.ops import logging
from tests.bench.row import Row
from tests.process import KEYS, embedded_exchange, written

CYCLES = 150
PAUSE_S = 0.02  # a daemon polls; back to back, the rate limiter would be what is measured


class Stopwatch:
    """Times every read of a venue, so that a cycle can be held against its slowest one."""

    def __init__(self, daemon: Daemon) -> None:
        self.reads: list[float] = []
        for venue in daemon.venues.values():
            for name in ("account", "quote"):
                setattr(venue, name, self._timed(getattr(venue, name)))

    def _timed(self, read: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def timed(*args: Any) -> Any:
            began = time.perf_counter()
            try:
                return await read(*args)
            finally:
                self.reads.append((time.perf_counter() - began) * 1000)

        return timed


async def measured(config: Path) -> tuple[list[float], list[float]]:
    """Milliseconds of each cycle, and of each cycle beyond its slowest read."""
    env = {**os.environ, **KEYS}
    daemon = build(load(config, env=env), Execution.DRY_RUN, env=env, base=config.parent)
    try:
        await daemon.open()
        watch, hedger = Stopwatch(daemon), daemon.loops[0].hedger
        whole, beyond = [], []
        for _ in range(CYCLES):
            await asyncio.sleep(PAUSE_S)
            watch.reads.clear()
            began = time.perf_counter()
            await hedger.run_cycle()
            whole.append((time.perf_counter() - began) * 1000)
            beyond.append(whole[-1] - max(watch.reads))
        return whole[10:], beyond[10:]
    finally:
        await daemon.close()


def cycle_rows() -> list[Row]:
    """The rows of this group."""
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_exchange() as exchange,
        (Path(folder) / "log").open("w") as sink,
    ):
        logging.configure(style="json", level="info", stream=sink)
        whole, beyond = asyncio.run(measured(written(Path(folder), exchange.url)))
    reads = median(w - b for w, b in zip(whole, beyond, strict=True))
    return [
        Row(
            what="dry-run cycle, 2 assets, over HTTP, rate limiter on",
            median=median(whole),
            limit=40,
            unit="ms",
            floor=reads,
            floor_is="its slowest read",
            measured_by="tests/bench/cycle.py",
        ),
        Row(
            what="the same, beyond its slowest read",
            median=median(beyond),
            limit=10,
            unit="ms",
            floor=None,
            floor_is="",
            measured_by="tests/bench/cycle.py",
        ),
    ]
