"""Kraken Futures: recorded replies through ccxt and the profile; worked out by hand."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from hedged.clock import SystemClock
from hedged.core.types import USD, Amount, Kind, Side
from hedged.ports import (
    NO_LIQUIDITY,
    Accepted,
    FillKind,
    OrderStatus,
    Refused,
    Style,
    Unknown,
    VenueUnavailable,
)
from hedged.venue import LiveVenue, ReadOnlyVenue, profile_of
from tests.contract.payloads.replay import (
    ROOT,
    D,
    Json,
    Replay,
    check_idle,
    coins,
    order_of,
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
async def venue(replay: Replay) -> AsyncIterator[LiveVenue]:
    opened = LiveVenue(
        spec_on(replay, "krakenfutures", SYMBOL), profile_of("krakenfutures"), SystemClock()
    )
    await opened.open()
    yield opened
    await opened.close()


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


ID = "hg0000000001"
STATUS, HISTORY = f"{API}/orders/status", "/api/history/v2/orders"


def placed(status: str = "placed") -> Json:
    """The recorded acknowledgement, as of our order."""
    reply = kraken("Trading/PlaceOrder")
    reply["sendStatus"]["status"] = status
    reply["sendStatus"]["orderEvents"][0]["order"]["cliOrdId"] = ID
    return reply


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("style", "kind"), [(Style.IOC, "ioc"), (Style.POST_ONLY, "post")], ids=["ioc", "post-only"]
)
@pytest.mark.parametrize("reduce_only", [True, False])
async def test_what_an_order_sends(
    replay: Replay, venue: LiveVenue, style: Style, kind: str, *, reduce_only: bool
) -> None:
    replay.answer("POST", f"{API}/sendorder", placed())
    btc = venue.instrument(SYMBOL)
    order = order_of(btc, Side.SELL, "3", "60000.5", reduce_only=reduce_only, style=style)
    assert await venue.submit(order) == Accepted("179f9af8-e45e-469d-b3e9-2fd4675cb7d0")
    (sent,) = replay.sent("POST", f"{API}/sendorder")
    # 5 s after the venue's time, which began at 2016-02-25T09:45:53.818Z with the test
    assert "2016-02-25T09:45:58.8" <= sent.pop("processBefore") < "2016-02-25T09:46:08"
    assert sent == {
        "symbol": "PI_XBTUSD",
        "side": "sell",
        "orderType": kind,  # "lmt" would rest: ccxt makes it of IOC in capitals
        "size": "3",
        "limitPrice": "60000.5",
        "cliOrdId": ID,
        "reduceOnly": str(reduce_only).lower(),
    }


@pytest.mark.asyncio
async def test_an_acknowledgement_without_events(replay: Replay, venue: LiveVenue) -> None:
    replay.answer("POST", f"{API}/sendorder", fixture("http_send_order_futures"))
    order = order_of(venue.instrument(SYMBOL), Side.SELL, "3", "60000", reduce_only=False)
    assert await venue.submit(order) == Accepted("c8a35168-8d52-4609-944f-3f32bb0d5c77")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("insufficientAvailableFunds", Refused),
        ("iocWouldNotExecute", Refused),
        ("postWouldExecute", Refused),
        ("wouldNotReducePosition", Refused),
        ("clientOrderIdAlreadyExist", Unknown),
        ("orderForEditNotFound", Unknown),  # says nothing of an order that was sent
    ],
)
async def test_what_a_status_proves(
    replay: Replay, venue: LiveVenue, status: str, kind: type[object]
) -> None:
    reply = {"result": "success", "sendStatus": {"status": status, "orderEvents": []}}
    replay.answer("POST", f"{API}/sendorder", reply)
    order = order_of(venue.instrument(SYMBOL), Side.SELL, "3", "60000", reduce_only=False)
    outcome = await venue.submit(order)
    assert isinstance(outcome, kind)
    assert status in str(outcome)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("reply", "status", "kind"),
    [
        ({"result": "error", "error": "apiLimitExceeded"}, 200, Refused),
        ({"result": "error", "error": "invalidArgument: size"}, 200, Refused),
        ({"result": "error", "error": "unknownError"}, 200, Unknown),
        ({"result": "error", "error": "Server Error"}, 500, Unknown),
        ({"result": "error", "errors": [{"code": 92, "message": "INSUFFICIENT_MARGIN"}]}, 500,
         Refused),
    ],
)  # fmt: skip
async def test_what_an_error_proves(
    replay: Replay, venue: LiveVenue, reply: Json, status: int, kind: type[object]
) -> None:
    replay.answer("POST", f"{API}/sendorder", reply, status=status)
    order = order_of(venue.instrument(SYMBOL), Side.SELL, "3", "60000", reduce_only=False)
    assert isinstance(await venue.submit(order), kind)


@pytest.mark.asyncio
async def test_what_a_cancel_sends(replay: Replay, venue: LiveVenue) -> None:
    btc = venue.instrument(SYMBOL)
    for reply in (
        kraken("Trading/CancelOrder"),
        fixture("http_cancel_order_futures"),
        {"result": "success", "cancelStatus": {"status": "notFound"}},
    ):
        replay.answer("POST", f"{API}/cancelorder", reply)
        await venue.cancel(btc, ID)
    assert replay.sent("POST", f"{API}/cancelorder") == [{"cliOrdId": ID}] * 3
    await venue.cancel_numbered(btc, "cb4e34f6")  # which ccxt tells as an error: it is gone
    assert replay.sent("POST", f"{API}/cancelorder")[-1] == {"order_id": "cb4e34f6"}


def state(status: str, **fields: object) -> Json:
    """The documented reply about one order, filled in."""
    reply = recorded(
        "krakenfutures", "kraken/endpoints:JsonResponses/FuturesTrading/GetOrdersAsync"
    )
    (row,) = reply["orders"]
    row["order"] |= {"cliOrdId": ID, "quantity": 10, "timestamp": "2020-08-27T17:03:33.196Z"}
    row |= {"status": status, "error": None}
    row["order"] |= {key: value for key, value in fields.items() if key in row["order"]}
    row |= {key: value for key, value in fields.items() if key in row}
    return reply


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("reply", "status", "filled", "reason"),
    [
        (state("ENTERED_BOOK", filled=4), OrderStatus.WORKING, 4, ""),
        (state("FULLY_EXECUTED", filled=10), OrderStatus.DONE, 10, ""),
        (state("CANCELLED", filled=4), OrderStatus.DONE, 4, ""),
        (state("REJECTED", error="IOC_WOULD_NOT_EXECUTE"), OrderStatus.DONE, 0, NO_LIQUIDITY),
    ],
)
async def test_an_order_of_the_last_seconds(
    replay: Replay, venue: LiveVenue, reply: Json, status: OrderStatus, filled: int, reason: str
) -> None:
    replay.answer("POST", STATUS, reply)
    found = await venue.find_order(venue.instrument(SYMBOL), ID)
    assert found is not None
    assert (found.client_id, found.status, found.filled) == (ID, status, D(filled))
    assert (found.contracts, found.side, found.reason) == (D(10), Side.BUY, reason)
    assert replay.sent("POST", STATUS) == [{"cliOrdIds": ID}]


def event(kind: str, client_id: str = ID, **fields: object) -> Json:
    """An entry of the history, as documented."""
    order = {
        "uid": "179f9af8",
        "accountUid": "a",
        "tradeable": "PI_XBTUSD",
        "direction": "Sell",
        "quantity": "10",
        "filled": "0",
        "timestamp": 1604937694000,
        "limitPrice": "60000.5",
        "orderType": "Post",
        "clientId": client_id,
        "reduceOnly": True,
        "lastUpdateTimestamp": 1604937694000,
        **fields,
    }
    about = {"oldOrder": order, "newOrder": order} if kind == "OrderUpdated" else {"order": order}
    return {"uid": "e", "timestamp": 1604937694000, "event": {kind: {**about, "reason": "r"}}}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("events", "status", "filled"),
    [
        ([event("OrderPlaced")], OrderStatus.WORKING, 0),
        ([event("OrderPlaced", orderType="IoC")], OrderStatus.DONE, 0),
        ([event("OrderUpdated", filled="4"), event("OrderPlaced")], OrderStatus.WORKING, 4),
        ([event("OrderUpdated", filled="10"), event("OrderPlaced")], OrderStatus.DONE, 10),
        ([event("OrderCancelled", filled="4"), event("OrderPlaced")], OrderStatus.DONE, 4),
        ([event("OrderRejected")], OrderStatus.DONE, 0),
        ([event("OrderCancelled", "another"), event("OrderPlaced")], OrderStatus.WORKING, 0),
    ],
)
async def test_an_order_that_ended_before(
    replay: Replay, venue: LiveVenue, events: list[Json], status: OrderStatus, filled: int
) -> None:
    replay.answer("POST", STATUS, kraken("Trading/GetOrders") | {"orders": []})
    replay.answer("GET", HISTORY, {"elements": events, "len": len(events)})
    found = await venue.find_order(venue.instrument(SYMBOL), ID)
    assert found is not None
    assert (found.client_id, found.status, found.filled) == (ID, status, D(filled))
    assert (found.limit_price, found.side, found.reduce_only) == (D("60000.5"), Side.SELL, True)
    assert replay.sent("GET", HISTORY) == [{"count": "500"}]


@pytest.mark.asyncio
async def test_an_order_that_nobody_knows(replay: Replay, venue: LiveVenue) -> None:
    replay.answer("POST", STATUS, {"result": "success", "orders": []})
    unnamed = {"uid": "e", "event": {"OrderNotFound": {"orderId": "x"}}}
    replay.answer("GET", HISTORY, {"elements": [event("OrderPlaced", "another"), unnamed]})
    assert await venue.find_order(venue.instrument(SYMBOL), ID) is None
    replay.answer("POST", STATUS, kraken("Trading/GetOrders"))  # a reply without its list
    with pytest.raises(VenueUnavailable):
        await venue.find_order(venue.instrument(SYMBOL), ID)


@pytest.mark.asyncio
async def test_the_dead_man_switch_counts_when_the_venue_says_so(
    replay: Replay, venue: LiveVenue
) -> None:
    after = f"{API}/cancelallordersafter"
    replay.answer("POST", after, kraken("Trading/CancelAllOrderAfter"))
    assert await venue.arm_dead_man(60)
    off = "kraken/endpoints:JsonResponses/FuturesTrading/CancelAllOrderAfterAsync"
    replay.answer("POST", after, recorded("krakenfutures", off))
    await venue.disarm_dead_man()
    assert [sent["timeout"] for sent in replay.sent("POST", after)] == ["60", "0"]
    assert not await venue.arm_dead_man(60)  # its trigger time is 0: nothing would happen
    replay.answer("POST", after, {"result": "success"})
    with pytest.raises(VenueUnavailable):
        await venue.arm_dead_man(60)
