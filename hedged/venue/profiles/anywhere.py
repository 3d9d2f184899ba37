"""Any exchange of ccxt as a place where coins lie: its spot balances are read, and nothing else.

There is no profile of such an exchange; ccxt's own words for its balances are believed, in total
per coin. What it may be asked is not known beforehand, so its client lets requests out while one
of two reads of ccxt is running, and none otherwise (`strict.Reading`).
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

from hedged.core.access import Access
from hedged.core.types import Amount, CoinBalance
from hedged.ports import VenueRefused
from hedged.venue.fields import Row
from hedged.venue.lazy import exchange_class
from hedged.venue.profiles.profile import Profile, Reach
from hedged.venue.profiles.reads import Read, Store

_KEY: Final = frozenset({"apiKey", "secret", "password"})  # what a configuration has of a key
_BALANCES: Final = ("balances",)
_WALLETS: Final[Mapping[str, Mapping[str, str]]] = {  # ccxt's types of wallets that we call funding
    "bitfinex": {"funding": "funding"},
    "kucoin": {"funding": "main"},
}
# Coins that earn have names of their own beside the others: BTC.F, ETH2.S, DOT28.S.
_EARNING: Final = {"kraken": re.compile(r"([A-Z]+?)[0-9]*\.[SMFBP]")}
_NAMES: Final = {"XBT": "BTC", "XDG": "DOGE"}


def coin_profile(exchange: str) -> Profile:
    """A profile that reads the spot balances of an exchange of ccxt.

    Raises:
        VenueRefused: ccxt has no such exchange, it has no spot market, or its keys have other
            parts than ours.
    """
    try:
        client = exchange_class(exchange)({"timeout_on_exit": 0})
    except (AttributeError, ModuleNotFoundError):
        raise VenueRefused(f"ccxt has no exchange {exchange!r}") from None
    if not client.has.get("spot") or not client.has.get("fetchBalance"):
        raise VenueRefused(f"{client.name} has no spot balances that ccxt could read")
    asked = {part for part, is_asked in client.requiredCredentials.items() if is_asked}
    if asked - _KEY:
        parts = ", ".join(sorted(asked - _KEY))
        raise VenueRefused(f"a key of {client.name} takes {parts} too, which hedged cannot give it")
    return Profile(
        exchange=exchange,
        title=client.name,
        needs_passphrase="password" in asked,
        environments=_environments(client),
        options={"defaultType": "spot"},
        rate_limit_ms=Decimal(str(client.rateLimit or 1000)),
        limit_per_hour=int(3_600_000 / (client.rateLimit or 1000)),
        clock=_own_clock,
        is_coins_only=True,
        routes=frozenset(),
        access=_access,
        wallet=Read("spot_balances", _BALANCES),
        absent_is_zero=True,
        balances=_balances,
        margin=lambda _: None,
        positions=(),
        leg=_none,
        is_one_way=_none,
        coins_of=_none,
        accounts=_accounts(exchange),
        contracts={},
        amounts_in_contracts=True,
        delisting=lambda _: "only coins are read there",
        market_key="symbol",
        tickers=(),
        prices=_none,
        best=_none,
        depth=Read("", ()),
        book=_none,
        styles={},
        client_id_param="",
        order_lookups=(),
        open_orders=Read("", ()),
        report=_none,
        from_param="",
        to_param="",
        longest_span=timedelta(days=1),
        fills=Read("", ()),
        fill=_none,
        code=lambda _: (None, None),
        rejections=frozenset(),
        gone=frozenset(),
    )


def _environments(client: Any) -> dict[str, Reach]:
    found = {"mainnet": Reach(_hosts(client, client.urls.get("api")))}
    test = _hosts(client, client.urls.get("test"))
    if test and not set(test) & set(found["mainnet"].hosts):
        found["testnet"] = Reach(test, switch="set_sandbox_mode")
    return found


def _hosts(client: Any, urls: Any) -> tuple[str, ...]:
    """Every host that stands in ccxt's addresses."""
    if isinstance(urls, dict):
        return tuple(sorted({host for url in urls.values() for host in _hosts(client, url)}))
    if not isinstance(urls, str):
        return ()
    host = urlsplit(client.implode_hostname(urls)).hostname
    return (host,) if host else ()


def _accounts(exchange: str) -> dict[str, tuple[Store, ...]]:
    accounts: dict[str, tuple[Store, ...]] = {
        name: (Store(Read("spot_balances", _BALANCES, {"type": wallet}), amount="total"),)
        for name, wallet in _WALLETS.get(exchange, {}).items()
    }
    if exchange in _EARNING:
        read = Read("spot_balances", _BALANCES)
        accounts["earn"] = (Store(read, amount="total", own_name=_earning(_EARNING[exchange])),)
    return accounts


def _earning(pattern: re.Pattern[str]) -> Callable[[str], str]:
    """The coin that earns under this name; empty for one that does not."""

    def own_name(name: str) -> str:
        found = pattern.fullmatch(name)
        return "" if found is None else _NAMES.get(found[1], found[1])

    return own_name


def _balances(rows: list[Row], coins: Collection[str]) -> tuple[CoinBalance, ...]:
    """What is free and what orders hold, together; of other coins only what is told."""
    found = []
    for row in rows:
        coin = row.text("coin")
        if coin in coins or row.optional("total") is not None:
            held = Amount(Row(f"wallet {coin}", row.values).number("total"), coin)
            found.append(CoinBalance(wallet=held, equity=held))
    return tuple(found)


async def _access(_client: Any) -> Access:
    """Nothing is told of a key that ccxt would know how to ask."""
    return Access()


async def _own_clock(client: Any) -> int:
    """Ours: many tell theirs in whole seconds, and only where one trades must it agree."""
    now_ms: int = client.milliseconds()
    return now_ms


def _none(*_: object) -> NoReturn:
    raise VenueRefused("only coins are read there")
