"""OKX: recorded replies through ccxt and the profile, and what is sent; worked out by hand."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from hedged.core.types import USD, Amount, FlowKind, Kind, Side
from hedged.ports import (
    Accepted,
    FillKind,
    OrderStatus,
    Refused,
    Style,
    Unknown,
    VenueRefused,
    VenueUnavailable,
)
from hedged.venue import LiveVenue
from hedged.venue.fields import Row
from hedged.venue.profiles.okx import OKX
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

API = "/api/v5"
SYMBOL = "BTC/USD:BTC"
UNIFIED = "endpoints:Endpoints/UnifiedApi"


def endpoint(name: str) -> Json:
    return recorded("okx", f"{UNIFIED}/{name}")


def ok(*rows: Json) -> Json:
    return {"code": "0", "msg": "", "data": list(rows)}


def listing(number: int) -> Json:
    return recorded("okx", f"instruments_0{number}")


@pytest_asyncio.fixture
async def replay() -> AsyncIterator[Replay]:
    async with replaying() as running:
        running.answer("GET", f"{API}/public/time", endpoint("ExchangeData/GetServerTime"))
        for number in (1, 2, 3):
            rows = listing(number)["data"]
            kind = rows[0]["instType"]
            running.answer("GET", f"{API}/public/instruments", ok(*rows), instType=kind)
        running.answer("GET", f"{API}/account/config", endpoint("Account/GetAccountConfiguration"))
        running.answer("GET", f"{API}/account/balance", endpoint("Account/GetAccountBalance"))
        running.answer("GET", f"{API}/account/positions", ok())
        running.answer("GET", f"{API}/account/trade-fee", endpoint("Account/GetFeeRates"))
        yield running


@pytest_asyncio.fixture
async def venue(replay: Replay) -> AsyncIterator[LiveVenue]:
    async with venue_on(replay, "okx", SYMBOL) as opened:
        yield opened


@pytest.mark.asyncio
async def test_listings_of_2022(venue: LiveVenue) -> None:
    btc = venue.instrument(SYMBOL)
    # ctVal 100 USD, lotSz 1, tickSz 0.1
    assert (btc.kind, btc.contract_size, btc.lot, btc.tick) == (
        Kind.INVERSE,
        D(100),
        D(1),
        D("0.1"),
    )
    assert venue.instrument("ETH/USD:ETH").contract_size == 10


@pytest.mark.asyncio
async def test_the_account_is_the_owners(venue: LiveVenue) -> None:
    assert venue.access.account_id == "44705892343619584"


@pytest.mark.asyncio
async def test_wallet_of_cash_and_bots(replay: Replay, venue: LiveVenue) -> None:
    account = await venue.account(["USDT"])
    # 4850.435693622894 cash + 150 with bots = 5000.435..., - 7.5456 PnL = 4992.890... as reported
    assert coins(account) == {"USDT": (D("5000.435693622894"), D("4992.890093622894"))}
    assert account.margin is not None
    assert account.margin.equity_usd == D("55415.624719833286")
    # Bots report what they hold; without it the coin's figures contradict each other.
    torn = endpoint("Account/GetAccountBalance")
    torn["data"][0]["details"][0]["stgyEq"] = "0"
    replay.answer("GET", f"{API}/account/balance", torn)
    with pytest.raises(VenueUnavailable, match=r"wallet USDT: eq is 4992\.89"):
        await venue.account(["USDT"])


@pytest.mark.asyncio
async def test_wallet_with_isolated_margin(replay: Replay, venue: LiveVenue) -> None:
    replay.answer(
        "GET", f"{API}/account/balance", recorded("okx", "fixtures:http_get_account_balance")
    )
    account = await venue.account(["USDT"])
    # 94.42612990333333 cash + 5.468566666666667 isolated + 0.0273... of it PnL = 99.92199...
    wallet = D("94.42612990333333") + D("5.468566666666667") + D("0.0273000000000002")
    assert coins(account) == {"USDT": (wallet, D("99.89469657000001"))}
    assert account.margin is None  # adjEq is empty


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "name", ["http_balance_detail_new_fields", "http_balance_detail_old_fields"]
)
async def test_wallet_rows_of_both_forms(replay: Replay, venue: LiveVenue, name: str) -> None:
    row = recorded("okx", f"fixtures:{name}")
    replay.answer("GET", f"{API}/account/balance", ok({"details": [row]}))
    assert coins(await venue.account([])) == {"USDT": (D("100.0"), D("100.0"))}


@pytest.mark.asyncio
async def test_a_coin_left_out_twice_is_none_of_it(replay: Replay, venue: LiveVenue) -> None:
    replay.answer("GET", f"{API}/account/balance", ok({"details": []}), ccy="BTC")
    account = await venue.account(["BTC"])
    assert coins(account)["BTC"] == (D(0), D(0))


@pytest.mark.asyncio
async def test_a_dated_position_of_ten_dollars(replay: Replay, venue: LiveVenue) -> None:
    reply = endpoint("Account/GetAccountPositions")
    (row,) = reply["data"]
    row |= {"instId": "ETH-USD-220930", "posSide": "net", "pos": "-1", "ccy": "ETH"}
    replay.answer("GET", f"{API}/account/positions", reply)
    replay.answer("GET", f"{API}/account/balance", ok({"details": [_coin("ETH")]}))
    # As recorded it contradicts itself: one contract of 10 USD, short from 2566.31 and now at
    # 2353.849, made 10 * (1/2353.849 - 1/2566.31) = 0.000351719... and not -0.0000009...
    with pytest.raises(VenueUnavailable, match=r"unrealised PnL is -0\.0000009932766034"):
        await venue.account([])
    row["upl"] = str(-10 * (1 / D("2566.31") - 1 / D("2353.849")))
    (short,) = (await venue.account([])).positions
    assert short.quantity == Amount(D(-10), USD)
    assert (short.entry, short.mark) == (D("2566.31"), D("2353.849"))
    assert short.liquidation_price == D("2352.8496681818233")
    assert short.instrument.symbol == "ETH/USD:ETH-220930"


def _coin(name: str) -> Json:
    return {"ccy": name, "cashBal": "10", "eq": "10", "upl": "0"}


@pytest.mark.asyncio
async def test_thirty_two_thousand_dollars_short(replay: Replay, venue: LiveVenue) -> None:
    row = endpoint("Account/GetAccountPositions")["data"][0]
    # 3250 contracts of 100 USD; at 60,000 and marked at 61,000
    pnl = -325_000 * (1 / D(60_000) - 1 / D(61_000))
    row |= {"instId": "BTC-USD-SWAP", "instType": "SWAP", "posSide": "net", "pos": "-3250"}
    row |= {"avgPx": "60000", "markPx": "61000", "upl": str(pnl), "liqPx": ""}
    replay.answer("GET", f"{API}/account/positions", ok(row))
    replay.answer("GET", f"{API}/account/balance", ok({"details": [_coin("BTC")]}))
    (short,) = (await venue.account([])).positions
    assert short.quantity == Amount(D(-325_000), USD)
    assert short.liquidation_price is None
    row["pos"] = "0"
    replay.answer("GET", f"{API}/account/positions", ok(row))
    assert (await venue.account([])).positions == ()


@pytest.mark.asyncio
async def test_a_linear_position_is_in_coins(replay: Replay, venue: LiveVenue) -> None:
    row = recorded("okx", "fixtures:http_get_positions")["data"][0]
    replay.answer("GET", f"{API}/account/positions", ok(row | {"posSide": "net"}))
    replay.answer("GET", f"{API}/account/balance", ok({"details": [_coin("USDT")]}))
    (long,) = (await venue.account([])).positions
    # 0.5 contracts of 0.01 BTC
    assert long.quantity == Amount(D("0.005"), "BTC")
    assert long.entry == long.mark == D(10_000)


@pytest.mark.asyncio
async def test_hedge_mode_is_refused(replay: Replay) -> None:
    config = endpoint("Account/GetAccountConfiguration")
    config["data"][0]["posMode"] = "long_short_mode"
    replay.answer("GET", f"{API}/account/config", config)
    with pytest.raises(VenueRefused, match="choose One-way mode"):
        async with venue_on(replay, "okx", SYMBOL):
            pass


@pytest.mark.asyncio
async def test_spot_mode_is_refused(replay: Replay) -> None:
    config = endpoint("Account/GetAccountConfiguration")
    config["data"][0]["acctLv"] = "1"
    replay.answer("GET", f"{API}/account/config", config)
    with pytest.raises(VenueRefused, match="choose Futures mode"):
        async with venue_on(replay, "okx", SYMBOL):
            pass


@pytest.mark.asyncio
async def test_a_leg_of_hedge_mode_is_refused(replay: Replay, venue: LiveVenue) -> None:
    row = endpoint("Account/GetAccountPositions")["data"][0]
    row |= {"instId": "ETH-USD-220930", "upl": str(10 * (1 / D("2566.31") - 1 / D("2353.849")))}
    replay.answer("GET", f"{API}/account/positions", ok(row))
    with pytest.raises(VenueRefused, match="hedge mode"):
        await venue.account([])


@pytest.mark.asyncio
async def test_an_option_is_refused(replay: Replay, venue: LiveVenue) -> None:
    row = endpoint("Account/GetAccountPositions")["data"][0]
    row |= {"instId": "BTC-USD-220930-50000-C", "instType": "OPTION", "posSide": "net"}
    replay.answer("GET", f"{API}/account/positions", ok(row))
    with pytest.raises(VenueUnavailable, match="what a contract of it is"):
        await venue.account([])


def _prices(replay: Replay) -> None:
    ticker = endpoint("ExchangeData/GetTicker")  # of BTC-USD-SWAP
    replay.answer("GET", f"{API}/market/ticker", ticker)
    for path, name in (
        ("public/mark-price", "GetMarkPrices"),
        ("market/index-tickers", "GetIndexTickers"),
        ("public/funding-rate", "GetFundingRates"),
    ):
        reply = endpoint(f"ExchangeData/{name}")
        instrument = "BTC-USD" if path.startswith("market") else "BTC-USD-SWAP"
        reply["data"][0]["instId"] = instrument  # recorded of the USDT market
        replay.answer("GET", f"{API}/{path}", reply, instId=instrument)


@pytest.mark.asyncio
async def test_prices_of_four_requests(replay: Replay, venue: LiveVenue) -> None:
    _prices(replay)
    quote = await venue.quote(SYMBOL)
    assert (quote.mark, quote.index, quote.last) == (D(200), D(43350), D("9999.99"))
    assert (quote.bid, quote.ask) == (D("8888.88"), D("9999.99"))
    assert quote.funding_rate == D("0.0000792386885340")
    # 1703116800000 - 1703088000000 ms = 8 h
    assert quote.funding_at == datetime(2023, 12, 20, 16, tzinfo=UTC)
    assert quote.funding_interval_h == 8
    assert (quote.taker_fee, quote.maker_fee) == (D("0.001"), D("0.0008"))
    await check_idle(replay, venue, "okx", SYMBOL)


@pytest.mark.asyncio
async def test_prices_of_another_market_are_none(replay: Replay, venue: LiveVenue) -> None:
    _prices(replay)
    replay.answer("GET", f"{API}/public/mark-price", endpoint("ExchangeData/GetMarkPrices"))
    with pytest.raises(VenueUnavailable, match="0 prices of it"):
        await venue.quote(SYMBOL)


@pytest.mark.asyncio
async def test_depth_in_contracts(replay: Replay, venue: LiveVenue) -> None:
    replay.answer("GET", f"{API}/market/books", endpoint("ExchangeData/GetOrderBook"))
    assert len((await venue.depth(SYMBOL)).asks) == 1
    replay.answer("GET", f"{API}/market/books", recorded("okx", "fixtures:http_get_order_book"))
    depth = await venue.depth(SYMBOL)
    assert (depth.bids[0].price, depth.bids[0].contracts) == (D("41006.7"), D("0.48792100"))
    assert (depth.asks[0].price, len(depth.asks)) == (D("41006.8"), 3)


@pytest.mark.asyncio
async def test_funding_and_earning_coins(replay: Replay, venue: LiveVenue) -> None:
    replay.answer("GET", f"{API}/asset/balances", endpoint("Account/GetFundingBalance"))
    replay.answer("GET", f"{API}/finance/savings/balance", endpoint("Account/GetSavingBalances"))
    (eth,) = await venue.holdings("funding", ["ETH"])
    assert eth.quantity == Amount(D("37.11827078"), "ETH")
    usdt, btc = await venue.holdings("earn", ["USDT", "BTC"])
    assert usdt.quantity == Amount(D("11.0010737453457821"), "USDT")
    assert btc.quantity == Amount(D(0), "BTC")
    with pytest.raises(VenueRefused, match="earn, funding, sub"):
        await venue.holdings("spot", ["BTC"])


@pytest.mark.asyncio
async def test_working_orders(replay: Replay, venue: LiveVenue) -> None:
    reply = recorded("okx", "fixtures:http_get_orders_pending")
    reply["data"][0] |= {"instId": "BTC-USD-SWAP", "posSide": "net", "sz": "10"}
    replay.answer("GET", f"{API}/trade/orders-pending", reply)
    (order,) = await venue.open_orders([SYMBOL])
    assert (order.client_id, order.side, order.contracts) == ("client-order-1", Side.BUY, D(10))
    assert (order.limit_price, order.status) == (D(103_500), OrderStatus.WORKING)
    assert (order.filled, order.average, order.reduce_only) == (D(0), None, False)
    (asked,) = replay.sent("GET", f"{API}/trade/orders-pending")
    assert asked == {"limit": "100", "instType": "SWAP", "instId": "BTC-USD-SWAP"}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "side", "contracts", "average", "status"),
    [
        (f"{UNIFIED}/Trading/GetOrderDetails", Side.BUY, "100", "51858", OrderStatus.DONE),
        (f"{UNIFIED}/Trading/GetOrderHistory", Side.BUY, "100", "51858", OrderStatus.DONE),
        (f"{UNIFIED}/Trading/GetOrders", Side.BUY, "1", None, OrderStatus.WORKING),
        ("fixtures:http_get_orders_history", Side.BUY, "0.03", "103698.9", OrderStatus.DONE),
        (
            "fixtures:http_get_orders_pending_with_attached_tp_sl",
            Side.BUY,
            "0.01",
            None,
            OrderStatus.WORKING,
        ),
    ],
)
async def test_orders_of_other_markets_are_written_alike(
    venue: LiveVenue,
    name: str,
    side: Side,
    contracts: str,
    average: str | None,
    status: OrderStatus,
) -> None:
    row = recorded("okx", name)["data"][0]
    report = OKX.report(Row("order", row), venue.instrument(SYMBOL))
    assert (report.venue_id, report.side, report.status) == (row["ordId"], side, status)
    assert report.contracts == D(contracts)
    assert report.average == (None if average is None else D(average))


@pytest.mark.parametrize(
    ("name", "mark", "index"),
    [("http_get_mark_price", "84660.1", None), ("http_get_index_price", None, "103895")],
)
def test_prices_as_another_system_knows_them(
    name: str, mark: str | None, index: str | None
) -> None:
    row = recorded("okx", f"fixtures:{name}")["data"][0]
    prices = OKX.prices(Row("quote", {"markPx": "1", "idxPx": "1"} | row))
    assert prices.mark == D(mark or "1")
    assert prices.index == D(index or "1")


def test_fees_as_another_system_knows_them() -> None:
    row = recorded("okx", "fixtures:http_get_trade_fee_response")["data"][0]
    assert OKX.fees is not None
    # -0.001: a thousandth is paid
    assert OKX.fees(Row("fees", row)).taker == D("0.001")


@pytest.mark.asyncio
async def test_fills_with_their_fees(replay: Replay, venue: LiveVenue) -> None:
    reply = endpoint("Trading/GetUserTradesArchive")
    reply["data"][0] |= {"instId": "BTC-USD-SWAP", "fillSz": "3"}
    replay.answer("GET", f"{API}/trade/fills-history", reply)
    (fill,) = await venue.fills([SYMBOL], datetime.now(UTC))
    assert (fill.kind, fill.side, fill.contracts) == (FillKind.TRADE, Side.BUY, D(3))
    assert (fill.price, fill.is_maker) == (D(51_858), False)
    assert fill.fee == Amount(D("0.00000192834"), "BTC")  # -0.00000192834: paid
    assert fill.trade_id == "680800019754098688"
    reply["data"][0]["subType"] = "127"
    (forced,) = await venue.fills([SYMBOL], datetime.now(UTC))
    assert forced.kind is FillKind.ADL
    reply["data"][0]["subType"] = "4711"
    with pytest.raises(VenueUnavailable, match="subType is '4711', not a known kind of fill"):
        await venue.fills([SYMBOL], datetime.now(UTC))


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["http_transaction_detail", "http_transaction_detail_empty_fee"])
async def test_fills_of_another_system(venue: LiveVenue, name: str) -> None:
    row = recorded("okx", f"fixtures:{name}")
    # It leaves out what kind of fill it was; nobody knows whether it was forced.
    with pytest.raises(VenueUnavailable, match="subType is missing"):
        OKX.fill(Row("fill", row), venue.instrument(SYMBOL))


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["GetBillHistory", "GetBillArchive"])
async def test_bills(replay: Replay, venue: LiveVenue, name: str) -> None:
    reply = endpoint(f"Account/{name}")
    replay.answer("GET", f"{API}/account/bills-archive", reply)
    (flow,) = await venue.flows(datetime.now(UTC))
    assert flow.kind is FlowKind.TRADE
    assert flow.change == Amount(D("0.0219338232210000"), "USDT")
    # 0.021955779 traded less 0.000021955779 fee = 0.021933823221
    assert flow.fee == D("0.000021955779")
    assert flow.balance == D("8694.2179403378290202")


ORDERS = [
    (Style.IOC, "ioc", False),
    (Style.POST_ONLY, "post_only", True),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(("style", "kind", "reduce_only"), ORDERS)
async def test_what_an_order_sends(
    replay: Replay, venue: LiveVenue, style: Style, kind: str, *, reduce_only: bool
) -> None:
    replay.answer("POST", f"{API}/trade/order", endpoint("Trading/PlaceOrder"))
    btc = venue.instrument(SYMBOL)
    order = order_of(btc, Side.SELL, "3", "60000.1", reduce_only=reduce_only, style=style)
    outcome = await venue.submit(order)
    (sent,) = replay.sent("POST", f"{API}/trade/order")
    expected = {
        "instId": "BTC-USD-SWAP",
        "side": "sell",
        "ordType": kind,
        "sz": "3",
        "px": "60000.1",
        "tdMode": "cross",
        "clOrdId": "hg0000000001",
    }
    assert {key: sent[key] for key in expected} == expected
    assert sent.get("reduceOnly", False) is reduce_only
    # 5 s after the venue's time, which began at 1597026383085 ms with the test
    late_ms = int(replay.seen[-1].headers["expTime"]) - 1597026383085
    assert 5000 <= late_ms < 15_000
    # The recording acknowledges an order of another client id.
    assert outcome == Unknown("the venue acknowledged another order, oktswap6")


@pytest.mark.asyncio
async def test_what_an_acknowledgement_proves(replay: Replay, venue: LiveVenue) -> None:
    reply = endpoint("Trading/PlaceOrder")
    reply["data"][0]["clOrdId"] = "hg0000000001"
    replay.answer("POST", f"{API}/trade/order", reply)
    order = order_of(venue.instrument(SYMBOL), Side.SELL, "3", "60000", reduce_only=False)
    assert await venue.submit(order) == Accepted("312269865356374016")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("code", "kind"),
    [("51008", Refused), ("51016", Unknown), ("51149", Unknown), ("50026", Unknown)],
)
async def test_what_an_error_proves(
    replay: Replay, venue: LiveVenue, code: str, kind: type[object]
) -> None:
    row = {"clOrdId": "", "ordId": "", "sCode": code, "sMsg": "as it is said"}
    replay.answer("POST", f"{API}/trade/order", {"code": "1", "data": [row], "msg": ""})
    order = order_of(venue.instrument(SYMBOL), Side.SELL, "3", "60000", reduce_only=False)
    outcome = await venue.submit(order)
    assert isinstance(outcome, kind)
    assert f"{code} as it is said" in str(outcome)


@pytest.mark.asyncio
async def test_what_a_cancel_and_a_look_up_send(replay: Replay, venue: LiveVenue) -> None:
    btc = venue.instrument(SYMBOL)
    replay.answer("POST", f"{API}/trade/cancel-order", endpoint("Trading/CancelOrder"))
    await venue.cancel(btc, "hg0000000001")
    (sent,) = replay.sent("POST", f"{API}/trade/cancel-order")
    assert sent == {"instId": "BTC-USD-SWAP", "clOrdId": "hg0000000001"}
    gone = {"code": "1", "data": [{"sCode": "51400", "sMsg": "gone"}], "msg": ""}
    replay.answer("POST", f"{API}/trade/cancel-order", gone)
    await venue.cancel(btc, "hg0000000001")

    missing = {"code": "51603", "data": [], "msg": "Order does not exist"}
    replay.answer("GET", f"{API}/trade/order", missing)
    assert await venue.find_order(btc, "hg0000000001") is None
    (asked,) = replay.sent("GET", f"{API}/trade/order")
    assert asked == {"instId": "BTC-USD-SWAP", "clOrdId": "hg0000000001"}


@pytest.mark.asyncio
async def test_the_dead_man_switch_counts_when_the_venue_says_so(
    replay: Replay, venue: LiveVenue
) -> None:
    after = f"{API}/trade/cancel-all-after"
    told = endpoint("Trading/CancelAllAfter")
    replay.answer("POST", after, told)
    assert await venue.arm_dead_man(60)
    replay.answer("POST", after, ok(told["data"][0] | {"triggerTime": "0"}))
    await venue.disarm_dead_man()
    assert not await venue.arm_dead_man(60)  # it would do nothing
    assert [sent["timeOut"] for sent in replay.sent("POST", after)] == ["60", "0", "60"]


@pytest.mark.asyncio
async def test_a_sub_account_holds_cash_and_funds(replay: Replay, venue: LiveVenue) -> None:
    """As OKX documents it; nothing of this was recorded."""
    replay.answer("GET", f"{API}/users/subaccount/list", ok({"subAcct": "vault", "uid": "7"}))
    cash = {"ccy": "BTC", "cashBal": "1.5", "eq": "1.75", "upl": "0.25"}
    replay.answer("GET", f"{API}/account/subaccount/balances", ok({"details": [cash]}))
    funds = ok({"ccy": "BTC", "bal": "0.5", "availBal": "0.5", "frozenBal": "0"})
    replay.answer("GET", f"{API}/asset/subaccount/balances", funds)
    btc, eth = await venue.holdings("sub:vault", ["BTC", "ETH"])
    # 1.5 + 0.5; the profit of its positions, 0.25, is not part of it
    assert (btc.source, btc.quantity) == ("main:sub:vault", Amount(D(2), "BTC"))
    assert eth.quantity.value == 0
    (asked,) = replay.sent("GET", f"{API}/account/subaccount/balances")
    assert asked == {"subAcct": "vault"}
    with pytest.raises(VenueRefused, match="there is no sub-account cellar; there are: vault"):
        await venue.holdings("sub:cellar", ["BTC"])
