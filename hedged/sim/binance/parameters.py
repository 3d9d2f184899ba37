"""Reading the parameters of a request; they come in the query string, in the body, or in both."""

import re
from urllib.parse import parse_qsl

from hedged.sim.binance.errors import BinanceError, missing
from hedged.sim.fields import Fields

MOST_FIELDS = 100
_CLIENT_ID = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}", re.ASCII)


class Parameters(Fields):
    """The parameters of one request."""

    def wrong(self, name: str) -> Exception:
        """Return the error for a parameter that cannot be."""
        return missing(name)

    def missing(self, name: str) -> Exception:
        """Return the error for a parameter that must be there."""
        return missing(name)

    def client_id(self, name: str) -> str:
        """Return the client's own order id, empty when it is missing."""
        value = self.text(name)
        if value and not _CLIENT_ID.fullmatch(value):
            raise BinanceError(
                -1100,
                f"Illegal characters found in parameter '{name}'; legal range is "
                "'^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.",
            )
        return value


def read(text: str) -> dict[str, str]:
    """Return the fields of a query string or of a form."""
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise BinanceError(-1101, "Too many parameters sent for this endpoint.") from None
