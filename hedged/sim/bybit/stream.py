"""Bybit's websockets without the sockets: who is connected, and what they hear.

Private messages, trades and liquidations are made from the exchange's record of truth as it grows;
tickers, books and candles from the state of the market whenever the messages are collected.
"""

from itertools import count

from hedged.sim.bybit.faults import purposes
from hedged.sim.bybit.limits import RateLimits
from hedged.sim.bybit.stream_private import PrivateSession
from hedged.sim.bybit.stream_public import PublicSession
from hedged.sim.bybit.stream_session import Session
from hedged.sim.bybit.stream_trade import TradeSession
from hedged.sim.dialect import Purpose
from hedged.sim.exchange import Exchange
from hedged.sim.hub import Hub
from hedged.sim.instruments import Kind

_PUBLIC = {f"/v5/public/{kind}": kind for kind in Kind}


class StreamHub(Hub[Session]):
    """All sessions of one exchange."""

    def __init__(self, exchange: Exchange, limits: RateLimits) -> None:
        super().__init__(exchange)
        self._limits = limits
        self._numbers = count(1)

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
