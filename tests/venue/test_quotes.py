"""Prices: strict, shared between those who ask at once, and as old as their request."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from hedged.clock import VirtualClock, settle
from hedged.core.types import Level
from hedged.ports import VenueUnavailable
from hedged.venue import ReadOnlyVenue
from tests.venue.stand_in import (
    BTCUSD,
    DEPTH,
    FEES,
    LISTINGS,
    RISK,
    SYMBOL,
    TICKERS,
    D,
    Json,
    StandIn,
    listed,
    listing,
    ok,
    reader,
    refused,
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


@pytest.mark.asyncio
async def test_what_holding_costs(server: StandIn, venue: ReadOnlyVenue) -> None:
    server.answer(
        TICKERS,
        listed(ticker(lastPrice="61001", nextFundingTime="1785600000000", fundingIntervalHour="8")),
    )
    quote = await venue.quote(SYMBOL)
    assert (quote.last, quote.funding_interval_h) == (D(61001), D(8))
    assert quote.funding_at == datetime(2026, 8, 1, 16, tzinfo=UTC)
    server.answer(TICKERS, listed(ticker(nextFundingTime="0", fundingIntervalHour="")))
    quote = await venue.quote(SYMBOL)
    assert (quote.last, quote.funding_at) == (None, None)
    assert quote.funding_interval_h == 8, "the listing says 480 minutes"


def tier(limit: str, maintenance: str, initial: str, leverage: str) -> Json:
    return {
        "symbol": "BTCUSD",
        "riskLimitValue": limit,
        "maintenanceMargin": maintenance,
        "initialMargin": initial,
        "maxLeverage": leverage,
    }


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (tier("150", "0.5", "1", "100.00"), tier("300", "1", "2", "50.00")),
        (tier("150", "0.005", "0.01", "100.00"), tier("300", "0.01", "0.02", "50.00")),
    ],
)
async def test_fees_and_margin_are_read_once_an_hour(
    server: StandIn, first: Json, second: Json
) -> None:
    """Margin rates come as percentages or as fractions."""
    clock = VirtualClock(datetime(2026, 8, 1, tzinfo=UTC))
    rates = {"symbol": "BTCUSD", "takerFeeRate": "0.00055", "makerFeeRate": "-0.0001"}
    server.answer(FEES, listed(rates, {"symbol": "OTHER"}))
    server.answer(RISK, listed(second, first))
    venue = reader(server.url, clock, symbols=(SYMBOL,))
    await venue.open()
    try:
        for minutes in (0, 59):
            await clock.advance(60 * minutes)
            quote = await venue.quote(SYMBOL)
            assert (quote.taker_fee, quote.maker_fee) == (D("0.00055"), D("-0.0001"))
            assert quote.instrument.maintenance == D("0.005")
            await settle()
        assert (server.count(FEES), server.count(RISK)) == (1, 1)
        server.answer(FEES, listed(rates | {"takerFeeRate": "0.0004"}))
        await clock.advance(61)
        await venue.quote(SYMBOL)
        while (await venue.quote(SYMBOL)).taker_fee != D("0.0004"):
            assert server.count(FEES) <= 2
        assert server.count(RISK) <= 2
    finally:
        await venue.close()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "reply",
    [refused(10005, "permission denied"), listed({"symbol": "BTCUSD"}), ok({})],
)
async def test_a_venue_that_tells_no_fees_is_open_all_the_same(
    server: StandIn, reply: Json
) -> None:
    server.answer(FEES, reply)
    venue = reader(server.url, symbols=(SYMBOL,))
    await venue.open()
    try:
        quote = await venue.quote(SYMBOL)
        assert (quote.taker_fee, quote.instrument.maintenance) == (None, None)
    finally:
        await venue.close()


def book(bids: Any, asks: Any) -> Json:
    return ok({"s": "BTCUSD", "b": bids, "a": asks})


@pytest.mark.asyncio
async def test_the_depth_of_a_book(server: StandIn, venue: ReadOnlyVenue) -> None:
    server.answer(DEPTH, book([["60999.5", "700"], ["60999", "20"]], [["61000", "3000"]]))
    depth = await venue.depth(SYMBOL)
    assert depth.bids == (Level(D("60999.5"), D(700)), Level(D(60999), D(20)))
    assert depth.asks == (Level(D(61000), D(3000)),)
    (seen,) = server.seen
    assert seen.query == {"category": "inverse", "symbol": "BTCUSD", "limit": "50"}
    server.answer(DEPTH, book([], []))
    assert (await venue.depth(SYMBOL)).bids == ()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (book([["60999", "20"], ["60999.5", "700"]], []), "out of order"),
        (book([], [["61000", "1"], ["61000", "1"]]), "out of order"),
        (book([], [["0", "1"]]), "price"),
        (book([], [["61000", "-1"]]), "size"),
        (book([], [["61000"]]), "a is"),
        (book("", []), "b is"),
        (book([{"price": 1}], []), "b is"),
        (ok([]), "no result"),
        (ok({"s": "BTCUSD"}), "b is missing"),
    ],
)
async def test_fault_20_an_odd_book_is_no_book(
    server: StandIn, venue: ReadOnlyVenue, reply: Json, text: str
) -> None:
    server.answer(DEPTH, reply)
    with pytest.raises(VenueUnavailable, match=text):
        await venue.depth(SYMBOL)
