"""The whole daemon on an exchange in the same process, in virtual time, and everything around it.

One seed decides everything. `Stage` offers the acts that a world can do to a daemon; a simulation
draws them from its seed, a state machine from Hypothesis. The daemon is the real one: observer,
hedger, executor, reconciler and supervisor on a journal, in memory or on disk, that outlives it.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeVar

from hedged.core.events import Entry, StateChanged
from hedged.core.ledger import folded
from hedged.core.types import (
    Environment,
    HedgeLeg,
    HedgePolicy,
    Kind,
    Limits,
    Style,
    StyleKind,
    TradingState,
)
from hedged.engine.control import CommandError
from hedged.engine.ending import wind_down
from hedged.engine.executor import Executor
from hedged.engine.hedger import Book, Hedger
from hedged.engine.observer import Observer
from hedged.engine.operator import Operator
from hedged.engine.supervisor import Loop, supervise
from hedged.ports import Journal, Selection, StoreError
from hedged.sim.accounts import Account
from hedged.sim.book import Depth
from hedged.sim.catalogue import CATALOGUE
from hedged.sim.exchange import Exchange
from hedged.sim.faults.mishaps import change_instrument
from hedged.sim.orders import OrderRequest, RefusedError, Side, TimeInForce
from hedged.store.journal import SqlJournal
from hedged.store.memory import MemoryJournal
from hedged.store.reading import entries_in
from tests.simulation.face import SimulatedVenue, Weather
from tests.simulation.faults import Call, Fault
from tests.simulation.life import Life, WatchedJournal
from tests.simulation.timeless import START, LoopClock, VirtualLoop
from tests.simulation.truth import Rule, Truth

T = TypeVar("T")

POLL_S: Final = 10.0
LONGEST_QUIET_S: Final = 3 * 3600.0  # pauses after failed orders double up to an hour
STAYS_WELL: Final = 4  # looks in a row
WATCHED_S: Final = 2.0  # how long a command is waited for
BOOK: Final = "core"
FIRST_LEG_USD: Final = Decimal(100_000)  # what the first of several contracts takes at most
USUAL: Final = Depth()


class InvariantBroken(AssertionError):  # noqa: N818 - what it says
    """An invariant does not hold."""


class SameThreadJournal(SqlJournal):
    """The journal on disk without threads, so that every run takes the same steps."""

    async def entries(self, selection: Selection) -> tuple[Entry, ...]:
        return tuple(entries_in(self.path, selection))

    async def _on_thread(self, job: Callable[[], T]) -> T:
        return job()


@dataclass(frozen=True, slots=True)
class Plot:
    """What one simulation is about."""

    seed: int
    coins: tuple[str, ...] = ("BTC",)
    legs: tuple[Kind, ...] = (Kind.INVERSE,)  # of each coin
    limits: Limits = field(default_factory=Limits)
    ratio: Decimal = Decimal(1)
    style: Style = field(default_factory=Style)
    dry: bool = False
    storm: bool = False  # every order meets a fault
    path: Path | None = None  # of a journal on disk; None: in memory


class Stage:
    """One exchange, one account, one journal, and the processes of the daemon, one at a time."""

    def __init__(self, plot: Plot, loop: VirtualLoop) -> None:
        self.plot = plot
        self.story: list[str] = []
        self.lives = 0
        self._loop = loop
        self._chance = random.Random(plot.seed)  # noqa: S311 - reproducible
        self.exchange = Exchange(
            now_ms=round(START.timestamp() * 1000), seed=plot.seed, instruments=CATALOGUE
        )
        self.account: Account = self.exchange.open_account("main", "key", "secret")
        for coin, amount in (("BTC", 5), ("ETH", 60), ("USDT", 400_000)):
            self.exchange.deposit(self.account, coin, Decimal(amount))
        self.rules = tuple(
            Rule(
                symbol=f"{coin}/USDT:USDT" if kind is Kind.LINEAR else f"{coin}/USD:{coin}",
                key=f"{coin}USDT:linear" if kind is Kind.LINEAR else f"{coin}USD",
                coin=coin,
                linear=kind is Kind.LINEAR,
                ratio=plot.ratio,
                cap_usd=plot.limits.max_position_usd,
                order_usd=plot.limits.max_order_usd,
                orders_per_hour=plot.limits.max_orders_per_hour,
                crosses=plot.style.kind is not StyleKind.MAKER or plot.style.cross,
            )
            for coin in plot.coins
            for kind in plot.legs
        )
        self.true_clock = LoopClock(loop)
        self.clock = LoopClock(loop)
        self.truth = Truth(self.exchange, self.account, self.rules, loop)
        self.weather = Weather(random.Random(plot.seed + 1), storm=plot.storm)  # noqa: S311 - as above
        self.failure: BaseException | None = None
        self.full_disk = False
        self._kept: Journal | None = None
        self._journal: WatchedJournal | None = None
        self._running: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._executor: Executor | None = None
        self._operator: Operator | None = None
        self._commands: set[asyncio.Task[None]] = set()
        self.life: Life

    # --- the daemon

    async def start(self) -> None:
        """Begin a process on the journal that is there; where one runs, nothing."""
        if self._running is not None:
            return
        self.lives += 1
        kept = self._kept = await self._opened()
        self.life, self._stop = Life(), asyncio.Event()
        journal = self._journal = WatchedJournal(kept, self.life, self.truth)
        journal.full = self.full_disk
        venue = SimulatedVenue(
            self.exchange,
            self.account,
            true_clock=self.true_clock,
            daemon_clock=self.clock,
            weather=self.weather,
            truth=self.truth,
            life=self.life,
        )
        hedges = tuple(
            HedgePolicy(
                coin,
                ("main",),
                tuple(
                    HedgeLeg("main", rule.symbol, number, cap_usd=self._cap_of(number))
                    for number, rule in enumerate(self.legs(coin), 1)
                ),
                ratio=self.plot.ratio,
                limits=self.plot.limits,
                style=self.plot.style,
            )
            for coin in self.plot.coins
        )
        symbols = {"main": tuple(rule.symbol for rule in self.rules)}
        executor = self._executor = Executor(
            {"main": venue},
            symbols,
            journal,
            self.clock,
            makers=("main",) if self.plot.style.kind is StyleKind.MAKER else (),
            books=(BOOK,),
        )
        hedger = Hedger(
            Book(BOOK, Environment.SIM, hedges),
            Observer(hedges, {"main": venue}, {}, self.clock),
            self.clock,
            executor=None if self.plot.dry else executor,
        )
        loop = Loop(hedger)
        if not self.plot.dry:
            self._operator = Operator(
                journal, self.clock, (BOOK,), executor=executor, loops=(loop,)
            )
        self.truth.born(dry=self.plot.dry)
        self._running = asyncio.create_task(self._live(loop, executor))

    def legs(self, coin: str) -> tuple[Rule, ...]:
        """The contracts that hedge a coin."""
        return tuple(rule for rule in self.rules if rule.coin == coin)

    def _cap_of(self, number: int) -> Decimal | None:
        return FIRST_LEG_USD if number < len(self.plot.legs) else None

    async def _opened(self) -> Journal:
        """The journal, folded anew from what is in it."""
        if self.plot.path is not None:
            return await SameThreadJournal.open(self.plot.path, self.clock)
        if not isinstance(self._kept, MemoryJournal):
            kept = MemoryJournal(self.clock)
            self.truth.committed(kept._entries, kept.ledger)
            return kept
        self._kept._ledger = folded(self._kept._entries)
        return self._kept

    async def _live(self, loop: Loop, executor: Executor) -> None:
        """One process from its start to its end, which a kill may bring at any time."""

        async def work_off() -> None:
            await supervise([loop], self._stop)
            if not self.plot.dry:
                await wind_down(executor)

        async def poll() -> None:
            while True:
                await asyncio.sleep(POLL_S)
                loop.wake()

        work = asyncio.create_task(work_off())
        beside = [asyncio.create_task(poll()), asyncio.create_task(self.life.killed.wait())]
        await asyncio.wait({work, beside[1]}, return_when=asyncio.FIRST_COMPLETED)
        if self.life.killed.is_set():
            self.life.bury()
            work.cancel()
        for task in (*beside, *self._commands):
            task.cancel()
        await asyncio.wait({work, *beside, *self._commands})
        self._stop.set()  # what still waits for it has nobody left to tell
        loop.wake()
        if isinstance(self._kept, SqlJournal):
            if self.life.buried:
                await self._kept._release()
            else:
                await self._kept.close()
        self._running = self._journal = self._executor = self._operator = None
        if not work.cancelled():
            self.failure = work.exception()

    async def end(self) -> None:
        """Stop the process as SIGTERM does, and wait for it."""
        if self._executor is not None:
            self._executor.brake.hold()
        self._stop.set()
        await self._gone()

    async def kill(self, points: int) -> None:
        """Kill the process at its so manieth effect from now, and wait for that."""
        if self._running is not None:
            self.life.kill_in(points)
        await self._gone()

    async def _gone(self) -> None:
        if self._running is not None:
            await self._running
        self._tell("gone")
        self.check()

    async def live(self, seconds: float) -> None:
        """Let time pass; everything that is broken is raised."""
        await asyncio.sleep(seconds)
        self.exchange.advance(round((START.timestamp() + self._loop.time()) * 1000))
        self.check()

    def check(self) -> None:
        """Raise what the checker noted, or what ended the daemon."""
        if self.truth.broken:
            raise InvariantBroken("\n".join(self.truth.broken))
        if self.failure is not None:
            raise self.failure

    # --- the operator

    async def operate(self, verb: str, **more: str) -> None:
        """A command of the operator's, confirmed where it asks; left to itself after a while."""
        if self._operator is None:
            return
        command = {"verb": verb, "who": "anna", "why": "simulated", "confirmed": "yes", **more}
        task = asyncio.create_task(self._performed(self._operator, command))
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)
        await asyncio.wait({task}, timeout=WATCHED_S)

    async def release(self) -> None:
        """The operator takes the order that holds its slot the longest for ended."""
        held = [] if self._journal is None else self._journal.ledger.unresolved()
        for order in held[:1]:
            await self.operate("release", client_id=order.client_id)

    async def _performed(self, operator: Operator, command: Mapping[str, str]) -> None:
        self.truth.told(command["verb"])
        try:
            said = "; ".join((await operator.perform(command)).said)
        except (CommandError, StoreError) as error:
            said = f"no: {error}"
        except Exception as error:  # noqa: BLE001 - whoever looks next raises it
            self.failure = error
            return
        self._tell(f"{command['verb']}: {said}")

    def interrupt(self, state: TradingState) -> None:
        """The operator's next command comes between an order's record and its sending."""
        if self._journal is not None:
            self._journal.at_next_intent = StateChanged(state, "anna", "at the worst moment")
            self._tell(f"{state} as soon as an order is recorded")

    # --- the world

    def price(self, coin: str, factor: Decimal) -> None:
        """The market moves."""
        self._now()
        before = self.exchange.prices[coin]
        price = min(max(before * factor, Decimal(500)), Decimal(250_000)).quantize(Decimal("0.1"))
        self.exchange.set_index(coin, price)
        self._tell(f"{coin} {before} -> {price}")

    def flow(self, coin: str, amount: Decimal) -> None:
        """Coins come (> 0) or go."""
        self._now()
        try:
            if amount > 0:
                self.exchange.deposit(self.account, coin, amount)
            else:
                self.exchange.withdraw(self.account, coin, -amount)
            self._tell(f"{amount:+} {coin}")
        except RefusedError as refused:
            self._tell(f"{amount:+} {coin}: {refused}")

    def by_hand(self, key: str, quantity: Decimal) -> None:
        """The owner, or another bot, trades (> 0 buys)."""
        self._now()
        side = Side.BUY if quantity > 0 else Side.SELL
        try:
            self.exchange.trade_by_hand(self.account, key, side, abs(quantity))
            self._tell(f"by hand {quantity:+} {key}")
        except RefusedError as refused:
            self._tell(f"by hand {quantity:+} {key}: {refused}")

    def plant(self, key: str, name: str) -> None:
        """An order with this client id waits far from the market."""
        self._now()
        market = self.exchange.market(key)
        price = (market.mark / 2 // market.instrument.tick) * market.instrument.tick
        request = OrderRequest(
            key,
            Side.BUY,
            market.instrument.lot * 100,
            price=price,
            time_in_force=TimeInForce.POST_ONLY,
            link_id=name,
        )
        try:
            self.exchange.place_order(self.account, request)
            self._tell(f"planted {name}")
        except RefusedError as refused:
            self._tell(f"planted {name}: {refused}")

    def fill_late(self) -> None:
        """The latest order of ours that ended short fills after all."""
        self._now()
        for name in reversed(self.truth.sent):
            order = self.account.orders_by_link.get(name)
            if order and not order.status.is_open and order.filled < order.quantity:
                self.exchange.fill_late(self.account, order)
                self._tell(f"{name} fills late")
                return

    def liquidate(self) -> None:
        """The venue closes everything."""
        self._now()
        self.exchange.liquidate(self.account)
        self._tell("liquidated")

    def deleverage(self, key: str, share: Decimal) -> None:
        """A part of the hedge is taken over to cover another's liquidation."""
        self._now()
        held = abs(self.account.quantity(key))
        lot = self.exchange.market(key).instrument.lot
        quantity = held * share // lot * lot
        if quantity:
            self.exchange.deleverage(self.account, key, quantity)
            self._tell(f"auto-deleveraging of {quantity} {key}")

    def steps(self, key: str, times: int) -> None:
        """The venue makes its steps so many times the usual ones."""
        self._now()
        market = self.exchange.market(key)
        lot = next(listing.lot for listing in CATALOGUE if listing.key == key) * times
        change_instrument(self.exchange, market, lot=lot, min_quantity=lot)
        self._tell(f"lot of {key} is {lot}")

    def depth(self, levels: int) -> None:
        """The books become so many levels deep."""
        for market in self.exchange.markets.values():
            market.book.depth = replace(USUAL, levels=levels)
        self._tell(f"books of {levels} levels")

    def trade(self) -> None:
        """Others trade at the mark: what filled late, at a price of long ago, is not the last."""
        self._now()
        for market in self.exchange.markets.values():
            market.move(self.exchange.now_ms, market.mark)

    def plan(self, call: Call, fault: Fault, times: int) -> None:
        """The next calls of this kind go wrong."""
        self.weather.plan(call, fault, times)
        self._tell(f"next {times} {call}: {fault}")

    def maintenance(self, *, down: bool) -> None:
        """The venue answers nothing, or is back."""
        self.weather.down = down
        self._tell(f"maintenance: {down}")

    def lag(self, trades_s: float, calls_s: float) -> None:
        """Trades are listed late, and lines are slow."""
        self.weather.lag_s, self.weather.slow_s = trades_s, calls_s
        self._tell(f"trades listed {trades_s:.0f} s late, calls up to {calls_s:.0f} s")

    def disk(self, *, full: bool, delay_s: float = 0.0) -> None:
        """The disk takes nothing, or is slow, or is well."""
        self.full_disk = full
        if self._journal is not None:
            self._journal.full, self._journal.delay_s = full, delay_s
        self._tell(f"disk full: {full}, delay {delay_s} s")

    def step_clock(self, seconds: float) -> None:
        """The daemon's wall clock is set wrong by so much."""
        self.clock.step_s = seconds
        self._tell(f"clock {seconds:+} s")

    # --- the end

    async def recover(self) -> float:
        """Faults stop, the operator looks after things: seconds until all was well, and stayed so.

        Raises:
            InvariantBroken: it never becomes so.
        """
        self.weather.clear()
        self.disk(full=False)
        self.step_clock(0)
        self.depth(USUAL.levels)
        self.trade()
        await self.start()
        began_s = self._loop.time()
        recovered_s, well, wrong = 0.0, 0, ["not looked at yet"]
        while well < STAYS_WELL:
            if self._loop.time() - began_s > LONGEST_QUIET_S:
                raise InvariantBroken("invariant 15: " + "; ".join(wrong))
            await self.live(POLL_S)
            await self._look_after()
            wrong = self._wrong()
            well = 0 if wrong else well + 1
            recovered_s = self._loop.time() - began_s if wrong else recovered_s
        await self.end()
        return recovered_s

    def _wrong(self) -> list[str]:
        if self._kept is None or self.plot.dry:
            return []
        marks: Mapping[str, Decimal] = {
            rule.symbol: self.exchange.market(rule.key).mark for rule in self.rules
        }
        return self.truth.settled(self._kept.ledger, marks)

    async def _look_after(self) -> None:
        """What an operator does who reads the log."""
        if self._kept is None:
            return
        if self.truth.state is not TradingState.ACTIVE:
            await self.operate("resume")
        if self.truth.is_flat:
            await self.operate("resume", book=BOOK)
        if any(slot.unacked for slot in self._kept.ledger.slots.values()):
            await self.operate("ack")

    def _now(self) -> None:
        self.exchange.advance(round((START.timestamp() + self._loop.time()) * 1000))

    def _tell(self, text: str) -> None:
        self.story.append(f"{self._loop.time():8.2f}  {text}")
