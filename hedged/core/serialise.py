"""Snapshots and decisions as JSON text and back, digit for digit.

A decision must replay bit for bit from what was written down: decimals are strings with every
digit and exponent, times carry their offset, and a value that is not known stays null. The form
follows the dataclasses: an object per class, a list per tuple.
"""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from json.encoder import encode_basestring
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from hedged.core.per_object import per_object
from hedged.core.types import Decision, FundingStamp, Memory, Snapshot

Json = dict[str, Any]
_BARE: Final[dict[Any, Callable[[Any], str]]] = {
    NoneType: lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: str,
    str: encode_basestring,
    Decimal: lambda value: f'"{value}"',
}


def snapshot_to_json(snapshot: Snapshot) -> str:
    """A snapshot as text."""
    return _text(snapshot)


def snapshot_from_json(text: str) -> Snapshot:
    """The snapshot that was written."""
    found: Snapshot = _reader(Snapshot)(json.loads(text))
    return found


def decision_to_json(decision: Decision) -> str:
    """A decision as text."""
    return _text(decision)


def decision_from_json(text: str) -> Decision:
    """The decision that was written."""
    found: Decision = _reader(Decision)(json.loads(text))
    return found


def memory_to_json(memory: Memory) -> str:
    """A memory as text."""
    return _text(memory)


def memory_from_json(text: str) -> Memory:
    """The memory that was written."""
    found: Memory = _reader(Memory)(json.loads(text))
    return found


def _text(value: object) -> str:
    kind: Any = type(value)
    return _writer(kind)(value)


@cache
def _writer(kind: Any) -> Callable[[Any], str]:
    """What turns a value of this type into JSON."""
    if kind in _BARE:
        return _BARE[kind]
    if is_dataclass(kind):
        return _object_writer(kind)
    if issubclass(kind, tuple):
        return _list_text
    if issubclass(kind, Enum):
        return lambda value: _text(value.value)
    return lambda value: f'"{value.isoformat()}"'  # a date, or a datetime


def _object_writer(kind: Any) -> Callable[[Any], str]:
    named = [(field.name, f'"{field.name}":') for field in fields(kind)]

    def write(value: object) -> str:
        members = [key + _text(getattr(value, name)) for name, key in named]
        return f"{{{','.join(members)}}}"

    return write


def _list_text(values: tuple[object, ...]) -> str:
    if values and type(values[0]) is FundingStamp:
        return _history_text(values)
    return f"[{','.join(map(_text, values))}]"


@per_object
def _history_text(stamps: tuple[object, ...]) -> str:
    """Months of funding, which are handed from snapshot to snapshot as they are."""
    return f"[{','.join(map(_text, stamps))}]"


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    """What turns JSON back into a value of this type."""
    if is_dataclass(hint):
        return _object_reader(hint)
    if get_origin(hint) is tuple:
        item = _reader(get_args(hint)[0])
        return lambda values: tuple(item(value) for value in values)
    if get_origin(hint) in {Union, UnionType}:
        (inner,) = (arg for arg in get_args(hint) if arg is not NoneType)
        read = _reader(inner)
        return lambda value: None if value is None else read(value)
    read_text: Callable[[Any], Any] = hint.fromisoformat if hint in {datetime, date} else hint
    return read_text


def _object_reader(kind: Any) -> Callable[[Json], Any]:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}

    def read(value: Json) -> Any:
        return kind(**{name: read_one(value[name]) for name, read_one in readers.items()})

    return read
