"""What all tables of the file have in common, and how their keys are declared."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict


def optional(default: object, description: str, alias: str | None = None) -> Any:
    """A key with its default, written as in the file and read like any other value."""
    return Field(default, description=description, alias=alias, validate_default=True)


def absent(description: str, alias: str | None = None) -> Any:
    """A key that is simply not there unless it is written."""
    return Field(None, description=description, alias=alias, json_schema_extra=_drop_default)


def _drop_default(schema: JsonDict) -> None:
    del schema["default"]  # TOML has no null to write


class Table(BaseModel):
    """A table of the file: frozen, nothing converted behind one's back, no unknown keys."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False
    )
