"""Transfers of collateral: on record before they leave, sent once, looked up until their end."""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from hedged.core.events import IllegalStepError, StateChanged
from hedged.core.ledger import restored
from hedged.core.moves import MoveFound, MoveIntended, MoveState, MoveStep, MoveTerms
from hedged.core.reports import Rules
from hedged.core.types import Amount, MoveIntent, TradingState
from hedged.engine.brake import Brake
from hedged.engine.mover import Mover
from hedged.ports import Accepted, Outcome, Refused, StoreError, Unknown, VenueUnavailable
from tests.engine.desk import FullDisk
from tests.engine.fake import virtual

pytestmark = pytest.mark.asyncio


class Bank:
    """A venue that moves coins, or does what the test says."""

    def __init__(self, outcome: Outcome | None = None) -> None:
        self.outcome = outcome or Accepted("1")
        self.found: MoveState | None = None
        self.sent: list[MoveTerms] = []
        self.before: Callable[[], None] = lambda: None
        self.is_down = False
        self.asked: list[tuple[datetime, frozenset[str]]] = []

    async def move(self, terms: MoveTerms) -> Outcome:
        self.before()
        self.sent.append(terms)
        return self.outcome

    async def find_move(
        self, terms: MoveTerms, since: datetime, known: Collection[str]
    ) -> MoveFound | None:
        if self.is_down:
            raise VenueUnavailable("no answer")
        self.asked.append((since, frozenset(known)))
        return None if self.found is None else MoveFound(self.found, "2")


def intent(cycle: int = 1, coin: str = "BTC", *, back: bool = False) -> MoveIntent:
    source, destination = ("main", "main:funding") if back else ("main:funding", "main")
    quantity = Amount(Decimal("1.5"), coin)
    return MoveIntent("core", cycle, coin, "main", quantity, source, destination, "thin")


class Counter:
    """A mover, its venue and its journal; `restarted` is the next process."""

    def __init__(self, bank: Bank, journal: FullDisk | None = None) -> None:
        self.bank = bank
        self.journal = journal or FullDisk(virtual())
        self.clock: Any = self.journal._clock
        self.brake = Brake(self.journal)
        self.mover = Mover({"main": bank}, self.journal, self.clock, self.brake, {})

    def restarted(self) -> "Counter":
        return Counter(self.bank, self.journal)

    @property
    def states(self) -> list[MoveState]:
        return [move.state for move in self.journal.ledger.moves.values()]

    async def settle_after(self, seconds: float) -> list[MoveState]:
        await self.clock.advance(seconds)
        await self.mover.settle()
        return self.states


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Accepted("1"), MoveState.CONFIRMED),
        (Refused("no funds"), MoveState.REFUSED),
        (Unknown("timeout"), MoveState.UNKNOWN),
    ],
)
async def test_a_transfer_is_on_record_before_it_leaves_and_so_is_its_outcome(
    outcome: Outcome, state: MoveState
) -> None:
    desk = Counter(Bank(outcome))
    desk.bank.before = lambda: seen.extend(desk.states)
    seen: list[MoveState] = []
    await desk.mover.move([intent()])
    assert (seen, desk.states) == ([MoveState.SENT], [state])
    (terms,) = desk.bank.sent
    assert (terms.quantity, terms.source, terms.destination) == (
        Amount(Decimal("1.5"), "BTC"),
        "main:funding",
        "main",
    )


async def test_what_cannot_be_journalled_is_not_sent() -> None:
    desk = Counter(Bank())
    desk.journal.full = True
    with pytest.raises(StoreError):
        await desk.mover.move([intent()])
    assert (desk.bank.sent, desk.states) == ([], [])


async def test_there_are_never_two_in_flight_and_none_is_made_twice() -> None:
    desk = Counter(Bank(Unknown("timeout")))
    await desk.mover.move([intent(), intent(2), intent(1, "ETH")])
    await desk.restarted().mover.move([intent(3)])
    assert [terms.quantity.unit for terms in desk.bank.sent] == ["BTC", "ETH"]
    desk.bank.found = MoveState.CONFIRMED
    await desk.restarted().mover.settle()
    await desk.mover.move([intent(1)])
    assert len(desk.bank.sent) == 2
    await desk.mover.move([intent(4)])
    assert len({terms.transfer_id for terms in desk.bank.sent}) == 3


async def test_two_books_that_ask_at_once_find_an_end_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Counter(Bank(Unknown("timeout")))
    await desk.mover.move([intent()])

    async def slow(*_: object) -> MoveFound:
        await asyncio.sleep(0)
        return MoveFound(MoveState.CONFIRMED, "2")

    monkeypatch.setattr(desk.bank, "find_move", slow)
    await asyncio.gather(desk.mover.settle(), desk.mover.settle())
    assert desk.states == [MoveState.CONFIRMED]


async def test_one_that_the_venue_has_taken_never_counts_as_never_made() -> None:
    desk = Counter(Bank(Unknown("it is on its way", "2")))
    await desk.mover.move([intent()])
    for _ in range(5):
        assert await desk.restarted().settle_after(3600) == [MoveState.UNKNOWN]
    desk.bank.found = MoveState.CONFIRMED
    assert await desk.restarted().settle_after(1) == [MoveState.CONFIRMED]


async def test_one_that_the_venue_has_taken_is_no_other_that_looks_the_same() -> None:
    desk = Counter(Bank(Unknown("it is on its way", "3")))
    await desk.mover.move([intent()])
    desk.bank.found = MoveState.CONFIRMED  # number 2, which somebody made by hand
    assert await desk.settle_after(60) == [MoveState.UNKNOWN]


@pytest.mark.parametrize("found", [MoveState.CONFIRMED, MoveState.REFUSED])
async def test_an_unknown_one_is_looked_up_until_its_end(found: MoveState) -> None:
    desk = Counter(Bank(Unknown("timeout")))
    await desk.mover.move([intent()])
    desk.bank.is_down = True
    assert await desk.settle_after(60) == [MoveState.UNKNOWN]
    desk.bank.is_down, desk.bank.found = False, MoveState.SENT
    assert await desk.settle_after(60) == [MoveState.UNKNOWN]
    desk.bank.found = found
    assert await desk.settle_after(1) == [found]
    assert len(desk.bank.sent) == 1


async def test_it_never_existed_only_after_answers_enough_over_time_enough() -> None:
    desk = Counter(Bank(Unknown("timeout")))
    await desk.mover.move([intent()])
    for seconds in (0, 1, 1, 7.9):
        assert await desk.settle_after(seconds) == [MoveState.UNKNOWN]
    desk.bank.found = MoveState.SENT  # a later answer takes the earlier ones back
    assert await desk.settle_after(5) == [MoveState.UNKNOWN]
    desk.bank.found = None
    for seconds in (0, 10.1):
        assert await desk.settle_after(seconds) == [MoveState.UNKNOWN]
    assert await desk.settle_after(0) == [MoveState.DROPPED]
    (move,) = desk.journal.ledger.moves.values()
    assert move.detail == "not found 3 times in 10 s: it never existed"


async def test_where_a_venue_may_still_make_it_the_proof_takes_longer() -> None:
    desk = Counter(Bank(Unknown("timeout")))
    rules = {"main": Rules(moves_over_s=Decimal(35))}
    desk.mover = Mover({"main": desk.bank}, desk.journal, desk.clock, desk.brake, rules)
    await desk.mover.move([intent()])
    for seconds in (0, 11, 11, 12.9):
        assert await desk.settle_after(seconds) == [MoveState.UNKNOWN]
    assert await desk.settle_after(0.2) == [MoveState.DROPPED]


async def test_a_process_that_died_in_the_middle_sends_nothing_again() -> None:
    desk = Counter(Bank())
    terms = desk.mover._terms(intent())
    await desk.journal.append(MoveIntended(terms))
    await desk.restarted().mover.settle()
    assert desk.states == [MoveState.DROPPED]
    other = desk.mover._terms(intent(2))
    await desk.journal.append(MoveIntended(other), MoveStep(other.transfer_id, MoveState.SENT))
    desk.bank.found = MoveState.CONFIRMED
    await desk.restarted().mover.settle()
    assert desk.states == [MoveState.DROPPED, MoveState.CONFIRMED]
    assert desk.bank.sent == []


@pytest.mark.parametrize(
    ("state", "back", "is_sent"),
    [
        (TradingState.HALTED, False, False),
        (TradingState.REDUCING, False, True),
        (TradingState.REDUCING, True, False),
        (TradingState.ACTIVE, True, True),
    ],
)
async def test_the_operator_s_last_word_keeps_one_back(
    state: TradingState, *, back: bool, is_sent: bool
) -> None:
    desk = Counter(Bank())
    await desk.brake.say(StateChanged(state, "anna", ""))
    await desk.mover.move([intent(back=back)])
    assert bool(desk.bank.sent) is is_sent
    assert desk.states == [MoveState.CONFIRMED if is_sent else MoveState.DROPPED]


async def test_a_process_that_ends_sends_none_and_a_lost_venue_is_asked_nothing() -> None:
    desk = Counter(Bank(Unknown("timeout")))
    desk.brake.hold()
    await desk.mover.move([intent()])
    assert desk.states == [MoveState.DROPPED]
    other = desk.restarted()
    await other.mover.move([intent(2)])
    nowhere = Mover({}, desk.journal, desk.clock, desk.brake, {})
    await nowhere.settle()
    assert desk.states == [MoveState.DROPPED, MoveState.UNKNOWN]


async def test_the_journal_refuses_what_may_not_follow_and_survives_it_when_read() -> None:
    desk = Counter(Bank())
    await desk.mover.move([intent()])
    (move,) = desk.journal.ledger.moves.values()
    name = move.terms.transfer_id
    for event in (
        MoveStep(name, MoveState.SENT),
        MoveStep("nobody's", MoveState.SENT),
        MoveIntended(move.terms),
    ):
        with pytest.raises(IllegalStepError):
            await desk.journal.append(event)
    assert restored(desk.journal.ledger.checkpoint()).moves == desk.journal.ledger.moves
    await desk.clock.advance(86_400)
    await desk.mover.move([intent(2)])
    assert name not in desk.journal.ledger.moves


async def test_what_has_no_end_is_told_at_the_end() -> None:
    desk = Counter(Bank(Unknown("timeout")))
    await desk.mover.move([intent()])
    (told,) = desk.mover.open()
    assert told.endswith("(BTC from main:funding): timeout")
    ending = asyncio.ensure_future(desk.mover.finish())
    await desk.clock.advance(1)
    assert not ending.done()
    desk.bank.found = MoveState.CONFIRMED
    await desk.clock.advance(1)
    await ending
    assert desk.mover.open() == ()


async def test_a_look_up_knows_since_when_and_which_others_are_on_record() -> None:
    """A venue that takes no id of ours could answer with another transfer of the same coins."""
    desk = Counter(Bank())
    await desk.mover.move([intent()])
    await desk.clock.advance(60)
    desk.bank.outcome = Unknown("timeout")
    await desk.mover.move([intent(2), intent(1, "ETH")])
    recorded = [move.at for move in desk.journal.ledger.moves.values()]
    desk.bank.found = MoveState.CONFIRMED
    await desk.restarted().mover.settle()
    assert [since for since, _ in desk.bank.asked] == recorded[1:]
    assert [known - {""} for _, known in desk.bank.asked] == [{"1"}, {"1", "2"}]
    assert [move.venue_id for move in desk.journal.ledger.moves.values()] == ["1", "2", "2"]
