"""Bybit's recorded replies, through the unmodified ccxt class and the profile.

Expectations are worked out by hand from the payload; they are not what the code happened to say.
"""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from hedged.core.types import USD, Amount, Side
from hedged.ports import WOULD_TAKE, Accepted, FillKind, Order, OrderStatus, VenueRefused
from hedged.venue import LiveVenue
from hedged.venue.fields import Row
from hedged.venue.profiles.bybit import BYBIT
from tests.venue.stand_in import (
    ACCOUNT,
    BTCUSD,
    CREATE,
    FILLS,
    KEY_INFO,
    LISTINGS,
    OPEN_ORDERS,
    POSITIONS,
    SYMBOL,
    TICKERS,
    WALLET,
    D,
    Json,
    StandIn,
    listed,
    reader,
    trader,
)

RECORDED = Path(__file__).parents[3] / "shared" / "payloads" / "bybit"
if not RECORDED.is_dir():
    pytest.skip(f"no recorded payloads at {RECORDED}", allow_module_level=True)


def recorded(file: str, name: str, key: str = "name") -> Json:
    part = {"endpoints": "response", "documented": "sample", "fixtures": "payload"}[file]
    for line in (RECORDED / f"{file}.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if entry.get(key) == name:
            found: Json = entry[part]
            return found
    raise LookupError(f"{file} has no {name}")


def endpoint(name: str) -> Json:
    return recorded("endpoints", f"Endpoints/V5Api/{name}")


def of_kind(kind: str, reply: Json) -> Any:
    """Answers one kind of position with the recording and the others with none."""

    async def respond(request: web.Request) -> web.StreamResponse:
        query = request.query
        asked = query.get("settleCoin") or query["category"]
        return web.json_response(reply if asked == kind else listed())

    return respond


@pytest_asyncio.fixture
async def live_unchecked(server: StandIn) -> AsyncIterator[LiveVenue]:
    opened = trader(server.url)
    await opened.open()
    yield opened
    await opened.close()


@pytest.mark.asyncio
async def test_a_short_of_300_usd(server: StandIn, live_unchecked: LiveVenue) -> None:
    server.answer(POSITIONS, of_kind("inverse", endpoint("Trading/GetPositions")))
    (short,) = (await live_unchecked.account([])).positions
    # side Sell, size 300 (USD); -300 * (1/27464.50441675 - 1/28224.50) = -0.000294...
    assert short.instrument == BTCUSD
    assert short.quantity == Amount(D(-300), USD)
    assert short.entry == D("27464.50441675")
    assert short.unrealised_pnl == D("-0.00029413")
    worked_out = -300 * (1 / D("27464.50441675") - 1 / D("28224.50"))
    assert abs(short.unrealised_pnl - worked_out) < D("1e-8")
    assert short.liquidation_price is None


@pytest.mark.asyncio
async def test_a_short_of_299_usd_with_a_gain(server: StandIn, live_unchecked: LiveVenue) -> None:
    reply = recorded("endpoints", "JsonResponses/V5/Trading/GetPositionsAsync")
    server.answer(POSITIONS, of_kind("inverse", reply))
    (short,) = (await live_unchecked.account([])).positions
    assert short.quantity == Amount(D(-299), USD)
    assert short.unrealised_pnl == D("0.00113932")
    worked_out = -299 * (1 / D("30004.5006751") - 1 / D("26926.00"))
    assert abs(short.unrealised_pnl - worked_out) < D("2e-8")


@pytest.mark.asyncio
async def test_a_flat_row_of_empty_texts(server: StandIn, live_unchecked: LiveVenue) -> None:
    reply = recorded("endpoints", "JsonResponses/V5/Trading/GetPositionsAsync2")
    server.answer(POSITIONS, of_kind("USDC", reply))
    assert (await live_unchecked.account([])).positions == ()


@pytest.mark.asyncio
async def test_linear_positions_are_in_coins(server: StandIn, live_unchecked: LiveVenue) -> None:
    reply = recorded("fixtures", "http_get_positions")
    server.answer(POSITIONS, of_kind("USDT", reply))
    held = (await live_unchecked.account([])).positions
    # BTCUSDT Buy 0.5, ETHUSDT Sell 5.0, SOLUSDT flat
    assert [p.quantity for p in held] == [Amount(D("0.5"), "BTC"), Amount(D(-5), "ETH")]
    assert [p.liquidation_price for p in held] == [D(45000), D(3500)]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("file", "name", "expected"),
    [
        ("endpoints", "Endpoints/V5Api/Account/GetBalances", {"BTC": ("0", "0")}),
        (
            "fixtures",
            "http_get_wallet_balance",
            {"BTC": ("0", "0"), "USDT": ("1000.50", "1000.50"), "ETH": ("-0.06142", "0")},
        ),
        (
            "fixtures",
            "http_get_wallet_balance_spot_short",
            {"ETH": ("-0.06142", "0"), "USDT": ("2500", "2500")},
        ),
        # 1200 in the wallet, 200 of it borrowed: 1000, which is also the equity reported
        ("fixtures", "http_get_wallet_balance_with_spot_borrow", {"USDT": ("1000", "1000")}),
    ],
)
async def test_wallets(
    server: StandIn,
    live_unchecked: LiveVenue,
    file: str,
    name: str,
    expected: dict[str, tuple[str, str]],
) -> None:
    server.answer(WALLET, recorded(file, name))
    account = await live_unchecked.account([])
    found = {b.wallet.unit: (b.wallet.value, b.equity and b.equity.value) for b in account.balances}
    assert found == {coin: (D(w), D(e)) for coin, (w, e) in expected.items()}


@pytest.mark.asyncio
async def test_prices(server: StandIn, live_unchecked: LiveVenue) -> None:
    server.answer(TICKERS, endpoint("ExchangeData/GetLinearInverseTickers"))
    quote = await live_unchecked.quote(SYMBOL)
    assert (quote.mark, quote.index) == (D("16596.00"), D("16598.54"))
    assert (quote.bid, quote.ask) == (D("16596.00"), D("16597.50"))
    assert quote.funding_rate == D("-0.001034")


@pytest.mark.asyncio
async def test_a_listing_with_a_delivery_time_is_refused(server: StandIn) -> None:
    reply = recorded("fixtures", "http_get_instruments_inverse")
    reply["result"]["category"] = "inverse"  # Bybit always says so; the recording lacks it
    server.answer(LISTINGS, reply, listed())
    venue = reader(server.url)
    await venue.open()
    try:
        with pytest.raises(VenueRefused, match="being delisted"):
            venue.instrument(SYMBOL)
    finally:
        await venue.close()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "key",
    [
        ("endpoints", "Endpoints/V5Api/Account/GetApiKeyInfo"),  # uta 0
        ("fixtures", "http_get_user_query_api"),  # uta 1, but the account is of the first form
    ],
)
async def test_accounts_of_an_older_form_are_refused(server: StandIn, key: tuple[str, str]) -> None:
    server.answer(KEY_INFO, recorded(*key))
    server.answer(ACCOUNT, endpoint("Account/GetMarginAccountInfo"))  # unifiedMarginStatus 4
    with pytest.raises(VenueRefused, match="unified trading account"):
        await reader(server.url).open()


@pytest.mark.asyncio
async def test_an_acknowledgement(server: StandIn, live_unchecked: LiveVenue) -> None:
    server.answer(CREATE, endpoint("Trading/PlaceOrder"))
    order = Order("spot-test-postonly", BTCUSD, Side.BUY, D(1), D("16000"), reduce_only=False)
    assert await live_unchecked.submit(order) == Accepted("1321003749386327552")


@pytest.mark.asyncio
async def test_an_order_on_the_book(server: StandIn, live_unchecked: LiveVenue) -> None:
    server.answer(OPEN_ORDERS, endpoint("Trading/GetOrders"))
    found = await live_unchecked.find_order(BTCUSD, "test-000005")
    assert found is not None
    assert (found.status, found.filled, found.average) == (OrderStatus.WORKING, D(0), None)


def test_orders_that_ended() -> None:
    cancelled = recorded("fixtures", "http_get_orders_history")["result"]["list"][0]
    report = BYBIT.report(Row("order", cancelled), BTCUSD)
    assert (report.client_id, report.venue_id) == ("client-1", "abcdef123456")
    assert (report.status, report.filled, report.average) == (OrderStatus.DONE, D(0), None)

    partly = recorded("fixtures", "http_get_order_partially_filled_rejected")["result"]["list"][0]
    report = BYBIT.report(Row("order", partly), BTCUSD)
    assert (report.status, report.filled) == (OrderStatus.DONE, D("0.005"))
    assert report.average == D(30000)


def test_a_post_only_order_that_would_have_taken() -> None:
    row = endpoint("Trading/GetOrderHistory")["result"]["list"][0]
    report = BYBIT.report(Row("order", row), BTCUSD)
    assert (report.status, report.filled, report.reason) == (OrderStatus.DONE, D(0), WOULD_TAKE)
    assert (report.side, report.contracts, report.limit_price) == (
        Side.BUY,
        D("0.003"),
        D("26864.4"),
    )
    assert report.created_at == datetime(2023, 5, 19, 6, 1, 8, 369000, tzinfo=UTC)


@pytest.mark.asyncio
async def test_two_orders_on_the_book(server: StandIn, live_unchecked: LiveVenue) -> None:
    reply = recorded("fixtures", "http_get_orders_realtime")
    for row in reply["result"]["list"]:
        row["symbol"] = "BTCUSD"  # the recording is of a contract that does not hedge
    server.answer(OPEN_ORDERS, reply)
    buy, sell = await live_unchecked.open_orders([SYMBOL])
    assert (buy.client_id, buy.side, buy.limit_price) == ("client-open-1", Side.BUY, D("3930.41"))
    assert (sell.client_id, sell.side, sell.reason) == ("client-open-2", Side.SELL, "")


@pytest.mark.asyncio
async def test_executions(server: StandIn, live_unchecked: LiveVenue) -> None:
    reply = recorded("fixtures", "http_get_executions")
    del reply["result"]["nextPageCursor"]
    for row in reply["result"]["list"]:
        row["symbol"] = "BTCUSD"
    server.answer(FILLS, reply)
    bought, sold = await live_unchecked.fills([SYMBOL], datetime.now(UTC))
    assert (bought.client_id, bought.side, bought.is_maker) == ("test-order-001", Side.BUY, True)
    assert (bought.fee, bought.price) == (Amount(D("0.015"), "USDT"), D(50000))
    assert (sold.trade_id, sold.contracts) == ("f1dce92e-1g29-6977-a526-dg420c6ecb4c", D("0.5"))
    assert sold.at == datetime(2022, 12, 29, 3, 0, 22, 529000, tzinfo=UTC)


def test_an_execution_documented_and_one_of_auto_deleveraging() -> None:
    documented = endpoint("Trading/GetUserTrades")["result"]["list"][0]
    taken = BYBIT.fill(Row("fill", documented), BTCUSD)
    assert taken is not None
    assert (taken.kind, taken.fee) == (FillKind.TRADE, Amount(D("0.071409"), "BTC"))

    pushed = recorded("fixtures", "ws_account_execution_adl")["data"][0]
    adl = BYBIT.fill(Row("fill", pushed), BTCUSD)
    assert adl is not None
    assert (adl.kind, adl.client_id, adl.contracts) == (FillKind.ADL, "", D("0.5"))
