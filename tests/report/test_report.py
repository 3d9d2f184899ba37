"""Reports of a real replay: what the causes sum to, and what the tax lots come to."""

import asyncio
import csv
import io
import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from hedged.cli import report as verb
from hedged.cli.commands import app
from hedged.core.contracts import average_entry
from hedged.core.types import Amount, Flow, FlowKind, Kind
from hedged.ops import logging
from hedged.ports import Selection
from hedged.replay.rehearsal import Rehearsal
from hedged.replay.rules import SYMBOL
from hedged.replay.stage import STANDARD, START, Stage
from hedged.replay.workload import CoinFlow, Workload
from hedged.report.causes import Causes, steps
from hedged.report.effectiveness import rolling
from hedged.report.made import own_statement
from hedged.report.records import journalled
from hedged.report.samples import AssetRecords, Leg, Sample, Trade
from hedged.report.statement import UNTOLD, Statement
from hedged.report.summary import Summary, summary
from hedged.report.tax import Lots, tax_lines
from hedged.sim.prices import PricePoint
from hedged.store import SqlJournal

D = Decimal
HOURS = 6


def workload() -> Workload:
    points = [
        PricePoint(n * 60_000, D(50_000 + 40 * (n % 100)), charged_rate=D("0.0001") * (n % 60 == 0))
        for n in range(HOURS * 60 + 2)
    ]
    flows = (CoinFlow(3_700_000, D("0.5")), CoinFlow(9_000_000, D("-0.2")))
    return Workload("made", points, charges_funding=True, flows=flows)


async def played(file: Path) -> tuple[list[AssetRecords], Statement, Decimal]:
    """The journal's records, the venue's, and the book's value at the end."""
    stage = Stage(workload(), "BTC", SYMBOL, terms=STANDARD)
    journal = await SqlJournal.open(file, stage.clock)
    rehearsal = Rehearsal(stage, journal=journal)
    await stage.play(rehearsal.act)
    entries = await journal.entries(Selection())
    flows = await rehearsal.venue.flows(START)
    await journal.close()
    return list(journalled(entries).assets.values()), Statement(flows), stage.value


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Summary, Path, Decimal]:
    logging.configure(style="json", level="error")
    file = tmp_path_factory.mktemp("report") / "journal.db"
    (records,), statement, value = asyncio.run(played(file))
    found = summary(records, statement)
    assert found is not None
    return found, file, value


def test_the_causes_sum_to_the_change_in_value(told: tuple[Summary, Path, Decimal]) -> None:
    found, _, _ = told
    change = found.value_after - found.value_before
    assert abs(found.causes.total - change) <= D("1e-15") * found.value_after


def test_each_cause_is_what_happened(told: tuple[Summary, Path, Decimal]) -> None:
    causes = told[0].causes
    assert causes.external == causes.outside == causes.unexplained == 0
    assert 0 < causes.funding < D(1000)  # 1 bp an hour of a million, five times: about 500
    assert causes.funding == pytest.approx(D(500), rel=D("0.3"))
    assert causes.flows == pytest.approx(D("0.3") * 51_000, rel=D("0.06"))
    assert causes.fees < 0
    assert causes.slippage < 0
    assert (
        abs(causes.inventory + causes.perp_index + causes.basis) < D("0.003") * told[0].value_after
    )
    assert abs(causes.venue_rounding) < D("0.05")


def test_the_hedge_is_seen_to_work(told: tuple[Summary, Path, Decimal]) -> None:
    worked = told[0].effectiveness
    assert worked.is_within
    assert worked.slope is not None
    assert D("-1.05") < worked.slope < D("-0.95")
    assert worked.reduction is not None
    assert worked.reduction > D("0.99")


def test_without_the_venues_records_what_they_explain_stays_unexplained(
    told: tuple[Summary, Path, Decimal],
) -> None:
    found = summary(told[0].records, UNTOLD)
    assert found is not None
    assert found.causes.funding == found.causes.flows == 0
    assert abs(found.causes.total - told[0].causes.total) < D("1e-9")
    assert found.causes.unexplained > 10_000, "funding and 0.3 coins"


def test_an_exchange_that_keeps_no_statement_is_no_reason_for_none(
    told: tuple[Summary, Path, Decimal],
) -> None:
    records = told[0].records
    assert own_statement(records, {"main": Statement()}) == Statement()
    assert own_statement(records, {"another": Statement()}) == UNTOLD, "that tells nothing of it"
    assert own_statement(records, {}) == UNTOLD


def test_a_position_that_somebody_changed_is_named() -> None:
    leg = Leg(("main", SYMBOL), Kind.INVERSE, D(-500_000), D(50_000))
    start = Sample(START, D(10), D(50_000), D(50_000), D(0), D(1), (leg,))
    less = replace(leg, quantity=D(-400_000))
    after = replace(start, at=START.replace(hour=1), legs=(less,), equity=D("9.99"))
    (step,) = steps([start, after], [], Statement())
    assert step.causes == Causes(external=D("-500"))


@pytest.mark.parametrize("lists_profit", [False, True])
def test_a_statement_of_payments_alone_is_not_asked_what_was_realised(
    *, lists_profit: bool
) -> None:
    """A coin is sold at 50,000 and bought back at 49,000: 1,000 that only some venues list."""
    leg = Leg(("main", "BTC/USDT:USDT"), Kind.LINEAR, D(-1), D(49_000), entry=D(50_000))
    start = Sample(START, D(1), D(49_000), D(49_000), D(0), D(1), (leg,))
    end = replace(start, at=START + timedelta(hours=1), legs=(), seq=2)
    at = START + timedelta(minutes=30)
    bought = Trade(at, leg.place, Kind.LINEAR, D(1), D(49_000), D(0), seq=1)
    paid = Flow(
        flow_id="1",
        kind=FlowKind.FUNDING,
        change=Amount(D(2), "USDT"),
        funding=D(2),
        fee=D(0),
        balance=None,
        at=START + timedelta(minutes=10),
        market="BTCUSDT",
        trade_id="",
        detail="funding",
        symbol="BTC/USDT:USDT",
    )
    profit = replace(
        paid,
        flow_id="2",
        kind=FlowKind.TRADE,
        change=Amount(D(900), "USDT"),  # 100 less than it made
        funding=D(0),
    )
    statement = Statement((paid, profit) if lists_profit else (paid,))
    (step,) = steps([start, end], [bought], statement)
    assert step.causes.funding == 2
    assert step.causes.unexplained == (-100 if lists_profit else 0)


trades = st.lists(
    st.tuples(
        st.integers(-50, 50).filter(bool).map(lambda n: D(n * 100)),
        st.integers(20_000, 90_000).map(D),
    ),
    min_size=1,
    max_size=25,
)


@given(trades)
def test_both_ways_to_count_lots_realise_the_same_once_all_is_closed(
    made: list[tuple[Decimal, Decimal]],
) -> None:
    left = -sum((q for q, _ in made), D(0))
    whole = [*made, (left, D(55_555))] if left else made
    lots = Lots()
    realised = [lots.trade(q, price) for q, price in whole]
    coins = sum((q / price for q, price in whole), D(0))
    for total in (sum((f for f, _ in realised), D(0)), sum((a for _, a in realised), D(0))):
        assert abs(total - coins) < D("1e-20")
    assert lots.quantity == 0
    assert not lots.open


def test_first_in_first_out_and_the_average_differ_as_they_should() -> None:
    lots = Lots()
    lots.trade(D(-100), D(50_000))
    lots.trade(D(-100), D(40_000))
    fifo, average = lots.trade(D(100), D(45_000))
    assert fifo == pytest.approx(D(-100) / 50_000 + D(100) / 45_000)
    entry = average_entry([(D(-100), D(50_000)), (D(-100), D(40_000))])
    assert average == pytest.approx(D(-100) / entry + D(100) / 45_000)


def test_tax_rows_have_every_fill_and_funding(told: tuple[Summary, Path, Decimal]) -> None:
    records = told[0].records
    flow = Flow("f1", FlowKind.FUNDING, bitcoins("0.01"), D("0.01"), D(0), None, START, "", "", "")
    lines = list(tax_lines(records, [flow]))
    assert [line.kind for line in lines].count("fill") == len(records.trades) > 0
    assert lines[0].kind == "funding"
    assert lines[0].usd_each == records.samples[0].mark


def bitcoins(coins: str) -> Amount:
    return Amount(D(coins), "BTC")


@pytest.mark.parametrize("format_", ["table", "json", "csv", "html"])
def test_the_command_writes_what_it_is_asked_for(
    told: tuple[Summary, Path, Decimal], monkeypatch: pytest.MonkeyPatch, format_: str
) -> None:
    monkeypatch.setattr(verb, "journal_file", lambda *_: told[1])
    monkeypatch.setenv("BYBIT_API_KEY", "key")
    monkeypatch.setenv("BYBIT_SECRET", "secret")
    done = CliRunner().invoke(
        app, ["report", "-c", "config/example.toml", "--offline", "--format", format_]
    )
    assert done.exit_code == 0, done.output
    if format_ == "json":
        (asset,) = json.loads(done.stdout)["assets"]
        assert asset["asset"] == "BTC"
    elif format_ == "html":
        assert "<script src" not in done.stdout
        assert done.stdout.count('class="plotly-graph-div"') == 5, "of funding nothing is known"
    else:
        assert "hedge, by the index" in done.stdout


def test_files_are_of_the_format_that_their_names_say(
    told: tuple[Summary, Path, Decimal], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verb, "journal_file", lambda *_: told[1])
    monkeypatch.setenv("BYBIT_API_KEY", "key")
    monkeypatch.setenv("BYBIT_SECRET", "secret")
    names = ("r.html", "r.json", "r.csv", "r.txt")
    outputs = [part for name in names for part in ("-o", str(tmp_path / name))]
    done = CliRunner().invoke(app, ["report", "-c", "config/example.toml", "--offline", *outputs])
    assert done.exit_code == 0, done.output
    page, data, rows, text = ((tmp_path / name).read_text() for name in names)
    assert page.startswith("<!doctype html>")
    (asset,) = json.loads(data)["assets"]
    assert set(asset["causes_usd"]) == {field.name for field in fields(Causes)}
    assert ["value before", "1000000.00"] in [r[1:] for r in csv.reader(io.StringIO(rows))]
    assert "time in band" in text


def test_effectiveness_stands_window_by_window(
    told: tuple[Summary, Path, Decimal], monkeypatch: pytest.MonkeyPatch
) -> None:
    window = timedelta(hours=4)
    windows = list(rolling(told[0].changes, window))
    assert len(windows) >= 2
    assert all(w.end - w.start <= window for w in windows)
    assert windows[-1].end == told[0].steps[-1].end.at
    monkeypatch.setattr(verb, "journal_file", lambda *_: told[1])
    monkeypatch.setenv("BYBIT_API_KEY", "key")
    monkeypatch.setenv("BYBIT_SECRET", "secret")
    arguments = ["report", "-c", "config/example.toml", "--offline", "--effectiveness"]
    done = CliRunner().invoke(app, [*arguments, "--format", "csv", "--window", "1"])
    assert done.exit_code == 0, done.output
    heading = next(csv.reader(io.StringIO(done.stdout)))
    assert heading.index("slope (-0.80 to -1.25)") < heading.index("R² (0.80 or more)")


def test_the_tax_command_writes_csv(
    told: tuple[Summary, Path, Decimal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verb, "journal_file", lambda *_: told[1])
    monkeypatch.setenv("BYBIT_API_KEY", "key")
    monkeypatch.setenv("BYBIT_SECRET", "secret")
    arguments = ["report", "-c", "config/example.toml", "--offline", "--tax"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == len(told[0].records.trades)
    assert {row["kind"] for row in rows} == {"fill"}
    assert D(rows[0]["fee"]) > 0
    assert rows[0]["currency"] == "BTC"


def test_nothing_to_report_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "journal_file", lambda *_: tmp_path / "none.db")
    monkeypatch.setenv("BYBIT_API_KEY", "key")
    monkeypatch.setenv("BYBIT_SECRET", "secret")
    done = CliRunner().invoke(app, ["report", "-c", "config/example.toml", "--offline"])
    assert done.exit_code == 1
    assert "there is no journal at" in done.output


def test_an_exchange_that_is_down_is_said_in_one_line(
    told: tuple[Summary, Path, Decimal], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verb, "journal_file", lambda *_: told[1])
    monkeypatch.setenv("KEY", "key")
    config = tmp_path / "c.toml"
    config.write_text(
        'environment = "sim"\n[venues.main]\nexchange = "bybit"\napi_key = "env:KEY"\n'
        'secret = "env:KEY"\nurl = "http://127.0.0.1:9"\n[[books.replay.hedges]]\n'
        'asset = "BTC"\nvenue = "main"\ninstrument = "BTC/USD:BTC"\n'
    )
    lately = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"  # older ones no venue tells
    done = CliRunner().invoke(app, ["report", "-c", str(config), "--from", lately])
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    assert "hedged: " in done.output
    assert "--offline reports what the journal has" in done.output
