"""What the positions of a book, and of all books, come to: sizes in USD, whatever their signs.

A hedge counts with all that its own orders may make of it; the other hedges of the book with what
they hold and what they order in the same decision; other books with what the journal says that they
hold. What is not known is not zero: it lets nothing increase.
"""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from hedged.core.decimals import ZERO
from hedged.core.ledger import Ledger
from hedged.core.leverage import notional_usd
from hedged.core.types import USD, Finding, HedgePolicy, OrderIntent, Reason
from hedged.core.wanted import NO_CAPS
from hedged.core.world import World


def gross_findings(
    world: World, policy: HedgePolicy, after_usd: Decimal, beside: Sequence[OrderIntent]
) -> Iterator[Finding]:
    """What speaks against an order that makes a hedge as large as `after_usd`, signed.

    `beside` are the orders of the decision that go before it.
    """
    snapshot = world.snapshot
    if snapshot.caps is NO_CAPS and snapshot.total is NO_CAPS:
        return
    others = _others(world, policy, beside)
    book = None if others is None else abs(after_usd) + others
    yield from _found("of the book", book, snapshot.caps.max_position_usd)
    elsewhere = snapshot.held_elsewhere_usd
    total = None if book is None or elsewhere is None else book + elsewhere
    yield from _found("of all books", total, snapshot.total.max_position_usd)


def _found(whose: str, usd: Decimal | None, limit: Decimal | None) -> Iterator[Finding]:
    if limit is None:
        return
    if usd is None:
        text = f"what other positions {whose} come to is not known, limit {limit:,.2f} USD"
        yield Finding(Reason.LIMIT_EXCEEDED, text)
    elif usd > limit:
        text = f"the positions {whose} would be {usd:,.2f} USD in all, limit {limit:,.2f} USD"
        yield Finding(Reason.LIMIT_EXCEEDED, text)


def _others(world: World, policy: HedgePolicy, beside: Sequence[OrderIntent]) -> Decimal | None:
    """The other hedges of the book; None: one of their accounts was not read."""
    total = ZERO
    for other in world.snapshot.hedges:
        if other.asset == policy.asset:
            continue
        for leg in other.legs:
            if leg.venue not in world.accounts:
                return None
            held = world.positions.get((leg.venue, leg.symbol), ())
            total += sum((notional_usd(world, position) for position in held), ZERO)
    added = (o.notional_usd for o in beside if o.asset != policy.asset and not o.reduce_only)
    return total + sum(added, ZERO)


def held_beside(ledger: Ledger, legs: Collection[tuple[str, str]]) -> Decimal | None:
    """What the journal holds in other instruments than these; None: a price is not known.

    A position in coins is worth what its book last believed of the price.
    """
    marks = {
        memory.asset: memory.believed.mark
        for kept in ledger.memories.values()
        for memory in kept.assets
        if memory.believed is not None
    }
    total = ZERO
    for key, slot in ledger.slots.items():
        if key in legs or not slot.quantity.value:
            continue
        price = Decimal(1) if slot.quantity.unit == USD else marks.get(slot.quantity.unit)
        if price is None:
            return None
        total += abs(slot.quantity.value) * price
    return total
