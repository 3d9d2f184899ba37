"""A venue that limits us is left alone until it says; orders and cancels go first, always."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from hedged.clock import VirtualClock
from hedged.ports import Accepted, Refused, VenueUnavailable
from hedged.venue import LiveVenue, ReadOnlyVenue, profile_of
from hedged.venue.lazy import errors
from hedged.venue.limits import pause_s
from tests.venue.stand_in import (
    BTCUSD,
    CANCEL,
    CREATE,
    FILLS,
    LISTINGS,
    OPEN_ORDERS,
    SYMBOL,
    TIME,
    WALLET,
    Answer,
    Json,
    StandIn,
    listed,
    listing,
    ok,
    order,
    page,
    refused,
    silent,
    wallet,
)

BYBIT = profile_of("bybit")
NOW = datetime(2026, 8, 1, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)


def limited(reply: Json, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def respond(_: web.Request) -> web.StreamResponse:
        return web.json_response(reply, status=status, headers=named)

    return respond


TOO_MANY = refused(10006, "Too many visits.")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "for_s"),
    [
        (limited(TOO_MANY), 1),
        (limited(TOO_MANY, retry_after="7"), 7),
        (limited(TOO_MANY, status=429, retry_after="7"), 7),
        (limited({"error": "slow down"}, status=429, retry_after="30"), 30),
        (limited({"error": "banned"}, status=418, retry_after="30"), 30),
        (page("slow down", 429), 10),
        (page("access too frequent", 403), 600),
        (refused(10018, "ip limit"), 60),
    ],
)
async def test_fault_15_no_read_is_sent_until_the_time_that_the_venue_named(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock, answer: Answer, for_s: float
) -> None:
    server.answer(WALLET, answer, wallet())
    with pytest.raises(VenueUnavailable):
        await venue.account([])
    server.seen.clear()
    await clock.advance(for_s - 0.1)
    for read in (venue.account([]), venue.quote(SYMBOL), venue.open_orders([SYMBOL])):
        with pytest.raises(VenueUnavailable, match=r"limits us: not asked for another 0\.1 s"):
            await read
    assert server.seen == []
    await clock.advance(0.1)
    await venue.account([])
    assert server.count(WALLET) == 1


@pytest.mark.asyncio
async def test_fault_15_the_reset_is_told_by_the_venues_own_clock(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock
) -> None:
    async def respond(_: web.Request) -> web.StreamResponse:
        reset_ms = int(venue._connection.venue_time.timestamp() * 1000) + 4000
        headers = {"X-Bapi-Limit-Reset-Timestamp": str(reset_ms)}
        return web.json_response(TOO_MANY, headers=headers)

    async def early(_: web.Request) -> web.StreamResponse:
        return web.json_response(ok({}) | {"time": int((time.time() - 50) * 1000)})

    server.answer(TIME, early)
    server.answer(LISTINGS, listed(listing()), listed())
    await venue.open()
    server.answer(WALLET, respond)
    with pytest.raises(VenueUnavailable, match="10006"):
        await venue.account([])
    await clock.advance(3.9)
    with pytest.raises(VenueUnavailable, match=r"another 0\.[01] s"):
        await venue.account([])
    await clock.advance(0.2)
    with pytest.raises(VenueUnavailable, match="10006"):
        await venue.account([])


@pytest.mark.asyncio
async def test_fault_15_orders_and_cancels_are_sent_during_a_pause(
    server: StandIn, live: LiveVenue
) -> None:
    server.answer(WALLET, limited(TOO_MANY, retry_after="60"))
    with pytest.raises(VenueUnavailable):
        await live.account([])
    server.seen.clear()
    server.answer(CANCEL, ok({"orderId": "1"}))
    server.answer(CREATE, ok({"orderId": "1", "orderLinkId": order().client_id}))
    await live.cancel(BTCUSD, "hg1")
    assert isinstance(await live.submit(order()), Accepted)
    assert [seen.path for seen in server.seen] == [CANCEL, CREATE]


@pytest.mark.asyncio
async def test_fault_15_a_limit_met_by_an_order_pauses_the_reads(
    server: StandIn, live: LiveVenue
) -> None:
    server.answer(CREATE, limited(TOO_MANY, retry_after="5"))
    assert isinstance(await live.submit(order()), Refused)
    with pytest.raises(VenueUnavailable, match="limits us"):
        await live.account([])


@pytest.mark.asyncio
async def test_fault_15_a_cancel_does_not_wait_behind_a_queue_of_reads(
    server: StandIn, live: LiveVenue
) -> None:
    """More reads are asked for than may be sent within seconds, and none is answered."""
    swamped = asyncio.Event()

    async def never(request: web.Request) -> web.StreamResponse:
        if server.count(FILLS) >= 400:
            swamped.set()
        return await silent(request)

    server.answer(FILLS, never)
    server.answer(CANCEL, ok({"orderId": "1"}))
    client = live._client
    reads = [asyncio.create_task(client.privateGetV5ExecutionList({})) for _ in range(1100)]
    try:
        queue = client.throttler.queue
        async with asyncio.timeout(10):
            await swamped.wait()
        assert len(queue) > 500
        began_s = time.perf_counter()
        await live.cancel(BTCUSD, "hg1")
        took_s = time.perf_counter() - began_s
        assert len(queue) > 500  # they still wait
        assert took_s < 0.5
    finally:
        for read in reads:
            read.cancel()
        await asyncio.gather(*reads, return_exceptions=True)


def error(kind: str, status: int | None, headers: dict[str, str] | None, text: str = "") -> Any:
    made = getattr(errors(), kind)(text)
    if status is not None:
        made.status, made.headers = status, headers
    return made


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "0"}, 0),
        ({"RETRY-AFTER": " 12 "}, 12),
        ({"Retry-After": format_datetime(NOW + timedelta(seconds=90), usegmt=True)}, 90),
        ({"Retry-After": format_datetime(NOW - timedelta(seconds=90), usegmt=True)}, 0),
        ({"Retry-After": "3", "X-Bapi-Limit-Reset-Timestamp": str(NOW_MS + 9000)}, 3),
        ({"x-bapi-limit-reset-timestamp": str(NOW_MS + 2500)}, 2.5),
        ({"X-Bapi-Limit-Reset-Timestamp": str(NOW_MS - 2500)}, 0),
        ({"Retry-After": "99999999"}, 900),
        ({"Retry-After": "soon", "X-Bapi-Limit-Reset-Timestamp": "later"}, 10),
        ({"Retry-After": "-5"}, 10),
        ({"Retry-After": "²"}, 10),
        ({}, 10),
        (None, 10),
    ],
)
def test_how_long_a_venue_wants_to_be_left_alone(
    headers: dict[str, str] | None, expected: float
) -> None:
    assert pause_s(error("RateLimitExceeded", 429, headers), BYBIT, NOW) == expected
    assert pause_s(error("ExchangeError", 429, headers), BYBIT, NOW) == expected


@pytest.mark.parametrize("kind", ["ExchangeError", "ExchangeNotAvailable", "InvalidNonce"])
def test_other_errors_are_no_limit(kind: str) -> None:
    assert pause_s(error(kind, 503, {"Retry-After": "60"}), BYBIT, NOW) is None
    assert pause_s(error(kind, None, None), BYBIT, NOW) is None
    assert pause_s(ValueError("429"), BYBIT, NOW) is None


@given(
    retry=st.text(max_size=30) | st.integers(-(10**6), 10**12).map(str),
    reset=st.text(max_size=30) | st.integers(-(10**6), 10**20).map(str),
)
def test_whatever_the_headers_say_a_pause_ends(retry: str, reset: str) -> None:
    headers = {"Retry-After": retry, "X-Bapi-Limit-Reset-Timestamp": reset}
    found = pause_s(error("DDoSProtection", 418, headers), BYBIT, NOW)
    assert found is not None
    assert 0 <= found <= 900


@pytest.mark.asyncio
async def test_unlimited_again_nothing_is_remembered(
    server: StandIn, venue: ReadOnlyVenue, clock: VirtualClock
) -> None:
    server.answer(OPEN_ORDERS, TOO_MANY, listed())
    with pytest.raises(VenueUnavailable):
        await venue.open_orders([SYMBOL])
    await clock.advance(1)
    assert await venue.open_orders([SYMBOL]) == ()
    assert await venue.open_orders([SYMBOL]) == ()
