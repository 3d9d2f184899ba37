"""Who gets in: tokens, hosts, origins, and how often."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hedged.cli.commands import app
from hedged.config import ConfigError
from hedged.ports import StoreError
from hedged.web.access import (
    Limiter,
    Rate,
    bearer,
    is_exposed,
    is_host_known,
    is_same_origin,
    opens,
    refuse_open_door,
)
from hedged.web.tokens import Scope, TokenFile
from tests.process import KEYS, written
from tests.web.build import settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_token_has_256_bits_and_only_its_hash_is_kept(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "state" / "tokens.json")
    secret = file.new("anna", Scope.READ, NOW)
    assert len(secret.removeprefix("hedged_")) == 43  # 32 bytes in base64
    assert secret.removeprefix("hedged_") not in file.path.read_text()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    found = file.holder(secret)
    assert found is not None
    assert (found.name, found.scope) == ("anna", Scope.READ)
    assert file.holder(secret + "x") is None


def test_a_revocation_counts_at_once_in_a_process_that_has_read_the_file(tmp_path: Path) -> None:
    daemon, operator = TokenFile(tmp_path / "t.json"), TokenFile(tmp_path / "t.json")
    secret = operator.new("anna", Scope.READ, NOW)
    assert daemon.holder(secret) is not None
    operator.revoke("anna")
    assert daemon.holder(secret) is None
    with pytest.raises(StoreError, match="no token 'anna'"):
        operator.revoke("anna")


def test_a_name_is_taken_once_and_a_damaged_file_lets_nobody_in(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "t.json")
    secret = file.new("anna", Scope.READ, NOW)
    with pytest.raises(StoreError, match="already"):
        file.new("anna", Scope.OPERATOR, NOW)
    file.path.write_text('{"tokens": [{"name": "anna"')
    with pytest.raises(StoreError, match="cannot be read"):
        file.holder(secret)


def test_scopes() -> None:
    assert opens(Scope.OPERATOR, Scope.READ)
    assert opens(Scope.READ, Scope.READ)
    assert not opens(Scope.READ, Scope.OPERATOR)
    assert not opens(None, Scope.READ)


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", None), ("", None), (None, None)],
)
def test_bearer(header: str | None, token: str | None) -> None:
    assert bearer(header) == token


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("127.0.0.1:8430", True),
        ("localhost", True),
        ("[::1]:8430", True),
        ("192.168.1.5:8430", True),  # no name resolves to it by an attacker's hand
        ("hedge.example.org", True),
        ("evil.example:8430", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
    ],
)
def test_a_name_that_somebody_else_made_point_here_is_not_ours(host: str, known: object) -> None:
    assert is_host_known(host, settings(hosts=["hedge.example.org"]).web) is known


def test_a_page_of_ours_or_none() -> None:
    assert is_same_origin(None, "127.0.0.1:8430")
    assert is_same_origin("http://127.0.0.1:8430", "127.0.0.1:8430")
    assert not is_same_origin("http://127.0.0.1:9999", "127.0.0.1:8430")
    assert not is_same_origin("https://evil.example", "127.0.0.1:8430")
    assert not is_same_origin("null", "127.0.0.1:8430")


@pytest.mark.parametrize(
    ("bind", "hosts", "exposed"),
    [
        ("127.0.0.1:1", [], False),
        ("[::1]:1", [], False),
        ("localhost:1", [], False),
        ("0.0.0.0:1", [], True),
        ("192.168.0.2:1", [], True),
        ("127.0.0.1:1", ["hedge.example.org"], True),
    ],
)
def test_an_address_that_others_reach_takes_a_token_first(
    bind: str, hosts: list[str], exposed: object, tmp_path: Path
) -> None:
    web, file = settings(bind=bind, hosts=hosts).web, TokenFile(tmp_path / "t.json")
    assert is_exposed(web) is exposed
    if exposed:
        with pytest.raises(ConfigError, match="hedged token new"):
            refuse_open_door(web, file)
        file.new("anna", Scope.READ, NOW)
    refuse_open_door(web, file)


def test_the_limiter_lets_a_burst_through_then_its_rate_and_forgets_old_addresses() -> None:
    limiter = Limiter(Rate(burst=3, per_s=2))
    assert [limiter.wait_s("a", 0.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert limiter.is_spent("a", 0.25)
    assert limiter.wait_s("b", 0.25) == 0
    assert limiter.wait_s("a", 0.5) == 0
    for number in range(2000):
        limiter.wait_s(f"x{number}", 1.0)
    assert len(limiter._buckets) <= 1000


def test_the_commands_make_list_and_revoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    config = str(written(tmp_path, "http://127.0.0.1:1"))

    def told(*words: str) -> Result:
        return CliRunner().invoke(app, ["token", *words, "-c", config])

    made = told("new", "anna", "--scope", "operator")
    assert made.output.startswith("hedged_")
    assert told("new", "anna").exit_code == 1
    listed = told("list").output
    assert "anna" in listed
    assert "operator" in listed
    assert made.output.strip() not in listed
    assert told("revoke", "anna").exit_code == 0
    assert "no tokens yet" in told("list").output


def test_the_daemon_refuses_an_open_door_before_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**KEYS, "STATE_DIRECTORY": str(tmp_path / "state")}.items():
        monkeypatch.setenv(name, value)
    config = written(tmp_path, "http://127.0.0.1:1")
    config.write_text(config.read_text() + '\n[web]\nbind = "0.0.0.0:0"\n')
    refused = CliRunner().invoke(app, ["run", "-c", str(config)])
    assert refused.exit_code == 78
    assert "web.bind: others than this machine can reach it" in refused.output
