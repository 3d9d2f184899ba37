"""What commands print when they fail: one line for people and, with --json, one object."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hedged.cli.commands import app
from tests.process import KEYS, written


def run(*arguments: object, env: dict[str, str] = KEYS) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments], env=env)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("command", ["plan", "check"])
def test_a_configuration_with_problems_is_one_object_with_each_of_them(
    command: str, tmp_path: Path
) -> None:
    config = written(tmp_path, "http://127.0.0.1:1")
    config.write_text(config.read_text().replace("poll", "pol").replace("spot", "spott"))
    code, stdout, stderr = run(command, "-c", config, "--json")
    assert code == 78
    error = json.loads(stdout)["error"]
    assert error["exit"] == 78
    assert [problem["key"] for problem in error["problems"]] == [
        "books.core.pol",
        "books.core.hedges[0].spott",
        "books.core.hedges[1].spott",
    ]
    first = error["problems"][0]
    assert (first["file"], first["line"]) == (str(config), 15)
    assert "did you mean `poll`" in first["message"]
    assert stderr == f"hedged: {error['message']}\n"
    assert stderr.count("\n") == 3


def test_a_secret_that_cannot_be_read_is_an_object_too(tmp_path: Path) -> None:
    nothing: dict[str, str] = {}
    code, stdout, stderr = run("plan", "-c", written(tmp_path, "http://127.0.0.1:1"), "--json")
    assert code == 3
    config = written(tmp_path, "http://127.0.0.1:1")
    config.write_text(config.read_text().replace("HEDGED_DEMO_KEY", "NOT_SET_ANYWHERE"))
    code, stdout, stderr = run("plan", "-c", config, "--json", env=nothing)
    (problem,) = json.loads(stdout)["error"]["problems"]
    assert (code, problem["key"]) == (78, "venues.main.api_key")
    assert stderr.count("\n") == 1


def test_an_error_at_the_venue_is_a_check_that_failed(tmp_path: Path) -> None:
    config = written(tmp_path, "http://127.0.0.1:1")
    code, stdout, stderr = run("check", "-c", config, "--online", "--json")
    assert code == 1
    (check,) = json.loads(stdout)["checks"]
    assert (check["subject"], check["what"], check["mark"]) == ("main", "opening", "wrong")
    assert check["remedy"]
    assert stderr == ""


def test_the_demo_says_it_in_an_object_too(tmp_path: Path) -> None:
    code, stdout, stderr = run("demo", "--json", "--prices", tmp_path / "none.csv")
    assert code == 1
    error = json.loads(stdout)["error"]
    assert "none.csv" in error["message"]
    assert stderr == f"hedged: {error['message']}\n"


def test_without_json_nothing_is_on_stdout(tmp_path: Path) -> None:
    run("plan", "-c", tmp_path / "none.toml", "--json")
    code, stdout, stderr = run("plan", "-c", tmp_path / "none.toml")
    assert (code, stdout) == (78, "")
    assert stderr.count("\n") == 1
    code, stdout, _ = run("sim", "--port", "0", "--prices", tmp_path / "none.csv")
    assert (code, stdout) == (1, "")
