"""What every venue must do, told by the ports, whatever stands behind it."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from itertools import count

import pytest

from hedged.core.types import USD, Amount, Instrument, Kind, Side
from hedged.ports import (
    Accepted,
    Order,
    OrderReport,
    OrderStatus,
    Refused,
    Style,
    Unknown,
    VenueRefused,
)
from tests.contract.conftest import SYMBOL, Stage, contracts

D = Decimal
_numbers = count(1)


@pytest.fixture
def stage(any_stage: Stage) -> Stage:
    """Also where wallets lie apart."""
    return any_stage


def order(
    instrument: Instrument,
    side: Side,
    usd: str,
    price: str,
    *,
    reduce_only: bool = False,
    style: Style = Style.IOC,
) -> Order:
    return Order(
        client_id=f"hg{next(_numbers):08d}",
        instrument=instrument,
        side=side,
        contracts=D(usd) / instrument.contract_size,
        limit_price=D(price),
        reduce_only=reduce_only,
        style=style,
    )


async def filled(stage: Stage, wanted: Order) -> OrderReport:
    assert isinstance(await stage.venue.submit(wanted), Accepted)
    report = await stage.venue.find_order(wanted.instrument, wanted.client_id)
    assert report is not None
    return report


@pytest.mark.asyncio
async def test_the_listing(stage: Stage) -> None:
    found = stage.venue.instrument(SYMBOL)
    assert (found.venue, found.symbol, found.kind) == ("main", SYMBOL, Kind.INVERSE)
    assert (found.base, found.settle, found.unit) == ("BTC", "BTC", USD)
    listed = next(iter(contracts(stage.exchange).values()))[1]
    assert found.contract_size == listed.contract_size
    assert (found.lot, found.min_contracts) == (D(1), D(1))
    assert found.tick == D("0.1")
    assert found.max_contracts is not None


@pytest.mark.asyncio
@pytest.mark.parametrize("symbol", ["NOPE/USD:NOPE", "BTC/USDT", "", "btc/usd:btc"])
async def test_what_is_not_listed_is_refused(stage: Stage, symbol: str) -> None:
    with pytest.raises(VenueRefused):
        stage.venue.instrument(symbol)


@pytest.mark.asyncio
async def test_a_fresh_account(stage: Stage) -> None:
    account = await stage.venue.account(["BTC", "ETH", "USDC", "NOSUCHCOIN"])
    wallets = {balance.wallet.unit: balance.wallet.value for balance in account.balances}
    held = stage.exchange.ledger.holdings(stage.account.purse())
    # Where wallets lie apart, this one knows no coin that no contract settles in.
    others = {"USDC": D(0)} if stage.exchange.rules.is_unified else {}
    assert wallets == {**held, **others} == {"BTC": D(5), "ETH": D(50), **others}
    assert account.positions == ()
    assert account.age_s >= 0


@pytest.mark.asyncio
async def test_every_coin_that_is_asked_for_has_a_balance(stage: Stage) -> None:
    coins = {"BTC", "ETH"} | ({"USDT", "USDC"} if stage.exchange.rules.is_unified else set())
    account = await stage.venue.account(sorted(coins))
    assert coins <= {balance.wallet.unit for balance in account.balances}


@pytest.mark.asyncio
async def test_a_quote(stage: Stage) -> None:
    stage.exchange.set_index("BTC", D(64000), mark=D(64010))
    quote = await stage.venue.quote(SYMBOL)
    assert (quote.index, quote.mark) == (D(64000), D(64010))
    assert quote.bid is not None
    assert quote.ask is not None
    assert 0 < quote.bid < quote.ask
    assert quote.instrument == stage.venue.instrument(SYMBOL)


@pytest.mark.asyncio
async def test_a_sale_opens_a_short_of_so_many_usd(stage: Stage) -> None:
    perp = stage.venue.instrument(SYMBOL)
    report = await filled(stage, order(perp, Side.SELL, "6000", "64900"))
    assert (report.status, report.filled * perp.contract_size) == (OrderStatus.DONE, D(6000))
    assert report.average is not None
    assert D(64900) <= report.average <= D(65000)

    account = await stage.venue.account(["BTC"])
    (short,) = account.positions
    assert short.instrument == perp
    assert short.quantity == Amount(D(-6000), USD)
    assert abs(short.entry - report.average) < D("0.01")


@pytest.mark.asyncio
async def test_equity_is_wallet_plus_pnl_on_both_sides_of_the_entry(stage: Stage) -> None:
    perp = stage.venue.instrument(SYMBOL)
    await filled(stage, order(perp, Side.SELL, "65000", "64000"))
    for mark in (D(60000), D(70000)):
        stage.exchange.set_index("BTC", mark, mark=mark)
        account = await stage.venue.account(["BTC"])
        (short,) = account.positions
        (btc,) = [b for b in account.balances if b.wallet.unit == "BTC"]
        pnl = D(-65000) * (1 / short.entry - 1 / mark)  # q(1/entry - 1/mark), short: q < 0
        assert short.unrealised_pnl is not None
        assert abs(short.unrealised_pnl - pnl) < D("1e-7")
        assert btc.equity is not None
        assert abs(btc.equity.value - btc.wallet.value - pnl) < D("1e-7")
        assert btc.wallet.value < 5  # the fee was paid in the coin; the PnL is not in it


@pytest.mark.asyncio
async def test_the_margin_of_the_account_grows_with_its_positions(stage: Stage) -> None:
    fresh = await stage.venue.account(["BTC"])
    await filled(stage, order(stage.venue.instrument(SYMBOL), Side.SELL, "6000", "64900"))
    after = await stage.venue.account(["BTC"])
    if not stage.exchange.rules.is_unified:  # each coin's margin is its own
        assert (fresh.margin, after.margin) == (None, None)
        return
    assert fresh.margin is not None
    assert after.margin is not None
    assert fresh.margin.equity_usd > 0
    assert fresh.margin.maintenance_usd < after.margin.maintenance_usd < after.margin.equity_usd


@pytest.mark.asyncio
async def test_a_purchase_closes_it_and_the_account_is_flat(stage: Stage) -> None:
    perp = stage.venue.instrument(SYMBOL)
    await filled(stage, order(perp, Side.SELL, "6000", "64000"))
    await filled(stage, order(perp, Side.BUY, "6000", "66000", reduce_only=True))
    assert (await stage.venue.account(["BTC"])).positions == ()


@pytest.mark.asyncio
async def test_reduce_only_never_opens(stage: Stage) -> None:
    perp = stage.venue.instrument(SYMBOL)
    outcome = await stage.venue.submit(order(perp, Side.SELL, "100", "64000", reduce_only=True))
    assert isinstance(outcome, Refused)
    assert (await stage.venue.account(["BTC"])).positions == ()


@pytest.mark.asyncio
async def test_an_order_away_from_the_market_is_done_and_unfilled(stage: Stage) -> None:
    """Immediate or cancel: nothing rests."""
    perp = stage.venue.instrument(SYMBOL)
    report = await filled(stage, order(perp, Side.SELL, "100", "70000"))
    assert (report.status, report.filled, report.average) == (OrderStatus.DONE, D(0), None)
    assert list(stage.exchange.open_orders(stage.account)) == []


@pytest.mark.asyncio
async def test_fault_04_a_client_id_is_good_for_one_order(stage: Stage) -> None:
    """At some venues until the order has ended, at others for ever."""
    perp, lasts = stage.venue.instrument(SYMBOL), stage.exchange.rules.are_link_ids_kept
    style, price = (Style.IOC, "64000") if lasts else (Style.POST_ONLY, "66000")
    wanted = order(perp, Side.SELL, "100", price, style=style)
    await filled(stage, wanted)
    assert isinstance(await stage.venue.submit(wanted), Unknown)
    assert len(stage.account.orders) == 1


@pytest.mark.asyncio
async def test_fault_13_without_margin_it_is_refused(stage: Stage) -> None:
    perp = stage.venue.instrument(SYMBOL)
    assert isinstance(
        await stage.venue.submit(order(perp, Side.SELL, "20000000", "64000")), Refused
    )


@pytest.mark.asyncio
async def test_an_unknown_client_id_is_not_found_and_cancels_without_complaint(
    stage: Stage,
) -> None:
    perp = stage.venue.instrument(SYMBOL)
    assert await stage.venue.find_order(perp, "hgnever") is None
    await stage.venue.cancel(perp, "hgnever")
    done = order(perp, Side.SELL, "100", "64000")
    await filled(stage, done)
    await stage.venue.cancel(perp, done.client_id)


@pytest.mark.asyncio
async def test_reads_may_run_side_by_side(stage: Stage) -> None:
    accounts = await asyncio.gather(*(stage.venue.account(["BTC"]) for _ in range(5)))
    assert len({account.balances for account in accounts}) == 1


@pytest.mark.asyncio
async def test_hedge_mode_is_refused_even_when_flat(stage: Stage) -> None:
    ((_, listing), *_) = contracts(stage.exchange).values()
    stage.account.set_hedge_mode([listing.key], is_hedged=True)
    await stage.venue.close()
    with pytest.raises(VenueRefused, match=r"hedge mode.*One-[Ww]ay"):
        await stage.venue.open()


@pytest.mark.asyncio
async def test_it_can_be_opened_again(stage: Stage) -> None:
    await stage.venue.open()
    assert (await stage.venue.account([])).positions == ()


@pytest.mark.asyncio
async def test_fault_17_an_order_for_another_lot_than_the_listed_one_is_refused(
    stage: Stage,
) -> None:
    coarse = replace(stage.venue.instrument(SYMBOL), lot=D(10), min_contracts=D(10))
    outcome = await stage.venue.submit(order(coarse, Side.SELL, "100", "64000"))
    assert isinstance(outcome, Refused)
    assert "listing" in outcome.detail


@pytest.mark.asyncio
async def test_it_tells_whose_account_it_is(stage: Stage) -> None:
    assert stage.venue.access.account_id == str(stage.account.user_id)


@pytest.mark.asyncio
async def test_the_clocks_agree(stage: Stage) -> None:
    assert stage.venue.skew_s is not None
    assert abs(stage.venue.skew_s) < 1
