"""The form of a venue's profile: which requests, where their rows stand, how they are read.

A profile holds facts and small pure functions over one row. The gateway holds the flow and
asks the profile; it never asks which venue it is talking to.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hedged.core.types import CoinBalance, Instrument, Kind, Margin
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
    cursor: tuple[str, ...] = ()  # path to the mark of the next page; empty: one page
    cursor_param: str = "cursor"
    rest_s: float = 0  # for so long, that nothing was held is believed without asking again


@dataclass(frozen=True, slots=True)
class Leg:
    """A position as one row states it."""

    market_id: str
    quantity: Decimal  # signed; USD (inverse) or coins (linear)
    entry: Decimal  # USD per coin
    unrealised_pnl: Decimal | None  # coins (inverse) or quote (linear)
    liquidation_price: Decimal | None
    pnl_from: Decimal | None = None  # the price that the PnL runs from, where it is not the entry


@dataclass(frozen=True, slots=True)
class Prices:
    """What a ticker row says, USD per coin; None: there is none."""

    mark: Decimal
    index: Decimal
    bid: Decimal | None
    ask: Decimal | None
    funding_rate: Decimal | None


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
    # The account's id, given the client; raises VenueRefused for one that cannot be used.
    account_id: Callable[[Any], Awaitable[str | None]]
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
    # The market.
    contract_size: Decimal | None  # USD per contract; None: ccxt's figure is right
    amounts_in_contracts: bool  # False: an order's amount is in USD
    delisting: Callable[[Row], str | None]  # why a listed market is about to go
    market_key: str  # what names a market, in requests for one and in rows
    tickers: Read  # of every market that can hedge, in one request
    prices: Callable[[Row], Prices]
    # Orders. `report` and `fill` are given the row's instrument, and leave quantities in the unit
    # of the venue's amounts.
    styles: Mapping[Style, Mapping[str, str]]  # parameters beside clientOrderId and reduceOnly
    client_id_param: str  # for look-ups and cancels
    order_lookups: tuple[Read, ...]  # only if none of them knows an order it is not there
    open_orders: Read  # in every market that can hedge
    report: Callable[[Row, Instrument], OrderReport]
    # Fills of a span of time, both ends included and in milliseconds.
    fills: Read
    fills_from_param: str
    fills_to_param: str
    fills_longest: timedelta  # that one request may span
    fill: Callable[[Row, Instrument], Fill | None]  # None: the row is neither fill nor funding
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
