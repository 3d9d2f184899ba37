"""One simulation from one seed.

The seed draws what the book is, then a few dozen acts of the world, each after a random time, so
that they fall into the middle of cycles. All along the invariants are asserted; at the end the
faults stop, and the book must come inside its band, with nothing lost, doubled or left over. In a
storm every single order goes wrong in one way or another.
"""

import asyncio
import logging
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import structlog

from hedged.core.types import Kind, Limits, Style, StyleKind
from tests.simulation.fate import Fate
from tests.simulation.stage import Plot, Stage
from tests.simulation.timeless import VirtualLoop

COMMAND: Final = ".venv/bin/python -m tests.simulation"
ACTS: Final = (15, 45)  # in one simulation
LEGS: Final = (
    *((Kind.INVERSE,), (Kind.INVERSE,), (Kind.LINEAR,)),
    *((Kind.INVERSE, Kind.LINEAR), (Kind.LINEAR, Kind.INVERSE)),
)
STORM_ACTS: Final = (100, 140)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one simulation came to."""

    seed: int
    sent: int  # orders
    orders_struck: int  # of those, how many met a fault
    struck: int  # calls that met a fault
    lives: int  # processes of the daemon
    trades: int  # each booked once
    checks: int  # of invariants
    recovered_s: float  # virtual, from the end of the faults


class SimulationFailed(AssertionError):  # noqa: N818 - what it says
    """A simulation broke an invariant, or the daemon; says how to see it again."""


def plot_of(seed: int, folder: Path, *, storm: bool = False) -> Plot:
    """What a seed's simulation is about."""
    chance = random.Random(seed)  # noqa: S311 - reproducible
    limits = Limits(
        max_position_usd=chance.choice((None, None, Decimal(2_000_000), Decimal(300_000))),
        max_order_usd=chance.choice((None, None, Decimal(100_000))),
        max_orders_per_hour=None if storm else chance.choice((60, 60, 20, 4)),
        cooldown_s=Decimal(0 if storm else chance.choice((0, 0, 30))),
        max_leverage=None,
        liquidation_distance=None,
        max_margin_use=None,
    )
    style = Style(
        kind=chance.choice((StyleKind.IOC, StyleKind.IOC, StyleKind.MAKER, StyleKind.TWAP)),
        time_limit_s=Decimal(chance.choice((20, 60))),
        duration_s=Decimal(60),
        cross=chance.random() < 0.8,
    )
    return Plot(
        seed=seed,
        coins=chance.choice((("BTC",), ("BTC",), ("BTC", "ETH"))),
        limits=limits,
        legs=chance.choice(LEGS),
        ratio=Decimal(chance.choice(("1", "1", "0.5"))),
        style=style,
        dry=not storm and chance.random() < 0.03,
        path=folder / f"{seed}.db" if chance.random() < 0.1 else None,
        storm=storm,
    )


def simulated(seed: int, *, storm: bool = False) -> Outcome:
    """Run one seed.

    Raises:
        SimulationFailed: with what broke, the latest acts, and the command that repeats it.
    """
    with (
        quiet(),
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=VirtualLoop) as runner,
    ):
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        stage = Stage(plot_of(seed, Path(folder), storm=storm), loop)
        try:
            recovered_s = runner.run(_played(stage))
        except Exception as error:
            lately = "\n".join(stage.story[-25:])
            raise SimulationFailed(
                f"seed {seed}: {_innermost(error)!r}\n{stage.plot}\n{lately}\n"
                f"see it again: {COMMAND} {'--storm ' if storm else ''}{seed}"
            ) from error
    return Outcome(
        seed=seed,
        sent=len(stage.truth.sent),
        orders_struck=stage.weather.orders_struck,
        struck=stage.weather.struck,
        lives=stage.lives,
        trades=stage.truth.trades,
        checks=stage.truth.checks,
        recovered_s=recovered_s,
    )


async def _played(stage: Stage) -> float:
    chance = random.Random(-stage.plot.seed - 1)  # noqa: S311 - reproducible
    fate = Fate(stage, chance)
    await stage.start()
    await stage.live(chance.choice((0.01, 1, 30)))
    for _ in range(chance.randint(*(STORM_ACTS if stage.plot.storm else ACTS))):
        await fate.act()
        await stage.live(chance.choice((0.02, 0.2, 1, 4, 9.9, 15, 40)) * chance.uniform(0.5, 1))
        if chance.random() < 0.5:
            await stage.start()
    return await stage.recover()


def _innermost(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


@contextmanager
def quiet() -> Iterator[None]:
    """Without the daemon's log, which takes most of the time."""
    usual = structlog.get_config()
    if "--log" not in sys.argv:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**usual)
