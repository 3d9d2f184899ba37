"""What changed a book's dollar value: buckets that sum to the change, nothing left over.

State: W coins without any futures PnL, q signed USD of the inverse contract and B = sum of
dq/fill over its trades, so that E = W + B - q/F at every moment, realised or not. With spot
price S and mark F the value is V = S*E, and per event

    mark (S0,F0) to (S1,F1)   inventory   E0*(S1 - S0)
                              perp_index  q*(S1 - S0)/S0
                              basis       S1*q*(1/F0 - 1/F1) - perp_index
    trade dq at f             slippage    S*dq*(1/f - 1/F)      fees   -S*fee
    funding c                 S*c         deposit (withdrawal < 0) D   S*D

`inventory` is what the coins alone would have made, `perp_index` what the hedge took back of
it. The buckets sum to V1 - V0, exactly in rational arithmetic. Source: docs/maths.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from hedged.core.decimals import ZERO, exact


@dataclass(frozen=True, slots=True)
class Marked:
    """Prices moved: spot and mark, USD per coin."""

    spot: Decimal
    mark: Decimal


@dataclass(frozen=True, slots=True)
class Traded:
    """The contract was traded: signed USD at a fill price, for a fee in coins (paid > 0)."""

    q_usd: Decimal
    price: Decimal
    fee_coins: Decimal


@dataclass(frozen=True, slots=True)
class Funded:
    """Funding in coins, received > 0."""

    coins: Decimal


@dataclass(frozen=True, slots=True)
class Flowed:
    """Coins deposited, or withdrawn < 0."""

    coins: Decimal


Event = Marked | Traded | Funded | Flowed


@dataclass(frozen=True, slots=True)
class Book:
    """Where a coin's book stands: W, q, B and the prices."""

    coins: Decimal
    spot: Decimal
    mark: Decimal
    q_usd: Decimal = ZERO
    bought: Decimal = ZERO  # B: sum of dq/fill, in coins

    @property
    @exact
    def equity(self) -> Decimal:
        """E = W + B - q/F, in coins."""
        return self.coins + self.bought - self.q_usd / self.mark

    @property
    @exact
    def delta(self) -> Decimal:
        """E + q/F, in coins."""
        return self.coins + self.bought

    @property
    @exact
    def value(self) -> Decimal:
        """S*E, in USD."""
        return self.spot * self.equity


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
        q_usd, price, fee = event.q_usd, event.price, event.fee_coins
        slippage = so_far.slippage + book.spot * q_usd * (1 / price - 1 / book.mark)
        traded = replace(
            book,
            coins=book.coins - fee,
            q_usd=book.q_usd + q_usd,
            bought=book.bought + q_usd / price,
        )
        return traded, replace(so_far, slippage=slippage, fees=so_far.fees - book.spot * fee)
    after, usd = replace(book, coins=book.coins + event.coins), book.spot * event.coins
    if isinstance(event, Funded):
        return after, replace(so_far, funding=so_far.funding + usd)
    return after, replace(so_far, flows=so_far.flows + usd)


def _after_prices(book: Book, so_far: Buckets, event: Marked) -> tuple[Book, Buckets]:
    moved = event.spot - book.spot
    perp_index = book.q_usd * moved / book.spot
    perp = event.spot * book.q_usd * (1 / book.mark - 1 / event.mark)
    return replace(book, spot=event.spot, mark=event.mark), replace(
        so_far,
        inventory=so_far.inventory + book.equity * moved,
        perp_index=so_far.perp_index + perp_index,
        basis=so_far.basis + perp - perp_index,
    )
