"""How Bybit v5 states balances, positions, prices and orders.

Wallet balances are without unrealised PnL; coins borrowed on the spot market stand beside them
in `spotBorrow`, losses of derivatives are in them already. A position's size is unsigned, in USD
for an inverse contract and in coins for a linear one or an option.
"""

import re
from decimal import Decimal
from typing import Final

from hedged.core.types import Amount, CoinBalance, Kind
from hedged.ports import OrderReport, OrderStatus, VenueUnavailable
from hedged.venue.fields import Row, rows_at
from hedged.venue.profiles.profile import Leg, Prices

_WORKING: Final = frozenset(
    {"Created", "New", "PartiallyFilled", "PendingCancel", "Untriggered", "Triggered", "Active"}
)
_DONE: Final = frozenset(
    {"Filled", "Cancelled", "PartiallyFilledCanceled", "Rejected", "Deactivated"}
)


def balances(accounts: list[Row]) -> tuple[CoinBalance, ...]:
    """Every coin of the account; Bybit leaves out those of which there is none."""
    if not accounts:
        raise VenueUnavailable("wallet: the reply lists no account")
    return tuple(
        _balance(Row(f"wallet {row.text('coin')}", row.values))
        for account in accounts
        for row in rows_at("wallet", account.values, ("coin",))
    )


def _balance(row: Row) -> CoinBalance:
    coin = row.text("coin")
    # Before Bybit split spot loans off, they were part of the balance and had no field.
    borrowed = row.optional("spotBorrow") or Decimal(0)
    equity = row.optional("equity")
    return CoinBalance(
        wallet=Amount(row.number("walletBalance") - borrowed, coin),
        equity=None if equity is None else Amount(equity, coin),
    )


def leg(row: Row) -> Leg | None:
    """The position of a row; None for a flat one."""
    size = row.unsigned("size")
    if size == 0:
        return None
    side = row.text("side")
    if side not in {"Buy", "Sell"}:
        raise row.odd("side", "Buy or Sell")
    return Leg(
        market_id=row.text("symbol"),
        quantity=size if side == "Buy" else -size,
        entry=row.positive("avgPrice"),
        unrealised_pnl=row.optional("unrealisedPnl"),
        liquidation_price=row.optional_price("liqPrice"),
    )


def is_one_way(row: Row) -> bool:
    """Hedge mode numbers the legs 1 and 2."""
    return row.number("positionIdx") == 0


def coins_of(market_id: str, kind: Kind) -> tuple[str, str]:
    """BTCUSD, BTCUSDH26, BTCUSDT, BTCPERP, BTC-26DEC25, BTC-26DEC25-90000-C-USDT."""
    settle = "USDT" if "USDT" in market_id else "USDC"
    base = re.split("-|PERP|USD", market_id, maxsplit=1)[0]
    return base, base if kind is Kind.INVERSE else settle


def delisting(listing: Row) -> str | None:
    """Why a market is about to go: a perpetual has a delivery time once its end is decided."""
    at_ms = listing.optional("deliveryTime")
    if not at_ms or not listing.text("contractType").endswith("Perpetual"):
        return None
    return f"it is being delisted (delivery at {at_ms} ms)"


def prices(row: Row) -> Prices:
    """A ticker row; an empty side of the book is an empty text."""
    return Prices(
        market_id=row.text("symbol"),
        mark=row.positive("markPrice"),
        index=row.positive("indexPrice"),
        bid=row.optional_price("bid1Price"),
        ask=row.optional_price("ask1Price"),
        funding_rate=row.optional("fundingRate"),
    )


def report(row: Row) -> OrderReport:
    """An order row, `filled` in USD for an inverse contract."""
    state, filled = row.text("orderStatus"), row.unsigned("cumExecQty")
    if state not in _WORKING | _DONE:
        raise row.odd("orderStatus", "a known status")
    return OrderReport(
        client_id=row.text("orderLinkId"),
        venue_id=row.text("orderId"),
        status=OrderStatus.DONE if state in _DONE else OrderStatus.WORKING,
        filled=filled,
        average=row.positive("avgPrice") if filled else None,
    )
