"""`hedged venues`: which exchanges there are, and what hedged does at each."""

import json
from dataclasses import asdict

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from hedged.cli.common import JsonOption
from hedged.cli.console import console
from hedged.venue.overview import About, venues


def list_venues(*, as_json: JsonOption = False) -> None:
    """List the exchanges that hedged knows, and what it does at each."""
    found = venues()
    if as_json:
        rows = [{**asdict(venue), "live": venue.is_live} for venue in found]
        typer.echo(json.dumps({"venues": rows}))
        return
    table = Table("exchange", "name", "environments", "contracts", "orders", box=SIMPLE_HEAD)
    for venue in found:
        table.add_row(
            venue.exchange,
            venue.title,
            ", ".join(venue.environments),
            ", ".join(venue.kinds),
            venue.orders,
        )
    console().print(table)
    for venue in found:
        for note in _notes(venue):
            console().print(f"{venue.exchange}: {note}")


def _notes(venue: About) -> list[str]:
    return [
        *(["A key has a passphrase too."] if venue.needs_passphrase else []),
        *(["There is no test environment."] if not venue.has_test_environment else []),
        *venue.notes,
    ]
