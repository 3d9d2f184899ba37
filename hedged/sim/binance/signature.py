"""Who sent a request: the key from its header, time and signature from its parameters.

The signature is HMAC-SHA256, in hex, of the query string followed by the body, both as they were
sent but for the signature itself, which comes last.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus

from hedged.sim.accounts import Account
from hedged.sim.binance.errors import BinanceError, missing, unauthorised
from hedged.sim.binance.parameters import Parameters
from hedged.sim.exchange import Exchange

KEY_HEADER = "x-mbx-apikey"
_DEFAULT_WINDOW_MS, _LONGEST_WINDOW_MS = 5000, 60_000
_EARLY_MS = 1000


def signature(secret: str, signed: str) -> str:
    """Return the signature of what is signed."""
    text = signed.encode("utf-8", "surrogateescape")
    return hmac.new(secret.encode(), text, sha256).hexdigest()


def key_of(headers: Mapping[str, str]) -> str:
    """Return the API key of a request, empty when it has none."""
    return next((headers[name] for name in headers if name.lower() == KEY_HEADER), "")


def owner(exchange: Exchange, headers: Mapping[str, str]) -> Account:
    """Return the account of a request's key."""
    key = key_of(headers)
    if not key:
        raise BinanceError(-2014, "API-key format invalid.", HTTPStatus.UNAUTHORIZED)
    account = exchange.account_of(key)
    if account is None:
        raise unauthorised()
    return account


def check_signature(account: Account, sent: str, parameters: Parameters, now_ms: int) -> None:
    """Refuse a request that is not signed by the account, or was sent at another time."""
    given = parameters.required("signature")
    signed = sent.replace(f"&signature={given}", "", 1)
    _check_time(parameters, now_ms)
    expected = signature(account.secret, signed)
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape")):
        raise BinanceError(-1022, "Signature for this request is not valid.")


def _check_time(parameters: Parameters, now_ms: int) -> None:
    sent_ms = parameters.time_ms("timestamp")
    if sent_ms is None:
        raise missing("timestamp")
    window_ms = parameters.integer(
        "recvWindow", default=_DEFAULT_WINDOW_MS, lowest=1, highest=_LONGEST_WINDOW_MS
    )
    if sent_ms >= now_ms + _EARLY_MS:
        raise BinanceError(
            -1021, "Timestamp for this request was 1000ms ahead of the server's time."
        )
    if sent_ms < now_ms - window_ms:
        raise BinanceError(-1021, "Timestamp for this request is outside of the recvWindow.")
