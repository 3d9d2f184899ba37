"""Opening a venue, its listings and its prices."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from hedged.clock import VirtualClock, settle
from hedged.core.types import Environment, Kind
from hedged.ports import VenueAuthError, VenueRefused, VenueUnavailable
from hedged.venue import ReadOnlyVenue, profile_of
from tests.venue.stand_in import (
    ACCOUNT,
    BTCUSD,
    KEY_INFO,
    LISTINGS,
    POSITIONS,
    SYMBOL,
    TICKERS,
    TIME,
    WALLET,
    D,
    Json,
    StandIn,
    listed,
    listing,
    ok,
    position,
    reader,
    refused,
    ticker,
)


@pytest.mark.asyncio
async def test_the_listing_becomes_an_instrument(venue: ReadOnlyVenue) -> None:
    assert venue.instrument(SYMBOL) == BTCUSD
    assert venue.name == "main"


@pytest.mark.asyncio
async def test_a_contract_is_one_usd_whatever_the_smallest_order_is(server: StandIn) -> None:
    """ccxt takes Bybit's smallest order for the contract size; the profile knows better."""
    filters = {"maxOrderQty": "1000", "minOrderQty": "10", "qtyStep": "5"}
    server.answer(LISTINGS, listed(listing(lotSizeFilter=filters)), listed())
    venue = reader(server.url)
    await venue.open()
    found = venue.instrument(SYMBOL)
    await venue.close()
    assert (found.contract_size, found.lot, found.min_contracts) == (D(1), D(5), D(10))
    assert found.max_contracts == D(1000)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"status": "PreLaunch"}, "not trading"),
        ({"status": "Closed"}, "not trading"),
        ({"status": ""}, "not trading"),
        ({"deliveryTime": "1794000000000"}, "being delisted"),
        ({"contractType": "InverseFutures", "deliveryTime": "1794000000000"}, "not listed"),
    ],
)
async def test_fault_19_what_cannot_be_hedged_with_is_refused(
    server: StandIn, changes: Json, text: str
) -> None:
    server.answer(LISTINGS, listed(listing(**changes)), listed())
    venue = reader(server.url)
    await venue.open()
    try:
        with pytest.raises(VenueRefused, match=text):
            venue.instrument(SYMBOL)
    finally:
        await venue.close()


@pytest.mark.asyncio
async def test_a_dated_contract_is_no_hedge_but_a_position_in_it_is_seen(server: StandIn) -> None:
    dated = listing(
        "BTCUSDH26",
        contractType="InverseFutures",
        deliveryTime="1774598400000",
        baseCoin="BTC",
        settleCoin="BTC",
    )
    server.answer(LISTINGS, listed(listing(), dated), listed())
    venue = reader(server.url)
    await venue.open()
    try:
        symbol = "BTC/USD:BTC-260327"
        with pytest.raises(VenueRefused, match="not an inverse perpetual"):
            venue.instrument(symbol)
        server.answer(POSITIONS, listed(position("BTCUSDH26", size="7")), listed())
        (held,) = (await venue.account([])).positions
        assert held.instrument.symbol == symbol
        assert held.instrument.kind is Kind.INVERSE
        assert held.quantity.value == -7
    finally:
        await venue.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("reply", [listed(), ok({}), ok({"list": None})])
async def test_a_venue_without_markets_is_not_open(server: StandIn, reply: Json) -> None:
    server.answer(LISTINGS, reply)
    with pytest.raises(VenueUnavailable, match="lists none"):
        await reader(server.url).open()


@pytest.mark.asyncio
async def test_fault_37_a_key_of_another_environment_is_refused(server: StandIn) -> None:
    server.answer(KEY_INFO, refused(10003, "API key is invalid."))
    with pytest.raises(VenueAuthError, match=r"10003 API key is invalid\."):
        await reader(server.url).open()


@pytest.mark.asyncio
@pytest.mark.parametrize("path", [WALLET, POSITIONS])
async def test_a_key_without_the_right_to_read_is_noticed_at_once(
    server: StandIn, path: str
) -> None:
    server.answer(path, refused(10005, "permission denied"))
    with pytest.raises(VenueAuthError, match="10005 permission denied"):
        await reader(server.url).open()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("key", "account"),
    [
        ({"uta": 0, "unified": 0}, {"unifiedMarginStatus": 1}),
        ({"uta": 1, "unified": 0}, {"unifiedMarginStatus": 4}),
        ({}, {"unifiedMarginStatus": 5}),
    ],
)
async def test_an_account_with_apart_wallets_is_refused(
    server: StandIn, key: Json, account: Json
) -> None:
    server.answer(KEY_INFO, ok(key))
    server.answer(ACCOUNT, ok(account))
    with pytest.raises(VenueRefused, match=r"unified trading account 2\.0"):
        await reader(server.url).open()


@pytest.mark.asyncio
async def test_hedge_mode_is_refused_before_anything_is_traded(server: StandIn) -> None:
    flat = {"side": "", "size": "0"}
    server.answer(
        POSITIONS, listed(position(**flat, positionIdx=1), position(**flat, positionIdx=2))
    )
    with pytest.raises(VenueRefused, match="BTC/USD:BTC is in hedge mode"):
        await reader(server.url, symbols=(SYMBOL,)).open()


@pytest.mark.asyncio
async def test_a_position_mode_that_is_not_told_is_not_taken_for_one_way(server: StandIn) -> None:
    server.answer(POSITIONS, listed())
    with pytest.raises(VenueUnavailable, match="position mode BTC/USD:BTC"):
        await reader(server.url, symbols=(SYMBOL,)).open()


@pytest.mark.asyncio
@pytest.mark.parametrize("ahead_s", [-3, 0, 90])
async def test_fault_33_the_clock_offset_is_measured_and_signed_with(
    server: StandIn, ahead_s: int
) -> None:
    """Our clock is `ahead_s` ahead of the venue's."""

    def venue_ms() -> int:
        return int((time.time() - ahead_s) * 1000)

    async def now(_: web.Request) -> web.StreamResponse:
        return web.json_response(ok({}) | {"time": venue_ms()})

    server.answer(TIME, now)
    venue = reader(server.url)
    await venue.open()
    await venue.account([])
    sent_ms = int(server.seen[-1].headers["X-BAPI-TIMESTAMP"])
    await venue.close()
    assert venue.skew_s is not None
    assert abs(venue.skew_s - ahead_s) < D("0.5")
    assert abs(sent_ms - venue_ms()) < 500


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"environment": Environment.TESTNET, "testnet": "staging", "url": None}, "has no staging"),
        ({"environment": Environment.TESTNET}, "sim only"),
        ({"environment": Environment.MAINNET}, "sim only"),
        ({"url": None}, "needs the url"),
        ({"url": "https://127.0.0.1:1"}, "local server"),
        ({"url": "http://api.bybit.com"}, "local server"),
        ({"url": "http://api-testnet.bybit.com:80/"}, "local server"),
        ({"url": "127.0.0.1:8421"}, "local server"),
    ],
)
async def test_an_environment_that_is_not_there_is_refused(
    server: StandIn, changes: dict[str, Any], text: str
) -> None:
    with pytest.raises(VenueRefused, match=text):
        await reader(server.url, **changes).open()
    assert server.seen == []


def test_a_venue_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(VenueRefused, match=r"'bitmex' is not known; known are .*bybit"):
        profile_of("bitmex")


@pytest.mark.asyncio
async def test_a_closed_venue_says_so() -> None:
    venue = reader("http://127.0.0.1:9")
    await venue.close()
    with pytest.raises(RuntimeError, match="not open"):
        venue.instrument(SYMBOL)


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
