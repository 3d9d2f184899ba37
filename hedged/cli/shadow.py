"""`hedged replay --shadow`: what the journal tells of some days, and orders beside orders."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Final

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from hedged.cli.common import Exit, fail
from hedged.cli.console import console
from hedged.config import load
from hedged.core.types import Kind
from hedged.ports import Selection
from hedged.replay.jobs import Outcome
from hedged.replay.shadow import AS_DONE, Deal, Past, Stand
from hedged.report.records import KINDS, journalled
from hedged.report.samples import AssetRecords
from hedged.store import entries_in, journal_file

TIMES: Final = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
_SHOWN: Final = 40  # lines; --json has all


def past_of(
    config: Path, asset: str | None, since: datetime | None, until: datetime | None
) -> Past:
    """What the configuration's journal has of one asset in a time; exits where that is too little.

    Raises:
        StoreError: the journal cannot be read.
        ConfigError: the configuration cannot.
    """
    path = journal_file(load(config, env=os.environ), os.environ)
    first = None if since is None else since.replace(tzinfo=UTC)
    last = datetime.max.replace(tzinfo=UTC) if until is None else until.replace(tzinfo=UTC)
    entries = entries_in(path, Selection(kinds=KINDS, since=first))
    found = journalled(entry for entry in entries if entry.at <= last)
    told = [r for r in found.assets.values() if asset in (None, r.asset) and len(r.samples) > 1]
    if not told:
        whose = "of a hedge" if asset is None else f"of {asset}"
        fail(f"the journal {path} has no two looks {whose} in this time", Exit.DEGRADED)
    return _past(told[0])


def _past(records: AssetRecords) -> Past:
    legs = {(leg.place, leg.kind) for sample in records.samples for leg in sample.legs}
    if len(legs) != 1 or any(kind is not Kind.INVERSE for _, kind in legs):
        names = ", ".join(sorted(symbol for (_, symbol), _ in legs)) or "nothing"
        raise typer.BadParameter(
            f"--shadow needs a hedge with one inverse contract; {records.asset} was hedged with "
            f"{names}"
        )
    return Past(
        tuple(
            Stand(s.at, s.seq, s.equity, s.position_usd, s.index, s.mark) for s in records.samples
        ),
        tuple(Deal(t.at, t.seq, t.quantity, t.price, t.fee) for t in records.trades),
    )


def orders_object(outcome: Outcome) -> list[dict[str, object]]:
    """What was traded, order by order."""
    return [{"at_ms": t.at_ms, "usd": f"{t.usd:.2f}"} for t in outcome.trades]


def print_orders(past: Past, outcomes: Sequence[Outcome]) -> None:
    """When each of them traded, side by side, to the minute."""
    shown = [o for o in outcomes if not o.job.has_basis]
    shown.sort(key=lambda outcome: outcome.job.label != AS_DONE)
    table = Table(box=SIMPLE_HEAD, title="orders, USD (sold < 0)", title_justify="left")
    table.add_column("UTC")
    for outcome in shown:
        table.add_column(outcome.job.label, justify="right")
    traded = [
        (trade.at_ms // 60_000, column, trade.usd)
        for column, outcome in enumerate(shown)
        for trade in outcome.trades
    ]
    minutes = [(m, list(rows)) for m, rows in groupby(sorted(traded), key=lambda row: row[0])]
    for minute, rows in minutes[:_SHOWN]:
        at = past.stands[0].at + timedelta(minutes=minute)
        sums = [sum(usd for _, c, usd in rows if c == column) for column in range(len(shown))]
        table.add_row(f"{at:%m-%d %H:%M}", *(f"{usd:,.0f}" if usd else "" for usd in sums))
    if minutes:
        console().print(table)
    if len(minutes) > _SHOWN:
        console().print(f"and {len(minutes) - _SHOWN} more minutes: --json lists every order")
