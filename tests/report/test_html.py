"""A report of many assets, of a day without anything, and of a year, as one page."""

import re

import pytest

from hedged.core.decimals import plain
from hedged.report.html import html_report
from hedged.report.made import Report, made
from hedged.report.records import journalled
from hedged.report.statement import kept_statements
from hedged.report.text import OVERVIEW, overview
from tests.report.made_up import journal


def report(assets: int, days: int, *, flows_a_day: float = 1.0, funds: bool = True) -> Report:
    entries = list(journal(assets, days, flows_a_day=flows_a_day, funds=funds))
    return made(journalled(entries), kept_statements(entries))


def titles(page: str) -> list[str]:
    return re.findall(r"<figure><h3>([^<]*)</h3>", page)


def test_several_assets_stand_together_first() -> None:
    found = report(3, 3)
    page = html_report(found)
    assert [page.count(f"href='#a{n}'") for n in range(4)] == [1, 1, 1, 0]
    assert [page.count(f"<h2 id=a{n}>") for n in range(4)] == [1, 1, 1, 0]
    *rows, total = overview(found.summaries)
    assert len(total) == len(OVERVIEW)
    after = sum(one.value_after for one in found.summaries)
    assert total[2].replace(",", "") == plain(after, 2)
    assert [row[0] for row in rows] == ["core: BTC", "core: ETH", "core: C00"]
    before, value, moved, alone, hedge = (
        float(cell.replace(",", "")) for cell in (total[1], total[2], *total[3:6])
    )
    assert value - before == pytest.approx(moved + alone + hedge, abs=0.05)


def test_one_asset_needs_no_list() -> None:
    assert "All assets" not in html_report(report(1, 1))
    assert "All assets" not in html_report(made(journalled(()), {}))


def test_what_there_was_not_is_said_or_left_out() -> None:
    calm = titles(html_report(report(1, 1, flows_a_day=0, funds=False)))
    assert calm[-2:] == ["Orders on the price, USD: none", "Basis, bps of the index"]
    assert "Funding so far, USD" not in calm
    full = titles(html_report(report(1, 30)))
    assert len(full) == len(set(full)) == 7
    assert {"Funding so far, USD", "Orders on the price, USD"} < set(full)


def test_a_long_line_keeps_its_spikes_and_no_more_points_than_can_be_seen() -> None:
    found = report(1, 200)
    page = html_report(found)
    lines = [line.count(",") + 1 for line in re.findall(r'"y":\[([^\]]*)\]', page)]
    assert len(found.summaries[0].steps) > 4500
    assert 2000 < max(lines) < 4500
    most = max(found.summaries[0].steps, key=lambda step: step.end.mark)
    assert f"{most.end.mark:.10g}" in page
