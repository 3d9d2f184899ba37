"""The exchange's own ids: random in looks, but the same for the same seed."""

from itertools import count
from random import Random


class Identifiers:
    """A source of ids and of the arrival numbers that order everything by time."""

    def __init__(self, seed: int, *, are_orders_numbered: bool = False) -> None:
        self._random = Random(seed)  # noqa: S311 - reproducible on purpose, nothing secret
        self._numbers = count(1_700_000_000_000_000_000)
        self._sequence = count(1)
        self._are_orders_numbered = are_orders_numbered

    def uuid(self) -> str:
        """Return an id in the form of a UUID."""
        digits = f"{self._random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def number(self) -> str:
        """Return an id of digits only."""
        return str(next(self._numbers))

    def order(self, *, is_spot: bool = False) -> str:
        """Return the id of a new order."""
        return self.number() if is_spot or self._are_orders_numbered else self.uuid()

    def sequence(self) -> int:
        """Return the next arrival number."""
        return next(self._sequence)
