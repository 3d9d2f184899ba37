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


def book(assets: int) -> Snapshot:
    """A book in which every asset needs an order."""
    coins = [f"C{number:02}" for number in range(assets)]
    instruments = {
        coin: Instrument(
            venue="main",
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
        for coin in coins
    }
    mark = Decimal("64123.4")
    account = MarginAccount(
        "main",
        tuple(CoinBalance(Amount(Decimal("2.5"), coin), None) for coin in coins),
        tuple(
            Position(instruments[coin], Amount(Decimal(-300_000), USD), Decimal(65_000))
            for coin in coins
        ),
        Decimal("0.01"),
    )
    return Snapshot(
        book="bench",
        cycle=1,
        at=datetime(2026, 1, 1, tzinfo=UTC),
        environment=Environment.TESTNET,
        execution=Execution.LIVE,
        hedges=tuple(HedgePolicy(coin, ("cold",), "main", f"{coin}/USD:{coin}") for coin in coins),
        accounts=(account,),
        holdings=tuple(Holding("cold", Amount(Decimal("2.5"), c), Decimal(0)) for c in coins),
        quotes=tuple(Quote(instruments[coin], mark, mark, Decimal("0.01")) for coin in coins),
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


def decide_rows() -> list[Row]:
    """The rows of this group."""
    snapshot = book(20)
    decision = decide(snapshot)
    assert len(decision.approved) == 20
    return [
        Row(
            what="decide(), 20 assets, an order each",
            median=milliseconds(lambda: decide(snapshot)),
            limit=2,
            unit="ms",
            floor=milliseconds(lambda: arithmetic(20)),
            floor_is="bare arithmetic",
            measured_by="tests/bench/decide.py",
        )
    ]
