"""Gate: USDT's perpetual futures, an account of its own."""

from dataclasses import replace
from functools import partial
from typing import Final

from hedged.core.types import Kind
from hedged.venue.profiles import gate_rows as rows
from hedged.venue.profiles.gate import INVERSE
from hedged.venue.profiles.profile import Contracts
from hedged.venue.profiles.reads import Read

_USDT: Final = {"settle": "usdt"}

LINEAR: Final = replace(
    INVERSE,
    wallet=Read("privateFuturesGetSettleAccounts", (), _USDT, one=True),
    positions=(Read("privateFuturesGetSettlePositions", (), _USDT, kind=Kind.LINEAR),),
    contracts={Kind.LINEAR: Contracts(only=_USDT)},
    flows=Read("privateFuturesGetSettleAccountBook", (), {**_USDT, "limit": "1000"}, page=1000),
    flow=partial(rows.flow, "USDT"),
)
GATE: Final = replace(INVERSE, linear=LINEAR)
