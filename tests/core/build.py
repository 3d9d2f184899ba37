"""Short ways to say what a core test is about: one BTC and one USD-margined world."""

from datetime import UTC, datetime
from decimal import Decimal

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
    Limits,
    MarginAccount,
    Position,
    Quote,
    Snapshot,
)
from hedged.core.world import World, world_of

Number = Decimal | str | int
AT = datetime(2026, 1, 1, tzinfo=UTC)
ZERO = Decimal(0)


def D(text: Number) -> Decimal:  # noqa: N802 - reads as a literal
    return Decimal(text)


def instrument(
    kind: Kind = Kind.INVERSE,
    *,
    size: str = "1",
    lot: str = "1",
    tick: str = "0.1",
    least: str = "1",
) -> Instrument:
    inverse = kind is Kind.INVERSE
    return Instrument(
        venue="main",
        symbol="BTC/USD:BTC" if inverse else "BTC/USDT:USDT",
        kind=kind,
        base="BTC",
        settle="BTC" if inverse else "USDT",
        contract_size=D(size),
        lot=D(lot),
        tick=D(tick),
        min_contracts=D(least),
        max_contracts=None,
    )


def quote(mark: Number, of: Instrument | None = None, *, age: str = "0") -> Quote:
    return Quote(of or instrument(), mark=D(mark), index=D(mark), age_s=D(age))


def account(
    wallet: Number = "0",
    *positions: Position,
    equity: Decimal | None = None,
    age: str = "0",
    venue: str = "main",
) -> MarginAccount:
    reported = None if equity is None else Amount(equity, "BTC")
    balance = CoinBalance(Amount(D(wallet), "BTC"), reported)
    return MarginAccount(venue, (balance,), positions, D(age))


def position(quantity: Number, entry: Number, of: Instrument | None = None) -> Position:
    which = of or instrument()
    return Position(which, Amount(D(quantity), which.unit), D(entry))


def cold(coins: Number) -> Holding:
    return Holding("cold", Amount(D(coins), "BTC"), ZERO)


def policy(**changes: object) -> HedgePolicy:
    settings: dict[str, object] = {
        "asset": "BTC",
        "spot": ("cold",),
        "legs": (HedgeLeg("main", "BTC/USD:BTC"),),
        # most tests keep their coins in a cold wallet
        "limits": Limits(max_leverage=None, collateral_low=None, liquidation_distance=None),
    }
    return HedgePolicy(**(settings | changes))  # type: ignore[arg-type] # tests name real fields


def snapshot(
    *,
    quotes: tuple[Quote, ...],
    accounts: tuple[MarginAccount, ...] = (),
    holdings: tuple[Holding, ...] = (),
    hedges: tuple[HedgePolicy, ...] = (),
    **changes: object,
) -> Snapshot:
    settings: dict[str, object] = {
        "book": "core",
        "cycle": 1,
        "at": AT,
        "environment": Environment.TESTNET,
        "execution": Execution.LIVE,
    }
    return Snapshot(
        hedges=hedges or (policy(),),
        accounts=accounts or (account(),),
        holdings=holdings or (cold(0),),
        quotes=quotes,
        **(settings | changes),  # type: ignore[arg-type] # tests name real fields
    )


def short(usd: str, entry: str) -> Position:
    return Position(instrument(), Amount(-D(usd), USD), D(entry))


def world(
    hedge: HedgePolicy,
    *quotes: Quote,
    accounts: tuple[MarginAccount, ...] = (),
    holdings: tuple[Holding, ...] = (),
    **changes: object,
) -> World:
    """A world of one asset; unlike `snapshot` it adds no account and no holding."""
    return world_of(
        Snapshot(
            **(
                {  # type: ignore[arg-type] # tests name real fields
                    "book": "core",
                    "cycle": 1,
                    "at": AT,
                    "environment": Environment.TESTNET,
                    "execution": Execution.LIVE,
                    "hedges": (hedge,),
                    "accounts": accounts,
                    "holdings": holdings,
                    "quotes": quotes,
                }
                | changes
            )
        )
    )
