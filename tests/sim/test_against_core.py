"""The exchange's profit agrees with the core's formulas on random paths.

They share no code: the exchange sums worths and books to 8 decimals, the core averages entries.
"""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from hedged.core.contracts import (
    average_entry,
    inverse_pnl,
    linear_pnl,
    partial_close,
    standalone_delta,
)
from hedged.core.funding import funding_coins
from hedged.sim.book import Depth
from hedged.sim.exchange import Exchange
from hedged.sim.orders import Side

D = Decimal
LINEAR = "BTCUSDT:linear"
UNIT = D("1e-8")

prices = st.integers(20_000, 150_000).map(D)
steps = st.lists(st.tuples(st.integers(-230_000, 230_000), prices), min_size=1, max_size=12)


class Book:
    """A position as the core sees it: signed quantity, average entry, realised profit."""

    def __init__(self, *, is_inverse: bool) -> None:
        self.is_inverse = is_inverse
        self.quantity = self.entry = self.realised = D(0)

    def trade(self, change: Decimal, price: Decimal) -> None:
        """Apply a fill by the core's formulas."""
        held = self.quantity
        if held * change < 0:
            closing = min(abs(change), abs(held)).copy_sign(change)
            self.realised += self._closed(closing, price)
            self.quantity += closing
            change -= closing
        if change:
            self._open(change, price)

    def _closed(self, closing: Decimal, price: Decimal) -> Decimal:
        if self.is_inverse:
            return partial_close(self.quantity, self.entry, closing, price).realised_coins
        return linear_pnl(-closing, self.entry, price)

    def _open(self, change: Decimal, price: Decimal) -> None:
        fills = (
            [(self.quantity, self.entry), (change, price)] if self.quantity else [(change, price)]
        )
        if self.is_inverse:
            self.entry = average_entry(fills)
        else:
            self.entry = sum((q * p for q, p in fills), D(0)) / (self.quantity + change)
        self.quantity += change

    def unrealised(self, mark: Decimal) -> Decimal:
        """What is open, at the mark."""
        if not self.quantity:
            return D(0)
        pnl = inverse_pnl if self.is_inverse else linear_pnl
        return pnl(self.quantity, self.entry, mark)


def deep() -> Exchange:
    depth = Depth(level_usd=D(10**12), half_spread_bps=D(0))
    exchange = Exchange(now_ms=0, depth=depth)
    account = exchange.open_account("main", "key", "secret")
    exchange.deposit(account, "BTC", D(100_000))
    exchange.deposit(account, "USDT", D(10**11))
    return exchange


def check(path: list[tuple[int, Decimal]], symbol: str, unit: Decimal) -> None:
    exchange = deep()
    account = exchange.accounts["main"]
    core = Book(is_inverse=symbol == "BTCUSD")
    fees = D(0)
    coin = "BTC" if core.is_inverse else "USDT"
    before = exchange.margin.coin(account, coin).balance
    for size, price in path:
        exchange.set_index("BTC", price)
        if size:
            side = Side.BUY if size > 0 else Side.SELL
            exchange.trade_by_hand(account, symbol, side, abs(size) * unit)
    for fill in account.fills:
        core.trade(fill.side.signed(fill.quantity), fill.price)
        fees += fill.fee
    mark = path[-1][1]
    held = account.positions.get((symbol, 0))
    tolerance = UNIT * (len(account.fills) + 1)
    if held is not None:
        assert held.quantity == core.quantity
        assert abs(held.unrealised(mark) - core.unrealised(mark)) < UNIT
        if core.quantity:
            assert abs(held.entry_price / core.entry - 1) < D("1e-12")
    figures = exchange.margin.coin(account, coin)
    assert abs(figures.balance - before + fees - core.realised) <= tolerance
    assert abs(figures.equity - figures.balance - core.unrealised(mark)) <= UNIT


@settings(max_examples=60, deadline=None)
@given(path=steps)
def test_inverse_profit_agrees(path: list[tuple[int, Decimal]]) -> None:
    check(path, "BTCUSD", D(1))


@settings(max_examples=60, deadline=None)
@given(path=steps)
def test_linear_profit_agrees(path: list[tuple[int, Decimal]]) -> None:
    check(path, LINEAR, D("0.001"))


@settings(max_examples=40, deadline=None)
@given(size=st.integers(1, 1_000_000), rate=st.integers(-400, 400), is_long=st.booleans())
def test_funding_agrees(size: int, rate: int, *, is_long: bool) -> None:
    exchange = deep()
    account = exchange.accounts["main"]
    side = Side.BUY if is_long else Side.SELL
    exchange.trade_by_hand(account, "BTCUSD", side, D(size))
    before = exchange.margin.coin(account, "BTC").balance
    exchange.charge_funding("BTC", D(rate) / 100_000)
    received = exchange.margin.coin(account, "BTC").balance - before
    expected = funding_coins(account.quantity("BTCUSD"), D(65_000), D(rate) / 100_000)
    assert abs(received - expected) <= UNIT


def test_a_full_hedge_keeps_its_dollars_at_every_price() -> None:
    """maths.md §2: neutral at q = -E·F, and it stays so."""
    exchange = deep()
    account = exchange.open_account("owner", "key-owner", "secret")
    exchange.deposit(account, "BTC", D(5))
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(325_000))
    entry = account.positions["BTCUSD", 0].entry_price
    for price in (D(40_000), D(65_000), D(120_000)):
        exchange.set_index("BTC", price)
        coin = exchange.margin.coin(account, "BTC")
        delta = coin.equity - coin.unrealised + standalone_delta(D(-325_000), entry)
        assert abs(delta) < D("0.004")  # the fee
        assert abs(coin.equity * price - 325_000) < 400
