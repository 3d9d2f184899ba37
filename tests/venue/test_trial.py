"""A trial passes on an exchange that does as it is told, and shows each trap by its own step."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

import pytest

from hedged.clock import SystemClock
from hedged.core.preflight import Mark
from hedged.core.types import Environment, Side
from hedged.engine.trial import Trial, tried
from hedged.engine.trial_desk import PREFIX, Desk
from hedged.ports import Style, VenueRefused
from hedged.sim.accounts import Account
from hedged.sim.exchange import Exchange
from hedged.sim.orders import Side as SimSide
from hedged.sim.server import SimServer, wall_clock_ms
from hedged.sim.tongues import BYBIT, TONGUES, Tongue
from hedged.venue import LiveVenue, VenueSpec, profile_of
from tests.venue.traps import TRAPS, Trap

D = Decimal
SYMBOL = "BTC/USD:BTC"
MARKETS = {"bybit": "BTCUSD", "binance": "BTCUSD_PERP"}
UNTOUCHED: tuple[Decimal, dict[str, object]] = (D(0), {})
pytestmark = pytest.mark.asyncio
EACH = pytest.mark.parametrize("tongue", TONGUES.values(), ids=list(TONGUES))


class Impatient(SystemClock):
    """Whoever waits is done at once, and has waited."""

    def __init__(self) -> None:
        self._skipped_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self._skipped_s

    async def sleep(self, seconds: float) -> None:
        self._skipped_s += seconds
        await asyncio.sleep(0)


@dataclass
class Bench:
    server: SimServer
    account: Account
    venue: LiveVenue
    market: str

    def desk(self) -> Desk:
        return Desk(self.venue, SYMBOL, Impatient(), 2.0)

    async def tried(self) -> Trial:
        duplicates = self.venue.refuses_duplicates
        return await tried(self.desk(), refuses_duplicates=duplicates)

    @property
    def position(self) -> Decimal:
        return self.account.quantity(self.market)


@asynccontextmanager
async def bench(tongue: Tongue = BYBIT, trap: Trap | None = None) -> AsyncIterator[Bench]:
    exchange = Exchange(now_ms=wall_clock_ms(), seed=7, rules=tongue.rules)
    account = exchange.open_account("main", "trial-key", "trial-secret")
    exchange.deposit(account, "BTC", D(1))
    server = SimServer(exchange, tongue=tongue, limits=0)
    await server.start()
    spec = VenueSpec(
        "main", tongue.name, Environment.SIM, "trial-key", "trial-secret", url=server.url,
        symbols=(SYMBOL,),
    )  # fmt: skip
    venue = LiveVenue(spec, profile_of(tongue.name), SystemClock())
    await venue.open()
    venue._connection.client.enableRateLimit = False  # what the venue would take is not the matter
    if trap is not None:
        trap.plant(server, account)
    try:
        yield Bench(server, account, venue, MARKETS[tongue.name])
    finally:
        await venue.close()
        await server.stop()


def wrong(trial: Trial) -> list[str]:
    return [step.what for step in trial.steps if step.mark is Mark.WRONG]


@EACH
async def test_an_exchange_that_does_as_it_is_told_passes_again_and_again(tongue: Tongue) -> None:
    async with bench(tongue) as stage:
        for _ in range(2):
            trial = await stage.tried()
            assert wrong(trial) == []
            assert trial.is_passed
            assert (stage.position, stage.account.open_orders) == UNTOUCHED


@EACH
@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
async def test_a_trap_is_shown_by_its_step_and_nothing_is_left(trap: Trap, tongue: Tongue) -> None:
    async with bench(tongue, trap) as stage:
        trial = await stage.tried()
        assert not trial.is_passed
        assert wrong(trial)[0] in {trap.shown_by, trap.or_by}, trial.steps
        if not trap.leaves_orders:
            assert (stage.position, stage.account.open_orders) == UNTOUCHED
        is_told = trap.leaves_orders or trap.hides_orders
        assert wrong(trial)[1:] == (["nothing is left"] if is_told else [])


@EACH
async def test_a_short_of_the_owner_stays_and_a_long_one_is_refused(tongue: Tongue) -> None:
    async with bench(tongue) as stage:
        stage.server.exchange.trade_by_hand(stage.account, stage.market, SimSide.SELL, D(500))
        assert (await stage.tried()).is_passed
        assert stage.position == -500
        stage.server.exchange.trade_by_hand(stage.account, stage.market, SimSide.BUY, D(900))
        trial = await stage.tried()
        assert wrong(trial) == ["start"]
        assert "a long position of 400 USD" in trial.steps[0].seen
        assert stage.position == 400


async def test_orders_of_others_are_left_alone() -> None:
    async with bench() as stage:
        theirs = {"account": "main", "symbol": stage.market, "side": "Buy", "quantity": "10"}
        assert stage.server.act("order", {**theirs, "price": "63000"}) == ""
        assert (await stage.tried()).is_passed
        assert len(stage.account.open_orders) == 1


@pytest.mark.parametrize("requests", [4, 9, 20, 30, 40])
async def test_ctrl_c_leaves_nothing_behind(requests: int) -> None:
    async with bench() as stage:
        trying = asyncio.create_task(stage.tried())
        seen = len(stage.server.requests)
        while len(stage.server.requests) < seen + requests:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0)
        trying.cancel()
        trial = await trying
        assert trial.was_interrupted
        assert not trial.is_passed
        assert trial.steps[-1].mark is Mark.GOOD
        assert (stage.position, stage.account.open_orders) == UNTOUCHED


@EACH
async def test_what_a_killed_trial_left_is_taken_away_by_the_next(tongue: Tongue) -> None:
    async with bench(tongue) as stage:
        killed = stage.desk()
        await killed.begin()
        for side, away, style in (
            (Side.BUY, D("0.03"), Style.POST_ONLY),
            (Side.SELL, D("-0.01"), Style.IOC),
        ):
            await killed.send(killed.order(side, await killed.price(side, away), style))
        assert stage.position == -100
        assert [o.link_id.startswith(PREFIX) for o in stage.account.open_orders.values()] == [True]
        assert (await stage.tried()).is_passed
        assert (stage.position, stage.account.open_orders) == UNTOUCHED


async def test_an_unknown_contract_is_refused() -> None:
    async with bench() as stage:
        with pytest.raises(VenueRefused):
            Desk(stage.venue, "NOPE/USD:NOPE", Impatient(), 1.0)
