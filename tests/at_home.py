"""Tests that ask for a home run in every kind of exchange that the simulator can be.

In the second they are proofs, but for those that are marked `quick`; `houses("bybit")` limits them
to what exists there alone. A folder's conftest takes both names from here.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

import pytest

from hedged.venue.profiles import PROFILES
from tests.houses import AT_BYBIT, HOUSES, House, in_house

UNPACED_MS: Final = Decimal("0.01")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what stands in a house once in each."""
    if "at_home" not in metafunc.fixturenames:
        return
    only = metafunc.definition.get_closest_marker("houses")
    is_quick = metafunc.definition.get_closest_marker("quick") is not None
    metafunc.parametrize(
        "at_home",
        [
            pytest.param(
                house,
                id=house.name,
                marks=() if is_quick or house is AT_BYBIT else pytest.mark.proof,
            )
            for house in HOUSES
            if only is None or house.name in only.args
        ],
        indirect=True,
    )


@pytest.fixture
def at_home(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Stand in a house, where clients need not pace themselves: the time that passes is made up."""
    name = request.param.name
    monkeypatch.setitem(PROFILES, name, replace(PROFILES[name], rate_limit_ms=UNPACED_MS))
    with in_house(request.param):
        yield request.param
