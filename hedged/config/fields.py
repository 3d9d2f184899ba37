"""The kinds of key in the file: what a user writes beside what the settings hold.

Each pairs a reader, which turns what is written into an exact value or refuses it, with the JSON
Schema of what the reader understands.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema

from hedged.config import quantities, texts
from hedged.config.credentials import REFERENCE_PATTERN, SecretRef, reference
from hedged.config.cron import cron_line
from hedged.config.problems import refusal, shown
from hedged.core.types import Accounting, Environment, Execution


def venues(value: object) -> dict[Any, Any]:
    """Tables by name, not none."""
    return _named(value, "[venues.NAME]")


def books(value: object) -> dict[Any, Any]:
    """Tables by name, not none."""
    return _named(value, "[books.NAME]")


def _named(value: object, header: str) -> dict[Any, Any]:
    if not isinstance(value, dict) or not value:
        found = "nothing" if value == {} else shown(value)
        raise refusal(f"must be at least one table that begins with {header}, not {found}")
    return value


def hedges(value: object) -> tuple[Any, ...]:
    """A list of tables, not empty."""
    header = "[[books.NAME.hedges]], in two brackets"
    if not isinstance(value, list) or not value:
        found = "nothing" if value == [] else shown(value)
        raise refusal(f"must be at least one table that begins with {header}, not {found}")
    return tuple(value)


def sources(value: object) -> tuple[Any, ...]:
    """A list of spot sources."""
    if not isinstance(value, list):
        hint = f"; did you mean [{shown(value)}]?" if isinstance(value, str) else ""
        raise refusal(
            f'must be a list such as ["main", {{ static = "2.5" }}], not {shown(value)}{hint}'
        )
    return tuple(value)


def _instrument(value: object, info: ValidationInfo) -> str:
    return texts.instrument(value, info.data.get("asset"))


def _text(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^(?:{pattern})$"})


Name = Annotated[str, BeforeValidator(texts.name), _text(texts.NAME.pattern)]
Label = Annotated[
    str,
    BeforeValidator(texts.label),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": texts.LABEL_LENGTH}),
]
Asset = Annotated[str, BeforeValidator(texts.asset), _text(texts.ASSET.pattern)]
Instrument = Annotated[str, BeforeValidator(_instrument), _text(texts.INSTRUMENT.pattern)]
Url = Annotated[str | None, BeforeValidator(texts.loopback_url), _text(texts.LOOPBACK.pattern)]
Secret = Annotated[SecretRef, BeforeValidator(reference), _text(REFERENCE_PATTERN)]
Cron = Annotated[str | None, BeforeValidator(cron_line), WithJsonSchema({"type": "string"})]

Exchange = Annotated[Literal["bybit"], BeforeValidator(texts.one_of(["bybit"]))]
TestWorld = Annotated[
    Literal["testnet", "demo"], BeforeValidator(texts.one_of(["testnet", "demo"]))
]
LogFormat = Annotated[
    Literal["auto", "console", "json"], BeforeValidator(texts.one_of(["auto", "console", "json"]))
]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"],
    BeforeValidator(texts.one_of(["debug", "info", "warning", "error"])),
]
World = Annotated[
    Environment,
    BeforeValidator(texts.one_of(Environment)),
    WithJsonSchema({"enum": [*Environment]}),
]
Mode = Annotated[
    Execution, BeforeValidator(texts.one_of(Execution)), WithJsonSchema({"enum": [*Execution]})
]
Accounts = Annotated[
    Accounting | None,
    BeforeValidator(texts.one_of(Accounting)),
    WithJsonSchema({"enum": [*Accounting]}),
]

Coins = Annotated[
    Decimal, BeforeValidator(quantities.coins), WithJsonSchema(quantities.COINS_SCHEMA)
]
Keep = Annotated[
    Decimal | None, BeforeValidator(quantities.coins), WithJsonSchema(quantities.COINS_SCHEMA)
]
Ratio = Annotated[
    Decimal, BeforeValidator(quantities.RATIO), WithJsonSchema(quantities.RATIO.schema)
]
Band = Annotated[Decimal, BeforeValidator(quantities.BAND), WithJsonSchema(quantities.BAND.schema)]
BandShare = Annotated[
    Decimal,
    BeforeValidator(quantities.band_share),
    WithJsonSchema(quantities.BAND_SHARE_SCHEMA),
]
Slippage = Annotated[
    Decimal, BeforeValidator(quantities.SLIPPAGE), WithJsonSchema(quantities.SLIPPAGE.schema)
]
Timeout = Annotated[
    Decimal, BeforeValidator(quantities.TIMEOUT), WithJsonSchema(quantities.TIMEOUT.schema)
]
Wait = Annotated[Decimal, BeforeValidator(quantities.WAIT), WithJsonSchema(quantities.WAIT.schema)]
