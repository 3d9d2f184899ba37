"""Spot sources beside the venues: coins that no API can see."""

from decimal import Decimal

from hedged.core.decimals import ZERO
from hedged.core.types import Amount, Holding


class StaticSource:
    """Coins that the owner states in the configuration, such as a cold wallet."""

    def __init__(self, name: str, coin: str, quantity: Decimal) -> None:
        self.name = name
        self._held = Holding(name, Amount(quantity, coin), ZERO)

    async def holdings(self) -> tuple[Holding, ...]:
        """The stated coins: always fresh, because they are what the owner says."""
        return (self._held,)
