"""Faults without sockets: which requests they strike, and what the log says of them."""

from collections.abc import Callable
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from hedged.sim.accounts import Account
from hedged.sim.bybit.dialect import BybitDialect
from hedged.sim.bybit.limits import RateLimits
from hedged.sim.exchange import Exchange
from hedged.sim.faults import Fault, FaultError, FaultPlan, Kind
from hedged.sim.faults.answers import Ending
from hedged.sim.faults.fault import Call, fault_of
from hedged.sim.faults.gate import REQUEST_KINDS, Gate
from hedged.sim.faults.kinds import TRAITS
from tests.sim.gate.client import (
    BALANCE,
    CANCEL,
    CREATE,
    INVERSE,
    POSITIONS,
    RESTING,
    SELL,
    TICKERS,
    TIME,
    Client,
    told,
)

D = Decimal


def test_without_faults_a_reply_passes_untouched(client: Client, gate: Gate) -> None:
    answer = client.get(TICKERS, **INVERSE)
    reply = gate.dialect.handle("GET", TICKERS, urlencode(INVERSE), {}, b"", gate.exchange.now_ms)
    assert (answer.body, answer.status, answer.code) == (reply.body(), 200, 0)
    assert not gate.plan.log


def test_a_fault_strikes_once_the_request_that_it_names(client: Client, plan: FaultPlan) -> None:
    plan.add(Fault(Kind.STATUS, path=POSITIONS, status=502))
    assert client.get(BALANCE, accountType="UNIFIED").status == 200
    assert client.get(POSITIONS, **INVERSE).status == 502
    assert client.get(POSITIONS, **INVERSE).status == 200
    (entry,) = plan.log
    assert (entry.kind, entry.path, entry.account, entry.reached) == (
        Kind.STATUS,
        POSITIONS,
        "main",
        False,
    )
    assert "BTCUSD" in entry.request


def test_times_skip_method_account_and_text_narrow_it(
    client: Client, gate: Gate, plan: FaultPlan, other: Account
) -> None:
    plan.add(Fault(Kind.HTML, method="POST", path="/v5/order/*", skip=1, times=2))
    kinds = [client.post(CREATE, **SELL).content_type for _ in range(5)]
    assert [kind == "text/html" for kind in kinds] == [False, True, True, False, False]
    plan.add(Fault(Kind.HTML, account="other", containing="BTCUSD", path=POSITIONS, times=0))
    theirs = Client(gate, other)
    assert client.get(POSITIONS, **INVERSE).content_type == "application/json"
    assert theirs.get(POSITIONS, **INVERSE).content_type == "text/html"
    assert theirs.get(POSITIONS, category="inverse").content_type == "application/json"


def test_a_fault_ends_by_itself_or_when_it_is_lifted(
    client: Client, exchange: Exchange, plan: FaultPlan
) -> None:
    plan.add(Fault(Kind.MAINTENANCE, lasts_s=D(30)), exchange.now_ms)
    assert client.get(TIME).status == 503
    exchange.advance(exchange.now_ms + 29_999)
    assert client.get(TIME).status == 503
    exchange.advance(exchange.now_ms + 1)
    assert client.get(TIME).status == 200
    number = plan.add(Fault(Kind.MAINTENANCE))
    plan.add(Fault(Kind.EMPTY))
    assert client.get(TIME).status == 503
    assert plan.lift(number) == 1
    assert client.get(TIME).status == 200
    assert plan.lift() == 1
    assert not plan.rules


def test_chances_follow_the_seed() -> None:
    def struck(seed: int) -> list[bool]:
        plan = FaultPlan(seed)
        plan.add(Fault(Kind.REPLY_LOST, rate=D("0.3"), times=0))
        calls = [Call("POST", CREATE, "main", str(n)) for n in range(500)]
        return [bool(plan.strike(call, 0, REQUEST_KINDS)) for call in calls]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 100 < sum(struck(1)) < 200


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"kind": "earthquake"},
        {"kind": "status"},
        {"kind": "status", "status": 200},
        {"kind": "status", "status": "many"},
        {"kind": "delay"},
        {"kind": "delay", "seconds": -1},
        {"kind": "delay", "seconds": "soon"},
        {"kind": "delay", "seconds": "1e99"},
        {"kind": "code"},
        {"kind": "price", "value": "cheap"},
        {"kind": "thin_book", "value": "0"},
        {"kind": "missing_coin"},
        {"kind": "hang", "times": -1},
        {"kind": "hang", "times": 1.5},
        {"kind": "hang", "rate": 0},
        {"kind": "hang", "rate": 1.5},
        {"kind": "hang", "accepted": "yes"},
        {"kind": "reply_lost", "accepted": False},
        {"kind": "empty", "accepted": True},
        {"kind": "hang", "sometimes": True},
    ],
)
def test_faults_that_make_no_sense_are_refused_in_one_line(given: dict[str, object]) -> None:
    with pytest.raises(FaultError) as refused:
        fault_of(given)
    assert "\n" not in str(refused.value)


def test_every_kind_can_be_read_and_says_what_it_does() -> None:
    figures = {"seconds": 1, "status": 503, "code": 10016, "coin": "BTC", "value": "10"}
    for kind, trait in TRAITS.items():
        needed = {name: figures[name] for name in trait.needs}
        assert fault_of({"kind": kind, **needed}).trait.meaning
    assert set(TRAITS) == set(Kind)


@pytest.mark.parametrize(
    ("fault", "ending", "exists"),
    [
        (Fault(Kind.REQUEST_LOST), Ending.CLOSED, False),
        (Fault(Kind.REPLY_LOST), Ending.CLOSED, True),
        (Fault(Kind.RESET), Ending.CUT, True),
        (Fault(Kind.HANG), Ending.NEVER, False),
        (Fault(Kind.HANG, accepted=True), Ending.NEVER, True),
        (Fault(Kind.STATUS, status=504), Ending.COMPLETE, False),
        (Fault(Kind.STATUS, status=504, accepted=True), Ending.COMPLETE, True),
        (Fault(Kind.HTML), Ending.COMPLETE, True),
        (Fault(Kind.TRUNCATED), Ending.COMPLETE, True),
        (Fault(Kind.CODE, code=10016), Ending.COMPLETE, False),
        (Fault(Kind.CODE, code=10016, accepted=True), Ending.COMPLETE, True),
        (Fault(Kind.RATE_LIMIT), Ending.COMPLETE, False),
        (Fault(Kind.MAINTENANCE), Ending.COMPLETE, False),
        (Fault(Kind.KEY_EXPIRED), Ending.COMPLETE, False),
        (Fault(Kind.IP_REFUSED), Ending.COMPLETE, False),
    ],
    ids=lambda value: f"{value.kind} {value.accepted}" if isinstance(value, Fault) else "",
)
def test_the_log_tells_whether_the_order_exists(
    client: Client, account: Account, plan: FaultPlan, fault: Fault, ending: Ending, *, exists: bool
) -> None:
    plan.add(fault)
    answer = client.post(CREATE, **SELL, orderLinkId="one")
    assert answer.ending is ending
    assert ("one" in account.orders_by_link) is exists
    (entry,) = plan.log
    assert entry.reached is exists
    if exists:
        assert (entry.code, entry.order_id) == (0, account.orders_by_link["one"].order_id)
    else:
        assert (entry.code, entry.order_id) == (None, "")


def test_what_reached_may_have_been_refused(client: Client, plan: FaultPlan) -> None:
    plan.add(Fault(Kind.REPLY_LOST))
    client.post(CREATE, **(SELL | {"qty": "20000000"}))
    (entry,) = plan.log
    assert (entry.reached, entry.code, entry.order_id) == (True, 110007, "")


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault(Kind.CODE, code=10000, accepted=True), 200, 10000),
        (Fault(Kind.CODE, code=10016), 200, 10016),
        (Fault(Kind.CODE, code=170146), 200, 170146),
        (Fault(Kind.CODE, code=110072), 200, 110072),
        (Fault(Kind.CODE, code=110007), 200, 110007),
        (Fault(Kind.CODE, code=99, message="odd"), 200, 99),
        (Fault(Kind.RATE_LIMIT), 429, 10006),
        (Fault(Kind.RATE_LIMIT, status=403, seconds=D(600)), 403, 10006),
        (Fault(Kind.RATE_LIMIT, status=200), 200, 10006),
        (Fault(Kind.KEY_EXPIRED), 200, 33004),
        (Fault(Kind.IP_REFUSED), 200, 10010),
    ],
)
def test_refusals_have_the_venues_form(
    client: Client, plan: FaultPlan, fault: Fault, status: int, code: int
) -> None:
    plan.add(fault)
    answer = client.post(CREATE, **SELL)
    payload = told(answer)
    assert (answer.status, payload["retCode"], payload["result"]) == (status, code, {})
    assert payload["retMsg"]
    if fault.kind is Kind.RATE_LIMIT:
        assert answer.headers["Retry-After"] == str(fault.seconds or 1)
        reset_ms = int(answer.headers["X-Bapi-Limit-Reset-Timestamp"])
        assert reset_ms - payload["time"] == int(fault.seconds or 1) * 1000


def test_an_expired_key_leaves_public_data_alone(client: Client, gate: Gate) -> None:
    gate.plan.add(Fault(Kind.KEY_EXPIRED))
    passage = gate.enter("GET", TIME, "", {}, b"", gate.exchange.now_ms)
    assert told(passage.finish(gate.exchange.now_ms))["retCode"] == 0


def test_pages_in_html_and_half_json_are_no_json(client: Client, plan: FaultPlan) -> None:
    for fault in (Fault(Kind.HTML), Fault(Kind.TRUNCATED), Fault(Kind.STATUS, status=403)):
        plan.add(fault)
        with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
            told(client.get(POSITIONS, **INVERSE))


def test_a_delay_lies_before_or_after_the_act(
    client: Client, exchange: Exchange, account: Account, gate: Gate
) -> None:
    gate.plan.add(Fault(Kind.DELAY, seconds=D(4)))
    began_ms = exchange.now_ms
    assert client.post(CREATE, **SELL).delay_ms == 0
    (order,) = account.orders.values()
    assert order.created_ms == began_ms + 4_000
    gate.plan.add(Fault(Kind.DELAY, seconds=D("7.5"), accepted=True))
    assert client.post(CREATE, **SELL).delay_ms == 7_500
    assert exchange.now_ms == began_ms + 4_000


def test_a_request_held_up_beyond_its_window_is_refused_by_the_venue(
    client: Client, plan: FaultPlan
) -> None:
    plan.add(Fault(Kind.DELAY, seconds=D(6)))
    assert told(client.post(CREATE, **SELL))["retCode"] == 10002


@pytest.mark.parametrize(("seconds", "code"), [(3600, 10002), (2, 0), (-2, 10002)])
def test_a_clock_that_is_off(client: Client, plan: FaultPlan, seconds: int, code: int) -> None:
    before_ms = client.gate.exchange.now_ms
    plan.add(Fault(Kind.CLOCK_SKEW, seconds=D(seconds)))
    assert told(client.get(POSITIONS, **INVERSE))["retCode"] == code
    clock = told(client.get(TIME))
    assert clock["time"] == before_ms + seconds * 1000
    assert int(clock["result"]["timeNano"]) // 1_000_000 == before_ms + seconds * 1000
    assert client.gate.exchange.now_ms == before_ms


def test_several_faults_may_strike_one_request(client: Client, plan: FaultPlan) -> None:
    plan.add(Fault(Kind.DELAY, seconds=D(1)))
    plan.add(Fault(Kind.REPLY_LOST))
    assert client.post(CREATE, **SELL).ending is Ending.CLOSED
    assert [(entry.kind, entry.reached) for entry in plan.log] == [
        (Kind.DELAY, True),
        (Kind.REPLY_LOST, True),
    ]


def test_the_same_seed_gives_the_same_log(make_walk: Callable[[], str]) -> None:
    assert make_walk() == make_walk()


@pytest.fixture
def make_walk() -> Callable[[], str]:
    """Trade under many faults by chance, from scratch, and return all that was logged."""

    def walk() -> str:
        exchange = Exchange(now_ms=1_750_000_000_000, seed=7)
        account = exchange.open_account("main", "key", "secret")
        exchange.deposit(account, "BTC", D(5))
        gate = Gate(BybitDialect(exchange, limits=RateLimits(0)), FaultPlan(seed=11))
        for kind in (Kind.REPLY_LOST, Kind.REQUEST_LOST, Kind.TRUNCATED):
            gate.plan.add(Fault(kind, rate=D("0.2"), times=0))
        gate.plan.add(Fault(Kind.LATE_FILL, rate=D("0.5"), times=0, seconds=D(1)))
        client = Client(gate, account)
        for number in range(60):
            client.post(CREATE, **RESTING, orderLinkId=f"o{number}")
            client.post(CANCEL, **INVERSE, orderLinkId=f"o{number}")
            exchange.advance(exchange.now_ms + 700)
        assert len(gate.plan.log) > 30
        return "\n".join([*map(repr, gate.plan.log), *map(repr, exchange.truth.events)])

    return walk
