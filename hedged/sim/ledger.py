"""The ledger: double entry, every posting moves one coin from one purse to another.

A posting is rounded once, to 8 decimals, and the same figure leaves one purse and enters the other.
So no sequence of operations can create or lose a coin: the balances of all purses sum to zero in
every coin, exactly.

Purses of the house: OUTSIDE is the rest of the world (deposits and withdrawals), TRANSIT holds what
is on its way, CLEARING is the other side of every trade, funding payment and profit, FEES collects
fees and interest, INSURANCE takes the fees of liquidations and pays what bankrupt accounts owe. All
but TRANSIT may be negative; an account's purse may be too, which is then a borrowed coin.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from hedged.sim.decimals import ZERO, to_coins

OUTSIDE = "house:outside"
TRANSIT = "house:transit"
CLEARING = "house:clearing"
FEES = "house:fees"
INSURANCE = "house:insurance"


class Reason(StrEnum):
    """Why coins moved."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"
    TRADE = "trade"
    FEE = "fee"
    PROFIT = "profit"
    FUNDING = "funding"
    INTEREST = "interest"
    BANKRUPTCY = "bankruptcy"


class Posting(NamedTuple):
    """One movement of coins; the amount left `source`, entered `target`, and may be negative."""

    at_ms: int
    reason: Reason
    coin: str
    amount: Decimal
    source: str
    target: str


class Ledger:
    """Balances of all purses and the postings that made them."""

    def __init__(self) -> None:
        self.postings: list[Posting] = []
        self._balances: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)

    def move(
        self, at_ms: int, reason: Reason, coin: str, amount: Decimal, source: str, target: str
    ) -> Decimal:
        """Move coins between two purses and return the amount as booked."""
        booked = to_coins(amount)
        if booked:
            giving, taking = self._balances[source], self._balances[target]
            giving[coin] = giving.get(coin, ZERO) - booked
            taking[coin] = taking.get(coin, ZERO) + booked
            self.postings.append(Posting(at_ms, reason, coin, booked, source, target))
        return booked

    def balance(self, purse: str, coin: str) -> Decimal:
        """Return what the purse holds of the coin (negative: owes)."""
        held = self._balances.get(purse)
        return held.get(coin, ZERO) if held else ZERO

    def holdings(self, purse: str) -> Mapping[str, Decimal]:
        """Return the purse's balances by coin, in the order in which it first held them."""
        return self._balances.get(purse, {})

    def totals(self) -> Iterator[tuple[str, Decimal]]:
        """Yield the sum over all purses of each coin: zero, or the ledger is broken."""
        coins = sorted({coin for held in self._balances.values() for coin in held})
        for coin in coins:
            held_by_all = (held.get(coin, ZERO) for held in self._balances.values())
            yield coin, sum(held_by_all, ZERO)
