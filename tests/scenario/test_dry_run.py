"""Dry-run is structural: whatever the world looks like, no private write leaves the process."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedged.app import build
from hedged.config import load
from hedged.core.types import Execution
from hedged.engine.executor import Executor
from hedged.sim.accounts import Account
from hedged.sim.exchange import Exchange
from hedged.sim.orders import RefusedError, Side
from hedged.sim.server import SimServer, wall_clock_ms
from hedged.venue import WriteRefused
from tests.houses import house
from tests.process import KEYS, written

amounts = st.decimals("0.01", "2", places=2)
prices = st.decimals("20000", "120000", places=1)
worlds = st.lists(
    st.one_of(
        st.tuples(st.just("deposit"), amounts),
        st.tuples(st.just("withdraw"), amounts),
        st.tuples(st.just("price"), prices),
        st.tuples(st.just("short"), amounts),
        st.tuples(st.just("long"), amounts),
    ),
    min_size=1,
    max_size=4,
)


def change(exchange: Exchange, what: str, size: Decimal) -> None:
    account = exchange.accounts["demo"]
    usd = (size * 100).to_integral_value() * 100
    try:
        match what:
            case "deposit":
                exchange.deposit(account, "BTC", size)
            case "withdraw":
                exchange.withdraw(account, "BTC", size)
            case "price":
                exchange.set_index("BTC", size)
            case "short":
                exchange.trade_by_hand(account, house().perp(), Side.SELL, usd)
            case "long":
                exchange.trade_by_hand(account, house().perp(), Side.BUY, usd)
    except RefusedError:
        pass  # what the owner cannot do does not happen


@pytest.mark.usefixtures("at_home")
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # it says where all of them stand
)
@given(world=worlds)
def test_invariant_6_no_state_of_the_world_gets_a_private_write_out(
    world: list[tuple[str, Decimal]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    asyncio.run(watched(world, tmp_path_factory.mktemp("dry-run")))


def served() -> tuple[SimServer, Account]:
    """An exchange of the house, with an account that holds nothing."""
    tongue = house().tongue
    exchange = Exchange(now_ms=wall_clock_ms(), rules=tongue.rules)
    account = exchange.open_account("demo", *KEYS.values())
    return SimServer(exchange, tongue=tongue), account


async def watched(world: list[tuple[str, Decimal]], folder: Path) -> None:
    server, account = served()
    exchange = server.exchange
    exchange.deposit(account, "BTC", Decimal(5))
    exchange.deposit(account, "ETH", Decimal(50))
    await server.start()
    daemon = build(
        load(written(folder, server.url, execution="live"), env=KEYS),
        Execution.DRY_RUN,
        env=KEYS,
        base=folder,
    )
    try:
        hedger = daemon.loops[0].hedger
        for what, size in [("price", Decimal(65_000)), *world]:
            change(exchange, what, size)
            await hedger.run_cycle()
        assert hedger.tally.proposed.total() > 0
    finally:
        await daemon.close()
        await server.stop()
    assert {request.method for request in server.requests} == {"GET"}
    assert hedger.tally.sent == 0


@pytest.mark.asyncio
@pytest.mark.usefixtures("at_home")
async def test_a_dry_run_daemon_refuses_a_write_even_when_its_client_is_told_to(
    tmp_path: Path,
) -> None:
    server, _ = served()
    await server.start()
    daemon = build(
        load(written(tmp_path, server.url, execution="live"), env=KEYS),
        Execution.DRY_RUN,
        env=KEYS,
        base=tmp_path,
    )
    try:
        await daemon.open()
        (venue,) = daemon.venues.values()
        assert not hasattr(venue, "submit")
        with pytest.raises(WriteRefused):
            await venue._client.create_order("BTC/USD:BTC", "limit", "sell", "1", "65000")  # type: ignore[attr-defined] # past the port
        assert not any(
            isinstance(value, Executor) for value in vars(daemon.loops[0].hedger).values()
        )
    finally:
        await daemon.close()
        await server.stop()
    assert {request.method for request in server.requests} == {"GET"}
