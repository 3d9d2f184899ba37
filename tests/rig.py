"""The whole daemon, wired for live execution in this process, against the exchange over real HTTP.

Everything is what `hedged run --live` wires: configuration file, unmodified ccxt client, SQLite
journal with its locks, executor, reconciler. Only the timer is the test's: it runs one cycle
at a time and looks in between. The witness is the exchange's own record, never the daemon's.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from structlog.testing import capture_logs

from hedged.app import Daemon, build, recorded
from hedged.clock import SystemClock
from hedged.config import load
from hedged.core.events import Acked, Entry
from hedged.core.orders import is_ours
from hedged.core.types import AssetDecision, Execution, Reason
from hedged.ports import Selection
from hedged.sim.accounts import Account
from hedged.sim.dialect import Purpose
from hedged.sim.exchange import Exchange
from hedged.sim.faults import Fault, Kind
from hedged.sim.orders import Order
from hedged.sim.server import SimServer, wall_clock_ms
from hedged.sim.state import Request
from hedged.store.journal import SqlJournal
from tests.houses import House, house
from tests.process import KEYS
from tests.proxy import Proxy

D = Decimal
CREATE: Final = Purpose.CREATE
CANCEL: Final = Purpose.CANCEL
LOOK_UP: Final = Purpose.LOOK_UPS
ORDERS: Final = Purpose.ORDERS
FILLS: Final = Purpose.FILLS
WALLET: Final = Purpose.WALLET
POSITIONS: Final = Purpose.POSITIONS
TICKERS: Final = Purpose.TICKERS
LEVERAGE: Final = Purpose.LEVERAGE
MOVE: Final = Purpose.MOVE
BAND: Final = D("0.0025")  # of the book's value, the default
POLL_S: Final = 1.0
SYMBOL: Final = "BTC/USD:BTC"
BLIND: Final = frozenset(  # nothing is concluded
    {Reason.SOURCE_MISSING, Reason.SANITY_JUMP, Reason.EPOCH_TORN, Reason.UNRECONCILED}
)

CONFIG: Final = """
environment = "sim"
execution = "live"
[venues.main]
exchange = "{house}"
api_key = "env:HEDGED_DEMO_KEY"
secret = "env:HEDGED_DEMO_SECRET"
url = "{url}"
timeout = "{timeout}"
{venue}
[books.core]
poll = "1s"
[[books.core.hedges]]
asset = "BTC"
venue = "main"
instrument = "BTC/USD:BTC"
{extra}
"""


class HastyClock(SystemClock):
    """Whoever waits is done at once and has waited: pauses cost the test nothing.

    `skip` lets time pass without anybody waiting, `step` moves the wall clock alone. The exchange's
    time is the machine's: where the two race each other, be not `hasty`, and waits are real.
    """

    def __init__(self, *, hasty: bool) -> None:
        self.hasty = hasty
        self._skipped_s = 0.0
        self.stepped_s = 0.0

    def now(self) -> datetime:
        """The wall clock, with what was skipped and stepped."""
        return super().now() + timedelta(seconds=self._skipped_s + self.stepped_s)

    def monotonic(self) -> float:
        """Time for ages, with what was skipped."""
        return super().monotonic() + self._skipped_s

    async def sleep(self, seconds: float) -> None:
        """Have waited."""
        if self.hasty:
            self.skip(seconds)
        await asyncio.sleep(0 if self.hasty else seconds)

    def skip(self, seconds: float) -> None:
        """Let time pass."""
        self._skipped_s += seconds

    def step(self, seconds: float) -> None:
        """Set the wall clock, as an operator or NTP would."""
        self.stepped_s += seconds


@dataclass
class Rig:
    """An exchange whose operator the test is, and a daemon that can be stopped and started."""

    exchange: Exchange
    account: Account
    server: SimServer
    config: Path
    clock: HastyClock
    said: list[Any]  # every log event so far
    env: dict[str, str]
    house: House
    daemon: Daemon = field(init=False)
    journal: SqlJournal = field(init=False)
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)

    # --- the daemon

    async def start(self) -> None:
        """Wire and open a daemon on the journal in its state folder, as a process would."""
        settings = load(self.config, env=self.env)
        base = self.config.parent
        self.journal = await self._running.enter_async_context(
            recorded(settings, self.env, base, self.clock)
        )
        self.daemon = build(
            settings,
            Execution.LIVE,
            env=self.env,
            base=base,
            clock=self.clock,
            journal=self.journal,
        )
        self._running.push_async_callback(self.daemon.close)
        await self.daemon.open()

    async def stop(self) -> None:
        """End the daemon."""
        await self._running.aclose()

    async def restart(self) -> None:
        """End the daemon and start it again."""
        await self.stop()
        await self.start()

    @property
    def client(self) -> Any:
        """The ccxt client of the daemon's only venue."""
        return self.daemon.venues["main"]._connection.client  # type: ignore[attr-defined] # the real gateway has one

    async def cycle(self) -> AssetDecision:
        """A cycle, and the wait for the next one; what it came to."""
        decision = await self.daemon.loops[0].hedger.run_cycle()
        await self.clock.sleep(POLL_S)
        return decision.assets[0]

    async def until(
        self, is_done: Callable[[AssetDecision], bool], *, cycles: int = 12
    ) -> list[AssetDecision]:
        """Cycles up to the first that satisfies; all of them."""
        seen: list[AssetDecision] = []
        for _ in range(cycles):
            seen.append(await self.cycle())
            if is_done(seen[-1]):
                return seen
        raise AssertionError(f"not in {cycles} cycles: {[(a.reason, a.why) for a in seen]}")

    async def until_hedged(self, *, cycles: int = 12) -> list[AssetDecision]:
        """Cycles up to the first inside the band; the exchange agrees."""
        seen = await self.until(lambda asset: asset.reason is Reason.IN_BAND, cycles=cycles)
        self.assert_hedged()
        return seen

    async def assert_frozen(self, reasons: frozenset[Reason], *, cycles: int = 4) -> str:
        """No order in so many cycles, each with one of these reasons; the last one in words."""
        count, why = len(self.creates), ""
        for _ in range(cycles):
            asset = await self.cycle()
            assert asset.reason in reasons, (asset.reason, asset.why)
            why = asset.why
        assert len(self.creates) == count
        return why

    async def acknowledge(self) -> None:
        """What was read for long enough stands in the journal until an operator has looked."""
        await self.cycle()
        if self.journal.ledger.slots["main", SYMBOL].unacked:
            await self.journal.append(Acked("main", SYMBOL, "anna", "looked it up"))

    def step_clock(self, seconds: float) -> None:
        """Set this machine's wall clock; ccxt looks at it, too."""
        self.clock.step(seconds)
        stepped_ms = round(self.clock.stepped_s * 1000)
        self.client.milliseconds = lambda: wall_clock_ms() + stepped_ms

    def told(self, event: str, **fields: object) -> list[Any]:
        """The log events of this name with these fields."""
        return [s for s in self.said if s["event"] == event and fields.items() <= s.items()]

    async def entries(self, *kinds: str) -> list[Entry]:
        """The journal."""
        return list(await self.journal.entries(Selection(kinds=kinds)))

    # --- the exchange

    def strike(self, kind: Kind, **fields: Any) -> int:
        """Something goes wrong."""
        return self.server.faults.add(Fault(kind, **fields), wall_clock_ms())

    def lift(self) -> None:
        """Nothing goes wrong any more."""
        self.server.faults.lift()

    def act(self, action: str, **fields: object) -> None:
        """The operator of the exchange, or the owner of the account, does something."""
        assert self.server.act(action, fields) == ""

    def asked(self, what: str) -> list[Request]:
        """Requests of a path or for a purpose that came to the exchange's door."""
        known = self.server.dialect.purposes
        return [
            request
            for request in self.server.requests
            if what in {request.path, *known(request.method, request.path)}
        ]

    @property
    def creates(self) -> list[Request]:
        """Requests for an order, whatever became of them."""
        return self.asked(CREATE)

    @property
    def orders(self) -> list[Order]:
        """The orders that exist at the exchange and have our mark, oldest first."""
        return [order for order in self.account.orders.values() if is_ours(order.link_id)]

    @property
    def position(self) -> Decimal:
        """The true position, USD, short < 0."""
        return self.account.quantity(self.house.perp())

    @property
    def contracts(self) -> int:
        """The size of the position in the venue's contracts."""
        return int(abs(self.position) / self.house.lot)

    @property
    def net_delta(self) -> tuple[Decimal, Decimal]:
        """Coins that move with the price, and the equity in coins, by the exchange's own ledger."""
        price = self.exchange.market(self.house.perp()).mark
        held = self.account.positions.get((self.house.perp(), 0))
        pnl = held.unrealised(price) if held else D(0)
        equity = self.house.coins(self.exchange, self.account, "BTC") + pnl
        return equity + self.position / price, equity

    def assert_hedged(self) -> None:
        """Where the exchange's own record says that the book should be, with nothing left over."""
        net, equity = self.net_delta
        lot = self.house.lot / self.exchange.market(self.house.perp()).mark
        assert abs(net) <= BAND * abs(equity) + lot, (net, equity, self.position)
        assert [o.link_id for o in self.account.open_orders.values() if is_ours(o.link_id)] == []

    async def assert_each_sent_once(self) -> None:
        """Every journalled submit came to the door at most once, and nothing else did."""
        submits = await self.entries("submit")
        assert len(self.creates) <= len(submits)
        names = [entry.event.client_id for entry in submits]  # type: ignore[union-attr] # submits have one
        assert len(set(names)) == len(names)
        assert {order.link_id for order in self.orders} <= set(names)


@asynccontextmanager
async def rig(
    folder: Path,
    *,
    extra: str = "",
    venue: str = "",
    patience: str = "2s",
    before: Callable[[Rig], None] = lambda _rig: None,
    start: bool = True,
    hasty: bool = True,
    host: str = "127.0.0.1",
    through: Proxy | None = None,
) -> AsyncIterator[Rig]:
    """The house's coins at 65,000 and no position; `extra` is TOML of the hedge, `venue` of the
    venue, `before` acts first.

    `patience` is the venue's timeout, as the configuration has it.
    """
    home = house()
    exchange = Exchange(now_ms=wall_clock_ms(), seed=7, rules=home.tongue.rules)
    account = home.opened(exchange, *KEYS.values())
    server = SimServer(exchange, tongue=home.tongue, limits=0)
    await server.start()
    port = int(server.url.rpartition(":")[2])
    if through is not None:
        await through.start(port)
    url = through.url if through else f"http://{host}:{port}"
    config = folder / "hedged.toml"
    spot = f"spot = [{home.beside('main')}]" if "spot =" not in extra else ""
    config.write_text(
        CONFIG.format(
            house=home.name, url=url, timeout=patience, venue=venue, extra=f"{spot}\n{extra}"
        )
    )
    env = {**KEYS, "STATE_DIRECTORY": str(folder / "state")}
    unhandled: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, told: unhandled.append(told))
    with capture_logs() as said:
        made = Rig(exchange, account, server, config, HastyClock(hasty=hasty), said, env, home)
        try:
            before(made)
            if start:
                await made.start()
            yield made
        finally:
            await made.stop()
            if through is not None:
                await through.stop()
            await server.stop()
    gc.collect()
    assert not unhandled, "an exception that nobody looked at"
