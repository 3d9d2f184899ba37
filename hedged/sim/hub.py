"""What is the same of all websockets: who is connected, and that they hear what happens."""

from collections.abc import Collection
from typing import Generic, NamedTuple, Protocol, TypeVar

from hedged.sim.accounts import Account
from hedged.sim.events import Event
from hedged.sim.exchange import Exchange
from hedged.sim.orders import Execution, Fill, Order

# Executions in which two parties traded; the others settle something.
TRADES = (Execution.TRADE, Execution.LIQUIDATION, Execution.DELEVERAGING)


class News(NamedTuple):
    """Something that happened, with the order or the fill that it was about."""

    event: Event
    account: Account | None
    order: Order | None
    fill: Fill | None


class Listener(Protocol):
    """A session, as far as news go."""

    @property
    def topics(self) -> Collection[str]:
        """What it is subscribed to."""
        ...

    def hear(self, news: News) -> None:
        """Take notice of something that has just happened."""
        ...


ListenerT = TypeVar("ListenerT", bound=Listener)


class Hub(Generic[ListenerT]):
    """All sessions of one exchange; news come from its record of truth as it grows."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.sessions: list[ListenerT] = []
        exchange.truth.listeners.append(self._hear)

    def close(self, session: ListenerT) -> None:
        """End a session."""
        self.sessions.remove(session)

    def has_topic(self, topic: str) -> bool:
        """Say whether any session has subscribed to a topic."""
        return any(topic in session.topics for session in self.sessions)

    def _hear(self, event: Event) -> None:
        """Tell every session what happened."""
        if not self.sessions:
            return
        account = self.exchange.accounts.get(event.account)
        order = fill = None
        if account is not None:
            order = account.orders.get(event.reference)
            last = account.fills[-1] if account.fills else None
            fill = last if last is not None and last.fill_id == event.reference else None
        news = News(event, account, order, fill)
        for session in self.sessions:
            session.hear(news)
