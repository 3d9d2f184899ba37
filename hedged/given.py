"""What the settings come to for the venues: what each is told, and what was certified of it."""

from collections.abc import Mapping
from pathlib import Path

from hedged.config import ConfigError, Problem, Settings, VenueSettings, resolve
from hedged.config.venues import coins_at, moving_hedges, moving_venues, symbols_at
from hedged.core.certificate import Proven
from hedged.core.types import Environment
from hedged.store import certificates_in, certificates_path, state_folder
from hedged.venue import VenueSpec, ccxt_version, profile_of
from hedged.venue.accounts import CHAINS, TRANSFERS


def specs_of(settings: Settings, env: Mapping[str, str], base: Path) -> dict[str, VenueSpec]:
    """What the gateway is told about each venue. `base` is where `file:` references begin.

    Raises:
        ConfigError: a secret cannot be read, two venues resolve to the same key, or what arrives
            at an address of a venue is not told.
    """
    specs = {name: _spec(name, settings, env, base) for name in settings.venues}
    _refuse_one_account_twice(specs)
    refuse_unsupported(settings)
    return specs


def _refuse_one_account_twice(specs: Mapping[str, VenueSpec]) -> None:
    """Two references to one key would count every coin twice, and hedge it twice.

    Raises:
        ConfigError: two venues resolve to the same key.
    """
    seen: dict[tuple[str, str, str | None], str] = {}
    for name, spec in specs.items():
        first = seen.setdefault((spec.exchange, spec.api_key, spec.url), name)
        if first != name:
            message = f"is the same key as venues.{first}.api_key; each account counts once"
            raise ConfigError([Problem("", None, f"venues.{name}.api_key", message)])


def refuse_unsupported(settings: Settings) -> None:
    """What the configuration asks of a venue and hedged cannot do there.

    Raises:
        ConfigError: there is such a thing.
    """
    _refuse_untold_deposits(settings)
    _refuse_unknown_moves(settings)


def _refuse_untold_deposits(settings: Settings) -> None:
    """Coins on their way to a venue that does not tell of their arrival would count twice then.

    Raises:
        ConfigError: a venue has addresses, and its deposits are not read.
    """
    for name, venue in settings.venues.items():
        profile = profile_of(venue.exchange)
        tells = profile.chains is not None and CHAINS not in _lacks(settings, venue)
        if venue.addresses and not tells:
            message = f"what arrives at {venue.exchange} is not told to hedged; remove them"
            raise ConfigError([Problem("", None, f"venues.{name}.addresses", message)])


def addresses_of(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The owner's addresses at venues, by the account that coins sent there come into."""
    found = {}
    for name, venue in settings.venues.items():
        chains = profile_of(venue.exchange).chains
        found[name if chains is None else f"{name}{chains.into}"] = venue.addresses
    return found


def _refuse_unknown_moves(settings: Settings) -> None:
    """Transfers are allowed where they would never be made.

    Raises:
        ConfigError: hedged moves nothing between such accounts there.
    """
    for book, name, index, hedge in moving_hedges(settings):
        exchange = settings.venues[name].exchange
        lacks = _lacks(settings, settings.venues[name])
        mover = None if TRANSFERS in lacks else profile_of(exchange).mover
        known = set() if mover is None else {w.removeprefix(":") for w in mover.wallets if w}
        if hedge.transfers.account not in known:
            message = f"hedged moves no collateral at {exchange}; remove it"
            if known:
                message = f"at {exchange} hedged moves collateral from {', '.join(sorted(known))}"
            where = f"books.{book}.hedges[{index}].transfers.account"
            raise ConfigError([Problem("", None, where, message)])


def _lacks(settings: Settings, venue: VenueSettings) -> frozenset[str]:
    """What is not there in the environment of a venue."""
    is_test = settings.environment is Environment.TESTNET
    world = venue.testnet if is_test else settings.environment.value
    return profile_of(venue.exchange).lacks(world)


def _spec(name: str, settings: Settings, env: Mapping[str, str], base: Path) -> VenueSpec:
    venue = settings.venues[name]
    api_key, secret, passphrase = (
        "" if part is None else resolve(part, env, base).get_secret_value()
        for part in (venue.api_key, venue.secret, venue.passphrase)
    )
    return VenueSpec(
        name=name,
        exchange=venue.exchange,
        environment=settings.environment,
        api_key=api_key,
        secret=secret,
        passphrase=passphrase,
        testnet=venue.testnet,
        url=venue.url,
        timeout_s=float(venue.timeout_s),
        arranges=venue.manage_leverage,
        coins=tuple(coins_at(settings, name)),
        symbols=tuple(symbols_at(settings, name)),
        moves=name in moving_venues(settings),
    )


def proven_of(settings: Settings, env: Mapping[str, str]) -> Proven:
    """What was certified, as it is on disk now.

    Raises:
        StoreError: the certificates cannot be read.
    """
    exchanges = {name: venue.exchange for name, venue in settings.venues.items()}
    held = certificates_in(certificates_path(state_folder(env)))
    return Proven(exchanges, held, ccxt_version())
