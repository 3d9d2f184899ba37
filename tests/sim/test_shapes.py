"""Every reply has the shape of the real payloads: keys, and the kind of each value.

The payloads are real responses kept beside the repository, not part of it.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hedged.sim.accounts import Account
from hedged.sim.bybit.dialect import PRIVATE, PUBLIC, TIME
from hedged.sim.exchange import Exchange
from hedged.sim.orders import OrderRequest, Side
from tests.sim.shapes import shape

PAYLOADS = Path(__file__).parents[3] / "shared" / "payloads" / "bybit"
pytestmark = pytest.mark.skipif(
    not PAYLOADS.is_dir(), reason="the real payloads (../shared/payloads/bybit) are not here"
)

# Fixtures of adapters name no endpoint.
FIXTURES = {
    "http_get_account_info": "/v5/account/info",
    "http_get_executions": "/v5/execution/list",
    "http_get_fee_rate": "/v5/account/fee-rate",
    "http_get_funding_history": "/v5/market/funding/history",
    "http_get_instruments_inverse": "/v5/market/instruments-info",
    "http_get_instruments_spot": "/v5/market/instruments-info",
    "http_get_orderbook": "/v5/market/orderbook",
    "http_get_orders_history": "/v5/order/history",
    "http_get_orders_realtime": "/v5/order/realtime",
    "http_get_positions": "/v5/position/list",
    "http_get_wallet_balance": "/v5/account/wallet-balance",
    "http_get_wallet_balance_spot_short": "/v5/account/wallet-balance",
}
PAGES = {
    "order-list": "/v5/order/history",
    "position": "/v5/position/list",
    "instrument": "/v5/market/instruments-info",
}
# Keys of newer replies than the recorded ones, which ccxt 4.5.90 quotes or reads.
NEWER = {"createType", "marketUnit"}
# Lists of the same rows, of which one was recorded later than the other.
SAME_ROWS = {"/v5/order/realtime": "/v5/order/history"}
# What only some samples have because of the account or the instrument they come from.
SITUATIONAL = {"isPreListing", "preListingInfo", "displayName", "symbolType", "riskParameters"}

SYMBOL = {"category": "inverse", "symbol": "BTCUSD"}
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/v5/market/time", {}),
    ("GET", "/v5/market/instruments-info", {"category": "inverse"}),
    ("GET", "/v5/market/instruments-info", {"category": "spot"}),
    ("GET", "/v5/market/instruments-info", {"category": "linear"}),
    ("GET", "/v5/market/tickers", {"category": "inverse"}),
    ("GET", "/v5/market/tickers", {"category": "linear"}),
    ("GET", "/v5/market/tickers", {"category": "spot"}),
    ("GET", "/v5/market/orderbook", SYMBOL),
    ("GET", "/v5/market/funding/history", SYMBOL),
    ("GET", "/v5/market/risk-limit", SYMBOL),
    ("GET", "/v5/user/query-api", {}),
    ("GET", "/v5/account/info", {}),
    ("GET", "/v5/account/wallet-balance", {"accountType": "UNIFIED"}),
    ("GET", "/v5/account/fee-rate", SYMBOL),
    ("GET", "/v5/account/transaction-log", {"accountType": "UNIFIED"}),
    ("GET", "/v5/asset/coin/query-info", {}),
    ("GET", "/v5/asset/transfer/query-inter-transfer-list", {}),
    ("GET", "/v5/asset/deposit/query-record", {}),
    ("GET", "/v5/asset/withdraw/query-record", {}),
    ("GET", "/v5/asset/transfer/query-account-coins-balance", {"accountType": "FUND"}),
    ("GET", "/v5/position/list", {"category": "inverse"}),
    ("GET", "/v5/position/list", {"category": "inverse", "symbol": "ETHUSD"}),
    ("GET", "/v5/position/list", {"category": "linear", "settleCoin": "USDT"}),
    ("GET", "/v5/order/realtime", {"category": "inverse"}),
    ("GET", "/v5/order/history", {"category": "inverse"}),
    ("GET", "/v5/order/history", {"category": "spot"}),
    ("GET", "/v5/execution/list", {"category": "inverse"}),
    ("GET", "/v5/execution/list", {"category": "spot"}),
    ("POST", "/v5/order/create", SYMBOL | {"side": "Buy", "orderType": "Market", "qty": "10"}),
    ("POST", "/v5/order/amend", SYMBOL | {"orderLinkId": "resting", "qty": "200"}),
    ("POST", "/v5/order/cancel", SYMBOL | {"orderLinkId": "resting"}),
    ("POST", "/v5/order/cancel-all", SYMBOL),
    ("POST", "/v5/position/set-leverage", SYMBOL | {"buyLeverage": "5", "sellLeverage": "5"}),
    ("POST", "/v5/position/switch-mode", {"category": "inverse", "symbol": "ETHUSD", "mode": 3}),
    ("POST", "/v5/account/set-margin-mode", {"setMarginMode": "ISOLATED_MARGIN"}),
    ("POST", "/v5/order/disconnected-cancel-all", {"timeWindow": 10}),
    (
        "POST",
        "/v5/asset/transfer/inter-transfer",
        {
            "transferId": "two",
            "coin": "BTC",
            "amount": "1",
            "fromAccountType": "UNIFIED",
            "toAccountType": "FUND",
        },
    ),
]


def samples() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every real response with the path of its endpoint."""

    def lines(name: str) -> Iterator[dict[str, Any]]:
        for line in (PAYLOADS / name).read_text().splitlines():
            yield json.loads(line)

    for entry in lines("endpoints.jsonl"):
        if entry["request"]:
            yield entry["request"][1], entry["response"]
    for entry in lines("documented.jsonl"):
        path = (entry.get("endpoint") or "").partition(" ")[2] or PAGES.get(entry["page"])
        if path and isinstance(entry["sample"], dict) and "retCode" in entry["sample"]:
            yield path, entry["sample"]
    for entry in lines("fixtures.jsonl"):
        if entry["name"] in FIXTURES:
            yield FIXTURES[entry["name"]], entry["payload"]


def is_contract(response: dict[str, Any]) -> bool:
    """Say whether market data is about contracts: their rows differ from those of spot."""
    result = response.get("result") or {}
    listed = result.get("list") or [{}]
    return result.get("category") in ("linear", "inverse") or "contractType" in listed[0]


@pytest.fixture
def busy(exchange: Exchange, account: Account, client: Any) -> Any:
    """Give every list at least one row."""
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, Decimal(50_000))
    exchange.trade_by_hand(account, "BTCUSDT", Side.SELL, Decimal("0.1"))
    exchange.trade_by_hand(account, "BTCUSDT:linear", Side.BUY, Decimal("0.1"))
    exchange.withdraw(account, "USDT", Decimal(1))
    exchange.advance(exchange.now_ms + 9 * 3600 * 1000)
    resting = OrderRequest("BTCUSD", Side.BUY, Decimal(100), Decimal(64_000), link_id="resting")
    exchange.place_order(account, resting)
    client.post("/v5/asset/transfer/inter-transfer", **dict(CASES[-1][2], transferId="one"))
    return client


@pytest.mark.parametrize(
    ("method", "path", "params"),
    CASES,
    ids=[f"{case[1]} {case[2].get('category')}" for case in CASES],
)
def test_replies_have_the_shape_of_real_ones(
    busy: Any, method: str, path: str, params: dict[str, Any]
) -> None:
    reply = (busy.get if method == "GET" else busy.post)(path, **params)
    ours = json.loads(reply.body())
    assert ours["retCode"] in (0, 3400045)
    real = [sample for name, sample in samples() if name == path]
    if path.startswith("/v5/market"):
        real = [sample for sample in real if is_contract(sample) is is_contract(ours)]
    assert real, f"no real payload of {path}"
    compared = [set(shape(sample)) for sample in real]
    rows_alike = [set(shape(sample)) for name, sample in samples() if name == SAME_ROWS.get(path)]

    known = set.union(*compared, *rows_alike)
    invented = {
        (key, what)
        for key, what in shape(ours)
        if (key, what) not in known
        and (key, "NoneType") not in known
        and not (what == "NoneType" and key in {name for name, _ in known})
        and key.rpartition(".")[2] not in NEWER
        and not any(name in key for name in SITUATIONAL)
        and key not in ("", ".retExtInfo", ".time", ".result")
    }
    assert not invented

    always = set.intersection(*({key for key, _ in sample} for sample in compared))
    if params.get("category") == "spot":
        always.discard(".result.list[].tpslMode")  # by which clients tell contracts from spot
    assert not always - {key for key, _ in shape(ours)}


# No real payload of these was ever recorded: their rows follow Bybit's documentation alone.
UNRECORDED = {
    ("GET", "/v5/account/query-dcp-info"),
    ("GET", "/v5/asset/transfer/query-universal-transfer-list"),
    ("GET", "/v5/earn/position"),
    ("GET", "/v5/user/query-sub-members"),
    ("GET", "/v5/system/status"),
}


def test_every_endpoint_is_compared() -> None:
    compared = {(method, path) for method, path, _ in CASES}
    assert compared | UNRECORDED == {TIME, *PUBLIC, *PRIVATE}
    assert not compared & UNRECORDED
