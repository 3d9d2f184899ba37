"""Coins that come, go and move: deposits, withdrawals and transfers, at once or on their way.

What is on its way belongs to nobody's wallet: it has left its source and waits in TRANSIT.
"""

from decimal import Decimal

from hedged.sim.accounts import Account, Transfer, Wallet
from hedged.sim.agenda import Agenda
from hedged.sim.clearing import Clearing
from hedged.sim.decimals import to_coins
from hedged.sim.events import Event, Truth
from hedged.sim.ledger import OUTSIDE, TRANSIT, Ledger, Reason
from hedged.sim.margin import MarginDesk
from hedged.sim.orders import Refusal, RefusedError


class Flows:
    """Moves coins into, out of and between wallets."""

    def __init__(
        self,
        ledger: Ledger,
        clearing: Clearing,
        margin: MarginDesk,
        agenda: Agenda,
        truth: Truth,
    ) -> None:
        self._ledger = ledger
        self._clearing = clearing
        self._margin = margin
        self._agenda = agenda
        self._truth = truth

    def deposit(
        self, account: Account, coin: str, amount: Decimal, now_ms: int, delay_ms: int
    ) -> Decimal:
        """Bring coins from outside into the unified wallet."""
        self._check(coin, amount)
        if not delay_ms:
            return self._clearing.book_flow(account, coin, amount, now_ms, reason=Reason.DEPOSIT)
        sent = self._ledger.move(now_ms, Reason.DEPOSIT, coin, amount, OUTSIDE, TRANSIT)
        self._truth.note(Event(now_ms, "sent", account.name, coin, "", Reason.DEPOSIT, sent))

        def arrive(at_ms: int) -> None:
            self._clearing.book_flow(
                account, coin, sent, at_ms, reason=Reason.DEPOSIT, other=TRANSIT
            )

        self._agenda.enter(now_ms + delay_ms, arrive)
        return sent

    def withdraw(
        self, account: Account, coin: str, amount: Decimal, now_ms: int, delay_ms: int
    ) -> Decimal:
        """Take coins out of the unified wallet; they arrive outside after the delay."""
        self._check(coin, amount)
        if amount > self._margin.withdrawable(account, coin):
            raise RefusedError(Refusal.INSUFFICIENT_BALANCE, coin)
        taken = -self._clearing.book_flow(
            account,
            coin,
            -amount,
            now_ms,
            reason=Reason.WITHDRAWAL,
            other=TRANSIT if delay_ms else OUTSIDE,
        )

        def arrive(at_ms: int) -> None:
            self._ledger.move(at_ms, Reason.WITHDRAWAL, coin, taken, TRANSIT, OUTSIDE)

        if delay_ms:
            self._agenda.enter(now_ms + delay_ms, arrive)
        return taken

    def transfer(
        self,
        account: Account,
        coin: str,
        amount: Decimal,
        now_ms: int,
        *,
        source: Wallet,
        target: Wallet,
        transfer_id: str,
        to: Account,
        delay_ms: int,
    ) -> Transfer:
        """Move coins between wallets of one account, or to another account."""
        self._check(coin, amount)
        if source is target and account is to:
            raise RefusedError(Refusal.SAME_WALLET)
        if transfer_id in account.transfers:
            raise RefusedError(Refusal.DUPLICATE_TRANSFER)
        if source is Wallet.UNIFIED:
            movable = self._margin.withdrawable(account, coin)
        else:
            movable = self._ledger.balance(account.purse(source), coin)
        if amount > movable:
            raise RefusedError(Refusal.INSUFFICIENT_BALANCE, coin)
        transfer = Transfer(
            transfer_id,
            now_ms,
            coin,
            amount,
            source,
            target,
            now_ms + delay_ms,
            account.user_id,
            to.user_id,
        )
        account.transfers[transfer_id] = transfer
        self._move(account, source, transfer, -amount, now_ms)

        def arrive(at_ms: int) -> None:
            self._move(to, target, transfer, amount, at_ms)

        if delay_ms:
            self._agenda.enter(now_ms + delay_ms, arrive)
        else:
            arrive(now_ms)
        return transfer

    def _move(
        self, account: Account, wallet: Wallet, transfer: Transfer, amount: Decimal, at_ms: int
    ) -> None:
        """Let the coins of a transfer leave a wallet, or arrive in it; between, they wait."""
        if wallet is Wallet.UNIFIED:
            self._clearing.book_flow(
                account,
                transfer.coin,
                amount,
                at_ms,
                reason=Reason.TRANSFER,
                other=TRANSIT,
                reference=transfer.transfer_id,
            )
            return
        purse = account.purse(wallet)
        self._ledger.move(at_ms, Reason.TRANSFER, transfer.coin, amount, TRANSIT, purse)
        self._truth.note(
            Event(
                at_ms,
                Reason.TRANSFER,
                account.name,
                transfer.coin,
                transfer.transfer_id,
                wallet,
                amount,
            )
        )

    def _check(self, coin: str, amount: Decimal) -> None:
        if not self._margin.knows(coin):
            raise RefusedError(Refusal.UNKNOWN_COIN, coin)
        if not amount.is_finite() or amount <= 0 or amount != to_coins(amount):
            raise RefusedError(Refusal.QUANTITY_INVALID, coin)
