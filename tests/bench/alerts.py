"""From what somebody should know of to the message that tells of it, at a receiver over HTTP.

The causes: an operator's halt, and another hand's trade in the hedge's instrument, which a poll
must see first, here one a second. What was told stands for a while: each trade has its own daemon.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from hedged.alerts.watchman import Told
from hedged.clock import SystemClock
from hedged.config import load
from hedged.onlookers import alerted, audience_of
from tests.alerts.receiver import Receiver, receiving
from tests.bench.row import Row
from tests.rig import POLL_S, Rig, rig

HALTS = 100
TRADES = 10
ALERTS = '\n[alerts]\nto = ["env:ALERT_URL"]\n'


@asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[tuple[Rig, Receiver]]:
    """A live daemon that polls every second, and whoever is told."""
    async with receiving() as receiver, rig(folder, hasty=False) as made:
        made.config.write_text(made.config.read_text() + ALERTS)
        env = {**os.environ, **made.env, "ALERT_URL": f"json://{receiver.url}/alert"}
        settings, stop = load(made.config, env=env), asyncio.Event()
        object.__setattr__(made.daemon, "settings", settings)
        audience = await asyncio.to_thread(audience_of, settings, env, folder)

        async def poll() -> None:
            while not stop.is_set():
                await made.daemon.loops[0].hedger.run_cycle()
                await asyncio.sleep(POLL_S)

        async with alerted(made.daemon, audience, Told(), stop, SystemClock()):
            await made.until_hedged()
            polling = asyncio.create_task(poll())
            yield made, receiver
            stop.set()
            await polling


async def told_after_s(receiver: Receiver, words: str, began_s: float) -> float:
    """Seconds until a message with these words in its title has come."""
    await receiver.until(lambda: any(words in m["title"] for m in receiver.messages))
    receiver.messages.clear()
    return time.perf_counter() - began_s


async def halts_s(folder: Path) -> list[float]:
    """Seconds from each halt to its message."""
    took = []
    async with watched(folder) as (made, receiver):
        for verb in ("halt", "resume") * HALTS:
            began_s = time.perf_counter()
            await made.daemon.perform({"verb": verb, "who": "bench"})
            took.append(await told_after_s(receiver, "trading is halted", began_s))
    return sorted(took[::2])


async def trade_s(folder: Path) -> float:
    """Seconds from another hand's trade to its message."""
    async with watched(folder) as (made, receiver):
        began_s = time.perf_counter()
        made.act("trade", account="demo", symbol="BTCUSD", side="buy", quantity="1000")
        return await told_after_s(receiver, "EXTERNAL_CHANGE", began_s)


def alert_rows() -> list[Row]:
    """The rows of this group."""
    with tempfile.TemporaryDirectory() as folder:
        halts = asyncio.run(halts_s(Path(folder)))
    trades = []
    for _ in range(TRADES):
        with tempfile.TemporaryDirectory() as folder:
            trades.append(asyncio.run(trade_s(Path(folder))))
    return [
        Row(
            what=f"{cause} to its message at the receiver: worst of {len(times)}",
            median=max(times),
            limit=5,
            unit="s",
            floor=sorted(times)[len(times) // 2],
            floor_is="their median",
            measured_by="tests/bench/alerts.py",
        )
        for cause, times in (
            ("alerts: a halt", halts),
            ("alerts: another hand's trade, polled every second,", trades),
        )
    ]
