"""A whole replay: what hedged and the other rules come to on paths whose outcome is known."""

import csv
import gzip
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedged.cli.commands import app
from hedged.core.types import Band
from hedged.ops import logging
from hedged.ports import VenueRefused
from hedged.replay.figure import frontier
from hedged.replay.jobs import Book, Job, Outcome, all_replayed, replayed
from hedged.replay.meter import Meter, Metrics
from hedged.replay.rehearsal import STANDARD_HEDGE
from hedged.replay.rules import ORACLE, RULES
from hedged.replay.workload import (
    CoinFlow,
    Faults,
    Workload,
    file_workload,
    generated_workload,
    read_flows,
    shipped_workload,
)
from hedged.sim.prices import PriceFileError, PricePoint

D = Decimal
STEP_MS = 15_000
SHARED = Path(__file__).resolve().parents[3] / "shared/market/workloads"


@pytest.fixture(autouse=True)
def quiet() -> None:
    logging.configure(style="json", level="error")


def path(*prices: float, flows: tuple[CoinFlow, ...] = (), rate: str | None = None) -> Workload:
    points = [
        PricePoint(n * STEP_MS, D(str(price)), charged_rate=D(rate) if rate else None)
        for n, price in enumerate(prices)
    ]
    return Workload("made", points, charges_funding=rate is not None, flows=flows)


def saw(hours: int) -> list[float]:
    """Up and down by a fifth within every two hours."""
    return [50_000 + 10_000 * abs((n % 480) / 240 - 1) for n in range(hours * 240)]


def measured(workload: Workload, rule: str | None = None, **hedge: object) -> Metrics:
    book = Book(replace(STANDARD_HEDGE, **hedge))  # type: ignore[arg-type] # fields by name
    found = next((known for known in (*RULES, ORACLE) if known.name == rule), None)
    return replayed(Job("tried", book, found), workload).metrics


def test_on_price_alone_nothing_is_traded_and_the_value_stands() -> None:
    m = measured(path(*saw(4)))
    assert (m.trades, m.steps, m.in_band) == (0, 960, 1.0)
    assert m.tracking_bps < 0.01
    assert m.cost_bps == 0


def test_unhedged_and_static_bound_it() -> None:
    assert measured(path(*saw(4)), "unhedged").tracking_bps > 100
    assert measured(path(*saw(4)), "static 1×").tracking_bps < 0.01


def test_the_oracle_follows_every_flow() -> None:
    flows = (CoinFlow(STEP_MS, D("0.01")), CoinFlow(60_000, D("-0.02")))
    m = measured(path(*saw(2), flows=flows), "oracle")
    assert (m.trades, m.wrong_side) == (4, 0)  # each flow, and what its fee left open
    assert m.greatest_bps < 0.01


def test_a_coin_count_trades_on_every_move_and_unhedges() -> None:
    m = measured(path(*saw(4)), "coin-count, 1 %, 60 s")
    assert m.trades > 50
    assert m.wrong_side > 10
    assert m.tracking_bps > 50


def test_the_cost_of_a_trade_is_its_fee_and_half_spread() -> None:
    flow = CoinFlow(STEP_MS, D(2))  # 100,000 USD: back to half of the band of 0.25 %
    m = measured(path(*[50_000] * 240, flows=(flow,)))
    assert m.trades == 1
    assert m.cost_bps == pytest.approx(m.turnover_usd * 0.0006 / 100, rel=0.01)
    assert m.turnover_usd == pytest.approx(100_000 - 0.00125 * 1_100_000, abs=200)


def test_a_flow_is_no_profit() -> None:
    m = measured(path(*[50_000] * 300, flows=(CoinFlow(STEP_MS, D(2)), CoinFlow(90_000, D(-3)))))
    assert m.greatest_bps < 0.01


@pytest.mark.proof
def test_a_narrower_band_costs_more_and_tracks_better() -> None:
    flows = tuple(CoinFlow(n * 300_000, D("0.04")) for n in range(1, 48))
    wide, narrow = (
        measured(path(*saw(4), flows=flows), band=Band(size=D(size))) for size in ("0.005", "0.001")
    )
    assert narrow.tracking_bps < wide.tracking_bps
    assert narrow.trades > wide.trades


def test_faults_lead_to_no_order_twice_and_none_to_the_wrong_side() -> None:
    flows = tuple(CoinFlow(n * 60_000, D("0.1") * (-1) ** n) for n in range(1, 120))
    faulty = replace(
        path(*saw(2), flows=flows),
        faults=Faults(timed_out=0.2, partial=0.3, stale=0.02),
        outages=((1_000_000, 1_400_000),),
    )
    m = measured(faulty, band=Band(size=D("0.001")))
    assert m.trades > 10
    assert (m.duplicates, m.wrong_side) == (0, 0)


def test_an_account_as_it_was_is_not_traded_on() -> None:
    flows = tuple(CoinFlow(n * 60_000, D("0.1") * (-1) ** n) for n in range(1, 60))
    faulty = replace(path(*saw(1), flows=flows), faults=Faults(timed_out=0, partial=0, stale=0.4))
    m = measured(faulty, band=Band(size=D("0.001")))
    assert m.trades > 10
    assert (m.duplicates, m.wrong_side) == (0, 0)


def test_the_same_replay_measures_the_same() -> None:
    faulty = replace(path(*saw(1), flows=(CoinFlow(60_000, D(1)),)), faults=Faults(timed_out=0.5))
    first, second = (replace(measured(faulty), seconds=0) for _ in range(2))
    assert first == second


def test_replays_side_by_side_tell_how_many_steps_of_all_are_done() -> None:
    told: list[int] = []
    workload = path(*saw(5)[:1_100])
    jobs = [Job(rule.name, Book(), rule) for rule in RULES[:2]]
    outcomes = all_replayed(jobs, workload, told.append)
    assert [outcome.job for outcome in outcomes] == jobs
    assert told == sorted(told)
    assert told[-1] == 2 * 1_000  # it is told every 500 steps


def test_what_stops_one_of_several_replays_is_raised() -> None:
    gone = path(50_000, 50_000, flows=(CoinFlow(15_000, D(-100)),))
    jobs = [Job(rule.name, Book(), rule) for rule in RULES[:2]]
    with pytest.raises(VenueRefused, match="a withdrawal of 100 BTC after 15 s"):
        all_replayed(jobs, gone, lambda _: None)


def test_tracking_error_is_that_of_hourly_changes() -> None:
    meter = Meter(D(100), D(1_000_000))
    value = D(1_000_000)
    for hour, change in enumerate((100, -100, 100, -100), start=1):
        value += change
        meter.moved(hour * 3_600_000, value)
        meter.acted(value, value, D(0))
    assert meter.metrics().tracking_bps == pytest.approx(1.0 * 24**0.5)


def test_w0_is_always_the_same() -> None:
    first, second = generated_workload(days=1), generated_workload(days=1)
    assert first.points == second.points
    assert first.points[-1].at_ms == 86_400_000
    charged = [point for point in first.points if point.charged_rate is not None]
    assert len(charged) == 4


def test_what_no_other_beats_is_on_the_frontier() -> None:
    base = measured(path(50_000, 50_000))
    figures = [(1.0, 3.0), (2.0, 2.0), (2.0, 3.0), (3.0, 1.0)]
    outcomes = [
        Outcome(Job(str(n), Book()), replace(base, cost_bps=cost, tracking_bps=error))
        for n, (cost, error) in enumerate(figures)
    ]
    assert [outcome.job.label for outcome in frontier(outcomes)] == ["0", "1", "3"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("t_s,amount\n1,2\n", "flows.csv has no column coins; its columns are: t_s, amount"),
        ("t_s,coins\n1,2\n2,x\n", "flows.csv, line 3: not numbers: 2, x"),
    ],
)
def test_flows_that_cannot_be_read_say_where(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "flows.csv"
    file.write_text(text)
    with pytest.raises(PriceFileError, match=said):
        read_flows(file)


def prices_file(folder: Path) -> Path:
    file = folder / "prices.csv.gz"
    with gzip.open(file, "wt", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(("t_s", "price"))
        rows.writerows((n * 15, price) for n, price in enumerate(saw(1)))
    return file


def test_the_command_prints_its_figures_as_one_object(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["replay", "--prices", str(prices_file(tmp_path)), "--json"])
    assert done.exit_code == 0, done.output
    (run,) = json.loads(done.stdout)["runs"]
    assert (run["rule"], run["trades"], run["in_band"]) == ("hedged", 0, "1.000000")


def test_settings_side_by_side_make_a_figure(tmp_path: Path) -> None:
    config, figure = tmp_path / "c.toml", tmp_path / "figure.html"
    config.write_text(Path("config/example.toml").read_text())
    flows = tmp_path / "flows.csv"
    flows.write_text("t_s,coins\n600,0.01\n1200,0.01\n1800,0.01\n")
    done = CliRunner().invoke(
        app,
        [
            "replay", "-c", str(config), "--prices", str(prices_file(tmp_path)),
            "--flows", str(flows), "--sweep", "band=0.1%:1%", "--figure", str(figure), "--json",
        ],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    runs = {run["rule"]: run["trades"] for run in json.loads(done.stdout)["runs"]}
    assert runs["band 0.1%"] > runs["band 1%"] == 0
    assert "band 0.1%" in figure.read_text()


def test_without_a_configuration_the_standard_hedge_is_swept(tmp_path: Path) -> None:
    flows = tmp_path / "flows.csv"
    flows.write_text("t_s,coins\n600,0.01\n1200,0.01\n1800,0.01\n")
    files = ["--prices", str(prices_file(tmp_path)), "--flows", str(flows)]
    done = CliRunner().invoke(app, ["replay", *files, "--sweep", "band=0.1%:0.25%", "--json"])
    assert done.exit_code == 0, done.output
    alone = CliRunner().invoke(app, ["replay", *files, "--json"])
    assert alone.exit_code == 0, alone.output
    narrow, standard = json.loads(done.stdout)["runs"]
    (unswept,) = json.loads(alone.stdout)["runs"]
    assert narrow["trades"] > standard["trades"]
    timeless = {"rule": "", "seconds": ""}
    assert standard | timeless == unswept | timeless


def test_a_figure_that_cannot_be_written_costs_no_figures(tmp_path: Path) -> None:
    files = ["--prices", str(prices_file(tmp_path)), "--figure", str(tmp_path)]
    done = CliRunner().invoke(app, ["replay", *files])
    assert done.exit_code == 1
    assert "hedged" in done.stdout
    assert "cannot be written: Is a directory" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "give either --prices or --workload"),
        (["--workload", "W9"], 2, "W9 is no workload"),
        (["--workload", "W1", "--data", "nowhere"], 1, "w1_path.csv.gz cannot be read"),
        (["--workload", "W0", "--faults", "speed=1"], 2, "'speed' is no fault"),
        (["--workload", "W0", "--faults", "partial=2"], 2, "partial: 2 is not a share from 0 to 1"),
        (["--workload", "W0", "--faults", "seed=x"], 2, "seed: 'x' is not a whole number from 0"),
        (["--workload", "W0", "--faults", "stale=nan"], 2, "stale: nan is not a share from 0 to 1"),
        (["--workload", "W0", "--faults", "seed=-1"], 2, "seed: -1 is not a whole number from 0"),
        (["--workload", "W0", "--flows", "no.csv"], 1, "no.csv cannot be read"),
        (["--workload", "W0", "--figure", "no/f.html"], 1, "there is no folder no"),
        (["--workload", "W0", "--sweep", "asset.x=1"], 2, "--sweep asset.x: asset is no table"),
        (
            ["--workload", "W0", "--sweep", "bend=1%"],
            78,
            "hedged: --sweep: bend: unknown key; did you mean `band`?",
        ),
        (
            ["-c", "config/example.toml", "--workload", "W0", "--sweep", "style.kind=x"],
            78,
            "hedged: --sweep: style",
        ),
    ],
)
def test_what_cannot_be_replayed_is_said_in_one_line(
    arguments: list[str], code: int, said: str
) -> None:
    done = CliRunner().invoke(app, ["replay", *arguments])
    assert done.exit_code == code
    assert said in " ".join(done.output.replace("│", " ").split())


@pytest.mark.proof
@pytest.mark.skipif(not SHARED.is_dir(), reason="the workloads are not here")
def test_the_start_of_w4_is_hedged_flow_by_flow() -> None:
    whole = shipped_workload("W4", SHARED)
    m = measured(replace(whole, points=whole.points[:500]).without_basis)
    assert m.tracking_bps < 1
    assert m.wrong_side == 0
    assert file_workload("W2", SHARED / "w2_path.csv.gz").points[0] == whole.points[0]
