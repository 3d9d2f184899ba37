"""The server: a local port, the operator's interface, the request log, moving prices."""

import asyncio
import contextlib
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from hedged.sim.accounts import Account
from hedged.sim.exchange import Exchange
from hedged.sim.prices import PriceFileError, PricePath, PricePoint, scripted
from hedged.sim.server import SimServer, run_server
from tests.sim.asked import call

pytestmark = pytest.mark.asyncio


async def test_it_listens_on_a_free_local_port(server: SimServer) -> None:
    status, payload = await call(server, "GET", "/v5/market/time")
    assert (status, payload["retCode"]) == (200, 0)
    assert server.url.startswith("http://127.0.0.1:")
    assert not server.url.endswith(":0")


async def test_the_request_log_tells_what_arrived(server: SimServer) -> None:
    await call(server, "GET", "/v5/market/tickers?category=inverse")
    await call(server, "POST", "/v5/order/create", data=b"{}")
    await call(server, "GET", "/nowhere")
    assert [(line.method, line.path, line.account, line.code) for line in server.requests] == [
        ("GET", "/v5/market/tickers", "", 0),
        ("POST", "/v5/order/create", "", 10001),
        ("GET", "/nowhere", "", 10017),
    ]


async def test_the_operator_moves_coins_prices_and_positions(
    server: SimServer, exchange: Exchange, account: Account
) -> None:
    assert await call(
        server, "POST", "/admin/deposit", json={"account": "main", "coin": "BTC", "amount": "1.5"}
    ) == (200, {"amount": "1.5"})
    assert await call(
        server, "POST", "/admin/withdraw", json={"account": "main", "coin": "ETH", "amount": "50"}
    ) == (200, {"amount": "50"})
    await call(
        server, "POST", "/admin/price", json={"coin": "BTC", "index": "70000", "mark": "70010"}
    )
    status, traded = await call(
        server,
        "POST",
        "/admin/trade",
        json={"account": "main", "symbol": "BTCUSD", "side": "sell", "quantity": "700"},
    )
    assert (status, traded["filled"]) == (200, "700")
    assert account.quantity("BTCUSD") == -700
    assert [exchange.prices["BTC"], exchange.market("BTCUSD").mark] == [70_000, 70_010]
    status, state = await call(server, "GET", "/admin/state")
    assert status == 200
    main = state["accounts"]["main"]
    assert main["positions"]["BTCUSD"]["quantity"] == "-700"
    assert Decimal(main["coins"]["BTC"]["equity"]) == Decimal("6.5") - account.fills[0].fee + (
        Decimal(main["coins"]["BTC"]["unrealised"])
    )
    assert "secret-main" not in str(state)


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("deposit", b"{"),
        ("deposit", b"[]"),
        ("deposit", b"{}"),
        ("deposit", b'{"account": "nobody", "coin": "BTC", "amount": "1"}'),
        ("deposit", b'{"account": "main", "coin": "DOGE", "amount": "1"}'),
        ("deposit", b'{"account": "main", "coin": "BTC", "amount": 1}'),
        ("deposit", b'{"account": "main", "coin": "BTC", "amount": "lots"}'),
        ("deposit", b'{"account": "main", "coin": "BTC", "amount": "1e99"}'),
        ("withdraw", b'{"account": "main", "coin": "BTC", "amount": "99"}'),
        ("price", b'{"coin": "BTC", "index": "0"}'),
        ("price", b'{"coin": "DOGE", "index": "1"}'),
        ("trade", b'{"account": "main", "symbol": "BTCUSD", "side": "up", "quantity": "1"}'),
        ("trade", b'{"account": "main", "symbol": "XYZ", "side": "buy", "quantity": "1"}'),
        ("account", b'{"account": "main", "api_key": "k", "secret": "s"}'),
    ],
)
async def test_bad_requests_of_the_operator_get_one_line(
    server: SimServer, action: str, body: bytes
) -> None:
    status, payload = await call(server, "POST", f"/admin/{action}", data=body)
    assert status == 400
    assert payload["error"]
    assert "\n" not in payload["error"]


async def test_unknown_actions_are_not_found(server: SimServer) -> None:
    assert (await call(server, "POST", "/admin/dance"))[0] == 404
    assert (await call(server, "GET", "/admin/deposit"))[0] == 404
    assert (await call(server, "POST", "/admin/state"))[0] == 404
    assert (await call(server, "PUT", "/admin/lift"))[0] == 404


async def test_the_operator_needs_the_token_when_there_is_one(exchange: Exchange) -> None:
    server = SimServer(exchange, admin_token="letmein")
    await server.start()
    try:
        assert (await call(server, "GET", "/admin/state"))[0] == 401
        wrong, right = ({"X-Admin-Token": token} for token in ("letmeout", "letmein"))
        assert (await call(server, "GET", "/admin/state", headers=wrong))[0] == 401
        assert (await call(server, "GET", "/admin/state", headers=right))[0] == 200
        assert (await call(server, "GET", "/v5/market/time"))[0] == 200
    finally:
        await server.stop()


async def test_a_port_in_use_is_an_error_and_leaves_nothing_open(server: SimServer) -> None:
    port = int(server.url.rpartition(":")[2])
    second = SimServer(server.exchange, port=port)
    with pytest.raises(OSError, match="address already in use"):
        await second.start()


async def test_fault_23_it_goes_away_and_comes_back_on_the_same_port(server: SimServer) -> None:
    url = server.url
    await server.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await call(server, "GET", "/v5/market/time")
    await server.start()
    assert server.url == url
    assert (await call(server, "GET", "/v5/market/time"))[0] == 200


async def test_running_moves_prices_until_it_is_stopped(exchange: Exchange) -> None:
    stop = asyncio.Event()
    ready = asyncio.Event()
    moved = asyncio.Event()
    started: list[SimServer] = []

    def on_ready(server: SimServer) -> None:
        started.append(server)
        ready.set()

    def points() -> Any:
        yield PricePoint(0, Decimal(66_000))
        yield PricePoint(1, Decimal(67_000))
        moved.set()
        yield PricePoint(10**9, Decimal(1))

    server = SimServer(exchange)
    running = asyncio.create_task(
        run_server(server, {"BTC": PricePath(points())}, stop=stop, on_ready=on_ready)
    )
    await ready.wait()
    await moved.wait()
    status, payload = await call(started[0], "GET", "/v5/market/tickers?category=inverse")
    assert (status, payload["result"]["list"][0]["indexPrice"]) == (200, "67000.00")
    stop.set()
    await running
    with pytest.raises(aiohttp.ClientConnectionError):
        await call(server, "GET", "/v5/market/time")


async def test_running_ends_with_the_error_of_a_bad_price_file(exchange: Exchange) -> None:
    def points() -> Any:
        yield PricePoint(0, Decimal(66_000))
        raise PriceFileError("line 3: time does not increase")

    server = SimServer(exchange)
    paths = {"BTC": PricePath(points()), "ETH": scripted([(0, Decimal(3_000))])}
    with pytest.raises(PriceFileError):
        await run_server(server, paths, stop=asyncio.Event())
    with pytest.raises(aiohttp.ClientConnectionError):
        await call(server, "GET", "/v5/market/time")


async def test_latency_delays_both_ways(exchange: Exchange) -> None:
    slept: list[float] = []

    class Delayed(SimServer):
        async def _wait(self, delay_ms: int = 0) -> None:
            slept.append(self.latency_s / 2 + delay_ms)

    server = Delayed(exchange, latency_s=3)
    await server.start()
    with contextlib.suppress(aiohttp.ClientError):
        await call(server, "GET", "/v5/market/time")
    await server.stop()
    assert slept == [1.5, 1.5]
