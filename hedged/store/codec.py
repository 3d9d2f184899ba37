"""Values of the core as JSON and back: exact, plain, and readable in twenty years.

Decimals become strings in plain notation with every digit, times ISO 8601 in UTC, enumerations
their values, tuples lists, dataclasses objects. Reading follows the type hints. A key that is
missing takes the field's default and one that is unknown is ignored, so that fields may be
added; a kind of event that is unknown is refused.
"""

import hashlib
import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final, TypeVar, get_args, get_origin

from hedged.core.events import EVENTS, Event

T = TypeVar("T")
Json = Any
Read = Callable[[Json], Any]

_KINDS: Final[Mapping[str, type[Event]]] = {event.kind: event for event in EVENTS}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    """An aware time as the tables hold it."""
    return (at - _EPOCH) // _MICROSECOND


def moment(at_us: int) -> datetime:
    """A time of the tables."""
    return _EPOCH + at_us * _MICROSECOND


class CodecError(ValueError):
    """What was stored is not what this version writes, or is damaged."""


def encoded(value: object) -> Json:
    """A value as JSON can hold it.

    Raises:
        TypeError: a type that is not stored: a bug.
        ValueError: a number or a time that nobody could read back: a bug.
    """
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [encoded(item) for item in value]
    if isinstance(value, Decimal | date):
        return _text(value)
    if is_dataclass(value):
        return {field.name: encoded(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} cannot be stored")


def _text(value: Decimal | date) -> str:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is not a number to store")
        return format(value, "f")
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return value.astimezone(UTC).isoformat()


def decoded(kind: type[T], raw: Json) -> T:
    """A dataclass from what `encoded` made of it.

    Raises:
        CodecError: it was not made of one.
    """
    try:
        hashable: Any = kind
        value: T = _reader(hashable)(raw)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise CodecError(f"not a {kind.__name__}: {error!r}") from error
    return value


def decoded_event(kind: str, raw: Json) -> Event:
    """An event from its kind and payload.

    Raises:
        CodecError: the kind is unknown, or the payload is not one of it.
    """
    event = _KINDS.get(kind)
    if event is None:
        raise CodecError(f"{kind!r} is not a kind of event")
    return decoded(event, raw)


def dumps(raw: Json) -> str:
    """JSON on one line, the same for the same value."""
    return json.dumps(raw, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(value: object) -> str:
    """What two equal values have in common and different ones do not: SHA-256 of their JSON."""
    return hashlib.sha256(dumps(encoded(value)).encode()).hexdigest()


@cache
def _reader(kind: Any) -> Read:
    """How values of one type are read."""
    if get_origin(kind) in (typing.Union, types.UnionType):
        return _optional(kind)
    if get_origin(kind) is tuple and get_args(kind)[1:] == (...,):
        item = _reader(get_args(kind)[0])
        return lambda raw: tuple(item(one) for one in _typed(raw, list))
    if is_dataclass(kind):
        return _object(kind)
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    raise TypeError(f"{kind} cannot be read")


def _optional(kind: Any) -> Read:
    chosen = [arg for arg in get_args(kind) if arg is not type(None)]
    if len(chosen) != 1:
        raise TypeError(f"{kind} is not one type or None")
    read = _reader(chosen[0])
    return lambda raw: None if raw is None else read(raw)


def _object(kind: Any) -> Read:
    hints = typing.get_type_hints(kind)
    readers = [
        (field.name, _reader(hints[field.name]), field.default is MISSING) for field in fields(kind)
    ]

    def read(raw: Json) -> Any:
        return kind(
            **{name: get(raw[name]) for name, get, needed in readers if needed or name in raw}
        )

    return read


def _typed(raw: Json, kind: type[T]) -> T:
    if type(raw) is not kind:
        raise TypeError(f"{raw!r} where {kind.__name__} was expected")
    return raw


def _time(raw: Json) -> datetime:
    at = datetime.fromisoformat(_typed(raw, str))
    if at.tzinfo is None:
        raise ValueError(f"{raw} has no time zone")
    return at.astimezone(UTC)


_SIMPLE: Final[Mapping[Any, Read]] = {
    str: lambda raw: _typed(raw, str),
    int: lambda raw: _typed(raw, int),
    bool: lambda raw: _typed(raw, bool),
    Decimal: lambda raw: Decimal(_typed(raw, str)),
    datetime: _time,
    date: lambda raw: date.fromisoformat(_typed(raw, str)),
}
