"""The unmodified ccxt clients, REST and websockets, walk through everything hedged may ask for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from hedged.sim.accounts import Account
from hedged.sim.exchange import Exchange
from hedged.sim.orders import Side
from hedged.sim.server import SimServer
from tests.sim.conftest import funded

pytestmark = pytest.mark.asyncio
PERP, LINEAR, SPOT = "BTC/USD:BTC", "BTC/USDT:USDT", "BTC/USDT"
TIME_LIMIT_S = 10


def connected(bybit: Any, server: SimServer) -> Any:
    """Point a client at the server, as docs/simulator.md says."""
    http, ws = server.url, server.url.replace("http", "ws")
    bybit.urls["api"] = {
        **dict.fromkeys(("spot", "futures", "v2", "public", "private"), http),
        "ws": {
            "public": {
                kind: f"{ws}/v5/public/{kind}" for kind in ("spot", "inverse", "linear", "option")
            },
            "private": {
                "spot": {"unified": f"{ws}/v5/private", "nonUnified": f"{ws}/v5/private"},
                "contract": f"{ws}/v5/private",
                "usdc": f"{ws}/v5/private",
                "trade": f"{ws}/v5/trade",
            },
        },
    }
    return bybit


@pytest_asyncio.fixture
async def client(pro: Any, server: SimServer, account: Account) -> AsyncIterator[Any]:
    """ccxt.pro.bybit: it is ccxt.async_support.bybit with the watch methods."""
    bybit = pro.bybit(
        {
            "apiKey": account.api_key,
            "secret": account.secret,
            "options": {"defaultType": "swap", "defaultSubType": "inverse"},
            "enableRateLimit": False,
        }
    )
    yield connected(bybit, server)
    await bybit.close()


async def watched(
    server: SimServer, topic: str, watching: Awaitable[Any], act: Callable[[], object]
) -> Any:
    """Return what a watch method sees of an act that follows its subscription."""
    task = asyncio.ensure_future(watching)
    async with asyncio.timeout(TIME_LIMIT_S):
        while not server.has_topic(topic):
            assert not task.done() or task.result()
            await asyncio.sleep(0.005)
        act()
        return await task


async def test_everything_that_hedged_may_ask_for(
    client: Any, server: SimServer, exchange: Exchange, account: Account
) -> None:
    """Issue 3, done when: each step of the walk, in one account."""
    # load_markets, balance, positions
    markets = await client.load_markets()
    assert {PERP, LINEAR, SPOT} < set(markets)
    assert (await client.fetch_balance())["BTC"]["total"] == 5
    assert await client.fetch_positions() == []

    # all order types
    immediate = {"timeInForce": "IOC"}
    ioc = await client.create_order(PERP, "limit", "sell", 6_000, 64_000, immediate)
    fok = await client.create_order(PERP, "limit", "sell", 500, 64_000, {"timeInForce": "FOK"})
    market = await client.create_order(PERP, "market", "buy", 500, None, {"reduceOnly": True})
    maker = await client.create_order(PERP, "limit", "buy", 100, 63_000, {"postOnly": True})
    waiting = await client.create_order(PERP, "limit", "buy", 200, 63_500)
    spot = await client.create_order(SPOT, "market", "sell", 0.1)
    statuses = [
        (await client.fetch_order(order["id"], symbol, {"acknowledged": True}))["status"]
        for order, symbol in (
            (ioc, PERP),
            (fok, PERP),
            (market, PERP),
            (maker, PERP),
            (waiting, PERP),
            (spot, SPOT),
        )
    ]
    assert statuses == ["closed", "closed", "closed", "open", "open", "closed"]

    # amend, cancel
    await client.edit_order(waiting["id"], PERP, "limit", "buy", 150, 63_600)
    amended = await client.fetch_order(waiting["id"], PERP, {"acknowledged": True})
    assert (amended["amount"], amended["price"]) == (150, 63_600)
    await client.cancel_order(waiting["id"], PERP)
    await client.cancel_all_orders(PERP)
    assert await client.fetch_open_orders(PERP) == []

    # fills, positions
    assert [trade["amount"] for trade in await client.fetch_my_trades(PERP)] == [6_000, 500, 500]
    (position,) = await client.fetch_positions()
    assert (position["symbol"], position["side"], position["contracts"]) == (PERP, "short", 6_000)

    # funding history, leverage, transfer
    exchange.charge_funding("BTC", Decimal("0.0001"))
    (paid,) = await client.fetch_funding_history(PERP)
    assert paid["symbol"] == PERP
    assert (await client.fetch_funding_rate_history(PERP))[0]["fundingRate"] == 0.0001
    await client.set_leverage(3, PERP)
    assert (await client.fetch_leverage(PERP))["longLeverage"] == 3
    moved = await client.transfer("BTC", 0.5, "unified", "fund")
    assert moved["status"] == "ok"

    await _watch_the_market(client, server, exchange)
    await _watch_the_account(client, server, exchange, account)
    await _enter_orders(client, account)


async def _watch_the_market(client: Any, server: SimServer, exchange: Exchange) -> None:
    """watch_ticker, watch_tickers, watch_bids_asks, _order_book, _trades, _ohlcv, _liquidations."""
    async with asyncio.timeout(TIME_LIMIT_S):
        ticker = await client.watch_ticker(PERP)
        assert (ticker["symbol"], ticker["markPrice"]) == (PERP, 65_000)
        exchange.set_index("BTC", Decimal(65_100))
        assert (await client.watch_ticker(PERP))["markPrice"] == 65_100
        assert (await client.watch_ticker(SPOT))["symbol"] == SPOT
        (eth,) = await client.watch_tickers(["ETH/USD:ETH"])
        assert eth == "ETH/USD:ETH"
        assert (await client.watch_tickers([LINEAR]))[LINEAR]["markPrice"] == 65_100

        book = await client.watch_order_book(PERP)
        assert len(book["bids"]) == len(book["asks"]) == 50
        exchange.set_index("BTC", Decimal(65_200))
        book = await client.watch_order_book(PERP)
        assert book["bids"][0][0] < 65_200 < book["asks"][0][0]
        assert len(book["bids"]) == 50
        best = (await client.watch_bids_asks([PERP]))[PERP]
        assert (best["bid"], best["ask"]) == (book["bids"][0][0], book["asks"][0][0])
        (candle,) = await client.watch_ohlcv(PERP, "1m")
        assert candle[0] % 60_000 == 0

    stranger = funded(exchange, "stranger")
    (trade,) = await watched(
        server,
        "publicTrade.BTCUSD",
        client.watch_trades(PERP),
        lambda: exchange.trade_by_hand(stranger, "BTCUSD", Side.SELL, Decimal(100)),
    )
    assert (trade["symbol"], trade["side"], trade["amount"]) == (PERP, "sell", 100)
    (liquidation,) = await watched(
        server,
        "allLiquidation.BTCUSD",
        client.watch_liquidations(PERP),
        lambda: exchange.liquidate(stranger),
    )
    assert (liquidation["symbol"], liquidation["side"]) == (PERP, "sell")
    async with asyncio.timeout(TIME_LIMIT_S):
        await client.un_watch_ticker(PERP)
    assert not server.has_topic("tickers.BTCUSD")


async def _watch_the_account(
    client: Any, server: SimServer, exchange: Exchange, account: Account
) -> None:
    """watch_orders, watch_my_trades, watch_positions, watch_balance."""

    def sell() -> None:
        exchange.trade_by_hand(account, "BTCUSD", Side.SELL, Decimal(200))

    orders = await watched(server, "order", client.watch_orders(PERP), sell)
    assert {order["symbol"] for order in orders} == {PERP}
    (trade,) = await watched(server, "execution", client.watch_my_trades(PERP), sell)
    assert (trade["side"], trade["amount"], trade["fee"]["currency"]) == ("sell", 200, "BTC")

    async with asyncio.timeout(TIME_LIMIT_S):  # the first answer is read over REST
        (held,) = await client.watch_positions([PERP])
    assert (held["side"], held["contracts"]) == ("short", 6_400)
    (held,) = await watched(server, "position", client.watch_positions([PERP]), sell)
    assert (held["side"], held["contracts"]) == ("short", 6_600)
    balance = await watched(
        server,
        "wallet",
        client.watch_balance({"subType": "linear"}),
        lambda: exchange.deposit(account, "USDC", Decimal(7)),
    )
    assert balance["USDC"]["total"] == 7
    assert {"BTC", "ETH", "USDT", "USDC"} <= set(balance)


async def _enter_orders(client: Any, account: Account) -> None:
    """create_order_ws, edit_order_ws, cancel_order_ws."""
    async with asyncio.timeout(TIME_LIMIT_S):
        created = await client.create_order_ws(
            PERP, "limit", "buy", 300, 63_000, {"clientOrderId": "overws"}
        )
        order = account.orders[created["id"]]
        assert (order.link_id, str(order.price), str(order.quantity)) == ("overws", "63000", "300")
        await client.edit_order_ws(created["id"], PERP, "limit", "buy", 310, 63_010)
        assert (str(order.price), str(order.quantity)) == ("63010", "310")
        await client.cancel_order_ws(created["id"], PERP)
        assert not order.status.is_open


async def test_orders_refused_over_the_websocket_arrive_as_exceptions(
    pro: Any, client: Any
) -> None:
    async with asyncio.timeout(TIME_LIMIT_S):
        with pytest.raises(pro.InsufficientFunds, match="110007"):
            await client.create_order_ws(PERP, "limit", "sell", 20_000_000, 64_000)
        with pytest.raises(pro.OrderNotFound, match="110001"):
            await client.cancel_order_ws("nothing", PERP)


async def test_a_wrong_signature_arrives_as_an_exception(pro: Any, client: Any) -> None:
    await client.load_markets()
    await client.is_unified_enabled()
    client.secret = "wrong"
    async with asyncio.timeout(TIME_LIMIT_S):
        with pytest.raises(pro.AuthenticationError):
            await client.create_order_ws(PERP, "limit", "sell", 1, 64_000)
        with pytest.raises(pro.AuthenticationError):
            await client.watch_orders(PERP)


async def test_pings_are_answered(client: Any, server: SimServer) -> None:
    """Without an answer ccxt would close the connection."""
    await client.watch_ticker(PERP)
    (socket,) = client.clients.values()
    before = socket.lastPong
    await socket.send(client.ping(socket))
    async with asyncio.timeout(TIME_LIMIT_S):
        while socket.lastPong == before:  # noqa: ASYNC110 - ccxt tells of a pong in no other way
            await asyncio.sleep(0.005)
