"""A client's account: its settings, positions, orders and history. Its coins are in the ledger."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from hedged.sim.decimals import ZERO
from hedged.sim.instruments import Instrument
from hedged.sim.orders import Fill, Order, Side
from hedged.sim.positions import Position

DEFAULT_LEVERAGE = Decimal(10)


class Wallet(StrEnum):
    """The wallets of an account: the unified one trades, the funding wallet only stores."""

    UNIFIED = "UNIFIED"
    FUND = "FUND"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line of the account statement: `change = cash_flow + funding - fee`, all signed."""

    line: int
    at_ms: int
    kind: str
    coin: str
    cash_flow: Decimal
    funding: Decimal
    fee: Decimal
    balance: Decimal
    fill: Fill | None = None
    category: str = ""
    size: Decimal = ZERO

    @property
    def change(self) -> Decimal:
        """What the balance changed by."""
        return self.cash_flow + self.funding - self.fee


class Transfer(NamedTuple):
    """A transfer between the wallets of the account."""

    transfer_id: str
    at_ms: int
    coin: str
    amount: Decimal
    source: Wallet
    target: Wallet


@dataclass(slots=True, eq=False)
class Account:
    """One account; API key and secret identify and sign its requests."""

    name: str
    api_key: str
    secret: str
    user_id: int
    opened_ms: int
    positions: dict[tuple[str, int], Position] = field(default_factory=dict)
    leverages: dict[str, Decimal] = field(default_factory=dict)
    hedge_symbols: set[str] = field(default_factory=set)
    orders: dict[str, Order] = field(default_factory=dict)
    orders_by_link: dict[str, Order] = field(default_factory=dict)
    open_orders: dict[str, Order] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    statement: list[StatementLine] = field(default_factory=list)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    realised: dict[str, Decimal] = field(default_factory=dict)
    disconnect_window_s: int = 10

    def purse(self, wallet: Wallet = Wallet.UNIFIED) -> str:
        """Name the purse of a wallet in the ledger."""
        return f"{self.name}:{wallet}"

    def leverage(self, symbol: str) -> Decimal:
        """Return the leverage set for an instrument."""
        return self.leverages.get(symbol, DEFAULT_LEVERAGE)

    def position(self, instrument: Instrument, index: int, now_ms: int) -> Position:
        """Return the position of a leg, opening an empty one at need."""
        key = (instrument.symbol, index)
        if key not in self.positions:
            self.positions[key] = Position(instrument, index, now_ms, now_ms)
        return self.positions[key]

    def quantity(self, symbol: str, index: int = 0) -> Decimal:
        """Return the signed quantity of a leg, 0 when there is none."""
        held = self.positions.get((symbol, index))
        return held.quantity if held else ZERO

    def reducing_orders(self, symbol: str, index: int) -> list[Order]:
        """Return the leg's open orders that may only reduce it, oldest first."""
        reducing = (
            order
            for order in self.open_orders.values()
            if order.is_reducing
            and order.symbol == symbol
            and order.request.position_index == index
        )
        return sorted(reducing, key=lambda order: order.sequence)

    def remember(self, order: Order) -> None:
        """Keep a new order."""
        self.orders[order.order_id] = order
        self.open_orders[order.order_id] = order
        if order.link_id:
            self.orders_by_link[order.link_id] = order

    def waiting(self, symbol: str, index: int, side: Side) -> Decimal:
        """Return what the open orders of one side could add to a leg (reducing ones cannot)."""
        return sum(
            (
                order.leaves
                for order in self.open_orders.values()
                if order.symbol == symbol
                and order.side is side
                and order.request.position_index == index
                and not order.is_reducing
            ),
            ZERO,
        )
