"""hedged itself on a stage: the daemon's own observer, core, planner, executor and journal.

Nothing of it is told apart from live execution but the venue, which is in the process, and the
clock, which is virtual.
"""

from collections.abc import Iterable
from math import inf
from typing import Final

from hedged.core.types import Environment, HedgeLeg, HedgePolicy, StyleKind
from hedged.engine.endings import SettleRules
from hedged.engine.executor import Executor
from hedged.engine.hedger import WORKING, Book, Hedger
from hedged.engine.observer import Observer
from hedged.engine.together import in_turn
from hedged.ports import Journal, SpotSource
from hedged.replay.faulty import FaultyVenue
from hedged.replay.rules import SYMBOL
from hedged.replay.stage import Stage
from hedged.replay.venue import InProcessVenue
from hedged.store.memory import MemoryJournal

VENUE: Final = "main"
POLL_S: Final = 10
LOOKS: Final = 4
# What the workloads are measured with: band 0.25 %, back to half of it.
STANDARD_HEDGE: Final = HedgePolicy("BTC", (VENUE,), (HedgeLeg(VENUE, SYMBOL),))


class Rehearsal:
    """One hedge, live on the stage's exchange."""

    def __init__(
        self,
        stage: Stage,
        hedge: HedgePolicy = STANDARD_HEDGE,
        *,
        sources: Iterable[SpotSource] = (),
        journal: Journal | None = None,
    ) -> None:
        clock = stage.clock
        venue = hedge.legs[0].venue
        workload = stage.workload
        self._stage = stage
        self.venue = (
            InProcessVenue(venue, stage.exchange, stage.account, clock)
            if workload.faults is None and not workload.outages
            else FaultyVenue(venue, stage, clock)
        )
        self.journal = journal or MemoryJournal(clock)
        venues = {venue: self.venue}
        self.hedger = Hedger(
            Book("replay", Environment.SIM, (hedge,)),
            Observer(
                (hedge,), venues, {source.name: source for source in sources}, clock, waits=in_turn
            ),
            clock,
            executor=Executor(
                venues,
                {venue: tuple(leg.symbol for leg in hedge.legs)},
                self.journal,
                clock,
                SettleRules(),
                makers=(venue,) if hedge.style.kind is StyleKind.MAKER else (),
                books=("replay",),
            ),
        )
        stage.meter.is_banded = True

    async def act(self, step: int) -> None:
        """One full cycle, and as the daemon would, a few more until it has a verdict.

        What changed a lot is believed only at a second look.
        """
        clock = self._stage.clock
        end_s = clock.monotonic() + self._room_s(step)
        decision = await self.hedger.run_cycle()
        for _ in range(LOOKS):
            again_s = self.hedger.again_s
            next_s = clock.monotonic() + (POLL_S if again_s is None else again_s)
            if decision.assets[0].reason in WORKING or next_s >= end_s:
                break
            clock.pass_until(next_s)
            decision = await self.hedger.run_cycle()
        judged = decision.assets[0].judged
        if judged is not None and abs(judged.drift_usd) <= judged.target.band_usd:
            self._stage.meter.steps_in_band += 1
        if isinstance(self.venue, FaultyVenue):
            self._stage.meter.duplicates = self.venue.duplicates

    def _room_s(self, step: int) -> float:
        """Until the next price."""
        points = self._stage.workload.points
        if step + 1 >= len(points):
            return inf
        return (points[step + 1].at_ms - points[step].at_ms) / 1000
