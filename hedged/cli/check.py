"""`hedged check`: is the configuration right, and with `--online`, does it work?"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from hedged.app import Daemon, build, symbols_at
from hedged.cli.common import ConfigOption, JsonOption, load, run_async, set_up_logs
from hedged.cli.console import console
from hedged.config import ConfigError, Settings, resolve
from hedged.core.decimals import plain
from hedged.core.types import Accounting, Execution, Kind

Json = dict[str, object]


def check(
    *,
    config: ConfigOption,
    online: bool = typer.Option(
        False, "--online", help="Reach each venue: read balances, positions, position mode."
    ),
    as_json: JsonOption = False,
) -> None:
    """Validate the configuration; with --online also what it points to. Changes nothing."""

    async def checked() -> Json:
        settings = load(config)
        found: Json = {
            "config": str(config),
            "environment": settings.environment.value,
            "execution": settings.execution.value,
            "books": {
                name: [hedge.asset for hedge in book.hedges]
                for name, book in settings.books.items()
            },
            "warnings": [*_unread_secrets(settings, config.parent), *_doubts(settings)],
        }
        if online:
            set_up_logs(settings, config.parent, level="warning")
            daemon = build(settings, Execution.DRY_RUN, env=os.environ, base=config.parent)
            try:
                found["venues"] = await _read_venues(daemon)
            finally:
                await daemon.close()
        return found

    found = run_async(checked)
    if as_json:
        typer.echo(json.dumps(found))
    else:
        _print(found)


def _unread_secrets(settings: Settings, base: Path) -> Iterator[str]:
    """Why a secret cannot be read here and now; the file may well be meant for another place."""
    for venue in settings.venues.values():
        for reference in (venue.api_key, venue.secret):
            try:
                resolve(reference, os.environ, base)
            except ConfigError as error:
                yield str(error)


def _doubts(settings: Settings) -> list[str]:
    """Settings that work but seldom do what is meant."""
    return [
        f'books.{name}: {hedge.asset}: accounting = "coins" with an inverse contract un-hedges '
        "after a fall and over-hedges after a rise: 5 BTC hedged at 65,000 end 0.556 BTC long at "
        "58,500, and 0.667 BTC short at 75,000"
        for name, book in settings.books.items()
        for hedge in book.hedges
        if hedge.accounting is Accounting.COINS
        and any(_is_inverse(leg.instrument) for leg in hedge.legs)
    ]


def _is_inverse(symbol: str) -> bool:
    """Whether a unified symbol settles in its base coin: BTC/USD:BTC."""
    base, _, rest = symbol.partition("/")
    return rest.partition(":")[2].partition("-")[0] == base


async def _read_venues(daemon: Daemon) -> list[Json]:
    """What each venue says; raises for what would keep a daemon from trading."""
    read: list[Json] = []
    for venue in daemon.venues.values():
        await venue.open()
        symbols = symbols_at(daemon.settings, venue.name)
        coins = {hedge.asset for book in daemon.settings.books.values() for hedge in book.hedges}
        account = await venue.account(sorted(coins))
        for symbol in symbols:
            await venue.quote(symbol)
        listed = [venue.instrument(symbol) for symbol in symbols]
        read.append(
            {
                "venue": venue.name,
                "position_mode": "one-way",
                "instruments": {
                    i.symbol: f"{i.kind.value}, {plain(i.contract_size)} "
                    f"{'USD' if i.kind is Kind.INVERSE else i.base} a contract, "
                    f"lot {plain(i.lot)}"
                    for i in listed
                },
                "balances": {b.wallet.unit: plain(b.wallet.value) for b in account.balances},
                "positions": {
                    p.instrument.symbol: f"{plain(p.quantity.value)} {p.quantity.unit}"
                    for p in account.positions
                },
            }
        )
    return read


def _print(found: Json) -> None:
    out = console()
    for line in _lines(found):
        out.print(line, soft_wrap=True)


def _lines(found: Any) -> Iterator[str]:
    """What was found, for people."""
    yield f"{found['config']}: ok, environment {found['environment']}, {found['execution']}"
    for book, assets in found["books"].items():
        yield f"  book {book}: {', '.join(assets)}"
    for warning in found["warnings"]:
        yield f"  warning: {warning}"
    for venue in found.get("venues", ()):
        yield f"  venue {venue['venue']}: {venue['position_mode']} mode"
        for what in ("instrument", "balance", "position"):
            for name, text in venue[f"{what}s"].items():
                yield f"    {what} {name}: {text}"
