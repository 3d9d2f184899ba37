"""Deribit across a settlement, and through full pages of trades; the rest is in its table."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from hedged.core.decide import decide
from hedged.core.types import Quote, Reason
from hedged.venue import LiveVenue
from tests.contract.payloads.replay import ROOT, D, Replay, replaying, venue_on
from tests.contract.payloads.tables import deribit
from tests.core.build import policy, snapshot

if not ROOT.is_dir():
    pytest.skip(f"no recorded payloads at {ROOT}", allow_module_level=True)


@pytest_asyncio.fixture
async def replay() -> AsyncIterator[Replay]:
    async with replaying() as running:
        deribit.DERIBIT.answer(running, *deribit.OPENING)
        yield running


@pytest_asyncio.fixture
async def venue(replay: Replay) -> AsyncIterator[LiveVenue]:
    async with venue_on(replay, "deribit", deribit.SYMBOL) as opened:
        yield opened


@pytest.mark.asyncio
async def test_fault_45_a_settlement_changes_nothing_that_is_hedged(
    replay: Replay, venue: LiveVenue
) -> None:
    # Short 60,000 USD from 60,000 with 1 BTC, the mark at 61,000. At the settlement the session's
    # -60000 * (1/60000 - 1/61000) = -0.016393443 BTC go from profit that is not realised to the
    # balance, and what is not realised begins again at 61,000.
    session = D("-0.016393443")
    seen = []
    for balance, open_pnl, settled in ((D(1), session, None), (D(1) + session, D(0), "61000")):
        wallet = deribit.wallet(
            balance=float(balance),
            equity=float(balance + open_pnl),
            session_rpl=0,
            futures_session_upl=float(open_pnl),
            session_upl=float(open_pnl),
            options_value=0,
        )
        held = deribit.held(deribit.position(-60000, "60000", "61000", settled))
        deribit.DERIBIT.answer(replay, wallet, held)
        btc = venue.instrument(deribit.SYMBOL)
        quote = Quote(btc, D(61_000), D(61_000), D(0), bid=D(60_999), ask=D(61_001))
        decision = decide(
            snapshot(
                quotes=(quote,),
                accounts=(await venue.account(["BTC"]),),
                hedges=(policy(spot=("main",)),),
            )
        )
        seen.append(decision.assets[0])
    before, after = (asset.standing for asset in seen)
    assert before is not None
    assert after is not None
    # 1 - 0.016393443 - 60000/61000 = 0 to the last digit: hedged before and after
    assert abs(before.exposure.net_delta.value) < D("0.00000001")
    assert abs(after.exposure.net_delta.value - before.exposure.net_delta.value) < D("0.00000001")
    assert abs(after.drift_usd - before.drift_usd) < D("0.01")
    assert [(asset.reason, asset.orders, asset.alerts) for asset in seen] == [
        (Reason.IN_BAND, (), ())
    ] * 2


@pytest.mark.asyncio
async def test_a_full_page_of_trades_is_followed_by_the_next(
    replay: Replay, venue: LiveVenue
) -> None:
    path = f"{deribit.API}/{deribit.TRADES}"
    since = datetime.now(UTC) - timedelta(days=1)
    first_ms = int(since.timestamp() * 1000)
    trades = [
        deribit.TRADE | {"trade_id": str(number), "timestamp": first_ms + number // 2}
        for number in range(1500)
    ]
    replay.answer("GET", path, deribit.result({"trades": trades[:1000]}))
    end_ms = trades[999]["timestamp"]  # of the last two: the next page begins with them
    replay.answer(
        "GET", path, deribit.result({"trades": trades[998:]}), start_timestamp=str(end_ms)
    )
    fills = await venue.fills([deribit.SYMBOL], since)
    assert [fill.trade_id for fill in fills] == [str(number) for number in range(1500)]
    assert [sent["sorting"] for sent in replay.sent("GET", path)] == ["asc", "asc"]
