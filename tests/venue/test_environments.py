"""Each profile in each of its environments: where its requests go, without sending any."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from hedged.clock import SystemClock
from hedged.config.exchanges import TRADED
from hedged.core.types import Environment
from hedged.ports import VenueRefused
from hedged.venue import (
    PROFILES,
    LiveVenue,
    Profile,
    VenueSpec,
    WriteRefused,
    profile_of,
    profiles,
)
from hedged.venue import client as clients
from hedged.venue.accounts import CHAINS, TRANSFERS, OtherAccounts
from hedged.venue.announcements import NOTICES
from hedged.venue.connection import Connection
from hedged.venue.fields import Row
from hedged.venue.profiles import Read, every_profile, with_test_environment
from hedged.venue.transport import is_listed

MARKET = {"id": "BTC-USD", "baseId": "BTC", "quoteId": "USD", "settleId": "BTC", "swap": True}
WORLDS = [(p, world) for p in every_profile() for world in p.environments]
OKX_TIME = "https://www.okx.com/api/v5/public/time"


def spec_of(profile: Profile, world: str, **changes: Any) -> VenueSpec:
    is_main = world == "mainnet"
    return VenueSpec(
        name="main",
        exchange=profile.exchange,
        environment=Environment.MAINNET if is_main else Environment.TESTNET,
        api_key="KEY00000000000000001",
        secret="c2VjcmV0LXRoYXQtbXVzdC1ub3QtYmUtc2Vlbi0wMDE=",
        **{"testnet": "testnet" if is_main else world, "passphrase": "pass"} | changes,
    )


@asynccontextmanager
async def client_of(profile: Profile, world: str) -> AsyncIterator[Any]:
    routes = profile.routes | profile.write_routes
    client = clients.guarded_client(spec_of(profile, world), profile, routes)
    try:
        yield client
    finally:
        await clients.close(client)


def reads(value: Any) -> Iterator[Read]:
    """Every request that a profile declares, however deep."""
    if isinstance(value, Read):
        yield value
    elif is_dataclass(value):
        for member in fields(value):
            yield from reads(getattr(value, member.name))
    elif isinstance(value, dict):
        for inner in value.values():
            yield from reads(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from reads(inner)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("profile", "world"),
    WORLDS,
    ids=[f"{p.exchange}-{next(iter(p.contracts))}-{world}" for p, world in WORLDS],
)
async def test_every_request_goes_to_the_environment_by_a_listed_route(
    profile: Profile, world: str
) -> None:
    reach = profile.environments[world]
    told = {TRANSFERS: profile.moves, CHAINS: profile.chains, NOTICES: profile.notices}
    absent: list[object] = [
        told[name] if name in told else profile.accounts[name] for name in reach.lacks
    ]
    absent += [profile.members] if "sub" in reach.lacks else []
    lacking = {read.method for one in absent for read in reads(one)}
    async with client_of(profile, world) as client:
        sent: list[tuple[str, str, dict[str, str]]] = []

        async def note(url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
            del body
            sent.append((method, url, client.prepare_request_headers(headers)))
            return {}

        client.fetch = note
        declared = list(reads(replace(profile, linear=None)))
        assert declared
        for read in declared:
            if read.method in lacking:
                continue
            sent.clear()
            await getattr(client, read.method)(dict(read.params))
            ((method, url, headers),) = sent
            parts = urlsplit(url)
            assert parts.scheme == "https"
            assert parts.hostname in reach.hosts, read.method
            routes = profile.routes | profile.write_routes
            assert is_listed(routes, method, parts.path), read.method
            if reach.mark is not None:
                name, value = reach.mark
                assert headers[name] == value
            else:
                assert "x-simulated-trading" not in headers


@pytest.mark.asyncio
async def test_the_mark_of_test_orders_is_part_of_the_gate() -> None:
    okx = profile_of("okx")
    mark = {"x-simulated-trading": "1"}
    async with client_of(okx, "mainnet") as client:
        with pytest.raises(WriteRefused, match="another environment"):
            await client.session.get(OKX_TIME, headers=mark)
    async with client_of(okx, "testnet") as client:
        with pytest.raises(WriteRefused, match="another environment"):
            await client.session.get(OKX_TIME)
        with pytest.raises(WriteRefused, match="another environment"):
            await client.session.get(OKX_TIME, headers={"x-simulated-trading": "0"})


@pytest.mark.asyncio
async def test_a_venue_without_a_test_environment_is_refused_with_those_that_have_one() -> None:
    okx = profile_of("okx")
    profile = replace(okx, environments={"mainnet": okx.environments["mainnet"]})
    with pytest.raises(VenueRefused) as refused:
        clients.guarded_client(spec_of(profile, "testnet"), profile, profile.routes)
    assert str(refused.value) == (
        f"okx has no test environment; these have one: {', '.join(with_test_environment())}"
    )


@pytest.mark.parametrize("profile", list(every_profile()), ids=lambda p: p.exchange)
def test_an_account_without_orders_says_why(profile: Profile) -> None:
    assert bool(profile.only_read) is not bool(profile.write_routes)


@pytest.mark.asyncio
@pytest.mark.parametrize("exchange", ["bitget", "htx"])
async def test_live_execution_where_no_orders_are_sent_is_refused_with_the_reason(
    exchange: str,
) -> None:
    profile = profile_of(exchange, ["BTC/USD:BTC"])
    venue = LiveVenue(spec_of(profile, "mainnet"), profile, SystemClock())
    with pytest.raises(VenueRefused) as refused:
        await venue.open()
    assert profile.only_read in str(refused.value)
    assert 'use execution = "dry-run"' in str(refused.value)
    await venue.close()


@pytest.mark.asyncio
async def test_a_key_without_its_passphrase_is_refused() -> None:
    okx = profile_of("okx")
    with pytest.raises(VenueRefused, match=r"set venues\.main\.passphrase"):
        clients.guarded_client(spec_of(okx, "testnet", passphrase=""), okx, okx.routes)


@pytest.mark.asyncio
async def test_an_account_that_an_environment_lacks_is_refused() -> None:
    binance, clock = profile_of("binance"), SystemClock()
    connection = Connection(spec_of(binance, "testnet"), binance, clock, binance.routes)
    accounts = OtherAccounts("main", binance, connection, clock, "testnet")
    with pytest.raises(VenueRefused, match=r"beside the trading account: spot$"):
        await accounts.holdings("earn", ["BTC"])


def test_the_configuration_knows_the_venues_that_there_are() -> None:
    assert {
        name: tuple(world for world in profile.environments if world != "mainnet")
        for name, profile in PROFILES.items()
    } == TRADED


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_test_environment_shares_no_host_unless_it_is_marked(profile: Profile) -> None:
    real = set(profile.environments["mainnet"].hosts)
    for world, reach in profile.environments.items():
        if world != "mainnet" and reach.mark is None:
            assert real.isdisjoint(reach.hosts), world


@pytest.mark.parametrize("profile", list(every_profile()), ids=lambda p: p.exchange)
def test_a_profile_is_read_in_one_look(profile: Profile) -> None:
    suffix = "" if profile is PROFILES[profile.exchange] else "_linear"
    path = Path(profiles.__file__).with_name(f"{profile.exchange}{suffix}.py")
    assert len(path.read_text().splitlines()) <= 120, path.name


@pytest.mark.parametrize(
    ("world", "env", "is_told"),
    [
        ("mainnet", "1", True),
        ("mainnet", "2", False),
        ("testnet", "2", True),
        ("testnet", "1", False),
        ("mainnet", "", True),  # it may be meant: rather wait than trade into it
        ("testnet", "", True),
    ],
)
def test_maintenance_of_the_other_environment_stops_nothing(
    world: str, env: str, *, is_told: bool
) -> None:
    notices = PROFILES["okx"].notices
    assert notices is not None
    said = {"state": "ongoing", "serviceType": "1", "begin": "1672823400000", "env": env}
    assert bool(notices.notice(Row("notice", said), "main", world)) is is_told
