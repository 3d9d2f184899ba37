"""The service as its users run it: installed by the script, on a booted systemd.

The tests tell one story, in their order: installed, started in dry-run, unlocked for live, killed,
blocked, halted, stopped, uninstalled. The embedded exchange is the witness of what was traded.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.deploy import bed
from tests.deploy.bed import Machine, awaited
from tests.process import Exchange

pytestmark = pytest.mark.deploy

UNIT = "hedged@main.service"
CONFIG = """
environment = "sim"
execution = "live"

[venues.main]
exchange = "bybit"
api_key = "credential:api_key"
secret = "credential:secret"
url = "{url}"
timeout = "2s"

[books.core]
poll = "1s"

[[books.core.hedges]]
asset = "BTC"
spot = ["main"]
venue = "main"
instrument = "BTC/USD:BTC"
"""
# Sleeps in a signal handler: the event loop stands still, as in any call that blocks.
BLOCK = """
import signal, time
signal.signal(signal.SIGUSR2, lambda *_: time.sleep(600))
"""


@pytest.fixture(scope="module")
def machine(ground: Path) -> Iterator[Machine]:
    tree = bed.copy_of(bed.debian(ground), ground / "machine")
    with bed.booted(tree, "hedged-test-machine") as up:
        up.run("/src/deploy/install.sh", env={"PIP_CERT": bed.CA_IN_THERE})
        yield up


@pytest.fixture(scope="module")
def exchange(machine: Machine) -> Exchange:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sim = ("/opt/hedged/current/bin/hedged", "sim", "--port", str(port))
    machine.run("systemd-run", "--unit=exchange", "--property=DynamicUser=yes", *sim)
    running = Exchange(f"http://127.0.0.1:{port}")
    awaited("the exchange", lambda: running.admin("state"))
    machine.write("/etc/hedged/main.toml", CONFIG.format(url=running.url))
    machine.write("/etc/hedged/main.api_key", "demo-key\n", 0o600)
    machine.write("/etc/hedged/main.secret", "demo-secret\n", 0o600)
    return running


@pytest.fixture(autouse=True)
def story(machine: Machine, request: pytest.FixtureRequest) -> Iterator[None]:
    """What the service said belongs to a failure."""
    yield
    if request.session.testsfailed:
        print(machine.run("journalctl", "--no-pager", "-n", "60", check=False).stdout)  # noqa: T201


def status(machine: Machine) -> str:
    return machine.show(UNIT, "StatusText")


def says(machine: Machine, *texts: str) -> str:
    """The service's status, once it contains the texts."""

    def look() -> str:
        said = status(machine)
        return said if all(text in said for text in texts) else ""

    return awaited(f"a status with {texts}", look)


def entries(machine: Machine, *options: str) -> list[dict[str, Any]]:
    """What the service told the journal, and what systemd said of it."""
    done = machine.run("journalctl", "-u", UNIT, "-o", "json", "--no-pager", *options)
    return [json.loads(line) for line in done.stdout.splitlines()]


def told(machine: Machine, *options: str) -> list[dict[str, Any]]:
    """What the service itself told the journal."""
    return [entry for entry in entries(machine, *options) if "HEDGED_EVENT" in entry]


def position_usd(exchange: Exchange) -> float:
    held = exchange.admin("state")["accounts"]["demo"]["positions"]
    return float(held["BTCUSD"]["quantity"]) if "BTCUSD" in held else 0.0


def hedged_coins(exchange: Exchange, coins: float) -> bool:
    """Whether the short covers so many coins bought at about the opening price."""
    return abs(position_usd(exchange) + coins * 65_000) < 2_500


def restarts(machine: Machine) -> int:
    return int(machine.show(UNIT, "NRestarts"))


def test_installing_again_changes_nothing(machine: Machine) -> None:
    installed = machine.run("ls", "/opt/hedged").stdout
    marks = machine.run("stat", "-c", "%n %Y", "/opt/hedged/current/bin/hedged").stdout
    machine.run("/src/deploy/install.sh", env={"PIP_CERT": bed.CA_IN_THERE})
    assert machine.run("ls", "/opt/hedged").stdout == installed
    assert machine.run("stat", "-c", "%n %Y", "/opt/hedged/current/bin/hedged").stdout == marks


@pytest.mark.parametrize("unit", ["hedged@main.service", "hedged-ctl@main.service"])
def test_the_units_are_clean_and_closed(machine: Machine, unit: str) -> None:
    checked = machine.run("systemd-analyze", "verify", "--recursive-errors=no", unit)
    assert checked.stderr == ""
    machine.run("systemd-analyze", "security", "--threshold=15", unit)


def test_it_starts_in_dry_run_and_says_what_it_does(machine: Machine, exchange: Exchange) -> None:
    machine.run("systemctl", "enable", "--now", UNIT)
    assert machine.show(UNIT, "ActiveState") == "active"
    assert says(machine, "BTC ABOVE_BAND").startswith("dry-run on sim; core: ")
    assert position_usd(exchange) == 0


def test_keys_and_state_are_its_own(machine: Machine, exchange: Exchange) -> None:
    pid = machine.show(UNIT, "MainPID")
    uid = int(machine.run("ps", "-o", "uid=", "-p", pid).stdout)
    assert 61184 <= uid <= 65519  # a dynamic user of systemd's
    assert "demo" not in machine.run("cat", f"/proc/{pid}/environ", f"/proc/{pid}/cmdline").stdout
    stranger = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "cat")
    for kept in (
        "/etc/hedged/main.secret",
        "/run/credentials/hedged@main.service/secret",
        "/var/lib/private/hedged/main/journal-sim.db.lock",
    ):
        assert "Permission denied" in machine.run(*stranger, kept, check=False).stderr
    assert "NoNewPrivs:\t1" in machine.run("cat", f"/proc/{pid}/status").stdout
    assert "CapEff:\t0000000000000000" in machine.run("cat", f"/proc/{pid}/status").stdout
    assert exchange.url not in status(machine)


def test_a_reload_reads_the_configuration_anew(machine: Machine, exchange: Exchange) -> None:
    before = restarts(machine)
    for poll, event in (("nonsense", "reload.refused"), ("2s", "reload.done")):
        text = CONFIG.format(url=exchange.url).replace('poll = "1s"', f'poll = "{poll}"')
        machine.write("/etc/hedged/main.toml", text)
        machine.run("systemctl", "reload", UNIT)
        awaited(event, lambda event=event: told(machine, f"HEDGED_EVENT={event}"))  # type: ignore[misc] # each its own
    machine.write("/etc/hedged/main.toml", CONFIG.format(url=exchange.url))
    assert restarts(machine) == before


def test_a_drop_in_lets_it_trade(machine: Machine, exchange: Exchange) -> None:
    machine.run(
        "install",
        "-D",
        "-m",
        "644",
        "/src/deploy/systemd/live.conf",
        f"/etc/systemd/system/{UNIT}.d/live.conf",
    )
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", UNIT)
    says(machine, "live on sim", "BTC IN_BAND")
    assert hedged_coins(exchange, 5)


def test_the_journal_has_fields_to_filter_by(machine: Machine, exchange: Exchange) -> None:
    said = told(machine)
    assert {entry["SYSLOG_IDENTIFIER"] for entry in said} == {"hedged@main"}
    assert {entry["_TRANSPORT"] for entry in said} == {"journal"}
    (sent, *_) = told(machine, "HEDGED_EVENT=order.sent", "HEDGED_SIDE=sell")
    assert sent["PRIORITY"] == "6"
    assert sent["HEDGED_INSTRUMENT"] == "BTC/USD:BTC"
    assert sent["MESSAGE"].startswith("order.sent client_id=hg")
    verdicts = told(machine, "HEDGED_BOOK=core", "HEDGED_REASON=IN_BAND")
    assert {entry["HEDGED_ASSET"] for entry in verdicts} == {"BTC"}
    grave = told(machine, "-p", "warning")
    assert {entry["PRIORITY"] for entry in grave} <= {"2", "3", "4"}
    assert "execution.notice" in {entry["HEDGED_EVENT"] for entry in grave}  # no --live at first
    assert "demo-secret" not in machine.run("journalctl", "-u", UNIT, "--no-pager").stdout
    assert position_usd(exchange) < 0


def test_fault_27_killed_with_an_order_in_flight_it_comes_back_and_sends_no_second(
    machine: Machine, exchange: Exchange
) -> None:
    before = restarts(machine)
    exchange.admin("fault", kind="hang", path="/v5/order/create", accepted=True)
    exchange.admin("deposit", account="demo", coin="BTC", amount="1")
    awaited("the order at the exchange", lambda: hedged_coins(exchange, 6))
    machine.run("systemctl", "kill", "--signal=KILL", UNIT)
    awaited("a restart", lambda: restarts(machine) == before + 1)
    says(machine, "live on sim", "BTC IN_BAND")
    assert hedged_coins(exchange, 6)
    assert exchange.admin("state")["accounts"]["demo"]["open_orders"] == []


def test_fault_30_a_blocked_loop_is_restarted(machine: Machine, exchange: Exchange) -> None:
    machine.write("/opt/block/sitecustomize.py", BLOCK)
    machine.write(
        f"/etc/systemd/system/{UNIT}.d/block.conf",
        "[Service]\nWatchdogSec=5\nEnvironment=PYTHONPATH=/opt/block\n",
    )
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", UNIT)
    says(machine, "BTC IN_BAND")
    held, before = position_usd(exchange), restarts(machine)
    machine.run("systemctl", "kill", "--kill-whom=main", "--signal=USR2", UNIT)
    awaited("a restart", lambda: restarts(machine) == before + 1)
    assert any("Watchdog timeout" in str(entry["MESSAGE"]) for entry in entries(machine))
    says(machine, "BTC IN_BAND")
    assert position_usd(exchange) == held
    machine.run("rm", f"/etc/systemd/system/{UNIT}.d/block.conf")
    machine.run("systemctl", "daemon-reload")


def test_an_operator_reaches_the_living_daemon(machine: Machine, exchange: Exchange) -> None:
    before = restarts(machine)
    why = """it's "odd": $HOME `id` 100 % \\ ; Zürich*"""
    done = machine.run("hedged-ctl", "main", "halt", "--why", why)
    assert done.stdout.startswith("trading state is halted\n")
    says(machine, "halted, BTC")
    exchange.admin("deposit", account="demo", coin="BTC", amount="1")
    says(machine, "halted, BTC ABOVE_BAND")
    shown = machine.run("hedged-ctl", "main", "journal", "export", "--format", "json").stdout
    halts = [e["event"] for e in json.loads(shown)["entries"] if e["kind"] == "state-change"]
    assert [(halt["state"], halt["why"]) for halt in halts] == [("halted", why)]
    assert (restarts(machine), machine.show(UNIT, "ActiveState")) == (before, "active")
    assert hedged_coins(exchange, 6)


def test_fault_28_it_stops_in_time_with_an_order_in_flight(
    machine: Machine, exchange: Exchange
) -> None:
    exchange.admin("fault", kind="hang", path="/v5/order/create", accepted=True)
    machine.run("hedged-ctl", "main", "resume")
    awaited("the order at the exchange", lambda: hedged_coins(exchange, 7))
    machine.run("systemctl", "stop", UNIT)
    assert machine.show(UNIT, "Result") == "success"
    assert machine.show(UNIT, "ExecMainCode") == "1"  # it exited; no signal ended it
    assert hedged_coins(exchange, 7)


def test_an_operator_closes_the_hedge_of_a_dead_daemon(
    machine: Machine, exchange: Exchange
) -> None:
    assert machine.show(UNIT, "ActiveState") == "inactive"
    machine.run("hedged-ctl", "main", "cancel")
    machine.run("hedged-ctl", "main", "flatten", "--yes", "--why", "leaving")
    assert position_usd(exchange) == 0
    machine.run("systemctl", "start", UNIT)
    says(machine, "core: BTC")
    assert position_usd(exchange) == 0  # and it stays closed until somebody resumes
    machine.run("hedged-ctl", "main", "resume", "core")
    awaited("the hedge", lambda: hedged_coins(exchange, 7))
    machine.run("systemctl", "stop", UNIT)


def test_an_operator_commands_a_dead_daemon(machine: Machine, exchange: Exchange) -> None:
    done = machine.run("hedged-ctl", "main", "halt", "--why", "maintenance")
    assert "no live daemon is running" in done.stdout
    machine.run("systemctl", "start", UNIT)
    says(machine, "halted, BTC")
    machine.run("hedged-ctl", "main", "resume")
    says(machine, "core: BTC")
    assert hedged_coins(exchange, 7)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "usage: hedged-ctl NAME COMMAND"),
        (("nobody", "halt"), 2, "the names here: main"),
        (("main", "hald"), 2, "No such command 'hald'"),
        (("main", "ack"), 1, "nothing there to acknowledge"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(
    machine: Machine, exchange: Exchange, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = machine.run("hedged-ctl", *arguments, check=False)
    assert done.returncode == code
    assert said in done.stdout + done.stderr
    assert exchange.url


def test_a_bad_configuration_is_no_loop(machine: Machine, exchange: Exchange) -> None:
    machine.write("/etc/hedged/typo.toml", CONFIG.format(url=exchange.url).replace("poll", "pol"))
    for kind in ("api_key", "secret"):
        machine.run("cp", "-p", f"/etc/hedged/main.{kind}", f"/etc/hedged/typo.{kind}")
    assert machine.run("systemctl", "start", "hedged@typo", check=False).returncode
    awaited("its end", lambda: machine.show("hedged@typo", "ActiveState") == "failed")
    assert machine.show("hedged@typo", "ExecMainStatus") == "78"
    assert machine.show("hedged@typo", "NRestarts") == "0"
    told = machine.run("journalctl", "-u", "hedged@typo", "--no-pager").stdout
    assert "did you mean `poll`?" in told
    assert "Traceback" not in told


def test_a_second_instance_on_the_same_account_is_refused(
    machine: Machine, exchange: Exchange
) -> None:
    for kind in ("toml", "api_key", "secret"):
        machine.run("cp", "-p", f"/etc/hedged/main.{kind}", f"/etc/hedged/rival.{kind}")
    machine.run(
        "install",
        "-D",
        "/src/deploy/systemd/live.conf",
        "/etc/systemd/system/hedged@rival.service.d/live.conf",
    )
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", "hedged@rival", check=False)
    awaited(
        "the refusal",
        lambda: (
            "the account of venue main is in use by process"
            in machine.run("journalctl", "-u", "hedged@rival", "--no-pager").stdout
        ),
    )
    machine.run("systemctl", "stop", "hedged@rival")
    assert hedged_coins(exchange, 7)


def test_uninstalling_keeps_what_is_the_users(machine: Machine, exchange: Exchange) -> None:
    machine.run("/src/deploy/install.sh", "--uninstall")
    assert machine.run("systemctl", "is-active", UNIT, check=False).stdout == "inactive\n"
    for gone in (
        "/opt/hedged",
        "/usr/local/bin/hedged",
        "/usr/local/bin/hedged-ctl",
        "/etc/systemd/system/hedged@.service",
    ):
        assert machine.run("ls", "-d", gone, check=False).returncode
    for kept in (
        "/etc/hedged/main.toml",
        "/etc/hedged/main.secret",
        "/var/lib/private/hedged/main/journal-sim.db",
    ):
        machine.run("ls", kept)
    assert hedged_coins(exchange, 7)  # the hedge is never closed on the way out
