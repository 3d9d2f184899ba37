"""Arming: on mainnet real money moves only within what an operator has looked at.

What an operator arms is written down in words: the accounts, by the venue's own number, and
every setting that bounds what a book may do with them. Whatever changes afterwards, the account
behind a key or one of these settings, disarms the book until an operator looks again. The key
itself is no part of it: rotating it changes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields

from hedged.core.decimals import plain
from hedged.core.events import Armed
from hedged.core.types import Caps, HedgePolicy, Limits
from hedged.core.wanted import NO_CAPS


def accounts_of(accounts: Mapping[str, str | None], hedges: Iterable[HedgePolicy]) -> list[str]:
    """The accounts that these hedges trade in, one line each; empty where a venue tells no number.

    `accounts` are the venues' own numbers by the venue's name in the configuration.
    """
    venues = dict.fromkeys(leg.venue for hedge in hedges for leg in hedge.legs)
    return [f"{venue}: account {accounts.get(venue) or ''}".rstrip() for venue in sorted(venues)]


def limits_of(
    hedges: Iterable[HedgePolicy], book: Caps = NO_CAPS, total: Caps = NO_CAPS
) -> list[str]:
    """Every setting that bounds what a book may trade, one line each.

    `book` and `total` are the caps of the book and of all books together.
    """
    lines = [f"{hedge.asset}: {line}" for hedge in hedges for line in _lines(hedge)]
    for whose, caps in (("the book", book), ("all books", total)):
        lines += [f"{whose}: {name} {value}" for name, value in asdict(caps).items() if value]
    return lines


def disarmed(
    book: str,
    armed: Armed | None,
    accounts: Mapping[str, str | None],
    hedges: Iterable[HedgePolicy],
    *caps: Caps,
) -> str | None:
    """Why real money may not move for this book; None: it may."""
    if armed is None:
        return f"book {book} was never armed: hedged arm {book}"
    hedges = tuple(hedges)
    now = [*accounts_of(accounts, hedges), *limits_of(hedges, *caps)]
    before = [*armed.accounts, *armed.limits]
    gone, new = set(before) - set(now), set(now) - set(before)
    if not gone and not new:
        return None
    changes = [f"was {line!r}" for line in before if line in gone]
    changes += [f"is {line!r}" for line in now if line in new]
    return f"armed by {armed.who}, and changed since: {', '.join(changes)}; hedged arm {book}"


def _lines(hedge: HedgePolicy) -> Iterator[str]:
    for leg in hedge.legs:
        yield f"{leg.venue} {leg.symbol}, cap {_shown(leg.cap_usd)} USD"
    if hedge.notional_usd is not None:
        yield f"notional {plain(hedge.notional_usd)} USD"
    elif hedge.keep is not None:
        yield f"keep {plain(hedge.keep)} {hedge.asset}"
    else:
        yield f"ratio {plain(hedge.ratio)}"
    for window in hedge.windows:
        yield f"window {window.name}, ratio {plain(window.ratio)}"
    yield f"allow_long {_shown(hedge.allow_long)}"
    yield f"slippage {plain(hedge.slippage)}"
    if hedge.transfers is not None:
        moved = hedge.transfers
        most = f"{moved.max_a_day} a day, {_shown(moved.max_coins_a_day)} {hedge.asset} a day"
        yield f"transfers between {moved.venue} and {moved.store}, {most}"
    for field in fields(Limits):
        yield f"{field.name} {_shown(getattr(hedge.limits, field.name))}"


def _shown(value: object) -> str:
    return "none" if value is None else str(value).lower()
