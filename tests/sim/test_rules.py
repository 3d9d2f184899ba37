"""Houses of separate wallets: each coin carries what is settled in it, spot is traded elsewhere."""

from decimal import Decimal

import pytest

from hedged.sim.accounts import Account, Wallet
from hedged.sim.exchange import Exchange
from hedged.sim.orders import OrderRequest, OrderType, Refusal, RefusedError, Side
from hedged.sim.rules import Rules

NOW_MS = 1_750_000_000_000
D = Decimal
SEPARATE = Rules(
    spot_wallet=Wallet.SPOT, margin_wallet=Wallet.COIN_M, are_link_ids_kept=False,
    are_orders_numbered=True,
)  # fmt: skip


@pytest.fixture
def exchange() -> Exchange:
    return Exchange(now_ms=NOW_MS, seed=7, rules=SEPARATE)


@pytest.fixture
def account(exchange: Exchange) -> Account:
    """1 BTC and 100 ETH carry contracts; 2 BTC and 10,000 USDT lie in the spot wallet."""
    opened = exchange.open_account("main", "key", "secret")
    exchange.deposit(opened, "BTC", D(1))
    exchange.deposit(opened, "ETH", D(100))
    exchange.deposit(opened, "BTC", D(2), wallet=Wallet.SPOT)
    exchange.deposit(opened, "USDT", D(10_000), wallet=Wallet.SPOT)
    return opened


def held(exchange: Exchange, account: Account, wallet: Wallet, coin: str = "BTC") -> Decimal:
    return exchange.ledger.balance(account.purse(wallet), coin)


def refusal(exchange: Exchange, account: Account, request: OrderRequest) -> Refusal:
    with pytest.raises(RefusedError) as refused:
        exchange.place_order(account, request)
    return refused.value.refusal


def test_spot_is_traded_from_its_own_wallet(exchange: Exchange, account: Account) -> None:
    exchange.trade_by_hand(account, "BTCUSDT", Side.SELL, D(2))
    assert held(exchange, account, Wallet.SPOT) == 0
    assert held(exchange, account, Wallet.SPOT, "USDT") > 130_000
    assert held(exchange, account, Wallet.COIN_M) == 1
    more = OrderRequest("BTCUSDT", Side.SELL, D("0.1"), order_type=OrderType.MARKET)
    assert refusal(exchange, account, more) is Refusal.INSUFFICIENT_BALANCE


def test_one_coin_carries_nothing_of_another(exchange: Exchange, account: Account) -> None:
    """100 ETH are 350,000 USD, and 1 BTC at ten times its worth carries 650,000 at most."""
    beyond = OrderRequest("BTCUSD", Side.SELL, D(700_000), order_type=OrderType.MARKET)
    assert refusal(exchange, account, beyond) is Refusal.INSUFFICIENT_MARGIN
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(600_000))
    assert exchange.margin.withdrawable(account, "ETH") == 100
    assert exchange.margin.withdrawable(account, "BTC", Wallet.SPOT) == 2
    assert exchange.margin.withdrawable(account, "BTC") < D("0.1")


def test_a_pool_is_liquidated_alone(exchange: Exchange, account: Account) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.BUY, D(300_000))
    exchange.trade_by_hand(account, "ETHUSD", Side.SELL, D(100_000))
    position = account.positions["BTCUSD", 0]
    price = exchange.margin.liquidation_price(account, position)
    assert price is not None
    # 1 BTC carries a long of 300,000 USD from 65,000: margin + 300,000*(1/65,000 - 1/P) is used up
    # at the maintenance and closing fee of 1 % or so of 300,000/P.
    assert D(53_000) < price < D(55_000)
    resting = exchange.place_order(account, OrderRequest("ETHUSD", Side.BUY, D(1000), D("3400.00")))
    exchange.set_index("BTC", price + 1)
    assert account.quantity("BTCUSD") == 300_000
    exchange.set_index("BTC", price - 1)
    assert account.quantity("BTCUSD") == 0
    assert account.quantity("ETHUSD") == -100_000
    assert resting.status.is_open
    assert held(exchange, account, Wallet.SPOT) == 2
    assert held(exchange, account, Wallet.COIN_M) >= 0


def test_a_bankrupt_pool_leaves_the_others_alone(exchange: Exchange, account: Account) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.BUY, D(500_000))
    exchange.set_index("BTC", D(30_000))
    assert held(exchange, account, Wallet.COIN_M) == 0
    assert held(exchange, account, Wallet.COIN_M, "ETH") == 100
    assert held(exchange, account, Wallet.SPOT) == 2
    assert dict(exchange.ledger.totals())["BTC"] == 0


def test_coins_move_between_wallets_and_only_one_has_a_statement(
    exchange: Exchange, account: Account
) -> None:
    lines = len(account.statement)
    move = {"source": Wallet.SPOT, "target": Wallet.FUND, "transfer_id": "1"}
    exchange.transfer(account, "BTC", D(1), **move)  # type: ignore[arg-type] # of these fields
    assert len(account.statement) == lines
    exchange.transfer(
        account, "BTC", D(1), source=Wallet.SPOT, target=Wallet.COIN_M, transfer_id="2"
    )
    assert (account.statement[-1].kind, account.statement[-1].balance) == ("TRANSFER_IN", D(2))
    with pytest.raises(RefusedError):
        exchange.transfer(
            account, "BTC", D(1), source=Wallet.SPOT, target=Wallet.FUND, transfer_id="3"
        )


def test_a_client_id_is_free_again_when_its_order_has_ended(
    exchange: Exchange, account: Account
) -> None:
    resting = OrderRequest("BTCUSD", Side.BUY, D(100), D(60_000), link_id="once")
    first = exchange.place_order(account, resting)
    assert refusal(exchange, account, resting) is Refusal.DUPLICATE_LINK_ID
    exchange.cancel_order(account, first)
    second = exchange.place_order(account, resting)
    assert account.find_order("BTCUSD", link_id="once") is second
    assert account.find_order("BTCUSD", order_id=first.order_id) is first
    assert first.order_id.isdecimal()


def test_what_is_owed_bears_no_interest(exchange: Exchange, account: Account) -> None:
    """A loss is paid from a gain that is not realised yet: the balance is below zero meanwhile."""
    listed = (market.instrument for market in exchange.markets.values())
    dated = next(one.key for one in listed if one.is_inverse and one.delivery_ms)
    exchange.trade_by_hand(account, "BTCUSD", Side.BUY, D(200_000))
    exchange.trade_by_hand(account, dated, Side.SELL, D(200_000))
    exchange.set_index("BTC", D(45_500))
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(200_000))
    before = held(exchange, account, Wallet.COIN_M)
    assert before < 0
    exchange.advance(NOW_MS + 3_700_000)
    assert held(exchange, account, Wallet.COIN_M) == before
