"""A venue's cases as a table: recordings at their routes, a question, and what it must come to.

`test_tables.py` runs every row of every table. What a row expects is worked out by hand from its
recording and written as text, words as their own ("sell", "working"), or as the arithmetic that
gives it. Which recordings a table reads is known from its rows, so that nothing has to be listed
twice.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from hedged.clock import SystemClock
from hedged.core.decimals import plain
from hedged.core.moves import MoveState, MoveTerms
from hedged.core.types import Amount, Environment, Level, Side
from hedged.ports import Accepted, Order, Refused, Style, Unknown
from hedged.venue import LiveVenue, ReadOnlyVenue, VenueSpec, profile_of
from hedged.venue.fields import EPOCH
from hedged.venue.profiles.profile import Profile
from hedged.venue.transport import is_listed
from tests.contract.payloads.replay import Json, Replay, Seen, order_of, recorded, spec_on

CLIENT_ID: Final = "hg0000000001"
TRANSFER_ID: Final = "5a5f2c4e-6f0f-5b7e-9f61-0e6f6f1c1c11"
# Kinds of what it takes to open a venue, by words of the recordings' names.
OPENING: Final = {
    **dict.fromkeys(("instruments_", "getcontract", "getsymbol"), "instruments"),
    **dict.fromkeys(("time", "fee", "tier", "marginfo", "marginin", "risk"), "prices"),
}
Ask = Callable[[ReadOnlyVenue], Awaitable[Any]]
Expected = Mapping[str, Any]  # by attribute, a.b for one of an attribute's


@dataclass(frozen=True)
class Said:
    """What one recording says, changed by `but` where it was recorded of something else."""

    name: str
    but: Callable[[Json], Json] | None = None


@dataclass(frozen=True)
class Answer:
    """A reply at a route, to requests with these parameters."""

    method: str
    path: str
    body: Said | Json  # what is not recorded is made up by its documentation
    params: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Credited:
    """A deposit whose coins are there."""

    tx_id: str


@dataclass(frozen=True)
class Refusal:
    """An error that says this; a pattern."""

    kind: type[Exception]
    says: str


@dataclass(frozen=True)
class Row:
    """One question."""

    what: str
    kind: str  # of `checked.KINDS`
    ask: Ask
    answers: tuple[Answer, ...]
    expected: tuple[Expected, ...] | Refusal


@dataclass(frozen=True)
class Sent:
    """What one action sends: all its parameters, those of a signature apart."""

    method: str
    path: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Deed:
    """A write that is no order, and a look at what became of it: what is sent, what it proves."""

    what: str
    do: Callable[[LiveVenue], Awaitable[Any]]
    answers: tuple[Answer, ...]
    sent: tuple[Sent, ...]
    outcome: object  # or its class, or a refusal
    kind: str = "balances"  # of `checked.KINDS`


@dataclass(frozen=True, kw_only=True)
class Trade:
    """What is sent there, and what comes back."""

    orders: Mapping[tuple[Style, bool], Sent]  # the sale below, by style and reduce-only
    cancel: Sent
    look_up: Sent
    acknowledged: Answer
    outcome: Accepted | Unknown
    others: tuple[tuple[Answer, Accepted | Unknown], ...] = ()  # of other acknowledgements
    headers: frozenset[str]  # that an order carries
    errors: Mapping[str, type[Refused | Unknown]]  # by code
    error: Callable[[str], Json]  # the reply with this code
    unsigned: frozenset[str]  # parameters of the signature
    price: str = "60000"
    contracts: str = "3"
    missing: tuple[Answer, ...] = ()  # replies to a look-up of an order that is not there
    found: tuple[Answer, ...] = ()  # replies to a look-up of an order that is there
    error_status: int = 200
    is_listed: bool = False  # an order is looked for in lists, not asked for by its client id


@dataclass(frozen=True)
class Table:
    """All cases of one venue, or of one account of a venue that has two."""

    exchange: str
    symbol: str  # that is traded
    opening: tuple[Answer, ...]  # what it takes to open, with one-way mode and no position
    instruments: Mapping[str, Expected]
    rows: tuple[Row, ...]
    trade: Trade | None = None  # None: it is only read
    worlds: tuple[str, ...] = ()  # where its market is listed; empty: in all environments
    deeds: tuple[Deed, ...] = ()

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.exchange} {self.symbol}"

    @property
    def profile(self) -> Profile:
        """The profile under test."""
        return profile_of(self.exchange, [self.symbol])

    def answer(self, replay: Replay, *answers: Answer) -> None:
        """Put replies at their routes."""
        for given in answers:
            body = self.body(given)
            replay.answer(given.method, given.path, body, status=given.status, **given.params)

    def body(self, given: Answer) -> Json:
        """What a reply says."""
        if not isinstance(given.body, Said):
            return given.body
        found = recorded(self.exchange, given.body.name)
        return found if given.body.but is None else given.body.but(found)

    def read(self) -> Iterator[tuple[str, str]]:
        """The recordings that the rows read, with their kinds."""
        for name in _names(self.opening):
            kinds = (kind for word, kind in OPENING.items() if word in name.lower())
            yield next(kinds, "balances"), name
        for row in self.rows:
            yield from ((row.kind, name) for name in _names(row.answers))
        for deed in self.deeds:
            yield from ((deed.kind, name) for name in _names(deed.answers))
        if self.trade is not None:
            others = (given for given, _ in self.trade.others)
            answers = (
                self.trade.acknowledged,
                *others,
                *self.trade.missing,
                *self.trade.found,
            )
            yield from (("orders", name) for name in _names(answers))


def _names(answers: Iterable[Answer]) -> Iterator[str]:
    """The recordings among these replies."""
    return (given.body.name for given in answers if isinstance(given.body, Said))


def but(*path: str | int, **values: Any) -> Callable[[Json], Json]:
    """The recording with these values at an object of it."""

    def edit(reply: Json) -> Json:
        at = reply
        for key in path:
            at = at[key]
        at |= values
        return reply

    return edit


def shown(value: Any) -> Any:
    """A value as the tables write it."""
    if isinstance(value, Decimal):
        return plain(value.normalize()) if value else "0"
    if isinstance(value, Amount):
        return f"{shown(value.value)} {value.unit}"
    if isinstance(value, Level):
        return f"{shown(value.contracts)} at {shown(value.price)}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, tuple):
        return [shown(one) for one in value]
    return value


def attribute(found: Any, path: str) -> Any:
    """One attribute, or one of an attribute's; a number is a place."""
    for name in path.split("."):
        found = found[int(name)] if name.isdecimal() else getattr(found, name)
    return shown(found)


def positions(*coins: str) -> Ask:
    """The account's positions."""

    async def ask(venue: ReadOnlyVenue) -> Any:
        return (await venue.account(coins)).positions

    return ask


def balances(*coins: str) -> Ask:
    """What the account says of these coins, in their order."""

    async def ask(venue: ReadOnlyVenue) -> Any:
        by_coin = {b.wallet.unit: b for b in (await venue.account(coins)).balances}
        return [by_coin[coin] for coin in coins]

    return ask


def holdings(account: str, *coins: str) -> Ask:
    """What another account holds."""
    return lambda venue: venue.holdings(account, coins)


def _one(ask: Callable[[ReadOnlyVenue, str], Awaitable[Any]]) -> Callable[[str], Ask]:
    def of(symbol: str) -> Ask:
        async def asked(venue: ReadOnlyVenue) -> Any:
            return [await ask(venue, symbol)]

        return asked

    return of


quote: Final = _one(lambda venue, symbol: venue.quote(symbol))
depth: Final = _one(lambda venue, symbol: venue.depth(symbol))


def listed(symbol: str) -> Ask:
    """An instrument."""

    async def ask(venue: ReadOnlyVenue) -> Any:
        return [venue.instrument(symbol)]

    return ask


def price(coin: str) -> Ask:
    """The price of a coin."""
    return lambda venue: venue.prices([coin])


def find(symbol: str) -> Ask:
    """Our order, as its look-up tells of it."""

    async def ask(venue: ReadOnlyVenue) -> Any:
        assert isinstance(venue, LiveVenue)
        return [await venue.find_order(venue.instrument(symbol), CLIENT_ID)]

    return ask


def orders(symbol: str) -> Ask:
    """Working orders."""
    return lambda venue: venue.open_orders([symbol])


def first(ask: Ask) -> Ask:
    """The first of what is asked for."""

    async def asked(venue: ReadOnlyVenue) -> Any:
        return (await ask(venue))[:1]

    return asked


def fills(symbol: str) -> Ask:
    """The latest fills."""
    return lambda venue: venue.fills([symbol], datetime.now(UTC))


async def flows(venue: ReadOnlyVenue) -> Any:
    """The latest changes of the account."""
    return await venue.flows(datetime.now(UTC))


async def sent_away(venue: ReadOnlyVenue) -> Any:
    """What was withdrawn since these recordings began."""
    return await venue.withdrawals(EPOCH)


async def sent_lately(venue: ReadOnlyVenue) -> Any:
    """What was withdrawn since now."""
    return await venue.withdrawals(datetime.now(UTC))


async def credited(venue: ReadOnlyVenue) -> Any:
    """Transactions of deposits."""
    return [Credited(tx_id) for tx_id in sorted(await venue.credited(EPOCH))]


async def maintenance(venue: ReadOnlyVenue) -> Any:
    """What it has announced."""
    return venue.maintenance


async def margin(venue: ReadOnlyVenue) -> Any:
    """How the whole account stands, where that is told."""
    told = (await venue.account([])).margin
    return [] if told is None else [told]


async def arrangement(venue: ReadOnlyVenue) -> Any:
    """How the account's margin is set."""
    return [await venue.arrangement()]


def move(source: str, destination: str, coins: str) -> Callable[[LiveVenue], Any]:
    """A transfer between the owner's accounts."""
    return lambda venue: venue.move(move_terms(source, destination, coins))


def find_move(source: str, destination: str, coins: str) -> Callable[[LiveVenue], Any]:
    """What became of it."""

    async def state(venue: LiveVenue) -> MoveState | None:
        found = await venue.find_move(move_terms(source, destination, coins), EPOCH, ())
        return None if found is None else found.state

    return state


def move_terms(source: str, destination: str, coins: str) -> MoveTerms:
    """As it is going to be sent."""
    quantity = Amount(Decimal(coins), "BTC")
    return MoveTerms(TRANSFER_ID, "core", "BTC", "main", quantity, source, destination)


async def key(venue: ReadOnlyVenue) -> Any:
    """What is told of the key."""
    return [venue.access]


def spec_in(table: Table, replay: Replay, world: str) -> VenueSpec:
    """The venue in one of its environments, with made-up keys."""
    local = spec_on(replay, table.exchange, table.symbol)
    if world == "sim":
        return local
    is_main = world == "mainnet"
    return VenueSpec(
        name=local.name,
        exchange=local.exchange,
        environment=Environment.MAINNET if is_main else Environment.TESTNET,
        api_key=local.api_key,
        secret=local.secret,
        passphrase=local.passphrase,
        testnet="testnet" if is_main else world,
        symbols=local.symbols,
    )


async def wired(table: Table, replay: Replay, world: str) -> LiveVenue:
    """The venue in a real environment, its HTTP replaced by the recordings; close it."""
    profile = table.profile
    reach, routes = profile.environments[world], profile.routes | profile.write_routes
    venue = LiveVenue(spec_in(table, replay, world), profile, SystemClock())
    venue._connection.connect()

    async def fetch(url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        parts = urlsplit(url)
        assert (parts.scheme, parts.hostname in reach.hosts) == ("https", True), url
        assert is_listed(routes, method, parts.path), f"{method} {parts.path}"
        sent = venue._client.prepare_request_headers(headers)
        if reach.mark is not None:
            assert sent[reach.mark[0]] == reach.mark[1]
        params = dict(parse_qsl(parts.query)) | form_of(body)
        replay.seen.append(Seen(method, parts.path, params, sent))
        found = replay.found(method, parts.path, params)
        assert found is not None, f"nothing is recorded for {method} {parts.path}"
        return found[0]

    venue._client.fetch = fetch
    await venue._connection.load_listings()
    await profile.access(venue._client)
    replay.seen.clear()
    return venue


def form_of(body: Any) -> dict[str, Any]:
    """The parameters in a body."""
    text = body.decode() if isinstance(body, bytes) else body or ""
    parsed: dict[str, Any] = json.loads(text) if text.startswith("{") else dict(parse_qsl(text))
    return parsed


def the_sale(table: Table, venue: LiveVenue, style: Style, *, reduce_only: bool) -> Order:
    """The order that the wire cases send."""
    assert table.trade is not None
    return order_of(
        venue.instrument(table.symbol),
        Side.SELL,
        table.trade.contracts,
        table.trade.price,
        reduce_only=reduce_only,
        style=style,
    )


@asynccontextmanager
async def read(table: Table, replay: Replay) -> AsyncIterator[ReadOnlyVenue]:
    """The venue, opened on the recordings; as dry-run has it where it is only read."""
    kind = ReadOnlyVenue if table.trade is None else LiveVenue
    venue = kind(spec_on(replay, table.exchange, table.symbol), table.profile, SystemClock())
    await venue.open()
    try:
        yield venue
    finally:
        await venue.close()
