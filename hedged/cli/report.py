"""`hedged report`: what the hedge did over a period, by cause; with --tax, record by record."""

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, TextIO

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from hedged.app import build, journal_file
from hedged.cli.common import ConfigOption, Exit, fail, load, run_async, set_up_logs
from hedged.cli.console import console
from hedged.config import Settings
from hedged.core.decimals import plain
from hedged.core.events import Decided, Fill, Intended
from hedged.core.types import Execution, Flow
from hedged.ports import Selection
from hedged.report.records import AssetRecords, asset_records
from hedged.report.summary import Summary, summary
from hedged.report.tax import COLUMNS, Line, tax_lines
from hedged.report.text import facts, report_object, titled
from hedged.store import entries_in

_KINDS: Final = (Decided.kind, Intended.kind, Fill.kind)
_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
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
    format_: Annotated[Format, typer.Option("--format", help="table, json, csv or html.")] = (
        Format.TABLE
    ),
    tax: Annotated[
        bool, typer.Option("--tax", help="Every fill, fee, funding and interest, as CSV.")
    ] = False,
    offline: Annotated[
        bool,
        typer.Option("--offline", help="Ask no exchange: funding and transfers have no name then."),
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file.")
    ] = None,
) -> None:
    """Report what the hedge did, what it cost, and whether it worked."""
    first = since.replace(tzinfo=UTC) if since else _BEGINNING
    last = until.replace(tzinfo=UTC) if until else datetime.now(UTC)

    async def read() -> tuple[list[AssetRecords], tuple[Flow, ...]]:
        settings = load(config)
        set_up_logs(settings, config.parent, level="error")
        found = list(_records(settings, first, last, whole=tax))
        oldest = min((r.samples[0].at for r in found if r.samples), default=first)
        flows = () if offline else await _flows(settings, config.parent, max(first, oldest))
        return found, tuple(flow for flow in flows if flow.at <= last)

    found, flows = run_async(read)
    if tax:
        lines = [(r.asset, line) for r in found for line in _tax_lines(r, flows, first)]
        _written(output, lambda out: _write_tax(lines, out))
        return
    summaries = [known for records in found if (known := summary(records, flows)) is not None]
    if not summaries:
        fail("the journal has no two hedged looks in this period: nothing to report", Exit.DEGRADED)
    note = "Funding, interest and transfers are not asked for." if offline else _told(flows)
    if format_ is Format.TABLE and output is None:
        _print(summaries, note)
    else:
        text = _text(summaries, format_, note)
        _written(output, lambda out: out.write(text))


def _records(
    settings: Settings, first: datetime, last: datetime, *, whole: bool
) -> Iterable[AssetRecords]:
    """Of the period; `whole`: fills from the beginning, whose lots may be open still."""
    path = journal_file(settings, os.environ)
    since = None if whole else first
    entries = (e for e in entries_in(path, Selection(kinds=_KINDS, since=since)) if e.at <= last)
    return asset_records(entries).values()


async def _flows(settings: Settings, base: Path, since: datetime) -> tuple[Flow, ...]:
    daemon = build(settings, Execution.DRY_RUN, env=os.environ, base=base)
    try:
        found = []
        for venue in daemon.venues.values():
            await venue.open()  # not `daemon.open`: an exchange that is down must be said here
            found.append(await venue.flows(since))
    finally:
        await daemon.close()
    return tuple(sorted((flow for flows in found for flow in flows), key=lambda flow: flow.at))


def _tax_lines(records: AssetRecords, flows: Iterable[Flow], first: datetime) -> list[Line]:
    own = [flow for flow in flows if flow.change.unit == records.asset]
    lines = tax_lines(records.trades, own, records.samples)
    return [line for line in lines if line.at >= first]


def _told(flows: tuple[Flow, ...]) -> str:
    return f"{len(flows)} records of the exchange are in it. Prices are marks, basis included."


def _text(summaries: list[Summary], format_: Format, note: str) -> str:
    if format_ is Format.JSON:
        return json.dumps({"note": note, "assets": list(map(report_object, summaries))}) + "\n"
    if format_ is Format.HTML:
        from hedged.report.html import html_report  # noqa: PLC0415 - plotly takes half a second

        return html_report(summaries, note)
    rows = [
        (titled(s), name, value.replace(",", "")) for s in summaries for name, value in facts(s)
    ]
    separator = "," if format_ is Format.CSV else "\t"
    return "".join(separator.join(_quoted(cell) for cell in row) + "\n" for row in rows)


def _quoted(cell: str) -> str:
    return f'"{cell}"' if "," in cell else cell


def _print(summaries: Iterable[Summary], note: str) -> None:
    out = console()
    for found in summaries:
        table = Table(box=SIMPLE_HEAD, title=titled(found), title_justify="left", show_header=False)
        table.add_column("figure")
        table.add_column("value", justify="right")
        for name, value in facts(found):
            table.add_row(name, value)
        out.print(table)
    out.print(note)


def _write_tax(lines: Iterable[tuple[str, Line]], out: TextIO) -> None:
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for coin, line in lines:
        trade = line.record
        usd = (
            None if line.usd_per_coin is None else line.usd_per_coin * (line.coins - line.fee_coins)
        )
        figures = (line.fee_coins, line.coins, line.fifo, line.average, line.usd_per_coin, usd)
        rows.writerow(
            [
                line.at.isoformat(),
                trade.venue if trade else "",
                trade.symbol if trade else "",
                line.kind,
                plain(trade.q_usd) if trade else "",
                plain(trade.price) if trade else "",
                coin,
                *("" if figure is None else plain(figure, 12) for figure in figures),
                line.id,
            ]
        )


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
