"""`hedged check`: is the configuration right, and with `--online`, does it work?"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import typer

from hedged.app import Daemon, build
from hedged.cli.common import (
    HEALTHY,
    ConfigOption,
    Exit,
    JsonOption,
    load,
    run_async,
    set_up_logs,
)
from hedged.cli.console import console
from hedged.config import ConfigError, Settings, resolve
from hedged.config.policies import collateral_bounds, has_coins_elsewhere
from hedged.core.decimals import plain
from hedged.core.listing import Listed
from hedged.core.preflight import Check, Mark, lot_checks
from hedged.core.types import Accounting, Decision, Execution, Kind, MarginAccount
from hedged.engine.preflight import Survey
from hedged.given import refuse_unsupported
from hedged.onlookers import tokens_of
from hedged.ports import StoreError
from hedged.store import journal_file
from hedged.web.access import refuse_open_door

Json = dict[str, object]
SIGNS: Final = {Mark.GOOD: "✓", Mark.DOUBT: "!", Mark.WRONG: "✗"}


def check(
    *,
    config: ConfigOption,
    online: bool = typer.Option(
        False, "--online", help="Reach each venue: key, clock, account, instruments, first verdict."
    ),
    as_json: JsonOption = False,
) -> None:
    """Validate the configuration; with --online also what it points to. Changes nothing."""

    async def checked() -> Json:
        settings = load(config)
        refuse_unsupported(settings)
        found: Json = {
            "config": str(config),
            "environment": settings.environment.value,
            "execution": settings.execution.value,
            "books": {
                name: [hedge.asset for hedge in book.hedges]
                for name, book in settings.books.items()
            },
            "warnings": [
                *_unread_secrets(settings, config.parent),
                *_open_doors(settings),
                *_doubts(settings),
            ],
        }
        if online:
            set_up_logs(settings, config.parent, level="warning")
            daemon = build(settings, Execution.DRY_RUN, env=os.environ, base=config.parent)
            try:
                found |= await looked(daemon)
            finally:
                await daemon.close()
        return found

    found = run_async(checked)
    if as_json:
        typer.echo(json.dumps(found))
    else:
        _print(found)
    raise typer.Exit(_code(found))


def _code(found: Any) -> Exit:
    marks = {check["mark"] for check in found.get("checks", ())}
    if Mark.WRONG in marks:
        return Exit.ERROR
    return Exit.DEGRADED if Mark.DOUBT in marks else Exit.OK


def _unread_secrets(settings: Settings, base: Path) -> Iterator[str]:
    """Why a secret cannot be read here and now; the file may well be meant for another place."""
    for reference in settings.keys:
        try:
            resolve(reference, os.environ, base)
        except ConfigError as error:
            yield str(error)


def _open_doors(settings: Settings) -> Iterator[str]:
    """Why the API could not be served here; the tokens may well be kept in another place."""
    try:
        refuse_open_door(settings.web, tokens_of(settings, os.environ))
    except (ConfigError, StoreError) as error:
        yield str(error)


def _doubts(settings: Settings) -> Iterator[str]:
    """Settings that work but seldom do what is meant."""
    yield from _of_accounting(settings)
    for name, book in settings.books.items():
        for hedge in book.hedges:
            shorts = [leg for leg in hedge.legs if _is_inverse(leg.instrument)]
            if (
                shorts
                and has_coins_elsewhere(hedge)
                and hedge.asset != "BTC"
                and hedge.limits.collateral_low is None
            ):
                low, target, high = (f"{bound:.0%}" for bound in collateral_bounds(hedge))
                yield (
                    f"books.{name}: {hedge.asset}: the bounds of its collateral are BTC's: "
                    f"collateral_low {low}, collateral_target {target}, collateral_high {high}; "
                    "other coins have risen steeper"
                )


def _of_accounting(settings: Settings) -> list[str]:
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


async def looked(daemon: Daemon) -> Json:
    """What venues and books show, and what the preflight makes of it."""
    surveys = await daemon.inspection.surveys(_on_record(daemon.settings))
    checks = [check for survey in surveys for check in survey.checks]
    if all(survey.account is not None for survey in surveys):
        for decision in await daemon.decide_once():
            checks += [*lot_checks(decision), *_verdicts(decision)]
    venues = [_venue(s, s.account) for s in surveys if s.account is not None]
    return {"venues": venues, "checks": [asdict(check) for check in checks]}


def _on_record(settings: Settings) -> Mapping[tuple[str, str], Listed]:
    """The contracts that live execution has in its journal; none where there is none to read."""
    from hedged.store import ledger_in  # noqa: PLC0415 - see `store`

    with suppress(StoreError):
        return ledger_in(journal_file(settings, os.environ)).listings
    return {}


def _verdicts(decision: Decision) -> Iterator[Check]:
    for asset in decision.assets:
        mark = Mark.GOOD if asset.reason in HEALTHY else Mark.DOUBT
        found = f"{asset.reason.value}: {asset.why}"
        advice = "" if mark is Mark.GOOD else "docs/runbook.md tells what to do"
        yield Check(f"{decision.book} {asset.asset}", "verdict", mark, found, advice)


def _venue(survey: Survey, account: MarginAccount) -> Json:
    return {
        "venue": survey.venue,
        "position_mode": "one-way",
        "instruments": {
            i.symbol: f"{i.kind.value}, {plain(i.contract_size)} "
            f"{'USD' if i.kind is Kind.INVERSE else i.base} a contract, "
            f"lot {plain(i.lot)}"
            for i in survey.instruments
        },
        "balances": {b.wallet.unit: plain(b.wallet.value) for b in account.balances},
        "positions": {
            p.instrument.symbol: f"{plain(p.quantity.value)} {p.quantity.unit}"
            for p in account.positions
        },
    }


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
    for check in found.get("checks", ()):
        remedy = f" -> {check['remedy']}" if check["remedy"] else ""
        shown = f"{check['subject']}, {check['what']}: {check['found']}{remedy}"
        yield f"  {SIGNS[check['mark']]} {shown}"
