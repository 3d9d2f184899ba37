"""The daemon as a process: how soon it decides, how much memory it holds; and the test suite."""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.bench.row import Row
from tests.process import embedded_exchange, process, written

STARTS = 7
SETTLED_CYCLES = 60
BARE = "import aiohttp, pydantic, structlog"


def seconds_to_decision(config: Path) -> float:
    """From spawn to the first verdict in the log."""
    began = time.perf_counter()
    with process("run", "-c", config, is_fresh=True) as daemon:
        daemon.event("cycle.done")
        return time.perf_counter() - began


def seconds_bare() -> float:
    """A Python that only imports the libraries that any such daemon needs."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", BARE], check=True)  # noqa: S603 - our own command
    return time.perf_counter() - began


def resident_mb(pid: int) -> float:
    """Resident memory of a running process."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else float("nan")


def settled_mb(config: Path) -> float:
    """Resident memory of the daemon after many cycles."""
    with process("run", "-c", config, is_fresh=True) as daemon:
        for _ in range(SETTLED_CYCLES):
            daemon.event("cycle.done", asset="BTC")
        return resident_mb(daemon.popen.pid)


def bare_mb() -> float:
    """Resident memory of a Python with the same libraries, doing nothing."""
    code = f"{BARE}; print(open('/proc/self/status').read())"
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    found = re.search(r"VmRSS:\s+(\d+) kB", done.stdout)
    return int(found.group(1)) / 1024 if found else float("nan")


def suite_minutes() -> float:
    """`make test`, without the making of its environment."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "pytest", "-q"], check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) / 60


def process_rows() -> list[Row]:
    """The rows of this group."""
    by = "tests/bench/process.py"
    with tempfile.TemporaryDirectory() as folder, embedded_exchange() as exchange:
        config = written(Path(folder), exchange.url)
        seconds_to_decision(config)  # warms the bytecode
        started = [(seconds_to_decision(config), seconds_bare()) for _ in range(STARTS)]
        held = settled_mb(config)
    return [
        Row(
            what="start to first decision, warm bytecode",
            median=median(start for start, _ in started),
            limit=3,
            unit="s",
            floor=median(bare for _, bare in started),
            floor_is="Python importing the libraries",
            measured_by=by,
        ),
        Row(
            what="resident memory with one venue, after 60 cycles",
            median=held,
            limit=150,
            unit="MB",
            floor=bare_mb(),
            floor_is="Python with the libraries",
            measured_by=by,
        ),
        Row(
            what="`make test`",
            median=suite_minutes(),
            limit=3,
            unit="min",
            floor=None,
            floor_is="",
            measured_by=by,
        ),
    ]
