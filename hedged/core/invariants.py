"""What must hold of every decision and every journal, asserted before anything is sent.

The gates decide what may be sent; this module asks once more, in its own words and from the
snapshot itself, so that one mistake in planner or gates does not become an order. A violation is
a bug: nothing of the decision is sent, and everything halts until somebody has looked.

Asserted here, by number: 1 no order takes an asset further from its target, whichever of the
orders beside it fill; 2 no position beyond its cap; 3 one unresolved order per instrument; 5 an
order is recorded before it leaves; 6 a dry-run approves nothing; 7 no order on stale, missing or
unreconciled input; 12 price, size and pace within the hard limits; 13 no order while halted, and
only reducing ones while reducing; 14 all figures are finite Decimals.

Asserted elsewhere: 4 and 9 by the journal (a client id or a trade recorded twice is refused), 8 by
the executor in every cycle (what the venue holds and the journal does not explain freezes), 10 and
11 by the table of an order's life. 15 is no property of one moment; simulations prove it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from hedged.core.decimals import ONE, ZERO, exact, plain
from hedged.core.exposure import usd_per_unit
from hedged.core.ledger import Ledger
from hedged.core.orders import State
from hedged.core.pace import AN_HOUR, HARD
from hedged.core.types import (
    AssetDecision,
    Decision,
    Execution,
    HedgePolicy,
    InFlight,
    OrderIntent,
    Quote,
    Side,
    Snapshot,
    TradingState,
)


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant that does not hold, by its number, with the figures."""

    number: int
    detail: str

    @property
    def text(self) -> str:
        """Both in one line."""
        return f"invariant {self.number}: {self.detail}"


def ledger_violations(ledger: Ledger) -> tuple[Violation, ...]:
    """What does not hold of the journal."""
    found, taken = [], set()
    for order in ledger.unresolved():
        key = (order.terms.venue, order.terms.symbol)
        if key in taken:
            text = f"{order.client_id} is a second unresolved order in {order.terms.symbol}"
            found.append(Violation(3, text))
        taken.add(key)
        if order.filled > order.terms.contracts:
            filled, wanted = plain(order.filled), plain(order.terms.contracts)
            found.append(Violation(12, f"{order.client_id} filled {filled} of {wanted}"))
    odd = (slot for slot in ledger.slots.values() if not _is_number(slot.quantity.value))
    found += [
        Violation(14, f"{slot.symbol} is expected at {slot.quantity.value!r}") for slot in odd
    ]
    return tuple(found)


def unrecorded(ledger: Ledger, client_id: str) -> Violation | None:
    """Whether an order that is about to leave is on record as such."""
    order = ledger.orders.get(client_id)
    if order is not None and order.state is State.SUBMITTING:
        return None
    state = "not in the journal" if order is None else f"{order.state} in the journal"
    return Violation(5, f"{client_id} is {state} when it is to be sent")


@exact
def decision_violations(snapshot: Snapshot, decision: Decision) -> tuple[Violation, ...]:
    """What does not hold of the orders that a decision approves."""
    intents = [approved.intent for approved in decision.approved]
    moved = tuple(_of_moves(snapshot, decision)) if decision.moves else ()
    if not intents:
        return moved
    policies = {policy.asset: policy for policy in snapshot.hedges}
    assets = {asset.asset: asset for asset in decision.assets}
    quotes = {(q.instrument.venue, q.instrument.symbol): q for q in snapshot.quotes}
    found: list[Iterable[Violation]] = [_of_state(snapshot, intents), _of_slots(snapshot, intents)]
    for intent in intents:
        quote = quotes.get((intent.instrument.venue, intent.instrument.symbol))
        if quote is None:
            found.append((Violation(7, f"{_named(intent)} has no quote"),))
        elif not _is_exact(intent):
            found.append((Violation(14, f"{_named(intent)} has a figure that is no number"),))
        else:
            policy = policies[intent.asset]
            found += [_of_input(snapshot, policy, quote), _of_limits(policy, intent, quote)]
            found.append(_of_pace(snapshot, policy))
    exact_ones = [intent for intent in intents if _is_exact(intent)]
    for name in {intent.asset for intent in exact_ones}:
        found.append(_of_drift(snapshot, assets[name], policies[name], exact_ones, quotes))
    return (*moved, *chain.from_iterable(found))


def _of_state(snapshot: Snapshot, intents: Iterable[OrderIntent]) -> Iterator[Violation]:
    for intent in intents:
        if snapshot.execution is Execution.DRY_RUN:
            yield Violation(6, f"{_named(intent)} is approved in a dry-run")
        if snapshot.state is TradingState.HALTED:
            yield Violation(13, f"{_named(intent)} is approved while halted")
        if snapshot.state is TradingState.REDUCING and not intent.reduce_only:
            yield Violation(13, f"{_named(intent)} may increase, and only reducing is allowed")


def _of_moves(snapshot: Snapshot, decision: Decision) -> Iterator[Violation]:
    """No transfer that a state forbids, of what is not there, or beside another one."""
    under_way = {
        (move.terms.venue, move.terms.quantity.unit) for move in snapshot.memory.moves if move.open
    }
    held = {(h.source, h.quantity.unit): h.quantity.value for h in snapshot.holdings}
    for move in decision.moves:
        amount, coin = move.quantity.value, move.quantity.unit
        named = f"the transfer of {amount} {coin} from {move.source}"
        if snapshot.execution is Execution.DRY_RUN:
            yield Violation(6, f"{named} is approved in a dry-run")
        if snapshot.state is TradingState.HALTED:
            yield Violation(13, f"{named} is approved while halted")
        if (move.venue, coin) in under_way:
            yield Violation(3, f"{named} beside another one that has no end yet")
        if not _is_number(amount) or amount <= 0:
            yield Violation(14, f"{named} is not above 0")
        elif move.source != move.venue and amount > held.get((move.source, coin), ZERO):
            yield Violation(7, f"{named}, which does not hold so many")


def _of_slots(snapshot: Snapshot, intents: Iterable[OrderIntent]) -> Iterator[Violation]:
    taken = {(order.venue, order.symbol) for order in snapshot.in_flight}
    for intent in intents:
        slot = (intent.instrument.venue, intent.instrument.symbol)
        if slot in taken:
            yield Violation(3, f"{_named(intent)} beside another order in its instrument")
        taken.add(slot)


def _of_input(snapshot: Snapshot, policy: HedgePolicy, quote: Quote) -> Iterator[Violation]:
    """The instrument's venue was read, lately and wholly."""
    venue, symbol = quote.instrument.venue, quote.instrument.symbol
    accounts = [account for account in snapshot.accounts if account.venue == venue]
    if not accounts:
        yield Violation(7, f"the account at {venue} was not read")
    for age_s in (quote.age_s, *(account.age_s for account in accounts)):
        if age_s > policy.max_age_s:
            limit = plain(policy.max_age_s)
            yield Violation(7, f"{venue} was read {plain(age_s, 1)} s ago, limit {limit} s")
    for gap in snapshot.missing:
        if gap.source == venue and gap.symbol in (None, symbol):
            yield Violation(7, f"{venue}: {gap.what} is missing: {gap.detail}")


def _of_limits(policy: HedgePolicy, intent: OrderIntent, quote: Quote) -> Iterator[Violation]:
    instrument, limits = intent.instrument, policy.limits
    if intent.contracts <= 0 or intent.limit_price <= 0:
        yield Violation(12, f"{_named(intent)} is not above 0")
    away = abs(intent.limit_price / quote.index - ONE)
    if away > limits.collar:
        limit = plain(limits.collar * 100)
        yield Violation(12, f"{_named(intent)} is {plain(away * 100, 2)} % off, limit {limit} %")
    if instrument.max_contracts is not None and intent.contracts > instrument.max_contracts:
        most = plain(instrument.max_contracts)
        yield Violation(12, f"{_named(intent)} is larger than its venue's {most}")
    if limits.max_order_usd is not None and intent.notional_usd > limits.max_order_usd:
        yield Violation(12, f"{_named(intent)} is larger than {plain(limits.max_order_usd)} USD")


def _of_pace(snapshot: Snapshot, policy: HedgePolicy) -> Iterator[Violation]:
    most = policy.limits.max_orders_per_hour
    if most is None:
        return
    recent = sum(
        order.asset == policy.asset and not order.goes_on and snapshot.at - order.at < AN_HOUR
        for order in snapshot.memory.placed
    )
    if recent >= HARD * most:
        yield Violation(12, f"{recent} orders of {policy.asset} in an hour, limit {HARD * most}")


def _of_drift(
    snapshot: Snapshot,
    decided: AssetDecision,
    policy: HedgePolicy,
    intents: Iterable[OrderIntent],
    quotes: dict[tuple[str, str], Quote],
) -> Iterator[Violation]:
    """Whichever of its orders fill, an asset is not further from its target, nor over its cap.

    Where a hedge moves from one instrument to another, either half alone may leave the target by
    what is inside the band.
    """
    judged = decided.judged
    if judged is None:
        yield Violation(7, f"{decided.asset} has orders and no standing")
        return
    mark = judged.exposure.mark
    changes = [
        _change_usd(quotes[key], i.side, i.contracts, mark)
        for i in intents
        if i.asset == decided.asset and (key := (i.instrument.venue, i.instrument.symbol)) in quotes
    ]
    changes += _resting_usd(snapshot.in_flight, decided.asset, quotes, mark)
    drift = judged.drift_usd
    room = max(abs(drift), judged.target.trigger_usd)
    for worst in (_sum(c for c in changes if c > 0), _sum(c for c in changes if c < 0)):
        if abs(drift + worst) > room:
            yield Violation(
                1,
                f"{decided.asset} would go from {plain(drift, 2)} to "
                f"{plain(drift + worst, 2)} USD from its target",
            )
    cap, held = policy.limits.max_position_usd, judged.exposure.position_usd
    after = held + _sum(changes)
    if cap is not None and abs(after) > max(cap, abs(held)):
        yield Violation(2, f"{decided.asset} would hold {plain(after, 2)} USD, cap {plain(cap)}")


def _resting_usd(
    in_flight: Iterable[InFlight], asset: str, quotes: dict[tuple[str, str], Quote], mark: Decimal
) -> Iterator[Decimal]:
    """What orders that rest would still change."""
    for order in in_flight:
        quote, resting = quotes.get((order.venue, order.symbol)), order.resting
        if quote is not None and resting is not None and resting.asset == asset:
            yield _change_usd(quote, resting.side, resting.remaining, mark)


def _change_usd(quote: Quote, side: Side, contracts: Decimal, mark: Decimal) -> Decimal:
    """What contracts change of the asset's position, in USD at the asset's mark."""
    usd = contracts * quote.instrument.contract_size * usd_per_unit(quote, mark)
    return usd if side is Side.BUY else -usd


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    return sum(numbers, ZERO)


def _is_number(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite()


def _is_exact(intent: OrderIntent) -> bool:
    return all(map(_is_number, (intent.contracts, intent.limit_price, intent.notional_usd)))


def _named(intent: OrderIntent) -> str:
    return f"{intent.side} {intent.contracts} {intent.instrument.symbol}"
