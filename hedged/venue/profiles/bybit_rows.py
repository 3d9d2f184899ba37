"""How Bybit v5 states balances, positions, prices, orders and fills.

Wallet balances are without unrealised PnL; coins borrowed on the spot market stand beside them
in `spotBorrow`, losses of derivatives are in them already. A position's size is unsigned, in USD
for an inverse contract and in coins for a linear one or an option.
"""

import re
from decimal import Decimal
from typing import Final

from hedged.core.types import Amount, CoinBalance, Instrument, Kind, Side
from hedged.ports import (
    NO_LIQUIDITY,
    REDUCE_ONLY,
    WOULD_TAKE,
    Fill,
    FillKind,
    OrderReport,
    OrderStatus,
    VenueUnavailable,
)
from hedged.venue.fields import Row, rows_at
from hedged.venue.profiles.profile import Leg, Prices

_WORKING: Final = frozenset(
    {"Created", "New", "PartiallyFilled", "PendingCancel", "Untriggered", "Triggered", "Active"}
)
_DONE: Final = frozenset(
    {"Filled", "Cancelled", "PartiallyFilledCanceled", "Rejected", "Deactivated"}
)
_REASONS: Final = {
    "EC_PostOnlyWillTakeLiquidity": WOULD_TAKE,
    "CancelByReduceOnly": REDUCE_ONLY,
    "EC_NoImmediateQtyToFill": NO_LIQUIDITY,
    # What follows says nothing, or that a cancel was asked for.
    **dict.fromkeys(("EC_NoError", "EC_Others", "EC_PerCancelRequest", "UNKNOWN"), ""),
    "CancelByUser": "",
}
_FILLS: Final = {
    **dict.fromkeys(("Trade", "BlockTrade", "MovePosition", "FutureSpread"), FillKind.TRADE),
    "Funding": FillKind.FUNDING,
    "BustTrade": FillKind.LIQUIDATION,
    "AdlTrade": FillKind.ADL,
    **dict.fromkeys(("Delivery", "Settle"), FillKind.SETTLEMENT),
}


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
    return Leg(
        market_id=row.text("symbol"),
        quantity=size if _side(row) is Side.BUY else -size,
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
        mark=row.positive("markPrice"),
        index=row.positive("indexPrice"),
        bid=row.optional_price("bid1Price"),
        ask=row.optional_price("ask1Price"),
        funding_rate=row.optional("fundingRate"),
    )


def report(row: Row, instrument: Instrument) -> OrderReport:
    """An order row; quantities in USD for an inverse contract."""
    state, filled = row.text("orderStatus"), row.unsigned("cumExecQty")
    if state not in _WORKING | _DONE:
        raise row.odd("orderStatus", "a known status")
    return OrderReport(
        client_id=row.optional_text("orderLinkId"),
        venue_id=row.text("orderId"),
        symbol=instrument.symbol,
        side=_side(row),
        contracts=row.unsigned("qty"),
        filled=filled,
        average=row.positive("avgPrice") if filled else None,
        limit_price=None if row.text("orderType") == "Market" else row.optional_price("price"),
        status=OrderStatus.DONE if state in _DONE else OrderStatus.WORKING,
        reduce_only=row.flag("reduceOnly"),
        created_at=row.time("createdTime"),
        reason=_reason(row) if state in _DONE - {"Filled"} else "",
    )


def _reason(row: Row) -> str:
    """Why an order ended early; Bybit says it in one of two fields, or in none."""
    told = [row.optional_text(key) for key in ("rejectReason", "cancelType")]
    words = [_REASONS.get(text, text) for text in told]
    return next(filter(None, words), "")


def fill(row: Row, instrument: Instrument) -> Fill | None:
    """An execution row; quantities in USD for an inverse contract, its fee in the coin.

    None: the profit of a session was paid out, which leaves the position as it is.
    """
    told = row.text("execType")
    if told == "SessionSettlePnL":
        return None
    kind = _FILLS.get(told)
    if kind is None:
        raise row.odd("execType", "a known type")
    return Fill(
        trade_id=row.text("execId"),
        client_id=row.optional_text("orderLinkId"),
        venue_id=row.optional_text("orderId"),
        symbol=instrument.symbol,
        side=_side(row),
        contracts=row.unsigned("execQty"),
        price=row.positive("execPrice"),
        fee=Amount(row.number("execFee"), row.optional_text("feeCurrency") or instrument.settle),
        is_maker=row.flag("isMaker"),
        at=row.time("execTime"),
        kind=kind,
    )


def _side(row: Row) -> Side:
    side = row.text("side")
    if side not in {"Buy", "Sell"}:
        raise row.odd("side", "Buy or Sell")
    return Side.BUY if side == "Buy" else Side.SELL
