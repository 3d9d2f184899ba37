"""Matching: orders against the book, and what a fill means for other orders of the same account."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from hedged.sim.accounts import Account
from hedged.sim.clearing import Clearing
from hedged.sim.decimals import ZERO
from hedged.sim.events import Event, Truth
from hedged.sim.instruments import Instrument
from hedged.sim.market import Market
from hedged.sim.orders import Ending, Order, Status, TimeInForce


class Matching:
    """Fills, rests and ends orders."""

    def __init__(
        self,
        markets: Mapping[str, Market],
        accounts: Mapping[str, Account],
        clearing: Clearing,
        truth: Truth,
        index: Callable[[Instrument], Decimal],
    ) -> None:
        self._markets = markets
        self._accounts = accounts
        self._clearing = clearing
        self._truth = truth
        self._index = index

    def match(self, account: Account, market: Market, order: Order, now_ms: int) -> None:
        """Trade an order against the book, then let the rest wait or end."""
        book, time_in_force = market.book, order.request.time_in_force
        if time_in_force is TimeInForce.POST_ONLY and book.would_take(order.side, order.price):
            self.end(account, order, Ending.WOULD_TAKE, now_ms)
            return
        matches = list(book.matches(order.side, order.price, order.leaves))
        if time_in_force is TimeInForce.FOK:
            available = sum((match.quantity for match in matches), ZERO)
            if available < order.leaves:
                self.end(account, order, Ending.NOT_IN_FULL, now_ms)
                return
        for match in matches:
            # A fill may have shrunk or cancelled the orders behind it (reduce-only ones).
            maker, quantity = match.maker, min(match.quantity, order.leaves)
            if maker is not None:
                quantity = min(quantity, maker.leaves)
            if not quantity:
                continue
            if maker is None:
                book.take(match._replace(quantity=quantity), now_ms)
            else:
                self._fill(market, maker, match.price, quantity, now_ms, is_maker=True)
            self._fill(market, order, match.price, quantity, now_ms, is_maker=False)
        if not order.status.is_open:
            return
        if order.is_immediate:
            self.end(account, order, Ending.NO_LIQUIDITY, now_ms)
        else:
            book.rest(order)

    def trade_crossed(self, market: Market, now_ms: int) -> None:
        """Let the synthetic market trade with the resting orders that it has moved through."""
        for order, match in market.book.crossed():
            market.book.take(match, now_ms)
            self._fill(market, order, order.price, match.quantity, now_ms, is_maker=True)

    def _fill(
        self,
        market: Market,
        order: Order,
        price: Decimal,
        quantity: Decimal,
        now_ms: int,
        *,
        is_maker: bool,
    ) -> None:
        account = self._accounts[order.account]
        self._clearing.book_fill(
            account,
            market,
            order,
            price=price,
            quantity=quantity,
            index=self._index(market.instrument),
            is_maker=is_maker,
            now_ms=now_ms,
        )
        if not order.status.is_open:
            market.book.remove(order)
        self.note(order, now_ms)
        if not market.instrument.is_spot:
            self._trim_reducing(account, market, order.request.position_index, now_ms)

    def _trim_reducing(self, account: Account, market: Market, index: int, now_ms: int) -> None:
        """Shrink or cancel the orders that would now do more than close the position."""
        held = account.quantity(market.instrument.symbol, index)
        left = abs(held)
        for order in account.reducing_orders(market.instrument.symbol, index):
            if order.side.signed(held) >= 0 or not left:
                self.end(account, order, Ending.REDUCE_ONLY, now_ms)
                continue
            if order.leaves > left:
                order.quantity = order.filled + left
            left -= order.leaves

    def end(self, account: Account, order: Order, ending: Ending, now_ms: int) -> None:
        """Cancel what is left of an order."""
        is_partial_spot = order.filled and order.instrument.is_spot
        order.status = Status.PARTIALLY_FILLED_CANCELLED if is_partial_spot else Status.CANCELLED
        order.ending = ending
        order.updated_ms = now_ms
        account.open_orders.pop(order.order_id, None)
        self._markets[order.symbol].book.remove(order)
        self.note(order, now_ms, ending)

    def note(self, order: Order, now_ms: int, detail: str = "") -> None:
        """Record what has become of an order."""
        self._truth.note(
            Event(
                now_ms,
                "order",
                order.account,
                order.symbol,
                order.order_id,
                detail or order.status,
                order.side.signed(order.quantity),
                order.price,
            )
        )
