"""The markets, by the `key` of their instruments."""

from hedged.sim.board import PriceBoard
from hedged.sim.book import Book, Depth
from hedged.sim.instruments import Instrument, Kind
from hedged.sim.market import Market, Phase, next_stamp_ms
from hedged.sim.orders import Refusal, RefusedError


class Listings:
    """Opens markets at the prices of the moment, and finds them."""

    def __init__(self, board: PriceBoard, depth: Depth) -> None:
        self.markets: dict[str, Market] = {}
        self._board = board
        self._depth = depth

    def open(self, instrument: Instrument, now_ms: int) -> Market:
        """Open the market of an instrument."""
        mark = self._board.mark(instrument, now_ms)
        market = Market(
            instrument=instrument,
            book=Book(instrument, self._depth, mark),
            mark=mark,
            last=mark,
            next_funding_ms=next_stamp_ms(now_ms, instrument.funding_interval_ms),
        )
        market.day.note(now_ms, mark)
        self.markets[instrument.key] = market
        return market

    def market(self, symbol: str, kind: Kind | None = None) -> Market:
        """Return the market of a key, or of a symbol among the instruments of a kind."""
        market = self.markets.get(f"{symbol}:linear" if kind is Kind.LINEAR else symbol)
        if market is None or (kind is not None and market.instrument.kind is not kind):
            raise RefusedError(Refusal.UNKNOWN_SYMBOL, symbol)
        return market

    def trading(self, key: str) -> Market:
        """Return the market of a key if it can be traded."""
        market = self.market(key)
        if market.phase is not Phase.TRADING:
            raise RefusedError(Refusal.NOT_TRADING, key)
        return market
