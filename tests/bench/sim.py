"""The embedded exchange: order events, a year of hours, signed requests over HTTP.

Order events are measured in processor time, since the promise is about one core.
"""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from statistics import median
from urllib.parse import urlencode

import aiohttp

from hedged.core.types import Side as CoreSide
from hedged.ops import logging
from hedged.ports import Accepted, Order, Style
from hedged.replay.clock import ReplayClock
from hedged.replay.run import replay
from hedged.replay.venue import InProcessVenue
from hedged.sim.accounts import Account
from hedged.sim.bybit.signature import signature
from hedged.sim.exchange import Exchange
from hedged.sim.feed import apply_point
from hedged.sim.orders import OrderRequest, Side, TimeInForce
from hedged.sim.prices import PricePath, PricePoint, generated
from hedged.sim.server import SimServer, wall_clock_ms
from tests.bench.row import Row
from tests.replay.build import SYMBOL, hedging

START = datetime(2025, 1, 1, tzinfo=UTC)
HOURS = 365 * 24
ROUNDS = 1_000
REPEATS = 7
REQUESTS = 1_000
AT_ONCE = 8
D = Decimal


def opened(*, history: int | None = None) -> tuple[Exchange, Account]:
    """An exchange with one account of 5 BTC."""
    exchange = Exchange(now_ms=round(START.timestamp() * 1000), seed=1, history=history)
    account = exchange.open_account("main", "key", "secret")
    exchange.deposit(account, "BTC", D(5))
    return exchange, account


def order_events(exchange: Exchange) -> int:
    """What happened to orders: entered, filled, cancelled."""
    return sum(event.kind in ("order", "Trade") for event in exchange.truth.events)


async def through_the_face() -> float:
    """Milliseconds per 1,000 order events of orders that fill, rest and are cancelled."""
    exchange, account = opened()
    venue = InProcessVenue("main", exchange, account, ReplayClock(START))
    await venue.open()
    perp = venue.instrument(SYMBOL)
    gc.collect()
    began = time.process_time()
    for number in range(ROUNDS):
        side, price = (CoreSide.SELL, 64_900) if number % 2 else (CoreSide.BUY, 65_100)
        taker = Order(f"t{number}", perp, side, D(100), D(price), reduce_only=False)
        maker = Order(
            f"m{number}", perp, CoreSide.BUY, D(100), D(64_000), reduce_only=False,
            style=Style.POST_ONLY,
        )  # fmt: skip
        for order in (taker, maker):
            assert isinstance(await venue.submit(order), Accepted)
        await venue.cancel(perp, maker.client_id)
    taken_s = time.process_time() - began
    return taken_s * 1e6 / order_events(exchange)


def without_the_face() -> float:
    """The same, asked of the exchange itself."""
    exchange, account = opened()
    gc.collect()
    began = time.process_time()
    for number in range(ROUNDS):
        side, price = (Side.SELL, 64_900) if number % 2 else (Side.BUY, 65_100)
        exchange.place_order(
            account,
            OrderRequest("BTCUSD", side, D(100), D(price), time_in_force=TimeInForce.IOC),
        )
        maker = exchange.place_order(
            account,
            OrderRequest(
                "BTCUSD", Side.BUY, D(100), D(64_000), time_in_force=TimeInForce.POST_ONLY
            ),
        )
        exchange.cancel_order(account, maker)
    taken_s = time.process_time() - began
    return taken_s * 1e6 / order_events(exchange)


def year() -> PricePath:
    """Hourly prices with funding every eight hours."""
    walked = islice(generated(D(65_000), seed=3, step_s=3600).points, HOURS)
    return PricePath(
        [
            PricePoint(
                at_ms=point.at_ms,
                index=point.index,
                mark=point.mark,
                charged_rate=point.predicted_rate if hour % 8 == 0 else None,
            )
            for hour, point in enumerate(walked)
        ],
        charges_funding=True,
    )


async def replayed(path: PricePath) -> float:
    """Seconds that a year takes: the exchange, and hedged's own cycle at every hour."""
    exchange, account = opened(history=1_000)
    clock = ReplayClock(START)
    hedger = hedging(InProcessVenue("main", exchange, account, clock), clock)
    began = time.perf_counter()
    cycles = await replay(exchange, "BTC", path, clock=clock, cycle=hedger.run_cycle)
    taken_s = time.perf_counter() - began
    assert cycles == HOURS
    assert len(account.orders) > 1
    return taken_s


def prices_alone(path: PricePath) -> float:
    """The exchange's part of it: prices and funding on an open position."""
    exchange, account = opened(history=1_000)
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(300_000))
    exchange.schedule_funding("BTC", is_scheduled=False)
    start_ms = exchange.now_ms
    began = time.perf_counter()
    for point in path.points:
        exchange.advance(start_ms + point.at_ms)
        apply_point(exchange, "BTC", point)
    return time.perf_counter() - began


def signed(account: Account) -> dict[str, str]:
    """The headers of a request for the account's inverse positions."""
    at = str(wall_clock_ms())
    sign = signature(account.secret, at, account.api_key, "5000", POSITIONS)
    return {
        "X-BAPI-API-KEY": account.api_key,
        "X-BAPI-TIMESTAMP": at,
        "X-BAPI-RECV-WINDOW": "5000",
        "X-BAPI-SIGN": sign,
    }


POSITIONS = urlencode({"category": "inverse"})


async def over_http() -> tuple[float, float]:
    """Milliseconds per 1,000 requests, signed and not; client and server share one core."""
    exchange, account = opened()
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(300_000))
    server = SimServer(exchange, limits=0)
    await server.start()
    try:
        async with aiohttp.ClientSession() as session:

            async def positions() -> bytes:
                path = f"{server.url}/v5/position/list?{POSITIONS}"
                async with session.get(path, headers=signed(account)) as reply:
                    return await reply.read()

            async def public_time() -> bytes:
                async with session.get(f"{server.url}/v5/market/time") as reply:
                    return await reply.read()

            assert b'"size":"300000"' in await positions()
            return await timed(positions), await timed(public_time)
    finally:
        await server.stop()


async def timed(ask: Callable[[], Awaitable[bytes]]) -> float:
    """Milliseconds per 1,000 requests, a few at a time."""

    async def some() -> None:
        for _ in range(REQUESTS // AT_ONCE):
            assert b'"retCode":0' in await ask()

    began = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return (time.perf_counter() - began) * 1000 * 1000 / (REQUESTS // AT_ONCE * AT_ONCE)


def sim_rows() -> list[Row]:
    """The rows of this group."""
    logging.configure(style="json", level="warning")
    by, path = "tests/bench/sim.py", year()
    requests = [asyncio.run(over_http()) for _ in range(3)]
    return [
        Row(
            what="embedded exchange, in-process face: 1,000 order events (≥ 20,000 a second)",
            median=median(asyncio.run(through_the_face()) for _ in range(REPEATS)),
            limit=50,
            unit="ms",
            floor=median(without_the_face() for _ in range(REPEATS)),
            floor_is="the exchange without the face",
            measured_by=by,
        ),
        Row(
            what="replay of a year of hourly prices with funding, a cycle each",
            median=median(asyncio.run(replayed(path)) for _ in range(3)),
            limit=10,
            unit="s",
            floor=median(prices_alone(path) for _ in range(3)),
            floor_is="the exchange without cycles",
            measured_by=by,
        ),
        Row(
            what="embedded exchange over HTTP: 1,000 signed requests (≥ 500 a second)",
            median=median(signed_ms for signed_ms, _ in requests),
            limit=2000,
            unit="ms",
            floor=median(public_ms for _, public_ms in requests),
            floor_is="the same of an unsigned constant",
            measured_by=by,
        ),
    ]
