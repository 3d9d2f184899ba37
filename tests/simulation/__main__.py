"""Replay seeds, or run many of them.

python -m tests.simulation 17 --log         exactly this one, with the daemon's log
python -m tests.simulation --seeds 10000    so many, on all cores
python -m tests.simulation --orders 10000   storms, until so many orders met a fault
"""

import argparse
import os
import sys
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from tests.simulation.many import many, outcome
from tests.simulation.run import Outcome

PROOFS = Path(__file__).parents[2] / "docs" / "proofs.md"


def told(done: list[Outcome], took_s: float) -> str:
    """What many seeds came to, as a row of the table of proofs."""
    seeds = [one.seed for one in done]
    recovered = sorted(one.recovered_s for one in done)
    return (
        f"{len(done):,} seeds ({min(seeds)} to {max(seeds)}), {sum(o.lives for o in done):,} "
        f"processes of the daemon, {sum(o.sent for o in done):,} orders, of which "
        f"{sum(o.orders_struck for o in done):,} met a fault, {sum(o.struck for o in done):,} "
        f"calls that met one, {sum(o.checks for o in done):,} assertions of invariants; "
        f"0 duplicates, 0 lost, 0 orphans; inside the band after the faults ended within "
        f"{recovered[len(recovered) // 2]:.0f} s (median), {recovered[-1]:.0f} s (longest) of "
        f"virtual time; {took_s:.0f} s on {os.cpu_count()} cores"
    )


def write(mark: str, command: str, text: str) -> None:
    """Put a row in the place of the one that begins with `mark`."""
    row = f"| {mark} | `{command}` | {text} | {datetime.now(UTC):%Y-%m-%d} |"
    lines = PROOFS.read_text().splitlines()
    kept = [line for line in lines if not line.startswith(f"| {mark} |")]
    last = max(n for n, line in enumerate(kept) if line.startswith("| "))
    PROOFS.write_text("\n".join([*kept[: last + 1], row, *kept[last + 1 :]]) + "\n")


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seed", nargs="*", type=int, help="replay these")
    parser.add_argument("--storm", action="store_true", help="every order meets a fault")
    parser.add_argument("--log", action="store_true", help="show the daemon's log")
    parser.add_argument("--seeds", type=int, help="run so many, on all cores")
    parser.add_argument("--orders", type=int, help="run storms until so many orders met a fault")
    parser.add_argument("--first", type=int, default=1, help="the first seed of many")
    parser.add_argument("--write", action="store_true", help="write the result to docs/proofs.md")
    given = parser.parse_args()
    for seed in given.seed:
        found = outcome(seed, storm=given.storm)
        print(found)  # noqa: T201 - what it is for
        if isinstance(found, str):
            sys.exit(1)
    runs = (
        ("simulations of the whole daemon in virtual time", "SEEDS", given.seeds, given.storm),
        ("faulted orders", "ORDERS", given.orders, True),
    )
    for mark, variable, wanted, storm in runs:
        if not wanted:
            continue
        started_s = time.monotonic()
        seeds = iter(range(given.first, given.first + wanted)) if variable == "SEEDS" else None
        orders = None if seeds else wanted
        done = many(seeds or count(given.first), storm=storm, orders=orders)
        text = told(done, time.monotonic() - started_s)
        print(f"{mark}: {text}")  # noqa: T201 - what it is for
        if given.write:
            write(mark, f"make soak {variable}={wanted}", text)


if __name__ == "__main__":
    main()
