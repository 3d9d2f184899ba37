"""The terms of an order as it is sent, and what a venue may say of it and of a position."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from hedged.core.decimals import CONTEXT
from hedged.core.types import Amount, Side


class Answer(StrEnum):
    """What the venue says of an order that it is asked about."""

    WORKING = "working"
    DONE = "done"  # it can fill no further
    NOT_FOUND = "not-found"


class Cause(StrEnum):
    """Why a position changed without an order of ours."""

    TRADE = "trade"  # by hand, or by another bot
    LIQUIDATION = "liquidation"
    ADL = "adl"  # auto-deleveraging: taken over to cover another's liquidation
    SETTLEMENT = "settlement"  # closed by the venue, at delivery or delisting
    UNEXPLAINED = "unexplained"  # no trade that the venue lists accounts for it
    RECOVERED = "recovered"  # what was unexplained is gone again: it was read wrongly


def signed(side: Side, contracts: Decimal, contract_size: Decimal, unit: str) -> Amount:
    """The change of a position that `contracts` (> 0) on this side make."""
    size = CONTEXT.multiply(contracts, contract_size)
    return Amount(size if side is Side.BUY else -size, unit)


@dataclass(frozen=True, slots=True)
class Terms:
    """One order as it is going to be sent; contracts are positive."""

    client_id: str
    book: str
    asset: str
    cycle: int
    part: int  # counts the orders of one cycle and instrument, from 0
    venue: str
    symbol: str
    unit: str  # of a position in the instrument
    contract_size: Decimal
    side: Side
    contracts: Decimal
    limit_price: Decimal
    reduce_only: bool
    post_only: bool = False  # else immediate-or-cancel
    bound: Decimal | None = None  # the worst price that was approved, where it is not the limit
    goes_on: bool = False  # in the place of one that was cancelled: no new intent

    def quantity(self, contracts: Decimal) -> Amount:
        """The signed change of the position when this many contracts fill."""
        return signed(self.side, contracts, self.contract_size, self.unit)
