"""Orders over the websocket, signs of life, and frames that make no sense."""

import json
import random

import pytest

from hedged.sim.accounts import Account
from hedged.sim.bybit.limits import RateLimits
from hedged.sim.bybit.stream import StreamHub
from hedged.sim.exchange import Exchange
from tests.sim.stream_client import SELL, ask, opened, order, private, trading


@pytest.fixture
def hub(exchange: Exchange) -> StreamHub:
    return StreamHub(exchange, RateLimits(0))


def test_orders_are_placed_amended_and_cancelled(hub: StreamHub, account: Account) -> None:
    session = trading(hub, account)
    placed = order(session, "order.create", **(SELL | {"timeInForce": "GTC", "price": "66000"}))
    assert (placed["retCode"], placed["op"], placed["reqId"]) == (0, "order.create", "r1")
    (waiting,) = account.open_orders.values()
    assert placed["data"]["orderId"] == waiting.order_id
    assert order(session, "order.amend", orderId=waiting.order_id, qty="900")["retCode"] == 0
    assert str(waiting.quantity) == "900"
    assert order(session, "order.cancel", orderId=waiting.order_id)["retCode"] == 0
    assert not account.open_orders
    again = order(session, "order.cancel", orderId=waiting.order_id)
    assert (again["retCode"], again["data"]) == (110001, {})


def test_orders_are_refused_as_over_http(
    hub: StreamHub, exchange: Exchange, account: Account
) -> None:
    stranger = opened(hub, "/v5/trade")
    assert order(stranger, "order.create", **SELL)["retCode"] == 10003
    session = trading(hub, account)
    assert order(session, "order.create", **(SELL | {"qty": "0.5"}))["retCode"] == 10001
    assert order(session, "order.create", **(SELL | {"qty": "20000000"}))["retCode"] == 110007
    late = {"X-BAPI-TIMESTAMP": str(exchange.now_ms - 5_001)}
    assert ask(session, "order.create", SELL, header=late)["retCode"] == 10002
    assert ask(session, "order.create", SELL)["retCode"] == 10001
    odd_headers: list[dict[str, object]] = [
        {"X-BAPI-TIMESTAMP": []},
        {"X-BAPI-TIMESTAMP": "1", "X-BAPI-RECV-WINDOW": []},
    ]
    for odd in odd_headers:
        assert ask(session, "order.create", SELL, header=odd)["retCode"] == 10002
    assert ask(session, "order.create", header={"X-BAPI-TIMESTAMP": "1"})["retCode"] == 10002
    assert not account.orders


def test_too_many_orders_in_a_second_are_refused(exchange: Exchange, account: Account) -> None:
    session = trading(StreamHub(exchange, RateLimits()), account)
    codes = [order(session, "order.create", **SELL)["retCode"] for _ in range(21)]
    assert codes == [0] * 20 + [10006]


def test_pings_are_answered_in_each_sessions_own_form(hub: StreamHub, account: Account) -> None:
    now = str(hub.exchange.now_ms)
    assert ask(opened(hub, "/v5/public/spot"), "ping")["ret_msg"] == "pong"
    assert ask(private(hub, account, "order"), "ping")["args"] == [now]
    pong = ask(trading(hub, account), "ping")
    assert (pong["op"], pong["data"]) == ("pong", [now])


def test_no_frame_breaks_a_session(hub: StreamHub, account: Account) -> None:
    """Whatever a client sends, each frame gets one answer, and no coin is lost."""
    draw = random.Random(20_261_122)  # noqa: S311 - reproducible on purpose
    sessions = [
        opened(hub, "/v5/public/spot"),
        opened(hub, "/v5/public/inverse"),
        opened(hub, "/v5/private"),
        private(hub, account, "order", "wallet"),
        opened(hub, "/v5/trade"),
        trading(hub, account),
    ]
    ops: list[object] = [
        "auth", "ping", "subscribe", "unsubscribe", "order.create", "order.amend", "order.cancel",
        "order.create-batch", "", None, 1, [], {}, "😀", "\ud800",
    ]  # fmt: skip
    values: list[object] = [
        "tickers.BTCUSD", "orderbook.50.BTCUSD", "publicTrade.BTCUSD", "order", "wallet", "", None,
        1, -1, 10**30, 1.5, True, [], {}, "x" * 300, "\x00", "\ud800", {"category": "inverse"},
        {"category": "inverse", "symbol": "BTCUSD", **SELL},
        {"category": [], "symbol": {}}, float("nan"),
    ]  # fmt: skip
    header = {"X-BAPI-TIMESTAMP": str(hub.exchange.now_ms)}
    for number in range(3_000):
        frame: dict[str, object] = {"op": draw.choice(ops), "args": draw.choice(values)}
        if draw.random() < 0.7:
            frame["args"] = draw.choices(values, k=draw.randrange(4))
        if draw.random() < 0.7:
            frame["header"] = header if draw.random() < 0.7 else draw.choice(values)
        if draw.random() < 0.5:
            frame[draw.choice(("req_id", "reqId"))] = draw.choice(values)
        text = json.dumps(frame)
        if draw.random() < 0.1:
            cut = draw.randrange(len(text))
            text = text[:cut] + draw.choice(("", "\x00", "}", "]")) + text[cut + 1 :]
        session = sessions[number % len(sessions)]
        (answer,) = session.receive(text, hub.exchange.now_ms)
        json.dumps(answer, allow_nan=False)
        json.dumps(session.news(hub.exchange.now_ms), allow_nan=False)
    for nonsense in ("[" * 100_000, "9" * 5_000, "null", b"\xff\xfe"):
        (answer,) = sessions[0].receive(nonsense, hub.exchange.now_ms)
        assert answer["success"] is False
    assert all(total == 0 for _, total in hub.exchange.ledger.totals())
