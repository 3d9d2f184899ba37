"""What is old goes, what still matters stays, and no state depends on what went."""

from pathlib import Path

import pytest

from hedged.clock import VirtualClock
from hedged.core.events import (
    Acknowledged,
    Created,
    Decided,
    Intended,
    LookedUp,
    Observed,
    Submitted,
)
from hedged.core.terms import Answer
from hedged.core.types import Reason
from hedged.ports import Selection
from hedged.store import Retention, SqlJournal
from tests.core.any_event import fill, terms

DAY_S = 86_400.0


async def cycle(journal: SqlJournal, number: int) -> None:
    await journal.append(
        Observed("core", number, "digest"), Decided("core", number, "BTC", Reason.IN_BAND, "why")
    )


async def kinds(journal: SqlJournal) -> list[str]:
    return [entry.event.kind for entry in await journal.entries(Selection())]


@pytest.mark.asyncio
async def test_pruning(path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hedged.store.writer.PRUNED_AT_ONCE", 3)
    journal = await SqlJournal.open(path, clock)
    done, working = terms(1), terms(2)
    await cycle(journal, 1)
    await journal.append(Intended(done), Submitted(done.client_id), Intended(working))
    await journal.append(Submitted(working.client_id), Acknowledged(working.client_id, "v"))
    await journal.append(
        LookedUp(done.client_id, Answer.WORKING), fill(done, "100"), fill(working, "40", "t2")
    )
    assert await journal.prune(Retention()) == 0

    await clock.advance(31 * DAY_S)
    await cycle(journal, 2)
    assert await journal.prune(Retention()) == 1
    assert (await kinds(journal)).count("snapshot") == 1
    assert (await kinds(journal)).count("decision") == 2, "reports are made of them"

    await clock.advance(400 * DAY_S)
    await cycle(journal, 3)
    before = journal.ledger.checkpoint()
    assert await journal.prune(Retention()) == 2 + 4 + 1, (
        "a cycle's halves, an order, the beginning"
    )
    left = await journal.entries(Selection(client_id=working.client_id))
    assert [entry.event.kind for entry in left] == ["intent", "submit", "acknowledgement", "fill"]
    assert await journal.entries(Selection(client_id=done.client_id)) == ()
    await journal.close()

    reopened = await SqlJournal.open(path, clock)
    assert reopened.ledger.checkpoint() == before
    assert Created.kind not in await kinds(reopened)
    (entry,) = await reopened.append(Observed("core", 4, "digest"))
    assert entry.seq == 16
    await reopened.close()


@pytest.mark.asyncio
async def test_only_so_many_observations_are_kept_however_young(
    path: Path, clock: VirtualClock
) -> None:
    journal = await SqlJournal.open(path, clock)
    for number in range(1, 11):
        await cycle(journal, number)
    await journal.append(Intended(terms(11)))
    assert await journal.prune(Retention(observations=6)) == 14
    assert await kinds(journal) == ["created", *["snapshot", "decision"] * 3, "intent"]
    assert await journal.prune(Retention(observations=6)) == 0
    assert await journal.prune(Retention(observations=0)) == 6
    await journal.close()


@pytest.mark.asyncio
async def test_a_journal_that_is_pruned_to_nothing_goes_on_counting(
    path: Path, clock: VirtualClock
) -> None:
    journal = await SqlJournal.open(path, clock)
    await cycle(journal, 1)
    epoch_ms = journal.ledger.epoch_ms
    await clock.advance(500 * DAY_S)
    assert await journal.prune(Retention()) == 3
    await journal.close()
    reopened = await SqlJournal.open(path, clock)
    assert reopened.ledger.epoch_ms == epoch_ms
    assert reopened.ledger.cycles == {"core": 1}
    assert (await reopened.append(Observed("core", 2, "digest")))[0].seq == 4
    await reopened.close()
