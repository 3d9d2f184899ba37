"""Two books on one venue that answers slowly: it is opened once, and all of it is closed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.houses import House
from tests.process import Exchange, embedded_exchange, hedged, process, written

SECOND = """
[books.second]
poll = "0.2s"

[[books.second.hedges]]"""


@pytest.fixture
def far(at_home: House) -> Iterator[Exchange]:
    with embedded_exchange("--latency", "0.1") as running:
        yield running


def two_books(folder: Path, url: str) -> Path:
    """BTC in the first book, ETH in the second."""
    path = written(folder, url)
    first, eth = path.read_text().rsplit("[[books.core.hedges]]", 1)
    path.write_text(f"{first}{SECOND}{eth}")
    return path


def test_plan_opens_a_shared_venue_once(far: Exchange, tmp_path: Path) -> None:
    done = hedged("plan", "-c", two_books(tmp_path, far.url))
    assert done.returncode == 0, done.stderr
    assert "Unclosed" not in done.stderr + done.stdout
    assert done.stdout.count("ABOVE_BAND") == 2


def test_run_opens_a_shared_venue_once(far: Exchange, tmp_path: Path) -> None:
    with process("run", "-c", two_books(tmp_path, far.url)) as daemon:
        for book in ("core", "second"):
            daemon.event("cycle.done", book=book, reason="IN_BAND")
        assert daemon.end() == 0
    assert not [line for line in daemon.lines if "Unclosed" in line]
    cycles = [e for e in daemon.events() if e["event"] == "cycle.done"]
    assert {e["reason"] for e in cycles} <= {"ABOVE_BAND", "IN_BAND"}
