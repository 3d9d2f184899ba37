"""Daily and monthly reports, made by `hedged report` in a process of its own, at low priority.

Trading never waits for a report: what takes seconds of work and many requests happens elsewhere,
and all that is left here is to wait for its end. A report is written beside the others only when it
is whole. When the exchange does not answer, one is made of the journal alone, and says so.
"""

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import structlog

from hedged.report.text import cause_name
from hedged.store import state_folder

FORMATS: Final = ("json", "csv", "html")  # in this order they are put into the folder
MOST: Final = 35  # periods, back to the newest report
LONGEST_S: Final = 900.0
_NOTHING: Final = 3  # exit code: there is nothing to report
_CENT: Final = Decimal("0.005")
_TIME: Final = "%Y-%m-%dT%H:%M:%S"

log = structlog.get_logger("hedged.reports")


@dataclass(frozen=True, slots=True)
class Period:
    """A day or a month, in UTC."""

    name: str  # such as "daily-2026-11-21"
    since: datetime
    until: datetime


def day_before(moment: datetime) -> Period:
    """The last whole day; days are UTC's, so that each has 24 hours."""
    until = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    since = until - timedelta(days=1)
    return Period(f"daily-{since:%Y-%m-%d}", since, until)


def month_before(moment: datetime) -> Period:
    """The last whole month."""
    until = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    since = (until - timedelta(days=1)).replace(day=1)
    return Period(f"monthly-{since:%Y-%m}", since, until)


def missing(
    period_of: Callable[[datetime], Period], folder: Path, now: datetime
) -> tuple[Period, ...]:
    """Those since the newest report of the folder, oldest first.

    Where none is among the last `MOST`, only the last: nobody asked for the years before.
    """
    found: list[Period] = []
    period = period_of(now)
    while len(found) < MOST and not page_of(period, folder).exists():
        found.append(period)
        period = period_of(period.since)
    if len(found) == MOST:
        return (found[0],)
    return tuple(reversed(found))


def page_of(period: Period, folder: Path) -> Path:
    """Where its page is; where it is, the report is whole."""
    return folder / f"{period.name}.{FORMATS[-1]}"


def last_day(now: datetime) -> Period:
    """The last 24 hours."""
    return Period("the last day", now - timedelta(days=1), now)


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a report."""

    assets: Sequence[Mapping[str, Any]] = ()  # as its JSON has them
    why: str = ""  # it could not be made, or not whole, or there is nothing to report
    is_failed: bool = False
    written: Path | None = None  # its page


class Reporter:
    """Has reports made of one configuration."""

    def __init__(self, config: Path, env: Mapping[str, str]) -> None:
        """`env` is the environment that keys and journal are found by."""
        self._config = config.absolute()
        self._env = dict(env)

    def place(self, named: Path) -> Path:
        """Where a folder of that name is: with the journal, unless it is absolute."""
        return state_folder(self._env) / named

    async def write(self, period: Period, folder: Path) -> Made:
        """Make a report of the period into the folder.

        Raises:
            OSError: the folder cannot be written to.
        """
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".") as name:
            files = [Path(name) / f"{period.name}.{kind}" for kind in FORMATS]
            made = await self._made(period, files)
            if not made.assets:
                return made
            for file in files:
                await asyncio.to_thread(file.replace, folder / file.name)
        page = page_of(period, folder)
        log.info("report.written", path=str(page))
        return replace(made, written=page)

    async def tell(self, period: Period) -> Made:
        """What a period came to, without a file of it."""
        with tempfile.TemporaryDirectory() as name:
            return await self._made(period, [Path(name) / "report.json"])

    async def _made(self, period: Period, files: Sequence[Path]) -> Made:
        code, said = await self._run(period, files)
        why = ""
        if code not in (0, _NOTHING):
            why = said
            code, said = await self._run(period, files, "--offline")
        if code == _NOTHING:
            return Made(why=said)
        if code:
            log.warning("report.failed", period=period.name, why=said)
            return Made(why=said, is_failed=True)
        (data,) = (file for file in files if file.suffix == ".json")
        return Made(json.loads(data.read_text(encoding="utf-8"))["assets"], why)

    async def _run(self, period: Period, files: Sequence[Path], *options: str) -> tuple[int, str]:
        """The exit code, and the last line that it said."""
        nice = shutil.which("nice")
        process = await asyncio.create_subprocess_exec(
            *((nice, "-n", "10") if nice else ()),
            *(sys.executable, "-m", "hedged", "report", "-c", str(self._config)),
            *("--from", f"{period.since:{_TIME}}", "--to", f"{period.until:{_TIME}}"),
            *(part for file in files for part in ("-o", str(file))),
            *options,
            env=self._env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(LONGEST_S):
                out, _ = await process.communicate()
        except TimeoutError:
            return 1, f"it took longer than {LONGEST_S:g} s"
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        lines = out.decode("utf-8", "replace").strip().splitlines()
        return process.returncode or 0, lines[-1] if lines else f"exit code {process.returncode}"


def told(made: Made) -> Iterator[str]:
    """What a report came to, a line an asset, for a message."""
    for asset in made.assets:
        causes = {name: Decimal(usd) for name, usd in asset["causes_usd"].items()}
        named = [
            f"{cause_name(name)} {usd:+,.2f}" for name, usd in causes.items() if abs(usd) >= _CENT
        ]
        change = sum(causes.values(), Decimal(0))
        yield (
            f"{asset['book']} {asset['asset']}: {change:+,.2f} USD"
            f" ({', '.join(named) or 'nothing happened'})"
        )
    if made.why:
        missing = "Without the exchange's records" if made.assets else "No figures"
        yield f"{missing}: {made.why}"
