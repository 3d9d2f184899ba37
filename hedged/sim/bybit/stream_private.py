"""The private websocket /v5/private: an account's orders, executions, positions and wallet.

Orders and executions are sent as they happen, each with its figures of that moment. Positions and
the wallet are sent as they stand when the messages are collected, after anything that concerned
them.
"""

from collections.abc import Callable, Collection, Mapping
from itertools import count

from hedged.sim.accounts import Account
from hedged.sim.bybit.account import wallet_balance
from hedged.sim.bybit.errors import PARAMETER, BybitError
from hedged.sim.bybit.parameters import Parameters
from hedged.sim.bybit.rows import execution_row, order_row, position_row
from hedged.sim.bybit.signature import stream_sender
from hedged.sim.bybit.stream_session import (
    Request,
    SubscribingSession,
    only_row,
    request_id,
    topics_of,
    unknown_topic,
)
from hedged.sim.decimals import plain
from hedged.sim.dialect import Message
from hedged.sim.exchange import Exchange
from hedged.sim.hub import TRADES, News
from hedged.sim.instruments import Kind
from hedged.sim.orders import Fill, Order
from hedged.sim.positions import Position

_BY_KIND = ("order", "execution", "execution.fast", "position")
# While one of these is subscribed, the connection counts as a sign of life of the account.
_DISCONNECT = ("dcp.spot", "dcp.future")
_TOPICS = frozenset(
    [
        *_BY_KIND,
        *(f"{name}.{kind}" for name in _BY_KIND for kind in Kind),
        "wallet",
        "greeks",
        *_DISCONNECT,
    ]
)
# Fields of the REST lists that the stream does not have.
_NOT_IN_ORDERS = ("isLeverage", "createType", "slippageToleranceType", "slippageTolerance")
_NOT_IN_EXECUTIONS = ("extraFees",)
_NOT_IN_POSITIONS = ("avgPrice",)
_FAST = (
    "category", "symbol", "execId", "execPrice", "execQty", "orderId", "isMaker", "orderLinkId",
    "side", "execTime", "seq",
)  # fmt: skip
# A flat position has zeros here, where the REST list has empty texts.
_ZERO_WHEN_FLAT = ("positionValue", "liqPrice", "unrealisedPnl", "sessionAvgPrice")

Row = dict[str, object]


def order_news(order: Order) -> Row:
    """Return an order as the stream shows it."""
    row = {name: value for name, value in order_row(order).items() if name not in _NOT_IN_ORDERS}
    row.pop("extraFees")
    coins = list(order.fees)
    return row | {
        "category": order.instrument.kind,
        "feeCurrency": coins[0] if coins else "",
        "closedPnl": "0",
    }


def execution_news(exchange: Exchange, fill: Fill) -> Row:
    """Return an execution as the stream shows it."""
    full = execution_row(exchange, fill)
    row = {name: value for name, value in full.items() if name not in _NOT_IN_EXECUTIONS}
    return row | {
        "category": fill.instrument.kind,
        "isLeverage": "0",
        "marketUnit": "",
        "execPnl": plain(fill.profit),
    }


def position_news(exchange: Exchange, account: Account, position: Position) -> Row:
    """Return a leg as the stream shows it."""
    full = position_row(exchange, account, position.instrument, position.index)
    row = {name: value for name, value in full.items() if name not in _NOT_IN_POSITIONS}
    row |= {name: row[name] or "0" for name in _ZERO_WHEN_FLAT}
    return row | {"entryPrice": full["avgPrice"], "category": position.instrument.kind}


def _position_topics(position: Position) -> tuple[str, str]:
    return "position", f"position.{position.instrument.kind}"


class PrivateSession(SubscribingSession):
    """A connection for what happens to one account."""

    def __init__(self, exchange: Exchange, connection: str) -> None:
        super().__init__(exchange, connection)
        self._topics: dict[str, None] = {}
        self._numbers = count(1)
        self._happened: list[tuple[str, Kind, Row]] = []
        self._moved: dict[str, None] = {}
        self._is_wallet_due = False

    @property
    def operations(self) -> Mapping[str, Callable[[Request, int], None]]:
        """What public sessions can do, and authentication."""
        return {**super().operations, "auth": self.authenticate}

    @property
    def topics(self) -> Collection[str]:
        """What it is subscribed to."""
        return self._topics

    def authenticate(self, request: Request, now_ms: int) -> None:
        """Open the session to an account."""
        self.account = stream_sender(self.exchange, request.get("args"), now_ms)
        self.acknowledge(request, "")

    def ping(self, request: Request, now_ms: int) -> None:
        """Answer a sign of life, with the time."""
        self.answer(
            {
                "req_id": request_id(request, "req_id"),
                "op": "pong",
                "args": [str(now_ms)],
                "conn_id": self.connection,
            }
        )

    def subscribe(self, request: Request, now_ms: int) -> None:
        """Begin to send topics; there are no snapshots here."""
        del now_ms
        if self.account is None:
            raise BybitError(PARAMETER, "Request not authorized")
        topics = topics_of(request)
        unknown = next((topic for topic in topics if topic not in _TOPICS), None)
        if unknown is not None:
            raise unknown_topic(unknown)
        self._topics |= dict.fromkeys(topics)
        self.acknowledge(request, "subscribe")

    def unsubscribe(self, request: Request, now_ms: int) -> None:
        """Stop sending topics."""
        del now_ms
        for name in topics_of(request):
            self._topics.pop(name, None)
        self.acknowledge(request, "")

    def hear(self, news: News) -> None:
        """Remember what happened to the account, as it is at this moment."""
        account = self.account
        if account is None or news.account is not account or not self._topics:
            return
        self._is_wallet_due = True
        if news.fill is not None:
            kind = news.fill.instrument.kind
            row = execution_news(self.exchange, news.fill)
            self._happened.append(("execution", kind, row))
            if news.fill.kind in TRADES:
                fast = {name: row[name] for name in _FAST}
                self._happened.append(("execution.fast", kind, fast))
        if news.order is not None:
            self._happened.append(("order", news.order.instrument.kind, order_news(news.order)))
        about = news.order or news.fill
        if about is not None:
            self._moved[about.instrument.key] = None

    def news(self, now_ms: int) -> list[Message]:
        """Return what has happened since the last time."""
        account = self.account
        if account is None:
            return []
        if any(topic in self._topics for topic in _DISCONNECT):
            self.exchange.heartbeat(account)
        messages = [
            self._message(topic, now_ms, row)
            for name, kind, row in self._happened
            for topic in (name, f"{name}.{kind}")
            if topic in self._topics
        ]
        for position in account.positions.values():
            if position.instrument.key not in self._moved:
                continue
            topics = (name for name in _position_topics(position) if name in self._topics)
            row = position_news(self.exchange, account, position)
            messages += [self._message(topic, now_ms, row) for topic in topics]
        if self._is_wallet_due and "wallet" in self._topics:
            asked = Parameters({"accountType": "UNIFIED"})
            row = only_row(wallet_balance(self.exchange, account, asked))
            messages.append(self._message("wallet", now_ms, row))
        self._happened, self._moved, self._is_wallet_due = [], {}, False
        return messages

    def _message(self, topic: str, now_ms: int, row: Row) -> Message:
        message: Message = {"topic": topic, "creationTime": now_ms, "data": [row]}
        if not topic.startswith("execution.fast"):
            message["id"] = f"{self.connection}-{next(self._numbers)}"
        return message
