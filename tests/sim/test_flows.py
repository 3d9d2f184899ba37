"""Coins on their way, and between accounts."""

from decimal import Decimal

import pytest

from hedged.sim.accounts import Account, Wallet
from hedged.sim.exchange import Exchange
from hedged.sim.ledger import OUTSIDE, TRANSIT
from hedged.sim.orders import Refusal, RefusedError

D = Decimal
MINUTE_MS = 60_000


def balance(exchange: Exchange, account: Account, wallet: Wallet = Wallet.UNIFIED) -> Decimal:
    return exchange.ledger.balance(account.purse(wallet), "BTC")


def test_a_deposit_arrives_after_its_delay(exchange: Exchange, account: Account) -> None:
    exchange.deposit(account, "BTC", D(2), delay_ms=10 * MINUTE_MS)
    assert balance(exchange, account) == 5
    assert exchange.ledger.balance(TRANSIT, "BTC") == 2
    exchange.advance(exchange.now_ms + 10 * MINUTE_MS - 1)
    assert balance(exchange, account) == 5
    exchange.advance(exchange.now_ms + 1)
    assert balance(exchange, account) == 7
    assert account.statement[-1].at_ms == exchange.now_ms
    assert exchange.ledger.balance(TRANSIT, "BTC") == 0


def test_a_withdrawal_leaves_at_once_and_arrives_later(
    exchange: Exchange, account: Account
) -> None:
    outside = exchange.ledger.balance(OUTSIDE, "BTC")
    exchange.withdraw(account, "BTC", D(2), delay_ms=MINUTE_MS)
    assert balance(exchange, account) == 3
    assert exchange.ledger.balance(OUTSIDE, "BTC") == outside
    exchange.advance(exchange.now_ms + MINUTE_MS)
    assert exchange.ledger.balance(OUTSIDE, "BTC") == outside + 2
    with pytest.raises(RefusedError):
        exchange.withdraw(account, "BTC", D("3.1"), delay_ms=MINUTE_MS)


@pytest.mark.parametrize("delay_ms", [0, MINUTE_MS])
def test_a_transfer_reaches_another_account(
    exchange: Exchange, account: Account, other: Account, delay_ms: int
) -> None:
    sent = exchange.transfer(
        account,
        "BTC",
        D(1),
        source=Wallet.UNIFIED,
        target=Wallet.UNIFIED,
        transfer_id="one",
        to=other,
        delay_ms=delay_ms,
    )
    assert sent.arrives_ms == exchange.now_ms + delay_ms
    assert balance(exchange, account) == 4
    assert balance(exchange, other) == (6 if not delay_ms else 5)
    exchange.advance(exchange.now_ms + delay_ms)
    assert balance(exchange, other) == 6
    assert [account.statement[-1].kind, other.statement[-1].kind] == ["TRANSFER_OUT", "TRANSFER_IN"]


def test_a_transfer_to_the_same_wallet_is_refused(exchange: Exchange, account: Account) -> None:
    with pytest.raises(RefusedError) as refused:
        exchange.transfer(
            account, "BTC", D(1), source=Wallet.FUND, target=Wallet.FUND, transfer_id="one"
        )
    assert refused.value.refusal is Refusal.SAME_WALLET


def test_things_that_are_due_happen_in_their_order(exchange: Exchange, account: Account) -> None:
    exchange.deposit(account, "BTC", D(2), delay_ms=2 * MINUTE_MS)
    exchange.deposit(account, "BTC", D(1), delay_ms=MINUTE_MS)
    exchange.advance(exchange.now_ms + 60 * MINUTE_MS)
    arrived = [line.cash_flow for line in account.statement if line.coin == "BTC"]
    assert arrived == [5, 1, 2]
