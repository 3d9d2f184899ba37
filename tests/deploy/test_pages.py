"""An operator follows the pages on a machine of their own, from the first line to the last.

Installation, day 1, a deposit, a trade by hand, a halt, a crash, maintenance, another
configuration, another key, an upgrade and back, another machine: every line that the pages show is
typed as it stands, in its order. The exchange is the embedded one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from tests.deploy import bed
from tests.deploy.bed import Machine, awaited
from tests.docs.shown import Ground, to_run
from tests.houses import HOUSES, House, in_house
from tests.process import Exchange, embedded_exchange

pytestmark = pytest.mark.deploy

HERE: Final = "/root/hedged"  # the checkout
CONFIG: Final = "/etc/hedged/main.toml"
LAST: Final = "deploy/install.sh"  # uninstalls
PAGES: Final = to_run(Ground.MACHINE)


@dataclass
class Operator:
    """Somebody with a page, a shell and an account."""

    machine: Machine
    exchange: Exchange
    home: House
    failed: list[str] = field(default_factory=list)

    def meant(self, line: str) -> str:
        """The line with what the page leaves to its reader."""
        before = self.machine.run("ls", "-t", "/opt/hedged", check=False).stdout.split()
        for shown, put_in in {
            "KEYFILE": "/root/key",
            "SECRETFILE": "/root/secret",
            "hedged init ": f"hedged init --environment sim --url {self.exchange.url} --web '' ",
            "--exchange bybit": f"--exchange {self.home.name}",
            "VERSION-DIGEST": next((name for name in before[1:] if "-" in name), ""),
            "1234567": "demo",
        }.items():
            line = line.replace(shown, put_in)
        return line

    def type_in(self, line: str) -> str:
        """Type a line; Ctrl-C after a second where it would go on."""
        if line in BEFORE:
            BEFORE[line](self)
        goes_on = " -f" in line
        shell = ("timeout", "--preserve-status", "-s", "INT", "1") if goes_on else ()
        typed = f"cd {HERE} && {self.meant(line)}"
        done = self.machine.run(*shell, "bash", "-c", typed, check=False)
        said = done.stdout + done.stderr
        code, text = ANSWERS.get(line, (0, ""))
        is_well = text in said and done.returncode in ({0, 130} if goes_on else {code})
        if not is_well or "Traceback" in said:
            self.failed.append(f"$ {line}\n{said}{done.returncode}")
        return said

    def status_says(self, text: str) -> None:
        """Wait until the service's status line contains the text."""
        awaited(text, lambda: text in self.machine.show("hedged@main", "StatusText"))

    @property
    def position_usd(self) -> float:
        """What the account holds."""
        held = self.exchange.admin("state")["accounts"]["demo"]["positions"]
        symbol = self.home.perp()
        return float(held[symbol]["quantity"]) if symbol in held else 0.0


def unlocks(operator: Operator) -> None:
    """Beside live.conf, the page asks for `execution = "live"` in the file."""
    text = operator.machine.run("cat", CONFIG).stdout
    operator.machine.write(CONFIG, text.replace('execution = "dry-run"', 'execution = "live"'))


def has_another_key(operator: Operator) -> None:
    """Made at the venue; the one before opens nothing any more once this one is in use."""
    key = f"key-{int(operator.machine.run('date', '+%s%N').stdout)}"
    operator.exchange.admin("rotate", account="demo", api_key=key)
    operator.machine.write("/root/key", f"{key}\n")


def has_a_trial_account(operator: Operator) -> None:
    """For an instance `testnet`, whose daemon is stopped."""
    machine, exchange = operator.machine, operator.exchange
    exchange.admin("account", account="trial", api_key="trial-key", secret="trial-secret")
    exchange.admin("deposit", account="trial", coin="BTC", amount="1")
    text = machine.run("cat", CONFIG).stdout
    machine.write("/etc/hedged/testnet.toml", text)
    machine.write("/etc/hedged/testnet.api_key", "trial-key\n", 0o600)
    machine.write("/etc/hedged/testnet.secret", "trial-secret\n", 0o600)


def traded_by_hand(operator: Operator) -> None:
    """In the hedge's instrument."""
    trade = {"account": "demo", "symbol": operator.home.perp(), "side": "buy"}
    operator.exchange.admin("trade", **trade, quantity="5000")
    operator.status_says("BTC EXTERNAL_CHANGE")


def has_a_newer_checkout(operator: Operator) -> None:
    """One file differs."""
    operator.machine.run("bash", "-c", f"echo '# newer' >> {HERE}/hedged/packaged.py")


def is_at_the_new_machine(operator: Operator) -> None:
    """It has no state yet."""
    operator.machine.run("rm", "-r", "/var/lib/private/hedged")


# What the prose around a line says, or has happened when somebody types it.
BEFORE: Final[dict[str, Callable[[Operator], None]]] = {
    "sudo install -m 600 KEYFILE /etc/hedged/main.api_key": has_another_key,
    "sudo systemctl restart hedged@main": unlocks,
    "sudo hedged-ctl testnet certify --venue main": has_a_trial_account,
    'sudo hedged-ctl main ack --why "closed a part by hand"': traded_by_hand,
    "sudo cp -a /var/lib/private/hedged/main /root/hedged-main-before": has_a_newer_checkout,
    "sudo mkdir -p -m 700 /var/lib/private/hedged": is_at_the_new_machine,
}
# What is no success here: the embedded exchange is no mainnet, and nobody is to be told of alerts.
ANSWERS: Final = {
    "sudo hedged-ctl main arm core --yes --account 1234567": (1, "only mainnet needs arming"),
    "sudo hedged-ctl main disarm core": (1, "not an armed book"),
    "sudo hedged-ctl main doctor": (3, "nobody is told when it goes wrong"),
}


@pytest.fixture(scope="module", params=HOUSES, ids=lambda home: home.name)
def operator(ground: Path, request: pytest.FixtureRequest) -> Iterator[Operator]:
    home: House = request.param
    name = f"hedged-test-{home.name}"
    tree = bed.copy_of(bed.debian(ground), ground / name)
    bed.checked_out(tree / HERE[1:])
    with (
        in_house(home),
        bed.booted(tree, name) as machine,
        embedded_exchange() as exchange,
    ):
        machine.write("/etc/pip.conf", f"[global]\ncert = {bed.CA_IN_THERE}\n")
        machine.write("/etc/hosts", "127.0.0.1 localhost vm\n")
        machine.write("/root/secret", "demo-secret\n")
        yield Operator(machine, exchange, home)


def in_order(page: str) -> tuple[bool, bool, str]:
    """As somebody comes upon them."""
    return (page == LAST, not page.startswith("docs/"), page)


ORDER: Final[list[str]] = sorted(PAGES, key=in_order)


@pytest.mark.parametrize("page", ORDER)
def test_a_page_can_be_followed_to_its_end(operator: Operator, page: str) -> None:
    operator.failed.clear()
    for line in PAGES[page]:
        said = operator.type_in(line)
        print(f"$ {line}\n{said}")  # noqa: T201 - shown where a line fails
    assert not operator.failed, "\n".join(operator.failed)
    if page.startswith("docs/"):
        operator.status_says("live on sim; core: BTC IN_BAND")
        assert operator.position_usd < -300_000
