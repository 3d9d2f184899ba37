"""Margin that runs out, over HTTP: the short gives up a part of itself before the exchange does."""

from decimal import Decimal
from pathlib import Path

import pytest

from hedged.core.types import Reason
from tests.rig import D, Rig, rig

pytestmark = pytest.mark.asyncio
# 1 BTC and 3 in a cold wallet, hedged in full on the one: it survives a rise of some 30 %.
THIN = """
spot = [{ static = "3" }]
[books.core.hedges.limits]
jump = "1000%"
max_leverage = 20
max_margin_use = "100%"
"""


def one_coin(made: Rig) -> None:
    """One coin alone stands behind the short."""
    made.act("withdraw", account="demo", coin="USDT", amount="100000")
    made.act("withdraw", account="demo", coin="BTC", amount="4")


def rise_to_liquidation(made: Rig) -> Decimal:
    """By the exchange's own reckoning, as a fraction."""
    held = made.account.positions["BTCUSD", 0]
    price = made.exchange.margin.liquidation_price(made.account, held)
    assert price is not None
    return price / made.exchange.market("BTCUSD").mark - 1


async def test_a_short_that_is_about_to_be_liquidated_is_reduced_and_comes_back(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, extra=THIN, before=one_coin) as made:
        await made.until(lambda asset: asset.reason is Reason.IN_BAND)
        whole = made.position
        made.act("price", coin="BTC", index="81000")
        assert rise_to_liquidation(made) < D("0.075")
        seen = await made.until(lambda asset: asset.reason is Reason.MARGIN_LOW)
        assert made.position > whole
        assert D("0.14") < rise_to_liquidation(made) < D("0.17")
        assert not made.told("halted")
        (told,) = {a["why"] for a in made.told("alert") if "to be confirmed" in a["why"]}
        assert "margin emergency" in told
        assert "nothing increases the short" in seen[-1].why
        orders = len(made.creates)
        for _ in range(3):
            assert (await made.cycle()).reason is Reason.MARGIN_LOW
        assert len(made.creates) == orders
        made.act("deposit", account="demo", coin="BTC", amount="1")
        await made.until(lambda asset: asset.reason is Reason.IN_BAND)
        assert made.position < whole
