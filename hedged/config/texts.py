"""How names, choices, coins, instruments and addresses are written in the file."""

import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import Final, TypeVar

from hedged.config.problems import did_you_mean, refusal, shown

NAME: Final = re.compile(r"[a-z0-9_-]{1,20}")
ASSET: Final = re.compile(r"[A-Z0-9]{1,20}")
INSTRUMENT: Final = re.compile(r"([A-Z0-9]{1,20})/([A-Z0-9]{1,20}):([A-Z0-9]{1,20})(?:-[0-9]{6})?")
_ACCOUNTS: Final = ("trading", "spot", "funding", "earn")
ACCOUNT: Final = re.compile(r"trading|spot|funding|earn|sub:[A-Za-z0-9_.@-]{1,40}")
LOOPBACK: Final = re.compile(r"http://(?:127\.0\.0\.1|localhost|\[::1\])(?::([0-9]{1,5}))?/?")
BIND: Final = re.compile(r"(localhost|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[[0-9a-f:.]+\]):([0-9]{1,5})")
FILE: Final = re.compile(r"[^\x00-\x1f\x7f]{1,1000}")
HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")

# Of any chain, or a number of a customer: what the exchange's list of withdrawals shows.
CHAIN_ADDRESS: Final = re.compile(r"[A-Za-z0-9:._@-]{3,120}")

LABEL_LENGTH: Final = 40

_LAST_PORT: Final = 65535

Choice = TypeVar("Choice", bound=str)


def one_of(choices: Iterable[Choice]) -> Callable[[object], Choice]:
    """A reader of one of these words."""
    by_text = {str(choice): choice for choice in choices}
    listed = ", ".join(f'"{text}"' for text in by_text)
    expected = f"one of {listed}" if len(by_text) > 1 else listed

    def read(value: object) -> Choice:
        if not isinstance(value, str):
            raise refusal(f"must be {expected}, not {shown(value)}")
        if value not in by_text:
            near = did_you_mean(value, by_text)
            raise refusal(f"must be {expected}, not {shown(value)}{near}")
        return by_text[value]

    return read


def name(value: object) -> str:
    """The name of a venue or book."""
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise refusal(f"a name is 1 to 20 characters of a-z, 0-9, _ and -; {shown(value)} is not")
    return value


def label(value: object) -> str:
    """A text of the owner's own, shown in logs and tables: one printable line."""
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= LABEL_LENGTH:
        raise refusal(
            f'must be a text of 1 to {LABEL_LENGTH} characters such as "cold wallet",'
            f" not {shown(value)}"
        )
    return value


def asset(value: object) -> str:
    """A coin, as the venue spells it: upper case."""
    if isinstance(value, str) and ASSET.fullmatch(value):
        return value
    meant = isinstance(value, str) and ASSET.fullmatch(value.strip().upper())
    hint = f'; did you mean "{meant.group()}"?' if meant else ""
    raise refusal(f'must be a coin in upper case such as "BTC", not {shown(value)}{hint}')


def account(value: object) -> str:
    """One of the accounts that an exchange keeps for its customer."""
    if isinstance(value, str) and ACCOUNT.fullmatch(value):
        return value
    near = did_you_mean(value, _ACCOUNTS) if isinstance(value, str) else ""
    known = ", ".join(f'"{name}"' for name in _ACCOUNTS)
    raise refusal(f'must be one of {known}, or "sub:NAME", not {shown(value)}{near}')


def instrument(value: object, asset: str | None) -> str:
    """A contract on the asset, in ccxt's unified spelling BASE/QUOTE:SETTLE, or with -YYMMDD.

    It settles in the base coin (inverse) or in the quote (linear). An asset that could not be
    read itself, None, is not compared.
    """
    example = f"{asset or 'BTC'}/USD:{asset or 'BTC'}"
    match = INSTRUMENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refusal(
            f"must be a perpetual contract written BASE/QUOTE:SETTLE, not {shown(value)};"
            f' did you mean "{example}"?'
        )
    base, quote, settle = match.groups()
    if asset is not None and base != asset:
        raise refusal(
            f"is a contract on {base}, but the asset is {asset}; did you mean"
            f' "{asset}/{quote}:{asset if settle == base else settle}"?'
        )
    if settle not in {base, quote}:
        raise refusal(
            f"must settle in {base} (inverse) or {quote} (linear), not {settle};"
            f' did you mean "{base}/{quote}:{base}"?'
        )
    return match.group()


def chain_address(value: object) -> str:
    """An address of the owner's on a chain."""
    if not isinstance(value, str) or not CHAIN_ADDRESS.fullmatch(value):
        # The value is not shown: it may be something else, pasted by mistake.
        raise refusal("must be an address on a chain: 3 to 120 letters and digits, without spaces")
    return value


def loopback_url(value: object) -> str:
    """The address of an embedded exchange, on this machine only, without a trailing slash."""
    match = LOOPBACK.fullmatch(value) if isinstance(value, str) else None
    if match is None or not 0 < int(match.group(1) or 80) <= _LAST_PORT:
        # The value is not shown: an address may carry a password.
        raise refusal(
            'must be an address on this machine such as "http://127.0.0.1:8421"'
            " (127.0.0.1, localhost or [::1])"
        )
    return match.group().removesuffix("/")


def bind(value: object) -> str:
    """An address of this machine and a port to listen on; port 0 takes any that is free."""
    match = BIND.fullmatch(value) if isinstance(value, str) else None
    if match is None or not _is_address(match[1]) or int(match[2]) > _LAST_PORT:
        hint = '; did you mean "127.0.0.1:8430"?'
        raise refusal(f"must be an address and a port, not {shown(value)}{hint}")
    return match.group()


def _is_address(text: str) -> bool:
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return text == "localhost"
    return True


def file_path(value: object) -> str:
    """The path of a file, which need not be there."""
    is_path = isinstance(value, str) and value.isprintable() and FILE.fullmatch(value)
    if not is_path or not Path(str(value)).name:
        raise refusal(f'must be the path of a file such as "halt", not {shown(value)}')
    return str(value)


def host(value: object) -> str:
    """The name of a host, without scheme and port."""
    if not isinstance(value, str) or not HOST.fullmatch(value):
        raise refusal(
            f'must be the name of a host such as "hedge.example.org", without scheme and port,'
            f" not {shown(value)}"
        )
    return value
