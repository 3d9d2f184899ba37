"""The form of a venue's profile: which requests, where their rows stand, how they are read.

A profile holds facts and small pure functions over one row. The gateway holds the flow and
asks the profile; it never asks which venue it is talking to.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hedged.core.access import Access
from hedged.core.types import CoinBalance, Flow, Instrument, Kind, Level, Margin, Transfer
from hedged.ports import Fill, OrderReport, Style
from hedged.venue.fields import Row
from hedged.venue.transport import Route


@dataclass(frozen=True, slots=True)
class Reach:
    """How one environment of a venue is reached."""

    hosts: tuple[str, ...]  # all that may be talked to, whatever ccxt's own tables say
    switch: str | None = None  # ccxt's method that leads there


@dataclass(frozen=True, slots=True)
class Read:
    """One reading request: ccxt's method for it, and the path to its rows in the reply."""

    method: str
    rows: tuple[str, ...]
    params: Mapping[str, str] = field(default_factory=dict)
    kind: Kind = Kind.INVERSE  # of the positions in the rows
    settle: str = ""  # what all of these settle in; empty: in various coins
    cursor: tuple[str, ...] = ()  # path to the mark of the next page; empty: one page
    cursor_param: str = "cursor"
    # For so long, that nothing was held is believed without asking again; not where a hedge is.
    rest_s: float = 0


@dataclass(frozen=True, slots=True)
class Contracts:
    """How contracts of one kind are asked for, beside what a request says by itself."""

    listing: str  # ccxt's name for them, where markets are loaded
    only: Mapping[str, str]  # parameters that narrow a request to them
    by_market: bool  # there are so many that each market's figures are asked for by themselves
    order_lists: tuple[Mapping[str, str], ...]  # parameters that list all their working orders


@dataclass(frozen=True, slots=True)
class Store:
    """Where coins lie beside the trading account; its rows name the coin as `coin`."""

    read: Read
    amount: str  # the field of how many there are
    coins_param: str = ""  # asks for coins, each of which is then told of; empty: all there are


@dataclass(frozen=True, slots=True)
class Leg:
    """A position as one row states it."""

    market_id: str
    quantity: Decimal  # signed; USD (inverse) or coins (linear)
    entry: Decimal  # USD per coin
    unrealised_pnl: Decimal | None  # coins (inverse) or quote (linear)
    liquidation_price: Decimal | None
    pnl_from: Decimal | None = None  # the price that the PnL runs from, where it is not the entry
    mark: Decimal | None = None  # None also where a mark is not what it is counted with: options


@dataclass(frozen=True, slots=True)
class Prices:
    """What a ticker row says, USD per coin; None: there is none."""

    mark: Decimal
    index: Decimal
    bid: Decimal | None
    ask: Decimal | None
    last: Decimal | None
    funding_rate: Decimal | None
    funding_at: datetime | None  # the next stamp
    funding_interval_h: Decimal | None


@dataclass(frozen=True, slots=True)
class Fees:
    """What an account pays in one market, as fractions of the notional; < 0: a rebate."""

    taker: Decimal
    maker: Decimal


@dataclass(frozen=True, slots=True)
class Profile:
    """All that is particular to one venue."""

    exchange: str  # ccxt's id
    # How to get there: by environment, "mainnet", "testnet", "demo"; a local server for "sim".
    environments: Mapping[str, Reach]
    local_urls: Callable[[str], Mapping[str, Any]]  # ccxt's urls.api for a server at this URL
    options: Mapping[str, Any]  # ccxt's
    rate_limit_ms: Decimal  # between requests of cost 1, by ccxt's reckoning
    routes: frozenset[Route]  # all that a client may ever read
    write_routes: frozenset[Route]  # what live execution may send besides
    # The account.
    # Given the client; raises VenueRefused for an account that cannot be used.
    access: Callable[[Any], Awaitable[Access]]
    wallet: Read  # of every coin of which there is any
    wallet_coin_param: str  # asks for one coin, which is then told of even when there is none
    unknown_coin: frozenset[str]  # codes: the venue has no such coin
    # Given the coins that count: their figures must agree with each other.
    balances: Callable[[list[Row], Collection[str]], tuple[CoinBalance, ...]]
    margin: Callable[[list[Row]], Margin | None]  # of the whole account; None: not told
    positions: tuple[Read, ...]  # every kind that can hold a hedged coin
    leg: Callable[[Row, Kind], Leg | None]  # None: the row is flat
    is_one_way: Callable[[Row], bool]
    position_mode: Read  # asked for one symbol, answers with a row even when flat
    one_way_advice: str  # how an operator switches to one-way mode
    coins_of: Callable[[str, Kind], tuple[str, str]]  # market id → base and settlement coin
    # The owner's other accounts, by the word that the configuration has for them.
    accounts: Mapping[str, tuple[Store, ...]]
    accounts_a_second: int  # requests of one method
    accounts_advice: str  # what a key needs to read them
    member_param: str  # asks for a sub-account by its number
    sub_accounts: Read
    member: Callable[[Row], tuple[str, str]]  # name and number
    transfers: Read  # between the owner's accounts
    member_transfers: Read  # to and from sub-accounts
    # Given the venue's name, and ours of sub-accounts by number; None: it failed.
    transfer: Callable[[Row, str, Mapping[str, str]], Transfer | None]
    # The market.
    contracts: Mapping[Kind, Contracts]  # every kind that can hedge
    contract_size: Decimal | None  # USD or coins per contract; None: ccxt's figure is right
    amounts_in_contracts: bool  # False: an order's amount is in USD or coins
    delisting: Callable[[Row], str | None]  # why a listed market is about to go
    market_key: str  # what names a market, in requests for one and in rows
    tickers: Read
    prices: Callable[[Row], Prices]
    best: Callable[[Row], tuple[Decimal | None, Decimal | None]]  # bid and ask of any ticker
    spot_tickers: Read
    spot_market: str  # what the market of a coin is called, with the coin as {}; quoted in USD
    depth: Read  # its `rows` lead to one object
    book: Callable[[Row], tuple[tuple[Level, ...], tuple[Level, ...]]]  # bids, asks; amounts
    fee_rates: Read
    fees: Callable[[Row], Fees]
    risk_limits: Read
    maintenance: Callable[[list[Row]], Decimal]  # margin rate of a market's first tier
    # Orders. `report` and `fill` are given the row's instrument, and leave quantities in the unit
    # of the venue's amounts.
    styles: Mapping[Style, Mapping[str, str]]  # parameters beside clientOrderId and reduceOnly
    client_id_param: str  # for look-ups and cancels
    order_lookups: tuple[Read, ...]  # only if none of them knows an order it is not there
    open_orders: Read
    report: Callable[[Row, Instrument], OrderReport]
    # Records of a span of time, both ends included and in milliseconds.
    from_param: str
    to_param: str
    longest_span: timedelta  # that one request may ask for
    fills: Read
    fill: Callable[[Row, Instrument], Fill | None]  # None: the row is neither fill nor funding
    flows: Read
    flow: Callable[[Row], Flow]
    # Errors: keys of the code and its text in a reply, and what the codes prove.
    code_key: str
    message_key: str
    rejections: frozenset[str]  # the order was not placed
    duplicates: frozenset[str]  # an order of this client id exists
    gone: frozenset[str]  # there is no such order, or it is finished
    listing_doubts: frozenset[str]  # a figure was refused: the listing may have changed
    # Limits: the header with the time, by the venue's clock in milliseconds, from which on it may
    # be asked again; and pauses in seconds, by code, for replies without it.
    limit_header: str
    limit_pauses_s: Mapping[str, float]
