"""Linear and dated contracts: profit in quote, collateral of many coins, delivery, sessions."""

from decimal import Decimal

import pytest

from hedged.sim.accounts import Account
from hedged.sim.book import Depth
from hedged.sim.catalogue import CATALOGUE, dated, quarter_ends
from hedged.sim.exchange import Exchange
from hedged.sim.instruments import Kind
from hedged.sim.market import Phase
from hedged.sim.orders import Ending, Execution, OrderRequest, Refusal, RefusedError, Side
from hedged.sim.positions import Position

D = Decimal
LINEAR = "BTCUSDT:linear"
INVERSE = next(instrument for instrument in CATALOGUE if instrument.symbol == "BTCUSD")
HOUR_MS = 3600 * 1000


@pytest.fixture
def deep() -> Exchange:
    """An exchange where any size trades at the mark, as good as."""
    return Exchange(now_ms=1_750_000_000_000, depth=Depth(level_usd=D(10**9), half_spread_bps=D(0)))


@pytest.fixture
def owner(deep: Exchange) -> Account:
    account = deep.open_account("owner", "key", "secret")
    deep.deposit(account, "BTC", D(1))
    return account


def test_a_symbol_may_name_a_pair_and_a_contract(exchange: Exchange) -> None:
    spot, linear = (exchange.market("BTCUSDT", kind) for kind in (Kind.SPOT, Kind.LINEAR))
    assert (spot.instrument.symbol, linear.instrument.symbol) == ("BTCUSDT", "BTCUSDT")
    assert exchange.market("BTCUSDT") is spot
    assert exchange.market(LINEAR) is linear
    with pytest.raises(RefusedError):
        exchange.market("BTCUSDT", Kind.INVERSE)


def test_linear_profit_is_in_quote(deep: Exchange, owner: Account) -> None:
    deep.deposit(owner, "USDT", D(10_000))
    deep.trade_by_hand(owner, LINEAR, Side.BUY, D("0.5"))
    deep.set_index("BTC", D(66_000))
    coin = deep.margin.coin(owner, "USDT")
    assert abs(coin.unrealised - D("0.5") * (66_000 - owner.fills[0].price)) <= D("1e-8")
    assert coin.equity == coin.balance + coin.unrealised
    deep.trade_by_hand(owner, LINEAR, Side.SELL, D("0.5"))
    bought, sold = owner.fills
    fees = (bought.value + sold.value) * D("0.00055")
    gained = deep.margin.coin(owner, "USDT").balance - 10_000
    assert abs(gained - (D("0.5") * (sold.price - bought.price) - fees)) <= D("2e-8")


def test_a_loss_in_a_coin_that_is_not_there_is_borrowed(deep: Exchange, owner: Account) -> None:
    """Only bitcoin in the wallet: it carries a linear position, and its loss is owed in USDT."""
    deep.trade_by_hand(owner, LINEAR, Side.SELL, D("0.5"))
    deep.set_index("BTC", D(70_000))
    deep.trade_by_hand(owner, LINEAR, Side.BUY, D("0.5"))
    owed = deep.margin.coin(owner, "USDT")
    assert owed.balance < -2_500
    assert owed.borrowed == -owed.balance
    figures = deep.margin.figures(owner)
    assert figures.equity == 70_000 + owed.balance
    # The coin counts with its haircut, the debt in full.
    assert figures.margin_balance == D("0.95") * 70_000 + owed.balance


def test_what_is_owed_bears_interest_by_the_hour(deep: Exchange, owner: Account) -> None:
    deep.trade_by_hand(owner, LINEAR, Side.SELL, D("0.5"))
    deep.trade_by_hand(owner, LINEAR, Side.BUY, D("0.5"))
    before = deep.margin.coin(owner, "USDT").balance
    deep.advance(deep.now_ms + 3 * HOUR_MS)
    lines = [line for line in owner.statement if line.kind == "INTEREST"]
    assert len(lines) == 3
    assert all(line.cash_flow < 0 for line in lines)
    assert deep.margin.coin(owner, "USDT").balance == before + sum(x.cash_flow for x in lines)


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("symbol", ["BTCUSD", LINEAR])
@pytest.mark.parametrize("others", [{}, {"USDT": D(20_000)}, {"ETH": D(5), "USDT": D(1)}])
def test_at_the_liquidation_price_the_account_is_liquidated(
    deep: Exchange, owner: Account, side: Side, symbol: str, others: dict[str, Decimal]
) -> None:
    for coin, amount in others.items():
        deep.deposit(owner, coin, amount)
    quantity = D(400_000) if symbol == "BTCUSD" else D(6)
    deep.trade_by_hand(owner, symbol, side, quantity)
    price = deep.margin.liquidation_price(owner, owner.positions[symbol, 0])
    assert price is not None
    margin = price / 10**6 if side is Side.BUY else -price / 10**6
    deep.set_index("BTC", price + margin)
    assert abs(owner.quantity(symbol)) == quantity
    deep.set_index("BTC", price - margin)
    assert owner.quantity(symbol) == 0


def test_haircuts_bring_a_liquidation_price_back_at_one_times(
    deep: Exchange, owner: Account
) -> None:
    """maths.md §7: with a haircut of 5 % on the wallet it is far away, but there."""
    deep.trade_by_hand(owner, "BTCUSD", Side.SELL, D(64_000))
    position = owner.positions["BTCUSD", 0]
    assert deep.margin.liquidation_price(owner, position) is None
    deep.trade_by_hand(owner, "BTCUSD", Side.SELL, D(30_000))
    price = deep.margin.liquidation_price(owner, position)
    assert price is not None
    assert price > 130_000


@pytest.mark.parametrize(
    ("value", "rate", "deduction"),
    [(150, "0.005", 0), (300, "0.01", "0.75"), (450, "0.015", "2.25"), (750, "0.025", "6.75")],
)
def test_maintenance_does_not_jump_between_tiers(value: int, rate: str, deduction: str) -> None:
    tier = INVERSE.tier(D(value))
    assert (tier.maintenance_rate, tier.deduction) == (D(rate), D(deduction))
    upper = INVERSE.tier(D(value) + D("0.00000001"))
    if upper is not tier:
        of_lower = value * tier.maintenance_rate - tier.deduction
        assert of_lower == value * upper.maintenance_rate - upper.deduction


def test_dated_contracts_are_named_after_their_quarter() -> None:
    ends = quarter_ends(1_750_000_000_000)  # 15 June 2025
    names = [dated("BTC", next(ends)).symbol for _ in range(4)]
    assert names == ["BTCUSDM25", "BTCUSDU25", "BTCUSDZ25", "BTCUSDH26"]
    delivery_ms = next(quarter_ends(1_790_000_000_000))
    assert (dated("BTC", delivery_ms).symbol, delivery_ms) == ("BTCUSDU26", 1_790_323_200_000)


def test_a_dated_contract_is_delivered_at_the_index(deep: Exchange, owner: Account) -> None:
    market = deep.market("BTCUSDM25")
    delivery_ms = market.instrument.delivery_ms
    assert market.mark > deep.prices["BTC"]  # the carry of what is left
    order = deep.trade_by_hand(owner, "BTCUSDM25", Side.SELL, D(60_000))
    sold_at = order.average_price
    waiting = deep.place_order(owner, OrderRequest("BTCUSDM25", Side.BUY, D(10), D(55_000)))
    before = deep.margin.coin(owner, "BTC").balance
    deep.advance(delivery_ms - 1)
    deep.set_index("BTC", D(60_000))
    assert owner.quantity("BTCUSDM25") == -60_000
    deep.advance(delivery_ms)

    assert (owner.quantity("BTCUSDM25"), waiting.ending) == (D(0), Ending.DELISTED)
    fill = owner.fills[-1]
    assert (fill.kind, fill.price, fill.fee) == (Execution.DELIVERY, D(60_000), D("0.0005"))
    gained = deep.margin.coin(owner, "BTC").balance - before
    assert abs(gained - (1 - 60_000 / sold_at - D("0.0005"))) <= D("2e-8")
    assert market.phase is Phase.CLOSED
    with pytest.raises(RefusedError) as refused:
        deep.trade_by_hand(owner, "BTCUSDM25", Side.SELL, D(10))
    assert refused.value.refusal is Refusal.NOT_TRADING
    assert deep.market("BTCUSDZ25").phase is Phase.TRADING  # the next one is listed


def test_a_perpetual_can_be_ended_too(deep: Exchange, owner: Account) -> None:
    deep.trade_by_hand(owner, LINEAR, Side.BUY, D("0.5"))
    deep.set_index("USDT", D("0.8"))
    deep.deliver(LINEAR)
    assert owner.quantity(LINEAR) == 0
    assert (owner.fills[-1].kind, owner.fills[-1].price) == (Execution.DELIVERY, D(81_250))
    stamps = len(deep.market(LINEAR).funding_stamps)
    deep.advance(deep.now_ms + 24 * HOUR_MS)
    assert len(deep.market(LINEAR).funding_stamps) == stamps


@pytest.mark.parametrize("symbol", ["BTCUSD", LINEAR])
def test_a_settled_session_changes_no_equity_and_no_average_entry(
    deep: Exchange, owner: Account, symbol: str
) -> None:
    quantity = D(65_000) if symbol == "BTCUSD" else D(1)
    deep.trade_by_hand(owner, symbol, Side.SELL, quantity)
    deep.set_index("BTC", D(61_000))
    position = owner.positions[symbol, 0]
    entry, before = position.entry_price, deep.margin.figures(owner)

    deep.settle_session(symbol)

    after = deep.margin.figures(owner)
    assert abs(after.equity - before.equity) < D("0.001")
    assert (after.unrealised, position.entry_price) == (D(0), entry)
    assert abs(position.session_price - 61_000) < D("1e-9")
    assert owner.fills[-1].kind is Execution.SETTLEMENT
    deep.set_index("BTC", D(60_000))
    deep.trade_by_hand(owner, symbol, Side.BUY, quantity / 2)
    assert abs(position.entry_price - entry) < D("1e-9")
    assert abs(position.session_price - 61_000) < D("1e-9")
    deep.trade_by_hand(owner, symbol, Side.BUY, quantity / 2)
    assert (position.quantity, position.settled) == (D(0), D(0))


def test_prices_in_a_quote_coin_follow_it(exchange: Exchange) -> None:
    exchange.set_index("USDT", D("0.8"))
    assert exchange.market(LINEAR).mark == 81_250
    assert exchange.market("BTCUSDT").mark == 81_250
    assert exchange.market("BTCUSD").mark == 65_000


def test_a_linear_position_turns_at_its_arithmetic_average() -> None:
    linear = next(instrument for instrument in CATALOGUE if instrument.key == LINEAR)
    position = Position(linear, 0, 0, 0)
    for price in (50_000, 60_000):
        position.trade(D("0.5"), D(price))
    assert position.entry_price == 55_000
    assert position.trade(D("-1.5"), D(58_000)) == 3_000
    assert [position.quantity, position.entry_price] == [D("-0.5"), 58_000]
