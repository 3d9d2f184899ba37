"""How a venue is kept from placing an order that arrives late.

An order whose fate is not known is looked for, and one that is not found often and long enough was
never placed: it frees its slot. One that is still on its way then would be a second one. So each
order is sent in such a way that the venue itself refuses it after a while, which what counts as
long enough has to exceed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from hedged.core.reports import Rules

SPARE_S: Final = 5  # of proof, beyond the deadline: for clocks, and what is listed late


@dataclass(frozen=True, slots=True)
class Deadline:
    """After how many seconds a venue refuses what it was sent.

    Orders that say so themselves do it by parameters, given the last moment, or by a header with
    it in milliseconds; without either the venue reckons from the time of the signature.
    """

    order_s: int
    params: Callable[[datetime], Mapping[str, object]] | None = None
    header: str = ""
    signed_s: int = 0  # for all else that is signed; 0: as for orders

    def of_order(self, now: datetime) -> dict[str, object]:
        """The parameters of an order that is sent now, by the venue's clock."""
        if self.params is None:
            return {}
        return dict(self.params(now + timedelta(seconds=self.order_s)))

    @property
    def transfer_s(self) -> int:
        """After so long it refuses a transfer."""
        return self.signed_s or self.order_s

    def proof(self, rules: Rules) -> Rules:
        """Rules by which nothing counts as never made that could still be made."""
        return replace(
            rules,
            over_s=max(rules.over_s, Decimal(self.order_s + SPARE_S)),
            moves_over_s=max(rules.moves_over_s, Decimal(self.transfer_s + SPARE_S)),
        )
