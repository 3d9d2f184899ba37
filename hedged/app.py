"""Wires settings to concrete classes: the only place where they meet, beside the command line.

Dry-run is structural. Without live execution this module builds read-only venues, whose
transport refuses every write, and hedgers without an executor; there is no path to a submit.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from hedged.clock import SystemClock
from hedged.config import (
    Settings,
    resolve,
)
from hedged.config.policies import caps_of, maker_venues, proof_rules
from hedged.config.venues import symbols_at
from hedged.core.certificate import NOTHING_PROVEN, Proven
from hedged.core.reports import Rules
from hedged.core.types import Decision, Environment, Execution
from hedged.engine.bookkeeper import EVERY_S, FIRST_S, Bookkeeper
from hedged.engine.control import Answer, Command, CommandError
from hedged.engine.ending import wind_down
from hedged.engine.endings import SettleRules
from hedged.engine.executor import Executor
from hedged.engine.hedger import Book, Hedger
from hedged.engine.observer import Observer
from hedged.engine.operator import Operator
from hedged.engine.paper import PaperLedger
from hedged.engine.supervisor import Loop, supervise
from hedged.given import addresses_of, proven_of, specs_of
from hedged.inspection import AGAIN_S, Inspection
from hedged.ops.schedule import Schedule
from hedged.ports import (
    Clock,
    Journal,
    SpotSource,
    Venue,
    VenueRefused,
    VenueUnavailable,
)
from hedged.sources import places, policy_of
from hedged.store import (
    MemoryJournal,
    account_lock,
    held,
    journal_file,
    journal_lock,
    lock_folder,
)
from hedged.venue import LiveVenue, ReadOnlyVenue, VenueSpec, profile_of

if TYPE_CHECKING:
    from hedged.store import SqlJournal

log = structlog.get_logger("hedged.app")

# The embedded exchange answers at once: waiting as long as for a real one would only delay it.
SIM_RULES: Final = SettleRules(
    proof=Rules(over_s=Decimal(1), moves_over_s=Decimal(1), agreeing_s=Decimal(1)),
    poll_s=0.02,
    wait_s=2.0,
    reconcile_s=10.0,
)


def proofs(settings: Settings, usual: Rules) -> Mapping[str, Rules]:
    """How each venue's reports are judged; a venue that may be late is given the time."""
    is_sim = settings.environment is Environment.SIM
    found: dict[str, Rules] = {}
    for name, venue in settings.venues.items():
        rules, deadline = proof_rules(venue, usual), profile_of(venue.exchange).deadline
        found[name] = rules if is_sim or deadline is None else deadline.proof(rules)
    return found


@dataclass(frozen=True, slots=True)
class Daemon:
    """Everything that runs, wired; `close` gives the sockets back."""

    settings: Settings
    execution: Execution
    venues: Mapping[str, Venue]
    loops: tuple[Loop, ...]
    executor: Executor | None = None
    journal: Journal | None = None  # None: a dry-run, which records nothing
    operator: Operator | None = None  # None: a dry-run, which has nothing to halt or to close
    clock: Clock = field(default_factory=SystemClock)
    inspection: Inspection = field(init=False)
    bookkeeper: Bookkeeper | None = field(init=False)  # None: a dry-run, as of the journal

    def __post_init__(self) -> None:
        made = Inspection(
            self.settings, self.venues, self.loops, self.executor, self.journal, self.clock
        )
        object.__setattr__(self, "inspection", made)
        keeper = None
        if self.journal is not None:
            hedging = (v for n, v in self.venues.items() if symbols_at(self.settings, n))
            keeper = Bookkeeper(tuple(hedging), self.journal, self.clock)
        object.__setattr__(self, "bookkeeper", keeper)

    async def open(self) -> None:
        """Open every venue; one that is merely down is tried again by the loop.

        Raises:
            VenueRefused: hedge mode, an unknown instrument, no such environment.
            VenueAuthError: the key was refused.
        """
        for venue in self.venues.values():
            with suppress(VenueUnavailable):
                await venue.open()
                for symbol in symbols_at(self.settings, venue.name):
                    venue.instrument(symbol)
        self._refuse_shared_accounts()

    def _refuse_shared_accounts(self) -> None:
        """Two keys of one account would count every coin twice, and hedge it twice."""
        seen: dict[tuple[str, str], str] = {}
        for name, venue in self.venues.items():
            number = venue.access.account_id
            if number is None:
                continue
            key = (self.settings.venues[name].exchange, number)
            first = seen.setdefault(key, name)
            if first != name:
                raise VenueRefused(
                    f"venues.{name} and venues.{first} are keys of one account "
                    f"({number}); each account counts once"
                )

    async def perform(self, command: Command) -> Answer:
        """Do what an operator says.

        Raises:
            CommandError: not possible as things are.
            StoreError: it could not be recorded; nothing was done.
        """
        if self.operator is None:
            raise CommandError("this is a dry-run: it sends nothing, so there is nothing to do")
        return await self.operator.perform(command)

    def wake(self) -> None:
        """Have every book look at the world now."""
        for loop in self.loops:
            loop.wake()

    def unresolved(self) -> list[str]:
        """Orders and transfers whose end is not known, in words."""
        if self.executor is None:
            return []
        orders = [f"{o.client_id} ({o.symbol}): {o.detail}" for o in self.executor.in_flight()]
        return [*orders, *self.executor.mover.open()]

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop`, woken by the schedule."""
        schedule = Schedule()
        for loop in self.loops:
            book = self.settings.books[loop.hedger.book.name]
            schedule.every(float(book.poll_s), loop.wake)
            if book.cron is not None:
                schedule.cron(book.cron, loop.wake)
        if self.journal is not None:
            from hedged.store import SqlJournal  # noqa: PLC0415 - see `recorded`

            if isinstance(self.journal, SqlJournal):
                schedule.daily(self.journal.tidy)
        if self.bookkeeper is not None:
            schedule.regularly(EVERY_S, self.bookkeeper.keep, first_s=FIRST_S)
        self.inspection.watch()
        schedule.regularly(AGAIN_S, self.inspection.keep)
        schedule.start()
        log.info(
            "daemon.started",
            environment=self.settings.environment.value,
            execution=self.execution.value,
            books=[loop.hedger.book.name for loop in self.loops],
        )
        try:
            await supervise(self.loops, stop)
        finally:
            schedule.stop()
            if self.executor is not None:
                await wind_down(self.executor)
            for order in self.unresolved():
                log.warning("order.unresolved", order=order)
            log.info("daemon.stopped", cycles=sum(loop.hedger.tally.cycles for loop in self.loops))

    async def decide_once(self) -> list[Decision]:
        """One cycle of every book."""
        return list(await asyncio.gather(*(loop.hedger.run_cycle() for loop in self.loops)))

    async def close(self) -> None:
        """Close every venue."""
        for venue in self.venues.values():
            await venue.close()


def build(
    settings: Settings,
    execution: Execution,
    *,
    env: Mapping[str, str],
    base: Path,
    paper: bool = True,
    clock: Clock | None = None,
    journal: Journal | None = None,
    on_read: Callable[[], None] | None = None,
) -> Daemon:
    """Wire a daemon. `base` is the folder that `file:` references are relative to.

    Live execution records everything in `journal`; without one, in memory. `on_read` is called
    at the end of each read of a venue, well or not.

    Raises:
        ConfigError: a secret cannot be read.
    """
    clock = clock or SystemClock()
    specs, proven = specs_of(settings, env, base), NOTHING_PROVEN
    if (settings.environment, settings.execution) == (Environment.MAINNET, Execution.LIVE):
        proven = proven_of(settings, env)
    if execution is Execution.LIVE:
        trading = {
            name: LiveVenue(spec, profile_of(spec.exchange, spec.symbols), clock, on_read)
            for name, spec in specs.items()
            if spec.symbols
        }
        # Where nothing is hedged, coins are read, and nothing is ever sent.
        venues: Mapping[str, Venue] = {**_readers(specs, clock, on_read), **trading}
        symbols = {name: tuple(symbols_at(settings, name)) for name in trading}
        rules = SIM_RULES if settings.environment is Environment.SIM else SettleRules()
        journal = journal or MemoryJournal(clock)
        executor = Executor(
            trading,
            symbols,
            journal,
            clock,
            rules,
            makers=maker_venues(settings),
            books=tuple(settings.books),
            proofs=proofs(settings, rules.proof),
            movers=trading,
        )
    else:
        executor, journal = None, None
        venues = _readers(specs, clock, on_read)
    loops = tuple(
        Loop(_hedger(name, settings, venues, executor, clock, proven, paper=paper))
        for name in settings.books
    )
    operator = None
    if executor is not None and journal is not None:
        operator = Operator(journal, clock, settings.books, executor=executor, loops=loops)
    return Daemon(settings, execution, venues, loops, executor, journal, operator, clock)


def _readers(
    specs: Mapping[str, VenueSpec], clock: Clock, on_read: Callable[[], None] | None
) -> dict[str, ReadOnlyVenue]:
    return {
        name: ReadOnlyVenue(spec, profile_of(spec.exchange, spec.symbols), clock, on_read)
        for name, spec in specs.items()
    }


@asynccontextmanager
async def recorded(
    settings: Settings, env: Mapping[str, str], base: Path, clock: Clock
) -> AsyncIterator["SqlJournal"]:
    """The journal on disk, with the locks that make this process its only writer.

    Raises:
        StoreError: it is damaged, newer or not writable, or another process is at work.
        ConfigError: a secret cannot be read.
    """
    from hedged.store import SqlJournal  # noqa: PLC0415 - only live execution needs SQLAlchemy

    path, now = journal_file(settings, env), clock.now()
    with ExitStack() as locks:
        locks.enter_context(held(journal_lock(path), f"the journal {path}", now))
        for lock, name in account_locks(settings, env, base).items():
            locks.enter_context(held(lock, f"the account of venue {name}", now))
        journal = await SqlJournal.open(path, clock)
        try:
            yield journal
        finally:
            await journal.close()


def account_locks(settings: Settings, env: Mapping[str, str], base: Path) -> dict[Path, str]:
    """The locks of all accounts, with the names of their venues.

    Raises:
        ConfigError: a secret cannot be read.
    """
    locks = {}
    for name, venue in settings.venues.items():
        key = resolve(venue.api_key, env, base).get_secret_value()
        lock = account_lock(lock_folder(), venue.exchange, settings.environment, key, venue.url)
        locks[lock] = name
    return locks


def _hedger(
    name: str,
    settings: Settings,
    venues: Mapping[str, Venue],
    executor: Executor | None,
    clock: Clock,
    proven: Proven,
    *,
    paper: bool,
) -> Hedger:
    book = settings.books[name]
    sources: dict[str, SpotSource] = {}
    hedges = tuple(policy_of(hedge, book.max_age_s, sources) for hedge in book.hedges)
    return Hedger(
        Book(
            name,
            settings.environment,
            hedges,
            caps_of(book.limits),
            caps_of(settings.limits),
            proven,
        ),
        Observer(hedges, venues, sources, clock, places(sources.values(), addresses_of(settings))),
        clock,
        executor=executor,
        paper=PaperLedger() if paper and settings.paper else None,
    )
