"""What is traded: the instruments, their steps and limits, and what a quantity of each is worth.

A quantity is base coins for spot and linear, US dollars for inverse contracts, whatever a venue
calls one contract. Positions are long > 0, short < 0. `worth` is the one formula on which positions
rest: the profit of a quantity q between two prices is `worth(q, to) - worth(q, from)` in the
settlement coin, long or short, inverse or linear:

    linear    worth(q, P) = q * P
    inverse   worth(q, P) = -q / P       (a dollar amount is worth more coins when the price falls)
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from hedged.sim.decimals import ONE, ZERO, product, quotient


class Kind(StrEnum):
    """The kinds of instrument."""

    SPOT = "spot"
    INVERSE = "inverse"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class Tier:
    """Margin rates (fractions of the value) for positions up to a value in the settlement coin.

    `deduction` is what the maintenance of a position in this tier is lowered by, because its first
    part is in lower tiers: so the maintenance does not jump where a tier begins.
    """

    risk_id: int
    limit: Decimal
    initial_rate: Decimal
    maintenance_rate: Decimal
    deduction: Decimal = ZERO

    @property
    def max_leverage(self) -> Decimal:
        """The leverage at which the initial rate is reached."""
        return quotient(ONE, self.initial_rate)


@dataclass(frozen=True, eq=False)  # without slots, for the cached properties
class Instrument:
    """One instrument with its limits; fees are fractions of the value."""

    symbol: str
    kind: Kind
    base: str
    quote: str
    settle: str
    tick: Decimal
    price_scale: int
    max_price: Decimal
    lot: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    max_market_quantity: Decimal
    taker_rate: Decimal
    maker_rate: Decimal
    launched_ms: int
    min_value: Decimal = ZERO
    max_value: Decimal = ZERO
    tiers: tuple[Tier, ...] = ()
    funding_interval_ms: int = 0
    delivery_ms: int = 0
    delivery_rate: Decimal = ZERO
    price_limit_ratio: Decimal = Decimal("0.05")
    contract_size: Decimal = ONE  # USD (inverse): in what clients count, where not in USD

    @cached_property
    def key(self) -> str:
        """Its name among all instruments: a linear contract shares its symbol with a spot pair."""
        return f"{self.symbol}:linear" if self.kind is Kind.LINEAR else self.symbol

    @cached_property
    def is_spot(self) -> bool:
        """Whether trading it exchanges two coins (otherwise it makes a position)."""
        return self.kind is Kind.SPOT

    @cached_property
    def is_perpetual(self) -> bool:
        """Whether it is a contract without an end, which pays funding instead."""
        return self.funding_interval_ms > 0

    @cached_property
    def is_inverse(self) -> bool:
        """Whether a quantity is in dollars and profit in the coin."""
        return self.kind is Kind.INVERSE

    @cached_property
    def lot_scale(self) -> int:
        """Decimals of a quantity."""
        exponent = self.lot.as_tuple().exponent
        return max(0, -exponent) if isinstance(exponent, int) else 0

    def worth(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Return the figure whose difference between two prices is the profit (settle coin)."""
        if self.is_inverse:
            return quotient(-quantity, price)
        return product(quantity, price)

    def price_of(self, quantity: Decimal, worth: Decimal) -> Decimal:
        """Return the price at which a quantity has this worth."""
        return quotient(-quantity, worth) if self.is_inverse else quotient(worth, quantity)

    def value(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Return the size of a trade or position in the settlement coin (spot: quote), >= 0."""
        return abs(self.worth(quantity, price))

    def average_price(self, quantity: Decimal, value: Decimal) -> Decimal:
        """Return the price at which this quantity has this value (only sizes count); 0 for none."""
        if not quantity or not value:
            return ZERO
        if self.is_inverse:
            return quotient(abs(quantity), abs(value))
        return quotient(abs(value), abs(quantity))

    def tier(self, value: Decimal) -> Tier:
        """Return the margin tier of a position of this value; beyond the last limit, the last."""
        for tier in self.tiers:
            if value <= tier.limit:
                return tier
        return self.tiers[-1]
