"""The unmodified ccxt clients of Binance, spot and COIN-M, over real HTTP and websockets."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from hedged.sim.accounts import Account, Wallet
from hedged.sim.exchange import Exchange
from hedged.sim.orders import Side
from hedged.sim.server import SimServer, wall_clock_ms
from hedged.sim.tongues import BINANCE, Tongue

pytestmark = pytest.mark.asyncio
BTC, SPOT, PERP = "BTC/USD:BTC", "BTC/USDT", "BTCUSD_PERP"
D = Decimal


@pytest.fixture
def tongue() -> Tongue:
    return BINANCE


@pytest.fixture
def account(exchange: Exchange) -> Account:
    opened = exchange.open_account("main", "key-main", "secret-main")
    exchange.deposit(opened, "BTC", D(5))
    exchange.deposit(opened, "BTC", D(2), wallet=Wallet.SPOT)
    exchange.deposit(opened, "USDT", D(20_000), wallet=Wallet.SPOT)
    return opened


def at(urls: Any, server: SimServer) -> Any:
    """The same addresses on the embedded exchange."""
    if isinstance(urls, dict):
        return {name: at(url, server) for name, url in urls.items()}
    origin = server.url if urls.startswith("http") else server.url.replace("http", "ws")
    return re.sub(r"^\w+://[^/]+", origin, urls)


async def until(is_done: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_done():  # noqa: ASYNC110 - nobody tells when a client has connected
            await asyncio.sleep(0.01)


def client_of(kind: Any, server: SimServer, account: Account, markets: str) -> Any:
    client = kind(
        {
            "apiKey": account.api_key,
            "secret": account.secret,
            "enableRateLimit": False,
            "options": {"fetchMarkets": {"types": [markets]}, "fetchCurrencies": False},
        }
    )
    client.has["fetchCurrencies"] = False
    client.urls["api"] = at(client.urls["api"], server)
    return client


@pytest_asyncio.fixture
async def client(pro: Any, server: SimServer, account: Account) -> AsyncIterator[Any]:
    coin_m = client_of(pro.binancecoinm, server, account, "inverse")
    yield coin_m
    await coin_m.close()


@pytest_asyncio.fixture
async def spot(pro: Any, server: SimServer, account: Account) -> AsyncIterator[Any]:
    found = client_of(pro.binance, server, account, "spot")
    yield found
    await found.close()


async def test_markets_of_both_clients(client: Any, spot: Any) -> None:
    markets = await client.load_markets()
    dated = [symbol for symbol, found in markets.items() if found["future"]]
    assert set(markets) == {BTC, "ETH/USD:ETH", *dated}
    assert len(dated) == 2
    assert (markets[BTC]["contractSize"], markets["ETH/USD:ETH"]["contractSize"]) == (100, 10)
    assert (markets[BTC]["precision"]["price"], markets[BTC]["precision"]["amount"]) == (0.1, 1)
    assert set(await spot.load_markets()) == {SPOT, "ETH/USDT"}
    assert spot.markets[SPOT]["limits"]["cost"]["min"] == 5


async def test_each_wallet_is_its_own(client: Any, spot: Any) -> None:
    assert (await client.fetch_balance())["BTC"]["total"] == 5
    balance = await spot.fetch_balance()
    assert (balance["BTC"]["total"], balance["USDT"]["total"]) == (2, 20_000)
    moved = await spot.transfer("BTC", 1.5, "spot", "inverse")
    assert moved["id"]
    assert (await client.fetch_balance())["BTC"]["total"] == 6.5
    (listed,) = await spot.fetch_transfers(params={"fromAccount": "spot", "toAccount": "inverse"})
    assert (listed["amount"], listed["currency"]) == (1.5, "BTC")
    await spot.transfer("BTC", 1, "inverse", "spot")
    assert (await spot.fetch_balance())["BTC"]["total"] == 1.5


async def test_positions_and_prices(client: Any, exchange: Exchange, account: Account) -> None:
    exchange.trade_by_hand(account, PERP, Side.SELL, D(6_000))
    exchange.set_index("BTC", D(61_000))
    (short,) = await client.fetch_positions([BTC])
    assert (short["symbol"], short["side"], short["contracts"]) == (BTC, "short", 60)
    assert (short["contractSize"], short["marginMode"], short["leverage"]) == (100, "cross", 10)
    # 6,000 * (1/61,000 - 1/65,000) BTC of profit
    assert short["unrealizedPnl"] == pytest.approx(6_000 * (1 / 61_000 - 1 / 65_000), rel=0.01)
    ticker = await client.fetch_ticker(BTC)
    assert ticker["last"] == 61_000
    book = await client.fetch_order_book(BTC, 50)
    assert book["bids"][0][0] < 61_000 < book["asks"][0][0]
    rate = await client.fetch_funding_rate(BTC)
    assert (rate["fundingRate"], rate["markPrice"]) == (0.0001, 61_000)
    exchange.charge_funding("BTC", D("0.0003"))
    (history,) = await client.fetch_funding_rate_history(BTC)
    assert history["fundingRate"] == 0.0003
    (paid,) = await client.fetch_funding_history(BTC)
    assert paid["amount"] == pytest.approx(6_000 / 61_000 * 0.0003, rel=1e-3)


async def test_orders_of_coin_m(errors: Any, client: Any) -> None:
    done = await client.create_order(
        BTC, "limit", "sell", 1000, 64_900, {"timeInForce": "IOC", "clientOrderId": "hg1"}
    )
    assert (done["status"], done["filled"], done["clientOrderId"]) == ("closed", 1000, "hg1")
    found = await client.fetch_order("", BTC, {"origClientOrderId": "hg1"})
    assert (found["id"], found["average"]) == (done["id"], done["average"])
    assert [trade["amount"] for trade in await client.fetch_my_trades(BTC)] == [500, 500]
    maker = await client.create_order(BTC, "limit", "buy", 10, 64_000, {"postOnly": True})
    (waiting,) = await client.fetch_open_orders(BTC)
    assert (waiting["id"], waiting["postOnly"], waiting["amount"]) == (maker["id"], True, 10)
    assert (await client.edit_order(maker["id"], BTC, "limit", "buy", 9, 64_001))["amount"] == 9
    assert (await client.cancel_order(maker["id"], BTC))["status"] == "canceled"
    with pytest.raises(errors.OrderNotFound, match="-2011"):
        await client.cancel_order(maker["id"], BTC)
    with pytest.raises(errors.OrderNotFound, match="-2013"):
        await client.fetch_order("", BTC, {"origClientOrderId": "never"})
    with pytest.raises(errors.ExchangeError, match="-5022"):
        await client.create_order(BTC, "limit", "buy", 10, 65_100, {"postOnly": True})
    with pytest.raises(errors.ExchangeError, match="-2022"):
        await client.create_order(BTC, "limit", "sell", 10, 66_000, {"reduceOnly": True})
    with pytest.raises(errors.ExchangeError, match="-2019"):
        await client.create_order(BTC, "limit", "sell", 100_000, 65_000)


async def test_orders_of_spot(errors: Any, spot: Any) -> None:
    sold = await spot.create_order(SPOT, "limit", "sell", 0.5, 64_990, {"timeInForce": "IOC"})
    assert (sold["status"], sold["filled"], sold["fee"]["currency"]) == ("closed", 0.5, "USDT")
    bought = await spot.create_market_buy_order_with_cost(SPOT, 1_000)
    assert 999 < bought["cost"] <= 1_000
    await spot.create_order(SPOT, "limit", "buy", 0.1, 60_000)
    (waiting,) = await spot.fetch_open_orders(SPOT)
    assert (await spot.fetch_balance())["USDT"]["used"] == 6_000
    await spot.cancel_order(waiting["id"], SPOT)
    assert len(await spot.fetch_my_trades(SPOT)) == 2
    with pytest.raises(errors.InsufficientFunds, match="insufficient balance"):
        await spot.create_order(SPOT, "limit", "sell", 9, 65_000)


async def test_keys_clocks_and_limits(errors: Any, client: Any, server: SimServer) -> None:
    await client.load_markets()
    server.clock = lambda: wall_clock_ms() + 60_000
    with pytest.raises(errors.InvalidNonce, match="-1021"):
        await client.fetch_balance()
    await client.load_time_difference()
    assert (await client.fetch_balance())["BTC"]["total"] == 5
    client.secret = "wrong"
    with pytest.raises(errors.AuthenticationError, match="-1022"):
        await client.fetch_balance()
    client.apiKey = "nobody"
    with pytest.raises(errors.AuthenticationError, match="-2015"):
        await client.fetch_balance()


async def test_the_stream_of_an_account(
    client: Any, exchange: Exchange, account: Account, server: SimServer
) -> None:
    await client.load_markets()
    orders = asyncio.create_task(client.watch_orders(BTC))
    await until(lambda: server.has_topic("ORDER_TRADE_UPDATE"))
    trade = {"account": "main", "symbol": PERP, "side": "sell", "quantity": "6000"}
    server.act("trade", trade)
    (order,) = await asyncio.wait_for(orders, 5)
    assert (order["symbol"], order["side"], order["amount"]) == (BTC, "sell", 60)
    positions = asyncio.create_task(client.watch_positions([BTC]))
    sockets = list(client.clients.values())
    await until(lambda: any(":positions::" in key for one in sockets for key in one.futures))
    server.act("trade", trade)
    (short,) = await asyncio.wait_for(positions, 5)
    assert (short["symbol"], short["side"], short["contracts"]) == (BTC, "short", 120)


async def test_the_stream_of_best_prices(client: Any, exchange: Exchange) -> None:
    best = await asyncio.wait_for(client.watch_bids_asks([BTC]), 5)
    assert best[BTC]["bid"] < 65_000 < best[BTC]["ask"]
    exchange.set_index("BTC", D(70_000))
    while best[BTC]["bid"] < 69_000:
        best = await asyncio.wait_for(client.watch_bids_asks([BTC]), 5)
    assert best[BTC]["ask"] > 70_000
