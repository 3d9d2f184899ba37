"""What of the settings concerns one venue."""

from typing import Any

from hedged.config import Settings
from hedged.config.venues import coins_at


def test_coins_count_at_a_venue_where_they_are_held_or_hedged() -> None:
    venue = {"api_key": "env:A", "secret": "env:B"}
    btc: dict[str, Any] = {"asset": "BTC", "venue": "here", "instrument": "BTC/USD:BTC"}
    eth: dict[str, Any] = {"asset": "ETH", "venue": "there", "instrument": "ETH/USD:ETH"}
    settings = Settings.model_validate(
        {
            "venues": {
                "here": {"exchange": "bybit", **venue},
                "there": {"exchange": "deribit", **venue},
            },
            "books": {
                "one": {"hedges": [{**btc, "spot": ["there"], "also": [{"coin": "WBTC"}]}]},
                "two": {"hedges": [{**eth, "spot": [{"static": 5}]}]},
            },
        }
    )
    assert coins_at(settings, "here") == ["BTC", "WBTC"]
    assert coins_at(settings, "there") == ["BTC", "ETH", "WBTC"]
