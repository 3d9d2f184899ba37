"""What a replay plays: a path of prices, coins that come and go, and what goes wrong.

W0 is generated here. W1, W2, W4 and W5 are files: real paths at 15 s with a synthetic basis, of
which W4 adds flows to W2 and W5 adds outages and faulty orders to W4. All times count from the
first point.
"""

import csv
import gzip
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from hedged.sim.prices import PriceFileError, PricePath, PricePoint, Walk, generated, read_prices

W0_SEED: Final = 1
W0_START: Final = Decimal(50_000)
W0_DAYS: Final = 30
W0_STEP_S: Final = 15
# 60 % a year; 30 jumps a year of 4 %.
_W0_WALK: Final = Walk(volatility=0.6, jumps_per_day=30 / 365, jump_size=0.04)
_FUNDING_EVERY_S: Final = 8 * 3600

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CoinFlow:
    """Coins deposited, or withdrawn < 0."""

    at_ms: int
    coins: Decimal


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong with orders and reads; shares of 1, drawn with a seed."""

    timed_out: float = 0.05  # orders without an answer, of which
    executed: float = 0.5  # are executed all the same
    partial: float = 0.1  # orders that fill in part,
    least_filled: float = 0.3  # between these shares
    most_filled: float = 0.9
    stale: float = 0.02  # account reads that show the account as it was
    stale_ms: int = 90_000  # so long ago
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Workload:
    """One replay's world. `outages` are times (from, to) without any read or order."""

    name: str
    points: Sequence[PricePoint]
    charges_funding: bool
    flows: Sequence[CoinFlow] = ()
    outages: Sequence[tuple[int, int]] = ()
    faults: Faults | None = None

    @property
    def without_basis(self) -> "Workload":
        """The same with the perpetual at the index."""
        return replace(self, points=[replace(point, mark=None) for point in self.points])


def generated_workload(seed: int = W0_SEED, days: int = W0_DAYS) -> Workload:
    """W0: a random walk with jumps and a basis, and funding every eight hours."""
    walked = generated(W0_START, seed=seed, step_s=W0_STEP_S, walk=_W0_WALK)
    points = [
        PricePoint(
            at_ms=point.at_ms,
            index=point.index,
            mark=point.mark,
            charged_rate=point.predicted_rate
            if point.at_ms // 1000 % _FUNDING_EVERY_S == 0
            else None,
        )
        for point in islice(walked.points, days * 86_400 // W0_STEP_S + 1)
    ]
    return Workload("W0", points, charges_funding=True)


def shipped_workload(name: str, folder: Path) -> Workload:
    """One of the workloads by its name; all but W0 are read from a folder.

    Raises:
        PriceFileError: a file is missing or cannot be used; the message says which.
    """
    if name == "W0":
        return generated_workload()
    has_flows = name in ("W4", "W5")
    path = "w2" if has_flows else name.lower()
    workload = file_workload(name, folder / f"{path}_path.csv.gz")
    if has_flows:
        workload = replace(workload, flows=read_flows(folder / "w4_flows.csv.gz"))
    if name == "W5":
        outages = read_outages(folder / "w5_outages.csv.gz")
        workload = replace(workload, outages=outages, faults=Faults())
    return workload


def file_workload(name: str, prices: Path, flows: Path | None = None) -> Workload:
    """A price file, and what comes and goes meanwhile.

    Raises:
        PriceFileError: a file cannot be used.
    """
    path: PricePath = read_prices(prices)
    points = list(path.points)
    first_ms = points[0].at_ms
    return Workload(
        name,
        [replace(point, at_ms=point.at_ms - first_ms) for point in points],
        path.charges_funding,
        read_flows(flows) if flows else (),
    )


def read_flows(path: Path) -> list[CoinFlow]:
    """Deposits and withdrawals: `t_s` (seconds from the first price), `coins` (withdrawn < 0)."""
    return _rows(
        path,
        ("t_s", "coins"),
        lambda row: CoinFlow(int(Decimal(row["t_s"]) * 1000), Decimal(row["coins"])),
    )


def read_outages(path: Path) -> list[tuple[int, int]]:
    """Times without any read or order: `from_s`, `to_s`, seconds from the first price."""
    return _rows(
        path,
        ("from_s", "to_s"),
        lambda row: (int(Decimal(row["from_s"]) * 1000), int(Decimal(row["to_s"]) * 1000)),
    )


def _rows(path: Path, columns: Sequence[str], read: Callable[[dict[str, str]], T]) -> list[T]:
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise PriceFileError(f"{path.name} cannot be read: {error}") from error
    rows = csv.DictReader(io.StringIO(text, newline=""))
    header = rows.fieldnames or ()
    if missing := [column for column in columns if column not in header]:
        raise PriceFileError(
            f"{path.name} has no column {missing[0]}; its columns are: {', '.join(header)}"
        )
    found = []
    for line, row in enumerate(rows, start=2):
        try:
            found.append(read(row))
        except (TypeError, ValueError, InvalidOperation, OverflowError):
            cells = ", ".join(str(cell) for cell in row.values())
            raise PriceFileError(f"{path.name}, line {line}: not numbers: {cells}") from None
    return found
