"""A replay: the daemon's own cycle on the in-process venue, in virtual time."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from hedged.clock import VirtualClock
from hedged.replay.clock import ReplayClock
from hedged.replay.run import replay
from hedged.replay.venue import InProcessVenue
from hedged.sim.accounts import Account
from hedged.sim.exchange import Exchange
from hedged.sim.prices import PricePath, PricePoint
from tests.replay.build import hedging

D = Decimal
START = datetime(2025, 1, 1, tzinfo=UTC)
HOUR_MS = 3_600_000


def hourly(*prices: int, rate: str | None = None) -> PricePath:
    charged = None if rate is None else D(rate)
    points = [
        PricePoint(hour * HOUR_MS, D(price), charged_rate=charged)
        for hour, price in enumerate(prices)
    ]
    return PricePath(points, charges_funding=rate is not None)


class Stage:
    """One account of 5 BTC, and the hedger that keeps it hedged."""

    def __init__(self) -> None:
        self.exchange = Exchange(now_ms=round(START.timestamp() * 1000), seed=1)
        self.account: Account = self.exchange.open_account("main", "key", "secret")
        self.exchange.deposit(self.account, "BTC", D(5))
        self.clock = ReplayClock(START)
        self.venue = InProcessVenue("main", self.exchange, self.account, self.clock)
        self.hedger = hedging(self.venue, self.clock)

    async def play(self, path: PricePath) -> int:
        return await replay(
            self.exchange, "BTC", path, clock=self.clock, cycle=self.hedger.run_cycle
        )


@pytest.mark.asyncio
async def test_the_hedge_is_opened_once_and_prices_alone_move_nothing() -> None:
    stage = Stage()
    cycles = await stage.play(hourly(65_000, 65_000, 58_500, 75_000, 40_000))
    assert (cycles, len(stage.account.orders)) == (5, 1)
    assert abs(stage.account.quantity("BTCUSD") + 325_000) < 1_000
    equity = stage.exchange.margin.coin(stage.account, "BTC").equity
    assert abs(equity * 40_000 - 325_000) < 1_000  # its dollars are what they were
    assert stage.clock.now() == START + timedelta(hours=4)
    assert stage.exchange.now_ms == round(START.timestamp() * 1000) + 4 * HOUR_MS


@pytest.mark.asyncio
async def test_a_short_receives_the_funding_of_the_path_and_hedges_it() -> None:
    stage = Stage()
    await stage.play(hourly(*[65_000] * 200, rate="0.0001"))
    equity = stage.exchange.margin.coin(stage.account, "BTC").equity
    assert equity > D("5.09")  # 200 receipts of 1 bp on 5 BTC, less fees
    assert len(stage.account.orders) > 1
    assert abs(stage.account.quantity("BTCUSD") + equity * 65_000) < D("0.0025") * 330_000
    funded = [fill for fill in stage.account.fills if fill.kind == "Funding"]
    assert len(funded) == 199  # no position yet at the first; none at the venue's own stamps


@pytest.mark.asyncio
async def test_a_path_without_funding_leaves_the_exchange_its_own_stamps() -> None:
    stage = Stage()
    await stage.play(hourly(*[65_000] * 25))
    stamps = [stamp.at_ms for stamp in stage.exchange.market("BTCUSD").funding_stamps]
    start_ms = round(START.timestamp() * 1000)
    assert stamps == [start_ms + hours * HOUR_MS for hours in (8, 16, 24)]


@pytest.mark.asyncio
async def test_whoever_asks_finds_the_exchange_at_the_clocks_time() -> None:
    stage = Stage()
    await stage.play(hourly(65_000))
    before = (await stage.venue.account(["BTC"])).balances[0].wallet.value
    await stage.clock.advance(8 * 3_600)
    after = (await stage.venue.account(["BTC"])).balances[0].wallet.value
    assert abs(after - before - D("0.0005")) < D("0.000001")  # the stamp that lay in between


@pytest.mark.asyncio
async def test_the_same_seed_replays_to_the_same_events() -> None:
    logs = []
    for _ in range(2):
        stage = Stage()
        await stage.play(hourly(65_000, 66_000, 64_000, rate="0.0003"))
        logs.append([event.line() for event in stage.exchange.truth.events])
    assert logs[0] == logs[1] != []


@pytest.mark.asyncio
async def test_the_replay_clock_tells_the_time_as_the_virtual_clock_does() -> None:
    clocks = (ReplayClock(START), VirtualClock(START))
    for seconds in (0, 3_600, 0.25):
        for clock in clocks:
            await clock.advance(seconds)
    assert clocks[0].now() == clocks[1].now() == START + timedelta(seconds=3600.25)


@pytest.mark.asyncio
async def test_the_replay_clock_wakes_who_sleeps() -> None:
    clock = ReplayClock(START)
    sleeper = asyncio.create_task(clock.sleep(10))
    await asyncio.sleep(0)
    await clock.advance(9)
    assert not sleeper.done()
    await clock.advance(1)
    assert sleeper.done()
