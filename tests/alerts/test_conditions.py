"""What of a daemon's state somebody is told, and how grave it is."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from hedged.alerts.conditions import RULES, Facts, conditions, happened
from hedged.alerts.digest import digest
from hedged.core.events import Fill
from hedged.core.preflight import Check, Mark
from hedged.core.types import Amount, Finding, Grade, Reason, Side, TradingState
from hedged.engine.cycle import Cycle
from hedged.ops.notify import Level
from hedged.ops.runbook import runbook
from tests.engine.desk import Desk
from tests.engine.fake import SYMBOL, FakeVenue
from tests.web.build import unavailable

LASTING_S = 300.0
QUIET = Facts(TradingState.ACTIVE, "", is_recorded=True, cycles={}, silences=(), flattened={})


def test_every_reason_has_its_rule() -> None:
    assert set(RULES) == set(Reason) == set(runbook())


async def cycle_of(desk: Desk) -> Cycle:
    seen: list[Cycle] = []
    desk.hedger.watchers.append(seen.append)
    await desk.cycle_once()
    return seen[-1]


@pytest.mark.asyncio
async def test_a_hedged_book_is_nothing_to_tell() -> None:
    desk = Desk(FakeVenue())
    await desk.cycle_once()
    facts = replace(QUIET, cycles={"core": await cycle_of(desk)})
    assert list(conditions(facts, LASTING_S)) == []


@pytest.mark.asyncio
async def test_a_venue_that_is_gone_says_what_where_and_what_to_do() -> None:
    desk = Desk(FakeVenue())
    desk.venue.before_read = unavailable
    facts = replace(QUIET, cycles={"core": await cycle_of(desk)})
    (found,) = conditions(facts, LASTING_S)
    assert found.title == "core BTC: SOURCE_MISSING"
    assert (found.level, found.patience_s, found.grave_s) == (Level.WARNING, 300, 1800)
    assert "gone" in found.text
    assert f"You: {runbook()[Reason.SOURCE_MISSING].you}." in found.text


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("reason", "grade", "level", "grave_s"),
    [
        (Reason.SANITY_JUMP, Grade.WARNING, Level.CRITICAL, None),
        (Reason.MARGIN_LOW, Grade.WARNING, Level.WARNING, None),
        (Reason.MARGIN_LOW, Grade.URGENT, Level.WARNING, LASTING_S),
        (Reason.MARGIN_LOW, Grade.CRITICAL, Level.CRITICAL, None),
        (Reason.COLLAR, Grade.WARNING, Level.WARNING, None),
    ],
)
async def test_what_the_decision_alerts_of_is_told_at_once(
    reason: Reason, grade: Grade, level: Level, grave_s: float | None
) -> None:
    cycle = await cycle_of(Desk(FakeVenue()))
    (asset,) = cycle.decision.assets
    alerting = replace(asset, alerts=(Finding(reason, "0.5 BTC went", grade=grade),))
    cycle = replace(cycle, decision=replace(cycle.decision, assets=(alerting,)))
    (found,) = (
        c for c in conditions(replace(QUIET, cycles={"core": cycle}), LASTING_S) if "alert" in c.key
    )
    assert (found.level, found.patience_s, found.grave_s) == (level, 0, grave_s)
    assert found.text.startswith("0.5 BTC went.")


@pytest.mark.parametrize(
    ("facts", "level", "says"),
    [
        (replace(QUIET, state=TradingState.HALTED, why="key refused"), "critical", "key refused"),
        (replace(QUIET, state=TradingState.REDUCING), "warning", "paused"),
        (replace(QUIET, is_recorded=False), "critical", "not on record"),
        (replace(QUIET, flattened={"core": "flattened by anna"}), "warning", "exposed"),
        (
            replace(QUIET, silences=(Finding(Reason.STALE_DATA, "core: 99 s ago"),)),
            "critical",
            "no cycle ends",
        ),
    ],
)
def test_states_are_told_at_once(facts: Facts, level: str, says: str) -> None:
    (found,) = conditions(facts, LASTING_S)
    assert (found.level, found.patience_s) == (level, 0)
    assert says in found.title + found.text


def test_all_that_is_amiss_at_the_preflight_is_told_and_an_outage_once_it_lasts() -> None:
    checks = (
        Check("main", "key", Mark.WRONG, "it expires in 2 days", "make a new one"),
        Check("main", "key", Mark.DOUBT, "it may withdraw", "make one without"),
        Check("main", "key", Mark.GOOD, "it may trade"),
        Check("main", "opening", Mark.WRONG, "gone", "network"),
    )
    told = list(conditions(replace(QUIET, checks=checks), LASTING_S))
    assert [(c.level, c.text) for c in told] == [
        (Level.WARNING, "it expires in 2 days.\nYou: make a new one."),
        (Level.INFO, "it may withdraw.\nYou: make one without."),
        (Level.WARNING, "gone.\nYou: network."),
    ]
    assert [c.patience_s for c in told] == [0, 0, LASTING_S]
    assert len({c.key for c in told}) == 3


def test_deleveraging_is_told_once_each_time() -> None:
    now = replace(QUIET, deleveraged=(datetime(2026, 1, 1, tzinfo=UTC),))
    (alert,) = happened(QUIET, now)
    assert alert.level is Level.CRITICAL
    assert list(happened(now, now)) == []


@pytest.mark.asyncio
async def test_the_digest_sums_the_day_up() -> None:
    cycle = await cycle_of(Desk(FakeVenue()))
    fill = Fill(
        "hg1",
        "main",
        SYMBOL,
        "t1",
        Side.SELL,
        Decimal(1000),
        Decimal(1),
        "USD",
        Decimal(65000),
        datetime(2026, 1, 1, tzinfo=UTC),
        Amount(Decimal("0.00001"), "BTC"),
    )
    said = digest(TradingState.ACTIVE, {"core": cycle}, [fill], ["core BTC: COLLAR"]).text
    assert "core BTC: 5 coins, position 0 USD, hedged 0.0 %; ABOVE_BAND" in said
    assert "1 fills, 1,000 USD; fees 0.00001 BTC" in said
    assert said.endswith("Open: core BTC: COLLAR")
    quiet = digest(TradingState.HALTED, {}, [], []).text
    assert quiet.splitlines() == [
        "Trading is halted.",
        "Traded in the last day: nothing.",
        "Nothing is open.",
    ]
