"""The dashboard as people use it: it tells the truth, obeys, and can be read by everybody."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Daemon, daemon

pytestmark = pytest.mark.browser

SHOTS = Path(__file__).resolve().parents[2] / "build/screenshots"
DRAWN = "#chart[data-points]"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_it_fits_draws_everything_and_its_console_is_silent(
    browser: Browser, live: Daemon, width: int, scheme: str
) -> None:
    page = live.open(browser, width=width, scheme=scheme)
    page.wait_for_selector(DRAWN)
    expect(page.locator("#banner")).to_contain_text("sim · play money", ignore_case=True)
    expect(page.locator("#banner")).to_contain_text("live: sends orders")
    expect(page.locator("#doing")).to_contain_text("Nothing to do: all 2 assets")
    expect(page.locator("#last-act")).to_contain_text("Sent: sell")
    expect(page.get_by_role("table", name="Orders")).to_contain_text("filled")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#chart .scatterlayer .trace").count() >= 8
    assert page.locator("#chart .point").count() >= 1  # the order's mark
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"dashboard-{width}-{scheme}.png", full_page=True)
    assert live.complaints == []


def test_a_dry_run_says_so_and_offers_nothing_to_halt(browser: Browser, tmp_path: Path) -> None:
    with daemon(tmp_path, "dry-run") as dry:
        page = dry.open(browser)
        expect(page.locator("#banner")).to_contain_text("dry-run: sends no orders")
        expect(page.locator(".asset").first).to_contain_text("position assumed")
        expect(page.get_by_role("button", name="Halt")).to_have_count(0)
        expect(page.get_by_role("table", name="Orders")).to_contain_text("assumed")
        page.wait_for_selector(DRAWN)
        dry.process.popen.kill()
        expect(page.locator("#pulse")).to_contain_text("what you see is old")
        expect(page.locator("#banner")).to_have_attribute("data-lost", "")


def test_halt_asks_for_the_token_once_and_everybody_sees_it(browser: Browser, live: Daemon) -> None:
    page = live.open(browser)
    page.get_by_role("button", name="Halt").click()
    page.get_by_label("Why").fill("fire drill")
    page.get_by_label("Token").fill("hedged_wrong")
    page.get_by_role("dialog").get_by_role("button", name="Halt").click()
    expect(page.get_by_role("alert")).to_contain_text("not known")
    page.get_by_label("Token").fill(live.token)
    page.get_by_role("dialog").get_by_role("button", name="Halt").click()
    expect(page.locator("#banner")).to_contain_text("HALTED by anna: fire drill")
    finding = page.locator("#findings")
    expect(finding).to_contain_text("find the cause, then resume")
    said = live.process.event("operator.command")
    assert (said["who"], said["why"]) == ("anna", "fire drill")
    assert "hedged_" not in page.content()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_label("Token")).to_be_hidden()
    page.get_by_role("dialog").get_by_role("button", name="Resume").click()
    expect(page.locator("#banner")).to_contain_text("trading state: active")
    live.complaints[:] = [text for text in live.complaints if "401" not in text]
    assert live.complaints == []


def test_a_deposit_shows_as_order_and_mark(browser: Browser, live: Daemon) -> None:
    page = live.open(browser)
    live.exchange.admin("deposit", account="demo", coin="BTC", amount="1")
    expect(page.get_by_role("table", name="Orders").locator("tbody tr")).to_have_count(
        3, timeout=20_000
    )
    expect(page.get_by_role("article", name="BTC in book core")).to_contain_text("IN_BAND")


def test_it_works_by_keyboard_and_every_control_has_a_name(browser: Browser, live: Daemon) -> None:
    page = live.open(browser)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    names = []
    for _ in range(5):
        page.keyboard.press("Tab")
        names.append(_focused(page))
    assert names[:3] == ["Pause", "Halt", "Look now"]
    assert all(names)
    page.locator("button", has_text="Halt").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert _focused(page) == "Halt"
    for image in page.locator("[role=img]").all():
        assert image.get_attribute("aria-label")
    gauge = page.get_by_role("img", name=re.compile("inside the band of ±"))
    assert gauge.count() == 2


def _focused(page: Page) -> str:
    found: str = page.evaluate(
        "(e => e.textContent.trim().split('\\n')[0] || e.ariaLabel || e.id)(document.activeElement)"
    )
    return found
