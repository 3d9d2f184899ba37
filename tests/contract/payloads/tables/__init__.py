"""The tables of the venues whose cases are tables."""

from typing import Final

from tests.contract.payloads.table import Table
from tests.contract.payloads.tables import bingx, bitget, gate, htx, mexc, weex

TABLES: Final[tuple[Table, ...]] = (
    bingx.USDT,
    bingx.COIN,
    bitget.USDT,
    bitget.COIN,
    gate.COIN,
    gate.DOLLARS,
    htx.HTX,
    mexc.MEXC,
    weex.WEEX,
)
