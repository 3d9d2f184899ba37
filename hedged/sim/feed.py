"""Moving the market along a price path: point by point, or in time with a clock."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Context, Decimal

from hedged.sim.decimals import ONE
from hedged.sim.exchange import Exchange
from hedged.sim.prices import PricePath, PricePoint

_PRICE_DIGITS = Context(prec=8)


def apply_point(exchange: Exchange, coin: str, point: PricePoint) -> None:
    """Move a coin's market to a point of its path, and charge the funding that stands there."""
    exchange.set_index(coin, point.index, point.mark)
    if point.predicted_rate is not None:
        exchange.set_funding_rate(coin, point.predicted_rate)
    if point.charged_rate:
        exchange.charge_funding(coin, point.charged_rate)


async def feed(
    exchange: Exchange,
    coin: str,
    path: PricePath,
    *,
    clock: Callable[[], int],
    speed: float = 1.0,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Play a path from now on: its times become times of the clock (ms), `speed` times as fast.

    Funding that the path carries replaces the venue's own schedule. Where someone else has moved
    the price meanwhile, the path goes on from there.
    """
    exchange.schedule_funding(coin, is_scheduled=not path.charges_funding)
    start_ms, first_ms = clock(), None
    shift, left_at = ONE, None
    for point in path.points:
        first_ms = point.at_ms if first_ms is None else first_ms
        due_ms = start_ms + (point.at_ms - first_ms) / speed
        await sleep(max(0.0, (due_ms - clock()) / 1000))
        exchange.advance(clock())
        if left_at is not None and exchange.prices[coin] != left_at:
            moved = _PRICE_DIGITS.divide(exchange.prices[coin], left_at)
            shift = _PRICE_DIGITS.multiply(shift, moved)
        apply_point(exchange, coin, _shifted(point, shift))
        left_at = exchange.prices[coin]


def _shifted(point: PricePoint, shift: Decimal) -> PricePoint:
    if shift == ONE:
        return point
    mark = None if point.mark is None else _PRICE_DIGITS.multiply(point.mark, shift)
    return replace(point, index=_PRICE_DIGITS.multiply(point.index, shift), mark=mark)
