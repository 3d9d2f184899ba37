"""What is looked at, and set, before a daemon trades: against the exchange, over real HTTP."""

from dataclasses import replace
from pathlib import Path

import pytest

from hedged.core.arrangement import Arranged
from hedged.core.preflight import Check, Mark
from hedged.core.types import Reason
from hedged.engine.control import effect
from hedged.sim.faults import Kind
from hedged.sim.faults.mishaps import change_instrument
from hedged.venue import profile_of
from tests.houses import House
from tests.rig import LEVERAGE, SYMBOL, D, Rig, rig

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("at_home")]

MANAGED = "leverage = 5\nmanage_leverage = true"


def resized(made: Rig, patch: pytest.MonkeyPatch, times: int) -> None:
    """The contract is so many times what it is; where listings do not say so, the profile does."""
    profile, size = profile_of(made.house.name), times * made.house.lot
    if profile.contract_size is None:
        market = made.exchange.market(made.house.perp())
        change_instrument(made.exchange, market, contract_size=size)
    else:
        other = replace(profile, contract_size=size)
        patch.setattr("hedged.app.profile_of", lambda *_: other)


async def checks(made: Rig, what: str) -> list[Check]:
    await made.daemon.inspection.tell()
    return [check for check in made.daemon.inspection.checks if what in check.what]


def sets(made: Rig) -> int:
    return len(made.asked(LEVERAGE))


async def settings(made: Rig) -> list[tuple[str, str, str, str]]:
    events = [entry.event for entry in await made.entries("setting")]
    return [(e.what, e.was, e.wanted, e.outcome) for e in events if isinstance(e, Arranged)]


async def test_a_leverage_that_is_not_as_configured_is_told_and_left_alone(tmp_path: Path) -> None:
    async with rig(tmp_path, venue="leverage = 5") as made:
        (found,) = await checks(made, "leverage")
        assert (found.mark, found.found) == (Mark.WRONG, "10, configured is 5")
        assert "manage_leverage" in found.remedy
        assert (sets(made), made.account.leverage(made.house.perp())) == (0, D(10))
        made.account.set_leverage(made.exchange.market(made.house.perp()).instrument, D(5))
        (found,) = await checks(made, "leverage")
        assert (found.mark, found.found) == (Mark.GOOD, "5")


async def test_a_managed_leverage_is_on_record_before_it_is_set_and_set_once(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, venue=MANAGED) as made:
        for _ in range(2):
            (found,) = await checks(made, "leverage")
            assert (found.mark, found.found) == (Mark.GOOD, "5")
        assert (sets(made), made.account.leverage(made.house.perp())) == (1, D(5))
        told = ("BTC/USD:BTC", "10", "5")
        assert await settings(made) == [(*told, ""), (*told, "accepted")]


async def test_a_change_of_leverage_without_an_answer_is_read_again_and_not_repeated(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, venue=MANAGED) as made:
        made.strike(Kind.REPLY_LOST, path=LEVERAGE)
        (found,) = await checks(made, "leverage")
        assert found.mark is Mark.GOOD
        assert sets(made) == 1
        intended, ended = await settings(made)
        assert intended[3] == ""
        assert ended[3].startswith("unknown: ")


async def test_a_leverage_that_the_venue_refuses_is_a_finding_and_no_loop(
    tmp_path: Path, at_home: House
) -> None:
    (code,) = at_home.codes["leverage"]
    async with rig(tmp_path, venue=MANAGED.replace("5", "99")) as made:
        made.strike(Kind.CODE, path=LEVERAGE, code=code)
        (found,) = await checks(made, "leverage")
        assert found.mark is Mark.WRONG
        assert f"setting it came to: refused: {code}" in found.found
        assert sets(made) == 1


async def test_nothing_is_set_while_trading_is_halted_or_where_the_margin_mode_cannot_be(
    tmp_path: Path, at_home: House
) -> None:
    (code,) = at_home.codes["margin_mode"]
    async with rig(tmp_path, venue=f'margin_mode = "isolated"\n{MANAGED}') as made:
        await made.daemon.perform({"verb": "halt", "who": "anna"})
        (found,) = await checks(made, "leverage")
        assert (found.mark, sets(made)) == (Mark.WRONG, 0)
        await made.daemon.perform({"verb": "resume", "who": "anna"})
        (mode,) = await checks(made, "margin mode")
        assert (sets(made), mode.mark) == (1, Mark.WRONG)
        assert f"cross, configured is isolated; setting it came to: refused: {code}" in mode.found


async def test_fault_17_another_contract_under_the_same_name_waits_for_an_operator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        (first,) = await made.entries("listing")
        assert first.event.adopted  # type: ignore[union-attr] # listings are
        resized(made, monkeypatch, 10)
        made.act("deposit", account="demo", coin="BTC", amount="1")
        await made.restart()
        why = await made.assert_frozen(frozenset({Reason.EXTERNAL_CHANGE}))
        size = made.house.lot
        assert f"{10 * size} USD a contract" in why
        assert f"on record is inverse on BTC, settled in BTC, {size} USD a contract" in why
        await made.restart()
        await made.assert_frozen(frozenset({Reason.EXTERNAL_CHANGE}), cycles=1)
        assert len(await made.entries("listing")) == 2
        events, said = effect({"verb": "ack", "who": "anna"}, made.journal.ledger)
        assert "BTC/USD:BTC" in said
        await made.journal.append(*events)
        await made.restart()
        await made.until(lambda _asset: len(made.creates) == 2)
        assert not made.journal.ledger.doubted


async def test_fault_17_a_contract_that_is_itself_again_needs_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        resized(made, monkeypatch, 10)
        await made.restart()
        await made.assert_frozen(frozenset({Reason.EXTERNAL_CHANGE}), cycles=1)
        resized(made, monkeypatch, 1)
        await made.restart()
        await made.until_hedged()


async def test_fault_17_new_steps_are_told_and_taken_over(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        lot = str(10 * made.house.lot)
        made.act("instrument", symbol=made.house.perp(), lot=lot, min_quantity=lot)
        await made.restart()
        made.act("deposit", account="demo", coin="BTC", amount="1")
        await made.until_hedged()
        (told,) = made.told("listing.changed")
        assert (told["log_level"], told["was"][-24:]) == ("info", "lot 1, tick 0.1, least 1"[-24:])
        assert "lot 10, " in told["now"]


async def test_every_check_is_made_and_what_is_amiss_is_looked_at_again_until_it_is_not(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, venue="leverage = 5") as made:
        inspection = made.daemon.inspection
        inspection.watch()
        await inspection.keep()
        await made.until_hedged()
        assert {"key", "clock", "margin mode", "lot", SYMBOL} <= {c.what for c in inspection.checks}
        for _ in range(3):
            await inspection.keep()
        assert len(made.told("preflight.found", what=f"leverage of {SYMBOL}")) == 1
        by_what = {check.what: check for check in inspection.checks}
        assert "as ours" in by_what[f"position {SYMBOL}"].found
        assert "as on record" in by_what[f"contract {SYMBOL}"].found
        assert [c.what for c in inspection.checks if c.mark is Mark.WRONG] == [
            f"leverage of {SYMBOL}"
        ]
        made.account.set_leverage(made.exchange.market(made.house.perp()).instrument, D(5))
        await inspection.keep()
        assert not [c for c in inspection.checks if c.mark is Mark.WRONG]
        made.account.rights = made.account.rights._replace(addresses=("127.0.0.1",))
        await inspection.tell()
        assert [c for c in inspection.checks if c.mark is not Mark.GOOD] == []
        asked = len(made.server.requests)
        await inspection.keep()
        assert len(made.server.requests) == asked
        made.clock.skip(86_400)
        await inspection.keep()
        assert len(made.server.requests) > asked
