"""The position wanted: ratio, kept coins, and the band without trading.

    neutral            q* = -E*F          (E with unrealised PnL; F the perp's mark, not spot)
    ratio h            q* = -h*E*F        (0 < h < 1 drifts with the price, h = 1 does not)
    keep k coins       q* = -max(0, E - k)*F   (a partial hedge that does not drift)

Accounting `coins` puts spot + collateral in E's place: exact for linear contracts, whose PnL
is in quote; for inverse ones it un-hedges after a fall and over-hedges after a rise.
The band is a fraction of |E*F|, but never less than one lot: a coarser contract cannot do
better. All amounts are signed USD at the mark. Source: docs/maths.md.
"""

from decimal import Decimal

from hedged.core.contracts import usd_per_contract
from hedged.core.decimals import ZERO, exact, plain
from hedged.core.types import Accounting, Exposure, HedgePolicy, Kind, Quote, Target


@exact
def ratio_target(coins: Decimal, mark: Decimal, ratio: Decimal) -> Decimal:
    """q* = -h*E*F, signed USD."""
    return -ratio * coins * mark


@exact
def keep_target(coins: Decimal, mark: Decimal, keep: Decimal) -> Decimal:
    """q* = -max(0, E - k)*F, signed USD: never long."""
    return -max(ZERO, coins - keep) * mark


def accounting_of(policy: HedgePolicy, kind: Kind) -> Accounting:
    """The configured accounting, else what is exact for the kind of contract."""
    if policy.accounting is not None:
        return policy.accounting
    return Accounting.EQUITY if kind is Kind.INVERSE else Accounting.COINS


@exact
def target_of(policy: HedgePolicy, exposure: Exposure, quote: Quote) -> Target:
    """The target of one asset with its effective band."""
    accounting = accounting_of(policy, quote.instrument.kind)
    base = exposure.equity if accounting is Accounting.EQUITY else exposure.coins
    coins = base.of(policy.asset)
    if policy.keep is None:
        wanted = ratio_target(coins, quote.mark, policy.ratio)
        rule = f"ratio {plain(policy.ratio)} of {accounting.value}"
    else:
        wanted = keep_target(coins, quote.mark, policy.keep)
        rule = f"keep {plain(policy.keep)} {policy.asset} of {accounting.value}"
    band = max(
        policy.band * abs(exposure.equity.of(policy.asset) * quote.mark),
        usd_per_contract(quote.instrument, quote.mark) * quote.instrument.lot,
    )
    if wanted > 0 and not policy.allow_long:
        return Target(usd=ZERO, band_usd=band, rule=rule, refused_usd=wanted)
    return Target(usd=wanted, band_usd=band, rule=rule)
