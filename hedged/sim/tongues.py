"""The tongues of the embedded exchange: venues that it can pass for.

A tongue is a dialect with its websockets, and the rules of the house that speaks it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hedged.sim.binance.catalogue import SEPARATE
from hedged.sim.binance.dialect import BinanceDialect
from hedged.sim.binance.limits import Weights
from hedged.sim.binance.listen import ListenKeys
from hedged.sim.binance.stream import StreamHub as BinanceHub
from hedged.sim.bybit.dialect import BybitDialect
from hedged.sim.bybit.limits import RateLimits
from hedged.sim.bybit.stream import StreamHub
from hedged.sim.dialect import Dialect, Streams
from hedged.sim.exchange import Exchange
from hedged.sim.rules import UNIFIED, Rules


@dataclass(frozen=True, slots=True)
class Tongue:
    """One of them; `spoken` takes an exchange of these rules and a factor of all rate limits."""

    name: str
    rules: Rules
    spoken: Callable[[Exchange, int], tuple[Dialect, Streams]]


def _bybit(exchange: Exchange, limits: int) -> tuple[Dialect, Streams]:
    dialect = BybitDialect(exchange, limits=RateLimits(limits))
    return dialect, StreamHub(exchange, dialect.limits)


def _binance(exchange: Exchange, limits: int) -> tuple[Dialect, Streams]:
    keys = ListenKeys()
    return BinanceDialect(exchange, keys, Weights(limits)), BinanceHub(exchange, keys)


BYBIT = Tongue("bybit", UNIFIED, _bybit)
BINANCE = Tongue("binance", SEPARATE, _binance)
TONGUES: Mapping[str, Tongue] = {tongue.name: tongue for tongue in (BYBIT, BINANCE)}
