"""Orders that come to nothing: three in a row in one instrument, and the next try waits.

A refusal (margin, a limit of the venue) and an order that fills nothing at its bound (an empty
testnet book) would else be repeated at every poll, for ever. The pause doubles with every
further failure up to an hour, and any fill ends it. It is no halt: the daemon recovers by
itself when the venue does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hedged.core.types import Missing, Reason

Slot = tuple[str, str]  # venue and symbol

ALLOWED: Final = 3
FIRST_PAUSE_S: Final = 10.0
LONGEST_PAUSE_S: Final = 3600.0


@dataclass(slots=True)
class _Row:
    reason: Reason
    detail: str
    count: int
    until_s: float


class Strikes:
    """Counts failures in a row; times are monotonic seconds."""

    def __init__(self) -> None:
        self._rows: dict[Slot, _Row] = {}

    def failed(self, slot: Slot, reason: Reason, detail: str, now_s: float) -> None:
        """One more order came to nothing."""
        before = self._rows.get(slot)
        count = before.count + 1 if before else 1
        pause_s = min(FIRST_PAUSE_S * 2.0 ** max(0, count - ALLOWED), LONGEST_PAUSE_S)
        until_s = now_s + pause_s if count >= ALLOWED else now_s
        self._rows[slot] = _Row(reason, detail, count, until_s)

    def filled(self, slot: Slot) -> None:
        """An order traded: all is forgiven."""
        self._rows.pop(slot, None)

    def pauses(self, now_s: float) -> Iterator[Missing]:
        """Instruments in which the next try has to wait, and for how long."""
        for (venue, symbol), row in self._rows.items():
            if now_s < row.until_s:
                why = (
                    f"{row.count} orders in a row came to nothing ({row.detail}), "
                    f"next try in {row.until_s - now_s:.0f} s"
                )
                yield Missing(venue, "order", why, row.reason, symbol=symbol)
