"""`hedged certify`: a few small orders that show whether a venue does what hedged means by them."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from hedged import __version__
from hedged.app import account_locks
from hedged.cli.check import SIGNS
from hedged.cli.common import ConfigOption, Exit, JsonOption, fail, load, run_async, set_up_logs
from hedged.cli.console import console
from hedged.clock import SystemClock
from hedged.config import ConfigError, Problem, Settings
from hedged.config.venues import symbols_at
from hedged.core.certificate import Certificate, specification
from hedged.core.types import Environment, Execution, Instrument
from hedged.engine.trial import Trial, tried
from hedged.engine.trial_desk import Desk
from hedged.given import specs_of
from hedged.store import certificates_path, held, keep_certificates, state_folder
from hedged.venue import LiveVenue, ccxt_version, profile_of

_INTERRUPTED: Final = 130
_PATIENCE_S: Final = 15.0  # until the venue lists what it has just done
_SIM_PATIENCE_S: Final = 0.5
_QUESTION: Final = "This opens and closes about 100 USD with real money. Go on?"


def certify(
    *,
    config: ConfigOption,
    venue: Annotated[str, typer.Option("--venue", help="The venue's name in the file.")],
    symbol: Annotated[
        str, typer.Option("--symbol", help="One contract; without it, all that hedges trade there.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, on mainnet.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Try a venue with a few small orders, and keep a certificate of the contracts that pass.

    It needs execution = "live" in the file, and no daemon on the account. What it makes is taken
    away again, whatever happens. Live trading on mainnet asks for such a certificate, best made
    on the venue's testnet.
    """

    async def done() -> tuple[list[Trial], list[Certificate]]:
        settings = load(config)
        _refuse(settings, venue, symbol)
        set_up_logs(settings, config.parent, level="error")
        is_real = settings.environment is Environment.MAINNET
        if is_real and not yes and (as_json or not typer.confirm(_QUESTION, err=True)):
            fail("nothing was done; say --yes", Exit.ERROR)
        async with _opened(settings, config.parent, venue, symbol) as (opened, symbols):
            trials: list[Trial] = []
            for one in symbols:
                trials.append(await _tried(opened, one, settings.environment))
                if trials[-1].was_interrupted:
                    break
        fresh = [
            _certificate(trial.instrument, settings, venue) for trial in trials if trial.is_passed
        ]
        if fresh:
            keep_certificates(certificates_path(state_folder(os.environ)), fresh)
        return trials, fresh

    trials, fresh = run_async(done)
    if as_json:
        typer.echo(json.dumps(_told(venue, trials, fresh)))
    else:
        _print(venue, trials, fresh)
    if any(trial.was_interrupted for trial in trials):
        raise typer.Exit(_INTERRUPTED)
    raise typer.Exit(Exit.OK if all(trial.is_passed for trial in trials) else Exit.ERROR)


def _refuse(settings: Settings, venue: str, symbol: str) -> None:
    """What cannot be tried.

    Raises:
        ConfigError: the file says dry-run, has no such venue, or no hedge trades there.
    """
    problem = None
    if venue not in settings.venues:
        known = ", ".join(settings.venues)
        problem = Problem("", None, f"venues.{venue}", f"is not in the file, which has: {known}")
    elif settings.execution is Execution.DRY_RUN:
        message = 'the file says "dry-run": nothing may be sent; set execution = "live" there first'
        problem = Problem("", None, "execution", message)
    elif not symbol and not symbols_at(settings, venue):
        problem = Problem("", None, f"venues.{venue}", "no hedge trades there: say --symbol")
    if problem is not None:
        raise ConfigError([problem])


@asynccontextmanager
async def _opened(
    settings: Settings, base: Path, name: str, symbol: str
) -> AsyncIterator[tuple[LiveVenue, tuple[str, ...]]]:
    """The venue, with the lock of its account: no daemon may trade there meanwhile."""
    clock = SystemClock()
    spec = specs_of(settings, os.environ, base)[name]
    spec = replace(spec, symbols=(symbol,)) if symbol else spec
    with ExitStack() as locks:
        for lock, owner in account_locks(settings, os.environ, base).items():
            if owner == name:
                locks.enter_context(held(lock, f"the account of venue {name}", clock.now()))
        venue = LiveVenue(spec, profile_of(spec.exchange, spec.symbols), clock)
        try:
            await venue.open()
            yield venue, spec.symbols
        finally:
            await venue.close()


async def _tried(venue: LiveVenue, symbol: str, environment: Environment) -> Trial:
    """One trial; a signal to end it lets it tidy up first."""
    patience_s = _SIM_PATIENCE_S if environment is Environment.SIM else _PATIENCE_S
    desk = Desk(venue, symbol, SystemClock(), patience_s)
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine always runs in one
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await tried(desk, refuses_duplicates=venue.refuses_duplicates)
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


def _certificate(instrument: Instrument, settings: Settings, venue: str) -> Certificate:
    return Certificate(
        exchange=settings.venues[venue].exchange,
        environment=settings.environment,
        symbol=instrument.symbol,
        kind=instrument.kind,
        base=instrument.base,
        settle=instrument.settle,
        contract_size=instrument.contract_size,
        ccxt=ccxt_version(),
        hedged=__version__,
        at=SystemClock().now(),
    )


def _told(venue: str, trials: Iterable[Trial], fresh: Iterable[Certificate]) -> dict[str, object]:
    kept = {certificate.symbol: certificate for certificate in fresh}
    return {
        "venue": venue,
        "ccxt": ccxt_version(),
        "trials": [
            {
                "symbol": trial.instrument.symbol,
                "specification": specification(trial.instrument),
                "passed": trial.is_passed,
                "interrupted": trial.was_interrupted,
                "certified_at": kept[symbol].at.isoformat()
                if (symbol := trial.instrument.symbol) in kept
                else None,
                "steps": [asdict(step) for step in trial.steps],
            }
            for trial in trials
        ],
    }


def _print(venue: str, trials: Iterable[Trial], fresh: Iterable[Certificate]) -> None:
    out, kept = console(), {certificate.symbol for certificate in fresh}
    for trial in trials:
        instrument = trial.instrument
        out.print(f"{venue}: {instrument.symbol}, {specification(instrument)}", soft_wrap=True)
        table = Table("", "step", "expected", "seen", box=SIMPLE_HEAD)
        for step in trial.steps:
            table.add_row(SIGNS[step.mark], step.what, step.expected, step.seen)
        out.print(table)
        if instrument.symbol in kept:
            where = certificates_path(state_folder(os.environ))
            out.print(f"certified with ccxt {ccxt_version()}: {where}", soft_wrap=True)
        elif trial.was_interrupted:
            out.print("interrupted: no certificate")
        else:
            out.print("no certificate: a step with ✗ shows what the venue does differently")
