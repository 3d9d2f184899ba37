"""Matching: orders against the book, and what a fill means for other orders of the same account."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from hedged.sim.accounts import Account
from hedged.sim.book import Match
from hedged.sim.clearing import Clearing, Terms
from hedged.sim.decimals import ZERO
from hedged.sim.events import Event, Truth
from hedged.sim.identifiers import Identifiers
from hedged.sim.instruments import Instrument
from hedged.sim.market import Market
from hedged.sim.orders import (
    Ending,
    Execution,
    Order,
    OrderRequest,
    OrderType,
    Origin,
    SelfTrade,
    Side,
    Status,
    TimeInForce,
)
from hedged.sim.positions import Position


class Matching:
    """Fills, rests and ends orders."""

    def __init__(
        self,
        markets: Mapping[str, Market],
        accounts: Mapping[str, Account],
        clearing: Clearing,
        identifiers: Identifiers,
        truth: Truth,
        index: Callable[[Instrument], Decimal],
    ) -> None:
        self._markets = markets
        self._accounts = accounts
        self._clearing = clearing
        self._identifiers = identifiers
        self._truth = truth
        self._index = index
        self.depleted: dict[str, Market] = {}

    def match(self, account: Account, market: Market, order: Order, now_ms: int) -> None:
        """Trade an order against the book, then let the rest wait or end."""
        book, time_in_force = market.book, order.request.time_in_force
        if time_in_force is TimeInForce.POST_ONLY and book.would_take(order.side, order.price):
            self.end(account, order, Ending.WOULD_TAKE, now_ms)
            return
        matches = list(book.matches(order.side, order.price, order.leaves))
        rest = Ending.NO_LIQUIDITY if order.is_immediate else Ending.NONE
        if order.request.self_trade is not SelfTrade.NONE:
            matches, meets_itself = self._without_own(account, market, order, matches, now_ms)
            rest = Ending.SELF_TRADE if meets_itself else rest
        if time_in_force is TimeInForce.FOK:
            available = sum((match.quantity for match in matches), ZERO)
            if available < order.leaves:
                self.end(account, order, Ending.NOT_IN_FULL, now_ms)
                return
        for match in matches:
            self._trade(market, order, match, now_ms)
        if not order.status.is_open:
            return
        if rest is Ending.NONE:
            book.rest(order)
        else:
            self.end(account, order, rest, now_ms)

    def _trade(self, market: Market, order: Order, match: Match, now_ms: int) -> None:
        """Let an order trade with a resting one, or with the synthetic market."""
        # A fill may have shrunk or cancelled the orders behind it (reduce-only ones).
        maker, quantity = match.maker, min(match.quantity, order.leaves)
        if maker is not None:
            quantity = min(quantity, maker.leaves)
        if not quantity:
            return
        if maker is None:
            self._take(market, match.price, quantity, now_ms)
        else:
            self._fill(market, maker, match.price, quantity, now_ms, is_maker=True)
        self._fill(market, order, match.price, quantity, now_ms, is_maker=False)

    def _without_own(
        self, account: Account, market: Market, order: Order, matches: list[Match], now_ms: int
    ) -> tuple[list[Match], bool]:
        """Return what an order may trade with, and whether its own account's order stops it."""
        policy = order.request.self_trade
        while True:
            own = next((n for n, match in enumerate(matches) if _is_of(match.maker, account)), None)
            if own is None:
                return matches, False
            maker = matches[own].maker
            if maker is not None and policy is not SelfTrade.CANCEL_TAKER:
                self.end(account, maker, Ending.SELF_TRADE, now_ms)
            if policy is not SelfTrade.CANCEL_MAKER:
                return matches[:own], True
            matches = list(market.book.matches(order.side, order.price, order.leaves))

    def _take(self, market: Market, price: Decimal, quantity: Decimal, now_ms: int) -> None:
        """Take from the synthetic market."""
        market.book.take(price, quantity, now_ms)
        self.depleted[market.instrument.key] = market

    def refill(self, now_ms: int) -> None:
        """Restore the synthetic market where it is due; it trades with orders that it crosses."""
        for key, market in list(self.depleted.items()):
            if market.book.refill(now_ms):
                self.trade_crossed(market, now_ms)
            if not market.book.is_depleted:
                del self.depleted[key]

    def trade_crossed(self, market: Market, now_ms: int) -> None:
        """Let the synthetic market trade with the resting orders that it has moved through."""
        for order, match in market.book.crossed():
            self._take(market, match.price, match.quantity, now_ms)
            self._fill(market, order, order.price, match.quantity, now_ms, is_maker=True)

    def close(
        self,
        account: Account,
        position: Position,
        quantity: Decimal,
        price: Decimal,
        now_ms: int,
        *,
        origin: Origin,
        terms: Terms,
    ) -> Order:
        """Close a part (> 0) of a position by an order of the exchange's own, at this price."""
        market = self._markets[position.instrument.key]
        side = Side.SELL if position.quantity > 0 else Side.BUY
        request = OrderRequest(
            market.instrument.symbol,
            side,
            quantity,
            order_type=OrderType.MARKET,
            time_in_force=TimeInForce.IOC,
            reduce_only=True,
            position_index=position.index,
        )
        order = Order(
            order_id=self._identifiers.order(),
            account=account.name,
            instrument=market.instrument,
            request=request,
            price=price,
            quantity=quantity,
            created_ms=now_ms,
            updated_ms=now_ms,
            sequence=self._identifiers.sequence(),
            mark_on_creation=market.mark,
            is_reducing=True,
            origin=origin,
        )
        account.remember(order)
        self.note(order, now_ms)
        self._fill(market, order, price, quantity, now_ms, is_maker=False, terms=terms)
        return order

    def fill_late(self, account: Account, order: Order, now_ms: int) -> None:
        """Fill the rest of an order that has been cancelled, at its price."""
        if order.status.is_open or order.filled == order.quantity:
            return
        market = self._markets[order.instrument.key]
        order.status, order.ending = Status.NEW, Ending.NONE
        account.enter(order)
        self._fill(market, order, order.price, order.leaves, now_ms, is_maker=True)

    def _fill(
        self,
        market: Market,
        order: Order,
        price: Decimal,
        quantity: Decimal,
        now_ms: int,
        *,
        is_maker: bool,
        terms: Terms | None = None,
    ) -> None:
        account, instrument = self._accounts[order.account], market.instrument
        if terms is None:
            fee_rate = instrument.maker_rate if is_maker else instrument.taker_rate
            terms = Terms(Execution.TRADE, fee_rate)
        self._clearing.book_fill(
            account,
            market,
            order,
            price=price,
            quantity=quantity,
            index=self._index(instrument),
            is_maker=is_maker,
            now_ms=now_ms,
            terms=terms,
        )
        if not order.status.is_open:
            market.book.remove(order)
        self.note(order, now_ms)
        if not instrument.is_spot:
            self._trim_reducing(account, market, order.request.position_index, now_ms)

    def _trim_reducing(self, account: Account, market: Market, index: int, now_ms: int) -> None:
        """Shrink or cancel the orders that would now do more than close the position."""
        reducing = account.reducing_orders(market.instrument.key, index)
        if not reducing:
            return
        held = account.quantity(market.instrument.key, index)
        left = abs(held)
        for order in reducing:
            if order.side.signed(held) >= 0 or not left:
                self.end(account, order, Ending.REDUCE_ONLY, now_ms)
                continue
            if order.leaves > left:
                order.quantity = order.filled + left
            left -= order.leaves

    def end(self, account: Account, order: Order, ending: Ending, now_ms: int) -> None:
        """Cancel what is left of an order."""
        account.leave(order)
        is_partial_spot = order.filled and order.instrument.is_spot
        order.status = Status.PARTIALLY_FILLED_CANCELLED if is_partial_spot else Status.CANCELLED
        order.ending = ending
        order.updated_ms = now_ms
        self._markets[order.instrument.key].book.remove(order)
        self.note(order, now_ms, ending)

    def note(self, order: Order, now_ms: int, detail: str = "") -> None:
        """Record what has become of an order."""
        self._truth.note(
            Event(
                now_ms,
                "order",
                order.account,
                order.instrument.key,
                order.order_id,
                detail or order.status,
                order.side.signed(order.quantity),
                order.price,
            )
        )


def _is_of(order: Order | None, account: Account) -> bool:
    return order is not None and order.account == account.name
