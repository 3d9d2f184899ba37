"""A ccxt client, set up so that it can neither leave its environment nor take HTML for data."""

import re
import ssl
from typing import Any, Final
from urllib.parse import urlsplit

from hedged.core.types import Environment, Kind
from hedged.ports import VenueRefused
from hedged.venue.profiles import with_test_environment
from hedged.venue.profiles.profile import Profile
from hedged.venue.spec import VenueSpec, kind_of
from hedged.venue.strict import reading_class, strict_class
from hedged.venue.transport import (
    WIRE_LOG,
    GuardedConnector,
    Mark,
    Route,
    guarded_session,
)

_ORIGIN: Final = re.compile("^https?://[^/]+")


def guarded_client(spec: VenueSpec, profile: Profile, routes: frozenset[Route]) -> Any:
    """A client that may send `routes` to the hosts of the environment, and nothing else.

    Needs a running event loop. Its aiohttp session is `client.session`; `close` closes both.

    Raises:
        VenueRefused: the venue has no such environment.
    """
    if profile.needs_passphrase and not spec.passphrase:
        raise VenueRefused(
            f"a key of {profile.title} has a passphrase, chosen when the key was made: set "
            f"venues.{spec.name}.passphrase"
        )
    made = (
        reading_class(profile.exchange)
        if profile.is_coins_only
        else strict_class(profile.ccxt or profile.exchange, profile.write_routes, profile.requests)
    )
    client = made(
        {
            "apiKey": spec.api_key,
            "secret": spec.secret,
            "password": spec.passphrase,
            "timeout": int(spec.timeout_s * 1000),
            "number": str,  # floats would round, and ccxt sends Decimals unrounded
            "enableRateLimit": True,
            "rateLimiterAlgorithm": "rollingWindow",
            # ms; ccxt's minute would let a burst of a minute through. Where only coins are read,
            # each of few requests may weigh as much as others in seconds.
            "rollingWindowSize": 60_000 if profile.is_coins_only else 5000,
            "rateLimit": float(profile.rate_limit_ms),
            "options": {**profile.options, **_markets(spec, profile)},
            "logger": WIRE_LOG,
            "verbose": False,
            "timeout_on_exit": 0,
        }
    )
    client.deadline = profile.deadline
    client.has["fetchCurrencies"] = False  # private, slow, and of no use here
    origins, mark = _enter(client, spec, profile)
    if profile.switch is not None and ("GET", profile.switch.path) in routes:
        origins |= {stream_origin(spec, profile)}
    context = None
    if any(origin.startswith("https:") for origin in origins):
        context = ssl.create_default_context(cafile=client.cafile)
    client.ssl_context = context or False  # else ccxt loads the certificates once more
    client.own_session = False
    open_routes = client.let_out if profile.is_coins_only else routes
    client.session = guarded_session(GuardedConnector(origins, open_routes, context, mark))
    return client


def _markets(spec: VenueSpec, profile: Profile) -> dict[str, object]:
    """What ccxt calls the kinds to load: inverse contracts, and others where they are traded."""
    if profile.is_coins_only:
        return {}
    kinds = {Kind.INVERSE, *map(kind_of, spec.symbols)}
    loaded = (contracts for kind, contracts in profile.contracts.items() if kind in kinds)
    return {"fetchMarkets": {"types": [name for each in loaded for name in each.listing]}}


async def close(client: Any) -> None:
    """Close the client and its session."""
    session = client.session
    try:
        await client.close()
    finally:
        await session.close()


def _enter(client: Any, spec: VenueSpec, profile: Profile) -> tuple[frozenset[str], Mark | None]:
    """Turn the client to the environment; its origins, and how its requests are marked."""
    if spec.environment is Environment.SIM:
        parts = urlsplit(spec.url or "")
        real = {host for reach in profile.environments.values() for host in reach.hosts}
        if parts.scheme != "http" or parts.hostname is None or parts.hostname in real:
            raise VenueRefused("environment sim needs the url of a local server, http://…")
        client.urls["api"] = _at(client.urls["api"], f"http://{parts.netloc}")
        return frozenset({f"http://{parts.netloc}"}), None
    if spec.url is not None:
        raise VenueRefused("url is for environment sim only")
    reach = profile.environments.get(spec.world)
    if reach is None:
        raise VenueRefused(_no_such(spec.world, profile))
    if reach.switch is not None:
        getattr(client, reach.switch)(True)
    if reach.mark is not None:
        client.headers = {**client.headers, reach.mark[0]: reach.mark[1]}  # ccxt leaves out some
    marks = [other.mark for other in profile.environments.values() if other.mark is not None]
    mark = next((Mark(*found, wanted=found == reach.mark) for found in marks), None)
    return frozenset(f"https://{host}" for host in reach.hosts), mark


def stream_origin(spec: VenueSpec, profile: Profile) -> str:
    """Where the environment's websockets are."""
    if spec.environment is Environment.SIM:
        return f"ws://{urlsplit(spec.url or '').netloc}"
    return f"wss://{profile.environments[spec.world].stream}"


def _at(urls: Any, origin: str) -> Any:
    """The same addresses on another server."""
    if isinstance(urls, dict):
        return {name: _at(url, origin) for name, url in urls.items()}
    return _ORIGIN.sub(origin, urls) if isinstance(urls, str) else urls


def _no_such(wanted: str, profile: Profile) -> str:
    known = ", ".join(sorted(profile.environments))
    if wanted != Environment.MAINNET.value and len(profile.environments) == 1:
        others = ", ".join(with_test_environment())
        return f"{profile.exchange} has no test environment; these have one: {others}"
    return f"{profile.exchange} has no {wanted}; it has {known}"
