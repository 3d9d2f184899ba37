"""An order cut into slices over a duration, with jitter, so that the market sees no clock.

The duration is divided into equal windows, one slice each. A slice is sent somewhere within the
middle of its window, as far off the middle as the jitter (a fraction) says. The sizes are whole
lots that add up to exactly the order; larger slices come first. The seed alone decides the
jitter, so that a restart, a replay and a test cut alike.
"""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hedged.core.decimals import Rounding, exact, whole

_HALF: Final = Decimal("0.5")
_DRAWS: Final = 2**64


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of an order; `after_s` counts from the order's start."""

    part: int
    after_s: Decimal
    contracts: Decimal


@dataclass(frozen=True, slots=True)
class TwapSettings:
    """Into how many slices, over how long, how irregularly."""

    slices: int = 5
    duration_s: Decimal = Decimal(300)
    jitter: Decimal = Decimal("0.5")  # 0: in the middle of each window, 1: anywhere in it

    def __post_init__(self) -> None:
        if self.slices < 1 or self.duration_s < 0 or not 0 <= self.jitter <= 1:
            raise ValueError(f"not a schedule: {self}")


@exact
def slices(
    contracts: Decimal, lot: Decimal, least: Decimal, settings: TwapSettings, seed: str
) -> tuple[Slice, ...]:
    """The slices of `contracts` (> 0, whole lots), none smaller than `least`.

    Fewer than asked for when the order is too small for so many; one when it cannot be cut.
    """
    lots = int(whole(contracts / lot, Rounding.DOWN))
    least_lots = max(1, int(whole(least / lot, Rounding.UP)))
    count = max(1, min(settings.slices, lots // least_lots))
    share, rest = divmod(lots, count)
    window_s = settings.duration_s / count
    return tuple(
        Slice(
            part,
            window_s * (part + _HALF + settings.jitter * (_drawn(seed, part) - _HALF)),
            lot * (share + (part < rest)),
        )
        for part in range(count)
    )


def _drawn(seed: str, part: int) -> Decimal:
    """A fraction in [0, 1) that only the seed and the part decide."""
    digest = hashlib.sha256(f"{seed}|{part}".encode()).digest()
    return Decimal(int.from_bytes(digest[:8], "big")) / _DRAWS
