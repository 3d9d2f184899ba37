"""The dead-man switch at Bybit: a daemon that dies with an order resting leaves nothing working."""

from dataclasses import replace
from pathlib import Path

import pytest

from hedged.core.preflight import Mark
from hedged.sim.server import wall_clock_ms
from hedged.venue import LiveVenue, profile_of
from tests.rig import Rig, rig

pytestmark = pytest.mark.asyncio

RESTS = 'style = "maker"'


def protected(made: Rig) -> None:
    """Bybit has enabled the switch for the account, with its usual window."""
    made.act("protect", account="demo")


def live(made: Rig) -> LiveVenue:
    venue = made.daemon.venues["main"]
    assert isinstance(venue, LiveVenue)
    return venue


async def resting(made: Rig) -> None:
    await made.cycle()
    assert [order.link_id for order in made.account.open_orders.values()]


async def test_when_the_daemon_dies_the_venue_cancels_what_rests_after_the_window(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, extra=RESTS, before=protected, hasty=False) as made:
        await resting(made)
        (armed,) = made.told("dead_man.armed")
        assert armed["venue"] == "main"
        assert made.account.disconnect_window_s == 60
        assert made.daemon.loops[0].hedger._executor.unprotected() == ()  # type: ignore[union-attr] # live
        await live(made).close()  # as a kill does: nothing is said, the connection is gone
        made.exchange.advance(wall_clock_ms() + 50_000)
        assert made.account.open_orders
        made.exchange.advance(made.exchange.now_ms + 11_000)
        assert not made.account.open_orders


async def test_where_the_venue_has_not_enabled_it_nothing_is_opened_and_nothing_protects(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, extra=RESTS) as made:
        await resting(made)
        assert made.told("dead_man.armed") == []
        assert made.daemon.loops[0].hedger._executor.unprotected() == ("main",)  # type: ignore[union-attr] # live
        assert made.account.disconnect_window_s == 10


async def test_a_connection_that_was_lost_is_opened_again_within_the_window(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, extra=RESTS, before=protected, hasty=False) as made:
        await resting(made)
        venue = live(made)
        assert venue._lifeline is not None
        first = venue._lifeline._socket
        assert first is not None
        await first.close()
        assert await venue.arm_dead_man(60)
        assert venue._lifeline._socket is not first
        await venue.disarm_dead_man()
        assert venue._lifeline._socket is None


async def test_a_key_that_the_venue_refuses_there_arms_nothing(tmp_path: Path) -> None:
    async with rig(tmp_path, before=protected) as made:
        venue = live(made)
        assert venue._lifeline is not None
        object.__setattr__(venue._lifeline._spec, "secret", "another")
        assert not await venue.arm_dead_man(60)
        assert venue._lifeline._socket is None


@pytest.mark.quick
@pytest.mark.houses("binance")
@pytest.mark.usefixtures("at_home")
async def test_a_countdown_that_nobody_begins_anew_cancels_what_rests(tmp_path: Path) -> None:
    async with rig(tmp_path, extra=RESTS, hasty=False) as made:
        await resting(made)
        assert made.told("dead_man.armed")
        (ends_ms,) = made.account.countdowns.values()
        await live(made).close()  # as a kill does
        made.exchange.advance(ends_ms - 1)
        assert made.account.open_orders
        made.exchange.advance(ends_ms)
        assert not made.account.open_orders


async def test_before_it_trades_the_owner_is_told_who_would_cancel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig(tmp_path, extra=RESTS) as made:
        assert await told_before(made) == [Mark.GOOD]
        without = replace(profile_of(made.house.name), switch=None, countdown=None)
        monkeypatch.setattr("hedged.inspection.profile_of", lambda *_: without)
        assert await told_before(made) == [Mark.DOUBT]


async def test_where_nothing_rests_nobody_is_told_of_a_switch(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        assert await told_before(made) == []


async def told_before(made: Rig) -> list[Mark]:
    await made.daemon.inspection.tell()
    return [c.mark for c in made.daemon.inspection.checks if c.what == "dead-man switch"]
