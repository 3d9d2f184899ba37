"""A client of the gate: it signs requests in process and reads what it is told."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from hedged.sim.accounts import Account
from hedged.sim.bybit.signature import signature
from hedged.sim.faults.answers import Answer, Ending
from hedged.sim.faults.gate import Gate

CREATE, CANCEL = "/v5/order/create", "/v5/order/cancel"
REALTIME, EXECUTIONS = "/v5/order/realtime", "/v5/execution/list"
BALANCE, POSITIONS = "/v5/account/wallet-balance", "/v5/position/list"
TICKERS, BOOK, TIME = "/v5/market/tickers", "/v5/market/orderbook", "/v5/market/time"
INVERSE = {"category": "inverse", "symbol": "BTCUSD"}
SELL = INVERSE | {
    "side": "Sell",
    "orderType": "Limit",
    "qty": "1000",
    "price": "64900",
    "timeInForce": "IOC",
}
RESTING = SELL | {"price": "66000", "timeInForce": "GTC"}


@dataclass
class Client:
    """Sends signed requests through the gate, at the exchange's own time."""

    gate: Gate
    account: Account

    def ask(self, method: str, path: str, query: str = "", body: str = "") -> Answer:
        now_ms = self.gate.exchange.now_ms
        key, secret = self.account.api_key, self.account.secret
        headers = {
            "X-BAPI-API-KEY": key,
            "X-BAPI-TIMESTAMP": str(now_ms),
            "X-BAPI-RECV-WINDOW": "5000",
            "X-BAPI-SIGN": signature(secret, str(now_ms), key, "5000", query or body),
        }
        passage = self.gate.enter(method, path, query, headers, body.encode(), now_ms)
        return passage.finish(now_ms + passage.delay_ms)

    def get(self, path: str, **params: str) -> Answer:
        return self.ask("GET", path, urlencode(params))

    def post(self, path: str, **params: object) -> Answer:
        return self.ask("POST", path, body=json.dumps(params))

    def rows(self, path: str, **params: str) -> list[Any]:
        rows = told(self.get(path, **params))["result"]["list"]
        assert isinstance(rows, list)
        return rows


def told(answer: Answer) -> Any:
    assert answer.ending is Ending.COMPLETE
    return json.loads(answer.body)
