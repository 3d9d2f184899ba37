"""Operator commands as their users type them: the same output, with the daemon alive and dead."""

import json
import signal
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from tests.houses import house
from tests.process import Exchange, Process, process, written
from tests.typed import typed

NUMBERS = count(1)  # the exchange takes a client id once
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def config(exchange: Exchange, tmp_path: Path) -> Path:
    return written(tmp_path, exchange.url, execution="live")


@pytest.fixture
def say(config: Path) -> Say:
    """Type a command; exit code, stdout and stderr."""

    return partial(typed, config=config)


def rests(exchange: Exchange, mark: str) -> str:
    """Put a working order into the account; its client id."""
    link_id = f"{mark}{next(NUMBERS):026}"
    exchange.admin(
        "order",
        account="demo",
        symbol=house().perp(),
        side="sell",
        quantity="100",
        price="90000",
        link_id=link_id,
    )
    return link_id


def resting(exchange: Exchange) -> list[str]:
    orders = exchange.admin("state")["accounts"]["demo"]["open_orders"]
    return sorted(order["link_id"] for order in orders)


def both() -> set[str]:
    """The contracts that are traded."""
    return {house().perp("BTC"), house().perp("ETH")}


def held(exchange: Exchange) -> dict[str, str]:
    positions = exchange.admin("state")["accounts"]["demo"]["positions"]
    quantities = {symbol: position["quantity"] for symbol, position in positions.items()}
    return {symbol: quantity for symbol, quantity in quantities.items() if quantity != "0"}


def opened(daemon: Process) -> None:
    for asset in ("BTC", "ETH"):
        daemon.event("cycle.done", asset=asset, reason="IN_BAND")


def test_flatten_closes_with_a_living_daemon_which_stays_flat_over_a_restart(
    exchange: Exchange, config: Path, say: Say
) -> None:
    with process("run", "-c", config, "--live") as daemon:
        opened(daemon)
        code, stdout, stderr = say("flatten")
        assert (code, stdout) == (1, "")
        assert "core: BTC/USD:BTC at main: -" in stderr
        assert "nobody to ask; say --yes" in stderr
        assert set(held(exchange)) == both()
        code, stdout, stderr = say("flatten", "core", "--yes", "--why", "exercise")
        assert (code, stderr) == (0, "")
        assert stdout == "core: the target is 0 until `hedged resume core`\ncore: closed\n"
        assert held(exchange) == {}
        while "flattened by" not in daemon.event("cycle.done", reason="IN_BAND")["why"]:
            pass
        assert daemon.end() == 0
    with process("run", "-c", config, "--live") as daemon:
        opened(daemon)
        assert held(exchange) == {}
        assert say("resume", "core")[:2] == (0, "core is hedged again\n")
        daemon.event("order.sent", instrument="BTC/USD:BTC")
        assert daemon.end() == 0
    assert house().perp() in held(exchange)


def test_flatten_closes_with_the_daemon_dead(exchange: Exchange, config: Path, say: Say) -> None:
    with process("run", "-c", config, "--live") as daemon:
        opened(daemon)
        assert daemon.end(signal.SIGKILL) == -signal.SIGKILL
    assert set(held(exchange)) == both()
    code, stdout, stderr = say("flatten", "--yes")
    assert stdout == "core: the target is 0 until `hedged resume core`\ncore: closed\n"
    assert (code, stderr) == (0, "hedged: no live daemon is running\n")
    assert held(exchange) == {}


@pytest.mark.parametrize("verb", ["cancel", "halt"])
def test_our_orders_are_cancelled_with_the_daemon_dead_and_no_others(
    verb: str, exchange: Exchange, say: Say
) -> None:
    ours, foreign = rests(exchange, "hg"), rests(exchange, "gr")
    code, stdout, stderr = say(verb, "--json")
    said = json.loads(stdout)
    assert (code, said["verb"], said["daemon"], said["done"]) == (0, verb, False, True), stderr
    assert [cancel["client_id"] for cancel in said["cancels"]] == [ours]
    assert resting(exchange) == [foreign]
    assert say("reconcile")[0] == 0
    assert f"order {foreign} is not ours; left alone" in say("reconcile")[1]
    exchange.admin("cancel", account="demo", link_id=foreign)


def test_fault_34_a_full_disk_keeps_nobody_from_cancelling_with_the_daemon_dead(
    exchange: Exchange, config: Path, say: Say
) -> None:
    ours = rests(exchange, "hg")
    (config.parent / "state").write_text("a file where a folder should be")
    code, stdout, _ = say("halt")
    assert code == 3
    assert "the halt is NOT on record" in stdout
    assert f"{ours} (BTC/USD:BTC at main): cancelled" in stdout
    assert resting(exchange) == []


def test_a_halt_is_recorded_where_no_key_can_be_read(say: Say) -> None:
    code, stdout, _ = say("halt", env={"HEDGED_DEMO_KEY": ""})
    assert code == 3
    assert stdout.startswith("trading state is halted\nworking orders were NOT cancelled: ")
    assert say("resume", env={"HEDGED_DEMO_KEY": ""})[:2] == (0, "trading state is active\n")


@pytest.mark.parametrize("verb", ["cancel", "reconcile", "flatten", "release"])
def test_a_dry_run_refuses_in_one_line(verb: str, config: Path, say: Say) -> None:
    config.write_text(config.read_text().replace('"live"', '"dry-run"'))
    code, stdout, stderr = say(verb, *(("hg1",) if verb == "release" else ()))
    assert (code, stdout) == (78, "")
    assert 'the file says "dry-run"' in stderr
    assert stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("flatten", "corr", "--yes"), 1, "there is no book 'corr'; there are: core"),
        (("release", "hg1", "--yes"), 1, "'hg1' is not an order of the journal"),
        (("resume", "core"), 1, "'core' is not a flattened book"),
        (("ack",), 1, "nothing there to acknowledge"),
        (("halt", "--why", "x" * 501), 2, "at most 500 printable characters"),
        (("halt", "--why", "a\nb"), 2, "at most 500 printable characters"),
        (("release",), 2, "Missing argument"),
    ],
)
def test_wrong_input_is_refused_and_changes_nothing(
    words: tuple[str, ...], code: int, message: str, exchange: Exchange, say: Say
) -> None:
    before = held(exchange)
    done, stdout, stderr = say(*words)
    assert (done, stdout) == (code, "")
    assert message in " ".join(stderr.replace("│", " ").split())
    assert "Traceback" not in stderr
    assert held(exchange) == before
