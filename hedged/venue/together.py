"""Several requests at once, of which all must succeed.

No `TaskGroup`: in Python 3.11 and 3.12 one whose member fails while it is being left keeps the
cancellation that it gave its own task, and a timeout around it then ends in a bare CancelledError.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def together(*reads: Coroutine[Any, Any, Any]) -> list[Any]:
    """All results, read at once; the first failure cancels the rest."""
    tasks = [asyncio.ensure_future(read) for read in reads]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        raise
