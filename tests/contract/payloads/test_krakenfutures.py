"""Kraken Futures: recorded replies through ccxt and the profile; worked out by hand."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from hedged.clock import SystemClock
from hedged.core.types import USD, Amount, Kind, Side
from hedged.ports import FillKind, OrderStatus, VenueRefused, VenueUnavailable
from hedged.venue import LiveVenue, ReadOnlyVenue, profile_of
from tests.contract.payloads.replay import (
    ROOT,
    D,
    Json,
    Replay,
    check_idle,
    coins,
    recorded,
    replaying,
    spec_on,
)

if not ROOT.is_dir():
    pytest.skip(f"no recorded payloads at {ROOT}", allow_module_level=True)

API = "/derivatives/api/v3"
SYMBOL, ETH = "BTC/USD:BTC", "ETH/USD:ETH"
KRAKEN = "kraken/endpoints:Endpoints/Futures"


def fixture(name: str) -> Json:
    return recorded("krakenfutures", f"fixtures:{name}")


def kraken(name: str) -> Json:
    return recorded("krakenfutures", f"{KRAKEN}/{name}")


def accounts(funding: float = 0.0) -> Json:
    """The recorded ones, of which a margin account is on the single coin BTC."""
    reply = kraken("Account/GetBalances")
    reply["accounts"]["fi_xbtusd"]["auxiliary"]["funding"] = funding
    return reply


@pytest_asyncio.fixture
async def replay() -> AsyncIterator[Replay]:
    async with replaying() as running:
        listing = fixture("http_futures_instruments")
        eth = listing["instruments"][0] | {"symbol": "PI_ETHUSD", "base": "ETH", "pair": "ETH:USD"}
        listing["instruments"].append(eth)  # of which positions were recorded, and no listing
        running.answer("GET", f"{API}/instruments", listing)
        running.answer("GET", f"{API}/accounts", accounts())
        running.answer("GET", f"{API}/openpositions", {"result": "success", "openPositions": []})
        yield running


@pytest_asyncio.fixture
async def venue(replay: Replay) -> AsyncIterator[ReadOnlyVenue]:
    opened = ReadOnlyVenue(
        spec_on(replay, "krakenfutures", SYMBOL), profile_of("krakenfutures"), SystemClock()
    )
    await opened.open()
    yield opened
    await opened.close()


@pytest.mark.asyncio
async def test_live_execution_is_refused(replay: Replay) -> None:
    spec = spec_on(replay, "krakenfutures", SYMBOL)
    venue = LiveVenue(spec, profile_of("krakenfutures"), SystemClock())
    with pytest.raises(VenueRefused, match=r'not supported yet.*execution = "dry-run"'):
        await venue.open()


@pytest.mark.asyncio
async def test_an_instrument(venue: ReadOnlyVenue) -> None:
    btc = venue.instrument(SYMBOL)
    # contractSize 1 USD, contractValueTradePrecision 0: whole contracts
    assert (btc.kind, btc.contract_size, btc.lot) == (Kind.INVERSE, D(1), D(1))
    assert btc.tick == D("0.5")


@pytest.mark.asyncio
async def test_a_listing_without_lots_is_refused(replay: Replay) -> None:
    replay.answer("GET", f"{API}/instruments", recorded("krakenfutures", "instruments_01"))
    venue = ReadOnlyVenue(
        spec_on(replay, "krakenfutures"), profile_of("krakenfutures"), SystemClock()
    )
    await venue.open()
    try:
        # As listed in 2021, before contracts had a precision
        with pytest.raises(VenueUnavailable, match="lot is None"):
            venue.instrument(SYMBOL)
    finally:
        await venue.close()


@pytest.mark.asyncio
async def test_wallets_of_two_margin_accounts(replay: Replay, venue: ReadOnlyVenue) -> None:
    account = await venue.account(["BTC"])
    # 141.31756797 + 0.1185308247 of the multi-collateral wallet = 141.4360987947;
    # with the profit 12.42134766 = 153.8574464547. Cash is no collateral.
    assert coins(account)["BTC"] == (D("141.4360987947"), D("153.8574464547"))
    assert coins(account)["EUR"] == (D("4540.5837374453"), D("4540.5837374453"))
    # pv is 153.73891563 = 141.31756797 + 12.42134766: with 0.5 of funding it would be more
    replay.answer("GET", f"{API}/accounts", accounts(0.5))
    with pytest.raises(VenueUnavailable, match=r"its parts give 154\.23891563"):
        await venue.account(["BTC"])


@pytest.mark.asyncio
async def test_funding_that_is_not_paid_is_a_term(replay: Replay, venue: ReadOnlyVenue) -> None:
    reply = recorded(
        "krakenfutures", "kraken/endpoints:JsonResponses/FuturesAccount/GetBalancesAsync"
    )
    parts = reply["accounts"]["fi_xbtusd"]["auxiliary"]
    parts |= {"funding": 0.5, "pv": 154.23891563}
    replay.answer("GET", f"{API}/accounts", reply)
    (term,) = next(
        b.terms for b in (await venue.account(["BTC"])).balances if b.wallet.unit == "BTC"
    )
    assert (term.name, term.coins) == ("funding not paid yet", D("0.5"))


@pytest.mark.asyncio
async def test_a_short_and_a_long(replay: Replay, venue: ReadOnlyVenue) -> None:
    positions = fixture("http_futures_open_positions")
    replay.answer("GET", f"{API}/openpositions", positions)
    reply = accounts()
    reply["accounts"]["fi_ethusd"] = {
        "type": "marginAccount",
        "currency": "eth",
        "balances": {"eth": 7.5},
        "auxiliary": {"pv": 7.5, "pnl": 0, "af": 1},
    }
    replay.answer("GET", f"{API}/accounts", reply)
    short, long = (await venue.account([])).positions
    assert (short.instrument.symbol, short.quantity) == (SYMBOL, Amount(D(-8000), USD))
    assert short.entry == D("27523.749993345933")
    assert (long.instrument.symbol, long.quantity) == (ETH, Amount(D(12000), USD))
    assert (short.unrealised_pnl, short.mark) == (None, None)


@pytest.mark.asyncio
async def test_prices(replay: Replay, venue: ReadOnlyVenue) -> None:
    replay.answer("GET", f"{API}/tickers", fixture("http_futures_tickers"))
    quote = await venue.quote(SYMBOL)
    assert (quote.mark, quote.index) == (D("91506.6009839176"), D("91468.38"))
    assert (quote.bid, quote.ask, quote.last) == (D("91415.0"), D("91490.5"), D("91415.0"))
    # -3.995839963e-09 BTC per USD and hour * 91506.6009839176 = -0.000365645...
    assert quote.funding_rate is not None
    assert abs(quote.funding_rate - D("-0.00036564573")) < D("1e-10")
    assert quote.funding_interval_h == 1
    await check_idle(replay, venue, "krakenfutures", SYMBOL)


@pytest.mark.asyncio
async def test_prices_of_another_year(replay: Replay, venue: ReadOnlyVenue) -> None:
    replay.answer("GET", f"{API}/tickers", kraken("ExchangeData/GetTickers"))
    quote = await venue.quote(SYMBOL)
    assert (quote.mark, quote.bid, quote.ask) == (D("30209.9"), D(8634), D(49289))


@pytest.mark.asyncio
async def test_depth(replay: Replay, venue: ReadOnlyVenue) -> None:
    replay.answer("GET", f"{API}/orderbook", fixture("http_futures_orderbook"))
    depth = await venue.depth(SYMBOL)
    assert [level.price for level in depth.bids] == [D(105900), D(105850), D(105800)]
    assert depth.asks[0].contracts == D("0.3")


@pytest.mark.asyncio
async def test_working_orders(replay: Replay, venue: ReadOnlyVenue) -> None:
    replay.answer("GET", f"{API}/openorders", fixture("http_futures_open_orders"))
    (btc,) = await venue.open_orders([SYMBOL])
    assert (btc.client_id, btc.side, btc.reduce_only) == ("my-client-order-123", Side.SELL, True)
    # 2000 filled + 5000 unfilled
    assert (btc.contracts, btc.filled) == (D(7000), D(2000))
    assert btc.created_at == datetime(2023, 4, 7, 14, 30, 15, 123000, tzinfo=UTC)
    replay.answer("GET", f"{API}/openorders", kraken("Trading/GetOpenOrders"))
    found = await venue.open_orders([SYMBOL])
    assert found[0].status is OrderStatus.WORKING
    assert found[0].limit_price == D(10640)


@pytest.mark.asyncio
async def test_fills(replay: Replay, venue: ReadOnlyVenue) -> None:
    replay.answer("GET", f"{API}/fills", fixture("http_futures_fills"))
    bought, sold = await venue.fills([SYMBOL], datetime(2023, 4, 1, tzinfo=UTC))
    assert (bought.contracts, bought.price) == (D(5000), D("27937.5"))
    assert (bought.is_maker, bought.fee) == (True, Amount(D("0.00008957"), "BTC"))
    assert (sold.side, sold.kind) == (Side.SELL, FillKind.TRADE)
    (eth,) = await venue.fills([ETH], datetime(2023, 4, 1, tzinfo=UTC))
    assert (eth.client_id, eth.is_maker) == ("my-order-ref-456", False)


@pytest.mark.asyncio
async def test_a_full_page_that_does_not_reach_back(replay: Replay, venue: ReadOnlyVenue) -> None:
    reply = fixture("http_futures_fills")
    reply["fills"] = [reply["fills"][0] | {"fill_id": str(number)} for number in range(100)]
    replay.answer("GET", f"{API}/fills", reply)
    with pytest.raises(VenueUnavailable, match="more than 100, of which not all are told"):
        await venue.fills([SYMBOL], datetime(2023, 4, 1, tzinfo=UTC))
    assert len(await venue.fills([SYMBOL], datetime(2023, 4, 8, tzinfo=UTC))) == 100
