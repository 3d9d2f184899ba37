"""`hedged doctor` finds what is wrong around a daemon, says what to do, and never falls over."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hedged.cli import doctor as module
from hedged.cli.commands import app
from tests.process import KEYS, embedded_exchange, written


def examined(path: Path, *options: str, env: dict[str, str] | None = None) -> tuple[int, Any]:
    """The exit code, and the checks by subject and what."""
    kept = {**KEYS, "STATE_DIRECTORY": str(path.parent / "state"), **(env or {})}
    done = CliRunner().invoke(app, ["doctor", "-c", str(path), "--json", *options], env=kept)
    checks = json.loads(done.stdout)["checks"]
    for check in checks:
        assert (check["mark"] == "good") or check["remedy"], check
    return done.exit_code, {(check["subject"], check["what"]): check for check in checks}


@pytest.mark.usefixtures("at_home")
def test_a_healthy_venue_and_no_daemon(tmp_path: Path) -> None:
    with embedded_exchange() as exchange:
        path = written(tmp_path, exchange.url)
        code, checks = examined(path)
    assert code == 3
    doubts = {key for key, check in checks.items() if check["mark"] != "good"}
    assert doubts == {("daemon", "alive"), ("alerts", "addresses"), ("alerts", "heartbeat")}
    assert "it trades" in checks["main", "BTC/USD:BTC"]["found"]
    assert "limit 1 s" in checks["main", "clock"]["found"]


def test_what_is_wrong_is_found_with_the_rest_still_shown(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        path = written(tmp_path, "http://127.0.0.1:1")
        text = (
            path.read_text() + f'\n[web]\nbind = "127.0.0.1:{port}"\n[alerts]\nto = ["env:NONE"]\n'
        )
        path.write_text(text)
        (tmp_path / "state").mkdir()
        (tmp_path / "state" / "journal-sim.db").write_bytes(b"nonsense" * 1000)
        code, checks = examined(path)
    assert code == 1
    wrong = {key for key, check in checks.items() if check["mark"] == "wrong"}
    assert wrong == {
        ("main", "opening"),
        ("this machine", "journal"),
        ("dashboard", "address"),
        ("this machine", "alerts"),
    }
    assert "NONE is not set" in checks["this machine", "alerts"]["found"]
    assert checks["this machine", "disk"]["mark"] == "good"


def test_keys_that_are_not_there_and_a_look_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "http://127.0.0.1:1")

    def broken(_settings: object) -> list[object]:
        raise RuntimeError("a bug")

    monkeypatch.setattr(module, "_disk", broken)
    text = path.read_text().replace("HEDGED_DEMO_KEY", "NOBODY_SET_THIS")
    path.write_text(text)
    code, checks = examined(path, "--offline")
    assert code == 1
    assert "NOBODY_SET_THIS is not set" in checks["main", "env:NOBODY_SET_THIS"]["found"]
    assert checks["main", "env:HEDGED_DEMO_SECRET"]["mark"] == "good"
    assert "a bug" in checks["this machine", "disk"]["found"]
    assert ("main", "opening") not in checks


def test_a_configuration_that_is_wrong_is_78_with_its_lines(tmp_path: Path) -> None:
    path = written(tmp_path, "http://127.0.0.1:1")
    path.write_text(path.read_text().replace("poll", "pol"))
    code, checks = examined(path)
    assert code == 78
    assert "did you mean `poll`?" in checks[str(path), "configuration"]["found"]


def test_people_see_marks_and_remedies(tmp_path: Path) -> None:
    path = written(tmp_path, "http://127.0.0.1:1")
    env = {**KEYS, "STATE_DIRECTORY": str(tmp_path / "state")}
    done = CliRunner().invoke(app, ["doctor", "-c", str(path), "--offline"], env=env)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("✓ this machine: versions: hedged ")
    assert any(line.startswith("! alerts: heartbeat: no monitor hears") for line in lines)
