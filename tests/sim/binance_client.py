"""A client of Binance's dialect: it signs requests in process and reads what it is told."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from hedged.sim.accounts import Account
from hedged.sim.binance.signature import signature
from hedged.sim.dialect import Dialect, Reply

PERP = "BTCUSD_PERP"
SELL = {
    "symbol": PERP,
    "side": "SELL",
    "type": "LIMIT",
    "quantity": "10",
    "price": "64900.1",
    "timeInForce": "IOC",
}
RESTING = SELL | {"price": "66000", "timeInForce": "GTC"}


@dataclass
class Client:
    """Sends signed requests at the exchange's own time."""

    dialect: Dialect
    account: Account

    def ask(self, method: str, path: str, **params: object) -> Reply:
        now_ms = self.dialect.exchange.now_ms
        text = urlencode({**params, "timestamp": now_ms})
        text += f"&signature={signature(self.account.secret, text)}"
        in_query = method in {"GET", "DELETE"}
        return self.dialect.handle(
            method,
            path,
            text if in_query else "",
            {"X-MBX-APIKEY": self.account.api_key},
            b"" if in_query else text.encode(),
            now_ms,
        )

    def told(self, method: str, path: str, **params: object) -> Any:
        """What is answered to a request that is done."""
        reply = self.ask(method, path, **params)
        assert reply.code == 0, reply.payload
        return json.loads(reply.body())

    def refusal(self, method: str, path: str, **params: object) -> tuple[int, int]:
        """Code and status of a request that is refused."""
        reply = self.ask(method, path, **params)
        assert reply.code, reply.payload
        return reply.code, reply.status
