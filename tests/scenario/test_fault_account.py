"""Faults of the account: other hands, other bots, the venue's own hand, coins that come and go."""

from decimal import Decimal
from pathlib import Path

import pytest

from hedged.core.types import Reason
from hedged.sim.faults import Kind
from tests.rig import CANCEL, SYMBOL, Rig, rig

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("at_home")]
D = Decimal
ORPHAN = "hg00000000000000000000000001"


@pytest.mark.quick
@pytest.mark.parametrize("amount", ["1", "4", "-1"])
async def test_fault_10_coins_moved_by_hand_are_hedged_within_two_polls(
    amount: str, tmp_path: Path
) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        verb = "withdraw" if amount.startswith("-") else "deposit"
        made.act(verb, account="demo", coin="BTC", amount=amount.removeprefix("-"))
        await made.cycle()
        await made.cycle()
        made.assert_hedged()
        assert len(made.creates) == 2


async def test_fault_10_a_trade_by_another_hand_is_adopted_where_that_is_wanted(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, venue='external = "adopt"') as made:
        await made.until_hedged()
        made.act("trade", account="demo", symbol=made.house.perp(), side="buy", quantity="50000")
        await made.until_hedged()
        (told,) = made.told("reconcile.note", topic="adopted-change")
        assert f"buy {50_000 // made.house.lot} BTC/USD:BTC" in told["why"]
        assert told["log_level"] == "warning"
        assert len(made.orders) == 2
        assert made.position == made.journal.ledger.slots["main", SYMBOL].quantity.value
        assert not await made.entries("ack")


async def test_fault_10_spot_sold_by_hand_is_hedged_too(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("trade", account="demo", symbol="BTCUSDT", side="sell", quantity="1")
        made.clock.skip(made.house.rests_s)
        await made.cycle()
        await made.cycle()
        made.assert_hedged()


def left_behind(made: Rig) -> None:
    """A resting order with our mark, one of another bot, and one by hand."""
    for link_id, price in ((ORPHAN, "66000"), ("otherbot1", "67000"), ("", "68000")):
        made.act(
            "order",
            account="demo",
            symbol=made.house.perp(),
            side="sell",
            quantity="1000",
            price=price,
            link_id=link_id,
        )


async def test_fault_11_an_orphan_is_cancelled_and_other_orders_are_only_reported(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, before=left_behind) as made:
        await made.until_hedged()
        (cancelled,) = made.told("order.orphan_cancelled")
        assert cancelled["client_id"] == ORPHAN
        left = {order.link_id for order in made.account.open_orders.values()}
        assert left == {"otherbot1", ""}
        assert len(made.asked(CANCEL)) == 1
        reported = " ".join(note["why"] for note in made.told("reconcile.note"))
        assert "otherbot1 is not ours; left alone" in reported


async def test_fault_07_an_orphan_that_fills_after_its_cancel_is_booked_once(
    tmp_path: Path,
) -> None:
    """It is nobody's order: the change freezes until somebody has looked, and is hedged then."""
    async with rig(tmp_path) as made:
        await made.until_hedged()
        await made.stop()
        left_behind(made)
        await made.start()
        made.strike(Kind.LATE_FILL, path=CANCEL)
        await made.until(lambda asset: asset.reason is Reason.EXTERNAL_CHANGE)
        changes = [entry.event for entry in await made.entries("external-change")]
        assert len({change.trade_id for change in changes}) == len(changes)  # type: ignore[union-attr] # they have one
        await made.acknowledge()
        await made.until_hedged()
        assert made.journal.ledger.slots["main", "BTC/USD:BTC"].quantity.value == made.position


async def test_fault_12_a_liquidation_halts_with_the_figures(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        contracts = made.contracts
        made.act("liquidate", account="demo")
        await made.cycle()
        (halted,) = made.told("halted")
        assert f"{contracts} BTC/USD:BTC at" in halted["why"]
        assert "by liquidation" in halted["why"]
        assert made.journal.ledger.state.value == "halted"
        await made.restart()
        made.act("deposit", account="demo", coin="BTC", amount="1")
        await made.acknowledge()
        await made.cycle()
        asset = await made.cycle()
        assert Reason.HALTED in {finding.reason for finding in asset.blocked}
        assert len(made.creates) == 1


async def test_fault_12_auto_deleveraging_is_told_and_hedged_again_a_few_times_a_day(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, venue="max_adl = 2") as made:
        await made.until_hedged()
        for times in (1, 2):
            made.act("deleverage", account="demo", symbol=made.house.perp(), quantity="50000")
            await made.until_hedged()
            assert len(made.creates) == 1 + times
        told = [note["why"] for note in made.told("reconcile.note", topic="deleveraged")]
        assert len(told) == 2
        assert all(
            f"buy {50_000 // made.house.lot} BTC/USD:BTC" in why and "by adl" in why for why in told
        )
        made.act("deleverage", account="demo", symbol=made.house.perp(), quantity="50000")
        await made.cycle()
        (halted,) = made.told("halted")
        assert "auto-deleveraging (3 times in a day, limit 2)" in halted["why"]
        assert len(made.creates) == 3


async def test_fault_12_auto_deleveraging_halts_where_that_is_wanted(tmp_path: Path) -> None:
    async with rig(tmp_path, venue='on_adl = "halt"') as made:
        await made.until_hedged()
        made.act("deleverage", account="demo", symbol=made.house.perp(), quantity="50000")
        asset = await made.cycle()
        (halted,) = made.told("halted")
        assert "auto-deleveraging" in halted["why"]
        assert asset.reason is not Reason.IN_BAND
        assert len(made.creates) == 1


async def test_fault_29_a_rival_with_our_mark_halts(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        left_behind(made)
        made.act("deposit", account="demo", coin="BTC", amount="1")
        made.clock.skip(11)
        asset = await made.cycle()
        (halted,) = made.told("halted")
        assert "another process sent it after we started" in halted["why"]
        assert len(made.creates) == 1
        await made.restart()
        await made.cycle()
        asset = await made.cycle()
        assert Reason.HALTED in {finding.reason for finding in asset.blocked}
        assert len(made.creates) == 1


@pytest.mark.parametrize("amount", ["1", "4"])
async def test_fault_44_of_coins_that_vanish_the_owner_hears_before_the_hedge_follows(
    amount: str, tmp_path: Path
) -> None:
    """They went to the funding wallet; a second look must agree."""
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("transfer", account="demo", coin="BTC", amount=amount)
        for _ in range(2):
            assert len(made.creates) == 1
            await made.cycle()
        (alert,) = made.told("alert", reason="SANITY_JUMP")
        assert "BTC left since the last look and no trade of the hedge took them" in alert["why"]
        assert alert["log_level"] == "warning"
        (_, sent) = made.told("order.sent")
        assert made.said.index(alert) < made.said.index(sent)
        await made.until_hedged()
        made.act("price", coin="BTC", index="55000")
        made.act("deposit", account="demo", coin="BTC", amount="1")
        await made.until_hedged()
        assert len(made.told("alert")) == 1


@pytest.mark.houses("bybit")  # Binance settles no sessions
async def test_fault_45_a_settled_session_is_no_change(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("price", coin="BTC", index="62000")
        await made.until_hedged()
        made.act("settle", symbol=made.house.perp())
        made.clock.skip(61)
        await made.assert_frozen(frozenset({Reason.IN_BAND}))
        made.assert_hedged()
