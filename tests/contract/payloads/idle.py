"""Requests in an hour of an idle live book of one asset with `poll = "10s"`, by exchange.

Figures for the docs; the cases count anew and compare.
"""

from collections.abc import Mapping
from typing import Final

IDLE: Final[Mapping[str, int]] = {
    "binance": 2088,
    "bingx": 1728,
    "bitget": 2088,
    "bybit": 1870,
    "deribit": 1368,
    "gate": 1728,
    "htx": 2448,
    "krakenfutures": 1368,
    "kucoin": 1728,
    "mexc": 1728,
    "okx": 2448,
    "phemex": 1728,
    "weex": 1728,
}
