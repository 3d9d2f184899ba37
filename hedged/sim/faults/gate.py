"""The gate between transport and dialect: carries out the faults that strike a request.

A request passes in two steps, because a delay may lie between them: `enter` says what strikes it
and how long it is held up, `finish` lets the exchange act (or not) and returns what the client
gets, which may be less than an answer. Without faults the dialect's reply passes through untouched.
"""

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from hedged.sim.bybit.dialect import BybitDialect, Reply
from hedged.sim.decimals import ZERO
from hedged.sim.exchange import Exchange
from hedged.sim.faults.alterations import altered
from hedged.sim.faults.answers import Answer, answered
from hedged.sim.faults.fault import Call, Fault
from hedged.sim.faults.kinds import Kind
from hedged.sim.faults.mishaps import Mishaps
from hedged.sim.faults.plan import FaultPlan, Strike

REQUEST_KINDS = frozenset(Kind) - {Kind.STREAM_REFUSED, Kind.STREAM_CLOSED, Kind.STREAM_SILENT}
_REMEMBERED = 256
_TIME = "/v5/market/time"


@dataclass(frozen=True, slots=True)
class Passage:
    """A request on its way in, held up for `delay_ms`; `finish` it with the time of its arrival."""

    delay_ms: int
    finish: Callable[[int], Answer]


class Gate:
    """Lets requests through to the dialect, as the plan of faults has it."""

    def __init__(self, dialect: BybitDialect, plan: FaultPlan) -> None:
        self.dialect = dialect
        self.plan = plan
        self.mishaps = Mishaps(dialect.exchange)
        self._before: OrderedDict[Call, Mapping[str, object]] = OrderedDict()

    @property
    def exchange(self) -> Exchange:
        """The exchange behind it."""
        return self.dialect.exchange

    def enter(
        self,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes,
        now_ms: int,
    ) -> Passage:
        """Take a request in."""
        key = next((headers[name] for name in headers if name.lower() == "x-bapi-api-key"), "")
        owner = self.exchange.account_of(key) if key else None
        text = query if method == "GET" else body.decode(errors="replace")
        call = Call(method, path, owner.name if owner else "", text, is_signed=bool(key))
        strikes = self.plan.strike(call, now_ms, REQUEST_KINDS)

        def handle(at_ms: int) -> Reply:
            skew = sum((s.fault.seconds for s in strikes if s.fault.kind is Kind.CLOCK_SKEW), ZERO)
            return self.dialect.handle(
                method, path, query, headers, body, at_ms, skew_ms=int(skew * 1000)
            )

        return Passage(
            delay_ms(strikes, accepted=False),
            lambda at_ms: self._finish(call, strikes, handle, at_ms),
        )

    def _finish(
        self, call: Call, strikes: list[Strike], handle: Callable[[int], Reply], now_ms: int
    ) -> Answer:
        self.mishaps.advance(now_ms)
        faults = [strike.fault for strike in strikes]
        barrier = next((fault for fault in faults if is_barrier(fault)), None)
        if barrier is not None:
            self.exchange.advance(now_ms)
            return answered(barrier, Answer(account=call.account), now_ms)
        reply = self._acted(call, faults, lambda: handle(now_ms))
        _log(strikes, reply)
        payload = self._told(call, faults, reply, now_ms)
        answer = Answer(
            status=reply.status,
            headers=reply.headers,
            body=json.dumps(payload, separators=(",", ":")).encode(),
            delay_ms=delay_ms(strikes, accepted=True),
            account=reply.account,
            code=reply.code,
        )
        for fault in faults:
            answer = answered(fault, answer, now_ms)
        return answer

    def _acted(self, call: Call, faults: list[Fault], handle: Callable[[], Reply]) -> Reply:
        """Let the exchange act, with what happens to it meanwhile."""
        with self.mishaps.around(fields_of(call.text), faults):
            reply = handle()
        if reply.code == 0:
            self.mishaps.after(call.account, _order_id(reply), faults)
        return reply

    def _told(
        self, call: Call, faults: list[Fault], reply: Reply, now_ms: int
    ) -> Mapping[str, object]:
        """Return the payload as the faults make it; what was told is remembered for stale ones."""
        payload = reply.payload
        if call.method == "GET" and reply.code == 0:
            is_stale = any(fault.kind is Kind.STALE for fault in faults)
            if is_stale and call in self._before:
                payload = {**payload, "result": self._before[call]}
            else:
                self._remember(call, payload["result"])
        result = payload["result"]
        if reply.code or not isinstance(result, dict):
            return payload
        skewed = next((fault for fault in faults if fault.kind is Kind.CLOCK_SKEW), None)
        if skewed is not None and call.path == _TIME:
            now_ms += int(skewed.seconds * 1000)
            result = {"timeSecond": str(now_ms // 1000), "timeNano": str(now_ms * 1_000_000)}
        for fault in faults:
            result = altered(fault, result, now_ms)
        return {**payload, "result": result}

    def _remember(self, call: Call, result: object) -> None:
        if isinstance(result, dict):
            self._before[call] = result
            self._before.move_to_end(call)
            if len(self._before) > _REMEMBERED:
                self._before.popitem(last=False)


def delay_ms(strikes: Iterable[Strike], *, accepted: bool) -> int:
    """Return how long a request is held up on the way in, or its reply on the way back."""
    return sum(
        int(strike.fault.seconds * 1000)
        for strike in strikes
        if strike.fault.kind is Kind.DELAY and strike.fault.is_accepted is accepted
    )


def is_barrier(fault: Fault) -> bool:
    """Say whether the exchange never acts on the request."""
    return fault.kind is not Kind.DELAY and not fault.is_accepted


def fields_of(text: str) -> Mapping[str, object]:
    """Return the fields of an order as it was sent; of what is not one, none."""
    try:
        sent = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if isinstance(sent, dict) and isinstance(sent.get("args"), list) and sent["args"]:
        sent = sent["args"][0]
    return sent if isinstance(sent, dict) else {}


def _order_id(reply: Reply) -> str:
    result = reply.payload["result"]
    found = result.get("orderId", "") if isinstance(result, dict) else ""
    return found if isinstance(found, str) else ""


def _log(strikes: list[Strike], reply: Reply) -> None:
    for strike in strikes:
        strike.injection.reached = True
        strike.injection.code = reply.code
        strike.injection.order_id = _order_id(reply)
