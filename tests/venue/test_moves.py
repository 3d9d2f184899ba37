"""Transfers over the wire: sent once, exactly as meant; only proof makes an outcome."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from hedged.clock import VirtualClock
from hedged.core.moves import MoveFound, MoveState, MoveTerms
from hedged.core.types import Amount
from hedged.ports import Accepted, Refused, Unknown, VenueRefused, VenueUnavailable
from hedged.venue import LiveVenue, WriteRefused, profile_of
from tests.venue.stand_in import (
    SYMBOL,
    Answer,
    D,
    Json,
    StandIn,
    dropped,
    listed,
    ok,
    page,
    refused,
    spec,
    torn,
    trader,
)

pytestmark = pytest.mark.asyncio
MOVE = "/v5/asset/transfer/inter-transfer"
LIST = "/v5/asset/transfer/query-inter-transfer-list"
NOW = datetime(2026, 8, 1, tzinfo=UTC)
NAME = "5a5f2c4e-6f0f-5b7e-9f61-0e6f6f1c1c11"
TERMS = MoveTerms(
    NAME, "core", "BTC", "main", Amount(D("1.50000000"), "BTC"), "main:funding", "main"
)


@pytest_asyncio.fixture
async def mover(server: StandIn, clock: VirtualClock) -> AsyncIterator[LiveVenue]:
    opened = trader(server.url, clock, symbols=(SYMBOL,), moves=True)
    await opened.open()
    server.seen.clear()
    yield opened
    await opened.close()


def done(status: str = "SUCCESS", **changes: str) -> Json:
    return {
        "transferId": NAME,
        "coin": "BTC",
        "amount": "1.5",
        "fromAccountType": "FUND",
        "toAccountType": "UNIFIED",
        "timestamp": "1785542400000",
        "status": status,
    } | changes


async def test_a_transfer_arrives_exactly_as_meant(server: StandIn, mover: LiveVenue) -> None:
    server.answer(MOVE, ok({"transferId": NAME, "status": "SUCCESS"}))
    assert await mover.move(TERMS) == Accepted(NAME)
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", MOVE)
    assert seen.body == {
        "transferId": NAME,
        "coin": "BTC",
        "amount": "1.5",
        "fromAccountType": "FUND",
        "toAccountType": "UNIFIED",
    }
    back = replace(TERMS, source="main", destination="main:funding")
    await mover.move(back)
    assert server.seen[-1].body["fromAccountType"] == "UNIFIED"
    assert server.seen[-1].body["toAccountType"] == "FUND"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (ok({"transferId": NAME, "status": "PENDING"}), Unknown),
        (ok({"transferId": NAME, "status": "STATUS_UNKNOWN"}), Unknown),
        (ok({"transferId": NAME, "status": "WHATEVER"}), Unknown),
        (ok({}), Unknown),
        (refused(131214, "TransferId exist"), Unknown),
        (refused(131200), Unknown),
        (refused(10016), Unknown),
        (page("<html>", 502, "text/html"), Unknown),
        (dropped, Unknown),
        (torn, Unknown),
        (refused(131212, "Insufficient balance"), Refused),
        (refused(10005), Refused),
        (refused(10006), Refused),
    ],
)
async def test_only_proof_makes_an_outcome(
    server: StandIn, mover: LiveVenue, answer: Answer, kind: type
) -> None:
    server.answer(MOVE, answer)
    assert isinstance(await mover.move(TERMS), kind)
    assert server.count(MOVE) == 1


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("SUCCESS", MoveState.CONFIRMED),
        ("FAILED", MoveState.REFUSED),
        ("PENDING", MoveState.SENT),
        ("STATUS_UNKNOWN", MoveState.SENT),
    ],
)
async def test_a_look_up_tells_how_far_it_has_come(
    server: StandIn, mover: LiveVenue, status: str, state: MoveState
) -> None:
    server.answer(LIST, listed(done(status)))
    assert await mover.find_move(TERMS, NOW, ()) == MoveFound(state, NAME)
    assert server.seen[-1].query["transferId"] == NAME
    server.answer(LIST, listed())
    assert await mover.find_move(TERMS, NOW, ()) is None


@pytest.mark.parametrize(
    "answer",
    [
        listed(done(transferId="another")),
        listed(done(), done()),
        listed(done("ODD")),
        page("{", 200),
        refused(10016),
    ],
)
async def test_a_look_up_that_says_nothing_clear_teaches_nothing(
    server: StandIn, mover: LiveVenue, answer: Answer
) -> None:
    server.answer(LIST, answer)
    with pytest.raises(VenueUnavailable):
        await mover.find_move(TERMS, NOW, ())


async def test_a_place_that_it_does_not_know_is_not_sent_to(
    server: StandIn, mover: LiveVenue
) -> None:
    for odd in (replace(TERMS, source="main:earn"), replace(TERMS, destination="other")):
        outcome = await mover.move(odd)
        assert isinstance(outcome, Refused)
        assert outcome.detail.startswith("not sent: no transfer from")
    assert server.seen == []


async def test_without_leave_and_where_none_are_made_nothing_leaves(
    server: StandIn, live: LiveVenue, clock: VirtualClock
) -> None:
    with pytest.raises(WriteRefused):
        await live.move(TERMS)
    gate = LiveVenue(replace(spec(server.url), exchange="gate"), profile_of("gate"), clock)
    assert await gate.move(TERMS) == Refused("not sent: hedged moves no coins at Gate")
    with pytest.raises(VenueRefused, match="moves no coins at Gate"):
        await gate.find_move(TERMS, NOW, ())
    assert server.count(MOVE) == 0
