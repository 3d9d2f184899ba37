"""The operator's interface and the page: mishaps at will, and the truth about them."""

import re
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from hedged.sim.accounts import Account, Wallet
from hedged.sim.admin import ACTIONS
from hedged.sim.exchange import Exchange
from hedged.sim.faults import Kind
from hedged.sim.orders import OrderRequest, Side
from hedged.sim.server import SimServer
from tests.sim.asked import call

pytestmark = pytest.mark.asyncio
D = Decimal


async def done(server: SimServer, action: str, **fields: object) -> Any:
    status, payload = await call(server, "POST", f"/admin/{action}", json=fields)
    assert status == 200, payload
    return payload


async def refused(server: SimServer, action: str, **fields: object) -> str:
    status, payload = await call(server, "POST", f"/admin/{action}", json=fields)
    assert status == 400
    return str(payload["error"])


async def test_faults_are_made_listed_and_lifted(server: SimServer) -> None:
    made = await done(server, "fault", kind="status", status=502, path="/v5/market/*", times=2)
    async with (
        aiohttp.ClientSession() as session,
        session.get(server.url + "/v5/market/time") as reply,
    ):
        assert (reply.status, reply.content_type) == (502, "text/html")
    _, seen = await call(server, "GET", "/admin/overview")
    (rule,) = seen["faults"]["rules"]
    assert (rule["number"], rule["struck"], rule["times"]) == (made["number"], 1, 2)
    (entry,) = (await call(server, "GET", "/admin/log"))[1]["log"]
    assert (entry["kind"], entry["path"], entry["reached"], entry["code"]) == (
        "status",
        "/v5/market/time",
        False,
        None,
    )
    assert await done(server, "lift", number=str(made["number"])) == {"lifted": 1}
    assert (await call(server, "GET", "/v5/market/time"))[0] == 200
    assert "kind must be one of" in await refused(server, "fault", kind="flu")
    assert "status needs status" in await refused(server, "fault", kind="status")


async def test_it_tells_what_it_can_do(server: SimServer) -> None:
    _, told = await call(server, "GET", "/admin/kinds")
    assert set(told["kinds"]) == set(Kind)
    assert set(told["actions"]) == set(ACTIONS)
    assert all(told["actions"].values())


async def test_another_bot_trades_in_the_account(
    server: SimServer, exchange: Exchange, account: Account
) -> None:
    order = {"account": "main", "symbol": "BTCUSD", "side": "sell", "quantity": "500"}
    sold = await done(server, "order", **order, time_in_force="IOC", price="64000")
    assert (sold["status"], sold["filled"]) == ("Filled", "500")
    await done(server, "order", **order, price="66000", link_id="rival1")
    assert list(account.orders_by_link) == ["rival1"]
    cancelled = await done(server, "cancel", account="main", link_id="rival1")
    assert cancelled["status"] == "Cancelled"
    assert "no order" in await refused(server, "cancel", account="main", link_id="rival9")
    assert "unknown_order" in await refused(server, "cancel", account="main", link_id="rival1")
    await refused(server, "order", **order, time_in_force="now")
    events = (await call(server, "GET", "/admin/events"))[1]["events"]
    assert [(event["kind"], event["reference"]) for event in events] == [
        (event.kind, event.reference) for event in exchange.truth.events
    ]


async def test_a_book_is_emptied_and_thinned(server: SimServer, exchange: Exchange) -> None:
    book = exchange.market("BTCUSD").book
    await done(server, "depth", levels="0")
    assert [market.book.best(Side.BUY) for market in exchange.markets.values()].count(None) == len(
        exchange.markets
    )
    await done(server, "depth", symbol="BTCUSD", levels="2", level_usd="700")
    assert [str(quantity) for _, quantity in book.levels(Side.BUY, 9)] == ["700", "700"]
    assert exchange.market("ETHUSD").book.best(Side.BUY) is None
    linear = await done(server, "depth", symbol="BTCUSDT", category="linear", levels="1")
    assert linear == {}
    assert exchange.market("BTCUSDT").book.best(Side.BUY) is None
    assert "level_usd" in await refused(server, "depth", level_usd="0")
    assert "levels" in await refused(server, "depth", levels="1.5")
    await refused(server, "depth", symbol="DOGEUSD")


async def test_the_steps_of_an_instrument_change(
    server: SimServer, exchange: Exchange, account: Account
) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(105))
    resting = OrderRequest("BTCUSD", Side.BUY, D(15), D("64000.0"), link_id="old")
    exchange.place_order(account, resting)
    changed = await done(server, "instrument", symbol="BTCUSD", lot="10", min_quantity="10")
    assert (changed["lot"], changed["min_quantity"]) == ("10", "10")
    path = "/v5/market/instruments-info?category=inverse&symbol=BTCUSD"
    _, listed = await call(server, "GET", path)
    steps = listed["result"]["list"][0]["lotSizeFilter"]
    assert (steps["qtyStep"], steps["minOrderQty"]) == ("10", "10")
    order = {"account": "main", "symbol": "BTCUSD", "side": "buy"}
    assert "quantity_invalid" in await refused(server, "trade", **order, quantity="15")
    # What was there before lives on: the order fills, and the position counts both.
    exchange.set_index("BTC", D(63_000))
    assert str(account.orders_by_link["old"].filled) == "15"
    assert str(account.quantity("BTCUSD")) == "-90"
    await done(server, "trade", **order, quantity="20")
    assert str(account.quantity("BTCUSD")) == "-70"
    assert "above 0" in await refused(server, "instrument", symbol="BTCUSD", tick="0")


async def test_an_instrument_is_delisted(server: SimServer, exchange: Exchange) -> None:
    assert await done(server, "phase", symbol="BTCUSD", phase="Closed") == {"phase": "Closed"}
    _, listed = await call(server, "GET", "/v5/market/instruments-info?category=inverse")
    assert "BTCUSD" not in [row["symbol"] for row in listed["result"]["list"]]
    order = {"account": "main", "symbol": "BTCUSD", "side": "buy", "quantity": "10"}
    assert "not_trading" in await refused(server, "trade", **order)
    await refused(server, "phase", symbol="BTCUSD", phase="Gone")
    await done(server, "phase", symbol="BTCUSD", phase="Trading")
    await done(server, "trade", **order)


async def test_distress_at_will(server: SimServer, exchange: Exchange, account: Account) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(1000))
    reduced = {"account": "main", "symbol": "BTCUSD", "quantity": "400", "price": "65100"}
    await done(server, "deleverage", **reduced)
    assert str(account.quantity("BTCUSD")) == "-600"
    assert (account.fills[-1].kind, str(account.fills[-1].price)) == ("AdlTrade", "65100")
    await refused(server, "deleverage", **(reduced | {"quantity": "601"}))
    await done(server, "liquidate", account="main")
    assert account.quantity("BTCUSD") == 0
    assert account.fills[-1].kind == "BustTrade"
    assert all(total == 0 for _, total in exchange.ledger.totals())


async def test_funding_is_charged_now(
    server: SimServer, exchange: Exchange, account: Account
) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(65_000))
    await done(server, "funding", coin="BTC", rate="0.001")
    assert (account.fills[-1].kind, str(account.fills[-1].fee)) == ("Funding", "-0.00100000")


async def test_coins_may_be_on_their_way(
    server: SimServer, exchange: Exchange, account: Account
) -> None:
    await done(server, "deposit", account="main", coin="BTC", amount="1", delay_s="60")
    held = exchange.ledger.holdings(account.purse())
    assert held["BTC"] == 5
    exchange.advance(exchange.now_ms + 60_000)
    assert held["BTC"] == 6
    assert "delay_s" in await refused(
        server, "deposit", account="main", coin="BTC", amount="1", delay_s="-1"
    )


async def test_coins_move_to_other_wallets(
    server: SimServer, exchange: Exchange, account: Account, other: Account
) -> None:
    await done(server, "transfer", account="main", coin="BTC", amount="1")
    await done(
        server, "transfer", account="main", coin="BTC", amount="2", to="other", target="UNIFIED"
    )
    held = exchange.ledger.holdings
    wallets = (account.purse(), account.purse(Wallet.FUND), other.purse())
    assert [str(held(wallet)["BTC"].normalize()) for wallet in wallets] == ["2", "1", "7"]
    assert "no account" in await refused(
        server, "transfer", account="main", coin="BTC", amount="1", to="nobody"
    )
    await done(server, "transfer", account="main", coin="BTC", amount="0.5", target="EARN")
    earning = account.purse(Wallet.EARN)
    assert str(held(earning)["BTC"].normalize()) == "0.5"
    await refused(server, "transfer", account="main", coin="BTC", amount="1", target="NOWHERE")


async def test_a_session_is_settled(
    server: SimServer, exchange: Exchange, account: Account
) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(65_000))
    exchange.set_index("BTC", D(60_000))
    equity = exchange.margin.figures(account).equity
    await done(server, "settle", symbol="BTCUSD")
    (btc,) = [coin for coin in exchange.margin.figures(account).coins if coin.coin == "BTC"]
    assert abs(btc.unrealised) < D("0.0000001")
    assert abs(exchange.margin.figures(account).equity - equity) < D("0.01")


async def test_an_account_is_protected_from_lost_connections(
    server: SimServer, account: Account
) -> None:
    assert await done(server, "protect", account="main") == {"window_s": 10}
    protected = [account.is_disconnect_protected]
    await done(server, "protect", account="main", is_protected=False)
    assert [*protected, account.is_disconnect_protected] == [True, False]
    assert "true or false" in await refused(server, "protect", account="main", is_protected="yes")


async def test_the_overview_has_all_that_the_page_shows(
    server: SimServer, exchange: Exchange, account: Account
) -> None:
    exchange.trade_by_hand(account, "BTCUSDT", Side.SELL, D("0.1"))
    await call(server, "GET", "/v5/market/time")
    _, seen = await call(server, "GET", "/admin/overview")
    assert set(seen["books"]) == set(seen["markets"]) == set(exchange.markets)
    assert len(seen["books"]["BTCUSD"]["bids"]) == 8
    assert [line["path"] for line in seen["requests"]] == ["/v5/market/time"]
    assert seen["accounts"]["main"]["fills"] == 1
    assert "secret-main" not in str(seen)
    assert "key-main" not in str(seen)


async def test_the_page_loads_nothing_from_elsewhere(server: SimServer) -> None:
    async with aiohttp.ClientSession() as session, session.get(server.url + "/") as reply:
        page = await reply.text()
        policy = reply.headers["Content-Security-Policy"]
        assert (reply.status, reply.content_type) == (200, "text/html")
    assert not re.findall(r"https?:|src=|import", page)
    assert "default-src 'none'" in policy
    assert 'name="viewport"' in page
    assert "prefers-color-scheme: dark" in page
    assert "innerHTML" not in page
    shown = set(re.findall(r'byId\("(\w+)"\)', page))
    assert shown == set(re.findall(r'id="((?!h-)\w+)"', page))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "elsewhere.example"}, 403),
    ],
)
async def test_pages_of_other_sites_cannot_act(
    server: SimServer, headers: dict[str, str], status: int
) -> None:
    assert (await call(server, "POST", "/admin/lift", headers=headers))[0] == status


async def test_its_own_page_can_act(server: SimServer) -> None:
    assert (await call(server, "POST", "/admin/lift", headers={"Origin": server.url}))[0] == 200


async def test_an_admin_token_does_not_hide_the_page(exchange: Exchange) -> None:
    server = SimServer(exchange, admin_token="letmein")
    await server.start()
    try:
        async with aiohttp.ClientSession() as session, session.get(server.url + "/") as reply:
            assert reply.status == 200
            assert "letmein" not in await reply.text()
        assert (await call(server, "GET", "/admin/overview"))[0] == 401
    finally:
        await server.stop()
