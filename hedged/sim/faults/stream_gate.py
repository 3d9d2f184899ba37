"""Websockets behind the gate: each connection as its client sees it, faults included.

Orders over a websocket are struck like requests of the same path (method WS), authentication as
/v5/auth, messages under the path of their connection and topic, such as /v5/private/execution, and
connections under their own path.
"""

import json
from collections.abc import Callable, Iterable

from hedged.sim.dialect import Message, Outcome, Purpose, Session, Streams
from hedged.sim.faults.answers import CODED
from hedged.sim.faults.fault import Call, Fault
from hedged.sim.faults.gate import REQUEST_KINDS, delay_ms, is_barrier
from hedged.sim.faults.kinds import Kind
from hedged.sim.faults.mishaps import Mishaps
from hedged.sim.faults.plan import FaultPlan, Strike

_CUTTING = frozenset({Kind.STREAM_CLOSED, Kind.MAINTENANCE})
_REFUSING = frozenset({Kind.STREAM_REFUSED, Kind.MAINTENANCE})
_SILENCING = frozenset({Kind.STREAM_SILENT})
_QUOTES = frozenset({Kind.PRICE, Kind.CROSSED})
_TWICE = frozenset({Kind.DUPLICATE_FILLS})
_UNORDERED = frozenset({Kind.UNORDERED_FILLS})
# Over a websocket these look alike: the connection ends without an answer.
_ENDING = frozenset(
    {
        Kind.REQUEST_LOST,
        Kind.REPLY_LOST,
        Kind.RESET,
        Kind.STATUS,
        Kind.HTML,
        Kind.MAINTENANCE,
    }
)


# Called with time, path, account and return code of every order that comes over a websocket.
OnOrder = Callable[[int, str, str, int], None]


class Wire:
    """One websocket connection; the server cuts it off once `is_cut`."""

    def __init__(
        self,
        path: str,
        session: Session,
        streams: Streams,
        plan: FaultPlan,
        mishaps: Mishaps,
        on_order: OnOrder,
    ) -> None:
        self.path = path
        self.session = session
        self.is_cut = False
        self._streams = streams
        self._plan = plan
        self._mishaps = mishaps
        self._on_order = on_order
        self._held: list[tuple[int, str, list[Strike]]] = []
        self._due: list[tuple[int, str]] = []

    @property
    def is_public(self) -> bool:
        """Whether it carries market data, and nothing of any account."""
        return self.session.is_public

    @property
    def owner(self) -> str:
        """The name of the account, once it is known."""
        return self.session.account.name if self.session.account else ""

    def receive(self, frame: str, now_ms: int) -> None:
        """Take in a frame of the client."""
        path = self.session.path_of(frame)
        strikes = self._struck(path, frame, now_ms) if path else []
        due_ms = now_ms + delay_ms(strikes, accepted=False)
        if due_ms > now_ms:
            self._held.append((due_ms, frame, strikes))
        else:
            self._act(frame, strikes, now_ms)

    def _struck(self, path: str, frame: str, now_ms: int) -> list[Strike]:
        call = Call("WS", path, self.owner, frame, self._purposes(path), is_signed=True)
        return self._plan.strike(call, now_ms, REQUEST_KINDS)

    def _purposes(self, path: str) -> frozenset[Purpose]:
        return self._streams.purposes("WS", path)

    def _act(self, frame: str, strikes: list[Strike], now_ms: int) -> None:
        """Let the session answer, and keep from the client what the faults keep from it."""
        self._mishaps.advance(now_ms)
        faults = [strike.fault for strike in strikes]
        barrier = next((fault for fault in faults if is_barrier(fault)), None)
        if barrier is not None:
            answers = self.session.refused(frame, barrier)
        else:
            with self._mishaps.around(lambda: self.session.market_of(frame), faults):
                answers = self.session.receive(frame, now_ms)
            outcome = self.session.outcome(answers[0]) if answers else Outcome(None)
            for strike in strikes:
                self._log(strike, outcome)
            answers = [self._coded(faults, answer) for answer in answers]
        self._tell(frame, answers, now_ms)
        kinds = {fault.kind for fault in faults}
        self.is_cut = self.is_cut or bool(kinds & _ENDING)
        if Kind.HANG in kinds:
            return
        due_ms = now_ms + delay_ms(strikes, accepted=True)
        for answer in answers:
            text = _text(answer)
            is_half = Kind.TRUNCATED in kinds
            self._due.append((due_ms, text[: len(text) // 2] if is_half else text))

    def _coded(self, faults: Iterable[Fault], answer: Message) -> Message:
        """Return the answer to what was done, with the error that a fault puts there."""
        coded = next((fault for fault in faults if fault.kind in CODED), None)
        return answer if coded is None else self.session.coded(answer, coded)

    def _tell(self, frame: str, answers: list[Message], now_ms: int) -> None:
        """Tell the server of an order that has been asked for."""
        path = self.session.path_of(frame)
        code = self.session.outcome(answers[0]).code if answers else None
        if code is not None and Purpose.ORDERS in self._purposes(path):
            self._on_order(now_ms, path, self.owner, code)

    def _log(self, strike: Strike, outcome: Outcome) -> None:
        strike.injection.reached = True
        strike.injection.code = outcome.code
        strike.injection.order_id = outcome.order_id
        if outcome.code == 0:
            self._mishaps.after(self.owner, outcome.order_id, [strike.fault])

    def collect(self, now_ms: int) -> list[str]:
        """Return what the client gets now."""
        self._mishaps.advance(now_ms)
        held = [entry for entry in self._held if entry[0] <= now_ms]
        self._held = [entry for entry in self._held if entry[0] > now_ms]
        for _, frame, strikes in held:
            self._act(frame, strikes, now_ms)
        news = self._altered(self.session.news(now_ms), now_ms)
        texts = [text for at_ms, text in self._due if at_ms <= now_ms]
        texts += [_text(message) for message in news]
        self._due = [entry for entry in self._due if entry[0] > now_ms]
        self.is_cut = self.is_cut or self._is_struck(now_ms, _CUTTING)
        is_kept = self.is_cut or (bool(texts) and self._is_struck(now_ms, _SILENCING))
        return [] if is_kept else texts

    def _is_struck(self, now_ms: int, kinds: Iterable[Kind]) -> bool:
        call = Call("WS", self.path, self.owner, "", self._purposes(self.path))
        return bool(self._plan.strike(call, now_ms, kinds))

    def _altered(self, messages: list[Message], now_ms: int) -> list[Message]:
        """Return the messages as the faults make them."""
        if not self._plan.rules:
            return messages
        told: list[Message] = []
        for message in messages:
            call = self._call(message)
            altered = message
            for strike in self._plan.strike(call, now_ms, _QUOTES):
                altered = self.session.altered(altered, strike.fault)
            told += [altered] * (2 if self._plan.strike(call, now_ms, _TWICE) else 1)
        fills = [n for n, message in enumerate(told) if self.session.is_fill(message)]
        if len(fills) > 1 and self._plan.strike(self._call(told[fills[0]]), now_ms, _UNORDERED):
            ordered = [told[n] for n in fills]
            for n, message in zip(fills, reversed(ordered), strict=True):
                told[n] = message
        return told

    def _call(self, message: Message) -> Call:
        topic = self.session.topic_of(message)
        path = f"{self.path}/{topic}"
        return Call("WS", path, self.owner, topic, self._purposes(path))


class StreamGate:
    """Opens and closes the websockets of one exchange."""

    def __init__(
        self,
        streams: Streams,
        plan: FaultPlan,
        mishaps: Mishaps,
        on_order: OnOrder = lambda _at_ms, _path, _account, _code: None,
    ) -> None:
        self._streams = streams
        self._plan = plan
        self._mishaps = mishaps
        self._on_order = on_order

    def open(self, path: str, now_ms: int, query: str = "") -> Wire | None:
        """Open a websocket; None when the venue refuses it or there is none on this path."""
        call = Call("WS", path, "", "", self._streams.purposes("WS", path))
        if self._plan.strike(call, now_ms, _REFUSING):
            return None
        session = self._streams.open(path, query)
        if session is None:
            return None
        return Wire(path, session, self._streams, self._plan, self._mishaps, self._on_order)

    def close(self, wire: Wire) -> None:
        """Forget a connection that has ended."""
        self._streams.close(wire.session)


def _text(message: Message) -> str:
    return json.dumps(message, separators=(",", ":"))
