"""From the word `halt` to the last cancel sent, with resting orders, under load, and a hung cycle.

The daemon of the demo's kind, live in a process of its own kind of trouble: every read of the
wallet hangs, so its cycles do; 8 orders rest; and a neighbour keeps the processor busy. The
exchange's own record says when the last cancel had reached it.
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path

from hedged.app import build
from hedged.config import load
from hedged.core.types import Execution
from hedged.engine.control import control, told
from hedged.engine.supervisor import supervise
from hedged.ops import logging
from tests.bench.row import Row
from tests.process import KEYS, Exchange, embedded_exchange, written

HALTS = 30
ORDERS = 8  # the daemon itself never has more than one an instrument
PAUSE_S = 1.0  # the exchange limits requests of one kind by the second


def rests(exchange: Exchange, halt: int) -> None:
    """Put orders with our mark into the account: a journal that was lost left them."""
    for number in range(ORDERS):
        exchange.admin(
            "order",
            account="demo",
            symbol="BTCUSD",
            side="sell",
            quantity="100",
            price="90000",
            link_id=f"hg{halt:013}{number:013}",
        )


async def busy(stop: asyncio.Event) -> None:
    """Keep the daemon's own loop half busy."""
    while not stop.is_set():
        until_s = time.perf_counter() + 0.01
        while time.perf_counter() < until_s:
            pass
        await asyncio.sleep(0.01)


async def measured(config: Path, exchange: Exchange) -> list[float]:
    """Seconds of each halt, from the command to the answer that the last cancel is through."""
    env = {**os.environ, **KEYS}
    daemon = build(load(config, env=env), Execution.LIVE, env=env, base=config.parent)
    stop, took = asyncio.Event(), []
    socket = config.parent / "c.sock"
    try:
        await daemon.open()
        running = asyncio.create_task(supervise(daemon.loops, stop, grace_s=0.1))
        loading = asyncio.create_task(busy(stop))
        exchange.admin("fault", kind="hang", path="/v5/account/wallet-balance", times="0")
        async with control(socket, daemon.perform):
            for number in range(HALTS):
                await asyncio.to_thread(rests, exchange, number)
                await asyncio.sleep(PAUSE_S)
                daemon.wake()
                began = time.perf_counter()
                answer = await told(socket, {"verb": "halt", "who": "bench"})
                took.append(time.perf_counter() - began)
                if answer is None or not answer.is_whole or len(answer.said) != ORDERS + 1:
                    raise RuntimeError(f"not all was cancelled: {answer}")
        stop.set()
        await asyncio.gather(running, loading)
    finally:
        await daemon.close()
    return took


def halt_rows() -> list[Row]:
    """The rows of this group."""
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_exchange() as exchange,
        (Path(folder) / "log").open("w") as sink,
    ):
        logging.configure(style="json", level="info", stream=sink)
        took = sorted(asyncio.run(measured(written(Path(folder), exchange.url), exchange)))
    return [
        Row(
            what=f"halt to the answer to its last cancel, {ORDERS} orders, hung cycle, busy loop: "
            f"worst of {HALTS}",
            median=took[-1],
            limit=2,
            unit="s",
            floor=took[len(took) // 2],
            floor_is="their median",
            measured_by="tests/bench/halt.py",
        )
    ]
