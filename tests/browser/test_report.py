"""A report's page in chromium: whole by itself, wide and narrow, light and dark, and on paper."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from hedged.ports import Selection
from hedged.replay.rehearsal import Rehearsal
from hedged.replay.rules import SYMBOL
from hedged.replay.stage import STANDARD, START, Stage
from hedged.report.html import html_report
from hedged.report.made import made
from hedged.report.records import journalled
from hedged.report.statement import Statement
from hedged.store import MemoryJournal
from tests.report.test_report import workload

pytestmark = pytest.mark.browser
FIGURES = 7


async def page_of_a_replay() -> str:
    stage = Stage(workload(), "BTC", SYMBOL, terms=STANDARD)
    journal = MemoryJournal(stage.clock)
    rehearsal = Rehearsal(stage, journal=journal)
    await stage.play(rehearsal.act)
    entries = await journal.entries(Selection())
    flows = await rehearsal.venue.flows(START)
    found = made(journalled(entries), {"main": Statement(flows)}, timedelta(hours=4))
    return html_report(found)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    with ThreadPoolExecutor(1) as beside:  # playwright has a loop of its own here
        path.write_text(beside.submit(asyncio.run, page_of_a_replay()).result())
    return path


def opened(browser: Browser, path: Path, width: int, scheme: str = "light") -> Page:
    size = {"width": width, "height": 900}
    page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type] # a literal by its use
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_function(f"document.querySelectorAll('.main-svg .xtick').length >= {FIGURES}")
    assert asked == [path.as_uri()], "it needs nothing but itself"
    assert wrong == []
    return page


@pytest.mark.parametrize("width", [1280, 360])
def test_it_fits_its_window(browser: Browser, report: Path, width: int) -> None:
    page = opened(browser, report, width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("figure").count() == FIGURES
    wide = page.evaluate(
        "[...document.querySelectorAll('figure .main-svg')].map(s => s.clientWidth)"
    )
    assert max(wide) <= width
    page.set_viewport_size({"width": 700, "height": 900})
    page.wait_for_function("document.querySelector('figure .main-svg').clientWidth > 600")


def test_its_figures_take_the_colours_of_the_page(browser: Browser, report: Path) -> None:
    shown = "getComputedStyle(document.querySelector('figure .xtick text')).fill"
    dark, light = (opened(browser, report, 1280, scheme) for scheme in ("dark", "light"))
    for page in (dark, light):
        of_page = page.evaluate("getComputedStyle(document.body).color")
        page.wait_for_function(f"{shown} === '{of_page}'")
    assert dark.evaluate(shown) != light.evaluate(shown)


def test_on_paper_it_is_light_and_as_wide_as_the_page(browser: Browser, report: Path) -> None:
    page = opened(browser, report, 1280, "dark")
    page.emulate_media(media="print")
    page.wait_for_function("document.querySelector('figure .main-svg').clientWidth === 680")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.pdf(format="A4").startswith(b"%PDF")
