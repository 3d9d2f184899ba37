"""What a hedge's tables may contain: sources, instruments, target, band, windows, limits.

The common case needs four keys. Everything else has a default that suits a careful owner.
Durations are seconds (`_s`), ratios are fractions, quantities are coins or, where the name says
so, USD.
"""

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from hedged.config import fields
from hedged.config.table import Table, absent, optional


@dataclass(frozen=True, slots=True)
class VenueSource:
    """All the coins of the asset that an account holds."""

    venue: str


class StaticSource(Table):
    """Coins that are kept elsewhere and do not move by themselves."""

    static: fields.Coins = Field(description="how many coins are kept there")
    label: fields.Label = optional("static", "what to call this source in logs and tables")
    addresses: fields.ChainAddresses = optional(
        [],
        "its addresses on chains: what a venue here sent there after `as_of` counts as under way"
        " for `transit`; raise `static` and `as_of` meanwhile",
    )
    as_of: fields.Moment = absent(
        "when `static` was right, such as 2026-03-18T18:00:00Z; required with addresses"
    )


class AccountsSource(Table):
    """The coins of the asset in some of the accounts that an exchange keeps for one owner."""

    venue: str = Field(description="the name of a venue")
    accounts: Annotated[tuple[fields.Account, ...], BeforeValidator(fields.accounts)] = Field(
        description='which of its accounts count: "trading", "spot", "funding", "earn", "sub:NAME"',
        json_schema_extra={"minItems": 1},
    )


# Errors name the branch of a union in their location; these cannot be mistaken for keys.
VENUE_TAG: Final = "<venue>"
STATIC_TAG: Final = "<static>"
ACCOUNTS_TAG: Final = "<accounts>"


def _source_tag(value: object) -> str | None:
    match value:
        case str():
            return VENUE_TAG
        case dict():
            return ACCOUNTS_TAG if "venue" in value or "accounts" in value else STATIC_TAG
        case _:
            return None


SpotSource = Annotated[
    Annotated[
        VenueSource,
        BeforeValidator(VenueSource),
        WithJsonSchema({"type": "string", "description": "the name of a venue"}),
        Tag(VENUE_TAG),
    ]
    | Annotated[StaticSource, Tag(STATIC_TAG)]
    | Annotated[AccountsSource, Tag(ACCOUNTS_TAG)],
    Discriminator(
        _source_tag,
        custom_error_type="refusal",
        custom_error_message='must be the name of a venue or a table such as { static = "2.5" }',
    ),
]


class AliasSettings(Table):
    """Another coin that counts as the asset."""

    coin: fields.Asset = Field(description='the other coin, such as "WBTC" or "STETH"')
    rate: fields.AliasRate = optional(
        1, 'how many of the asset one of it is, or "observed" where a source reports it'
    )


class LegSettings(Table):
    """A further instrument that may carry a part of the hedge."""

    venue: str = Field(description="the name of its venue")
    instrument: fields.LegInstrument = Field(description="the contract, spelt as above")
    priority: fields.Priority = optional(1, "the lowest number is filled first, 1 to 99")
    weight: fields.Weight = optional(1, "its share among instruments of one priority")
    cap: fields.UsdOrNone = absent("its largest position, in USD")


class WindowSettings(Table):
    """A time in which another ratio holds: from and to, or cron and duration."""

    name: fields.Label = optional("window", "what to call it in logs and tables")
    ratio: fields.Ratio = Field(description="how much is hedged in it, from 0 to 1.5")
    from_at: fields.Moment = absent(
        'when it begins, such as 2026-03-18T18:00:00Z, together with "to"', alias="from"
    )
    to_at: fields.Moment = absent("when it ends", alias="to")
    cron: fields.LocalCron = absent(
        'or at which times it begins, five cron fields such as "30 13 * * fri" in its zone'
    )
    duration_s: fields.Span = absent("how long it lasts each time, with cron", alias="duration")
    zone: fields.Zone = optional("UTC", 'the time zone of cron, such as "Europe/Berlin"')
    ramp_s: fields.Ramp = optional(
        "0s",
        "how long the ratio takes to get there at its beginning, and back at its end",
        alias="ramp",
    )
    steps: fields.Steps = optional(1, "in how many equal steps, 1 to 100")


class LimitSettings(Table):
    """What no order may exceed."""

    min_order: fields.UsdOrNone = absent("the smallest order worth sending, in USD")
    max_order: fields.UsdOrNone = absent("the largest order, in USD; more is sent in slices")
    max_position: fields.UsdOrNone = absent("the largest position of the hedge, in USD")
    max_orders: fields.OrdersAnHour = optional(
        60, "orders in an hour, 1 to 3600; five times as many are never sent"
    )
    max_turnover: fields.UsdOrNone = absent(
        "USD of orders in a day; five times as much is never sent"
    )
    max_cost: fields.UsdOrNone = absent(
        "USD of fees, as they were booked, and spreads in a day; five times as much is never paid"
    )
    cooldown_s: fields.Cooldown = optional(
        "0s", "how long after an order the next one waits, up to 1d", alias="cooldown"
    )
    max_leverage: fields.Leverage = optional(
        4, "positions over the collateral behind them, 0.1 to 100"
    )
    liquidation_distance: fields.Share = optional(
        "15%", "how far a liquidation price must stay from the mark"
    )
    on_emergency: fields.OnEmergency = optional(
        "reduce",
        "what follows when the short survives less than emergency_distance and no coins can be"
        ' moved there: "reduce" it to what survives liquidation_distance, or only "alert"',
    )
    emergency_distance: fields.ShareOrNone = absent(
        "the rise of the price that the short must survive at least; by default half of"
        " liquidation_distance"
    )
    collateral_low: fields.ShareOrNone = absent(
        "the part of the coins that must be collateral of an inverse short; by default 25%, and 35%"
        " where some lie elsewhere than at its exchanges. Both are BTC's"
    )
    collateral_target: fields.ShareOrNone = absent(
        "the part that is aimed at below collateral_low and above collateral_high; by default 40%,"
        " and 50%"
    )
    collateral_high: fields.ShareOrNone = absent(
        "above it collateral may go back, where transfers are allowed; by default 65%, and 75%"
    )
    max_margin_use: fields.Share = optional("50%", "maintenance margin over the account's equity")
    collar: fields.Collar = optional(
        "5%", "how far mark and price bound may be from index and last price, 0.1% to 50%"
    )
    jump: fields.Jump = optional(
        "50%",
        "how much coins, price or position may change between two looks before a second look must"
        " agree, 1% to 1000%",
    )
    depth_share: fields.Share = optional(
        "100%", "how much of what stands in the order book within the price bound is taken"
    )
    transit_s: fields.Transit = optional(
        "2h", "how long own transfers count while under way, up to 7d", alias="transit"
    )


class CapSettings(Table):
    """What the orders of a book, or of all books, may come to; trading halts at five times that."""

    max_position: fields.UsdOrNone = absent(
        "all positions together in USD, whatever their signs; no order goes beyond it"
    )

    max_orders: fields.OrdersOrNone = absent("orders in an hour, 1 to 3600")
    max_turnover: fields.UsdOrNone = absent("USD of orders in a day")
    max_cost: fields.UsdOrNone = absent("USD of fees, as they were booked, and spreads in a day")


class TransferSettings(Table):
    """Collateral that may be moved by itself, between accounts of one owner at one exchange."""

    account: fields.AccountOrNone = absent(
        "the account of the hedge's exchange that collateral comes from and goes back to, such as"
        ' "funding"; without it nothing is moved. It must count, so it is listed in spot'
    )
    max_count: fields.Steps = optional(6, "how many transfers in a day, 1 to 100")
    max_coins: fields.Keep = absent("how many coins may be moved in a day, in all")


class AutoBandSettings(Table):
    """What band = "auto" weighs."""

    risk_aversion: fields.RiskAversion = optional(
        10, "how much risk costs: a higher number makes the band narrower, 0.1 to 1000"
    )
    order_cost: fields.Usd = optional(0, "what one order costs beside fee and spread, in USD")
    value_at_risk: fields.UsdOrNone = absent(
        "what a day's move may cost inside the band with 99 %, in USD"
    )


class MakerSettings(Table):
    """How patient style = "maker" is."""

    time_limit_s: fields.Patience = optional(
        "1m", "how long a correction may rest, 5s to 1d", alias="time_limit"
    )
    then: fields.AfterRest = optional(
        "cross", 'what follows: "cross" the spread within the bound, or "give-up" and try later'
    )
    reprice_s: fields.Reprice = optional(
        "2s", "the least time between two prices, 0.2s to 1h", alias="reprice"
    )
    ticks: fields.Ticks = optional(1, "how many ticks away the best price must be, 1 to 1000")


class TwapSettings(Table):
    """How style = "twap" cuts a correction."""

    slices: fields.Steps = optional(5, "into how many parts, 1 to 100")
    duration_s: fields.SliceSpan = optional("5m", "over how long, 10s to 7d", alias="duration")
    jitter: fields.Jitter = optional(
        "50%", "how far off the middle of its time a part may be sent, 0% to 100%"
    )


class CarrySettings(Table):
    """The least that the hedge must earn, and where its carry and basis are worth a word."""

    floor: fields.CarryFloor = absent('the least funding per year, such as "-10%"')
    stamps: fields.Stamps = optional(21, "how many funding stamps are averaged, 1 to 400")
    action: fields.CarryAct = optional(
        "alert", 'what happens below it: "alert", "next" instrument, or a ratio such as 0.5'
    )
    ceiling: fields.CarryFloor = absent(
        'the funding per year above which somebody is told, such as "60%"'
    )
    basis_low: fields.BasisBound = absent(
        'mark over index, less 1, below which somebody is told, such as "-0.5%"'
    )
    basis_high: fields.BasisBound = absent("the same, above which somebody is told")


class HedgeSettings(Table):
    """One asset and the contract that hedges it."""

    asset: fields.Asset = Field(description='the coin that is hedged, such as "BTC"')
    spot: Annotated[tuple[SpotSource, ...], BeforeValidator(fields.sources)] = optional(
        [],
        "where its coins are, beside the hedge's own venue, which always counts: names of venues,"
        ' and { static = "2.5", label = "cold wallet" } for coins kept elsewhere',
    )
    venue: str | None = absent("the name of the venue that carries the hedge")
    instrument: fields.Instrument = absent(
        'the perpetual contract that hedges it, such as "BTC/USD:BTC" (inverse: settles'
        ' in the coin) or "BTC/USDT:USDT" (linear: settles in the quote)'
    )
    priority: fields.Priority = optional(1, "of instruments the lowest is filled first, 1 to 99")
    weight: fields.Weight = optional(1, "its share among instruments of one priority")
    cap: fields.UsdOrNone = absent("the instrument's largest position, in USD")
    more: Annotated[tuple[LegSettings, ...], BeforeValidator(fields.legs)] = optional(
        [], "further instruments, on this or other venues, that share the hedge"
    )
    also: Annotated[tuple[AliasSettings, ...], BeforeValidator(fields.aliases)] = optional(
        [], "other coins that count as this one: wrapped, staked, or earning under another name"
    )
    hedged_by: fields.AssetOrNone = absent(
        "another asset of the book whose hedge carries this one, in place of an instrument"
    )
    beta: fields.Beta = absent("what this asset does when the other moves by 1, 0.01 to 10")
    ratio: fields.Ratio = optional(
        1, "how much of the coins is hedged, from 0 to 1.5; not together with keep"
    )
    keep: fields.Keep = absent("how many coins stay exposed, in place of a ratio")
    notional: fields.UsdOrNone = absent("a fixed short in USD, in place of a ratio")
    windows: Annotated[tuple[WindowSettings, ...], BeforeValidator(fields.windows)] = optional(
        [], "times in which another ratio holds, one [[books.NAME.hedges.windows]] each"
    )
    accounting: fields.Accounts = absent(
        'what is hedged: "equity" counts unrealised PnL (the default for inverse contracts),'
        ' "coins" does not (the default for linear ones)'
    )
    band: fields.Band = optional(
        "0.25%",
        'how far the hedge may drift before an order: a share of the book, "500 USD", "0.05 BTC",'
        ' or "auto"',
    )
    auto: AutoBandSettings = optional({}, 'what band = "auto" weighs')
    hysteresis: fields.Hysteresis = optional(
        1, "a correction goes on until the drift is within this fraction of the band"
    )
    outer_band: fields.OuterBand = optional(
        3, "beyond this many bands cooldown and soft limits are ignored, 1 to 100"
    )
    rebalance_to: fields.BandShare = optional(
        "0.5",
        'where a correction stops: "target", "edge" of the band, or a fraction of the band',
    )
    slippage: fields.Slippage = optional(
        "0.1%", "how far from the mark price an order may trade, from 0.01% to 5%"
    )
    allow_long: bool = optional(
        default=False,
        description="whether the hedge may be a long position, for a book that is short of coins",
    )
    others: fields.Others = optional(
        "block",
        'what becomes of other positions on the coin in the accounts: "block" trades nothing,'
        ' "count" adds them in',
    )
    style: fields.OrderStyle = optional(
        "ioc",
        'how orders are worked: "ioc" at once at a bounded price, "maker" resting at the best'
        ' price, "twap" in parts over a duration',
    )
    maker: MakerSettings = optional({}, 'how patient style = "maker" is')
    twap: TwapSettings = optional({}, 'how style = "twap" cuts a correction')
    carry: CarrySettings = optional(
        {}, "the least that the hedge must earn, and bounds of carry and basis"
    )
    limits: LimitSettings = optional({}, "what no order may exceed")
    transfers: TransferSettings = optional(
        {}, "collateral that may be moved by itself: below collateral_low, above collateral_high"
    )

    @property
    def legs(self) -> tuple[LegSettings, ...]:
        """Every instrument of the hedge, the first one first; none where another carries it."""
        if self.venue is None or self.instrument is None:
            return self.more
        first = LegSettings.model_construct(  # its values have been read already
            venue=self.venue,
            instrument=self.instrument,
            priority=self.priority,
            weight=self.weight,
            cap=self.cap,
        )
        return (first, *self.more)
