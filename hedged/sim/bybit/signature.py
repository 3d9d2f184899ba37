"""Who sent a request: API key, time and signature from its headers.

The signature is HMAC-SHA256, in hex, of timestamp + key + receive window + payload, the payload
being the query string as it was sent, or the body. A websocket signs a text of its own, once.
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
    check_time(timestamp, window, now_ms)
    expected = signature(account.secret, timestamp, key, window, payload)
    if not hmac.compare_digest(expected.encode(), signed.encode("utf-8", "surrogateescape")):
        raise BybitError(SIGNATURE, "Error sign, please check your signature generation algorithm.")
    return account


def check_time(timestamp: str, window: str, now_ms: int) -> None:
    """Refuse a request that was sent too long ago, or in the future."""
    sent_ms, window_ms = _number(timestamp), _number(window or str(_DEFAULT_WINDOW_MS))
    if not now_ms - window_ms <= sent_ms < now_ms + _EARLY_MS:
        raise BybitError(
            TIMESTAMP,
            "invalid request, please check your server timestamp or recv_window param. "
            f"req_timestamp[{sent_ms}],server_timestamp[{now_ms}],recv_window[{window_ms}]",
        )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS):
        raise BybitError(PARAMETER, "timestamp or recv_window invalid")
    return int(text)


def stream_signature(secret: str, expires: str) -> str:
    """Return the signature that opens a private websocket until a time."""
    return hmac.new(secret.encode(), f"GET/realtime{expires}".encode(), sha256).hexdigest()


def stream_sender(exchange: Exchange, arguments: object, now_ms: int) -> Account:
    """Return the account that `[key, expires, signature]` of an auth request names."""
    if not isinstance(arguments, list) or len(arguments) != len(("key", "expires", "signature")):
        raise BybitError(PARAMETER, "Params Error")
    key, expires, signed = (str(argument) for argument in arguments)
    account = exchange.account_of(key)
    if account is None:
        raise BybitError(API_KEY, "API key is invalid.")
    if _number(expires) <= now_ms:
        raise BybitError(TIMESTAMP, "Params Error: expires has passed")
    expected = stream_signature(account.secret, expires)
    if not hmac.compare_digest(expected.encode(), signed.encode("utf-8", "surrogateescape")):
        raise BybitError(SIGNATURE, "Error sign, please check your signature generation algorithm.")
    return account
