"""Which exchanges a configuration may name: those that hedged trades at, and those with coins.

Coins may lie at any exchange that ccxt knows. Its names are those of its modules, which are listed
and not imported: that would take longer than everything else at a start.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from hedged.config.problems import did_you_mean, refusal, shown

# Those with a profile, and what there is to try them in.
TRADED: Final[Mapping[str, tuple[str, ...]]] = {
    "binance": ("testnet",),
    "bingx": ("testnet",),
    "bitget": ("testnet",),
    "bybit": ("testnet", "demo"),
    "deribit": ("testnet",),
    "gate": ("testnet",),
    "htx": (),
    "krakenfutures": ("testnet",),
    "kucoin": (),
    "mexc": (),
    "okx": ("testnet",),
    "phemex": ("testnet",),
    "weex": (),
}


@cache
def listed() -> Sequence[str]:
    """Every exchange of ccxt."""
    found = find_spec("ccxt")
    if found is None or found.origin is None:
        return ()
    modules = (Path(found.origin).parent / "async_support").glob("*.py")
    return sorted(path.stem for path in modules if not path.stem.startswith("_"))


def exchange(value: object) -> str:
    """The name of an exchange."""
    expected = "an exchange that `hedged venues` lists, or for coins alone any that ccxt knows"
    if not isinstance(value, str):
        raise refusal(f"must be {expected}, not {shown(value)}")
    if value not in TRADED and value not in listed():
        near = did_you_mean(value, [*TRADED, *listed()])
        raise refusal(f"must be {expected}, not {shown(value)}{near}")
    return value
