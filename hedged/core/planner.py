"""From a drift to one order: how much, which way, at what price at worst.

Inside the band nothing is traded. Outside it, the position is traded back to the fraction u
of the band (0 = target, 1 = edge): the gap is |drift| - u*band, and the *gap*, not the target,
is rounded to lots, toward less trading. Where that would stop short of the band (a band of
about one lot), the fewest lots that reach it are taken; as a lot is at most the band, even
those never overshoot the target. The price bound lies `slippage` past the mark and is rounded
passively.
"""

from decimal import Decimal

from hedged.core.contracts import usd_per_contract
from hedged.core.decimals import ONE, ZERO, Rounding, exact, passive_price, whole
from hedged.core.types import HedgePolicy, OrderIntent, Quote, Side, Snapshot, Standing


@exact
def band_trade(drift_usd: Decimal, band_usd: Decimal, rebalance_to: Decimal) -> Decimal:
    """The unrounded trade in signed USD: 0 inside the band, else back to `rebalance_to` of it."""
    if abs(drift_usd) <= band_usd:
        return ZERO
    kept = rebalance_to * band_usd
    return kept - drift_usd if drift_usd > 0 else -kept - drift_usd


@exact
def order_contracts(
    drift_usd: Decimal,
    band_usd: Decimal,
    rebalance_to: Decimal,
    contract_usd: Decimal,
    lot: Decimal,
    max_contracts: Decimal | None = None,
) -> Decimal:
    """Contracts to trade, >= 0 and in whole lots: never past the target, never past the maximum."""
    gap = abs(band_trade(drift_usd, band_usd, rebalance_to))
    if not gap:
        return ZERO
    lot_usd = contract_usd * lot
    lots = max(
        whole(gap / lot_usd, Rounding.DOWN),
        whole((abs(drift_usd) - band_usd) / lot_usd, Rounding.UP),
    )
    if max_contracts is not None:
        lots = min(lots, whole(max_contracts / lot, Rounding.DOWN))
    return lots * lot


@exact
def intent_for(
    snapshot: Snapshot, policy: HedgePolicy, quote: Quote, standing: Standing
) -> OrderIntent | None:
    """The order that brings this standing back into its band; None where none is needed."""
    instrument, drift = quote.instrument, standing.drift_usd
    contract_usd = usd_per_contract(instrument, quote.mark)
    contracts = order_contracts(
        drift,
        standing.target.band_usd,
        policy.rebalance_to,
        contract_usd,
        instrument.lot,
        instrument.max_contracts,
    )
    if not contracts:
        return None
    contracts = max(contracts, instrument.min_contracts)
    side = Side.SELL if drift > 0 else Side.BUY
    held = standing.exposure.position_usd
    notional = contracts * contract_usd
    opposite = held > 0 if side is Side.SELL else held < 0
    bound = quote.mark * (ONE - policy.slippage if side is Side.SELL else ONE + policy.slippage)
    return OrderIntent(
        book=snapshot.book,
        cycle=snapshot.cycle,
        asset=policy.asset,
        instrument=instrument,
        side=side,
        contracts=contracts,
        notional_usd=notional,
        limit_price=passive_price(bound, instrument.tick, buy=side is Side.BUY),
        reduce_only=opposite and notional <= abs(held),
    )
