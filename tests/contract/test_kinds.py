"""What may stand in a unified account beside the hedge: every face tells of it alike."""

from decimal import Decimal

import pytest

from hedged.core.types import USD, Amount, Kind, Position
from hedged.sim.orders import Side
from tests.contract.conftest import Stage

D = Decimal
LINEAR = "BTCUSDT:linear"


async def only_position(stage: Stage) -> Position:
    (position,) = (await stage.venue.account(["BTC"])).positions
    return position


@pytest.mark.asyncio
async def test_a_linear_position_is_in_coins_and_its_profit_in_quote(stage: Stage) -> None:
    stage.exchange.deposit(stage.account, "USDT", D(10_000))
    stage.exchange.trade_by_hand(stage.account, LINEAR, Side.SELL, D("0.25"))
    stage.exchange.set_index("BTC", D(64_000))
    held = await only_position(stage)
    assert (held.instrument.kind, held.instrument.base) == (Kind.LINEAR, "BTC")
    assert held.instrument.settle == "USDT"
    assert held.quantity == Amount(D("-0.25"), "BTC")
    assert held.unrealised_pnl is not None
    assert abs(held.unrealised_pnl - D("-0.25") * (64_000 - held.entry)) < D("1e-6")


@pytest.mark.asyncio
async def test_a_dated_position_is_in_usd(stage: Stage) -> None:
    dated = next(
        market.instrument
        for market in stage.exchange.markets.values()
        if market.instrument.delivery_ms
    )
    stage.exchange.trade_by_hand(stage.account, dated.key, Side.BUY, D(700))
    held = await only_position(stage)
    assert (held.instrument.kind, held.quantity) == (Kind.INVERSE, Amount(D(700), USD))
    assert held.instrument.symbol.startswith("BTC/USD:BTC-")
    assert stage.venue.instrument(held.instrument.symbol) == held.instrument
    assert held.mark == stage.exchange.market(dated.key).mark


@pytest.mark.asyncio
async def test_a_coin_that_is_owed_is_a_negative_wallet(stage: Stage) -> None:
    stage.exchange.trade_by_hand(stage.account, LINEAR, Side.SELL, D("0.5"))
    stage.exchange.set_index("BTC", D(68_000))
    stage.exchange.trade_by_hand(stage.account, LINEAR, Side.BUY, D("0.5"))
    owed = stage.exchange.ledger.balance(stage.account.purse(), "USDT")
    assert owed < -1_500
    balances = (await stage.venue.account(["BTC"])).balances
    (dollars,) = [balance for balance in balances if balance.wallet.unit == "USDT"]
    assert dollars.wallet == dollars.equity == Amount(owed, "USDT")


@pytest.mark.asyncio
async def test_the_liquidation_price_is_told_where_there_is_one(stage: Stage) -> None:
    deep = stage.exchange.market("BTCUSD").book
    deep.depth = type(deep.depth)(level_usd=D(10_000_000))
    stage.exchange.trade_by_hand(stage.account, "BTCUSD", Side.SELL, D(300_000))
    assert (await only_position(stage)).liquidation_price is None
    stage.exchange.withdraw(stage.account, "ETH", D(50))
    stage.exchange.trade_by_hand(stage.account, "BTCUSD", Side.SELL, D(900_000))
    held = await only_position(stage)
    assert held.liquidation_price is not None
    expected = stage.exchange.margin.liquidation_price(
        stage.account, stage.account.positions["BTCUSD", 0]
    )
    assert expected is not None
    assert abs(held.liquidation_price - expected) < D("0.01")


@pytest.mark.asyncio
async def test_a_settled_session_leaves_equity_and_entry_as_they_were(stage: Stage) -> None:
    """Fault 45."""
    stage.exchange.trade_by_hand(stage.account, "BTCUSD", Side.SELL, D(65_000))
    stage.exchange.set_index("BTC", D(60_000))
    before = await stage.venue.account(["BTC"])
    stage.exchange.settle_session("BTCUSD")
    after = await stage.venue.account(["BTC"])
    assert after.positions[0].entry == before.positions[0].entry
    assert after.positions[0].unrealised_pnl == 0
    assert abs(after.positions[0].origin - 60_000) < 1
    assert before.positions[0].origin == before.positions[0].entry
    wallets = [account.balances[0].wallet.value for account in (before, after)]
    assert wallets[1] - wallets[0] > D("0.08")
    equities = [account.balances[0].equity for account in (before, after)]
    assert equities[0] is not None
    assert equities[1] is not None
    assert abs(equities[1].value - equities[0].value) <= D("2e-8")
