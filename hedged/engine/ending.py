"""The end of a live process: nothing of ours keeps working unseen, and the hedge stays.

Once an end is asked for, nothing new is sent. What still works is cancelled and its end looked
up, within a bounded time; what cannot be found out by then stands in the journal, and the next
start finds it out before it trades.
"""

import asyncio
from typing import Final

import structlog

from hedged.engine.executor import Executor
from hedged.ports import StoreError

log = structlog.get_logger("hedged.ending")

WIND_DOWN_S: Final = 8.0  # with the grace of a cycle under way, within 30 s


async def wind_down(executor: Executor, limit_s: float = WIND_DOWN_S) -> None:
    """Cancel what works, and hold the journal against the venues a last time; never raises."""
    try:
        async with asyncio.timeout(limit_s):
            if executor.in_flight():
                sweep = await executor.canceller.sweep("the daemon stops")
                log.info("stop.cancelled", orders=[str(cancel) for cancel in sweep.cancels])
            await executor.reconcile_all()
            await executor.disarm_switches()
            await executor.mover.finish()
    except TimeoutError:
        log.warning("stop.unfinished", why=f"not all was found out within {limit_s:g} s")
    except StoreError as error:
        log.warning("stop.unfinished", why=str(error))
