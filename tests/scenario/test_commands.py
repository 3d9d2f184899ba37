"""Commands as whole processes against the embedded exchange: output, exit codes, bad input."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.houses import AT_BYBIT, House, house
from tests.process import Exchange, hedged, written


def test_plan_shows_the_opening_hedge_and_sends_nothing(exchange: Exchange, tmp_path: Path) -> None:
    config = written(tmp_path, exchange.url, execution="live")
    done = hedged("plan", "-c", config, "--json")
    assert done.returncode == 0, done.stderr
    (book,) = json.loads(done.stdout)["books"]
    assert [asset["asset"] for asset in book["assets"]] == ["BTC", "ETH"]
    for asset, coins in zip(book["assets"], ("5", "50"), strict=True):
        assert (asset["spot"], asset["collateral"], asset["equity"]) == ("0", coins, coins)
        assert (asset["position_usd"], asset["reason"]) == ("0", "ABOVE_BAND")
        assert asset["blocked"] == ["DRY_RUN"]
        (order,) = asset["orders"]
        assert (order["side"], order["reduce_only"]) == ("sell", False)
        left = Decimal(asset["drift_usd"]) - Decimal(order["notional_usd"])
        assert 0 <= left <= Decimal(asset["band_usd"])
    (account,) = exchange.admin("state")["accounts"].values()
    assert (account["positions"], account["fills"]) == ({}, 0)


def test_plan_prints_every_line_from_holdings_to_order(exchange: Exchange, tmp_path: Path) -> None:
    done = hedged("plan", "-c", written(tmp_path, exchange.url))
    assert done.returncode == 0
    for part in ("collateral", "equity", "net delta", "target USD", "order: sell", "DRY_RUN"):
        assert part in done.stdout


def test_text_of_the_user_is_shown_as_it_is(exchange: Exchange, tmp_path: Path) -> None:
    config = written(tmp_path, exchange.url)
    text = config.read_text().replace('["main"]', '["main", { static = "1", label = "[/x]" }]', 1)
    config.write_text(text)
    done = hedged("plan", "-c", config)
    assert (done.returncode, done.stderr) == (0, "")
    assert "[/x]" in done.stdout


def test_check_online_reads_the_venue(exchange: Exchange, tmp_path: Path) -> None:
    done = hedged("check", "-c", written(tmp_path, exchange.url), "--online", "--json")
    assert done.returncode == 0, done.stderr
    (venue,) = json.loads(done.stdout)["venues"]
    assert venue["position_mode"] == "one-way"
    assert venue["balances"]["BTC"] == "5"
    assert f"inverse, {house().lot} USD a contract" in venue["instruments"]["BTC/USD:BTC"]


def test_check_online_shows_what_it_read(exchange: Exchange, tmp_path: Path) -> None:
    done = hedged("check", "-c", written(tmp_path, exchange.url), "--online")
    assert done.returncode == 0, done.stderr
    assert "  venue main: one-way mode\n" in done.stdout
    assert "    balance BTC: 5\n" in done.stdout
    assert not set("{}[]'") & set(done.stdout.partition("\n")[2])


def test_check_online_says_what_the_preflight_found(exchange: Exchange, tmp_path: Path) -> None:
    config = written(tmp_path, exchange.url)
    done = hedged("check", "-c", config, "--online")
    assert "  ✓ main, key: it may not withdraw\n" in done.stdout
    assert " balances, 0 positions\n" in done.stdout
    assert f"  ✓ core BTC, lot: a lot of BTC/USD:BTC is {house().lot} USD" in done.stdout
    assert "✗" not in done.stdout
    exchange.admin("key", account="demo", may_withdraw=True)
    try:
        done = hedged("check", "-c", config, "--online", "--json")
    finally:
        exchange.admin("key", account="demo")
    assert done.returncode == 3, done.stdout
    doubts = [c for c in json.loads(done.stdout)["checks"] if c["mark"] == "doubt"]
    assert [(c["what"], c["found"]) for c in doubts] == [("key", "it may withdraw")]
    assert doubts[0]["remedy"] == "make one without the right to withdraw"


def test_check_online_of_a_key_that_only_reads_fails_for_live_execution_only(
    exchange: Exchange, tmp_path: Path
) -> None:
    exchange.admin("key", account="demo", may_trade=False)
    try:
        dry = hedged("check", "-c", written(tmp_path, exchange.url), "--online")
        live_file = written(tmp_path, exchange.url, execution="live")
        live = hedged("check", "-c", live_file, "--online")
        daemon = hedged("run", "-c", live_file, "--live")
    finally:
        exchange.admin("key", account="demo")
    assert (dry.returncode, live.returncode, daemon.returncode) == (0, 1, 1)
    assert "  ✗ main, key: it may only read -> make one that may trade contracts" in live.stdout
    assert one_line(daemon.stderr) == (
        "hedged: the key may only read: live execution needs one that may trade"
    )


def test_check_warns_of_coin_accounting(tmp_path: Path) -> None:
    config = written(tmp_path, "http://127.0.0.1:1")
    config.write_text(config.read_text() + 'accounting = "coins"\n')
    done = hedged("check", "-c", config)
    assert done.returncode == 0
    assert "0.556 BTC long at 58,500" in done.stdout


def one_line(stderr: str) -> str:
    (line,) = stderr.strip().splitlines()
    return line


def test_an_exchange_that_is_down_makes_plan_degraded_not_flat(tmp_path: Path) -> None:
    done = hedged("plan", "-c", written(tmp_path, "http://127.0.0.1:1"), "--json")
    assert done.returncode == 3
    for asset in json.loads(done.stdout)["books"][0]["assets"]:
        assert (asset["reason"], asset["position_usd"]) == ("SOURCE_MISSING", None)
        assert asset["orders"] == []


@pytest.mark.parametrize("command", ["plan", "check", "run"])
def test_a_typo_is_one_line_with_a_suggestion(command: str, tmp_path: Path) -> None:
    config = written(tmp_path, "http://127.0.0.1:1")
    config.write_text(config.read_text().replace("poll", "pol"))
    done = hedged(command, "-c", config)
    assert done.returncode == 78
    assert "did you mean `poll`" in one_line(done.stderr)


def test_a_missing_key_is_one_line(exchange: Exchange, tmp_path: Path) -> None:
    config = written(tmp_path, exchange.url)
    config.write_text(config.read_text().replace("HEDGED_DEMO_KEY", "NOT_SET_ANYWHERE"))
    done = hedged("plan", "-c", config)
    assert done.returncode == 78
    assert "NOT_SET_ANYWHERE" in one_line(done.stderr)


def test_a_wrong_key_is_one_line(exchange: Exchange, tmp_path: Path) -> None:
    config = written(tmp_path, exchange.url)
    (tmp_path / "key").write_text("wrong-key")
    (tmp_path / "key").chmod(0o600)
    config.write_text(config.read_text().replace("env:HEDGED_DEMO_KEY", "file:key"))
    done = hedged("plan", "-c", config)
    assert done.returncode == 1
    assert house().no_such_key in one_line(done.stderr)
    assert "demo-secret" not in done.stderr


def test_one_account_behind_two_references_is_refused(exchange: Exchange, tmp_path: Path) -> None:
    config = written(tmp_path, exchange.url)
    (tmp_path / "key").write_text("demo-key")
    (tmp_path / "key").chmod(0o600)
    second = config.read_text().split("[log]")[0].split("[venues.main]")[1]
    second = second.replace("env:HEDGED_DEMO_KEY", "file:key")
    config.write_text(config.read_text().replace("[log]", f"[venues.other]{second}[log]"))
    done = hedged("plan", "-c", config)
    assert done.returncode == 78
    assert "venues.other.api_key: is the same key as venues.main.api_key" in one_line(done.stderr)


def test_an_unknown_instrument_is_one_line(exchange: Exchange, tmp_path: Path) -> None:
    config = written(tmp_path, exchange.url)
    config.write_text(config.read_text().replace("ETH", "DOGE"))
    done = hedged("run", "-c", config)
    assert done.returncode == 1
    assert "DOGE/USD:DOGE is not listed" in done.stderr


def test_live_needs_both_locks(exchange: Exchange, tmp_path: Path) -> None:
    done = hedged("run", "-c", written(tmp_path, exchange.url), "--live")
    assert done.returncode == 78
    assert 'execution = "live"' in one_line(done.stderr)


def demo(*options: str, duration: str = "10s") -> dict[str, Any]:
    done = hedged("demo", "--duration", duration, "--json", *options)
    assert done.returncode == 0, done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


def test_demo_proposes_for_flows_and_not_for_prices() -> None:
    outcome = demo("--seed", "7")
    assert outcome["sent"] == 0
    # The opening of both assets, a deposit, a withdrawal and a sale; two price moves add nothing.
    assert outcome["proposed"] == 5
    # Each flow is believed at its second look.
    assert set(outcome["idle_reasons"]) == {"IN_BAND", "SANITY_JUMP"}
    for asset in outcome["books"][0]["assets"]:
        assert (asset["position_usd"], asset["assumed"]) == ("0", True)
        assert abs(Decimal(asset["paper_drift_usd"])) <= Decimal(asset["paper_band_usd"])


def test_demo_live_converges_into_the_band(at_home: House) -> None:
    slower = "10s" if at_home is AT_BYBIT else "20s"  # it weighs every request
    outcome = demo("--live", "--dialect", at_home.name, duration=slower)
    assert outcome["sent"] == outcome["proposed"] >= (5 if at_home is AT_BYBIT else 3)
    for asset in outcome["books"][0]["assets"]:
        assert asset["reason"] == "IN_BAND"
        assert abs(Decimal(asset["drift_usd"])) <= Decimal(asset["band_usd"])


def test_demo_refuses_a_price_file_without_a_price(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("ts,volume\n2020-01-01,3\n")
    done = hedged("demo", "--prices", bad)
    assert done.returncode == 1
    assert "ts, volume" in one_line(done.stderr)
