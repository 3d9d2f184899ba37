"""What orders do beside matching: self-trade prevention, cancel-all, the dead client's switch."""

from decimal import Decimal

import pytest

from hedged.sim.accounts import Account
from hedged.sim.exchange import Exchange
from hedged.sim.instruments import Kind
from hedged.sim.orders import (
    Ending,
    Order,
    OrderRequest,
    RefusedError,
    SelfTrade,
    Side,
    Status,
    TimeInForce,
)

D = Decimal
BUY, SELL = Side.BUY, Side.SELL


def place(
    exchange: Exchange,
    account: Account,
    side: Side,
    price: str,
    policy: SelfTrade = SelfTrade.NONE,
    time_in_force: TimeInForce = TimeInForce.GTC,
    quantity: int = 100,
) -> Order:
    request = OrderRequest(
        "BTCUSD",
        side,
        D(quantity),
        D(price),
        self_trade=policy,
        time_in_force=time_in_force,
    )
    return exchange.place_order(account, request)


def test_without_a_policy_an_account_trades_with_itself(
    exchange: Exchange, account: Account
) -> None:
    maker = place(exchange, account, BUY, "65000")
    taker = place(exchange, account, SELL, "65000")
    assert (maker.status, taker.status) == (Status.FILLED, Status.FILLED)
    assert account.quantity("BTCUSD") == 0


def test_the_maker_is_cancelled_and_the_taker_goes_on(
    exchange: Exchange, account: Account, other: Account
) -> None:
    own = place(exchange, account, BUY, "65000")
    theirs = place(exchange, other, BUY, "65000")
    taker = place(exchange, account, SELL, "65000", SelfTrade.CANCEL_MAKER)
    assert own.ending is Ending.SELF_TRADE
    assert (theirs.status, taker.status) == (Status.FILLED, Status.FILLED)


@pytest.mark.parametrize("policy", [SelfTrade.CANCEL_TAKER, SelfTrade.CANCEL_BOTH])
def test_the_taker_stops_at_its_own_order(
    exchange: Exchange, account: Account, other: Account, policy: SelfTrade
) -> None:
    theirs = place(exchange, other, BUY, "65000", quantity=40)
    own = place(exchange, account, BUY, "65000")
    taker = place(exchange, account, SELL, "64900", policy)
    assert theirs.status is Status.FILLED
    assert (taker.filled, taker.ending) == (D(40), Ending.SELF_TRADE)
    assert own.status.is_open is (policy is SelfTrade.CANCEL_TAKER)


def test_orders_that_are_not_reached_stay(exchange: Exchange, account: Account) -> None:
    deep = place(exchange, account, BUY, "64000")
    taker = place(exchange, account, SELL, "64900", SelfTrade.CANCEL_MAKER)
    assert taker.status is Status.FILLED
    assert deep.status.is_open


def test_all_or_nothing_does_not_count_the_own_order(exchange: Exchange, account: Account) -> None:
    own = place(exchange, account, BUY, "65000", quantity=500)
    taker = place(exchange, account, SELL, "65000", SelfTrade.CANCEL_TAKER, TimeInForce.FOK)
    assert (taker.ending, taker.filled, own.leaves) == (Ending.NOT_IN_FULL, D(0), D(500))


def test_cancel_all_is_by_kind_symbol_or_coin(exchange: Exchange, account: Account) -> None:
    def waiting() -> set[str]:
        return {order.instrument.key for order in exchange.open_orders(account)}

    wanted = {
        "BTCUSD": (D(100), D(64_000)),
        "ETHUSD": (D(100), D(3_400)),
        "BTCUSDT": (D("0.01"), D(64_000)),
        "BTCUSDT:linear": (D("0.01"), D(64_000)),
        "ETHUSDT:linear": (D("0.1"), D(3_400)),
    }
    for key, (quantity, price) in wanted.items():
        exchange.place_order(account, OrderRequest(key, BUY, quantity, price))
    assert waiting() == set(wanted)
    exchange.cancel_all(account, kind=Kind.INVERSE, symbol="ETHUSD")
    assert waiting() == set(wanted) - {"ETHUSD"}
    exchange.cancel_all(account, kind=Kind.LINEAR, base="ETH")
    exchange.cancel_all(account, kind=Kind.SPOT)
    assert waiting() == {"BTCUSD", "BTCUSDT:linear"}
    (gone,) = exchange.cancel_all(account, settle="USDT")
    assert (gone.instrument.key, gone.ending) == ("BTCUSDT:linear", Ending.BY_USER)
    assert waiting() == {"BTCUSD"}
    exchange.cancel_all(account)
    assert not waiting()


def test_orders_of_a_client_that_fell_silent_are_cancelled(
    exchange: Exchange, account: Account, other: Account
) -> None:
    account.protect_from_disconnect(window_s=10)
    ours, theirs = (place(exchange, owner, BUY, "64000") for owner in (account, other))
    exchange.advance(exchange.now_ms + 60_000)
    assert ours.status.is_open  # no connection has ever lived

    exchange.heartbeat(account)
    exchange.advance(exchange.now_ms + 9_999)
    exchange.heartbeat(account)
    exchange.advance(exchange.now_ms + 9_999)
    assert ours.status.is_open
    exchange.advance(exchange.now_ms + 1)
    assert (ours.ending, theirs.status.is_open) == (Ending.DISCONNECTED, True)

    again = place(exchange, account, BUY, "64000")
    exchange.advance(exchange.now_ms + 60_000)
    assert again.status.is_open  # it acts once after each sign of life


def test_an_unprotected_client_may_fall_silent(exchange: Exchange, account: Account) -> None:
    order = place(exchange, account, BUY, "64000")
    exchange.heartbeat(account)
    exchange.advance(exchange.now_ms + 3_600_000)
    assert order.status.is_open


def test_a_cancelled_order_may_fill_late(exchange: Exchange, account: Account) -> None:
    order = place(exchange, account, BUY, "64000")
    exchange.cancel_order(account, order)
    exchange.fill_late(account, order)
    assert (order.status, account.quantity("BTCUSD")) == (Status.FILLED, D(100))
    assert account.fills[-1].price == 64_000
    exchange.fill_late(account, order)
    assert account.quantity("BTCUSD") == 100


def test_a_refused_amendment_leaves_the_margin_as_it_was(
    exchange: Exchange, account: Account
) -> None:
    order = place(exchange, account, BUY, "64000", quantity=65_000)
    before = exchange.margin.figures(account)
    with pytest.raises(RefusedError):
        exchange.amend_order(account, order, quantity=D(24_000_000))
    assert exchange.margin.figures(account) == before
    exchange.amend_order(account, order, quantity=D(130_000))
    assert exchange.margin.coin(account, "BTC").order_initial == D("0.2")
    exchange.cancel_order(account, order)
    assert exchange.margin.coin(account, "BTC").order_initial == 0
