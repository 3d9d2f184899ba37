"""Many seeds on all cores."""

import multiprocessing
import os
import sys
from collections.abc import Iterator
from functools import partial
from itertools import islice

from tests.simulation.run import Outcome, SimulationFailed, simulated


def outcome(seed: int, *, storm: bool) -> Outcome | str:
    """What a seed comes to; a text when it failed."""
    try:
        return simulated(seed, storm=storm)
    except SimulationFailed as failed:
        return str(failed)


def many(seeds: Iterator[int], *, storm: bool, orders: int | None) -> list[Outcome]:
    """All of these seeds, or those before enough orders met a fault; the first failure ends it."""
    done: list[Outcome] = []
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        for found in pool.imap_unordered(partial(outcome, storm=storm), _bounded(seeds), 5):
            if isinstance(found, str):
                sys.exit(found)
            done.append(found)
            if orders is not None and sum(one.orders_struck for one in done) >= orders:
                pool.terminate()
                break
    return done


def _bounded(seeds: Iterator[int]) -> Iterator[int]:
    """A pool reads ahead without end; nobody waits for a million seeds."""
    return islice(seeds, 1_000_000)
