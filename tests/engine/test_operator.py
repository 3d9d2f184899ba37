"""What an operator has done: at once, on record, and with an answer that says how far it came."""

import asyncio
from collections.abc import Awaitable
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from hedged.core.events import (
    Acknowledged,
    CancelRequested,
    Entry,
    Event,
    Flattened,
    Intended,
    Released,
    Submitted,
)
from hedged.core.types import Environment, TradingState
from hedged.engine.control import Answer, CommandError
from hedged.engine.ending import wind_down
from hedged.engine.executor import Executor
from hedged.engine.hedger import Book, Hedger
from hedged.engine.observer import Observer
from hedged.engine.operator import Operator
from hedged.engine.supervisor import Loop, supervise
from hedged.ports import Order, OrderStatus, Selection, StoreError, VenueAuthError, VenueUnavailable
from hedged.store import MemoryJournal
from tests.core.any_event import terms
from tests.engine.fake import PERP, SYMBOL, FakeVenue, btc, reported

pytestmark = pytest.mark.asyncio

FOREIGN = "grid-bot-7"


class Store(MemoryJournal):
    """A journal that stops taking anything, or stops answering, when the test says so."""

    full = False
    hangs = False

    async def append(self, *events: Event) -> tuple[Entry, ...]:
        if self.full:
            raise StoreError("No space left on device")
        if self.hangs:
            await asyncio.Event().wait()
        return await super().append(*events)


class Desk:
    """A live book whose commands come through an operator."""

    def __init__(self, venue: FakeVenue | None = None) -> None:
        self.venue = venue or FakeVenue()
        self.clock = self.venue.clock
        self.journal = Store(self.clock)
        self.executor = Executor(
            {"main": self.venue}, {"main": (SYMBOL,)}, self.journal, self.clock
        )
        self.loop = Loop(
            Hedger(
                Book("core", Environment.SIM, (btc(),)),
                Observer((btc(),), {"main": self.venue}, {}, self.clock),
                self.clock,
                executor=self.executor,
            )
        )
        self.operator = Operator(
            self.journal, self.clock, ("core",), executor=self.executor, loops=(self.loop,)
        )

    def states(self) -> tuple[TradingState, TradingState]:
        """In force, and on record."""
        return self.executor.state, self.journal.ledger.state

    async def say(self, verb: str, **more: str) -> Answer:
        return await self.operator.perform({"verb": verb, "who": "anna", **more})

    async def cycle(self) -> None:
        await self.during(self.loop.hedger.run_cycle())

    async def during(self, work: Awaitable[object]) -> None:
        task = asyncio.ensure_future(work)
        while not task.done():
            await self.clock.advance(0.2)
        await task

    async def rests(self, number: int = 1) -> str:
        """Put a working order of ours at the venue and in the journal; its client id."""
        order = terms(number)
        await self.journal.append(
            Intended(order), Submitted(order.client_id), Acknowledged(order.client_id, "v1")
        )
        self.place(order.client_id)
        return order.client_id

    def place(self, client_id: str) -> None:
        order = Order(client_id, PERP, terms().side, Decimal(100), Decimal(66000), False)
        self.venue.known[client_id] = reported(order, OrderStatus.WORKING)

    async def recorded(self, kind: type[Event]) -> list[Event]:
        entries = await self.journal.entries(Selection(kinds=(kind.kind,)))
        return [entry.event for entry in entries]


async def test_cancel_reaches_known_and_unknown_orders_of_ours_and_no_other() -> None:
    desk = Desk()
    known = await desk.rests()
    orphan = terms(2).client_id
    for name in (orphan, FOREIGN):
        desk.place(name)
    answer = await desk.say("cancel", why="exercise")
    assert sorted(desk.venue.cancelled) == sorted([known, orphan])
    assert answer.is_whole
    assert answer.found["cancels"] == [
        {"venue": "main", "instrument": SYMBOL, "client_id": name, "failed": None}
        for name in (known, orphan)
    ]
    assert "`hedged halt` stops it" in answer.said[-1]
    assert await desk.recorded(CancelRequested) == [CancelRequested(known, "exercise")]
    assert (await desk.say("cancel")).said[0] == f"{known} ({SYMBOL} at main): cancelled"


async def test_a_cancel_that_the_venue_limits_is_sent_again_until_it_is_taken() -> None:
    desk = Desk()
    name = await desk.rests()
    answers = [VenueUnavailable("10006 Too many visits"), VenueUnavailable("10006"), None]
    tried: list[str] = []

    async def cancel(_: object, client_id: str) -> None:
        tried.append(client_id)
        if (error := answers.pop(0)) is not None:
            raise error

    desk.venue.cancel = cancel  # type: ignore[assignment, method-assign] # it limits us twice
    cancelling = asyncio.ensure_future(desk.say("cancel"))
    await desk.during(cancelling)
    assert (await cancelling).is_whole
    assert tried == [name] * 3


async def test_an_order_that_is_being_sent_is_cancelled_again_when_it_has_left() -> None:
    desk = Desk()
    order = terms()
    await desk.journal.append(Intended(order), Submitted(order.client_id))
    sweeping = asyncio.ensure_future(desk.say("cancel"))
    await desk.clock.advance(0.2)
    assert desk.venue.cancelled == [order.client_id]
    await desk.journal.append(Acknowledged(order.client_id, "v1"))
    await desk.during(sweeping)
    assert desk.venue.cancelled == [order.client_id] * 2


async def test_a_venue_that_cannot_tell_is_said_and_what_is_known_is_cancelled() -> None:
    desk = Desk()
    known = await desk.rests()

    def down() -> None:
        raise VenueUnavailable("503")

    async def opened() -> None:
        pass

    desk.venue.open = opened  # type: ignore[method-assign] # it was opened before it went down
    desk.venue.before_read = down
    halting = asyncio.ensure_future(desk.say("halt"))
    await desk.during(halting)
    assert desk.venue.cancelled == [known]
    assert not halting.result().is_whole
    assert "what works at main: 503" in halting.result().said


async def test_an_order_that_a_limited_venue_could_not_list_is_cancelled_when_it_can() -> None:
    desk = Desk()
    orphan = terms().client_id
    desk.place(orphan)
    refusals = iter([VenueUnavailable("10006: too many visits")] * 2)

    def limited() -> None:
        if (error := next(refusals, None)) is not None:
            raise error

    desk.venue.before_read = limited
    halting = asyncio.ensure_future(desk.say("halt"))
    await desk.during(halting)
    assert halting.result().is_whole
    assert desk.venue.cancelled == [orphan]


async def test_a_venue_that_refuses_the_key_is_asked_once() -> None:
    desk = Desk()
    asked = []

    def refused() -> None:
        asked.append("open")
        raise VenueAuthError("10003: the key is wrong")

    desk.venue.before_read = refused
    answer = await desk.say("halt")
    assert "what works at main: 10003: the key is wrong" in answer.said
    assert asked == ["open"]


@pytest.mark.parametrize("trouble", ["full", "hangs"])
async def test_fault_34_cancels_do_not_wait_for_the_store_and_a_halt_holds_without_it(
    trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hedged.engine.operator.RECORD_S", 0.05)
    monkeypatch.setattr("hedged.engine.canceller.RECORD_S", 0.05)
    desk = Desk()
    known = await desk.rests()
    setattr(desk.journal, trouble, True)
    answer = await desk.say("halt", why="exercise")
    assert desk.venue.cancelled == [known]
    assert (answer.is_whole, answer.found["recorded"]) == (False, False)
    assert "NOT on record, a restart would trade" in answer.said[1]
    assert desk.states() == (TradingState.HALTED, TradingState.ACTIVE)
    setattr(desk.journal, trouble, False)
    await desk.cycle()
    assert desk.states() == (TradingState.HALTED, TradingState.HALTED)
    assert desk.venue.submitted == []


async def test_a_halt_stops_what_the_cycle_under_way_has_approved() -> None:
    desk = Desk()
    await desk.loop.hedger._look_first()

    def said_meanwhile() -> None:
        desk.venue.before_read = lambda: None
        halting.append(asyncio.ensure_future(desk.say("halt")))

    halting: list[asyncio.Future[Answer]] = []
    desk.venue.before_read = said_meanwhile
    await desk.cycle()
    await halting[0]
    assert desk.venue.submitted == []


async def test_a_resume_is_in_force_only_once_it_is_recorded() -> None:
    desk = Desk()
    await desk.say("halt")
    desk.journal.full = True
    with pytest.raises(StoreError):
        await desk.say("resume")
    assert desk.states() == (TradingState.HALTED, TradingState.HALTED)
    desk.journal.full = False
    await desk.say("resume")
    assert desk.states() == (TradingState.ACTIVE, TradingState.ACTIVE)


async def test_flatten_asks_closes_and_stays_closed_until_the_book_is_resumed() -> None:
    desk, stop = Desk(), asyncio.Event()
    await desk.cycle()
    assert desk.venue.q == -324593
    asked = await desk.say("flatten")
    assert asked.asks
    assert asked.said == ("core: BTC/USD:BTC at main: -324593 USD",)
    assert not desk.journal.ledger.flattened
    running = asyncio.ensure_future(supervise([desk.loop], stop))
    closing = asyncio.ensure_future(desk.say("flatten", book="core", confirmed="yes"))
    await desk.during(closing)
    assert (await closing).said == (
        "core: the target is 0 until `hedged resume core`",
        "core: closed",
    )
    assert desk.venue.q == 0
    assert desk.venue.submitted[-1].reduce_only
    await desk.during(asyncio.ensure_future(desk.say("resume")))
    await desk.cycle()
    assert desk.venue.q == 0
    assert "still flattened: core" in (await desk.say("resume")).said[0]
    await desk.say("resume", book="core")
    stop.set()
    await desk.during(running)
    await desk.cycle()
    assert desk.venue.q == -324593
    acts = [event for event in await desk.recorded(Flattened) if isinstance(event, Flattened)]
    assert [act.on for act in acts] == [True, False]


async def test_flatten_says_what_keeps_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hedged.engine.operator.CLOSING_S", 0.2)
    desk, stop = Desk(), asyncio.Event()
    await desk.cycle()

    def down() -> None:
        raise VenueUnavailable("503")

    desk.venue.before_read = down
    running = asyncio.ensure_future(supervise([desk.loop], stop))
    answer = await desk.say("flatten", confirmed="yes")
    assert not answer.is_whole
    assert "core: not closed after 0.2 s: BTC: SOURCE_MISSING" in answer.said[1]
    assert "core" in desk.journal.ledger.flattened
    stop.set()
    await desk.during(running)


@pytest.mark.parametrize(
    ("state", "book", "message"),
    [
        ("halt", "", "after `hedged pause` reduce-only orders pass"),
        ("pause", "corr", "there is no book 'corr'; there are: core"),
    ],
)
async def test_flatten_is_refused_where_it_makes_no_sense(
    state: str, book: str, message: str
) -> None:
    desk = Desk()
    await desk.say(state)
    with pytest.raises(CommandError, match=message):
        await desk.say("flatten", book=book, confirmed="yes")
    assert not desk.journal.ledger.flattened


async def test_resume_of_a_book_that_is_not_flattened_is_refused() -> None:
    with pytest.raises(CommandError, match="'core' is not a flattened book; flattened: none"):
        await Desk().say("resume", book="core")


async def test_reconcile_tells_differences_and_agreement() -> None:
    desk = Desk()
    first = await desk.say("reconcile")
    assert (first.is_whole, first.said) == (True, ("main: journal and venue agree",))
    await desk.clock.advance(1)
    desk.venue.trade(terms().side, Decimal(50))
    answer = await desk.say("reconcile")
    assert not answer.is_whole
    assert "main BTC/USD:BTC: frozen: sell 50 BTC/USD:BTC" in answer.said[0]


async def test_release_shows_the_evidence_asks_and_frees_the_slot() -> None:
    desk = Desk()
    await desk.say("reconcile")
    name = await desk.rests()
    del desk.venue.known[name]
    asked = await desk.say("release", client_id=name)
    assert asked.asks
    text = "\n".join(asked.said)
    for part in ("working, 0 filled", "UTC: acknowledgement", "main does not find it", "of 0"):
        assert part in text
    assert desk.executor.in_flight()
    await desk.say("release", client_id=name, why="support says so", confirmed="yes")
    assert not desk.executor.in_flight()
    (event,) = await desk.recorded(Released)
    assert isinstance(event, Released)
    assert (event.who, event.why) == ("anna", "support says so")
    assert "main does not find it" in event.evidence


@pytest.mark.parametrize(
    ("status", "message"),
    [(OrderStatus.WORKING, "`hedged cancel` ends it"), (OrderStatus.DONE, "`hedged reconcile`")],
)
async def test_an_order_that_its_venue_knows_is_not_released(
    status: OrderStatus, message: str
) -> None:
    desk = Desk()
    name = await desk.rests()
    order = Order(name, PERP, terms().side, Decimal(100), Decimal(66000), False)
    desk.venue.known[name] = reported(order, status)
    with pytest.raises(CommandError, match=message):
        await desk.say("release", client_id=name, confirmed="yes")


async def test_an_order_of_nobody_is_not_released_and_those_that_hold_are_named() -> None:
    desk = Desk()
    name = await desk.rests()
    with pytest.raises(CommandError, match=f"'hg0' is not an order of the journal; .*: {name}"):
        await desk.say("release", client_id="hg0")


@pytest.mark.parametrize("verb", ["", "sell", "HALT"])
async def test_what_is_no_command_is_refused(verb: str) -> None:
    with pytest.raises(CommandError, match="no such command"):
        await Desk().say(verb)


async def test_fault_28_at_the_end_what_works_is_cancelled_and_its_end_recorded() -> None:
    desk = Desk()
    await desk.say("reconcile")
    name = await desk.rests()
    order = Order(name, PERP, terms().side, Decimal(100), Decimal(66000), False)

    async def cancel(_: object, client_id: str) -> None:
        desk.venue.cancelled.append(client_id)
        desk.venue.known[client_id] = reported(order, OrderStatus.DONE)

    desk.venue.cancel = cancel  # type: ignore[assignment, method-assign] # as a real venue does
    await wind_down(desk.executor)
    assert desk.venue.cancelled == [name]
    assert desk.executor.in_flight() == ()
    await wind_down(desk.executor)
    assert desk.venue.cancelled == [name]


async def test_the_end_is_bounded_and_what_is_not_found_out_stays_recorded() -> None:
    desk = Desk()
    name = await desk.rests()

    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    desk.venue.cancel = hang  # type: ignore[assignment, method-assign] # the venue does not answer
    with capture_logs() as logs:
        await wind_down(desk.executor, limit_s=0.05)
    assert [order.client_id for order in desk.executor.in_flight()] == [name]
    assert "stop.unfinished" in [entry["event"] for entry in logs]


async def test_nothing_new_leaves_once_the_process_is_ending() -> None:
    desk = Desk()
    desk.executor.brake.hold()
    await desk.cycle()
    assert desk.venue.submitted == []
    assert not desk.executor.in_flight()
