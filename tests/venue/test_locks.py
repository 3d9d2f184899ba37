"""What stands before a live order, in every combination: which hosts and requests it leaves."""

from itertools import product
from pathlib import Path

import pytest

from hedged.app import build
from hedged.config import ConfigError, execution, load
from hedged.core.types import Execution
from hedged.venue import LiveVenue, ReadOnlyVenue
from hedged.venue import client as clients
from hedged.venue.profiles.bybit import BYBIT

ENV = {"BYBIT_API_KEY": "key", "BYBIT_SECRET": "secret"}
FILE = """
environment = "{environment}"
execution = "{execution}"
[venues.main]
exchange = "bybit"
api_key = "env:BYBIT_API_KEY"
secret = "env:BYBIT_SECRET"
{extra}
[[books.core.hedges]]
asset = "BTC"
spot = ["main"]
venue = "main"
instrument = "BTC/USD:BTC"
"""
WORLDS = {
    "sim": ("sim", 'url = "http://127.0.0.1:8421"', "http://127.0.0.1:8421"),
    "testnet": ("testnet", "", "https://api-testnet.bybit.com"),
    "demo": ("testnet", 'testnet = "demo"', "https://api-demo.bybit.com"),
    "mainnet": ("mainnet", "", "https://api.bybit.com"),
}
STREAMS = {  # of the dead-man switch: for live execution alone
    "sim": "ws://127.0.0.1:8421",
    "testnet": "wss://stream-testnet.bybit.com",
    "demo": "wss://stream-demo.bybit.com",
    "mainnet": "wss://stream.bybit.com",
}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("world", "file_says", "flag"), list(product(WORLDS, ("dry-run", "live"), (False, True)))
)
async def test_only_the_own_world_is_within_reach_and_only_both_locks_let_orders_out(
    tmp_path: Path, world: str, file_says: str, *, flag: bool
) -> None:
    environment, extra, origin = WORLDS[world]
    path = tmp_path / "hedged.toml"
    path.write_text(FILE.format(environment=environment, execution=file_says, extra=extra))
    settings = load(path, env=ENV)
    if file_says == "dry-run" and flag:
        with pytest.raises(ConfigError, match="--live is refused"):
            execution(settings.execution, live=flag)
        return
    mode, _ = execution(settings.execution, live=flag)
    is_live = file_says == "live" and flag
    assert mode is (Execution.LIVE if is_live else Execution.DRY_RUN)
    daemon = build(settings, mode, env=ENV, base=tmp_path)
    (venue,) = daemon.venues.values()
    assert type(venue) is (LiveVenue if is_live else ReadOnlyVenue)
    client = clients.guarded_client(venue._connection._spec, BYBIT, venue._connection._routes)
    try:
        connector = client.session.connector
        within_reach = {origin, STREAMS[world]} if is_live else {origin}
        assert {str(o) for o in connector._origins} == within_reach
        writes = {path for method, path in connector._routes if method != "GET"}
        assert bool(writes) is is_live
    finally:
        await clients.close(client)
