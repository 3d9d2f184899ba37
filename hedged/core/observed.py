"""What is observed: instruments, prices, balances, positions, and what could not be read.

A position in an inverse contract is a signed USD notional, one in a linear contract a signed
number of coins. Ages are seconds on a monotonic clock since the *start* of the read that brought
the value. None always means "not known", never zero.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from hedged.core.amount import Amount
from hedged.core.decimals import exact
from hedged.core.value import quick
from hedged.core.words import USD, Kind, Reason, Side


@dataclass(frozen=True, slots=True)
class Instrument:
    """A derivative as its venue lists it; lot, minimum and maximum are in contracts."""

    venue: str  # the venue's name in the configuration
    symbol: str  # unified, e.g. BTC/USD:BTC
    kind: Kind
    base: str
    settle: str
    contract_size: Decimal  # USD per contract (inverse), coins per contract (linear)
    lot: Decimal
    tick: Decimal  # USD per coin
    min_contracts: Decimal
    max_contracts: Decimal | None  # per order; None: the venue names no limit
    min_notional_usd: Decimal | None = None  # None: the venue names none
    expires_at: datetime | None = None  # None: perpetual
    maintenance: Decimal | None = None  # margin rate on the mark value; None: not known

    @property
    def unit(self) -> str:
        """The unit of a position in it."""
        return USD if self.kind is Kind.INVERSE else self.base


@dataclass(frozen=True, slots=True)
class Level:
    """One price of an order book with what stands there."""

    price: Decimal  # USD per coin
    contracts: Decimal


@dataclass(frozen=True, slots=True)
class Depth:
    """What stands in an instrument's order book, best first; an empty side has nothing."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    age_s: Decimal


@quick
@dataclass(frozen=True, slots=True)
class Quote:
    """Prices and costs of one instrument, USD per coin; a missing price is None, never zero."""

    instrument: Instrument
    mark: Decimal
    index: Decimal
    age_s: Decimal
    bid: Decimal | None = None
    ask: Decimal | None = None
    funding_rate: Decimal | None = None  # per interval; > 0: longs pay shorts
    last: Decimal | None = None  # price of the last trade
    bids: tuple[Level, ...] | None = None  # best first; None: depth not known
    asks: tuple[Level, ...] | None = None
    funding_at: datetime | None = None  # the next stamp
    funding_interval_h: Decimal | None = None
    taker_fee: Decimal | None = None  # fraction of the notional, as this account pays it
    maker_fee: Decimal | None = None  # the same for an order that rests; < 0: a rebate

    @property
    @exact
    def half_spread(self) -> Decimal | None:
        """Half the spread as a fraction of the price between bid and ask."""
        if self.bid is None or self.ask is None:
            return None
        return (self.ask - self.bid) / (self.ask + self.bid)


@quick
@dataclass(frozen=True, slots=True)
class Position:
    """One open position in one-way mode; `quantity` in the instrument's unit."""

    instrument: Instrument
    quantity: Amount
    entry: Decimal  # average entry, USD per coin
    unrealised_pnl: Decimal | None = None  # as reported: coins (inverse) or quote (linear)
    liquidation_price: Decimal | None = None
    pnl_from: Decimal | None = None  # the price that the PnL runs from, where it is not the entry
    mark: Decimal | None = None  # its own mark, where no quote of the instrument is read
    delta: Amount | None = None  # coins, as the venue computes it (options)

    @property
    def origin(self) -> Decimal:
        """Where its unrealised PnL runs from: a venue that settles books what came before."""
        return self.entry if self.pnl_from is None else self.pnl_from


@dataclass(frozen=True, slots=True)
class EquityTerm:
    """Coins of an account beside wallet and futures PnL: session PnL, options, unpaid funding."""

    name: str
    coins: Decimal


@quick
@dataclass(frozen=True, slots=True)
class CoinBalance:
    """A coin in a futures or unified wallet: `wallet` never includes unrealised PnL."""

    wallet: Amount
    equity: Amount | None  # as reported, with unrealised PnL; None: the venue reports none
    terms: tuple[EquityTerm, ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class Margin:
    """How an account's margin stands, as its venue computes it over all coins, in USD."""

    equity_usd: Decimal
    maintenance_usd: Decimal


@quick
@dataclass(frozen=True, slots=True)
class MarginAccount:
    """One account at one moment: balances and positions were read together."""

    venue: str
    balances: tuple[CoinBalance, ...]
    positions: tuple[Position, ...]
    age_s: Decimal
    margin: Margin | None = None


@quick
@dataclass(frozen=True, slots=True)
class Holding:
    """Coins held outside the margin accounts, such as a cold wallet."""

    source: str
    quantity: Amount
    age_s: Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """What one `coin` is worth in `into`: another coin (a staked token), or USD (a price)."""

    coin: str
    into: str
    value: Decimal
    age_s: Decimal


@dataclass(frozen=True, slots=True)
class Transfer:
    """Coins on their way, as a rule between two of the owner's places."""

    transfer_id: str
    quantity: Amount  # > 0
    source: str
    destination: str
    started_at: datetime
    arrived: bool = False  # there, or back where they came from
    tx_id: str = ""  # on a chain; empty: not on one, or not yet


class FlowKind(StrEnum):
    """Why coins of an account changed."""

    TRADE = "trade"
    FUNDING = "funding"
    SETTLEMENT = "settlement"  # a session's or a delivered contract's profit
    LIQUIDATION = "liquidation"
    ADL = "adl"  # auto-deleveraging
    INTEREST = "interest"
    TRANSFER = "transfer"  # between accounts, from or to outside
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Flow:
    """One change of an account's coins; signed, received > 0."""

    flow_id: str  # unique at the venue
    kind: FlowKind
    change: Amount  # of the wallet: funding and profit less the fee
    funding: Decimal  # the part that is funding, received > 0
    fee: Decimal  # the part that is a fee, paid > 0
    balance: Decimal | None  # of the wallet after it; None: not told
    at: datetime  # the venue's clock
    market: str  # what the venue calls it; empty: of no market
    trade_id: str  # of the fill that it comes from; may be empty
    detail: str  # the venue's own word for it
    symbol: str = ""  # unified, where the market is a contract that is hedged with
    is_spot: bool = False  # of a spot market; names of markets may be those of contracts


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that should be known and is not: unknown, never zero."""

    source: str  # a venue or a spot source
    what: str  # e.g. "account", "quote BTC/USD:BTC"
    detail: str
    reason: Reason = Reason.SOURCE_MISSING
    symbol: str | None = None  # the one instrument it concerns; None: all that the source holds


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A time in which a venue has said that it cannot be traded at."""

    venue: str
    title: str  # its own words
    starts_at: datetime | None  # None: not told of one that lasts
    ends_at: datetime | None  # None: not told
    lasts: bool  # the venue says that it is under way


@dataclass(frozen=True, slots=True)
class PaperFill:
    """A proposed order that dry-run assumes filled at its bound."""

    instrument: Instrument
    quantity: Amount  # signed, in the instrument's unit
    price: Decimal


@dataclass(frozen=True, slots=True)
class Resting:
    """An order that its venue shows working: it stays until it fills or is cancelled."""

    book: str
    asset: str
    side: Side
    remaining: Decimal  # contracts, > 0
    price: Decimal  # USD per coin
    bound: Decimal  # the worst price that it was approved with
    reduce_only: bool
    age_s: Decimal  # since it was sent


@dataclass(frozen=True, slots=True)
class InFlight:
    """An order whose end is not known: it holds its instrument's slot."""

    venue: str
    symbol: str
    client_id: str
    detail: str
    resting: Resting | None = None  # None: what will have become of it cannot be planned around
