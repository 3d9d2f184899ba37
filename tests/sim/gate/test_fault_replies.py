"""Faults without sockets: what becomes of orders, and what replies say."""

from decimal import Decimal

import pytest

from hedged.sim.accounts import Account
from hedged.sim.exchange import Exchange
from hedged.sim.faults import Fault, FaultPlan, Kind
from hedged.sim.orders import Side, Status
from tests.sim.gate.client import (
    BALANCE,
    BOOK,
    CANCEL,
    CREATE,
    EXECUTIONS,
    INVERSE,
    POSITIONS,
    REALTIME,
    RESTING,
    SELL,
    TICKERS,
    TIME,
    Client,
    told,
)

D = Decimal


def test_a_cancelled_order_fills_after_all(
    client: Client, exchange: Exchange, account: Account, plan: FaultPlan
) -> None:
    order_id = told(client.post(CREATE, **RESTING))["result"]["orderId"]
    plan.add(Fault(Kind.LATE_FILL, seconds=D(3)))
    assert told(client.post(CANCEL, **INVERSE, orderId=order_id))["retCode"] == 0
    order = account.orders[order_id]
    statuses: list[Status] = [order.status]
    for _ in range(2):
        exchange.advance(exchange.now_ms + 1_500)
        client.get(TIME)
        statuses.append(order.status)
    assert statuses == [Status.CANCELLED, Status.CANCELLED, Status.FILLED]
    assert str(account.quantity("BTCUSD")) == "-1000"
    assert len(account.fills) == 1
    assert all(total == 0 for _, total in exchange.ledger.totals())


def test_a_refused_cancel_fills_nothing(client: Client, account: Account, plan: FaultPlan) -> None:
    plan.add(Fault(Kind.LATE_FILL))
    assert told(client.post(CANCEL, **INVERSE, orderId="nothing"))["retCode"] == 110001
    client.get(TIME)
    assert not account.fills


def test_an_order_meets_a_thin_book_and_the_next_one_the_usual(
    client: Client, account: Account, plan: FaultPlan
) -> None:
    plan.add(Fault(Kind.THIN_BOOK, value="300"))
    for link_id in ("thin", "usual"):
        client.post(CREATE, **SELL, orderLinkId=link_id)
    filled = {name: str(order.filled) for name, order in account.orders_by_link.items()}
    assert filled == {"thin": "300", "usual": "1000"}
    assert account.orders_by_link["thin"].status is Status.CANCELLED


def test_balances_and_positions_are_empty_or_zero(
    client: Client, exchange: Exchange, account: Account, plan: FaultPlan
) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(1000))
    plan.add(Fault(Kind.EMPTY, times=2))
    assert client.rows(POSITIONS, category="inverse") == []
    assert client.rows(BALANCE, accountType="UNIFIED") == []
    plan.add(Fault(Kind.ZERO, times=2))
    (position,) = client.rows(POSITIONS, category="inverse")
    assert (position["size"], position["side"], position["leverage"]) == ("0", "", "10")
    (wallet,) = client.rows(BALANCE, accountType="UNIFIED")
    assert {coin["equity"] for coin in wallet["coin"]} == {"0"}
    assert wallet["totalEquity"] == "0"
    (position,) = client.rows(POSITIONS, category="inverse")
    assert (position["size"], position["side"]) == ("1000", "Sell")
    assert [entry.reached for entry in plan.log] == [True] * 4


def test_a_coin_is_missing(client: Client, plan: FaultPlan) -> None:
    plan.add(Fault(Kind.MISSING_COIN, coin="BTC"))
    (wallet,) = client.rows(BALANCE, accountType="UNIFIED")
    assert [coin["coin"] for coin in wallet["coin"]] == ["ETH", "USDT"]
    (wallet,) = client.rows(BALANCE, accountType="UNIFIED")
    assert len(wallet["coin"]) == 3


def test_a_torn_epoch_a_stale_balance_beside_a_fresh_position(
    client: Client, exchange: Exchange, account: Account, plan: FaultPlan
) -> None:
    def btc() -> str:
        (wallet,) = client.rows(BALANCE, accountType="UNIFIED")
        return str(wallet["coin"][0]["walletBalance"])

    assert btc() == "5"
    number = plan.add(Fault(Kind.STALE, path=BALANCE))
    exchange.deposit(account, "BTC", D(2))
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(1000))
    assert btc() == btc() == "5"
    assert client.rows(POSITIONS, category="inverse")[0]["size"] == "1000"
    plan.lift(number)
    assert D(btc()) > D("6.99")


def test_an_answer_of_some_time_ago(client: Client, exchange: Exchange, plan: FaultPlan) -> None:
    def mark() -> str:
        return str(told(client.get(TICKERS, **INVERSE))["result"]["list"][0]["markPrice"])

    for price in (65_000, 66_000, 67_000):
        exchange.set_index("BTC", D(price))
        mark()
        exchange.advance(exchange.now_ms + 10_000)
    shown = []
    for seconds in (0, 15, 3600):
        number = plan.add(Fault(Kind.STALE, path=TICKERS, seconds=D(seconds)))
        shown.append(mark())
        plan.lift(number)
    assert shown == ["67000.00", "66000.00", "65000.00"]


def test_a_question_that_is_new_gets_its_first_answer_again(
    client: Client, exchange: Exchange, plan: FaultPlan
) -> None:
    plan.add(Fault(Kind.STALE, path=TICKERS))
    marks = []
    for price in (65_000, 66_000, 67_000):
        exchange.set_index("BTC", D(price))
        answer = told(client.get(TICKERS, **INVERSE))
        marks.append(answer["result"]["list"][0]["markPrice"])
    assert marks == ["65000.00"] * 3
    exchange.advance(exchange.now_ms + 5_000)
    assert told(client.get(TICKERS, **INVERSE))["time"] == exchange.now_ms


@pytest.mark.parametrize(
    ("value", "mark", "best"),
    [("0", "0", "0"), ("NaN", "NaN", "NaN"), ("x10", "650000", "649967"), ("x0.5", "32500", "")],
)
def test_prices_that_cannot_be(
    client: Client, plan: FaultPlan, value: str, mark: str, best: str
) -> None:
    plan.add(Fault(Kind.PRICE, value=value))
    (ticker,) = client.rows(TICKERS, **INVERSE)
    assert (ticker["markPrice"], ticker["indexPrice"]) == (mark, mark)
    if best:
        assert told(client.get(BOOK, **INVERSE))["result"]["b"][0][0] == best


def test_a_crossed_book(client: Client, plan: FaultPlan) -> None:
    plan.add(Fault(Kind.CROSSED))
    (ticker,) = client.rows(TICKERS, **INVERSE)
    assert D(ticker["bid1Price"]) > D(ticker["ask1Price"])
    book = told(client.get(BOOK, **INVERSE))["result"]
    assert D(book["b"][0][0]) > D(book["a"][0][0])


def test_an_order_is_invisible_for_its_first_seconds(
    client: Client, exchange: Exchange, plan: FaultPlan
) -> None:
    plan.add(Fault(Kind.INVISIBLE, seconds=D(10)))
    client.post(CREATE, **SELL, orderLinkId="one")

    def seen() -> tuple[int, int]:
        orders = client.rows(REALTIME, **INVERSE, orderLinkId="one")
        return len(orders), len(client.rows(EXECUTIONS, **INVERSE))

    assert seen() == (0, 0)
    exchange.advance(exchange.now_ms + 9_999)
    assert seen() == (0, 0)
    exchange.advance(exchange.now_ms + 1)
    assert seen() == (1, 1)


def test_look_ups_find_nothing_three_times(client: Client, plan: FaultPlan) -> None:
    client.post(CREATE, **SELL, orderLinkId="one")
    plan.add(Fault(Kind.NOT_FOUND, times=3))
    found = [len(client.rows(REALTIME, **INVERSE, orderLinkId="one")) for _ in range(4)]
    assert found == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.DUPLICATE_FILLS, ["3", "3", "2", "2", "1", "1"]),
        (Kind.UNORDERED_FILLS, ["1", "2", "3"]),
    ],
)
def test_fills_come_twice_or_out_of_order(
    client: Client, plan: FaultPlan, kind: Kind, expected: list[str]
) -> None:
    for quantity in ("1", "2", "3"):
        client.post(CREATE, **(SELL | {"qty": quantity}))
    plan.add(Fault(kind))
    assert [row["execQty"] for row in client.rows(EXECUTIONS, **INVERSE)] == expected
    assert [row["execQty"] for row in client.rows(EXECUTIONS, **INVERSE)] == ["3", "2", "1"]


def test_an_error_reply_has_nothing_to_alter(client: Client, plan: FaultPlan) -> None:
    """Content faults strike what the venue refuses, too, and leave the refusal as it is."""
    for kind in (Kind.EMPTY, Kind.ZERO, Kind.STALE):
        plan.add(Fault(kind, path="*"))
        assert told(client.get(POSITIONS, category="futures"))["retCode"] == 10001
