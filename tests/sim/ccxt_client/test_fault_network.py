"""Faults over real sockets: what an unmodified ccxt client raises, and what is true by then."""

import asyncio
import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from hedged.sim.accounts import Account
from hedged.sim.exchange import Exchange
from hedged.sim.faults import Fault, Kind
from hedged.sim.faults.stream_gate import Wire
from hedged.sim.server import SimServer
from tests.sim.conftest import funded

pytestmark = pytest.mark.asyncio
D = Decimal
CREATE = "/v5/order/create"


async def create(client: Any, link_id: str = "one") -> Any:
    params = {"timeInForce": "IOC", "clientOrderId": link_id}
    return await client.create_order("BTC/USD:BTC", "limit", "sell", 1_000, 64_900, params)


# What strikes a create_order, what ccxt raises then, and whether the order exists.
OUTCOMES = [
    (Fault(Kind.REQUEST_LOST), "ExchangeNotAvailable", False),
    (Fault(Kind.REPLY_LOST), "ExchangeNotAvailable", True),
    (Fault(Kind.RESET), "ExchangeError", True),
    (Fault(Kind.STATUS, status=500), "ExchangeNotAvailable", False),
    (Fault(Kind.STATUS, status=502, accepted=True), "ExchangeNotAvailable", True),
    (Fault(Kind.STATUS, status=503), "ExchangeNotAvailable", False),
    (Fault(Kind.STATUS, status=504, accepted=True), "RequestTimeout", True),
    (Fault(Kind.STATUS, status=403), "RateLimitExceeded", False),
    (Fault(Kind.RATE_LIMIT), "RateLimitExceeded", False),
    (Fault(Kind.RATE_LIMIT, status=200), "RateLimitExceeded", False),
    (Fault(Kind.CODE, code=10000, accepted=True), "ExchangeError", True),
    (Fault(Kind.CODE, code=10016), "ExchangeError", False),
    (Fault(Kind.CODE, code=170146, accepted=True), "InvalidOrder", True),
    (Fault(Kind.CODE, code=110072), "InvalidOrder", False),
    (Fault(Kind.CODE, code=110007), "InsufficientFunds", False),
    (Fault(Kind.KEY_EXPIRED), "AuthenticationError", False),
    (Fault(Kind.IP_REFUSED), "PermissionDenied", False),
    (Fault(Kind.MAINTENANCE), "ExchangeNotAvailable", False),
    (Fault(Kind.CLOCK_SKEW, seconds=D(3600)), "InvalidNonce", False),
]


async def test_what_the_client_raises_and_what_is_true(
    errors: Any, client: Any, server: SimServer, account: Account
) -> None:
    """The outcomes of a create_order; what is believed and what is true come from the same run."""
    for number, (fault, raised, is_made) in enumerate(OUTCOMES):
        server.faults.add(replace(fault, path=CREATE))
        with pytest.raises(Exception, match="bybit") as failed:
            await create(client, f"o{number}")
        assert type(failed.value) is getattr(errors, raised), fault
        entry = server.faults.log[-1]
        assert (entry.reached and entry.code == 0) is is_made, fault
        assert (f"o{number}" in account.orders_by_link) is is_made, fault
        server.faults.lift()
    assert len(server.faults.log) == len(OUTCOMES)


@pytest.mark.parametrize("kind", [Kind.HTML, Kind.TRUNCATED])
async def test_a_body_that_is_not_json_is_an_order_without_an_id(
    client: Any, server: SimServer, account: Account, kind: Kind
) -> None:
    server.faults.add(Fault(kind, path=CREATE))
    assert (await create(client))["id"] is None
    assert "one" in account.orders_by_link


async def test_a_half_open_connection_never_answers(
    errors: Any, client: Any, server: SimServer, account: Account
) -> None:
    server.faults.add(Fault(Kind.HANG, path=CREATE, accepted=True))
    client.timeout = 200
    with pytest.raises(errors.RequestTimeout):
        await create(client)
    assert "one" in account.orders_by_link


async def test_latency_beyond_the_clients_patience(
    errors: Any, client: Any, server: SimServer, account: Account
) -> None:
    """The order arrives after the client has given up."""
    server.faults.add(Fault(Kind.DELAY, path=CREATE, seconds=D("0.3")))
    client.timeout = 100
    with pytest.raises(errors.RequestTimeout):
        await create(client)
    assert "one" not in account.orders_by_link
    async with asyncio.timeout(5):
        while not server.faults.log[0].reached:  # noqa: ASYNC110 - the venue tells nobody
            await asyncio.sleep(0.01)
    assert "one" in account.orders_by_link


async def test_a_reset_leaves_half_of_the_body(server: SimServer) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{server.url}/v5/market/time") as reply:
            whole = await reply.read()
        server.faults.add(Fault(Kind.RESET))
        async with session.get(f"{server.url}/v5/market/time") as reply:
            assert reply.status == 200
            assert int(reply.headers["Content-Length"]) == len(whole)
            with pytest.raises(aiohttp.ClientPayloadError):
                await reply.read()


async def test_stopping_ends_connections_that_hang(exchange: Exchange) -> None:
    server = SimServer(exchange)
    await server.start()
    server.faults.add(Fault(Kind.HANG))
    async with aiohttp.ClientSession() as session:
        asking = asyncio.create_task(session.get(f"{server.url}/v5/market/time"))
        async with asyncio.timeout(5):
            while not server.requests:  # noqa: ASYNC110 - the log is what there is to look at
                await asyncio.sleep(0.005)
        began = time.monotonic()
        await server.stop()
        with pytest.raises(aiohttp.ClientConnectionError):
            await asking
    assert time.monotonic() - began < 2


async def test_websockets_are_cut_off_refused_and_closed(
    exchange: Exchange, server: SimServer
) -> None:
    funded(exchange, "stranger")
    url = server.url + "/v5/public/spot"
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as socket:
            await socket.send_str('{"op": "ping"}')
            assert (await socket.receive_json(timeout=5))["ret_msg"] == "pong"
            await socket.send_bytes(b'{"op": "ping"}')
            assert (await socket.receive_json(timeout=5))["ret_msg"] == "pong"
            server.faults.add(Fault(Kind.STREAM_CLOSED))
            cut = await socket.receive(timeout=5)
            assert cut.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
        server.faults.add(Fault(Kind.STREAM_REFUSED))
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)
        server.faults.lift()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(server.url + "/v5/public/nowhere")
        async with session.ws_connect(url) as socket:
            await server.stop()
            assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


async def test_a_websocket_that_fails_inside_is_cut_off_not_left_silent(
    server: SimServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_wire: Wire, _now_ms: int) -> list[str]:
        raise ArithmeticError

    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(server.url + "/v5/public/spot") as socket,
    ):
        monkeypatch.setattr(Wire, "collect", broken)
        cut = await socket.receive(timeout=5)
        assert cut.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    await server.stop()
    assert "ArithmeticError" in caplog.text
