"""Coins that the owner sends over a chain, to own addresses and to others, over real HTTP."""

import asyncio
from pathlib import Path

import pytest

from hedged.core.types import AssetDecision, Reason
from hedged.sim.accounts import Account, Wallet
from tests.houses import House, house
from tests.rig import D, Rig, rig

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("at_home")]

COLD = """rebalance_to = "target"
spot = [
  { static = 2, label = "cold", addresses = ["bc1qCOLD"], as_of = 2020-01-01T00:00:00Z },
  SPOT
]
"""
OTHER = """
[venues.other]
exchange = "{exchange}"
api_key = "env:OTHER_KEY"
secret = "env:OTHER_SECRET"
url = "{url}"
timeout = "2s"
addresses = ["{address}"]
"""


def cold() -> str:
    """Two coins in a wallet of the owner's own, beside what the house holds."""
    return COLD.replace("SPOT", house().beside("main"))


def send(made: Rig, **fields: str) -> None:
    """The owner sends coins from where they can leave."""
    made.act("withdraw", account="demo", coin="BTC", wallet=made.account.spot_wallet, **fields)


def coins(asset: AssetDecision) -> object:
    assert asset.standing is not None, asset.why
    return asset.standing.exposure.coins.value


def alerts(made: Rig) -> list[str]:
    return [told["why"] for told in made.told("alert")]


async def test_fault_44_a_withdrawal_to_a_cold_wallet_counts_while_it_is_under_way(
    tmp_path: Path, at_home: House
) -> None:
    async with rig(tmp_path, extra=cold()) as made:
        await made.until(lambda asset: asset.reason is Reason.IN_BAND)
        send(made, amount="1", address="BC1QCOLD")
        for _ in range(3):
            asset = await made.cycle()
            assert asset.reason is Reason.IN_BAND, asset.why
        assert (len(made.creates), alerts(made)) == (1, [])
        await made.restart()
        asset = await made.cycle()
        lines = [line for line in asset.standing.exposure.lines if line.label == "in transit"]  # type: ignore[union-attr] # it is in band
        left = "main:spot" if at_home.funds.get(Wallet.SPOT) else "main"
        assert [(line.source, line.coins.value) for line in lines] == [
            (f"{left} to cold (BTC)", D(1))
        ]
        made.clock.skip(7201)
        await made.until(lambda asset: len(made.creates) == 2)
        assert any("for more than 7200 s (transit) count no longer" in why for why in alerts(made))


async def test_fault_44_a_withdrawal_to_an_unknown_address_is_told_and_hedged(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, extra=cold()) as made:
        await made.until(lambda asset: asset.reason is Reason.IN_BAND)
        send(made, amount="1", address="bc1qNOBODY")
        made.clock.skip(made.house.rests_s)
        await made.until(lambda asset: len(made.creates) == 2)
        assert any("BTC left since the last look" in why for why in alerts(made))
        left = made.house.coins(made.exchange, made.account, "BTC") + 2
        assert coins(await made.cycle()) == pytest.approx(left, abs=D("0.01"))


async def test_fault_44_a_withdrawal_to_another_venue_counts_once_all_the_way(
    tmp_path: Path,
) -> None:
    """The hedge stays as it is, while they leave, are nowhere, and have come."""
    received: list[Account] = []

    def second_venue(made: Rig) -> None:
        account = made.exchange.open_account("other", "other-key", "other-secret")
        made.exchange.deposit(account, "BTC", D(1), wallet=account.spot_wallet)
        received.append(account)
        made.env |= {"OTHER_KEY": "other-key", "OTHER_SECRET": "other-secret"}
        text = made.config.read_text()
        other = OTHER.format(exchange=made.house.name, url=made.server.url, address=account.address)
        made.config.write_text(text.replace("[books.core]", f"{other}\n[books.core]"))

    spot = [part for part in (house().at("other"), house().beside("main")) if part]
    extra = f'spot = [{", ".join(spot)}]\nrebalance_to = "target"\n'
    async with rig(tmp_path, extra=extra, before=second_venue) as made:
        await made.until(lambda asset: asset.reason is Reason.IN_BAND)
        (other,) = received
        made.exchange.deposit(made.account, "BTC", D(1), wallet=made.account.spot_wallet)
        made.clock.skip(made.house.rests_s)
        await made.until(lambda _: len(made.creates) == 2)
        await made.until(lambda asset: asset.reason is Reason.IN_BAND)
        send(made, amount="1.5", address=other.address, delay_s="1")
        purse = other.purse(other.spot_wallet)
        for _ in range(2):
            assert (await made.cycle()).reason is Reason.IN_BAND
        assert made.exchange.ledger.balance(purse, "BTC") == 1
        await made.restart()
        assert (await made.cycle()).reason is Reason.IN_BAND
        async with asyncio.timeout(10):
            while made.exchange.ledger.balance(purse, "BTC") == 1:
                await asyncio.sleep(0.05)
                # Credited between two requests of one cycle: both figures, and a second look.
                assert (await made.cycle()).reason in {Reason.IN_BAND, Reason.SANITY_JUMP}
        for _ in range(3):
            asset = await made.cycle()
            assert asset.reason is Reason.IN_BAND, asset.why
            all_of_it = made.house.coins(made.exchange, made.account, "BTC") + D("2.5")
            assert coins(asset) == pytest.approx(all_of_it, abs=D("0.01"))
        assert (len(made.creates), alerts(made)) == (2, [])
