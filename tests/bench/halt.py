"""From the word `halt` to the last cancel sent, with resting orders, under load, and a hung cycle.

The daemon of the demo's kind, live in a process of its own kind of trouble: every read of the
wallet hangs, so its cycles do; 8 orders rest; and a neighbour keeps the processor busy. The
exchange's own record says when the last cancel had reached it. A `kill_file` is looked for twice a
second, so that a halt by it is as much later.
"""

import asyncio
import math
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hedged.app import Daemon, build
from hedged.config import load
from hedged.core.types import Execution, TradingState
from hedged.engine.control import Answer, Command, control, told
from hedged.engine.halting import LOOK_S, Halting
from hedged.engine.supervisor import supervise
from hedged.ops import logging
from tests.bench.row import Row
from tests.process import KEYS, Exchange, embedded_exchange, written

HALTS = 120
FILES = 100
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


async def by_file(config: Path, exchange: Exchange) -> list[float]:
    """Seconds from the file that appears to the answer of the halt by it, cancels included."""
    env = {**os.environ, **KEYS}
    daemon = build(load(config, env=env), Execution.LIVE, env=env, base=config.parent)
    path, took = config.parent / "kill", []
    halted: asyncio.Queue[float] = asyncio.Queue()

    async def perform(command: Command) -> Answer:
        answer = await daemon.perform(command)
        halted.put_nowait(time.perf_counter())
        return answer

    halting = Halting(perform, lambda: _state(daemon), lambda: path)
    stop = asyncio.Event()
    try:
        await daemon.open()
        loading = asyncio.create_task(busy(stop))
        async with halting.watched():
            for number in range(FILES):
                await asyncio.to_thread(rests, exchange, HALTS + number)
                await asyncio.sleep(PAUSE_S + number % 10 * LOOK_S / 10)
                began = time.perf_counter()
                path.touch()
                took.append(await halted.get() - began)
                path.unlink()
                await daemon.perform({"verb": "resume", "who": "bench"})
        stop.set()
        await loading
    finally:
        await daemon.close()
    return took


def _state(daemon: Daemon) -> TradingState:
    assert daemon.executor is not None
    return daemon.executor.state


def halt_rows() -> list[Row]:
    """The rows of this group."""
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_exchange() as exchange,
        (Path(folder) / "log").open("w") as sink,
    ):
        logging.configure(style="json", level="info", stream=sink)
        config = written(Path(folder), exchange.url)
        commands = asyncio.run(measured(config, exchange))
        exchange.admin("lift", number="1")  # the wallet answers again
        files = asyncio.run(by_file(config, exchange))
    return [
        row
        for way, took in (("halt", commands), ("`kill_file`", files))
        for row in rows_of(way, sorted(took))
    ]


def rows_of(way: str, took: list[float]) -> Iterator[Row]:
    """The 99th percentile and the worst of one way to halt."""
    trouble = "hung cycle, busy loop" if way == "halt" else "busy loop"
    for which, figure in (
        ("99th percentile", took[math.ceil(0.99 * len(took)) - 1]),
        ("worst", took[-1]),
    ):
        yield Row(
            what=f"{way} to the answer to its last cancel, {ORDERS} orders, {trouble}: "
            f"{which} of {len(took)}",
            median=figure,
            limit=2,
            unit="s",
            floor=took[len(took) // 2],
            floor_is="their median",
            measured_by="tests/bench/halt.py",
        )
