"""What simulations found, told as single stories."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

from hedged.core.types import Kind, Limits, Style, StyleKind, TradingState
from tests.simulation.faults import Call, Fault
from tests.simulation.stage import Plot, Stage
from tests.simulation.timeless import VirtualLoop

D = Decimal
UNBOUNDED = Limits(max_leverage=None, liquidation_distance=None, max_margin_use=None)


def told(story: Callable[[Stage], Awaitable[None]], plot: Plot) -> Stage:
    """The stage after a story, which ends well."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        stage = Stage(plot, loop)

        async def to_its_end() -> None:
            await story(stage)
            await stage.recover()

        runner.run(to_its_end())
    return stage


def test_a_clock_an_hour_fast_at_the_first_start_hides_no_fill() -> None:
    async def story(stage: Stage) -> None:
        stage.step_clock(3600)
        await stage.start()
        await stage.live(25)
        stage.step_clock(0)
        await stage.live(30)

    stage = told(story, Plot(1, limits=UNBOUNDED))
    assert stage.truth.trades >= 1  # of the order that opened the hedge


def test_a_halt_between_the_record_and_the_send_keeps_the_order_back() -> None:
    async def story(stage: Stage) -> None:
        await stage.start()
        stage.interrupt(TradingState.HALTED)
        await stage.live(25)
        assert stage.truth.sent == {}
        assert len(stage.truth.intents) == 1

    assert len(told(story, Plot(1, limits=UNBOUNDED)).truth.sent) == 1


def test_not_founds_count_from_answer_to_answer_however_slow_the_rest_of_a_read_is() -> None:
    async def story(stage: Stage) -> None:
        stage.plan(Call.SUBMIT, Fault.LOST, 1)
        await stage.start()
        await stage.live(20)
        stage.lag(0.0, 9.0)
        await stage.live(120)

    assert len(told(story, Plot(3, limits=UNBOUNDED)).truth.sent) >= 2


def test_the_hourly_limit_holds_across_restarts() -> None:
    async def story(stage: Stage) -> None:
        for _ in range(14):
            await stage.start()
            stage.flow("BTC", D("0.5"))
            await stage.live(25)
            await stage.kill(0)
        await stage.live(3600)

    limits = Limits(
        max_orders_per_hour=2, max_leverage=None, liquidation_distance=None, max_margin_use=None
    )
    told(story, Plot(1, limits=limits))


def test_what_a_maker_hedge_moves_from_one_contract_to_another_keeps_its_time_limit() -> None:
    async def story(stage: Stage) -> None:
        await stage.start()
        await stage.live(120)
        stage.by_hand("BTCUSDT:linear", D(1))
        stage.by_hand("BTCUSD", D(-65_000))
        await stage.live(30)
        await stage.operate("ack")
        await stage.live(120)
        assert not stage.account.open_orders

    style = Style(kind=StyleKind.MAKER, time_limit_s=D(20))
    told(story, Plot(1, limits=UNBOUNDED, legs=(Kind.INVERSE, Kind.LINEAR), style=style))
