"""Coins that come, go and move: deposits, withdrawals and transfers, at once or on their way.

What is on its way belongs to nobody's wallet: it has left its source and waits in TRANSIT.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from hedged.sim.accounts import Account, Sending, Transfer, Wallet, listed_sending
from hedged.sim.agenda import Agenda
from hedged.sim.clearing import Clearing
from hedged.sim.decimals import to_coins
from hedged.sim.events import Event, Truth
from hedged.sim.identifiers import Identifiers
from hedged.sim.ledger import OUTSIDE, TRANSIT, Ledger, Reason
from hedged.sim.margin import MarginDesk
from hedged.sim.orders import Refusal, RefusedError


class Flows:
    """Moves coins into, out of and between wallets."""

    def __init__(
        self,
        accounts: Mapping[str, Account],
        ledger: Ledger,
        clearing: Clearing,
        margin: MarginDesk,
        agenda: Agenda,
        identifiers: Identifiers,
        truth: Truth,
    ) -> None:
        self._accounts = accounts
        self._ledger = ledger
        self._clearing = clearing
        self._margin = margin
        self._agenda = agenda
        self._identifiers = identifiers
        self._truth = truth

    def deposit(
        self,
        account: Account,
        coin: str,
        amount: Decimal,
        now_ms: int,
        wallet: Wallet | None,
        delay_ms: int,
    ) -> Decimal:
        """Bring coins from outside into a wallet."""
        self._check(coin, amount)
        into = wallet or account.margin_wallet
        sending = self._sending(coin, amount, account.address, now_ms, delay_ms, into)
        if not delay_ms:
            return self._credit(account, sending, OUTSIDE)(now_ms)
        sent = self._ledger.move(now_ms, Reason.DEPOSIT, coin, amount, OUTSIDE, TRANSIT)
        self._truth.note(Event(now_ms, "sent", account.name, coin, "", Reason.DEPOSIT, sent))
        arrive = self._credit(account, sending, TRANSIT)
        self._agenda.enter(now_ms + delay_ms, arrive)
        return sent

    def withdraw(
        self,
        account: Account,
        coin: str,
        amount: Decimal,
        now_ms: int,
        wallet: Wallet | None,
        delay_ms: int,
        address: str,
    ) -> Decimal:
        """Take coins out of a wallet; they arrive at the address after the delay."""
        self._check(coin, amount)
        wallet = wallet or account.margin_wallet
        if amount > self._margin.withdrawable(account, coin, wallet):
            raise RefusedError(Refusal.INSUFFICIENT_BALANCE, coin)
        to = next((own for own in self._accounts.values() if own.address == address), None)
        other = TRANSIT if delay_ms or to else OUTSIDE
        taken = -self._book(account, wallet, coin, -amount, now_ms, Reason.WITHDRAWAL, other)
        sending = self._sending(coin, taken, address, now_ms, delay_ms, wallet)
        listed_sending(account.withdrawals, sending)
        if other == OUTSIDE:
            return taken
        if to is None:
            arrive = self._leave(sending)
        else:  # what comes over a chain is there for spot trading
            arrive = self._credit(to, sending._replace(wallet=to.spot_wallet), TRANSIT)
        if delay_ms:
            self._agenda.enter(now_ms + delay_ms, arrive)
        else:
            arrive(now_ms)
        return taken

    def _sending(
        self, coin: str, amount: Decimal, address: str, now_ms: int, delay_ms: int, wallet: Wallet
    ) -> Sending:
        tx_id = self._identifiers.uuid().replace("-", "")
        return Sending(0, tx_id, now_ms, coin, amount, address, now_ms + delay_ms, wallet)

    def _credit(self, to: Account, sending: Sending, other: str) -> Callable[[int], Decimal]:
        """List a deposit, which is on its way, and return what credits it."""
        listed_sending(to.deposits, sending)
        into, coin, amount = sending.wallet, sending.coin, sending.amount
        return lambda at_ms: self._book(to, into, coin, amount, at_ms, Reason.DEPOSIT, other)

    def _leave(self, sending: Sending) -> Callable[[int], Decimal]:
        """Return what lets coins on their way arrive outside."""
        coin, amount = sending.coin, sending.amount
        return lambda at_ms: self._ledger.move(
            at_ms, Reason.WITHDRAWAL, coin, amount, TRANSIT, OUTSIDE
        )

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
        if amount > self._margin.withdrawable(account, coin, source):
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
        self._book(
            account,
            wallet,
            transfer.coin,
            amount,
            at_ms,
            Reason.TRANSFER,
            TRANSIT,
            reference=transfer.transfer_id,
        )

    def _book(
        self,
        account: Account,
        wallet: Wallet,
        coin: str,
        amount: Decimal,
        at_ms: int,
        reason: Reason,
        other: str,
        *,
        reference: str = "",
    ) -> Decimal:
        """Book what comes into a wallet (> 0) or leaves it; one of them has a statement."""
        if wallet is account.margin_wallet:
            return self._clearing.book_flow(
                account, coin, amount, at_ms, reason=reason, other=other, reference=reference
            )
        booked = self._ledger.move(at_ms, reason, coin, amount, other, account.purse(wallet))
        self._truth.note(Event(at_ms, reason, account.name, coin, reference, wallet, booked))
        return booked

    def _check(self, coin: str, amount: Decimal) -> None:
        if not self._margin.knows(coin):
            raise RefusedError(Refusal.UNKNOWN_COIN, coin)
        if not amount.is_finite() or amount <= 0 or amount != to_coins(amount):
            raise RefusedError(Refusal.QUANTITY_INVALID, coin)
