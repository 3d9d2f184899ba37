"""A correction cut into slices over a duration, with jitter, so that the market sees no clock.

The duration is divided into equal windows, one slice each. A slice is due somewhere within the
middle of its window, as far off the middle as the jitter (a fraction) says. Each slice is a
share of what is still to do when it is sent, so that fills, flows and a restart need no other
memory than when the correction began and when its last order was sent. What the slices leave is
done at once when the duration is over. The seed alone decides the jitter, so that a restart, a
replay and a test cut alike. Times are seconds since the correction began.
"""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ZERO, exact
from hedged.core.types import Style

_HALF: Final = Decimal("0.5")
_DRAWS: Final = 2**64


@dataclass(frozen=True, slots=True)
class Slice:
    """The next slice: a share of 1/`left` of what is to do, in `wait_s`."""

    part: int  # from 1
    left: int  # slices, this one counted
    wait_s: Decimal


@exact
def next_slice(style: Style, seed: str, elapsed_s: Decimal, sent_s: Decimal | None) -> Slice:
    """The slice that is due, or else the one to wait for; `sent_s`: the last order's time.

    Slices that were missed are not made up for: the later ones are larger.
    """
    if elapsed_s >= style.duration_s:
        return Slice(style.slices, 1, ZERO)
    due_at = due_times(style, seed)
    due = sum(at <= elapsed_s for at in due_at)
    sent = 0 if sent_s is None else sum(at <= sent_s for at in due_at)
    if due > sent:
        return Slice(due, style.slices - due + 1, ZERO)
    if due == style.slices:
        return Slice(due, 1, style.duration_s - elapsed_s)
    return Slice(due + 1, style.slices - due, due_at[due] - elapsed_s)


@exact
def due_times(style: Style, seed: str) -> tuple[Decimal, ...]:
    """When each slice is due."""
    window_s = style.duration_s / style.slices
    return tuple(
        window_s * (part + _HALF + style.jitter * (_drawn(seed, part) - _HALF))
        for part in range(style.slices)
    )


def _drawn(seed: str, part: int) -> Decimal:
    """A fraction in [0, 1) that only the seed and the part decide."""
    digest = hashlib.sha256(f"{seed}|{part}".encode()).digest()
    return Decimal(int.from_bytes(digest[:8], "big")) / _DRAWS
