"""Faults around one order: timeouts, ambiguous answers, fills that come late, twice or not at all.

What the daemon believes is held against the exchange's own record of requests, orders and fills.
"""

from collections import Counter
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hedged import app
from hedged.core.types import AssetDecision, Depth, Reason
from hedged.engine.endings import SettleRules
from hedged.sim.faults import Kind
from hedged.sim.orders import Execution
from tests.rig import CANCEL, CREATE, FILLS, LOOK_UP, ORDERS, Rig, rig

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("at_home")]
D = Decimal


def is_in_flight(asset: AssetDecision) -> bool:
    return asset.reason is Reason.ORDER_IN_FLIGHT


async def kinds(made: Rig) -> Counter[str]:
    return Counter(entry.event.kind for entry in await made.entries())


async def assert_fills_booked_once(made: Rig) -> None:
    """The journal's fills are the exchange's, each once, and make up the position."""
    booked = [entry.event for entry in await made.entries("fill")]
    truth = [
        f for f in made.account.fills if f.kind is Execution.TRADE and f.symbol == made.house.perp()
    ]
    assert Counter(f.trade_id for f in booked) == Counter(map(made.house.trade_id, truth))  # type: ignore[union-attr] # fills have one
    slot = made.journal.ledger.slots["main", "BTC/USD:BTC"]
    assert slot.quantity.value == made.position


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": Kind.REPLY_LOST},
        {"kind": Kind.HANG, "accepted": True},
        {"kind": Kind.STATUS, "status": 504, "accepted": True},
    ],
    ids=lambda fault: str(fault["kind"]),
)
async def test_fault_01_timed_out_and_accepted_it_is_adopted_and_never_sent_again(
    fault: dict[str, Any], tmp_path: Path
) -> None:
    async with rig(tmp_path, patience="0.5s") as made:
        made.strike(**fault, path=CREATE)
        await made.until_hedged()
        (unknown,) = made.told("order.unknown")
        assert [order.link_id for order in made.orders] == [unknown["client_id"]]
        assert len(made.creates) == 1
        counted = await kinds(made)
        assert (counted["intent"], counted["unknown"], counted["never-existed"]) == (1, 1, 0)
        await assert_fills_booked_once(made)


@pytest.mark.parametrize(
    "fault",
    [{"kind": Kind.REQUEST_LOST}, {"kind": Kind.HANG}, {"kind": Kind.STATUS, "status": 502}],
    ids=lambda fault: str(fault["kind"]),
)
async def test_fault_02_timed_out_and_not_accepted_it_fails_only_on_proof(
    fault: dict[str, Any], tmp_path: Path
) -> None:
    """Three answers "not found" over the time that the rules name (1 s here, 10 s elsewhere)."""
    async with rig(tmp_path, patience="0.5s") as made:
        made.strike(**fault, path=CREATE)
        await made.cycle()
        (unknown,) = made.told("order.unknown")
        seen = await made.until_hedged()
        assert len(made.creates) == 2
        assert unknown["client_id"] not in {order.link_id for order in made.orders}
        requests, look_ups = list(made.server.requests), made.asked(LOOK_UP)
        first, second = (requests.index(create) for create in made.creates)
        assert sum(request in look_ups for request in requests[first:second]) >= 3
        (proof,) = await made.entries("never-existed")
        assert proof.event.client_id == unknown["client_id"]  # type: ignore[union-attr] # it has one
        (submit, again) = await made.entries("submit")
        assert submit.seq < proof.seq < again.seq
        assert (proof.at - submit.at).total_seconds() >= 1
        assert all(is_in_flight(asset) for asset in seen[:-2])
        await made.assert_each_sent_once()


@pytest.mark.parametrize("nth", [0, 1, 2])
@pytest.mark.parametrize("accepted", [True, False])
async def test_fault_03_an_ambiguous_code_proves_nothing(
    nth: int,
    accepted: bool,  # noqa: FBT001 - pytest names it
    tmp_path: Path,
) -> None:
    async with rig(tmp_path) as made:
        code = made.house.codes["doubtful"][nth]
        made.strike(Kind.CODE, code=code, accepted=accepted, path=CREATE)
        await made.until_hedged()
        (unknown,) = made.told("order.unknown")
        assert str(code) in unknown["detail"]
        assert len(made.creates) == (1 if accepted else 2)
        assert len(made.orders) == 1
        await made.assert_each_sent_once()
        await assert_fills_booked_once(made)


@pytest.mark.quick
@pytest.mark.parametrize("nth", [0, -1])
async def test_fault_04_a_duplicate_id_is_proof_that_the_order_exists(
    nth: int, tmp_path: Path
) -> None:
    async with rig(tmp_path) as made:
        code = made.house.codes["duplicate"][nth]
        made.strike(Kind.CODE, code=code, accepted=True, path=CREATE)
        await made.until_hedged()
        (unknown,) = made.told("order.unknown")
        assert "an order of this client id exists" in unknown["detail"]
        assert len(made.creates) == len(made.orders) == 1
        await assert_fills_booked_once(made)


async def test_fault_05_an_acknowledged_order_that_is_invisible_keeps_its_slot(
    tmp_path: Path,
) -> None:
    """Nothing is sent in its place, however often it is not found."""
    async with rig(tmp_path) as made:
        made.strike(Kind.INVISIBLE, seconds=D(3600))
        await made.cycle()
        made.act("deposit", account="demo", coin="BTC", amount="1")
        for _ in range(5):
            made.clock.skip(60)
            asset = await made.cycle()
            assert asset.reason in {Reason.ORDER_IN_FLIGHT, Reason.UNRECONCILED}
        assert len(made.creates) == 1
        made.lift()
        await made.until_hedged()
        assert len(made.creates) == len(made.orders) == 2
        assert (await kinds(made))["never-existed"] == 0
        await assert_fills_booked_once(made)


@pytest.mark.quick
async def test_fault_06_after_a_partial_fill_the_rest_is_planned_from_the_position(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path) as made:
        made.strike(Kind.THIN_BOOK, value="100000", path=CREATE)
        await made.cycle()
        (first,) = made.orders
        assert D(0) < first.filled < first.quantity
        assert made.position == -first.filled
        await made.until_hedged()
        first, second = made.orders
        assert second.quantity < first.quantity
        assert abs(second.quantity - (first.quantity - first.filled)) < 1000  # fees moved the gap
        await assert_fills_booked_once(made)


@pytest.mark.quick
async def test_fault_07_a_fill_after_the_order_had_ended_is_booked_once(tmp_path: Path) -> None:
    """The venue said that the rest was cancelled, and then it filled after all."""
    async with rig(tmp_path) as made:
        made.strike(Kind.THIN_BOOK, value="100000", path=CREATE)
        await made.cycle()
        (order,) = made.orders
        assert not order.status.is_open
        made.exchange.fill_late(made.account, order)
        await made.until_hedged()
        assert len(made.orders) == 1  # the late fill did what a second order would have done
        (known,) = made.journal.ledger.orders.values()
        assert known.late
        assert (await kinds(made))["external-change"] == 0
        await assert_fills_booked_once(made)


async def test_fault_08_fills_that_come_twice_and_out_of_order_are_booked_once(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path) as made:
        made.strike(Kind.DUPLICATE_FILLS, times=0, path=FILLS)
        made.strike(Kind.UNORDERED_FILLS, times=0, path=FILLS)
        await made.until_hedged()
        for amount in ("1", "2"):
            made.act("deposit", account="demo", coin="BTC", amount=amount)
            await made.until_hedged()
        await made.restart()
        await made.until_hedged()
        assert len([f for f in made.account.fills if f.symbol == made.house.perp()]) > len(
            made.orders
        )
        await assert_fills_booked_once(made)


async def test_fault_09_fills_and_position_disagree_and_the_venue_wins(tmp_path: Path) -> None:
    """A trade that no list shows: frozen with the figures, then booked, until somebody looks."""
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.strike(Kind.EMPTY, times=0, path=FILLS)
        made.act("trade", account="demo", symbol=made.house.perp(), side="buy", quantity="50000")
        for _ in range(4):
            asset = await made.cycle()
            assert asset.reason in {Reason.EXTERNAL_CHANGE, Reason.UNRECONCILED}
            assert "50000" in asset.why
        assert len(made.creates) == 1
        (change,) = await made.entries("external-change")
        assert "no listed trade explains it" in str(change.event)
        made.lift()
        assert (await made.cycle()).reason is Reason.EXTERNAL_CHANGE
        slot = made.journal.ledger.slots["main", "BTC/USD:BTC"]
        assert slot.quantity.value == made.position


async def test_fault_13_after_three_refusals_for_margin_it_waits(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        (code,) = made.house.codes["margin"]
        made.strike(Kind.CODE, code=code, times=0, path=CREATE)
        frozen = (await made.until(lambda asset: asset.reason is Reason.LIMIT_EXCEEDED))[-1]
        assert f"3 orders in a row came to nothing (refused: {code}" in frozen.why
        for _ in range(3):
            await made.cycle()
        assert len(made.creates) == 3
        made.clock.skip(3600)
        await made.cycle()
        await made.cycle()
        assert len(made.creates) == 4
        made.lift()
        made.clock.skip(7200)
        await made.until_hedged()
        assert made.journal.ledger.state.value == "active"


async def test_fault_14_after_three_reduce_only_refusals_it_waits(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        (code,) = made.house.codes["reduce_only"]
        made.strike(Kind.CODE, code=code, times=0, path=CREATE)
        made.act("withdraw", account="demo", coin="BTC", amount="1")
        frozen = (await made.until(lambda asset: asset.reason is Reason.LIMIT_EXCEEDED))[-1]
        assert f"refused: {code}" in frozen.why
        for _ in range(3):
            await made.cycle()
        assert len(made.creates) == 1 + 3
        made.lift()
        made.clock.skip(60)
        await made.until_hedged()


@pytest.mark.parametrize("accepted", [True, False])
async def test_fault_24_a_reply_that_takes_longer_than_our_patience(
    accepted: bool,  # noqa: FBT001 - pytest names it
    tmp_path: Path,
) -> None:
    """On the way back or on the way in: the order appears while it is being looked up."""
    async with rig(tmp_path, patience="0.2s", hasty=False) as made:
        made.strike(Kind.DELAY, seconds=D("0.35"), accepted=accepted, path=CREATE)
        await made.until_hedged()
        assert len(made.told("order.unknown")) == 1
        assert len(made.creates) == len(made.orders) == 1
        await assert_fills_booked_once(made)


@pytest.mark.proof
@pytest.mark.parametrize(("seconds", "orders"), [("4", 1), ("8", 2)])
async def test_fault_24_an_order_that_arrives_late_is_not_doubled_under_the_real_rules(
    seconds: str, orders: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within its window of 5 s the venue takes a request, later it refuses it; proof takes 10 s."""
    monkeypatch.setattr(app, "SIM_RULES", SettleRules())
    async with rig(tmp_path, patience="1s", hasty=False) as made:
        made.strike(Kind.DELAY, seconds=D(seconds), path=CREATE)
        await made.until_hedged(cycles=30)
        assert len(made.creates) == orders
        assert len(made.orders) == 1
        await assert_fills_booked_once(made)


async def test_fault_25_a_reset_in_the_middle_of_a_reply_proves_nothing(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        made.strike(Kind.RESET, path=CREATE)
        made.strike(Kind.RESET, path=ORDERS, method="GET", times=2)
        await made.until_hedged()
        assert len(made.told("order.unknown")) == 1
        assert len(made.creates) == len(made.orders) == 1
        await assert_fills_booked_once(made)


def show(made: Rig, depth: Depth) -> None:
    """Let this depth be seen, whatever stands in the book."""

    async def shown(symbol: str) -> Depth:
        del symbol
        return depth

    made.daemon.venues["main"].depth = shown  # type: ignore[method-assign]  # a book that deceives


async def test_fault_43_an_empty_book_is_tried_ever_less_often_without_a_halt(
    tmp_path: Path,
) -> None:
    """It is seen to be empty before an order is sent; then it looks full and is not."""
    async with rig(tmp_path) as made:
        full = await made.daemon.venues["main"].depth("BTC/USD:BTC")
        made.act("depth", levels="0")
        for _ in range(3):
            assert (await made.cycle()).reason is Reason.NO_LIQUIDITY
        assert not made.creates
        show(made, full)
        frozen = (await made.until(lambda asset: asset.reason is Reason.NO_LIQUIDITY))[-1]
        assert "3 orders in a row came to nothing" in frozen.why
        gaps = []
        for _ in range(4):
            count, began_s = len(made.creates), made.clock.monotonic()
            while len(made.creates) == count:
                made.clock.skip(2)
                await made.cycle()
            gaps.append(made.clock.monotonic() - began_s)
        assert all(later > 1.5 * sooner for sooner, later in pairwise(gaps))
        assert made.journal.ledger.state.value == "active"
        made.act("depth", levels="20")
        made.clock.skip(3600)
        await made.until_hedged()


async def test_fault_14_after_three_refusals_of_a_resting_order_it_waits(tmp_path: Path) -> None:
    async with rig(tmp_path, extra='style = "maker"') as made:
        (code,) = made.house.codes["reduce_only"]
        made.strike(Kind.CODE, code=code, times=0, path=CREATE)
        for _ in range(8):
            await made.cycle()
        assert len(made.creates) == 3
        assert made.orders == []
        made.lift()
        made.clock.skip(120)
        await made.until_hedged(cycles=40)


async def test_fault_07_a_resting_order_that_fills_after_its_cancel_is_booked_once(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, extra='style = "maker"') as made:
        made.strike(Kind.LATE_FILL, path=CANCEL)
        await made.cycle()
        assert [order.status.is_open for order in made.orders] == [True]
        made.act("price", coin="BTC", index="64000")
        await made.until(lambda _asset: len(made.creates) > 1 or bool(made.position), cycles=40)
        await made.until_hedged(cycles=40)
        await assert_fills_booked_once(made)
        assert (await kinds(made))["external-change"] == 0
