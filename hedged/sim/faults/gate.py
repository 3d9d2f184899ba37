"""The gate between transport and dialect: carries out the faults that strike a request.

A request passes in two steps, because a delay may lie between them: `enter` says what strikes it
and how long it is held up, `finish` lets the exchange act (or not) and returns what the client
gets, which may be less than an answer. Without faults the dialect's reply passes through untouched.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hedged.sim.decimals import ZERO
from hedged.sim.dialect import Dialect, Reply
from hedged.sim.exchange import Exchange
from hedged.sim.faults.answers import Answer, answered
from hedged.sim.faults.fault import Call, Fault
from hedged.sim.faults.kinds import Kind
from hedged.sim.faults.mishaps import Mishaps
from hedged.sim.faults.plan import FaultPlan, Strike

REQUEST_KINDS = frozenset(Kind) - {Kind.STREAM_REFUSED, Kind.STREAM_CLOSED, Kind.STREAM_SILENT}
_REMEMBERED = 256  # questions
_REPLIES = 64  # to each


@dataclass(frozen=True, slots=True)
class Passage:
    """A request on its way in, held up for `delay_ms`; `finish` it with the time of its arrival."""

    delay_ms: int
    finish: Callable[[int], Answer]


class Gate:
    """Lets requests through to the dialect, as the plan of faults has it."""

    def __init__(self, dialect: Dialect, plan: FaultPlan) -> None:
        self.dialect = dialect
        self.plan = plan
        self.mishaps = Mishaps(dialect.exchange)
        self._before: OrderedDict[Call, deque[tuple[int, Any]]] = OrderedDict()

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
        key = self.dialect.key_of(headers)
        owner = self.exchange.account_of(key) if key else None
        text = self.dialect.question(query, body)
        purposes = self.dialect.purposes(method, path)
        call = Call(method, path, owner.name if owner else "", text, purposes, is_signed=bool(key))
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
            return self._answered(barrier, Answer(account=call.account), now_ms)
        reply = self._acted(call, faults, lambda: handle(now_ms))
        _log(strikes, reply)
        told = self._told(call, faults, reply, now_ms)
        answer = Answer(
            status=told.status,
            headers=told.headers,
            body=told.body(),
            delay_ms=delay_ms(strikes, accepted=True),
            account=told.account,
            code=told.code,
        )
        for fault in faults:
            answer = self._answered(fault, answer, now_ms)
        return answer

    def _answered(self, fault: Fault, answer: Answer, now_ms: int) -> Answer:
        return answered(fault, answer, now_ms, self.dialect.refusal)

    def _acted(self, call: Call, faults: list[Fault], handle: Callable[[], Reply]) -> Reply:
        """Let the exchange act, with what happens to it meanwhile."""
        with self.mishaps.around(lambda: self.dialect.market_of(call.text), faults):
            reply = handle()
        if reply.code == 0:
            self.mishaps.after(call.account, reply.order_id, faults)
        return reply

    def _told(self, call: Call, faults: list[Fault], reply: Reply, now_ms: int) -> Reply:
        """Return the reply as the faults make it; what was told is remembered for stale ones."""
        if reply.code:
            return reply
        if call.method == "GET":
            stale = next((fault for fault in faults if fault.kind is Kind.STALE), None)
            if stale is not None and call in self._before:
                since_ms = now_ms - int(stale.seconds * 1000)
                reply = reply.telling(_as_it_was(self._before[call], since_ms))
            else:
                self._remember(call, reply.data, now_ms)
        for fault in faults:
            reply = self.dialect.altered(fault, reply, now_ms)
        return reply

    def _remember(self, call: Call, data: Any, now_ms: int) -> None:
        replies = self._before.setdefault(call, deque(maxlen=_REPLIES))
        replies.append((now_ms, data))
        self._before.move_to_end(call)
        if len(self._before) > _REMEMBERED:
            self._before.popitem(last=False)


def _as_it_was(replies: Sequence[tuple[int, Any]], at_ms: int) -> Any:
    """The last reply that was given up to a moment; the first that is known, if none was."""
    return next((data for told_ms, data in reversed(replies) if told_ms <= at_ms), replies[0][1])


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


def _log(strikes: list[Strike], reply: Reply) -> None:
    for strike in strikes:
        strike.injection.reached = True
        strike.injection.code = reply.code
        strike.injection.order_id = reply.order_id
