"""Chromium as Debian packages it, and a daemon on the embedded exchange for it to look at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from hedged.web.tokens import Scope, TokenFile
from tests.process import Exchange, Process, embedded_exchange, process, written

CHROMIUM = "/usr/bin/chromium"
SWITCHES = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
WEB = '\n[web]\nbind = "127.0.0.1:0"\n'


@dataclass
class Daemon:
    """A running daemon with a dashboard."""

    url: str
    token: str
    process: Process
    exchange: Exchange
    complaints: list[str] = field(default_factory=list)

    def open(self, browser: Browser, *, width: int = 1280, scheme: str = "light") -> Page:
        """The dashboard in a window of its own; whatever its console complains of is kept."""
        self.complaints.clear()
        size = {"width": width, "height": 900}
        page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type] # a literal by its use
        page.set_default_timeout(20_000)
        page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.url)
        page.wait_for_selector(".asset")
        return page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield found
        found.close()


@contextmanager
def daemon(folder: Path, execution: str) -> Iterator[Daemon]:
    """A daemon with a dashboard, hedged already."""
    with embedded_exchange() as exchange:
        config = written(folder, exchange.url, execution=execution, poll="0.5s")
        config.write_text(config.read_text() + WEB)
        tokens = TokenFile(folder / "state/tokens-sim.json")
        secret = tokens.new("anna", Scope.OPERATOR, datetime.now(UTC))
        with process("run", "-c", config, *(["--live"] * (execution == "live"))) as running:
            url = running.event("web.started")["url"]
            running.event("cycle.done", asset="BTC", reason="IN_BAND")
            yield Daemon(url, secret, running, exchange)


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One that trades, shared: who halts it resumes it."""
    with daemon(tmp_path_factory.mktemp("live"), "live") as running:
        yield running
