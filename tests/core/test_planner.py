"""From drift to order: in the band nothing, outside it no more than the target."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hedged.core.decide import decide
from hedged.core.decimals import Rounding, passive_price, plain, round_contracts
from hedged.core.planner import band_trade
from hedged.core.types import USD, Band, BandKind, Limits
from tests.core.build import D, account, cold, instrument, policy, position, quote, snapshot

drifts = st.decimals("-1e7", "1e7", places=4, allow_nan=False)
bands = st.decimals("0", "50000", places=4, allow_nan=False)
fractions = st.decimals("0", "1", places=3, allow_nan=False)
lots = st.sampled_from([D(1), D(10), D("0.1"), D(100)])


@given(
    q=st.integers(-(10**7), 10**7),
    band=bands,
    u=fractions,
    lot=lots,
    size=st.sampled_from([D(1), D(100)]),
)
def test_an_order_ends_inside_the_band_and_never_overshoots(
    q: int, band: Decimal, u: Decimal, lot: Decimal, size: Decimal
) -> None:
    which = instrument(size=str(size), lot=str(lot), least=str(lot))
    hedge = policy(band=Band(BandKind.USD, band), rebalance_to=u, allow_long=True, limits=NO_LIMITS)
    held = account("0", position(q * size * lot, "65000", which))
    (asset,) = decide(
        snapshot(
            quotes=(quote("65000", which),),
            accounts=(held,),
            holdings=(cold("1.23456789"),),
            hedges=(hedge,),
        )
    ).assets
    assert asset.standing is not None
    drift, effective = asset.standing.drift_usd, asset.standing.target.band_usd
    assert effective == max(band, lot * size)
    if abs(drift) <= effective:
        assert asset.orders == ()
        return
    # A closing order stops at zero; the rest opens later.
    (order,) = asset.orders
    assert order.contracts % lot == 0
    left = abs(drift) - order.notional_usd
    assert left >= 0
    if not (order.reduce_only and order.notional_usd == abs(q) * size * lot):
        assert left <= effective
    unrounded = abs(band_trade(drift, effective, u * band))
    assert order.notional_usd <= max(unrounded, abs(drift) - effective + lot * size)


NO_LIMITS = Limits(max_leverage=None, max_orders_per_hour=None)


@given(drift=drifts, kept=st.decimals("0", "100", places=2))
def test_opposite_drifts_trade_opposite_ways(drift: Decimal, kept: Decimal) -> None:
    assert band_trade(drift, D(100), kept) == -band_trade(-drift, D(100), kept)


@given(drift=drifts, more=st.decimals("0", "1e6", places=2))
def test_a_larger_drift_never_trades_less(drift: Decimal, more: Decimal) -> None:
    further = drift + more if drift >= 0 else drift - more
    assert abs(band_trade(further, D(100), D(50))) >= abs(band_trade(drift, D(100), D(50)))


def test_an_order_crosses_zero_in_two_cycles() -> None:
    held = account("0", position("1000", "65000"))
    first = snapshot(quotes=(quote("65000"),), accounts=(held,), holdings=(cold(5),))
    (asset,) = decide(first).assets
    assert [(o.quantity.of(USD), o.reduce_only) for o in asset.orders] == [(D(-1000), True)]


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
