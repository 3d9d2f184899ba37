"""The faces of a venue that the same cases run through.

`http` is the gateway on the embedded exchange over real HTTP, `in-process` the same exchange
without a network, `testnet` the gateway on Bybit's testnet, where credentials are given.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol, cast

import pytest
import pytest_asyncio

from hedged.clock import SystemClock, VirtualClock
from hedged.core.types import Environment
from hedged.ports import TradingVenue
from hedged.replay.listing import unified_symbol
from hedged.replay.venue import InProcessVenue
from hedged.sim.accounts import Account
from hedged.sim.exchange import Exchange
from hedged.sim.instruments import Instrument as Listing
from hedged.sim.server import SimServer
from hedged.venue import LiveVenue, VenueSpec, profile_of
from tests.at_home import UNPACED_MS
from tests.contract.testnet import OutOfReach, has_credentials, on_testnet
from tests.houses import AT_BINANCE

SYMBOL = "BTC/USD:BTC"


@dataclass
class Stage:
    """An exchange whose owner can act by hand, and the venue under test on it.

    On a testnet nobody can: a case that touches its exchange or account is skipped there.
    """

    exchange: Exchange
    account: Account
    venue: TradingVenue


class Face(Protocol):
    """How a venue is put onto an exchange."""

    def __call__(
        self, exchange: Exchange, account: Account
    ) -> AbstractAsyncContextManager[TradingVenue]: ...


def contracts(exchange: Exchange) -> dict[str, tuple[str, Listing]]:
    """One listed contract of each kind on BTC: its unified symbol and its listing."""
    found: dict[str, tuple[str, Listing]] = {}
    for market in exchange.markets.values():
        listing = market.instrument
        if not listing.is_spot and listing.base == "BTC":
            kind = listing.kind.value if listing.is_perpetual else f"{listing.kind.value} dated"
            found.setdefault(kind, (unified_symbol(listing), listing))
    return found


@asynccontextmanager
async def over_http(exchange: Exchange, account: Account) -> AsyncIterator[TradingVenue]:
    """The gateway with the unmodified ccxt client, over real HTTP."""
    server = SimServer(exchange, limits=0)
    await server.start()
    venue = LiveVenue(
        VenueSpec(
            name="main",
            exchange="bybit",
            environment=Environment.SIM,
            api_key=account.api_key,
            secret=account.secret,
            url=server.url,
            symbols=tuple(symbol for symbol, _ in contracts(exchange).values()),
        ),
        profile_of("bybit"),
        SystemClock(),
    )
    await venue.open()
    yield venue
    await venue.close()
    await server.stop()


@asynccontextmanager
async def in_process(exchange: Exchange, account: Account) -> AsyncIterator[TradingVenue]:
    """The replay's venue."""
    start = datetime.fromtimestamp(exchange.now_ms / 1000, UTC)
    venue = InProcessVenue("main", exchange, account, VirtualClock(start))
    await venue.open()
    yield venue
    await venue.close()


@asynccontextmanager
async def at_binance() -> AsyncIterator[Stage]:
    """The gateway where wallets lie apart and a contract is 100 USD, over real HTTP."""
    tongue = AT_BINANCE.tongue
    exchange = Exchange(now_ms=time.time_ns() // 1_000_000, seed=7, rules=tongue.rules)
    account = exchange.open_account("main", "contract-key", "contract-secret")
    exchange.deposit(account, "BTC", Decimal(5))
    exchange.deposit(account, "ETH", Decimal(50))
    server = SimServer(exchange, tongue=tongue, limits=0)
    await server.start()
    spec = VenueSpec(
        name="main",
        exchange="binance",
        environment=Environment.SIM,
        api_key=account.api_key,
        secret=account.secret,
        url=server.url,
        symbols=(SYMBOL,),
    )
    profile = replace(profile_of("binance"), rate_limit_ms=UNPACED_MS)
    venue = LiveVenue(spec, profile, SystemClock())
    await venue.open()
    yield Stage(exchange, account, venue)
    await venue.close()
    await server.stop()


FACES: dict[str, Callable[..., AbstractAsyncContextManager[TradingVenue]]] = {
    "http": over_http,
    "in-process": in_process,
}


@pytest_asyncio.fixture(params=[*FACES, *(["testnet"] if has_credentials() else [])])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """5 BTC and 50 ETH at 65,000 and 3,500, no position."""
    async with staged(request.param) as made:
        yield made


@pytest_asyncio.fixture(params=[*FACES, "binance", *(["testnet"] if has_credentials() else [])])
async def any_stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """The same, also where another venue stands behind it."""
    async with staged(request.param) as made:
        yield made


@asynccontextmanager
async def staged(face: str) -> AsyncIterator[Stage]:
    """An account behind a face."""
    if face == "binance":
        async with at_binance() as made:
            yield made
        return
    if face == "testnet":
        async with on_testnet(SYMBOL) as venue:
            beyond = OutOfReach()
            yield Stage(cast(Exchange, beyond), cast(Account, beyond), venue)
        return
    exchange = Exchange(now_ms=time.time_ns() // 1_000_000, seed=7)
    account = exchange.open_account("main", "contract-key", "contract-secret")
    exchange.deposit(account, "BTC", Decimal(5))
    exchange.deposit(account, "ETH", Decimal(50))
    async with FACES[face](exchange, account) as venue:
        yield Stage(exchange, account, venue)
