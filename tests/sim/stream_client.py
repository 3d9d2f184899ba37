"""A websocket client without a socket: it asks sessions and reads what they answer and send."""

import json
from typing import Any

from hedged.sim.accounts import Account
from hedged.sim.bybit.signature import stream_signature
from hedged.sim.bybit.stream import StreamHub
from hedged.sim.bybit.stream_session import Session
from hedged.sim.dialect import Message


def opened(hub: StreamHub, path: str) -> Session:
    session = hub.open(path)
    assert session is not None
    return session


def ask(session: Session, op: str, *args: object, **more: object) -> Message:
    """Send one request and return the one answer."""
    frame = json.dumps({"op": op, "req_id": "7", "args": list(args), **more})
    (answer,) = session.receive(frame, session.exchange.now_ms)
    return answer


def news(session: Session) -> list[Any]:
    return session.news(session.exchange.now_ms)


def credentials(account: Account, now_ms: int, *, expires_in_ms: int = 10_000) -> list[object]:
    expires = str(now_ms + expires_in_ms)
    return [account.api_key, expires, stream_signature(account.secret, expires)]


def private(hub: StreamHub, account: Account, *topics: str) -> Session:
    session = opened(hub, "/v5/private")
    ask(session, "auth", *credentials(account, hub.exchange.now_ms))
    assert ask(session, "subscribe", *topics)["success"] is True
    return session


def trading(hub: StreamHub, account: Account) -> Session:
    session = opened(hub, "/v5/trade")
    ask(session, "auth", *credentials(account, hub.exchange.now_ms))
    return session


def order(session: Session, op: str, **fields: object) -> Any:
    header = {"X-BAPI-TIMESTAMP": str(session.exchange.now_ms), "X-BAPI-RECV-WINDOW": "5000"}
    named = {"category": "inverse", "symbol": "BTCUSD", **fields}
    return ask(session, op, named, reqId="r1", header=header)


SELL = {"side": "Sell", "orderType": "Limit", "qty": "1000", "price": "64900", "timeInForce": "IOC"}
