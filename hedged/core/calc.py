"""The hedge for numbers given by hand: the same formulas, without a venue or a band.

Used by `hedged calc`. The order is the gap between position and target, rounded toward zero
to lots: it never trades past the target.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from hedged.core.contracts import usd_per_contract
from hedged.core.decimals import ZERO, Rounding, exact, round_contracts
from hedged.core.exposure import net_exposure
from hedged.core.policy import target_of
from hedged.core.types import (
    USD,
    Accounting,
    Amount,
    CoinBalance,
    Environment,
    Execution,
    Exposure,
    HedgeLeg,
    HedgePolicy,
    Holding,
    Instrument,
    Kind,
    MarginAccount,
    Position,
    Quote,
    Snapshot,
)
from hedged.core.world import world_of

_COIN = "COIN"
_VENUE = "venue"
_SPOT = "spot"


@dataclass(frozen=True, slots=True)
class Question:
    """Coins and wallet in coins, position and lot in contracts (short < 0), prices in USD."""

    kind: Kind
    coins: Decimal
    wallet: Decimal  # without unrealised PnL
    mark: Decimal
    entry: Decimal | None  # None: the mark
    position_contracts: Decimal
    contract_size: Decimal  # USD (inverse) or coins (linear)
    lot: Decimal
    ratio: Decimal
    accounting: Accounting | None  # None: by the kind of contract


@dataclass(frozen=True, slots=True)
class Answer:
    """Coins, signed USD and signed contracts; the ratio is null for an equity of 0."""

    exposure: Exposure
    target_usd: Decimal
    target_contracts: Decimal  # not rounded
    order_contracts: Decimal  # buy > 0, sell < 0, whole lots


@exact
def answer(question: Question) -> Answer:
    """Exposure, target and order of the question."""
    instrument = Instrument(
        venue=_VENUE,
        symbol=_COIN,
        kind=question.kind,
        base=_COIN,
        settle=_COIN if question.kind is Kind.INVERSE else USD,
        contract_size=question.contract_size,
        lot=question.lot,
        tick=Decimal(1),
        min_contracts=question.lot,
        max_contracts=None,
    )
    quantity = question.position_contracts * question.contract_size
    position = Position(
        instrument, Amount(quantity, instrument.unit), question.entry or question.mark
    )
    account = MarginAccount(
        _VENUE,
        (CoinBalance(Amount(question.wallet, _COIN), None),),
        (position,) if quantity else (),
        ZERO,
    )
    policy = HedgePolicy(
        asset=_COIN,
        spot=(_SPOT,),
        legs=(HedgeLeg(_VENUE, _COIN),),
        ratio=question.ratio,
        accounting=question.accounting,
        allow_long=True,
    )
    world = world_of(
        Snapshot(
            book="",
            cycle=0,
            at=datetime.fromtimestamp(0, UTC),
            environment=Environment.SIM,
            execution=Execution.DRY_RUN,
            hedges=(policy,),
            accounts=(account,),
            holdings=(Holding(_SPOT, Amount(question.coins, _COIN), ZERO),),
            quotes=(Quote(instrument, mark=question.mark, index=question.mark, age_s=ZERO),),
        )
    )
    exposure = net_exposure(world, policy)
    target_usd = target_of(world, policy, exposure).usd
    contract_usd = usd_per_contract(instrument, question.mark)
    gap_contracts = (target_usd - exposure.position_usd) / contract_usd
    return Answer(
        exposure=exposure,
        target_usd=target_usd,
        target_contracts=target_usd / contract_usd,
        order_contracts=round_contracts(gap_contracts, question.lot, Rounding.DOWN),
    )
