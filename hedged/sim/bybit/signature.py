"""Who sent a request: API key, time and signature from its headers.

The signature is HMAC-SHA256, in hex, of timestamp + key + receive window + payload, the payload
being the query string as it was sent, or the body.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256

from hedged.sim.accounts import Account
from hedged.sim.bybit.errors import API_KEY, PARAMETER, SIGNATURE, TIMESTAMP, BybitError
from hedged.sim.exchange import Exchange

_DEFAULT_WINDOW_MS = 5000
_EARLY_MS = 1000
_MAX_DIGITS = 16


def signature(secret: str, timestamp: str, key: str, window: str, payload: str) -> str:
    """Return the signature of a request."""
    text = f"{timestamp}{key}{window}{payload}".encode("utf-8", "surrogateescape")
    return hmac.new(secret.encode(), text, sha256).hexdigest()


def sender(exchange: Exchange, headers: Mapping[str, str], payload: str, now_ms: int) -> Account:
    """Return the account that a request comes from; headers have lower-case names."""
    key, timestamp = headers.get("x-bapi-api-key", ""), headers.get("x-bapi-timestamp", "")
    signed = headers.get("x-bapi-sign", "")
    window = headers.get("x-bapi-recv-window", "")
    if not (key and timestamp and signed):
        raise BybitError(
            PARAMETER,
            f"empty value: apiTimestamp[{timestamp}] apiKey[{key}] apiSignature[{signed}]",
        )
    account = exchange.account_of(key)
    if account is None:
        raise BybitError(API_KEY, "API key is invalid.")
    sent_ms, window_ms = _number(timestamp), _number(window or str(_DEFAULT_WINDOW_MS))
    if not now_ms - window_ms <= sent_ms < now_ms + _EARLY_MS:
        raise BybitError(
            TIMESTAMP,
            "invalid request, please check your server timestamp or recv_window param. "
            f"req_timestamp[{sent_ms}],server_timestamp[{now_ms}],recv_window[{window_ms}]",
        )
    expected = signature(account.secret, timestamp, key, window, payload)
    if not hmac.compare_digest(expected.encode(), signed.encode("utf-8", "surrogateescape")):
        raise BybitError(SIGNATURE, "Error sign, please check your signature generation algorithm.")
    return account


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS):
        raise BybitError(PARAMETER, "timestamp or recv_window invalid")
    return int(text)
