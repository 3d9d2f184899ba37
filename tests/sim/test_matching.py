"""Matching: price-time priority, times in force, reduce-only, depth, price moves."""

from decimal import Decimal

import pytest

from hedged.sim.accounts import Account
from hedged.sim.book import Depth
from hedged.sim.decimals import plain
from hedged.sim.exchange import Exchange
from hedged.sim.orders import (
    Ending,
    Order,
    OrderRequest,
    OrderType,
    Refusal,
    RefusedError,
    Side,
    Status,
    TimeInForce,
)

BUY, SELL = Side.BUY, Side.SELL


def limit(
    side: Side,
    quantity: int,
    price: str,
    time_in_force: TimeInForce = TimeInForce.GTC,
    *,
    reduce_only: bool = False,
) -> OrderRequest:
    return OrderRequest(
        "BTCUSD",
        side,
        Decimal(quantity),
        Decimal(price),
        time_in_force=time_in_force,
        reduce_only=reduce_only,
    )


def fills_of(account: Account, order: Order) -> list[tuple[str, str, bool]]:
    return [
        (plain(fill.price), plain(fill.quantity), fill.is_maker)
        for fill in account.fills
        if fill.order_id == order.order_id
    ]


def test_better_prices_trade_first_then_older_orders(
    exchange: Exchange, account: Account, other: Account
) -> None:
    late = exchange.open_account("late", "key-late", "secret")
    exchange.deposit(late, "BTC", Decimal(1))
    worse = exchange.place_order(other, limit(BUY, 100, "64999"))
    older = exchange.place_order(other, limit(BUY, 100, "65000"))
    newer = exchange.place_order(late, limit(BUY, 100, "65000"))

    taker = exchange.place_order(account, limit(SELL, 250, "64990", TimeInForce.IOC))

    assert [order.filled for order in (older, newer, worse)] == [100, 100, 50]
    assert [order.status for order in (older, newer, worse)] == [
        Status.FILLED,
        Status.FILLED,
        Status.PARTIALLY_FILLED,
    ]
    assert fills_of(account, taker) == [
        ("65000", "100", False),
        ("65000", "100", False),
        ("64999", "50", False),
    ]


@pytest.mark.parametrize("side", Side)
def test_the_ladder_goes_before_our_order_at_its_price(
    exchange: Exchange, account: Account, other: Account, side: Side
) -> None:
    best = exchange.market("BTCUSD").book.best(side)
    assert best is not None
    price, depth = best
    ours = exchange.place_order(other, limit(side, 100, str(price)))
    exchange.place_order(account, limit(side.opposite, int(depth), str(price), TimeInForce.IOC))
    assert ours.filled == 0
    exchange.place_order(account, limit(side.opposite, 100, str(price), TimeInForce.IOC))
    assert ours.status is Status.FILLED


def test_an_immediate_order_fills_as_deep_as_its_limit_reaches(
    exchange: Exchange, account: Account
) -> None:
    order = exchange.place_order(account, limit(SELL, 200_000, "64993.50", TimeInForce.IOC))
    assert fills_of(account, order) == [("64996.7", "50000", False), ("64993.5", "50000", False)]
    assert (order.status, order.ending) == (Status.CANCELLED, Ending.NO_LIQUIDITY)
    assert order.leaves == 0
    harmonic = 2 / (1 / Decimal("64996.7") + 1 / Decimal("64993.5"))
    assert abs(order.average_price - harmonic) < Decimal("0.001")


def test_what_was_taken_is_missing_until_the_refill(exchange: Exchange, account: Account) -> None:
    book = exchange.market("BTCUSD").book
    exchange.place_order(account, limit(SELL, 60_000, "64990", TimeInForce.IOC))
    assert book.best(BUY) == (Decimal("64993.5"), Decimal(40_000))
    exchange.advance(exchange.now_ms + 1_999)
    assert book.best(BUY) == (Decimal("64993.5"), Decimal(40_000))
    exchange.advance(exchange.now_ms + 1)
    assert book.best(BUY) == (Decimal("64996.7"), Decimal(50_000))


def test_fill_or_kill_is_all_or_nothing(exchange: Exchange, account: Account) -> None:
    killed = exchange.place_order(account, limit(SELL, 100_001, "64993.50", TimeInForce.FOK))
    assert killed.ending is Ending.NOT_IN_FULL
    assert killed.filled == 0
    filled = exchange.place_order(account, limit(SELL, 100_000, "64993.50", TimeInForce.FOK))
    assert filled.status is Status.FILLED


def test_post_only_never_takes(exchange: Exchange, account: Account) -> None:
    crossing = exchange.place_order(account, limit(SELL, 10, "64996.70", TimeInForce.POST_ONLY))
    assert (crossing.status, crossing.ending) == (Status.CANCELLED, Ending.WOULD_TAKE)
    waiting = exchange.place_order(account, limit(SELL, 10, "64996.80", TimeInForce.POST_ONLY))
    assert waiting.status is Status.NEW
    assert not account.fills


def test_the_market_trades_with_an_order_that_it_moves_through(
    exchange: Exchange, account: Account
) -> None:
    order = exchange.place_order(account, limit(BUY, 10_000, "64500", TimeInForce.POST_ONLY))
    exchange.set_index("BTC", Decimal(64_501))
    assert order.filled == 0
    exchange.set_index("BTC", Decimal(64_400))
    assert fills_of(account, order) == [("64500", "10000", True)]


def test_a_resting_order_fills_only_as_deep_as_the_market_moved(account: Account) -> None:
    shallow = Exchange(now_ms=0, depth=Depth(level_usd=Decimal(1_000)))
    owner = shallow.open_account("owner", "key", "secret")
    shallow.deposit(owner, "BTC", Decimal(5))
    order = shallow.place_order(owner, limit(BUY, 50_000, "64990"))
    before = order.filled
    shallow.set_index("BTC", Decimal(64_985))
    assert before < order.filled < 50_000
    ask = shallow.market("BTCUSD").book.best(SELL)
    assert ask is not None
    assert ask[0] > Decimal(64_990)
    assert not account.fills


def test_a_market_order_in_an_empty_book_ends_without_a_fill(
    exchange: Exchange, account: Account
) -> None:
    exchange.market("BTCUSD").book.depth = Depth(levels=0)
    order = exchange.trade_by_hand(account, "BTCUSD", SELL, Decimal(10))
    assert order.ending is Ending.NO_LIQUIDITY
    assert order.filled == 0
    assert exchange.market("BTCUSD").book.best(BUY) is None


def test_a_market_order_stops_at_the_price_limit(exchange: Exchange, account: Account) -> None:
    exchange.market("BTCUSD").book.depth = Depth(step_bps=Decimal(200), level_usd=Decimal(1_000))
    order = exchange.trade_by_hand(account, "BTCUSD", SELL, Decimal(10_000))
    assert order.filled == 3_000
    assert min(fill.price for fill in account.fills) >= Decimal(61750)


def test_reduce_only_closes_and_never_turns(exchange: Exchange, account: Account) -> None:
    with pytest.raises(RefusedError) as flat:
        exchange.place_order(account, limit(BUY, 10, "65100", reduce_only=True))
    assert flat.value.refusal is Refusal.REDUCE_ONLY
    exchange.trade_by_hand(account, "BTCUSD", SELL, Decimal(1_000))
    with pytest.raises(RefusedError):
        exchange.place_order(account, limit(SELL, 10, "64900", reduce_only=True))
    order = exchange.place_order(
        account, limit(BUY, 5_000, "65100", TimeInForce.IOC, reduce_only=True)
    )
    assert order.status is Status.FILLED
    assert order.quantity == 1_000
    assert account.quantity("BTCUSD") == 0


def test_waiting_reduce_only_orders_shrink_with_the_position(
    exchange: Exchange, account: Account
) -> None:
    exchange.trade_by_hand(account, "BTCUSD", SELL, Decimal(1_000))
    first = exchange.place_order(account, limit(BUY, 600, "64000", reduce_only=True))
    second = exchange.place_order(account, limit(BUY, 400, "64000", reduce_only=True))
    exchange.trade_by_hand(account, "BTCUSD", BUY, Decimal(700))
    assert (second.status, second.ending) == (Status.CANCELLED, Ending.REDUCE_ONLY)
    assert first.leaves == 300
    exchange.trade_by_hand(account, "BTCUSD", BUY, Decimal(300))
    assert (first.status, account.open_orders) == (Status.CANCELLED, {})


def test_reduce_only_orders_cannot_close_more_than_the_position_together(
    exchange: Exchange, account: Account
) -> None:
    exchange.trade_by_hand(account, "BTCUSD", SELL, Decimal(1_000))
    exchange.place_order(account, limit(BUY, 700, "64000", reduce_only=True))
    second = exchange.place_order(account, limit(BUY, 700, "64100", reduce_only=True))
    assert second.quantity == 300
    with pytest.raises(RefusedError) as covered:
        exchange.place_order(account, limit(BUY, 1, "64200", reduce_only=True))
    assert covered.value.refusal is Refusal.REDUCE_ONLY
    with pytest.raises(RefusedError):
        exchange.amend_order(account, second, quantity=Decimal(301))


def test_an_amended_order_loses_its_place_unless_it_only_shrinks(
    exchange: Exchange, account: Account, other: Account
) -> None:
    first = exchange.place_order(account, limit(BUY, 100, "65000"))
    second = exchange.place_order(other, limit(BUY, 100, "65000"))
    book = exchange.market("BTCUSD").book
    exchange.amend_order(account, first, quantity=Decimal(90))
    assert book.resting[BUY] == [first, second]
    exchange.amend_order(account, first, quantity=Decimal(100))
    assert book.resting[BUY] == [second, first]
    exchange.amend_order(account, first, price=Decimal(65001))
    assert book.resting[BUY] == [first, second]


def test_an_amendment_may_cross_and_a_refused_one_changes_nothing(
    exchange: Exchange, account: Account
) -> None:
    order = exchange.place_order(account, limit(BUY, 100, "64000"))
    for change in ({"price": Decimal("64000.05")}, {"quantity": Decimal("0.5")}, {}):
        with pytest.raises(RefusedError):
            exchange.amend_order(account, order, **change)
    assert [order.quantity, order.price] == [100, 64_000]
    exchange.amend_order(account, order, price=Decimal(65_100))
    assert order.status is Status.FILLED
    with pytest.raises(RefusedError):
        exchange.amend_order(account, order, price=Decimal(64_000))


def test_fees_are_paid_in_the_received_coin_and_makers_pay_less(
    exchange: Exchange, account: Account, other: Account
) -> None:
    exchange.place_order(other, limit(BUY, 65_000, "65000"))
    exchange.place_order(account, limit(SELL, 65_000, "65000"))
    assert [fill.fee for fill in account.fills] == [Decimal("0.00055")]
    assert [fill.fee for fill in other.fills] == [Decimal("0.0002")]
    exchange.trade_by_hand(account, "BTCUSDT", BUY, Decimal("0.1"))
    exchange.trade_by_hand(account, "BTCUSDT", SELL, Decimal("0.1"))
    bought, sold = account.fills[1:]
    assert (bought.fee, bought.fee_coin) == (Decimal("0.0001"), "BTC")
    assert (sold.fee, sold.fee_coin) == (sold.value / 1000, "USDT")


def test_the_same_seed_and_calls_give_the_same_events() -> None:
    def events() -> list[object]:
        exchange = Exchange(now_ms=5, seed=11)
        owner = exchange.open_account("owner", "key", "secret")
        exchange.deposit(owner, "BTC", Decimal(2))
        exchange.trade_by_hand(owner, "BTCUSD", SELL, Decimal(120_000))
        exchange.advance(exchange.now_ms + 9 * 3600 * 1000)
        exchange.set_index("BTC", Decimal(70_000))
        return [*exchange.truth.events, *owner.fills]

    assert repr(events()) == repr(events())


def test_spot_market_orders_can_be_sized_in_quote_coins(
    exchange: Exchange, account: Account
) -> None:
    request = OrderRequest(
        "BTCUSDT", BUY, Decimal(1_300), order_type=OrderType.MARKET, in_quote=True
    )
    order = exchange.place_order(account, request)
    assert order.status is Status.FILLED
    assert Decimal(1_299) < order.filled_value <= Decimal(1_300)


@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity"])
def test_impossible_prices_are_wrong_use(exchange: Exchange, price: str) -> None:
    with pytest.raises(ValueError, match="price must be a positive number"):
        exchange.set_index("BTC", Decimal(price))
