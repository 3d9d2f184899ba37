"""What is looked at before a daemon trades: the key, the clock, the account, the instruments.

Each check ends in a mark, what was found, and what to do about it. None of them is the only thing
that stands before an order: what must stop one is a gate as well, or keeps the venue from opening.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from hedged.core.access import Access
from hedged.core.certificate import Proven
from hedged.core.chase import UNPROTECTED_S
from hedged.core.contracts import inverse_pnl, linear_pnl
from hedged.core.decimals import exact, plain
from hedged.core.inputs import COIN_DUST, EPOCH_TOLERANCE
from hedged.core.listing import Listed, listed
from hedged.core.types import (
    AssetDecision,
    Decision,
    Environment,
    Execution,
    Instrument,
    Kind,
    Position,
    Quote,
)

MAX_SKEW_S: Final = Decimal(1)
COARSE: Final = Decimal("0.02")  # a lot over the book's value
NEAR_EXPIRY: Final = (timedelta(days=3), timedelta(days=14))  # a key's end is told so long before


class Mark(StrEnum):
    """How a check came out."""

    GOOD = "good"
    DOUBT = "doubt"  # it works, or it may: somebody should look
    WRONG = "wrong"  # it cannot trade like this, or must not


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    subject: str  # a venue, or a book's asset
    what: str
    mark: Mark
    found: str
    remedy: str = ""  # empty: there is nothing to do


def key_checks(
    venue: str, access: Access, environment: Environment, execution: Execution, now: datetime
) -> Iterator[Check]:
    """What the key may do, from where, and for how long."""
    real = environment is Environment.MAINNET
    if access.may_withdraw is None:
        yield Check(
            venue,
            "key",
            Mark.DOUBT,
            "whether it may withdraw is not told",
            "look at the exchange's page of the key; arming asks you to have done so",
        )
    elif access.may_withdraw:
        mark = Mark.WRONG if real else Mark.DOUBT
        yield Check(venue, "key", mark, "it may withdraw", "make one without the right to withdraw")
    else:
        yield Check(venue, "key", Mark.GOOD, "it may not withdraw")
    yield from _trading(venue, access, execution, real=real)
    if access.is_bound is False and real:
        advice = "bind it to the address of this machine"
        yield Check(venue, "key", Mark.DOUBT, "it works from any address", advice)
    if access.expires_at is not None:
        yield _expiry(venue, access.expires_at, now)


def transfer_checks(venue: str, access: Access, *, moves: bool) -> Iterator[Check]:
    """Whether a key can move the collateral that it is meant to move."""
    if moves and access.may_transfer is False:
        advice = "give it the right to transfer between accounts, or remove transfers"
        yield Check(venue, "key", Mark.WRONG, "it may not move collateral", advice)
    elif moves:
        told = "it may move collateral" if access.may_transfer else "its right to move is not told"
        yield Check(venue, "key", Mark.GOOD if access.may_transfer else Mark.DOUBT, told, "try it")


def dead_man_check(venue: str, *, has_switch: bool) -> Check:
    """Who cancels what rests at a venue when hedged falls silent."""
    what = "dead-man switch"
    if has_switch:
        found = "hedged arms it in live execution; `hedged status` says where it is not"
        return Check(venue, what, Mark.GOOD, found)
    found = f"none that hedged could arm: what rests there rests {UNPROTECTED_S} s at most"
    return Check(venue, what, Mark.DOUBT, found, "let orders rest at another venue, or accept it")


def _trading(venue: str, access: Access, execution: Execution, *, real: bool) -> Iterator[Check]:
    if execution is Execution.LIVE and access.may_trade is False:
        advice = "make one that may trade contracts"
        yield Check(venue, "key", Mark.WRONG, "it may only read", advice)
    elif execution is Execution.DRY_RUN and access.may_trade and real:
        advice = "a read-only key is enough for dry-run, and safer"
        yield Check(venue, "key", Mark.DOUBT, "it may trade", advice)
    elif access.may_trade is not None:
        found = "it may trade" if access.may_trade else "it may only read"
        yield Check(venue, "key", Mark.GOOD, found)


def _expiry(venue: str, expires_at: datetime, now: datetime) -> Check:
    soon, near = NEAR_EXPIRY
    left, at = expires_at - now, f"{expires_at:%Y-%m-%d %H:%M} UTC"
    if left > near:
        return Check(venue, "key", Mark.GOOD, f"it expires at {at}")
    advice = "make a new one, put it where the configuration points, and send SIGHUP"
    found = f"it expires in {max(left, timedelta(0)) // timedelta(days=1)} days, at {at}"
    return Check(venue, "key", Mark.WRONG if left <= soon else Mark.DOUBT, found, advice)


def clock_check(venue: str, skew_s: Decimal | None) -> Check:
    """How far this machine's clock is from the venue's."""
    if skew_s is None:
        advice = "if it lasts: network, venue status"
        return Check(venue, "clock", Mark.DOUBT, "its distance is not known", advice)
    is_good = abs(skew_s) <= MAX_SKEW_S
    found = f"off by {skew_s:+.3f} s, limit {MAX_SKEW_S} s"
    mark, advice = (Mark.GOOD, "") if is_good else (Mark.WRONG, "run NTP")
    return Check(venue, "clock", mark, found, advice)


def margin_check(venue: str, told: str | None, wanted: str, tried: str = "") -> Check:
    """The margin mode of the account, against the configured one; `tried`: as of leverage."""
    if told is None:
        advice = "look at the exchange's page of the account"
        return Check(venue, "margin mode", Mark.DOUBT, "it is not told", advice)
    if told == wanted:
        return Check(venue, "margin mode", Mark.GOOD, told)
    advice = f'switch the account to {wanted}, or say margin_mode = "{told}" if it is meant'
    return Check(venue, "margin mode", Mark.WRONG, _unlike(told, wanted, tried), advice)


def leverage_check(
    venue: str, symbol: str, told: Decimal | None, wanted: Decimal, tried: str
) -> Check:
    """The leverage of an instrument, against the configured one; `tried`: what setting it did."""
    what = f"leverage of {symbol}"
    if told is None:
        advice = "look at the exchange's page of the contract"
        return Check(venue, what, Mark.DOUBT, "it is not told", advice)
    if told == wanted:
        return Check(venue, what, Mark.GOOD, plain(told))
    advice = (
        f"set it to {plain(wanted)} at the exchange; with manage_leverage = true live execution "
        "does so at its start"
    )
    return Check(venue, what, Mark.WRONG, _unlike(plain(told), plain(wanted), tried), advice)


def _unlike(told: str, wanted: str, tried: str) -> str:
    found = f"{told}, configured is {wanted}"
    return f"{found}; setting it came to: {tried}" if tried else found


def listing_check(known: Listed, instrument: Instrument) -> Check:
    """An instrument as it is listed, against the contract on record."""
    now, what = listed(instrument), f"contract {instrument.symbol}"
    if now.nature == known.nature:
        return Check(known.venue, what, Mark.GOOD, f"{now.text}, as on record")
    found = f"it is {now.text}, on record is {known.text}"
    return Check(
        known.venue, what, Mark.WRONG, found, "read what the contract is now, then `hedged ack`"
    )


@exact
def position_check(position: Position, quote: Quote) -> Check:
    """What the venue says that a position has gained, against what our formula makes of it."""
    instrument, mark, entry = position.instrument, quote.mark, position.origin
    quantity, told = position.quantity.value, position.unrealised_pnl
    what = f"position {instrument.symbol}"
    held = f"{plain(quantity)} {position.quantity.unit}"
    if told is None:
        return Check(instrument.venue, what, Mark.GOOD, f"{held}; its profit is not told")
    is_inverse = instrument.kind is Kind.INVERSE
    ours = inverse_pnl(quantity, entry, mark) if is_inverse else linear_pnl(quantity, entry, mark)
    value = abs(quantity) / mark if is_inverse else abs(quantity) * mark
    gap, limit = abs(ours - told), COIN_DUST + EPOCH_TOLERANCE * value
    unit = instrument.settle
    if gap <= limit:
        found = f"{held}, profit {plain(told, 8)} {unit}, as ours"
        return Check(instrument.venue, what, Mark.GOOD, found)
    found = f"{held}, profit {plain(told, 8)} {unit}, ours is {plain(ours, 8)}"
    advice = "do not trade it before you know why: contract size, entry, or a stale figure"
    return Check(instrument.venue, what, Mark.WRONG, found, advice)


@exact
def lot_checks(decision: Decision) -> Iterator[Check]:
    """Whether the contracts are fine enough for each asset of a book."""
    for asset in decision.assets:
        if asset.standing is not None and asset.standing.exposure.equity.value:
            yield from _lots(decision.book, asset)


def _lots(book: str, asset: AssetDecision) -> Iterator[Check]:
    assert asset.standing is not None  # noqa: S101 - the caller looked
    exposure = asset.standing.exposure
    value = abs(exposure.equity.value * exposure.mark)
    for held in exposure.held:
        if not held.managed:
            continue
        instrument = held.instrument
        size = instrument.contract_size * (1 if instrument.kind is Kind.INVERSE else held.mark)
        share = instrument.lot * size / value
        found = (
            f"a lot of {instrument.symbol} is {plain(instrument.lot * size, 2)} USD, "
            f"{plain(share * 100, 2)} % of the book"
        )
        coarse = share > COARSE
        advice = "the hedge can be off by as much; use a finer contract" if coarse else ""
        mark = Mark.DOUBT if coarse else Mark.GOOD
        yield Check(f"{book} {asset.asset}", "lot", mark, found, advice)


def certificate_check(instrument: Instrument, proven: Proven) -> Check:
    """Whether real money may move in a contract, as far as trials go."""
    what = f"certificate of {instrument.symbol}"
    lack = proven.lack([instrument])
    if lack is None:
        return Check(instrument.venue, what, Mark.GOOD, "it fits")
    return Check(instrument.venue, what, Mark.WRONG, lack, "docs/venues.md, Certificates")
