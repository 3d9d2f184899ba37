"""Equity, delta and target: the identities an inverse hedge lives by."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedged.core.amount import total
from hedged.core.contracts import (
    average_entry,
    inverse_pnl,
    partial_close,
    position_usd,
    standalone_delta,
    usd_per_contract,
)
from hedged.core.exposure import net_exposure
from hedged.core.policy import keep_target, ratio_target, target_of
from hedged.core.types import (
    Accounting,
    Amount,
    Exposure,
    HedgeLeg,
    HedgePolicy,
    Holding,
    Kind,
    MarginAccount,
    PaperFill,
    Quote,
    UnitMismatchError,
)
from tests.core.build import (
    D,
    account,
    cold,
    instrument,
    policy,
    position,
    quote,
    short,
    world,
)

TINY = Decimal("1e-25")  # of the terms: the tests themselves compute in 28 digits
coins = st.decimals("-100", "100", places=8, allow_nan=False)
prices = st.decimals("0.01", "500000", places=2, allow_nan=False).filter(bool)
notionals = st.integers(-(10**8), 10**8).map(Decimal)


def exposed(
    hedge: HedgePolicy,
    at: Quote,
    accounts: tuple[MarginAccount, ...],
    holdings: tuple[Holding, ...],
    paper: tuple[PaperFill, ...] | None = None,
) -> Exposure:
    seen = world(hedge, at, accounts=accounts, holdings=holdings, paper=paper)
    return net_exposure(seen, hedge, paper=paper is not None)


def target_usd(hedge: HedgePolicy, at: Quote, exposure: Exposure) -> Decimal:
    return target_of(world(hedge, at), hedge, exposure).usd


@given(spot=coins, wallet=coins, q=notionals, entry=prices, mark=prices)
def test_both_delta_identities_agree(
    spot: Decimal, wallet: Decimal, q: Decimal, entry: Decimal, mark: Decimal
) -> None:
    held = (position(q, entry),) if q else ()
    exposure = exposed(policy(), quote(mark), (account(wallet, *held),), (cold(spot),))
    by_entry = spot + wallet + (standalone_delta(q, entry) if q else 0)
    assert abs(exposure.net_delta.value - by_entry) <= TINY * (
        abs(spot) + abs(wallet) + abs(q / entry) + abs(q / mark)
    )


@given(spot=coins.filter(lambda c: c > 0), wallet=coins.map(abs), first=prices, after=prices)
def test_a_neutral_inverse_book_stays_neutral_at_every_price(
    spot: Decimal, wallet: Decimal, first: Decimal, after: Decimal
) -> None:
    q = ratio_target(spot + wallet, first, D(1))
    books = (account(wallet, position(q, first)),)
    moved = exposed(policy(), quote(after), books, (cold(spot),))
    assert abs(moved.net_delta.value) <= TINY * abs(q) * (1 / first + 1 / after)
    assert abs(ratio_target(moved.equity.value, after, D(1)) - q) <= TINY * abs(q) * (
        1 + after / first
    )


@given(equity=coins.map(abs), keep=coins.map(abs), first=prices, after=prices)
def test_kept_coins_do_not_drift_with_the_price(
    equity: Decimal, keep: Decimal, first: Decimal, after: Decimal
) -> None:
    q = keep_target(equity, first, keep)
    moved = equity + inverse_pnl(q, first, after)
    if moved > keep:  # else the price has eaten the equity itself
        assert abs(keep_target(moved, after, keep) - q) <= TINY * (
            abs(q) + equity * (first + after)
        )


def test_collateral_counts_once_where_the_hedge_venue_is_a_spot_source_too() -> None:
    listed = policy(spot=("main", "cold"))
    exposure = exposed(listed, quote(50000), (account("2"),), (cold("3"),))
    assert (exposure.spot.value, exposure.collateral.value) == (D(3), D(2))
    assert exposure.equity == Amount(D(5), "BTC")


def test_another_venue_s_wallet_is_spot() -> None:
    listed = policy(spot=("second",))
    accounts = (account("2"), account("1", venue="second"))
    exposure = exposed(listed, quote(50000), accounts, ())
    assert (exposure.spot.value, exposure.collateral.value) == (D(1), D(2))


def test_sources_that_are_not_listed_do_not_count() -> None:
    exposure = exposed(policy(spot=()), quote(50000), (account("2"),), (cold("3"),))
    assert exposure.equity.value == 2


def test_a_linear_hedge_has_no_coin_pnl() -> None:
    linear = instrument(Kind.LINEAR, size="0.001")
    held = position("-10", "68000", linear)
    hedge = policy(legs=(HedgeLeg("main", linear.symbol),))
    exposure = exposed(hedge, quote(61200, linear), (account("0", held),), (cold(10),))
    assert exposure.unrealised_pnl.value == 0
    assert exposure.net_delta.value == 0
    assert exposure.position_usd == -612000
    assert target_usd(hedge, quote(61200, linear), exposure) == -612000


def test_accounting_by_coins_leaves_the_pnl_out_of_the_target() -> None:
    held = (account("0", short("325000", "65000")),)
    for accounting, target in ((Accounting.COINS, "-292500"), (Accounting.EQUITY, "-325000")):
        hedge = policy(accounting=accounting)
        exposure = exposed(hedge, quote(58500), held, (cold(5),))
        assert abs(target_usd(hedge, quote(58500), exposure) - D(target)) < D("1e-20")


def test_every_figure_is_the_sum_of_its_lines() -> None:
    exposure = exposed(
        policy(), quote(58500), (account("1", short("390000", "65000")),), (cold(5),)
    )
    total = sum((line.coins for line in exposure.lines), Amount(D(0), "BTC"))
    assert total == exposure.net_delta
    assert [line.label for line in exposure.lines] == [
        "spot",
        "collateral",
        "unrealised PnL",
        "hedge",
    ]


def test_a_paper_fill_gains_from_its_own_price() -> None:
    paper = (PaperFill(instrument(), Amount(D(-325000), "USD"), D(65000)),)
    exposure = exposed(policy(), quote(58500), (account(),), (cold(5),), paper)
    assert abs(exposure.unrealised_pnl.value - D(5) / 9) < TINY
    assert abs(exposure.net_delta.value) < TINY
    assert [line.label for line in exposure.lines if line.assumed] == ["unrealised PnL", "hedge"]


def test_a_paper_position_without_a_fill_is_the_real_one() -> None:
    held = (account("1", short("65000", "65000")),)
    real = exposed(policy(), quote(58500), held, (cold(5),))
    assert exposed(policy(), quote(58500), held, (cold(5),), ()) == real


def test_a_position_in_usd_is_its_coins_at_the_mark_where_the_contract_is_in_coins() -> None:
    assert position_usd(instrument(), D(-1000), D(50)) == -1000
    assert position_usd(instrument(Kind.LINEAR), D(-20), D(50)) == -1000
    assert usd_per_contract(instrument(size="10"), D(50)) == 10
    assert usd_per_contract(instrument(Kind.LINEAR, size="0.1"), D(50)) == 5


def test_unlike_units_never_add() -> None:
    with pytest.raises(UnitMismatchError, match="where BTC was expected"):
        Amount(D(1), "BTC") + Amount(D(1), "USD")
    with pytest.raises(UnitMismatchError):
        Amount(D(1), "BTC") - Amount(D(1), "ETH")
    with pytest.raises(UnitMismatchError):
        total(Amount(D(1), "BTC"), Amount(D(1), "BTC"), Amount(D(1), "ETH"))


@given(st.lists(st.tuples(st.integers(1, 10**7).map(Decimal), prices), min_size=1, max_size=8))
def test_the_average_entry_keeps_the_pnl(fills: list[tuple[Decimal, Decimal]]) -> None:
    entry, mark = average_entry(fills), D(43210)
    apart = sum(inverse_pnl(q, price, mark) for q, price in fills)
    together = inverse_pnl(sum((q for q, _ in fills), D(0)), entry, mark)
    assert abs(apart - together) <= TINY * sum(q / price + q / mark for q, price in fills)


@given(q=st.integers(2, 10**7).map(Decimal), entry=prices, close=prices, mark=prices)
def test_a_partial_close_leaves_the_equity_unchanged(
    q: Decimal, entry: Decimal, close: Decimal, mark: Decimal
) -> None:
    part = q // 2
    left = partial_close(-q, entry, part, close)
    whole = inverse_pnl(-q, entry, mark) + inverse_pnl(part, close, mark)
    parts = left.realised_coins + inverse_pnl(left.q_left_usd, left.entry, mark)
    assert abs(whole - parts) <= TINY * q * (1 / entry + 1 / close + 1 / mark)
