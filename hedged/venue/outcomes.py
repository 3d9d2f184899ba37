"""What an error of ccxt proves.

ccxt's class of an error says little: one class covers "not placed" and "nobody knows". After
a submit everything is unknown, unless the venue's own code is on the profile's list of definite
rejections, or no connection was made. Texts are redacted: errors quote signed URLs and keys.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import aiohttp

from hedged.core.words import POST_ONLY_PERIOD, WOULD_TAKE
from hedged.ports import Refused, Unknown, VenueAuthError, VenueUnavailable
from hedged.venue.lazy import errors
from hedged.venue.profiles.profile import Profile

_QUERY: Final = re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']*")
_HEX: Final = re.compile(r"\b[0-9a-fA-F]{40,}\b")
_STATUS: Final = re.compile(r"\S+ [A-Z]+ http\S+ ([0-9]{3}) ")  # as ccxt reports one
_LONGEST: Final = 300


class TransientUnavailable(VenueUnavailable):
    """The venue failed in passing: a read may be tried again at once."""


class Redactor:
    """Takes the account's secrets, query strings and signatures out of texts."""

    def __init__(self, *secrets: str) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def __call__(self, text: str) -> str:
        """`text` as it may be logged, cut to a readable length."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        text = _HEX.sub("***", _QUERY.sub(r"\1?***", text))
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def venue_code(error: Any, profile: Profile) -> str | None:
    """The venue's own code for an error, "http-429" for a bare HTTP status; None: it gave none."""
    code, _ = profile.code(_reply(error))
    if code is not None:
        return str(code)
    told = re.search(profile.code_in_text, str(error)) if profile.code_in_text else None
    if told is not None:
        return told[1]
    status = _STATUS.match(str(error))
    return None if status is None else f"http-{status[1]}"


def described(error: Any, profile: Profile, redact: Redactor) -> str:
    """An error in one redacted line."""
    code, message = profile.code(_reply(error))
    if code is not None:
        return redact(f"{code} {message or ''}".strip())
    causes = [type(cause).__name__ for cause in _causes(error)]
    return redact(": ".join(filter(None, (" from ".join(causes), str(error)))))


def submit_outcome(
    error: Exception, profile: Profile, redact: Redactor, also: frozenset[str] = frozenset()
) -> Refused | Unknown:
    """What became of an order whose submission raised this error, of ccxt's kinds or any other.

    `also` are codes that prove, beside the profile's, that what was sent was not done.
    """
    text, code = described(error, profile, redact), venue_code(error, profile)
    if code in profile.post_only_period:
        return Refused(f"{POST_ONLY_PERIOD}: {text}")
    if code in profile.would_take:
        return Refused(f"{WOULD_TAKE}: {text}")
    if code in profile.rejections or code in also:
        return Refused(text)
    if code in profile.duplicates:
        return Unknown(f"an order of this client id exists: {text}")
    if any(isinstance(cause, aiohttp.ClientConnectorError) for cause in _causes(error)):
        return Refused(f"not sent: {text}")
    return Unknown(text)


def read_error(error: Any, profile: Profile, redact: Redactor) -> VenueUnavailable | VenueAuthError:
    """The port's error for a request, not a submit, that raised this error."""
    text, kinds = described(error, profile, redact), errors()
    is_refused = venue_code(error, profile) in profile.key_refused
    if is_refused or isinstance(error, kinds.AuthenticationError):
        return VenueAuthError(text)
    passing = isinstance(error, kinds.OperationFailed) or any(
        isinstance(cause, aiohttp.ClientError) for cause in _causes(error)
    )
    # Asking again at once is what a venue that limits us has asked us not to do.
    if passing and not isinstance(error, kinds.RateLimitExceeded | kinds.DDoSProtection):
        return TransientUnavailable(text)
    return VenueUnavailable(text)


def _reply(error: Any) -> dict[str, Any]:
    """The venue's reply that ccxt quotes at the end of its text; empty where there is none."""
    if not isinstance(error, errors().BaseError):
        return {}  # a bug of ccxt's, whose text may show anything
    quoted = str(error).partition("{")
    try:
        reply = json.loads("".join(quoted[1:]))
    except ValueError:
        return {}
    return reply if isinstance(reply, dict) else {}


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
