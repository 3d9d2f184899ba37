"""Rows of what leaves for, and comes from, addresses outside a venue.

That coins have left says nothing of their arrival: to an address of the owner's they are on their
way until its venue says that they are credited, or until they are back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hedged.core.types import Amount, Transfer
from hedged.venue.fields import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainForm:
    """The columns of withdrawals, the words for their states, and those of deposits."""

    number: str
    amount: str = "amount"
    coin: str = "coin"
    address: str = "address"
    tx_id: str = "txId"
    at: str
    time: Callable[[Row, str], datetime] = Row.time
    state: str = "status"
    leaving: frozenset[str]
    back: frozenset[str]  # the coins are in the account again
    source: Callable[[Row], str] = lambda _: ""  # what stands behind the venue's name
    credited: frozenset[str]  # states of deposits

    def withdrawal(self, row: Row, venue: str) -> Transfer:
        """Coins sent to an address."""
        state = row.name(self.state)
        if state not in self.leaving | self.back:
            raise row.odd(self.state, "a known state")
        return Transfer(
            transfer_id=f"withdrawal {row.name(self.number)}",
            quantity=Amount(row.positive(self.amount), row.text(self.coin)),
            source=f"{venue}{self.source(row)}",
            destination=row.text(self.address),
            started_at=self.time(row, self.at),
            arrived=state in self.back,
            tx_id=row.optional_text(self.tx_id),
        )

    def deposit(self, row: Row) -> str:
        """The transaction of a deposit whose coins are in the account; empty: they are not."""
        return row.optional_text(self.tx_id) if row.name(self.state) in self.credited else ""
