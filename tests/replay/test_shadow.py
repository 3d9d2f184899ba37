"""`--shadow`: a journal's days once more come to what was done; other settings differ."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hedged.cli.commands import app
from hedged.ops import logging
from hedged.replay.rehearsal import STANDARD_HEDGE, Rehearsal
from hedged.replay.rules import Reading
from hedged.replay.shadow import Deal, Past, Stand
from hedged.replay.stage import START, Stage, Terms, Traded
from hedged.replay.workload import CoinFlow, generated_workload
from hedged.store import SqlJournal

D = Decimal
CONFIG = """
environment = "testnet"
[venues.main]
exchange = "bybit"
api_key = "env:KEY"
secret = "env:SECRET"
[books.core]
[[books.core.hedges]]
asset = "BTC"
spot = []
venue = "main"
instrument = "BTC/USD:BTC"
"""
FLOWS = [CoinFlow(300_000 * n + 7_000, D("0.08") * (-1) ** (n % 3)) for n in range(1, 9)]


@pytest.fixture(autouse=True)
def quiet() -> None:
    logging.configure(style="json", level="error")


async def journalled(file: Path) -> list[Traded]:
    """Forty minutes live, with a journal on disk; what was traded."""
    whole = generated_workload(days=1)
    days = replace(whole, points=whole.points[:165], flows=FLOWS)
    stage = Stage(days, "BTC", "BTC/USD:BTC", terms=Terms())
    journal = await SqlJournal.open(file, stage.clock)
    hedge = replace(STANDARD_HEDGE, spot=())
    await stage.play(Rehearsal(stage, hedge, journal=journal).act)
    await journal.close()
    return stage.trades


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Traded]:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    (tmp_path / "c.toml").write_text(CONFIG)
    return asyncio.run(journalled(tmp_path / "journal-testnet.db"))


def shadow(folder: Path, *arguments: str) -> dict[str, Any]:
    ran = CliRunner().invoke(
        app, ["replay", "-c", str(folder / "c.toml"), "--shadow", "--json", *arguments]
    )
    assert ran.exit_code == 0, ran.output
    found: dict[str, Any] = json.loads(ran.stdout)
    return {run["rule"]: run for run in found["runs"] if not run["basis"]}


def test_the_same_configuration_would_have_done_what_was_done(
    done: list[Traded], tmp_path: Path
) -> None:
    runs = shadow(tmp_path)
    assert len(done) > 5
    for rule in ("as done", "hedged"):
        orders = runs[rule]["orders"]
        assert [order["at_ms"] // 60_000 for order in orders] == [t.at_ms // 60_000 for t in done]
        for order, trade in zip(orders, done, strict=True):
            assert abs(D(order["usd"]) - trade.usd) < 20
    assert runs["as done"]["wrong_side"] == 0


def test_another_band_would_have_done_something_else(done: list[Traded], tmp_path: Path) -> None:
    runs = shadow(tmp_path, "--sweep", "band=0.05%:2%")
    assert runs["as done"]["trades"] == len(done)
    assert runs["band 2%"]["trades"] == 0
    narrow = runs["band 0.05%"]
    assert D(narrow["tracking_bps"]) <= D(runs["as done"]["tracking_bps"])
    assert D(narrow["turnover_usd"]) > D(runs["as done"]["turnover_usd"])


def test_prices_of_a_file_lie_between_the_looks(done: list[Traded], tmp_path: Path) -> None:
    begins = round(START.timestamp())
    points = generated_workload(days=1).points[:165]
    file = tmp_path / "prices.csv"
    rows = [f"{begins + point.at_ms // 1000},{point.index}" for point in points]
    file.write_text("\n".join(["t_s,price", *rows]))
    runs = shadow(tmp_path, "--prices", str(file))
    assert runs["hedged"]["steps"] > 2 * len(done)
    assert runs["as done"]["trades"] == len(done)
    file.write_text("t_s,price\n1,50000\n2,50000\n")
    ran = CliRunner().invoke(
        app, ["replay", "-c", str(tmp_path / "c.toml"), "--shadow", "--prices", str(file)]
    )
    assert ran.exit_code == 1
    assert "prices.csv has no price of the journal's days, 2025-01-01 00:00" in ran.output


def test_the_table_puts_orders_beside_orders(done: list[Traded], tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["replay", "-c", str(tmp_path / "c.toml"), "--shadow"])
    assert ran.exit_code == 0, ran.output
    (line,) = [line for line in ran.output.splitlines() if "01-01 00:05" in line]
    for shown in line.split()[-2:]:
        assert abs(D(shown.replace(",", "")) - done[0].usd) < 20


def stand(minute: int, seq: int, equity: str, position: int, mark: int) -> Stand:
    return Stand(START + timedelta(minutes=minute), seq, D(equity), D(position), D(mark), D(mark))


def test_what_no_fill_explains_is_no_flow() -> None:
    stands = (
        stand(0, 1, "2", -100_000, 50_000),
        stand(1, 5, "3", -100_000, 50_000),  # a coin came
        stand(2, 9, "2.9995", -150_000, 50_000),  # sold 25,000 with a fee, 25,000 by hand
    )
    deals = (Deal(START + timedelta(seconds=61), 6, D(-25_000), D(50_000), D("0.0005")),)
    past = Past(stands, deals)
    assert past.workload(()).flows == [CoinFlow(60_000, D(1))]
    change = past.rule().change

    seen = [Reading(at, D(2), D(-100_000)) for at in (60_000, 61_000, 120_000)]
    assert [change(reading) for reading in seen] == [0, -25_000, -50_000]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["-c", "c.toml", "--workload", "W0"], 2, "--shadow takes -c"),
        ([], 2, "--shadow takes -c"),
        (["-c", "c.toml"], 1, "there is no journal at"),
    ],
)
def test_what_has_no_shadow_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, said: str
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.toml").write_text(CONFIG)
    ran = CliRunner().invoke(app, ["replay", "--shadow", *arguments])
    assert ran.exit_code == code
    assert said in " ".join(ran.output.replace("│", " ").split())
