"""The settings: what the file may contain, with its defaults, as frozen values.

The models below are the one description of the file: the JSON Schema, the suggestions for
unknown keys and the documentation of each key are derived from here. Durations are seconds
(`_s`), ratios are fractions, quantities are coins.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
)
from pydantic.config import JsonDict

from hedged.config import fields


def _optional(default: object, description: str, alias: str | None = None) -> Any:
    """A key with its default, written as in the file and read like any other value."""
    return Field(default, description=description, alias=alias, validate_default=True)


def _absent(description: str) -> Any:
    """A key that is simply not there unless it is written."""
    return Field(None, description=description, json_schema_extra=_drop_default)


def _drop_default(schema: JsonDict) -> None:
    del schema["default"]  # TOML has no null to write


class Table(BaseModel):
    """A table of the file: frozen, nothing converted behind one's back, no unknown keys."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False
    )


class VenueSettings(Table):
    """One account at an exchange."""

    exchange: fields.Exchange = Field(description='the exchange: "bybit"')
    api_key: fields.Secret = Field(
        description='where the API key is kept: "env:NAME", "file:PATH" or "credential:NAME"'
    )
    secret: fields.Secret = Field(
        description='where its secret is kept: "env:NAME", "file:PATH" or "credential:NAME"'
    )
    testnet: fields.TestWorld = _optional(
        "testnet",
        'which of the exchange\'s test worlds, with environment = "testnet": "testnet" or "demo"'
        " (each has keys of its own)",
    )
    url: fields.Url = _absent(
        'the address of the embedded exchange, on this machine: with environment = "sim" only,'
        " and required there"
    )
    timeout_s: fields.Timeout = _optional("10s", "how long one request may take", alias="timeout")


@dataclass(frozen=True, slots=True)
class VenueSource:
    """All the coins of the asset that an account holds."""

    venue: str


class StaticSource(Table):
    """Coins that are kept elsewhere and do not move by themselves."""

    static: fields.Coins = Field(description="how many coins are kept there")
    label: fields.Label = _optional("static", "what to call this source in logs and tables")


# Errors name the branch of a union in their location; these two cannot be mistaken for keys.
VENUE_TAG: Final = "<venue>"
STATIC_TAG: Final = "<static>"


def _source_tag(value: object) -> str | None:
    match value:
        case str():
            return VENUE_TAG
        case dict():
            return STATIC_TAG
        case _:
            return None


SpotSource = Annotated[
    Annotated[
        VenueSource,
        BeforeValidator(VenueSource),
        WithJsonSchema({"type": "string", "description": "the name of a venue"}),
        Tag(VENUE_TAG),
    ]
    | Annotated[StaticSource, Tag(STATIC_TAG)],
    Discriminator(
        _source_tag,
        custom_error_type="refusal",
        custom_error_message='must be the name of a venue or a table such as { static = "2.5" }',
    ),
]


class HedgeSettings(Table):
    """One asset and the contract that hedges it."""

    asset: fields.Asset = Field(description='the coin that is hedged, such as "BTC"')
    spot: Annotated[tuple[SpotSource, ...], BeforeValidator(fields.sources)] = _optional(
        [],
        "where its coins are, beside the hedge's own venue, which always counts: names of venues,"
        ' and { static = "2.5", label = "cold wallet" } for coins kept elsewhere',
    )
    venue: str = Field(description="the name of the venue that carries the hedge")
    instrument: fields.Instrument = Field(
        description='the perpetual contract that hedges it, such as "BTC/USD:BTC" (inverse: settles'
        ' in the coin) or "BTC/USDT:USDT" (linear: settles in the quote)'
    )
    ratio: fields.Ratio = _optional(
        1, "how much of the coins is hedged, from 0 to 1.5; not together with keep"
    )
    keep: fields.Keep = _absent("how many coins stay exposed, in place of a ratio")
    accounting: fields.Accounts = _absent(
        'what is hedged: "equity" counts unrealised PnL (the default for inverse contracts),'
        ' "coins" does not (the default for linear ones)'
    )
    band: fields.Band = _optional(
        "0.25%", "how far the hedge may drift, as a share of the book, before an order"
    )
    rebalance_to: fields.BandShare = _optional(
        "0.5",
        'where a correction stops: "target", "edge" of the band, or a fraction of the band',
    )
    slippage: fields.Slippage = _optional(
        "0.1%", "how far from the mark price an order may trade, from 0.01% to 5%"
    )
    allow_long: bool = _optional(
        default=False,
        description="whether the hedge may be a long position, for a book that is short of coins",
    )


class BookSettings(Table):
    """Assets that are hedged together, by one loop."""

    poll_s: fields.Wait = _optional(
        "10s", "how often the book is looked at, from 1s to 1h", alias="poll"
    )
    cron: fields.Cron = _absent(
        'further looks at fixed times in UTC, five cron fields such as "0 8 * * mon-fri"'
    )
    max_age_s: fields.Wait = _optional(
        "30s",
        "how old a balance, position or price may be, from the start of its read, to trade on it",
        alias="max_age",
    )
    hedges: Annotated[tuple[HedgeSettings, ...], BeforeValidator(fields.hedges)] = Field(
        json_schema_extra={"minItems": 1},
        description="what the book hedges, one [[books.NAME.hedges]] per asset",
    )


class LogSettings(Table):
    """What is logged, and how."""

    format: fields.LogFormat = _optional(
        "auto", '"console" for people, "json" for machines, "auto": console on a terminal'
    )
    level: fields.LogLevel = _optional(
        "info", 'the least that is logged: "debug", "info", "warning" or "error"'
    )


class Settings(Table):
    """The whole file."""

    environment: fields.World = _optional(
        "testnet", 'which world the venues belong to: "sim" (embedded), "testnet" or "mainnet"'
    )
    execution: fields.Mode = _optional(
        "dry-run",
        'whether orders are sent: "dry-run" never, "live" when the command line says --live too',
    )
    paper: bool = _optional(
        default=True,
        description="whether a dry-run assumes that the orders it proposes are filled, and goes on"
        " from there",
    )
    venues: Annotated[Mapping[fields.Name, VenueSettings], BeforeValidator(fields.venues)] = Field(
        json_schema_extra={"minProperties": 1},
        description="accounts at exchanges, one [venues.NAME] each",
    )
    books: Annotated[Mapping[fields.Name, BookSettings], BeforeValidator(fields.books)] = Field(
        json_schema_extra={"minProperties": 1},
        description="books of assets to hedge, one [books.NAME] each",
    )
    log: LogSettings = _optional({}, "what is logged, and how")
