"""Faults of websockets, without sockets: silence, cuts, lost answers, wrong quotes, odd fills."""

import json
from decimal import Decimal
from typing import Any

import pytest

from hedged.sim.accounts import Account
from hedged.sim.bybit.limits import RateLimits
from hedged.sim.bybit.stream import StreamHub
from hedged.sim.exchange import Exchange
from hedged.sim.faults import Fault, FaultPlan, Kind
from hedged.sim.faults.mishaps import Mishaps
from hedged.sim.faults.stream_gate import StreamGate, Wire
from hedged.sim.orders import Side
from tests.sim.stream_client import SELL, credentials

D = Decimal


@pytest.fixture
def plan() -> FaultPlan:
    return FaultPlan(seed=3)


@pytest.fixture
def gate(exchange: Exchange, plan: FaultPlan) -> StreamGate:
    return StreamGate(StreamHub(exchange, RateLimits(0)), plan, Mishaps(exchange))


def ask(wire: Wire, op: str, *args: object, **more: object) -> list[Any]:
    wire.receive(json.dumps({"op": op, "args": list(args), **more}), wire.session.exchange.now_ms)
    return collected(wire)


def collected(wire: Wire) -> list[Any]:
    return [json.loads(text) for text in wire.collect(wire.session.exchange.now_ms)]


def opened(gate: StreamGate, path: str, exchange: Exchange) -> Wire:
    wire = gate.open(path, exchange.now_ms)
    assert wire is not None
    return wire


@pytest.fixture
def private(gate: StreamGate, exchange: Exchange, account: Account) -> Wire:
    wire = opened(gate, "/v5/private", exchange)
    ask(wire, "auth", *credentials(account, exchange.now_ms))
    ask(wire, "subscribe", "execution", "order")
    return wire


@pytest.fixture
def trading(gate: StreamGate, exchange: Exchange, account: Account) -> Wire:
    wire = opened(gate, "/v5/trade", exchange)
    ask(wire, "auth", *credentials(account, exchange.now_ms))
    return wire


def create(wire: Wire, link_id: str = "one") -> list[Any]:
    now_ms = wire.session.exchange.now_ms
    order = {"category": "inverse", "symbol": "BTCUSD", **SELL, "orderLinkId": link_id}
    return ask(wire, "order.create", order, reqId="r", header={"X-BAPI-TIMESTAMP": str(now_ms)})


def test_answers_and_news_pass_in_order(
    private: Wire, exchange: Exchange, account: Account
) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(100))
    answers = ask(private, "ping")
    assert [answer.get("op") or answer["topic"] for answer in answers] == [
        "pong",
        "order",
        "execution",
        "order",
    ]


def test_a_silent_websocket_is_open_and_sends_nothing(
    private: Wire, exchange: Exchange, account: Account, plan: FaultPlan
) -> None:
    number = plan.add(Fault(Kind.STREAM_SILENT, path="/v5/private"))
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(100))
    assert ask(private, "ping") == []
    assert collected(private) == []
    assert not private.is_cut
    assert [(entry.kind, entry.path, entry.account) for entry in plan.log] == [
        (Kind.STREAM_SILENT, "/v5/private", "main")
    ]
    plan.lift(number)
    assert ask(private, "ping")[0]["op"] == "pong"


def test_websockets_are_cut_off_and_refused(
    gate: StreamGate, private: Wire, exchange: Exchange, plan: FaultPlan
) -> None:
    plan.add(Fault(Kind.STREAM_CLOSED))
    assert collected(private) == []
    assert private.is_cut
    plan.add(Fault(Kind.STREAM_REFUSED, path="/v5/public/*"))
    assert gate.open("/v5/public/spot", exchange.now_ms) is None
    assert gate.open("/v5/private", exchange.now_ms) is not None


def test_maintenance_cuts_every_websocket_and_refuses_new_ones(
    gate: StreamGate, private: Wire, trading: Wire, exchange: Exchange, plan: FaultPlan
) -> None:
    plan.add(Fault(Kind.MAINTENANCE))
    for wire in (private, trading):
        collected(wire)
    assert private.is_cut
    assert trading.is_cut
    assert gate.open("/v5/private", exchange.now_ms) is None


@pytest.mark.parametrize(
    ("fault", "is_cut", "code", "is_made"),
    [
        (Fault(Kind.REQUEST_LOST), True, None, False),
        (Fault(Kind.REPLY_LOST), True, None, True),
        (Fault(Kind.HANG), False, None, False),
        (Fault(Kind.HANG, accepted=True), False, None, True),
        (Fault(Kind.CODE, code=10016), False, 10016, False),
        (Fault(Kind.CODE, code=10016, accepted=True), False, 10016, True),
        (Fault(Kind.RATE_LIMIT), False, 10006, False),
        (Fault(Kind.KEY_EXPIRED), False, 33004, False),
        (Fault(Kind.THIN_BOOK, value="300"), False, 0, True),
    ],
    ids=lambda value: f"{value.kind} {value.accepted}" if isinstance(value, Fault) else "",
)
def test_an_order_over_a_websocket_is_struck_like_a_request(
    trading: Wire,
    account: Account,
    plan: FaultPlan,
    *,
    fault: Fault,
    is_cut: bool,
    code: int | None,
    is_made: bool,
) -> None:
    plan.add(fault)
    answers = create(trading)
    assert [answer["retCode"] for answer in answers] == ([] if code is None else [code])
    assert trading.is_cut is is_cut
    assert ("one" in account.orders_by_link) is is_made
    (entry,) = plan.log
    assert (entry.method, entry.path, entry.reached) == ("WS", "/v5/order/create", is_made)
    if is_made:
        assert entry.order_id == account.orders_by_link["one"].order_id
    if fault.kind is Kind.THIN_BOOK:
        assert str(account.orders_by_link["one"].filled) == "300"


def test_only_orders_are_struck_and_half_an_answer_is_no_json(
    trading: Wire, plan: FaultPlan, exchange: Exchange
) -> None:
    plan.add(Fault(Kind.TRUNCATED))
    assert ask(trading, "ping")[0]["op"] == "pong"
    for nonsense in ("{", "[]", '{"op": []}', "9" * 5_000):
        trading.receive(nonsense, exchange.now_ms)
        assert collected(trading)[0]["retCode"] == 10001
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        create(trading)


def test_a_clock_that_is_off_over_http_leaves_websockets_alone(
    trading: Wire, plan: FaultPlan
) -> None:
    plan.add(Fault(Kind.CLOCK_SKEW, seconds=D(3600)))
    assert [answer["retCode"] for answer in create(trading)] == [0]
    assert not plan.log


def test_orders_and_their_answers_may_be_late(
    trading: Wire, exchange: Exchange, account: Account, plan: FaultPlan
) -> None:
    plan.add(Fault(Kind.DELAY, seconds=D(2)))
    assert create(trading) == []
    assert not account.orders
    exchange.advance(exchange.now_ms + 2_000)
    assert [answer["retCode"] for answer in collected(trading)] == [0]
    plan.add(Fault(Kind.DELAY, seconds=D(2), accepted=True))
    assert create(trading, "two") == []
    assert "two" in account.orders_by_link
    exchange.advance(exchange.now_ms + 2_000)
    assert [answer["retCode"] for answer in collected(trading)] == [0]


def test_a_cancel_over_a_websocket_may_come_too_late(
    trading: Wire, exchange: Exchange, account: Account, plan: FaultPlan
) -> None:
    header = {"X-BAPI-TIMESTAMP": str(exchange.now_ms)}
    resting = {"category": "inverse", "symbol": "BTCUSD", **SELL, "price": "66000"}
    resting["timeInForce"] = "GTC"
    (answer,) = ask(trading, "order.create", resting, reqId="r", header=header)
    plan.add(Fault(Kind.LATE_FILL, seconds=D(1)))
    named = {"category": "inverse", "symbol": "BTCUSD", "orderId": answer["data"]["orderId"]}
    (answer,) = ask(trading, "order.cancel", named, reqId="r", header=header)
    assert answer["retCode"] == 0
    assert not account.fills
    exchange.advance(exchange.now_ms + 1_000)
    collected(trading)
    assert str(account.quantity("BTCUSD")) == "-1000"


def test_quotes_that_cannot_be(gate: StreamGate, exchange: Exchange, plan: FaultPlan) -> None:
    wire = opened(gate, "/v5/public/inverse", exchange)
    plan.add(Fault(Kind.PRICE, value="x10", times=2))
    ack, ticker, book = ask(wire, "subscribe", "tickers.BTCUSD", "orderbook.1.BTCUSD")
    assert ack["success"] is True
    assert ticker["data"]["markPrice"] == "650000"
    assert D(book["data"]["b"][0][0]) > 600_000
    plan.add(Fault(Kind.CROSSED))
    exchange.set_index("BTC", D(65_100))
    ticker, book = collected(wire)
    assert D(ticker["data"]["bid1Price"]) > D(ticker["data"]["ask1Price"])
    assert D(book["data"]["b"][0][0]) > D(book["data"]["a"][0][0])


def test_fills_come_twice(
    private: Wire, exchange: Exchange, account: Account, plan: FaultPlan
) -> None:
    plan.add(Fault(Kind.DUPLICATE_FILLS))
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(100))
    heard = collected(private)
    assert [message["topic"] for message in heard] == ["order", "execution", "execution", "order"]
    assert heard[1] == heard[2]


def test_fills_come_out_of_order(
    private: Wire, exchange: Exchange, account: Account, plan: FaultPlan
) -> None:
    plan.add(Fault(Kind.UNORDERED_FILLS))
    for quantity in (1, 2, 3):
        exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(quantity))
    fills = [message for message in collected(private) if message["topic"] == "execution"]
    assert [message["data"][0]["execQty"] for message in fills] == ["3", "2", "1"]
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(4))
    assert len(plan.log) == 1


@pytest.mark.parametrize("path", ["/v5/private", "/v5/trade"])
def test_an_expired_key_opens_no_websocket(
    gate: StreamGate, exchange: Exchange, account: Account, plan: FaultPlan, path: str
) -> None:
    number = plan.add(Fault(Kind.KEY_EXPIRED))
    wire = opened(gate, path, exchange)
    (answer,) = ask(wire, "auth", *credentials(account, exchange.now_ms))
    assert answer.get("retCode") == 33004 or answer["success"] is False
    assert wire.session.account is None
    plan.lift(number)
    (answer,) = ask(wire, "auth", *credentials(account, exchange.now_ms))
    assert wire.session.account is account


def test_the_server_hears_of_orders_and_of_nothing_else(
    exchange: Exchange, account: Account, plan: FaultPlan
) -> None:
    heard: list[tuple[str, str, int]] = []
    hub = StreamHub(exchange, RateLimits(0))
    gate = StreamGate(hub, plan, Mishaps(exchange), lambda _at_ms, *order: heard.append(order))
    wire = opened(gate, "/v5/trade", exchange)
    create(wire)
    ask(wire, "auth", *credentials(account, exchange.now_ms))
    ask(wire, "ping")
    create(wire)
    assert heard == [("/v5/order/create", "", 10003), ("/v5/order/create", "main", 0)]
