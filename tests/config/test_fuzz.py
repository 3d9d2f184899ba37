"""Whatever is in the file: settings, or problems that can be read. Never anything else."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedged.config import ConfigError, Settings, load
from hedged.config.keys import tables

SHIPPED = [
    path.read_text() for path in sorted((Path(__file__).parents[2] / "config").glob("*.toml"))
]
EVERY_KEY = """
environment = "sim"
execution = "live"
paper = false
[log]
format = "json"
level = "debug"
[venues.main]
exchange = "bybit"
api_key = "env:KEY"
secret = "env:SECRET"
testnet = "demo"
url = "http://127.0.0.1:8421"
timeout = "1s"
[books.core]
poll = "10s"
cron = "* * * * *"
max_age = "30s"
[[books.core.hedges]]
asset = "BTC"
spot = ["main", { static = 1, label = "cold" }]
venue = "main"
instrument = "BTC/USD:BTC"
ratio = 1
keep = 1
accounting = "coins"
band = 0.01
rebalance_to = "edge"
slippage = 0.01
allow_long = true
others = "count"
notional = 1
hysteresis = 1
outer_band = 3
priority = 1
weight = 1
cap = 1
more = [{ venue = "main", instrument = "BTC/USD:BTC" }]
also = [{ coin = "WBTC" }]
hedged_by = "ETH"
beta = 1.1
[books.core.hedges.auto]
risk_aversion = 10
order_cost = 1
value_at_risk = 1
[books.core.hedges.carry]
floor = "-10%"
stamps = 21
action = 0.5
[books.core.hedges.limits]
min_order = 1
max_order = 1
max_position = 1
max_orders = 60
max_turnover = 1
cooldown = "1s"
max_leverage = 4
liquidation_distance = "15%"
max_margin_use = "50%"
collar = "5%"
jump = "50%"
depth_share = 1
transit = "1h"
[[books.core.hedges.windows]]
name = "x"
ratio = 1
from = 2026-03-18T18:00:00Z
to = "2026-03-18T18:00:00Z"
cron = "0 8 * * *"
duration = "1h"
zone = "UTC"
ramp = "1m"
steps = 2
"""
KEYS = sorted({key for keys in tables().values() for key in keys})
VALUES = [
    *("true", "0", "-1", "0.0025", "1e99", "nan", "-inf", "1979-05-27", "07:32:00"),
    *("0x" + "f" * 4000, "9" * 4400, "1e9999999999999999999"),
    *("[]", "{}", "[[]]", "[{}]", "[1, 'a', {static = {}}]", "{ static = '1' }"),
    *("''", "'main'", "'sim'", "'mainnet'", "'BTC'", "'BTC/USD:BTC'", "'* * * * *'"),
    *("'%'", "'0.25%'", "'1s'", f"'{'9' * 50}d'", "'∞'", "'1²'", "'1e5%'"),
    *("'env:'", "'env:A'", "'http://[::1'", "'http://127.0.0.1'"),
    *('"file:\\u0000"', '"\\u0000\\u001b[31m\\n"'),
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A shipped file after a few accidents."""
    lines = draw(st.sampled_from(SHIPPED)).split("\n")
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(lines) - 1))
        line = lines[place]
        key, _, value = line.partition("=")
        accidents = [
            line.lstrip("# "),
            f"{line}\n{line}",
            line[: len(line) // 2],
            f"{key.strip(' #') or 'x'} = {draw(st.sampled_from(VALUES))}",
            f"{draw(st.sampled_from(KEYS))} = {value}",
            draw(st.sampled_from(lines)),
            line + draw(st.text(max_size=8)),
        ]
        lines[place] = draw(st.sampled_from(accidents))
    return "\n".join(lines)


def judged(path: Path, content: bytes) -> Settings | ConfigError:
    path.write_bytes(content)
    try:
        return load(path, env={})
    except ConfigError as error:
        return error


def assert_can_be_read(outcome: Settings | ConfigError, path: Path) -> None:
    if isinstance(outcome, ConfigError):
        assert outcome.problems
        for problem in outcome.problems:
            assert str(problem).startswith(str(path))
            assert str(problem).isprintable()
            assert problem.message
            assert len(problem.message) < 400


FUZZ = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FUZZ
@given(mutated())
def test_a_mutated_file_is_understood_or_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.toml"
    outcome = judged(path, text.encode(errors="surrogatepass"))
    assert_can_be_read(outcome, path)


@pytest.mark.proof
@settings(FUZZ, max_examples=10_000)
@given(mutated())
def test_10000_mutated_files_are_understood_or_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.toml"
    assert_can_be_read(judged(path, text.encode(errors="surrogatepass")), path)


@FUZZ
@given(st.binary(max_size=60))
def test_noise_is_refused(tmp_path: Path, noise: bytes) -> None:
    path = tmp_path / "x.toml"
    outcome = judged(path, noise)
    assert isinstance(outcome, ConfigError)
    assert_can_be_read(outcome, path)


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_every_key_survives_every_value(tmp_path: Path, value: str) -> None:
    path = tmp_path / "x.toml"
    lines = EVERY_KEY.split("\n")
    for place, line in enumerate(lines):
        if "=" in line:
            text = "\n".join([*lines[:place], f"{line.split()[0]} = {value}", *lines[place + 1 :]])
            assert_can_be_read(judged(path, text.encode()), path)
