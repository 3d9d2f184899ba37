"""Bybit's websockets without the sockets: who is connected, and what they hear.

Private messages, trades and liquidations are made from the exchange's record of truth as it grows;
tickers, books and candles from the state of the market whenever the messages are collected.
"""

from itertools import count

from hedged.sim.bybit.faults import purposes
from hedged.sim.bybit.limits import RateLimits
from hedged.sim.bybit.stream_private import PrivateSession
from hedged.sim.bybit.stream_public import PublicSession
from hedged.sim.bybit.stream_session import News, Session
from hedged.sim.bybit.stream_trade import TradeSession
from hedged.sim.dialect import Purpose
from hedged.sim.events import Event
from hedged.sim.exchange import Exchange
from hedged.sim.instruments import Kind

_PUBLIC = {f"/v5/public/{kind}": kind for kind in Kind}


class StreamHub:
    """All sessions of one exchange."""

    def __init__(self, exchange: Exchange, limits: RateLimits) -> None:
        self.exchange = exchange
        self.sessions: list[Session] = []
        self._limits = limits
        self._numbers = count(1)
        exchange.truth.listeners.append(self._hear)

    def purposes(self, method: str, path: str) -> frozenset[Purpose]:
        """Return what a frame or a message is for, by the path that it counts as."""
        return purposes(method, path)

    def open(self, path: str, query: str = "") -> Session | None:
        """Open a session on a path, None when there is no websocket."""
        del query
        connection = f"sim-{next(self._numbers)}"
        session: Session
        if path in _PUBLIC:
            session = PublicSession(self.exchange, connection, _PUBLIC[path])
        elif path == "/v5/private":
            session = PrivateSession(self.exchange, connection)
        elif path == "/v5/trade":
            session = TradeSession(self.exchange, connection, self._limits)
        else:
            return None
        self.sessions.append(session)
        return session

    def close(self, session: Session) -> None:
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
