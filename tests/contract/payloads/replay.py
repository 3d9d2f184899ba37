"""Venues' recorded replies, put where the wire would be: below the unmodified ccxt class.

A `Replay` is a local server that answers each request with a recording and writes down what was
asked. What it has no recording for is an error 404, so that a case never passes by accident.
"""

import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.test_utils import TestServer

from hedged.clock import SystemClock
from hedged.core.types import Environment, Instrument, MarginAccount
from hedged.ports import Order
from hedged.venue import LiveVenue, ReadOnlyVenue, VenueSpec, profile_of
from tests.contract.payloads.idle import IDLE

ROOT: Final = Path(__file__).parents[4] / "shared" / "payloads"
LOOKS: Final = 3600 // 10  # of an idle book in an hour
COMPARISONS: Final = 3600 // 60  # with the journal
LISTINGS: Final = "instruments_*.json"
MARKETS: Final = "ccxt_markets.json"  # what ccxt makes of them
PARTS: Final = {
    "endpoints": "response",
    "fixtures": "payload",
    "documented": "sample",
    "streams": "lines",
}
MORE: Final = {"binance": ("binancecoinm",), "krakenfutures": ("kraken",)}
_ROOTS: Final = {"gate": "/api/v4"}  # that documentation leaves out of its paths
_REQUEST: Final = re.compile("^documented:(GET|POST|PUT|DELETE) (/[^ ]*)$")
D = Decimal
Json = Any


@dataclass(frozen=True)
class Recording:
    """One recorded reply; `name` is unique in its venue, with a number where it would not be."""

    name: str
    body: Json
    method: str = ""
    path: str = ""


def recordings(venue: str) -> Iterator[Recording]:
    """All that was recorded of a venue, in its folder and in those of its other ccxt classes."""
    yield from _in_folder(venue)
    for folder in MORE.get(venue, ()):
        for found in _in_folder(folder):
            yield replace(found, name=f"{folder}/{found.name}")


def _in_folder(venue: str) -> Iterator[Recording]:
    for file, part in PARTS.items():
        path = ROOT / venue / f"{file}.jsonl"
        seen: dict[str, int] = {}
        for line in path.read_text().splitlines() if path.is_file() else ():
            entry = json.loads(line)
            name = f"{file}:{entry.get('name') or entry.get('endpoint') or entry['page']}"
            seen[name] = seen.get(name, 0) + 1
            number = "" if seen[name] == 1 else f"#{seen[name]}"
            told = _REQUEST.search(name)
            method, where, *_ = entry.get("request") or (told.groups() if told else ("", ""))
            where = _ROOTS.get(venue, "") + where if told else where
            yield Recording(f"{name}{number}", entry[part], method, where)
    for path in sorted((ROOT / venue).glob(LISTINGS)):
        entry = json.loads(path.read_text())
        yield Recording(path.stem, entry["response"], "GET", entry["_url"])


def recorded(venue: str, name: str) -> Json:
    """The body of one recording; a copy, which a case may change."""
    return deepcopy(_by_name(venue)[name].body)


@cache
def _by_name(venue: str) -> dict[str, Recording]:
    return {recording.name: recording for recording in recordings(venue)}


@dataclass
class Seen:
    """A request that arrived: its parameters from the query, and from the body of any form."""

    method: str
    path: str
    params: dict[str, Any]
    headers: Mapping[str, str]


@dataclass
class Replay:
    """Answers by method and path: the latest answer whose parameters fit."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    _answers: dict[tuple[str, str], list[tuple[dict[str, str], Json, int]]] = field(
        default_factory=dict
    )

    def answer(
        self, method: str, path: str, body: Json, *, status: int = 200, **params: Any
    ) -> None:
        """Give this reply from now on, to requests with these parameters."""
        self._answers.setdefault((method, path), []).insert(0, (params, body, status))

    def sent(self, method: str, path: str) -> list[dict[str, Any]]:
        """The parameters of the requests that were sent there."""
        return [s.params for s in self.seen if (s.method, s.path) == (method, path)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        params: dict[str, Any] = dict(request.query)
        params |= json.loads(text) if text.startswith("{") else dict(parse_qsl(text))
        self.seen.append(Seen(request.method, request.path, params, dict(request.headers)))
        found = self.found(request.method, request.path, params)
        if found is None:
            return web.Response(status=404, text=f"nothing is recorded for {request.path}")
        return web.json_response(found[0], status=found[1])

    def found(self, method: str, path: str, params: Mapping[str, Any]) -> tuple[Json, int] | None:
        """The answer to a request, and its status."""
        for wanted, body, status in self._answers.get((method, path), ()):
            if all(str(params.get(key)) == value for key, value in wanted.items()):
                return body, status
        return None


@asynccontextmanager
async def replaying() -> AsyncIterator[Replay]:
    """A running server without any answer yet."""
    replay = Replay()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", replay.handle)
    async with TestServer(app, host="127.0.0.1") as server:
        replay.url = str(server.make_url("")).rstrip("/")
        yield replay


@asynccontextmanager
async def venue_on(
    replay: Replay, exchange: str, *symbols: str, **allowed: bool
) -> AsyncIterator[LiveVenue]:
    """The gateway with this venue's profile, opened on the recordings; `allowed` as of the spec."""
    profile = profile_of(exchange, symbols)
    spec = replace(spec_on(replay, exchange, *symbols), **allowed)  # type: ignore[arg-type] # all of them are flags
    venue = LiveVenue(spec, profile, SystemClock())
    await venue.open()
    replay.seen.clear()
    try:
        yield venue
    finally:
        await venue.close()


def spec_on(replay: Replay, exchange: str, *symbols: str) -> VenueSpec:
    """The venue, with made-up keys, at the recordings."""
    return VenueSpec(
        name="main",
        exchange=exchange,
        environment=Environment.SIM,
        api_key="KEY00000000000000001",
        secret="c2VjcmV0LXRoYXQtbXVzdC1ub3QtYmUtc2Vlbi0wMDE=",
        passphrase="pass",
        url=replay.url,
        symbols=symbols,
    )


async def check_idle(replay: Replay, venue: ReadOnlyVenue, exchange: str, symbol: str) -> None:
    """An idle live book, looked at every 10 s, asks at most 2,500 times an hour.

    And no endpoint more often than for 5 % of the venue's published limit. Counted is a look, whose
    account is read once more, with lists of orders and fills, at each comparison with the journal.
    """
    profile = profile_of(exchange, (symbol,))
    kind = venue.instrument(symbol).kind
    replay.seen.clear()
    await venue.account([])
    account = len(replay.seen)
    await venue.quote(symbol)
    listed = max(1, len(profile.contracts[kind].order_lists)) + 1  # with the fills
    upkeep = 3600 // 300 * 4  # the clock, the listings, which some venues tell in two replies
    asked = len(replay.seen) * LOOKS + (account + listed) * COMPARISONS + upkeep
    assert asked <= 2500
    assert IDLE[exchange] == asked, "tests/contract/payloads/idle.py has it"
    (_, most), *_ = Counter(seen.path for seen in replay.seen).most_common(1)
    assert most * (LOOKS + COMPARISONS) <= profile.limit_per_hour * 5 // 100


def order_of(instrument: Instrument, side: Any, contracts: str, price: str, **more: Any) -> Order:
    """An order with the client id of all wire cases."""
    return Order("hg0000000001", instrument, side, D(contracts), D(price), **more)


def coins(account: MarginAccount) -> dict[str, tuple[Decimal, Decimal | None]]:
    """Wallet and equity by coin."""
    return {
        b.wallet.unit: (b.wallet.value, None if b.equity is None else b.equity.value)
        for b in account.balances
    }
