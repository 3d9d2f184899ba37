"""The third lock: on mainnet nothing is sent for a book until its operator has armed it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hedged.core.access import Access
from hedged.core.certificate import Certificate, Proven
from hedged.core.events import Armed
from hedged.core.types import Environment, Reason
from hedged.engine.control import Answer, CommandError
from hedged.engine.executor import Executor
from hedged.engine.hedger import Book, Hedger
from hedged.engine.observer import Observer
from hedged.engine.operator import Operator
from hedged.engine.supervisor import Loop, supervise
from hedged.store import MemoryJournal
from tests.engine.fake import PERP, SYMBOL, FakeVenue, btc

CERTIFICATE = Certificate(
    "bybit",
    Environment.TESTNET,
    SYMBOL,
    PERP.kind,
    PERP.base,
    PERP.settle,
    PERP.contract_size,
    "4.5.90",
    "0.1.0",
    datetime(2026, 1, 1, tzinfo=UTC),
)
PROVEN = Proven({"main": "bybit"}, (CERTIFICATE,), "4.5.90")
KEY = Access("1001", may_trade=True, may_withdraw=False)
pytestmark = pytest.mark.asyncio


class Desk:
    """A live book with an operator; its loop runs while a command is done."""

    def __init__(self, environment: Environment) -> None:
        self.venue = FakeVenue(access=KEY)
        self.journal = MemoryJournal(self.venue.clock)
        executor = Executor(
            {"main": self.venue}, {"main": (SYMBOL,)}, self.journal, self.venue.clock
        )
        self.hedger = Hedger(
            Book("core", environment, (btc(),), proven=PROVEN),
            Observer((btc(),), {"main": self.venue}, {}, self.venue.clock),
            self.venue.clock,
            executor=executor,
        )
        self.loop = Loop(self.hedger)
        self.operator = Operator(
            self.journal, self.venue.clock, ("core",), executor=executor, loops=(self.loop,)
        )

    async def say(self, verb: str, **more: str) -> Answer:
        stop = asyncio.Event()
        doing = asyncio.create_task(self.operator.perform({"verb": verb, "who": "anna", **more}))
        doing.add_done_callback(lambda _: stop.set())
        await supervise([self.loop], stop)
        return await doing

    async def reasons(self) -> list[Reason]:
        """What the next cycle's orders are held back by."""
        decision = await self.hedger.run_cycle()
        return [finding.reason for finding in decision.assets[0].blocked]


async def test_nothing_is_sent_on_mainnet_before_the_book_is_armed_and_then_it_is() -> None:
    desk = Desk(Environment.MAINNET)
    assert await desk.reasons() == [Reason.NOT_ARMED]
    shown = await desk.say("arm", book="core")
    assert shown.asks
    assert "main: account 1001" in shown.said
    assert any(line.startswith("BTC: would sell ") for line in shown.said)
    assert not desk.venue.submitted
    assert not desk.journal.ledger.armed
    done = await desk.say("arm", book="core", confirmed="yes", account="1001", why="reviewed")
    assert not done.asks
    armed = desk.journal.ledger.armed["core"]
    assert (armed.who, armed.why) == ("anna", "reviewed")
    assert list(armed.limits) == shown.found["limits"]
    assert await desk.reasons() == []
    assert len(desk.venue.submitted) == 1


async def test_a_key_of_another_account_disarms() -> None:
    desk = Desk(Environment.MAINNET)
    await desk.say("arm", book="core", confirmed="yes", account="1001")
    desk.venue.access = replace(KEY, account_id="2002")
    assert await desk.reasons() == [Reason.NOT_ARMED]
    assert not desk.venue.submitted


@pytest.mark.parametrize("named", ["", "2002", "1001,2002", "main", " ", "10 01"])
async def test_a_yes_that_does_not_name_the_account_arms_nothing(named: str) -> None:
    desk = Desk(Environment.MAINNET)
    with pytest.raises(CommandError, match="not armed: it would trade in account 1001, and the "):
        await desk.say("arm", book="core", confirmed="yes", account=named)
    assert not desk.journal.ledger.armed
    assert await desk.reasons() == [Reason.NOT_ARMED]
    await desk.say("arm", book="core", confirmed="yes", account=" 1001 ")
    assert "core" in desk.journal.ledger.armed


async def test_disarming_takes_it_back() -> None:
    desk = Desk(Environment.MAINNET)
    await desk.say("arm", book="core", confirmed="yes", account="1001")
    await desk.operator.perform({"verb": "disarm", "book": "core", "who": "ben"})
    assert await desk.reasons() == [Reason.NOT_ARMED]
    with pytest.raises(CommandError, match="'core' is not an armed book; armed: none"):
        await desk.operator.perform({"verb": "disarm", "book": "core", "who": "ben"})


async def test_an_account_without_a_number_cannot_be_armed() -> None:
    desk = Desk(Environment.MAINNET)
    desk.venue.access = replace(KEY, account_id=None)
    with pytest.raises(CommandError, match="main does not tell the number of its account"):
        await desk.say("arm", book="core", confirmed="yes", account="1001")
    assert not desk.journal.ledger.armed


async def test_a_key_is_armed_only_where_it_is_known_not_to_withdraw() -> None:
    desk = Desk(Environment.MAINNET)
    desk.venue.access = replace(KEY, may_withdraw=True)
    with pytest.raises(CommandError, match="main key: it may withdraw; make one without"):
        await desk.say("arm", book="core", confirmed="yes", account="1001", rights="seen")
    desk.venue.access = replace(KEY, may_withdraw=None)
    with pytest.raises(CommandError, match=r"does not tell whether its key .*--rights"):
        await desk.say("arm", book="core", confirmed="yes", account="1001")
    assert not desk.journal.ledger.armed
    await desk.say("arm", book="core", confirmed="yes", account="1001", rights="seen")
    assert "core" in desk.journal.ledger.armed


@pytest.mark.parametrize("environment", [Environment.SIM, Environment.TESTNET])
async def test_other_environments_need_no_arming(environment: Environment) -> None:
    desk = Desk(environment)
    with pytest.raises(CommandError, match="only mainnet needs arming"):
        await desk.say("arm", book="core")
    assert await desk.reasons() == []
    assert not any(isinstance(entry, Armed) for entry in desk.journal.ledger.armed.values())


async def test_an_unknown_book_is_answered_with_those_there_are() -> None:
    desk = Desk(Environment.MAINNET)
    with pytest.raises(CommandError, match="there is no book 'cor'; there are: core"):
        await desk.operator.perform({"verb": "arm", "book": "cor", "who": "anna"})


@pytest.mark.parametrize(
    ("certificates", "why"),
    [
        ((), "BTC/USD:BTC at bybit has no certificate: hedged certify --venue main"),
        (
            (replace(CERTIFICATE, environment=Environment.SIM),),
            "BTC/USD:BTC at bybit has no certificate",
        ),
        ((replace(CERTIFICATE, exchange="okx"),), "BTC/USD:BTC at bybit has no certificate"),
        ((replace(CERTIFICATE, ccxt="4.5.89"),), "certified with ccxt 4.5.89, this is 4.5.90"),
        (
            (replace(CERTIFICATE, contract_size=PERP.contract_size * 10),),
            "10 USD a contract, and is inverse on BTC, settled in BTC, 1 USD a contract",
        ),
    ],
    ids=["none", "of the embedded exchange", "elsewhere", "another ccxt", "another contract"],
)
async def test_a_contract_without_its_certificate_takes_no_real_money(
    certificates: tuple[Certificate, ...], why: str
) -> None:
    desk = Desk(Environment.MAINNET)
    await desk.say("arm", book="core", confirmed="yes", account="1001")
    desk.hedger.book = replace(desk.hedger.book, proven=replace(PROVEN, certificates=certificates))
    decision = await desk.hedger.run_cycle()
    (finding,) = decision.assets[0].blocked
    assert finding.reason is Reason.NOT_ARMED
    assert why in finding.detail
    assert not desk.venue.submitted


async def test_one_that_fits_is_enough_whatever_else_there_is() -> None:
    desk = Desk(Environment.MAINNET)
    await desk.say("arm", book="core", confirmed="yes", account="1001")
    newer = replace(CERTIFICATE, ccxt="4.6.0", at=CERTIFICATE.at.replace(year=2027))
    desk.hedger.book = replace(
        desk.hedger.book, proven=replace(PROVEN, certificates=(CERTIFICATE, newer))
    )
    assert await desk.reasons() == []


async def test_a_testnet_asks_for_no_certificate() -> None:
    desk = Desk(Environment.TESTNET)
    desk.hedger.book = replace(desk.hedger.book, proven=Proven())
    assert await desk.reasons() == []
