"""An exchange at a fixed time, an account on it, and a client that signs requests in process."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from hedged.sim.accounts import Account
from hedged.sim.bybit.dialect import BybitDialect
from hedged.sim.bybit.limits import RateLimits
from hedged.sim.bybit.signature import signature
from hedged.sim.dialect import Reply
from hedged.sim.exchange import Exchange
from hedged.sim.server import SimServer

NOW_MS = 1_750_000_000_000


@dataclass
class Client:
    """Sends signed Bybit requests to a dialect, at the exchange's own time."""

    dialect: BybitDialect
    account: Account
    window: str = "5000"
    changed_headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **params: str) -> Reply:
        return self._send("GET", path, urlencode(params), "")

    def post(self, path: str, **params: Any) -> Reply:
        return self._send("POST", path, "", json.dumps(params))

    def _send(self, method: str, path: str, query: str, body: str) -> Reply:
        now_ms = self.dialect.exchange.now_ms
        headers = self.headers(now_ms, query or body)
        return self.dialect.handle(method, path, query, headers, body.encode(), now_ms)

    def headers(self, at_ms: int, payload: str) -> Mapping[str, str]:
        key, secret = self.account.api_key, self.account.secret
        signed = signature(secret, str(at_ms), key, self.window, payload)
        return {
            "X-BAPI-API-KEY": key,
            "X-BAPI-TIMESTAMP": str(at_ms),
            "X-BAPI-RECV-WINDOW": self.window,
            "X-BAPI-SIGN": signed,
        } | self.changed_headers


def funded(exchange: Exchange, name: str = "main") -> Account:
    """Open an account with 5 BTC, 50 ETH and 20,000 USDT."""
    account = exchange.open_account(name, f"key-{name}", f"secret-{name}")
    for coin, amount in (("BTC", 5), ("ETH", 50), ("USDT", 20_000)):
        exchange.deposit(account, coin, Decimal(amount))
    return account


@pytest.fixture
def exchange() -> Exchange:
    return Exchange(now_ms=NOW_MS, seed=7)


@pytest.fixture
def account(exchange: Exchange) -> Account:
    return funded(exchange)


@pytest.fixture
def other(exchange: Exchange) -> Account:
    return funded(exchange, "other")


@pytest.fixture
def client(exchange: Exchange, account: Account) -> Client:
    return Client(BybitDialect(exchange, limits=RateLimits(0)), account)


@pytest_asyncio.fixture
async def server(exchange: Exchange, account: Account) -> AsyncIterator[SimServer]:
    """The exchange on a port, its time standing still."""
    del account
    serving = SimServer(exchange, clock=lambda: exchange.now_ms)
    await serving.start()
    yield serving
    await serving.stop()
