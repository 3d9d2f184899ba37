"""The tables of the venues whose cases are tables."""

from typing import Final

from tests.contract.payloads.table import Table
from tests.contract.payloads.tables import (
    bingx,
    bitget,
    bybit,
    deribit,
    gate,
    htx,
    krakenfutures,
    kucoin,
    mexc,
    okx,
    phemex,
    weex,
)

TABLES: Final[tuple[Table, ...]] = (
    bingx.USDT,
    bingx.COIN,
    bitget.USDT,
    bitget.COIN,
    bybit.BYBIT,
    deribit.DERIBIT,
    deribit.LINEAR,
    gate.COIN,
    gate.DOLLARS,
    htx.HTX,
    krakenfutures.KRAKENFUTURES,
    kucoin.KUCOIN,
    mexc.MEXC,
    okx.OKX,
    okx.LINEAR,
    phemex.PHEMEX,
    weex.WEEX,
)
