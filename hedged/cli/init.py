"""`hedged init`: a commented configuration from questions, or from options.

What is written has been read first, as `hedged check` reads it: a file that would be refused is
never left behind. Defaults are safe: a testnet, in dry-run, keys by reference.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, Literal

import typer

from hedged.cli.common import Exit, fail, load
from hedged.config import ConfigError
from hedged.core.types import Environment, Kind
from hedged.venue.overview import About, venues

DASHBOARD: Final = "127.0.0.1:8430"
SERVICES: Final = Path("/etc/hedged")  # a file there is an instance of the service
_WHERE: Final = "where it is kept: env:NAME, file:PATH or credential:NAME"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wants to have hedged, as they wrote it."""

    environment: str
    exchange: str
    contract: str  # inverse, linear; empty: what the exchange has, inverse before linear
    accounts: tuple[str, ...]  # further ones there whose coins count
    url: str
    api_key: str  # empty: a variable named after the exchange, as are the next two
    secret: str
    passphrase: str
    assets: tuple[str, ...]
    cold: dict[str, str]  # coins in a cold wallet by asset
    ratio: str
    band: str
    web: str
    alerts: str


def _names() -> list[str]:
    return [about.exchange for about in venues()]


def init(
    *,
    config: Annotated[Path, typer.Option("--config", "-c", help="The file to write.")] = Path(
        "hedged.toml"
    ),
    environment: Annotated[
        Environment, typer.Option(help="Which world the account belongs to.")
    ] = Environment.TESTNET,
    exchange: Annotated[
        str,
        typer.Option(help="The exchange; hedged venues lists them.", autocompletion=_names),
    ] = "bybit",
    contract: Annotated[
        Literal["inverse", "linear"] | None,
        typer.Option(help="What to hedge with; inverse where the exchange has it."),
    ] = None,
    account: Annotated[
        list[str] | None,
        typer.Option(help="Another account there whose coins count, such as spot; repeatable."),
    ] = None,
    url: Annotated[
        str, typer.Option(help="Address of the embedded exchange, for --environment sim.")
    ] = "http://127.0.0.1:8421",
    api_key: Annotated[
        str, typer.Option(help=f"The API key: {_WHERE}.", show_default="env:BYBIT_API_KEY")
    ] = "",
    secret: Annotated[
        str, typer.Option(help=f"Its secret: {_WHERE}.", show_default="env:BYBIT_SECRET")
    ] = "",
    passphrase: Annotated[
        str, typer.Option(help=f"Its passphrase, where keys have one: {_WHERE}.")
    ] = "",
    asset: Annotated[
        list[str] | None, typer.Option(help="A coin to hedge; may be repeated. Default BTC.")
    ] = None,
    cold: Annotated[
        list[str] | None,
        typer.Option(help="Coins kept elsewhere, such as BTC=2.5; may be repeated."),
    ] = None,
    ratio: Annotated[str, typer.Option(help="Share of the coins to hedge.")] = "1",
    band: Annotated[str, typer.Option(help="How far it may drift before an order.")] = "0.25%",
    web: Annotated[str, typer.Option(help='Address of the dashboard; "" for none.')] = DASHBOARD,
    alerts: Annotated[str, typer.Option(help=f"An address for alerts: {_WHERE}.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a commented configuration: a testnet in dry-run, unless told otherwise.

    It asks, with the options as answers to begin with; --yes takes them as they are.
    """
    if _is_there(config) and not force:
        fail(f"{config} is there already: --force replaces it, -c names another", Exit.ERROR)
    wishes = Wishes(
        environment=environment.value,
        exchange=exchange,
        contract=contract or "",
        accounts=tuple(account or ()),
        url=url,
        api_key=api_key,
        secret=secret,
        passphrase=passphrase,
        assets=tuple(asset or ("BTC",)),
        cold=_cold(cold or []),
        ratio=ratio,
        band=band,
        web=web,
        alerts=alerts,
    )
    if not yes:
        wishes = _asked(wishes)
    about = _about(wishes.exchange)
    wishes = _completed(wishes, about)
    text = written(wishes)
    _refuse_unreadable(text)
    try:
        with config.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except (OSError, ValueError) as error:  # no file can have such a name
        fail(f"{str(config)!r} cannot be written: {error}", Exit.ERROR)
    typer.echo(f"{config} is written. What comes next:")
    for step in _next_steps(config, wishes):
        typer.echo(f"  {step}")
    for note in about.notes:
        typer.echo(f"{about.title}: {note}")


def _is_there(config: Path) -> bool:
    try:
        return config.exists()
    except OSError:  # a name that is too long: writing it says so
        return False


def _cold(given: list[str]) -> dict[str, str]:
    found = {}
    for item in given:
        coin, equals, amount = item.partition("=")
        if not equals:
            raise typer.BadParameter(f"{item!r} is not like BTC=2.5", param_hint="--cold")
        found[coin] = amount
    return found


def _is_asked() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def _asked(begin: Wishes) -> Wishes:
    """The wishes, as somebody at the terminal corrects them."""
    if not _is_asked():
        fail("there is nobody to ask: say --yes, and give the rest as options", Exit.ERROR)
    exchange = typer.prompt(f"Exchange ({', '.join(_names())})", begin.exchange, err=True)
    about = _about(exchange)
    environment = begin.environment
    if not about.has_test_environment and environment == Environment.TESTNET:
        environment = Environment.MAINNET.value
    environment = typer.prompt("Environment (testnet, mainnet, sim)", environment, err=True)
    contract = begin.contract or about.kinds[0]
    if len(about.kinds) > 1:
        contract = typer.prompt(f"Contracts ({', '.join(about.kinds)})", contract, err=True)
    accounts = begin.accounts
    if about.accounts:
        question = f"Further accounts there whose coins count ({', '.join(about.accounts)})"
        accounts = _listed(typer.prompt(question, ",".join(accounts), err=True))
    keys = _completed(replace(begin, exchange=exchange, environment=environment), about)
    assets = _listed(
        typer.prompt("Coins to hedge, with commas between", ",".join(begin.assets), err=True)
    )
    cold = {
        coin: typer.prompt(
            f"{coin} kept elsewhere, such as in a cold wallet", begin.cold.get(coin, "0"), err=True
        )
        for coin in assets
    }
    return Wishes(
        environment=environment,
        exchange=exchange,
        contract=contract,
        accounts=accounts,
        url=typer.prompt("Address of the embedded exchange", begin.url, err=True)
        if environment == Environment.SIM
        else begin.url,
        api_key=typer.prompt(f"API key, {_WHERE}", keys.api_key, err=True),
        secret=typer.prompt(f"Secret, {_WHERE}", keys.secret, err=True),
        passphrase=typer.prompt(f"Passphrase, {_WHERE}", keys.passphrase, err=True)
        if about.needs_passphrase
        else "",
        assets=assets,
        cold={coin: amount for coin, amount in cold.items() if amount != "0"},
        ratio=typer.prompt("Share of the coins to hedge", begin.ratio, err=True),
        band=typer.prompt("How far it may drift before an order", begin.band, err=True),
        web=typer.prompt("Address of the dashboard", begin.web, err=True),
        alerts=typer.prompt(
            f"Address for alerts, {_WHERE}; empty for none",
            begin.alerts,
            show_default=False,
            err=True,
        ),
    )


def _listed(text: str) -> tuple[str, ...]:
    """What somebody typed with commas between."""
    return tuple(filter(None, text.replace(" ", "").split(",")))


def _about(exchange: str) -> About:
    found = next((about for about in venues() if about.exchange == exchange), None)
    if found is None:
        near = get_close_matches(exchange, _names(), 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(_names())}"
        fail(
            f"nothing was written: {exchange!r} is no exchange that hedged knows; {hint}",
            Exit.CONFIG,
        )
    return found


def _completed(wishes: Wishes, about: About) -> Wishes:
    """What was not said, as the exchange has it; what it does not have is refused."""
    testless = not about.has_test_environment and wishes.environment == Environment.TESTNET
    if testless:
        fail(
            f"nothing was written: {about.title} has no test environment: say --environment",
            Exit.CONFIG,
        )
    contract = wishes.contract or about.kinds[0]
    if contract not in about.kinds:
        has = " and ".join(about.kinds)
        fail(f"nothing was written: of {about.title} only {has} contracts are used", Exit.CONFIG)
    variable = f"env:{about.exchange.upper()}"
    return replace(
        wishes,
        contract=contract,
        api_key=wishes.api_key or f"{variable}_API_KEY",
        secret=wishes.secret or f"{variable}_SECRET",
        passphrase=wishes.passphrase
        or (f"{variable}_PASSPHRASE" if about.needs_passphrase else ""),
    )


def written(wishes: Wishes) -> str:
    """The file."""
    inverse = wishes.contract == Kind.INVERSE.value
    profit = "inverse: margin and profit in coins" if inverse else "linear: profit in USDT"
    parts = [
        "# hedged: made by `hedged init`. Every other key, with its default: config/example.toml,",
        "# docs/configuration.md, `hedged config schema`.",
        "",
        f'environment = {_toml(wishes.environment)}   # "testnet", "mainnet", or "sim"',
        'execution = "dry-run"     # sends nothing; "live" trades if `--live` is given too',
        "",
        "[venues.main]             # an account at an exchange; the name is yours",
        f"exchange = {_toml(wishes.exchange)}",
        f"api_key = {_toml(wishes.api_key)}   # where the key is kept, never the key itself",
        f"secret = {_toml(wishes.secret)}",
    ]
    if wishes.passphrase:
        parts.append(f"passphrase = {_toml(wishes.passphrase)}   # the third part of a key")
    if wishes.environment == Environment.SIM:
        parts.append(f"url = {_toml(wishes.url)}   # hedged sim listens there")
    parts += ["", "[books.core]              # assets that are hedged together"]
    parts.append('poll = "10s"              # how often they are looked at')
    for asset in wishes.assets:
        parts += ["", "[[books.core.hedges]]", f"asset = {_toml(asset)}"]
        if spot := list(_spot(wishes, asset)):
            coins = f"spot = [{', '.join(spot)}]"
            parts.append(f"{coins}   # beside the coins in the trading account, which always count")
        parts += [
            'venue = "main"            # whose coins count, and where the hedge is',
            f"instrument = {_toml(_symbol(asset, wishes.contract))}   # {profit}",
            f"ratio = {_toml(wishes.ratio)}               # how much of it is hedged",
            f"band = {_toml(wishes.band)}            # how far the hedge may drift before an order",
            "",
            "[books.core.hedges.limits]    # off unless set; set them before you go live",
            "# max_order = 50000         # USD; more goes in slices",
            "# max_position = 500000     # USD",
            "# max_turnover = 1000000    # USD in a day",
            "# max_leverage = 4",
        ]
    parts += ["", "[web]                     # the dashboard and the API, on this machine only"]
    parts.append(f"bind = {_toml(wishes.web)}" if wishes.web else f'# bind = "{DASHBOARD}"')
    parts += ["", "[alerts]                  # try them: hedged notify test"]
    parts.append(f"to = [{_toml(wishes.alerts)}]" if wishes.alerts else '# to = ["env:ALERT_URL"]')
    return "\n".join(parts) + "\n"


def _spot(wishes: Wishes, asset: str) -> Iterator[str]:
    """Coins elsewhere than in the trading account."""
    if wishes.accounts:
        named = ", ".join(map(_toml, ("trading", *wishes.accounts)))
        yield f'{{ venue = "main", accounts = [{named}] }}'
    if asset in wishes.cold:
        yield f'{{ static = {_toml(wishes.cold[asset])}, label = "cold wallet" }}'


def _symbol(asset: str, contract: str) -> str:
    """The perpetual."""
    return f"{asset}/USD:{asset}" if contract == Kind.INVERSE.value else f"{asset}/USDT:USDT"


def _toml(text: str) -> str:
    """Text as TOML writes it."""
    quoted = "".join(
        f"\\u{ord(c):04x}" if not c.isprintable() and ord(c) < 2**16 else c
        for c in text.replace("\\", "\\\\").replace('"', '\\"')
    )
    return f'"{quoted}"'


def _refuse_unreadable(text: str) -> None:
    """Say what is wrong with the wishes, before anything is written."""
    with TemporaryDirectory(prefix="hedged-init-") as folder:
        trial = Path(folder) / "hedged.toml"
        trial.write_text(text, encoding="utf-8", errors="replace")
        try:
            load(trial)
        except ConfigError as error:
            problems = "; ".join(f"{one.key}: {one.message}" for one in error.problems)
            fail(f"nothing was written: {problems}", Exit.CONFIG, error.problems)


def _next_steps(config: Path, wishes: Wishes) -> list[str]:
    named = [
        reference.removeprefix("env:")
        for reference in (wishes.api_key, wishes.secret, wishes.passphrase, wishes.alerts)
        if reference.startswith("env:") and reference.removeprefix("env:") not in os.environ
    ]
    exports = [f"export {name}=..." for name in named]
    if config.parent == SERVICES:
        instance = config.stem
        return [
            f"sudo hedged-ctl {instance} check --online",
            f"sudo hedged-ctl {instance} plan",
            f"sudo systemctl enable --now hedged@{instance}",
        ]
    return [
        *exports,
        f"hedged check -c {config} --online",
        f"hedged plan -c {config}",
        f"hedged run -c {config}",
    ]
