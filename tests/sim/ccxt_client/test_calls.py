"""The unmodified ccxt client, over real HTTP, does everything that hedged will ask of Bybit."""

from decimal import Decimal
from typing import Any

import pytest

from hedged.sim.accounts import Account
from hedged.sim.exchange import Exchange
from hedged.sim.orders import Side
from hedged.sim.server import SimServer, wall_clock_ms

pytestmark = pytest.mark.asyncio
BTC, SPOT = "BTC/USD:BTC", "BTC/USDT"


def futures(markets: dict[str, Any]) -> list[str]:
    """The dated inverse contracts: those of Bitcoin's next two quarters."""
    return [symbol for symbol, found in markets.items() if found["future"] and found["inverse"]]


async def test_markets_load_with_all_types_and_with_few(client: Any) -> None:
    markets = await client.load_markets()
    linear = {symbol for symbol in markets if symbol.partition(":")[2].startswith("USDT")}
    perpetual, dated = {"BTC/USDT:USDT", "ETH/USDT:USDT"}, set(futures(markets))
    (quarter,) = linear - perpetual
    assert quarter.removeprefix("BTC/USDT:USDT") in {s.removeprefix(BTC) for s in dated}
    assert set(markets) == {SPOT, "ETH/USDT", BTC, "ETH/USD:ETH"} | linear | dated
    assert len(dated) == 2
    btc = markets[BTC]
    assert (btc["inverse"], btc["swap"], btc["contractSize"]) == (True, True, 1)
    assert (btc["precision"]["price"], btc["precision"]["amount"]) == (0.1, 1)
    client.options["fetchMarkets"] = {"types": ["spot", "inverse"]}
    assert set(await client.load_markets(True)) == set(markets) - linear


async def test_balances_positions_and_prices(
    client: Any, exchange: Exchange, account: Account
) -> None:
    balance = await client.fetch_balance()
    assert (balance["BTC"]["total"], balance["USDT"]["total"]) == (5, 20_000)
    assert await client.fetch_positions() == []
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, Decimal(6_000))
    (position,) = await client.fetch_positions()
    assert (position["symbol"], position["side"], position["contracts"]) == (BTC, "short", 6_000)
    assert (position["hedged"], position["leverage"]) == (False, 10)
    flat = await client.fetch_position("ETH/USD:ETH")
    assert (flat["contracts"], flat["side"]) == (0, None)

    ticker = await client.fetch_ticker(BTC)
    assert ticker["bid"] < 65_000 < ticker["ask"]
    assert (await client.fetch_ticker(SPOT))["last"] == 65_000
    dated = futures(client.markets)
    assert set(await client.fetch_tickers()) == {BTC, "ETH/USD:ETH", *dated}
    assert set(await client.fetch_tickers(params={"type": "spot"})) == {SPOT, "ETH/USDT"}
    book = await client.fetch_order_book(BTC)
    assert len(book["bids"]) == len(book["asks"]) == 25
    assert (await client.fetch_time()) <= wall_clock_ms()


async def test_immediate_orders_and_looking_them_up(client: Any, server: SimServer) -> None:
    created = await client.create_order(
        BTC, "limit", "sell", 100_000, 64_990, {"timeInForce": "IOC", "clientOrderId": "hdg1"}
    )
    assert (created["clientOrderId"], created["status"], created["filled"]) == ("hdg1", None, None)
    by_client_id = {"acknowledged": True, "orderLinkId": "hdg1"}
    order = await client.fetch_order("", BTC, by_client_id)
    assert (order["id"], order["status"], order["filled"]) == (created["id"], "closed", 100_000)
    assert order["fee"]["currency"] == "BTC"
    assert 64_990 < order["average"] < 65_000
    same = await client.fetch_order(created["id"], BTC, {"acknowledged": True})
    assert same["clientOrderId"] == "hdg1"

    market = await client.create_order(BTC, "market", "buy", 40_000, None, {"reduceOnly": True})
    assert (await client.fetch_order(market["id"], BTC, {"acknowledged": True}))["filled"] == 40_000
    trades = await client.fetch_my_trades(BTC)
    assert [trade["amount"] for trade in trades] == [50_000, 50_000, 40_000]
    assert sum(line.method == "POST" for line in server.requests) == 2


async def test_an_unknown_order_is_not_found(errors: Any, client: Any) -> None:
    with pytest.raises(errors.OrderNotFound):
        await client.fetch_order("", BTC, {"acknowledged": True, "orderLinkId": "never"})
    with pytest.raises(errors.OrderNotFound):
        await client.cancel_order("nothing", BTC)
    with pytest.raises(errors.OrderNotFound):
        await client.cancel_order("77", SPOT)


async def test_resting_orders_are_listed_edited_and_cancelled(client: Any) -> None:
    maker = await client.create_order(BTC, "limit", "buy", 1_000, 64_000, {"postOnly": True})
    (waiting,) = await client.fetch_open_orders(BTC)
    assert (waiting["id"], waiting["status"], waiting["postOnly"]) == (maker["id"], "open", True)
    assert (await client.edit_order(maker["id"], BTC, "limit", "buy", 900, 64_001))["id"]
    (waiting,) = await client.fetch_open_orders(BTC)
    assert (waiting["amount"], waiting["price"]) == (900, 64_001)
    assert (await client.cancel_order(maker["id"], BTC))["id"] == maker["id"]
    assert await client.fetch_open_orders(BTC) == []
    (ended,) = await client.fetch_canceled_orders(BTC)
    assert ended["id"] == maker["id"]

    crossing = await client.create_order(BTC, "limit", "buy", 1_000, 65_100, {"postOnly": True})
    order = await client.fetch_order(crossing["id"], BTC, {"acknowledged": True})
    assert (order["status"], order["filled"]) == ("canceled", 0)
    assert order["info"]["rejectReason"] == "EC_PostOnlyWillTakeLiquidity"

    for price in (64_000, 64_100):
        await client.create_order(BTC, "limit", "buy", 1_000, price)
    assert len(await client.cancel_all_orders(BTC)) == 2


async def test_refusals_arrive_as_the_exceptions_that_clients_rely_on(
    errors: Any, client: Any
) -> None:
    await client.create_order(BTC, "limit", "buy", 10, 64_000, {"clientOrderId": "twice"})
    with pytest.raises(errors.InvalidOrder, match="110072"):
        await client.create_order(BTC, "limit", "buy", 10, 64_000, {"clientOrderId": "twice"})
    with pytest.raises(errors.InsufficientFunds, match="110007"):
        await client.create_order(BTC, "limit", "sell", 20_000_000, 64_000)
    with pytest.raises(errors.InsufficientFunds, match="170131"):
        await client.create_order(SPOT, "limit", "sell", 9, 65_000)
    with pytest.raises(errors.InvalidOrder, match="110017"):
        await client.create_order(BTC, "limit", "sell", 10, 66_000, {"reduceOnly": True})
    client.secret = "wrong"
    with pytest.raises(errors.AuthenticationError, match="10004"):
        await client.fetch_balance()


async def test_a_clock_that_is_off_is_told(errors: Any, client: Any, server: SimServer) -> None:
    await client.load_markets()
    server.clock = lambda: wall_clock_ms() + 60_000
    with pytest.raises(errors.InvalidNonce, match="10002"):
        await client.fetch_positions()
    await client.load_time_difference()
    assert await client.fetch_positions() == []


async def test_the_rate_limit_arrives_as_its_exception(
    errors: Any, client: Any, exchange: Exchange, account: Account
) -> None:
    del account
    limited = SimServer(exchange)
    frozen_ms = wall_clock_ms()
    limited.clock = lambda: frozen_ms
    await limited.start()
    client.urls["api"] = dict.fromkeys(client.urls["api"], limited.url)
    try:
        for _ in range(50):
            await client.fetch_positions()
        with pytest.raises(errors.RateLimitExceeded, match="10006"):
            await client.fetch_positions()
    finally:
        await limited.stop()


async def test_spot_orders(client: Any) -> None:
    limit = await client.create_order(SPOT, "limit", "sell", 0.5, 64_990, {"timeInForce": "IOC"})
    order = await client.fetch_order(limit["id"], SPOT, {"acknowledged": True})
    assert (order["status"], order["filled"], order["symbol"]) == ("closed", 0.5, SPOT)
    assert order["fee"]["currency"] == "USDT"
    market = await client.create_order(SPOT, "market", "buy", 0.25)
    order = await client.fetch_order(market["id"], SPOT, {"acknowledged": True})
    assert (order["filled"], order["fee"]["currency"]) == (0.25, "BTC")
    costed = await client.create_market_buy_order_with_cost(SPOT, 1_000)
    order = await client.fetch_order(costed["id"], SPOT, {"acknowledged": True})
    assert 999 < order["cost"] <= 1_000
    await client.create_order(SPOT, "limit", "buy", 0.1, 60_000)
    (waiting,) = await client.fetch_open_orders(SPOT)
    assert waiting["symbol"] == SPOT
    assert (await client.fetch_balance())["USDT"]["used"] == 6_000
    assert {trade["symbol"] for trade in await client.fetch_my_trades(SPOT)} == {SPOT}


async def test_linear_and_dated_contracts(
    client: Any, exchange: Exchange, account: Account
) -> None:
    await client.load_markets()
    linear, dated = "BTC/USDT:USDT", futures(client.markets)[0]
    assert client.markets[linear]["contractSize"] == 1
    assert (
        client.markets[dated]["expiry"]
        == exchange.market(client.markets[dated]["id"]).instrument.delivery_ms
    )
    for symbol, amount in ((linear, 0.5), (dated, 5_000)):
        created = await client.create_order(symbol, "market", "sell", amount)
        order = await client.fetch_order(created["id"], symbol, {"acknowledged": True})
        assert (order["symbol"], order["filled"]) == (symbol, amount)
    exchange.set_index("BTC", Decimal(64_000))
    (short,) = await client.fetch_positions(params={"subType": "linear", "settleCoin": "USDT"})
    assert (short["symbol"], short["side"], short["contracts"]) == (linear, "short", 0.5)
    assert 495 < short["unrealizedPnl"] < 500
    (future,) = [p for p in await client.fetch_positions() if p["symbol"] == dated]
    assert (future["side"], future["contracts"]) == ("short", 5_000)
    ticker = await client.fetch_ticker(linear)
    assert ticker["bid"] < 64_000 < ticker["ask"]
    assert (await client.fetch_ticker(dated))["bid"] > 64_000
    assert await client.cancel_all_orders(linear) == []
    loss = await client.create_order(linear, "market", "buy", 0.5)
    assert (await client.fetch_order(loss["id"], linear, {"acknowledged": True}))["filled"] == 0.5


async def test_a_coin_that_is_owed_is_told_as_borrowed(
    client: Any, exchange: Exchange, account: Account
) -> None:
    exchange.withdraw(account, "USDT", Decimal(20_000))
    exchange.trade_by_hand(account, "BTCUSDT:linear", Side.SELL, Decimal("0.5"))
    exchange.set_index("BTC", Decimal(68_000))
    exchange.trade_by_hand(account, "BTCUSDT:linear", Side.BUY, Decimal("0.5"))
    balance = await client.fetch_balance()
    (owed,) = [row for row in balance["info"]["result"]["list"][0]["coin"] if row["coin"] == "USDT"]
    assert float(owed["walletBalance"]) < -1_500
    assert float(owed["borrowAmount"]) == -float(owed["walletBalance"])
    assert (owed["spotBorrow"], float(owed["equity"])) == ("0", float(owed["walletBalance"]))


async def test_funding_is_seen_in_rates_history_and_statement(
    client: Any, exchange: Exchange, account: Account, server: SimServer
) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, Decimal(65_000))
    stamp_ms = exchange.market("BTCUSD").next_funding_ms
    rate = await client.fetch_funding_rate(BTC)
    assert (rate["fundingRate"], rate["fundingTimestamp"]) == (0.0001, stamp_ms)
    exchange.advance(stamp_ms)
    server.clock = lambda: stamp_ms
    await client.load_time_difference()
    (past,) = await client.fetch_funding_rate_history(BTC)
    assert (past["timestamp"], past["fundingRate"]) == (stamp_ms, 0.0001)
    (payment,) = await client.fetch_funding_history(BTC)
    assert payment["amount"] == -0.0001  # ccxt passes the fee through: received is negative
    ledger = await client.fetch_ledger("BTC")
    assert (ledger[-1]["info"]["type"], ledger[-1]["direction"]) == ("SETTLEMENT", "in")


async def test_leverage_and_modes(errors: Any, client: Any) -> None:
    await client.set_leverage(5, BTC)
    assert (await client.fetch_leverage(BTC))["longLeverage"] == 5
    with pytest.raises(errors.BadRequest, match="110043"):
        await client.set_leverage(5, BTC)
    assert (await client.fetch_margin_mode(BTC))["marginMode"] == "cross"
    await client.set_margin_mode("cross")
    tiers = await client.fetch_market_leverage_tiers(BTC)
    assert (tiers[0]["maxNotional"], tiers[0]["maxLeverage"]) == (150, 100)
    fee = await client.fetch_trading_fee(BTC)
    assert (fee["taker"], fee["maker"]) == (0.00055, 0.0002)
    await client.set_position_mode(True, BTC)
    assert (await client.fetch_position(BTC))["hedged"] is True
    assert (await client.cancel_all_orders_after(10_000))["retCode"] == 0


async def test_transfers_and_the_statement(client: Any) -> None:
    moved = await client.transfer("BTC", 1.5, "unified", "fund")
    assert (moved["status"], moved["amount"]) == ("ok", 1.5)
    (listed,) = await client.fetch_transfers("BTC")
    assert (listed["id"], listed["fromAccount"]) == (moved["id"], "unified")
    assert (await client.fetch_balance())["BTC"]["total"] == 3.5
    assert (await client.fetch_balance({"type": "funding"}))["BTC"]["total"] == 1.5
    ledger = await client.fetch_ledger("BTC")
    assert [(line["direction"], line["amount"], line["after"]) for line in ledger] == [
        ("in", 5, 5),
        ("out", 1.5, 3.5),
    ]
