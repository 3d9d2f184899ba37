"""Margin that runs out, over HTTP: the short gives up a part of itself before the exchange does."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from hedged.core.moves import MoveState, MoveTerms
from hedged.core.types import Amount, Reason
from hedged.sim.accounts import Wallet
from hedged.sim.faults import Kind
from hedged.venue import LiveVenue
from hedged.venue.transport import WriteRefused
from tests.houses import House, house
from tests.rig import MOVE, D, Rig, rig

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("at_home")]
# 1 BTC and 3 in a cold wallet, hedged in full on the one: it survives a rise of some 30 %.
THIN = """
spot = [{ static = "3" }]
[books.core.hedges.limits]
jump = "1000%"
max_leverage = 20
max_margin_use = "100%"
"""


def collateral_alone(made: Rig) -> None:
    """Nothing but the coins behind the short."""
    ledger, account = made.exchange.ledger, made.account
    for wallet, coin in ((account.spot_wallet, "USDT"), (Wallet.SPOT, "BTC")):
        if held := ledger.balance(account.purse(wallet), coin):
            made.act("withdraw", account="demo", coin=coin, amount=str(held), wallet=wallet)


def one_coin(made: Rig) -> None:
    """One coin alone stands behind the short."""
    collateral_alone(made)
    made.act("withdraw", account="demo", coin="BTC", amount="4")


def rise_to_liquidation(made: Rig) -> Decimal:
    """By the exchange's own reckoning, as a fraction."""
    held = made.account.positions[made.house.perp(), 0]
    price = made.exchange.margin.liquidation_price(made.account, held)
    assert price is not None
    return price / made.exchange.market(made.house.perp()).mark - 1


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


MOVING = """
spot = [SPOT]
transfers = { account = "funding" }
[books.core.hedges.limits]
jump = "1000%"
max_leverage = 20
max_margin_use = "100%"
"""


def moving() -> str:
    """Collateral may come from the funding account, and go back to it."""
    return MOVING.replace("SPOT", house().beside("main", "funding"))


def stored(made: Rig) -> None:
    """2 BTC stand behind the short, 3 are in the funding account."""
    collateral_alone(made)
    made.act("transfer", account="demo", coin="BTC", amount="3")


def coins(made: Rig) -> tuple[Decimal, Decimal]:
    """In the trading account and in the funding one, by the exchange's own ledger."""
    ledger = made.exchange.ledger
    here, there = (
        ledger.balance(made.account.purse(w), "BTC")
        for w in (made.account.margin_wallet, Wallet.FUND)
    )
    return here, there


async def test_thin_collateral_is_topped_up_once_and_what_is_much_goes_back(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, extra=moving(), before=stored) as made:
        await made.until(lambda asset: asset.reason is Reason.IN_BAND)
        assert made.asked(MOVE) == []
        made.act("price", coin="BTC", index="84500")
        await made.until(lambda asset: asset.move is not None)
        await made.until(lambda asset: asset.reason is Reason.IN_BAND and asset.move is None)
        here, there = coins(made)
        assert there < 2.5
        held = made.account.positions[made.house.perp(), 0].unrealised(D(84_500))
        assert abs((here + held) / (5 + held) - D("0.4")) < D("0.001")
        assert len(made.asked(MOVE)) == 1
        (sent,) = made.told("transfer.sent")
        assert "% of the BTC are collateral, bound 25 %" in sent["why"]
        kinds = [
            entry.event.kind for entry in await made.entries("transfer-intent", "transfer-step")
        ]
        assert kinds == ["transfer-intent", "transfer-step", "transfer-step"]
        made.act("deposit", account="demo", coin="BTC", amount="6")
        await made.until(lambda asset: len(made.asked(MOVE)) == 2)
        await made.until(lambda asset: asset.reason is Reason.IN_BAND and asset.move is None)
        here, kept = coins(made)
        assert kept > there
        assert abs((here + held) / (11 + held) - D("0.4")) < D("0.01")
        assert len(made.asked(MOVE)) == 2


async def test_a_transfer_whose_reply_is_lost_is_looked_up_and_never_sent_again(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, extra=moving(), before=stored) as made:
        await made.until(lambda asset: asset.reason is Reason.IN_BAND)
        made.strike(Kind.REPLY_LOST, path=MOVE)
        made.act("price", coin="BTC", index="84500")
        await made.until(lambda asset: len(made.asked(MOVE)) == 1)
        await made.until(lambda asset: asset.reason is Reason.IN_BAND and asset.move is None)
        assert len(made.asked(MOVE)) == 1
        states = [move.state for move in made.journal.ledger.moves.values()]
        assert states == [MoveState.CONFIRMED]
        assert made.told("transfer.unknown")
        assert made.told("transfer.confirmed")
        assert coins(made)[1] < 2.5


async def test_a_transfer_that_never_arrived_is_given_up_on_proof_and_made_anew_later(
    tmp_path: Path,
) -> None:
    async with rig(tmp_path, extra=moving(), before=stored) as made:
        await made.until(lambda asset: asset.reason is Reason.IN_BAND)
        made.strike(Kind.REQUEST_LOST, path=MOVE)
        made.act("price", coin="BTC", index="84500")
        await made.until(lambda asset: len(made.asked(MOVE)) == 1)
        await made.restart()
        await made.until(lambda asset: len(made.asked(MOVE)) == 2)
        first, second = made.journal.ledger.moves.values()
        assert (first.state, second.state) == (MoveState.DROPPED, MoveState.CONFIRMED)
        assert "it never existed" in first.detail
        assert first.terms.transfer_id != second.terms.transfer_id
        assert coins(made)[1] < 2.5


async def test_a_transfer_that_is_refused_is_told_and_moves_nothing(
    tmp_path: Path, at_home: House
) -> None:
    (code,) = at_home.codes["no_coins"]
    async with rig(tmp_path, extra=moving(), before=stored) as made:
        await made.until(lambda asset: asset.reason is Reason.IN_BAND)
        made.strike(Kind.CODE, path=MOVE, code=code, message="Insufficient balance")
        made.act("price", coin="BTC", index="84500")
        await made.until(lambda asset: bool(made.told("transfer.refused")))
        (told,) = made.told("transfer.refused")
        assert f"{code} Insufficient balance" in told["why"]
        assert coins(made)[1] == 3
        for _ in range(3):
            await made.cycle()
        assert len(made.asked(MOVE)) == 1


async def test_in_a_margin_emergency_coins_come_before_the_short_goes(tmp_path: Path) -> None:
    async with rig(tmp_path, extra=moving(), before=stored) as made:
        await made.until(lambda asset: asset.reason is Reason.IN_BAND)
        short, orders = made.position, len(made.creates)
        made.act("price", coin="BTC", index="100000")
        await made.until(lambda asset: asset.reason is Reason.IN_BAND and asset.move is None)
        assert (made.position, len(made.creates)) == (short, orders)
        assert rise_to_liquidation(made) > D("0.15")


async def test_without_leave_the_request_cannot_leave_this_process(tmp_path: Path) -> None:
    async with rig(tmp_path, extra=THIN) as made:
        venue = made.daemon.venues["main"]
        assert isinstance(venue, LiveVenue)
        terms = MoveTerms("id", "core", "BTC", "main", Amount(D(1), "BTC"), "main:funding", "main")
        with pytest.raises(WriteRefused):
            await venue.move(terms)
        assert made.asked(MOVE) == []


CAPPED = """
[books.core.hedges.limits]
max_leverage = 100
jump = "1000%"
[{whose}limits]
max_position = 300000
"""


@pytest.mark.parametrize(("whose", "named"), [("books.core.", "the book"), ("", "all books")])
async def test_fault_38_the_caps_of_a_book_and_of_all_books_refuse_too(
    whose: str, named: str, tmp_path: Path
) -> None:
    async with rig(tmp_path, extra=CAPPED.format(whose=whose)) as made:
        for _ in range(3):
            asset = await made.cycle()
            (found,) = asset.blocked
            assert found.reason is Reason.LIMIT_EXCEEDED
            assert re.search(
                rf"the positions of {named} would be 3[0-9]{{2}},[0-9]{{3}}\.00 USD in all",
                found.detail,
            )
        assert not made.creates


async def test_fault_15_a_transfer_that_is_limited_was_not_made(tmp_path: Path) -> None:
    async with rig(tmp_path, extra=moving(), before=stored) as made:
        await made.until(lambda asset: asset.reason is Reason.IN_BAND)
        made.strike(Kind.RATE_LIMIT, path=MOVE, times=1)
        made.act("price", coin="BTC", index="84500")
        await made.until(lambda asset: bool(made.told("transfer.refused")))
        assert coins(made)[1] == 3
        made.clock.skip(301)
        await made.until(lambda asset: coins(made)[1] < 2.5)
        assert len(made.asked(MOVE)) == 2


async def test_fault_12_a_liquidation_that_comes_all_the_same_halts_with_its_figures(
    tmp_path: Path,
) -> None:
    """A rise too steep for any rule: what is left is to stop, and to say what was lost."""
    async with rig(tmp_path, extra=THIN, before=one_coin) as made:
        await made.until(lambda asset: asset.reason is Reason.IN_BAND)
        orders = len(made.creates)
        made.act("price", coin="BTC", index="100000")
        made.act("liquidate", account="demo")
        await made.until(lambda asset: bool(made.told("halted")))
        (halted,) = made.told("halted")
        assert "by liquidation" in halted["why"]
        assert "BTC/USD:BTC at" in halted["why"]
        for _ in range(2):
            await made.cycle()
        assert len(made.creates) == orders


async def test_fault_12_after_auto_deleveraging_thin_margin_keeps_the_hedge_small(
    tmp_path: Path,
) -> None:
    """It is hedged again only as far as the margin allows, and the gate says what is lacking."""
    async with rig(tmp_path, extra=THIN, before=one_coin) as made:
        await made.until(lambda asset: asset.reason is Reason.IN_BAND)
        made.act("price", coin="BTC", index="79000")
        made.act("deleverage", account="demo", symbol=made.house.perp(), quantity="50000")
        seen = await made.until(
            lambda asset: Reason.MARGIN_LOW in {finding.reason for finding in asset.blocked}
        )
        assert "liquidat" in seen[-1].blocked[0].detail
        assert not made.told("halted")
        orders = len(made.creates)
        for _ in range(3):
            await made.cycle()
        assert len(made.creates) == orders
