"""`hedged sim`, run as its users run it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedged.cli.commands import app
from tests.process import Exchange, process


def test_its_help_explains_itself() -> None:
    shown = CliRunner().invoke(app, ["sim", "--help"], terminal_width=200).output
    options = ("speed", "seed", "prices", "script", "port", "latency", "admin-token")
    assert not [option for option in options if f"--{option} " not in shown]
    assert '{"at_s": 5, "action": "fault"' in shown


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "cannot be read"), ('{"at_s": 1, "action": "dance"}', "line 1: action")],
)
def test_a_script_with_a_mistake_is_refused_in_one_line(
    tmp_path: Path, text: str | None, said: str
) -> None:
    script = tmp_path / "acts.jsonl"
    if text is not None:
        script.write_text(text)
    done = CliRunner().invoke(app, ["sim", "--port", "0", "--script", str(script)])
    assert (done.exit_code, done.stdout) == (1, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--port", "-1"),
        ("--port", "65536"),
        ("--speed", "0"),
        ("--speed", "-1"),
        ("--speed", "0.0001"),
        ("--speed", "1e9"),
        ("--latency", "-0.1"),
        ("--latency", "1e400"),
        ("--latency", "3601"),
    ],
)
def test_an_option_out_of_bounds_is_refused(option: str, value: str) -> None:
    done = CliRunner().invoke(app, ["sim", "--prices", "/nowhere", option, value])
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"Invalid value for '{option}'" in done.stderr


def test_it_performs_its_script_and_ends_on_a_signal(tmp_path: Path) -> None:
    script = tmp_path / "acts.jsonl"
    acts: list[dict[str, object]] = [
        {"at_s": 0, "action": "deposit", "account": "demo", "coin": "USDC", "amount": "7"},
        {"at_s": 1, "action": "fault", "kind": "status", "status": 503, "path": "/v5/nowhere"},
        {"at_s": 2, "action": "withdraw", "account": "demo", "coin": "USDC", "amount": "8"},
    ]
    script.write_text("\n".join(json.dumps(act) for act in acts))
    with process("sim", "--port", "0", "--speed", "10", "--script", script) as running:
        exchange = Exchange(running.next_line().split("listens on ")[1].split(";")[0])
        while "withdraw: insufficient_balance" not in running.next_line():
            pass
        overview = exchange.admin("overview")
        assert overview["accounts"]["demo"]["coins"]["USDC"]["balance"] == "7"
        assert [rule["kind"] for rule in overview["faults"]["rules"]] == ["status"]
        assert running.end() == 0


def test_it_speaks_binance_when_asked() -> None:
    with process("sim", "--port", "0", "--dialect", "binance") as running:
        line = running.next_line()
        assert 'exchange = "binance"' in running.next_line()
        exchange = Exchange(line.split("listens on ")[1].split(";")[0])
        assert "BTCUSD_PERP" in exchange.admin("state")["markets"]
