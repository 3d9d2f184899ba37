"""What ccxt makes of each recorded listing, compared with what the pinned version made of it.

A unit, a step or a name that another version of ccxt reads another way shows here, market for
market.
"""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from hedged.clock import SystemClock
from hedged.venue import ReadOnlyVenue, profile_of
from tests.contract.payloads.replay import (
    LISTINGS,
    MARKETS,
    ROOT,
    Replay,
    recorded,
    replaying,
    spec_on,
)

if not ROOT.is_dir():
    pytest.skip(f"no recorded payloads at {ROOT}", allow_module_level=True)

SYMBOL = "BTC/USD:BTC"
FOLDERS = sorted(path.parent.name for path in ROOT.glob(f"*/{MARKETS}"))
EXCHANGES = {"binancecoinm": "binance"}
WORDS = ("id", "symbol", "base", "quote", "settle", "type", "active", "linear", "inverse")
FIGURES = ("contractSize", "expiry", "precision.amount", "precision.price", "limits.amount.min")


def seen(market: Any) -> dict[str, Any]:
    """What a hedge depends on."""
    found = {word: market[word] for word in WORDS}
    for path in FIGURES:
        value: Any = market
        for key in path.split("."):
            value = value[key]
        found[path] = None if value is None else Decimal(str(value)).normalize()
    return found


def list_recorded(replay: Replay, folder: str) -> None:
    """Answer requests for listings with what was recorded."""
    for path in (ROOT / folder).glob(LISTINGS):
        entry = json.loads(path.read_text())
        url = urlsplit(entry["_url"])
        replay.answer("GET", url.path, entry["response"], **dict(parse_qsl(url.query)))
    if folder == "phemex":  # ccxt asks for it elsewhere, in two forms
        products = recorded("phemex", "instruments_01")
        replay.answer("GET", "/public/products", products)
        older = products | {"data": products["data"]["products"]}
        replay.answer("GET", "/v1/exchange/public/products", older)


@pytest.mark.asyncio
@pytest.mark.parametrize("folder", FOLDERS)
async def test_recorded_listings_are_read_as_the_pinned_version_reads_them(folder: str) -> None:
    exchange = EXCHANGES.get(folder, folder)
    expected = json.loads((ROOT / folder / MARKETS).read_text())["inverse"]
    async with replaying() as replay:
        list_recorded(replay, folder)
        profile = profile_of(exchange)
        venue = ReadOnlyVenue(spec_on(replay, exchange, SYMBOL), profile, SystemClock())
        venue._connection.connect()
        try:
            await venue._connection.load_listings()
            markets = venue._client.markets
        finally:
            await venue.close()
    perpetual = [market for market in expected if market["swap"]]
    assert perpetual
    assert [seen(markets.get(m["symbol"], {})) for m in perpetual] == [seen(m) for m in perpetual]
