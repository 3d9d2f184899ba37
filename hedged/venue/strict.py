"""What ccxt's exchange classes do not offer an option for."""

import re
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from yarl import URL

from hedged.venue.deadline import Deadline
from hedged.venue.lazy import errors, exchange_class
from hedged.venue.transport import Route, WriteRefused

_PART: Final = re.compile(r"\{[^}]+\}")  # of a path, as ccxt writes it

if TYPE_CHECKING:
    _Exchange = Any
else:
    _Exchange = object


class Strict(_Exchange):
    """Changes that stand before an exchange class.

    A reply that is not a JSON object or list is an error: ccxt hands a page of HTML or a torn
    reply on as text, and its parsers read that as "no positions" or as an order without an id.
    The error of a reply keeps its status and headers, which tell when a venue that limits us may
    be asked again. And the `urgent` requests do not queue behind those that ccxt's limiter holds.
    """

    urgent: frozenset[Route] = frozenset()
    asked: Callable[[Decimal], None] | None = None  # told the weight of every request
    deadline: Deadline | None = None  # of orders; its header goes with every POST

    async def fetch(
        self, url: str, method: str = "GET", headers: Any = None, body: Any = None
    ) -> Any:
        """The reply to one request."""
        if self.deadline is not None and self.deadline.header and method == "POST":
            last_ms = self._venue_ms() + 1000 * self.deadline.order_s
            headers = {**(headers or {}), self.deadline.header: str(last_ms)}
        try:
            reply = await super().fetch(url, method, headers, body)
        except (errors().BaseError, WriteRefused):
            raise
        except Exception as error:
            raise errors().BadResponse(f"{self.id} {method}: {error!r}") from error
        if not isinstance(reply, dict | list):
            raise errors().BadResponse(f"{self.id} {method}: the reply is not JSON")
        return reply

    def _venue_ms(self) -> int:
        """What the venue's clock shows, as far as we know."""
        ahead_ms: int = self.options.get("timeDifference", 0)
        ours_ms: int = self.milliseconds()
        return ours_ms - ahead_ms

    def handle_errors(
        self, code: int, reason: str, url: str, method: str, headers: Any, body: str, *rest: Any
    ) -> None:
        """Raise what the reply says went wrong."""
        try:
            super().handle_errors(code, reason, url, method, headers, body, *rest)
            self.handle_http_status_code(code, reason, url, method, body)
        except errors().BaseError as error:
            error.status, error.headers = code, headers
            raise

    def calculate_rate_limiter_cost(
        self, api: Any, method: str, path: str, params: Any, config: Any
    ) -> Any:
        """What the limiter counts a request as: its weight, but an urgent one is none to it."""
        if str(params.get("limit", "")).isdecimal():
            params = {**params, "limit": int(params["limit"])}  # ccxt compares it with numbers
        weight = super().calculate_rate_limiter_cost(api, method, path, params, config)
        if self.asked is not None:
            self.asked(Decimal(str(weight)))
        end = "/" + _PART.sub("*", path)
        is_urgent = any(its == method and route.endswith(end) for its, route in self.urgent)
        return 0 if is_urgent else weight

    async def throttle(self, cost: Any = None) -> None:
        """Wait for the turn of a request of this weight."""
        if cost != 0:
            await super().throttle(cost)


class Reading(Strict):
    """A client of which only balances are wanted, at an exchange whose requests nobody listed.

    Each request is let out, by its route, only while one of these reads is running: whatever else
    might be called, now or in ccxt's next version, it stays here.
    """

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.let_out: set[Route] = set()
        self._is_reading: ContextVar[bool] = ContextVar("is_reading", default=False)

    async def spot_balances(self, params: Any) -> dict[str, list[dict[str, Any]]]:
        """All coins, as ccxt has them; `total` is missing where it does not know it."""
        told = await self._read(super().fetch_balance, params)
        rows = [
            {"coin": coin, "total": parts.get("total")}
            for coin, parts in told.items()
            if isinstance(parts, dict) and {"free", "used", "total"} <= parts.keys()
        ]
        return {"balances": rows}

    async def fetch_markets(self, params: Any = MappingProxyType({})) -> Any:
        """What it lists, which names of coins are taken from."""
        return await self._read(super().fetch_markets, dict(params))

    async def _read(self, method: Callable[[Any], Awaitable[Any]], params: Any) -> Any:
        token = self._is_reading.set(True)
        try:
            return await method(params)
        finally:
            self._is_reading.reset(token)

    async def fetch(
        self, url: str, method: str = "GET", headers: Any = None, body: Any = None
    ) -> Any:
        """The reply to one request of a read."""
        path = URL(url).raw_path
        if not self._is_reading.get():
            raise WriteRefused(f"{method} {path}: only balances are read at {self.id}")
        self.let_out.add((method, path))
        return await super().fetch(url, method, headers, body)


def reading_class(exchange: str) -> type[Any]:
    """The exchange class of this id that reads balances and nothing else."""
    return type(exchange, (Reading, exchange_class(exchange)), {})


def strict_class(
    exchange: str, urgent: frozenset[Route], requests: Mapping[str, tuple[str, str, str]]
) -> type[Any]:
    """The exchange class of this id with the changes, under its own name.

    `requests` are those it lacks: path, part of the API and method, by the name of one.
    """
    made = exchange_class(exchange)
    more = {
        name: _request(path, part_of(made, part), method)
        for name, (path, part, method) in requests.items()
    }
    return type(exchange, (Strict, made), {"urgent": urgent, **more})


def part_of(exchange: type[Any], name: str) -> Any:
    """What ccxt's version calls a part of its API: a name, or a list of names from outside in."""
    members = (member for its in exchange.__mro__ for member in vars(its).values())
    told = (getattr(member, "api", None) for member in members)
    return next((part for part in told if part in (name, [name])), name)


def _request(path: str, part: Any, method: str) -> Callable[[Any, Any], Awaitable[Any]]:
    async def request(client: Any, params: Any) -> Any:
        return await client.request(path, part, method, params, config={"cost": 1})

    return request
