"""`hedged status` tells the truth of a living daemon, of a halted one, and of a dead one."""

import json
import socket
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from hedged.cli import status as module
from hedged.cli.commands import app
from hedged.store import rehearsal_path
from tests.process import KEYS, embedded_exchange, hedged, process, written


def asked(path: Path, *options: str) -> Result:
    env = {**KEYS, "STATE_DIRECTORY": str(path.parent / "state"), "COLUMNS": "200"}
    return CliRunner().invoke(app, ["status", "-c", str(path), *options], env=env)


def found(path: Path) -> tuple[int, dict[str, Any]]:
    done = asked(path, "--json")
    return done.exit_code, json.loads(done.stdout)


@pytest.mark.usefixtures("at_home")
def test_alive_halted_and_dead(tmp_path: Path) -> None:
    with embedded_exchange() as exchange:
        path = written(tmp_path, exchange.url, execution="live")
        none = asked(path)
        assert none.exit_code == 3
        assert "no daemon is running, and there is no journal" in none.output
        with process("run", "-c", path, "--live") as daemon:
            for asset in ("BTC", "ETH"):
                daemon.event("cycle.done", asset=asset, reason="IN_BAND")
            code, alive = found(path)
            assert (code, alive["alive"], alive["source"]) == (0, True, "socket")
            (book,) = alive["books"]
            assert [(a["asset"], a["reason"]) for a in book["assets"]] == [
                ("BTC", "IN_BAND"),
                ("ETH", "IN_BAND"),
            ]
            assert alive["orders"][0]["state"] == "filled"
            assert alive["fills"]
            assert alive["findings"] == []
            said = asked(path)
            assert said.exit_code == 0
            for part in ("LIVE ON SIM", "ready; running since", "last fills:", "nothing is open"):
                assert part in said.stdout, said.stdout
            assert hedged("halt", "-c", path, "--why", "night").returncode == 0
            halted = asked(path)
            assert halted.exit_code == 4
            assert "trading is halted since" in halted.stdout
            assert "you: find the cause, then resume" in halted.stdout
            daemon.end()
        code, dead = found(path)
        assert (code, dead["alive"], dead["source"]) == (4, False, "journal")
        assert dead["state"]["why"] == "night"
        before = {a["asset"]: a["position_usd"] for a in book["assets"]}
        (book,) = dead["books"]
        assert {a["asset"]: a["position_usd"] for a in book["assets"]}.keys() == before.keys()
        assert dead["orders"] == alive["orders"]
        said = asked(path)
        assert "NOT RUNNING: no daemon is running; as of 20" in said.stdout


@pytest.mark.usefixtures("at_home")
def test_a_dry_run_is_asked_over_its_socket_and_over_its_api(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with embedded_exchange() as exchange:
        path = written(tmp_path, exchange.url)
        path.write_text(path.read_text() + f'\n[web]\nbind = "127.0.0.1:{port}"\n')
        with process("run", "-c", path) as daemon:
            daemon.event("web.started")
            for asset in ("BTC", "ETH"):
                daemon.event("cycle.done", asset=asset, reason="IN_BAND")
            code, alive = found(path)
            assert (code, alive["source"], alive["execution"]) == (0, "socket", "dry-run")
            assert " assumed" in asked(path).stdout
            rehearsal_path(path, {"STATE_DIRECTORY": str(tmp_path / "state")}).unlink()
            code, alive = found(path)
            assert (code, alive["source"], alive["execution"]) == (0, "api", "dry-run")
    done = asked(path)
    assert done.exit_code == 3
    assert "a dry-run keeps none" in done.stderr


def test_a_second_dry_run_of_a_file_leaves_the_first_one_its_socket(tmp_path: Path) -> None:
    with embedded_exchange() as exchange:
        path = written(tmp_path, exchange.url)
        with process("run", "-c", path) as first:
            first.event("cycle.done")
            with process("run", "-c", path) as second:
                said = second.event("status.unheard")
                assert str(path) in said["why"]
                second.event("cycle.done")
                assert second.end() == 0
            code, alive = found(path)
            assert (code, alive["source"]) == (0, "socket")


def test_a_dry_run_goes_on_where_it_can_make_no_socket() -> None:
    with embedded_exchange() as exchange, TemporaryDirectory() as folder:
        path = written(Path(folder), exchange.url)
        (path.parent / "state").write_text("no folder")
        with process("run", "-c", path) as daemon:
            daemon.event("status.unheard")
            daemon.event("cycle.done")


def test_a_damaged_journal_is_one_line(tmp_path: Path) -> None:
    path = written(tmp_path, "http://127.0.0.1:1", execution="live")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "journal-sim.db").write_bytes(b"nonsense" * 1000)
    done = asked(path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("hedged: ")
    assert len(done.stderr.splitlines()) == 1


def test_watching_goes_on_until_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "http://127.0.0.1:1")
    looks = []

    async def look(*_: object) -> None:
        looks.append(1)
        if len(looks) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(module, "found_by", look)
    monkeypatch.setattr(module, "AGAIN_S", 0.0)
    assert asked(path, "--watch").exit_code == 130
    assert len(looks) == 3
    assert asked(path, "--watch", "--json").exit_code == 2
