from decimal import Decimal
from fractions import Fraction as Exact

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from hedged.config.quantities import BAND, RATIO, WAIT, band_share, coins

UNIT_SECONDS = {
    unit: Exact(text)
    for unit, text in [("ms", "1/1000"), ("s", "1"), ("m", "60"), ("h", "3600"), ("d", "86400")]
}


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=200, places=18))
def test_a_percentage_is_exactly_a_hundredth(percentage: Decimal) -> None:
    try:
        fraction = RATIO(f"{percentage:f}%")
    except PydanticCustomError:
        assert percentage > 150
        return
    assert Exact(fraction) == Exact(percentage) / 100
    assert percentage <= 150


@settings(deadline=None)
@given(st.decimals(min_value=-1, max_value=1, places=6))
def test_a_fraction_may_be_a_number_or_its_text(written: Decimal) -> None:
    if 0 < written <= Decimal("0.5"):
        assert BAND(written) == BAND(f"{written:f}") == written
    else:
        for value in (written, f"{written:f}"):
            with pytest.raises(PydanticCustomError):
                BAND(value)


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=4000, places=3), st.sampled_from([*UNIT_SECONDS]))
def test_a_duration_is_exact_seconds_within_its_bounds(number: Decimal, unit: str) -> None:
    exact = Exact(number) * UNIT_SECONDS[unit]
    if Exact(1, 20) <= exact <= 3600:
        assert Exact(WAIT(f"{number:f}{unit}")) == exact
    else:
        with pytest.raises(PydanticCustomError):
            WAIT(f"{number:f}{unit}")


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=10**15, places=18))
def test_coins_keep_every_digit(quantity: Decimal) -> None:
    assert coins(f"{quantity:f}").as_tuple() == quantity.as_tuple()
    assert coins(quantity) == quantity


def test_the_ends_of_the_band_have_names() -> None:
    assert (band_share("target"), band_share("edge")) == (Decimal(0), Decimal(1))
    assert band_share("50%") == band_share("0.5") == Decimal("0.5")
