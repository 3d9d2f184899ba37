"""The exchange: accounts, orders, prices, funding and flows, without any input or output.

Time is given to it (`now_ms`, never read from a clock) and only moves forward, chance comes from a
seed, prices from whoever calls `set_index`. So the same calls give the same events, whether a test,
a replay or a server makes them. Requests are refused with `RefusedError`; wrong use by the operator
(a price of zero) is a ValueError.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from hedged.sim import history
from hedged.sim.accounts import Account, Transfer, Wallet
from hedged.sim.agenda import Agenda
from hedged.sim.board import PriceBoard
from hedged.sim.book import Depth
from hedged.sim.catalogue import quarter_ends
from hedged.sim.clearing import Clearing
from hedged.sim.decimals import ONE, ZERO
from hedged.sim.events import Truth
from hedged.sim.flows import Flows
from hedged.sim.identifiers import Identifiers
from hedged.sim.instruments import Instrument, Kind
from hedged.sim.intake import admitted, check_amendment
from hedged.sim.ledger import INSURANCE, OUTSIDE, Ledger, Reason
from hedged.sim.liquidation import INSURANCE_FUND, Liquidation
from hedged.sim.listings import Listings
from hedged.sim.margin import MarginDesk
from hedged.sim.market import Market, Notice, Phase, next_stamp_ms
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
from hedged.sim.rules import UNIFIED, Rules
from hedged.sim.settlement import HOUR_MS, Settlement

START_PRICES: Mapping[str, Decimal] = {
    "BTC": Decimal(65_000),
    "ETH": Decimal(3_500),
    "USDT": ONE,
    "USDC": ONE,
}


class Exchange:
    """One exchange with its markets and accounts.

    Markets are kept by the `key` of their instruments. `history` bounds how many lines of each
    record are kept (events, postings, fills, ended orders), for replays of years; none are
    forgotten without it. `rules` say what kind of house it is.
    """

    def __init__(
        self,
        *,
        now_ms: int,
        seed: int = 0,
        prices: Mapping[str, Decimal] = START_PRICES,
        instruments: Iterable[Instrument] | None = None,
        depth: Depth | None = None,
        history: int | None = None,
        rules: Rules = UNIFIED,
    ) -> None:
        self.now_ms = now_ms
        self.board = PriceBoard(prices)
        self.prices = self.board.prices
        self.truth = Truth()
        self.ledger = Ledger()
        self.accounts: dict[str, Account] = {}
        self.notices: list[Notice] = []
        self._listings = Listings(self.board, depth or Depth())
        self.markets = self._listings.markets
        self.accounts_by_key: dict[str, Account] = {}
        self._history = history
        self._agenda = Agenda()
        self.rules = rules
        self._identifiers = Identifiers(seed, are_orders_numbered=rules.are_orders_numbered)
        self._wire()
        for instrument in rules.listed_at(now_ms) if instruments is None else instruments:
            self._list(instrument)
        for coin, amount in INSURANCE_FUND.items():
            self.ledger.move(now_ms, Reason.DEPOSIT, coin, amount, OUTSIDE, INSURANCE)
        self._agenda.enter(next_stamp_ms(now_ms, HOUR_MS), self._end_hour)

    def _wire(self) -> None:
        """Make the desks, each with what it works on."""
        accounts, markets, ledger, truth = self.accounts, self.markets, self.ledger, self.truth
        is_unified = self.rules.is_unified
        self.margin = MarginDesk(ledger, markets, self.prices, is_unified=is_unified)
        clearing = Clearing(ledger, self._identifiers, truth)
        self._matching = Matching(
            markets, accounts, clearing, self._identifiers, truth, self.board.index
        )
        self._flows = Flows(
            accounts, ledger, clearing, self.margin, self._agenda, self._identifiers, truth
        )
        self._settlement = Settlement(accounts, ledger, clearing, self._matching, truth)
        self._liquidation = Liquidation(
            accounts, markets, self.margin, self._matching, clearing, ledger, truth
        )

    def _list(self, instrument: Instrument) -> None:
        """Open a market, and enter what it will be due for."""
        market = self._listings.open(instrument, self.now_ms)
        if market.next_funding_ms:
            self._agenda.enter(market.next_funding_ms, lambda at_ms: self._fund(market, at_ms))
        if instrument.delivery_ms:
            self._agenda.enter(instrument.delivery_ms, lambda at_ms: self._deliver(market, at_ms))

    # --- time and prices

    def advance(self, now_ms: int) -> None:
        """Let time pass: what is due is done in its order, books refill, dead clients are left."""
        if now_ms <= self.now_ms:
            return
        for at_ms, action in self._agenda.due(now_ms):
            self.now_ms = max(self.now_ms, at_ms)
            action(at_ms)
        self.now_ms = now_ms
        self._matching.refill(now_ms)
        for account in self.accounts.values():
            if account.is_disconnected(now_ms):
                account.seen_ms = None
                self.cancel_all(account, ending=Ending.DISCONNECTED)
            for symbol in account.ended_countdowns(now_ms):
                self.cancel_all(account, symbol=symbol, ending=Ending.DISCONNECTED)

    def _fund(self, market: Market, at_ms: int) -> None:
        """Charge funding at its stamp, and wait for the next one."""
        market.next_funding_ms = at_ms + market.instrument.funding_interval_ms
        self._agenda.enter(market.next_funding_ms, lambda next_ms: self._fund(market, next_ms))
        if market.is_funding_scheduled and market.phase is Phase.TRADING:
            self._settlement.charge_funding(market, market.funding_rate, at_ms)
            self._liquidation.check(at_ms)

    def _deliver(self, market: Market, at_ms: int) -> None:
        """Deliver a dated contract, and list the one after those that are left."""
        base, kind = market.instrument.base, market.instrument.kind
        self._settlement.deliver(market, self.prices[base], at_ms)
        ends = [
            m.instrument.delivery_ms for m in self.markets.values() if m.instrument.kind is kind
        ]
        self._list(self.rules.dated(base, next(quarter_ends(max(ends))), kind))

    def _end_hour(self, at_ms: int) -> None:
        self._agenda.enter(at_ms + HOUR_MS, self._end_hour)
        if self.rules.is_unified:  # elsewhere nothing is borrowed
            self._settlement.charge_interest(at_ms)
        if self._history is not None:
            history.forget(self, self._history)

    def set_index(self, coin: str, price: Decimal, mark: Decimal | None = None) -> None:
        """Set a coin's index in USD and the mark of its perpetuals (the index, unless given)."""
        self.board.set(coin, price, price if mark is None else mark)
        for market in self.markets.values():
            instrument = market.instrument
            if coin in (instrument.base, instrument.quote) and market.phase is Phase.TRADING:
                market.move(self.now_ms, self.board.mark(instrument, self.now_ms))
                self._matching.trade_crossed(market, self.now_ms)
        self._liquidation.check(self.now_ms)

    def _perpetuals(self, coin: str) -> Iterator[Market]:
        """Yield the markets of a coin that pay funding."""
        for market in self.markets.values():
            if market.instrument.base == coin and market.instrument.is_perpetual:
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
            self._settlement.charge_funding(market, rate, self.now_ms)
        self._liquidation.check(self.now_ms)

    def settle_session(self, symbol: str) -> None:
        """Pay out the unrealised profit of all positions in an instrument; they stay open."""
        self._settlement.settle_session(self.market(symbol), self.now_ms)

    # --- accounts and flows

    def open_account(self, name: str, api_key: str, secret: str, parent: str = "") -> Account:
        """Open an account, or a sub-account; its name and the key of its requests are unique."""
        if name in self.accounts or api_key in self.accounts_by_key:
            raise ValueError(f"account {name} or its API key exists already")
        account = Account(
            *(name, api_key, secret, 100_001 + len(self.accounts), self.now_ms, parent),
            spot_wallet=self.rules.spot_wallet,
            margin_wallet=self.rules.margin_wallet,
            are_link_ids_kept=self.rules.are_link_ids_kept,
        )
        self.accounts[name] = self.accounts_by_key[api_key] = account
        return account

    def account_of(self, api_key: str) -> Account | None:
        """Return the account that an API key belongs to."""
        return self.accounts_by_key.get(api_key)

    def deposit(
        self,
        account: Account,
        coin: str,
        amount: Decimal,
        *,
        wallet: Wallet | None = None,
        delay_ms: int = 0,
    ) -> Decimal:
        """Bring coins into a wallet (the one that carries contracts), there after the delay."""
        return self._flows.deposit(account, coin, amount, self.now_ms, wallet, delay_ms)

    def withdraw(
        self,
        account: Account,
        coin: str,
        amount: Decimal,
        *,
        wallet: Wallet | None = None,
        delay_ms: int = 0,
        address: str = "",
    ) -> Decimal:
        """Take coins out of a wallet, for an address outside or of an account here."""
        return self._flows.withdraw(account, coin, amount, self.now_ms, wallet, delay_ms, address)

    def transfer(
        self,
        account: Account,
        coin: str,
        amount: Decimal,
        *,
        source: Wallet,
        target: Wallet,
        transfer_id: str,
        to: Account | None = None,
        delay_ms: int = 0,
    ) -> Transfer:
        """Move coins between the account's own wallets, or to a wallet of another account."""
        return self._flows.transfer(
            account,
            coin,
            amount,
            self.now_ms,
            source=source,
            target=target,
            transfer_id=transfer_id,
            to=to or account,
            delay_ms=delay_ms,
        )

    def market(self, symbol: str, kind: Kind | None = None) -> Market:
        """Return the market of a key, or of a symbol among the instruments of a kind."""
        return self._listings.market(symbol, kind)

    def place_order(self, account: Account, request: OrderRequest) -> Order:
        """Accept an order and match it; what does not trade waits in the book or is cancelled.

        The symbol of a request is the `key` of its instrument.
        """
        market = self._listings.trading(request.symbol)
        admission = admitted(request, account, market, self.margin)
        is_spot = market.instrument.is_spot
        order = Order(
            order_id=self._identifiers.order(is_spot=is_spot),
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
        if not is_spot:  # what waits needs margin, with or without a position
            account.position(market.instrument, request.position_index, self.now_ms)
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
        market = self._listings.trading(order.instrument.key)
        if not account.leave(order):
            raise RefusedError(Refusal.UNKNOWN_ORDER)
        keeps_place = price == order.price and quantity < order.quantity
        try:
            check_amendment(order, account, market, self.margin, quantity=quantity, price=price)
            if not keeps_place:
                market.book.remove(order)
            order.quantity, order.price, order.updated_ms = quantity, price, self.now_ms
        finally:
            account.enter(order)
        self._matching.note(order, self.now_ms, "amended")
        if not keeps_place:
            order.sequence = self._identifiers.sequence()
            self._matching.match(account, market, order, self.now_ms)
        return order

    def cancel_order(self, account: Account, order: Order) -> None:
        """Cancel a waiting order."""
        if order.order_id not in account.open_orders:
            raise RefusedError(Refusal.UNKNOWN_ORDER)
        self._matching.end(account, order, Ending.BY_USER, self.now_ms)

    def fill_late(self, account: Account, order: Order) -> None:
        """Fill the rest of a cancelled order at its price after all."""
        self._matching.fill_late(account, order, self.now_ms)

    def cancel_all(
        self,
        account: Account,
        *,
        kind: Kind | None = None,
        symbol: str = "",
        base: str = "",
        settle: str = "",
        ending: Ending = Ending.BY_USER,
    ) -> list[Order]:
        """Cancel the waiting orders of a kind, symbol or coin, of those that are given."""
        cancelled = [
            order
            for order in self.open_orders(account)
            if kind in (None, order.instrument.kind)
            and symbol in ("", order.symbol)
            and base in ("", order.instrument.base)
            and settle in ("", order.instrument.settle)
        ]
        for order in cancelled:
            self._matching.end(account, order, ending, self.now_ms)
        return cancelled

    def heartbeat(self, account: Account) -> None:
        """Note that a private connection of the account lives (see protect_from_disconnect)."""
        account.seen_ms = self.now_ms

    # --- the exchange's own acts on positions

    def deliver(self, symbol: str) -> None:
        """End a contract now: its positions are closed at the index."""
        market = self.market(symbol)
        self._settlement.deliver(market, self.board.index(market.instrument), self.now_ms)

    def liquidate(self, account: Account) -> None:
        """Liquidate an account wholly, whatever its margin."""
        self._liquidation.liquidate(account, self.now_ms)

    def deleverage(
        self,
        account: Account,
        symbol: str,
        quantity: Decimal,
        *,
        price: Decimal | None = None,
        index: int = 0,
    ) -> None:
        """Close a part of a position against a bankrupt counterparty, at its price (the mark)."""
        market = self.market(symbol)
        position = account.positions.get((symbol, index))
        if position is None or not ZERO < quantity <= abs(position.quantity):
            raise RefusedError(Refusal.REDUCE_ONLY, "it would exceed the position")
        self._liquidation.deleverage(account, position, quantity, price or market.mark, self.now_ms)

    def set_leverage(self, account: Account, symbol: str, leverage: Decimal) -> None:
        """Set the leverage of an instrument, which sets the initial margin of its positions."""
        account.set_leverage(self.market(symbol).instrument, leverage)

    def open_orders(self, account: Account) -> Iterator[Order]:
        """Yield the account's waiting orders, oldest first."""
        yield from sorted(account.open_orders.values(), key=lambda order: order.sequence)
