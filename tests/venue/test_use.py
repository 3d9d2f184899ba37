"""What a venue was asked is counted: every request that leaves, cancels as well as reads."""

import pytest

from hedged.ports import VenueUnavailable
from hedged.venue import LiveVenue
from tests.venue.stand_in import SYMBOL, StandIn


@pytest.mark.asyncio
async def test_every_request_counts_and_an_urgent_one_weighs_as_much(
    server: StandIn, live: LiveVenue
) -> None:
    before = live.use
    assert before.requests > 0, "it was opened"
    await live.account(["BTC"])
    await live.quote(SYMBOL)
    after = live.use
    assert after.requests - before.requests == len(server.seen) > 1
    assert after.weight > before.weight
    with pytest.raises(VenueUnavailable):  # the stand-in knows no cancels
        await live.cancel(live.instrument(SYMBOL), "hg1")
    assert live.use.requests - before.requests == len(server.seen)
    assert live.use.weight > after.weight
