"""The kinds of key in the file: what a user writes beside what the settings hold.

Each pairs a reader, which turns what is written into an exact value or refuses it, with the JSON
Schema of what the reader understands.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema

from hedged.config import bands, exchanges, quantities, texts, times
from hedged.config.credentials import REFERENCE_PATTERN, SecretRef, reference
from hedged.config.cron import cron_line
from hedged.config.problems import refusal, shown
from hedged.core import types
from hedged.core.types import Accounting, CarryAction, Environment, Execution


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


def _tables(example: str) -> Callable[[object], tuple[Any, ...]]:
    """A reader of a list of tables."""

    def read(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise refusal(f"must be a list of tables such as {example}, not {shown(value)}")
        return tuple(value)

    return read


def hosts(value: object) -> tuple[Any, ...]:
    """A list of names of hosts."""
    if not isinstance(value, list):
        raise refusal(f'must be a list such as ["hedge.example.org"], not {shown(value)}')
    return tuple(value)


def addresses(value: object) -> tuple[Any, ...]:
    """A list of references to addresses."""
    if not isinstance(value, list):
        raise refusal('must be a list such as ["env:ALERT_URL"], not text alone or a table')
    return tuple(value)


def chain_addresses(value: object) -> tuple[Any, ...]:
    """A list of addresses on chains."""
    if not isinstance(value, list):
        raise refusal('must be a list such as ["bc1q..."], not text alone or a table')
    return tuple(value)


legs = _tables('[{ venue = "other", instrument = "BTC/USD:BTC" }]')
aliases = _tables('[{ coin = "WBTC" }]')
windows = _tables("[{ from = 2026-03-18T18:00:00Z, to = 2026-03-18T20:00:00Z, ratio = 1 }]")


def accounts(value: object) -> tuple[Any, ...]:
    """A list of accounts, not empty, each once."""
    if not isinstance(value, list) or not value:
        raise refusal(f'must be a list such as ["trading", "earn"], not {shown(value)}')
    if any(item in value[:place] for place, item in enumerate(value)):
        raise refusal("names an account twice; each balance counts exactly once")
    return tuple(value)


def _leg_instrument(value: object) -> str:
    return texts.instrument(value, None)


def _alias_rate(value: object) -> Decimal | None:
    return None if value == _OBSERVED else quantities.RATE(value)


_OBSERVED = "observed"
_CARRY_WORDS = (CarryAction.ALERT, CarryAction.NEXT)


def _carry_action(value: object) -> CarryAction | Decimal:
    if isinstance(value, str) and value.isalpha():
        return texts.one_of(_CARRY_WORDS)(value)
    return quantities.RATIO(value)


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
AssetOrNone = Annotated[str | None, BeforeValidator(texts.asset), _text(texts.ASSET.pattern)]
Account = Annotated[str, BeforeValidator(texts.account), _text(texts.ACCOUNT.pattern)]
AccountOrNone = Annotated[str | None, BeforeValidator(texts.account), _text(texts.ACCOUNT.pattern)]
Instrument = Annotated[str | None, BeforeValidator(_instrument), _text(texts.INSTRUMENT.pattern)]
LegInstrument = Annotated[str, BeforeValidator(_leg_instrument), _text(texts.INSTRUMENT.pattern)]
ChainAddress = Annotated[
    str, BeforeValidator(texts.chain_address), _text(texts.CHAIN_ADDRESS.pattern)
]
ChainAddresses = Annotated[tuple[ChainAddress, ...], BeforeValidator(chain_addresses)]
Url = Annotated[str | None, BeforeValidator(texts.loopback_url), _text(texts.LOOPBACK.pattern)]
FilePath = Annotated[str | None, BeforeValidator(texts.file_path), _text(texts.FILE.pattern)]
Bind = Annotated[str | None, BeforeValidator(texts.bind), _text(texts.BIND.pattern)]
Host = Annotated[str, BeforeValidator(texts.host), _text(texts.HOST.pattern)]
Secret = Annotated[SecretRef, BeforeValidator(reference), _text(REFERENCE_PATTERN)]
SecretOrNone = Annotated[SecretRef | None, BeforeValidator(reference), _text(REFERENCE_PATTERN)]
LocalCron = Annotated[str | None, BeforeValidator(cron_line), WithJsonSchema({"type": "string"})]
Moment = Annotated[
    datetime | None, BeforeValidator(times.moment), WithJsonSchema({"type": "string"})
]
Zone = Annotated[str, BeforeValidator(times.zone), WithJsonSchema({"type": "string"})]
Cron = Annotated[str | None, BeforeValidator(cron_line), WithJsonSchema({"type": "string"})]

Exchange = Annotated[str, BeforeValidator(exchanges.exchange), _text("[a-z0-9]+")]
TestWorld = Annotated[
    Literal["testnet", "demo"], BeforeValidator(texts.one_of(["testnet", "demo"]))
]
MarginMode = Annotated[
    Literal["cross", "isolated", "portfolio"],
    BeforeValidator(texts.one_of(["cross", "isolated", "portfolio"])),
]
LogFormat = Annotated[
    Literal["auto", "console", "json"], BeforeValidator(texts.one_of(["auto", "console", "json"]))
]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"],
    BeforeValidator(texts.one_of(["debug", "info", "warning", "error"])),
]
AlertLevel = Annotated[
    Literal["info", "warning", "critical"],
    BeforeValidator(texts.one_of(["info", "warning", "critical"])),
]
BeatMethod = Annotated[
    Literal["GET", "POST", "HEAD"], BeforeValidator(texts.one_of(["GET", "POST", "HEAD"]))
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
Band = Annotated[types.Band, BeforeValidator(bands.band), WithJsonSchema(bands.SCHEMA)]
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
Lasting = Annotated[
    Decimal, BeforeValidator(quantities.LASTING), WithJsonSchema(quantities.LASTING.schema)
]
Repeat = Annotated[
    Decimal, BeforeValidator(quantities.REPEAT), WithJsonSchema(quantities.REPEAT.schema)
]
Beat = Annotated[Decimal, BeforeValidator(quantities.BEAT), WithJsonSchema(quantities.BEAT.schema)]
Wait = Annotated[Decimal, BeforeValidator(quantities.WAIT), WithJsonSchema(quantities.WAIT.schema)]
Others = Annotated[
    types.Others,
    BeforeValidator(texts.one_of(types.Others)),
    WithJsonSchema({"enum": [*types.Others]}),
]
AliasRate = Annotated[
    Decimal | None,
    BeforeValidator(_alias_rate),
    WithJsonSchema({"anyOf": [{"const": _OBSERVED}, *quantities.RATE.schema["anyOf"]]}),
]
CarryAct = Annotated[
    CarryAction | Decimal,
    BeforeValidator(_carry_action),
    WithJsonSchema({"anyOf": [{"enum": [*_CARRY_WORDS]}, *quantities.RATIO.schema["anyOf"]]}),
]


Usd = Annotated[
    Decimal,
    BeforeValidator(quantities.USD_AMOUNT),
    WithJsonSchema(quantities.USD_AMOUNT.schema),
]
UsdOrNone = Annotated[
    Decimal | None,
    BeforeValidator(quantities.USD_AMOUNT),
    WithJsonSchema(quantities.USD_AMOUNT.schema),
]
Weight = Annotated[
    Decimal, BeforeValidator(quantities.WEIGHT), WithJsonSchema(quantities.WEIGHT.schema)
]
Beta = Annotated[
    Decimal | None, BeforeValidator(quantities.BETA), WithJsonSchema(quantities.BETA.schema)
]
OuterBand = Annotated[
    Decimal, BeforeValidator(quantities.OUTER_BAND), WithJsonSchema(quantities.OUTER_BAND.schema)
]
Leverage = Annotated[
    Decimal, BeforeValidator(quantities.LEVERAGE), WithJsonSchema(quantities.LEVERAGE.schema)
]
LeverageOrNone = Annotated[
    Decimal | None, BeforeValidator(quantities.LEVERAGE), WithJsonSchema(quantities.LEVERAGE.schema)
]
RiskAversion = Annotated[
    Decimal,
    BeforeValidator(quantities.RISK_AVERSION),
    WithJsonSchema(quantities.RISK_AVERSION.schema),
]
Share = Annotated[
    Decimal, BeforeValidator(quantities.SHARE), WithJsonSchema(quantities.SHARE.schema)
]
ShareOrNone = Annotated[
    Decimal | None, BeforeValidator(quantities.SHARE), WithJsonSchema(quantities.SHARE.schema)
]
Collar = Annotated[
    Decimal, BeforeValidator(quantities.COLLAR), WithJsonSchema(quantities.COLLAR.schema)
]
Jump = Annotated[Decimal, BeforeValidator(quantities.JUMP), WithJsonSchema(quantities.JUMP.schema)]
CarryFloor = Annotated[
    Decimal | None,
    BeforeValidator(quantities.CARRY_FLOOR),
    WithJsonSchema(quantities.CARRY_FLOOR.schema),
]
BasisBound = Annotated[
    Decimal | None,
    BeforeValidator(quantities.BASIS_BOUND),
    WithJsonSchema(quantities.BASIS_BOUND.schema),
]
Cooldown = Annotated[
    Decimal, BeforeValidator(quantities.COOLDOWN), WithJsonSchema(quantities.COOLDOWN.schema)
]
Transit = Annotated[
    Decimal, BeforeValidator(quantities.TRANSIT), WithJsonSchema(quantities.TRANSIT.schema)
]
Ramp = Annotated[Decimal, BeforeValidator(quantities.RAMP), WithJsonSchema(quantities.RAMP.schema)]
Span = Annotated[
    Decimal | None, BeforeValidator(quantities.SPAN), WithJsonSchema(quantities.SPAN.schema)
]
Hysteresis = Annotated[
    Decimal, BeforeValidator(quantities.SHARE), WithJsonSchema(quantities.SHARE.schema)
]
Priority = Annotated[
    int,
    BeforeValidator(quantities.counted(quantities.PRIORITY)),
    WithJsonSchema(quantities.PRIORITY.schema),
]
OrderStyle = Annotated[
    types.StyleKind,
    BeforeValidator(texts.one_of(types.StyleKind)),
    WithJsonSchema({"enum": [*types.StyleKind]}),
]
OnAdl = Annotated[Literal["rehedge", "halt"], BeforeValidator(texts.one_of(["rehedge", "halt"]))]
OnEmergency = Annotated[
    Literal["reduce", "alert"], BeforeValidator(texts.one_of(["reduce", "alert"]))
]
External = Annotated[Literal["freeze", "adopt"], BeforeValidator(texts.one_of(["freeze", "adopt"]))]
AfterRest = Annotated[
    Literal["cross", "give-up"], BeforeValidator(texts.one_of(["cross", "give-up"]))
]
Patience = Annotated[
    Decimal, BeforeValidator(quantities.PATIENCE), WithJsonSchema(quantities.PATIENCE.schema)
]
Reprice = Annotated[
    Decimal, BeforeValidator(quantities.REPRICE), WithJsonSchema(quantities.REPRICE.schema)
]
SliceSpan = Annotated[
    Decimal, BeforeValidator(quantities.SLICE_SPAN), WithJsonSchema(quantities.SLICE_SPAN.schema)
]
Jitter = Annotated[
    Decimal, BeforeValidator(quantities.JITTER), WithJsonSchema(quantities.JITTER.schema)
]
Ticks = Annotated[
    int,
    BeforeValidator(quantities.counted(quantities.TICKS)),
    WithJsonSchema(quantities.TICKS.schema),
]
Steps = Annotated[
    int,
    BeforeValidator(quantities.counted(quantities.STEPS)),
    WithJsonSchema(quantities.STEPS.schema),
]
Stamps = Annotated[
    int,
    BeforeValidator(quantities.counted(quantities.STAMPS)),
    WithJsonSchema(quantities.STAMPS.schema),
]
OrdersOrNone = Annotated[
    int | None,
    BeforeValidator(quantities.counted(quantities.ORDERS)),
    WithJsonSchema(quantities.ORDERS.schema),
]
OrdersAnHour = Annotated[
    int,
    BeforeValidator(quantities.counted(quantities.ORDERS)),
    WithJsonSchema(quantities.ORDERS.schema),
]
