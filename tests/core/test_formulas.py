"""Formulas where the vectors do not reach: what holds for all inputs, and what has no answer."""

from dataclasses import replace
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedged.core.attribution import (
    Book,
    Contract,
    Event,
    Flowed,
    Funded,
    Marked,
    Traded,
    attribution,
)
from hedged.core.calc import Question, answer
from hedged.core.contracts import (
    basis,
    basis_bps,
    cross_hedge,
    dated_inverse_hedge,
    inverse_delta,
    inverse_pnl,
    linear_hedge,
)
from hedged.core.decimals import CONTEXT
from hedged.core.effectiveness import dollar_offset, is_effective, regression, variance_reduction
from hedged.core.funding import (
    absolute_funding_coins,
    accrued_funding_coins,
    annual_rate,
    annual_rate_compounded,
    funding_coins,
    relative_rate,
    requote_usd,
)
from hedged.core.margin import (
    distance,
    fraction_after,
    fraction_needed,
    growing_liquidation_price,
    linear_liquidation_price,
    liquidation_price,
    margin_value,
    top_up,
)
from hedged.core.types import Kind
from tests.core.build import D

prices = st.decimals("100", "100000", places=1)
sizes = st.integers(1, 10**7).map(Decimal)
rates = st.decimals("-0.01", "0.01", places=5)


@given(
    size=sizes, entry=prices, coins=st.decimals("0", "50", places=4), side=st.sampled_from([1, -1])
)
def test_at_the_liquidation_price_equity_is_the_maintenance(
    size: Decimal, entry: Decimal, coins: Decimal, side: int
) -> None:
    with localcontext(CONTEXT):
        q, rate = side * size, D("0.0055")
        price = liquidation_price(q, entry, coins, D("0.005"), D("0.0005"))
        if price is None:
            assert side < 0
            assert coins >= size / entry
            return
        left = coins + inverse_pnl(q, entry, price)
        assert abs(left - rate * size / price) <= D("1e-30") * (coins + size / entry + size / price)


@given(size=sizes, entry=prices, coins=st.decimals("0.1", "50", places=4))
def test_a_maintenance_that_does_not_grow_is_the_constant_one(
    size: Decimal, entry: Decimal, coins: Decimal
) -> None:
    growing = growing_liquidation_price(size, entry, coins, D("0.01"), D(0))
    constant = liquidation_price(-size, entry, coins, D("0.01"))
    assert (growing is None) == (constant is None)
    if growing is not None and constant is not None:
        assert abs(growing / constant - 1) < D("1e-25")


def test_a_maintenance_beyond_all_collateral_has_no_safe_price() -> None:
    assert growing_liquidation_price(D(10**9), D(1000), D(0), D("0.01"), D(1)) == 0
    assert distance(D(58500), D(65000)) == D("0.1")


@given(rise=st.decimals("0", "2", places=3), maintenance=st.decimals("0", "0.05", places=3))
def test_the_needed_fraction_is_what_survives(rise: Decimal, maintenance: Decimal) -> None:
    """After the rise, what is left of the collateral is the maintenance on E of the book."""
    with localcontext(CONTEXT):
        needed = fraction_needed(rise, maintenance)
        left = fraction_after(needed, 1 + rise)
        assert abs(left - maintenance) < D("1e-40")


@given(q=sizes, mark=prices, rate=rates)
def test_a_receipt_hedged_by_its_requote_is_neutral(
    q: Decimal, mark: Decimal, rate: Decimal
) -> None:
    with localcontext(CONTEXT):
        received = funding_coins(-q, mark, rate)
        assert abs(received + requote_usd(-q, rate) / mark) <= D("1e-40") * q


def test_rates_in_the_form_of_each_venue() -> None:
    assert relative_rate(D("0.000000001"), D(50_000), Kind.INVERSE) == D("0.00005")
    assert relative_rate(D("0.5"), D(50_000), Kind.LINEAR) == D("0.00001")
    assert annual_rate(D("0.0001"), D(1)) == D("0.876")


def test_funding_in_other_forms() -> None:
    assert accrued_funding_coins(D(-325_000), D(65_000), D("0.0002"), D(3)) == D("0.000375")
    assert absolute_funding_coins(D(-325_000), D("0.000000000125")) == D("0.000040625")
    assert annual_rate_compounded(D("0.5"), D(24 * 365 // 2)) == D("1.25")


def test_what_margin_is_worth_and_lacks() -> None:
    items = [(D(2), D(65_000), D("0.03")), (D(1000), D(1), D(0))]
    assert margin_value(items) == D(127_100)
    assert top_up(D("0.21"), D("0.25"), D(15)) == D("0.6")
    assert growing_liquidation_price(D(600_000), D(60_000), D(10), D("0.01"), D(0)) is None
    assert linear_liquidation_price(D(1), D(6_800), D(1_075), D("0.05")) == D(7_500)


def test_the_hedge_for_numbers_given_by_hand() -> None:
    """The seed of all this: after a fall the right order is none."""
    question = Question(
        kind=Kind.INVERSE,
        coins=D(5),
        wallet=D(0),
        mark=D(58_500),
        entry=D(65_000),
        position_contracts=D(-3250),
        contract_size=D(100),
        lot=D(1),
        ratio=D(1),
        accounting=None,
    )
    done = answer(question)
    assert abs(done.target_usd + 325_000) < D("1e-20")
    assert done.order_contracts == 0
    assert abs(done.exposure.net_delta.value) < D("1e-20")
    assert inverse_delta(D(-325_000), D(65_000)) == -5
    opening = answer(replace(question, position_contracts=D(0), entry=None))
    assert opening.order_contracts == -2925


def test_hedges_of_other_instruments() -> None:
    assert dated_inverse_hedge(D(10), D(61500)) == -615000
    assert linear_hedge(D(10)) == -10
    assert linear_hedge(D("10.25"), D("1.025")) == -10
    assert cross_hedge(D(2), D(65000), D(100_000), D("1.104")) == -240_400
    assert basis(D(67800), D(68000)) == -200
    assert basis_bps(D(68680), D(68000)) == 100


events = st.lists(
    st.one_of(
        st.builds(Marked, prices, st.tuples(prices, prices)),
        st.builds(Traded, st.integers(-(10**6), 10**6).map(Decimal), prices, rates, st.just(0)),
        st.builds(Traded, st.decimals("-20", "20", places=3), prices, rates, st.just(1)),
        st.builds(Funded, rates, st.sampled_from([0, 1])),
        st.builds(Flowed, st.decimals("-5", "5", places=4)),
    ),
    max_size=12,
)


@given(coins=st.decimals("-10", "50", places=4), spot=prices, mark=prices, happened=events)
def test_the_buckets_sum_to_the_change_in_value(
    coins: Decimal, spot: Decimal, mark: Decimal, happened: list[Event]
) -> None:
    start = Book(coins, spot, (Contract(mark), Contract(mark, kind=Kind.LINEAR)))
    end, buckets = attribution(start, happened)
    with localcontext(CONTEXT):
        left_over = end.value - start.value - buckets.total
        terms = [abs(getattr(buckets, name)) for name in buckets.__slots__]
        assert abs(left_over) <= D("1e-35") * (1 + sum(terms) + abs(end.value) + abs(start.value))


def test_flows_and_funding_have_their_own_buckets() -> None:
    start = Book(D(5), D(65000), (Contract(D(65000)),))
    end, buckets = attribution(start, [Flowed(D(1)), Funded(D("0.001"))])
    assert [buckets.flows, buckets.funding, buckets.total] == [65000, 65, 65065]
    assert end.delta == D("6.001")


def test_a_linear_contract_pays_in_quote() -> None:
    """By hand: 2 coins, 3 sold at 101 where the mark is 100; the price falls by 10, it by 12."""
    start = Book(D(2), D(100), (Contract(D(100), kind=Kind.LINEAR),))
    sold, moved = Traded(D(-3), D(101), D("0.5")), Marked(D(90), (D(88),))
    happened: list[Event] = [sold, moved, Funded(D("0.25"))]
    end, buckets = attribution(start, happened)
    assert buckets.slippage == 3  # sold 1 above the mark
    assert buckets.fees == D("-0.5")
    assert [buckets.inventory, buckets.perp_index, buckets.basis] == [-20, 30, 6]
    assert buckets.funding == D("0.25")
    assert [end.equity, end.quote, end.delta] == [2, D("38.75"), -1]
    assert end.value - start.value == buckets.total == D("18.75")


def test_effectiveness_of_what_did_not_move() -> None:
    flat, moved = [D(0), D(0)], [D(1), D(-2)]
    assert dollar_offset(flat, moved) is None
    assert regression(flat, moved) is None
    assert regression(moved, flat) is None
    assert variance_reduction(flat, moved) is None


@pytest.mark.parametrize(
    ("offset", "effective"),
    [("0.79", False), ("0.8", True), ("1.25", True), ("1.26", False), ("-1", False)],
)
def test_effective_is_80_to_125_percent(offset: str, *, effective: bool) -> None:
    assert is_effective(D(offset)) is effective


def test_a_hedge_by_coin_count_shows_in_the_slope_only() -> None:
    """R^2 is 1 and the slope far off: the one without the other says nothing."""
    item = [D(-100), D(250), D(-75)]
    line = regression(item, [D("2.38") * -x for x in item])
    assert line is not None
    assert [line.slope, line.r_squared] == [D("-2.38"), 1]
