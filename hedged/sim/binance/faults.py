"""Faults in Binance's words: what its requests are for, its errors, what its replies change."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from http import HTTPStatus

from hedged.sim.dialect import Purpose, Purposes, Reply, purposes_of
from hedged.sim.faults.alterations import QUOTES, Words, altered_quote, altered_rows
from hedged.sim.faults.fault import Fault
from hedged.sim.faults.kinds import Kind

WORDS = Words(
    prices=(
        *("markPrice", "indexPrice", "estimatedSettlePrice", "bidPrice", "askPrice", "price"),
        *("lastPrice", "p", "i", "b", "a"),
    ),
    bid="bid",
    ask="ask",
    bids="bids",
    asks="asks",
    coin="asset",
    ages=("time",),
    kept=("leverage", "markPrice", "maxQty"),
)
_PURPOSES: Purposes = {
    Purpose.TIME: ("GET /dapi/v1/time", "GET /api/v3/time"),
    Purpose.WALLET: ("GET /dapi/v1/account", "GET /dapi/v1/balance"),
    Purpose.POSITIONS: ("GET /dapi/v1/positionRisk",),
    Purpose.TICKERS: (
        *("GET /dapi/v1/premiumIndex", "GET /dapi/v1/ticker/*", "GET /api/v3/ticker/*"),
        *("WS /ws*/*@bookTicker", "WS /ws*/*@markPrice*"),
    ),
    Purpose.BOOKS: ("GET /dapi/v1/depth", "GET /api/v3/depth"),
    Purpose.ORDERS: (
        *("* /dapi/v1/order", "* /dapi/v1/*[oO]rders", "GET /dapi/v1/openOrder"),
        *("* /api/v3/order", "* /api/v3/*Orders"),
    ),
    Purpose.CREATE: ("POST /dapi/v1/order", "POST /api/v3/order"),
    Purpose.CANCEL: ("DELETE /dapi/v1/order", "DELETE /api/v3/order"),
    Purpose.LOOK_UPS: (
        *("GET /dapi/v1/order", "GET /dapi/v1/openOrder*", "GET /dapi/v1/allOrders"),
        *("GET /api/v3/order", "GET /api/v3/openOrders", "GET /api/v3/allOrders"),
    ),
    Purpose.FILLS: (
        *("GET /dapi/v1/userTrades", "GET /api/v3/myTrades"),
        "WS /ws*/ORDER_TRADE_UPDATE",
    ),
    Purpose.LEVERAGE: ("POST /dapi/v1/leverage",),
    Purpose.MOVE: ("POST /sapi/v1/asset/transfer",),
    Purpose.STREAMS: ("WS /ws*",),
}
_NO_KEY = (HTTPStatus.UNAUTHORIZED, -2015, "Invalid API-key, IP, or permissions for action.")
_ERRORS: Mapping[Kind, tuple[int, int, str]] = {
    Kind.KEY_EXPIRED: _NO_KEY,
    Kind.IP_REFUSED: _NO_KEY,
    Kind.RATE_LIMIT: (HTTPStatus.TOO_MANY_REQUESTS, -1003, "Too many requests."),
}
_MESSAGES: Mapping[int, str] = {
    -1000: "An unknown error occurred while processing the request.",
    -1001: "Internal error; unable to process your request. Please try again.",
    -1006: "An unexpected response was received from the message bus. Execution status unknown.",
    -1007: "Timeout waiting for response from backend server. Send status unknown; execution "
    "status unknown.",
    -2010: "Account has insufficient balance for requested action.",
    -2019: "Margin is insufficient.",
    -2022: "ReduceOnly Order is rejected.",
    -4116: "ClientOrderId is duplicated.",
}
_LISTS = ("assets", "balances", "rows")
_GONE = (Kind.NOT_FOUND, Kind.INVISIBLE)


@lru_cache(maxsize=1024)
def purposes(method: str, path: str) -> frozenset[Purpose]:
    """Return what a request is for."""
    return purposes_of(_PURPOSES, method, path)


def error(status: int, code: int, message: str) -> Reply:
    """Return the reply that says what was wrong."""
    return Reply(int(status), {}, {"code": code, "msg": message}, code=code)


def refusal(fault: Fault) -> Reply:
    """Return the reply of a fault that is an error; of one request too many, with when."""
    usual = (HTTPStatus.BAD_REQUEST, fault.code, _MESSAGES.get(fault.code, "Unknown error."))
    status, code, message = _ERRORS.get(fault.kind, usual)
    reply = error(fault.status or status, code, fault.message or message)
    if fault.kind is not Kind.RATE_LIMIT:
        return reply
    return replace(reply, headers={"Retry-After": str(max(1, round(fault.seconds or 1)))})


def altered(fault: Fault, reply: Reply, now_ms: int) -> Reply:
    """Return a reply as a fault makes it: a list, the list in an object, or one object alone."""
    data = reply.payload
    if isinstance(data, list):
        return reply.telling(altered_rows(fault, data, now_ms, WORDS))
    found = next((name for name in _LISTS if isinstance(data.get(name), list)), "")
    if found:
        return reply.telling({**data, found: altered_rows(fault, data[found], now_ms, WORDS)})
    if fault.kind in QUOTES:
        return reply.telling(altered_quote(fault, data, WORDS))
    is_order = fault.kind in _GONE and "orderId" in data
    if not is_order or altered_rows(fault, [data], now_ms, WORDS):
        return reply
    gone = error(HTTPStatus.BAD_REQUEST, -2013, "Order does not exist.")
    return replace(gone, account=reply.account)
