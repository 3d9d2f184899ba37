"""Binance: recorded replies through ccxt and the profile, and what is sent; worked out by hand."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from hedged.core.arrangement import MARGIN_MODE, Change
from hedged.core.moves import MoveFound, MoveState, MoveTerms
from hedged.core.types import USD, Amount, FlowKind, Kind, Maintenance, Side
from hedged.ports import (
    Accepted,
    FillKind,
    OrderStatus,
    Refused,
    Style,
    Unknown,
    VenueAuthError,
    VenueRefused,
    VenueUnavailable,
)
from hedged.venue import LiveVenue
from hedged.venue.fields import Row
from hedged.venue.profiles.binance import BINANCE
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
    venue_on,
)

if not ROOT.is_dir():
    pytest.skip(f"no recorded payloads at {ROOT}", allow_module_level=True)

SYMBOL = "BTC/USD:BTC"
MARKET: dict[str, Any] = {"symbol": "BTCUSD_PERP"}


def coin_m(name: str) -> Json:
    return recorded("binance", f"endpoints:Endpoints/CoinFutures/{name}")


def spot(name: str) -> Json:
    return recorded("binance", f"endpoints:Endpoints/Spot/{name}")


def documented(request: str) -> Json:
    return recorded("binance", f"binancecoinm/documented:{request}")


@pytest_asyncio.fixture
async def replay() -> AsyncIterator[Replay]:
    async with replaying() as running:
        listing = recorded("binance", "binancecoinm/instruments_01")
        running.answer("GET", "/dapi/v1/exchangeInfo", listing)
        running.answer("GET", "/dapi/v1/time", coin_m("ExchangeData/GetServerTime"))
        running.answer("GET", "/api/v3/account", spot("Account/GetAccountInfo"))
        rights = spot("Account/GetAPIKeyPermissions") | {"enableFutures": True}
        running.answer("GET", "/sapi/v1/account/apiRestrictions", rights)
        running.answer("GET", "/sapi/v1/system/status", spot("ExchangeData/GetSystemStatus"))
        running.answer("GET", "/dapi/v1/account", coin_m("Account/GetAccountInfo"))
        running.answer("GET", "/dapi/v1/positionRisk", [])
        one_way = coin_m("Account/GetPositionMode") | {"dualSidePosition": False}
        running.answer("GET", "/dapi/v1/positionSide/dual", one_way)
        fees = coin_m("Account/GetUserCommissionRate")
        running.answer("GET", "/dapi/v1/commissionRate", fees, **MARKET)
        brackets = coin_m("Account/GetBrackets")
        running.answer("GET", "/dapi/v2/leverageBracket", brackets, **MARKET)
        yield running


@pytest_asyncio.fixture
async def venue(replay: Replay) -> AsyncIterator[LiveVenue]:
    async with venue_on(replay, "binance", SYMBOL) as opened:
        yield opened


@pytest.mark.asyncio
async def test_listings_of_2021(venue: LiveVenue) -> None:
    btc = venue.instrument(SYMBOL)
    # contractSize 100 USD, stepSize 1, tickSize 0.1, maxQty 1000000
    assert (btc.kind, btc.contract_size, btc.lot) == (Kind.INVERSE, D(100), D(1))
    assert (btc.tick, btc.min_contracts, btc.max_contracts) == (D("0.1"), D(1), D(1_000_000))
    assert btc.maintenance == D("0.004")
    assert venue.instrument("ETH/USD:ETH").contract_size == 10


@pytest.mark.asyncio
async def test_a_perpetual_that_gets_a_delivery_date_is_refused(replay: Replay) -> None:
    listing = recorded("binance", "binancecoinm/instruments_01")
    listing["symbols"][0]["deliveryDate"] = 1_640_937_600_000
    replay.answer("GET", "/dapi/v1/exchangeInfo", listing)
    async with venue_on(replay, "binance") as venue:
        with pytest.raises(VenueRefused, match="being delisted"):
            venue.instrument(SYMBOL)


@pytest.mark.asyncio
async def test_the_key(venue: LiveVenue) -> None:
    access = venue.access
    assert access.account_id == "354937868"
    assert (access.may_trade, access.may_withdraw, access.is_bound) == (True, False, False)


@pytest.mark.asyncio
async def test_the_coin_m_wallet(replay: Replay, venue: LiveVenue) -> None:
    account = await venue.account(["BTC"])
    assert coins(account) == {"BTC": (D("0.00241969"), D("0.00241969"))}
    assert account.positions == ()
    reply = coin_m("Account/GetAccountInfo")
    reply["assets"][0]["unrealizedProfit"] = "0.0001"
    replay.answer("GET", "/dapi/v1/account", reply)
    # 0.00241969 + 0.0001 = 0.00251969
    with pytest.raises(VenueUnavailable, match=r"its parts give 0\.00251969"):
        await venue.account(["BTC"])


@pytest.mark.asyncio
@pytest.mark.parametrize("source", ["endpoints", "documented"])
async def test_a_position_in_contracts(replay: Replay, venue: LiveVenue, source: str) -> None:
    rows = (
        coin_m("Account/GetPositionInformation")
        if source == "endpoints"
        else documented("GET /dapi/v1/positionRisk")
    )
    flat, long, _ = rows
    long |= {"symbol": "BTCUSD_211231", "positionSide": "BOTH"}
    replay.answer("GET", "/dapi/v1/positionRisk", [flat, long])
    (found,) = (await venue.account([])).positions
    # 1 contract of 100 USD: 100 * (1/11707.70000003 - 1/11788.66626667) = 0.00005866...
    assert found.quantity == Amount(D(100), USD)
    assert found.unrealised_pnl == D("0.00005866")
    assert found.entry == D("11707.70000003")
    assert found.liquidation_price == D("11667.63509587")
    long["positionAmt"] = "-1"
    replay.answer("GET", "/dapi/v1/positionRisk", [long])
    # The other way round the same profit contradicts the prices.
    with pytest.raises(VenueUnavailable, match=r"size and prices give -0\.00005866"):
        await venue.account([])


@pytest.mark.asyncio
async def test_a_wallet_of_nothing_carries_no_position(replay: Replay, venue: LiveVenue) -> None:
    _, long, _ = coin_m("Account/GetPositionInformation")
    replay.answer("GET", "/dapi/v1/positionRisk", [long | MARKET | {"positionSide": "BOTH"}])
    reply = coin_m("Account/GetAccountInfo")
    reply["assets"][0] |= {"walletBalance": "0.00000000", "marginBalance": "0.00000000"}
    replay.answer("GET", "/dapi/v1/account", reply)
    with pytest.raises(VenueUnavailable, match=r"wallet BTC: it says 0, .* stands on it alone"):
        await venue.account(["BTC"])


@pytest.mark.asyncio
async def test_a_key_that_was_good_and_is_refused_is_no_pause(
    replay: Replay, venue: LiveVenue
) -> None:
    await venue.account(["BTC"])
    refusal = {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}
    replay.answer("GET", "/dapi/v1/account", refusal, status=401)
    for _ in range(2):  # and it is asked again
        with pytest.raises(VenueAuthError, match="-2015"):
            await venue.account(["BTC"])


@pytest.mark.asyncio
async def test_hedge_mode_is_refused(replay: Replay, venue: LiveVenue) -> None:
    rows = coin_m("Account/GetPositionInformation")
    for row in rows:
        row["symbol"] = "BTCUSD_211231"
    replay.answer("GET", "/dapi/v1/positionRisk", rows)
    with pytest.raises(VenueRefused, match="choose One-way Mode"):
        await venue.account([])
    replay.answer("GET", "/dapi/v1/positionRisk", [])
    replay.answer("GET", "/dapi/v1/positionSide/dual", coin_m("Account/GetPositionMode"))
    with pytest.raises(VenueRefused, match="choose One-way Mode"):
        async with venue_on(replay, "binance", SYMBOL):
            pass


@pytest.mark.asyncio
async def test_the_wallets_beside_it(replay: Replay, venue: LiveVenue) -> None:
    (btc,) = await venue.holdings("spot", ["BTC"])
    assert btc.quantity == Amount(D("4723846.89208129"), "BTC")
    replay.answer("POST", "/sapi/v1/asset/get-funding-asset", spot("Account/GetFundingWallet"))
    usdt, none = await venue.holdings("funding", ["USDT", "BTC"])
    assert (usdt.quantity, none.quantity) == (Amount(D(1), "USDT"), Amount(D(0), "BTC"))
    for kind, amount in (("flexible", "totalAmount"), ("locked", "amount")):
        rows = {"rows": [{"asset": "BTC", amount: "0.25"}], "total": 1}
        replay.answer("GET", f"/sapi/v1/simple-earn/{kind}/position", rows)
    (earning,) = await venue.holdings("earn", ["BTC"])
    assert earning.quantity == Amount(D("0.5"), "BTC")  # 0.25 flexible + 0.25 locked


@pytest.mark.asyncio
async def test_prices_of_three_requests(replay: Replay, venue: LiveVenue) -> None:
    marks = [row for row in coin_m("ExchangeData/GetMarkPrices") if row["symbol"] == "BTCUSD_PERP"]
    replay.answer("GET", "/dapi/v1/premiumIndex", marks, **MARKET)
    for path, name in (("bookTicker", "GetBookPrices"), ("price", "GetPrices")):
        rows = [row | MARKET for row in coin_m(f"ExchangeData/{name}")]  # recorded of a dated one
        replay.answer("GET", f"/dapi/v1/ticker/{path}", rows, **MARKET)
    quote = await venue.quote(SYMBOL)
    assert (quote.mark, quote.index) == (D("11029.69574559"), D("10979.14437500"))
    assert (quote.bid, quote.ask, quote.last) == (D("9650.1"), D("9650.3"), D("9647.8"))
    assert quote.funding_rate == D("0.00071003")
    assert quote.funding_at == datetime(2020, 7, 30, 8, tzinfo=UTC)
    assert (quote.taker_fee, quote.maker_fee) == (D("0.00040"), D("0.00015"))
    await check_idle(replay, venue, "binance", SYMBOL)


def test_a_dated_contract_has_no_funding() -> None:
    _, dated = coin_m("ExchangeData/GetMarkPrices")
    prices = BINANCE.prices(Row("quote", dated))
    assert (prices.funding_rate, prices.funding_at, prices.funding_interval_h) == (None,) * 3


@pytest.mark.asyncio
async def test_the_price_of_a_coin(replay: Replay, venue: LiveVenue) -> None:
    row = spot("ExchangeData/GetBookPrice") | {"symbol": "BTCUSDT"}
    replay.answer("GET", "/api/v3/ticker/bookTicker", row)
    (price,) = await venue.prices(["BTC"])
    assert price.value == (D(row["bidPrice"]) + D(row["askPrice"])) / 2


@pytest.mark.asyncio
async def test_depth_in_contracts(replay: Replay, venue: LiveVenue) -> None:
    replay.answer("GET", "/dapi/v1/depth", coin_m("ExchangeData/GetOrderBook"))
    depth = await venue.depth(SYMBOL)
    assert (depth.bids[0].price, depth.bids[0].contracts) == (D("9638.0"), D(431))
    assert (depth.asks[0].price, depth.asks[0].contracts) == (D("9638.2"), D(12))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "name", ["GET /dapi/v1/openOrders", "GET /dapi/v1/order", "DELETE /dapi/v1/order"]
)
async def test_an_order_of_another_kind_without_a_price(venue: LiveVenue, name: str) -> None:
    reply = documented(name)
    row = reply[0] if isinstance(reply, list) else reply
    btc = venue.instrument(SYMBOL)
    if "time" not in row:  # a cancel tells when, but not since when: nothing reads it so
        with pytest.raises(VenueUnavailable, match="time is missing"):
            BINANCE.report(Row("order", row), btc)
        return
    report = BINANCE.report(Row("order", row), btc)
    assert (report.client_id, report.venue_id, report.side) == ("abc", "1917641", Side.BUY)
    assert (report.contracts, report.filled, report.average) == (D("0.40"), D(0), None)
    assert (report.limit_price, report.status) == (None, OrderStatus.WORKING)


@pytest.mark.asyncio
async def test_working_orders(replay: Replay, venue: LiveVenue) -> None:
    rows = [row | MARKET for row in coin_m("Trading/GetOpenOrders")]
    replay.answer("GET", "/dapi/v1/openOrders", rows)
    (order,) = await venue.open_orders([SYMBOL])
    assert (order.client_id, order.contracts) == ("abc", D("0.40"))
    (asked,) = replay.sent("GET", "/dapi/v1/openOrders")
    assert asked["symbol"] == "BTCUSD_PERP"
    assert {"timestamp", "signature"} < asked.keys()


@pytest.mark.asyncio
async def test_a_fill_is_completed_from_its_order(replay: Replay, venue: LiveVenue) -> None:
    rows = [row | MARKET for row in coin_m("Trading/GetUserTrades")]
    replay.answer("GET", "/dapi/v1/userTrades", rows)
    order = coin_m("Trading/GetOrder") | MARKET | {"clientOrderId": "hg0000000001", "orderId": 28}
    replay.answer("GET", "/dapi/v1/order", order, orderId="28")
    (fill,) = await venue.fills([SYMBOL], datetime.now(UTC))
    assert (fill,) == await venue.fills([SYMBOL], datetime.now(UTC))
    assert (fill.client_id, fill.side, fill.contracts) == ("hg0000000001", Side.SELL, D(1))
    assert (fill.price, fill.fee) == (D(8800), Amount(D("0.00000454"), "BTC"))
    assert (fill.trade_id, fill.kind) == ("BTCUSD_PERP-6", FillKind.TRADE)
    assert len(replay.sent("GET", "/dapi/v1/order")) == 1  # an order is asked for once


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("client_id", "kind"),
    [
        ("autoclose-1596542005017000006", FillKind.LIQUIDATION),
        ("adl_autoclose", FillKind.ADL),
        ("delivery_autoclose-1596542005017", FillKind.SETTLEMENT),
    ],
)
async def test_forced_fills(
    replay: Replay, venue: LiveVenue, client_id: str, kind: FillKind
) -> None:
    rows = [row | MARKET for row in documented("GET /dapi/v1/userTrades")]
    replay.answer("GET", "/dapi/v1/userTrades", rows)
    order = documented("GET /dapi/v1/order") | MARKET | {"clientOrderId": client_id}
    replay.answer("GET", "/dapi/v1/order", order, orderId="28")
    (fill,) = await venue.fills([SYMBOL], datetime.now(UTC))
    assert (fill.kind, fill.client_id) == (kind, "")


@pytest.mark.asyncio
async def test_income(replay: Replay, venue: LiveVenue) -> None:
    replay.answer("GET", "/dapi/v1/income", coin_m("Account/GetIncomeHistory"))
    moved, paid = await venue.flows(datetime.now(UTC))
    assert (moved.kind, moved.change) == (FlowKind.TRANSFER, Amount(D("-0.375"), "BTC"))
    assert (paid.kind, paid.change) == (FlowKind.TRADE, Amount(D("-0.01"), "BTC"))
    assert (paid.fee, paid.trade_id) == (D("0.01"), "BTCUSD_200925-2059192")
    assert moved.flow_id != paid.flow_id  # they share a number


ORDERS = [(Style.IOC, "IOC", False), (Style.POST_ONLY, "GTX", True)]


@pytest.mark.asyncio
@pytest.mark.parametrize(("style", "lives", "reduce_only"), ORDERS)
async def test_what_an_order_sends(
    replay: Replay, venue: LiveVenue, style: Style, lives: str, *, reduce_only: bool
) -> None:
    reply = documented("POST /dapi/v1/order#2") | {"clientOrderId": "hg0000000001"}
    replay.answer("POST", "/dapi/v1/order", reply)
    btc = venue.instrument(SYMBOL)
    order = order_of(btc, Side.SELL, "3", "60000.1", reduce_only=reduce_only, style=style)
    assert await venue.submit(order) == Accepted("22542179")
    (sent,) = replay.sent("POST", "/dapi/v1/order")
    expected: dict[str, Any] = {
        "symbol": "BTCUSD_PERP",
        "side": "SELL",
        "type": "LIMIT",
        "timeInForce": lives,
        "quantity": "3",
        "price": "60000.1",
        "newClientOrderId": "hg0000000001",
        "recvWindow": "5000",  # later it would arrive when it is held for lost
    }
    assert {key: sent[key] for key in expected} == expected
    assert str(sent.get("reduceOnly", "false")).lower() == str(reduce_only).lower()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (-2019, 400, Refused),
        (-5022, 400, Refused),
        (-4116, 400, Unknown),
        (-1006, 400, Unknown),
        (-1007, 408, Unknown),
    ],
)
async def test_what_an_error_proves(
    replay: Replay, venue: LiveVenue, code: int, status: int, kind: type[object]
) -> None:
    reply = {"code": code, "msg": "as said"}
    replay.answer("POST", "/dapi/v1/order", reply, status=status)
    order = order_of(venue.instrument(SYMBOL), Side.SELL, "3", "60000", reduce_only=False)
    outcome = await venue.submit(order)
    assert isinstance(outcome, kind), outcome
    assert f"{code} as said" in str(outcome)


@pytest.mark.asyncio
async def test_an_acknowledgement_of_another_order(replay: Replay, venue: LiveVenue) -> None:
    replay.answer("POST", "/dapi/v1/order", coin_m("Trading/PlaceOrder"))
    order = order_of(venue.instrument(SYMBOL), Side.SELL, "3", "60000", reduce_only=False)
    expected = Unknown("the venue acknowledged another order, testOrder")
    assert await venue.submit(order) == expected


@pytest.mark.asyncio
async def test_the_documented_refusal(replay: Replay, venue: LiveVenue) -> None:
    reply = documented("POST /dapi/v1/order")
    replay.answer("POST", "/dapi/v1/order", reply, status=400)
    order = order_of(venue.instrument(SYMBOL), Side.SELL, "3", "60000", reduce_only=False)
    assert await venue.submit(order) == Refused("-1121 Invalid symbol.")


@pytest.mark.asyncio
async def test_what_a_cancel_and_a_look_up_send(replay: Replay, venue: LiveVenue) -> None:
    btc = venue.instrument(SYMBOL)
    replay.answer("DELETE", "/dapi/v1/order", coin_m("Trading/CancelOrder"))
    await venue.cancel(btc, "hg0000000001")
    (sent,) = replay.sent("DELETE", "/dapi/v1/order")
    assert (sent["symbol"], sent["origClientOrderId"]) == ("BTCUSD_PERP", "hg0000000001")
    assert "orderId" not in sent
    gone = {"code": -2011, "msg": "Unknown order sent."}
    replay.answer("DELETE", "/dapi/v1/order", gone, status=400)
    await venue.cancel(btc, "hg0000000001")

    missing = {"code": -2013, "msg": "Order does not exist."}
    replay.answer("GET", "/dapi/v1/order", missing, status=400)
    assert await venue.find_order(btc, "hg0000000001") is None
    found = coin_m("Trading/GetOrder") | MARKET | {"clientOrderId": "hg0000000001"}
    replay.answer("GET", "/dapi/v1/order", found, origClientOrderId="hg0000000001")
    report = await venue.find_order(btc, "hg0000000001")
    assert report is not None
    assert report.status is OrderStatus.WORKING


@pytest.mark.asyncio
async def test_the_dead_man_switch_counts_when_the_venue_says_so(
    replay: Replay, venue: LiveVenue
) -> None:
    after = "/dapi/v1/countdownCancelAll"
    told = coin_m("Trading/CancelAllOrdersAfterTimeout")  # of another market, another time
    assert told == documented("POST /dapi/v1/countdownCancelAll")
    replay.answer("POST", after, told)
    assert not await venue.arm_dead_man(60)
    ours = {"symbol": "BTCUSD_PERP"}
    replay.answer("POST", after, told | ours | {"countdownTime": "60000"}, countdownTime="60000")
    assert await venue.arm_dead_man(60)
    replay.answer("POST", after, told | ours | {"countdownTime": "0"}, countdownTime="0")
    await venue.disarm_dead_man()
    sent = replay.sent("POST", after)
    assert [(one["symbol"], one["countdownTime"]) for one in sent] == [
        ("BTCUSD_PERP", "60000"),
        ("BTCUSD_PERP", "60000"),
        ("BTCUSD_PERP", "0"),
    ]


@pytest.mark.asyncio
async def test_a_full_page_of_flows_is_followed_by_the_next(
    replay: Replay, venue: LiveVenue
) -> None:
    (row, *_) = coin_m("Account/GetIncomeHistory")
    since = datetime.now(UTC) - timedelta(days=1)
    first_ms = int(since.timestamp() * 1000)
    rows = [row | {"tranId": str(number), "time": first_ms + number // 2} for number in range(1500)]
    replay.answer("GET", "/dapi/v1/income", rows[:1000])
    end_ms = rows[999]["time"]
    replay.answer("GET", "/dapi/v1/income", rows[998:], startTime=str(end_ms))
    flows = await venue.flows(since)
    assert len(flows) == len({flow.flow_id for flow in flows}) == 1500
    assert [flow.at for flow in flows] == sorted(flow.at for flow in flows)
    # 1,000 and more of one moment: what lies behind them cannot be asked for
    replay.answer("GET", "/dapi/v1/income", [row | {"time": first_ms}] * 1000)
    with pytest.raises(VenueUnavailable, match="a page of one moment"):
        await venue.flows(since)


@pytest.mark.asyncio
async def test_moves_between_wallets_count_until_they_arrive(
    replay: Replay, venue: LiveVenue
) -> None:
    path, since = "/sapi/v1/asset/transfer", datetime.now(UTC) - timedelta(hours=3)
    reply = spot("Account/GetTransfers")
    replay.answer("GET", path, {"total": 0})  # of a kind of which there are none
    under_way = {"asset": "BTC", "amount": "0.5", "type": "MAIN_CMFUTURE", "status": "PENDING"}
    reply["rows"][0] |= under_way
    reply["rows"][1] |= {**under_way, "status": "CONFIRMED"}
    replay.answer("GET", path, reply, type="MAIN_CMFUTURE")
    first, second = await venue.transfers(since)
    assert (first.source, first.destination) == ("main:spot", "main")
    assert first.quantity == Amount(D("0.5"), "BTC")
    assert (first.transfer_id, first.arrived) == ("11415955596", False)
    assert second.arrived
    asked = [sent["type"] for sent in replay.sent("GET", path)]
    assert len(asked) == len(set(asked)) == 6  # each way between three wallets
    for odd in ("MAIN", "MAIN_UMFUTURE", "ISOLATEDMARGIN_MARGIN_MAIN"):
        row = {**reply["rows"][0], "type": odd}
        replay.answer("GET", path, {"total": 1, "rows": [row]}, type="MAIN_CMFUTURE")
        with pytest.raises(VenueUnavailable, match="not a known pair of wallets"):
            await venue.transfers(since)


@pytest.mark.asyncio
async def test_maintenance_is_told_while_it_lasts(replay: Replay, venue: LiveVenue) -> None:
    assert venue.maintenance == ()  # "status": 0
    lasting = {"status": 1, "msg": "system maintenance"}
    replay.answer("GET", "/sapi/v1/system/status", lasting)
    async with venue_on(replay, "binance") as again:
        (told,) = again.maintenance
    assert told == Maintenance("main", "system maintenance", None, None, lasts=True)


@pytest.mark.asyncio
async def test_leverage_and_margin_mode_are_told_and_set(replay: Replay) -> None:
    rows = coin_m("Account/GetPositionInformation")
    flat = rows[0] | MARKET  # "leverage": "125", "marginType": "cross"
    isolated = flat | {"marginType": "isolated", "symbol": "ETHUSD_PERP", "leverage": "20"}
    replay.answer("GET", "/dapi/v1/positionRisk", [flat, isolated])
    for name in ("ChangeInitialLeverage", "ChangeMarginType"):
        path = "/dapi/v1/leverage" if "Leverage" in name else "/dapi/v1/marginType"
        replay.answer("POST", path, coin_m(f"Account/{name}"))
    for path in ("commissionRate", "leverageBracket"):
        version = "v2" if path == "leverageBracket" else "v1"
        reply = replay.found("GET", f"/dapi/{version}/{path}", MARKET)
        assert reply is not None
        replay.answer("GET", f"/dapi/{version}/{path}", reply[0])
    symbols = (SYMBOL, "ETH/USD:ETH")
    async with venue_on(replay, "binance", *symbols, arranges=True) as venue:
        told = await venue.arrangement()
        assert told.leverages == {SYMBOL: D(125), "ETH/USD:ETH": D(20)}
        assert told.mode == "cross and isolated"
        assert await venue.arrange(Change(SYMBOL, "125", "5")) == Accepted("")
        (sent,) = replay.sent("POST", "/dapi/v1/leverage")
        assert (sent["symbol"], sent["leverage"]) == ("BTCUSD_PERP", "5")
        fraction = await venue.arrange(Change(SYMBOL, "125", "5.5"))
        assert fraction == Refused("not sent: a leverage at Binance is a whole number")
        assert await venue.arrange(Change(MARGIN_MODE, "isolated", "cross")) == Accepted("")
        sent_of = [
            (m["symbol"], m["marginType"]) for m in replay.sent("POST", "/dapi/v1/marginType")
        ]
        assert sent_of == [("BTCUSD_PERP", "CROSSED"), ("ETHUSD_PERP", "CROSSED")]
        # As wanted it is done; one with a position cannot be set.
        as_it_is = {"code": -4046, "msg": "No need to change margin type."}
        replay.answer("POST", "/dapi/v1/marginType", as_it_is, status=400)
        assert await venue.arrange(Change(MARGIN_MODE, "isolated", "cross")) == Accepted("")
        held = {"code": -4048, "msg": "Margin type cannot be changed if there exists position."}
        replay.answer("POST", "/dapi/v1/marginType", held, status=400)
        outcome = await venue.arrange(Change(MARGIN_MODE, "isolated", "cross"))
        assert isinstance(outcome, Refused)


@pytest.mark.asyncio
async def test_withdrawals_and_deposits_over_a_chain(replay: Replay, venue: LiveVenue) -> None:
    since, away = datetime.now(UTC) - timedelta(hours=3), "/sapi/v1/capital/withdraw/history"
    reply = spot("Account/GetWithdrawalHistory")
    reply[1]["walletType"] = 0
    replay.answer("GET", away, reply)
    usdt, btc = await venue.withdrawals(since)
    assert (usdt.source, btc.source) == ("main:funding", "main:spot")  # walletType 1 and 0
    assert btc.quantity == Amount(D("0.0015"), "BTC")
    assert btc.destination == "1FZdVHtiBqMrWdjPyRPULCUceZPJ2WLCsB"
    assert usdt.started_at == datetime(2019, 10, 12, 11, 12, 2, tzinfo=UTC)
    assert not usdt.arrived  # status 6: it has left; when it comes the other venue says
    asked, *_ = replay.sent("GET", away)
    assert asked["startTime"] == str(int(since.timestamp() * 1000))
    replay.answer("GET", away, [btc_row | {"status": 5} for btc_row in reply[1:]])
    (failed,) = await venue.withdrawals(since)
    assert failed.arrived  # it is back
    replay.answer("GET", away, [reply[1] | {"status": 9}])
    with pytest.raises(VenueUnavailable, match="status is 9, not a known state"):
        await venue.withdrawals(since)
    for _ in range(20):  # Binance takes ten a minute
        with suppress(VenueUnavailable):
            assert await venue.withdrawals(since) == (failed,)
    assert len(replay.sent("GET", away)) == 10
    with pytest.raises(VenueUnavailable, match="asked 10 times in a minute"):
        await venue.withdrawals(since)  # what was told before is no answer
    deposits = spot("Account/GetDepositHistory")
    replay.answer("GET", "/sapi/v1/capital/deposit/hisrec", deposits)
    (iota,) = [row for row in deposits if row["status"] == 1]
    assert await venue.credited(since) == {iota["txId"]}  # the other's status is 0


MOVE = "/sapi/v1/asset/transfer"
LENT = MoveTerms(
    "our-own-id", "core", "BTC", "main", Amount(D("1.50000000"), "BTC"), "main:spot", "main"
)


def moved(number: int, status: str = "CONFIRMED", amount: str = "1.5", **more: Any) -> Json:
    """A row of the history, as recorded but for what is to be compared."""
    (row, _) = spot("Account/GetTransfers")["rows"]
    said = {"asset": "BTC", "amount": amount, "type": "MAIN_CMFUTURE", "status": status}
    at_ms = int(datetime.now(UTC).timestamp() * 1000)
    return row | said | {"tranId": number, "timestamp": at_ms} | more


@pytest_asyncio.fixture
async def mover(replay: Replay) -> AsyncIterator[LiveVenue]:
    async with venue_on(replay, "binance", moves=True) as opened:
        yield opened


@pytest.mark.asyncio
async def test_a_transfer_is_sent_once_and_arrived_when_the_history_says_so(
    replay: Replay, mover: LiveVenue
) -> None:
    told = spot("Account/Transfer")
    replay.answer("POST", MOVE, told)
    for status, outcome in (("CONFIRMED", Accepted), ("PENDING", Unknown), ("FAILED", Unknown)):
        row = moved(told["tranId"], status)
        replay.answer("GET", MOVE, {"total": 1, "rows": [row]}, type="MAIN_CMFUTURE")
        assert isinstance(await mover.move(LENT), outcome)
    another = {"total": 1, "rows": [moved(1)]}
    replay.answer("GET", MOVE, another, type="MAIN_CMFUTURE")
    assert isinstance(await mover.move(LENT), Unknown)
    sent = replay.sent("POST", MOVE)
    assert len(sent) == 4
    wanted = {"type": "MAIN_CMFUTURE", "asset": "BTC", "amount": "1.5"}
    assert all(one.items() >= wanted.items() for one in sent)
    back = replace(LENT, source="main", destination="main:funding")
    await mover.move(back)
    assert replay.sent("POST", MOVE)[-1]["type"] == "CMFUTURE_FUNDING"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (-5013, 400, Refused),
        (-1003, 429, Refused),
        (-2015, 401, Refused),
        (-5010, 400, Unknown),  # it failed, of what is not said
        (-1007, 408, Unknown),
    ],
)
async def test_only_proof_makes_the_outcome_of_a_transfer(
    replay: Replay, mover: LiveVenue, code: int, status: int, kind: type[object]
) -> None:
    replay.answer("POST", MOVE, {"code": code, "msg": "as said"}, status=status)
    assert isinstance(await mover.move(LENT), kind)
    assert len(replay.sent("POST", MOVE)) == 1


@pytest.mark.asyncio
async def test_a_transfer_without_an_id_of_ours_is_found_by_what_it_moved(
    replay: Replay, mover: LiveVenue
) -> None:
    since = datetime.now(UTC)

    async def found(*rows: Json, known: tuple[str, ...] = ()) -> MoveFound | None:
        reply = {"total": len(rows), "rows": list(rows)}
        replay.answer("GET", MOVE, reply, type="MAIN_CMFUTURE")
        return await mover.find_move(LENT, since, known)

    assert await found() is None
    assert await found(moved(1, amount="1.4"), moved(2, asset="ETH")) is None
    assert await found(moved(3, "PENDING")) == MoveFound(MoveState.SENT, "3")
    assert await found(moved(4, "FAILED")) == MoveFound(MoveState.REFUSED, "4")
    # Newest first: ours is the first one that is not on record as another.
    rows = moved(7), moved(6, timestamp=2), moved(5, timestamp=1)
    assert await found(*rows, known=("5", "")) == MoveFound(MoveState.CONFIRMED, "6")
    assert await found(moved(5), known=("5",)) is None
    with pytest.raises(VenueUnavailable, match="more than 100"):
        await found(*map(moved, range(1, 101)))
    asked = replay.sent("GET", MOVE)[0]
    assert mover.skew_s is not None  # the recorded clock is of 2017
    begun_s = since.timestamp() - float(mover.skew_s) - 10
    assert int(asked["startTime"]) / 1000 == pytest.approx(begun_s, abs=1)


@pytest.mark.asyncio
async def test_a_coin_that_no_contract_settles_in_is_none_of_this_wallet(venue: LiveVenue) -> None:
    """A staked token lies in the spot wallet; a coin with contracts that is left out is missing."""
    assert coins(await venue.account(["BTC", "WBETH"])).keys() == {"BTC"}
    with pytest.raises(VenueUnavailable, match="lists no ETH, even when asked for it"):
        await venue.account(["BTC", "ETH"])
