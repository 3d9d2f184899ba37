"""Reading the parameters of a request; a bad one is Bybit's parameter error."""

import re
from enum import StrEnum

from hedged.sim.bybit.errors import parameter_error
from hedged.sim.fields import Fields
from hedged.sim.instruments import Kind

_LINK_ID = re.compile(r"[A-Za-z0-9_-]{1,36}", re.ASCII)


class Category(StrEnum):
    """Bybit's product types; the last two have no instruments here."""

    SPOT = "spot"
    INVERSE = "inverse"
    LINEAR = "linear"
    OPTION = "option"

    @property
    def kind(self) -> Kind | None:
        """The kind of instrument, None where the exchange has none."""
        return None if self is Category.OPTION else Kind(self.value)


class Parameters(Fields):
    """The parameters of one request, from a query string or a JSON body."""

    def wrong(self, name: str) -> Exception:
        """Return the error for a parameter that cannot be."""
        return parameter_error(f"{name} invalid")

    def missing(self, name: str) -> Exception:
        """Return the error for a parameter that must be there."""
        return parameter_error(f"{name} is required")

    @property
    def is_spot(self) -> bool:
        """Whether the request names the spot category."""
        return self._values.get("category") == Category.SPOT

    def category(self) -> Category:
        """Return the product type."""
        return self.choice("category", Category)

    def link_id(self, name: str = "orderLinkId") -> str:
        """Return the client's own order id, empty when it is missing."""
        value = self.text(name)
        if value and not _LINK_ID.fullmatch(value):
            raise self.wrong(name)
        return value
