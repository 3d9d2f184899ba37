"""What the exchange lists: spot pairs, perpetuals, and the dated contracts of two quarters.

Steps and limits are those of Bybit's real listings. A dated contract is named after the month in
which it is delivered (H, M, U, Z for March, June, September, December) and ends on the last Friday
of that month at 08:00 UTC.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hedged.sim.decimals import ZERO
from hedged.sim.instruments import Instrument, Kind, Tier

EIGHT_HOURS_MS = 8 * 3600 * 1000
DATED_AT_ONCE = 2

_QUARTERS = {3: "H", 6: "M", 9: "U", 12: "Z"}
_FRIDAY = 4
# Times the first limit; initial rate, maintenance rate.
_STEPS = ((1, "0.01", "0.005"), (2, "0.02", "0.01"), (3, "0.03", "0.015"), (5, "0.05", "0.025"))


def tiers(first_limit: Decimal) -> tuple[Tier, ...]:
    """Return tiers whose maintenance is continuous in the value."""
    plain = [
        Tier(number, first_limit * times, Decimal(initial), Decimal(maintenance))
        for number, (times, initial, maintenance) in enumerate(_STEPS, start=1)
    ]
    deductions = [ZERO]
    for lower, upper in pairwise(plain):
        step = upper.maintenance_rate - lower.maintenance_rate
        deductions.append(deductions[-1] + lower.limit * step)
    return tuple(
        Tier(tier.risk_id, tier.limit, tier.initial_rate, tier.maintenance_rate, deduction)
        for tier, deduction in zip(plain, deductions, strict=True)
    )


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


def _inverse(
    base: str, *, tick: str, max_quantity: int, first_limit: int, delivery_ms: int = 0
) -> Instrument:
    is_perpetual = not delivery_ms
    return Instrument(
        symbol=f"{base}USD" if is_perpetual else f"{base}USD{_quarter(delivery_ms)}",
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
        tiers=tiers(Decimal(first_limit)),
        funding_interval_ms=EIGHT_HOURS_MS if is_perpetual else 0,
        delivery_ms=delivery_ms,
        delivery_rate=ZERO if is_perpetual else Decimal("0.0005"),
    )


def _linear(
    base: str,
    *,
    tick: str,
    price_scale: int,
    lot: str,
    max_quantity: str,
    first_limit: int,
    delivery_ms: int = 0,
) -> Instrument:
    is_perpetual = not delivery_ms
    return Instrument(
        symbol=f"{base}USDT" if is_perpetual else f"{base}USDT-{_day(delivery_ms)}",
        kind=Kind.LINEAR,
        base=base,
        quote="USDT",
        settle="USDT",
        tick=Decimal(tick),
        price_scale=price_scale,
        max_price=Decimal("1999999.80"),
        lot=Decimal(lot),
        min_quantity=Decimal(lot),
        max_quantity=Decimal(max_quantity),
        max_market_quantity=Decimal(max_quantity) / 5,
        min_value=Decimal(5),
        taker_rate=Decimal("0.00055"),
        maker_rate=Decimal("0.0002"),
        launched_ms=1_585_526_400_000,
        tiers=tiers(Decimal(first_limit)),
        funding_interval_ms=EIGHT_HOURS_MS if is_perpetual else 0,
        delivery_ms=delivery_ms,
        delivery_rate=ZERO if is_perpetual else Decimal("0.0005"),
    )


CATALOGUE: tuple[Instrument, ...] = (
    _spot("BTC", tick="0.01", lot="0.000001", max_quantity="83", price_scale=2),
    _spot("ETH", tick="0.01", lot="0.00001", max_quantity="2400", price_scale=2),
    _inverse("BTC", tick="0.10", max_quantity=25_000_000, first_limit=150),
    _inverse("ETH", tick="0.05", max_quantity=5_000_000, first_limit=3000),
    _linear(
        "BTC", tick="0.10", price_scale=2, lot="0.001", max_quantity="1190", first_limit=2_000_000
    ),
    _linear(
        "ETH", tick="0.01", price_scale=2, lot="0.01", max_quantity="7240", first_limit=900_000
    ),
)


def dated(base: str, delivery_ms: int, kind: Kind = Kind.INVERSE) -> Instrument:
    """Return a coin's contract that is delivered at this time."""
    if kind is Kind.LINEAR:
        return _linear(
            base,
            tick="0.10",
            price_scale=2,
            lot="0.001",
            max_quantity="200",
            first_limit=2_000_000,
            delivery_ms=delivery_ms,
        )
    if base == "BTC":
        return _inverse(
            "BTC", tick="0.50", max_quantity=1_000_000, first_limit=150, delivery_ms=delivery_ms
        )
    return _inverse(
        base, tick="0.05", max_quantity=1_000_000, first_limit=3000, delivery_ms=delivery_ms
    )


def listed_at(now_ms: int) -> tuple[Instrument, ...]:
    """Return everything that is listed at a time."""
    ends = quarter_ends(now_ms)
    due = [next(ends) for _ in range(DATED_AT_ONCE)]
    inverse = (dated("BTC", delivery_ms) for delivery_ms in due)
    return (*CATALOGUE, *inverse, dated("BTC", due[0], Kind.LINEAR))


def quarter_ends(now_ms: int) -> Iterator[int]:
    """Yield the delivery times after a time."""
    first = datetime.fromtimestamp(now_ms / 1000, UTC)
    year, month = first.year, first.month
    while True:
        if month in _QUARTERS:
            end_ms = _last_friday_ms(year, month)
            if end_ms > now_ms:
                yield end_ms
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)  # noqa: PLR2004 - December


def _last_friday_ms(year: int, month: int) -> int:
    last_day = datetime(year + month // 12, month % 12 + 1, 1, 8, tzinfo=UTC) - timedelta(days=1)
    friday = last_day - timedelta(days=(last_day.weekday() - _FRIDAY) % 7)
    return round(friday.timestamp() * 1000)


def _quarter(delivery_ms: int) -> str:
    at = datetime.fromtimestamp(delivery_ms / 1000, UTC)
    return f"{_QUARTERS[at.month]}{at.year % 100:02}"


def _day(delivery_ms: int) -> str:
    """Return a day as linear contracts are named by it: 26DEC25."""
    return f"{datetime.fromtimestamp(delivery_ms / 1000, UTC):%d%b%y}".upper()
