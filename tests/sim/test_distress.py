"""Liquidation in steps, the insurance fund, auto-deleveraging."""

from decimal import Decimal

import pytest

from hedged.sim.accounts import Account
from hedged.sim.book import Depth
from hedged.sim.exchange import Exchange
from hedged.sim.ledger import INSURANCE, OUTSIDE, Reason
from hedged.sim.orders import (
    Ending,
    Execution,
    OrderRequest,
    Origin,
    Refusal,
    RefusedError,
    Side,
)

D = Decimal


@pytest.fixture
def deep() -> Exchange:
    """An exchange where any size trades at the mark, as good as."""
    return Exchange(now_ms=0, seed=7, depth=Depth(level_usd=D(10**9), half_spread_bps=D(0)))


def opened(exchange: Exchange, name: str, coins: str, leverage: int = 20) -> Account:
    account = exchange.open_account(name, f"key-{name}", "secret")
    exchange.deposit(account, "BTC", D(coins))
    exchange.set_leverage(account, "BTCUSD", D(leverage))
    return account


def forced(account: Account, kind: Execution) -> list[tuple[Decimal, Origin]]:
    """Quantities of an execution kind, and who made their orders."""
    return [
        (fill.quantity, account.orders[fill.order_id].origin)
        for fill in account.fills
        if fill.kind is kind
    ]


def test_a_small_position_is_closed_at_once(deep: Exchange) -> None:
    account = opened(deep, "one", "1")
    deep.trade_by_hand(account, "BTCUSD", Side.SELL, D(650_000))
    waiting = OrderRequest("BTCUSD", Side.BUY, D(100), D(64_000))
    order = deep.place_order(account, waiting)
    before = deep.ledger.balance(INSURANCE, "BTC")

    deep.set_index("BTC", D(69_000))
    assert account.quantity("BTCUSD") == -650_000
    deep.set_index("BTC", D(71_900))

    assert (order.ending, account.quantity("BTCUSD")) == (Ending.LIQUIDATION, D(0))
    assert forced(account, Execution.LIQUIDATION) == [(D(650_000), Origin.TAKEOVER)]
    (fill,) = [fill for fill in account.fills if fill.kind is Execution.LIQUIDATION]
    assert fill.fee == (fill.value * D("0.002")).quantize(D("1E-8"))
    assert deep.ledger.balance(INSURANCE, "BTC") - before == fill.fee
    assert deep.margin.figures(account).equity > 0


def test_a_large_position_is_brought_down_tier_by_tier(deep: Exchange) -> None:
    account = opened(deep, "one", "25")
    # 400 BTC of value: the third tier, whose limits are 150, 300, 450 and 750.
    for _ in range(4):
        deep.trade_by_hand(account, "BTCUSD", Side.BUY, D(5_000_000))
    deep.trade_by_hand(account, "BTCUSD", Side.BUY, D(5_000_000))
    deep.trade_by_hand(account, "BTCUSD", Side.BUY, D(1_000_000))
    price = deep.margin.liquidation_price(account, account.positions["BTCUSD", 0])
    assert price is not None

    deep.set_index("BTC", price + D("0.01"))
    assert not forced(account, Execution.LIQUIDATION)
    deep.set_index("BTC", price - D("0.01"))

    cuts = forced(account, Execution.LIQUIDATION)
    assert [origin for _, origin in cuts] == [Origin.LIQUIDATION]
    left = account.positions["BTCUSD", 0]
    value = left.instrument.value(left.quantity, deep.market("BTCUSD").mark)
    assert 299 < value <= 300
    figures = deep.margin.figures(account)
    assert figures.margin_balance > figures.maintenance_margin


def test_after_any_move_no_account_is_below_its_maintenance(deep: Exchange) -> None:
    account = opened(deep, "one", "25")
    for _ in range(5):
        deep.trade_by_hand(account, "BTCUSD", Side.BUY, D(5_000_000))
    for index in range(64_900, 55_000, -50):
        deep.set_index("BTC", D(index))
        figures = deep.margin.figures(account)
        assert figures.margin_balance > figures.maintenance_margin or not account.quantity("BTCUSD")
    origins = {origin for _, origin in forced(account, Execution.LIQUIDATION)}
    assert origins == {Origin.LIQUIDATION, Origin.TAKEOVER}


def test_the_fund_pays_what_a_bankrupt_account_owes(deep: Exchange) -> None:
    account = opened(deep, "one", "1")
    deep.trade_by_hand(account, "BTCUSD", Side.SELL, D(900_000))
    before = deep.ledger.balance(INSURANCE, "BTC")
    deep.set_index("BTC", D(90_000))
    figures = deep.margin.figures(account)
    assert (figures.equity, account.quantity("BTCUSD")) == (D(0), D(0))
    assert deep.ledger.balance(INSURANCE, "BTC") < before
    assert account.statement[-1].balance == 0
    assert all(total == 0 for _, total in deep.ledger.totals())


def test_an_owner_with_other_coins_is_closed_but_not_bankrupt(deep: Exchange) -> None:
    """A loss beyond the coins in the wallet is owed, and other coins stand for it."""
    account = opened(deep, "one", "1")
    deep.deposit(account, "USDT", D(40_000))
    deep.trade_by_hand(account, "BTCUSD", Side.SELL, D(900_000))
    deep.set_index("BTC", D(71_500))
    assert account.quantity("BTCUSD") == -900_000
    coin = deep.margin.coin(account, "BTC")
    assert coin.equity < 0 < coin.balance
    deep.trade_by_hand(account, "BTCUSD", Side.BUY, D(900_000))
    owed = deep.margin.coin(account, "BTC")
    assert owed.balance < 0
    assert owed.borrowed == -owed.balance
    assert deep.margin.figures(account).equity > 0


def test_without_a_fund_the_gains_on_the_other_side_pay(deep: Exchange) -> None:
    fund = deep.ledger.balance(INSURANCE, "BTC")
    deep.ledger.move(0, Reason.WITHDRAWAL, "BTC", fund, INSURANCE, OUTSIDE)
    loser, winner = opened(deep, "loser", "1"), opened(deep, "winner", "1")
    modest = opened(deep, "modest", "10")
    deep.trade_by_hand(modest, "BTCUSD", Side.BUY, D(100_000))
    deep.set_index("BTC", D(60_000))
    deep.trade_by_hand(winner, "BTCUSD", Side.BUY, D(500_000))
    deep.trade_by_hand(loser, "BTCUSD", Side.SELL, D(550_000))

    deep.set_index("BTC", D(90_000))

    # The winner gained 50 %, the modest one less: it comes last, with what is left.
    assert forced(winner, Execution.DELEVERAGING) == [(D(500_000), Origin.DELEVERAGING)]
    assert forced(modest, Execution.DELEVERAGING) == [(D(50_000), Origin.DELEVERAGING)]
    assert winner.quantity("BTCUSD") == 0
    assert deep.margin.figures(loser).equity == 0
    price = next(fill.price for fill in winner.fills if fill.kind is Execution.DELEVERAGING)
    assert 60_000 < price < 90_000
    assert abs(deep.ledger.balance(INSURANCE, "BTC")) < D("0.0000001")
    assert all(total == 0 for _, total in deep.ledger.totals())


@pytest.mark.parametrize("side", Side)
def test_deleveraging_can_be_triggered(exchange: Exchange, account: Account, side: Side) -> None:
    exchange.trade_by_hand(account, "BTCUSD", side, D(10_000))
    reducing = OrderRequest("BTCUSD", side.opposite, D(10), D(65_000), reduce_only=True)
    order = exchange.place_order(account, reducing)
    order_was_open = order.status.is_open
    exchange.deleverage(account, "BTCUSD", D(4_000))
    assert abs(account.quantity("BTCUSD")) == (6_000 if order_was_open else 5_990)
    fill = account.fills[-1]
    assert (fill.kind, fill.fee, fill.price) == (Execution.DELEVERAGING, D(0), D(65_000))
    assert account.orders[fill.order_id].origin is Origin.DELEVERAGING
    if order_was_open:
        assert order.ending is Ending.DELEVERAGING
    with pytest.raises(RefusedError) as refused:
        exchange.deleverage(account, "BTCUSD", D(7_000))
    assert refused.value.refusal is Refusal.REDUCE_ONLY


def test_funding_alone_can_use_the_margin_up(deep: Exchange) -> None:
    account = opened(deep, "one", "1")
    deep.trade_by_hand(account, "BTCUSD", Side.BUY, D(650_000))
    price = deep.margin.liquidation_price(account, account.positions["BTCUSD", 0])
    assert price is not None
    deep.set_index("BTC", price + 10)
    deep.set_funding_rate("BTC", D("0.001"))
    deep.advance(deep.market("BTCUSD").next_funding_ms - 1)
    assert account.quantity("BTCUSD") != 0
    deep.advance(deep.market("BTCUSD").next_funding_ms)
    assert account.quantity("BTCUSD") == 0


def test_a_liquidation_can_be_triggered(exchange: Exchange, account: Account) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(10_000))
    exchange.trade_by_hand(account, "BTCUSDT:linear", Side.BUY, D("0.1"))
    exchange.liquidate(account)
    assert {account.quantity("BTCUSD"), account.quantity("BTCUSDT:linear")} == {D(0)}
    assert len(forced(account, Execution.LIQUIDATION)) == 2
    assert "liquidation" in {event.kind for event in exchange.truth.events}
