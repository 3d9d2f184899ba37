"""`hedged replay`: what a configuration would have done over a price path, and what it cost.

The daemon's own cycle runs on the embedded exchange in virtual time. Beside it, other rules can run
on the same path, or the same configuration with other settings.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import product
from math import inf
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from hedged.cli.common import Exit, JsonOption, fail
from hedged.cli.console import console
from hedged.cli.numbers import positive
from hedged.cli.shadow import TIMES, orders_object, past_of, print_orders
from hedged.config import ConfigError, HedgeSettings, Settings, StaticSource
from hedged.config import load as load_settings
from hedged.ops import logging
from hedged.packaged import packaged
from hedged.ports import SpotSource, StoreError, VenueRefused
from hedged.replay.figure import frontier, write_frontier
from hedged.replay.jobs import OWN, Book, Job, Outcome, all_replayed
from hedged.replay.rules import ORACLE, RULES
from hedged.replay.shadow import AS_DONE, Past
from hedged.replay.stage import STANDARD as STANDARD_TERMS
from hedged.replay.stage import Terms
from hedged.replay.workload import (
    Faults,
    Workload,
    file_workload,
    read_flows,
    shipped_workload,
)
from hedged.sim.prices import PriceFileError, PricePoint, read_prices
from hedged.sources import policy_of

WORKLOADS: Final = ("W0", "W1", "W2", "W4", "W5")
# A hedge as any configuration has it that says nothing else.
STANDARD: Final = {"asset": "BTC", "venue": "main", "instrument": "BTC/USD:BTC"}
_FAULTS: Final = tuple(field.name for field in fields(Faults))


def replay(
    *,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="Configuration (TOML); without it, band 0.25 %."),
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(help="Price file: CSV or CSV.gz with a time and a price.")
    ] = None,
    flows: Annotated[
        Path | None, typer.Option(help="Deposits and withdrawals: CSV with t_s and coins.")
    ] = None,
    workload: Annotated[
        str | None,
        typer.Option(help="A standard workload in place of prices: W0, W1, W2, W4 or W5."),
    ] = None,
    data: Annotated[Path, typer.Option(help="Folder of the files of W1, W2, W4 and W5.")] = Path(
        "../shared/market/workloads"
    ),
    faults: Annotated[
        str | None,
        typer.Option(help='What goes wrong, e.g. "timed_out=0.05,partial=0.1,stale=0.02,seed=1".'),
    ] = None,
    asset: Annotated[
        str | None, typer.Option(help="Whose prices they are; the first hedge's, unless said.")
    ] = None,
    coins: Annotated[
        Decimal | None,
        typer.Option(
            help="Coins at the exchange; unless said, half of what the cold wallets hold, and the "
            "book at least 1,000,000 USD worth.",
            parser=positive,
            metavar="NUMBER",
        ),
    ] = None,
    compare: Annotated[
        str | None, typer.Option(help='"all": other rules on the same path.')
    ] = None,
    sweep: Annotated[
        str | None,
        typer.Option(help="Settings side by side, e.g. band=0.1%:0.25%:0.5%,style=ioc:maker."),
    ] = None,
    shadow: Annotated[
        bool,
        typer.Option("--shadow", help="The days in the journal: beside it, what was done on them."),
    ] = False,
    since: Annotated[
        datetime | None, typer.Option("--from", help="Those days from then, UTC.", formats=TIMES)
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", help="Until then, UTC.", formats=TIMES)
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Write cost against tracking error to this HTML file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Replay a price path: the daemon's own cycles, in virtual time, without a network."""
    logging.configure(style="json", level="error")
    if figure is not None and not figure.parent.is_dir():
        fail(f"--figure {figure}: there is no folder {figure.parent}", Exit.ERROR)
    try:
        terms = STANDARD_TERMS if workload is not None else Terms()
        jobs, past = _jobs(config, asset, coins, terms, sweep), None
        if shadow:
            if config is None or workload is not None or flows is not None:
                raise typer.BadParameter("--shadow takes -c, and prices and flows of the journal")
            past = past_of(config, asset, since, until)
            jobs, played = _beside(jobs, past), past.workload(*_path(prices))
        else:
            played = _workload(workload, data, prices, flows, faults)
        jobs = _widened(jobs, compare, played)
        outcomes = _run(jobs, played)
    except ConfigError as error:
        fail(str(error), Exit.CONFIG, error.problems)
    except (PriceFileError, StoreError, VenueRefused) as error:
        fail(str(error), Exit.ERROR)
    if as_json:
        typer.echo(json.dumps(_object(played, outcomes, lists_orders=past is not None)))
    else:
        _print(played, outcomes)
        if past is not None:
            print_orders(past, outcomes)
    if figure is not None:
        try:
            write_frontier(_paired(outcomes), figure)
        except OSError as error:
            fail(f"--figure {figure} cannot be written: {error.strerror}", Exit.ERROR)


def _beside(jobs: Sequence[Job], past: Past) -> list[Job]:
    """Replays of the book as it stood then, with what was done as one of them."""
    found = [Job(job.label, past.as_begun(job.book)) for job in jobs]
    return [*found, Job(AS_DONE, found[0].book, past.rule())]


def _path(prices: Path | None) -> tuple[Sequence[PricePoint], str]:
    return ((), "") if prices is None else (tuple(read_prices(prices).points), prices.name)


def _widened(jobs: Sequence[Job], compare: str | None, workload: Workload) -> list[Job]:
    """With the other rules where they are asked for, and all of it again with the basis."""
    if compare not in (None, "all"):
        raise typer.BadParameter(f'--compare takes "all", not {compare!r}')
    found = list(jobs)
    if compare is not None:
        found += [Job(rule.name, jobs[0].book, rule) for rule in (*RULES, ORACLE)]
    if any(point.mark is not None for point in workload.points):
        found += [replace(job, has_basis=True) for job in found]
    return found


def _workload(
    name: str | None, data: Path, prices: Path | None, flows: Path | None, faults: str | None
) -> Workload:
    if (name is None) == (prices is None):
        raise typer.BadParameter("give either --prices or --workload")
    wrong = None if faults is None else _faults(faults)
    if prices is not None:
        found = file_workload(prices.name, prices, flows)
    elif name in WORKLOADS:
        own = None if flows is None else read_flows(flows)
        found = shipped_workload(name, data)
        found = found if own is None else replace(found, flows=own)
    else:
        raise typer.BadParameter(f"{name} is no workload; there are {', '.join(WORKLOADS)}")
    return found if wrong is None else replace(found, faults=wrong)


def _faults(text: str) -> Faults:
    given: dict[str, Any] = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        if name not in _FAULTS:
            raise typer.BadParameter(f"{name!r} is no fault; there are {', '.join(_FAULTS)}")
        given[name] = _fault(name, value)
    return replace(Faults(timed_out=0, partial=0, stale=0), **given)


def _fault(name: str, value: str) -> float:
    """A share, or where the faults count something a whole number."""
    is_share = isinstance(getattr(Faults(), name), float)
    told = "a share from 0 to 1" if is_share else "a whole number from 0"
    try:
        given = float(value) if is_share else int(value)
    except ValueError:
        raise typer.BadParameter(f"{name}: {value!r} is not {told}") from None
    if not 0 <= given <= (1 if is_share else inf):
        raise typer.BadParameter(f"{name}: {value} is not {told}")
    return given


def _jobs(
    config: Path | None, asset: str | None, coins: Decimal | None, terms: Terms, sweep: str | None
) -> list[Job]:
    """Hedged's own replays: one, or one per combination of swept settings."""
    jobs = []
    for changes in _combinations(sweep):
        settings = _settings(config, changes)
        label = ", ".join(f"{key} {value}" for key, value in changes.items()) or OWN
        jobs.append(Job(label, _book(settings, asset, coins, terms)))
    return jobs


def _settings(config: Path | None, changes: dict[str, str]) -> Settings:
    """A configuration with its hedges changed; what is wrong with a change is the sweep's fault."""
    path = config or packaged("demo.toml", checkout="config")
    load = partial(load_settings, path, env=os.environ)
    settings = load(change=partial(_change, {}, is_standard=config is None))
    if not changes:
        return settings
    try:
        return load(change=partial(_change, changes, is_standard=config is None))
    except ConfigError as error:
        problems = (
            replace(problem, file="--sweep", line=None, key=problem.key.rpartition("].")[2])
            for problem in error.problems
        )
        raise ConfigError(dict.fromkeys(problems)) from None


def _combinations(sweep: str | None) -> list[dict[str, str]]:
    if sweep is None:
        return [{}]
    choices: list[list[tuple[str, str]]] = []
    for part in sweep.split(","):
        key, equals, values = part.partition("=")
        if not equals or not key or not values:
            raise typer.BadParameter(f"{part!r} is not KEY=VALUE:VALUE…")
        choices.append([(key, value) for value in values.split(":")])
    return [dict(chosen) for chosen in product(*choices)]


def _change(changes: dict[str, str], document: dict[str, Any], *, is_standard: bool) -> None:
    """Set keys of every hedge, or of the standard one; a dotted key is one of a table in it."""
    if is_standard:
        document["books"] = {"replay": {"hedges": [dict(STANDARD)]}}
    books = document.get("books")
    for book in books.values() if isinstance(books, dict) else ():
        for hedge in book.get("hedges", ()):
            for key, value in changes.items():
                *path, last = key.split(".")
                table = hedge
                for name in path:
                    table = table.setdefault(name, {})
                    if not isinstance(table, dict):
                        raise typer.BadParameter(f"--sweep {key}: {name} is no table")
                table[last] = value


def _book(settings: Settings, asset: str | None, coins: Decimal | None, terms: Terms) -> Book:
    """The hedge that is replayed, with the cold wallets that it counts; nothing else."""
    book, found = _hedge(settings, asset)
    sources: dict[str, SpotSource] = {}
    hedge = policy_of(found, settings.books[book].max_age_s, sources)
    beside = sum((s.static for s in found.spot if isinstance(s, StaticSource)), Decimal(0))
    alone = replace(hedge, spot=tuple(sources), legs=hedge.legs[:1], aliases=())
    return Book(alone, tuple(sources.values()), beside, coins, terms)


def _hedge(settings: Settings, asset: str | None) -> tuple[str, HedgeSettings]:
    for name, book in settings.books.items():
        for hedge in book.hedges:
            if hedge.legs and asset in (None, hedge.asset):
                return name, hedge
    raise typer.BadParameter(f"the configuration has no hedge of {asset} with its own instrument")


def _run(jobs: Sequence[Job], workload: Workload) -> list[Outcome]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        total = len(jobs) * len(workload.points)
        task = progress.add_task(f"replaying {workload.name}", total=total)
        return all_replayed(jobs, workload, lambda done: progress.update(task, completed=done))


def _paired(outcomes: Sequence[Outcome]) -> list[tuple[Outcome, Outcome | None]]:
    """Each without a basis, and the same with it."""
    with_basis = {outcome.job.label: outcome for outcome in outcomes if outcome.job.has_basis}
    return [(o, with_basis.get(o.job.label)) for o in outcomes if not o.job.has_basis]


_HEADINGS: Final = (
    "rule",
    "error,\nbasis\noff",
    "error,\nbasis\non",
    "max\nbps",
    "net delta\nkUSD·h",
    "cost\nbps",
    "trades",
    "wrong\nside",
    "dupli-\ncates",
    "in\nband",
)


def _print(workload: Workload, outcomes: Sequence[Outcome]) -> None:
    out, pairs = console(), _paired(outcomes)
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for number, heading in enumerate(_HEADINGS):
        justify: Literal["left", "right"] = "right" if number else "left"
        table.add_column(
            heading, justify=justify, no_wrap=number > 0, min_width=0 if number else 12
        )
    best = frontier([pair[0] for pair in pairs])
    for off, on in pairs:
        m = off.metrics
        mark = " *" if len(pairs) > 1 and off in best else ""
        table.add_row(
            off.job.label + mark,
            f"{m.tracking_bps:.2f}",
            "" if on is None else f"{on.metrics.tracking_bps:.2f}",
            f"{m.greatest_bps:.1f}",
            f"{m.unhedged_usd_hours / 1000:,.0f}",
            f"{m.cost_bps:.2f}",
            str(m.trades),
            str(m.wrong_side),
            str(m.duplicates),
            "" if m.in_band is None else f"{m.in_band:.0%}",
        )
    out.print(table)
    days = workload.points[-1].at_ms / 86_400_000
    span = f"{days:.1f} days" if days >= 1 else f"{24 * days:.1f} hours"
    own = [o.metrics for o in outcomes if o.job.rule is None]
    speed = sum(m.steps for m in own) / sum(m.seconds for m in own)
    out.print(
        f"{workload.name}: {len(workload.points):,} steps in {span}, "
        f"{speed:,.0f} of hedged's a second and core. Errors are tracking errors in bps per √day."
    )
    if len(pairs) > 1:
        out.print("* no other one has both a lower cost and a lower error")
    if any(on for _, on in pairs):
        out.print("With the basis on, the basis itself is most of the error that is left.")


def _object(
    workload: Workload, outcomes: Sequence[Outcome], *, lists_orders: bool
) -> dict[str, object]:
    return {
        "workload": workload.name,
        "steps": len(workload.points),
        "runs": [
            {"rule": o.job.label, "basis": o.job.has_basis}
            | {
                key: f"{value:.6f}" if isinstance(value, float) else value
                for key, value in asdict(o.metrics).items()
            }
            | ({"orders": orders_object(o)} if lists_orders else {})
            for o in outcomes
        ],
    }
