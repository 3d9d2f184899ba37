"""Websockets behind the gate: each connection as its client sees it, faults included.

Orders over a websocket are struck like requests of the same path (method WS), authentication as
/v5/auth, messages under the path of their connection and topic, such as /v5/private/execution, and
connections under their own path.
"""

import json
from collections.abc import Callable, Iterable

from hedged.sim.bybit.errors import BybitError
from hedged.sim.bybit.stream import StreamHub
from hedged.sim.bybit.stream_public import PublicSession
from hedged.sim.bybit.stream_session import Message, Session
from hedged.sim.bybit.stream_trade import ORDER_ENTRY
from hedged.sim.faults.alterations import altered_message
from hedged.sim.faults.answers import refusal
from hedged.sim.faults.fault import Call, Fault
from hedged.sim.faults.gate import REQUEST_KINDS, delay_ms, fields_of, is_barrier
from hedged.sim.faults.kinds import Kind
from hedged.sim.faults.mishaps import Mishaps
from hedged.sim.faults.plan import FaultPlan, Strike
from hedged.sim.instruments import Kind as MarketKind

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
_FILL_TOPICS = ("execution", "execution.fast", *(f"execution.{kind}" for kind in MarketKind))
_AUTH = "/v5/auth"
_ORDER_PATHS = frozenset(path for path, _ in ORDER_ENTRY.values())
_CODES = frozenset({Kind.CODE, Kind.RATE_LIMIT, Kind.KEY_EXPIRED, Kind.IP_REFUSED})


# Called with time, path, account and return code of every order that comes over a websocket.
OnOrder = Callable[[int, str, str, int], None]


class Wire:
    """One websocket connection; the server cuts it off once `is_cut`."""

    def __init__(
        self,
        path: str,
        session: Session,
        plan: FaultPlan,
        mishaps: Mishaps,
        on_order: OnOrder,
    ) -> None:
        self.path = path
        self.session = session
        self.is_cut = False
        self._plan = plan
        self._mishaps = mishaps
        self._on_order = on_order
        self._held: list[tuple[int, str, list[Strike]]] = []
        self._due: list[tuple[int, str]] = []

    @property
    def is_public(self) -> bool:
        """Whether it carries market data, and nothing of any account."""
        return isinstance(self.session, PublicSession)

    @property
    def owner(self) -> str:
        """The name of the account, once it is known."""
        return self.session.account.name if self.session.account else ""

    def receive(self, frame: str, now_ms: int) -> None:
        """Take in a frame of the client."""
        path = _path(frame)
        strikes = self._struck(path, frame, now_ms) if path else []
        due_ms = now_ms + delay_ms(strikes, accepted=False)
        if due_ms > now_ms:
            self._held.append((due_ms, frame, strikes))
        else:
            self._act(frame, strikes, now_ms)

    def _struck(self, path: str, frame: str, now_ms: int) -> list[Strike]:
        call = Call("WS", path, self.owner, frame, is_signed=True)
        return self._plan.strike(call, now_ms, REQUEST_KINDS)

    def _act(self, frame: str, strikes: list[Strike], now_ms: int) -> None:
        """Let the session answer, and keep from the client what the faults keep from it."""
        self._mishaps.advance(now_ms)
        faults = [strike.fault for strike in strikes]
        barrier = next((fault for fault in faults if is_barrier(fault)), None)
        if barrier is not None:
            answers = self.session.refused(frame, BybitError(*refusal(barrier)))
        else:
            with self._mishaps.around(fields_of(frame), faults):
                answers = self.session.receive(frame, now_ms)
            for strike in strikes:
                self._log(strike, answers[0])
            answers = [_coded(faults, answer) for answer in answers]
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

    def _tell(self, frame: str, answers: list[Message], now_ms: int) -> None:
        """Tell the server of an order that has been asked for."""
        code, path = answers[0].get("retCode"), _path(frame)
        if path in _ORDER_PATHS and isinstance(code, int):
            self._on_order(now_ms, path, self.owner, code)

    def _log(self, strike: Strike, answer: Message) -> None:
        code, data = answer.get("retCode"), answer.get("data")
        order_id = data.get("orderId", "") if isinstance(data, dict) else ""
        strike.injection.reached = True
        strike.injection.code = code if isinstance(code, int) else None
        strike.injection.order_id = order_id
        if code == 0:
            self._mishaps.after(self.owner, order_id, [strike.fault])

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
        call = Call("WS", self.path, self.owner, "")
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
                altered = altered_message(strike.fault, altered)
            told += [altered] * (2 if self._plan.strike(call, now_ms, _TWICE) else 1)
        fills = [n for n, message in enumerate(told) if message.get("topic") in _FILL_TOPICS]
        if len(fills) > 1 and self._plan.strike(self._call(told[fills[0]]), now_ms, _UNORDERED):
            ordered = [told[n] for n in fills]
            for n, message in zip(fills, reversed(ordered), strict=True):
                told[n] = message
        return told

    def _call(self, message: Message) -> Call:
        topic = str(message.get("topic", ""))
        return Call("WS", f"{self.path}/{topic}", self.owner, topic)


class StreamGate:
    """Opens and closes the websockets of one exchange."""

    def __init__(
        self,
        hub: StreamHub,
        plan: FaultPlan,
        mishaps: Mishaps,
        on_order: OnOrder = lambda _at_ms, _path, _account, _code: None,
    ) -> None:
        self._hub = hub
        self._plan = plan
        self._mishaps = mishaps
        self._on_order = on_order

    def open(self, path: str, now_ms: int) -> Wire | None:
        """Open a websocket; None when the venue refuses it or there is none on this path."""
        if self._plan.strike(Call("WS", path, "", ""), now_ms, _REFUSING):
            return None
        session = self._hub.open(path)
        if session is None:
            return None
        return Wire(path, session, self._plan, self._mishaps, self._on_order)

    def close(self, wire: Wire) -> None:
        """Forget a connection that has ended."""
        self._hub.close(wire.session)


def _path(frame: str) -> str:
    """Return what a frame counts as: the path of an order, or authentication; nothing else does."""
    try:
        operation = json.loads(frame)["op"]
        return _AUTH if operation == "auth" else ORDER_ENTRY[operation][0]
    except (ValueError, RecursionError, TypeError, LookupError):
        return ""


def _coded(faults: Iterable[Fault], answer: Message) -> Message:
    """Return the answer to what was done, with the return code that a fault puts there."""
    for fault in faults:
        if fault.kind in _CODES and "retCode" in answer:
            code, message = refusal(fault)
            return {**answer, "retCode": code, "retMsg": message, "data": {}}
    return answer


def _text(message: Message) -> str:
    return json.dumps(message, separators=(",", ":"))
