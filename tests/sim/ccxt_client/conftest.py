"""The embedded exchange over real HTTP, at the machine's time, by which ccxt signs."""

import importlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from hedged.sim.accounts import Account
from hedged.sim.exchange import Exchange
from hedged.sim.server import SimServer, wall_clock_ms
from hedged.sim.tongues import BYBIT, Tongue


@pytest.fixture(scope="session")
def pro() -> Any:
    """ccxt.pro, imported once, as that takes seconds: its classes have all of ccxt's methods."""
    return importlib.import_module("ccxt.pro")


@pytest.fixture(scope="session")
def errors() -> Any:
    """The exceptions of ccxt."""
    return importlib.import_module("ccxt.base.errors")


@pytest.fixture
def tongue() -> Tongue:
    """What the exchange speaks."""
    return BYBIT


@pytest.fixture
def exchange(tongue: Tongue) -> Exchange:
    """An exchange at the machine's time."""
    return Exchange(now_ms=wall_clock_ms(), seed=7, rules=tongue.rules)


@pytest_asyncio.fixture
async def server(exchange: Exchange, account: Account, tongue: Tongue) -> AsyncIterator[SimServer]:
    del account
    serving = SimServer(exchange, tongue=tongue, limits=0)
    await serving.start()
    yield serving
    await serving.stop()


@pytest_asyncio.fixture
async def client(server: SimServer, account: Account) -> AsyncIterator[Any]:
    """The asynchronous class, without websockets, that hedged uses."""
    ccxt = importlib.import_module("ccxt.async_support")
    options = {"defaultType": "swap", "defaultSubType": "inverse"}
    credentials = {"apiKey": account.api_key, "secret": account.secret}
    bybit = ccxt.bybit({**credentials, "options": options, "enableRateLimit": False})
    bybit.urls["api"] = dict.fromkeys(("spot", "futures", "v2", "public", "private"), server.url)
    await bybit.load_markets()
    yield bybit
    await bybit.close()
