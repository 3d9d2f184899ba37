"""How an account's margin is set, against how it is meant to be.

    margin mode: cross, isolated or portfolio, of the whole account
    leverage:    per instrument; how many times its initial margin a position may be

A setting is changed only where the owner lets hedged do so (`manage_leverage`), is written down
before the change is sent, and is read again afterwards, whatever the answer was: a change that may
or may not have been made is never simply sent again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar, Final

from hedged.core.decimals import plain

MARGIN_MODE: Final = "margin mode"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How an account's margin is set; None: the venue does not tell."""

    mode: str | None
    leverages: Mapping[str, Decimal | None] = field(default_factory=dict)  # by symbol


@dataclass(frozen=True, slots=True)
class Change:
    """A setting that is not as it is meant to be."""

    what: str  # MARGIN_MODE, or the symbol whose leverage it is
    was: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Arranged:
    """A setting of an account that hedged changes: before it is sent, and what came of it."""

    kind: ClassVar[str] = "setting"
    venue: str
    what: str  # as of a `Change`
    was: str
    wanted: str
    outcome: str = ""  # empty: it is going to be sent


def changes(told: Arrangement, mode: str, leverage: Decimal | None) -> Iterator[Change]:
    """What of an account is told to be otherwise than wanted; a leverage of None: any will do."""
    if told.mode is not None and told.mode != mode:
        yield Change(MARGIN_MODE, told.mode, mode)
    if leverage is None:
        return
    for symbol, found in told.leverages.items():
        if found is not None and found != leverage:
            yield Change(symbol, plain(found), plain(leverage))
