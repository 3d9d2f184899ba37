"""What asserting the invariants costs of a live cycle.

The daemon trades on the embedded exchange in this process, over HTTP; each call that asserts is
timed where it is made. The cycle is also held without its waits for the network: beside the
processor's time alone the share is the largest that it can be.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from hedged.engine import executor as executors
from hedged.engine import hedger as hedgers
from tests.bench.row import Row
from tests.rig import rig

CYCLES = 200
EVERY = 5  # cycles, and an order is needed: what is decided is then asserted, too


class Stopwatch:
    """The processor's time within some calls, in milliseconds."""

    def __init__(self) -> None:
        self.ms = 0.0

    def around(self, module: Any, name: str) -> None:
        """Time a function of a module from now on."""
        timed: Callable[..., Any] = getattr(module, name)

        def call(*args: Any) -> Any:
            began = time.perf_counter()
            try:
                return timed(*args)
            finally:
                self.ms += (time.perf_counter() - began) * 1000

        setattr(module, name, call)


async def measured(folder: Path) -> tuple[list[float], list[float], list[float]]:
    """Of each cycle: milliseconds of invariants, of the processor, and of the clock."""
    watch = Stopwatch()
    for module, name in (
        (hedgers, "decision_violations"),
        (executors, "ledger_violations"),
        (executors, "unrecorded"),
    ):
        watch.around(module, name)
    asserting, busy, whole = [], [], []
    async with rig(folder) as made:
        await made.until_hedged()
        for number in range(CYCLES):
            if number % EVERY == 0:
                verb = "deposit" if number % (2 * EVERY) else "withdraw"
                made.act(verb, account="demo", coin="BTC", amount="0.5")
            watch.ms, began, cpu = 0.0, time.perf_counter(), time.process_time()
            await made.cycle()
            whole.append((time.perf_counter() - began) * 1000)
            busy.append((time.process_time() - cpu) * 1000)
            asserting.append(watch.ms)
    return asserting, busy, whole


def invariant_rows() -> list[Row]:
    """The rows of this group."""
    with tempfile.TemporaryDirectory() as folder:
        asserting, busy, whole = asyncio.run(measured(Path(folder)))
    against = (
        ("", whole),
        (", without its waits for the network (the exchange's own work in it)", busy),
    )
    return [
        Row(
            what=f"asserting the invariants, share of a live cycle{which}: every cycle together",
            median=100 * sum(asserting) / sum(cycles),
            limit=5,
            unit="%",
            floor=100 * median(a / c for a, c in zip(asserting, cycles, strict=True)),
            floor_is="the median cycle",
            measured_by="tests/bench/invariants.py",
        )
        for which, cycles in against
    ]
