"""From the file to the core's policy: every key arrives where it belongs."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from hedged.config import AccountsSource, HedgeSettings, load
from hedged.config.policies import account_names, hedge_policy
from hedged.core.types import (
    Alias,
    Band,
    BandKind,
    CarryAction,
    CarryFloor,
    Cross,
    HedgeLeg,
    HedgePolicy,
    Limits,
    Others,
    Window,
)

HEAD = """
[venues.main]
exchange = "bybit"
api_key = "env:KEY"
secret = "env:SECRET"
[venues.other]
exchange = "bybit"
api_key = "env:OTHER_KEY"
secret = "env:OTHER_SECRET"
[books.core]
"""

EVERY_KEY = """
[[books.core.hedges]]
asset = "BTC"
spot = [{ venue = "other", accounts = ["trading", "earn", "sub:cold"] }]
venue = "main"
instrument = "BTC/USD:BTC"
priority = 2
weight = 3
cap = 250000
more = [{ venue = "other", instrument = "BTC/USD:BTC-270326" }]
also = [{ coin = "WBTC" }, { coin = "LBTC", rate = "1.01" }, { coin = "SBTC", rate = "observed" }]
ratio = 0.9
band = "auto"
auto = { risk_aversion = 20, order_cost = "0.5", value_at_risk = 2000 }
rebalance_to = "target"
hysteresis = 0.8
outer_band = 5
slippage = "0.2%"
allow_long = true
others = "count"
accounting = "equity"
carry = { floor = "-10%", stamps = 9, action = "50%" }

[books.core.hedges.limits]
min_order = 100
max_order = "50000.5"
max_position = 500000
max_orders = 12
max_turnover = 1000000
cooldown = "1m"
max_leverage = 3
liquidation_distance = "20%"
max_margin_use = "40%"
collar = "3%"
jump = "30%"
depth_share = 0.5
transit = "1h"

[[books.core.hedges.windows]]
name = "rate decision"
ratio = 1
from = 2026-03-18T18:00:00+01:00
to = "2026-03-18T19:00:00Z"

[[books.core.hedges.windows]]
ratio = 1.2
cron = "30 13 * * fri"
duration = "2h"
zone = "America/New_York"
ramp = "20m"
steps = 4

[[books.core.hedges]]
asset = "ADA"
spot = [{ static = 1000 }]
hedged_by = "BTC"
beta = 1.1
"""


def hedges(folder: Path, text: str) -> tuple[HedgeSettings, ...]:
    path = folder / "x.toml"
    path.write_text(HEAD + text)
    return load(path, env={}).books["core"].hedges


def policies(folder: Path, text: str) -> list[HedgePolicy]:
    return [hedge_policy(hedge, ("cold",), Decimal(30)) for hedge in hedges(folder, text)]


def test_every_key_arrives(tmp_path: Path) -> None:
    btc, ada = policies(tmp_path, EVERY_KEY)
    assert btc.legs == (
        HedgeLeg("main", "BTC/USD:BTC", 2, Decimal(3), Decimal(250_000)),
        HedgeLeg("other", "BTC/USD:BTC-270326"),
    )
    assert btc.aliases == (Alias("WBTC"), Alias("LBTC", Decimal("1.01")), Alias("SBTC", None))
    assert btc.band == Band(
        BandKind.AUTO,
        risk_aversion=Decimal(20),
        order_cost_usd=Decimal("0.5"),
        value_at_risk_usd=Decimal(2000),
        hysteresis=Decimal("0.8"),
        outer=Decimal(5),
    )
    assert btc.carry_floor == CarryFloor(Decimal("-0.1"), 9, CarryAction.RATIO, Decimal("0.5"))
    assert btc.limits == Limits(
        min_order_usd=Decimal(100),
        max_order_usd=Decimal("50000.5"),
        max_position_usd=Decimal(500_000),
        max_orders_per_hour=12,
        max_turnover_usd=Decimal(1_000_000),
        cooldown_s=Decimal(60),
        max_leverage=Decimal(3),
        liquidation_distance=Decimal("0.2"),
        emergency_distance=Decimal("0.1"),
        max_margin_use=Decimal("0.4"),
        collar=Decimal("0.03"),
        jump=Decimal("0.3"),
        depth_share=Decimal("0.5"),
        transit_s=Decimal(3600),
    )
    assert btc.windows == (
        Window(
            "rate decision",
            Decimal(1),
            datetime(2026, 3, 18, 17, tzinfo=UTC),
            datetime(2026, 3, 18, 19, tzinfo=UTC),
        ),
        Window(
            "window",
            Decimal("1.2"),
            cron="30 13 * * fri",
            duration_s=7200,
            zone="America/New_York",
            ramp_s=1200,
            steps=4,
        ),
    )
    assert (btc.ratio, btc.rebalance_to, btc.slippage) == (
        Decimal("0.9"),
        Decimal(0),
        Decimal("0.002"),
    )
    assert (btc.allow_long, btc.others) == (True, Others.COUNT)
    assert (ada.cross, ada.legs) == (Cross("BTC", Decimal("1.1")), ())


def limits_of(folder: Path, spot: str, limits: str = "") -> Limits:
    (found,) = policies(
        folder,
        '[[books.core.hedges]]\nasset = "BTC"\nvenue = "main"\ninstrument = "BTC/USD:BTC"\n'
        f"{spot}\n[books.core.hedges.limits]\n{limits}\n",
    )
    return found.limits


@pytest.mark.parametrize(
    ("spot", "limits", "bounds"),
    [
        ('spot = [{ venue = "main", accounts = ["funding"] }]', "", ("0.25", "0.4", "0.65")),
        ('spot = ["other"]', "", ("0.35", "0.5", "0.75")),
        ("spot = [{ static = 2 }]", "", ("0.35", "0.5", "0.75")),
        ("", 'collateral_low = "60%"', ("0.6", "0.6", "0.65")),
        ("", 'collateral_target = "20%"', ("0.2", "0.2", "0.65")),
        ("", 'collateral_target = "80%"', ("0.25", "0.8", "0.8")),
        ("", 'collateral_high = "30%"', ("0.25", "0.3", "0.3")),
    ],
)
def test_bounds_of_collateral_depend_on_how_near_the_coins_are(
    spot: str, limits: str, bounds: tuple[str, str, str], tmp_path: Path
) -> None:
    found = limits_of(tmp_path, spot, limits)
    given = (found.collateral_low, found.collateral_target, found.collateral_high)
    assert given == tuple(map(Decimal, bounds))


def test_an_emergency_may_be_told_of_only(tmp_path: Path) -> None:
    assert limits_of(tmp_path, "", 'on_emergency = "alert"').emergency_distance is None
    assert limits_of(tmp_path, "", 'emergency_distance = "5%"').emergency_distance == Decimal(
        "0.05"
    )


def test_the_file_s_defaults_are_the_core_s(tmp_path: Path) -> None:
    """What nobody writes must mean the same in both places."""
    (plain,) = policies(
        tmp_path,
        '[[books.core.hedges]]\nasset = "BTC"\nvenue = "main"\ninstrument = "BTC/USD:BTC"\n',
    )
    assert plain == HedgePolicy("BTC", ("cold",), (HedgeLeg("main", "BTC/USD:BTC"),))


def test_targets_that_take_the_ratio_s_place(tmp_path: Path) -> None:
    text = '[[books.core.hedges]]\nasset = "BTC"\nvenue = "main"\ninstrument = "BTC/USD:BTC"\n'
    (kept,) = policies(tmp_path, f"{text}keep = 2\n")
    (fixed,) = policies(tmp_path, f'{text}notional = 1000\nband = "500 USD"\n')
    (coins,) = policies(tmp_path, f'{text}band = "0.05 BTC"\ncarry = {{ floor = 0 }}\n')
    assert kept.keep == 2
    assert fixed.notional_usd == 1000
    assert fixed.band == Band(BandKind.USD, Decimal(500))
    assert coins.band == replace(Band(), kind=BandKind.COINS, size=Decimal("0.05"))
    assert coins.carry_floor == CarryFloor(Decimal(0))


def test_accounts_of_an_exchange_have_names_of_their_own(tmp_path: Path) -> None:
    (source,) = hedges(tmp_path, EVERY_KEY)[0].spot
    assert isinstance(source, AccountsSource)
    assert account_names(source) == ("other", "other:earn", "other:sub:cold")
