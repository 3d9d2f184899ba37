"""Reads that fail: told apart, tried again where that may help, given up in time."""

import asyncio

import pytest

from hedged.ports import VenueAuthError, VenueUnavailable
from hedged.venue import ReadOnlyVenue
from hedged.venue.profiles.bybit import BYBIT
from tests.venue.stand_in import (
    POSITIONS,
    WALLET,
    Answer,
    StandIn,
    coin,
    dropped,
    page,
    reader,
    refused,
    silent,
    torn,
    wallet,
)


@pytest.mark.asyncio
@pytest.mark.parametrize("code", [10003, 10004, 10005, 10010, 33004])
async def test_fault_18_a_refused_key_is_told_apart(
    server: StandIn, venue: ReadOnlyVenue, code: int
) -> None:
    server.answer(WALLET, refused(code, f"bad key {venue._spec.api_key}"))
    with pytest.raises(VenueAuthError, match=rf"^{code} bad key \*\*\*$"):
        await venue.account(["BTC"])
    assert server.count(WALLET) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", [dropped, torn, page("oops", 500), page("oops", 503)])
async def test_a_passing_failure_is_read_again_all_parts_together(
    server: StandIn, venue: ReadOnlyVenue, fault: Answer
) -> None:
    server.answer(WALLET, fault, fault, wallet(coin("BTC", "1")))
    server.seen.clear()
    account = await venue.account(["BTC"])
    assert account.balances[0].wallet.value == 1
    assert server.count(WALLET) == 3
    assert server.count(POSITIONS) >= len(BYBIT.positions)  # the last attempt read them all


@pytest.mark.asyncio
async def test_a_lasting_failure_is_reported_after_few_attempts(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    server.answer(WALLET, page("oops", 502))
    server.seen.clear()
    with pytest.raises(VenueUnavailable, match="ExchangeNotAvailable"):
        await venue.account(["BTC"])
    assert server.count(WALLET) == 3


@pytest.mark.asyncio
@pytest.mark.parametrize("limit", [refused(10006, "too many visits"), page("slow down", 429)])
async def test_a_rate_limit_is_not_answered_with_more_requests(
    server: StandIn, venue: ReadOnlyVenue, limit: Answer
) -> None:
    server.answer(WALLET, limit)
    server.seen.clear()
    with pytest.raises(VenueUnavailable):
        await venue.account(["BTC"])
    assert server.count(WALLET) == 1


@pytest.mark.asyncio
async def test_a_silent_venue_is_given_up_within_the_time_limit(server: StandIn) -> None:
    venue = reader(server.url, timeout_s=0.3)
    await venue.open()
    server.answer(WALLET, silent)
    try:
        async with asyncio.timeout(0.3):
            with pytest.raises(VenueUnavailable, match=r"no answer within 0\.24 s"):
                await venue.account(["BTC"])
    finally:
        await venue.close()


@pytest.mark.asyncio
async def test_a_stale_clock_is_set_anew_and_the_read_repeated(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    server.answer(WALLET, refused(10002, "timestamp"), wallet(coin("BTC", "1")))
    server.seen.clear()
    await venue.account(["BTC"])
    order = [seen.path for seen in server.seen if seen.path in {WALLET, "/v5/market/time"}]
    assert order == [WALLET, "/v5/market/time", WALLET]


@pytest.mark.asyncio
async def test_fault_23_no_server_means_unavailable_and_the_text_has_no_query() -> None:
    async with StandIn() as gone:
        url = gone.url
    venue = reader(url)
    with pytest.raises(VenueUnavailable) as raised:
        await venue.open()
    assert "ClientConnectorError" in str(raised.value)
    assert "?" not in str(raised.value).replace("?***", "")
