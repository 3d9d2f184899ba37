"""Faults of what is read: nothing, nonsense, other moments, other prices, other figures.

Whatever is wrong with the input, no order follows from it; what the venue says when it is well
again is hedged.
"""

import re
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hedged.core.types import Reason
from hedged.engine.hedger import WORKING
from hedged.sim.faults import Kind
from tests.houses import House
from tests.rig import BLIND, FILLS, POSITIONS, SYMBOL, TICKERS, WALLET, rig

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("at_home")]
D = Decimal


async def test_fault_17_another_lot_is_learnt_and_rounds_toward_less_trading(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("instrument", symbol=made.house.perp(), lot="1000", min_quantity="1000", tick="10")
        made.act("deposit", account="demo", coin="BTC", amount="1")
        for _ in range(10):
            made.clock.skip(61)
            await made.cycle()
        second = made.orders[1]
        assert second.quantity % 1000 == 0
        assert second.price % 10 == 0
        assert len(made.orders) == 2
        net, equity = made.net_delta
        assert net > 0
        assert abs(net) <= D("0.0025") * equity + 1000 / D(65000)


@pytest.mark.quick
@pytest.mark.parametrize("kind", [Kind.KEY_EXPIRED, Kind.IP_REFUSED])
async def test_fault_18_a_key_that_is_refused_halts(kind: Kind, tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("deposit", account="demo", coin="BTC", amount="1")
        made.strike(kind)
        await made.assert_frozen(BLIND)
        assert made.journal.ledger.state.value == "halted"
        (told,) = made.told("halted")
        assert told["log_level"] == "error"
        made.lift()
        await made.restart()
        await made.cycle()
        asset = await made.cycle()
        assert Reason.HALTED in {finding.reason for finding in asset.blocked}
        assert len(made.creates) == 1


@pytest.mark.parametrize("phase", ["Delivering", "Closed"])
async def test_fault_19_a_market_that_closes_is_traded_no_more(phase: str, tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("phase", symbol=made.house.perp(), phase=phase)
        made.act("deposit", account="demo", coin="BTC", amount="1")
        made.clock.skip(301)
        await made.cycle()
        await made.cycle()
        count = len(made.orders)
        for _ in range(4):
            made.clock.skip(61)
            asset = await made.cycle()
            assert asset.reason is Reason.SOURCE_MISSING
            assert "not trading" in asset.why or "not listed" in asset.why
        assert len(made.orders) == count == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": Kind.PRICE, "value": "0"},
        {"kind": Kind.PRICE, "value": "NaN"},
        {"kind": Kind.PRICE, "value": "x10"},
        {"kind": Kind.PRICE, "value": "x0.1"},
        {"kind": Kind.CROSSED},
    ],
    ids=lambda fault: f"{fault['kind']} {fault.get('value', '')}".strip(),
)
async def test_fault_20_a_price_that_cannot_be_is_not_traded_on(
    fault: dict[str, Any], tmp_path: Path
) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("deposit", account="demo", coin="BTC", amount="1")
        made.strike(**fault)
        await made.assert_frozen(BLIND | {Reason.COLLAR}, cycles=6)
        made.lift()
        await made.until_hedged()


async def test_fault_21_prices_that_fall_silent_stop_orders_until_a_poll_is_answered(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, patience="0.3s") as made:
        await made.until_hedged()
        made.act("deposit", account="demo", coin="BTC", amount="1")
        made.strike(Kind.HANG, path=TICKERS, times=0)
        assert "no answer within" in await made.assert_frozen(BLIND, cycles=2)
        made.lift()
        await made.until_hedged()


async def test_fault_21_prices_that_stand_still_are_belied_by_the_account(tmp_path: Path) -> None:
    """Every poll is answered, with the price of an hour ago."""
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.strike(Kind.STALE, path=TICKERS)
        made.act("price", coin="BTC", index="60000")
        made.act("deposit", account="demo", coin="BTC", amount="1")
        await made.assert_frozen(frozenset({Reason.EPOCH_TORN}))
        made.lift()
        await made.until_hedged()


@pytest.mark.parametrize("path", [WALLET, POSITIONS])
async def test_fault_22_balance_and_position_of_different_moments_are_not_traded_on(
    path: str, tmp_path: Path
) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.strike(Kind.STALE, path=path)
        made.act("price", coin="BTC", index="58000")
        made.act("trade", account="demo", symbol="BTCUSDT", side="buy", quantity="0.5")
        assert "apart by" in await made.assert_frozen(frozenset({Reason.EPOCH_TORN}))
        made.lift()
        made.clock.skip(made.house.rests_s)
        await made.until_hedged()


async def test_fault_22_a_position_from_before_our_own_fill_is_not_traded_on(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("deposit", account="demo", coin="BTC", amount="1")
        made.strike(Kind.STALE, path=POSITIONS)
        for _ in range(5):
            await made.cycle()
        assert len(made.creates) == 2
        assert (await made.cycle()).reason in BLIND | {Reason.EXTERNAL_CHANGE}
        made.lift()
        await made.until_hedged()
        assert len(made.creates) == 2


@pytest.mark.parametrize("cycles", [1, 6])
@pytest.mark.parametrize("seconds", [0, 3600], ids=["of a moment ago", "of before everything"])
async def test_fault_22_an_account_as_it_was_is_not_traded_on_and_passes(
    seconds: int, cycles: int, tmp_path: Path
) -> None:
    """A cache serves the whole account of before our own fill, as if it were of now."""
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("deposit", account="demo", coin="BTC", amount="1")
        await made.cycle()
        if seconds:
            await made.until_hedged()
        for path in (WALLET, POSITIONS):
            made.strike(Kind.STALE, path=path, seconds=D(seconds))
        await made.until(lambda asset: asset.reason not in WORKING)
        made.clock.skip(61)  # the minute's comparison reads it, too
        await made.assert_frozen(BLIND | {Reason.EXTERNAL_CHANGE}, cycles=cycles)
        made.lift()
        await made.until_hedged()
        assert not made.journal.ledger.slots["main", SYMBOL].unacked  # nobody had to look
        assert len(made.creates) == 2
        await made.assert_each_sent_once()


async def test_fault_22_accounts_of_several_moments_pass_over_a_restart(tmp_path: Path) -> None:
    """First that of before the last fill, then that of before all of them, then the true one."""
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("deposit", account="demo", coin="BTC", amount="1")
        await made.cycle()
        for seconds in (0, 3600):
            for path in (WALLET, POSITIONS):
                made.strike(Kind.STALE, path=path, seconds=D(seconds))
            for _ in range(6):
                await made.cycle()
            await made.restart()
            await made.assert_frozen(BLIND | {Reason.EXTERNAL_CHANGE})
            made.lift()
        await made.until_hedged()
        assert len(made.creates) == 2
        await made.assert_each_sent_once()


async def test_fault_22_a_balance_as_it_was_is_belied_by_the_statement(
    tmp_path: Path, at_home: House
) -> None:
    """The wallet alone is old, prices stand still: as if the coins had been taken out again.

    Where the statement tells no balances, the first look after a start is taken on trust.
    """
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("deposit", account="demo", coin="BTC", amount="1")
        await made.until(lambda _: len(made.creates) == 2)
        await made.until_hedged()
        made.strike(Kind.STALE, path=WALLET, seconds=D(3600))
        why = await made.assert_frozen(frozenset({Reason.EPOCH_TORN}), cycles=6)
        assert "it shows 5 BTC, which is what was there before: its statement ends with 5.99" in why
        if at_home.tells_balances:
            await made.restart()
            await made.assert_frozen(frozenset({Reason.EPOCH_TORN}))
        made.lift()
        await made.until_hedged()
        assert len(made.creates) == 2
        made.act("withdraw", account="demo", coin="BTC", amount="1")
        await made.until(lambda _: len(made.creates) == 3)
        await made.until_hedged()


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(4))
async def test_fault_22_old_accounts_now_and_then_are_never_traded_on(
    seed: int, tmp_path: Path
) -> None:
    """Whatever comes and goes, no order leads away from where the book truly should be."""
    random = Random(seed)  # noqa: S311 - reproducible
    async with rig(tmp_path) as made:
        await made.until_hedged()
        for _ in range(30):
            amount = random.choice(("1", "0.5"))
            made.act("deposit", account="demo", coin="BTC", amount=amount)
            for _ in range(random.randrange(4)):
                sent, net = len(made.creates), abs(made.net_delta[0])
                await made.cycle()
                assert len(made.creates) == sent or abs(made.net_delta[0]) < net
            for path in (WALLET, POSITIONS):
                made.strike(Kind.STALE, path=path, seconds=D(random.choice(("0", "0.3", "60"))))
            for _ in range(random.randrange(1, 4)):
                sent, net = len(made.creates), abs(made.net_delta[0])
                await made.cycle()
                assert len(made.creates) == sent or abs(made.net_delta[0]) < net
            made.lift()
        await made.until_hedged(cycles=200)  # the exchange's book fills up in real time
        await made.assert_each_sent_once()


def shown_skew_s(why: str) -> float:
    shown = re.search(r"this machine's clock is ([+-][0-9.]+) s from the venue's, limit 1 s", why)
    assert shown is not None, why
    return float(shown[1])


@pytest.mark.parametrize("seconds", [2, 3600, -3600])
async def test_fault_33_a_clock_that_is_off_is_shown_and_not_traded_by(
    seconds: int, tmp_path: Path
) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.strike(Kind.CLOCK_SKEW, seconds=D(seconds))
        made.act("deposit", account="demo", coin="BTC", amount="1")
        made.clock.skip(301)
        for _ in range(3):
            await made.cycle()
        why = await made.assert_frozen(frozenset({Reason.CLOCK_SKEW}))
        assert shown_skew_s(why) == pytest.approx(-seconds, abs=0.5)
        assert len(made.creates) == 1
        made.lift()
        made.clock.skip(301)
        await made.until_hedged()


@pytest.mark.parametrize("seconds", [3600, -3600])
async def test_fault_33_a_step_of_our_own_clock_makes_nothing_stale_or_fresh(
    seconds: int, tmp_path: Path
) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.act("deposit", account="demo", coin="BTC", amount="1")
        made.step_clock(seconds)
        asset = await made.cycle()
        assert asset.reason is Reason.CLOCK_SKEW
        assert shown_skew_s(asset.why) == pytest.approx(seconds, abs=0.5)
        assert len(made.creates) == 1
        made.step_clock(-seconds)
        await made.until_hedged()


@pytest.mark.parametrize(
    ("extra", "reason", "figure"),
    [
        ("", Reason.MARGIN_LOW, "limit 4 times"),
        ("limits = { max_position = 500000 }", Reason.LIMIT_EXCEEDED, "limit ±500,000.00 USD"),
    ],
)
async def test_fault_38_a_target_a_hundred_times_too_large_is_refused(
    extra: str, reason: Reason, figure: str, tmp_path: Path
) -> None:
    async with rig(tmp_path, extra=f'spot = [{{ static = "495" }}]\n{extra}') as made:
        for _ in range(3):
            asset = await made.cycle()
            assert any(f.reason is reason and figure in f.detail for f in asset.blocked)
        assert not made.creates


async def test_fault_38_a_target_on_the_other_side_is_never_traded(tmp_path: Path) -> None:
    """More coins are to be kept than there are: the book is not made long."""
    async with rig(tmp_path, extra="keep = 10") as made:
        for _ in range(3):
            await made.cycle()
        assert not made.creates


@pytest.mark.parametrize("times", [1, 0], ids=["once", "for long"])
@pytest.mark.parametrize("kind", [Kind.EMPTY, Kind.ZERO])
@pytest.mark.parametrize("path", [WALLET, POSITIONS, ""])
async def test_fault_41_a_surprising_nothing_needs_a_second_witness(
    path: str, kind: Kind, times: int, tmp_path: Path
) -> None:
    """A wallet is belied by the position, a position by the trades; never is it just gone."""
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.strike(kind, path=path, times=times, method="GET")
        doubts = BLIND | {Reason.EXTERNAL_CHANGE} | ({Reason.IN_BAND} if times == 1 else set())
        await made.assert_frozen(doubts, cycles=6)
        made.lift()
        await made.until_hedged()
        assert len(made.creates) == 1


@pytest.mark.quick
@pytest.mark.parametrize("times", [1, 0], ids=["once", "for long"])
async def test_fault_41_a_coin_that_is_left_out_is_not_gone(times: int, tmp_path: Path) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.strike(Kind.MISSING_COIN, coin="BTC", times=times)
        await made.assert_frozen(BLIND | {Reason.IN_BAND})
        made.lift()
        await made.until_hedged()
        assert len(made.creates) == 1


@pytest.mark.parametrize("kind", [Kind.HTML, Kind.TRUNCATED])
@pytest.mark.parametrize("path", [WALLET, POSITIONS, FILLS, TICKERS, "any"])
async def test_fault_42_what_is_not_json_is_an_error_and_never_flat(
    kind: Kind, path: str, tmp_path: Path
) -> None:
    async with rig(tmp_path) as made:
        await made.until_hedged()
        made.strike(kind, path=path, method="GET", times=0)
        made.act("deposit", account="demo", coin="BTC", amount="1")
        if path == FILLS:
            made.clock.skip(61)
        await made.assert_frozen(BLIND)
        made.lift()
        await made.until_hedged()
