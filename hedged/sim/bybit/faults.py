"""Faults in Bybit's words: what its requests are for, its errors, what its replies change."""

import json
from collections.abc import Mapping
from functools import lru_cache

from hedged.sim.dialect import Purpose, Purposes, Reply, purposes_of
from hedged.sim.exchange import Exchange
from hedged.sim.faults.alterations import QUOTES, Words, altered_quote, altered_rows
from hedged.sim.faults.fault import Fault
from hedged.sim.faults.kinds import Kind
from hedged.sim.instruments import Kind as MarketKind
from hedged.sim.market import Market
from hedged.sim.orders import RefusedError

WORDS = Words(
    prices=("lastPrice", "indexPrice", "markPrice", "bid1Price", "ask1Price", "usdIndexPrice"),
    bid="bid1",
    ask="ask1",
    bids="b",
    asks="a",
    coin="coin",
    ages=("createdTime", "execTime"),
    kept=("leverage", "markPrice", "createdTime", "updatedTime", "riskLimitValue", "coin"),
)
_PURPOSES: Purposes = {
    Purpose.TIME: ("GET /v5/market/time",),
    Purpose.WALLET: ("* /v5/account/wallet-balance",),
    Purpose.POSITIONS: ("* /v5/position/list",),
    Purpose.TICKERS: ("* /v5/market/tickers", "WS /v5/public/*/tickers.*"),
    Purpose.BOOKS: ("* /v5/market/orderbook", "WS /v5/public/*/orderbook.*"),
    Purpose.ORDERS: ("* /v5/order/*",),
    Purpose.CREATE: ("* /v5/order/create",),
    Purpose.CANCEL: ("* /v5/order/cancel",),
    Purpose.LOOK_UPS: ("* /v5/order/realtime", "* /v5/order/history"),
    Purpose.FILLS: ("* /v5/execution/list", "WS /v5/private/execution*"),
    Purpose.LEVERAGE: ("POST /v5/position/set-leverage",),
    Purpose.MOVE: ("POST /v5/asset/transfer/inter-transfer",),
    Purpose.STREAMS: ("WS /v5/public/*", "WS /v5/private", "WS /v5/trade"),
}
_CODES: Mapping[Kind, int] = {
    Kind.KEY_EXPIRED: 33004,
    Kind.IP_REFUSED: 10010,
    Kind.RATE_LIMIT: 10006,
}
_MESSAGES: Mapping[int, str] = {
    10000: "Server Timeout",
    10003: "API key is invalid.",
    10006: "Too many visits. Exceeded the API Rate Limit.",
    10010: "Unmatched IP, please check your API key's bound IP addresses.",
    10016: "Server error.",
    10018: "Exceeded the IP Rate Limit.",
    33004: "Your api key has expired.",
    110007: "ab not enough for new order",
    110072: "OrderLinkedID is duplicate",
    170131: "Insufficient balance.",
    170141: "Duplicate clientOrderId.",
    170146: "Order creation timeout.",
}


@lru_cache(maxsize=1024)
def purposes(method: str, path: str) -> frozenset[Purpose]:
    """Return what a request is for."""
    return purposes_of(_PURPOSES, method, path)


def code_of(fault: Fault) -> tuple[int, str]:
    """Return the return code and message of a fault that is one."""
    code = _CODES.get(fault.kind, fault.code)
    return code, fault.message or _MESSAGES.get(code, "Server error.")


def refusal(fault: Fault, now_ms: int) -> Reply:
    """Return the reply of a fault that is a return code; of one request too many, with when."""
    code, message = code_of(fault)
    envelope = {
        "retCode": code, "retMsg": message, "result": {}, "retExtInfo": {}, "time": now_ms,
    }  # fmt: skip
    if fault.kind is not Kind.RATE_LIMIT:
        return Reply(200, {}, envelope, code=code)
    seconds = fault.seconds or 1
    headers = {
        "Retry-After": str(max(1, round(seconds))),
        "X-Bapi-Limit": "20",
        "X-Bapi-Limit-Status": "0",
        "X-Bapi-Limit-Reset-Timestamp": str(now_ms + int(seconds * 1000)),
    }
    return Reply(fault.status or 429, headers, envelope, code=code)


def altered(fault: Fault, reply: Reply, now_ms: int) -> Reply:
    """Return a reply as a fault makes it."""
    data = reply.data
    if not isinstance(data, dict):
        return reply
    if fault.kind in QUOTES and WORDS.bids in data:
        return reply.telling(altered_quote(fault, data, WORDS))
    if not isinstance(data.get("list"), list):
        return reply
    return reply.telling({**data, "list": altered_rows(fault, data["list"], now_ms, WORDS)})


def market_of(exchange: Exchange, text: str) -> Market | None:
    """Return the market of an order as it was sent; None for what is not one."""
    try:
        sent = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(sent, dict) and isinstance(sent.get("args"), list) and sent["args"]:
        sent = sent["args"][0]
    if not isinstance(sent, dict):
        return None
    try:
        return exchange.market(str(sent.get("symbol")), MarketKind(str(sent.get("category"))))
    except (RefusedError, ValueError):
        return None
