"""Playing a price path through an exchange in virtual time, with a cycle at every point."""

from collections.abc import Awaitable, Callable

from hedged.replay.clock import ReplayClock
from hedged.sim.exchange import Exchange
from hedged.sim.feed import apply_point
from hedged.sim.prices import PricePath


async def replay(
    exchange: Exchange,
    coin: str,
    path: PricePath,
    *,
    clock: ReplayClock,
    cycle: Callable[[], Awaitable[object]],
) -> int:
    """Play a path as fast as it goes, running a cycle at each point; return how many there were.

    The first point is now; the times of the others count from it. Funding that the path carries
    replaces the exchange's own schedule.
    """
    exchange.schedule_funding(coin, is_scheduled=not path.charges_funding)
    start_ms, started_s = exchange.now_ms, clock.monotonic()
    first_ms: int | None = None
    count = 0
    for point in path.points:
        first_ms = point.at_ms if first_ms is None else first_ms
        passed_ms = point.at_ms - first_ms
        await clock.advance(max(0.0, started_s + passed_ms / 1000 - clock.monotonic()))
        exchange.advance(start_ms + passed_ms)
        apply_point(exchange, coin, point)
        await cycle()
        count += 1
    return count
