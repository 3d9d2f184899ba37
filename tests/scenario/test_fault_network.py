"""Faults of the network and of the venue's front door: limits, maintenance, lost connections."""

import asyncio
import socket
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hedged.core.events import CancelRequested
from hedged.core.moves import MoveIntended, MoveState, MoveStep, MoveTerms
from hedged.core.types import Amount, Reason
from hedged.sim.faults import Kind
from tests.proxy import Proxy
from tests.rig import BLIND, CREATE, WALLET, rig

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("at_home")]
D = Decimal


@pytest.mark.parametrize("status", [429, 418, 200])
async def test_fault_15_a_venue_that_limits_us_is_left_alone_until_the_time_it_names(
    status: int, tmp_path: Path
) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("deposit", account="demo", coin="BTC", amount="1")
        made.strike(Kind.RATE_LIMIT, status=status, seconds=D(30), path=WALLET)
        await made.cycle()
        quiet = len(made.server.requests)
        why = await made.assert_frozen(BLIND, cycles=5)
        assert "limits us" in why
        assert len(made.server.requests) == quiet
        made.clock.skip(30)
        await made.until_hedged()


async def test_fault_15_an_order_that_met_the_limit_was_not_placed(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        made.strike(Kind.RATE_LIMIT, seconds=D(5), path=CREATE)
        await made.cycle()
        assert len(made.told("order.refused")) == 1
        await made.until_hedged()
        assert len(made.orders) == 1
        assert len(made.creates) == 2


async def test_fault_16_maintenance_stops_and_two_clean_reconciles_resume(tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("deposit", account="demo", coin="BTC", amount="1")
        made.strike(Kind.MAINTENANCE)
        assert "503" in await made.assert_frozen(BLIND)
        made.lift()
        before = len(await made.entries("reconcile"))
        await made.until_hedged()
        requests = await made.entries("reconcile", "submit")
        kinds = [entry.event.kind for entry in requests][before + 1 :]
        assert kinds.index("submit") >= 2, kinds


async def test_fault_23_while_the_venue_is_away_an_order_is_never_called_lost(
    tmp_path: Path,
) -> None:
    """It went away with our order, refuses connections, and has it when it is back."""
    async with rig(tmp_path) as made:
        made.strike(Kind.REPLY_LOST, path=CREATE)
        made.strike(
            Kind.CODE,
            code=made.house.codes["doubtful"][1],
            containing=made.house.client_id,
            method="GET",
            times=0,
        )
        await made.cycle()
        await made.server.stop()
        for _ in range(5):
            made.clock.skip(60)
            asset = await made.cycle()
            assert asset.reason in BLIND | {Reason.ORDER_IN_FLIGHT}
        assert len(made.daemon.unresolved()) == 1
        made.lift()
        await made.server.start()
        await made.until_hedged()
        assert len(made.creates) == len(made.orders) == 1
        assert await made.entries("never-existed") == []


@pytest.mark.parametrize("style", ["ioc", "maker"])
async def test_fault_23_a_daemon_that_starts_while_the_venue_is_away_waits_for_it(
    tmp_path: Path, style: str
) -> None:
    async with rig(tmp_path, extra=f'style = "{style}"', start=False) as made:
        await made.server.stop()
        await made.start()
        await made.assert_frozen(BLIND)
        await made.server.start()
        await made.until(lambda _: bool(made.orders))


async def test_fault_23_what_was_under_way_waits_for_a_venue_that_is_away_at_the_start(
    tmp_path: Path,
) -> None:
    """A cancel that was asked for, and a transfer whose outcome is not known."""
    extra = """style = "maker"
spot = [{ venue = "main", accounts = ["funding"] }]
transfers = { account = "funding" }"""
    async with rig(tmp_path, extra=extra) as made:
        await made.until(lambda _: bool(made.account.open_orders))
        (order,) = made.orders
        coins = Amount(D(1), "BTC")
        move = MoveTerms("t-1", "core", "BTC", "main", coins, "main:funding", "main")
        await made.journal.append(
            CancelRequested(order.link_id, "it is not wanted"),
            MoveIntended(move),
            MoveStep("t-1", MoveState.SENT),
        )
        await made.server.stop()
        await made.restart()
        await made.assert_frozen(BLIND | {Reason.ORDER_IN_FLIGHT})
        await made.server.start()
        await made.until(lambda _: not order.status.is_open)
        await made.until(lambda _: not made.journal.ledger.moves["t-1"].open)


async def test_fault_23_a_name_that_does_not_resolve_means_that_nothing_was_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig(tmp_path, host="localhost") as made:
        await made.until_hedged()
        made.act("deposit", account="demo", coin="BTC", amount="1")

        async def unresolved(*_args: object, **_options: object) -> list[Any]:
            raise socket.gaierror(socket.EAI_AGAIN, "temporary failure in name resolution")

        await made.server.stop()  # with it go the connections that are open already
        await made.server.start()
        made.client.session.connector.clear_dns_cache()
        with monkeypatch.context() as patched:
            patched.setattr(asyncio.get_running_loop(), "getaddrinfo", unresolved)
            await made.assert_frozen(BLIND)
        await made.until_hedged()
        assert len(made.orders) == 2


@pytest.mark.parametrize("takes_new", [True, False])
async def test_fault_26_half_open_connections_are_noticed(
    takes_new: bool,  # noqa: FBT001 - pytest names it
    tmp_path: Path,
) -> None:
    """Nothing comes back and nothing is closed; what matters is our own patience."""
    proxy = Proxy()
    async with rig(tmp_path, patience="0.4s", through=proxy) as made:
        await made.until_hedged()
        made.act("deposit", account="demo", coin="BTC", amount="1")
        proxy.cut_silently(takes_new=takes_new)
        began_s = time.monotonic()
        assert "no answer within" in await made.assert_frozen(BLIND, cycles=1)
        assert time.monotonic() - began_s < 5  # of two rounds of reads, and a slow machine
        if not takes_new:
            await made.assert_frozen(BLIND, cycles=2)
            proxy.takes_new = True
        await made.until_hedged()
        assert len(made.creates) == 2


@pytest.mark.proof
async def test_fault_26_with_the_usual_patience_it_takes_less_than_30_s(tmp_path: Path) -> None:
    proxy = Proxy()
    async with rig(tmp_path, patience="10s", through=proxy) as made:
        await made.until_hedged()
        proxy.cut_silently(takes_new=False)
        began_s = time.monotonic()
        await made.assert_frozen(BLIND, cycles=1)
        assert time.monotonic() - began_s < 30
