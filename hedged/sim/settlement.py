"""What the exchange books on positions and debts by itself: funding, delivery, sessions, interest.

Funding is paid at the stamps from longs to shorts when the rate is > 0. A dated contract is
delivered at its end: every position is closed at the index, against a fee. A session's profit can
be settled, which pays it out and leaves the position open. What an account owes of a coin bears
interest by the hour.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from hedged.sim.accounts import Account
from hedged.sim.clearing import Clearing, Terms
from hedged.sim.decimals import ZERO, product
from hedged.sim.events import Event, Truth
from hedged.sim.ledger import FEES, Ledger, Reason
from hedged.sim.market import FundingStamp, Market, Phase
from hedged.sim.matching import Matching
from hedged.sim.orders import Ending, Execution, Origin
from hedged.sim.positions import Position

HOUR_MS = 3600 * 1000
BORROW_RATE_PER_HOUR = Decimal("0.0000057")  # 5 % a year


class Settlement:
    """Books funding, delivery, sessions and interest."""

    def __init__(
        self,
        accounts: Mapping[str, Account],
        ledger: Ledger,
        clearing: Clearing,
        matching: Matching,
        truth: Truth,
    ) -> None:
        self._accounts = accounts
        self._ledger = ledger
        self._clearing = clearing
        self._matching = matching
        self._truth = truth

    def _open_positions(self, market: Market) -> Iterator[tuple[Account, Position]]:
        for account in self._accounts.values():
            for position in list(account.positions.values()):
                if position.instrument.key == market.instrument.key and position.quantity:
                    yield account, position

    def charge_funding(self, market: Market, rate: Decimal, stamp_ms: int) -> None:
        """Let longs pay shorts, or the reverse, on the value at the mark."""
        market.funding_stamps.append(FundingStamp(stamp_ms, rate))
        for account, position in self._open_positions(market):
            self._clearing.pay_funding(account, market, position, rate, stamp_ms)

    def settle_session(self, market: Market, now_ms: int) -> None:
        """Pay out the unrealised profit of every position."""
        for account, position in self._open_positions(market):
            self._clearing.settle_session(account, market, position, now_ms)

    def deliver(self, market: Market, price: Decimal, now_ms: int) -> None:
        """End a contract: its orders are cancelled, its positions closed at the price."""
        market.phase = Phase.DELIVERING
        self.cancel_orders(market, Ending.DELISTED, now_ms)
        terms = Terms(Execution.DELIVERY, market.instrument.delivery_rate)
        for account, position in self._open_positions(market):
            self._matching.close(
                account,
                position,
                abs(position.quantity),
                price,
                now_ms,
                origin=Origin.DELIVERY,
                terms=terms,
            )
        market.phase = Phase.CLOSED
        self._truth.note(Event(now_ms, "delivered", "", market.instrument.key, "", "", ZERO, price))

    def cancel_orders(self, market: Market, ending: Ending, now_ms: int) -> None:
        """Cancel all orders in a market."""
        for resting in market.book.resting.values():
            for order in list(resting):
                self._matching.end(self._accounts[order.account], order, ending, now_ms)

    def charge_interest(self, now_ms: int) -> None:
        """Charge an hour's interest on what accounts owe."""
        for account in self._accounts.values():
            for coin, balance in list(self._ledger.holdings(account.purse()).items()):
                if balance < 0:
                    interest = product(balance, BORROW_RATE_PER_HOUR)
                    self._clearing.book_flow(
                        account, coin, interest, now_ms, reason=Reason.INTEREST, other=FEES
                    )
