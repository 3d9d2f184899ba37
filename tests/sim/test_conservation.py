"""Through any sequence of operations coins are conserved and profit agrees with fractions."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hedged.sim.accounts import Account, Wallet
from hedged.sim.book import Depth
from hedged.sim.exchange import Exchange
from hedged.sim.instruments import Instrument
from hedged.sim.ledger import INSURANCE, OUTSIDE, TRANSIT, Reason
from hedged.sim.orders import (
    Execution,
    OrderRequest,
    OrderType,
    RefusedError,
    SelfTrade,
    Side,
    TimeInForce,
)

NOW_MS = 1_750_000_000_000
UNIT = Fraction(1, 10**8)

names = st.sampled_from(("one", "two"))
coins = st.sampled_from(("BTC", "ETH", "USDT"))
contracts = st.sampled_from(("BTCUSD", "BTCUSDM25", "ETHUSD", "BTCUSDT:linear", "ETHUSDT:linear"))
amounts = st.integers(1, 10**10).map(lambda units: Decimal(units) / 10**8)
sides = st.sampled_from(Side)
picks = st.integers(0, 10**6)
delays = st.sampled_from((0, 0, 1_000, 3_600_000))


def worth(instrument: Instrument, quantity: Fraction, price: Fraction) -> Fraction:
    """What the exchange's positions rest on, in fractions."""
    return -quantity / price if instrument.is_inverse else quantity * price


class Operations(RuleBasedStateMachine):
    """Two accounts do whatever they like on one exchange."""

    def __init__(self) -> None:
        super().__init__()
        depth = Depth(level_usd=Decimal(2_000), levels=8, refill_ms=1000)
        self.exchange = Exchange(now_ms=NOW_MS, seed=3, depth=depth)
        self.accounts = {
            name: self.exchange.open_account(name, f"key-{name}", "secret")
            for name in ("one", "two")
        }
        for account in self.accounts.values():
            self.exchange.deposit(account, "BTC", Decimal(1))
            self.exchange.deposit(account, "USDT", Decimal(30_000))

    @rule(name=names, coin=coins, amount=amounts, delay_ms=delays)
    def deposit(self, name: str, coin: str, amount: Decimal, delay_ms: int) -> None:
        self.exchange.deposit(self.accounts[name], coin, amount, delay_ms=delay_ms)

    @rule(name=names, coin=coins, amount=amounts, delay_ms=delays)
    def withdraw(self, name: str, coin: str, amount: Decimal, delay_ms: int) -> None:
        account = self.accounts[name]
        self._try(lambda: self.exchange.withdraw(account, coin, amount, delay_ms=delay_ms))

    @rule(
        name=names,
        to=names,
        coin=coins,
        amount=amounts,
        is_out=st.booleans(),
        pick=picks,
        delay_ms=delays,
    )
    def transfer(
        self,
        name: str,
        to: str,
        coin: str,
        amount: Decimal,
        pick: int,
        delay_ms: int,
        *,
        is_out: bool,
    ) -> None:
        source, target = Wallet.UNIFIED, Wallet.FUND
        if not is_out:
            source, target = target, source
        self._try(
            lambda: self.exchange.transfer(
                self.accounts[name],
                coin,
                amount,
                source=source,
                target=target,
                transfer_id=str(pick),
                to=self.accounts[to],
                delay_ms=delay_ms,
            )
        )

    @rule(
        name=names,
        symbol=contracts,
        side=sides,
        lots=st.integers(1, 40_000),
        ticks=st.integers(-3_000, 3_000),
        time_in_force=st.sampled_from(TimeInForce),
        self_trade=st.sampled_from(SelfTrade),
        reduce_only=st.booleans(),
    )
    def trade(
        self,
        name: str,
        symbol: str,
        side: Side,
        lots: int,
        ticks: int,
        time_in_force: TimeInForce,
        self_trade: SelfTrade,
        *,
        reduce_only: bool,
    ) -> None:
        market = self.exchange.market(symbol)
        tick = market.instrument.tick
        request = OrderRequest(
            symbol,
            side,
            lots * market.instrument.lot,
            price=market.mark // tick * tick + ticks * tick,
            time_in_force=time_in_force,
            self_trade=self_trade,
            reduce_only=reduce_only,
        )
        self._try(lambda: self.exchange.place_order(self.accounts[name], request))

    @rule(name=names, symbol=contracts, leverage=st.sampled_from((1, 10, 50, 100)))
    def set_leverage(self, name: str, symbol: str, leverage: int) -> None:
        account = self.accounts[name]
        self._try(lambda: self.exchange.set_leverage(account, symbol, Decimal(leverage)))

    @rule(symbol=contracts)
    def settle(self, symbol: str) -> None:
        self.exchange.settle_session(symbol)

    @rule(name=names, symbol=contracts, lots=st.integers(1, 10_000))
    def deleverage(self, name: str, symbol: str, lots: int) -> None:
        account = self.accounts[name]
        quantity = lots * self.exchange.market(symbol).instrument.lot
        self._try(lambda: self.exchange.deleverage(account, symbol, quantity))

    @rule(name=names)
    def liquidate(self, name: str) -> None:
        self.exchange.liquidate(self.accounts[name])

    @rule()
    def empty_the_insurance_fund(self) -> None:
        ledger = self.exchange.ledger
        for coin, held in list(ledger.holdings(INSURANCE).items()):
            ledger.move(self.exchange.now_ms, Reason.WITHDRAWAL, coin, held, INSURANCE, OUTSIDE)

    @rule(name=names)
    def show_life(self, name: str) -> None:
        self.accounts[name].protect_from_disconnect()
        self.exchange.heartbeat(self.accounts[name])

    @rule(name=names)
    def cancel_all(self, name: str) -> None:
        self.exchange.cancel_all(self.accounts[name])
        assert not self.accounts[name].open_orders

    @rule(name=names, side=sides, units=st.integers(100, 300_000), in_quote=st.booleans())
    def trade_spot(self, name: str, side: Side, units: int, *, in_quote: bool) -> None:
        quantity = Decimal(units) if in_quote else Decimal(units) / 10**6
        request = OrderRequest(
            "BTCUSDT", side, quantity, order_type=OrderType.MARKET, in_quote=in_quote
        )
        self._try(lambda: self.exchange.place_order(self.accounts[name], request))

    @rule(name=names, side=sides, units=st.integers(100, 300_000), ticks=st.integers(-9_999, 9_999))
    def rest_spot(self, name: str, side: Side, units: int, ticks: int) -> None:
        price = self.exchange.market("BTCUSDT").mark.quantize(Decimal("0.01"))
        request = OrderRequest(
            "BTCUSDT", side, Decimal(units) / 10**6, price=price + ticks * Decimal("0.01")
        )
        self._try(lambda: self.exchange.place_order(self.accounts[name], request))

    @rule(name=names, pick=picks)
    def cancel(self, name: str, pick: int) -> None:
        account = self.accounts[name]
        waiting = list(account.open_orders.values())
        if waiting:
            self.exchange.cancel_order(account, waiting[pick % len(waiting)])

    @rule(name=names, pick=picks, lots=st.integers(1, 50_000))
    def amend(self, name: str, pick: int, lots: int) -> None:
        account = self.accounts[name]
        waiting = list(account.open_orders.values())
        if waiting:
            order = waiting[pick % len(waiting)]
            quantity = lots * order.instrument.lot
            self._try(lambda: self.exchange.amend_order(account, order, quantity=quantity))

    @rule(
        coin=st.sampled_from(("BTC", "ETH")),
        bps=st.one_of(st.integers(-300, 300), st.integers(-4_000, 6_000)),
        basis_bps=st.integers(-20, 20),
    )
    def move_price(self, coin: str, bps: int, basis_bps: int) -> None:
        index = self.exchange.prices[coin] * (10_000 + bps) / 10_000
        index = min(Decimal(500_000), max(Decimal(100), index.quantize(Decimal("0.01"))))
        self.exchange.set_index(coin, index, index * (10_000 + basis_bps) / 10_000)
        self._nobody_is_below_maintenance()

    @rule(percent=st.integers(90, 105))
    def move_stablecoin(self, percent: int) -> None:
        self.exchange.set_index("USDT", Decimal(percent) / 100)
        self._nobody_is_below_maintenance()

    @rule()
    def wait_for_the_delivery(self) -> None:
        self.exchange.advance(self.exchange.now_ms + 15 * 86_400_000)

    def _nobody_is_below_maintenance(self) -> None:
        for account in self.accounts.values():
            figures = self.exchange.margin.figures(account)
            if any(position.quantity for position in account.positions.values()):
                assert figures.margin_balance > figures.maintenance_margin

    @rule(seconds=st.integers(1, 40_000))
    def wait(self, seconds: int) -> None:
        self.exchange.advance(self.exchange.now_ms + seconds * 1000)

    @staticmethod
    def _try(action: object) -> None:
        assert callable(action)
        try:
            action()
        except RefusedError:
            return

    @invariant()
    def coins_are_conserved(self) -> None:
        assert all(total == 0 for _, total in self.exchange.ledger.totals())

    @invariant()
    def equity_is_wallet_plus_unrealised(self) -> None:
        for account in self.accounts.values():
            for coin in self.exchange.margin.figures(account).coins:
                assert coin.balance == self.exchange.ledger.balance(account.purse(), coin.coin)
                assert coin.equity == coin.balance + coin.unrealised

    @invariant()
    def statements_tell_every_change(self) -> None:
        for account in self.accounts.values():
            for coin, balance in self.exchange.ledger.holdings(account.purse()).items():
                lines = [line for line in account.statement if line.coin == coin]
                assert sum(line.change for line in lines) == balance
                assert lines[-1].balance == balance

    @invariant()
    def nothing_on_its_way_is_less_than_nothing(self) -> None:
        assert all(held >= 0 for held in self.exchange.ledger.holdings(TRANSIT).values())

    @invariant()
    def profit_agrees_with_exact_fractions(self) -> None:
        """E = W + B - q/F with B = sum dq/f: coins that came in, less what the trades cost."""
        for account in self.accounts.values():
            for coin in ("BTC", "USDT"):
                self._check_profit(account, coin)

    def _check_profit(self, account: Account, coin: str) -> None:
        """Spot trades are flows of the coin; contracts settled in it bring their worth."""
        equity, postings = self._flows(account, coin)
        trades = [
            fill
            for fill in account.fills
            if fill.instrument.settle == coin
            and not fill.instrument.is_spot
            and fill.kind not in (Execution.FUNDING, Execution.SETTLEMENT)
        ]
        held: dict[Instrument, Fraction] = {}
        for fill in trades:
            change = Fraction(fill.side.signed(fill.quantity))
            held[fill.instrument] = held.get(fill.instrument, Fraction(0)) + change
            equity -= worth(fill.instrument, change, Fraction(fill.price))
        for instrument, quantity in held.items():
            assert quantity == Fraction(account.quantity(instrument.key))
            mark = Fraction(self.exchange.markets[instrument.key].mark)
            equity += worth(instrument, quantity, mark)
        found = Fraction(self.exchange.margin.coin(account, coin).equity)
        assert abs(found - equity) <= UNIT * (postings + 1)

    def _flows(self, account: Account, coin: str) -> tuple[Fraction, int]:
        """What reached the account but for its profits, and how many profits were rounded."""
        purse, total, profits = account.purse(), Fraction(0), 0
        for posting in self.exchange.ledger.postings:
            if posting.coin == coin and purse in (posting.source, posting.target):
                if posting.reason is Reason.PROFIT:
                    profits += 1
                else:
                    into = posting.target == purse
                    total += Fraction(posting.amount if into else -posting.amount)
        return total, profits

    @invariant()
    def what_is_counted_is_what_is_open(self) -> None:
        for account in self.accounts.values():
            waiting: dict[tuple[str, int, Side], Decimal] = {}
            locked: dict[str, Decimal] = {}
            for order in account.open_orders.values():
                instrument, side = order.instrument, order.side
                if instrument.is_spot:
                    buys = side is Side.BUY
                    coin = instrument.quote if buys else instrument.base
                    amount = order.leaves * (order.price if buys else 1)
                    locked[coin] = locked.get(coin, Decimal(0)) + amount
                elif not order.is_reducing:
                    place = (instrument.key, 0, side)
                    waiting[place] = waiting.get(place, Decimal(0)) + order.leaves
            for key in self.exchange.markets:
                for side in Side:
                    assert account.waiting(key, 0, side) == waiting.get((key, 0, side), 0)
            for coin in ("BTC", "ETH", "USDT"):
                assert account.locked(coin) == locked.get(coin, 0)

    @invariant()
    def books_hold_the_open_orders_uncrossed(self) -> None:
        resting = [
            order
            for market in self.exchange.markets.values()
            for orders in market.book.resting.values()
            for order in orders
        ]
        waiting = [order for acc in self.accounts.values() for order in acc.open_orders.values()]
        assert {id(order) for order in resting} == {id(order) for order in waiting}
        assert all(order.leaves > 0 for order in waiting)
        for market in self.exchange.markets.values():
            bid, ask = market.book.best(Side.BUY), market.book.best(Side.SELL)
            assert bid is None or ask is None or bid[0] < ask[0]

    @invariant()
    def reducing_orders_cannot_turn_a_position(self) -> None:
        for account in self.accounts.values():
            for key in self.exchange.markets:
                reducing = account.reducing_orders(key, 0)
                held = account.quantity(key)
                assert sum(order.leaves for order in reducing) <= abs(held)
                assert all(order.side.signed(held) < 0 for order in reducing)


TestConservation = Operations.TestCase
TestConservation.settings = settings(
    max_examples=50,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
