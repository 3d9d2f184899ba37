"""Whole books at random, and what becomes of them when their orders fill."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from hedged.core.contracts import average_entry
from hedged.core.decimals import ZERO
from hedged.core.types import (
    USD,
    Alias,
    Amount,
    Band,
    BandKind,
    CoinBalance,
    Environment,
    Execution,
    HedgeLeg,
    HedgePolicy,
    Holding,
    Instrument,
    Kind,
    Limits,
    MarginAccount,
    OrderIntent,
    Position,
    Quote,
    Snapshot,
)
from tests.core.build import AT, D

COINS = ("BTC", "ETH")
LOTS = st.sampled_from([(D(1), D(1)), (D(100), D(1)), (D(10), D("0.1"))])
FREE = Limits(max_leverage=None, max_orders_per_hour=None, liquidation_distance=None)


def perpetual(venue: str, coin: str, kind: Kind, size: Decimal, lot: Decimal) -> Instrument:
    inverse = kind is Kind.INVERSE
    return Instrument(
        venue=venue,
        symbol=f"{coin}/USD:{coin}" if inverse else f"{coin}/USDT:USDT",
        kind=kind,
        base=coin,
        settle=coin if inverse else "USDT",
        contract_size=size if inverse else size / 1000,
        lot=lot,
        tick=D("0.1"),
        min_contracts=lot,
        max_contracts=None,
    )


@st.composite
def listings(draw: st.DrawFn, coin: str) -> tuple[Instrument, ...]:
    """One to three instruments on a coin, inverse and linear, on two venues."""
    chosen = draw(
        st.lists(
            st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([*Kind])),
            min_size=1,
            max_size=3,
            unique=True,
        )
    )
    return tuple(perpetual(venue, coin, kind, *draw(LOTS)) for venue, kind in chosen)


@st.composite
def bands(draw: st.DrawFn) -> Band:
    kind = draw(st.sampled_from([*BandKind]))
    sizes = {
        BandKind.USD: st.decimals("0", "5000", places=2),
        BandKind.COINS: st.decimals("0", "0.1", places=4),
    }
    fraction = st.decimals("0.0001", "0.05", places=4)
    hysteresis = draw(st.sampled_from([D(1), D("0.75")]))
    return Band(kind, draw(sizes.get(kind, fraction)), hysteresis=hysteresis)


@st.composite
def policies(
    draw: st.DrawFn, coin: str, instruments: tuple[Instrument, ...], *, capped: bool
) -> HedgePolicy:
    cap = st.none() | st.integers(0, 10**6).map(Decimal) if capped else st.none()
    legs = tuple(
        HedgeLeg(
            i.venue, i.symbol, draw(st.integers(1, 2)), Decimal(draw(st.integers(1, 3))), draw(cap)
        )
        for i in instruments
    )
    goal = draw(st.sampled_from(["ratio", "keep", "notional"]))
    return HedgePolicy(
        asset=coin,
        spot=("cold", "warm"),
        legs=legs,
        aliases=(Alias(f"W{coin}", D("1.1")),),
        ratio=draw(st.decimals("0", "1.5", places=2)),
        keep=draw(st.decimals("0", "20", places=3)) if goal == "keep" else None,
        notional_usd=Decimal(draw(st.integers(0, 10**6))) if goal == "notional" else None,
        band=draw(bands()),
        rebalance_to=draw(st.sampled_from([D(0), D("0.5"), D("0.75")])),
        allow_long=draw(st.booleans()),
        limits=FREE,
    )


@st.composite
def books(draw: st.DrawFn, *, capped: bool = False) -> Snapshot:
    """Two assets with sources, accounts, positions and prices."""
    amounts = st.decimals("-2", "20", places=4)
    hedges: list[HedgePolicy] = []
    quotes: list[Quote] = []
    holdings: list[Holding] = []
    held: dict[str, list[Position]] = {"a": [], "b": []}
    for coin, near in zip(COINS, (60_000, 3_000), strict=True):
        instruments = draw(listings(coin))
        hedges.append(draw(policies(coin, instruments, capped=capped)))
        index = Decimal(near) * draw(st.decimals("0.5", "2", places=3))
        for each in instruments:
            mark = index * draw(st.decimals("0.99", "1.01", places=4))
            quotes.append(Quote(each, mark, index, ZERO))
            lots = draw(st.integers(-3000, 3000))
            if lots:
                quantity = each.contract_size * each.lot * lots
                entry = index * draw(st.decimals("0.8", "1.2", places=3))
                held[each.venue].append(Position(each, Amount(quantity, each.unit), entry))
        holdings += [
            Holding(source, Amount(draw(amounts), unit), ZERO)
            for source, unit in (("cold", coin), ("warm", coin), ("warm", f"W{coin}"))
        ]
    accounts = tuple(
        MarginAccount(
            venue,
            tuple(CoinBalance(Amount(draw(amounts), coin), None) for coin in COINS),
            tuple(held[venue]),
            ZERO,
        )
        for venue in ("a", "b")
    )
    return Snapshot(
        book="whole",
        cycle=1,
        at=AT,
        environment=Environment.TESTNET,
        execution=Execution.LIVE,
        hedges=tuple(hedges),
        accounts=accounts,
        holdings=tuple(holdings),
        quotes=tuple(quotes),
    )


def filled(snapshot: Snapshot, orders: Iterable[OrderIntent]) -> Snapshot:
    """The next snapshot when these orders filled at the mark: PnL and coins do not change."""
    marks = {(q.instrument.venue, q.instrument.symbol): q.mark for q in snapshot.quotes}
    done = {(o.instrument.venue, o.instrument.symbol): o for o in orders}
    accounts = []
    for account in snapshot.accounts:
        positions, coins = [], {b.wallet.unit: b.wallet.value for b in account.balances}
        for position in account.positions:
            order = done.pop((account.venue, position.instrument.symbol), None)
            if order is None:
                positions.append(position)
                continue
            after, realised = traded(position, order, marks[account.venue, order.instrument.symbol])
            positions += [after] if after.quantity.value else []
            if position.instrument.kind is Kind.INVERSE:
                coins[position.instrument.settle] += realised
        for (venue, symbol), order in list(done.items()):
            if venue == account.venue:
                positions.append(Position(order.instrument, order.quantity, marks[venue, symbol]))
                del done[venue, symbol]
        balances = tuple(CoinBalance(Amount(value, coin), None) for coin, value in coins.items())
        accounts.append(replace(account, positions=tuple(positions), balances=balances))
    assert not done
    return replace(snapshot, accounts=tuple(accounts), cycle=snapshot.cycle + 1)


def traded(position: Position, order: OrderIntent, mark: Decimal) -> tuple[Position, Decimal]:
    """A position after a fill at the mark, and the coins that an inverse one realises."""
    before, change = position.quantity.value, order.quantity.value
    quantity = Amount(before + change, position.quantity.unit)
    if before * change > 0:
        entry = average_entry([(before, position.entry), (change, mark)])
        return replace(position, quantity=quantity, entry=entry), ZERO
    closed = -change if abs(change) <= abs(before) else before
    realised = closed * (1 / position.entry - 1 / mark) if quantity.unit == USD else ZERO
    entry = position.entry if abs(change) <= abs(before) else mark
    return replace(position, quantity=quantity, entry=entry), realised
