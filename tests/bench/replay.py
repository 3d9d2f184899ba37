"""Replays: how closely hedged and the other rules keep the value of a book, at what cost and speed.

Figures of W1, W2, W4 and W5 need their files (`hedged replay --data`), and are left out without
them. Those of the other rules are held against an independent simulation of each rule: that they
come out the same says that the replay is fair to them.
"""

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Final

from hedged.core.types import Band, Style, StyleKind
from hedged.ops import logging
from hedged.replay.jobs import OWN, Book, Job, all_replayed, replayed
from hedged.replay.meter import Metrics
from hedged.replay.rehearsal import STANDARD_HEDGE, Rehearsal
from hedged.replay.rules import ORACLE, RULES, SYMBOL
from hedged.replay.stage import STANDARD, Stage
from hedged.replay.workload import Workload, generated_workload, shipped_workload
from hedged.store import SqlJournal
from tests.bench.row import Row

FOLDER: Final = Path(__file__).resolve().parents[3] / "shared/market/workloads"
BY: Final = "hedged replay --workload "
ONE_LOT: Final = Book(replace(STANDARD_HEDGE, band=Band(size=Decimal("0.000001"))))
ONE_PERCENT: Final = Book(replace(STANDARD_HEDGE, band=Band(size=Decimal("0.01"))))
# What costs no more than the bounds rule: at market like that, a wide band of which most is kept;
# with orders that rest first, a narrower one.
AT_MARKET: Final = Book(
    replace(STANDARD_HEDGE, band=Band(size=Decimal("0.0255")), rebalance_to=Decimal("0.9"))
)
RESTING: Final = Book(
    replace(STANDARD_HEDGE, band=Band(size=Decimal("0.01")), style=Style(kind=StyleKind.MAKER))
)
SPEED_STEPS: Final = 5_000
REPEATS: Final = 3

# An independent simulation of each rule: tracking error with the basis off and on (bps per √day),
# and cost (bps).
REFERENCE: Final[dict[str, dict[str, tuple[float, float, float]]]] = {
    "unhedged": {
        "W1": (812, 812, 0),
        "W2": (363, 363, 0),
        "W4": (335, 335, 0),
        "W5": (335, 335, 0),
    },
    "static 1×": {
        "W1": (19.5, 42.9, 0),
        "W2": (1.49, 25.3, 0),
        "W4": (37.4, 45.8, 0),
        "W5": (37.4, 45.8, 0),
    },
    "coin-count, 1 %, 60 s": {
        "W1": (426, 429, 47.6),
        "W2": (37.5, 46.6, 14.4),
        "W4": (35.6, 43.5, 22.7),
        "W5": (35.4, 43.4, 24.1),
    },
    "coin-count, no threshold, 60 s": {
        "W1": (422, 424, 137),
        "W2": (39, 48, 103),
        "W4": (36.9, 44.6, 107),
        "W5": (36.7, 44.3, 106),
    },
    "coin-count, $10, 10 s": {
        "W1": (415, 417, 274),
        "W2": (37.6, 46.9, 328),
        "W4": (35.7, 43.6, 313),
        "W5": (35.8, 43.8, 306),
    },
    "0.1-coin threshold, 30 s": {
        "W1": (420, 422, 165),
        "W2": (37.1, 46.5, 67.5),
        "W4": (35.2, 43.3, 70),
        "W5": (35.4, 43.6, 68.8),
    },
    "bounds on a dollar liability, 10 s": {
        "W1": (19.5, 42.9, 0),
        "W2": (1.49, 25.3, 0),
        "W4": (8.47, 25.2, 7.8),
        "W5": (8.82, 25.2, 7.9),
    },
}
# hedged's own: tracking error (basis off) and cost, in bps; where nothing is promised, None.
LIMITS: Final[dict[str, tuple[float | None, float | None]]] = {
    "W0": (None, 0.3),
    "W1": (2.5, 0.3),
    "W2": (0.8, 0.3),
    "W4": (0.5, None),
    "W5": (None, None),
}
W1_S: Final = 30
FIVE_MINUTES: Final = 20  # steps


def replay_rows() -> list[Row]:
    """The rows of this group."""
    logging.configure(style="json", level="error")
    rows = [*_speed(), *workload_rows("W0")]
    for name in ("W1", "W2", "W4", "W5") if FOLDER.is_dir() else ():
        rows += workload_rows(name)
    return rows


def workload_rows(name: str) -> list[Row]:
    """hedged and the other rules on one workload, the longest replays first."""
    workload = shipped_workload(name, FOLDER)
    jobs = _jobs_of(name)
    if name in REFERENCE["unhedged"]:
        jobs += [Job(rule.name, Book(), rule, basis) for rule in RULES for basis in (False, True)]
    outcomes = all_replayed(jobs, workload, lambda _: None)
    found = {(o.job.label, o.job.has_basis): o.metrics for o in outcomes}
    rows = _own(name, found)
    if name == "W1":
        rows.append(_on_price_alone(workload))
    return [*rows, *_others(name, found)]


def _row(what: str, figure: float, limit: float | None, unit: str, name: str) -> Row:
    return Row(what, figure, limit, unit, None, "", BY + name)


def _jobs_of(name: str) -> list[Job]:
    """hedged itself: band 0.25 %, with the basis and without; other bands where they say more."""
    jobs = [Job(OWN, Book()), Job(OWN, Book(), has_basis=True)]
    if name in {"W1", "W2", "W4"}:
        jobs.append(Job("lot", ONE_LOT))
    if name == "W4":
        jobs += [Job("1 %", ONE_PERCENT), Job("wide", AT_MARKET), Job("resting", RESTING)]
    if name == "W5":
        jobs.append(Job(ORACLE.name, Book(), ORACLE))
    return jobs


Found = Mapping[tuple[str, bool], Metrics]


def _own(name: str, found: Found) -> list[Row]:
    own, on = found[OWN, False], found[OWN, True].tracking_bps
    error, cost = LIMITS[name]
    told = f"{name}: tracking error per √day, basis off (on: {on:.1f})"
    rows = [
        _row(told, own.tracking_bps, error, "bps", name),
        _row(f"{name}: cost, {own.trades} orders", own.cost_bps, cost, "bps", name),
    ]
    if ("lot", False) in found:
        lot = found["lot", False]
        of_lot = f"{name}: tracking error with a one-lot band (cost {lot.cost_bps:.2f} bps)"
        at_lot = f"{name} --sweep band=0.0001%"
        limit = 0.05 if name == "W4" else None
        rows.append(_row(of_lot, lot.tracking_bps, limit, "bps", at_lot))
    if name == "W1":
        rows.append(_row("W1: processor time", own.seconds, W1_S, "s", name))
    if name == "W4":
        wider = found["1 %", False]
        of_wider = f"W4: tracking error with a band of 1 % (cost {wider.cost_bps:.1f} bps)"
        rows.append(_row(of_wider, wider.tracking_bps, None, "bps", "W4 --sweep band=1%"))
        market, resting = found["wide", False], found["resting", False]
        rows += _at_cost("band 2.55 %, back to 0.9", market, "band=2.55%,rebalance_to=0.9")
        rows += _at_cost('band 1 %, style "maker"', resting, "band=1%,style=maker")
    if name == "W5":
        rows += _faulty(own, found[ORACLE.name, False])
    return rows


def _on_price_alone(workload: Workload) -> Row:
    """Prices move, and nothing else: what a hedge of coins by their number trades all the time."""
    prices = [replace(p, mark=None, charged_rate=None) for p in workload.points[::FIVE_MINUTES]]
    alone = replace(workload, points=prices)
    trades = replayed(Job(OWN, Book()), alone).metrics.trades
    what = "W1's prices every five minutes, without funding: orders"
    return Row(what, trades, 0, "", None, "", "tests/bench/replay.py")


def _at_cost(what: str, found: Metrics, sweep: str) -> list[Row]:
    """Beside the bounds on a dollar liability: 8.5 bps of error at 7.8 bps of cost."""
    command = f"W4 --sweep {sweep}"
    return [
        _row(f"W4, {what}: cost (bounds: 7.8)", found.cost_bps, 7.8, "bps", command),
        _row(f"W4, {what}: tracking error (8.5)", found.tracking_bps, 5.5, "bps", command),
    ]


def _faulty(own: Metrics, oracle: Metrics) -> list[Row]:
    beyond = own.greatest_bps - oracle.greatest_bps
    greatest = f"W5: greatest error beyond the oracle's {oracle.greatest_bps:.1f} bps"
    return [
        _row("W5: orders sent twice", own.duplicates, 0, "", "W5"),
        _row("W5: orders to the wrong side", own.wrong_side, 0, "", "W5"),
        _row(greatest, beyond, 3, "bps", "W5 --compare all"),
    ]


def _others(name: str, found: Found) -> list[Row]:
    """How far each rule is from its reference: the worst of its three figures."""
    rows = []
    for rule, references in REFERENCE.items():
        if name not in references:
            continue
        off, on = found[rule, False], found[rule, True]
        figures = (off.tracking_bps, on.tracking_bps, off.cost_bps)
        apart = [
            100 * abs(figure / wanted - 1)
            for figure, wanted in zip(figures, references[name], strict=True)
            if wanted
        ]
        told = f"errors {figures[0]:.4g}, {figures[1]:.4g}, cost {figures[2]:.3g}"
        what = f"{name}, {rule}: from its reference ({told})"
        rows.append(_row(what, max(apart), 10, "%", f"{name} --compare all"))
    return rows


def _speed() -> list[Row]:
    """Processor time, since the promise is about one core."""
    whole = generated_workload(days=2)
    short = replace(whole, points=whole.points[:SPEED_STEPS]).without_basis
    in_memory = median(asyncio.run(_cycles_ms(short, None)) for _ in range(REPEATS))
    on_disk = median(_on_disk_ms(short) for _ in range(REPEATS))
    bare = median(asyncio.run(_steps_ms(short)) for _ in range(REPEATS))
    floor_is, by = "the exchange without cycles", "tests/bench/replay.py"
    memory = "1,000 replayed cycles, journal in memory (≥ 3,000 a second)"
    disk = "1,000 replayed cycles, journal in SQLite (≥ 1,500 a second)"
    return [
        Row(memory, in_memory, 333, "ms", bare, floor_is, by),
        Row(disk, on_disk, 667, "ms", bare, floor_is, by),
    ]


def _on_disk_ms(workload: Workload) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_cycles_ms(workload, Path(folder) / "journal.db"))


async def _cycles_ms(workload: Workload, file: Path | None) -> float:
    stage = Stage(workload, "BTC", SYMBOL, terms=STANDARD)
    journal = None if file is None else await SqlJournal.open(file, stage.clock)
    try:
        metrics = await stage.play(Rehearsal(stage, journal=journal).act)
    finally:
        if journal is not None:
            await journal.close()
    return 1e6 * metrics.seconds / metrics.steps


async def _steps_ms(workload: Workload) -> float:
    async def nothing(_: int) -> None:
        """Nobody acts."""

    metrics = await Stage(workload, "BTC", SYMBOL, terms=STANDARD).play(nothing)
    return 1e6 * metrics.seconds / metrics.steps
