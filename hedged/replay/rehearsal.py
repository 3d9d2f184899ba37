"""hedged itself on a stage: the daemon's own observer, core, planner, executor and journal.

Nothing of it is told apart from live execution but the venue, which is in the process, and the
clock, which is virtual.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from hedged.core.types import Environment, HedgeLeg, HedgePolicy
from hedged.engine.endings import SettleRules
from hedged.engine.executor import Executor
from hedged.engine.hedger import Book, Hedger
from hedged.engine.observer import Observer
from hedged.ports import Journal, SpotSource
from hedged.replay.faulty import FaultyVenue
from hedged.replay.rules import SYMBOL
from hedged.replay.stage import Stage
from hedged.replay.venue import InProcessVenue
from hedged.store.memory import MemoryJournal

VENUE: Final = "main"
# What the workloads are measured with: band 0.25 %, back to half of it.
STANDARD_HEDGE: Final = HedgePolicy("BTC", (VENUE,), (HedgeLeg(VENUE, SYMBOL),))


class Rehearsal:
    """One hedge, live on the stage's exchange."""

    def __init__(
        self,
        stage: Stage,
        hedge: HedgePolicy = STANDARD_HEDGE,
        *,
        sources: Mapping[str, SpotSource] | None = None,
        journal: Journal | None = None,
        makers: Sequence[str] = (),
    ) -> None:
        clock = stage.clock
        venue = hedge.legs[0].venue
        workload = stage.workload
        self._stage = stage
        self._venue = (
            InProcessVenue(venue, stage.exchange, stage.account, clock)
            if workload.faults is None and not workload.outages
            else FaultyVenue(venue, stage, clock)
        )
        self.journal = journal or MemoryJournal(clock)
        venues = {venue: self._venue}
        self.hedger = Hedger(
            Book("replay", Environment.SIM, (hedge,)),
            Observer((hedge,), venues, sources or {}, clock),
            clock,
            executor=Executor(
                venues,
                {venue: tuple(leg.symbol for leg in hedge.legs)},
                self.journal,
                clock,
                SettleRules(),
                makers=makers,
                books=("replay",),
            ),
        )
        stage.meter.is_banded = True

    async def act(self, _: int) -> None:
        """One full cycle."""
        decision = await self.hedger.run_cycle()
        judged = decision.assets[0].judged
        if judged is not None and abs(judged.drift_usd) <= judged.target.band_usd:
            self._stage.meter.steps_in_band += 1
        if isinstance(self._venue, FaultyVenue):
            self._stage.meter.duplicates = self._venue.duplicates
