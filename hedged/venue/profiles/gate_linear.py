"""Gate: USDT's perpetual futures, an account of its own."""

from dataclasses import replace
from typing import Final

from hedged.core.types import Kind
from hedged.venue.profiles.gate import INVERSE, account_book
from hedged.venue.profiles.profile import Contracts
from hedged.venue.profiles.reads import Read

_USDT: Final = {"settle": "usdt"}

LINEAR: Final = replace(
    INVERSE,
    wallet=Read("privateFuturesGetSettleAccounts", (), _USDT, one=True),
    positions=(Read("privateFuturesGetSettlePositions", (), _USDT, kind=Kind.LINEAR),),
    contracts={Kind.LINEAR: Contracts(only=_USDT)},
    flows=account_book("usdt"),
)
GATE: Final = replace(INVERSE, linear=LINEAR)
