"""Bybit's dead-man switch: orders go when a private websocket with its `dcp` topic is lost.

Bybit enables it for an account on request; whether it did, and with which window, it tells. The
window is the whole account's, and so is what is cancelled: every order in derivatives, whoever sent
it.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from hedged.venue.fields import rows_at
from hedged.venue.profiles.switch import Frame, Switch

_PRODUCT: Final = "DERIVATIVES"
_AUTH_MS: Final = 10_000  # for so long the signature holds


async def _window_s(client: Any) -> int | None:
    """The window in force; None: it is not enabled."""
    reply = await client.privateGetV5AccountQueryDcpInfo()
    for row in rows_at("dead-man switch", reply, ("result", "dcpInfos")):
        if row.text("product") == _PRODUCT and row.text("dcpStatus") == "ON":
            return int(row.number("timeWindow"))
    return None


async def _has_window(client: Any, window_s: int) -> bool:
    """Have this window, where the switch is enabled; whether it is in force."""
    in_force_s = await _window_s(client)
    if in_force_s is None or in_force_s == window_s:
        return in_force_s is not None
    wanted = {"product": _PRODUCT, "timeWindow": window_s}
    await client.privatePostV5OrderDisconnectedCancelAll(wanted)
    return await _window_s(client) == window_s


def _greeting(key: str, secret: str, venue_ms: int) -> tuple[Frame, ...]:
    expires = str(venue_ms + _AUTH_MS)
    signed = hmac.new(secret.encode(), f"GET/realtime{expires}".encode(), sha256).hexdigest()
    return (
        {"op": "auth", "args": [key, expires, signed]},
        {"op": "subscribe", "args": ["dcp.future"]},
    )


def _is_taken(sent: Frame, reply: Mapping[str, Any]) -> bool | None:
    if sent["op"] == "ping":
        return True if reply.get("op") == "pong" else None
    return reply.get("success") is True if reply.get("op") == sent["op"] else None


SWITCH: Final = Switch(
    path="/v5/private",
    has_window=_has_window,
    greeting=_greeting,
    ping={"op": "ping"},
    farewell={"op": "unsubscribe", "args": ["dcp.future"]},
    is_taken=_is_taken,
)
