"""`hedged report`: what the hedge did over a period, by cause; with --tax, record by record."""

import csv
import io
import os
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Final, TextIO

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from hedged.app import build
from hedged.cli.common import ConfigOption, Exit, fail, load, run_async, set_up_logs
from hedged.cli.console import console
from hedged.config import Settings
from hedged.config.venues import symbols_at
from hedged.core.types import Execution
from hedged.engine.bookkeeper import LONGEST, OVERLAP
from hedged.ports import Selection, VenueRefused, VenueUnavailable
from hedged.report.made import Report, Statements, made, own_statement
from hedged.report.records import KINDS, Journalled, begin, journalled
from hedged.report.statement import KINDS as STATEMENT
from hedged.report.statement import UNTOLD, Span, Statement, kept_statements
from hedged.report.summary import Summary
from hedged.report.tax import COLUMNS, beside_lines, row, tax_lines
from hedged.report.text import (
    OVERVIEW,
    ROLLING,
    cause_facts,
    effect_facts,
    overview,
    rolling_row,
    titled,
    work_facts,
)
from hedged.report.written import lines, report_csv, report_json, rolling_csv
from hedged.store import entries_in, journal_file

_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
_WIDE: Final = 160  # columns of a table in a file
_LATE: Final = timedelta(days=1)  # a line is on record after it happened, by another clock
_TIMES: Final = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]


class Format(StrEnum):
    """What a report is written as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


def report(
    *,
    config: ConfigOption,
    since: Annotated[
        datetime | None, typer.Option("--from", help="From then on, UTC.", formats=_TIMES)
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", help="Until then, UTC.", formats=_TIMES)
    ] = None,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="table, json, csv or html; else as the file's name ends."),
    ] = None,
    tax: Annotated[
        bool, typer.Option("--tax", help="Every fill, fee, funding and interest, as CSV.")
    ] = False,
    effectiveness: Annotated[
        bool, typer.Option("--effectiveness", help="Window by window, as table, JSON or CSV.")
    ] = False,
    window: Annotated[
        int, typer.Option("--window", help="Length of these windows in days.", min=1, max=366)
    ] = 7,
    offline: Annotated[
        bool,
        typer.Option("--offline", help="Ask no exchange: the journal alone tells."),
    ] = False,
    outputs: Annotated[
        list[Path] | None,
        typer.Option("--output", "-o", help="Write to this file; several make several."),
    ] = None,
) -> None:
    """Report what the hedge did, what it cost, and whether it worked."""
    first = max(since.replace(tzinfo=UTC), _BEGINNING) if since else _BEGINNING
    last = until.replace(tzinfo=UTC) if until else datetime.now(UTC)

    notes: list[str] = []

    async def read() -> tuple[Journalled, Statements]:
        settings = load(config)
        set_up_logs(settings, config.parent, level="error")
        known = _known(settings, first, last, whole=tax)
        begun = known.begun or first
        if tax:
            begun = max(first, begun)
        kept = _kept(settings, begun)
        if offline:
            return known, kept
        return known, await _completed(kept, settings, config.parent, (begun, last), notes)

    targets: list[Path | None] = [*(outputs or [])] or [None]
    known, statements = run_async(read)
    if tax:
        for output in targets:
            _written(output, partial(_write_tax, known, statements, (first, last)))
        return
    found = made(known, statements, timedelta(days=window), notes)
    if not found.summaries:
        fail("the journal has no two looks in this period: nothing to report", Exit.DEGRADED)
    for output in targets:
        kind = format_ or _named(output)
        if kind is Format.TABLE and output is None:
            _print(found, console(), only_windows=effectiveness)
        else:
            text = _text(found, kind, only_windows=effectiveness)
            _written(output, partial(_put, text))


def _named(output: Path | None) -> Format:
    """What a file's name says that it holds."""
    suffix = "" if output is None else output.suffix.removeprefix(".")
    return Format(suffix) if suffix in {"json", "csv", "html"} else Format.TABLE


def _known(settings: Settings, first: datetime, last: datetime, *, whole: bool) -> Journalled:
    """Of the period; `whole`: all, as lots of before may be open, and fills come on record late."""
    path = journal_file(settings, os.environ)
    if whole:
        return journalled(entries_in(path, Selection(kinds=KINDS)))
    found = entries_in(path, Selection(kinds=KINDS, since=first))
    known = journalled(entry for entry in found if first < entry.at <= last)
    seen = {owner for owner, records in known.assets.items() if records.samples}
    before = Journalled()
    for since in (max(first - timedelta(days=1), _BEGINNING), _BEGINNING):
        earlier = entries_in(path, Selection(kinds=KINDS, since=since))
        before = journalled(takewhile(lambda entry: entry.at <= first, earlier))
        if all(owner in before.assets and before.assets[owner].samples for owner in seen):
            break
    begin(known, before)
    return known


def _kept(settings: Settings, since: datetime) -> dict[str, Statement]:
    """What the journal has of each exchange's statement."""
    path = journal_file(settings, os.environ)
    selection = Selection(kinds=STATEMENT, since=since - _LATE)
    return kept_statements(entries_in(path, selection))


async def _completed(
    kept: Statements, settings: Settings, base: Path, period: Span, notes: list[str]
) -> Statements:
    """With what each exchange tells of what is not on record; what one does not is noted."""
    hedging = [name for name in settings.venues if symbols_at(settings, name)]
    gaps = {name: list(kept.get(name, UNTOLD).gaps(*period)) for name in hedging}
    if not any(gaps.values()):
        return kept
    earliest = datetime.now(UTC) - LONGEST
    if any(gap[0] < earliest for its in gaps.values() for gap in its):
        notes.append(f"Exchanges tell of a year: nothing of before {earliest:%Y-%m-%d} is asked.")
    daemon = build(settings, Execution.DRY_RUN, env=os.environ, base=base)
    found = dict(kept)
    try:
        for name in filter(gaps.get, hedging):
            venue = daemon.venues[name]
            since = max(gaps[name][0][0] - OVERLAP, earliest)
            try:
                await venue.open()
                told = Statement(await venue.flows(since), ((since, datetime.now(UTC)),))
            except VenueRefused as refused:
                notes.append(f"Nothing of {name} has a name: {refused}.")
            except VenueUnavailable as error:
                fail(f"{error}; --offline reports what the journal has", Exit.ERROR)
            else:
                found[name] = kept.get(name, UNTOLD).and_then(told)
    finally:
        await daemon.close()
    return found


def _text(found: Report, format_: Format, *, only_windows: bool) -> str:
    if format_ is Format.HTML:
        from hedged.report.html import html_report  # noqa: PLC0415 - plotly takes half a second

        return html_report(found)
    if format_ is Format.JSON:
        return report_json(found)
    if format_ is Format.CSV:
        return rolling_csv(found) if only_windows else report_csv(found)
    out = Console(file=io.StringIO(), markup=False, highlight=False, emoji=False, width=_WIDE)
    with out.capture() as said:
        _print(found, out, only_windows=only_windows)
    return said.get()


def _print(found: Report, out: Console, *, only_windows: bool) -> None:
    if len(found.summaries) > 1 and not only_windows:
        out.print(_table("All assets", OVERVIEW, overview(found.summaries)))
    for one in found.summaries:
        if not only_windows:
            _print_facts(one, out)
        windows = found.windows[one.records.book, one.records.asset]
        if windows:
            title = f"{titled(one)}, window by window"
            out.print(_table(title, ROLLING, map(rolling_row, windows)))
    for line in lines(found):
        out.print(line)


def _table(title: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    table = Table(box=SIMPLE_HEAD, title=title, title_justify="left")
    for name in heads:
        table.add_column(name, justify="right")
    for cells in rows:
        table.add_row(*cells)
    return table


def _print_facts(one: Summary, out: Console) -> None:
    title = titled(one)
    for facts in (cause_facts(one), work_facts(one), effect_facts(one.effectiveness)):
        table = Table(box=SIMPLE_HEAD, title=title, title_justify="left", show_header=False)
        table.add_column("figure")
        table.add_column("value", justify="right")
        for name, value in facts:
            table.add_row(name, value)
        out.print(table)
        title = ""


def _write_tax(known: Journalled, statements: Statements, period: Span, out: TextIO) -> None:
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for records in known.assets.values():
        for line in tax_lines(records, own_statement(records, statements).flows):
            if period[0] <= line.at < period[1]:
                rows.writerow(row(records.book, line))
    for line in beside_lines(statements.values(), {asset for _, asset in known.assets}):
        if period[0] <= line.at < period[1]:
            rows.writerow(row("", line))


def _put(text: str, out: TextIO) -> None:
    out.write(text)


def _written(output: Path | None, write: Callable[[TextIO], object]) -> None:
    if output is None:
        write(sys.stdout)
        return
    try:
        with output.open("w", encoding="utf-8", newline="") as out:
            write(out)
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}", Exit.ERROR)
    typer.echo(f"written: {output}")
