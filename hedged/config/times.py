"""How moments and time zones are written."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from hedged.config.problems import did_you_mean, refusal, shown

_MOMENT = "a date and time with its offset such as 2026-03-18T18:00:00Z"


def moment(value: object) -> datetime:
    """A moment in UTC, from TOML's own date-time or from text."""
    found = value
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            found = None
    if not isinstance(found, datetime):
        raise refusal(f"must be {_MOMENT}, not {shown(value)}")
    if found.tzinfo is None:
        raise refusal(f"must be {_MOMENT}; this one has no offset")
    return found.astimezone(UTC)


def zone(value: object) -> str:
    """A time zone of the IANA list."""
    if isinstance(value, str):
        try:
            return ZoneInfo(value).key
        except (KeyError, ValueError, OSError):
            pass
    near = did_you_mean(value, available_timezones()) if isinstance(value, str) else ""
    raise refusal(f'must be a time zone such as "Europe/Berlin", not {shown(value)}{near}')
