"""When a venue that limits us wants to be asked again.

It may say so in HTTP's own `Retry-After` or in a header of its own; where it says nothing the
profile's pause for the code counts. Its times are by its own clock.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from hedged.venue.lazy import errors
from hedged.venue.outcomes import venue_code
from hedged.venue.profiles.profile import Profile

_LIMITING: Final = frozenset({418, 429})  # HTTP statuses
_UNSAID_S: Final = 10.0
_LONGEST_S: Final = 900.0  # a venue that says more is asked after this time all the same


def pause_s(error: Exception, profile: Profile, venue_time: datetime) -> float | None:
    """For how long no read should follow this error; None: it does not limit us."""
    kinds = errors()
    if venue_code(error, profile) in profile.key_refused:
        return None
    limits = isinstance(error, kinds.RateLimitExceeded | kinds.DDoSProtection)
    if not limits and getattr(error, "status", None) not in _LIMITING:
        return None
    given: Mapping[str, Any] = getattr(error, "headers", None) or {}
    headers = {name.lower(): str(value).strip() for name, value in given.items()}
    asked_s = _seconds(headers.get("retry-after", ""), venue_time)
    if asked_s is None:
        asked_s = _until_ms(headers.get(profile.limit_header.lower(), ""), venue_time)
    if asked_s is None:
        asked_s = profile.limit_pauses_s.get(venue_code(error, profile) or "", _UNSAID_S)
    return min(max(asked_s, 0.0), _LONGEST_S)


def _seconds(text: str, venue_time: datetime) -> float | None:
    """A `Retry-After`: seconds, or a date."""
    if _is_whole(text):
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (at.replace(tzinfo=at.tzinfo or UTC) - venue_time).total_seconds()


def _until_ms(text: str, venue_time: datetime) -> float | None:
    return float(text) / 1000 - venue_time.timestamp() if _is_whole(text) else None


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdecimal()
