"""The venue as one process of the daemon sees it: the exchange, behind everything that may fail.

Faults are planned by call: the next so many calls of a kind are struck. Beside them stand states
that last: maintenance, trades that are listed late, slow lines. What the daemon is told goes to
the checker, which thereby knows what it may act on.
"""

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from hedged.core.types import Amount, Instrument, MarginAccount, Quote
from hedged.ports import (
    Clock,
    Fill,
    Order,
    OrderReport,
    OrderStatus,
    Outcome,
    Refused,
    Unknown,
    VenueAuthError,
    VenueUnavailable,
)
from hedged.replay.listing import market_of
from hedged.replay.venue import InProcessVenue
from hedged.sim.accounts import Account
from hedged.sim.book import Depth
from hedged.sim.exchange import Exchange
from tests.simulation.faults import POSSIBLE, Call, Fault
from tests.simulation.life import Life
from tests.simulation.timeless import LoopClock
from tests.simulation.truth import Truth

TIMEOUT_S: Final = 10.0  # after which the gateway gives a call up
WINDOW_S: Final = 4.9  # a venue refuses what arrives later than its receive window
HIDDEN_S: Final = 10.0
THIN: Final = Depth(levels=1, level_usd=Decimal(2_000))


@dataclass(slots=True)
class Weather:
    """What goes wrong on the line, now and next; outlives the daemon's processes."""

    chance: random.Random
    storm: bool = False  # no order goes well
    planned: dict[Call, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    down: bool = False  # maintenance: no call is answered
    lag_s: float = 0.0  # trades are listed this late
    slow_s: float = 0.0  # the longest that a call takes, beyond the usual
    hidden: dict[str, datetime] = field(default_factory=dict)  # orders not listed before then
    struck: int = 0  # faults that hit a call
    orders_struck: int = 0
    stale: dict[str, MarginAccount] = field(default_factory=dict)

    def plan(self, call: Call, fault: Fault, times: int = 1) -> None:
        """Let the next calls of this kind go wrong."""
        self.planned[call].extend([fault] * times)

    def clear(self) -> None:
        """All is well again."""
        self.planned.clear()
        self.down, self.lag_s, self.slow_s, self.storm = False, 0.0, 0.0, False

    def next(self, call: Call) -> Fault | None:
        """What this call meets."""
        waiting = self.planned[call]
        fault = waiting.popleft() if waiting else None
        if self.storm and call is Call.SUBMIT and fault is None:
            fault = self.chance.choice(POSSIBLE[call])
        if self.down:
            fault = Fault.LOST if call is Call.SUBMIT else Fault.DOWN
        self.struck += fault is not None
        self.orders_struck += fault is not None and call is Call.SUBMIT
        return fault


class SimulatedVenue(InProcessVenue):
    """`ports.TradingVenue` that fails as the weather has it."""

    def __init__(
        self,
        exchange: Exchange,
        account: Account,
        *,
        true_clock: Clock,
        daemon_clock: LoopClock,
        weather: Weather,
        truth: Truth,
        life: Life,
    ) -> None:
        super().__init__("main", exchange, account, true_clock)
        self._true_clock = true_clock
        self._daemon_clock = daemon_clock
        self._weather = weather
        self._truth = truth
        self._life = life

    @property
    def skew_s(self) -> Decimal:
        """See `ports.Venue`."""
        return Decimal(str(self._daemon_clock.step_s))

    async def _line(self, call: Call) -> Fault | None:
        """The way there; what the call meets, where that is not the end of it."""
        weather = self._weather
        fault = weather.next(call)
        await asyncio.sleep(weather.chance.uniform(0.005, 0.08))
        if weather.slow_s:
            await asyncio.sleep(weather.chance.uniform(0, weather.slow_s))
        if fault is Fault.SLOW and call is not Call.SUBMIT:
            await asyncio.sleep(weather.chance.uniform(5, 30))
            fault = None
        await self._life.point()
        if fault is Fault.DOWN:
            raise VenueUnavailable("503 Service Unavailable")
        if fault is Fault.KEY:
            raise VenueAuthError("invalid api key")
        return fault

    async def account(self, coins: Sequence[str]) -> MarginAccount:
        """See `ports.Venue`."""
        asked_s = asyncio.get_running_loop().time()
        self._truth.asked()
        fault = await self._line(Call.ACCOUNT)
        true = await super().account(coins)
        told = self._answered(true, fault)
        self._weather.stale["now"] = true
        if fault is None and self._weather.chance.random() < 0.3:
            self._weather.stale["then"] = true
        self._truth.looked(asked_s, told, fault)
        await self._life.point()
        return told

    def _answered(self, true: MarginAccount, fault: Fault | None) -> MarginAccount:
        before = self._weather.stale.get("then", true)
        match fault:
            case Fault.ZERO:
                nothing = tuple(
                    replace(b, wallet=Amount(Decimal(0), b.wallet.unit), equity=None)
                    for b in true.balances
                )
                return replace(true, balances=nothing, positions=())
            case Fault.FLAT:
                return replace(true, positions=())
            case Fault.STALE:
                return before
            case Fault.TORN:
                return replace(true, balances=before.balances)
            case _:
                return true

    async def quote(self, symbol: str) -> Quote:
        """See `ports.Venue`."""
        self._truth.quoted(symbol, None)
        fault = await self._line(Call.QUOTE)
        quote = await super().quote(symbol)
        match fault:
            case Fault.TENFOLD:
                quote = replace(quote, mark=quote.mark * 10, index=quote.index * 10)
            case Fault.CROSSED:
                quote = replace(quote, bid=quote.ask, ask=quote.bid)
            case Fault.SHALLOW:
                quote = replace(quote, bid=None, ask=None)
            case _:
                pass
        self._truth.quoted(symbol, quote)
        await self._life.point()
        return quote

    async def open_orders(self, symbols: Sequence[str]) -> tuple[OrderReport, ...]:
        """See `ports.Venue`."""
        fault = await self._line(Call.OPEN_ORDERS)
        listed = await super().open_orders(symbols)
        await self._life.point()
        if fault is Fault.NOT_FOUND:
            return ()
        return tuple(report for report in listed if not self._is_hidden(report.client_id))

    async def fills(self, symbols: Sequence[str], since: datetime) -> tuple[Fill, ...]:
        """See `ports.Venue`."""
        fault = await self._line(Call.FILLS)
        listed = await super().fills(symbols, since)
        newest = self._true_clock.now() - timedelta(seconds=self._weather.lag_s)
        listed = tuple(
            fill for fill in listed if fill.at <= newest and not self._is_hidden(fill.client_id)
        )
        await self._life.point()
        match fault:
            case Fault.TWICE:
                listed = tuple(fill for fill in listed for _ in range(2))
            case Fault.SHUFFLED:
                listed = tuple(self._weather.chance.sample(listed, len(listed)))
            case Fault.CURTAILED:
                listed = listed[:-1]
            case _:
                pass
        self._truth.listed(listed)
        return listed

    async def find_order(self, instrument: Instrument, client_id: str) -> OrderReport | None:
        """See `ports.TradingVenue`."""
        fault = await self._line(Call.FIND)
        report = await super().find_order(instrument, client_id)
        if fault is Fault.NOT_FOUND or self._is_hidden(client_id):
            report = None
        if report is None:
            self._truth.not_found(client_id)
        else:
            self._truth.found(client_id, is_open=report.status is OrderStatus.WORKING)
        await self._life.point()
        return report

    async def cancel(self, instrument: Instrument, client_id: str) -> None:
        """See `ports.TradingVenue`."""
        if await self._line(Call.CANCEL) is not Fault.LOST:
            await super().cancel(instrument, client_id)
        await self._life.point()

    async def arm_dead_man(self, window_s: int) -> bool:
        """See `ports.TradingVenue`."""
        if await self._line(Call.SWITCH) is Fault.LOST:
            return False
        return await super().arm_dead_man(window_s)

    async def submit(self, order: Order) -> Outcome:
        """See `ports.TradingVenue`."""
        await self._life.point()
        weather = self._weather
        self._truth.sending(order)
        fault = weather.next(Call.SUBMIT)
        outcome = await self._sent(order, fault)
        if isinstance(outcome, Refused):
            self._truth.found(order.client_id, is_open=False)
        await self._life.point()
        return outcome

    async def _sent(self, order: Order, fault: Fault | None) -> Outcome:
        chance = self._weather.chance
        if fault in (Fault.LOST, Fault.REFUSED):
            self._truth.arrived(order.client_id)
            await asyncio.sleep(chance.uniform(0.005, 0.08))
        else:
            takes_s = chance.uniform(0.2, WINDOW_S) if fault is Fault.LATE else 0.0
            arrival = self._under_way(order, fault, takes_s + chance.uniform(0.005, 0.08))
            if fault is Fault.LATE:
                return Unknown("connection reset")
            outcome = await arrival
            if fault is Fault.DUPLICATE:
                return Unknown("110072 duplicate client id")
            if fault is Fault.SLOW:
                await asyncio.sleep(chance.uniform(5, 30))
            if fault is not Fault.UNPROVEN:
                return outcome
        if fault is Fault.REFUSED:
            return Refused("110007 insufficient balance")
        await asyncio.sleep(chance.choice((0.1, TIMEOUT_S)))
        return Unknown("timed out")

    def _under_way(
        self, order: Order, fault: Fault | None, takes_s: float
    ) -> asyncio.Future[Outcome]:
        """What has left arrives, whatever becomes of the process that sent it."""
        loop = asyncio.get_running_loop()
        arrival: asyncio.Future[Outcome] = loop.create_future()

        def arrive() -> None:
            outcome = self._arrive(order, fault)
            if not arrival.done():
                arrival.set_result(outcome)

        loop.call_later(takes_s, arrive)
        return arrival

    def _arrive(self, order: Order, fault: Fault | None) -> Outcome:
        """The exchange gets the order, whether or not anybody hears of it."""
        book = market_of(self._exchange, order.instrument.symbol).book
        usual = book.depth
        if fault is Fault.PARTIAL:
            book.depth = THIN
        outcome = self.place(order)
        if fault is Fault.PARTIAL:
            book.depth = usual
        if fault is Fault.HIDDEN:
            until = self._true_clock.now() + timedelta(seconds=HIDDEN_S)
            self._weather.hidden[order.client_id] = until
        self._truth.arrived(order.client_id)
        return outcome

    def _is_hidden(self, client_id: str) -> bool:
        until = self._weather.hidden.get(client_id)
        return until is not None and self._true_clock.now() < until
