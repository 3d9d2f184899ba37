"""Public topics: tickers, order books, trades, candles and liquidations of one instrument."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from hedged.sim.bybit import market as quotations
from hedged.sim.bybit.parameters import Parameters
from hedged.sim.bybit.rows import price_text, quantity_text
from hedged.sim.bybit.stream_session import only_row
from hedged.sim.decimals import plain, plain_coins
from hedged.sim.dialect import Message
from hedged.sim.exchange import Exchange
from hedged.sim.hub import TRADES, News
from hedged.sim.market import Market
from hedged.sim.orders import Execution, Fill, Side

_SPOT_TICKER = (
    "symbol", "lastPrice", "highPrice24h", "lowPrice24h", "prevPrice24h", "volume24h",
    "turnover24h", "price24hPcnt", "usdIndexPrice",
)  # fmt: skip
_CONTRACT_TICKER = (
    "symbol", "price24hPcnt", "lastPrice", "prevPrice24h", "highPrice24h", "lowPrice24h",
    "prevPrice1h", "markPrice", "indexPrice", "openInterest", "openInterestValue", "turnover24h",
    "volume24h", "nextFundingTime", "fundingRate", "bid1Price", "bid1Size", "ask1Price",
    "ask1Size",
)  # fmt: skip
_BOOK_DEPTHS = ("1", "50", "200", "500", "1000")
_MINUTE_MS = 60_000
_INTERVALS_MS: Mapping[str, int] = {
    minutes: int(minutes) * _MINUTE_MS
    for minutes in ("1", "3", "5", "15", "30", "60", "120", "240", "360", "720")
} | {"D": 1440 * _MINUTE_MS}


class Topic(Protocol):
    """Something that a public session sends as it changes."""

    def news(self, now_ms: int) -> list[Message]:
        """Return what has changed; the first time, everything."""
        ...

    def hear(self, news: News) -> None:
        """Take notice of something that has just happened."""
        ...


class Ticker:
    """`tickers.SYMBOL`: contracts send a snapshot and then what changes, spot all of it."""

    def __init__(self, exchange: Exchange, market: Market, topic: str) -> None:
        self._exchange = exchange
        self._market = market
        self._topic = topic
        self._sent: dict[str, object] = {}
        self._last = market.last
        self._direction = "ZeroPlusTick"

    def hear(self, news: News) -> None:
        """Everything is in the ticker itself."""

    def _row(self) -> dict[str, object]:
        instrument = self._market.instrument
        named = Parameters({"category": instrument.kind, "symbol": instrument.symbol})
        full = only_row(quotations.tickers(self._exchange, named))
        if instrument.is_spot:
            return {name: full[name] for name in _SPOT_TICKER}
        if self._market.last != self._last:
            self._direction = "PlusTick" if self._market.last > self._last else "MinusTick"
            self._last = self._market.last
        row: dict[str, object] = {"tickDirection": self._direction}
        return row | {name: full[name] for name in _CONTRACT_TICKER}

    def news(self, now_ms: int) -> list[Message]:
        """Return a snapshot, later the fields that have changed."""
        row = self._row()
        changed = {name: value for name, value in row.items() if self._sent.get(name) != value}
        if not changed:
            return []
        is_first = not self._sent or self._market.instrument.is_spot
        self._sent = row
        data = row if is_first else {"symbol": row["symbol"]} | changed
        return [
            {
                "topic": self._topic,
                "type": "snapshot" if is_first else "delta",
                "data": data,
                "cs": self._market.book.updates,
                "ts": now_ms,
            }
        ]


Levels = dict[str, str]


class OrderBook:
    """`orderbook.DEPTH.SYMBOL`: a snapshot, then the levels that change ("0" removes one)."""

    def __init__(self, market: Market, topic: str, depth: int) -> None:
        self._market = market
        self._topic = topic
        self._depth = depth
        self._updates: int | None = None
        self._sent: dict[Side, Levels] = {}

    def hear(self, news: News) -> None:
        """Everything is in the book itself."""

    def _levels(self, side: Side) -> Levels:
        instrument = self._market.instrument
        return {
            price_text(instrument, price): quantity_text(instrument, quantity)
            for price, quantity in self._market.book.levels(side, self._depth)
        }

    def news(self, now_ms: int) -> list[Message]:
        """Return a snapshot, later the levels that have changed; the best level always whole."""
        book = self._market.book
        if self._updates == book.updates:
            return []
        self._updates = book.updates
        levels = {side: self._levels(side) for side in Side}
        if not self._sent or self._depth == 1:
            kind, changes = "snapshot", levels
        else:
            kind, changes = (
                "delta",
                {side: _changes(self._sent[side], levels[side]) for side in Side},
            )
            if not any(changes.values()):
                return []
        self._sent = levels
        return [
            {
                "topic": self._topic,
                "type": kind,
                "ts": now_ms,
                "data": {
                    "s": self._market.instrument.symbol,
                    "b": [list(level) for level in changes[Side.BUY].items()],
                    "a": [list(level) for level in changes[Side.SELL].items()],
                    "u": book.updates,
                    "seq": book.updates,
                },
                "cts": now_ms,
            }
        ]


def _changes(before: Levels, after: Levels) -> Levels:
    changed = {price: size for price, size in after.items() if before.get(price) != size}
    return changed | {price: "0" for price in before if price not in after}


def _is_of(fill: Fill, market: Market) -> bool:
    return fill.instrument.key == market.instrument.key


def _is_trade(fill: Fill, market: Market) -> bool:
    return fill.kind in TRADES and _is_of(fill, market)


class Trades:
    """`publicTrade.SYMBOL`: every trade once, from its taker's side."""

    def __init__(self, market: Market, topic: str) -> None:
        self._market = market
        self._topic = topic
        self._waiting: list[Fill] = []
        self._last = market.last
        self._direction = "ZeroPlusTick"

    def hear(self, news: News) -> None:
        """Remember a trade; where both sides are ours, the maker is heard just before the taker."""
        fill = news.fill
        if fill is None or not _is_trade(fill, self._market):
            return
        previous = self._waiting[-1] if self._waiting else None
        if (
            previous is not None
            and previous.is_maker
            and not fill.is_maker
            and (previous.price, previous.quantity) == (fill.price, fill.quantity)
            and previous.side is fill.side.opposite
        ):
            self._waiting.pop()
        self._waiting.append(fill)

    def news(self, now_ms: int) -> list[Message]:
        """Return the trades since the last time."""
        if not self._waiting:
            return []
        rows = [self._row(fill) for fill in self._waiting]
        self._waiting = []
        return [{"topic": self._topic, "type": "snapshot", "ts": now_ms, "data": rows}]

    def _row(self, fill: Fill) -> dict[str, object]:
        instrument = self._market.instrument
        if fill.price != self._last:
            self._direction = "PlusTick" if fill.price > self._last else "MinusTick"
            self._last = fill.price
        return {
            "T": fill.at_ms,
            "s": fill.symbol,
            "S": fill.side.opposite if fill.is_maker else fill.side,
            "v": quantity_text(instrument, fill.quantity),
            "p": price_text(instrument, fill.price),
            "L": self._direction,
            "i": fill.fill_id,
            "BT": False,
            "seq": fill.sequence,
        }


class Candles:
    """`kline.INTERVAL.SYMBOL`: the candle of the moment, from the first subscription on."""

    def __init__(self, market: Market, topic: str, interval: str) -> None:
        self._market = market
        self._topic = topic
        self._interval = interval
        self._length_ms = _INTERVALS_MS[interval]
        self._start_ms = -1
        self._prices: list[Decimal] = []
        self._traded = (market.traded_quantity, market.traded_value)
        self._sent: dict[str, object] = {}

    def hear(self, news: News) -> None:
        """A trade between two looks is in the candle too."""
        fill = news.fill
        if fill is not None and _is_trade(fill, self._market):
            self._prices.append(fill.price)

    def news(self, now_ms: int) -> list[Message]:
        """Return the candle when it has changed, and the last one as it closed."""
        start_ms = now_ms - now_ms % self._length_ms
        rows = []
        if start_ms != self._start_ms:
            if self._start_ms >= 0:
                rows.append(self._row(now_ms, is_closed=True))
            self._start_ms, self._prices = start_ms, [self._market.last]
            self._traded = (self._market.traded_quantity, self._market.traded_value)
        self._prices.append(self._market.last)
        self._prices = [
            self._prices[0], max(self._prices), min(self._prices), self._prices[-1],
        ]  # fmt: skip
        row = self._row(now_ms, is_closed=False)
        if row | {"timestamp": 0} != self._sent:
            rows.append(row)
            self._sent = row | {"timestamp": 0}
        if not rows:
            return []
        return [{"topic": self._topic, "data": rows, "ts": now_ms, "type": "snapshot"}]

    def _row(self, now_ms: int, *, is_closed: bool) -> dict[str, object]:
        instrument, (quantity, value) = self._market.instrument, self._traded
        return {
            "start": self._start_ms,
            "end": self._start_ms + self._length_ms - 1,
            "interval": self._interval,
            "open": price_text(instrument, self._prices[0]),
            "close": price_text(instrument, self._prices[-1]),
            "high": price_text(instrument, max(self._prices)),
            "low": price_text(instrument, min(self._prices)),
            "volume": plain(self._market.traded_quantity - quantity),
            "turnover": plain_coins(self._market.traded_value - value),
            "confirm": is_closed,
            "timestamp": now_ms,
        }


class Liquidations:
    """`allLiquidation.SYMBOL`: positions that were liquidated, by the side they had."""

    def __init__(self, market: Market, topic: str) -> None:
        self._market = market
        self._topic = topic
        self._rows: list[dict[str, object]] = []

    def hear(self, news: News) -> None:
        """Remember a liquidation."""
        fill, instrument = news.fill, self._market.instrument
        if fill is None or fill.kind is not Execution.LIQUIDATION or not _is_of(fill, self._market):
            return
        self._rows.append(
            {
                "T": fill.at_ms,
                "s": fill.symbol,
                "S": fill.side.opposite,
                "v": quantity_text(instrument, fill.quantity),
                "p": price_text(instrument, fill.price),
            }
        )

    def news(self, now_ms: int) -> list[Message]:
        """Return the liquidations since the last time."""
        rows, self._rows = self._rows, []
        if not rows:
            return []
        return [{"topic": self._topic, "type": "snapshot", "ts": now_ms, "data": rows}]


def topic_of(exchange: Exchange, market: Market, name: str) -> Topic | None:
    """Return what a topic's name stands for, None when there is no such topic."""
    match name.split("."):
        case ["tickers", _]:
            return Ticker(exchange, market, name)
        case ["orderbook", depth, _] if depth in _BOOK_DEPTHS:
            return OrderBook(market, name, int(depth))
        case ["publicTrade", _]:
            return Trades(market, name)
        case ["kline", interval, _] if interval in _INTERVALS_MS:
            return Candles(market, name, interval)
        case ["allLiquidation", _] if not market.instrument.is_spot:
            return Liquidations(market, name)
        case _:
            return None
