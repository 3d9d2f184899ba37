"""Somebody reads a page and types what it shows, line by line, where hedged is checked out.

The exchange is the embedded one, and trading has begun. What a reader has to put in, such as the
name of a file, stands in `MEANT`, and what is cut short, because it takes hours or is asked of the
internet, too.
"""

import gzip
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import ccxt
import pytest

from tests.docs.shown import ROOT, Ground, blocks, to_run
from tests.process import Exchange, Process, embedded_exchange, process, written

pytestmark = pytest.mark.proof

PATIENCE_S: Final = 400.0
OWN: Final = {"config", "build", "dist", ".git"}  # what a checkout has for itself here
KEY, SECRET = "demo-key", "demo-secret"
WEB: Final = '\n[web]\nbind = "127.0.0.1:0"\n'
ALERTS: Final = '\n[alerts]\nto = ["env:ALERT_URL"]\n'
# These go on until somebody presses Ctrl-C; by then they have said this.
ENDLESS: Final = {
    r"hedged run ": "cycle.done",
    r"hedged sim\b": "listens on",
    r"make demo .*--duration 10m": "cycle.done",
}


@dataclass
class Checkout:
    """Where the reader is."""

    folder: Path
    exchange: Exchange
    meant: dict[str, str]
    env: dict[str, str] = field(default_factory=dict)

    def type_in(self, line: str) -> str:
        """Run a line as the page shows it; what it said."""
        for shown, meant in self.meant.items():
            line = re.sub(shown, meant, line)
        if line.startswith("export "):
            named = (word.partition("=") for word in shlex.split(line)[1:])
            self.env.update((name, value) for name, _, value in named)
            return ""
        if "--live" in line:  # the page says: set execution = "live" in the file
            self._unlocked()
        awaited = [text for pattern, text in ENDLESS.items() if re.search(pattern, line)]
        out = self.folder / "said"
        with out.open("w") as sink:
            running = subprocess.Popen(  # noqa: S603 - the pages' own lines
                ["/bin/bash", "-c", line],
                cwd=self.folder,
                env={**INHERITED, **self.env},
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            if awaited:
                self._watched(out, awaited[0])
                os.killpg(running.pid, signal.SIGINT)
            code = running.wait(PATIENCE_S)
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
        said = out.read_text()
        assert code == 0 or (awaited and line.startswith("make")), f"{line}: {code}\n{said[-3000:]}"
        assert "Traceback" not in said, said[-3000:]
        if "--scope operator" in line:
            self.meant["hedged_…"] = said.strip()
        return said

    def _unlocked(self) -> None:
        path = self.folder / "config/testnet.toml"
        path.write_text(path.read_text().replace('execution = "dry-run"', 'execution = "live"'))

    def _watched(self, out: Path, text: str) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        while text not in out.read_text():
            assert time.monotonic() < deadline_s, out.read_text()[-3000:]
            time.sleep(0.1)


@pytest.fixture
def checkout(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Checkout]:
    """A checkout with a configuration of its own, with which was traded."""
    page = request.param
    for path in ROOT.iterdir():
        if path.name not in OWN:
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / "config").mkdir()
    with ExitStack() as stack:
        exchange = stack.enter_context(embedded_exchange())
        for path in (ROOT / "config").glob("*.toml"):
            text = path.read_text().replace('environment = "testnet"', 'environment = "sim"')
            here = f'exchange = "bybit"\nurl = "{exchange.url}"'
            if path.name == "testnet.toml":  # the exchange is another one, and the address is free
                text = text.replace('exchange = "bybit"', here).replace('testnet = "testnet"', "")
                text = text.replace("127.0.0.1:8430", "127.0.0.1:0")
            (tmp_path / "config" / path.name).write_text(text)
        config = written(tmp_path, exchange.url, execution="live")
        config.write_text(config.read_text() + WEB + ALERTS)
        (tmp_path / "testnet.toml").write_text(config.read_text())
        alerts = {"ALERT_URL": f"json://{stack.enter_context(receiver())}/"}
        daemon = stack.enter_context(
            process("run", "-c", config, "--live", ALERT_URL=alerts["ALERT_URL"])
        )
        url = daemon.event("web.started")["url"]
        for asset in ("BTC", "ETH"):
            daemon.event("cycle.done", asset=asset, reason="IN_BAND")
        if page != "docs/dashboard.md":
            daemon.end()
        yield Checkout(
            tmp_path, exchange, meant(exchange, url, daemon), surroundings(tmp_path) | alerts
        )


@contextmanager
def receiver() -> Iterator[str]:
    """Where alerts arrive; host and port."""

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Takes) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


# A reader's make is called by no other one, whose options it would take for its own.
INHERITED = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith("MAKE") and name != "ARGS"
}


def surroundings(folder: Path) -> dict[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "STATE_DIRECTORY": str(folder / "state"),
        "HEDGED_DEMO_KEY": KEY,
        "HEDGED_DEMO_SECRET": SECRET,
        "COLUMNS": "160",
        "CURL_HOME": str(folder),  # where it reads that a refusal is a failure
    }


def meant(exchange: Exchange, web: str, daemon: Process) -> dict[str, str]:
    """What a reader puts in the place of what is shown."""
    order = next(e["client_id"] for e in daemon.events() if e["event"] == "order.sent")
    return {
        r"(?<=-c )FILE\b": "hedged.toml",
        r"hg0001…": order,
        r"=\.\.\. (\w+)=\.\.\.": rf"={KEY} \1={SECRET}",
        r"127\.0\.0\.1:8430": web.removeprefix("http://").rstrip("/"),
        r"127\.0\.0\.1:8421": exchange.url.removeprefix("http://"),
        r"hedged sim\b": "hedged sim --port 0",
        r"CCXT=\S+": f'CCXT={ccxt.__version__} ARGS="-k phemex -n 0"',
        r"--workload W0": "--prices btc.csv",
        r"SEEDS=\d+ ORDERS=\d+": "SEEDS=1 ORDERS=5",
        r"-k test_fault_26": "-k test_fault_26 -n 0 tests/scenario",
        r'-k test_fault"': '-k test_fault_14 -n 0 tests/scenario"',
    }


def files(folder: Path) -> None:
    """What the pages take for granted that a reader has."""
    hours = "".join(f"{600 * n},{65_000 + 40 * (n % 17)}\n" for n in range(300))
    (folder / "btc.csv").write_text(f"t_s,price\n{hours}")
    (folder / "btc.csv.gz").write_bytes(gzip.compress((folder / "btc.csv").read_bytes()))
    (folder / "flows.csv").write_text("t_s,coins\n7200,1\n90000,-0.5\n")
    (script,) = (text for kind, text in blocks(ROOT / "docs/simulator.md") if kind == "json")
    (folder / "bad-day.jsonl").write_text(script)
    (folder / ".curlrc").write_text("fail-with-body\nsilent\n")


def as_shown(line: str) -> str:
    """A pattern for a line of output: the same words in their order, whatever its figures are."""
    words = [re.escape(word) for word in line.replace("...", " ").split()]
    return ".*?".join(re.sub(r"(\\-)?\d([\d,]|\\\.\d)*", r"-?[\\d.,]+", word) for word in words)


@pytest.mark.parametrize("checkout", sorted(to_run(Ground.WORKSPACE)), indirect=True)
def test_what_a_page_shows_works_as_it_stands(
    checkout: Checkout, request: pytest.FixtureRequest
) -> None:
    files(checkout.folder)
    page = request.node.callspec.params["checkout"]
    said = "".join(checkout.type_in(line) for line in to_run(Ground.WORKSPACE)[page])
    shown = [text for language, text in blocks(ROOT / page) if language == "text"]
    for line in "".join(shown).splitlines():
        assert re.search(as_shown(line), said), f"{page} shows what nothing said: {line}"
