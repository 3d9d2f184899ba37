"""The preflight of a daemon, and when it is made again.

At the start, once a day, and every few minutes while something is amiss: what is found is a level,
whose end is seen as its beginning is. How coarse the contracts are for each asset is known once
the first cycle of its book has ended, and is told then.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from hedged.config import Settings
from hedged.config.policies import maker_venues
from hedged.config.venues import coins_of, moving_venues, symbols_at
from hedged.core.certificate import NOTHING_PROVEN
from hedged.core.listing import Listed
from hedged.core.preflight import Check, Mark, lot_checks
from hedged.engine.arrange import arranged, may_arrange
from hedged.engine.cycle import Cycle
from hedged.engine.executor import Executor
from hedged.engine.preflight import Arrange, Expected, Survey, survey, tell
from hedged.engine.supervisor import Loop
from hedged.ports import Clock, Journal, Venue
from hedged.venue import profile_of

AGAIN_S: Final = 300.0  # while something is amiss
A_DAY_S: Final = 86_400.0

Name = tuple[str, str, Mark, str]


@dataclass(slots=True)
class Inspection:
    """Looks at venues, accounts and instruments; sets what the owner lets it set."""

    settings: Settings
    venues: Mapping[str, Venue]
    loops: Sequence[Loop]
    executor: Executor | None
    journal: Journal | None
    clock: Clock
    checks: list[Check] = field(default_factory=list)  # of the last preflight that was told
    _told_s: float | None = None
    _sized: set[str] = field(default_factory=set)  # books whose lots were told

    async def surveys(self, listings: Mapping[tuple[str, str], Listed]) -> list[Survey]:
        """What each venue tells; opens those that are not open. `listings` are on record."""
        made = (self._surveyed(venue, listings) for venue in self.venues.values())
        return await asyncio.gather(*made)

    async def tell(self) -> None:
        """Look, and log what is found, whatever was logged before."""
        self._told_s = self.clock.monotonic()
        await self._look(frozenset())

    async def _look(self, known: Collection[Name]) -> None:
        """Look, and log what is found, but for what is known."""
        listings = {} if self.journal is None else self.journal.ledger.listings
        found = [check for made in await self.surveys(listings) for check in made.checks]
        decisions = (loop.hedger.last for loop in self.loops)
        found += [c for decision in decisions if decision is not None for c in lot_checks(decision)]
        self.checks[:] = found
        if any(_name(check) not in known for check in found):
            tell([c for c in found if c.mark is Mark.GOOD or _name(c) not in known])

    async def keep(self) -> None:
        """Look again where that is due."""
        if self._told_s is None or self.clock.monotonic() - self._told_s >= A_DAY_S:
            await self.tell()
        elif any(check.mark is not Mark.GOOD for check in self.checks):
            await self._look({_name(check) for check in self.checks})

    def watch(self) -> None:
        """Tell of lots as soon as each book's worth is known."""
        for loop in self.loops:
            loop.hedger.watchers.append(self._size)

    def _size(self, cycle: Cycle) -> None:
        if cycle.decision.book in self._sized:
            return
        lots = list(lot_checks(cycle.decision))
        if lots:
            self._sized.add(cycle.decision.book)
            self.checks += lots
            if amiss := [check for check in lots if check.mark is not Mark.GOOD]:
                tell(amiss)

    async def _surveyed(self, venue: Venue, listings: Mapping[tuple[str, str], Listed]) -> Survey:
        settings, told = self.settings, self.settings.venues[venue.name]
        expected = Expected(
            symbols=tuple(symbols_at(settings, venue.name)),
            coins=tuple(coins_of(settings)),
            margin_mode=told.margin_mode,
            leverage=told.leverage,
            environment=settings.environment,
            execution=settings.execution,
            listings=listings,
            proven=next((loop.hedger.book.proven for loop in self.loops), NOTHING_PROVEN),
            moves=venue.name in moving_venues(settings),
            has_switch=profile_of(told.exchange).has_dead_man
            if venue.name in maker_venues(settings)
            else None,
        )
        return await survey(venue, expected, self.clock.now(), self._arrange(venue.name))

    def _arrange(self, name: str) -> Arrange | None:
        """What sets a venue's margin; None: nothing may be changed there, or not now."""
        executor, journal, wanted = self.executor, self.journal, self.settings.venues[name]
        if executor is None or journal is None or not wanted.manage_leverage:
            return None
        books = [loop.hedger.book for loop in self.loops]
        venue = executor.venue(name)
        if venue is None or not may_arrange(name, books, executor):
            return None
        return partial(arranged, venue, wanted.margin_mode, wanted.leverage, journal)


def _name(check: Check) -> Name:
    """What a check found, whatever its figures are just now."""
    return (check.subject, check.what, check.mark, check.remedy)
