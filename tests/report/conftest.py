"""Where the exchanges stand."""

from tests.at_home import at_home, pytest_generate_tests

__all__ = ["at_home", "pytest_generate_tests"]
