"""How a band is written: a share of the book, an amount with its unit, or "auto"."""

import re
from decimal import Decimal
from typing import Final

from pydantic import ValidationInfo
from pydantic.json_schema import JsonSchemaValue

from hedged.config.problems import did_you_mean, refusal, shown
from hedged.config.quantities import BAND, number
from hedged.core.types import USD, Band, BandKind

_AMOUNT: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z][A-Za-z0-9]{0,19})")
_AUTO: Final = "auto"
_AMOUNTS: Final = 'an amount such as "500 USD" or "0.05 BTC"'

SCHEMA: Final[JsonSchemaValue] = {
    "anyOf": [
        {"const": _AUTO},
        *BAND.schema["anyOf"],
        {"type": "string", "pattern": f"^(?:{_AMOUNT.pattern})$"},
    ]
}


def band(value: object, info: ValidationInfo) -> Band:
    """A band in the unit that it is written in; "auto" falls back to the default share."""
    if not isinstance(value, str):
        return Band(BandKind.RELATIVE, BAND(value))
    if value.isalpha():
        if value == _AUTO:
            return Band(BandKind.AUTO)
        near = did_you_mean(value, [_AUTO])
        raise refusal(f'must be {BAND.expected}, {_AMOUNTS}, or "auto", not {shown(value)}{near}')
    amount = _AMOUNT.fullmatch(value)
    if amount is None:
        return Band(BandKind.RELATIVE, BAND(value))
    size, unit = number(amount.group(1), _AMOUNTS), amount.group(2)
    asset = info.data.get("asset")
    if unit not in {USD, asset or unit} or size == Decimal(0):
        example = f'"500 USD" or "0.05 {asset or "BTC"}"'
        raise refusal(
            f"must be above 0 and in USD or the asset, such as {example}, not {shown(value)}"
        )
    return Band(BandKind.USD if unit == USD else BandKind.COINS, size)
