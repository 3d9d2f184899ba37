"""The gates: what must hold before a verdict, and before an order may be sent.

Input gates come first and replace the verdict: on stale, torn, missing or unexplained data
nothing is concluded, because for a long book every hedge order lowers |net delta| and would
pass any check of direction. Sending gates come last and leave the proposal visible.
This module is the only maker of `Approved`.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from hedged.core.contracts import inverse_pnl, usd_per_contract
from hedged.core.decimals import ONE, ZERO, exact, plain
from hedged.core.exposure import wallet
from hedged.core.types import (
    USD,
    Amount,
    Approved,
    Environment,
    Execution,
    Finding,
    HedgePolicy,
    Kind,
    MarginAccount,
    OrderIntent,
    Quote,
    Reason,
    Snapshot,
    Standing,
    TradingState,
)

# Two reads of one account see marks that differ by what the price did between them.
EPOCH_TOLERANCE: Final = Decimal("0.002")
# Venues report coins to eight decimals: each of a few terms may be off by one unit.
COIN_DUST: Final = Decimal("0.00000005")


def input_finding(snapshot: Snapshot, policy: HedgePolicy, quote: Quote | None) -> Finding | None:
    """The first reason why this asset's input allows no verdict, or None."""
    return next(
        (f for f in _input_findings(snapshot, policy, quote) if f is not None),
        None,
    )


def _input_findings(
    snapshot: Snapshot, policy: HedgePolicy, quote: Quote | None
) -> Iterator[Finding | None]:
    yield _missing(snapshot, policy)
    yield _in_flight(snapshot, policy)
    if quote is None:
        yield Finding(Reason.SOURCE_MISSING, f"no quote of {policy.symbol} at {policy.venue}")
        return
    involved = [a for a in snapshot.accounts if a.venue in {policy.venue, *policy.spot}]
    yield _absent(snapshot, policy)
    yield _stale(snapshot, policy, quote, involved)
    yield _collar(policy, quote)
    for account in involved:
        yield _unmanaged(policy, account)
        yield _torn(policy, account, quote)


def _missing(snapshot: Snapshot, policy: HedgePolicy) -> Finding | None:
    sources = {policy.venue, *policy.spot}
    for gap in snapshot.missing:
        concerns_quote = gap.what.startswith("quote ")
        if gap.source in sources and (
            not concerns_quote or (gap.source, gap.what) == (policy.venue, f"quote {policy.symbol}")
        ):
            return Finding(gap.reason, f"{gap.source}: {gap.what}: {gap.detail}")
    return None


def _absent(snapshot: Snapshot, policy: HedgePolicy) -> Finding | None:
    """A source that is neither there nor reported missing is missing all the same."""
    there = {a.venue for a in snapshot.accounts} | {h.source for h in snapshot.holdings}
    for source in (policy.venue, *policy.spot):
        if source not in there:
            return Finding(Reason.SOURCE_MISSING, f"{source}: not read")
    return None


def _in_flight(snapshot: Snapshot, policy: HedgePolicy) -> Finding | None:
    for order in snapshot.in_flight:
        if (order.venue, order.symbol) == (policy.venue, policy.symbol):
            return Finding(
                Reason.ORDER_IN_FLIGHT, f"order {order.client_id} is unresolved: {order.detail}"
            )
    return None


def _stale(
    snapshot: Snapshot, policy: HedgePolicy, quote: Quote, involved: list[MarginAccount]
) -> Finding | None:
    ages = [(f"quote {policy.symbol}", quote.age_s)]
    ages += [(f"account {account.venue}", account.age_s) for account in involved]
    ages += [(h.source, h.age_s) for h in snapshot.holdings if h.source in policy.spot]
    what, age_s = max(ages, key=lambda pair: pair[1])
    if age_s > policy.max_age_s:
        return Finding(
            Reason.STALE_DATA,
            f"{what} is {plain(age_s)} s old, limit {plain(policy.max_age_s)} s",
        )
    return None


@exact
def _collar(policy: HedgePolicy, quote: Quote) -> Finding | None:
    if quote.bid is not None and quote.ask is not None and quote.bid >= quote.ask:
        return Finding(
            Reason.COLLAR, f"book is crossed: bid {plain(quote.bid)}, ask {plain(quote.ask)}"
        )
    gap = abs(quote.mark / quote.index - ONE)
    if gap > policy.collar:
        return Finding(
            Reason.COLLAR,
            f"mark {plain(quote.mark)} is {plain(round(gap * 100, 2))} % from index "
            f"{plain(quote.index)}, limit {plain(policy.collar * 100)} %",
        )
    return None


def _unmanaged(policy: HedgePolicy, account: MarginAccount) -> Finding | None:
    for position in account.positions:
        other = position.instrument
        is_hedge = (account.venue, other.symbol) == (policy.venue, policy.symbol)
        if policy.asset in {other.base, other.settle} and not is_hedge:
            return Finding(
                Reason.UNMANAGED_POSITION,
                f"{account.venue} holds {plain(position.quantity.value)} "
                f"{position.quantity.unit} of {other.symbol}, which no hedge manages",
            )
    return None


@exact
def _torn(policy: HedgePolicy, account: MarginAccount, quote: Quote) -> Finding | None:
    """The identity equity = wallet + unrealised PnL, which one moment's figures obey."""
    coin = policy.asset
    reported = [b.equity for b in account.balances if b.wallet.unit == coin]
    if not reported or reported[0] is None:
        return None
    notional, pnl = ZERO, Amount(ZERO, coin)
    for position in account.positions:
        if position.instrument.settle == coin and position.instrument.kind is Kind.INVERSE:
            q = position.quantity.of(USD)
            notional += abs(q)
            pnl += Amount(inverse_pnl(q, position.entry, quote.mark), coin)
    own = wallet(account, coin) + pnl
    gap = abs((reported[0] - own).of(coin))
    limit = COIN_DUST + EPOCH_TOLERANCE * notional / quote.mark
    if gap > limit:
        return Finding(
            Reason.EPOCH_TORN,
            f"{account.venue} reports {plain(reported[0].value)} {coin} equity, wallet and PnL "
            f"give {plain(own.value)}: apart by {plain(gap)}, limit {plain(limit)}",
        )
    return None


@exact
def order_finding(intent: OrderIntent, standing: Standing, quote: Quote) -> Finding | None:
    """Why this order must not be proposed at all, or None: it would miss or worsen the target."""
    instrument = intent.instrument
    after = standing.drift_usd + (
        intent.notional_usd if intent.side.value == "buy" else -intent.notional_usd
    )
    if abs(after) > abs(standing.drift_usd) or after * standing.drift_usd < 0:
        minimum = instrument.min_contracts * usd_per_contract(instrument, quote.mark)
        return Finding(
            Reason.BELOW_MIN_QTY,
            f"drift {plain(standing.drift_usd)} USD is less than the smallest order, "
            f"{plain(minimum)} USD",
        )
    return None


def sending_findings(snapshot: Snapshot, intent: OrderIntent) -> tuple[Finding, ...]:
    """Why a sound order is proposed but not sent; empty: it may be."""
    findings = []
    if snapshot.execution is Execution.DRY_RUN:
        findings.append(Finding(Reason.DRY_RUN, "dry-run proposes and sends nothing"))
    if snapshot.environment is Environment.MAINNET and not snapshot.armed:
        findings.append(Finding(Reason.NOT_ARMED, "mainnet needs an armed book"))
    if snapshot.state is TradingState.HALTED:
        findings.append(Finding(Reason.HALTED, "halted until an operator resumes"))
    if snapshot.state is TradingState.REDUCING and not intent.reduce_only:
        findings.append(Finding(Reason.REDUCING, "only reduce-only orders pass"))
    return tuple(findings)


def approved(intent: OrderIntent, findings: tuple[Finding, ...]) -> Approved | None:
    """The intent, stamped, where no gate found anything."""
    return None if findings else Approved(intent)
