"""Faults of the journal and of starts and stops: nothing is sent that is not on the disk first."""

import asyncio
import sqlite3
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from hedged.config import load
from hedged.core.types import Reason
from hedged.ports import StoreError, VenueAuthError
from hedged.sim.faults import Kind
from hedged.store import journal_file, rebuild
from tests.rig import CREATE, Rig, rig
from tests.store.disk import file_size_limit

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("at_home")]
D = Decimal


def journal_of(made: Rig) -> Path:
    return journal_file(load(made.config, env=made.env), made.env)


@pytest.mark.parametrize("fault", ["delay", "reply_lost"])
async def test_fault_28_a_stop_with_an_order_in_flight_resolves_or_persists_it(
    fault: str, tmp_path: Path
) -> None:
    async with rig(tmp_path) as made:
        sent = asyncio.Event()
        made.exchange.truth.listeners.append(lambda _event: sent.set())
        if fault == "delay":  # the reply is still under way when the stop comes
            made.strike(Kind.DELAY, seconds=D("0.5"), accepted=True, path=CREATE)
        else:  # whether the order exists cannot be found out before the end
            made.strike(Kind.REPLY_LOST, path=CREATE)
            made.strike(
                Kind.CODE,
                code=made.house.codes["doubtful"][1],
                containing=made.house.client_id,
                times=0,
                method="GET",
            )
        stop = asyncio.Event()
        running = asyncio.create_task(made.daemon.run(stop))
        await sent.wait()
        stop.set()
        await asyncio.wait_for(running, 30)
        position = made.position
        assert position != 0
        assert len(made.daemon.unresolved()) == (0 if fault == "delay" else 1)
        made.lift()
        await made.restart()
        await made.until_hedged()
        assert made.position == position
        assert len(made.creates) == 1
        assert await made.entries("never-existed") == []


async def test_fault_32_a_journal_of_a_newer_hedged_is_refused(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        await made.stop()
        with closing(sqlite3.connect(journal_of(made))) as db, db:
            db.execute("UPDATE alembic_version SET version_num = '9001'")
        kept = journal_of(made).read_bytes()
        with pytest.raises(StoreError, match="newer hedged"):
            await made.start()
        assert len(made.creates) == 1
        assert journal_of(made).read_bytes() == kept


async def test_fault_34_on_a_full_disk_nothing_is_sent_until_there_is_room(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        before = await made.entries()
        made.act("deposit", account="demo", coin="BTC", amount="1")
        with file_size_limit(1):
            for _ in range(3):
                await made.cycle()
        assert made.told("store.failed", effect="nothing is sent, what rests is cancelled")
        assert await made.entries() == before
        assert len(made.creates) == 1
        await made.until_hedged()
        assert len(made.creates) == len(made.orders) == 2


async def test_fault_34_the_disk_is_full_when_the_venue_answers(tmp_path: Path) -> None:
    """The order left, its outcome cannot be written: after that it is looked up, never repeated."""
    async with rig(tmp_path) as made:
        with ExitStack() as disk:

            def fill_up(_event: object) -> None:
                made.exchange.truth.listeners.remove(fill_up)
                disk.enter_context(file_size_limit(1))

            made.exchange.truth.listeners.append(fill_up)
            await made.cycle()
            assert made.told("store.failed")
        await made.until_hedged()
        assert len(made.creates) == len(made.orders) == 1


async def test_fault_35_a_corrupt_journal_is_refused_and_rebuilt_from_the_venue_on_request(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        await made.stop()
        with journal_of(made).open("r+b") as file:
            file.seek(4096 + 8)
            file.write(b"\xff" * 600)
        with pytest.raises(StoreError, match=r"damaged .*`hedged journal rebuild`"):
            await made.start()
        rebuild(journal_of(made), datetime.now(UTC))
        await made.start()
        await made.until_hedged()
        assert len(made.creates) == 1
        (opening,) = await made.entries("opening")
        assert opening.event.quantity.value == made.position  # type: ignore[union-attr] # it has one


async def test_fault_37_a_key_of_another_world_is_refused_before_any_order(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, start=False) as made:
        made.env["HEDGED_DEMO_KEY"] = "a-key-of-mainnet"
        with pytest.raises(VenueAuthError) as refused:
            await made.start()
        assert "a-key-of-mainnet" not in str(refused.value)
        assert made.creates == []


async def test_fault_27_killed_between_intent_and_answer_it_converges_without_a_duplicate(
    tmp_path: Path,
) -> None:
    """As after kill -9: the journal says `submit`, and the process that sent it is gone."""
    async with rig(tmp_path, patience="2s") as made:
        made.strike(Kind.HANG, accepted=True, path=CREATE)
        cycle = asyncio.create_task(made.cycle())
        sent = asyncio.Event()
        made.exchange.truth.listeners.append(lambda _event: sent.set())
        await sent.wait()
        cycle.cancel()
        await asyncio.wait({cycle})
        await made.restart()
        assert len(made.daemon.unresolved()) == 1
        seen = await made.until_hedged()
        assert seen[-1].reason is Reason.IN_BAND
        assert len(made.creates) == len(made.orders) == 1
