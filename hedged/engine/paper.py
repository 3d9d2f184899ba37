"""The paper position of dry-run: each order that live execution would send fills at its bound.

It starts from the real position, so that the log reads as the live one would. Its fills gain
and lose from their own prices; without that, a price move would look like a drift. Fills of
one instrument and direction are merged at their average entry, which keeps their PnL exactly,
so at most two per instrument are kept however long the daemon runs.
"""

from hedged.core.contracts import average_entry
from hedged.core.types import Decision, Instrument, PaperFill


class PaperLedger:
    """The assumed fills of one book."""

    def __init__(self) -> None:
        self._fills: dict[tuple[Instrument, bool], PaperFill] = {}

    def fills(self) -> tuple[PaperFill, ...]:
        """All assumed fills, merged."""
        return tuple(self._fills.values())

    def assume(self, decision: Decision) -> None:
        """Book the orders that only the dry-run holds back as filled at their bounds."""
        for asset in decision.assets:
            for intent in asset.assumable:
                self._book(PaperFill(intent.instrument, intent.quantity, intent.limit_price))

    def _book(self, fill: PaperFill) -> None:
        key = (fill.instrument, fill.quantity.value > 0)
        held = self._fills.get(key)
        if held is not None:
            pairs = [(f.quantity.value, f.price) for f in (held, fill)]
            fill = PaperFill(fill.instrument, held.quantity + fill.quantity, average_entry(pairs))
        self._fills[key] = fill
