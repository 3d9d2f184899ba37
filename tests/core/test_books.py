"""Whole books, any of them: what holds for every decision, and where its orders lead."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from itertools import combinations
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hedged.core.decide import decide
from hedged.core.exposure import net_exposure
from hedged.core.invariants import decision_violations
from hedged.core.memory import remember
from hedged.core.policy import target_of
from hedged.core.serialise import (
    decision_from_json,
    decision_to_json,
    snapshot_from_json,
    snapshot_to_json,
)
from hedged.core.types import (
    Amount,
    AssetDecision,
    CoinBalance,
    HedgePolicy,
    InFlight,
    Limits,
    MarginAccount,
    Missing,
    Position,
    Reason,
    Side,
    Snapshot,
    Standing,
)
from hedged.core.world import world_of
from tests.core.books import FREE, books, filled
from tests.core.build import D

TINY = Decimal("1e-20")
MANY = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
MOST_CYCLES = 40


def standings(snapshot: Snapshot) -> dict[str, Standing]:
    """Where each asset stands, whatever the gates say."""
    world = world_of(snapshot)
    found = {}
    for policy in snapshot.hedges:
        exposure = net_exposure(world, policy)
        found[policy.asset] = Standing(exposure, target_of(world, policy, exposure))
    return found


def lot_usd(snapshot: Snapshot, asset: AssetDecision) -> Decimal:
    """The largest lot of the asset's instruments, at their marks."""
    sizes = [
        q.instrument.lot
        * q.instrument.contract_size
        * (1 if q.instrument.unit == "USD" else q.mark)
        for q in snapshot.quotes
        if q.instrument.base == asset.asset
    ]
    return max(sizes) * Decimal("1.03")  # marks of one asset are within 2 % of each other


@MANY
@given(books())
def test_filled_plans_end_inside_the_band(book: Snapshot) -> None:
    """Invariant 15 of the core: a bounded number of cycles, and then nothing more to do."""
    decision = decide(book)
    for _ in range(MOST_CYCLES):
        book = filled(book, [order.intent for order in decision.approved])
        decision = decide(book)
        if not decision.approved:
            break
    for asset in decision.assets:
        assert asset.standing is not None
        assert asset.reason in {
            Reason.IN_BAND,
            Reason.LIMIT_EXCEEDED,
            Reason.ABOVE_BAND,
            Reason.BELOW_BAND,
        }
        drift = abs(asset.standing.drift_usd)
        assert drift <= asset.standing.target.band_usd or drift < lot_usd(book, asset)


@MANY
@given(books(), st.data())
def test_invariant_01_no_part_of_a_plan_makes_it_worse(book: Snapshot, data: st.DataObject) -> None:
    """Whatever fills and whatever does not: nearer to the target, or inside the band."""
    decision = decide(book)
    orders = [order.intent for order in decision.approved]
    some = data.draw(
        st.sampled_from([c for n in range(len(orders) + 1) for c in combinations(orders, n)])
    )
    before, after = standings(book), standings(filled(book, some))
    for asset in before:
        was, now = before[asset], after[asset]
        moved = abs(now.exposure.position_usd - was.target.usd)
        slack = TINY * (1 + abs(was.drift_usd))
        assert moved <= max(abs(was.drift_usd), was.target.trigger_usd) + slack


@MANY
@given(books(capped=True))
def test_invariants_02_03_caps_and_one_order_in_an_instrument(book: Snapshot) -> None:
    decision = decide(book)
    orders = [order.intent for order in decision.approved]
    keys = [(o.instrument.venue, o.instrument.symbol) for o in orders]
    assert len(set(keys)) == len(keys)
    caps = {(leg.venue, leg.symbol): leg.cap_usd for p in book.hedges for leg in p.legs}
    held = {
        (h.instrument.venue, h.instrument.symbol): h.value_usd
        for asset in decision.assets
        if asset.standing
        for h in asset.standing.exposure.held
    }
    marks = {a.asset: a.standing.exposure.mark for a in decision.assets if a.standing}
    own = {(q.instrument.venue, q.instrument.symbol): q.mark for q in book.quotes}
    for key, order in zip(keys, orders, strict=True):
        cap = caps[key]
        usd = order.notional_usd * marks[order.asset] / own[key]
        change = usd if order.side is Side.BUY else -usd
        grows = abs(held[key] + change) > abs(held[key])
        assert cap is None or not grows or abs(held[key] + change) <= cap + 1


@MANY
@given(books(), st.integers(0, 10**6).map(Decimal))
def test_invariant_02_no_plan_passes_the_owner_s_cap(book: Snapshot, most: Decimal) -> None:
    """All orders of a plan together: where one is small enough, two may not be."""
    limits = replace(FREE, max_position_usd=most)
    book = replace(book, hedges=tuple(replace(h, limits=limits) for h in book.hedges))
    decision = decide(book)
    assert decision_violations(book, decision) == ()
    before = standings(book)
    after = standings(filled(book, [order.intent for order in decision.approved]))
    for asset in before:
        held = abs(before[asset].exposure.position_usd)
        slack = TINY * (1 + held + most)
        assert abs(after[asset].exposure.position_usd) <= max(held, most) + slack


Change = Callable[[Snapshot], Snapshot]


def torn(book: Snapshot) -> Snapshot:
    """Every account reports a hundred coins more than its parts come to."""

    def wrong(balance: CoinBalance) -> CoinBalance:
        more = Amount(balance.wallet.value + 10**6, balance.wallet.unit)
        return replace(balance, equity=more)

    accounts = (replace(a, balances=tuple(map(wrong, a.balances))) for a in book.accounts)
    return replace(book, accounts=tuple(accounts))


def missing(reason: Reason, *sources: str) -> Change:
    gaps = tuple(Missing(source, "what it holds", "timed out", reason) for source in sources)
    return lambda book: replace(book, missing=gaps)


def in_flight(book: Snapshot) -> Snapshot:
    """An order in every instrument, none of which is known to have ended."""
    orders = (
        InFlight(q.instrument.venue, q.instrument.symbol, "hg1", "timed out") for q in book.quotes
    )
    return replace(book, in_flight=tuple(orders))


def strangers(book: Snapshot) -> Snapshot:
    """Every account holds something on every coin that no hedge manages."""
    found = tuple(
        replace(q.instrument, symbol=f"{q.instrument.symbol}-260327") for q in book.quotes
    )
    accounts = (
        replace(
            account,
            positions=(
                *account.positions,
                *(Position(other, Amount(D(1), other.unit), D(1)) for other in found),
            ),
        )
        for account in book.accounts
    )
    return replace(book, accounts=tuple(accounts))


FAULTS: dict[str, tuple[Reason, Change]] = {
    "coins": (Reason.SOURCE_MISSING, missing(Reason.SOURCE_MISSING, "cold")),
    "journal": (Reason.UNRECONCILED, missing(Reason.UNRECONCILED, "a", "b")),
    "hands": (Reason.EXTERNAL_CHANGE, missing(Reason.EXTERNAL_CHANGE, "a", "b")),
    "clock": (Reason.CLOCK_SKEW, missing(Reason.CLOCK_SKEW, "a", "b")),
    "no account": (Reason.SOURCE_MISSING, lambda book: replace(book, accounts=())),
    "no price": (Reason.SOURCE_MISSING, lambda book: replace(book, quotes=())),
    "no coins": (Reason.SOURCE_MISSING, lambda book: replace(book, holdings=())),
    "in flight": (Reason.ORDER_IN_FLIGHT, in_flight),
    "strangers": (Reason.UNMANAGED_POSITION, strangers),
    "old coins": (
        Reason.STALE_DATA,
        lambda book: replace(book, holdings=tuple(replace(h, age_s=D(31)) for h in book.holdings)),
    ),
    "old accounts": (
        Reason.STALE_DATA,
        lambda book: replace(book, accounts=tuple(replace(a, age_s=D(31)) for a in book.accounts)),
    ),
    "old prices": (
        Reason.STALE_DATA,
        lambda book: replace(book, quotes=tuple(replace(q, age_s=D(31)) for q in book.quotes)),
    ),
    "torn": (Reason.EPOCH_TORN, torn),
    "crossed": (
        Reason.COLLAR,
        lambda book: replace(
            book, quotes=tuple(replace(q, bid=q.mark, ask=q.mark) for q in book.quotes)
        ),
    ),
    "tenfold": (
        Reason.COLLAR,
        lambda book: replace(book, quotes=tuple(replace(q, mark=10 * q.mark) for q in book.quotes)),
    ),
}


@MANY
@given(books(), st.sampled_from([*FAULTS]))
def test_invariant_07_bad_input_never_leads_to_an_order(book: Snapshot, name: str) -> None:
    reason, fault = FAULTS[name]
    decision = decide(fault(book))
    assert decision.approved == ()
    for asset in decision.assets:
        assert (asset.reason, asset.orders, asset.standing) == (reason, (), None)


@MANY
@given(books())
def test_invariant_12_prices_stay_within_the_collar(book: Snapshot) -> None:
    tight = Limits(max_leverage=None, max_orders_per_hour=None, collar=D("0.005"))
    book = replace(book, hedges=tuple(replace(h, limits=tight) for h in book.hedges))
    for order in decide(book).approved:
        (quote,) = (q for q in book.quotes if q.instrument == order.intent.instrument)
        assert abs(order.intent.limit_price / quote.index - 1) <= D("0.005")


@MANY
@given(books(), st.integers(1, 10**5).map(Decimal))
def test_invariant_12_sizes_stay_within_the_maximum(book: Snapshot, most: Decimal) -> None:
    limits = replace(FREE, max_order_usd=most)
    book = replace(book, hedges=tuple(replace(h, limits=limits) for h in book.hedges))
    assert all(order.intent.notional_usd <= most for order in decide(book).approved)


def numbers(value: object) -> Iterator[object]:
    """Everything that a decision is made of."""
    if is_dataclass(value):
        for field in fields(value):
            yield from numbers(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from numbers(item)
    else:
        yield value


@MANY
@given(books())
def test_invariant_14_decimal_only(book: Snapshot) -> None:
    found = list(numbers(decide(book)))
    assert not [value for value in found if isinstance(value, float)]
    assert all(value.is_finite() for value in found if isinstance(value, Decimal))


@MANY
@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_sources_changes_nothing(book: Snapshot, chance: Random) -> None:
    shuffled = replace(
        book,
        accounts=tuple(chance.sample(book.accounts, len(book.accounts))),
        holdings=tuple(chance.sample(book.holdings, len(book.holdings))),
        quotes=tuple(chance.sample(book.quotes, len(book.quotes))),
    )
    assert verdicts(shuffled) == verdicts(book)


def verdicts(book: Snapshot) -> list[object]:
    return [
        (a.reason, a.orders, a.standing and (a.standing.exposure.equity, a.standing.target))
        for a in decide(book).assets
    ]


@MANY
@given(books())
def test_the_mirrored_book_trades_the_other_way(book: Snapshot) -> None:
    """Long for short and short for long; only a target that may not be long breaks it."""
    book = replace(book, hedges=tuple(map(symmetric, book.hedges)))
    mirrored = decide(mirror(book))
    for asset, other in zip(decide(book).assets, mirrored.assets, strict=True):
        assert asset.standing is not None
        assert other.standing is not None
        assert other.standing.drift_usd == asset.standing.drift_usd.copy_negate()
        assert [(o.contracts, o.side) for o in asset.orders] == [
            (o.contracts, Side.BUY if o.side is Side.SELL else Side.SELL) for o in other.orders
        ]


def symmetric(policy: HedgePolicy) -> HedgePolicy:
    return replace(policy, keep=None, notional_usd=None, allow_long=True)


def mirror(book: Snapshot) -> Snapshot:
    def account(before: MarginAccount) -> MarginAccount:
        return replace(
            before,
            balances=tuple(CoinBalance(-b.wallet, None) for b in before.balances),
            positions=tuple(replace(p, quantity=-p.quantity) for p in before.positions),
        )

    return replace(
        book,
        accounts=tuple(map(account, book.accounts)),
        holdings=tuple(replace(h, quantity=-h.quantity) for h in book.holdings),
    )


@MANY
@given(books(), st.decimals("0", "5", places=4))
def test_more_coins_never_mean_a_smaller_short(book: Snapshot, more: Decimal) -> None:
    richer = replace(
        book,
        holdings=tuple(
            replace(h, quantity=h.quantity + Amount(more, h.quantity.unit)) for h in book.holdings
        ),
    )
    before, after = standings(book), standings(richer)
    assert all(after[asset].target.usd <= before[asset].target.usd for asset in before)


@MANY
@given(books(), st.decimals("0", "1.5", places=2), st.decimals("0", "1.5", places=2))
def test_a_higher_ratio_never_means_a_smaller_hedge(
    book: Snapshot, one: Decimal, other: Decimal
) -> None:
    low, high = sorted((one, other))

    def sizes(ratio: Decimal) -> list[Decimal]:
        hedges = tuple(replace(symmetric(h), ratio=ratio) for h in book.hedges)
        found = standings(replace(book, hedges=hedges)).values()
        return [abs(standing.target.usd) for standing in found]

    assert all(less <= more for less, more in zip(sizes(low), sizes(high), strict=True))


@MANY
@given(books())
def test_a_decision_replays_bit_for_bit(book: Snapshot) -> None:
    first = decide(book)
    book = replace(book, memory=remember(book.memory, book, first), cycle=2)
    decision = decide(book)
    written = snapshot_from_json(snapshot_to_json(book))
    assert written == book
    assert decision_to_json(decide(written)) == decision_to_json(decision)
    assert decision_from_json(decision_to_json(decision)) == decision
