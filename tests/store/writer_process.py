"""A process that journals one order after the other, until it is killed.

Each job carries an intent and its submit; the number of the order is written out once both are
committed, so that the parent knows what must be there.
"""

import asyncio
import os
import sys
from pathlib import Path

from hedged.clock import SystemClock
from hedged.core.events import Intended, Submitted
from hedged.core.types import Environment
from hedged.store import SqlJournal, failpoints
from tests.core.any_event import terms


async def write_for_ever(path: Path) -> None:
    journal = await SqlJournal.open(path, SystemClock())
    number = max((cycle for cycle in journal.ledger.cycles.values()), default=0)
    while True:
        number += 1
        order = terms(number)
        await journal.append(Intended(order), Submitted(order.client_id))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    failpoints.arm(Environment.SIM, os.environ)
    asyncio.run(write_for_ever(Path(sys.argv[1])))
