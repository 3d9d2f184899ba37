"""From drift to order: in the band nothing, outside it no more than the target."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hedged.core.decimals import Rounding, passive_price, plain, round_contracts
from hedged.core.planner import band_trade, order_contracts
from tests.core.build import D

drifts = st.decimals("-1e7", "1e7", places=4, allow_nan=False)
bands = st.decimals("0", "50000", places=4, allow_nan=False)
fractions = st.decimals("0", "1", places=3, allow_nan=False)
lots = st.sampled_from([D(1), D(10), D("0.1"), D(100)])


@given(drift=drifts, nominal=bands, u=fractions, lot=lots, contract=st.sampled_from([D(1), D(100)]))
def test_an_order_ends_inside_the_band_and_never_overshoots(
    drift: Decimal, nominal: Decimal, u: Decimal, lot: Decimal, contract: Decimal
) -> None:
    band = max(nominal, lot * contract)
    contracts = order_contracts(drift, band, u, contract, lot)
    assert contracts % lot == 0
    if abs(drift) <= band:
        assert contracts == 0
        return
    left = abs(drift) - contracts * contract
    assert 0 <= left <= band
    unrounded = abs(band_trade(drift, band, u))
    assert contracts * contract <= max(unrounded, abs(drift) - band + lot * contract)


@given(drift=drifts, u=fractions)
def test_opposite_drifts_trade_opposite_ways(drift: Decimal, u: Decimal) -> None:
    assert band_trade(drift, D(100), u) == -band_trade(-drift, D(100), u)


def test_an_order_is_never_larger_than_the_venue_takes() -> None:
    assert order_contracts(D(1000), D(10), D(0), D(1), D(1), D(250)) == 250


@given(x=st.decimals("-1e6", "1e6", places=6, allow_nan=False), lot=lots)
def test_rounding_down_trades_less(x: Decimal, lot: Decimal) -> None:
    rounded = round_contracts(x, lot, Rounding.DOWN)
    assert abs(rounded) <= abs(x) + D("1e-9")
    assert abs(x - rounded) < lot


def test_a_quotient_just_short_of_a_lot_is_that_lot() -> None:
    assert round_contracts(D("3249.9999999999999"), D(1), Rounding.DOWN) == 3250
    assert round_contracts(D("3249.99"), D(1), Rounding.DOWN) == 3249


@given(st.decimals("0.01", "1e6", places=5, allow_nan=False).filter(bool))
def test_prices_round_passively(price: Decimal) -> None:
    buy, sell = passive_price(price, D("0.5"), buy=True), passive_price(price, D("0.5"), buy=False)
    assert buy <= price <= sell
    assert sell - buy in {D(0), D("0.5")}


def test_plain_notation() -> None:
    assert plain(D("-3.25E+5")) == "-325000"
    assert plain(D("1E-8")) == "0.00000001"
    assert plain(D("-0.00")) == "0"
    assert plain(D("4.4e-50")) == "0"
    assert plain(D("-0.0000000002366863905465494905648845852")) == (
        "-0.000000000236686390546549490564884585"
    )
    assert plain(D("1234.56789"), 2) == "1234.57"
    assert plain(D(5) / D(9)) == "0.5555555555555555555555555556"
