"""Charts show every spike, forget the oldest, and hold as much memory at the end as at first."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedged.core.figures import Figures
from hedged.web.history import COLUMNS, Series

ONE = Decimal(1)
POINT = Figures(
    price=ONE,
    net_delta=ONE,
    target_delta=ONE,
    band=ONE,
    hedge_ratio=ONE,
    position_usd=ONE,
    target_usd=ONE,
    drift_usd=ONE,
    band_usd=ONE,
    funding_rate=None,
    index_basis=None,
    funding_usd_per_day=None,
    collateral_fraction=ONE,
    liquidation_price=None,
    liquidation_distance=None,
)


def filled(deltas: list[int | None], capacity: int = 1000) -> Series:
    series = Series(capacity)
    for at, delta in enumerate(deltas):
        series.add(at, None if delta is None else replace(POINT, net_delta=Decimal(delta)))
    return series


@given(st.lists(st.none() | st.integers(-1000, 1000), min_size=1, max_size=300), st.integers(1, 40))
@pytest.mark.asyncio
async def test_thinning_keeps_ends_spikes_and_gaps(deltas: list[int | None], parts: int) -> None:
    at, values = (await filled(deltas).thinned(0, parts))["net_delta"]
    known = [delta for delta in deltas if delta is not None]
    shown = [value for value in values if not math.isnan(value)]
    assert at == sorted(at)
    assert (at[0], at[-1]) == (0, len(deltas) - 1)
    assert {min(known, default=None), max(known, default=None)} - {None} <= set(shown)
    assert (None in deltas) == any(map(math.isnan, values))
    assert len(at) <= 5 * parts


@pytest.mark.asyncio
async def test_the_newest_points_stay_and_the_window_cuts() -> None:
    series = filled(list(range(25)), capacity=10)
    assert len(series) == 10
    assert (await series.thinned(0, 100))["net_delta"][0] == list(range(15, 25))
    assert (await series.thinned(22, 100))["net_delta"][1] == [22, 23, 24]
    assert (await series.thinned(99, 100))["net_delta"] == ([], [])


@pytest.mark.asyncio
async def test_a_clock_that_steps_back_does_not_turn_the_chart_around() -> None:
    series = Series(10)
    for at in (10.0, 11.0, 5.0, 12.0):
        series.add(at, POINT)
    assert (await series.thinned(0, 100))["price"][0] == [10, 11, 11, 12]


@pytest.mark.asyncio
async def test_what_is_not_known_is_a_gap_in_its_own_column_only() -> None:
    thinned = await filled([1]).thinned(0, 10)
    assert set(thinned) == set(COLUMNS)
    assert math.isnan(thinned["funding_rate"][1][0])
    assert thinned["price"][1] == [1]
