"""Binance's replies have the shape of the real payloads: keys, and the kind of each value.

The payloads are real responses kept beside the repository, not part of it.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hedged.sim.accounts import Wallet
from hedged.sim.binance.catalogue import SEPARATE
from hedged.sim.binance.dialect import PRIVATE, PUBLIC, BinanceDialect
from hedged.sim.binance.limits import Weights
from hedged.sim.binance.listen import ListenKeys
from hedged.sim.exchange import Exchange
from hedged.sim.orders import OrderRequest, Side
from tests.sim.binance_client import PERP, RESTING, SELL, Client
from tests.sim.shapes import shape

PAYLOADS = Path(__file__).parents[3] / "shared" / "payloads"
pytestmark = pytest.mark.skipif(
    not PAYLOADS.is_dir(), reason="the real payloads (../shared/payloads) are not here"
)
FILES = ("binance/endpoints", "binance/documented", "binancecoinm/documented")
NOW_MS = 1_750_000_000_000
D = Decimal

# Trailing orders, and the dated contracts of which the recordings tell.
SITUATIONAL = {"activatePrice", "priceRate"}
# Keys of other kinds of order, filter and market than those here.
ELSEWHERE = {"filters[]", "rateLimits[]", "fills[]", "sors", "isolatedCreated"}
# Newer than the recordings: the venue's documentation has them, or ccxt reads them.
NEWER = {"priceMatch", "selfTradePreventionMode", "notionalValue", "positionSide", "pair"}

IN_SPOT = {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "0.1"}
MOVE = {"type": "MAIN_CMFUTURE", "asset": "BTC", "amount": "0.1"}
COUNT_DOWN = {"symbol": PERP, "countdownTime": "10000"}
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/dapi/v1/exchangeInfo", {}),
    ("GET", "/dapi/v1/premiumIndex", {}),
    ("GET", "/dapi/v1/depth", {"symbol": PERP}),
    ("GET", "/dapi/v1/ticker/bookTicker", {}),
    ("GET", "/dapi/v1/ticker/price", {}),
    ("GET", "/dapi/v1/ticker/24hr", {}),
    ("GET", "/dapi/v1/fundingRate", {"symbol": PERP}),
    ("GET", "/dapi/v1/fundingInfo", {}),
    ("GET", "/api/v3/exchangeInfo", {}),
    ("GET", "/api/v3/depth", {"symbol": "BTCUSDT"}),
    ("GET", "/api/v3/ticker/bookTicker", {"symbol": "BTCUSDT"}),
    ("GET", "/api/v3/ticker/price", {"symbol": "BTCUSDT"}),
    ("GET", "/api/v3/ticker/24hr", {"symbol": "BTCUSDT"}),
    ("GET", "/dapi/v1/account", {}),
    ("GET", "/dapi/v1/balance", {}),
    ("GET", "/dapi/v1/positionRisk", {}),
    ("GET", "/dapi/v1/positionSide/dual", {}),
    ("POST", "/dapi/v1/positionSide/dual", {"dualSidePosition": "true"}),
    ("GET", "/dapi/v1/commissionRate", {"symbol": PERP}),
    ("POST", "/dapi/v1/leverage", {"symbol": PERP, "leverage": "5"}),
    ("GET", "/dapi/v1/income", {}),
    ("GET", "/dapi/v2/leverageBracket", {}),
    ("GET", "/dapi/v1/order", {"symbol": PERP, "origClientOrderId": "resting"}),
    ("POST", "/dapi/v1/order", SELL),
    ("PUT", "/dapi/v1/order", {"symbol": PERP, "origClientOrderId": "resting", "quantity": "5"}),
    ("DELETE", "/dapi/v1/order", {"symbol": PERP, "origClientOrderId": "resting"}),
    ("GET", "/dapi/v1/openOrder", {"symbol": PERP, "origClientOrderId": "resting"}),
    ("GET", "/dapi/v1/openOrders", {}),
    ("GET", "/dapi/v1/allOrders", {"symbol": PERP}),
    ("DELETE", "/dapi/v1/allOpenOrders", {"symbol": PERP}),
    ("POST", "/dapi/v1/countdownCancelAll", COUNT_DOWN),
    ("GET", "/dapi/v1/userTrades", {"symbol": PERP}),
    ("GET", "/api/v3/account", {}),
    ("GET", "/api/v3/order", {"symbol": "BTCUSDT", "origClientOrderId": "spot"}),
    ("POST", "/api/v3/order", IN_SPOT),
    ("DELETE", "/api/v3/order", {"symbol": "BTCUSDT", "origClientOrderId": "spot"}),
    ("GET", "/api/v3/openOrders", {}),
    ("DELETE", "/api/v3/openOrders", {"symbol": "BTCUSDT"}),
    ("GET", "/api/v3/allOrders", {"symbol": "BTCUSDT"}),
    ("GET", "/api/v3/myTrades", {"symbol": "BTCUSDT"}),
    ("GET", "/sapi/v1/account/apiRestrictions", {}),
    ("POST", "/sapi/v1/asset/transfer", MOVE),
    ("GET", "/sapi/v1/asset/transfer", {"type": "MAIN_CMFUTURE"}),
    ("POST", "/sapi/v1/asset/get-funding-asset", {}),
    ("GET", "/sapi/v1/asset/tradeFee", {}),
]
# No real payload of these was ever recorded, or they list nothing here.
UNRECORDED = {
    ("GET", "/sapi/v1/margin/allPairs"),
    ("GET", "/sapi/v1/margin/isolated/allPairs"),
    ("POST", "/dapi/v1/marginType"),
    ("GET", "/sapi/v1/capital/deposit/hisrec"),
    ("GET", "/sapi/v1/capital/withdraw/history"),
    ("GET", "/sapi/v1/sub-account/list"),
    ("GET", "/sapi/v1/sub-account/universalTransfer"),
    ("GET", "/sapi/v1/system/status"),
    ("GET", "/sapi/v4/sub-account/assets"),
    ("GET", "/sapi/v1/simple-earn/flexible/position"),
    ("GET", "/sapi/v1/simple-earn/locked/position"),
}


def samples(method: str, path: str) -> Iterator[Any]:
    """Yield every real response of an endpoint that is no error."""
    if path == "/dapi/v1/exchangeInfo":
        yield json.loads((PAYLOADS / "binancecoinm/instruments_01.json").read_text())["response"]
    for name in FILES:
        for line in (PAYLOADS / f"{name}.jsonl").read_text().splitlines():
            entry = json.loads(line)
            request = entry.get("request") or (entry.get("endpoint") or "").split(" ")
            told = entry["response"] if "response" in entry else entry["sample"]
            is_error = isinstance(told, dict) and told.get("code", 200) != 200
            if request[:2] == [method, path] and not is_error:
                yield told


@pytest.fixture
def busy() -> Client:
    """Give every list at least one row."""
    exchange = Exchange(now_ms=NOW_MS, seed=7, rules=SEPARATE)
    account = exchange.open_account("main", "key", "secret")
    exchange.deposit(account, "BTC", D(5))
    exchange.deposit(account, "BTC", D(2), wallet=Wallet.SPOT)
    exchange.deposit(account, "BTC", D(1), wallet=Wallet.FUND)
    client = Client(BinanceDialect(exchange, ListenKeys(), Weights(0)), account)
    client.told("POST", "/sapi/v1/asset/transfer", **MOVE)
    exchange.trade_by_hand(account, "BTCUSDT", Side.SELL, D("0.1"))
    exchange.advance(NOW_MS + 9 * 3600 * 1000)
    exchange.charge_funding("BTC", D("0.0001"))
    client.told("POST", "/dapi/v1/order", **RESTING, newClientOrderId="resting")
    spot = OrderRequest("BTCUSDT", Side.SELL, D("0.1"), D(66_000), link_id="spot")
    exchange.place_order(account, spot)
    return client


@pytest.mark.parametrize(
    ("method", "path", "params"), CASES, ids=[f"{case[0]} {case[1]}" for case in CASES]
)
def test_replies_have_the_shape_of_real_ones(
    busy: Client, method: str, path: str, params: dict[str, Any]
) -> None:
    if path in {"/dapi/v1/userTrades", "/dapi/v1/allOrders"}:
        busy.told("POST", "/dapi/v1/order", **SELL)
    if path.endswith("positionSide/dual") and method == "POST":
        busy.told("DELETE", "/dapi/v1/allOpenOrders", symbol=PERP)
    ours = busy.told(method, path, **params)
    real = list(samples(method, path))
    assert real, f"no real payload of {method} {path}"
    known = set().union(*(set(shape(sample)) for sample in real))
    always = set.intersection(*({key for key, _ in shape(sample)} for sample in real))
    if path.startswith("/dapi") and "rder" in path:
        always = {key for key in always if key.rpartition(".")[2] not in SITUATIONAL}
    always = {key for key in always if not any(name in key for name in ELSEWHERE)}

    keys = {key for key, _ in known}
    invented = {
        (key, what)
        for key, what in shape(ours)
        if (key, what) not in known
        and not (key in keys and (key, "NoneType") in known)
        and key.rpartition(".")[2] not in NEWER
        and not any(name in key for name in ELSEWHERE)
    }
    assert not invented
    assert not always - {key for key, _ in shape(ours)}


def test_every_endpoint_is_compared() -> None:
    compared = {(method, path) for method, path, _ in CASES}
    assert compared | UNRECORDED == {*PUBLIC, *PRIVATE}
    assert not compared & UNRECORDED
