import json
import subprocess
import sys
from importlib.metadata import version

import pytest

ONE_CLASS = """
import json, re, sys, time
import aiohttp, structlog, stamina
def resident_kb():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1])
before_kb = resident_kb()
start = time.perf_counter()
from hedged.venue.lazy import exchange_class
bybit = exchange_class("bybit")
took_s = time.perf_counter() - start
grown_kb = resident_kb() - before_kb
loaded = set(sys.modules)
import ccxt.async_support
exchanges = [x for x in ccxt.exchanges if {f"ccxt.{x}", f"ccxt.async_support.{x}"} & loaded]
stand_ins = sorted({"ccxt", "ccxt.async_support"} & loaded)
print(json.dumps({
    "took_s": took_s, "grown_kb": grown_kb, "exchanges": exchanges, "stand_ins": stand_ins,
    "same_class": ccxt.async_support.bybit is bybit, "version": ccxt.__version__,
    "whole": len(ccxt.exchanges) > 50,
}))
"""
REAL_FIRST = """
import ccxt.async_support
from hedged.venue.lazy import errors, exchange_class
assert exchange_class("bybit") is ccxt.async_support.bybit
assert errors().NetworkError is ccxt.NetworkError
"""


def run(script: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    return done.stdout


def test_one_class_is_imported_without_the_others() -> None:
    seen = json.loads(run(ONE_CLASS))
    print(f"import {seen['took_s']:.3f} s, {seen['grown_kb'] / 1024:.1f} MB")  # noqa: T201 - measured
    assert seen["exchanges"] == ["bybit"]
    assert seen["grown_kb"] < 45 * 1024
    # Nothing of the stand-in packages stays: what imports all of ccxt later gets all of it.
    assert seen["stand_ins"] == []
    assert seen["same_class"]
    assert seen["whole"]
    assert seen["version"] == version("ccxt")


def test_a_loaded_ccxt_is_used() -> None:
    assert run(REAL_FIRST) == ""


def test_an_exchange_that_ccxt_lacks_is_named() -> None:
    from hedged.venue.lazy import exchange_class  # noqa: PLC0415 - keeps collection light

    with pytest.raises(ModuleNotFoundError, match="nosuchexchange"):
        exchange_class("nosuchexchange")
