"""Price paths: generated, scripted, or read from a file.

A path is a series of points in time order. Its funding is one of two things: a file carries rates
that are charged at the very stamp where they stand, a generated path carries the rate that the
venue predicts, which is charged at the venue's own stamps.

Price files are CSV or CSV.gz with a header. Time is in `t_s` (seconds) or `ts`, `timestamp`,
`open_time` (ISO, or epoch milliseconds); the price in `index`, `index_price`, `price` or `close`;
optional are the mark (`perp_mark`, `mark`) and funding (`funding_rate`, `interest_1h`,
`fundingRate`). Other columns are ignored.
"""

import csv
import gzip
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Context, Decimal, InvalidOperation
from itertools import chain, islice
from pathlib import Path
from random import Random
from typing import IO, NamedTuple

from hedged.sim.decimals import ONE, ZERO, to_coins

TIME_COLUMNS = ("t_s", "ts", "timestamp", "open_time")
PRICE_COLUMNS = ("index", "index_price", "price", "close")
MARK_COLUMNS = ("perp_mark", "mark")
FUNDING_COLUMNS = ("funding_rate", "interest_1h", "fundingRate")

_PRICE_DIGITS = Context(prec=8)
_YEAR_S = 365 * 86_400
_CHECKED_AT_ONCE = 3


class PriceFileError(Exception):
    """A price file cannot be used; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class PricePoint:
    """The market at one moment; without a mark it equals the index."""

    at_ms: int
    index: Decimal
    mark: Decimal | None = None
    charged_rate: Decimal | None = None
    predicted_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PricePath:
    """A series of points; `charges_funding` says that they carry the funding that is charged."""

    points: Iterable[PricePoint]
    charges_funding: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """A generated market: volatilities are annual, rates and sizes fractions of the price.

    The basis (mark over index) returns to 0 with the given half-life; funding follows it as Bybit's
    does: the basis plus what is left of the interest of 1 bp within 5 bp, capped.
    """

    volatility: float = 0.6
    jumps_per_day: float = 0.5
    jump_size: float = 0.01
    basis_size: float = 0.0005
    basis_half_life_s: float = 1800.0
    interest: Decimal = Decimal("0.0001")
    interest_window: Decimal = Decimal("0.0005")
    funding_cap: Decimal = Decimal("0.005")

    def funding_rate(self, basis: Decimal) -> Decimal:
        """Return the funding rate that a basis leads to."""
        window, cap = self.interest_window, self.funding_cap
        rate = basis + min(window, max(-window, self.interest - basis))
        return to_coins(min(cap, max(-cap, rate)))


def scripted(points: Sequence[tuple[int, Decimal]]) -> PricePath:
    """Return a path through (second, price) points."""
    return PricePath([PricePoint(at_s * 1000, price) for at_s, price in points])


def generated(
    start: Decimal, *, seed: int, step_s: float = 1.0, walk: Walk | None = None
) -> PricePath:
    """Return an endless random path: Brownian with jumps, and a mean-reverting basis."""
    return PricePath(_walked(start, Random(seed), step_s, walk or Walk()))  # noqa: S311 - reproducible


def _walked(start: Decimal, random: Random, step_s: float, walk: Walk) -> Iterator[PricePoint]:
    """Draw in floats (they are noise, not money) and price in Decimal."""
    years, days = step_s / _YEAR_S, step_s / 86_400
    drift = -(walk.volatility**2) / 2 * years
    keep = 0.5 ** (step_s / walk.basis_half_life_s)
    basis_step = walk.basis_size * math.sqrt(1 - keep**2)
    price, basis, number = start, 0.0, 0
    while True:
        premium = Decimal(f"{basis:.10f}")
        yield PricePoint(
            at_ms=round(number * step_s * 1000),
            index=price,
            mark=_PRICE_DIGITS.multiply(price, ONE + premium),
            predicted_rate=walk.funding_rate(premium),
        )
        move = drift + walk.volatility * math.sqrt(years) * random.gauss(0, 1)
        if random.random() < walk.jumps_per_day * days:
            move += walk.jump_size * random.gauss(0, 1)
        price = _PRICE_DIGITS.multiply(price, Decimal(f"{math.exp(move):.12f}"))
        basis = basis * keep + basis_step * random.gauss(0, 1)
        number += 1


def read_prices(path: Path) -> PricePath:
    """Return the path in a price file; its header and first rows are checked at once."""
    with _opened(path) as file:
        columns = next(csv.reader(file), [])
    time = _column(columns, TIME_COLUMNS)
    price = _column(columns, PRICE_COLUMNS)
    if time is None or price is None:
        missing = "time" if time is None else "price"
        wanted = TIME_COLUMNS if time is None else PRICE_COLUMNS
        raise PriceFileError(
            f"{path.name} has no {missing} column ({', '.join(wanted)}); its columns are: "
            f"{', '.join(columns) or 'none'}"
        )
    layout = _Layout(time, price, _column(columns, MARK_COLUMNS), _column(columns, FUNDING_COLUMNS))
    points = _read(path, layout)
    first = list(islice(points, _CHECKED_AT_ONCE))
    if not first:
        raise PriceFileError(f"{path.name} has no rows")
    return PricePath(chain(first, points), charges_funding=layout.funding is not None)


class _Layout(NamedTuple):
    """The names of the columns that are read."""

    time: str
    price: str
    mark: str | None
    funding: str | None


def _column(columns: Sequence[str], names: Sequence[str]) -> str | None:
    return next((name for name in names if name in columns), None)


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    """Open a plain or a compressed file; whatever goes wrong is told in one line."""
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8", newline="")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8", newline="")
        ) as file:
            yield file
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise PriceFileError(f"{path.name} cannot be read: {error}") from error


def _read(path: Path, layout: _Layout) -> Iterator[PricePoint]:
    """Yield the points of a file, in time order or not at all."""
    last_ms: int | None = None
    with _opened(path) as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                point = _point(row, layout)
            except (TypeError, ValueError, InvalidOperation, OverflowError):
                cells = (str(cell) for cell in row.values())
                raise PriceFileError(
                    f"{path.name}, line {line}: not a time and a price > 0: {', '.join(cells)}"
                ) from None
            if last_ms is not None and point.at_ms <= last_ms:
                raise PriceFileError(
                    f"{path.name}, line {line}: time does not increase ({row[layout.time]}); "
                    "a price file holds one market, in time order"
                )
            last_ms = point.at_ms
            yield point


def _point(row: dict[str, str], layout: _Layout) -> PricePoint:
    mark = row[layout.mark] if layout.mark else ""
    funding = row[layout.funding] if layout.funding else ""
    return PricePoint(
        at_ms=_time_ms(layout.time, row[layout.time]),
        index=_price(row[layout.price]),
        mark=_price(mark) if mark else None,
        charged_rate=_finite(funding) if funding else None,
    )


def _time_ms(column: str, text: str) -> int:
    if column == "t_s":
        return int(_finite(text) * 1000)
    if text.isdecimal():
        return int(text)
    at = datetime.fromisoformat(text)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return round(at.timestamp() * 1000)


def _price(text: str) -> Decimal:
    price = _finite(text)
    if price <= ZERO:
        raise ValueError(text)
    return price


def _finite(text: str) -> Decimal:
    number = Decimal(text or "NaN")
    if not number.is_finite():
        raise ValueError(text)
    return number
