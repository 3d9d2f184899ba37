"""What happens across the edge of a period is in one report: of days, of months and of years."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedged.cli import report as verb
from hedged.cli.commands import app
from hedged.core.events import Decided, Entry, Fill
from hedged.core.types import Amount, Flow, FlowKind, Kind
from hedged.ports import Selection
from hedged.report.made import made
from hedged.report.records import Journalled, begin
from hedged.report.samples import AssetRecords, Leg, Sample, Trade
from hedged.report.statement import Statement
from tests.core.any_event import START
from tests.report.made_up import HOUR, journal

CONFIG = """
environment = "sim"
[venues.main]
exchange = "bybit"
api_key = "env:KEY"
secret = "env:KEY"
url = "http://127.0.0.1:9"
[[books.core.hedges]]
asset = "BTC"
venue = "main"
instrument = "BTC/USD:BTC"
"""
DOWN = 30, 80  # hours of which the journal has no look at BTC
D = Decimal
HALF = timedelta(minutes=30)


class Reported:
    """`hedged report` of entries at hand."""

    def __init__(self, entries: Sequence[Entry], folder: Path, patch: pytest.MonkeyPatch) -> None:
        def entries_in(_: Path, selection: Selection) -> Iterator[Entry]:
            for entry in entries:
                is_late = selection.since is None or entry.at >= selection.since
                if is_late and entry.event.kind in selection.kinds:
                    yield entry

        patch.setattr(verb, "entries_in", entries_in)
        patch.setenv("KEY", "key")
        self._config = folder / "c.toml"
        self._config.write_text(CONFIG)

    def __call__(self, since: datetime | str, until: datetime | str, *options: str) -> str:
        period = [
            f"{t:%Y-%m-%dT%H:%M:%S}" if isinstance(t, datetime) else t for t in (since, until)
        ]
        arguments = ["report", "-c", str(self._config), "--offline", *options]
        done = CliRunner().invoke(app, [*arguments, "--from", period[0], "--to", period[1]])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.stdout

    def figures(self, since: datetime, until: datetime) -> dict[str, Decimal]:
        """What sums over periods, by asset."""
        found: dict[str, Decimal] = {}
        for asset in json.loads(self(since, until, "--format", "json"))["assets"]:
            for name, usd in asset["causes_usd"].items():
                found[f"{asset['asset']} {name}"] = Decimal(usd)
            for name in ("orders", "fills"):
                found[f"{asset['asset']} {name}"] = Decimal(asset[name])
        return found


def test_the_days_sum_to_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks are not at the edges, and of BTC there was none for two days."""

    def is_missing(entry: Entry) -> bool:
        is_down = START + DOWN[0] * HOUR < entry.at < START + DOWN[1] * HOUR
        return is_down and isinstance(entry.event, Decided) and entry.event.asset == "BTC"

    entries = [entry for entry in journal(assets=2, days=6) if not is_missing(entry)]
    report = Reported(entries, tmp_path, monkeypatch)
    edges = [START + HALF + timedelta(days=n) for n in range(1, 6)]
    days: dict[str, Decimal] = {}
    for since, until in pairwise(edges):
        for name, figure in report.figures(since, until).items():
            days[name] = days.get(name, Decimal(0)) + figure
    whole = report.figures(edges[0], edges[-1])
    assert whole["BTC fills"] > 0
    assert whole["BTC funding"]
    assert set(days) == set(whole)
    for name, figure in whole.items():
        assert abs(days[name] - figure) < Decimal("0.05"), name


def test_each_row_for_the_tax_is_of_the_year_in_which_it_was_traded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fill comes on record ten seconds late."""
    entries = [
        replace(e, at=e.at + timedelta(seconds=10)) if isinstance(e.event, Fill) else e
        for e in journal(days=3)
    ]
    report = Reported(entries, tmp_path, monkeypatch)
    fills = [e.event for e in entries if isinstance(e.event, Fill)]
    fill = fills[len(fills) // 2]
    end = START + timedelta(days=9)

    def ids(since: datetime, until: datetime) -> list[str]:
        return [row["id"] for row in csv.DictReader(io.StringIO(report(since, until, "--tax")))]

    assert fill.traded_at is not None
    for edge in (fill.traded_at, fill.traded_at + timedelta(seconds=1)):
        before, after = ids(START, edge), ids(edge, end)
        assert [*before, *after] == ids(START, end)
        assert (fill.trade_id in before) == (edge > fill.traded_at)


def test_interest_that_serves_several_assets_is_in_one_period() -> None:
    """The looks at each asset are at other times: the period before had it, by its last look."""

    def looked(*minutes: tuple[str, int]) -> Journalled:
        found = Journalled()
        for asset, minute in minutes:
            place = ("main", f"{asset}/USDT:USDT")
            leg = Leg(place, Kind.LINEAR, D(-1), D(9), D(9), D(9), "USDT")
            at = START + timedelta(minutes=minute)
            sample = Sample(at, D(1), D(9), D(9), D(0), D(1), (leg,), seq=minute, is_whole=True)
            found.assets.setdefault(("core", asset), AssetRecords("core", asset)).samples += [
                sample
            ]
        return found

    def interest(known: Journalled) -> Mapping[FlowKind, Decimal]:
        (quote,) = made(known, {"main": Statement((owed,))}).quotes
        return quote.by_kind

    owed = Flow(
        *("f", FlowKind.INTEREST, Amount(D(-1), "USDT"), D(0), D(0), None),
        *(START + timedelta(minutes=45), "", "", "", ""),
    )
    first = looked(("BTC", 1), ("ETH", 2), ("ETH", 40), ("BTC", 50))
    second = looked(("BTC", 70), ("ETH", 80))
    begin(second, first)
    assert interest(first) == {FlowKind.INTEREST: D(-1)}
    assert interest(second) == {}
    assert second.begun == START + timedelta(minutes=40)


def test_a_fill_that_closes_what_was_open_at_the_edge_is_in_the_period() -> None:
    place = ("main", "BTC/USDT:USDT")
    leg = Leg(place, Kind.LINEAR, D(-1), D(9), D(9), D(9), "USDT")
    open_then = Sample(START, D(1), D(9), D(9), D(0), D(1), (leg,), seq=1, is_whole=True)
    flat = replace(open_then, at=START + HOUR, legs=(), seq=9)
    trade = Trade(START + HALF, place, Kind.LINEAR, D(1), D(9), D(0), "t", 8)
    other = replace(trade, place=("main", "BTC/USDC:USDC"), seq=7)
    before = AssetRecords("core", "BTC", [open_then], [replace(trade, seq=1)])
    records = AssetRecords("core", "BTC", [flat], unshown=[other, trade])
    begin(Journalled({("core", "BTC"): records}), Journalled({("core", "BTC"): before}))
    assert records.samples == [open_then, flat]
    assert records.trades == [trade]
    assert records.left_out == 1


def test_a_period_from_the_first_day_that_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Reported(list(journal(days=2)), tmp_path, monkeypatch)
    assert report("0001-01-01", "2020-01-01") == "", "nothing was then"
    assert "coins alone" in report("0001-01-01", START + timedelta(days=9))
