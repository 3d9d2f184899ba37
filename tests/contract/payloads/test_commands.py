"""`hedged check --online` and `hedged plan` at every venue, as a user has them, over recordings."""

import json
import re
from asyncio import to_thread
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from typer.testing import CliRunner, Result

from hedged.cli.commands import app
from hedged.clock import SystemClock
from hedged.venue.strict import Strict
from tests.contract.payloads.replay import ROOT, Replay, replaying
from tests.contract.payloads.table import Table, read
from tests.contract.payloads.tables import TABLES, htx, weex

if not ROOT.is_dir():
    pytest.skip(f"no recorded payloads at {ROOT}", allow_module_level=True)

# What 2.5 coins in a cold wallet come to. Most of what was recorded contradicts itself, since its
# prices are of several days or its position of none: then the verdict says that.
TORN = "reports .* BTC equity, wallet and PnL give"
FAR = "mark .* % from (index|last price)"
EMPTY = "cut to 100 % of the 0 contracts in the book within the bound"
VERDICTS = {
    "bingx BTC/USDT:USDT": FAR,
    "bingx BTC/USD:BTC": TORN,
    "bitget BTC/USDT:USDT": FAR,
    "bitget BTC/USD:BTC": FAR,
    "gate BTC/USD:BTC": TORN,
    "gate BTC/USDT:USDT": EMPTY,
    "htx BTC/USD:BTC": FAR,
    "kucoin BTC/USD:BTC": FAR,
    "mexc BTC/USD:BTC": "779",  # 2.5 * 31199.5 = 77,998.75 USD, in contracts of 100
    "phemex BTC/USD:BTC": "21863",  # 2.5 * 8745.3092 USD
    "weex BTC/USDT:USDT": "2.5",
}
READ = [table for table in TABLES if table.name in VERDICTS]


@pytest_asyncio.fixture
async def replay() -> AsyncIterator[Replay]:
    async with replaying() as running:
        yield running


async def said(*words: str) -> Result:
    """What a command says; in a thread, as the recordings are told in this one."""
    return await to_thread(CliRunner().invoke, app, list(words))


def written(folder: Path, table: Table, replay: Replay, **changes: str) -> Path:
    """A configuration for the venue at the recordings."""
    text = f"""environment = "{changes.get("environment", "sim")}"

[venues.main]
exchange = "{table.exchange}"
api_key = "env:ITS_KEY"
secret = "env:ITS_SECRET"
passphrase = "env:ITS_KEY"
url = "{replay.url}"

[books.core]

[[books.core.hedges]]
asset = "BTC"
spot = [{{ static = "2.5" }}]
venue = "main"
instrument = "{changes.get("instrument", table.symbol)}"
ratio = 1.0
rebalance_to = "target"
"""
    path = folder / "hedged.toml"
    path.write_text(text)
    return path


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ITS_KEY", "KEY00000000000000001")
    monkeypatch.setenv("ITS_SECRET", "c2VjcmV0LXRoYXQtbXVzdC1ub3QtYmUtc2Vlbi0wMDE=")
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    return tmp_path


async def at_the_time_of_recording(
    table: Table, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let this machine's clock be the recorded one."""
    table.answer(replay, *table.opening)
    async with read(table, replay) as venue:
        skew_s = venue.skew_s
    assert skew_s is not None
    then = SystemClock().now() - timedelta(seconds=float(skew_s))
    then_ms = int(then.timestamp() * 1000)
    monkeypatch.setattr(SystemClock, "now", lambda _: then)
    monkeypatch.setattr(Strict, "milliseconds", staticmethod(lambda: then_ms), raising=False)


@pytest.mark.asyncio
@pytest.mark.parametrize("table", READ, ids=lambda table: table.name)
async def test_a_dry_run_at_each_venue(
    replay: Replay, house: Path, monkeypatch: pytest.MonkeyPatch, table: Table
) -> None:
    await at_the_time_of_recording(table, replay, monkeypatch)
    for row in table.rows:
        if row.what in {"quote", "depth in contracts"}:
            table.answer(replay, *row.answers)
    path = written(house, table, replay)
    checked = await said("check", "--online", "-c", str(path))
    assert checked.exit_code in {0, 3}, checked.output
    assert f"instrument {table.symbol}: " in checked.output
    assert "✗" not in checked.output
    planned = await said("plan", "-c", str(path), "--json")
    (asset,) = json.loads(planned.stdout)["books"][0]["assets"]
    expected = VERDICTS[table.name]
    if expected in {TORN, FAR, EMPTY}:
        assert re.search(expected, asset["why"])
        assert asset["orders"] == []
    else:
        assert asset["orders"], asset["why"]
        (order,) = asset["orders"]
        assert asset["reason"] == "ABOVE_BAND"
        assert asset["blocked"][0] == "DRY_RUN"
        told = {key: order[key] for key in ("instrument", "side", "contracts")}
        assert told == {"instrument": table.symbol, "side": "sell", "contracts": expected}
    # Nothing but reads reached the venue.
    writes = table.profile.write_routes
    assert not [seen for seen in replay.seen if (seen.method, seen.path) in writes]


@pytest.mark.asyncio
async def test_where_there_is_no_inverse_contract_the_linear_one_is_named(
    replay: Replay, house: Path
) -> None:
    weex.WEEX.answer(replay, *weex.WEEX.opening)
    path = written(house, weex.WEEX, replay, instrument="BTC/USD:BTC")
    checked = await said("check", "--online", "-c", str(path))
    assert checked.exit_code == 1
    assert "BTC/USDT:USDT" in checked.output


@pytest.mark.asyncio
async def test_a_venue_without_a_testnet_is_refused_before_it_is_asked(
    replay: Replay, house: Path
) -> None:
    path = written(house, htx.HTX, replay, environment="testnet")
    path.write_text(path.read_text().replace(f'url = "{replay.url}"\n', ""))
    for words in (["check"], ["check", "--online"], ["plan"], ["run"]):
        refused = await said(*words, "-c", str(path))
        assert refused.exit_code == 78
        assert "venues.main.exchange: htx has no test environment; these have" in refused.output
    assert replay.seen == []
