"""Prices: strict, shared between those who ask at once, and as old as their request."""

import asyncio
from datetime import UTC, datetime

import pytest
from aiohttp import web

from hedged.clock import VirtualClock, settle
from hedged.ports import VenueUnavailable
from hedged.venue import ReadOnlyVenue
from tests.venue.stand_in import (
    BTCUSD,
    LISTINGS,
    SYMBOL,
    TICKERS,
    D,
    Json,
    StandIn,
    listed,
    listing,
    ok,
    reader,
    ticker,
)


@pytest.mark.asyncio
async def test_a_quote(server: StandIn, venue: ReadOnlyVenue) -> None:
    server.seen.clear()
    quote = await venue.quote(SYMBOL)
    assert (quote.mark, quote.index) == (D("61000.10"), D("60990.55"))
    assert (quote.bid, quote.ask) == (D("60999.90"), D("61000.30"))
    assert quote.funding_rate == D("-0.0001")
    assert quote.age_s >= 0
    assert quote.instrument == BTCUSD
    (seen,) = server.seen
    assert seen.query == {"category": "inverse"}


@pytest.mark.asyncio
async def test_an_empty_side_of_the_book_is_no_price(server: StandIn, venue: ReadOnlyVenue) -> None:
    server.answer(TICKERS, listed(ticker(bid1Price="", ask1Price="0", fundingRate="")))
    quote = await venue.quote(SYMBOL)
    assert (quote.bid, quote.ask, quote.funding_rate) == (None, None, None)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (listed(ticker(markPrice="")), "markPrice is ''"),
        (listed(ticker(markPrice="0")), "markPrice is '0'"),
        (listed(ticker(indexPrice="-1")), "indexPrice"),
        (listed(ticker(indexPrice="NaN")), "indexPrice"),
        (listed(ticker(bid1Price="-0.1")), "bid1Price"),
        (listed(ticker(ask1Price="1e999999")), "ask1Price"),
        (listed(ticker(fundingRate="high")), "fundingRate"),
        (listed(), "0 prices of it"),
        (listed(ticker("ETHUSD")), "0 prices of it"),
        (listed(ticker(), ticker(markPrice="1")), "2 prices of it"),
        (ok({}), "no list"),
    ],
)
async def test_fault_20_an_odd_price_fails_the_read(
    server: StandIn, venue: ReadOnlyVenue, reply: Json, text: str
) -> None:
    server.answer(TICKERS, reply)
    with pytest.raises(VenueUnavailable, match=text):
        await venue.quote(SYMBOL)


@pytest.mark.asyncio
async def test_quotes_that_are_wanted_at_the_same_time_share_a_request(server: StandIn) -> None:
    server.answer(LISTINGS, listed(listing(), listing("ETHUSD")), listed())
    server.answer(TICKERS, listed(ticker(), ticker("ETHUSD", markPrice="3500")))
    venue = reader(server.url)
    await venue.open()
    try:
        btc, eth = await asyncio.gather(venue.quote(SYMBOL), venue.quote("ETH/USD:ETH"))
        assert (btc.mark, eth.mark) == (D("61000.10"), D(3500))
        assert server.count(TICKERS) == 1
        await venue.quote(SYMBOL)
        assert server.count(TICKERS) == 2  # what was read for others before is not good enough
    finally:
        await venue.close()


@pytest.mark.asyncio
async def test_an_odd_price_of_another_instrument_is_its_own_affair(
    server: StandIn, venue: ReadOnlyVenue
) -> None:
    server.answer(TICKERS, listed(ticker("ETHUSD", markPrice="0"), {"odd": 1}, ticker()))
    assert (await venue.quote(SYMBOL)).mark == D("61000.10")


@pytest.mark.asyncio
async def test_who_shares_a_request_is_as_old_as_the_request(server: StandIn) -> None:
    clock = VirtualClock(datetime(2026, 8, 1, tzinfo=UTC))
    venue = reader(server.url, clock)
    await venue.open()
    asked, answered = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.StreamResponse:
        asked.set()
        await answered.wait()
        return web.json_response(listed(ticker()))

    server.answer(TICKERS, slow)
    try:
        first = asyncio.create_task(venue.quote(SYMBOL))
        await asked.wait()
        await clock.advance(3)
        second = asyncio.create_task(venue.quote(SYMBOL))
        await settle()
        first.cancel()  # which takes nothing from the other
        answered.set()
        assert (await second).age_s == 3
        with pytest.raises(asyncio.CancelledError):
            await first
        assert server.count(TICKERS) == 1
    finally:
        await venue.close()
