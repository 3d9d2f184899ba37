"""Killed with SIGKILL at every point of its work, the daemon converges when it starts again.

A daemon starts on an account with 5 BTC, 50 ETH and an orphan, opens its hedges, cancels the
orphan, moves collateral in from the funding account and is stopped. It is killed at the first point
of that, with another exchange at the second, and so on until a run reaches its end alive; then it
starts again. The exchange is the witness: one order per hedge, each booked once, no transfer made
twice, nothing left working.
"""

import ast
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from hedged.core.events import Fill
from hedged.ports import Selection
from hedged.store.reading import entries_in
from tests.houses import house
from tests.process import EndedError, Exchange, embedded_exchange, process, written

SOURCE = Path(__file__).parents[2] / "hedged"
ORPHAN = "hg0orphan"
SENDS = re.compile(r"venues?(\[.*\])?\.(submit|cancel|move)\(|_writer\.(write|keep|prune)\(")


ETHER = 'asset = "ETH"\nspot = ["main"]'
MOVING = """asset = "ETH"
spot = [{ venue = "main", accounts = ["trading", "funding"] }]
transfers = { account = "funding" }
limits = { max_leverage = 20 }"""


def points() -> Iterator[str]:
    """The names of all failpoints in the source."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "point":
                if isinstance(node.args[0], ast.Constant):
                    yield str(node.args[0].value)
                else:
                    raise AssertionError(f"{path}:{node.lineno}: a failpoint has a plain name")


def test_a_failpoint_stands_before_and_after_every_write_and_every_send() -> None:
    bare, guarded = [], 0
    engine = [p for p in sorted((SOURCE / "engine").glob("*.py")) if not p.stem.startswith("trial")]
    for path in [*engine, SOURCE / "store" / "journal.py"]:  # a trial keeps no journal
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            if not SENDS.search(line):
                continue
            around = f"{lines[number - 1]} {lines[number + 1]}"
            guarded += 1
            if not re.search(r'point\("(\w+)\.before"\).*point\("\1\.after"\)', around):
                bare.append(f"{path.name}:{number + 1}")
    assert bare == []
    assert guarded >= 6


SENT = ("after", "before")


def is_killed(config: Path, failpoint: str = "") -> bool:
    """Run to the end, or to the point where it is killed."""
    with process("run", "-c", config, "--live", HEDGED_FAILPOINT=failpoint) as daemon:
        with suppress(EndedError):
            for asset in ("BTC", "ETH"):
                daemon.event("cycle.done", asset=asset, reason="IN_BAND")
        code = daemon.end()
        assert code in {0, -signal.SIGKILL}, daemon.lines
        return code == -signal.SIGKILL


def has_converged(exchange: Exchange, config: Path) -> None:
    """What the exchange knows of the account, and what the journal does."""
    account = exchange.admin("state")["accounts"]["demo"]
    assert account["open_orders"] == []
    bitcoin, ether = house().perp("BTC"), house().perp("ETH")
    assert abs(float(account["positions"][bitcoin]["quantity"]) + 325_000) < 1_000
    assert abs(float(account["positions"][ether]["quantity"]) + 175_000) < 1_000
    orders: dict[str, set[str]] = {}
    for event in exchange.admin("events")["events"]:
        if event["kind"] == "order" and event["account"] == "demo":
            orders.setdefault(event["subject"], set()).add(event["reference"])
    assert {key: len(found) for key, found in orders.items()} == {bitcoin: 2, ether: 1}
    moved = {
        event["reference"]
        for event in exchange.admin("events")["events"]
        if event["kind"] == "transfer" and not event["reference"].startswith("operator")
    }
    assert len(moved) <= 1
    database = config.parent / "state" / "journal-sim.db"
    booked = [entry for entry in entries_in(database, Selection()) if isinstance(entry.event, Fill)]
    assert len(booked) == account["fills"]


@pytest.mark.proof
@pytest.mark.parametrize("place", sorted(set(points())))
def test_fault_27_a_kill_at_any_point_converges_without_a_duplicate(
    place: str, tmp_path: Path
) -> None:
    assert_converges(place, tmp_path, moves=True)


@pytest.mark.proof
@pytest.mark.houses("binance")
@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize(
    "place", [f"{what}.{when}" for what in ("cancel", "send", "transfer") for when in SENT]
)
def test_fault_27_a_kill_around_what_is_sent_converges_where_wallets_lie_apart(
    place: str, tmp_path: Path
) -> None:
    assert_converges(place, tmp_path, moves=place.startswith("transfer"))


def assert_converges(place: str, tmp_path: Path, *, moves: bool) -> None:
    """Kill a daemon at one place after the other; whether it also `moves` collateral."""
    killed = 0
    for number in count(1):
        folder = tmp_path / str(number)
        folder.mkdir()
        with embedded_exchange() as exchange:
            config = written(folder, exchange.url, execution="live")
            if moves:
                config.write_text(config.read_text().replace(ETHER, MOVING))
                exchange.admin("transfer", account="demo", coin="ETH", amount="40")
            exchange.admin(
                "order",
                account="demo",
                symbol=house().perp(),
                side="buy",
                quantity="100",
                price="60000",
                link_id=ORPHAN,
            )
            if not is_killed(config, f"{place}:{number}"):
                break
            killed += 1
            assert not is_killed(config)
            has_converged(exchange, config)
    print(f"\n{place}: killed at {killed} points")
    assert killed, f"no run reaches {place}: nothing is proven of it"
