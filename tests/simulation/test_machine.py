"""Hypothesis drives the daemon through faults, restarts, flows and operators; failures shrink.

The rules are the acts of the simulation, the invariants those of its checker, and every example
ends as a simulation does: the faults stop, and the book must come inside its band.
"""

import asyncio
from collections.abc import Coroutine
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hedged.core.types import Limits, TradingState
from tests.simulation.fate import VERBS
from tests.simulation.faults import STRIKES, Call, Fault
from tests.simulation.run import quiet
from tests.simulation.stage import BOOK, Plot, Stage
from tests.simulation.timeless import VirtualLoop

UNBOUNDED = Limits(max_leverage=None, liquidation_distance=None, max_margin_use=None)
COINS = st.decimals(Decimal("-0.9"), Decimal("1.5"), places=2).filter(bool)
SECONDS = st.sampled_from((0.02, 0.2, 1.0, 4.0, 9.9, 15.0, 40.0))


class Machine(RuleBasedStateMachine):
    """One stage, and whatever Hypothesis does to it."""

    def __init__(self) -> None:
        super().__init__()
        self._quiet = quiet()
        self._quiet.__enter__()
        self._runner = asyncio.Runner(loop_factory=VirtualLoop)
        loop = self._runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        self.stage = Stage(Plot(seed=1, limits=UNBOUNDED), loop)

    def play(self, work: Coroutine[Any, Any, object]) -> None:
        self._runner.run(work)

    @initialize(seconds=SECONDS)
    def begin(self, seconds: float) -> None:
        self.play(self.stage.start())
        self.play(self.stage.live(seconds))

    @rule(seconds=SECONDS)
    def live(self, seconds: float) -> None:
        self.play(self.stage.live(seconds))

    @rule(strike=st.sampled_from(STRIKES), times=st.integers(1, 3), coins=COINS)
    def fail(self, strike: tuple[Call, Fault], times: int, coins: Decimal) -> None:
        call, fault = strike
        self.stage.plan(call, fault, times)
        self.stage.flow("BTC", coins)

    @rule(percent=st.integers(-15, 15))
    def price(self, percent: int) -> None:
        self.stage.price("BTC", 1 + Decimal(percent) / 100)

    @rule(quantity=st.integers(-40_000, 40_000).filter(bool))
    def by_hand(self, quantity: int) -> None:
        self.stage.by_hand("BTCUSD", Decimal(quantity))

    @rule(points=st.integers(0, 60))
    def kill(self, points: int) -> None:
        self.play(self.stage.kill(points))
        self.play(self.stage.start())

    @rule()
    def stop(self) -> None:
        self.play(self.stage.end())
        self.play(self.stage.start())

    @rule(verb=st.sampled_from(sorted({*VERBS} - {"release"})))
    def operate(self, verb: str) -> None:
        self.play(self.stage.operate(verb))

    @rule()
    def release(self) -> None:
        self.play(self.stage.release())

    @rule()
    def hedge_again(self) -> None:
        self.play(self.stage.operate("resume", book=BOOK))

    @rule(state=st.sampled_from((TradingState.HALTED, TradingState.REDUCING)), coins=COINS)
    def interrupt(self, state: TradingState, coins: Decimal) -> None:
        self.stage.interrupt(state)
        self.stage.flow("BTC", coins)

    @rule(full=st.booleans(), delay_s=st.sampled_from((0.0, 0.05, 2.0)))
    def disk(self, *, full: bool, delay_s: float) -> None:
        self.stage.disk(full=full, delay_s=delay_s)

    @rule(levels=st.sampled_from((0, 1, 50)))
    def depth(self, levels: int) -> None:
        self.stage.depth(levels)

    @rule(down=st.booleans())
    def maintenance(self, *, down: bool) -> None:
        self.stage.maintenance(down=down)

    @rule(trades_s=st.sampled_from((0.0, 5.0, 60.0)), calls_s=st.sampled_from((0.0, 1.0, 12.0)))
    def lag(self, trades_s: float, calls_s: float) -> None:
        self.stage.lag(trades_s, calls_s)

    @rule(seconds=st.sampled_from((0.0, 1.5, 3600.0, -3600.0)))
    def clock(self, seconds: float) -> None:
        self.stage.step_clock(seconds)

    @rule()
    def fill_late(self) -> None:
        self.stage.fill_late()

    @rule(percent=st.integers(1, 90))
    def deleverage(self, percent: int) -> None:
        self.stage.deleverage("BTCUSD", Decimal(percent) / 100)

    @invariant()
    def holds(self) -> None:
        self.stage.check()

    def teardown(self) -> None:
        try:
            if not self.stage.truth.broken and self.stage.failure is None:
                self.play(self.stage.recover())
        finally:
            self._runner.close()
            self._quiet.__exit__(None, None, None)


def machine(examples: int, steps: int) -> Any:
    case = type("Case", (Machine.TestCase,), {})
    case.settings = settings(  # type: ignore[attr-defined] # as Hypothesis documents it
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    return case


TestMachine = machine(15, 25)
TestMachineAtLength = pytest.mark.proof(machine(150, 40))
