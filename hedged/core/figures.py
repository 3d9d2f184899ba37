"""The few figures of an asset that people watch over time, from one snapshot and its decision.

    target delta = net delta - drift/mark      coins that the target leaves exposed
    band         = band USD / mark             coins, to either side of it
    collateral fraction = (collateral + unrealised PnL)/E, of the futures account
    liquidation distance = least |liquidation/mark - 1| over the hedge's positions

A figure that cannot be told is None. Where a paper position is kept, position and deltas are the
assumed ones, as the verdict speaks of them; the liquidation price is always the venue's.
"""

from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter

from hedged.core.decimals import ONE, ZERO, exact
from hedged.core.funding import HOURS_A_DAY
from hedged.core.margin import distance
from hedged.core.types import AssetDecision, Exposure, Held, Quote, Snapshot, Standing


@dataclass(frozen=True, slots=True)
class Figures:
    """How one asset stands at one moment; coins unless the name says otherwise."""

    price: Decimal  # mark, USD per coin
    net_delta: Decimal
    target_delta: Decimal
    band: Decimal
    hedge_ratio: Decimal | None
    position_usd: Decimal
    target_usd: Decimal
    drift_usd: Decimal
    band_usd: Decimal
    funding_rate: Decimal | None  # per interval, of the first leg; > 0: shorts receive
    index_basis: Decimal | None  # mark less index of the first leg, a fraction of the index
    funding_usd_per_day: Decimal | None  # what the position receives as the rates now are
    collateral_fraction: Decimal | None
    liquidation_price: Decimal | None  # the nearest, USD per coin
    liquidation_distance: Decimal | None  # as a fraction of the mark


@exact
def hedge_ratio(exposure: Exposure) -> Decimal | None:
    """-(sum of the hedges' deltas)/equity; None where equity is 0."""
    equity = exposure.equity.value
    return -exposure.hedge_delta.value / equity if equity else None


@exact
def figures(snapshot: Snapshot, decision: AssetDecision) -> Figures | None:
    """The figures behind a verdict; None where there was none."""
    return None if decision.judged is None else standing_figures(snapshot, decision.judged)


@exact
def standing_figures(snapshot: Snapshot, standing: Standing) -> Figures:
    """The figures of a standing, real or paper."""
    exposure, target = standing.exposure, standing.target
    mark, net_delta = exposure.mark, exposure.net_delta.value
    equity = exposure.equity.value
    futures = exposure.collateral.value + exposure.unrealised_pnl.value
    nearest = min(_liquidations(snapshot, exposure), key=itemgetter(1), default=(None, None))
    quotes = {(q.instrument.venue, q.instrument.symbol): q for q in snapshot.quotes}
    legs = [
        (held, quotes[held.instrument.venue, held.instrument.symbol])
        for held in exposure.held
        if held.managed
    ]
    return Figures(
        price=mark,
        net_delta=net_delta,
        target_delta=net_delta - standing.drift_usd / mark,
        band=target.band_usd / mark,
        hedge_ratio=hedge_ratio(exposure),
        position_usd=exposure.position_usd,
        target_usd=target.usd,
        drift_usd=standing.drift_usd,
        band_usd=target.band_usd,
        funding_rate=next((quote.funding_rate for _, quote in legs), None),
        index_basis=next((quote.mark / quote.index - ONE for _, quote in legs), None),
        funding_usd_per_day=_funding_usd_per_day(legs),
        collateral_fraction=futures / equity if equity else None,
        liquidation_price=nearest[0],
        liquidation_distance=nearest[1],
    )


def _funding_usd_per_day(legs: list[tuple[Held, Quote]]) -> Decimal | None:
    """What the hedge receives in a day; None where a rate or its interval is not known."""
    total = ZERO
    for held, quote in legs:
        if not held.value_usd:
            continue
        if quote.funding_rate is None or not quote.funding_interval_h:
            return None
        stamps_a_day = HOURS_A_DAY / quote.funding_interval_h
        total -= held.value_usd * quote.funding_rate * stamps_a_day
    return total


def _liquidations(snapshot: Snapshot, exposure: Exposure) -> list[tuple[Decimal, Decimal]]:
    """Liquidation prices of the hedge's positions, each with its distance from its own mark."""
    marks = {(h.instrument.venue, h.instrument.symbol): h.mark for h in exposure.held}
    found = []
    for account in snapshot.accounts:
        for position in account.positions:
            mark = marks.get((account.venue, position.instrument.symbol))
            price = position.liquidation_price
            if mark is not None and price is not None and position.quantity.value:
                found.append((price, distance(price, mark)))
    return found
