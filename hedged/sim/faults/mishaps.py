"""What the exchange itself does to orders and markets when things go wrong."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

from hedged.sim.accounts import Account
from hedged.sim.book import Depth
from hedged.sim.exchange import Exchange
from hedged.sim.faults.fault import Fault
from hedged.sim.faults.kinds import Kind
from hedged.sim.instruments import Instrument
from hedged.sim.market import Market
from hedged.sim.orders import Order


class Mishaps:
    """Mishaps of one exchange; what is due later happens in `advance`."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self._late_fills: list[tuple[int, Account, Order]] = []

    @contextmanager
    def around(
        self, market_of: Callable[[], Market | None], faults: Iterable[Fault]
    ) -> Iterator[None]:
        """Give the market of an order another depth while the exchange acts on it."""
        thin = next((fault for fault in faults if fault.kind is Kind.THIN_BOOK), None)
        market = market_of() if thin is not None else None
        if thin is None or market is None:
            yield
            return
        usual = market.book.depth
        market.book.depth = Depth(levels=1, level_usd=Decimal(thin.value))
        try:
            yield
        finally:
            market.book.depth = usual

    def after(self, name: str, order_id: str, faults: Iterable[Fault]) -> None:
        """Remember what is to happen to an order later."""
        for fault in faults:
            if fault.kind is Kind.LATE_FILL:
                account = self.exchange.accounts[name]
                due_ms = self.exchange.now_ms + int(fault.seconds * 1000)
                self._late_fills.append((due_ms, account, account.orders[order_id]))

    def advance(self, now_ms: int) -> None:
        """Do what is due."""
        due = [entry for entry in self._late_fills if entry[0] <= now_ms]
        if not due:
            return
        self._late_fills = [entry for entry in self._late_fills if entry[0] > now_ms]
        self.exchange.advance(now_ms)
        for _, account, order in due:
            self.exchange.fill_late(account, order)


def change_instrument(exchange: Exchange, market: Market, **changes: Decimal) -> Instrument:
    """Change steps or limits of an instrument, as a venue does from one day to the next."""
    before = market.instrument
    after = replace(before, **changes)  # type: ignore[arg-type] # only Decimal fields are changed
    market.instrument = market.book.instrument = after
    market.book.depth = market.book.depth  # lays the book out anew
    for account in exchange.accounts.values():
        for position in account.positions.values():
            if position.instrument is before:
                position.instrument = after
        for order in account.orders.values():
            if order.instrument is before:
                order.instrument = after
    return after
