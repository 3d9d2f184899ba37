"""Submitting: sent once, and only proof counts."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedged.clock import settle
from hedged.ports import (
    Accepted,
    Refused,
    Style,
    Unknown,
)
from hedged.venue import PROFILES, LiveVenue, WriteRefused, profile_of
from hedged.venue.lazy import errors
from hedged.venue.outcomes import Redactor, submit_outcome
from tests.venue.stand_in import (
    ACKNOWLEDGED,
    BTCUSD,
    CREATE,
    ID,
    KEY,
    SECRET,
    Answer,
    D,
    StandIn,
    dropped,
    healthy,
    ok,
    order,
    page,
    redirected,
    refused,
    silent,
    torn,
    trader,
)


@pytest.mark.asyncio
async def test_the_order_arrives_exactly_as_meant(server: StandIn, live: LiveVenue) -> None:
    server.answer(CREATE, ACKNOWLEDGED)
    server.seen.clear()
    assert await live.submit(order(reduce_only=True)) == Accepted("fd4300ae")
    (seen,) = server.seen  # nothing has to be asked before it
    assert (seen.method, seen.path) == ("POST", CREATE)
    assert seen.body == {
        "category": "inverse",
        "symbol": "BTCUSD",
        "side": "Sell",
        "orderType": "Limit",
        "timeInForce": "IOC",
        "qty": "6000",
        "price": "60999.9",
        "orderLinkId": ID,
        "reduceOnly": True,
    }


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"contracts": D("100.5")}, "amount 100.5 would be sent as 100"),
        ({"contracts": D("0.5")}, "amount 0.5"),
        ({"limit_price": D("60999.95")}, "price 60999.95 would be sent as"),
    ],
)
async def test_figures_that_ccxt_would_change_are_not_sent(
    server: StandIn, live: LiveVenue, changes: dict[str, Any], text: str
) -> None:
    server.seen.clear()
    outcome = await live.submit(order(**changes))
    assert isinstance(outcome, Refused)
    assert text in outcome.detail
    assert server.seen == []


REFUSED: list[Answer] = [
    refused(10001, "params error"),
    refused(10002, "timestamp"),
    refused(10003, "API key is invalid"),
    refused(10004, "error sign"),
    refused(10006, "too many visits"),
    refused(110003, "price out of range"),
    refused(110007, "ab not enough for new order"),
    refused(110017, "reduce-only"),
    refused(170131, "balance insufficient"),
    page("slow down", 429),
]
UNKNOWN: list[Answer] = [
    silent,
    dropped,
    torn,
    page("oops", 500),
    page("oops", 502),
    page("oops", 503),
    page("oops", 504),
    page("oops", 400),
    page("oops", 404),
    page("oops", 403),
    page('{"retCode":0,"result":{"orderId":"fd4300ae"', 200),
    page("<html>login</html>", 200, "text/html"),
    page("", 200),
    page("[]", 200),
    page("{}", 200),
    ok({}),
    ok({"orderId": "", "orderLinkId": ID}),
    ok({"orderId": "fd4300ae", "orderLinkId": "another"}),
    refused(10000, "server error"),
    refused(10014, "duplicate request"),
    refused(10016, "internal error"),
    refused(110072, "OrderLinkedID is duplicate"),
    refused(110079, "the order is being processed"),
    refused(170141, "duplicate clientOrderId"),
    refused(170146, "order creation timeout"),
    refused(170149, "create order failed"),
    refused(999999, "a code never seen before"),
    redirected(307, CREATE),
    redirected(302, CREATE),
]


@pytest.mark.asyncio
@pytest.mark.parametrize("answer", REFUSED)
async def test_a_definite_rejection_is_refused_and_sent_once(
    server: StandIn, live: LiveVenue, answer: Answer
) -> None:
    server.answer(CREATE, answer)
    assert isinstance(await live.submit(order()), Refused)
    assert server.count(CREATE) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("answer", UNKNOWN)
async def test_fault_03_all_else_is_unknown_and_sent_once(server: StandIn, answer: Answer) -> None:
    live = trader(server.url, timeout_s=0.25 if answer is silent else 5)
    await live.open()
    try:
        server.answer(CREATE, answer)
        assert isinstance(await live.submit(order()), Unknown)
        assert server.count(CREATE) == 1
    finally:
        await live.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("code", [110030, 110072, 170141])
async def test_fault_04_a_duplicate_id_proves_that_the_order_exists(
    server: StandIn, live: LiveVenue, code: int
) -> None:
    server.answer(CREATE, refused(code, "duplicate"))
    outcome = await live.submit(order())
    assert outcome == Unknown(f"an order of this client id exists: {code} duplicate")


@pytest.mark.asyncio
async def test_fault_23_a_refused_connection_proves_that_nothing_was_sent() -> None:
    async with StandIn() as server:
        live = trader(healthy(server).url)
        await live.open()
    await settle()  # the client sees its connections end
    try:
        outcome = await live.submit(order())
        assert isinstance(outcome, Refused)
        assert outcome.detail.startswith("not sent: ExchangeNotAvailable from ClientConnectorError")
    finally:
        await live.close()


@pytest.mark.asyncio
async def test_a_cancelled_submit_is_the_callers_to_resolve(
    server: StandIn, live: LiveVenue
) -> None:
    arrived = asyncio.Event()

    async def never(_: Any) -> Any:
        arrived.set()
        await asyncio.Event().wait()

    server.answer(CREATE, never)
    submitting = asyncio.create_task(live.submit(order()))
    await arrived.wait()
    submitting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await submitting
    assert server.count(CREATE) == 1


@pytest.mark.asyncio
async def test_a_stale_clock_refuses_the_order_and_is_set_before_the_next_read(
    server: StandIn, live: LiveVenue
) -> None:
    server.answer(CREATE, refused(10002, "timestamp"))
    assert isinstance(await live.submit(order()), Refused)
    server.seen.clear()
    await live.account([])
    assert server.seen[0].path == "/v5/market/time"


@pytest.mark.asyncio
async def test_details_carry_no_secret(server: StandIn, live: LiveVenue) -> None:
    signature = "a" * 64
    server.answer(CREATE, refused(10004, f"error sign! origin_string[{KEY}{SECRET}] {signature}"))
    outcome = await live.submit(order())
    assert outcome == Refused("10004 error sign! origin_string[******] ***")


TEXTS = st.sampled_from(
    [KEY, SECRET, "https://h/v5/x?api_key=1&sign=2", "f" * 64, " - ", "retCode"]
)


@given(pieces=st.lists(TEXTS | st.text(), max_size=6))
def test_no_text_with_a_secret_gets_through(pieces: list[str]) -> None:
    shown = Redactor(KEY, SECRET)(" ".join(pieces))
    assert KEY not in shown
    assert SECRET not in shown
    assert "sign=2" not in shown
    assert "f" * 64 not in shown


@given(
    kind=st.sampled_from(["ExchangeError", "InvalidOrder", "InsufficientFunds", "BadRequest"]),
    code=st.integers(-1, 400000),
    text=st.text(max_size=40),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_only_listed_codes_prove_a_rejection(kind: str, code: int, text: str) -> None:
    """Whatever class ccxt chose, and whatever the message says."""
    profile = profile_of("bybit")
    error = getattr(errors(), kind)(f"bybit {json.dumps({'retCode': code, 'retMsg': text})}")
    outcome = submit_outcome(error, profile, Redactor())
    assert isinstance(outcome, Refused) is (str(code) in profile.rejections)


@pytest.mark.asyncio
async def test_a_post_only_order_says_so(server: StandIn, live: LiveVenue) -> None:
    server.answer(CREATE, ACKNOWLEDGED)
    assert await live.submit(order(style=Style.POST_ONLY)) == Accepted("fd4300ae")
    (seen,) = server.seen
    assert seen.body["timeInForce"] == "PostOnly"


@pytest.mark.parametrize("style", Style)
def test_every_style_is_known_to_every_venue_that_takes_orders(style: Style) -> None:
    takers = [profile for profile in PROFILES.values() if profile.write_routes]
    assert len(takers) > 1
    assert all(style in profile.styles for profile in takers)


@pytest.mark.asyncio
@pytest.mark.parametrize("crash", [KeyError("id"), TypeError('{"retCode":110007}'), ValueError()])
@pytest.mark.parametrize("where", ["parse_order", "handle_errors", "set_last_request"])
async def test_fault_01_if_ccxt_itself_crashes_the_order_may_exist(
    server: StandIn,
    live: LiveVenue,
    monkeypatch: pytest.MonkeyPatch,
    crash: Exception,
    where: str,
) -> None:
    def crashing(*_: Any) -> Any:
        raise crash

    server.answer(CREATE, ACKNOWLEDGED)
    monkeypatch.setattr(live._client, where, crashing)
    outcome = await live.submit(order())
    assert isinstance(outcome, Unknown)
    assert type(crash).__name__ in outcome.detail
    assert server.count(CREATE) == (where != "set_last_request")


@pytest.mark.asyncio
@pytest.mark.parametrize("reply", [None, [], "text", {"id": 7, "clientOrderId": {}}])
async def test_whatever_ccxt_makes_of_a_reply_only_the_ids_prove_acceptance(
    live: LiveVenue, monkeypatch: pytest.MonkeyPatch, reply: Any
) -> None:
    async def create(*_: Any) -> Any:
        return reply

    monkeypatch.setattr(live._client, "create_order", create)
    assert isinstance(await live.submit(order()), Unknown)


@pytest.mark.asyncio
async def test_a_request_that_may_not_leave_is_a_bug_for_submit_and_cancel_too(
    server: StandIn, live: LiveVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live._client.session.connector, "_routes", frozenset())
    with pytest.raises(WriteRefused):
        await live.submit(order())
    with pytest.raises(WriteRefused):
        await live.cancel(BTCUSD, ID)
    assert server.seen == []


@pytest.mark.asyncio
async def test_the_cancellation_of_one_order_does_not_reach_another(
    server: StandIn, live: LiveVenue
) -> None:
    server.answer(CREATE, ACKNOWLEDGED)
    first, second = (asyncio.create_task(live.submit(order())) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == Accepted("fd4300ae")
    with pytest.raises(asyncio.CancelledError):
        await first
