"""Positions, margin, liquidation price and funding, against figures worked out by hand."""

from decimal import Decimal

import pytest

from hedged.sim.accounts import Account, Wallet
from hedged.sim.book import Depth
from hedged.sim.catalogue import CATALOGUE
from hedged.sim.exchange import Exchange
from hedged.sim.orders import OrderRequest, Refusal, RefusedError, Side
from hedged.sim.positions import Position

INVERSE = next(instrument for instrument in CATALOGUE if instrument.symbol == "BTCUSD")


def test_the_average_entry_is_harmonic() -> None:
    position = Position(INVERSE, 0, 0, 0)
    for price in (50_000, 60_000):
        assert position.trade(Decimal(-100_000), Decimal(price)) == 0
    assert abs(position.entry_price - Decimal("54545.454545454545")) < Decimal("1e-9")


def test_a_partial_close_realises_and_keeps_the_average() -> None:
    position = Position(INVERSE, 0, 0, 0)
    for price in (50_000, 60_000):
        position.trade(Decimal(-100_000), Decimal(price))
    profit = position.trade(Decimal(50_000), Decimal(48_000))
    assert abs(profit - Decimal("0.125")) < Decimal("1e-17")
    assert abs(position.entry_price - Decimal("54545.454545454545")) < Decimal("1e-9")


def test_a_fill_beyond_the_position_turns_it() -> None:
    position = Position(INVERSE, 0, 0, 0)
    position.trade(Decimal(-1_000), Decimal(50_000))
    assert position.trade(Decimal(1_500), Decimal(40_000)) == Decimal("0.005")
    assert [position.quantity, position.entry_price] == [500, 40_000]


def test_a_short_gains_coins_when_the_price_falls(exchange: Exchange, account: Account) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, Decimal(50_000))
    entry = account.fills[0].price
    exchange.set_index("BTC", Decimal(50_000))
    coin = exchange.margin.coin(account, "BTC")
    expected = Decimal(50_000) / Decimal(50_000) - Decimal(50_000) / entry
    assert abs(coin.unrealised - expected) <= Decimal("1e-8")
    assert coin.equity == coin.balance + coin.unrealised


def test_funding_is_paid_at_the_stamps_from_longs_to_shorts(
    exchange: Exchange, account: Account, other: Account
) -> None:
    exchange.market("BTCUSD").book.depth = Depth(level_usd=Decimal(10_000_000))
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, Decimal(325_000))
    exchange.trade_by_hand(other, "BTCUSD", Side.BUY, Decimal(325_000))
    before = exchange.margin.coin(account, "BTC").balance
    stamp_ms = exchange.market("BTCUSD").next_funding_ms
    exchange.advance(stamp_ms - 1)
    assert exchange.margin.coin(account, "BTC").balance == before
    exchange.advance(stamp_ms)
    assert exchange.margin.coin(account, "BTC").balance - before == Decimal("0.0005")
    assert [fill.fee for fill in other.fills if fill.kind == "Funding"] == [Decimal("0.0005")]
    exchange.advance(stamp_ms + 3 * 8 * 3600 * 1000)
    assert [stamp.at_ms for stamp in exchange.market("BTCUSD").funding_stamps] == [
        stamp_ms + number * 8 * 3600 * 1000 for number in range(4)
    ]


def test_unscheduled_funding_is_charged_only_when_told(
    exchange: Exchange, account: Account
) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, Decimal(1_000))
    exchange.schedule_funding("BTC", is_scheduled=False)
    exchange.advance(exchange.now_ms + 24 * 3600 * 1000)
    assert len(account.fills) == 1
    exchange.charge_funding("BTC", Decimal("-0.00375"))
    assert account.fills[-1].fee > 0


def test_margin_allows_up_to_the_leverage_and_no_more(exchange: Exchange) -> None:
    owner = exchange.open_account("owner", "key", "secret")
    exchange.deposit(owner, "BTC", Decimal(1))
    # 1 BTC counts for 0.95, at 10x that carries 9.5 BTC of position, less the fee.
    exchange.market("BTCUSD").book.depth = Depth(level_usd=Decimal(10_000_000))
    with pytest.raises(RefusedError) as refused:
        exchange.trade_by_hand(owner, "BTCUSD", Side.SELL, Decimal(617_500))
    assert refused.value.refusal is Refusal.INSUFFICIENT_MARGIN
    exchange.trade_by_hand(owner, "BTCUSD", Side.SELL, Decimal(610_000))
    with pytest.raises(RefusedError):
        exchange.trade_by_hand(owner, "BTCUSD", Side.SELL, Decimal(10_000))
    exchange.trade_by_hand(owner, "BTCUSD", Side.BUY, Decimal(610_000))
    assert owner.quantity("BTCUSD") == 0


def test_maintenance_is_the_tiers_rate_and_the_fee_of_closing(
    exchange: Exchange, account: Account
) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, Decimal(65_000))
    held = exchange.margin.leg_margin(account, account.positions["BTCUSD", 0])
    assert held.position_maintenance == Decimal("0.005") + Decimal("0.00055")


def test_waiting_orders_need_margin_for_the_worst_they_can_lead_to(
    exchange: Exchange, account: Account
) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, Decimal(65_000))
    position = account.positions["BTCUSD", 0]
    assert exchange.margin.leg_margin(account, position).position_initial == Decimal("0.1")
    closing = OrderRequest("BTCUSD", Side.BUY, Decimal(65_000), Decimal(64_000))
    exchange.place_order(account, closing)
    assert exchange.margin.leg_margin(account, position).order_initial == 0
    exchange.place_order(account, closing)
    exchange.place_order(account, closing)
    # |-65,000 + 195,000| = 130,000, so 65,000 more than the position.
    assert exchange.margin.leg_margin(account, position).order_initial == Decimal("0.1")


@pytest.mark.parametrize("side", [Side.SELL, Side.BUY])
@pytest.mark.parametrize("dollars", [0, 3_000])
def test_at_the_liquidation_price_the_margin_is_used_up(side: Side, dollars: int) -> None:
    exchange = Exchange(now_ms=0, depth=Depth(level_usd=Decimal(10_000_000)))
    owner = exchange.open_account("owner", "key", "secret")
    exchange.deposit(owner, "BTC", Decimal(1))
    if dollars:
        exchange.deposit(owner, "USDT", Decimal(dollars))
    exchange.trade_by_hand(owner, "BTCUSD", side, Decimal(300_000))
    price = exchange.margin.liquidation_price(owner, owner.positions["BTCUSD", 0])
    assert price is not None
    assert (price > 65_000) is (side is Side.SELL)
    nearly = price * (Decimal("0.9999999") if side is Side.SELL else Decimal("1.0000001"))
    exchange.set_index("BTC", nearly)
    figures = exchange.margin.figures(owner)
    assert 0 < figures.margin_balance - figures.maintenance_margin < Decimal("0.1")
    assert owner.quantity("BTCUSD") != 0
    exchange.set_index("BTC", price + price - nearly)
    assert owner.quantity("BTCUSD") == 0


def test_a_short_within_its_coins_has_no_liquidation_price(
    exchange: Exchange, account: Account
) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, Decimal(300_000))
    position = account.positions["BTCUSD", 0]
    assert exchange.margin.liquidation_price(account, position) is None


def test_coins_that_carry_a_position_cannot_leave(exchange: Exchange) -> None:
    owner = exchange.open_account("owner", "key", "secret")
    exchange.deposit(owner, "BTC", Decimal(1))
    exchange.trade_by_hand(owner, "BTCUSD", Side.SELL, Decimal(325_000))
    with pytest.raises(RefusedError) as refused:
        exchange.withdraw(owner, "BTC", Decimal("0.6"))
    assert refused.value.refusal is Refusal.INSUFFICIENT_BALANCE
    assert exchange.withdraw(owner, "BTC", Decimal("0.4")) == Decimal("0.4")


def test_coins_locked_in_a_spot_order_cannot_be_sold_twice(exchange: Exchange) -> None:
    owner = exchange.open_account("owner", "key", "secret")
    exchange.deposit(owner, "BTC", Decimal(1))
    request = OrderRequest("BTCUSDT", Side.SELL, Decimal("0.6"), Decimal(66_000))
    exchange.place_order(owner, request)
    assert exchange.margin.coin(owner, "BTC").locked == Decimal("0.6")
    with pytest.raises(RefusedError) as refused:
        exchange.place_order(owner, request)
    assert refused.value.refusal is Refusal.INSUFFICIENT_BALANCE


def test_transfers_move_between_wallets_once(exchange: Exchange, account: Account) -> None:
    def move(amount: str) -> None:
        exchange.transfer(
            account,
            "BTC",
            Decimal(amount),
            source=Wallet.UNIFIED,
            target=Wallet.FUND,
            transfer_id="same",
        )

    move("2")
    assert exchange.ledger.balance(account.purse(Wallet.FUND), "BTC") == 2
    assert exchange.margin.coin(account, "BTC").balance == 3
    with pytest.raises(RefusedError) as again:
        move("2")
    assert again.value.refusal is Refusal.DUPLICATE_TRANSFER


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "0.000000001"])
def test_impossible_deposits_are_refused(exchange: Exchange, account: Account, amount: str) -> None:
    with pytest.raises(RefusedError):
        exchange.deposit(account, "BTC", Decimal(amount))
