"""Messages and answers of the websockets have the shape of recorded ones.

The payloads are real ones kept beside the repository, not part of it.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hedged.sim.accounts import Account
from hedged.sim.bybit.limits import RateLimits
from hedged.sim.bybit.stream import StreamHub
from hedged.sim.exchange import Exchange
from hedged.sim.orders import Side
from tests.sim.shapes import kind, shape
from tests.sim.stream_client import SELL, ask, credentials, news, opened, order, private, trading

PAYLOADS = Path(__file__).parents[3] / "shared" / "payloads" / "bybit"
pytestmark = pytest.mark.skipif(
    not PAYLOADS.is_dir(), reason="the real payloads (../shared/payloads/bybit) are not here"
)
D = Decimal


@pytest.fixture
def hub(exchange: Exchange) -> StreamHub:
    return StreamHub(exchange, RateLimits(0))


def sample(name: str) -> Any:
    """Return the last message that a recorded session received."""
    for line in (PAYLOADS / "streams.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if entry["name"] == f"Subscriptions/V5/{name}":
            start = next(n for n, text in enumerate(entry["lines"]) if text.strip() in ("=", "= "))
            return json.loads("".join(entry["lines"][start + 1 :]))
    raise AssertionError(name)


def documented(page: str) -> Iterator[Any]:
    for line in (PAYLOADS / "documented.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if entry["page"] == page and isinstance(entry["sample"], dict):
            yield entry["sample"]


SHAPES = [
    ("/v5/public/linear", "tickers.BTCUSDT", ["Linear/Ticker"], ()),
    ("/v5/public/inverse", "tickers.BTCUSD", ["Linear/Ticker"], ()),
    ("/v5/public/spot", "tickers.BTCUSDT", ["Spot/Ticker"], ()),
    ("/v5/public/inverse", "orderbook.50.BTCUSD", ["Option/Book"], ("orderbook",)),
    ("/v5/public/linear", "publicTrade.BTCUSDT", ["Linear/Trades"], ("trade",)),
    ("/v5/public/spot", "publicTrade.BTCUSDT", ["Spot/Trades"], ("trade",)),
    ("/v5/public/inverse", "kline.5.BTCUSD", ["Option/Klines"], ("kline",)),
    ("/v5/public/inverse", "allLiquidation.BTCUSD", ["Linear/Liquidations"], ("all-liquidation",)),
    ("/v5/private", "wallet", ["Private/Balance"], ("wallet",)),
    ("/v5/private", "order", ["Private/Order"], ("order",)),
    ("/v5/private", "position", ["Private/Position"], ("position",)),
    ("/v5/private", "execution", ["Private/UserTrades"], ("execution",)),
    ("/v5/private", "execution.fast", ["Private/MinimalUserTrades"], ("fast-execution",)),
]


@pytest.mark.parametrize(
    ("path", "topic", "recorded", "pages"), SHAPES, ids=[f"{case[0]} {case[1]}" for case in SHAPES]
)
def test_messages_have_the_shape_of_real_ones(
    hub: StreamHub,
    exchange: Exchange,
    account: Account,
    path: str,
    topic: str,
    recorded: list[str],
    pages: tuple[str, ...],
) -> None:
    if path == "/v5/private":
        session = private(hub, account, topic)
    else:
        session = opened(hub, path)
        ask(session, "subscribe", topic)
    for symbol in ("BTCUSD", "BTCUSDT", "BTCUSDT:linear"):
        exchange.trade_by_hand(
            account, symbol, Side.SELL, D(100) if symbol == "BTCUSD" else D("0.1")
        )
    if topic.startswith("allLiquidation"):
        exchange.liquidate(account)
    ours = next(message for message in news(session) if message["topic"] == topic)
    real = [sample(name) for name in recorded]
    real += [entry for page in pages for entry in documented(page) if "topic" in entry]
    shapes = [set(shape(message)) for message in real]
    known = set.union(*shapes)
    assert not set(shape(ours)) - known
    missing = {key for key, _ in shapes[0]} - {key for key, _ in shape(ours)} - {".data[].orderIv"}
    assert not missing


def test_answers_have_the_shape_of_real_ones(hub: StreamHub, account: Account) -> None:
    def recorded(name: str) -> Any:
        for line in (PAYLOADS / "streams.jsonl").read_text().splitlines():
            entry = json.loads(line)
            if entry["name"] == f"Socket/V5Api/Private/{name}":
                lines = entry["lines"]
                start = lines.index("=")
                return json.loads("".join(lines[start + 1 :]))
        raise AssertionError(name)

    limited = StreamHub(hub.exchange, RateLimits())
    session = trading(limited, account)
    ours = order(session, "order.create", **SELL)
    assert set(shape(ours)) == set(shape(recorded("PlaceOrder")))
    acks = [entry for entry in documented("wss-authentication") if "success" in entry]
    known = {(key, kind(value)) for ack in acks for key, value in ack.items()}
    for answer in (
        ask(opened(hub, "/v5/public/spot"), "subscribe", "tickers.BTCUSDT"),
        ask(opened(hub, "/v5/private"), "auth", *credentials(account, hub.exchange.now_ms)),
        ask(opened(hub, "/v5/public/linear"), "ping"),
    ):
        assert {(key, kind(value)) for key, value in answer.items()} <= known
