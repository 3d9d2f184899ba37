"""What happens to an account whose margin is used up, and to those on the other side of it.

When the margin balance falls to the maintenance margin, all orders are cancelled, and then the
position with the largest maintenance is cut, again and again until the account is sound: down to
the limit of the next lower tier, or, in the lowest tier, to nothing. It trades at the mark and pays
a fee to the insurance fund. An account that is then worth less than nothing is emptied, and the
insurance fund pays what it owes.

When the fund has not the coins for that, the positions on the other side, those that gained most
first, are closed at the price at which the bankrupt account would have come out at zero.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from hedged.sim.accounts import Account
from hedged.sim.clearing import Clearing, Terms
from hedged.sim.decimals import ONE, ZERO, ceiled, product, quotient
from hedged.sim.events import Event, Truth
from hedged.sim.instruments import Instrument
from hedged.sim.ledger import CLEARING, INSURANCE, Ledger, Reason
from hedged.sim.margin import MarginDesk
from hedged.sim.market import Market
from hedged.sim.matching import Matching
from hedged.sim.orders import Ending, Execution, Origin
from hedged.sim.positions import Position

FEE_RATE = Decimal("0.002")
INSURANCE_FUND: Mapping[str, Decimal] = {
    "BTC": Decimal(1_000),
    "ETH": Decimal(10_000),
    "USDT": Decimal(50_000_000),
}
_FORCED = Terms(Execution.LIQUIDATION, FEE_RATE, INSURANCE)
_DELEVERAGED = Terms(Execution.DELEVERAGING, ZERO)


class _Cut(NamedTuple):
    """What a liquidation closed: the signed quantity that was held, and its price."""

    instrument: Instrument
    quantity: Decimal
    price: Decimal


class Liquidation:
    """Liquidates accounts and deleverages others."""

    def __init__(
        self,
        accounts: Mapping[str, Account],
        markets: Mapping[str, Market],
        margin: MarginDesk,
        matching: Matching,
        clearing: Clearing,
        ledger: Ledger,
        truth: Truth,
    ) -> None:
        self._accounts = accounts
        self._markets = markets
        self._margin = margin
        self._matching = matching
        self._clearing = clearing
        self._ledger = ledger
        self._truth = truth

    def check(self, now_ms: int) -> None:
        """Liquidate every account whose margin is used up."""
        for account in self._accounts.values():
            for pool in self._margin.pools(account):
                if self._is_due(account, pool):
                    self._liquidate(account, pool, now_ms, wholly=False)

    def _is_due(self, account: Account, pool: str) -> bool:
        figures = self._margin.pool(account, pool)
        return figures.margin_balance <= figures.maintenance_margin

    def liquidate(self, account: Account, now_ms: int) -> None:
        """Close all positions."""
        for pool in self._margin.pools(account):
            self._liquidate(account, pool, now_ms, wholly=True)

    def _liquidate(self, account: Account, pool: str, now_ms: int, *, wholly: bool) -> None:
        """Close positions until the pool that carries them is sound, or all of them."""
        self._truth.note(Event(now_ms, "liquidation", account.name, "", "", "begins"))
        for order in list(account.open_orders.values()):
            if self._margin.carries(pool, order.instrument):
                self._matching.end(account, order, Ending.LIQUIDATION, now_ms)
        cuts: list[_Cut] = []
        while (position := self._largest(account, pool)) is not None:
            if not wholly and not self._is_due(account, pool):
                break
            cuts.append(self._cut(account, position, now_ms, wholly=wholly))
        if self._margin.pool(account, pool).equity < 0:
            self._bail_out(account, pool, cuts, now_ms)

    def _largest(self, account: Account, pool: str) -> Position | None:
        """Return the position of a pool with the largest maintenance margin in USD."""

        def maintenance(position: Position) -> Decimal:
            price = self._margin.price(position.instrument.settle)
            return product(self._margin.leg_margin(account, position).position_maintenance, price)

        held = [
            position
            for position in account.positions.values()
            if position.quantity and self._margin.carries(pool, position.instrument)
        ]
        return max(held, key=maintenance, default=None)

    def _cut(self, account: Account, position: Position, now_ms: int, *, wholly: bool) -> _Cut:
        """Bring a position down to the next lower tier, or close it."""
        instrument, held = position.instrument, position.quantity
        mark = self._markets[instrument.key].mark
        value = instrument.value(held, mark)
        tier = instrument.tier(value)
        quantity, origin = abs(held), Origin.TAKEOVER
        if tier is not instrument.tiers[0] and not wholly:
            lower = instrument.tiers[instrument.tiers.index(tier) - 1]
            part = ONE - quotient(lower.limit, value)
            quantity = min(quantity, ceiled(product(quantity, part), instrument.lot))
            origin = Origin.LIQUIDATION
        self._matching.close(
            account, position, quantity, mark, now_ms, origin=origin, terms=_FORCED
        )
        return _Cut(instrument, quantity if held > 0 else -quantity, mark)

    def _bail_out(self, account: Account, pool: str, cuts: list[_Cut], now_ms: int) -> None:
        """Empty a bankrupt pool; the insurance fund pays what it owes."""
        figures = self._margin.pool(account, pool)
        equity = figures.equity
        for held in figures.coins:
            if held.balance:
                self._clearing.book_flow(
                    account,
                    held.coin,
                    -held.balance,
                    now_ms,
                    reason=Reason.BANKRUPTCY,
                    other=INSURANCE,
                )
        for cut in reversed(cuts):
            coin = cut.instrument.settle
            missing = -self._ledger.balance(INSURANCE, coin)
            if missing > 0:
                owed = min(missing, quotient(-equity, self._margin.price(coin)))
                self._deleverage_against(cut, owed, now_ms)

    def _deleverage_against(self, cut: _Cut, owed: Decimal, now_ms: int) -> None:
        """Close opposite positions at the price at which the cut would have cost nobody."""
        instrument, held = cut.instrument, cut.quantity
        worth = instrument.worth(held, cut.price) + owed
        if not worth or instrument.price_of(held, worth) <= 0:
            return
        price = instrument.price_of(held, worth)
        left = abs(held)
        for account, position in self._ranked(instrument, held):
            quantity = min(left, abs(position.quantity))
            if not quantity:
                return
            closed = quantity if position.quantity > 0 else -quantity
            forgone = instrument.worth(closed, cut.price) - instrument.worth(closed, price)
            self.deleverage(account, position, quantity, price, now_ms)
            self._ledger.move(
                now_ms, Reason.BANKRUPTCY, instrument.settle, forgone, CLEARING, INSURANCE
            )
            left -= quantity

    def _ranked(self, instrument: Instrument, held: Decimal) -> list[tuple[Account, Position]]:
        """Return the gaining positions on the other side, those that gained most first."""
        mark = self._markets[instrument.key].mark

        def gain(entry: tuple[Account, Position]) -> Decimal:
            position = entry[1]
            return quotient(position.unrealised(mark), instrument.value(position.quantity, mark))

        return sorted(
            (entry for entry in self._opposite(instrument, held) if gain(entry) > 0),
            key=gain,
            reverse=True,
        )

    def _opposite(
        self, instrument: Instrument, held: Decimal
    ) -> Iterator[tuple[Account, Position]]:
        for account in self._accounts.values():
            for position in account.positions.values():
                if position.instrument.key == instrument.key and position.quantity * held < 0:
                    yield account, position

    def deleverage(
        self,
        account: Account,
        position: Position,
        quantity: Decimal,
        price: Decimal,
        now_ms: int,
    ) -> None:
        """Close a part of a position against a bankrupt one, at its price and without a fee."""
        for order in account.reducing_orders(position.instrument.key, position.index):
            self._matching.end(account, order, Ending.DELEVERAGING, now_ms)
        self._matching.close(
            account,
            position,
            quantity,
            price,
            now_ms,
            origin=Origin.DELEVERAGING,
            terms=_DELEVERAGED,
        )
