"""Secrets are planted everywhere, and every output of every command is searched for them."""

import signal
import urllib.request
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

from hedged.cli.commands import app
from hedged.engine import operator
from hedged.sim.dialect import Purpose
from hedged.web.endpoints import ENDPOINTS
from tests.cli.test_fuzz import COMMANDS
from tests.process import Exchange, process, written

KEY, SECRET = "CANARYkey7f3a9c", "canary-secret/4b+e=1"
TOKEN = "canary-token-b81d"  # in an address of alerts
WORDS = {  # how each command is called here; none may be forgotten
    "certify": ["--venue", "main", "--yes"],
    "calc": ["--coins", "5", "--price", "65000"],
    "check": ["--online"],
    "plan": [],
    "halt": ["--why", "a test"],
    "pause": [],
    "resume": [],
    "cancel": [],
    "flatten": ["--yes"],
    "reconcile": [],
    "ack": [],
    "release": ["hg0000000001", "--yes"],
    "arm": ["core", "--yes", "--account", "1"],
    "disarm": ["core"],
    "bugreport": ["--output", "report.zip"],
    "status": [],
    "doctor": [],
    "report": [],
    "replay": ["--prices", "prices.csv"],
    "init": ["-c", "other.toml", "--yes"],
    "config schema": [],
    "notify test": [],
    "venues": [],
    "journal show": [],
    "journal export": [],
    "journal rebuild": ["--yes"],
    "token new": ["anna", "--scope", "operator"],
    "token list": [],
    "token revoke": ["anna"],
}
SERVING = {"run", "demo", "sim"}
WITHOUT_FILE = {"calc", "venues", "config schema", "init", *SERVING}


@pytest.fixture
def exchange(exchange: Exchange) -> Exchange:
    """The shared one, with an account of these keys."""
    if "canary" not in exchange.admin("state")["accounts"]:
        exchange.admin("account", account="canary", api_key=KEY, secret=SECRET)
        exchange.admin("deposit", account="canary", coin="BTC", amount="5")
    return exchange


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CANARY_KEY", KEY)
    monkeypatch.setenv("CANARY_SECRET", SECRET)
    monkeypatch.setenv("CANARY_ADDRESS", f"json://127.0.0.1:1/{TOKEN}")
    monkeypatch.setattr(operator, "CLOSING_S", 2.0)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))


def config(folder: Path, url: str) -> Path:
    """As talkative as it can be, with a key in the environment and a secret in a file."""
    path = written(folder, url, execution="live", extra=f"# once: {KEY} {SECRET}")
    text = path.read_text().replace("env:HEDGED_DEMO_SECRET", "file:secret")
    text = text.replace("HEDGED_DEMO_KEY", "CANARY_KEY")
    text = text.replace("[log]", '[alerts]\nto = ["env:CANARY_ADDRESS"]\n[log]')
    path.write_text(text.replace('format = "json"', 'format = "json"\nlevel = "debug"'))
    (folder / "prices.csv").write_text("t_s,price\n0,65000\n3600,65100\n7200,65050\n")
    planted = folder / "secret"
    planted.write_text(SECRET)
    planted.chmod(0o600)
    return path


def forms(secret: str) -> set[bytes]:
    """What a secret may look like on its way out."""
    shown = {secret, quote(secret, safe=""), repr(secret)[1:-1], secret[4:]}
    return {form.encode() for form in shown} | {b64encode(secret.encode())}


def hits(what: str, data: bytes) -> list[str]:
    return [
        f"{what}: {form!r}" for one in (KEY, SECRET, TOKEN) for form in forms(one) if form in data
    ]


def in_files(folder: Path, *, but: set[str]) -> list[str]:
    """What the files hold that commands have written."""
    found = []
    for path in (path for path in folder.rglob("*") if path.is_file() and path.name not in but):
        found += hits(path.name, path.read_bytes())
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                found += [h for name in archive.namelist() for h in hits(name, archive.read(name))]
    return found


OWN = {"hedged.toml", "secret", "wide"}


def said(*words: str) -> bytes:
    """All that a command typed in this process prints, and what it would die of."""
    done = CliRunner().invoke(app, list(words))
    return f"{done.stdout}{done.stderr}{done.exception!r}".encode()


def test_every_command_is_searched() -> None:
    paths = {" ".join(path) for path in COMMANDS}
    assert paths == {*WORDS, *SERVING}


@pytest.mark.parametrize("is_up", [True, False])
def test_no_command_shows_a_secret(exchange: Exchange, tmp_path: Path, *, is_up: bool) -> None:
    """With a venue that answers, and with one whose errors carry signed addresses."""
    file = config(tmp_path, exchange.url if is_up else "http://127.0.0.1:1")
    found = []
    for command, words in WORDS.items():
        named = [] if command in WITHOUT_FILE else ["-c", str(file)]
        found += hits(command, said(*command.split(), *words, *named))
    assert found == []
    assert in_files(tmp_path, but=OWN) == []
    assert (tmp_path / "report.zip").stat().st_mode & 0o077 == 0


def test_what_the_venue_says_of_a_request_does_not_show_it(
    exchange: Exchange, tmp_path: Path
) -> None:
    """A venue may repeat what it was sent: the key in a text, the whole address in a page."""
    file = config(tmp_path, exchange.url)
    found = []
    for kind in ("html", "reset", "key_expired"):
        made = exchange.admin("fault", path=Purpose.WALLET, kind=kind, times=99)
        for command in ("check", "plan", "reconcile"):
            words = [command, *WORDS[command], "-c", str(file)]
            found += hits(f"{command} {kind}", said(*words))
        exchange.admin("lift", number=str(made["number"]))
    assert found == []


def unrelated(right: str) -> Iterator[str]:
    """Files in which a secret was pasted into a line that has nothing to do with it."""
    for secret in (KEY, SECRET, TOKEN, f"tgram://{TOKEN}/42"):
        for key in ("poll", "max_age", "cron"):
            yield right.replace('poll = "0.2s"', f'{key} = "{secret}"')
        hedge = 'instrument = "BTC/USD:BTC"'
        for key in ("band", "ratio", "style", "keep", "carry", "windows", "spot", "limits", "also"):
            yield right.replace(hedge, f'{hedge}\n{key} = "{secret}"')
        for key in (
            "exchange",
            "url",
            "margin_mode",
            "timeout",
            "testnet",
            "addresses",
            "leverage",
        ):
            yield right.replace("[books.core]", f'[venues.other]\n{key} = "{secret}"\n[books.core]')
        for key in ("environment", "execution", "kill_file", "log", "paper", "limits", "venues"):
            yield f'{key} = "{secret}"\n{right}'
        yield right.replace('to = ["env:CANARY_ADDRESS"]', f'to = ["{secret}"]')
        yield right.replace(
            'to = ["env:CANARY_ADDRESS"]', f'to = ["env:CANARY_ADDRESS", "{secret}"]'
        )
        yield right.replace('to = ["env:CANARY_ADDRESS"]', f'to = "{secret}"\ndigest = "{secret}"')
        yield right.replace("[log]", f'[heartbeat]\nurl = "{secret}"\nevery = "{secret}"\n[log]')
        yield right.replace("[log]", f'[web]\nbind = "{secret}"\nhosts = ["{secret}"]\n[log]')
        yield right.replace("[log]", f'"{secret}" = 1\n[log]')
        yield right.replace("[books.core]", f'[venues."{secret}"]\n[books.core]')
        yield right.replace("[books.core]", f'[venues.main."{secret}"]\n[books.core]')
        yield right.replace("[log]", f"{secret} = {secret}\n[log]")
        yield f"{right}\n[{secret}\n"
        stated = f'{hedge}\nspot = [{{ static = "1", label = "{secret}" }}]'
        yield right.replace('spot = ["main"]\n', "").replace(hedge, stated)
    yield right.replace("CANARY_KEY", KEY)
    yield right.replace("file:secret", f"file:{KEY}")
    yield right.replace("file:secret", f"credential:{KEY}")
    yield right.replace("CANARY_ADDRESS", KEY)


def test_a_secret_in_the_wrong_place_is_refused_without_being_shown(tmp_path: Path) -> None:
    file = config(tmp_path, "http://127.0.0.1:1")
    right = file.read_text()
    (tmp_path / "wide").write_text(SECRET)
    (tmp_path / "wide").chmod(0o644)
    found = []
    for wrong in (
        right.replace("env:CANARY_KEY", KEY),
        right.replace("file:secret", SECRET),
        right.replace("file:secret", f"env:{SECRET}"),
        right.replace("file:secret", "file:wide"),
        right.replace("[log]", f'password = "{SECRET}"\n[log]'),
        right.replace('api_key = "env:CANARY_KEY"', f'api_kye = "{KEY}"'),
    ):
        assert wrong != right
        file.write_text(wrong)
        for command in ("check", "plan", "bugreport", "run"):
            shown = said(command, "-c", str(file))
            assert shown
            found += hits(command, shown)
    assert found == []


def test_a_secret_pasted_into_any_line_is_shown_by_no_command(tmp_path: Path) -> None:
    file = config(tmp_path, "http://127.0.0.1:1")
    files = list(unrelated(file.read_text()))
    assert len(files) == len(set(files))
    for wrong in files:
        file.write_text(wrong)
        shown = said("check", "-c", str(file))
        assert shown
        assert hits("check", shown) == [], wrong
    for wrong in files[::10]:
        file.write_text(wrong)
        for command in ("plan", "bugreport", "status", "doctor --offline", "journal show"):
            shown = said(*command.split(), "-c", str(file))
            assert hits(command, shown) == [], (command, wrong)
        assert in_files(tmp_path, but=OWN) == []


def answers(url: str) -> Iterator[tuple[str, bytes]]:
    """Everything that is served to be read, but for the stream."""
    for path in (e.path for e in ENDPOINTS if e.method == "GET" and e.name != "events"):
        query = "?book=core&asset=BTC" if path.endswith("history") else ""
        with urllib.request.urlopen(f"{url}{path}{query}", timeout=10) as reply:  # noqa: S310 - loopback
            yield path, reply.read()


def test_a_daemon_that_trades_shows_none(exchange: Exchange, tmp_path: Path) -> None:
    file = config(tmp_path, exchange.url)
    file.write_text(file.read_text() + '[web]\nbind = "127.0.0.1:0"\n')
    with process("run", "-c", file, "--live") as daemon:
        url = daemon.event("web.started")["url"]
        daemon.event("cycle.done", asset="BTC", reason="IN_BAND")
        exchange.admin("fault", kind="reset", path=Purpose.WALLET, times=9)
        daemon.event("cycle.done", asset="BTC", reason="SOURCE_MISSING")
        daemon.event("cycle.done", asset="BTC", reason="IN_BAND")
        shown = [hit for path, body in answers(url) for hit in hits(path, body)]
        daemon.end(signal.SIGTERM)
    assert shown == []
    assert hits("log", "\n".join(daemon.lines).encode()) == []
    assert in_files(tmp_path, but=OWN) == []


@pytest.mark.parametrize("words", [("demo", "--duration", "5s", "--json"), ("sim", "--port", "0")])
def test_what_needs_no_keys_does_not_show_those_that_are_there(words: tuple[str, ...]) -> None:
    with process(*words) as running:
        running.next_line()
        running.end(signal.SIGINT)
    assert hits(words[0], "\n".join(running.lines).encode()) == []
