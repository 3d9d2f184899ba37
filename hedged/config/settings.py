"""The settings: what the file may contain, with its defaults, as frozen values.

The models below are the one description of the file: the JSON Schema, the suggestions for
unknown keys and the documentation of each key are derived from here. Durations are seconds
(`_s`), ratios are fractions, quantities are coins.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from hedged.config import fields
from hedged.config.credentials import SecretRef
from hedged.config.hedges import CapSettings, HedgeSettings
from hedged.config.table import Table, absent, optional


class VenueSettings(Table):
    """One account at an exchange."""

    @property
    def secrets(self) -> tuple[SecretRef, ...]:
        """Where the parts of its key are kept."""
        parts = (self.api_key, self.secret, self.passphrase)
        return tuple(part for part in parts if part is not None)

    exchange: fields.Exchange = Field(description="the exchange, by its name in `hedged venues`")
    api_key: fields.Secret = Field(
        description='where the API key is kept: "env:NAME", "file:PATH" or "credential:NAME"'
    )
    secret: fields.Secret = Field(
        description='where its secret is kept: "env:NAME", "file:PATH" or "credential:NAME"'
    )
    passphrase: fields.SecretOrNone = absent(
        "where the passphrase of the key is kept, at an exchange that asks for one when a key is"
        " made (Bitget, KuCoin, OKX, WEEX)"
    )
    testnet: fields.TestWorld = optional(
        "testnet",
        'which of the exchange\'s test worlds, with environment = "testnet": "testnet" or "demo"'
        " (each has keys of its own)",
    )
    url: fields.Url = absent(
        'the address of the embedded exchange, on this machine: with environment = "sim" only,'
        " and required there"
    )
    on_adl: fields.OnAdl = optional(
        "rehedge",
        "what follows when the exchange takes a position over to cover another's liquidation:"
        ' "rehedge" or "halt"',
    )
    max_adl: fields.Steps = optional(3, "how often in a day that is hedged again, 1 to 100")
    margin_mode: fields.MarginMode = optional(
        "cross",
        'how the account\'s margin is meant to be set: "cross", "isolated" or "portfolio"; `check'
        " --online` compares",
    )
    leverage: fields.LeverageOrNone = absent(
        "how many times its initial margin a position may be, 0.1 to 100; `check --online` compares"
    )
    manage_leverage: bool = optional(
        default=False,
        description="whether live execution sets margin mode and leverage so at its start",
    )
    external: fields.External = optional(
        "freeze",
        "what follows when another hand, or another bot, trades in a hedge's instrument:"
        ' "freeze" until `hedged ack`, or "adopt" and hedge on from there; a change that no trade'
        " explains always freezes",
    )
    addresses: fields.ChainAddresses = optional(
        [],
        "where coins are sent to it over a chain: what another venue here sent there counts as"
        " under way until it is credited, or for `transit`",
    )
    timeout_s: fields.Timeout = optional("10s", "how long one request may take", alias="timeout")


class BookSettings(Table):
    """Assets that are hedged together, by one loop."""

    poll_s: fields.Wait = optional(
        "10s", "how often the book is looked at, from 1s to 1h", alias="poll"
    )
    cron: fields.Cron = absent(
        'further looks at fixed times in UTC, five cron fields such as "0 8 * * mon-fri"'
    )
    max_age_s: fields.Wait = optional(
        "30s",
        "how old a balance, position or price may be, from the start of its read, to trade on it",
        alias="max_age",
    )
    limits: CapSettings = optional({}, "what all orders of the book may come to")
    hedges: Annotated[tuple[HedgeSettings, ...], BeforeValidator(fields.hedges)] = Field(
        json_schema_extra={"minItems": 1},
        description="what the book hedges, one [[books.NAME.hedges]] per asset",
    )


class LogSettings(Table):
    """What is logged, and how."""

    format: fields.LogFormat = optional(
        "auto",
        '"console" for people, "json" for machines, "auto": console on a terminal, '
        "fields of the journal under systemd, else json",
    )
    level: fields.LogLevel = optional(
        "info", 'the least that is logged: "debug", "info", "warning" or "error"'
    )


class WebSettings(Table):
    """The dashboard, the API and the metrics, over HTTP."""

    bind: fields.Bind = absent(
        'the address that they are served on, such as "127.0.0.1:8430"; without it, nowhere'
    )
    hosts: Annotated[tuple[fields.Host, ...], BeforeValidator(fields.hosts)] = Field(
        (),
        json_schema_extra={"default": []},
        description="names under which a proxy or another machine reaches it; reading then takes a"
        " token too",
    )


class AlertSettings(Table):
    """Who is told what the owner should know."""

    to: Annotated[tuple[fields.Secret, ...], BeforeValidator(fields.addresses)] = Field(
        (),
        json_schema_extra={"default": []},
        description="where alerts go: references to addresses of apprise's, which are secrets",
    )
    urgent: Annotated[tuple[fields.Secret, ...], BeforeValidator(fields.addresses)] = Field(
        (),
        json_schema_extra={"default": []},
        description="where critical alerts go besides, such as a pager: references likewise",
    )
    level: fields.AlertLevel = optional(
        "info", 'the least that is told: "info" (starts and stops, too), "warning" or "critical"'
    )
    lasting_s: fields.Lasting = optional(
        "5m",
        "how long what may pass by itself, such as a venue that does not answer, must last to be"
        " told",
        alias="lasting",
    )
    repeat_s: fields.Repeat = optional(
        "1h",
        "after how long what stands is told again; each time twice as long, up to a day",
        alias="repeat",
    )
    digest: fields.Cron = absent(
        'when the day is summed up, in UTC, five cron fields such as "0 7 * * *"'
    )


class ReportSettings(Table):
    """Reports that are made by themselves; where alerts go, their figures go too."""

    folder: fields.FilePath = absent(
        "where daily and monthly reports are written, relative to the folder of the journal"
    )
    daily: fields.Cron = absent(
        'when the day before is reported, in UTC, five cron fields such as "30 0 * * *"'
    )
    monthly: fields.Cron = absent(
        'when the month before is reported, in UTC, five cron fields such as "0 1 1 * *"'
    )


class HeartbeatSettings(Table):
    """A monitor that calls when it hears nothing any more."""

    url: fields.SecretOrNone = absent(
        "where its http address is kept, which is a secret; a request goes there after good cycles"
    )
    every_s: fields.Beat = optional("1m", "at most how often", alias="every")
    method: fields.BeatMethod = optional("GET", 'how it wants to be asked: "GET", "POST" or "HEAD"')


class Settings(Table):
    """The whole file."""

    environment: fields.World = optional(
        "testnet", 'which world the venues belong to: "sim" (embedded), "testnet" or "mainnet"'
    )
    execution: fields.Mode = optional(
        "dry-run",
        'whether orders are sent: "dry-run" never, "live" when the command line says --live too',
    )
    paper: bool = optional(
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
    limits: CapSettings = optional({}, "what the orders of all books together may come to")
    kill_file: fields.FilePath = absent(
        "a file that halts trading as long as it is there; relative to the folder of this file"
    )
    log: LogSettings = optional({}, "what is logged, and how")
    web: WebSettings = optional({}, "the dashboard, the API and the metrics")
    alerts: AlertSettings = optional({}, "who is told what the owner should know")
    reports: ReportSettings = optional({}, "reports that are made by themselves")
    heartbeat: HeartbeatSettings = optional({}, "a monitor that calls when it hears nothing")

    @property
    def keys(self) -> tuple[SecretRef, ...]:
        """Every reference to a key and what belongs to it."""
        return tuple(secret for venue in self.venues.values() for secret in venue.secrets)

    @property
    def addresses(self) -> tuple[SecretRef, ...]:
        """Every reference to an address of alerts or heartbeats."""
        beat = () if self.heartbeat.url is None else (self.heartbeat.url,)
        return (*self.alerts.to, *self.alerts.urgent, *beat)
