"""The gateway at an exchange whose wallets lie apart: Binance's, over real HTTP."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
import pytest_asyncio

from hedged.clock import SystemClock
from hedged.core.types import Environment, FlowKind, Side
from hedged.ports import (
    Accepted,
    FillKind,
    Order,
    OrderStatus,
    Outcome,
    Refused,
    Style,
    Unknown,
    VenueRefused,
    VenueUnavailable,
)
from hedged.sim.accounts import Account, Wallet
from hedged.sim.exchange import Exchange
from hedged.sim.server import SimServer
from hedged.venue import LiveVenue, VenueSpec, profile_of
from tests.at_home import UNPACED_MS
from tests.houses import AT_BINANCE

pytestmark = pytest.mark.asyncio
D = Decimal
SYMBOL = "BTC/USD:BTC"
PERP = AT_BINANCE.perp()
_numbers = count(1)


@dataclass
class Stage:
    exchange: Exchange
    account: Account
    venue: LiveVenue

    async def sent(
        self,
        side: Side,
        contracts: str,
        price: str,
        *,
        reduce_only: bool = False,
        style: Style = Style.IOC,
        name: str = "",
    ) -> tuple[str, Outcome]:
        """An order's name, and what its submit came to."""
        name = name or f"hg{next(_numbers):08d}"
        perp = self.venue.instrument(SYMBOL)
        order = Order(name, perp, side, D(contracts), D(price), reduce_only, style)
        return name, await self.venue.submit(order)


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    tongue = AT_BINANCE.tongue
    exchange = Exchange(now_ms=time.time_ns() // 1_000_000, seed=7, rules=tongue.rules)
    account = AT_BINANCE.opened(exchange, "key", "secret")
    server = SimServer(exchange, tongue=tongue, limits=0)
    await server.start()
    spec = VenueSpec(
        name="main",
        exchange="binance",
        environment=Environment.SIM,
        api_key="key",
        secret="secret",
        url=server.url,
        symbols=(SYMBOL,),
    )
    profile = replace(profile_of("binance"), rate_limit_ms=UNPACED_MS)
    venue = LiveVenue(spec, profile, SystemClock())
    await venue.open()
    yield Stage(exchange, account, venue)
    await venue.close()
    await server.stop()


def an_hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


async def test_a_contract_is_a_hundred_dollars_in_every_figure(stage: Stage) -> None:
    name, outcome = await stage.sent(Side.SELL, "60", "64900")
    assert isinstance(outcome, Accepted)
    report = await stage.venue.find_order(stage.venue.instrument(SYMBOL), name)
    assert report is not None
    assert (report.contracts, report.filled, report.status) == (D(60), D(60), OrderStatus.DONE)
    assert stage.account.quantity(PERP) == -6000
    account = await stage.venue.account(["BTC"])
    (short,) = account.positions
    assert short.quantity.value == -6000
    (fill,) = await stage.venue.fills([SYMBOL], an_hour_ago())
    assert (fill.client_id, fill.contracts, fill.kind) == (name, D(60), FillKind.TRADE)


async def test_equity_is_wallet_plus_profit_on_both_sides_of_the_entry(stage: Stage) -> None:
    await stage.sent(Side.SELL, "650", "64000")
    for mark in (D(60_000), D(70_000)):
        stage.exchange.set_index("BTC", mark)
        account = await stage.venue.account(["BTC"])
        balance = next(b for b in account.balances if b.wallet.unit == "BTC")
        (short,) = account.positions
        assert short.unrealised_pnl is not None
        assert balance.equity is not None
        assert balance.equity.value == balance.wallet.value + short.unrealised_pnl
        assert (short.unrealised_pnl > 0) is (mark < 65_000)


async def test_the_wallets_are_told_apart(stage: Stage) -> None:
    account = await stage.venue.account(["BTC"])
    assert {b.wallet.unit: b.wallet.value for b in account.balances} == {"BTC": 5, "ETH": 0}
    (spot,) = await stage.venue.holdings("spot", ["BTC"])
    assert spot.quantity.value == 1
    stage.exchange.transfer(
        *(stage.account, "BTC", D(2)),
        source=Wallet.COIN_M,
        target=Wallet.EARN,
        transfer_id="1",
    )
    (earning,) = await stage.venue.holdings("earn", ["BTC"])
    assert earning.quantity.value == 2


async def test_what_is_refused_was_not_placed(stage: Stage) -> None:
    for outcome, code in (
        (await stage.sent(Side.SELL, "60", "66000", reduce_only=True), "-2022"),
        (await stage.sent(Side.BUY, "60", "65100", style=Style.POST_ONLY), "-5022"),
        (await stage.sent(Side.SELL, "100000", "65000"), "-2019"),
    ):
        assert isinstance(outcome[1], Refused), outcome
        assert code in str(outcome[1])
    assert not stage.account.orders


async def test_a_name_that_is_working_is_not_used_twice(stage: Stage) -> None:
    name, outcome = await stage.sent(Side.SELL, "60", "66000", style=Style.POST_ONLY)
    assert isinstance(outcome, Accepted)
    _, again = await stage.sent(Side.SELL, "60", "66000", style=Style.POST_ONLY, name=name)
    assert isinstance(again, Unknown)
    assert "-4116" in str(again)
    (working,) = await stage.venue.open_orders([SYMBOL])
    assert (working.client_id, working.contracts) == (name, D(60))
    perp = stage.venue.instrument(SYMBOL)
    await stage.venue.cancel(perp, name)
    await stage.venue.cancel(perp, name)  # what is gone is no error
    assert await stage.venue.open_orders([SYMBOL]) == ()


async def test_what_the_venue_forces_is_known_as_that(stage: Stage) -> None:
    await stage.sent(Side.SELL, "650", "64000")
    stage.exchange.deleverage(stage.account, PERP, D(5_000))
    stage.exchange.liquidate(stage.account)
    fills = await stage.venue.fills([SYMBOL], an_hour_ago())
    kinds = {fill.kind for fill in fills if not fill.client_id}
    assert kinds == {FillKind.ADL, FillKind.LIQUIDATION}


async def test_flows_are_all_that_the_wallet_changed_by(stage: Stage) -> None:
    await stage.sent(Side.SELL, "1300", "64000")
    stage.exchange.set_index("BTC", D(62_000))
    await stage.sent(Side.BUY, "300", "63000", reduce_only=True)
    stage.exchange.charge_funding("BTC", D("0.0005"))
    stage.exchange.withdraw(stage.account, "BTC", D("0.5"))
    flows = [flow for flow in await stage.venue.flows(an_hour_ago()) if flow.change.unit == "BTC"]
    held = stage.exchange.ledger.balance(stage.account.purse(), "BTC")
    assert sum(flow.change.value for flow in flows) == held
    kinds = {flow.kind for flow in flows}
    assert kinds == {FlowKind.TRANSFER, FlowKind.TRADE, FlowKind.FUNDING}


async def test_hedge_mode_is_refused_even_when_flat(stage: Stage) -> None:
    stage.account.set_hedge_mode([PERP, "ETHUSD_PERP"], is_hedged=True)
    await stage.venue.close()
    with pytest.raises(VenueRefused, match="One-way"):
        await stage.venue.open()


async def test_a_sub_account_counts_what_its_spot_wallet_holds(stage: Stage) -> None:
    main = stage.account
    sub = stage.exchange.open_account("cold", "sub-key", "sub-secret", parent=main.name)
    stage.exchange.deposit(sub, "BTC", D(3), wallet=Wallet.SPOT)
    name = "sub:cold@example.com"
    held = await stage.venue.holdings(name, ["BTC", "ETH"])
    assert [(one.source, one.quantity.value) for one in held] == [
        (f"main:{name}", D(3)),
        (f"main:{name}", D(0)),
    ]
    with pytest.raises(VenueRefused, match=r"no sub-account warm; there are: cold@example\.com"):
        await stage.venue.holdings("sub:warm", ["BTC"])
    there, back, elsewhere = (
        {"source": Wallet.COIN_M, "target": Wallet.SPOT, "to": sub, "delay_ms": 3_600_000},
        {"source": Wallet.SPOT, "target": Wallet.COIN_M, "to": main, "delay_ms": 0},
        {"source": Wallet.SPOT, "target": Wallet.COIN_M, "to": sub, "delay_ms": 0},
    )
    for number, (sender, way) in enumerate(((main, there), (sub, back), (main, elsewhere))):
        stage.exchange.transfer(sender, "BTC", D("0.25"), transfer_id=f"{number}", **way)  # type: ignore[arg-type] # as they are named
    told = {move.transfer_id: move for move in await stage.venue.transfers(an_hour_ago())}
    ways = {number: (move.source, move.destination) for number, move in told.items()}
    assert ways == {
        "0": ("main", f"main:{name}"),
        "1": (f"main:{name}", "main"),
        "2": ("main:spot", f"main:{name}:coin_future"),
    }
    assert [told[number].arrived for number in ("0", "1", "2")] == [False, True, True]


async def test_a_sub_account_cannot_read_its_siblings(stage: Stage) -> None:
    stage.account.parent = "other"
    with pytest.raises((VenueRefused, VenueUnavailable)):
        await stage.venue.holdings("sub:cold@example.com", ["BTC"])
