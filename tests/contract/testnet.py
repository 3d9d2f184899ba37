"""The face of a real testnet: Bybit's, with the credentials of the environment.

There nobody can move prices or deposit by hand, so a case that wants to is skipped. Cases name
prices as if the coin stood at 65,000 USD: they are scaled to where the testnet's mark is. Whatever
a case leaves open is closed again.
"""

import os
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn, cast

import pytest

from hedged.clock import SystemClock
from hedged.core.decimals import passive_price
from hedged.core.types import Environment, Instrument, MarginAccount, Quote, Side
from hedged.ports import Fill, Order, OrderReport, Outcome, TradingVenue
from hedged.venue import LiveVenue, VenueSpec, profile_of

KEY, SECRET = "HEDGED_TESTNET_KEY", "HEDGED_TESTNET_SECRET"
NOMINAL = Decimal(65_000)
CLOSING = Decimal("0.05")


class OutOfReach:
    """What stands for the exchange's own side: whoever reaches for it is skipped."""

    def __getattr__(self, name: str) -> NoReturn:
        pytest.skip("a testnet has no owner's hand: this case runs on the embedded exchange only")


class Scaled:
    """A venue whose prices seem to stand around the nominal one."""

    def __init__(self, venue: TradingVenue, factor: Decimal) -> None:
        self._venue = venue
        self._factor = factor
        self._run = uuid.uuid4().hex[:12]  # client ids are good once, also over many runs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._venue, name)

    @property
    def name(self) -> str:
        return self._venue.name

    def instrument(self, symbol: str) -> Instrument:
        return self._venue.instrument(symbol)

    async def account(self, coins: Sequence[str]) -> MarginAccount:
        seen = await self._venue.account(coins)
        positions = (replace(held, entry=held.entry / self._factor) for held in seen.positions)
        return replace(seen, positions=tuple(positions))

    async def quote(self, symbol: str) -> Quote:
        return await self._venue.quote(symbol)

    async def submit(self, order: Order) -> Outcome:
        price = passive_price(
            order.limit_price * self._factor, order.instrument.tick, buy=order.side is Side.BUY
        )
        return await self._venue.submit(
            replace(order, limit_price=price, client_id=self._ours(order.client_id))
        )

    async def find_order(self, instrument: Instrument, client_id: str) -> OrderReport | None:
        report = await self._venue.find_order(instrument, self._ours(client_id))
        return None if report is None else self._shown(report)

    async def open_orders(self, symbols: Sequence[str]) -> tuple[OrderReport, ...]:
        return tuple(map(self._shown, await self._venue.open_orders(symbols)))

    async def fills(self, symbols: Sequence[str], since: datetime) -> tuple[Fill, ...]:
        return tuple(
            replace(
                fill,
                price=fill.price / self._factor,
                client_id=fill.client_id.removesuffix(self._run),
            )
            for fill in await self._venue.fills(symbols, since)
        )

    async def cancel(self, instrument: Instrument, client_id: str) -> None:
        await self._venue.cancel(instrument, self._ours(client_id))

    def _ours(self, client_id: str) -> str:
        return f"{client_id}{self._run}"

    def _shown(self, report: OrderReport) -> OrderReport:
        return replace(
            report,
            client_id=report.client_id.removesuffix(self._run),
            average=None if report.average is None else report.average / self._factor,
            limit_price=None if report.limit_price is None else report.limit_price / self._factor,
        )


def has_credentials() -> bool:
    """Whether the environment has them."""
    return bool(os.environ.get(KEY) and os.environ.get(SECRET))


def testnet_venue(symbol: str) -> TradingVenue:
    """The gateway to the testnet."""
    key, secret = os.environ[KEY], os.environ[SECRET]
    spec = VenueSpec("main", "bybit", Environment.TESTNET, key, secret, symbols=(symbol,))
    return LiveVenue(spec, profile_of("bybit"), SystemClock())


@asynccontextmanager
async def on_testnet(symbol: str) -> AsyncIterator[TradingVenue]:
    """The testnet at nominal prices, flat before and after."""
    venue = testnet_venue(symbol)
    await venue.open()
    try:
        await flatten(venue, symbol)
        mark = (await venue.quote(symbol)).mark
        yield cast(TradingVenue, Scaled(venue, mark / NOMINAL))
        await flatten(venue, symbol)
    finally:
        await venue.close()


async def flatten(venue: TradingVenue, symbol: str) -> None:
    """Cancel what rests and close what is open in the instrument."""
    instrument = venue.instrument(symbol)
    for order in await venue.open_orders([symbol]):
        await venue.cancel(instrument, order.client_id)
    mark = (await venue.quote(symbol)).mark
    for held in (await venue.account([])).positions:
        size = held.quantity.value
        if held.instrument.symbol == symbol and size:
            is_short = size < 0
            bound = mark * (1 + CLOSING if is_short else 1 - CLOSING)
            await venue.submit(
                Order(
                    client_id=uuid.uuid4().hex[:28],
                    instrument=instrument,
                    side=Side.BUY if is_short else Side.SELL,
                    contracts=abs(size) / instrument.contract_size,
                    limit_price=passive_price(bound, instrument.tick, buy=is_short),
                    reduce_only=True,
                )
            )
