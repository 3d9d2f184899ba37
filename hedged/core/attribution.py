"""What changed a book's dollar value: buckets that sum to the change, nothing left over.

State: W coins without any futures PnL and, of each contract, its signed quantity (q in USD where
it is inverse, n in coins where it is linear) with what its trades came to (`paid`: the sum of
dq/fill in coins, of dn*fill in quote). Realised or not, at every moment

    E = W + sum of (paid - q/F)          inverse contracts, coins
    Q = cash + sum of (n*F - paid)       linear contracts, quote

With spot price S and marks F the value is V = S*E + Q, and per event

    prices (S0,F0) to (S1,F1)  inventory   E0*(S1 - S0)
      inverse                  perp_index  q*(S1 - S0)/S0
                               basis       S1*q*(1/F0 - 1/F1) - perp_index
      linear                   perp_index  n*(S1 - S0)
                               basis       n*(F1 - F0) - perp_index
    trade at f, inverse        slippage    S*dq*(1/f - 1/F)    fees   -S*fee
    trade at f, linear         slippage    dn*(F - f)          fees   -fee
    funding c                  S*c or c    deposit (withdrawal < 0) D   S*D

`inventory` is what the coins alone would have made, `perp_index` what the hedge took back of
it. The buckets sum to V1 - V0, exactly in rational arithmetic. Source: docs/maths.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from hedged.core.decimals import ZERO, exact
from hedged.core.types import Kind


@dataclass(frozen=True, slots=True)
class Marked:
    """Prices moved: spot, and the marks of all contracts in their order, USD per coin."""

    spot: Decimal
    marks: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Traded:
    """A contract was traded: signed quantity at a fill price, for a fee (paid > 0)."""

    quantity: Decimal  # USD (inverse) or coins (linear)
    price: Decimal
    fee: Decimal  # coins (inverse) or quote (linear)
    contract: int = 0  # its place


@dataclass(frozen=True, slots=True)
class Funded:
    """Funding, received > 0: in coins (inverse) or quote (linear)."""

    amount: Decimal
    contract: int = 0  # its place


@dataclass(frozen=True, slots=True)
class Flowed:
    """Coins deposited, or withdrawn < 0."""

    coins: Decimal


Event = Marked | Traded | Funded | Flowed


@dataclass(frozen=True, slots=True)
class Contract:
    """One position with its own mark."""

    mark: Decimal
    quantity: Decimal = ZERO  # signed, USD (inverse) or coins (linear)
    paid: Decimal = ZERO  # sum of dq/fill in coins (inverse), of dn*fill in quote (linear)
    kind: Kind = Kind.INVERSE

    @property
    def profit(self) -> Decimal:
        """Coins (inverse) or quote (linear), realised or not."""
        if self.kind is Kind.INVERSE:
            return self.paid - self.quantity / self.mark
        return self.quantity * self.mark - self.paid


@dataclass(frozen=True, slots=True)
class Book:
    """Where a coin's book stands: W, the contracts and the prices."""

    coins: Decimal
    spot: Decimal
    contracts: tuple[Contract, ...] = ()
    cash: Decimal = ZERO  # quote that fees and funding of linear contracts came to

    @property
    @exact
    def equity(self) -> Decimal:
        """E, in coins."""
        inverse = (c.profit for c in self.contracts if c.kind is Kind.INVERSE)
        return self.coins + sum(inverse, ZERO)

    @property
    @exact
    def quote(self) -> Decimal:
        """Q, in quote."""
        linear = (c.profit for c in self.contracts if c.kind is Kind.LINEAR)
        return self.cash + sum(linear, ZERO)

    @property
    @exact
    def delta(self) -> Decimal:
        """E + sum of q/F + sum of n, in coins; a dated linear contract counts as a perpetual."""
        return self.equity + sum(
            (c.quantity / c.mark if c.kind is Kind.INVERSE else c.quantity for c in self.contracts),
            ZERO,
        )

    @property
    @exact
    def value(self) -> Decimal:
        """S*E + Q, in USD."""
        return self.spot * self.equity + self.quote


@dataclass(frozen=True, slots=True)
class Buckets:
    """Dollars by cause."""

    inventory: Decimal = ZERO
    perp_index: Decimal = ZERO
    basis: Decimal = ZERO
    slippage: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    flows: Decimal = ZERO

    @property
    @exact
    def total(self) -> Decimal:
        """The change in value that they explain."""
        price = self.inventory + self.perp_index + self.basis
        return price + self.slippage + self.fees + self.funding + self.flows


@exact
def attribution(start: Book, events: Iterable[Event]) -> tuple[Book, Buckets]:
    """The book after the events, and what each cause contributed."""
    book, buckets = start, Buckets()
    for event in events:
        book, buckets = _after(book, buckets, event)
    return book, buckets


def _after(book: Book, so_far: Buckets, event: Event) -> tuple[Book, Buckets]:
    if isinstance(event, Marked):
        return _after_prices(book, so_far, event)
    if isinstance(event, Traded):
        return _after_trade(book, so_far, event)
    if isinstance(event, Flowed):
        after = replace(book, coins=book.coins + event.coins)
        return after, replace(so_far, flows=so_far.flows + book.spot * event.coins)
    if book.contracts[event.contract].kind is Kind.INVERSE:
        after, usd = replace(book, coins=book.coins + event.amount), book.spot * event.amount
    else:
        after, usd = replace(book, cash=book.cash + event.amount), event.amount
    return after, replace(so_far, funding=so_far.funding + usd)


def _after_trade(book: Book, so_far: Buckets, event: Traded) -> tuple[Book, Buckets]:
    quantity, price, fee = event.quantity, event.price, event.fee
    contract = book.contracts[event.contract]
    is_inverse = contract.kind is Kind.INVERSE
    paid = quantity / price if is_inverse else quantity * price
    traded = replace(contract, quantity=contract.quantity + quantity, paid=contract.paid + paid)
    place = event.contract
    contracts = (*book.contracts[:place], traded, *book.contracts[place + 1 :])
    if is_inverse:
        slippage = book.spot * quantity * (1 / price - 1 / contract.mark)
        after, usd = replace(book, coins=book.coins - fee, contracts=contracts), book.spot * fee
    else:
        slippage = quantity * (contract.mark - price)
        after, usd = replace(book, cash=book.cash - fee, contracts=contracts), fee
    return after, replace(so_far, slippage=so_far.slippage + slippage, fees=so_far.fees - usd)


def _after_prices(book: Book, so_far: Buckets, event: Marked) -> tuple[Book, Buckets]:
    moved = event.spot - book.spot
    perp_index = perp = ZERO
    for contract, mark in zip(book.contracts, event.marks, strict=True):
        if contract.kind is Kind.INVERSE:
            perp_index += contract.quantity * moved / book.spot
            perp += event.spot * contract.quantity * (1 / contract.mark - 1 / mark)
        else:
            perp_index += contract.quantity * moved
            perp += contract.quantity * (mark - contract.mark)
    contracts = tuple(
        replace(contract, mark=mark)
        for contract, mark in zip(book.contracts, event.marks, strict=True)
    )
    return replace(book, spot=event.spot, contracts=contracts), replace(
        so_far,
        inventory=so_far.inventory + book.equity * moved,
        perp_index=so_far.perp_index + perp_index,
        basis=so_far.basis + perp - perp_index,
    )
