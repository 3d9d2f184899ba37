"""The owner's other accounts: what they hold, and what moves between them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from hedged.core.types import Amount
from hedged.ports import VenueRefused, VenueUnavailable
from hedged.sim.accounts import Wallet
from hedged.sim.market import Notice
from tests.contract.conftest import Stage

D = Decimal


def move(stage: Stage, amount: str, target: Wallet, *, number: int = 1, delay_s: int = 0) -> None:
    stage.exchange.transfer(
        stage.account,
        "BTC",
        D(amount),
        source=Wallet.UNIFIED,
        target=target,
        transfer_id=f"move-{number}",
        delay_ms=1000 * delay_s,
    )


async def held(stage: Stage, account: str, *coins: str) -> dict[str, Decimal]:
    found = await stage.venue.holdings(account, coins)
    assert {holding.source for holding in found} == {f"main:{account}"}
    assert all(holding.age_s >= 0 for holding in found)
    return {holding.quantity.unit: holding.quantity.value for holding in found}


@pytest.mark.asyncio
@pytest.mark.parametrize(("account", "wallet"), [("funding", Wallet.FUND), ("earn", Wallet.EARN)])
async def test_what_lies_beside_the_trading_account(
    stage: Stage, account: str, wallet: Wallet
) -> None:
    assert await held(stage, account, "BTC", "ETH") == {"BTC": D(0), "ETH": D(0)}
    move(stage, "1.5", wallet)
    assert await held(stage, account, "BTC", "ETH") == {"BTC": D("1.5"), "ETH": D(0)}
    assert await held(stage, account, "ETH") == {"ETH": D(0)}
    (btc,) = (b for b in (await stage.venue.account(["BTC"])).balances if b.wallet.unit == "BTC")
    assert btc.wallet == Amount(D("3.5"), "BTC")


@pytest.mark.asyncio
async def test_a_sub_account_counts_what_both_its_wallets_hold(stage: Stage) -> None:
    sub = stage.exchange.open_account("cold", "sub-key", "sub-secret", parent="main")
    stage.exchange.deposit(sub, "BTC", D(3))
    stage.exchange.transfer(
        sub, "BTC", D(1), source=Wallet.UNIFIED, target=Wallet.FUND, transfer_id="own"
    )
    assert await held(stage, "sub:cold", "BTC", "ETH") == {"BTC": D(3), "ETH": D(0)}
    assert await held(stage, f"sub:{sub.user_id}", "BTC") == {"BTC": D(3)}
    with pytest.raises(VenueRefused, match="no sub-account warm"):
        await stage.venue.holdings("sub:warm", ["BTC"])


@pytest.mark.asyncio
async def test_fault_44_a_move_is_told_while_it_is_under_way(stage: Stage) -> None:
    sub = stage.exchange.open_account("cold", "sub-key", "sub-secret", parent="main")
    await stage.venue.holdings("sub:cold", ["BTC"])
    since = datetime.fromtimestamp(stage.exchange.now_ms / 1000, UTC)
    move(stage, "1", Wallet.FUND, number=1)
    move(stage, "0.5", Wallet.FUND, number=2, delay_s=3600)
    stage.exchange.transfer(
        stage.account,
        "BTC",
        D("0.25"),
        source=Wallet.UNIFIED,
        target=Wallet.UNIFIED,
        transfer_id="away",
        to=sub,
        delay_ms=3_600_000,
    )
    found = {moved.transfer_id: moved for moved in await stage.venue.transfers(since)}
    assert {number: moved.arrived for number, moved in found.items()} == {
        "move-1": True,
        "move-2": False,
        "away": False,
    }
    late = found["move-2"]
    assert (late.quantity, late.source, late.destination) == (
        Amount(D("0.5"), "BTC"),
        "main",
        "main:funding",
    )
    assert late.started_at >= since
    assert found["away"].destination == "main:sub:cold"
    assert await held(stage, "funding", "BTC") == {"BTC": D(1)}
    assert await stage.venue.transfers(since + timedelta(hours=1)) == ()


@pytest.mark.asyncio
async def test_a_sub_account_cannot_read_its_siblings(stage: Stage) -> None:
    stage.account.parent = "other"
    with pytest.raises((VenueRefused, VenueUnavailable)):
        await stage.venue.holdings("sub:cold", ["BTC"])


@pytest.mark.asyncio
async def test_fault_44_what_is_sent_over_a_chain_is_told_at_both_ends(stage: Stage) -> None:
    since = datetime.fromtimestamp(stage.exchange.now_ms / 1000, UTC)
    away = stage.exchange.open_account("away", "away-key", "away-secret")
    stage.exchange.withdraw(stage.account, "BTC", D(1), address=away.address, delay_ms=3_600_000)
    stage.exchange.withdraw(stage.account, "BTC", D("0.5"), address="bc1qelsewhere")
    first, second = sorted(await stage.venue.withdrawals(since), key=lambda sent: sent.transfer_id)
    assert (first.quantity, first.source, first.destination) == (
        Amount(D(1), "BTC"),
        "main",
        away.address,
    )
    assert (second.destination, second.arrived, first.arrived) == ("bc1qelsewhere", False, False)
    assert first.started_at >= since
    assert first.tx_id
    assert await stage.venue.withdrawals(since + timedelta(hours=1)) == ()
    stage.exchange.deposit(away, "ETH", D(2))
    stage.exchange.withdraw(away, "ETH", D(1), address=stage.account.address)
    stage.exchange.withdraw(away, "ETH", D(1), address=stage.account.address, delay_ms=3_600_000)
    credited, coming = (sent.tx_id for sent in stage.account.deposits[-2:])
    told = await stage.venue.credited(since)
    assert credited in told
    assert coming not in told


@pytest.mark.asyncio
async def test_fault_16_announced_maintenance_is_told(stage: Stage) -> None:
    begins_ms = stage.exchange.now_ms + 3_600_000
    stage.exchange.notices.append(Notice("upgrade", begins_ms, begins_ms + 60_000))
    stage.exchange.notices.append(Notice("over", 1, 2))
    await stage.venue.close()
    await stage.venue.open()
    (told,) = stage.venue.maintenance
    assert (told.venue, told.title, told.lasts) == ("main", "upgrade", False)
    assert told.starts_at == datetime.fromtimestamp(begins_ms / 1000, UTC)
    assert told.ends_at == told.starts_at + timedelta(minutes=1)
