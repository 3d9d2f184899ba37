"""10,000 requests of every sort, in process: no traceback, and no 5xx that nobody asked for."""

import json
import random
from decimal import Decimal
from urllib.parse import urlencode

from hedged.sim.accounts import Account
from hedged.sim.bybit.dialect import PRIVATE, PUBLIC, BybitDialect
from hedged.sim.bybit.limits import RateLimits
from hedged.sim.bybit.signature import signature
from hedged.sim.dialect import Purpose
from hedged.sim.exchange import Exchange
from hedged.sim.faults import FaultPlan, Kind
from hedged.sim.faults.answers import Ending
from hedged.sim.faults.fault import fault_of
from hedged.sim.faults.gate import Gate
from hedged.sim.faults.kinds import TRAITS

REQUESTS = 10_000
VALUES: list[object] = [
    "", "inverse", "spot", "linear", "option", "BTCUSD", "BTCUSDT", "ETHUSD", "BTC", "USDT", "Buy",
    "Sell", "Limit", "Market", "IOC", "FOK", "PostOnly", "GTC", "UNIFIED", "FUND", "1", "0", "-1",
    "0.001", "65000", "64990.5", "1000", "1e5", "NaN", "Infinity", "9" * 30, "٣", "😀", "\x00",
    "%3A", "' OR 1=1", "../../etc/passwd", None, True, False, 1, -1, 3, 1.5, [], {}, ["x"], 10**25,
]  # fmt: skip
NAMES = [
    "category", "symbol", "side", "orderType", "qty", "price", "timeInForce", "reduceOnly",
    "orderId", "orderLinkId", "coin", "positionIdx", "marketUnit", "accountType", "settleCoin",
    "baseCoin", "limit", "cursor", "startTime", "endTime", "mode", "openOnly", "buyLeverage",
    "sellLeverage", "setMarginMode", "transferId", "amount", "fromAccountType", "timeWindow",
    "toAccountType", "execType", "currency", "type", "status", "orderStatus", "smpType",
]  # fmt: skip
STRAY = [("GET", "/"), ("DELETE", "/v5/order/create"), ("GET", "/v5/nowhere"), ("PUT", "/%00")]


class Fuzzer:
    """Makes requests: mostly well signed, some about real orders, some broken in every part."""

    def __init__(self, gate: Gate, account: Account) -> None:
        self.gate = gate
        self.account = account
        self.draw = random.Random(20_261_122)  # noqa: S311 - reproducible on purpose
        self.routes = [*PUBLIC, *PRIVATE]

    def parameters(self) -> dict[str, object]:
        draw = self.draw
        params = {name: draw.choice(VALUES) for name in draw.sample(NAMES, draw.randrange(12))}
        if draw.random() < 0.7:
            params |= {"category": draw.choice(("inverse", "spot", "linear")), "symbol": "BTCUSD"}
        if draw.random() < 0.5:
            params |= {"side": "Sell", "orderType": "Limit", "qty": "10", "price": "64990"}
        return params

    def spoiled(self, text: str) -> str:
        cut = self.draw.randrange(len(text) + 1)
        return text[:cut] + self.draw.choice(("", "\x00", "{", "]", "&&", "é")) + text[cut + 1 :]

    def request(self) -> tuple[str, str, str, dict[str, str], bytes]:
        draw = self.draw
        method, path = draw.choice(STRAY) if draw.random() < 0.03 else draw.choice(self.routes)
        params, query, body = self.parameters(), "", b""
        if method == "POST":
            text = json.dumps(params)
            body = (self.spoiled(text) if draw.random() < 0.1 else text).encode()
            if draw.random() < 0.02:
                body = draw.randbytes(draw.randrange(50))
        else:
            query = urlencode({name: str(value) for name, value in params.items()})
            query = self.spoiled(query) if draw.random() < 0.1 else query
        headers = self.headers(query if method != "POST" else body.decode(errors="replace"))
        return method, path, query, headers, body

    def headers(self, payload: str) -> dict[str, str]:
        draw, now_ms = self.draw, self.gate.exchange.now_ms
        key, sent = self.account.api_key, str(now_ms)
        headers = {
            "X-BAPI-API-KEY": key,
            "X-BAPI-TIMESTAMP": sent,
            "X-BAPI-RECV-WINDOW": "5000",
            "X-BAPI-SIGN": signature(self.account.secret, sent, key, "5000", payload),
        }
        if draw.random() < 0.1:
            name = draw.choice(list(headers))
            headers[name] = draw.choice(("", "x", "-1", "9" * 40, "\udcff", "٣", headers[name][:5]))
        if draw.random() < 0.05:
            del headers[draw.choice(list(headers))]
        return headers


def fuzzer(exchange: Exchange, account: Account) -> Fuzzer:
    return Fuzzer(Gate(BybitDialect(exchange, limits=RateLimits(0)), FaultPlan(5)), account)


def test_ten_thousand_requests_break_nothing(exchange: Exchange, account: Account) -> None:
    fuzz = fuzzer(exchange, account)
    codes: set[int] = set()
    for number in range(REQUESTS):
        request = fuzz.request()
        answer = fuzz.gate.enter(*request, exchange.now_ms).finish(exchange.now_ms)
        assert answer.status in (200, 404), request
        assert answer.ending is Ending.COMPLETE
        payload = json.loads(answer.body)
        assert {"retCode", "retMsg", "result", "retExtInfo", "time"} == set(payload)
        assert "Traceback" not in payload["retMsg"]
        codes.add(payload["retCode"])
        if number % 500 == 0:
            exchange.advance(exchange.now_ms + 3_600_000)
            exchange.set_index("BTC", Decimal(fuzz.draw.randrange(64_000, 66_000)))
    assert {0, 10001, 10003, 10004, 10017} <= codes
    assert account.fills
    assert all(total == 0 for _, total in exchange.ledger.totals())


def test_a_5xx_comes_when_it_is_asked_for_only(exchange: Exchange, account: Account) -> None:
    """With every kind of fault by chance: each answer that is no answer stands in the log."""
    fuzz = fuzzer(exchange, account)
    figures = {"seconds": 1, "status": 502, "code": 10016, "coin": "BTC", "value": "10"}
    for kind in Kind:
        rate = Decimal("0.02" if TRAITS[kind].purposes == (Purpose.ANY,) else "0.3")
        given = {name: figures[name] for name in TRAITS[kind].needs}
        fuzz.gate.plan.add(fault_of({"kind": kind, "rate": rate, "times": 0, **given}))
    failed = 0
    for number in range(3_000):
        logged = len(fuzz.gate.plan.log)
        passage = fuzz.gate.enter(*fuzz.request(), exchange.now_ms)
        answer = passage.finish(exchange.now_ms + passage.delay_ms)
        if answer.status >= 500 or answer.ending is not Ending.COMPLETE:
            failed += 1
            assert len(fuzz.gate.plan.log) > logged
        if number % 100 == 0:
            exchange.set_index("BTC", Decimal(fuzz.draw.randrange(64_000, 66_000)))
    assert failed > 100
    assert {entry.kind for entry in fuzz.gate.plan.log} >= {
        kind for kind in Kind if not kind.startswith("stream")
    }
    assert all(total == 0 for _, total in exchange.ledger.totals())
