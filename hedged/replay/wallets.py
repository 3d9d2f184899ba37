"""What an owner has on the embedded exchange, as the port tells it: margin account and wallets."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from hedged.core.types import (
    Amount,
    CoinBalance,
    Holding,
    Margin,
    MarginAccount,
    Position,
    Transfer,
)
from hedged.ports import VenueRefused
from hedged.replay.listing import listing_of
from hedged.replay.records import transfer_of
from hedged.sim.accounts import Account, Wallet, sub_accounts
from hedged.sim.exchange import Exchange
from hedged.sim.margin import AccountFigures

ZERO: Final = Decimal(0)
_WALLETS: Final = {
    "funding": (Wallet.FUND,),
    "earn": (Wallet.EARN,),
    "sub": (Wallet.UNIFIED, Wallet.FUND),
}
_PLACES: Final = {Wallet.UNIFIED: "", Wallet.FUND: ":funding", Wallet.EARN: ":earn"}


def margin_account(
    venue: str, exchange: Exchange, owner: Account, coins: Sequence[str]
) -> MarginAccount:
    """The account that carries contracts, with these coins also where it has none of them.

    Raises:
        VenueRefused: a position is in hedge mode.
    """
    margin = exchange.margin
    figures = margin.figures(owner)
    held = {coin.coin: coin for coin in figures.coins}
    for coin in coins:
        if coin not in held and margin.knows(coin):
            held[coin] = margin.coin(owner, coin)
    balances = [
        CoinBalance(Amount(coin.balance, name), Amount(coin.equity, name))
        for name, coin in held.items()
    ]
    return MarginAccount(
        venue,
        tuple(balances),
        tuple(_positions(venue, exchange, owner, figures)),
        age_s=ZERO,
        margin=Margin(figures.margin_balance, figures.maintenance_margin),
    )


def _positions(
    venue: str, exchange: Exchange, owner: Account, figures: AccountFigures
) -> Iterator[Position]:
    for held in owner.positions.values():
        if not held.quantity:
            continue
        market = exchange.markets[held.instrument.key]
        instrument = listing_of(venue, market, held=True)
        if held.index:
            raise in_hedge_mode(instrument.symbol)
        yield Position(
            instrument=instrument,
            quantity=Amount(held.quantity, instrument.unit),
            entry=held.entry_price,
            unrealised_pnl=held.unrealised(market.mark),
            liquidation_price=exchange.margin.liquidation_price(owner, held, figures),
            pnl_from=held.session_price or None,
            mark=market.mark,
        )


def in_hedge_mode(symbol: str) -> VenueRefused:
    """Why such an account is not traded."""
    return VenueRefused(
        f"{symbol} is in hedge mode, hedged needs one-way mode: choose One-Way Mode"
    )


def holdings(
    venue: str, exchange: Exchange, owner: Account, account: str, coins: Sequence[str]
) -> tuple[Holding, ...]:
    """What one of the owner's other accounts holds.

    Raises:
        VenueRefused: there is no such sub-account.
    """
    kind, _, name = account.partition(":")
    member = _sub_account(exchange, owner, name) if kind == "sub" else owner
    purses = [member.purse(wallet) for wallet in _WALLETS[kind]]
    balance = exchange.ledger.balance
    return tuple(
        Holding(
            f"{venue}:{account}",
            Amount(sum((balance(purse, coin) for purse in purses), ZERO), coin),
            ZERO,
        )
        for coin in coins
    )


def _sub_account(exchange: Exchange, owner: Account, name: str) -> Account:
    for sub in sub_accounts(exchange.accounts, owner):
        if name in (sub.name, str(sub.user_id)):
            return sub
    raise VenueRefused(f"there is no sub-account {name}")


def transfers(
    venue: str, exchange: Exchange, owner: Account, since_ms: int
) -> tuple[Transfer, ...]:
    """What moved between the owner's accounts since then."""
    subs = sub_accounts(exchange.accounts, owner)
    names = {sub.user_id: f"{venue}:sub:{sub.name}" for sub in subs}

    def place(member: int, wallet: Wallet) -> str:
        return names.get(member) or f"{venue}{_PLACES[wallet]}"

    return tuple(
        transfer_of(
            moved,
            place(moved.sender, moved.source),
            place(moved.receiver, moved.target),
            exchange.now_ms,
        )
        for member in (owner, *subs)
        for moved in member.transfers.values()
        if moved.at_ms >= since_ms
    )
