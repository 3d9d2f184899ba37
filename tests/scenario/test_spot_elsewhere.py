"""Coins at one exchange, known to ccxt alone, and their hedge at another: the whole daemon."""

from decimal import Decimal
from pathlib import Path

import pytest

from hedged.core.types import Reason
from tests.contract.payloads.replay import replaying
from tests.rig import BAND, rig
from tests.venue.test_anywhere import kraken, listings

D = Decimal
COLD = """
[venues.cold]
exchange = "kraken"
api_key = "env:HEDGED_DEMO_KEY_2"
secret = "env:HEDGED_DEMO_SECRET_2"
url = "{url}"
timeout = "2s"
"""


@pytest.mark.asyncio
@pytest.mark.usefixtures("at_home")
async def test_coins_at_another_exchange_are_hedged_here(tmp_path: Path) -> None:
    async with replaying() as replay:
        listings(replay)
        replay.answer("POST", "/0/private/BalanceEx", kraken(XXBT=("2", "0.5")))
        spot = 'spot = ["main", { venue = "cold", accounts = ["trading", "earn"] }]'
        keys = {"HEDGED_DEMO_KEY_2": "k", "HEDGED_DEMO_SECRET_2": "c2VjcmV0"}
        async with rig(
            tmp_path,
            venue=COLD.format(url=replay.url),
            extra=spot,
            before=lambda made: made.env.update(keys),
        ) as running:
            await running.until(lambda asset: asset.reason is Reason.IN_BAND)
            # 5 BTC of collateral here and 2 there, at about 65,000
            price = running.exchange.market(running.house.perp()).mark
            assert abs(running.position + 7 * price) <= BAND * 7 * price + running.house.lot
            assert all(seen.path != "/0/private/AddOrder" for seen in replay.seen)

            replay.answer("POST", "/0/private/BalanceEx", {"error": ["EService:Unavailable"]})
            assert "cold" in await running.assert_frozen(frozenset({Reason.SOURCE_MISSING}))
