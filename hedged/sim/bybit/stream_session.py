"""One websocket connection, without the socket: frames in, messages out.

A session answers what its client sends and collects what it has subscribed to. The three kinds
(public, private, order entry) differ in what they can be asked and in the form of their answers.
Whatever a client sends, `receive` does not raise.
"""

import json
from collections.abc import Callable, Collection, Mapping

from hedged.sim.accounts import Account
from hedged.sim.bybit.errors import PARAMETER, BybitError
from hedged.sim.bybit.faults import WORDS, code_of, market_of
from hedged.sim.dialect import Message, Outcome
from hedged.sim.exchange import Exchange
from hedged.sim.faults.alterations import altered_quote
from hedged.sim.faults.fault import Fault
from hedged.sim.hub import News
from hedged.sim.market import Market

Request = Mapping[str, object]

_LONGEST_ID = 64
_PATHS: Mapping[str, str] = {
    "auth": "/v5/auth",
    **{f"order.{verb}": f"/v5/order/{verb}" for verb in ("create", "amend", "cancel")},
}


def only_row(result: Mapping[str, object]) -> Message:
    """Return the row of a REST result that has exactly one."""
    rows = result["list"]
    assert isinstance(rows, list)  # noqa: S101 - for the type checker: results are objects to it
    (row,) = rows
    return dict(row)


class Session:
    """A connection; `account` is known once it has authenticated."""

    def __init__(self, exchange: Exchange, connection: str) -> None:
        self.exchange = exchange
        self.connection = connection
        self.account: Account | None = None
        self._answers: list[Message] = []

    @property
    def topics(self) -> Collection[str]:
        """What it is subscribed to."""
        return ()

    @property
    def operations(self) -> Mapping[str, Callable[[Request, int], None]]:
        """What the client may ask for, by the name of the operation."""
        raise NotImplementedError

    def refuse(self, request: Request, error: BybitError) -> None:
        """Answer what cannot be done."""
        raise NotImplementedError

    def hear(self, news: News) -> None:
        """Take notice of something that has just happened."""

    def news(self, now_ms: int) -> list[Message]:
        """Return what has changed since the last time."""
        del now_ms
        return []

    def receive(self, frame: str | bytes, now_ms: int) -> list[Message]:
        """Read one frame and return the answers."""
        self.exchange.advance(now_ms)
        request: Request = {}
        try:
            request = _request(frame)
            self._operation(request)(request, now_ms)
        except BybitError as error:
            self.refuse(request, error)
        return self._taken()

    def refused(self, frame: str | bytes, fault: Fault) -> list[Message]:
        """Return the answers to a frame that a fault refuses, whatever it asks."""
        error = BybitError(*code_of(fault))
        try:
            self.refuse(_request(frame), error)
        except BybitError as unreadable:
            self.refuse({}, unreadable)
        return self._taken()

    @property
    def is_public(self) -> bool:
        """Whether it carries market data, and nothing of any account."""
        return False

    def path_of(self, frame: str) -> str:
        """Return what a frame counts as: the path of an order, or authentication, or nothing."""
        try:
            return _PATHS.get(operation_of(_request(frame)), "")
        except BybitError:
            return ""

    def market_of(self, frame: str) -> Market | None:
        """Return the market of an order."""
        return market_of(self.exchange, frame)

    def outcome(self, answer: Message) -> Outcome:
        """Return what an answer says."""
        code, data = answer.get("retCode"), answer.get("data")
        order_id = data.get("orderId", "") if isinstance(data, dict) else ""
        return Outcome(code if isinstance(code, int) else None, order_id)

    def coded(self, answer: Message, fault: Fault) -> Message:
        """Return the answer to what was done, with the return code that a fault puts there."""
        if "retCode" not in answer:
            return answer
        code, message = code_of(fault)
        return {**answer, "retCode": code, "retMsg": message, "data": {}}

    def topic_of(self, message: Message) -> str:
        """Return what a message is about."""
        return str(message.get("topic", ""))

    def is_fill(self, message: Message) -> bool:
        """Say whether a message tells of fills."""
        return self.topic_of(message).startswith("execution")

    def altered(self, message: Message, fault: Fault) -> Message:
        """Return a message of market data as a fault makes it."""
        data = message.get("data")
        if not isinstance(data, dict):
            return message
        return {**message, "data": altered_quote(fault, data, WORDS)}

    def _taken(self) -> list[Message]:
        answers, self._answers = self._answers, []
        return answers

    def _operation(self, request: Request) -> Callable[[Request, int], None]:
        asked = self.operations.get(operation_of(request))
        if asked is None:
            raise BybitError(PARAMETER, "error:invalid op")
        return asked

    def answer(self, message: Message) -> None:
        """Add to the answers."""
        self._answers.append(message)


def _request(frame: str | bytes) -> Request:
    try:
        request = json.loads(frame)
    except (ValueError, RecursionError):
        raise BybitError(PARAMETER, "error:the request is not JSON") from None
    if not isinstance(request, dict):
        raise BybitError(PARAMETER, "error:the request is not a JSON object")
    return request


def request_id(request: Request, name: str) -> str | int:
    """Return the id by which the client knows the answer again, empty when there is none."""
    value = request.get(name)
    if isinstance(value, str):
        return value[:_LONGEST_ID]
    is_number = isinstance(value, int) and abs(value) < 10**18
    return value if is_number and isinstance(value, int) else ""


def operation_of(request: Request) -> str:
    """Return the name of the operation, empty when there is none."""
    operation = request.get("op")
    return operation[:_LONGEST_ID] if isinstance(operation, str) else ""


def topics_of(request: Request) -> list[str]:
    """Return the topics that a request names."""
    topics = request.get("args")
    if not isinstance(topics, list) or not topics or len(topics) > 500:  # noqa: PLR2004 - far above need
        raise BybitError(PARAMETER, "error:args must be a list of topics")
    named = [topic for topic in topics if isinstance(topic, str)]
    if len(named) != len(topics):
        raise BybitError(PARAMETER, "error:a topic must be a text")
    return named


def unknown_topic(topic: str) -> BybitError:
    """Return the error for a topic that does not exist."""
    return BybitError(PARAMETER, f"error:handler not found,topic:{topic[:_LONGEST_ID]}")


class SubscribingSession(Session):
    """A session that topics are subscribed on: public or private."""

    ack_text = ""

    @property
    def operations(self) -> Mapping[str, Callable[[Request, int], None]]:
        """Pings and subscriptions."""
        return {
            "ping": self.ping,
            "subscribe": self.subscribe,
            "unsubscribe": self.unsubscribe,
        }

    def ping(self, request: Request, now_ms: int) -> None:
        """Answer a sign of life."""
        del now_ms
        self.acknowledge(request, "pong")

    def subscribe(self, request: Request, now_ms: int) -> None:
        """Begin to send what the topics name: all of them, or none when one is unknown."""
        raise NotImplementedError

    def unsubscribe(self, request: Request, now_ms: int) -> None:
        """Stop sending what the topics name."""
        raise NotImplementedError

    def acknowledge(self, request: Request, text: str) -> None:
        """Answer that it is done."""
        self.answer(
            {
                "success": True,
                "ret_msg": text,
                "conn_id": self.connection,
                "req_id": request_id(request, "req_id"),
                "op": operation_of(request),
            }
        )

    def refuse(self, request: Request, error: BybitError) -> None:
        """Answer what cannot be done; clients tell by `request` what it was about."""
        self.answer(
            {
                "success": False,
                "ret_msg": error.message,
                "conn_id": self.connection,
                "req_id": request_id(request, "req_id"),
                "op": operation_of(request),
                "request": {"op": operation_of(request)},
            }
        )
