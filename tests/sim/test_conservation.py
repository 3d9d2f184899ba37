"""Through any sequence of operations coins are conserved and profit agrees with fractions."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hedged.sim.accounts import Account, Wallet
from hedged.sim.book import Depth
from hedged.sim.exchange import Exchange
from hedged.sim.ledger import Reason
from hedged.sim.orders import OrderRequest, OrderType, RefusedError, Side, TimeInForce

NOW_MS = 1_750_000_000_000
UNIT = Fraction(1, 10**8)

names = st.sampled_from(("one", "two"))
coins = st.sampled_from(("BTC", "ETH", "USDT"))
amounts = st.integers(1, 10**10).map(lambda units: Decimal(units) / 10**8)
sides = st.sampled_from(Side)
picks = st.integers(0, 10**6)


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

    @rule(name=names, coin=coins, amount=amounts)
    def deposit(self, name: str, coin: str, amount: Decimal) -> None:
        self.exchange.deposit(self.accounts[name], coin, amount)

    @rule(name=names, coin=coins, amount=amounts)
    def withdraw(self, name: str, coin: str, amount: Decimal) -> None:
        self._try(lambda: self.exchange.withdraw(self.accounts[name], coin, amount))

    @rule(name=names, coin=coins, amount=amounts, is_out=st.booleans(), pick=picks)
    def transfer(self, name: str, coin: str, amount: Decimal, pick: int, *, is_out: bool) -> None:
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
            )
        )

    @rule(
        name=names,
        side=sides,
        contracts=st.integers(1, 40_000),
        ticks=st.integers(-3_000, 3_000),
        time_in_force=st.sampled_from(TimeInForce),
        reduce_only=st.booleans(),
    )
    def trade_inverse(
        self,
        name: str,
        side: Side,
        contracts: int,
        ticks: int,
        time_in_force: TimeInForce,
        *,
        reduce_only: bool,
    ) -> None:
        market = self.exchange.market("BTCUSD")
        tick = market.instrument.tick
        request = OrderRequest(
            "BTCUSD",
            side,
            Decimal(contracts),
            price=market.mark // tick * tick + ticks * tick,
            time_in_force=time_in_force,
            reduce_only=reduce_only,
        )
        self._try(lambda: self.exchange.place_order(self.accounts[name], request))

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

    @rule(name=names, pick=picks, contracts=st.integers(1, 50_000))
    def amend(self, name: str, pick: int, contracts: int) -> None:
        account = self.accounts[name]
        waiting = list(account.open_orders.values())
        if waiting:
            order = waiting[pick % len(waiting)]
            self._try(
                lambda: self.exchange.amend_order(account, order, quantity=Decimal(contracts))
            )

    @rule(bps=st.integers(-300, 300), basis_bps=st.integers(-20, 20))
    def move_price(self, bps: int, basis_bps: int) -> None:
        index = self.exchange.prices["BTC"] * (10_000 + bps) / 10_000
        index = max(Decimal(1_000), index.quantize(Decimal("0.01")))
        self.exchange.set_index("BTC", index, index * (10_000 + basis_bps) / 10_000)

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
    def profit_agrees_with_exact_fractions(self) -> None:
        """E = W + B - q/F with B = sum dq/f: coins that came in, less what the trades cost."""
        for account in self.accounts.values():
            self._check_profit(account)

    def _check_profit(self, account: Account) -> None:
        trades = [f for f in account.fills if f.symbol == "BTCUSD" and f.kind == "Trade"]
        quantity = sum((Fraction(f.side.signed(f.quantity)) for f in trades), Fraction(0))
        assert quantity == Fraction(account.quantity("BTCUSD"))
        cost = sum(
            (Fraction(f.side.signed(f.quantity)) / Fraction(f.price) for f in trades), Fraction(0)
        )
        purse = account.purse()
        others = sum(
            (
                Fraction(posting.amount if posting.target == purse else -posting.amount)
                for posting in self.exchange.ledger.postings
                if posting.coin == "BTC"
                and posting.reason is not Reason.PROFIT
                and purse in (posting.source, posting.target)
            ),
            Fraction(0),
        )
        mark = Fraction(self.exchange.market("BTCUSD").mark)
        equity = Fraction(self.exchange.margin.coin(account, "BTC").equity)
        assert abs(equity - (others + cost - quantity / mark)) <= UNIT * (len(trades) + 1)

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
            reducing = account.reducing_orders("BTCUSD", 0)
            held = account.quantity("BTCUSD")
            assert sum(order.leaves for order in reducing) <= abs(held)
            assert all(order.side.signed(held) < 0 for order in reducing)


TestConservation = Operations.TestCase
TestConservation.settings = settings(
    max_examples=50,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
