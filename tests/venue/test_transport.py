"""Dry-run is structural: whatever is called, no write and no other host is reached."""

import logging
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from hedged.core.types import Environment
from hedged.venue import LiveVenue, ReadOnlyVenue, WriteRefused, profile_of
from hedged.venue import client as clients
from hedged.venue.profiles.bybit import BYBIT
from hedged.venue.strict import part_of
from hedged.venue.transport import WIRE_LOG, is_listed
from tests.venue.stand_in import (
    CANCEL,
    CREATE,
    KEY,
    LISTINGS,
    SECRET,
    SET_SWITCH,
    SYMBOL,
    TIME,
    WALLET,
    StandIn,
    dropped,
    ok,
    redirected,
    spec,
)


def implicit_methods(client: Any, *, method: str) -> Iterator[str]:
    """The names of ccxt's generated methods that send requests by `method`."""

    def leaves(
        tree: dict[str, Any], path: tuple[str, ...]
    ) -> Iterator[tuple[tuple[str, ...], str]]:
        for key, below in tree.items():
            if key in {"get", "post", "put", "delete", "patch"}:
                yield from (((*path, key), route) for route in below)
            elif isinstance(below, dict):
                yield from leaves(below, (*path, key))

    for path, route in leaves(client.api, ()):
        if path[-1] == method:
            words = [
                word for part in route.split("/") for word in part.replace("-", "_").split("_")
            ]
            name = "".join([path[0], *(p.capitalize() for p in path[1:])])
            yield name + "".join(word[:1].upper() + word[1:] for word in words)


async def refusal(call: Any) -> type[BaseException] | None:
    try:
        await call
    except BaseException as error:  # noqa: BLE001 - the kind of error is what is tested
        return type(error)
    return None


@pytest.mark.asyncio
async def test_invariant_06_no_private_write_leaves_a_read_only_client(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    client = venue._client
    client.enableRateLimit = False
    names = [name for name in implicit_methods(client, method="post") if hasattr(client, name)]
    assert len(names) > 100
    assert "privatePostV5OrderCreate" in names
    server.seen.clear()
    for name in names:
        call = getattr(client, name)({"category": "inverse", "symbol": "BTCUSD"})
        assert await refusal(call) is WriteRefused, name
    assert server.seen == []
    assert client.session.connector.refusals == len(names)


@pytest.mark.asyncio
async def test_invariant_06_nor_through_the_unified_methods(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    client = venue._client
    server.seen.clear()
    for call in (
        client.create_order(SYMBOL, "limit", "sell", "100", "61000", {"timeInForce": "IOC"}),
        client.create_order(SYMBOL, "market", "buy", "100"),
        client.create_orders(
            [{"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": "1", "price": "9"}]
        ),
        client.edit_order("1", SYMBOL, "limit", "buy", "1", "9"),
        client.cancel_order("1", SYMBOL),
        client.cancel_all_orders(SYMBOL),
        client.set_leverage(5, SYMBOL),
        client.set_position_mode(True, SYMBOL),
        client.withdraw("BTC", "1", "bc1qexampleexampleexample"),
        client.transfer("BTC", "1", "unified", "funding"),
    ):
        assert await refusal(call) is WriteRefused
    assert server.seen == []


@pytest.mark.asyncio
async def test_only_listed_reads_are_sent(server: StandIn, venue: ReadOnlyVenue) -> None:
    client = venue._client
    client.enableRateLimit = False
    for name in implicit_methods(client, method="get"):
        if hasattr(client, name):
            await refusal(getattr(client, name)({"symbol": "BTCUSD"}))
    routes = {(seen.method, seen.path) for seen in server.seen}
    assert routes == set(BYBIT.routes)


@pytest.mark.asyncio
async def test_no_other_host_is_reached(server: StandIn, venue: ReadOnlyVenue) -> None:
    session = venue._client.session
    async with StandIn() as other:
        for url in (
            f"{other.url}{TIME}",
            f"http://localhost:9{TIME}",
            server.url.replace("http:", "https:") + TIME,
        ):
            assert await refusal(session.get(url)) is WriteRefused
            assert await refusal(session.get(url, middlewares=())) is WriteRefused
        assert await refusal(session.ws_connect(f"{other.url}/v5/private")) is WriteRefused
        through = session.get(server.url + TIME, proxy=other.url)
        assert await refusal(through) is WriteRefused
        assert other.seen == []


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/v5/market/time/../../order/create", "/v5/market/time/", "/"])
async def test_routes_are_matched_whole(venue: ReadOnlyVenue, server: StandIn, path: str) -> None:
    from yarl import URL  # noqa: PLC0415 - only here

    url = URL(server.url + path, encoded=True)
    assert await refusal(venue._client.session.get(url)) is WriteRefused


@pytest.mark.asyncio
async def test_a_refusal_is_never_taken_for_an_outage(
    venue: ReadOnlyVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(venue._client.session.connector, "_routes", frozenset())
    with pytest.raises(WriteRefused):
        await venue.account(["BTC"])


@pytest.mark.asyncio
async def test_live_execution_sends_orders_cancels_and_the_switch_and_no_more(
    server: StandIn, live: LiveVenue
) -> None:
    client = live._client
    client.enableRateLimit = False
    server.answer(CREATE, ok({}))
    server.answer(CANCEL, ok({}))
    server.answer(SET_SWITCH, ok({}))
    server.seen.clear()
    for name in implicit_methods(client, method="post"):
        if hasattr(client, name):
            await refusal(getattr(client, name)({"symbol": "BTCUSD"}))
    assert [seen.path for seen in server.seen] == [CREATE, CANCEL, SET_SWITCH]


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(
    server: StandIn, venue: ReadOnlyVenue, status: int
) -> None:
    server.answer(TIME, redirected(status, server.url + LISTINGS))
    server.seen.clear()
    with pytest.raises(aiohttp.ClientError, match="redirected"):
        await venue._client.session.get(server.url + TIME)
    assert [seen.path for seen in server.seen] == [TIME]


@pytest.mark.asyncio
async def test_a_dropped_request_is_not_sent_again_below_us(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    session = venue._client.session
    async with session.get(server.url + TIME) as reply:  # leaves a connection to be reused
        await reply.read()
    server.answer(TIME, dropped)
    server.seen.clear()
    with pytest.raises(aiohttp.ClientConnectionError):
        await session.get(server.url + TIME)
    assert server.count(TIME) == 1


@pytest.mark.asyncio
async def test_keys_and_signatures_are_never_logged(
    server: StandIn, venue: ReadOnlyVenue, caplog: pytest.LogCaptureFixture
) -> None:
    for name in (None, "ccxt", WIRE_LOG.name):
        caplog.set_level(logging.DEBUG, logger=name)
    await venue.account(["BTC"])
    assert server.count(WALLET) == 1
    assert KEY not in caplog.text
    assert SECRET not in caplog.text
    assert "X-BAPI-SIGN" not in caplog.text


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("environment", "testnet", "host"),
    [
        (Environment.TESTNET, "testnet", "api-testnet.bybit.com"),
        (Environment.TESTNET, "demo", "api-demo.bybit.com"),
        (Environment.MAINNET, "testnet", "api.bybit.com"),
    ],
)
async def test_each_environment_reaches_its_own_host_only(
    environment: Environment, testnet: str, host: str
) -> None:
    client = clients.guarded_client(
        spec(None, environment=environment, testnet=testnet),
        profile_of("bybit"),
        frozenset(),  # nothing may be sent: this test must not reach any host
    )
    try:
        connector = client.session.connector
        assert {str(origin) for origin in connector._origins} == {f"https://{host}"}
        for name in ("public", "private"):
            request = client.sign("v5/market/time", part_of(type(client), name), "GET", {})
            assert request["url"].startswith(f"https://{host}/v5/")
            assert await refusal(client.fetch(request["url"])) is WriteRefused
        assert connector.refusals == 2
    finally:
        await clients.close(client)


def test_a_star_in_a_route_is_one_part_of_a_path() -> None:
    routes = {("DELETE", "/futures/*/orders/*"), ("GET", "/v5/market.time")}
    assert is_listed(routes, "DELETE", "/futures/btc/orders/t-hg1")
    assert not is_listed(routes, "DELETE", "/futures/btc/orders")
    assert not is_listed(routes, "DELETE", "/futures/btc/orders/")
    assert not is_listed(routes, "DELETE", "/futures/btc/orders/1/fills")
    assert not is_listed(routes, "POST", "/futures/btc/orders/1")
    assert not is_listed(routes, "GET", "/v5/marketxtime")
