"""Replays side by side, one process each: hedged under its settings, and the other rules."""

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from decimal import Decimal
from multiprocessing import Value
from typing import TYPE_CHECKING, Final

from hedged.core.types import HedgePolicy
from hedged.ops import logging
from hedged.ports import SpotSource
from hedged.replay.meter import Metrics
from hedged.replay.rehearsal import STANDARD_HEDGE, Rehearsal
from hedged.replay.rules import Follower, Rule
from hedged.replay.stage import STANDARD, ZERO, Stage, Terms, Traded
from hedged.replay.workload import Workload

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

_LOOK_S: Final = 0.2  # at how far the replays are
OWN: Final = "hedged"


@dataclass(frozen=True, slots=True)
class Book:
    """What is hedged: one asset's hedge, its cold wallets, and what trading costs."""

    hedge: HedgePolicy = STANDARD_HEDGE
    sources: tuple[SpotSource, ...] = ()
    beside: Decimal = ZERO  # coins of the sources
    coins: Decimal | None = None  # in the account; None: see `Stage`
    terms: Terms = STANDARD
    opened: Decimal | None = None  # signed quantity at the start; None: what the hedge asks for

    @property
    def symbol(self) -> str:
        """The instrument that it is hedged with."""
        return self.hedge.legs[0].symbol


@dataclass(frozen=True, slots=True)
class Job:
    """One replay; without a rule it is hedged's own."""

    label: str
    book: Book
    rule: Rule | None = None
    has_basis: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """A job, what it measured, and what it traded."""

    job: Job
    metrics: Metrics
    trades: tuple[Traded, ...] = ()


def replayed(
    job: Job, workload: Workload, on_progress: Callable[[int], None] | None = None
) -> Outcome:
    """Run a job here.

    Raises:
        VenueRefused: its instrument is not listed, or a withdrawal exceeds what is there.
    """
    played = workload if job.has_basis else workload.without_basis
    book, rule = job.book, job.rule
    hedged = rule.hedged if rule is not None else book.hedge.ratio
    if rule is None and (book.hedge.keep is not None or book.hedge.notional_usd is not None):
        hedged = ZERO  # it opens the hedge itself, at its cost
    lot = None if rule is None else rule.lot
    stage = Stage(
        played,
        book.hedge.asset,
        book.symbol,
        terms=book.terms if lot is None else replace(book.terms, lot=lot),
        coins=book.coins,
        beside=book.beside,
        hedged=hedged,
        opened=book.opened,
    )
    act = (
        Rehearsal(stage, book.hedge, sources=book.sources).act
        if rule is None
        else Follower(rule, stage).act
    )
    metrics = asyncio.run(stage.play(act, on_progress))
    return Outcome(job, metrics, tuple(stage.trades))


def all_replayed(
    jobs: Sequence[Job], workload: Workload, on_progress: Callable[[int], None]
) -> list[Outcome]:
    """Run jobs on all cores; `on_progress` is told how many steps of all of them are done."""
    if len(jobs) == 1:
        return [replayed(jobs[0], workload, on_progress)]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    played = Value("q", 0)  # steps, of all jobs
    with ProcessPoolExecutor(
        min(cores or 1, len(jobs)), initializer=_begin, initargs=(workload, played)
    ) as pool:
        running = [pool.submit(_in_process, job) for job in jobs]
        left: set[Future[Outcome]] = set(running)
        while left:
            done, left = wait(left, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
            on_progress(played.value)
            for future in done:
                future.result()  # which raises at once what stopped it
    return [future.result() for future in running]


@dataclass(frozen=True, slots=True)
class _Given:
    """What a worker process has for all of its jobs."""

    workload: Workload
    played: "Synchronized[int]"


_given: list[_Given] = []


def _begin(workload: Workload, played: "Synchronized[int]") -> None:
    logging.configure(style="json", level="error")
    _given[:] = [_Given(workload, played)]


def _in_process(job: Job) -> Outcome:
    (given,) = _given
    told = 0

    def tell(step: int) -> None:
        nonlocal told
        with given.played.get_lock():
            given.played.value += step - told
        told = step

    return replayed(job, given.workload, tell)
