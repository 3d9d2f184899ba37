"""The preflight of a venue: everything that can be known before the first order, read once.

It sends no order, not even one that would be refused, and changes nothing but what the owner lets
it set: margin mode and leverage.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import structlog

from hedged.core.arrangement import MARGIN_MODE
from hedged.core.certificate import NOTHING_PROVEN, Proven
from hedged.core.decimals import plain
from hedged.core.listing import Listed
from hedged.core.preflight import (
    Check,
    Mark,
    certificate_check,
    clock_check,
    dead_man_check,
    key_checks,
    leverage_check,
    listing_check,
    margin_check,
    position_check,
    transfer_checks,
)
from hedged.core.types import Environment, Execution, Instrument, MarginAccount
from hedged.ports import OUTAGE, StoreError, Venue, VenueAuthError, VenueUnavailable

log = structlog.get_logger("hedged.preflight")

Arrange = Callable[[], Awaitable[Mapping[str, str]]]  # what was tried, and what it came to


@dataclass(frozen=True, slots=True)
class Expected:
    """What a venue of the configuration is for."""

    symbols: tuple[str, ...]
    coins: tuple[str, ...]
    margin_mode: str
    leverage: Decimal | None
    environment: Environment
    execution: Execution  # as the file says
    listings: Mapping[tuple[str, str], Listed]  # on record, by venue and symbol
    proven: Proven = NOTHING_PROVEN  # what was certified: asked for with real money
    moves: bool = False  # collateral may be moved by itself
    has_switch: bool | None = None  # a dead-man switch; None: no order rests there


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found at a venue; without an account it could not be read."""

    venue: str
    checks: tuple[Check, ...]
    account: MarginAccount | None = None
    instruments: tuple[Instrument, ...] = ()


async def survey(
    venue: Venue, expected: Expected, now: datetime, arrange: Arrange | None = None
) -> Survey:
    """Look at one venue; never raises for what it says.

    `arrange` sets its margin first, where that is allowed.
    """
    try:
        await venue.open()
    except OUTAGE as error:
        return Survey(venue.name, (_failed(venue.name, "opening", error),))
    name = venue.name
    margin = await _margin(venue, expected, arrange)
    checks = [
        *key_checks(name, venue.access, expected.environment, expected.execution, now),
        *transfer_checks(name, venue.access, moves=expected.moves),
        clock_check(name, venue.skew_s),
        *margin,
    ]
    if expected.symbols:
        checks.append(Check(name, "position mode", Mark.GOOD, "one-way"))
    if expected.has_switch is not None:
        checks.append(dead_man_check(name, has_switch=expected.has_switch))
    account = await _account(venue, expected.coins, checks)
    listed = [
        await _instrument(venue, symbol, expected, account, checks) for symbol in expected.symbols
    ]
    return Survey(name, tuple(checks), account, tuple(i for i in listed if i is not None))


async def _margin(venue: Venue, expected: Expected, arrange: Arrange | None) -> list[Check]:
    """How the account's margin is set, once what could be set has been."""
    if not expected.symbols:
        return []  # coins need none
    try:
        tried = {} if arrange is None else await arrange()
        told = await venue.arrangement()
    except (*OUTAGE, StoreError) as error:
        return [_failed(venue.name, MARGIN_MODE, error)]
    wanted = expected.leverage
    checks = [margin_check(venue.name, told.mode, expected.margin_mode, tried.get(MARGIN_MODE, ""))]
    if wanted is not None:
        checks += [
            leverage_check(
                venue.name, symbol, told.leverages.get(symbol), wanted, tried.get(symbol, "")
            )
            for symbol in expected.symbols
        ]
    return checks


async def _account(venue: Venue, coins: Sequence[str], checks: list[Check]) -> MarginAccount | None:
    """Balances and positions; the gateway refuses a wallet that contradicts itself."""
    try:
        account = await venue.account(coins)
    except OUTAGE as error:
        checks.append(_failed(venue.name, "account", error))
        return None
    held = f"{len(account.balances)} balances, {len(account.positions)} positions"
    checks.append(Check(venue.name, "account", Mark.GOOD, held))
    return account


async def _instrument(
    venue: Venue,
    symbol: str,
    expected: Expected,
    account: MarginAccount | None,
    checks: list[Check],
) -> Instrument | None:
    """Whether it trades, is the contract on record, and what the account holds of it."""
    try:
        instrument = venue.instrument(symbol)
        quote = await venue.quote(symbol)
    except OUTAGE as error:
        checks.append(_failed(venue.name, symbol, error))
        return None
    found = f"it trades, mark {plain(quote.mark)}"
    checks.append(Check(venue.name, symbol, Mark.GOOD, found))
    known = expected.listings.get((venue.name, symbol))
    if known is not None:
        checks.append(listing_check(known, instrument))
    if (expected.environment, expected.execution) == (Environment.MAINNET, Execution.LIVE):
        checks.append(certificate_check(instrument, expected.proven))
    held = () if account is None else account.positions
    checks += [position_check(p, quote) for p in held if p.instrument.symbol == symbol]
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
