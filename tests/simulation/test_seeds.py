"""The whole daemon in virtual time, under faults of every kind: no invariant ever breaks.

`make proof` runs 500 seeds, `make soak` as many as you like; a failure names the command that
replays exactly it. What guards the guard: with a safety of the daemon taken out, the simulation
must fail, and name the invariant.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hedged.core.terms import Terms
from hedged.core.types import Missing, OrderIntent
from hedged.engine import executor
from tests.simulation.run import SimulationFailed, plot_of, simulated

PROOF_SEEDS = 500
PROOF_CHUNK = 20


@pytest.mark.parametrize("seed", range(1, 9))
def test_no_invariant_breaks(seed: int) -> None:
    simulated(seed)


def test_the_same_seed_takes_the_same_steps() -> None:
    assert simulated(11) == simulated(11)


def test_the_journal_on_disk_and_dry_runs_are_among_the_seeds() -> None:
    plots = [plot_of(seed, Path()) for seed in range(1, PROOF_SEEDS + 1)]
    assert sum(plot.path is not None for plot in plots) > PROOF_SEEDS / 20
    assert any(plot.dry for plot in plots)


@pytest.mark.proof
@pytest.mark.parametrize("first", range(1, PROOF_SEEDS + 1, PROOF_CHUNK))
def test_no_invariant_breaks_in_500_seeds(first: int) -> None:
    all_of(range(first, first + PROOF_CHUNK))


def all_of(seeds: Iterable[int]) -> None:
    for seed in seeds:
        simulated(seed)


def nothing(*_: object) -> None:
    """Find nothing."""


def silent(*_: object) -> str:
    return ""


def none(*_: object) -> tuple[Missing, ...]:
    return ()


def free(*_: object) -> bool:
    return False


async def agreed(*_: object) -> bool:
    return False


def lost(_case: object, _order: object) -> bool:
    return True


def unlimited(*_: object) -> Iterator[object]:
    yield from ()


def no_pnl(_part: object) -> list[object]:
    return []


def first_cycle(_hedger: object) -> int:
    return 1


IN_FLIGHT = "hedged.core.inputs._in_flight"
SLOTS = "hedged.core.risk._of_slot"
TAKEN = "hedged.engine.executor.Executor._is_taken"
WITHHELD = "hedged.engine.brake.Brake.withholds"
VANISHED = "hedged.engine.observer.Observer._vanished"
TORN = "hedged.core.inputs._torn"
DOUBT = "hedged.core.decide.doubt"
DIFFERENCES = "hedged.engine.executor.Executor.reconcile_differences"
UNEXPLAINED = "hedged.engine.executor.Executor.unexplained"

# What is taken out, and what the simulation then says. Safeties that stand behind one another go
# together: the first of them alone would not be missed.
BROKEN: dict[str, tuple[dict[str, Callable[..., Any]], str]] = {
    "orders in flight are not seen": (
        {IN_FLIGHT: nothing, SLOTS: unlimited, TAKEN: free},
        "invariant 3",
    ),
    "a halt is passed": ({WITHHELD: silent}, "invariant 13"),
    "orders are given up at once": ({"hedged.core.reconcile._is_lost": lost}, "invariant 11"),
    "no PnL in the exposure": ({"hedged.core.exposure._pnl_lines": no_pnl}, "invariant 1 "),
    "no second look at what vanishes": (
        {
            VANISHED: nothing,
            TORN: nothing,
            DOUBT: nothing,
            DIFFERENCES: agreed,
            UNEXPLAINED: none,
        },
        "invariant 7",
    ),
    "no cap": ({"hedged.core.risk._of_size": unlimited}, "invariant 2"),
    "cycles are counted anew": (
        {"hedged.engine.hedger.Hedger._next_cycle": first_cycle},
        "intended twice|used before",
    ),
}
# The daemon's own assertions, in all of them: the checker is to find it out by itself.
ASSERTED = {
    "hedged.engine.hedger.decision_violations": none,
    "hedged.engine.executor.Executor.violations": none,
}


@pytest.mark.parametrize(
    "place", sorted({*ASSERTED, *(p for out, _ in BROKEN.values() for p in out)})
)
def test_what_is_taken_out_below_is_still_there(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, nothing)  # raises where somebody has renamed it


@pytest.mark.proof
@pytest.mark.parametrize("broken", BROKEN)
def test_a_daemon_without_one_of_its_safeties_is_found_out(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_out, found = BROKEN[broken]
    for place, instead in (taken_out | ASSERTED).items():
        monkeypatch.setattr(place, instead)
    with pytest.raises(SimulationFailed, match=found):
        all_of(range(1, 120))


def test_a_failure_says_how_to_see_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong_way(intent: OrderIntent, *_: object) -> Terms:
        raise RuntimeError(f"a bug at {intent.symbol}")  # type: ignore[attr-defined] # it is one

    monkeypatch.setattr(executor, "terms_of", wrong_way)
    with pytest.raises(SimulationFailed, match=r"seed 3: .*(?s:.*)-m tests.simulation 3$"):
        simulated(3)
