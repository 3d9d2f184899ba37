"""decide(): pure computing, against the bare arithmetic of the same formulas."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from statistics import median

from hedged.core.decide import decide
from hedged.core.decimals import CONTEXT
from hedged.core.types import (
    USD,
    Amount,
    CoinBalance,
    Environment,
    Execution,
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
from tests.bench.row import Row

RUNS = 200


def book(assets: int, *, venues: int = 1, wallets: int = 1) -> Snapshot:
    """A book in which every asset needs an order; each has an instrument at every venue.

    Its coins are in the accounts of the venues and in further wallets.
    """
    coins = [f"C{number:03}" for number in range(assets)]
    names = [f"v{number}" for number in range(venues)]
    cold = [f"w{number}" for number in range(wallets)]
    listed = {(name, coin): perpetual(name, coin) for name in names for coin in coins}
    mark, age = Decimal("64123.4"), Decimal("0.01")
    held = Decimal(-300_000) / venues
    return Snapshot(
        book="bench",
        cycle=1,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        environment=Environment.TESTNET,
        execution=Execution.LIVE,
        hedges=tuple(
            HedgePolicy(
                coin,
                tuple(cold),
                tuple(HedgeLeg(name, f"{coin}/USD:{coin}") for name in names),
            )
            for coin in coins
        ),
        accounts=tuple(
            MarginAccount(
                name,
                tuple(CoinBalance(Amount(Decimal("2.5") / venues, coin), None) for coin in coins),
                tuple(
                    Position(listed[name, coin], Amount(held, USD), Decimal(65_000))
                    for coin in coins
                ),
                age,
            )
            for name in names
        ),
        holdings=tuple(
            Holding(wallet, Amount(Decimal("2.5") / wallets, coin), age)
            for wallet in cold
            for coin in coins
        ),
        quotes=tuple(Quote(instrument, mark, mark, age) for instrument in listed.values()),
    )


def perpetual(venue: str, coin: str) -> Instrument:
    """An inverse perpetual of 1 USD."""
    return Instrument(
        venue=venue,
        symbol=f"{coin}/USD:{coin}",
        kind=Kind.INVERSE,
        base=coin,
        settle=coin,
        contract_size=Decimal(1),
        lot=Decimal(1),
        tick=Decimal("0.1"),
        min_contracts=Decimal(1),
        max_contracts=None,
    )


def milliseconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """Median wall time of one run."""
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)


def arithmetic(assets: int) -> None:
    """What no hedge can do without: equity, target, drift, band and lots, in bare Decimals."""
    spot, wallet, q = Decimal("2.5"), Decimal("2.5"), Decimal(-300_000)
    entry, mark = Decimal(65_000), Decimal("64123.4")
    with localcontext(CONTEXT):
        for _ in range(assets):
            equity = spot + wallet + q * (1 / entry - 1 / mark)
            target = -equity * mark
            drift = q - target
            band = max(Decimal("0.0025") * abs(target), Decimal(1))
            (drift - band / 2).to_integral_value()


def per_asset(assets: int) -> float:
    """Milliseconds for each asset of a book."""
    snapshot = book(assets)
    return milliseconds(lambda: decide(snapshot), 2000 // (assets + 10)) / assets


def decide_rows() -> list[Row]:
    """The rows of this group."""
    large = book(20, venues=2, wallets=1)  # 3 sources and 2 instruments for each asset
    assert len(decide(large).approved) == 40
    small = book(2)
    of_one, *growth = (per_asset(count) for count in (1, 10, 100))
    by = "tests/bench/decide.py"
    bare = "bare arithmetic"
    twenty = book(20)
    return [
        Row(
            what="decide(), 20 assets, an order each",
            median=milliseconds(lambda: decide(twenty)),
            limit=2,
            unit="ms",
            floor=milliseconds(lambda: arithmetic(20)),
            floor_is=bare,
            measured_by=by,
        ),
        Row(
            what="decide(), 20 assets, 60 sources, 40 instruments, 40 orders",
            median=milliseconds(lambda: decide(large)),
            limit=5,
            unit="ms",
            floor=milliseconds(lambda: arithmetic(40)),
            floor_is=bare,
            measured_by=by,
        ),
        Row(
            what="decide(), 100 books of 2 assets, an order each",
            median=milliseconds(lambda: [decide(small) for _ in range(100)], 20),
            limit=100,
            unit="ms",
            floor=milliseconds(lambda: arithmetic(200)),
            floor_is=bare,
            measured_by=by,
        ),
        *(
            Row(
                what=f"decide(), {count} assets, for each asset",
                median=each,
                limit=round(2 * of_one, 2),
                unit="ms",
                floor=of_one,
                floor_is="a book of one asset",
                measured_by=by,
            )
            for count, each in zip((10, 100), growth, strict=True)
        ),
    ]
