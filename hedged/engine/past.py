"""What the journal tells a book's next decision of what it and the others did before."""

from collections.abc import Iterable
from decimal import Decimal

from hedged.core.gross import held_beside
from hedged.core.types import HedgePolicy, Memory, Placed
from hedged.ports import Journal


class Past:
    """Of all books, as there is one journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def last_cycle(self, book: str) -> int:
        """The last cycle that the journal knows of this book; 0: none."""
        return self._journal.ledger.cycles.get(book, 0)

    def memory(self, book: str) -> Memory:
        """What the journal remembers of a book, with its orders of the last day."""
        return self._journal.ledger.memory(book)

    def elsewhere(self, book: str) -> tuple[Placed, ...]:
        """What the other books have sent within the last day."""
        return tuple(s.placed for s in self._journal.ledger.sent.values() if s.book != book)

    def held_elsewhere(self, hedges: Iterable[HedgePolicy]) -> Decimal | None:
        """What hedges other than these hold, in USD; None: a price of it is not known."""
        legs = {(leg.venue, leg.symbol) for hedge in hedges for leg in hedge.legs}
        return held_beside(self._journal.ledger, legs)
