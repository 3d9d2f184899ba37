"""What is traded: the instruments, their steps and limits, and what a quantity of each is worth.

A quantity is base coins for spot and linear, US dollars for inverse contracts (one contract is 1
USD). Positions are long > 0, short < 0. `worth` is the one formula on which positions rest: the
profit of q contracts between two prices is `worth(q, to) - worth(q, from)` in the settlement coin,
long or short, inverse or linear:

    linear    worth(q, P) = q * P
    inverse   worth(q, P) = -q / P       (a dollar amount is worth more coins when the price falls)
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from hedged.sim.decimals import ONE, ZERO, product, quotient

EIGHT_HOURS_MS = 8 * 3600 * 1000


class Kind(StrEnum):
    """The kinds of instrument."""

    SPOT = "spot"
    INVERSE = "inverse"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class Tier:
    """Margin rates (fractions of the value) for positions up to a value in the settlement coin."""

    risk_id: int
    limit: Decimal
    initial_rate: Decimal
    maintenance_rate: Decimal

    @property
    def max_leverage(self) -> Decimal:
        """The leverage at which the initial rate is reached."""
        return quotient(ONE, self.initial_rate)


@dataclass(frozen=True, slots=True)
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
    price_limit_ratio: Decimal = Decimal("0.05")

    @property
    def is_spot(self) -> bool:
        """Whether trading it exchanges two coins (otherwise it makes a position)."""
        return self.kind is Kind.SPOT

    @property
    def lot_scale(self) -> int:
        """Decimals of a quantity."""
        exponent = self.lot.as_tuple().exponent
        return max(0, -exponent) if isinstance(exponent, int) else 0

    def worth(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Return the figure whose difference between two prices is the profit (settle coin)."""
        if self.kind is Kind.INVERSE:
            return quotient(-quantity, price)
        return product(quantity, price)

    def value(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Return the size of a trade or position in the settlement coin (spot: quote), >= 0."""
        return abs(self.worth(quantity, price))

    def average_price(self, quantity: Decimal, value: Decimal) -> Decimal:
        """Return the price at which this quantity has this value (only sizes count); 0 for none."""
        if not quantity or not value:
            return ZERO
        if self.kind is Kind.INVERSE:
            return quotient(abs(quantity), abs(value))
        return quotient(abs(value), abs(quantity))

    def tier(self, value: Decimal) -> Tier:
        """Return the margin tier of a position of this value; beyond the last limit, the last."""
        return next((tier for tier in self.tiers if value <= tier.limit), self.tiers[-1])


def _spot(base: str, *, tick: str, lot: str, max_quantity: str, price_scale: int) -> Instrument:
    return Instrument(
        symbol=f"{base}USDT",
        kind=Kind.SPOT,
        base=base,
        quote="USDT",
        settle="USDT",
        tick=Decimal(tick),
        price_scale=price_scale,
        max_price=Decimal(10_000_000),
        lot=Decimal(lot),
        min_quantity=Decimal(lot),
        max_quantity=Decimal(max_quantity),
        max_market_quantity=Decimal(max_quantity) / 2,
        min_value=Decimal(5),
        max_value=Decimal(8_000_000),
        taker_rate=Decimal("0.001"),
        maker_rate=Decimal("0.001"),
        launched_ms=0,
    )


def _inverse(base: str, *, tick: str, max_quantity: int, first_limit: int) -> Instrument:
    steps = ((1, "0.01", "0.005"), (2, "0.02", "0.01"), (3, "0.03", "0.015"), (5, "0.05", "0.025"))
    return Instrument(
        symbol=f"{base}USD",
        kind=Kind.INVERSE,
        base=base,
        quote="USD",
        settle=base,
        tick=Decimal(tick),
        price_scale=2,
        max_price=Decimal("1999999.80"),
        lot=Decimal(1),
        min_quantity=Decimal(1),
        max_quantity=Decimal(max_quantity),
        max_market_quantity=Decimal(max_quantity // 5),
        taker_rate=Decimal("0.00055"),
        maker_rate=Decimal("0.0002"),
        launched_ms=1_542_067_200_000,
        tiers=tuple(
            Tier(number, Decimal(first_limit * times), Decimal(initial), Decimal(maintenance))
            for number, (times, initial, maintenance) in enumerate(steps, start=1)
        ),
        funding_interval_ms=EIGHT_HOURS_MS,
    )


CATALOGUE: tuple[Instrument, ...] = (
    _spot("BTC", tick="0.01", lot="0.000001", max_quantity="83", price_scale=2),
    _spot("ETH", tick="0.01", lot="0.00001", max_quantity="2400", price_scale=2),
    _inverse("BTC", tick="0.10", max_quantity=25_000_000, first_limit=150),
    _inverse("ETH", tick="0.05", max_quantity=5_000_000, first_limit=3000),
)
