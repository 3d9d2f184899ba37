"""The houses that the same daemon is tried in: what each calls what the scenarios speak of.

A scenario names requests by what they are for (see `hedged.sim.dialect.Purpose`), and everything
else that differs by this. `in_house` says in which one the rigs and processes of a test stand.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from hedged.sim.accounts import Account, Wallet
from hedged.sim.exchange import Exchange
from hedged.sim.orders import Fill
from hedged.sim.tongues import BINANCE, BYBIT, Tongue

D = Decimal


@dataclass(frozen=True, slots=True)
class House:
    """A kind of exchange, with an account of 5 BTC and 100,000 USDT in it.

    `codes` are errors by their meaning: "doubtful" ones prove nothing, "duplicate" that there is an
    order of this name, "margin" and "reduce_only" that there is none; "leverage" and
    "margin_mode" that they were not set, "no_coins" that none were moved.
    """

    tongue: Tongue
    suffix: str  # of its perpetual contracts, after BTCUSD
    sizes: Mapping[str, str]  # USD of a contract, by its coin
    no_such_key: str  # the code for it
    client_id: str  # how a look-up names an order
    beside_paths: tuple[str, ...]  # requests for what lies in them, and moves between them
    stores: tuple[str, ...]  # accounts beside the trading one in which its coins lie
    codes: Mapping[str, tuple[int, ...]]
    tells_ahead: bool  # of maintenance; else only while it lasts
    tells_balances: bool  # in the account's statement
    rests_s: float  # for how long its other wallets are believed to be as they were
    funds: Mapping[Wallet, Mapping[str, Decimal]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the configuration calls it."""
        return self.tongue.name

    @property
    def lot(self) -> Decimal:
        """USD of a contract of bitcoin."""
        return D(self.sizes["BTC"])

    def perp(self, coin: str = "BTC") -> str:
        """The perpetual contract of a coin."""
        return f"{coin}USD{self.suffix}"

    def beside(self, venue: str, *more: str) -> str:
        """TOML of a source: the accounts beside the trading one; empty where there are none."""
        named = ", ".join(f'"{name}"' for name in dict.fromkeys((*self.stores, *more)))
        return f'{{ venue = "{venue}", accounts = [{named}] }}' if named else ""

    def at(self, venue: str) -> str:
        """TOML of a source: where coins come to a venue that nothing is hedged at."""
        return self.beside(venue) or f'"{venue}"'

    def opened(self, exchange: Exchange, api_key: str, secret: str) -> Account:
        """The account."""
        account = exchange.open_account("demo", api_key, secret)
        for wallet, coins in self.funds.items():
            for coin, amount in coins.items():
                exchange.deposit(account, coin, amount, wallet=wallet)
        return account

    def coins(self, exchange: Exchange, account: Account, coin: str) -> Decimal:
        """Those that the hedge is for."""
        wallets = {account.margin_wallet, account.spot_wallet}
        return sum((exchange.ledger.balance(account.purse(w), coin) for w in wallets), D(0))

    def trade_id(self, fill: Fill) -> str:
        """A fill's name in our journal."""
        return f"{fill.symbol}-{fill.sequence}" if self.suffix else fill.fill_id


AT_BYBIT: Final = House(
    BYBIT,
    suffix="",
    sizes={"BTC": "1", "ETH": "1"},
    no_such_key="10003",
    client_id="orderLinkId=",
    stores=(),
    beside_paths=(),
    tells_ahead=True,
    tells_balances=True,
    codes={
        "doubtful": (10000, 10016, 170146),
        "duplicate": (110072, 170141),
        "margin": (110007,),
        "reduce_only": (110017,),
        "leverage": (110044,),
        "margin_mode": (3400045,),
        "no_coins": (131212,),
    },
    rests_s=0,
    funds={Wallet.UNIFIED: {"BTC": D(5), "USDT": D(100_000)}},
)
AT_BINANCE: Final = House(
    BINANCE,
    suffix="_PERP",
    sizes={"BTC": "100", "ETH": "10"},
    no_such_key="-2015",
    client_id="origClientOrderId=",
    stores=("spot",),
    beside_paths=("/api/v3/account", "/sapi/v1/asset/transfer"),
    tells_ahead=False,
    tells_balances=False,
    codes={
        "doubtful": (-1000, -1006, -1007),
        "duplicate": (-4116,),
        "margin": (-2019,),
        "reduce_only": (-2022,),
        "leverage": (-4028,),
        "margin_mode": (-4047,),
        "no_coins": (-5013,),
    },
    rests_s=30,
    funds={
        Wallet.COIN_M: {"BTC": D(5)},
        Wallet.SPOT: {"BTC": D(1), "USDT": D(100_000)},
    },
)
HOUSES: Final = (AT_BYBIT, AT_BINANCE)
_current: ContextVar[House] = ContextVar("house", default=AT_BYBIT)


def house() -> House:
    """The one that the test stands in."""
    return _current.get()


@contextmanager
def in_house(chosen: House) -> Iterator[None]:
    """Stand in one."""
    token = _current.set(chosen)
    try:
        yield
    finally:
        _current.reset(token)
