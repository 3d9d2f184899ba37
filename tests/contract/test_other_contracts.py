"""Linear and dated contracts as hedges: listed, quoted, sized, sent, filled, reconciled."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from hedged.core.types import Amount, Kind, Side
from hedged.ports import FillKind, OrderStatus, Style
from hedged.sim.instruments import Instrument as Listing
from tests.contract.conftest import Stage, contracts
from tests.contract.test_venue import filled, order

D = Decimal
KINDS = ("inverse dated", "linear", "linear dated")


def listing_of(stage: Stage, which: str) -> Listing:
    return contracts(stage.exchange)[which][1]


def symbol_of(stage: Stage, which: str) -> str:
    return contracts(stage.exchange)[which][0]


@pytest.mark.asyncio
@pytest.mark.parametrize("which", KINDS)
async def test_the_listing_tells_its_kind_its_end_and_its_limits(stage: Stage, which: str) -> None:
    listing, found = listing_of(stage, which), stage.venue.instrument(symbol_of(stage, which))
    is_linear = which.startswith("linear")
    assert found.kind is (Kind.LINEAR if is_linear else Kind.INVERSE)
    assert (found.base, found.settle) == ("BTC", "USDT" if is_linear else "BTC")
    assert (found.contract_size, found.lot, found.tick) == (D(1), listing.lot, listing.tick)
    assert found.min_notional_usd == (D(5) if is_linear else None)
    assert found.maintenance == listing.tiers[0].maintenance_rate
    ends_ms = listing.delivery_ms
    expected = datetime.fromtimestamp(ends_ms / 1000, UTC) if ends_ms else None
    assert found.expires_at == expected


@pytest.mark.asyncio
@pytest.mark.parametrize("which", KINDS)
async def test_the_quote_tells_what_trading_and_holding_cost(stage: Stage, which: str) -> None:
    listing = listing_of(stage, which)
    market = stage.exchange.markets[listing.key]
    quote = await stage.venue.quote(symbol_of(stage, which))
    assert (quote.mark, quote.last) == (market.mark, market.last)
    assert quote.bid is not None
    assert quote.ask is not None
    assert quote.bid < quote.mark < quote.ask
    assert (quote.taker_fee, quote.maker_fee) == (listing.taker_rate, listing.maker_rate)
    if listing.is_perpetual:
        assert quote.funding_rate == market.funding_rate
        assert quote.funding_interval_h == 8
        at_ms = market.next_funding_ms
        assert quote.funding_at == datetime.fromtimestamp(at_ms / 1000, UTC)
    else:
        assert quote.mark > quote.index  # the carry until its end
        told = (quote.funding_rate, quote.funding_interval_h, quote.funding_at)
        assert told == (None, None, None)


@pytest.mark.asyncio
@pytest.mark.parametrize("which", [*KINDS, "inverse"])
async def test_the_depth_is_what_an_order_can_trade_with(stage: Stage, which: str) -> None:
    symbol, book = (
        symbol_of(stage, which),
        stage.exchange.markets[listing_of(stage, which).key].book,
    )
    depth = await stage.venue.depth(symbol)
    quote = await stage.venue.quote(symbol)
    assert (depth.bids[0].price, depth.asks[0].price) == (quote.bid, quote.ask)
    sizes = {level.contracts for level in (*depth.bids, *depth.asks)}
    assert sizes == {book.best(side)[1] for side in book.resting if book.best(side)}  # type: ignore[index]  # there is one
    assert depth.age_s >= 0
    book.depth = type(book.depth)(levels=0)
    empty = await stage.venue.depth(symbol)
    assert (empty.bids, empty.asks) == ((), ())


@pytest.mark.asyncio
@pytest.mark.parametrize("which", KINDS)
async def test_an_order_is_sent_filled_looked_up_and_closed(stage: Stage, which: str) -> None:
    stage.exchange.deposit(stage.account, "USDT", D(20_000))
    since = datetime.fromtimestamp(stage.exchange.now_ms / 1000, UTC)
    symbol = symbol_of(stage, which)
    instrument = stage.venue.instrument(symbol)
    size = "0.25" if instrument.kind is Kind.LINEAR else "6000"
    sold = await filled(stage, order(instrument, Side.SELL, size, "64000"))
    assert (sold.symbol, sold.filled, sold.status) == (symbol, D(size), OrderStatus.DONE)

    (held,) = (await stage.venue.account(["BTC"])).positions
    assert held.instrument == instrument
    assert held.quantity == Amount(-D(size), instrument.unit)
    assert held.mark == (await stage.venue.quote(symbol)).mark
    (fill,) = await stage.venue.fills([symbol], since)
    assert (fill.kind, fill.contracts, fill.client_id) == (
        FillKind.TRADE,
        D(size),
        sold.client_id,
    )
    assert fill.fee.unit == instrument.settle

    wanted = order(instrument, Side.SELL, size, "70000", style=Style.POST_ONLY)
    await stage.venue.submit(wanted)
    (resting,) = await stage.venue.open_orders([symbol])
    assert (resting.client_id, resting.contracts) == (wanted.client_id, D(size))
    await stage.venue.cancel(instrument, wanted.client_id)
    assert await stage.venue.open_orders([symbol]) == ()

    await filled(stage, order(instrument, Side.BUY, size, "67000", reduce_only=True))
    assert (await stage.venue.account(["BTC"])).positions == ()


@pytest.mark.asyncio
async def test_records_of_several_kinds_come_together(stage: Stage) -> None:
    stage.exchange.deposit(stage.account, "USDT", D(20_000))
    since = datetime.fromtimestamp(stage.exchange.now_ms / 1000, UTC)
    symbols = [symbol_of(stage, which) for which in ("inverse", *KINDS)]
    for symbol in symbols:
        instrument = stage.venue.instrument(symbol)
        size = "0.01" if instrument.kind is Kind.LINEAR else "100"
        await filled(stage, order(instrument, Side.SELL, size, "64000"))
        wanted = order(instrument, Side.SELL, size, "67000", style=Style.POST_ONLY)
        await stage.venue.submit(wanted)
    assert [fill.symbol for fill in await stage.venue.fills(symbols, since)] == symbols
    working = await stage.venue.open_orders(symbols)
    assert {report.symbol for report in working} == set(symbols)
    assert len((await stage.venue.account(["BTC"])).positions) == 4
