"""The exchange: accounts, orders, prices, funding and flows, without any input or output.

Time is given to it (`now_ms`, never read from a clock) and only moves forward, chance comes from a
seed, prices from whoever calls `set_index`. So the same calls give the same events, whether a test,
a replay or a server makes them. Requests are refused with `RefusedError`; wrong use by the operator
(a price of zero) is a ValueError.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from hedged.sim.accounts import Account, Transfer, Wallet
from hedged.sim.book import Book, Depth
from hedged.sim.clearing import Clearing
from hedged.sim.decimals import ONE, quotient, to_coins
from hedged.sim.events import Truth
from hedged.sim.identifiers import Identifiers
from hedged.sim.instruments import CATALOGUE, Instrument, Kind
from hedged.sim.intake import admitted, check_amendment
from hedged.sim.ledger import Ledger
from hedged.sim.margin import MarginDesk
from hedged.sim.market import FundingStamp, Market, next_stamp_ms
from hedged.sim.matching import Matching
from hedged.sim.orders import (
    Ending,
    Order,
    OrderRequest,
    OrderType,
    Refusal,
    RefusedError,
    Side,
)

START_PRICES: Mapping[str, Decimal] = {
    "BTC": Decimal(65_000),
    "ETH": Decimal(3_500),
    "USDT": ONE,
    "USDC": ONE,
}


class Exchange:
    """One exchange with its markets and accounts."""

    def __init__(
        self,
        *,
        now_ms: int,
        seed: int = 0,
        prices: Mapping[str, Decimal] = START_PRICES,
        instruments: Iterable[Instrument] = CATALOGUE,
        depth: Depth | None = None,
    ) -> None:
        self.now_ms = now_ms
        self.prices = dict(prices)
        self.truth = Truth()
        self.ledger = Ledger()
        self.accounts: dict[str, Account] = {}
        self.markets: dict[str, Market] = {}
        self._identifiers = Identifiers(seed)
        self._clearing = Clearing(self.ledger, self._identifiers, self.truth)
        self._matching = Matching(
            self.markets, self.accounts, self._clearing, self.truth, self.fair_price
        )
        self.margin = MarginDesk(self.ledger, self.markets, self.prices)
        for instrument in instruments:
            self._list(instrument, depth or Depth())

    def _list(self, instrument: Instrument, depth: Depth) -> None:
        """Open the market of an instrument at the index price."""
        mid = self.fair_price(instrument)
        market = Market(
            instrument=instrument,
            book=Book(instrument, depth, mid),
            mark=mid,
            last=mid,
            next_funding_ms=next_stamp_ms(self.now_ms, instrument.funding_interval_ms),
        )
        market.day.note(self.now_ms, mid)
        self.markets[instrument.symbol] = market

    def fair_price(self, instrument: Instrument) -> Decimal:
        """Return the index price in the instrument's quote coin (US dollars for contracts)."""
        index = self.prices[instrument.base]
        return quotient(index, self.prices[instrument.quote]) if instrument.is_spot else index

    # --- time and prices

    def advance(self, now_ms: int) -> None:
        """Let time pass: due funding is charged, books refill and trade with orders they cross."""
        self.now_ms = max(self.now_ms, now_ms)
        for market in self.markets.values():
            while market.next_funding_ms and market.next_funding_ms <= self.now_ms:
                stamp_ms = market.next_funding_ms
                market.next_funding_ms += market.instrument.funding_interval_ms
                if market.is_funding_scheduled:
                    self._charge_funding(market, market.funding_rate, stamp_ms)
            market.book.refill(self.now_ms)
            self._matching.trade_crossed(market, self.now_ms)

    def set_index(self, coin: str, price: Decimal, mark: Decimal | None = None) -> None:
        """Set a coin's index in USD and the mark of its contracts (the index, unless given)."""
        mark = price if mark is None else mark
        if coin not in self.prices:
            raise ValueError(f"no such coin: {coin}")
        if not (price.is_finite() and mark.is_finite() and price > 0 and mark > 0):
            raise ValueError(f"a price must be a positive number, not {price} or {mark}")
        self.prices[coin] = price
        for market in self.markets.values():
            instrument = market.instrument
            if instrument.is_spot and coin in (instrument.base, instrument.quote):
                market.move(self.now_ms, self.fair_price(instrument))
            elif not instrument.is_spot and instrument.base == coin:
                market.move(self.now_ms, mark)
            else:
                continue
            self._matching.trade_crossed(market, self.now_ms)

    def _perpetuals(self, coin: str) -> Iterator[Market]:
        """Yield the markets of a coin that pay funding."""
        for market in self.markets.values():
            if market.instrument.base == coin and market.instrument.funding_interval_ms:
                yield market

    def set_funding_rate(self, coin: str, rate: Decimal) -> None:
        """Set the rate that will be charged at the next funding time."""
        for market in self._perpetuals(coin):
            market.funding_rate = rate

    def schedule_funding(self, coin: str, *, is_scheduled: bool) -> None:
        """Charge funding at the venue's own times, or only when told to."""
        for market in self._perpetuals(coin):
            market.is_funding_scheduled = is_scheduled

    def charge_funding(self, coin: str, rate: Decimal) -> None:
        """Charge funding now, outside the schedule."""
        for market in self._perpetuals(coin):
            self._charge_funding(market, rate, self.now_ms)

    def _charge_funding(self, market: Market, rate: Decimal, stamp_ms: int) -> None:
        market.funding_stamps.append(FundingStamp(stamp_ms, rate))
        for account in self.accounts.values():
            for position in account.positions.values():
                if position.instrument is market.instrument and position.quantity:
                    self._clearing.pay_funding(account, market, position, rate, stamp_ms)

    # --- accounts and flows

    def open_account(self, name: str, api_key: str, secret: str) -> Account:
        """Open an account; its name, and the key that its requests carry, are unique."""
        if name in self.accounts or self.account_of(api_key) is not None:
            raise ValueError(f"account {name} or its API key exists already")
        account = Account(name, api_key, secret, 100_001 + len(self.accounts), self.now_ms)
        self.accounts[name] = account
        return account

    def account_of(self, api_key: str) -> Account | None:
        """Return the account that an API key belongs to."""
        owners = (owner for owner in self.accounts.values() if owner.api_key == api_key)
        return next(owners, None)

    def deposit(self, account: Account, coin: str, amount: Decimal) -> Decimal:
        """Bring coins from outside into the unified wallet."""
        self._check_flow(coin, amount)
        return self._clearing.book_flow(account, coin, amount, self.now_ms)

    def withdraw(self, account: Account, coin: str, amount: Decimal) -> Decimal:
        """Take coins out of the unified wallet."""
        self._check_flow(coin, amount)
        if amount > self.margin.withdrawable(account, coin):
            raise RefusedError(Refusal.INSUFFICIENT_BALANCE, coin)
        return -self._clearing.book_flow(account, coin, -amount, self.now_ms)

    def transfer(
        self,
        account: Account,
        coin: str,
        amount: Decimal,
        *,
        source: Wallet,
        target: Wallet,
        transfer_id: str,
    ) -> Transfer:
        """Move coins between the account's own wallets."""
        self._check_flow(coin, amount)
        if source is target:
            raise RefusedError(Refusal.SAME_WALLET)
        if transfer_id in account.transfers:
            raise RefusedError(Refusal.DUPLICATE_TRANSFER)
        if source is Wallet.UNIFIED:
            movable = self.margin.withdrawable(account, coin)
        else:
            movable = self.ledger.balance(account.purse(source), coin)
        if amount > movable:
            raise RefusedError(Refusal.INSUFFICIENT_BALANCE, coin)
        transfer = Transfer(transfer_id, self.now_ms, coin, amount, source, target)
        self._clearing.book_transfer(account, transfer)
        return transfer

    def _check_flow(self, coin: str, amount: Decimal) -> None:
        if coin not in self.prices:
            raise RefusedError(Refusal.UNKNOWN_COIN, coin)
        if not amount.is_finite() or amount <= 0 or amount != to_coins(amount):
            raise RefusedError(Refusal.QUANTITY_INVALID, coin)

    # --- orders

    def market(self, symbol: str, kind: Kind | None = None) -> Market:
        """Return the market of a symbol, of this kind if one is given."""
        market = self.markets.get(symbol)
        if market is None or (kind is not None and market.instrument.kind is not kind):
            raise RefusedError(Refusal.UNKNOWN_SYMBOL, symbol)
        return market

    def place_order(self, account: Account, request: OrderRequest) -> Order:
        """Accept an order and match it; what does not trade waits in the book or is cancelled."""
        market = self.market(request.symbol)
        admission = admitted(request, account, market, self.margin)
        is_spot = market.instrument.is_spot
        order = Order(
            order_id=self._identifiers.number() if is_spot else self._identifiers.uuid(),
            account=account.name,
            instrument=market.instrument,
            request=request,
            price=admission.price,
            quantity=admission.quantity,
            created_ms=self.now_ms,
            updated_ms=self.now_ms,
            sequence=self._identifiers.sequence(),
            mark_on_creation=market.mark,
            is_reducing=admission.is_reducing,
        )
        account.remember(order)
        self._matching.note(order, self.now_ms)
        self._matching.match(account, market, order, self.now_ms)
        return order

    def trade_by_hand(self, account: Account, symbol: str, side: Side, quantity: Decimal) -> Order:
        """Trade at market, as the account's owner would on the venue's own page."""
        request = OrderRequest(symbol, side, quantity, order_type=OrderType.MARKET)
        return self.place_order(account, request)

    def amend_order(
        self,
        account: Account,
        order: Order,
        *,
        quantity: Decimal | None = None,
        price: Decimal | None = None,
    ) -> Order:
        """Change a waiting order; it keeps its place only when nothing but its quantity shrinks."""
        quantity = order.quantity if quantity is None else quantity
        price = order.price if price is None else price
        if (quantity, price) == (order.quantity, order.price):
            raise RefusedError(Refusal.NOT_MODIFIED)
        market = self.market(order.symbol)
        waiting = account.open_orders
        if waiting.pop(order.order_id, None) is None:
            raise RefusedError(Refusal.UNKNOWN_ORDER)
        try:
            check_amendment(order, account, market, self.margin, quantity=quantity, price=price)
        finally:
            waiting[order.order_id] = order
        keeps_place = price == order.price and quantity < order.quantity
        order.quantity, order.price, order.updated_ms = quantity, price, self.now_ms
        self._matching.note(order, self.now_ms, "amended")
        if not keeps_place:
            market.book.remove(order)
            order.sequence = self._identifiers.sequence()
            self._matching.match(account, market, order, self.now_ms)
        return order

    def find_order(
        self, account: Account, symbol: str, *, order_id: str = "", link_id: str = ""
    ) -> Order | None:
        """Return an order of any state by its id or the client's."""
        by_id = account.orders.get(order_id) if order_id else account.orders_by_link.get(link_id)
        return by_id if by_id is not None and by_id.symbol == symbol else None

    def cancel_order(self, account: Account, order: Order) -> None:
        """Cancel a waiting order."""
        if order.order_id not in account.open_orders:
            raise RefusedError(Refusal.UNKNOWN_ORDER)
        self._matching.end(account, order, Ending.BY_USER, self.now_ms)

    # --- settings

    def set_leverage(self, account: Account, symbol: str, leverage: Decimal) -> None:
        """Set the leverage of an instrument, which sets the initial margin of its positions."""
        instrument = self.market(symbol).instrument
        if not instrument.tiers or not ONE <= leverage <= instrument.tiers[0].max_leverage:
            raise RefusedError(Refusal.LEVERAGE_INVALID)
        if leverage == account.leverage(symbol):
            raise RefusedError(Refusal.NOT_MODIFIED)
        account.leverages[symbol] = leverage

    def set_hedge_mode(self, account: Account, symbols: Iterable[str], *, is_hedged: bool) -> None:
        """Let the instruments have one position each, or separate long and short legs."""
        wanted = set(symbols)
        changing = {symbol for symbol in wanted if (symbol in account.hedge_symbols) != is_hedged}
        if not changing:
            raise RefusedError(Refusal.NOT_MODIFIED)
        if any(order.symbol in changing for order in account.open_orders.values()):
            raise RefusedError(Refusal.ORDERS_OPEN)
        if any(leg.quantity for (name, _), leg in account.positions.items() if name in changing):
            raise RefusedError(Refusal.POSITION_OPEN)
        for key in [key for key in account.positions if key[0] in changing]:
            del account.positions[key]
        if is_hedged:
            account.hedge_symbols |= changing
        else:
            account.hedge_symbols -= changing

    def open_orders(self, account: Account) -> Iterator[Order]:
        """Yield the account's waiting orders, oldest first."""
        yield from sorted(account.open_orders.values(), key=lambda order: order.sequence)
