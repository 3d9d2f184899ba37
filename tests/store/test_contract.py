"""What every journal promises, in memory and on disk."""

from datetime import timedelta
from decimal import Decimal

import pytest

from hedged.clock import VirtualClock
from hedged.core.events import (
    Acknowledged,
    Created,
    Decided,
    ExternalChange,
    IllegalStepError,
    Intended,
    LookedUp,
    Observed,
    StateChanged,
    Submitted,
)
from hedged.core.ledger import folded
from hedged.core.orders import State
from hedged.core.terms import Answer, Cause
from hedged.core.types import USD, Amount, Reason, TradingState
from hedged.ports import Journal, Selection
from tests.core.any_event import START, SYMBOL, fill, terms

ORDER = terms()
ID = ORDER.client_id


@pytest.mark.asyncio
async def test_a_journal_begins_with_its_epoch(journal: Journal) -> None:
    (created,) = await journal.entries(Selection())
    assert created.event == Created(int(START.timestamp() * 1000))
    assert journal.ledger.epoch_ms == int(START.timestamp() * 1000)
    assert (created.seq, created.at) == (1, START)


@pytest.mark.asyncio
async def test_entries_are_numbered_and_stamped(journal: Journal, clock: VirtualClock) -> None:
    first = await journal.append(Intended(ORDER), Submitted(ID))
    await clock.advance(1.5)
    second = await journal.append(Acknowledged(ID, "v1"))
    assert [entry.seq for entry in first + second] == [2, 3, 4]
    assert second[0].at == START + timedelta(seconds=1.5)
    assert (await journal.entries(Selection()))[1:] == first + second


@pytest.mark.asyncio
async def test_the_ledger_is_the_fold_of_the_entries(journal: Journal) -> None:
    await journal.append(Intended(ORDER), Submitted(ID))
    await journal.append(Acknowledged(ID, "v1"), fill(ORDER, "40"))
    await journal.append(StateChanged(TradingState.HALTED, "anna", "look"))
    assert journal.ledger == folded(await journal.entries(Selection()))
    assert journal.ledger.orders[ID].state is State.PARTIALLY_FILLED
    assert journal.ledger.state is TradingState.HALTED


@pytest.mark.asyncio
async def test_invariant_09_a_trade_is_recorded_once(journal: Journal) -> None:
    trade = fill(ORDER, "40", "t1")
    by_hand = ExternalChange(
        "main", SYMBOL, Amount(Decimal(7), USD), Cause.TRADE, "by hand", False, "x1", START
    )
    await journal.append(Intended(ORDER), Submitted(ID), Acknowledged(ID, "v1"))
    assert len(await journal.append(trade, by_hand)) == 2
    assert await journal.append(trade) == ()
    both = await journal.append(by_hand, fill(ORDER, "10", "t2"), trade, fill(ORDER, "10", "t2"))
    assert [entry.event for entry in both] == [fill(ORDER, "10", "t2")]
    assert both[0].seq == 7
    assert journal.ledger.orders[ID].booked == 50
    assert journal.ledger.slots["main", SYMBOL].quantity.value == -43


@pytest.mark.asyncio
async def test_invariant_04_a_client_id_is_used_once(journal: Journal) -> None:
    await journal.append(Intended(ORDER))
    with pytest.raises(IllegalStepError, match=ID):
        await journal.append(Intended(ORDER))
    assert len(await journal.entries(Selection())) == 2


@pytest.mark.asyncio
async def test_invariants_04_and_09_outlive_the_ledgers_memory(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hedged.core.ledger.RESOLVED_KEPT", 0)
    monkeypatch.setattr("hedged.core.ledger.TRADES_KEPT", 0)
    await journal.append(Intended(ORDER), Submitted(ID), fill(ORDER, "100"))
    assert (journal.ledger.orders, journal.ledger.trades) == ({}, {})
    with pytest.raises(IllegalStepError, match="used before"):
        await journal.append(Observed("core", 1, "digest"), Intended(ORDER))
    (entry,) = await journal.append(fill(ORDER, "100"), Observed("core", 1, "digest"))
    assert (entry.seq, entry.event.kind) == (5, "snapshot")
    assert journal.ledger.slots["main", SYMBOL].quantity.value == -100


@pytest.mark.asyncio
async def test_a_job_is_recorded_whole_or_not_at_all(journal: Journal) -> None:
    before = await journal.entries(Selection())
    with pytest.raises(IllegalStepError):
        await journal.append(Intended(ORDER), Submitted(ID), Submitted(ID))
    assert await journal.entries(Selection()) == before
    assert journal.ledger == folded(before)
    await journal.append(Intended(ORDER), Submitted(ID))


@pytest.mark.asyncio
async def test_nothing_is_nothing(journal: Journal) -> None:
    assert await journal.append() == ()


@pytest.mark.asyncio
async def test_selections(journal: Journal, clock: VirtualClock) -> None:
    await journal.append(Observed("core", 1, "d"), Intended(ORDER), Submitted(ID))
    await clock.advance(60)
    await journal.append(
        Decided("core", 2, "BTC", Reason.IN_BAND, "within"), LookedUp(ID, Answer.NOT_FOUND)
    )
    later = START + timedelta(seconds=60)

    async def found(selection: Selection) -> list[str]:
        return [entry.event.kind for entry in await journal.entries(selection)]

    assert await found(Selection(client_id=ID)) == ["intent", "submit", "look-up"]
    assert await found(Selection(kinds=("snapshot", "decision"))) == ["snapshot", "decision"]
    assert await found(Selection(since=later)) == ["decision", "look-up"]
    assert await found(Selection(after_seq=4)) == ["decision", "look-up"]
    assert await found(Selection(last=2)) == ["decision", "look-up"]
    assert await found(Selection(client_id=ID, last=1)) == ["look-up"]
    assert len(await found(Selection(last=99))) == 6
