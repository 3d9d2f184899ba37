"""A book on the embedded exchange, played along a workload: prices, flows, funding, then an act.

All coins of the book that can be traded against are in one account, where they are collateral;
what cold wallets hold counts beside them. The book starts hedged, at no cost: what opening the
hedge took is paid back before the first step. Who acts (hedged's own daemon, or another rule) is
told by the caller; what its trades did is read from the exchange.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import takewhile
from typing import Final, NamedTuple

from hedged.ports import VenueRefused
from hedged.replay.clock import PassingClock
from hedged.replay.listing import unified_symbol
from hedged.replay.meter import Meter, Metrics
from hedged.replay.workload import Workload
from hedged.sim.book import Depth
from hedged.sim.catalogue import CATALOGUE
from hedged.sim.decimals import to_coins
from hedged.sim.exchange import Exchange
from hedged.sim.instruments import Instrument
from hedged.sim.orders import Execution, Fill, RefusedError, Side

START: Final = datetime(2025, 1, 1, tzinfo=UTC)
STANDARD_VALUE: Final = Decimal(1_000_000)  # USD
_RECORDS_KEPT: Final = 1_000
_PROGRESS_EVERY: Final = 500
ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Terms:
    """What trading costs: lot in contracts of 1 USD, fee and half spread as fractions."""

    lot: Decimal | None = None  # None: the listing's own
    taker_fee: Decimal | None = None
    half_spread: Decimal = Decimal("0.00005")
    level_usd: Decimal = Decimal(50_000)


# The terms of the workloads: fills at perp * (1 -+ 0.0001), whatever their size.
STANDARD: Final = Terms(Decimal(100), Decimal("0.0005"), Decimal("0.0001"), Decimal(1_000_000_000))


class Traded(NamedTuple):
    """What one order traded in a step, signed USD, by the time from the first point."""

    at_ms: int
    usd: Decimal


class Stage:
    """One book on one exchange, hedged with one perpetual of one coin."""

    def __init__(
        self,
        workload: Workload,
        coin: str,
        symbol: str,
        *,
        terms: Terms,
        coins: Decimal | None = None,
        beside: Decimal = ZERO,
        hedged: Decimal = Decimal(1),
        opened: Decimal | None = None,
    ) -> None:
        """`coins` are in the account (none said: the book is worth the standard value).

        `beside` are elsewhere; `hedged` is the share that is hedged at the start, unless `opened`
        says the signed quantity.

        Raises:
            VenueRefused: the exchange does not list the instrument.
        """
        self.workload = workload
        self.coin = coin
        self.clock = PassingClock(START)
        first = workload.points[0]
        self._index = first.index
        listing = _listed(symbol, terms)
        self.key = listing.key
        now_ms = round(START.timestamp() * 1000)
        self.exchange = Exchange(
            now_ms=now_ms,
            seed=1,
            prices={coin: first.index, "USDT": Decimal(1), "USDC": Decimal(1)},
            instruments=[listing],
            depth=Depth(
                half_spread_bps=terms.half_spread * 10_000,
                level_usd=terms.level_usd,
                refill_ms=0,
            ),
            history=_RECORDS_KEPT,
        )
        self.account = self.exchange.open_account("main", "key", "secret")
        self.beside = beside
        self.market = self.exchange.market(self.key)
        self._start_ms = now_ms
        self._purse = self.account.purse()
        if coins is None:
            coins = max(beside / 2, STANDARD_VALUE / first.index - beside)
        self.exchange.deposit(self.account, coin, to_coins(coins))
        self.exchange.set_index(coin, first.index, first.mark)
        lot = listing.lot
        if opened is None:
            opened = -round(self.equity * self.market.mark * hedged / lot) * lot
        self._open(opened)
        self.meter = Meter(listing.lot * self._usd_per_unit, self.value)
        self.trades: list[Traded] = []
        self._realised = ZERO
        self._last = self._newest()

    @property
    def _usd_per_unit(self) -> Decimal:
        return Decimal(1) if self.market.instrument.is_inverse else self._index

    @property
    def position(self) -> Decimal:
        """Signed quantity of the hedge: USD (inverse) or coins (linear)."""
        return self.account.quantity(self.key)

    @property
    def wallet(self) -> Decimal:
        """Coins of the book without unrealised profit."""
        return self.exchange.ledger.balance(self._purse, self.coin) + self.beside

    @property
    def paid_in(self) -> Decimal:
        """Coins of the book without any profit of the hedge, realised or not."""
        return self.wallet - self._realised

    @property
    def equity(self) -> Decimal:
        """E in coins: with what the hedge has made and not realised yet."""
        held = self.account.positions.get((self.key, 0))
        return self.wallet + (held.unrealised(self.market.mark) if held else ZERO)

    @property
    def value(self) -> Decimal:
        """The book in USD."""
        return self._index * self.equity

    @property
    def net_delta(self) -> Decimal:
        """E + q/F (inverse) or E + n (linear) in coins."""
        return self.equity + self._hedge_coins

    @property
    def _hedge_coins(self) -> Decimal:
        position = self.position
        return position / self.market.mark if self.market.instrument.is_inverse else position

    def trade(self, quantity: Decimal) -> None:
        """Buy > 0 or sell < 0 at market, in whole lots."""
        lot = self.market.instrument.lot
        lots = abs(quantity) // lot
        if lots:
            side = Side.BUY if quantity > 0 else Side.SELL
            self.exchange.trade_by_hand(self.account, self.key, side, lots * lot)

    def _open(self, quantity: Decimal) -> None:
        """Open a position, and give back what that cost."""
        if not quantity:
            return
        before = self.equity
        self.trade(quantity)
        self.exchange.deposit(self.account, self.coin, to_coins(before - self.equity))

    async def play(
        self,
        act: Callable[[int], Awaitable[None]],
        on_progress: Callable[[int], None] | None = None,
    ) -> Metrics:
        """Play the workload; `act` is called once a step with its number."""
        exchange, coin, clock = self.exchange, self.coin, self.clock
        exchange.schedule_funding(coin, is_scheduled=not self.workload.charges_funding)
        flows = list(reversed(self.workload.flows))
        started_s, began_s = clock.monotonic(), time.process_time()
        for step, point in enumerate(self.workload.points):
            at_ms = point.at_ms
            clock.pass_until(started_s + at_ms / 1000)
            exchange.advance(self._start_ms + at_ms)
            exchange.set_index(coin, point.index, point.mark)
            self._index = point.index
            before = self.value
            self.meter.moved(at_ms, before)
            if step and point.predicted_rate is not None:
                exchange.set_funding_rate(coin, point.predicted_rate)
            if (step and point.charged_rate) or (flows and flows[-1].at_ms <= at_ms):
                if step and point.charged_rate:
                    exchange.charge_funding(coin, point.charged_rate)
                while flows and flows[-1].at_ms <= at_ms:
                    self._flow(flows.pop().coins)
                before = self.value
            await act(step)
            self._settle(before)
            if on_progress is not None and step % _PROGRESS_EVERY == 0:
                on_progress(step)
        return self.meter.metrics(time.process_time() - began_s)

    def _flow(self, coins: Decimal) -> None:
        try:
            if coins > 0:
                self.exchange.deposit(self.account, self.coin, coins)
            else:
                self.exchange.withdraw(self.account, self.coin, -coins)
        except RefusedError as refused:
            at_s = round(self.clock.monotonic())
            message = f"a withdrawal of {-coins} {self.coin} after {at_s} s: {refused}"
            raise VenueRefused(message) from None

    def _settle(self, before: Decimal) -> None:
        """Count what the act traded."""
        value = before
        if self._newest() is not self._last:
            self._count_trades()
            value = self.value
        self.meter.acted(before, value, value + self._hedge_coins * self._index)

    def _newest(self) -> Fill | None:
        """The last fill; older ones are forgotten in the course of a replay."""
        return self.account.fills[-1] if self.account.fills else None

    def _count_trades(self) -> None:
        recent = takewhile(lambda fill: fill is not self._last, reversed(self.account.fills))
        new = [fill for fill in recent if fill.kind is Execution.TRADE]
        self._last = self._newest()
        self._realised += sum((fill.profit for fill in new), ZERO)
        by_order: dict[str, Decimal] = {}
        for fill in new:
            signed = fill.quantity if fill.side is Side.BUY else -fill.quantity
            by_order[fill.order_id] = by_order.get(fill.order_id, ZERO) + signed
        usd = self._usd_per_unit
        after = self.net_delta * self._index
        at_ms = new[-1].at_ms - self._start_ms if new else 0
        self.trades += [Traded(at_ms, signed * usd) for signed in reversed(by_order.values())]
        for signed in by_order.values():  # the newest first
            before = after - signed * usd
            self.meter.traded(abs(signed) * usd, before, after)
            after = before


def _listed(symbol: str, terms: Terms) -> Instrument:
    """The perpetual of this name, on the terms."""
    for listing in CATALOGUE:
        if not listing.is_spot and unified_symbol(listing) == symbol:
            lot = terms.lot or listing.lot
            fee = listing.taker_rate if terms.taker_fee is None else terms.taker_fee
            return replace(listing, lot=lot, min_quantity=lot, taker_rate=fee)
    names = [unified_symbol(listing) for listing in CATALOGUE if not listing.is_spot]
    raise VenueRefused(f"{symbol} cannot be replayed; these can: {', '.join(names)}")
