"""Reports: a year of five assets, as the journal keeps it, by the command that users type."""

import itertools
import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from statistics import median

from hedged.store.writer import Writer
from tests.bench.row import Row
from tests.core.any_event import START
from tests.process import KEYS, written
from tests.report.made_up import journal

ASSETS, DAYS, FLOWS_A_DAY = 5, 365, 10.0
TIMES = 3
CYCLES_A_DAY = 8640  # at a look every 10 s
BY = "tests/bench/report.py"
# Runs a command, then says how much memory it took at most, in megabytes.
MEASURED = (
    "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:]).returncode; "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024); sys.exit(code)"
)


def filled(path: Path) -> int:
    """Write the year; how many entries it has."""
    writer, count = Writer(path), 0
    writer.open(START)
    entries = journal(ASSETS, DAYS, flows_a_day=FLOWS_A_DAY)
    for at, hour in itertools.groupby(entries, key=attrgetter("at")):
        count += len(writer.write([entry.event for entry in hour], at))
    writer.close()
    return count


def reported(config: Path, *options: str) -> tuple[float, float]:
    """Seconds and megabytes that a report of all of it takes."""
    command = [sys.executable, "-m", "hedged", "report", "-c", str(config), "--offline", *options]
    env = {**os.environ, **KEYS, "STATE_DIRECTORY": str(config.parent / "state")}
    until = f"{START + timedelta(days=DAYS + 1):%Y-%m-%d}"
    begin = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", MEASURED, *command, "--to", until],
        env=env,
        check=True,
        capture_output=True,
        text=True,
    )
    return time.perf_counter() - begin, float(done.stdout.splitlines()[-1])


def report_rows() -> list[Row]:
    """The rows of this group."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = written(folder, "http://127.0.0.1:1")
        (folder / "state").mkdir()
        count = filled(folder / "state/journal-sim.db")
        page = [reported(config, "-o", str(folder / "year.html")) for _ in range(TIMES)]
        tax = [reported(config, "--tax", "-o", str(folder / "tax.csv")) for _ in range(TIMES)]
    year = f"of a year of {ASSETS} assets, {CYCLES_A_DAY * DAYS:,} cycles and {count:,} entries"
    return [
        Row(f"report {year}, as a page", median(s for s, _ in page), 60, "s", None, "", BY),
        Row("its memory", median(mb for _, mb in page), 1024, "MB", None, "", BY),
        Row(f"tax rows {year}", median(s for s, _ in tax), 60, "s", None, "", BY),
    ]
