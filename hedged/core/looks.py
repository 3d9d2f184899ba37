"""What a verdict leaves for those who look back: how the asset stood, and since when it was well.

A verdict on record says what was decided; a `Look` beside it keeps the figures that the decision
was made from, of which reports, charts and attributions are made long afterwards. `Watched` sums
up the cycles since the verdict before, which the journal does not keep one by one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ZERO, exact
from hedged.core.figures import standing_figures
from hedged.core.types import AssetDecision, Held, Kind, Position, Snapshot, Standing
from hedged.core.value import quick


@dataclass(frozen=True, slots=True)
class LegLook:
    """One position of the hedge, or counted beside it; prices are its own, USD per coin."""

    venue: str
    symbol: str
    kind: Kind
    settle: str  # the coin that it pays in
    quantity: Decimal  # signed, USD (inverse) or coins (linear)
    mark: Decimal
    index: Decimal | None = None  # None: counted only, its index is not read
    entry: Decimal | None = None  # what its unrealised PnL runs from; None: flat
    funding_rate: Decimal | None = None  # per interval; > 0: shorts receive
    funding_interval_h: Decimal | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """How one asset stood; coins unless the name says otherwise."""

    price: Decimal  # mark of the first leg, USD per coin
    index: Decimal  # of the same; where there is no leg, the price
    outside: Decimal  # coins elsewhere than in the accounts that carry the hedge
    collateral: Decimal  # in those accounts, with unrealised PnL
    target_delta: Decimal
    hedge_ratio: Decimal | None
    carry_per_year: Decimal | None  # forecast for the whole hedge, as a fraction of its size
    liquidation_distance: Decimal | None  # as a fraction of the mark
    legs: tuple[LegLook, ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class Watched:
    """What the cycles since the verdict before came to; a cycle stands for the time up to it."""

    seconds: Decimal
    in_band_s: Decimal
    blind_s: Decimal  # nothing could be told
    exposed_usd_s: Decimal  # |drift| in USD times seconds
    cycles: int


@exact
def look(snapshot: Snapshot, decision: AssetDecision) -> Look | None:
    """The figures behind a verdict; None where there was none."""
    standing = decision.judged
    if standing is None:
        return None
    exposure = standing.exposure
    known = standing_figures(snapshot, standing)
    legs = tuple(_legs(snapshot, standing))
    return Look(
        price=exposure.mark,
        index=next((leg.index for leg in legs if leg.index is not None), exposure.mark),
        outside=exposure.spot.value,
        collateral=exposure.collateral.value + exposure.unrealised_pnl.value,
        target_delta=known.target_delta,
        hedge_ratio=known.hedge_ratio,
        carry_per_year=decision.carry_per_year,
        liquidation_distance=known.liquidation_distance,
        legs=legs,
    )


def _legs(snapshot: Snapshot, standing: Standing) -> Iterator[LegLook]:
    """Positions whose profit is part of the equity, or of the quote balance."""
    quotes = {(q.instrument.venue, q.instrument.symbol): q for q in snapshot.quotes}
    for held in standing.exposure.held:
        place = (held.instrument.venue, held.instrument.symbol)
        positions = list(_positions(snapshot, held))
        if any(position.delta is not None for position in positions):
            continue  # an option: its worth is not in the equity by mark and entry
        quote = quotes.get(place)
        yield LegLook(
            venue=place[0],
            symbol=place[1],
            kind=held.instrument.kind,
            settle=held.instrument.settle,
            quantity=held.quantity.value,
            mark=held.mark,
            index=None if quote is None else quote.index,
            entry=positions[0].origin if len(positions) == 1 else None,
            funding_rate=None if quote is None else quote.funding_rate,
            funding_interval_h=None if quote is None else quote.funding_interval_h,
            expires_at=held.instrument.expires_at,
        )


def _positions(snapshot: Snapshot, held: Held) -> Iterator[Position]:
    for account in snapshot.accounts:
        for position in account.positions:
            is_it = position.instrument.symbol == held.instrument.symbol
            if is_it and account.venue == held.instrument.venue:
                yield position


NOTHING_WATCHED: Final = Watched(ZERO, ZERO, ZERO, ZERO, 0)
