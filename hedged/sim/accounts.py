"""A client's account: its settings, positions, orders and history. Its coins are in the ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from hedged.sim.decimals import ONE, ZERO, product, quotient
from hedged.sim.instruments import Instrument
from hedged.sim.orders import Fill, Order, Refusal, RefusedError, Side
from hedged.sim.positions import Position

DEFAULT_LEVERAGE = Decimal(10)


class Wallet(StrEnum):
    """The wallets of an account; which of them trade is the house's rule, others store or earn."""

    UNIFIED = "UNIFIED"
    SPOT = "SPOT"
    COIN_M = "COIN_M"
    FUND = "FUND"
    EARN = "EARN"


class Rights(NamedTuple):
    """What an account's key may do, from where, and until when."""

    may_trade: bool = True  # False: it may only read
    may_withdraw: bool = False
    addresses: tuple[str, ...] = ()  # none: from anywhere
    expires_ms: int | None = None  # None: never


class StatementLine(NamedTuple):
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
    """A transfer between wallets of the account, or of others; it arrives at `arrives_ms`."""

    transfer_id: str
    at_ms: int
    coin: str
    amount: Decimal
    source: Wallet
    target: Wallet
    arrives_ms: int
    sender: int  # user ids
    receiver: int


class Sending(NamedTuple):
    """Coins sent over a chain, from or to an account; they are credited at `arrives_ms`."""

    number: int  # from 1, in the list that it stands in
    tx_id: str
    at_ms: int
    coin: str
    amount: Decimal
    address: str
    arrives_ms: int
    wallet: Wallet  # that they left, or come into


@dataclass(slots=True, eq=False)
class Account:
    """One account; API key and secret identify and sign its requests.

    Positions and leverages are kept by the instrument's `key`. What the open orders may add to a
    position and what they hold of a coin is counted as they come and go, so an order is changed
    only between `leave` and `enter`.
    """

    name: str
    api_key: str
    secret: str
    user_id: int
    opened_ms: int
    parent: str = ""  # the name of the main account, where this is a sub-account of one
    spot_wallet: Wallet = Wallet.UNIFIED  # trades spot
    margin_wallet: Wallet = Wallet.UNIFIED  # carries contracts
    are_link_ids_kept: bool = True  # otherwise a client's id is free again when its order ends
    rights: Rights = field(default_factory=Rights)
    positions: dict[tuple[str, int], Position] = field(default_factory=dict)
    leverages: dict[str, Decimal] = field(default_factory=dict)
    hedge_symbols: set[str] = field(default_factory=set)
    orders: dict[str, Order] = field(default_factory=dict)
    orders_by_link: dict[str, Order] = field(default_factory=dict)
    open_orders: dict[str, Order] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    statement: list[StatementLine] = field(default_factory=list)
    statement_lines: int = 0
    transfers: dict[str, Transfer] = field(default_factory=dict)
    withdrawals: list[Sending] = field(default_factory=list)
    deposits: list[Sending] = field(default_factory=list)
    realised: dict[str, Decimal] = field(default_factory=dict)
    disconnect_window_s: int = 10
    countdowns: dict[str, int] = field(default_factory=dict)  # by symbol, when they end in ms
    is_disconnect_protected: bool = False
    seen_ms: int | None = None
    _purses: dict[Wallet, str] = field(default_factory=dict)
    _leverage_rates: dict[str, Decimal] = field(default_factory=dict)
    _waiting: dict[tuple[str, int, Side], Decimal] = field(default_factory=dict)
    _locked: dict[str, Decimal] = field(default_factory=dict)
    _reducing: dict[tuple[str, int], dict[str, Order]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._purses = {wallet: f"{self.name}:{wallet}" for wallet in Wallet}

    def purse(self, wallet: Wallet | None = None) -> str:
        """Name the purse of a wallet (the one that carries contracts) in the ledger."""
        return self._purses[wallet or self.margin_wallet]

    def purse_for(self, instrument: Instrument) -> str:
        """Name the purse that an instrument is traded from."""
        return self._purses[self.spot_wallet if instrument.is_spot else self.margin_wallet]

    def has_taken(self, link_id: str) -> bool:
        """Say whether a client's id can name no further order."""
        order = self.orders_by_link.get(link_id)
        return order is not None and (self.are_link_ids_kept or order.status.is_open)

    def protect_from_disconnect(
        self, *, is_protected: bool = True, window_s: int | None = None
    ) -> None:
        """Switch the cancelling of all orders once no private connection has lived for a window.

        It acts once after each heartbeat; before the first one it does nothing.
        """
        self.is_disconnect_protected = is_protected
        if window_s is not None:
            self.disconnect_window_s = window_s

    @property
    def address(self) -> str:
        """Where coins can be sent to it from outside, the same for all coins."""
        return f"sim1{self.user_id}"

    def count_down(self, symbol: str, ends_ms: int | None) -> None:
        """Let the orders of a symbol be cancelled at a time; None: never."""
        self.countdowns.pop(symbol, None)
        if ends_ms is not None:
            self.countdowns[symbol] = ends_ms

    def ended_countdowns(self, now_ms: int) -> list[str]:
        """Take out the symbols whose countdown has ended."""
        ended = [symbol for symbol, ends_ms in self.countdowns.items() if ends_ms <= now_ms]
        for symbol in ended:
            del self.countdowns[symbol]
        return ended

    def is_disconnected(self, now_ms: int) -> bool:
        """Say whether it is protected and its private connections have been silent too long."""
        return (
            self.is_disconnect_protected
            and self.seen_ms is not None
            and now_ms - self.seen_ms >= self.disconnect_window_s * 1000
        )

    def leverage(self, key: str) -> Decimal:
        """Return the leverage set for an instrument."""
        return self.leverages.get(key, DEFAULT_LEVERAGE)

    def leverage_rate(self, key: str) -> Decimal:
        """Return the initial margin rate that the leverage asks for."""
        rate = self._leverage_rates.get(key)
        if rate is None:
            rate = self._leverage_rates[key] = quotient(ONE, self.leverage(key))
        return rate

    def set_leverage(self, instrument: Instrument, leverage: Decimal) -> None:
        """Set the leverage of an instrument."""
        key, tiers = instrument.key, instrument.tiers
        if not tiers or not ONE <= leverage <= tiers[0].max_leverage:
            raise RefusedError(Refusal.LEVERAGE_INVALID)
        if leverage == self.leverage(key):
            raise RefusedError(Refusal.NOT_MODIFIED)
        self.leverages[key] = leverage
        self._leverage_rates.pop(key, None)

    def set_hedge_mode(self, keys: Iterable[str], *, is_hedged: bool) -> None:
        """Let the instruments have one position each, or separate long and short legs."""
        changing = {key for key in keys if (key in self.hedge_symbols) != is_hedged}
        if not changing:
            raise RefusedError(Refusal.NOT_MODIFIED)
        if any(order.instrument.key in changing for order in self.open_orders.values()):
            raise RefusedError(Refusal.ORDERS_OPEN)
        if any(leg.quantity for (key, _), leg in self.positions.items() if key in changing):
            raise RefusedError(Refusal.POSITION_OPEN)
        for leg in [leg for leg in self.positions if leg[0] in changing]:
            del self.positions[leg]
        if is_hedged:
            self.hedge_symbols |= changing
        else:
            self.hedge_symbols -= changing

    def position(self, instrument: Instrument, index: int, now_ms: int) -> Position:
        """Return the position of a leg, opening an empty one at need."""
        leg = (instrument.key, index)
        if leg not in self.positions:
            self.positions[leg] = Position(instrument, index, now_ms, now_ms)
        return self.positions[leg]

    def quantity(self, key: str, index: int = 0) -> Decimal:
        """Return the signed quantity of a leg, 0 when there is none."""
        held = self.positions.get((key, index))
        return held.quantity if held else ZERO

    def find_order(self, key: str, *, order_id: str = "", link_id: str = "") -> Order | None:
        """Return an order of any state in an instrument, by its id or the client's."""
        found = self.orders.get(order_id) if order_id else self.orders_by_link.get(link_id)
        return found if found is not None and found.instrument.key == key else None

    def remember(self, order: Order) -> None:
        """Keep a new order."""
        self.orders[order.order_id] = order
        if order.link_id:
            self.orders_by_link[order.link_id] = order
        self.enter(order)

    def enter(self, order: Order) -> None:
        """Count an order among the open ones."""
        self.open_orders[order.order_id] = order
        if order.is_reducing:
            leg = (order.instrument.key, order.request.position_index)
            self._reducing.setdefault(leg, {})[order.order_id] = order
        self._count(order, order.leaves)

    def leave(self, order: Order) -> bool:
        """Count an order no longer among the open ones; say whether it was."""
        if self.open_orders.pop(order.order_id, None) is None:
            return False
        if order.is_reducing:
            leg = (order.instrument.key, order.request.position_index)
            del self._reducing[leg][order.order_id]
        self._count(order, -order.leaves)
        return True

    def _count(self, order: Order, leaves: Decimal) -> None:
        instrument, side = order.instrument, order.side
        if not instrument.is_spot:
            if not order.is_reducing:
                place = (instrument.key, order.request.position_index, side)
                self._waiting[place] = self._waiting.get(place, ZERO) + leaves
        elif side is Side.SELL:
            coin = instrument.base
            self._locked[coin] = self._locked.get(coin, ZERO) + leaves
        else:
            coin = instrument.quote
            self._locked[coin] = self._locked.get(coin, ZERO) + product(leaves, order.price)

    def waiting(self, key: str, index: int, side: Side) -> Decimal:
        """Return what the open orders of one side could add to a leg (reducing ones cannot)."""
        return self._waiting.get((key, index, side), ZERO)

    def locked(self, coin: str) -> Decimal:
        """Return what the open spot orders hold of a coin."""
        return self._locked.get(coin, ZERO)

    def reducing_orders(self, key: str, index: int) -> list[Order]:
        """Return the leg's open orders that may only reduce it, oldest first."""
        reducing = self._reducing.get((key, index))
        return sorted(reducing.values(), key=lambda order: order.sequence) if reducing else []


def listed_sending(record: list[Sending], entry: Sending) -> None:
    """Enter coins that are sent in a record; its numbers go on whatever it has forgotten."""
    record.append(entry._replace(number=record[-1].number + 1 if record else 1))


def sub_accounts(accounts: Mapping[str, Account], main: Account) -> list[Account]:
    """Return the sub-accounts of a main account."""
    return [account for account in accounts.values() if account.parent == main.name]
