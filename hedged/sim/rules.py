"""The rules of a house: what is listed there, and how its accounts are made.

Everything else (matching, margin, clearing, funding, liquidation) is the same in every house. In a
unified house one wallet of an account trades spot and carries all contracts; in a house of separate
wallets, coins are moved between them, and each coin of the contracts' wallet carries the positions
that are settled in it, and no others.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hedged.sim import catalogue
from hedged.sim.accounts import Wallet
from hedged.sim.instruments import Instrument, Kind


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one house.

    `listed_at` tells everything that is listed at a time, `dated` a coin's contract that is
    delivered at a time. Where client ids are not `kept`, one may be used again once its order has
    ended.
    """

    listed_at: Callable[[int], tuple[Instrument, ...]] = catalogue.listed_at
    dated: Callable[[str, int, Kind], Instrument] = catalogue.dated
    spot_wallet: Wallet = Wallet.UNIFIED
    margin_wallet: Wallet = Wallet.UNIFIED
    are_link_ids_kept: bool = True
    are_orders_numbered: bool = False  # otherwise those of contracts have UUIDs

    @property
    def is_unified(self) -> bool:
        """Whether all coins of an account carry all of its positions, and may be borrowed."""
        return self.margin_wallet is self.spot_wallet


UNIFIED = Rules()
