"""Bybit's dialect: return codes, signatures, limits, cursors, and what clients stumble over."""

import json
import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

import pytest

from hedged.sim.accounts import Account
from hedged.sim.book import Depth
from hedged.sim.bybit.dialect import PRIVATE, PUBLIC, BybitDialect
from hedged.sim.bybit.limits import RateLimits
from hedged.sim.dialect import Reply
from hedged.sim.exchange import Exchange
from hedged.sim.orders import Side


class SigningClient(Protocol):
    """What the fixture `client` offers."""

    dialect: BybitDialect
    window: str
    changed_headers: dict[str, str]

    def get(self, path: str, **params: str) -> Reply: ...
    def post(self, path: str, **params: Any) -> Reply: ...
    def headers(self, at_ms: int, payload: str) -> Mapping[str, str]: ...


ORDER = {
    "category": "inverse",
    "symbol": "BTCUSD",
    "side": "Sell",
    "orderType": "Limit",
    "qty": "1000",
    "price": "64900",
    "timeInForce": "IOC",
}
SPOT = ORDER | {"category": "spot", "symbol": "BTCUSDT", "qty": "0.01"}


def result(reply: Reply) -> Any:
    assert reply.code == 0, reply.payload
    return reply.payload["result"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"category": ""}, 10001),
        ({"category": "futures"}, 10001),
        ({"symbol": "DOGEUSD"}, 10001),
        ({"symbol": "BTCUSDT"}, 10001),
        ({"category": "linear", "symbol": "BTCUSDT", "qty": "0.0005"}, 10001),
        ({"category": "linear", "symbol": "BTCUSD"}, 10001),
        ({"side": "sell"}, 10001),
        ({"side": None}, 10001),
        ({"orderType": "Stop"}, 10001),
        ({"timeInForce": "GTD"}, 10001),
        ({"qty": "0"}, 10001),
        ({"qty": "0.5"}, 10001),
        ({"qty": "-5"}, 10001),
        ({"qty": "1e3"}, 10001),
        ({"qty": "NaN"}, 10001),
        ({"qty": "٣"}, 10001),
        ({"qty": 1000}, 10001),
        ({"qty": "25000001"}, 10001),
        ({"price": "64900.05"}, 10001),
        ({"price": "50000"}, 110003),
        ({"side": "Buy", "price": "80000"}, 110003),
        ({"qty": "20000000"}, 110007),
        ({"side": "Buy", "reduceOnly": True}, 110017),
        ({"positionIdx": 1}, 10001),
        ({"orderLinkId": "x" * 37}, 10001),
        ({"orderLinkId": "used"}, 110072),
        ({"triggerPrice": "60000"}, 10001),
    ],
)
def test_contract_orders_get_the_venues_code(
    client: SigningClient, changes: dict[str, object], code: int
) -> None:
    client.post("/v5/order/create", **(ORDER | {"qty": "1", "orderLinkId": "used"}))
    if code == 110017:
        client.post("/v5/order/create", **(ORDER | {"side": "Buy", "price": "65100", "qty": "1"}))
    assert client.post("/v5/order/create", **(ORDER | changes)).code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"symbol": "BTCUSD"}, 170121),
        ({"qty": "0.0000001"}, 170137),
        ({"qty": "84"}, 170135),
        ({"qty": "0.00001"}, 170140),
        ({"price": "64900.001"}, 170134),
        ({"side": "Buy", "price": "80000"}, 170193),
        ({"price": "50000"}, 170194),
        ({"qty": "6"}, 170131),
        ({"side": "Buy", "price": "65100", "qty": "1"}, 170131),
        ({"orderLinkId": "used"}, 170141),
        ({"orderType": "Market", "side": "Buy", "qty": "30000"}, 170131),
        ({"orderType": "Market", "marketUnit": "lots"}, 10001),
    ],
)
def test_spot_orders_get_the_venues_code(
    client: SigningClient, changes: dict[str, object], code: int
) -> None:
    client.post("/v5/order/create", **(SPOT | {"orderLinkId": "used"}))
    assert client.post("/v5/order/create", **(SPOT | changes)).code == code


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("X-BAPI-API-KEY", "nobody", 10003),
        ("X-BAPI-API-KEY", "", 10001),
        ("X-BAPI-SIGN", "0" * 64, 10004),
        ("X-BAPI-SIGN", "\udcff", 10004),
        ("X-BAPI-SIGN", "", 10001),
        ("X-BAPI-TIMESTAMP", "", 10001),
        ("X-BAPI-TIMESTAMP", "soon", 10001),
        ("X-BAPI-TIMESTAMP", "1749999994999", 10002),
        ("X-BAPI-TIMESTAMP", "1750000001000", 10002),
        ("X-BAPI-TIMESTAMP", "1749999995000", 10004),
        ("X-BAPI-RECV-WINDOW", "6000", 10004),
        ("X-BAPI-RECV-WINDOW", "wide", 10001),
    ],
)
def test_a_wrongly_signed_request_is_refused(
    client: SigningClient, header: str, value: str, code: int
) -> None:
    client.changed_headers = {header: value}
    assert client.get("/v5/position/list", category="inverse").code == code


def test_the_signature_covers_the_query_and_the_body(client: SigningClient) -> None:
    now_ms = client.dialect.exchange.now_ms
    headers = client.headers(now_ms, "category=inverse")
    handle = client.dialect.handle
    path = "/v5/position/list"
    assert handle("GET", path, "category=inverse", headers, b"", now_ms).code == 0
    assert handle("GET", path, "category=inverse&x=1", headers, b"", now_ms).code == 10004
    body = json.dumps(ORDER)
    signed = client.headers(now_ms, body)
    changed = body.replace("1000", "9000").encode()
    assert handle("POST", "/v5/order/create", "", signed, changed, now_ms).code == 10004


def test_unknown_routes_are_not_found(client: SigningClient) -> None:
    reply = client.get("/v5/nowhere")
    assert (reply.status, reply.code) == (404, 10017)
    assert client.post("/v5/market/time").code == 10017


def test_too_many_requests_in_a_second_are_refused_and_the_headers_count(
    client: SigningClient, exchange: Exchange
) -> None:
    client.dialect.limits = RateLimits()
    path = "/v5/account/fee-rate"
    replies = [client.get(path, category="inverse") for _ in range(11)]
    assert [reply.code for reply in replies] == [0] * 10 + [10006]
    assert [reply.headers["X-Bapi-Limit-Status"] for reply in replies[-3:]] == ["1", "0", "0"]
    assert replies[0].headers["X-Bapi-Limit"] == "10"
    exchange.advance(exchange.now_ms + 1000)
    assert client.get(path, category="inverse").code == 0


def test_a_post_only_order_that_would_take_is_accepted_then_cancelled(
    client: SigningClient,
) -> None:
    sent = ORDER | {"timeInForce": "PostOnly", "orderLinkId": "maker"}
    ids = result(client.post("/v5/order/create", **sent))
    assert set(ids) == {"orderId", "orderLinkId"}
    query = {"category": "inverse", "symbol": "BTCUSD", "orderId": "", "orderLinkId": "maker"}
    row = result(client.get("/v5/order/realtime", **query))["list"][0]
    assert (row["orderStatus"], row["rejectReason"]) == (
        "Cancelled",
        "EC_PostOnlyWillTakeLiquidity",
    )
    assert (row["cumExecQty"], row["avgPrice"]) == ("0", "")


def test_only_contracts_carry_the_mode_by_which_clients_tell_them(client: SigningClient) -> None:
    client.post("/v5/order/create", **ORDER)
    client.post("/v5/order/create", **SPOT)
    contract = result(client.get("/v5/order/history", category="inverse"))["list"][0]
    spot = result(client.get("/v5/order/history", category="spot"))["list"][0]
    assert "tpslMode" in contract
    assert "tpslMode" not in spot


def test_cancelling_and_amending_what_is_not_open(client: SigningClient) -> None:
    ids = result(client.post("/v5/order/create", **ORDER))
    named = {"category": "inverse", "symbol": "BTCUSD", "orderId": ids["orderId"]}
    assert client.post("/v5/order/cancel", **named).code == 110001
    assert client.post("/v5/order/amend", **named, qty="5").code == 110001
    assert client.post("/v5/order/cancel", category="inverse", symbol="BTCUSD").code == 10001
    unknown = {"category": "spot", "symbol": "BTCUSDT", "orderId": "7"}
    assert client.post("/v5/order/cancel", **unknown).code == 170213


def test_amending_to_the_same_is_refused(client: SigningClient) -> None:
    resting = ORDER | {"timeInForce": "GTC", "price": "66000"}
    ids = result(client.post("/v5/order/create", **resting))
    named = {"category": "inverse", "symbol": "BTCUSD", "orderId": ids["orderId"]}
    assert client.post("/v5/order/amend", **named, price="66000.0").code == 10001
    assert result(client.post("/v5/order/amend", **named, price="66001")) == ids


def test_cancel_all_respects_its_scope(client: SigningClient, account: Account) -> None:
    resting = ORDER | {"timeInForce": "GTC", "price": "66000"}
    for symbol, price in (("BTCUSD", "66000"), ("ETHUSD", "3600")):
        client.post("/v5/order/create", **(resting | {"symbol": symbol, "price": price}))
    cancel = "/v5/order/cancel-all"
    assert client.post(cancel, category="inverse").code == 10001
    assert result(client.post(cancel, category="inverse", settleCoin="USDT"))["list"] == []
    assert len(result(client.post(cancel, category="inverse", settleCoin="ETH"))["list"]) == 1
    assert len(result(client.post(cancel, category="inverse", symbol="BTCUSD"))["list"]) == 1
    assert not account.open_orders


def test_a_flat_position_has_empty_figures_not_zeros(client: SigningClient) -> None:
    assert result(client.get("/v5/position/list", category="inverse"))["list"] == []
    named = {"category": "inverse", "symbol": "BTCUSD"}
    (row,) = result(client.get("/v5/position/list", **named))["list"]
    assert (row["side"], row["size"], row["unrealisedPnl"], row["liqPrice"]) == ("", "0", "", "")


def test_categories_without_instruments_are_empty_not_errors(client: SigningClient) -> None:
    for path in ("/v5/market/instruments-info", "/v5/market/tickers"):
        assert result(client.get(path, category="option"))["list"] == []
    for category in ("option", "linear"):
        query = {"category": category, "settleCoin": "USDT"}
        for path in ("/v5/position/list", "/v5/order/realtime", "/v5/execution/list"):
            assert result(client.get(path, **query))["list"] == []


def test_leverage_and_modes_say_when_nothing_changes(client: SigningClient) -> None:
    path, named = "/v5/position/set-leverage", {"category": "inverse", "symbol": "BTCUSD"}
    assert client.post(path, **named, buyLeverage="5", sellLeverage="5").code == 0
    assert client.post(path, **named, buyLeverage="5", sellLeverage="5").code == 110043
    assert client.post(path, **named, buyLeverage="101", sellLeverage="101").code == 10001
    assert client.post(path, **named, buyLeverage="5", sellLeverage="6").code == 10001
    switch = "/v5/position/switch-mode"
    assert client.post(switch, **named, mode=0).code == 110025
    assert client.post(switch, **named, mode=3).code == 0
    rows = result(client.get("/v5/position/list", **named))["list"]
    assert [row["positionIdx"] for row in rows] == [1, 2]
    assert client.post("/v5/order/create", **ORDER).code == 10001
    assert client.post("/v5/order/create", **ORDER, positionIdx=2).code == 0
    assert client.post(switch, **named, mode=0).code == 110024
    portfolio = client.post("/v5/account/set-margin-mode", setMarginMode="PORTFOLIO_MARGIN")
    assert portfolio.code == 3400045


def test_legs_of_hedge_mode_are_separate(client: SigningClient, account: Account) -> None:
    client.post("/v5/position/switch-mode", category="inverse", symbol="BTCUSD", mode=3)
    buy = ORDER | {"side": "Buy", "price": "65100"}
    client.post("/v5/order/create", **buy, positionIdx=1)
    client.post("/v5/order/create", **ORDER, positionIdx=2)
    assert [account.quantity("BTCUSD", leg) for leg in (1, 2)] == [1000, -1000]
    assert client.post("/v5/order/create", **(buy | {"qty": "9000"}), positionIdx=2).code == 0
    assert account.quantity("BTCUSD", 2) == 0
    assert client.post("/v5/order/create", **buy, positionIdx=2).code == 110017


def test_cursors_walk_through_everything_once(client: SigningClient, account: Account) -> None:
    for number in range(7):
        client.post("/v5/order/create", **(ORDER | {"qty": str(number + 1)}))
    seen: list[str] = []
    cursor = ""
    sizes = []
    for _ in range(4):
        query = {"category": "inverse", "limit": "3", "cursor": cursor}
        page = result(client.get("/v5/execution/list", **query))
        sizes.append(len(page["list"]))
        seen += [row["execId"] for row in page["list"]]
        cursor = page["nextPageCursor"]
    assert (sizes, cursor) == ([3, 3, 1, 0], "")
    assert seen == [fill.fill_id for fill in reversed(account.fills)]
    assert client.get("/v5/execution/list", category="inverse", cursor="x").code == 10001


def test_wallet_balance_leaves_unrealised_profit_out_of_the_wallet(
    client: SigningClient, exchange: Exchange, account: Account
) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, Decimal(65_000))
    exchange.set_index("BTC", Decimal(50_000))
    figures = result(client.get("/v5/account/wallet-balance", accountType="UNIFIED"))["list"][0]
    coin = next(row for row in figures["coin"] if row["coin"] == "BTC")
    assert Decimal(coin["equity"]) == Decimal(coin["walletBalance"]) + Decimal(
        coin["unrealisedPnl"]
    )
    assert Decimal(coin["unrealisedPnl"]) > Decimal("0.29")
    assert Decimal(coin["usdValue"]) == Decimal(coin["equity"]) * 50_000


def test_wallet_balance_lists_held_coins_or_those_asked_for(client: SigningClient) -> None:
    path = "/v5/account/wallet-balance"
    held = result(client.get(path, accountType="UNIFIED"))["list"][0]["coin"]
    assert {row["coin"] for row in held} == {"BTC", "ETH", "USDT"}
    asked = result(client.get(path, accountType="UNIFIED", coin="USDC,BTC"))["list"][0]["coin"]
    assert [(row["coin"], row["walletBalance"]) for row in asked] == [("USDC", "0"), ("BTC", "5")]
    assert client.get(path, accountType="SPOT").code == 10001
    assert client.get(path).code == 10001
    assert client.get(path, accountType="UNIFIED", coin="XYZ").code == 10001


def test_an_empty_book_has_no_prices(client: SigningClient, exchange: Exchange) -> None:
    exchange.market("BTCUSD").book.depth = Depth(levels=0)
    query = {"category": "inverse", "symbol": "BTCUSD"}
    (ticker,) = result(client.get("/v5/market/tickers", **query))["list"]
    assert (ticker["bid1Price"], ticker["ask1Size"]) == ("", "")
    book = result(client.get("/v5/market/orderbook", **query))
    assert (book["b"], book["a"]) == ([], [])


def test_transfers_tell_what_is_wrong(client: SigningClient) -> None:
    path = "/v5/asset/transfer/inter-transfer"
    sent = {
        "transferId": "one",
        "coin": "BTC",
        "amount": "1",
        "fromAccountType": "UNIFIED",
        "toAccountType": "FUND",
    }
    assert result(client.post(path, **sent)) == {"transferId": "one", "status": "SUCCESS"}
    assert client.post(path, **sent).code == 131214
    assert client.post(path, **(sent | {"transferId": "2", "amount": "9"})).code == 131212
    assert (
        client.post(path, **(sent | {"transferId": "3", "toAccountType": "UNIFIED"})).code == 131211
    )
    assert client.post(path, **(sent | {"transferId": "4", "toAccountType": "SPOT"})).code == 10001
    listed = result(client.get("/v5/asset/transfer/query-inter-transfer-list"))["list"]
    assert [row["transferId"] for row in listed] == ["one"]
    stored = result(
        client.get("/v5/asset/transfer/query-account-coins-balance", accountType="FUND")
    )
    assert stored["balance"] == [
        {"coin": "BTC", "transferBalance": "1", "walletBalance": "1", "bonus": ""}
    ]


def test_no_request_breaks_the_dialect(client: SigningClient, exchange: Exchange) -> None:
    """Signed nonsense of every sort gets a return code, and no coin is lost over it."""
    draw = random.Random(20_250_615)  # noqa: S311 - reproducible on purpose
    values: list[object] = [
        "", "inverse", "spot", "linear", "option", "BTCUSD", "BTCUSDT", "BTC", "Buy", "Sell",
        "Limit", "Market", "IOC", "FOK", "PostOnly", "UNIFIED", "FUND", "1", "0", "-1", "0.001",
        "65000", "64990.5", "1000", "1e5", "NaN", "9" * 30, "😀", "\x00", "%3A", None,
        True, False, 1, -1, 3, 1.5, [], {}, ["x"], 10**25,
    ]  # fmt: skip
    names = [
        "category", "symbol", "side", "orderType", "qty", "price", "timeInForce", "reduceOnly",
        "orderId", "orderLinkId", "coin", "positionIdx", "marketUnit", "accountType", "settleCoin",
        "baseCoin", "limit", "cursor", "startTime", "endTime", "mode", "openOnly", "buyLeverage",
        "sellLeverage", "setMarginMode", "transferId", "amount", "fromAccountType", "timeWindow",
        "toAccountType", "execType", "currency", "type", "status", "orderStatus",
    ]  # fmt: skip
    routes = [*PUBLIC, *PRIVATE]
    for _ in range(3_000):
        method, path = draw.choice(routes)
        params = {name: draw.choice(values) for name in draw.sample(names, draw.randrange(12))}
        if draw.random() < 0.8:
            params |= {"category": draw.choice(("inverse", "spot")), "symbol": "BTCUSD"}
        if method == "GET":
            reply = client.get(path, **{name: str(value) for name, value in params.items()})
        else:
            reply = client.post(path, **params)
        assert reply.status == 200
        json.loads(reply.body())
    assert all(total == 0 for _, total in exchange.ledger.totals())


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff\xfe", b'"x"', b"[" * 100_000, b"{" * 9])
def test_a_body_that_is_no_object_is_a_parameter_error(client: SigningClient, body: bytes) -> None:
    now_ms = client.dialect.exchange.now_ms
    headers = client.headers(now_ms, body.decode(errors="replace"))
    reply = client.dialect.handle("POST", "/v5/order/create", "", headers, body, now_ms)
    assert reply.code == 10001
