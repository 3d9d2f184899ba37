"""Streams of market data: best prices, marks with funding."""

from hedged.sim.binance.rows import Row, coins_text, pair, price_text, quantity_text
from hedged.sim.decimals import ZERO
from hedged.sim.exchange import Exchange
from hedged.sim.market import Market
from hedged.sim.orders import Side

_BEST, _MARK = "bookTicker", "markPrice"


class Quotes:
    """One stream of one market."""

    def __init__(self, exchange: Exchange, market: Market, kind: str) -> None:
        self._exchange = exchange
        self._market = market
        self._kind = kind
        self._sent: Row = {}

    @classmethod
    def of(cls, exchange: Exchange, stream: str) -> "Quotes | None":
        """Return what a stream's name stands for, None when there is no such stream."""
        symbol, _, kind = stream.partition("@")
        market = exchange.markets.get(symbol.upper())
        kind = kind.partition("@")[0]  # what may follow is how often
        if market is None or kind not in (_BEST, _MARK):
            return None
        if kind == _MARK and market.instrument.is_spot:
            return None
        return cls(exchange, market, kind)

    def changed(self, now_ms: int) -> list[Row]:
        """Return the quote, if it is another than the last time."""
        row = self._best() if self._kind == _BEST else self._mark()
        if row == self._sent:
            return []
        self._sent = row
        if self._market.instrument.is_spot:
            return [row]
        return [{"T": now_ms} | row | {"E": now_ms}]

    def _best(self) -> Row:
        instrument, book = self._market.instrument, self._market.book
        bid = book.best(Side.BUY) or (ZERO, ZERO)
        ask = book.best(Side.SELL) or (ZERO, ZERO)
        row: Row = {
            "u": book.updates,
            "s": instrument.symbol,
            "b": price_text(instrument, bid[0]),
            "B": quantity_text(instrument, bid[1]),
            "a": price_text(instrument, ask[0]),
            "A": quantity_text(instrument, ask[1]),
        }
        return row if instrument.is_spot else {"e": _BEST, "ps": pair(instrument)} | row

    def _mark(self) -> Row:
        market = self._market
        is_perpetual = market.instrument.is_perpetual
        return {
            "e": "markPriceUpdate",
            "s": market.instrument.symbol,
            "p": coins_text(market.mark),
            "i": coins_text(self._exchange.board.index(market.instrument)),
            "P": coins_text(self._exchange.board.index(market.instrument)),
            "r": coins_text(market.funding_rate) if is_perpetual else "",
            "T": market.next_funding_ms if is_perpetual else 0,
        }
