"""Binance's dialect: what is refused and how, what orders become, wallets and their moves."""

from decimal import Decimal
from typing import Any

import pytest

from hedged.sim.accounts import Account, Rights, Wallet
from hedged.sim.binance.catalogue import SEPARATE
from hedged.sim.binance.dialect import PRIVATE, PUBLIC, BinanceDialect
from hedged.sim.binance.limits import Weights
from hedged.sim.binance.listen import ListenKeys
from hedged.sim.binance.signature import signature
from hedged.sim.exchange import Exchange
from hedged.sim.orders import Side
from tests.sim.binance_client import PERP, RESTING, SELL, Client

NOW_MS = 1_750_000_000_000
D = Decimal
ORDER, SPOT_ORDER, MOVE = "/dapi/v1/order", "/api/v3/order", "/sapi/v1/asset/transfer"
SPOT_SELL = {
    "symbol": "BTCUSDT",
    "side": "SELL",
    "type": "LIMIT",
    "quantity": "0.5",
    "price": "64990",
    "timeInForce": "IOC",
}


@pytest.fixture
def exchange() -> Exchange:
    return Exchange(now_ms=NOW_MS, seed=7, rules=SEPARATE)


@pytest.fixture
def account(exchange: Exchange) -> Account:
    opened = exchange.open_account("main", "key", "secret")
    exchange.deposit(opened, "BTC", D(5))
    exchange.deposit(opened, "BTC", D(2), wallet=Wallet.SPOT)
    exchange.deposit(opened, "USDT", D(20_000), wallet=Wallet.SPOT)
    return opened


@pytest.fixture
def client(exchange: Exchange, account: Account) -> Client:
    return Client(BinanceDialect(exchange, ListenKeys(), Weights(0)), account)


def test_orders_are_in_contracts_of_100_usd(client: Client, account: Account) -> None:
    done = client.told("POST", ORDER, **SELL, newClientOrderId="a")
    assert (done["status"], done["executedQty"], done["clientOrderId"]) == ("FILLED", "10", "a")
    assert isinstance(done["orderId"], int)
    assert account.quantity(PERP) == -1000
    (risk,) = (row for row in positions(client) if row["symbol"] == PERP)
    assert (risk["positionAmt"], risk["positionSide"]) == ("-10", "BOTH")
    ether = SELL | {"symbol": "ETHUSD_PERP", "price": "3490", "quantity": "1"}
    assert client.refusal("POST", ORDER, **ether) == (-2019, 400)  # there is no ETH to carry it


def positions(client: Client) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.told("GET", "/dapi/v1/positionRisk")
    return rows


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"symbol": "BTCUSD"}, -1121),
        ({"symbol": "BTCUSDT"}, -1121),
        ({"side": "Sell"}, -1117),
        ({"type": "STOP"}, -1116),
        ({"timeInForce": "DAY"}, -1115),
        ({"timeInForce": ""}, -1102),
        ({"quantity": "1.5"}, -4023),
        ({"quantity": "0"}, -4023),
        ({"quantity": "1000001"}, -4005),
        ({"quantity": "100000"}, -2019),
        ({"quantity": "x"}, -1102),
        ({"price": "64900.15"}, -4014),
        ({"price": "50000"}, -4024),
        ({"price": "80000", "side": "BUY"}, -4016),
        ({"newClientOrderId": "a b"}, -1100),
        ({"newClientOrderId": "a" * 37}, -1100),
        ({"reduceOnly": "true"}, -2022),
        ({"positionSide": "SHORT"}, -4061),
        ({"timeInForce": "GTX"}, -5022),
        ({"timeInForce": "FOK", "quantity": "90000", "price": "64999"}, -5021),
    ],
)
def test_what_is_wrong_with_an_order_of_coin_m(
    client: Client, account: Account, changes: dict[str, str], code: int
) -> None:
    assert client.refusal("POST", ORDER, **(SELL | changes)) == (code, 400)
    assert not account.orders


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"symbol": PERP}, -1121, "Invalid symbol."),
        ({"quantity": "0.000001"}, -1013, "LOT_SIZE"),
        ({"quantity": "0.00005"}, -1013, "NOTIONAL"),
        ({"price": "64990.001"}, -1013, "PRICE_FILTER"),
        ({"price": "20000"}, -1013, "PERCENT_PRICE_BY_SIDE"),
        ({"quantity": "3"}, -2010, "insufficient balance"),
        ({"type": "LIMIT_MAKER"}, -2010, "immediately match"),
    ],
)
def test_what_is_wrong_with_an_order_of_spot(
    client: Client, changes: dict[str, str], code: int, said: str
) -> None:
    reply = client.ask("POST", SPOT_ORDER, **(SPOT_SELL | changes))
    assert (reply.code, reply.status) == (code, 400)
    assert said in reply.payload["msg"]


def test_an_order_is_found_by_either_name_or_does_not_exist(client: Client) -> None:
    placed = client.told("POST", ORDER, **RESTING, newClientOrderId="mine")
    for named in ({"origClientOrderId": "mine"}, {"orderId": placed["orderId"]}):
        assert client.told("GET", ORDER, symbol=PERP, **named)["status"] == "NEW"
    assert client.refusal("GET", ORDER, symbol=PERP) == (-1102, 400)
    assert client.refusal("GET", ORDER, symbol=PERP, origClientOrderId="other") == (-2013, 400)
    assert client.refusal("DELETE", ORDER, symbol=PERP, orderId="7") == (-2011, 400)
    assert client.refusal("POST", ORDER, **RESTING, newClientOrderId="mine") == (-4116, 400)
    client.told("DELETE", ORDER, symbol=PERP, origClientOrderId="mine")
    assert client.refusal("DELETE", ORDER, symbol=PERP, origClientOrderId="mine") == (-2011, 400)
    again = client.told("POST", ORDER, **RESTING, newClientOrderId="mine")
    assert again["orderId"] != placed["orderId"]  # the venue lets a name be used again


def test_an_order_without_a_fill_is_forgotten_after_three_days(
    client: Client, exchange: Exchange
) -> None:
    placed = client.told("POST", ORDER, **RESTING)
    client.told("DELETE", ORDER, symbol=PERP, orderId=placed["orderId"])
    exchange.advance(NOW_MS + 3 * 86_400_000)
    assert client.told("GET", ORDER, symbol=PERP, orderId=placed["orderId"])["status"] == "CANCELED"
    exchange.advance(NOW_MS + 3 * 86_400_000 + 1)
    assert client.refusal("GET", ORDER, symbol=PERP, orderId=placed["orderId"]) == (-2013, 400)


def test_what_does_not_fill_at_once_expires(client: Client) -> None:
    beyond = client.told("POST", ORDER, **(SELL | {"quantity": "5000", "price": "64990"}))
    assert beyond["status"] == "EXPIRED"
    assert 0 < int(beyond["executedQty"]) < 5000


def test_an_order_is_amended(client: Client) -> None:
    placed = client.told("POST", ORDER, **RESTING)
    named = {"symbol": PERP, "side": "SELL", "orderId": placed["orderId"]}
    changed = client.told("PUT", ORDER, **named, quantity="5", price="66100")
    assert (changed["origQty"], changed["price"]) == ("5", "66100.0")
    assert client.refusal("PUT", ORDER, **named, quantity="5", price="66100") == (-5027, 400)


def test_one_order_too_many_in_a_market(client: Client) -> None:
    for _ in range(200):
        client.told("POST", ORDER, **(RESTING | {"quantity": "1"}))
    assert client.refusal("POST", ORDER, **RESTING) == (-2025, 400)
    assert client.told("DELETE", "/dapi/v1/allOpenOrders", symbol=PERP)["code"] == 200
    assert client.told("GET", "/dapi/v1/openOrders") == []


def test_a_countdown_that_is_not_renewed_cancels(client: Client, exchange: Exchange) -> None:
    path = "/dapi/v1/countdownCancelAll"
    client.told("POST", ORDER, **RESTING)
    assert client.told("POST", path, symbol=PERP, countdownTime=10_000) == {
        "symbol": PERP,
        "countdownTime": "10000",
    }
    exchange.advance(NOW_MS + 9_000)
    client.told("POST", path, symbol=PERP, countdownTime=10_000)
    exchange.advance(NOW_MS + 18_000)
    assert len(client.told("GET", "/dapi/v1/openOrders", symbol=PERP)) == 1
    exchange.advance(NOW_MS + 19_000)
    assert client.told("GET", "/dapi/v1/openOrders", symbol=PERP) == []
    client.told("POST", ORDER, **RESTING)
    client.told("POST", path, symbol=PERP, countdownTime=10_000)
    client.told("POST", path, symbol=PERP, countdownTime=0)
    exchange.advance(NOW_MS + 60_000)
    assert len(client.told("GET", "/dapi/v1/openOrders", symbol=PERP)) == 1


def test_moves_between_wallets(client: Client, account: Account, exchange: Exchange) -> None:
    moved = client.told("POST", MOVE, type="MAIN_CMFUTURE", asset="BTC", amount="1.5")
    assert exchange.ledger.balance(account.purse(Wallet.COIN_M), "BTC") == D("6.5")
    (row,) = client.told("GET", MOVE, type="MAIN_CMFUTURE")["rows"]
    assert row == {
        "asset": "BTC",
        "amount": "1.5",
        "type": "MAIN_CMFUTURE",
        "status": "CONFIRMED",
        "tranId": moved["tranId"],
        "timestamp": NOW_MS,
    }
    assert client.told("GET", MOVE, type="CMFUTURE_MAIN")["rows"] == []
    assert client.refusal("POST", MOVE, type="MAIN_CMFUTURE", asset="BTC", amount="1")[0] == -5013
    assert client.refusal("POST", MOVE, type="MAIN_MARGIN", asset="BTC", amount="1")[0] == -1102
    client.told("POST", MOVE, type="CMFUTURE_FUNDING", asset="BTC", amount="1")
    (held,) = client.told("POST", "/sapi/v1/asset/get-funding-asset")
    assert (held["asset"], held["free"]) == ("BTC", "1")
    income = client.told("GET", "/dapi/v1/income", incomeType="TRANSFER")
    assert [(line["income"], line["info"]) for line in income[1:]] == [
        ("1.50000000", "DEPOSIT"),
        ("-1.00000000", "WITHDRAW"),
    ]


def test_income_is_profit_commission_and_funding_one_by_one(
    client: Client, account: Account, exchange: Exchange
) -> None:
    before = exchange.ledger.balance(account.purse(), "BTC")
    exchange.trade_by_hand(account, PERP, Side.SELL, D(10_000))
    exchange.set_index("BTC", D(60_000))
    exchange.trade_by_hand(account, PERP, Side.BUY, D(5_000))
    exchange.charge_funding("BTC", D("0.001"))
    lines = client.told("GET", "/dapi/v1/income", symbol=PERP)
    kinds = [line["incomeType"] for line in lines]
    assert kinds == ["COMMISSION", "REALIZED_PNL", "COMMISSION", "FUNDING_FEE"]
    after = exchange.ledger.balance(account.purse(), "BTC")
    assert sum(D(line["income"]) for line in lines) == after - before
    trades = client.told("GET", "/dapi/v1/userTrades", symbol=PERP)
    assert [str(trade["id"]) for trade in trades] == [lines[0]["tradeId"], lines[1]["tradeId"]]


def test_what_the_exchange_does_bears_its_names(
    client: Client, account: Account, exchange: Exchange
) -> None:
    exchange.trade_by_hand(account, PERP, Side.SELL, D(10_000))
    exchange.deleverage(account, PERP, D(1_000))
    exchange.liquidate(account)
    orders = client.told("GET", "/dapi/v1/allOrders", symbol=PERP)
    by_hand, forced, last = (order["clientOrderId"] for order in orders)
    assert by_hand.startswith("web_")
    assert client.told("GET", ORDER, symbol=PERP, origClientOrderId=by_hand)
    assert forced == "adl_autoclose"
    assert last.startswith("autoclose-")


def test_hedge_mode_is_of_all_contracts(client: Client, account: Account) -> None:
    path = "/dapi/v1/positionSide/dual"
    assert client.told("GET", path) == {"dualSidePosition": False}
    assert client.refusal("POST", path, dualSidePosition="false") == (-4059, 400)
    client.told("POST", path, dualSidePosition="true")
    client.told("POST", ORDER, **SELL, positionSide="SHORT")
    rows = [row for row in positions(client) if row["symbol"] == PERP]
    assert [(row["positionSide"], row["positionAmt"]) for row in rows] == [
        ("BOTH", "0"),
        ("LONG", "0"),
        ("SHORT", "-10"),
    ]
    assert client.refusal("POST", path, dualSidePosition="false") == (-4068, 400)


def test_who_asks_is_checked(client: Client, account: Account) -> None:
    dialect = client.dialect
    assert dialect.handle("GET", "/dapi/v1/account", "", {}, b"", NOW_MS).code == -2014
    stranger = Client(dialect, Account("x", "nobody", "s", 1, NOW_MS))
    assert stranger.refusal("GET", "/dapi/v1/account") == (-2015, 401)
    forger = Client(dialect, Account("x", "key", "wrong", 1, NOW_MS))
    assert forger.refusal("GET", "/dapi/v1/account") == (-1022, 400)
    account.rights = Rights(may_trade=False)
    assert client.refusal("POST", ORDER, **SELL) == (-2015, 401)
    assert client.refusal("POST", MOVE, type="MAIN_CMFUTURE", asset="BTC", amount="1")[0] == -2015
    assert not client.told("GET", "/sapi/v1/account/apiRestrictions")["enableFutures"]
    assert client.told("POST", "/sapi/v1/asset/get-funding-asset") == []  # it reads


@pytest.mark.parametrize(("sent_ms", "code"), [(-5001, -1021), (1000, -1021), (-4999, 0), (999, 0)])
def test_a_request_has_its_time(client: Client, sent_ms: int, code: int) -> None:
    client.dialect.exchange.advance(NOW_MS)
    reply = client.dialect.handle(
        "GET",
        "/dapi/v1/balance",
        *signed(client.account, NOW_MS + sent_ms),
        b"",
        NOW_MS,
    )
    assert reply.code == code


def signed(account: Account, at_ms: int) -> tuple[str, dict[str, str]]:
    text = f"recvWindow=5000&timestamp={at_ms}"
    return (
        f"{text}&signature={signature(account.secret, text)}",
        {"x-mbx-apikey": account.api_key},
    )


def test_whoever_asks_too_much_is_told_and_then_banned(
    exchange: Exchange, account: Account
) -> None:
    client = Client(BinanceDialect(exchange, ListenKeys(), Weights()), account)
    for used in range(1, 121):
        reply = client.ask("GET", "/dapi/v1/userTrades", symbol=PERP)
        assert reply.headers["X-MBX-USED-WEIGHT-1M"] == str(20 * used)
    for _ in range(50):
        reply = client.ask("GET", "/dapi/v1/userTrades", symbol=PERP)
        assert (reply.status, reply.code, reply.headers["Retry-After"]) == (429, -1003, "5")
    assert client.refusal("GET", "/dapi/v1/balance") == (-1003, 418)
    exchange.advance(exchange.now_ms + 119_999)
    assert client.refusal("GET", "/api/v3/account") == (-1003, 418)
    exchange.advance(exchange.now_ms + 1)
    client.told("GET", "/api/v3/account")


@pytest.mark.parametrize("odd", ["", "x", "%00", "-1", "1e9", "9" * 40, "null", "[]", "a&b=%ff"])
def test_nothing_that_a_client_sends_raises(client: Client, odd: str) -> None:
    names = (
        *("symbol", "quantity", "price", "side", "type", "orderId", "limit", "startTime", "asset"),
        *("amount", "countdownTime", "leverage", "dualSidePosition", "marginType", "fromId"),
    )
    for method, path in (*PUBLIC, *PRIVATE):
        for name in names:
            params = SELL | {name: odd} if path.endswith("/order") else {name: odd, "symbol": PERP}
            reply = client.ask(method, path, **(params if name != "symbol" else {"symbol": odd}))
            assert reply.status in {200, 400, 401, 404}, (path, name, reply.payload)
    reply = client.dialect.handle("GET", f"/dapi/v1/{odd}", odd, {"X-MBX-APIKEY": odd}, b"\xff", 0)
    assert reply.code


def test_listen_keys_live_an_hour(client: Client, exchange: Exchange) -> None:
    path = "/dapi/v1/listenKey"
    assert client.refusal("PUT", path) == (-1125, 400)
    key = client.told("POST", path)["listenKey"]
    assert client.told("POST", path)["listenKey"] == key
    exchange.advance(NOW_MS + 3_599_999)
    assert client.told("PUT", path)["listenKey"] == key
    exchange.advance(NOW_MS + 3_599_999 + 3_600_000)
    assert client.refusal("PUT", path) == (-1125, 400)
    assert client.told("POST", path)["listenKey"] != key
    assert client.told("DELETE", path) == {}
