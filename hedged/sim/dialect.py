"""What the language of a venue is to the rest: requests in, replies out, and words for faults.

A dialect only translates: what is asked becomes a call of the exchange, and what that returns (or
refuses) becomes a reply as the venue words it. Faults know no language. They name requests by their
`Purpose`, and ask the dialect how its replies say what goes wrong.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from hedged.sim.accounts import Account
from hedged.sim.exchange import Exchange
from hedged.sim.market import Market

if TYPE_CHECKING:
    from hedged.sim.faults.fault import Fault

Message = dict[str, object]


class Purpose(StrEnum):
    """What a request is for, in every dialect; those of websockets are of METHOD WS."""

    ANY = "any"
    TIME = "time"
    WALLET = "wallet"  # the coins that carry contracts
    POSITIONS = "positions"
    TICKERS = "tickers"
    BOOKS = "books"
    ORDERS = "orders"  # everything about orders
    CREATE = "create"
    CANCEL = "cancel"
    LOOK_UPS = "lookups"
    FILLS = "fills"
    LEVERAGE = "leverage"  # sets it
    MOVE = "move"  # coins between wallets
    STREAMS = "streams"


Purposes = Mapping[Purpose, tuple[str, ...]]


def purposes_of(patterns: Purposes, method: str, path: str) -> frozenset[Purpose]:
    """Return what a request is for, given each purpose's patterns such as "GET /v5/order/*"."""
    request = f"{method} {path}"
    found = (
        purpose
        for purpose, some in patterns.items()
        if any(fnmatchcase(request, pattern) for pattern in some)
    )
    return frozenset({Purpose.ANY, *found})


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply; `account` names the sender once it is known, a code of 0 says that it is done.

    `inside` is the key of what was asked for, where the venue has an envelope around it.
    """

    status: int
    headers: Mapping[str, str]
    payload: Any
    account: str = ""
    code: int = 0
    order_id: str = ""
    inside: str = ""

    @property
    def data(self) -> Any:
        """What was asked for."""
        return self.payload[self.inside] if self.inside else self.payload

    def telling(self, data: Any) -> "Reply":
        """Return the reply with this in place of what was asked for."""
        payload = {**self.payload, self.inside: data} if self.inside else data
        return replace(self, payload=payload)

    def body(self) -> bytes:
        """Return the payload as JSON."""
        return json.dumps(self.payload, separators=(",", ":")).encode()


class Dialect(Protocol):
    """Answers the requests of one venue's clients for one exchange."""

    @property
    def exchange(self) -> Exchange:
        """The exchange that it speaks for."""
        ...

    def handle(
        self,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes,
        now_ms: int,
        *,
        skew_ms: int = 0,
    ) -> Reply:
        """Answer one request; `skew_ms` is how far the clock of the venue's gateway is fast."""
        ...

    def purposes(self, method: str, path: str) -> frozenset[Purpose]:
        """Return what a request is for."""
        ...

    def key_of(self, headers: Mapping[str, str]) -> str:
        """Return the API key of a request, empty when it has none."""
        ...

    def question(self, query: str, body: bytes) -> str:
        """Return what a request asks: the same for the same question, whenever it is asked."""
        ...

    def market_of(self, question: str) -> Market | None:
        """Return the market of an order, by the question that asks for it."""
        ...

    def refusal(self, fault: "Fault", now_ms: int) -> Reply:
        """Return the reply of a fault that is an error of the venue's own."""
        ...

    def altered(self, fault: "Fault", reply: Reply, now_ms: int) -> Reply:
        """Return a reply as a fault makes it."""
        ...


class Outcome(NamedTuple):
    """What an answer over a websocket says: a code (0: done; None: it has none), and an order."""

    code: int | None
    order_id: str = ""


class Session(Protocol):
    """One websocket connection, without the socket; `account` once it is known."""

    exchange: Exchange
    account: Account | None

    @property
    def is_public(self) -> bool:
        """Whether it carries market data, and nothing of any account."""
        ...

    def receive(self, frame: str, now_ms: int) -> list[Message]:
        """Read one frame and return the answers."""
        ...

    def refused(self, frame: str, fault: "Fault") -> list[Message]:
        """Return the answers to a frame that a fault refuses, whatever it asks."""
        ...

    def news(self, now_ms: int) -> list[Message]:
        """Return what has changed since the last time."""
        ...

    def path_of(self, frame: str) -> str:
        """Return the path that a frame counts as; empty when no fault can strike it."""
        ...

    def market_of(self, frame: str) -> Market | None:
        """Return the market of an order."""
        ...

    def outcome(self, answer: Message) -> Outcome:
        """Return what an answer says."""
        ...

    def coded(self, answer: Message, fault: "Fault") -> Message:
        """Return the answer to what was done, with the error that a fault puts there."""
        ...

    def topic_of(self, message: Message) -> str:
        """Return what a message is about."""
        ...

    def is_fill(self, message: Message) -> bool:
        """Say whether a message tells of fills."""
        ...

    def altered(self, message: Message, fault: "Fault") -> Message:
        """Return a message of market data as a fault makes it."""
        ...


class Streams(Protocol):
    """All websockets of one exchange."""

    def open(self, path: str, query: str = "") -> Session | None:
        """Open a session, None when there is no websocket there."""
        ...

    def close(self, session: Any) -> None:
        """End a session of its own."""
        ...

    def has_topic(self, topic: str) -> bool:
        """Say whether any session has subscribed to a topic."""
        ...

    def purposes(self, method: str, path: str) -> frozenset[Purpose]:
        """Return what a frame or a message is for, by the path that it counts as."""
        ...
