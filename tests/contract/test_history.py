"""Working orders and fills: what every venue must tell of them, ours and foreign."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

import hedged.sim.orders as hand
from hedged.core.types import Side
from hedged.ports import (
    WOULD_TAKE,
    Accepted,
    FillKind,
    Order,
    OrderStatus,
    Style,
    VenueRefused,
)
from tests.contract.conftest import SYMBOL, Stage
from tests.contract.test_venue import filled, order

D = Decimal


async def resting(stage: Stage, side: Side, contracts: str, price: str) -> Order:
    """An order of ours on the book."""
    perp = stage.venue.instrument(SYMBOL)
    wanted = order(perp, side, contracts, price, style=Style.POST_ONLY)
    assert isinstance(await stage.venue.submit(wanted), Accepted)
    return wanted


def by_hand(stage: Stage, side: hand.Side, quantity: str, price: str | None) -> hand.Order:
    """An order that another program, or a person, sends for the same account."""
    is_limit = price is not None
    return stage.exchange.place_order(
        stage.account,
        hand.OrderRequest(
            symbol="BTCUSD",
            side=side,
            quantity=D(quantity),
            price=None if price is None else D(price),
            order_type=hand.OrderType.LIMIT if is_limit else hand.OrderType.MARKET,
        ),
    )


def start_of(stage: Stage) -> datetime:
    return datetime.fromtimestamp(stage.exchange.now_ms / 1000, UTC)


@pytest.mark.asyncio
async def test_a_post_only_order_rests_and_is_listed_until_it_is_cancelled(stage: Stage) -> None:
    before = start_of(stage)
    wanted = await resting(stage, Side.SELL, "6000", "70000")
    (report,) = await stage.venue.open_orders([SYMBOL])
    assert report == await stage.venue.find_order(wanted.instrument, wanted.client_id)
    assert (report.client_id, report.symbol, report.side) == (wanted.client_id, SYMBOL, Side.SELL)
    assert (report.contracts, report.filled, report.average) == (D(6000), D(0), None)
    assert (report.limit_price, report.reduce_only) == (D(70000), False)
    assert (report.status, report.reason) == (OrderStatus.WORKING, "")
    assert before <= report.created_at <= start_of(stage)

    await stage.venue.cancel(wanted.instrument, wanted.client_id)
    assert await stage.venue.open_orders([SYMBOL]) == ()
    ended = await stage.venue.find_order(wanted.instrument, wanted.client_id)
    assert ended is not None
    assert (ended.status, ended.filled, ended.reason) == (OrderStatus.DONE, D(0), "")


@pytest.mark.asyncio
async def test_fault_14_a_post_only_order_that_would_take_ends_and_says_why(stage: Stage) -> None:
    perp = stage.venue.instrument(SYMBOL)
    report = await filled(stage, order(perp, Side.SELL, "100", "64000", style=Style.POST_ONLY))
    assert (report.status, report.filled, report.reason) == (OrderStatus.DONE, D(0), WOULD_TAKE)
    assert (await stage.venue.account(["BTC"])).positions == ()
    assert await stage.venue.fills([SYMBOL], start_of(stage) - timedelta(days=1)) == ()


@pytest.mark.asyncio
async def test_fault_11_foreign_orders_are_listed_too_and_a_cancel_is_of_one_order(
    stage: Stage,
) -> None:
    ours = await resting(stage, Side.SELL, "100", "70000")
    also_ours = await resting(stage, Side.SELL, "200", "71000")
    foreign = by_hand(stage, hand.Side.BUY, "300", "60000")
    found = {report.venue_id: report for report in await stage.venue.open_orders([SYMBOL])}
    assert len(found) == 3
    assert found[foreign.order_id].client_id == ""
    assert found[foreign.order_id].contracts == 300

    await stage.venue.cancel(ours.instrument, ours.client_id)
    left = {report.client_id for report in await stage.venue.open_orders([SYMBOL])}
    assert left == {"", also_ours.client_id}


@pytest.mark.asyncio
async def test_more_open_orders_than_a_page_holds(stage: Stage) -> None:
    placed = [by_hand(stage, hand.Side.BUY, "1", f"{50000 + n}") for n in range(120)]
    found = await stage.venue.open_orders([SYMBOL])
    assert {report.venue_id for report in found} == {made.order_id for made in placed}
    assert len(found) == 120


@pytest.mark.asyncio
async def test_orders_and_fills_are_those_of_the_instruments_that_are_asked_for(
    stage: Stage,
) -> None:
    await resting(stage, Side.SELL, "100", "70000")
    since = start_of(stage) - timedelta(seconds=1)
    by_hand(stage, hand.Side.BUY, "300", None)
    assert await stage.venue.open_orders(["ETH/USD:ETH"]) == ()
    assert await stage.venue.fills(["ETH/USD:ETH"], since) == ()
    assert len(await stage.venue.open_orders(["ETH/USD:ETH", SYMBOL])) == 1
    assert len(await stage.venue.fills(["ETH/USD:ETH", SYMBOL], since)) >= 1
    assert await stage.venue.open_orders([]) == ()
    with pytest.raises(VenueRefused):
        await stage.venue.open_orders(["NOPE/USD:NOPE"])
    with pytest.raises(VenueRefused):
        await stage.venue.fills(["NOPE/USD:NOPE"], since)


@pytest.mark.asyncio
async def test_fills_add_up_to_the_orders_and_to_the_position(stage: Stage) -> None:
    since = start_of(stage)
    perp = stage.venue.instrument(SYMBOL)
    sold = await filled(stage, order(perp, Side.SELL, "6000", "64000"))
    bought = await filled(stage, order(perp, Side.BUY, "2500", "66000", reduce_only=True))
    manual = by_hand(stage, hand.Side.SELL, "40", None)

    fills = await stage.venue.fills([SYMBOL], since)
    for report in (sold, bought):
        own = [fill for fill in fills if fill.client_id == report.client_id]
        assert sum(fill.contracts for fill in own) == report.filled
        assert {fill.venue_id for fill in own} == {report.venue_id}
        assert {fill.side for fill in own} == {report.side}
    foreign = [fill for fill in fills if fill.client_id == ""]
    assert {fill.venue_id for fill in foreign} == {manual.order_id}
    (short,) = (await stage.venue.account(["BTC"])).positions
    signs = {Side.BUY: 1, Side.SELL: -1}
    assert short.quantity.value == sum(signs[fill.side] * fill.contracts for fill in fills)
    assert [fill.at for fill in fills] == sorted(fill.at for fill in fills)
    assert fills[0].client_id == sold.client_id
    assert fills[-1].client_id == ""
    for fill in fills:
        assert (fill.kind, fill.symbol, fill.is_maker) == (FillKind.TRADE, SYMBOL, False)
        assert fill.fee.unit == "BTC"
        assert fill.fee.value > 0
        assert since <= fill.at <= start_of(stage)


@pytest.mark.asyncio
async def test_fault_08_more_fills_than_a_page_holds_come_once_each_and_in_order(
    stage: Stage,
) -> None:
    since = start_of(stage)
    orders = [by_hand(stage, hand.Side.BUY, f"{n}", None).order_id for n in range(1, 251)]
    fills = await stage.venue.fills([SYMBOL], since)
    assert list(dict.fromkeys(fill.venue_id for fill in fills)) == orders
    assert len({fill.trade_id for fill in fills}) == len(fills)
    assert sum(fill.contracts for fill in fills) == sum(range(1, 251))


@pytest.mark.asyncio
async def test_only_fills_since_then(stage: Stage) -> None:
    perp = stage.venue.instrument(SYMBOL)
    await filled(stage, order(perp, Side.SELL, "6000", "64000"))
    assert await stage.venue.fills([SYMBOL], start_of(stage) + timedelta(minutes=1)) == ()
    assert await stage.venue.fills([SYMBOL], start_of(stage) - timedelta(days=20)) != ()


@pytest.mark.asyncio
async def test_a_resting_order_that_is_hit_fills_as_maker(stage: Stage) -> None:
    since = start_of(stage)
    wanted = await resting(stage, Side.SELL, "6000", "65500")
    stage.exchange.set_index("BTC", D(66000), mark=D(66000))
    report = await stage.venue.find_order(wanted.instrument, wanted.client_id)
    assert report is not None
    assert report.filled == 6000
    assert report.average is not None
    assert abs(report.average - D(65500)) < D("0.01")  # as far as coins of 8 decimals tell
    fills = await stage.venue.fills([SYMBOL], since)
    assert {(fill.client_id, fill.is_maker) for fill in fills} == {(wanted.client_id, True)}


@pytest.mark.asyncio
async def test_funding_is_told_apart_from_what_changes_the_position(stage: Stage) -> None:
    perp = stage.venue.instrument(SYMBOL)
    await filled(stage, order(perp, Side.SELL, "65000", "64000"))
    since = start_of(stage)
    stage.exchange.charge_funding("BTC", D("0.0001"))
    paid = [
        fill for fill in await stage.venue.fills([SYMBOL], since) if fill.kind is FillKind.FUNDING
    ]
    (funding,) = paid
    assert funding.contracts == 65000
    assert funding.client_id == ""
    assert funding.fee.unit == "BTC"
    assert abs(funding.fee.value + D("0.0001")) < D("1e-6")  # the rate is > 0: a short receives


@pytest.mark.asyncio
async def test_fault_12_liquidation_and_deleveraging_are_recognised(stage: Stage) -> None:
    perp = stage.venue.instrument(SYMBOL)
    await filled(stage, order(perp, Side.SELL, "65000", "64000"))
    since = start_of(stage)
    stage.exchange.deleverage(stage.account, "BTCUSD", D(5000))
    stage.exchange.liquidate(stage.account)
    fills = await stage.venue.fills([SYMBOL], since)
    taken = [fill for fill in fills if fill.kind is not FillKind.TRADE]
    assert {fill.kind for fill in taken} == {FillKind.ADL, FillKind.LIQUIDATION}
    by_kind = {
        kind: sum(fill.contracts for fill in taken if fill.kind is kind)
        for kind in (FillKind.ADL, FillKind.LIQUIDATION)
    }
    assert by_kind == {FillKind.ADL: D(5000), FillKind.LIQUIDATION: D(60000)}
    assert {fill.side for fill in taken} == {Side.BUY}
