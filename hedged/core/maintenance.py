"""Maintenance that a venue has announced: what of an order would still be working when it begins.

An order that nobody can cancel is a bet on what the price does meanwhile, and one that is sent as
the venue goes down has no end that could be looked up. So nothing is sent in the last minute before
a maintenance begins nor while it lasts, nothing that would rest into it, and what rests already is
withdrawn in that last minute. When it is over the venue's word counts, not the clock: one that is
late is still in maintenance.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ZERO
from hedged.core.types import Finding, HedgePolicy, Maintenance, OrderIntent, Reason
from hedged.core.world import World

LEAD: Final = timedelta(minutes=1)
TOLD_AHEAD: Final = timedelta(days=1)


def maintenance_findings(
    world: World, intent: OrderIntent, rests_s: Decimal = ZERO
) -> Iterator[Finding]:
    """Why an order that may rest for so long may not go, or go on, now."""
    at = world.snapshot.at
    ends_at = at + LEAD + timedelta(milliseconds=int(rests_s * 1000))
    for window in _at(world, intent.instrument.venue):
        starts_at = window.starts_at or at
        if starts_at <= ends_at:
            rest = f", and this order may rest for {rests_s:,.0f} s" if at < starts_at else ""
            yield Finding(Reason.WINDOW, f"{_text(window)}{rest if rests_s else ''}")


def maintenance_alerts(world: World, policy: HedgePolicy) -> Iterator[Finding]:
    """What the owner should know of, a day ahead."""
    if not world.snapshot.maintenance:
        return
    for venue in dict.fromkeys(leg.venue for leg in policy.legs):
        for window in _at(world, venue):
            if window.starts_at is None or window.starts_at - world.snapshot.at <= TOLD_AHEAD:
                yield Finding(Reason.WINDOW, _text(window))


def _at(world: World, venue: str) -> Iterator[Maintenance]:
    """What lies ahead, or lasts."""
    at = world.snapshot.at
    for window in world.snapshot.maintenance:
        is_over = window.ends_at is not None and window.ends_at <= at and not window.lasts
        if window.venue == venue and not is_over:
            yield window


def _text(window: Maintenance) -> str:
    form = "%Y-%m-%d %H:%M"
    until = "an unknown end" if window.ends_at is None else f"{window.ends_at:{form}} UTC"
    what = "is in maintenance" if window.lasts else "has announced maintenance"
    since = "" if window.starts_at is None else f"from {window.starts_at:{form}} "
    return f"{window.venue} {what} {since}to {until}: {window.title}"
