"""Replays: how closely hedged and the other rules keep the value of a book, at what cost and speed.

Figures of W1, W2, W4 and W5 need their files (`hedged replay --data`), and are left out without
them. Those of the other rules are held against an independent simulation of each rule: that they
come out the same says that the replay is fair to them.
"""

import asyncio
import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from hedged.core.types import Band, Style, StyleKind
from hedged.ops import logging
from hedged.replay.jobs import OWN, Book, Job, all_replayed
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
# What costs no more than the bounds rule: at market like that, a wide band traded back to its edge
# only; with orders that rest first, a narrower one.
AT_MARKET: Final = Book(
    replace(STANDARD_HEDGE, band=Band(size=Decimal("0.024")), rebalance_to=Decimal(1))
)
RESTING: Final = Book(
    replace(STANDARD_HEDGE, band=Band(size=Decimal("0.01")), style=Style(kind=StyleKind.MAKER))
)
SPEED_STEPS: Final = 10_000

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


def replay_rows() -> list[Row]:
    """The rows of this group."""
    logging.configure(style="json", level="error")
    rows = [*_own("W0", generated_workload()), *_speed()]
    for name in ("W1", "W2", "W4", "W5") if FOLDER.is_dir() else ():
        workload = shipped_workload(name, FOLDER)
        rows += _own(name, workload)
        rows += _others(name, workload)
    return rows


def _row(what: str, figure: float, limit: float | None, unit: str, name: str) -> Row:
    return Row(what, figure, limit, unit, None, "", BY + name)


def _own(name: str, workload: Workload) -> list[Row]:
    """hedged itself: band 0.25 %, with the basis and without; one lot; on W4 a wide one."""
    jobs = [Job(OWN, Book()), Job("basis", Book(), has_basis=True), Job("lot", ONE_LOT)]
    if name == "W4":
        jobs += [Job("wide", AT_MARKET), Job("resting", RESTING)]
    if name == "W5":
        jobs.append(Job(ORACLE.name, Book(), ORACLE))
    found = {o.job.label: o.metrics for o in all_replayed(jobs, workload, lambda _: None)}
    own, lot, on = found[OWN], found["lot"], found["basis"].tracking_bps
    error, cost = LIMITS[name]
    at_lot = f"{name} --sweep band=0.0001%"
    told = f"{name}: tracking error per √day, basis off (on: {on:.1f})"
    of_lot = f"{name}: the same with a one-lot band (cost {lot.cost_bps:.2f} bps)"
    rows = [
        _row(told, own.tracking_bps, error, "bps", name),
        _row(of_lot, lot.tracking_bps, 0.05 if name == "W4" else None, "bps", at_lot),
        _row(f"{name}: cost, {own.trades} orders", own.cost_bps, cost, "bps", name),
    ]
    if name == "W1":
        rows.append(_row("W1: processor time", own.seconds, W1_S, "s", name))
    if name == "W4":
        market, resting = found["wide"], found["resting"]
        rows += _at_cost("band 2.4 % to its edge", market, "band=2.4%,rebalance_to=edge")
        rows += _at_cost('band 1 %, style "maker"', resting, "band=1%,style=maker")
    if name == "W5":
        rows += _faulty(own, found[ORACLE.name])
    return rows


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


def _others(name: str, workload: Workload) -> list[Row]:
    """How far each rule is from its reference: the worst of its three figures."""
    jobs = [
        Job(rule.name, Book(), rule, has_basis) for rule in RULES for has_basis in (False, True)
    ]
    outcomes = all_replayed(jobs, workload, lambda _: None)
    rows = []
    for off, on in zip(outcomes[::2], outcomes[1::2], strict=True):
        m, rule = off.metrics, off.job.label
        figures = (m.tracking_bps, on.metrics.tracking_bps, m.cost_bps)
        apart = [
            100 * abs(figure / wanted - 1)
            for figure, wanted in zip(figures, REFERENCE[rule][name], strict=True)
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
    in_memory = asyncio.run(_cycles_ms(short, None))
    with tempfile.TemporaryDirectory() as folder:
        on_disk = asyncio.run(_cycles_ms(short, Path(folder) / "journal.db"))
    by = "tests/bench/replay.py"
    return [
        Row("1,000 replayed cycles, journal in memory (≥ 3,000 a second)", in_memory, 333, "ms",
            None, "", by),
        Row("1,000 replayed cycles, journal in SQLite (≥ 1,500 a second)", on_disk, 667, "ms",
            None, "", by),
    ]  # fmt: skip


async def _cycles_ms(workload: Workload, file: Path | None) -> float:
    stage = Stage(workload, "BTC", SYMBOL, terms=STANDARD)
    journal = None if file is None else await SqlJournal.open(file, stage.clock)
    try:
        metrics = await stage.play(Rehearsal(stage, journal=journal).act)
    finally:
        if journal is not None:
            await journal.close()
    return 1e6 * metrics.seconds / metrics.steps
