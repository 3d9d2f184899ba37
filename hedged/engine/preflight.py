"""The preflight of a venue: everything that can be known before the first order, read once.

It changes nothing and sends no order, not even one that would be refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from hedged.core.decimals import plain
from hedged.core.preflight import Check, Mark, clock_check, key_checks, margin_check
from hedged.core.types import Environment, Execution, Instrument, MarginAccount
from hedged.engine.endings import OUTAGE
from hedged.ports import Venue, VenueAuthError, VenueUnavailable

log = structlog.get_logger("hedged.preflight")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a venue of the configuration is for."""

    symbols: tuple[str, ...]
    coins: tuple[str, ...]
    margin_mode: str
    environment: Environment
    execution: Execution  # as the file says


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found at a venue; without an account it could not be read."""

    venue: str
    checks: tuple[Check, ...]
    account: MarginAccount | None = None
    instruments: tuple[Instrument, ...] = ()


async def survey(venue: Venue, expected: Expected, now: datetime) -> Survey:
    """Look at one venue; never raises for what it says."""
    try:
        await venue.open()
    except OUTAGE as error:
        return Survey(venue.name, (_failed(venue.name, "opening", error),))
    name, access = venue.name, venue.access
    checks = [
        *key_checks(name, access, expected.environment, expected.execution, now),
        clock_check(name, venue.skew_s),
        margin_check(name, access.margin_mode, expected.margin_mode),
    ]
    if expected.symbols:
        checks.append(Check(name, "position mode", Mark.GOOD, "one-way"))
    account = await _account(venue, expected.coins, checks)
    listed = [await _instrument(venue, symbol, checks) for symbol in expected.symbols]
    return Survey(name, tuple(checks), account, tuple(i for i in listed if i is not None))


async def _account(venue: Venue, coins: Sequence[str], checks: list[Check]) -> MarginAccount | None:
    """Balances and positions; the gateway refuses figures that contradict each other."""
    try:
        account = await venue.account(coins)
    except OUTAGE as error:
        checks.append(_failed(venue.name, "account", error))
        return None
    held = f"{len(account.balances)} balances, {len(account.positions)} positions"
    found = f"{held}; its figures agree with ours"
    checks.append(Check(venue.name, "account", Mark.GOOD, found))
    return account


async def _instrument(venue: Venue, symbol: str, checks: list[Check]) -> Instrument | None:
    try:
        instrument = venue.instrument(symbol)
        quote = await venue.quote(symbol)
    except OUTAGE as error:
        checks.append(_failed(venue.name, symbol, error))
        return None
    found = f"it trades, mark {plain(quote.mark)}"
    checks.append(Check(venue.name, symbol, Mark.GOOD, found))
    return instrument


def _failed(venue: str, what: str, error: Exception) -> Check:
    return Check(venue, what, Mark.WRONG, str(error), _remedy(error))


def _remedy(error: Exception) -> str:
    match error:
        case VenueAuthError():
            return "check key, secret, their environment, and the addresses that it is bound to"
        case VenueUnavailable():
            return "network, venue status, `timeout`"
        case _:
            return "as the text says"


def tell(checks: Sequence[Check]) -> None:
    """Log what somebody should look at, and that the rest is well."""
    for check in checks:
        if check.mark is not Mark.GOOD:
            say = log.error if check.mark is Mark.WRONG else log.warning
            say(
                "preflight.found",
                subject=check.subject,
                what=check.what,
                why=check.found,
                remedy=check.remedy,
            )
    good = sum(check.mark is Mark.GOOD for check in checks)
    log.info("preflight.done", good=good, other=len(checks) - good)
