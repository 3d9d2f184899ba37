"""What changed the coins of an account, and what coins are worth."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from hedged.core.types import USD, Amount, Flow, FlowKind
from hedged.ports import VenueUnavailable
from hedged.sim.accounts import Wallet
from hedged.sim.orders import Side
from tests.contract.conftest import Stage

D = Decimal


def now(stage: Stage) -> datetime:
    return datetime.fromtimestamp(stage.exchange.now_ms / 1000, UTC)


async def flows_since(stage: Stage, since: datetime) -> list[Flow]:
    found = list(await stage.venue.flows(since))
    assert [flow.at for flow in found] == sorted(flow.at for flow in found)
    assert len({flow.flow_id for flow in found}) == len(found)
    return found


@pytest.mark.asyncio
async def test_every_kind_of_flow_is_told_apart_and_they_add_up(stage: Stage) -> None:
    exchange, account = stage.exchange, stage.account
    since = now(stage)
    before = exchange.ledger.balance(account.purse(), "BTC")
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(65_000))
    exchange.charge_funding("BTC", D("0.0001"))
    exchange.set_index("BTC", D(60_000))
    exchange.settle_session("BTCUSD")
    exchange.transfer(
        account, "BTC", D(1), source=Wallet.UNIFIED, target=Wallet.FUND, transfer_id="t1"
    )
    exchange.deposit(account, "BTC", D(2))
    found = [flow for flow in await flows_since(stage, since) if flow.change.unit == "BTC"]
    kinds = [flow.kind for flow in found]
    for kind in (FlowKind.TRADE, FlowKind.FUNDING, FlowKind.SETTLEMENT, FlowKind.TRANSFER):
        assert kind in kinds
    (funding,) = (flow for flow in found if flow.kind is FlowKind.FUNDING)
    assert abs(funding.funding - D("0.0001")) < D("1e-6")  # the rate is > 0: a short receives
    assert (funding.fee, funding.change) == (D(0), Amount(funding.funding, "BTC"))
    assert funding.market == "BTCUSD"
    (settled,) = (flow for flow in found if flow.kind is FlowKind.SETTLEMENT)
    assert settled.change.value > D("0.08")
    trades = [flow for flow in found if flow.kind is FlowKind.TRADE]
    assert all(flow.fee > 0 and flow.trade_id for flow in trades)
    last = found[-1]
    assert last.balance == exchange.ledger.balance(account.purse(), "BTC")
    start = found.index(trades[0])
    assert before + sum(flow.change.value for flow in found[start:]) == last.balance


@pytest.mark.asyncio
async def test_more_flows_than_a_page_holds_come_once_each(stage: Stage) -> None:
    since = now(stage)
    for number in range(1, 131):
        stage.exchange.deposit(stage.account, "USDT", D(number))
    found = [flow for flow in await flows_since(stage, since) if flow.change.unit == "USDT"]
    assert [flow.change.value for flow in found] == [D(number) for number in range(1, 131)]
    assert await stage.venue.flows(since + timedelta(hours=1)) == ()


@pytest.mark.asyncio
async def test_what_coins_are_worth(stage: Stage) -> None:
    stage.exchange.set_index("ETH", D(3000))
    btc, eth = await stage.venue.prices(["BTC", "ETH"])
    assert (btc.coin, btc.into, eth.coin) == ("BTC", USD, "ETH")
    assert abs(btc.value / 65_000 - 1) < D("0.0002")
    assert abs(eth.value / 3000 - 1) < D("0.0002")
    with pytest.raises(VenueUnavailable):
        await stage.venue.prices(["BTC", "NOSUCHCOIN"])
    book = stage.exchange.market("BTCUSDT").book
    book.depth = type(book.depth)(levels=0)
    with pytest.raises(VenueUnavailable, match="no two sides"):
        await stage.venue.prices(["BTC"])
