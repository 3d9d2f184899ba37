"""Deribit: recorded replies through ccxt and the profile, and what is sent; worked out by hand.

No position, trade or log of Deribit was recorded: those rows have the form of its documentation,
with figures that obey its formulas.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from hedged.core.decide import decide
from hedged.core.types import USD, Amount, EquityTerm, FlowKind, Kind, Quote, Reason, Side
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
from hedged.venue import LiveVenue
from hedged.venue.fields import Row
from hedged.venue.profiles.deribit import DERIBIT
from tests.contract.payloads.replay import (
    ROOT,
    D,
    Json,
    Replay,
    check_idle,
    order_of,
    recorded,
    replaying,
    venue_on,
)
from tests.core.build import policy, snapshot

if not ROOT.is_dir():
    pytest.skip(f"no recorded payloads at {ROOT}", allow_module_level=True)

API = "/api/v2"
SYMBOL = "BTC/USD:BTC"
BUY_PATH, SELL_PATH = f"{API}/private/buy", f"{API}/private/sell"


def fixture(name: str) -> Json:
    return recorded("deribit", f"fixtures:{name}")


def result(value: Any) -> Json:
    return {"jsonrpc": "2.0", "id": 1, "result": value}


def error(code: int) -> Json:
    return {"jsonrpc": "2.0", "error": {"code": code, "message": "as said", "data": None}}


@pytest_asyncio.fixture
async def replay() -> AsyncIterator[Replay]:
    async with replaying() as running:
        running.answer("GET", f"{API}/public/get_time", fixture("http_get_time"))
        running.answer("GET", f"{API}/public/get_instruments", fixture("http_get_instruments"))
        summaries = fixture("http_get_account_summaries")
        running.answer("GET", f"{API}/private/get_account_summaries", summaries)
        running.answer("GET", f"{API}/private/get_positions", result([]))
        yield running


@pytest_asyncio.fixture
async def venue(replay: Replay) -> AsyncIterator[LiveVenue]:
    async with venue_on(replay, "deribit", SYMBOL) as opened:
        yield opened


@pytest.mark.asyncio
async def test_an_instrument(venue: LiveVenue) -> None:
    btc = venue.instrument(SYMBOL)
    # contract_size 10 USD, min_trade_amount 10 USD = 1 contract, tick_size 0.5
    assert (btc.kind, btc.contract_size, btc.lot) == (Kind.INVERSE, D(10), D(1))
    assert (btc.min_contracts, btc.tick) == (D(1), D("0.5"))


@pytest.mark.asyncio
async def test_one_listing(replay: Replay) -> None:
    listing = result([fixture("http_get_instrument")["result"]])
    replay.answer("GET", f"{API}/public/get_instruments", listing)
    async with venue_on(replay, "deribit") as venue:
        assert venue.instrument(SYMBOL).contract_size == 10


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["instruments_01", "instruments_02"])
async def test_listings_of_2021_are_refused(replay: Replay, name: str) -> None:
    # They name no counter currency, without which ccxt lists nothing.
    replay.answer("GET", f"{API}/public/get_instruments", recorded("deribit", name))
    with pytest.raises(VenueUnavailable, match="lists none"):
        async with venue_on(replay, "deribit"):
            pass


@pytest.mark.asyncio
async def test_equity_of_an_account_with_options(replay: Replay, venue: LiveVenue) -> None:
    btc = next(b for b in (await venue.account(["BTC", "ETH"])).balances if b.wallet.unit == "BTC")
    # 302.60065765 - 0.03258105 realised - 0.0086 options + 0.05921555 unrealised of futures
    # = 302.61869215, reported as 302.61869214
    assert btc.wallet == Amount(D("302.60065765"), "BTC")
    assert btc.equity == Amount(D("302.61869214"), "BTC")
    assert btc.terms == (
        EquityTerm("session's realised profit", D("-0.03258105")),
        EquityTerm("options", D("-0.0086")),
    )
    assert venue.access.account_id == "10"
    torn = fixture("http_get_account_summaries")
    torn["result"]["summaries"][0]["options_value"] = 0
    replay.answer("GET", f"{API}/private/get_account_summaries", torn)
    with pytest.raises(VenueUnavailable, match=r"its parts give 302\.62729215"):
        await venue.account(["BTC"])


@pytest.mark.asyncio
async def test_a_cross_margin_account(replay: Replay, venue: LiveVenue) -> None:
    reply = fixture("http_get_account_summaries_cross_margin")
    replay.answer("GET", f"{API}/private/get_account_summaries", reply)
    found = {b.wallet.unit: b.wallet.value for b in (await venue.account(["BTC"])).balances}
    assert found["BTC"] == D("0.00002288")
    assert found["USDT"] == D("23.61869")
    assert found["SOL"] == 0


def position(size: int, entry: str, mark: str, settled: str | None = None) -> Json:
    """As documented; `settled`: the price of the last settlement, if it came after the trade."""
    total = size * (1 / D(entry) - 1 / D(mark))
    session = size * (1 / D(settled or entry) - 1 / D(mark))
    return {
        "instrument_name": "BTC-PERPETUAL",
        "kind": "future",
        "direction": "buy" if size > 0 else "sell" if size else "zero",
        "size": size,
        "size_currency": float(size / D(mark)),
        "average_price": float(entry),
        "mark_price": float(mark),
        "settlement_price": float(settled or 0),
        "floating_profit_loss": round(float(session), 9),
        "total_profit_loss": round(float(total), 9),
        "estimated_liquidation_price": 0,
    }


@pytest.mark.asyncio
async def test_a_short_across_a_settlement(replay: Replay, venue: LiveVenue) -> None:
    # Short 6,000 USD from 60,000, settled at 60,500, now at 61,000
    row = position(-6000, "60000", "61000", "60500")
    replay.answer("GET", f"{API}/private/get_positions", result([row]))
    (short,) = (await venue.account([])).positions
    assert short.quantity == Amount(D(-6000), USD)
    assert short.entry == 60_000
    # -6000 * (1/60500 - 1/61000) = -0.000812897...; since the entry it is -0.001639344
    assert short.unrealised_pnl == D("-0.000812898")
    assert abs(short.origin - D(60_500)) < D("0.01")
    assert short.liquidation_price is None


@pytest.mark.asyncio
async def test_fault_45_a_settlement_changes_nothing_that_is_hedged(
    replay: Replay, venue: LiveVenue
) -> None:
    # Short 60,000 USD from 60,000 with 1 BTC, the mark at 61,000. At the settlement the session's
    # -60000 * (1/60000 - 1/61000) = -0.016393443 BTC go from profit that is not realised to the
    # balance, and what is not realised begins again at 61,000.
    session = D("-0.016393443")
    seen = []
    for balance, open_pnl, settled in ((D(1), session, None), (D(1) + session, D(0), "61000")):
        summary = fixture("http_get_account_summaries")
        row = next(r for r in summary["result"]["summaries"] if r["currency"] == "BTC")
        row |= {"balance": float(balance), "equity": float(balance + open_pnl), "session_rpl": 0}
        row |= {"futures_session_upl": float(open_pnl), "session_upl": float(open_pnl)}
        row |= {"options_value": 0}
        replay.answer("GET", f"{API}/private/get_account_summaries", summary)
        held = position(-60000, "60000", "61000", settled)
        replay.answer("GET", f"{API}/private/get_positions", result([held]))
        btc = venue.instrument(SYMBOL)
        quote = Quote(btc, D(61_000), D(61_000), D(0), bid=D(60_999), ask=D(61_001))
        decision = decide(
            snapshot(
                quotes=(quote,),
                accounts=(await venue.account(["BTC"]),),
                hedges=(policy(spot=("main",)),),
            )
        )
        seen.append(decision.assets[0])
    before, after = (asset.standing for asset in seen)
    assert before is not None
    assert after is not None
    # 1 - 0.016393443 - 60000/61000 = 0 to the last digit: hedged before and after
    assert abs(before.exposure.net_delta.value) < D("0.00000001")
    assert abs(after.exposure.net_delta.value - before.exposure.net_delta.value) < D("0.00000001")
    assert abs(after.drift_usd - before.drift_usd) < D("0.01")
    assert [(asset.reason, asset.orders, asset.alerts) for asset in seen] == [
        (Reason.IN_BAND, (), ())
    ] * 2


@pytest.mark.asyncio
async def test_flat_and_contradicting_rows(replay: Replay, venue: LiveVenue) -> None:
    replay.answer("GET", f"{API}/private/get_positions", result([position(0, "1", "1")]))
    assert (await venue.account([])).positions == ()
    wrong = position(-6000, "60000", "61000") | {"direction": "buy"}
    replay.answer("GET", f"{API}/private/get_positions", result([wrong]))
    with pytest.raises(VenueUnavailable, match="direction is 'buy', not the side of a size"):
        await venue.account([])
    # Ten times as much: as if the size were contracts
    wrong = position(-6000, "60000", "61000") | {"size": -60000}
    replay.answer("GET", f"{API}/private/get_positions", result([wrong]))
    with pytest.raises(VenueUnavailable, match="total_profit_loss"):
        await venue.account([])


@pytest.mark.asyncio
async def test_prices_and_depth(replay: Replay, venue: LiveVenue) -> None:
    ticker = fixture("ws_ticker")["params"]["data"]
    replay.answer("GET", f"{API}/public/ticker", result(ticker), instrument_name="BTC-PERPETUAL")
    quote = await venue.quote(SYMBOL)
    assert (quote.mark, quote.index, quote.last) == (D("92281.78"), D("92263.55"), D("92283.5"))
    assert (quote.bid, quote.ask) == (D("92283.5"), D("92284.0"))
    assert (quote.funding_rate, quote.funding_interval_h) == (D("0.00001742"), D(8))
    await check_idle(replay, venue, "deribit", SYMBOL)

    replay.answer("GET", f"{API}/public/get_order_book", fixture("http_get_order_book"))
    depth = await venue.depth(SYMBOL)
    # 199190 USD = 19919 contracts of 10 USD
    assert (depth.bids[0].price, depth.bids[0].contracts) == (D("87002.5"), D(19919))
    assert (len(depth.asks), depth.asks[0].price) == (20, D("87003.0"))


ROWS = [
    ("ws_order_buy_response", Side.BUY, OrderStatus.WORKING, "2973.55"),
    ("ws_order_sell_response", Side.SELL, OrderStatus.WORKING, "3286.7"),
    ("ws_order_edit_response", Side.BUY, OrderStatus.WORKING, "3067.2"),
    ("ws_order_cancel_response", Side.BUY, OrderStatus.DONE, "3067.2"),
    ("ws_order_stop_market_response", Side.SELL, OrderStatus.WORKING, None),
    ("ws_order_stop_market_no_filled_amount", Side.SELL, OrderStatus.WORKING, None),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(("name", "side", "status", "price"), ROWS)
async def test_orders(
    venue: LiveVenue, name: str, side: Side, status: OrderStatus, price: str | None
) -> None:
    reply = fixture(name)["result"]
    row = reply.get("order", reply)
    report = DERIBIT.report(Row("order", row), venue.instrument(SYMBOL))
    assert (report.side, report.status, report.reason) == (side, status, "")
    assert report.limit_price == (None if price is None else D(price))
    assert (report.filled, report.average) == (D(0), None)


@pytest.mark.asyncio
async def test_an_order_that_found_nothing(venue: LiveVenue) -> None:
    row = fixture("ws_order_cancel_response")["result"] | {"cancel_reason": "immediate_or_cancel"}
    assert DERIBIT.report(Row("order", row), venue.instrument(SYMBOL)).reason == NO_LIQUIDITY


TRADE = {
    "trade_id": "48079573",
    "order_id": "4008965646",
    "label": "hg0000000001",
    "instrument_name": "BTC-PERPETUAL",
    "direction": "sell",
    "amount": 60,
    "price": 60000.5,
    "fee": 5e-7,
    "fee_currency": "BTC",
    "liquidity": "T",
    "timestamp": 1590480363130,
}


@pytest.mark.asyncio
async def test_trades(replay: Replay, venue: LiveVenue) -> None:
    path = f"{API}/private/get_user_trades_by_instrument_and_time"
    replay.answer("GET", path, result({"trades": [TRADE], "has_more": False}))
    (fill,) = await venue.fills([SYMBOL], datetime.now(UTC))
    # 60 USD = 6 contracts
    assert (fill.contracts, fill.side, fill.kind) == (D(6), Side.SELL, FillKind.TRADE)
    assert fill.fee == Amount(D("0.0000005"), "BTC")
    forced = TRADE | {"liquidation": "T"}
    replay.answer("GET", path, result({"trades": [forced], "has_more": False}))
    (fill,) = await venue.fills([SYMBOL], datetime.now(UTC))
    assert fill.kind is FillKind.LIQUIDATION


@pytest.mark.asyncio
async def test_a_full_page_of_trades_is_followed_by_the_next(
    replay: Replay, venue: LiveVenue
) -> None:
    path = f"{API}/private/get_user_trades_by_instrument_and_time"
    since = datetime.now(UTC) - timedelta(days=1)
    first_ms = int(since.timestamp() * 1000)
    trades = [
        TRADE | {"trade_id": str(number), "timestamp": first_ms + number // 2}
        for number in range(1500)
    ]
    replay.answer("GET", path, result({"trades": trades[:1000]}))
    end_ms = trades[999]["timestamp"]  # of the last two: the next page begins with them
    replay.answer("GET", path, result({"trades": trades[998:]}), start_timestamp=str(end_ms))
    fills = await venue.fills([SYMBOL], since)
    assert [fill.trade_id for fill in fills] == [str(number) for number in range(1500)]
    assert [sent["sorting"] for sent in replay.sent("GET", path)] == ["asc", "asc"]


@pytest.mark.asyncio
async def test_a_settlement_in_the_log(replay: Replay, venue: LiveVenue) -> None:
    row = {"id": 61311, "type": "settlement", "currency": "BTC", "change": -0.0008, "balance": 1.5}
    row |= {"timestamp": 1590480363130, "interest_pl": 0.00001, "commission": 0}
    row |= {"instrument_name": "BTC-PERPETUAL"}
    replay.answer(
        "GET",
        f"{API}/private/get_transaction_log",
        result({"logs": [row], "continuation": None}),
        currency="BTC",
    )
    (flow,) = await venue.flows(datetime.now(UTC))
    assert (flow.kind, flow.change) == (FlowKind.SETTLEMENT, Amount(D("-0.0008"), "BTC"))
    assert (flow.funding, flow.balance) == (D("0.00001"), D("1.5"))


ORDERS: list[tuple[Style, bool, dict[str, str]]] = [
    (Style.IOC, False, {"time_in_force": "immediate_or_cancel"}),
    (Style.POST_ONLY, True, {"post_only": "true", "reject_post_only": "true"}),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(("style", "reduce_only", "more"), ORDERS)
async def test_what_an_order_sends(
    replay: Replay, venue: LiveVenue, style: Style, more: dict[str, str], *, reduce_only: bool
) -> None:
    replay.answer("GET", SELL_PATH, fixture("ws_order_sell_response"))
    btc = venue.instrument(SYMBOL)
    order = order_of(btc, Side.SELL, "3", "60000.5", reduce_only=reduce_only, style=style)
    assert await venue.submit(order) == Accepted("USDC-104819327458")
    (sent,) = replay.sent("GET", SELL_PATH)
    expected = {
        "instrument_name": "BTC-PERPETUAL",
        "amount": "30",  # USD: 3 contracts of 10
        "price": "60000.5",
        "type": "limit",
        "label": "hg0000000001",
        **more,
    }
    assert {key: sent[key].lower() if key in more else sent[key] for key in expected} == expected
    # 5 s after the venue's time, which began at 1733338800000 ms with the test
    assert 5000 <= int(sent["valid_until"]) - 1733338800000 < 15_000
    assert sent.get("reduce_only", "false").lower() == str(reduce_only).lower()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("code", "kind"), [(10009, Refused), (11054, Refused), (13888, Unknown), (10028, Refused)]
)
async def test_what_an_error_proves(
    replay: Replay, venue: LiveVenue, code: int, kind: type[object]
) -> None:
    reply = fixture("ws_error") if code == 10028 else error(code)
    replay.answer("GET", BUY_PATH, reply, status=400)
    order = order_of(venue.instrument(SYMBOL), Side.BUY, "3", "60000", reduce_only=False)
    outcome = await venue.submit(order)
    assert isinstance(outcome, kind), outcome
    assert str(code) in str(outcome)


@pytest.mark.asyncio
async def test_what_a_cancel_and_a_look_up_send(replay: Replay, venue: LiveVenue) -> None:
    btc = venue.instrument(SYMBOL)
    replay.answer("GET", f"{API}/private/cancel_by_label", result(0))
    await venue.cancel(btc, "hg0000000001")
    (sent,) = replay.sent("GET", f"{API}/private/cancel_by_label")
    assert sent == {"currency": "BTC", "label": "hg0000000001"}

    replay.answer("GET", f"{API}/private/get_order_state_by_label", result([]))
    assert await venue.find_order(btc, "hg0000000001") is None
    row = fixture("ws_order_buy_response")["result"]["order"] | {"label": "hg0000000001"}
    replay.answer("GET", f"{API}/private/get_order_state_by_label", result([row]))
    found = await venue.find_order(btc, "hg0000000001")
    assert found is not None
    assert found.status is OrderStatus.WORKING
    asked, _ = replay.sent("GET", f"{API}/private/get_order_state_by_label")
    assert asked == {"currency": "BTC", "label": "hg0000000001"}
