"""A number with its unit: unlike units never add, by mistake or otherwise."""

from dataclasses import dataclass
from decimal import Decimal

from hedged.core.decimals import CONTEXT
from hedged.core.value import quick

_add = CONTEXT.add


class UnitMismatchError(TypeError):
    """Two amounts of different units were combined: always a bug."""


@quick
@dataclass(frozen=True, slots=True)
class Amount:
    """A signed quantity with its unit: a coin such as "BTC", or "USD"."""

    value: Decimal
    unit: str

    def __add__(self, other: "Amount") -> "Amount":
        if other.unit != self.unit:
            other.of(self.unit)  # which raises
        return Amount(_add(self.value, other.value), self.unit)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(CONTEXT.subtract(self.value, other.of(self.unit)), self.unit)

    def __neg__(self) -> "Amount":
        return Amount(CONTEXT.minus(self.value), self.unit)

    def of(self, unit: str) -> Decimal:
        """The bare value, for a formula that expects this unit.

        Raises:
            UnitMismatchError: the amount has another unit.
        """
        if unit != self.unit:
            raise UnitMismatchError(f"{self.value} {self.unit} where {unit} was expected")
        return self.value


def total(first: Amount, *others: Amount) -> Amount:
    """The sum of amounts of one unit."""
    value, unit = first.value, first.unit
    for other in others:
        if other.unit != unit:
            other.of(unit)  # which raises
        value = _add(value, other.value)
    return Amount(value, unit)
