"""Maintenance that the exchange announces, and its reopening, over real HTTP."""

from pathlib import Path

import pytest

from hedged.core.types import AssetDecision, Reason
from hedged.sim.faults import Kind
from tests.houses import House
from tests.rig import BLIND, rig

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("at_home")]

MAKER = """style = "maker"
[books.core.hedges.maker]
time_limit = "10m"
"""


def is_blocked(asset: AssetDecision) -> bool:
    return Reason.WINDOW in {finding.reason for finding in asset.blocked}


@pytest.mark.houses("bybit")  # Binance tells of none ahead
async def test_fault_16_nothing_is_sent_into_maintenance_that_was_announced(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("announce", begin_s="2000", duration_s="3600")
        made.clock.skip(301)  # it is asked for every five minutes, beside the reads
        await made.until(lambda _asset: bool(made.told("alert", reason="WINDOW")))
        (alert,) = made.told("alert", reason="WINDOW")
        assert alert["why"].startswith("main has announced maintenance from ")
        made.act("deposit", account="demo", coin="BTC", amount="1")
        await made.until_hedged()
        assert len(made.creates) == 2
        made.server.exchange.notices[:] = []
        made.act("announce", begin_s="330", duration_s="3600")
        made.clock.skip(301)
        for _ in range(3):
            await made.cycle()
        made.act("withdraw", account="demo", coin="BTC", amount="1")
        asset = await made.until(is_blocked)
        assert "upgrade" in asset[-1].blocked[0].detail
        for _ in range(3):
            assert is_blocked(await made.cycle())
        assert len(made.creates) == 2


async def test_fault_16_nothing_is_sent_while_it_lasts(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("announce", begin_s="0", duration_s="3600")
        made.clock.skip(301)
        await made.until(lambda _asset: bool(made.told("alert", reason="WINDOW")))
        made.act("deposit", account="demo", coin="BTC", amount="1")
        await made.until(is_blocked)
        for _ in range(3):
            asset = await made.cycle()
            assert is_blocked(asset)
            assert "main is in maintenance" in asset.blocked[0].detail
        assert len(made.creates) == 1
        made.server.exchange.notices[:] = []
        made.clock.skip(301)
        await made.until_hedged()
        assert len(made.creates) == 2


async def test_fault_16_what_rests_is_withdrawn_before_it_begins_and_nothing_new_rests(
    tmp_path: Path, at_home: House
) -> None:
    begins_s = "61" if at_home.tells_ahead else "0"
    async with rig(tmp_path, extra=MAKER, hasty=False) as made:
        made.act("protect", account="demo")
        await made.until(lambda _asset: bool(made.account.open_orders))
        made.act("announce", begin_s=begins_s, duration_s="60")
        await made.daemon.venues["main"]._announcements.renew()  # type: ignore[attr-defined] # the real gateway has them
        await made.until(lambda _asset: not made.account.open_orders, cycles=6)
        (told,) = made.told("order.withdrawn")
        assert "maintenance" in told["why"]
        asset = await made.cycle()
        assert is_blocked(asset)
        assert ("may rest for" in asset.blocked[0].detail) is at_home.tells_ahead
        assert len(made.creates) == 1


@pytest.mark.houses("bybit")  # Binance has no word for it
async def test_fault_16_a_reopening_for_post_only_orders_is_waited_for_and_said(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.strike(Kind.MAINTENANCE)
        await made.assert_frozen(BLIND, cycles=2)
        made.lift()
        made.act("phase", symbol="BTCUSD", phase="PostOnly")
        made.act("deposit", account="demo", coin="BTC", amount="1")
        await made.until(lambda _asset: len(made.creates) == 2)
        why = await made.assert_frozen(frozenset({Reason.NO_LIQUIDITY}), cycles=3)
        assert "takes none but post-only orders for now" in why
        assert "next try in" in why
        for _ in range(8):
            made.clock.skip(30)
            await made.cycle()
        assert 4 <= len(made.creates) <= 8
        made.act("phase", symbol="BTCUSD", phase="Trading")
        made.clock.skip(60)
        await made.until_hedged()
        await made.assert_each_sent_once()
