"""The form of a venue's profile: which requests, and how the rows of their replies are read.

A profile holds facts and small pure functions over one row. The gateway holds the flow and
asks the profile; it never asks which venue it is talking to.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from hedged.core.access import Access
from hedged.core.moves import MoveState, MoveTerms
from hedged.core.types import (
    CoinBalance,
    Instrument,
    Kind,
    Maintenance,
    Margin,
    Transfer,
)
from hedged.ports import Fill, Order, OrderReport, Style
from hedged.venue.deadline import Deadline
from hedged.venue.fields import Row
from hedged.venue.profiles import books
from hedged.venue.profiles.reads import Completion, Log, Read, Store
from hedged.venue.profiles.switch import Switch
from hedged.venue.transport import Route


@dataclass(frozen=True, slots=True)
class Reach:
    """How one environment of a venue is reached."""

    hosts: tuple[str, ...]  # all that may be talked to, whatever ccxt's own tables say
    stream: str = ""  # the host of its websockets; empty: none is opened
    switch: str | None = None  # ccxt's method that leads there
    # A header that tells test orders from real ones where both go to one host: here every request
    # must carry it; elsewhere at the venue none may.
    mark: tuple[str, str] | None = None
    lacks: frozenset[str] = frozenset()  # accounts of the profile that are not there


@dataclass(frozen=True, slots=True)
class Contracts:
    """How contracts of one kind are asked for, beside what a request says by itself."""

    listing: tuple[str, ...] = ()  # ccxt's names for them, where markets are loaded
    only: Mapping[str, str] = field(default_factory=dict)  # narrows a request to them
    by_market: bool = True  # there are so many that each market's figures are asked for alone
    # Parameters that list all their working orders; empty: each market's are asked for.
    order_lists: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Leg:
    """A position as one row states it."""

    market_id: str
    quantity: Decimal  # signed; USD (inverse) or coins (linear), or contracts
    entry: Decimal  # USD per coin
    unrealised_pnl: Decimal | None  # coins (inverse) or quote (linear)
    liquidation_price: Decimal | None
    pnl_from: Decimal | None = None  # the price that the PnL runs from, where it is not the entry
    mark: Decimal | None = None  # None also where a mark is not what it is counted with: options
    kind: Kind | None = None  # None: the read's
    in_contracts: bool = False  # the quantity; the listing tells what one is


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


STYLES: Final[Mapping[Style, Mapping[str, object]]] = {
    Style.IOC: {"timeInForce": "IOC"},
    Style.POST_ONLY: {"postOnly": True},
}


@dataclass(frozen=True, slots=True)
class Members:
    """The owner's sub-accounts."""

    read: Read
    member: Callable[[Row], tuple[str, str]]  # name and number
    param: str  # asks for one by its number


@dataclass(frozen=True, slots=True)
class Moves:
    """Transfers between the owner's accounts."""

    reads: tuple[Read, ...]
    member_reads: tuple[Read, ...]  # to and from sub-accounts
    # Given the venue's name, and ours of sub-accounts by number; None: the row is about another.
    transfer: Callable[[Row, str, Mapping[str, str]], Transfer | None]
    member_param: str = ""  # names a sub-account whose own are to be told; empty: all are


@dataclass(frozen=True, slots=True)
class Chains:
    """Coins that leave for, or come from, addresses outside the venue."""

    withdrawals: Read
    withdrawal: Callable[[Row, str], Transfer]  # given the venue's name
    deposits: Read
    credited: Callable[[Row], str]  # the transaction; empty: its coins are not there yet
    into: str = ""  # which of the owner's accounts, as behind the venue's name in ours of a place
    a_minute: int | None = None  # how often withdrawals may be asked for; None: it does not matter
    coin_param: str = ""  # both are asked for coin by coin, under this name


@dataclass(frozen=True, slots=True)
class Notices:
    """What a venue announces of its availability."""

    read: Read
    # Given the venue's name and its environment; None: it is over, or not about contracts.
    notice: Callable[[Row, str, str], Maintenance | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """How coins are moved between the trading account and another one of the owner."""

    route: Route
    method: str  # ccxt's
    wallets: Mapping[str, str]  # by what stands behind the venue's name in ours of a place
    request: Callable[[MoveTerms, str, str], Mapping[str, str]]  # from and to which wallet
    reply: tuple[str, ...]  # path to the row of a reply
    state: Callable[[Row], MoveState]  # that a row tells: CONFIRMED, REFUSED or SENT
    look_up: Read
    # Asks for one transfer, and the key of its id in a row; empty: it takes no id of ours.
    id_param: str = ""
    # There: the key of its own number in a reply, if one is told, and what a look-up for such a
    # move asks beside since when, given from and to which wallet. A row is read as one of the
    # profile's `moves`.
    number: str = ""
    alike: Callable[[str, str], Mapping[str, str]] = lambda _source, _target: {}
    rejections: frozenset[str]  # codes that prove, beside those of orders, that nothing moved
    own_id: Callable[[str], str] = str  # the venue's form of our ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """All that is particular to one venue."""

    exchange: str  # its name in the configuration
    # For linear contracts, where they are another account with requests of its own.
    linear: "Profile | None" = None
    title: str  # its name for people
    ccxt: str = ""  # ccxt's id, where it is another
    needs_passphrase: bool = False  # a key has a third part
    # What an operator has to know, and what is not supported.
    notes: tuple[str, ...] = ()
    # How to get there: by environment, "mainnet", "testnet", "demo"; "sim" is a local server.
    environments: Mapping[str, Reach]
    options: Mapping[str, Any]  # ccxt's
    listing_params: Mapping[str, str] = field(default_factory=dict)  # for its request for markets
    # Given the client and these parameters: ccxt's markets; None: all that it lists.
    listing: Callable[[Any, dict[str, str]], Awaitable[Any]] | None = None
    rate_limit_ms: Decimal  # between requests of cost 1, by ccxt's reckoning
    limit_per_hour: int  # requests that the venue takes from an account or address, as published
    clock: Callable[[Any], Awaitable[int]] | None = None  # its time in ms; None: ccxt can ask it
    # Its balances are read in ccxt's own words, and nothing else; `routes` are as ccxt needs them.
    is_coins_only: bool = False
    # Requests that ccxt has no method for, by the name of one: path, its part of the API, method.
    requests: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    routes: frozenset[Route]  # all that a client may ever read
    write_routes: frozenset[Route] = frozenset()  # of live execution; empty: it is only read
    only_read: str = ""  # why that is so
    # Of margin mode and leverage, where the owner lets them be set; empty: they cannot be.
    setting_routes: frozenset[Route] = frozenset()
    # The account.
    # Given the client; raises VenueRefused for an account that cannot be used.
    access: Callable[[Any], Awaitable[Access]]
    wallet: Read  # of every coin of which there is any
    # Asks for one coin, which is then told of even when there is none; empty: all are told of.
    wallet_coin_param: str = ""
    # How one coin is asked for, where each reply tells of one only; None: a reply tells of all.
    wallet_by_coin: Callable[[str], Mapping[str, str]] | None = None
    absent_is_zero: bool = False  # a coin that was asked for and is left out: there is none
    unknown_coin: frozenset[str] = frozenset()  # codes: the venue has no such coin
    # Given the coins that count: their figures must agree with each other.
    balances: Callable[[list[Row], Collection[str]], tuple[CoinBalance, ...]]
    # Of the whole account; None: not told, as where each coin's margin is its own.
    margin: Callable[[list[Row]], Margin | None] = lambda _: None
    # Each coin alone carries what is settled in it: where there is none, there is no position.
    coins_stand_alone: bool = False
    positions: tuple[Read, ...]  # every kind that can hold a hedged coin
    leg: Callable[[Row, Kind], Leg | None]  # None: the row is flat
    is_one_way: Callable[[Row], bool] = lambda _: True  # where there is nothing else
    position_mode: Read | None = None  # for one symbol, flat or not; None: all are one-way there
    is_one_way_mode: Callable[[Row], bool] | None = None  # of its rows; None: as of a position's
    # What tells each market's leverage and margin mode, where its position mode does not.
    margins: Read | None = None
    leverage: Callable[[Row], Decimal | None] | None = None
    whole_leverage: bool = False  # it takes no fractions
    margin_mode: Callable[[Row], str] | None = None  # of a market; None: the account's, if told
    keeps_mode: bool = False  # the account's margin mode is not set by hedged
    one_way_advice: str = ""  # how an operator switches to one-way mode
    coins_of: Callable[[str, Kind], tuple[str, str]]  # market id → base and settlement coin
    # The owner's other accounts, by the word that the configuration has for them.
    accounts: Mapping[str, tuple[Store, ...]] = field(default_factory=dict)
    accounts_a_second: int = 1  # requests of one method
    accounts_advice: str = ""  # what a key needs to read them
    members: Members | None = None  # None: sub-accounts are not read
    moves: Moves | None = None  # None: transfers are not told, so that none is known
    notices: Notices | None = None  # None: maintenance is not told
    mover: Mover | None = None  # None: hedged moves nothing there
    chains: Chains | None = None  # None: neither is told
    # The market.
    contracts: Mapping[Kind, Contracts]  # every kind that can hedge
    contract_size: Decimal | None = None  # USD or coins per contract; None: ccxt's figure is right
    amounts_in_contracts: bool  # False: an order's amount is in USD or coins
    amount_type: Callable[[str], object] = str  # that ccxt wants amounts in, where text will not do
    least_is_lot: bool = False  # listings tell no least order
    # Why a listed market is about to go; None: what goes is not active.
    delisting: Callable[[Row], str | None] = lambda _: None
    # Hours between two stamps by the listing, where the ticker does not tell; None: not known.
    funding_interval: Callable[[Row], Decimal | None] = lambda _: None
    market_key: str  # what names a market, in requests for one and in rows
    tickers: tuple[Read, ...]  # whose rows of one market, put together, tell its prices
    prices: Callable[[Row], Prices]
    best: Callable[[Row], tuple[Decimal | None, Decimal | None]]  # bid and ask of a spot ticker
    spot_tickers: Read | None = None  # None: prices of coins are not told
    spot_market: str = ""  # what the market of a coin is called, with the coin as {}; in USD
    spot_key: str = ""  # what names it, where that is not `market_key`
    depth: Read  # its `rows` lead to one object
    book: Callable[[Row], books.Book] = books.book  # amounts
    fee_rates: Read | None = None
    fees: Callable[[Row], Fees] | None = None
    risk_limits: Read | None = None
    maintenance: Callable[[list[Row]], Decimal] | None = None  # rate of a market's first tier
    # Orders. `report` and `fill` are given the row's instrument, and leave quantities in the unit
    # of the venue's amounts.
    # Parameters beside clientOrderId and reduceOnly.
    styles: Mapping[Style, Mapping[str, object]] = field(default_factory=lambda: STYLES)
    client_id_param: str  # for look-ups and cancels
    # Why an order would not do there what it is meant to; None: it would.
    mistaken: Callable[[Order], str | None] = lambda _: None
    deadline: Deadline | None = None  # of orders; None: none are sent there
    order_id_param: str = "clientOrderId"  # for orders, as ccxt calls it
    client_prefix: str = ""  # that ccxt puts before a client id in orders, and the venue keeps
    cancel: Read | None = None  # by client id; None: ccxt's own way
    # Who cancels for a process that died: a switch, a countdown, or with neither nobody. Given the
    # client, ids of markets and seconds (0: none), the countdown is begun anew; whether it runs.
    switch: Switch | None = None
    countdown: Callable[[Any, Sequence[str], int], Awaitable[bool]] | None = None
    order_lookups: tuple[Read, ...]  # only if none of them knows an order it is not there
    open_orders: Read
    report: Callable[[Row, Instrument], OrderReport]
    # Records of a span of time, both ends included.
    from_param: str = "startTime"  # empty: only the latest are told, as many as a page has
    to_param: str = "endTime"
    longest_span: timedelta = timedelta(days=7)  # that one request may ask for
    span_unit: timedelta = timedelta(milliseconds=1)
    spans_end: bool = False  # a span without an end is refused, also the one that is now
    fills: Read
    fill: Callable[[Row, Instrument], Fill | None]  # None: the row is neither fill nor funding
    completion: Completion | None = None  # None: fills tell all
    flows: tuple[Log, ...] = ()  # empty: not read
    # Errors: the code and its text in a reply, what matches a code that ccxt puts into its own
    # text, and what the codes prove.
    code: Callable[[Mapping[str, Any]], tuple[object, object]] = lambda reply: (
        reply.get("code"),
        reply.get("msg"),
    )
    code_in_text: str = ""
    key_refused: frozenset[str] = frozenset()  # where ccxt takes them for something else
    rejections: frozenset[str]  # the order was not placed
    duplicates: frozenset[str] = frozenset()  # an order of this client id exists
    # It takes none but post-only orders for now, as after maintenance; a part of the rejections.
    post_only_period: frozenset[str] = frozenset()
    would_take: frozenset[str] = frozenset()  # a post-only order refused as one; a part of them
    gone: frozenset[str]  # there is no such order, or it is finished
    absent: frozenset[str] = frozenset()  # a look-up found none, where ccxt does not know the code
    unchanged: frozenset[str] = frozenset()  # a setting was so already
    listing_doubts: frozenset[str] = frozenset()  # a figure was refused: it may have changed
    # Limits: the header with the time, by the venue's clock in milliseconds, from which on it may
    # be asked again; and pauses in seconds, by code, for replies without it.
    limit_header: str = ""
    limit_pauses_s: Mapping[str, float] = field(default_factory=dict)

    @property
    def has_dead_man(self) -> bool:
        """Whether the venue would cancel our orders when it hears nothing of us."""
        return self.switch is not None or self.countdown is not None

    def lacks(self, world: str) -> frozenset[str]:
        """What is not there in one of its environments; in "sim" all is."""
        reach = self.environments.get(world)
        return frozenset() if reach is None else reach.lacks
