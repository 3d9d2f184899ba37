"""`make bench`: measures hedged and writes docs/benchmarks.md.

Machines are shared and noisy, so each figure is a median and stands beside a floor measured in
the same run: the least that the same work could cost here.
"""

import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.alerts import alert_rows
from tests.bench.cycle import cycle_rows
from tests.bench.decide import decide_rows
from tests.bench.execution import execution_rows
from tests.bench.halt import halt_rows
from tests.bench.invariants import invariant_rows
from tests.bench.journal import journal_rows
from tests.bench.memory import memory_rows
from tests.bench.process import process_rows
from tests.bench.replay import replay_rows
from tests.bench.report import report_rows
from tests.bench.row import Row
from tests.bench.sim import sim_rows
from tests.bench.web import web_rows

PAGE = Path(__file__).resolve().parents[2] / "docs/benchmarks.md"
MEASURES: dict[str, Callable[[], list[Row]]] = {
    "decide": decide_rows,
    "cycle": cycle_rows,
    "journal": journal_rows,
    "execution": execution_rows,
    "halt": halt_rows,
    "alerts": alert_rows,
    "invariants": invariant_rows,
    "sim": sim_rows,
    "replay": replay_rows,
    "report": report_rows,
    "process": process_rows,
    "web": web_rows,
}
LONG = {"memory": memory_rows}  # half an hour and more, so only by name

INTRODUCTION = """# Benchmarks

Written by `make bench`; `make bench ARGS=decide` prints one group without writing it down, with
`ARGS="--write decide"` it writes that group alone.
All figures are medians. The floor is the least that the same work could cost, measured in the
same run, so that a noisy machine does not pass for a slow program.
"""
TABLE = """
## {name}

Measured on {date}: {machine}.

| what | median | limit | floor | × floor | measured by |
|---|---|---|---|---|---|
{rows}
"""


def machine() -> str:
    """Processor, cores, system and Python, as the machine names them."""
    info = Path("/proc/cpuinfo")
    names = [
        line.partition(":")[2].strip()
        for line in (info.read_text().splitlines() if info.is_file() else [])
        if line.startswith("model name")
    ]
    model = names[0] if names else platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{model}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def write(name: str, rows: list[Row]) -> None:
    """Put a group's table in the place of its last one; the others stay."""
    _, *tables = PAGE.read_text().split("\n## ") if PAGE.exists() else [""]
    kept = {table.partition("\n")[0]: f"\n## {table}" for table in tables}
    kept[name] = TABLE.format(
        name=name,
        date=datetime.now(UTC).date(),
        machine=machine(),
        rows="\n".join(row.line() for row in rows),
    )
    known = [kept[group] for group in MEASURES if group in kept]
    PAGE.write_text(INTRODUCTION + "".join(table.rstrip("\n") + "\n" for table in known))


def main() -> int:
    """Measure what is asked for, all of it when nothing is; 1 when a limit is missed."""
    wanted = [word for word in sys.argv[1:] if word != "--write"]
    writes = not wanted or "--write" in sys.argv
    missed = False
    for name in wanted or MEASURES:
        rows = (MEASURES | LONG)[name]()
        for row in rows:
            print(row.line())
        if writes and name in MEASURES:
            write(name, rows)
        missed |= any(row.missed for row in rows)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
