"""A ccxt client, set up so that it can neither leave its environment nor take HTML for data."""

import ssl
from typing import Any
from urllib.parse import urlsplit

from hedged.core.types import Environment, Kind
from hedged.ports import VenueRefused
from hedged.venue.profiles.profile import Profile
from hedged.venue.spec import VenueSpec, kind_of
from hedged.venue.strict import strict_class
from hedged.venue.transport import (
    WIRE_LOG,
    GuardedConnector,
    Route,
    guarded_session,
)


def guarded_client(spec: VenueSpec, profile: Profile, routes: frozenset[Route]) -> Any:
    """A client that may send `routes` to the hosts of the environment, and nothing else.

    Needs a running event loop. Its aiohttp session is `client.session`; `close` closes both.

    Raises:
        VenueRefused: the venue has no such environment.
    """
    client = strict_class(profile.exchange, urgent=profile.write_routes)(
        {
            "apiKey": spec.api_key,
            "secret": spec.secret,
            "timeout": int(spec.timeout_s * 1000),
            "number": str,  # floats would round, and ccxt sends Decimals unrounded
            "enableRateLimit": True,
            "rateLimiterAlgorithm": "rollingWindow",
            "rollingWindowSize": 5000,  # ms; ccxt's minute would let a burst of a minute through
            "rateLimit": float(profile.rate_limit_ms),
            "options": {**profile.options, "fetchMarkets": {"types": _listings(spec, profile)}},
            "logger": WIRE_LOG,
            "verbose": False,
            "timeout_on_exit": 0,
        }
    )
    client.has["fetchCurrencies"] = False  # private, slow, and of no use here
    origins = _enter(client, spec, profile)
    context = None
    if any(origin.startswith("https:") for origin in origins):
        context = ssl.create_default_context(cafile=client.cafile)
    client.ssl_context = context or False  # else ccxt loads the certificates once more
    client.own_session = False
    client.session = guarded_session(GuardedConnector(origins, routes, context))
    return client


def _listings(spec: VenueSpec, profile: Profile) -> list[str]:
    """What ccxt calls the kinds to load: inverse contracts, and others where they are traded."""
    kinds = {Kind.INVERSE, *map(kind_of, spec.symbols)}
    return [contracts.listing for kind, contracts in profile.contracts.items() if kind in kinds]


async def close(client: Any) -> None:
    """Close the client and its session."""
    session = client.session
    try:
        await client.close()
    finally:
        await session.close()


def _enter(client: Any, spec: VenueSpec, profile: Profile) -> frozenset[str]:
    """Turn the client to the environment; the origins that belong to it."""
    if spec.environment is Environment.SIM:
        parts = urlsplit(spec.url or "")
        real = {host for reach in profile.environments.values() for host in reach.hosts}
        if parts.scheme != "http" or parts.hostname is None or parts.hostname in real:
            raise VenueRefused("environment sim needs the url of a local server, http://…")
        client.urls["api"] = profile.local_urls(f"http://{parts.netloc}")
        return frozenset({f"http://{parts.netloc}"})
    if spec.url is not None:
        raise VenueRefused("url is for environment sim only")
    wanted = spec.testnet if spec.environment is Environment.TESTNET else spec.environment.value
    reach = profile.environments.get(wanted)
    if reach is None:
        known = ", ".join(sorted(profile.environments))
        raise VenueRefused(f"{profile.exchange} has no {wanted}; it has {known}")
    if reach.switch is not None:
        getattr(client, reach.switch)(True)
    return frozenset(f"https://{host}" for host in reach.hosts)
