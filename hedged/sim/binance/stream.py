"""Binance's websockets without the sockets: who is connected, and what they hear.

`/ws/KEY` is the stream of the account that a listen key was made for, `/ws` and `/ws/STREAM` carry
market data: `btcusd_perp@bookTicker`, `btcusd_perp@markPrice`, of spot `btcusdt@bookTicker`.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

from hedged.sim.accounts import Account
from hedged.sim.binance import faults
from hedged.sim.binance.listen import ListenKeys
from hedged.sim.binance.rows import Row
from hedged.sim.binance.stream_account import TOLD, AccountNews
from hedged.sim.binance.stream_market import Quotes
from hedged.sim.dialect import Message, Outcome, Purpose
from hedged.sim.exchange import Exchange
from hedged.sim.faults.alterations import altered_quote
from hedged.sim.faults.fault import Fault
from hedged.sim.hub import Hub, News
from hedged.sim.market import Market

_ROOTS = ("/ws", "/stream")
_MOST_STREAMS = 200
_BAD = {"code": 2, "msg": "Invalid request: request is not as documented"}


class Session:
    """A connection; its client subscribes to market data, or hears of one account."""

    def __init__(self, exchange: Exchange, *, is_wrapped: bool) -> None:
        self.exchange = exchange
        self.account: Account | None = None
        self._is_wrapped = is_wrapped  # messages name their stream
        self._quotes: dict[str, Quotes] = {}
        self._news: AccountNews | None = None

    @property
    def is_public(self) -> bool:
        """Whether it carries market data, and nothing of any account."""
        return self._news is None

    @property
    def topics(self) -> Collection[str]:
        """What it is subscribed to."""
        return self._quotes if self._news is None else TOLD

    def follow(self, account: Account, key: str, keys: ListenKeys) -> None:
        """Tell of what happens to an account, as long as its key is kept alive."""
        self.account, self._news = account, AccountNews(self.exchange, account, key, keys)

    def subscribe(self, stream: str) -> bool:
        """Begin to send a stream; say whether there is such a one."""
        found = Quotes.of(self.exchange, stream)
        if found is None or len(self._quotes) >= _MOST_STREAMS:
            return False
        self._quotes[stream] = found
        return True

    def hear(self, news: News) -> None:
        """Take notice of something that has just happened."""
        if self._news is not None:
            self._news.hear(news)

    def receive(self, frame: str, now_ms: int) -> list[Message]:
        """Read one frame and return the answers."""
        self.exchange.advance(now_ms)
        request = _request(frame)
        number, streams = request.get("id"), request.get("params")
        named = isinstance(streams, list) and all(isinstance(one, str) for one in streams)
        match request.get("method"):
            case "SUBSCRIBE" if named:
                done = [self.subscribe(stream) for stream in streams or []]
                return [{"result": None, "id": number} if all(done) else {"error": _BAD}]
            case "UNSUBSCRIBE" if named:
                for stream in streams or []:
                    self._quotes.pop(stream, None)
                return [{"result": None, "id": number}]
            case "LIST_SUBSCRIPTIONS":
                return [{"result": list(self._quotes), "id": number}]
            case _:
                return [{"error": _BAD, "id": number}]

    def refused(self, frame: str, fault: Fault) -> list[Message]:
        """Return the answers to a frame that a fault refuses, whatever it asks."""
        reply = faults.refusal(fault)
        return [{"error": reply.payload, "id": _request(frame).get("id")}]

    def news(self, now_ms: int) -> list[Message]:
        """Return what has changed since the last time."""
        if self._news is not None:
            return self._news.taken(now_ms)
        return [
            {"stream": stream, "data": row} if self._is_wrapped else row
            for stream, quotes in self._quotes.items()
            for row in quotes.changed(now_ms)
        ]

    def path_of(self, frame: str) -> str:
        """Return what a frame counts as: no orders are taken here."""
        del frame
        return ""

    def market_of(self, frame: str) -> Market | None:
        """Return the market of an order."""
        del frame
        return None

    def outcome(self, answer: Message) -> Outcome:
        """Return what an answer says: nothing of orders."""
        del answer
        return Outcome(None)

    def coded(self, answer: Message, fault: Fault) -> Message:
        """Return the answer to what was done, with the error that a fault puts there."""
        return {"error": faults.refusal(fault).payload, "id": answer.get("id")}

    def topic_of(self, message: Message) -> str:
        """Return what a message is about."""
        row = _row(message)
        names = {"bookTicker": "bookTicker", "markPriceUpdate": "markPrice"}
        kind = str(row.get("e", "bookTicker"))
        return f"{str(row.get('s', '')).lower()}@{names[kind]}" if kind in names else kind

    def is_fill(self, message: Message) -> bool:
        """Say whether a message tells of fills."""
        order = message.get("o")
        return isinstance(order, dict) and order.get("x") == "TRADE"

    def altered(self, message: Message, fault: Fault) -> Message:
        """Return a message of market data as a fault makes it."""
        changed = altered_quote(fault, _row(message), faults.WORDS)
        return {**message, "data": changed} if "data" in message else changed


def _row(message: Message) -> Row:
    data = message.get("data", message)
    return data if isinstance(data, dict) else {}


def _request(frame: str) -> Mapping[str, Any]:
    try:
        request = json.loads(frame)
    except (ValueError, RecursionError):
        return {}
    return request if isinstance(request, dict) else {}


class StreamHub(Hub[Session]):
    """All sessions of one exchange."""

    def __init__(self, exchange: Exchange, keys: ListenKeys) -> None:
        super().__init__(exchange)
        self._keys = keys

    def purposes(self, method: str, path: str) -> frozenset[Purpose]:
        """Return what a frame or a message is for, by the path that it counts as."""
        return faults.purposes(method, path)

    def open(self, path: str, query: str = "") -> Session | None:
        """Open a session on a path, None when there is no websocket."""
        root = next((root for root in _ROOTS if path == root or path.startswith(f"{root}/")), None)
        if root is None:
            return None
        session = Session(self.exchange, is_wrapped=root == "/stream")
        named = path.removeprefix(root).strip("/") or query.partition("=")[2]
        owner = self._keys.owner(named)
        if owner:
            session.follow(self.exchange.accounts[owner], named, self._keys)
        else:  # what is no stream is silent, as at the venue
            for stream in named.split("/"):
                session.subscribe(stream)
        self.sessions.append(session)
        return session
