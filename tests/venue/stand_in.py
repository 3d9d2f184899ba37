"""A local server that answers as it is told and writes down every request that reaches it."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer

from hedged.clock import SystemClock
from hedged.core.types import Environment, Instrument, Kind, Side
from hedged.ports import Clock, Order
from hedged.venue import LiveVenue, ReadOnlyVenue, VenueSpec, profile_of

D = Decimal
KEY, SECRET = "TESTKEY00000000001", "test-secret-that-must-not-be-seen"
SYMBOL = "BTC/USD:BTC"

TIME = "/v5/market/time"
LISTINGS = "/v5/market/instruments-info"
TICKERS = "/v5/market/tickers"
FEES = "/v5/account/fee-rate"
RISK = "/v5/market/risk-limit"
DEPTH = "/v5/market/orderbook"
KEY_INFO = "/v5/user/query-api"
ACCOUNT = "/v5/account/info"
SWITCH = "/v5/account/query-dcp-info"
SET_SWITCH = "/v5/order/disconnected-cancel-all"
WALLET = "/v5/account/wallet-balance"
POSITIONS = "/v5/position/list"
OPEN_ORDERS = "/v5/order/realtime"
OLD_ORDERS = "/v5/order/history"
CREATE = "/v5/order/create"
CANCEL = "/v5/order/cancel"
FILLS = "/v5/execution/list"

Json = dict[str, Any]


ID = "hg0000000001"
KEY_ROW: Json = {"unified": 0, "uta": 1, "readOnly": 0, "userID": 24617703}


@dataclass(frozen=True)
class Seen:
    """A request that arrived."""

    method: str
    path: str
    query: dict[str, str]
    body: Json
    headers: dict[str, str]


Answer = Json | Callable[[web.Request], Awaitable[web.StreamResponse]]


class StandIn:
    """Answers each path from its own list; the last answer of a list stays."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._answers: dict[str, list[Answer]] = {}
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._handle)
        self._server = TestServer(app, host="127.0.0.1")

    @property
    def url(self) -> str:
        return str(self._server.make_url("")).rstrip("/")

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    def answer(self, path: str, *answers: Answer) -> None:
        self._answers[path] = list(answers)

    def count(self, path: str) -> int:
        return sum(seen.path == path for seen in self.seen)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        self.seen.append(
            Seen(
                request.method,
                request.path,
                dict(request.query),
                json.loads(text) if text else {},
                dict(request.headers),
            )
        )
        answers = self._answers.get(request.path)
        if not answers:
            return web.json_response(refused(10017, "path not found"))
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(answer):
            return await answer(request)
        return web.json_response(answer)


def ok(result: Any) -> Json:
    return {
        "retCode": 0,
        "retMsg": "OK",
        "result": result,
        "retExtInfo": {},
        "time": int(time.time() * 1000),
    }


def listed(*rows: Json, cursor: str = "") -> Json:
    return ok({"list": list(rows), "nextPageCursor": cursor, "category": "inverse"})


def refused(code: int, message: str = "refused") -> Json:
    return {"retCode": code, "retMsg": message, "result": {}, "retExtInfo": {}, "time": 1}


def page(text: str, status: int = 200, kind: str = "application/json") -> Answer:
    async def respond(_: web.Request) -> web.StreamResponse:
        return web.Response(text=text, status=status, content_type=kind)

    return respond


def redirected(status: int, to: str) -> Answer:
    async def respond(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": to})

    return respond


async def dropped(request: web.Request) -> web.StreamResponse:
    """The connection ends without a reply."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def torn(request: web.Request) -> web.StreamResponse:
    """The connection ends in the middle of the reply."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"retCode":0,"result":{"list":[')
    assert request.transport is not None
    request.transport.abort()
    return response


async def silent(_: web.Request) -> web.StreamResponse:
    """The connection stays open and nothing comes."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


def listing(symbol: str = "BTCUSD", **changes: Any) -> Json:
    return {
        "symbol": symbol,
        "contractType": "InversePerpetual",
        "status": "Trading",
        "baseCoin": symbol.removesuffix("USD"),
        "quoteCoin": "USD",
        "settleCoin": symbol.removesuffix("USD"),
        "launchTime": "1542211200000",
        "deliveryTime": "0",
        "priceScale": "2",
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100", "leverageStep": "0.01"},
        "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"},
        "lotSizeFilter": {
            "maxOrderQty": "25000000",
            "maxMktOrderQty": "5000000",
            "minOrderQty": "1",
            "qtyStep": "1",
        },
        "fundingInterval": 480,
    } | changes


def coin(name: str, wallet: str, **changes: Any) -> Json:
    return {
        "coin": name,
        "walletBalance": wallet,
        "equity": wallet,
        "unrealisedPnl": "0",
        "borrowAmount": "0",
        "spotBorrow": "0",
    } | changes


def account(*coins: Json) -> Json:
    return ok({"list": [{"accountType": "UNIFIED", "coin": list(coins)}]})


def wallet(*coins: Json) -> Answer:
    """The coins; one that is asked for by name is told of even when there is none."""

    async def respond(request: web.Request) -> web.StreamResponse:
        name = request.query.get("coin")
        if name is None:
            return web.json_response(account(*coins))
        named = [row for row in coins if row.get("coin") == name]
        return web.json_response(account(*(named or [coin(name, "0")])))

    return respond


def position(symbol: str = "BTCUSD", **changes: Any) -> Json:
    row = {
        "symbol": symbol,
        "side": "Sell",
        "size": "6000",
        "positionIdx": 0,
        "avgPrice": "60000",
        "markPrice": "61000",
        "liqPrice": "",
    } | changes
    return {"unrealisedPnl": pnl(row)} | row


def pnl(row: Json) -> str:
    """What a position has gained: q(1/entry - 1/mark), linear q(mark - entry); eight decimals."""
    try:
        size, entry, mark = (D(row[key]) for key in ("size", "avgPrice", "markPrice"))
        signed = size if row["side"] == "Buy" else -size
        is_inverse = re.fullmatch("[A-Z0-9]+USD([HMUZ][0-9]{2})?", row.get("symbol", "BTCUSD"))
        return str(round(signed * ((1 / entry - 1 / mark) if is_inverse else mark - entry), 8))
    except (ArithmeticError, TypeError, ValueError):
        return ""  # of a row that a test has spoilt, or that is flat


def ticker(symbol: str = "BTCUSD", **changes: Any) -> Json:
    return {
        "symbol": symbol,
        "markPrice": "61000.10",
        "indexPrice": "60990.55",
        "bid1Price": "60999.90",
        "ask1Price": "61000.30",
        "fundingRate": "-0.0001",
    } | changes


def order_row(client_id: str, **changes: Any) -> Json:
    return {
        "orderId": "fd4300ae",
        "orderLinkId": client_id,
        "symbol": "BTCUSD",
        "side": "Sell",
        "orderType": "Limit",
        "qty": "100",
        "price": "60999.90",
        "orderStatus": "Filled",
        "cumExecQty": "100",
        "avgPrice": "61000.5",
        "reduceOnly": False,
        "rejectReason": "EC_NoError",
        "cancelType": "UNKNOWN",
        "createdTime": "1784700000123",
    } | changes


def fill_row(trade_id: str, **changes: Any) -> Json:
    return {
        "execId": trade_id,
        "orderLinkId": ID,
        "orderId": "fd4300ae",
        "symbol": "BTCUSD",
        "side": "Sell",
        "execQty": "100",
        "execPrice": "61000.50",
        "execFee": "0.00000090",
        "feeCurrency": "",
        "isMaker": False,
        "execType": "Trade",
        "execTime": "1784700000456",
    } | changes


def healthy(server: StandIn) -> StandIn:
    """A server on which a venue opens: one market, 5 BTC, no position."""

    async def now(_: web.Request) -> web.StreamResponse:
        return web.json_response(ok({}))

    async def listings(request: web.Request) -> web.StreamResponse:
        is_trading = request.query.get("status") != "PreLaunch"
        return web.json_response(listed(*([listing()] if is_trading else [])))

    async def positions(request: web.Request) -> web.StreamResponse:
        flat = position(side="", size="0", avgPrice="0")
        return web.json_response(listed(*([flat] if "symbol" in request.query else [])))

    server.answer(TIME, now)
    server.answer(LISTINGS, listings)
    server.answer(KEY_INFO, ok(KEY_ROW))
    server.answer(ACCOUNT, ok({"unifiedMarginStatus": 5, "marginMode": "REGULAR_MARGIN"}))
    server.answer(WALLET, wallet(coin("BTC", "5")))
    server.answer(POSITIONS, positions)
    server.answer(TICKERS, listed(ticker()))
    return server


def spec(server_url: str | None, **changes: Any) -> VenueSpec:
    settings: dict[str, Any] = {
        "name": "main",
        "exchange": "bybit",
        "environment": Environment.SIM,
        "api_key": KEY,
        "secret": SECRET,
        "url": server_url,
        "timeout_s": 5.0,
    }
    return VenueSpec(**(settings | changes))


def reader(server_url: str, clock: Clock | None = None, **changes: Any) -> ReadOnlyVenue:
    settings = spec(server_url, **changes)
    return ReadOnlyVenue(settings, profile_of("bybit"), clock or SystemClock())


def trader(server_url: str, clock: Clock | None = None, **changes: Any) -> LiveVenue:
    settings = spec(server_url, **changes)
    return LiveVenue(settings, profile_of("bybit"), clock or SystemClock())


BTCUSD = Instrument(
    venue="main",
    symbol=SYMBOL,
    kind=Kind.INVERSE,
    base="BTC",
    settle="BTC",
    contract_size=D(1),
    lot=D(1),
    tick=D("0.1"),
    min_contracts=D(1),
    max_contracts=D(25000000),
)


def order(**changes: Any) -> Order:
    figures: dict[str, Any] = {
        "client_id": ID,
        "instrument": BTCUSD,
        "side": Side.SELL,
        "contracts": D(6000),
        "limit_price": D("60999.9"),
        "reduce_only": False,
    }
    return Order(**(figures | changes))


ACKNOWLEDGED = ok({"orderId": "fd4300ae", "orderLinkId": ID})
