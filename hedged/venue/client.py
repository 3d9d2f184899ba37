"""A ccxt client, set up so that it can neither leave its environment nor take HTML for data."""

import ssl
from typing import Any
from urllib.parse import urlsplit

from hedged.core.types import Environment
from hedged.ports import VenueRefused
from hedged.venue.lazy import errors, exchange_class
from hedged.venue.profiles.profile import Profile
from hedged.venue.spec import VenueSpec
from hedged.venue.transport import (
    WIRE_LOG,
    GuardedConnector,
    Route,
    WriteRefused,
    guarded_session,
)


def guarded_client(spec: VenueSpec, profile: Profile, routes: frozenset[Route]) -> Any:
    """A client that may send `routes` to the hosts of the environment, and nothing else.

    Needs a running event loop. Its aiohttp session is `client.session`; `close` closes both.

    Raises:
        VenueRefused: the venue has no such environment.
    """
    client = _strict(exchange_class(profile.exchange))(
        {
            "apiKey": spec.api_key,
            "secret": spec.secret,
            "timeout": int(spec.timeout_s * 1000),
            "number": str,  # floats would round, and ccxt sends Decimals unrounded
            "enableRateLimit": True,
            "rateLimiterAlgorithm": "rollingWindow",
            "rateLimit": float(profile.rate_limit_ms),
            "options": dict(profile.options),
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


def _strict(exchange: type[Any]) -> type[Any]:
    """The class with one change: a reply that is not a JSON object or list is an error.

    ccxt hands a page of HTML or a torn reply on as text, and its parsers read that as "no
    positions" or as an order without an id.
    """

    async def fetch(
        self: Any, url: str, method: str = "GET", headers: Any = None, body: Any = None
    ) -> Any:
        try:
            reply = await exchange.fetch(self, url, method, headers, body)
        except (errors().BaseError, WriteRefused):
            raise
        except Exception as error:
            raise errors().BadResponse(f"{self.id} {method}: {error!r}") from error
        if not isinstance(reply, dict | list):
            raise errors().BadResponse(f"{self.id} {method}: the reply is not JSON")
        return reply

    return type(exchange.__name__, (exchange,), {"fetch": fetch})
