"""What Binance lists here, and the rules of its house.

Steps and limits are those of its real listings. One contract is 100 USD of bitcoin, 10 of ether;
quantities here are in USD all the same, so a contract's lot is its size. A dated contract is named
after its day of delivery.
"""

from datetime import UTC, datetime
from decimal import Decimal

from hedged.sim.accounts import Wallet
from hedged.sim.catalogue import DATED_AT_ONCE, EIGHT_HOURS_MS, quarter_ends, tiers
from hedged.sim.decimals import ZERO
from hedged.sim.instruments import Instrument, Kind
from hedged.sim.rules import Rules

_SIZES = {"BTC": Decimal(100), "ETH": Decimal(10)}
_TICKS = {"BTC": "0.1", "ETH": "0.01"}
_MOST_CONTRACTS, _MOST_AT_MARKET = 1_000_000, 100_000
_FIRST_LIMITS = {"BTC": 150, "ETH": 3000}  # coins in the lowest bracket


def _spot(base: str, *, lot: str, max_quantity: int) -> Instrument:
    return Instrument(
        symbol=f"{base}USDT",
        kind=Kind.SPOT,
        base=base,
        quote="USDT",
        settle="USDT",
        tick=Decimal("0.01"),
        price_scale=8,
        max_price=Decimal(1_000_000),
        lot=Decimal(lot),
        min_quantity=Decimal(lot),
        max_quantity=Decimal(max_quantity),
        max_market_quantity=Decimal(max_quantity) / 20,
        min_value=Decimal(5),
        max_value=Decimal(9_000_000),
        taker_rate=Decimal("0.001"),
        maker_rate=Decimal("0.001"),
        launched_ms=0,
        price_limit_ratio=Decimal("0.2"),
    )


def _coin_m(base: str, delivery_ms: int = 0) -> Instrument:
    is_perpetual, size = not delivery_ms, _SIZES[base]
    tick = Decimal(_TICKS[base])
    ends = "PERP" if is_perpetual else f"{datetime.fromtimestamp(delivery_ms / 1000, UTC):%y%m%d}"
    return Instrument(
        symbol=f"{base}USD_{ends}",
        kind=Kind.INVERSE,
        base=base,
        quote="USD",
        settle=base,
        tick=tick,
        price_scale=-int(tick.as_tuple().exponent),
        max_price=Decimal(1_000_000),
        lot=size,
        min_quantity=size,
        max_quantity=size * _MOST_CONTRACTS,
        max_market_quantity=size * _MOST_AT_MARKET,
        taker_rate=Decimal("0.0005"),
        maker_rate=Decimal("0.0002"),
        launched_ms=1_597_042_800_000,
        tiers=tiers(Decimal(_FIRST_LIMITS[base])),
        funding_interval_ms=EIGHT_HOURS_MS if is_perpetual else 0,
        delivery_ms=delivery_ms,
        delivery_rate=ZERO if is_perpetual else Decimal("0.00015"),
        price_limit_ratio=Decimal("0.15"),
        contract_size=size,
    )


def _dated(base: str, delivery_ms: int, _kind: Kind) -> Instrument:
    return _coin_m(base, delivery_ms)


def _listed_at(now_ms: int) -> tuple[Instrument, ...]:
    ends = quarter_ends(now_ms)
    due = [next(ends) for _ in range(DATED_AT_ONCE)]
    return (
        _spot("BTC", lot="0.00001", max_quantity=9_000),
        _spot("ETH", lot="0.0001", max_quantity=9_000),
        _coin_m("BTC"),
        _coin_m("ETH"),
        *(_coin_m("BTC", delivery_ms) for delivery_ms in due),
    )


SEPARATE = Rules(
    listed_at=_listed_at,
    dated=_dated,
    spot_wallet=Wallet.SPOT,
    margin_wallet=Wallet.COIN_M,
    are_link_ids_kept=False,
    are_orders_numbered=True,
)
