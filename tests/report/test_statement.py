"""Statements in the journal: each line once, what is not known is said, and no venue is needed."""

import asyncio
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from typer.testing import CliRunner

from hedged.cli.commands import app
from hedged.core.events import Entry
from hedged.core.statement import StatementLine, StatementRead
from hedged.core.types import Amount, Flow, FlowKind
from hedged.engine import bookkeeper
from hedged.engine.bookkeeper import EVERY_S, OVERLAP, PATIENCE, Bookkeeper
from hedged.ports import (
    Selection,
    StatementNotTold,
    StoreError,
    VenueRefused,
    VenueUnavailable,
)
from hedged.report.statement import ALWAYS, Span, Statement, kept_statements
from hedged.store import MemoryJournal
from tests.core.any_event import START
from tests.engine.fake import FakeVenue
from tests.rig import rig

D = Decimal
NOTHING = Statement(spans=())
HOUR = timedelta(hours=1)


def flow(number: int, hours: float = 0) -> Flow:
    at = START + hours * HOUR
    return Flow(
        str(number), FlowKind.TRANSFER, Amount(D(number), "BTC"), D(0), D(0), None, at, "", "", ""
    )


def span(first: int, last: int) -> Span:
    return START + first * HOUR, START + last * HOUR


spans = st.tuples(st.integers(0, 30), st.integers(1, 10)).map(lambda s: span(s[0], s[0] + s[1]))


@given(st.lists(spans, max_size=8), spans)
def test_what_is_told_and_the_gaps_are_the_whole_time(told: list[Span], asked: Span) -> None:
    known = NOTHING
    for one in told:
        known = known.and_then(Statement((), (one,)))
    gaps = list(known.gaps(*asked))
    hours = {n for since, until in told for n in range(hour(since), hour(until))}
    missing = {n for since, until in gaps for n in range(hour(since), hour(until))}
    wanted = set(range(hour(asked[0]), hour(asked[1])))
    assert missing == wanted - hours
    assert all(since < until for since, until in gaps)
    assert known.covers(*asked) is (not gaps)
    assert list(known.spans) == sorted(known.spans)


def hour(at: object) -> int:
    return int((at - START) / HOUR)  # type: ignore[operator] # of spans


def test_of_two_venues_is_told_what_both_tell() -> None:
    one = Statement((flow(1), flow(2, 2)), (span(0, 4), span(6, 9)))
    other = Statement((flow(1, 1),), (span(2, 7),))
    both = one.beside(other)
    assert both.spans == (span(2, 4), span(6, 7))
    assert [f.at for f in both.flows] == [START, START + HOUR, START + 2 * HOUR], "numbers are each"
    assert one.beside(Statement()) == one
    assert Statement().spans == (ALWAYS,)


class Telling(FakeVenue):
    """Lists flows from a moment on, and remembers which it was asked for."""

    listed: tuple[Flow, ...] = ()

    async def flows(self, since: object) -> tuple[Flow, ...]:
        self.before_read()
        self.asked = since
        return tuple(f for f in self.listed if f.at >= since)  # type: ignore[operator] # a time


@pytest.mark.asyncio
async def test_each_line_is_recorded_once_and_a_restart_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bookkeeper, "AT_ONCE", 2)
    venue = Telling()
    journal = MemoryJournal(venue.clock)
    venue.listed = tuple(flow(n) for n in range(5))
    await Bookkeeper([venue], journal, venue.clock).keep()
    assert venue.asked == START - OVERLAP, "from the journal's beginning"
    await venue.clock.advance(EVERY_S)
    venue.listed += (flow(7, 0.5),)  # listed late
    keeper = Bookkeeper([venue], journal, venue.clock)
    await keeper.keep()
    assert venue.asked == START - OVERLAP
    await venue.clock.advance(EVERY_S)
    await keeper.keep()
    assert venue.asked == START
    entries = await journal.entries(Selection(kinds=(StatementLine.kind, StatementRead.kind)))
    lines = [e.event.flow for e in entries if isinstance(e.event, StatementLine)]
    assert lines == list(venue.listed)
    told = kept_statements(entries)["main"]
    assert told == Statement(venue.listed, ((START - OVERLAP, START + 2 * HOUR),))


@pytest.mark.asyncio
async def test_what_cannot_be_read_is_read_the_next_time() -> None:
    venue = Telling()
    journal = MemoryJournal(venue.clock)
    keeper = Bookkeeper([venue], journal, venue.clock)

    def down() -> None:
        raise VenueUnavailable("down")

    venue.before_read = down
    with capture_logs() as said:
        await keeper.keep()
    assert [(s["log_level"], s["why"]) for s in said] == [("warning", "down")]
    venue.listed = (flow(1),)
    venue.before_read = lambda: None
    await venue.clock.advance(EVERY_S)
    await keeper.keep()
    told = kept_statements(await journal.entries(Selection()))["main"]
    assert (told.flows, told.spans) == ((flow(1),), ((START - OVERLAP, START + HOUR),))


class Forgetful(Telling):
    """Refuses what goes back further than so long."""

    longest = 30 * HOUR
    is_away = False

    async def flows(self, since: object) -> tuple[Flow, ...]:
        if self.is_away or self.clock.now() - since > self.longest:  # type: ignore[operator] # a time
            raise VenueUnavailable("flows: more than 100, not all of them told")
        return await super().flows(since)


@pytest.mark.asyncio
async def test_of_a_time_that_is_never_told_whole_the_latest_is_kept_and_the_gap_stays() -> None:
    venue = Forgetful()
    journal = MemoryJournal(venue.clock)
    await Bookkeeper([venue], journal, venue.clock).keep()
    venue.is_away = True
    keeper = Bookkeeper([venue], journal, venue.clock)
    for _ in range(40):
        await venue.clock.advance(EVERY_S)
        await keeper.keep()
    venue.is_away = False
    venue.listed = (flow(1, 2), flow(2, 30))
    with capture_logs() as said:
        for number in range(PATIENCE):
            told = kept_statements(await journal.entries(Selection()))["main"]
            assert told.spans == ((START - OVERLAP, START),), f"after {number} it may pass"
            await venue.clock.advance(EVERY_S)
            await keeper.keep()
    (gap,) = (s for s in said if s["event"] == "statement.gap")
    assert gap["why"] == "flows: more than 100, not all of them told"
    for _ in range(2):
        await venue.clock.advance(EVERY_S)
        await keeper.keep()
    told = kept_statements(await journal.entries(Selection()))["main"]
    hours = 40 + PATIENCE
    assert told.spans == ((START - OVERLAP, START), span(hours - 24, hours + 2))
    assert told.flows == (flow(2, 30),)
    assert (gap["since"], gap["until"]) == (
        (START - OVERLAP).isoformat(),
        span(hours - 24, hours)[0].isoformat(),
    )


@pytest.mark.asyncio
async def test_a_venue_that_was_away_opens_no_gap() -> None:
    venue = Forgetful()
    venue.longest = 1000 * HOUR
    journal = MemoryJournal(venue.clock)
    keeper = Bookkeeper([venue], journal, venue.clock)
    venue.is_away = True
    for _ in range(60):
        await venue.clock.advance(EVERY_S)
        await keeper.keep()
    venue.is_away = False
    await keeper.keep()
    told = kept_statements(await journal.entries(Selection()))["main"]
    assert told.spans == ((START - OVERLAP, START + 60 * HOUR),)


@pytest.mark.asyncio
async def test_a_restart_knows_where_a_venue_that_was_long_away_ended() -> None:
    venue, other = Telling(), Telling(name="other")
    journal = MemoryJournal(venue.clock)
    reads = (StatementRead("other", *span(n, n + 1)) for n in range(200))
    await journal.append(StatementRead("main", *span(2, 5)), *reads)
    await venue.clock.advance(200 * EVERY_S)
    await Bookkeeper([venue, other], journal, venue.clock).keep()
    assert venue.asked == START + 4 * HOUR


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "error", [VenueRefused("BTC/USD:BTC-261127 is not listed"), ZeroDivisionError("a bug")]
)
async def test_what_goes_wrong_at_one_venue_is_said_and_tried_again(error: Exception) -> None:
    venue, other = Telling(), Telling(name="other")
    journal = MemoryJournal(venue.clock)
    keeper = Bookkeeper([venue, other], journal, venue.clock)

    def wrong() -> None:
        raise error

    venue.before_read = wrong
    with capture_logs() as said:
        await keeper.keep()
    (line,) = said
    assert (line["venue"], line["log_level"] in {"warning", "error"}) == ("main", True)
    assert set(kept_statements(await journal.entries(Selection()))) == {"other"}
    venue.before_read = lambda: None
    await keeper.keep()
    assert set(kept_statements(await journal.entries(Selection()))) == {"main", "other"}


@pytest.mark.asyncio
async def test_a_bug_in_the_journal_is_said_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    venue = Telling()
    journal = MemoryJournal(venue.clock)
    keeper = Bookkeeper([venue], journal, venue.clock)
    with monkeypatch.context() as broken, capture_logs() as said:
        broken.setattr(MemoryJournal, "entries", None)
        await keeper.keep()
    assert [line["event"] for line in said] == ["statement.failed"]
    await keeper.keep()
    assert set(kept_statements(await journal.entries(Selection()))) == {"main"}


@pytest.mark.asyncio
async def test_one_that_does_not_tell_is_asked_once() -> None:
    venue, times = Telling(), 0

    def refuse() -> None:
        nonlocal times
        times += 1
        raise StatementNotTold("its account log is not read")

    venue.before_read = refuse
    keeper = Bookkeeper([venue], MemoryJournal(venue.clock), venue.clock)
    await keeper.keep()
    await keeper.keep()
    assert times == 1
    assert kept_statements(await keeper._journal.entries(Selection())) == {}


@pytest.mark.asyncio
async def test_a_journal_that_cannot_be_written_is_no_reason_to_stop() -> None:
    venue = Telling()

    class Full(MemoryJournal):
        async def entries(self, selection: Selection) -> tuple[Entry, ...]:
            raise StoreError("the disk is full")

    with capture_logs() as said:
        await Bookkeeper([venue], Full(venue.clock), venue.clock).keep()
    assert [s["why"] for s in said] == ["the disk is full"]


@pytest.mark.asyncio
async def test_a_running_daemon_keeps_statements_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, stop, keep = asyncio.Event(), asyncio.Event(), Bookkeeper.keep

    async def keep_and_say(keeper: Bookkeeper) -> None:
        await keep(keeper)
        kept.set()

    monkeypatch.setattr("hedged.app.FIRST_S", 0.0)
    monkeypatch.setattr(Bookkeeper, "keep", keep_and_say)
    async with rig(tmp_path, hasty=False) as on:
        running = asyncio.create_task(on.daemon.run(stop))
        async with asyncio.timeout(30):
            await kept.wait()
        stop.set()
        await running
        (line, *_) = await on.entries(StatementLine.kind)
        assert isinstance(line.event, StatementLine)
        assert line.event.flow.change == Amount(D(5), "BTC"), "what was deposited first"


@pytest.mark.asyncio
async def test_a_report_of_the_past_asks_no_exchange(
    tmp_path: Path, at_home: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig(tmp_path) as on:
        await on.until_hedged()
        on.exchange.deposit(on.account, "BTC", D("0.1"))
        await on.until(lambda asset: bool(asset.orders))
        await on.until_hedged()
        assert on.daemon.bookkeeper is not None
        await on.daemon.bookkeeper.keep()
        until = on.clock.now().replace(microsecond=0)
        await on.server.stop()
    for name, value in on.env.items():
        monkeypatch.setenv(name, value)
    arguments = ["report", "-c", str(on.config), "--format", "json"]
    done = await asyncio.to_thread(
        CliRunner().invoke, app, [*arguments, "--to", f"{until:%Y-%m-%dT%H:%M:%S}"]
    )
    found = json.loads(done.stdout)
    (asset,) = found["assets"]
    assert D(asset["causes_usd"]["flows"]) == pytest.approx(D(6500), rel=D("0.01"))
    assert D(asset["causes_usd"]["unexplained"]) == 0
    assert found["note"].endswith("records of main are in it.")
