"""Values as JSON: plain decimal strings, ISO times, null for what is not known; one encoder."""

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel

from hedged.config import SecretRef
from hedged.core.decimals import plain
from hedged.ops.redaction import HIDDEN


def encoded(value: object) -> bytes:
    """A value as one line of JSON."""
    text = json.dumps(
        value, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain
    )
    return text.encode()


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return plain(value)
        case datetime():
            return value.isoformat()
        case SecretRef(scheme=scheme):
            return f"{scheme}:{HIDDEN}"
        case BaseModel():
            return {name: getattr(value, name) for name in type(value).model_fields}
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} is not shown")
