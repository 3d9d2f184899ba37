"""A venue in memory: it does what the test says, and remembers what was asked of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from hedged.clock import VirtualClock
from hedged.core.access import Access, Use
from hedged.core.arrangement import Arrangement, Change
from hedged.core.decimals import ZERO
from hedged.core.types import (
    USD,
    Amount,
    CoinBalance,
    Depth,
    Flow,
    HedgeLeg,
    HedgePolicy,
    Holding,
    Instrument,
    Kind,
    Level,
    Maintenance,
    MarginAccount,
    Position,
    Quote,
    Rate,
    Side,
    Transfer,
)
from hedged.ports import (
    WOULD_TAKE,
    Accepted,
    Fill,
    FillKind,
    Order,
    OrderReport,
    OrderStatus,
    Outcome,
)
from hedged.ports import Style as OrderStyle

SYMBOL = "BTC/USD:BTC"
PERP = Instrument(
    venue="main",
    symbol=SYMBOL,
    kind=Kind.INVERSE,
    base="BTC",
    settle="BTC",
    contract_size=Decimal(1),
    lot=Decimal(1),
    tick=Decimal("0.1"),
    min_contracts=Decimal(1),
    max_contracts=None,
)


def virtual() -> VirtualClock:
    return VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))


def btc(spot: tuple[str, ...] = ()) -> HedgePolicy:
    return HedgePolicy(asset="BTC", spot=spot, legs=(HedgeLeg("main", SYMBOL),))


def nothing() -> None:
    """Let a read succeed."""


@dataclass
class FakeVenue:
    """Fills what it accepts at its limit, unless a test replaces `on_submit`."""

    wallet: Decimal = Decimal(5)
    q: Decimal = Decimal(0)
    entry: Decimal = Decimal(65000)
    mark: Decimal = Decimal(65000)
    bid: Decimal | None = None
    ask: Decimal | None = None
    stands: Decimal = Decimal(10_000_000)  # contracts, on either side of the book
    name: str = "main"
    access: Access = field(default_factory=Access)
    use: Use = field(default_factory=Use)
    clock: VirtualClock = field(default_factory=virtual)
    before_read: Callable[[], None] = nothing
    on_submit: Callable[[Order], Outcome] | None = None
    submitted: list[Order] = field(default_factory=list)
    known: dict[str, OrderReport] = field(default_factory=dict)
    trades: list[Fill] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    elsewhere: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    leverage: Decimal | None = None
    maintenance: tuple[Maintenance, ...] = ()
    moves: list[Transfer] = field(default_factory=list)
    sent: list[Transfer] = field(default_factory=list)  # away, to addresses
    came: frozenset[str] = frozenset()  # transactions that are credited
    worth: dict[str, Decimal] = field(default_factory=dict)  # USD, on spot markets
    look_ups: int = 0
    has_switch: bool = True
    armed: int = 0
    disarmed: int = 0
    opened: int = 0

    @property
    def skew_s(self) -> Decimal:
        return Decimal(0)

    async def open(self) -> None:
        self.before_read()
        self.opened += 1

    async def close(self) -> None:
        pass

    def instrument(self, symbol: str) -> Instrument:
        assert symbol == SYMBOL
        return PERP

    async def arrangement(self) -> Arrangement:
        self.before_read()
        return Arrangement(self.access.margin_mode, {SYMBOL: self.leverage})

    async def arrange(self, change: Change) -> Outcome:
        raise NotImplementedError

    async def account(self, coins: Sequence[str]) -> MarginAccount:
        self.before_read()
        held = (Position(PERP, Amount(self.q, USD), self.entry),) if self.q else ()
        balances = tuple(CoinBalance(Amount(self.wallet, coin), None) for coin in coins)
        return MarginAccount(self.name, balances, held, Decimal(0))

    async def quote(self, symbol: str) -> Quote:
        self.before_read()
        return Quote(
            self.instrument(symbol), self.mark, self.mark, Decimal(0), bid=self.bid, ask=self.ask
        )

    async def holdings(self, account: str, coins: Sequence[str]) -> tuple[Holding, ...]:
        self.before_read()
        held = self.elsewhere.get(account, {})
        source = f"{self.name}:{account}"
        return tuple(
            Holding(source, Amount(held.get(coin, ZERO), coin), Decimal(0)) for coin in coins
        )

    async def transfers(self, since: datetime) -> tuple[Transfer, ...]:
        self.before_read()
        return tuple(self.moves)

    async def withdrawals(self, since: datetime) -> tuple[Transfer, ...]:
        self.before_read()
        return tuple(self.sent)

    async def credited(self, since: datetime) -> frozenset[str]:
        self.before_read()
        return self.came

    async def prices(self, coins: Sequence[str]) -> tuple[Rate, ...]:
        self.before_read()
        return tuple(Rate(coin, USD, self.worth[coin], Decimal(0)) for coin in coins)

    async def flows(self, since: datetime) -> tuple[Flow, ...]:
        self.before_read()
        return ()

    async def depth(self, symbol: str) -> Depth:
        self.before_read()
        assert symbol == SYMBOL
        beside = Decimal(1)
        return Depth(
            (Level(self.mark - beside, self.stands),),
            (Level(self.mark + beside, self.stands),),
            Decimal(0),
        )

    async def open_orders(self, symbols: Sequence[str]) -> tuple[OrderReport, ...]:
        self.before_read()
        return tuple(
            report
            for report in self.known.values()
            if report.status is OrderStatus.WORKING and report.symbol in symbols
        )

    async def fills(self, symbols: Sequence[str], since: datetime) -> tuple[Fill, ...]:
        self.before_read()
        return tuple(trade for trade in self.trades if trade.at >= since)

    async def submit(self, order: Order) -> Outcome:
        self.submitted.append(order)
        if self.on_submit is not None:
            return self.on_submit(order)
        self.fill(order)
        return Accepted(f"id-{len(self.submitted)}")

    async def find_order(self, instrument: Instrument, client_id: str) -> OrderReport | None:
        assert instrument == PERP
        self.look_ups += 1
        self.before_read()
        return self.known.get(client_id)

    async def cancel(self, instrument: Instrument, client_id: str) -> None:
        self.cancelled.append(client_id)
        if client_id in self.known:
            self.known[client_id] = replace(self.known[client_id], status=OrderStatus.DONE)

    async def arm_dead_man(self, window_s: int) -> bool:
        self.armed += 1
        return self.has_switch

    async def disarm_dead_man(self) -> None:
        self.disarmed += 1

    def fill(self, order: Order) -> None:
        """Fill an order at its limit, whether or not its reply arrives."""
        self.trade(order.side, order.contracts, order.client_id)
        self.known[order.client_id] = reported(
            order, OrderStatus.DONE, order.contracts, order.limit_price
        )

    def rest(self, order: Order) -> Outcome:
        """Take an order that rests, unless it would trade at once."""
        takes = self.bid is not None and order.limit_price <= self.bid
        if order.side is Side.BUY:
            takes = self.ask is not None and order.limit_price >= self.ask
        if order.style is not OrderStyle.POST_ONLY:
            self.fill(order)
        else:
            status = OrderStatus.DONE if takes else OrderStatus.WORKING
            report = reported(order, status)
            self.known[order.client_id] = replace(report, reason=WOULD_TAKE if takes else "")
        return Accepted("id")

    def hit(self, contracts: Decimal) -> None:
        """Let somebody trade with what rests."""
        (report,) = [r for r in self.known.values() if r.status is OrderStatus.WORKING]
        filled = report.filled + contracts
        status = OrderStatus.DONE if filled >= report.contracts else OrderStatus.WORKING
        self.known[report.client_id] = replace(report, filled=filled, status=status)
        self.trade(report.side, contracts, report.client_id)

    def trade(self, side: Side, contracts: Decimal, client_id: str = "") -> None:
        """Trade; without a client id it is somebody else's doing."""
        self.q += contracts if side is Side.BUY else -contracts
        self.trades.append(
            Fill(
                trade_id=f"trade-{len(self.trades)}",
                client_id=client_id,
                venue_id="id",
                symbol=SYMBOL,
                side=side,
                contracts=contracts,
                price=self.mark,
                fee=Amount(ZERO, "BTC"),
                is_maker=False,
                at=self.clock.now(),
                kind=FillKind.TRADE,
            )
        )


def reported(
    order: Order, status: OrderStatus, filled: Decimal = ZERO, average: Decimal | None = None
) -> OrderReport:
    """What the venue says of an order of ours."""
    return OrderReport(
        client_id=order.client_id,
        venue_id="id",
        symbol=order.instrument.symbol,
        side=order.side,
        contracts=order.contracts,
        filled=filled,
        average=average,
        limit_price=order.limit_price,
        status=status,
        reduce_only=order.reduce_only,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        reason="",
    )
