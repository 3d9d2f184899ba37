"""Where the exchanges stand."""

from collections.abc import Iterator

import pytest

from tests.at_home import at_home, pytest_generate_tests
from tests.houses import House
from tests.process import Exchange, Exchanges

__all__ = ["at_home", "pytest_generate_tests"]


@pytest.fixture(scope="module")
def exchanges() -> Iterator[Exchanges]:
    """Those that the tests of a file share."""
    with Exchanges() as running:
        yield running


@pytest.fixture
def exchange(at_home: House, exchanges: Exchanges) -> Exchange:
    """The shared one of the house."""
    return exchanges.of(at_home)
