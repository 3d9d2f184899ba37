"""The band: what it costs least, and what it falls back to."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedged.core.band import best_width, value_at_risk_width
from hedged.core.decide import decide
from hedged.core.decimals import CONTEXT
from hedged.core.types import (
    AssetMemory,
    Band,
    BandKind,
    DayStatistics,
    Limits,
    Memory,
    Quote,
    Snapshot,
    Target,
)
from tests.core.build import AT, D, account, cold, instrument, policy, short, snapshot

costs = st.decimals("0.00005", "0.005", places=5)
fixed = st.decimals("0.01", "50", places=2)
flows = st.decimals("1000", "1000000", places=0)
risks = st.decimals("0.000001", "0.001", places=6)
volatilities = st.decimals("0.1", "2", places=2)


def cost_per_year(
    b: Decimal, u: Decimal, k: Decimal, fixed_usd: Decimal, s: Decimal, a: Decimal, sigma: Decimal
) -> Decimal:
    """J(b, u) of the maths, written down independently."""
    risk = a * sigma**2 / 2 * (b**2 + u**2) / 6
    return risk + s**2 * (fixed_usd + k * (b - u)) / (b**2 - u**2)


@given(k=costs, fixed_usd=fixed, s=flows, a=risks, sigma=volatilities)
def test_no_band_near_the_best_one_costs_less(
    k: Decimal, fixed_usd: Decimal, s: Decimal, a: Decimal, sigma: Decimal
) -> None:
    with localcontext(CONTEXT):
        b, u = best_width(k, fixed_usd, s, a, sigma)
        least = cost_per_year(b, u, k, fixed_usd, s, a, sigma)
        step = (b - u) / 50
        for db, du in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)):
            near = cost_per_year(b + db * step, u + du * step, k, fixed_usd, s, a, sigma)
            assert near >= least
        assert 0 <= u < b


def test_the_closed_forms() -> None:
    with localcontext(CONTEXT):
        k, s, a, sigma = D("0.0006"), D(50_000), D("0.00002"), D("0.6")
        edge, kept = best_width(k, D(0), s, a, sigma)
        assert edge == kept  # without a fixed cost, back to the edge only
        assert abs(edge**3 / (3 * k * s**2 / (2 * a * sigma**2)) - 1) < D("1e-40")
        edge, kept = best_width(D(0), D(5), s, a, sigma)
        assert abs(kept) < D("1e-20")  # without a proportional one, back to the target
        assert abs(edge**4 / (12 * 5 * s**2 / (a * sigma**2)) - 1) < D("1e-25")
    assert not any(best_width(k, D(5), D(0), a, sigma))  # nothing ever drifts
    assert not any(best_width(D(0), D(0), s, a, sigma))  # trading is free


def test_a_ratio_hedge_has_the_band_of_its_own_drift() -> None:
    """b/V = (3k*h^2*(1-h)^2/(2*gamma))^(1/3), the volatility cancelling."""
    value, h, gamma, k, sigma = D(325_000), D("0.5"), D(10), D("0.001"), D("0.8")
    with localcontext(CONTEXT):
        s = h * (1 - h) * sigma * value
        edge, _ = best_width(k, D(0), s, gamma / value, sigma)
        assert abs((edge / value) ** 3 / (3 * k * h**2 * (1 - h) ** 2 / (2 * gamma)) - 1) < D(
            "1e-40"
        )


def test_value_at_risk() -> None:
    width = value_at_risk_width(D(1000), D("0.7"), D(1))
    assert abs(width * D("2.326") * D("0.7") / D(365).sqrt() - 1000) < D("1e-20")


DAYS = tuple(
    DayStatistics((AT - timedelta(days=n)).date(), D(10) ** 8, D("0.0016"), D(24))
    for n in range(20, -1, -1)
)
KNOWN = AssetMemory("BTC", first_at=AT - timedelta(days=20), days=DAYS)
PRICED = Quote(
    instrument(), D(65000), D(65000), D(0), bid=D(64990), ask=D(65010), taker_fee=D("0.00055")
)


def auto(
    memory: AssetMemory = KNOWN, quote: Quote = PRICED, coins: str = "5", **band: Any
) -> Snapshot:
    hedge = policy(
        band=Band(BandKind.AUTO, **band), limits=Limits(max_leverage=None), rebalance_to=D(0)
    )
    return snapshot(
        quotes=(quote,),
        holdings=(cold(coins),),
        accounts=(account("0", short("325000", "65000")),),
        hedges=(hedge,),
        memory=Memory(assets=(memory,)),
    )


def target(of: Snapshot) -> Target:
    (asset,) = decide(of).assets
    assert asset.standing is not None
    return asset.standing.target


def test_the_automatic_band_comes_from_costs_flows_and_risk() -> None:
    found = target(auto())
    # k = 0.00055 + 10/65000; s^2 = 1e8*365; sigma^2 = 0.0016*365; a = 10/325,000
    k = D("0.00055") + D(10) / 65000
    cube = 3 * k * 10**8 * 365 / (2 * (D(10) / 325_000) * D("0.0016") * 365)
    assert abs(found.band_usd**3 / cube - 1) < D("1e-20")
    assert found.kept_usd == found.band_usd
    assert "auto: cost 0.000704, flows 191050 USD per root year" in found.band_rule
    wider = target(auto(order_cost_usd=D(5)))
    assert wider.kept_usd < found.band_usd < wider.band_usd


def test_the_automatic_band_is_clamped() -> None:
    quiet = replace(KNOWN, days=tuple(replace(day, flows=D(1)) for day in DAYS))
    least = target(auto(quiet))
    assert least.band_usd == D("162.5")
    assert "at least 0.05 %" in least.band_rule
    capped = target(auto(value_at_risk_usd=D(20)))
    assert capped.band_usd == value_at_risk_width(D(20), capped_volatility(), D(1))
    assert "capped by value at risk" in capped.band_rule
    assert target(auto(value_at_risk_usd=D(1))).band_usd == D("162.5")
    assert target(auto(value_at_risk_usd=D(10**6))) == target(auto())


def capped_volatility() -> Decimal:
    with localcontext(CONTEXT):
        total = sum((day.returns for day in DAYS), D(0))
        hours = sum((day.return_hours for day in DAYS), D(0))
        return (total / hours * 8760).sqrt()


@pytest.mark.parametrize(
    ("memory", "quote", "why"),
    [
        (AssetMemory("BTC"), PRICED, "fewer than 14 days of flows are known"),
        (replace(KNOWN, first_at=AT - timedelta(days=13)), PRICED, "fewer than 14 days"),
        (KNOWN, replace(PRICED, taker_fee=None), "the venue's fee is not known"),
        (KNOWN, replace(PRICED, bid=None), "the spread is not known"),
        (KNOWN, replace(PRICED, ask=None), "the spread is not known"),
        (replace(KNOWN, days=DAYS[-1:]), PRICED, ""),
        (
            replace(KNOWN, days=(DayStatistics(AT.date(), D(0), D(0), D(0)),)),
            PRICED,
            "the volatility is not known",
        ),
    ],
)
def test_what_is_not_known_makes_it_a_quarter_percent(
    memory: AssetMemory, quote: Quote, why: str
) -> None:
    found = target(auto(memory, quote))
    if why:
        assert found.band_usd == D("812.5")
        assert f"auto: 0.25 % because {why}" in found.band_rule
    else:
        assert "auto: cost" in found.band_rule


def test_an_empty_book_has_a_band_of_one_lot() -> None:
    empty = replace(auto(coins="0"), accounts=(account(),))
    assert target(empty).band_usd == 1
    assert "because the book is empty" in target(empty).band_rule


@pytest.mark.parametrize(
    ("band", "usd", "rule"),
    [
        (Band(BandKind.USD, D(500)), "500", "500 USD"),
        (Band(BandKind.COINS, D("0.02")), "1300", "0.02 coins at 65000 USD"),
        (Band(size=D("0.01")), "3250", "1 % of 325000 USD"),
        (Band(BandKind.USD, D("0.5")), "1", "one lot, 0.5 USD is less"),
    ],
)
def test_bands_of_each_kind(band: Band, usd: str, rule: str) -> None:
    book = auto()
    found = target(replace(book, hedges=(replace(book.hedges[0], band=band),)))
    assert (found.band_usd, found.band_rule) == (D(usd), rule)
    assert found.outer_usd == 3 * D(usd)
