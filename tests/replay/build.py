"""The daemon's own hedger, live on an in-process venue."""

from hedged.clock import VirtualClock
from hedged.core.types import Environment, HedgeLeg, HedgePolicy
from hedged.engine.endings import SettleRules
from hedged.engine.executor import Executor
from hedged.engine.hedger import Book, Hedger
from hedged.engine.observer import Observer
from hedged.replay.venue import InProcessVenue
from hedged.store.memory import MemoryJournal

SYMBOL = "BTC/USD:BTC"

# A replay's hours pass in no time: reconciling every minute of them would be all that it does.
SPARSE = SettleRules(reconcile_s=86_400)


def hedging(venue: InProcessVenue, clock: VirtualClock) -> Hedger:
    """Keep the venue's bitcoin hedged, wholly."""
    venues = {venue.name: venue}
    hedges = (HedgePolicy("BTC", (venue.name,), (HedgeLeg(venue.name, SYMBOL),)),)
    return Hedger(
        Book("replay", Environment.SIM, hedges),
        Observer(hedges, venues, {}, clock),
        clock,
        executor=Executor(venues, {venue.name: (SYMBOL,)}, MemoryJournal(clock), clock, SPARSE),
    )
