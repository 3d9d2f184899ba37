"""How Binance COIN-M states balances, positions, prices, orders, fills and income.

Positions are in contracts, signed in one-way mode. A fill names its order by number only: whose it
was, and whether the venue forced it, stands in the order's client id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from hedged.core.decimals import ZERO, plain
from hedged.core.types import (
    Amount,
    Flow,
    FlowKind,
    Kind,
)
from hedged.ports import (
    NO_LIQUIDITY,
    WOULD_TAKE,
    Fill,
    FillKind,
)
from hedged.venue.fields import Row, row_at, rows_at
from hedged.venue.profiles.account_forms import WalletForm
from hedged.venue.profiles.forms import FillForm, OrderForm, PriceForm
from hedged.venue.profiles.profile import Leg
from hedged.venue.profiles.reads import Read, by_symbol

_NEVER_MS: Final = 4_133_404_800_000  # the delivery date of what is never delivered
_REASONS: Final = {"IOC": NO_LIQUIDITY, "GTX": WOULD_TAKE}  # why an order expires
_FORCED: Final = {
    "autoclose-": FillKind.LIQUIDATION,
    "adl_autoclose": FillKind.ADL,
    "settlement_autoclose-": FillKind.SETTLEMENT,
    "delivery_autoclose-": FillKind.SETTLEMENT,
}
_FLOWS: Final = {
    "TRANSFER": FlowKind.TRANSFER,
    "INTERNAL_TRANSFER": FlowKind.TRANSFER,
    "REALIZED_PNL": FlowKind.TRADE,
    "COMMISSION": FlowKind.TRADE,
    "FUNDING_FEE": FlowKind.FUNDING,
    "INSURANCE_CLEAR": FlowKind.LIQUIDATION,
    "DELIVERED_SETTELMENT": FlowKind.SETTLEMENT,  # as Binance spells it
}


# A full page is followed by the one that begins where it ends; what is in both counts once.
_BY_TIME: Final[Mapping[str, Any]] = {
    "params": {"limit": "1000"},
    "page": 1000,
    "last": "time",
    "cursor_param": "startTime",
    "oldest_first": True,
}
FILLS: Final = Read("dapiPrivateGetUserTrades", (), market=by_symbol, **_BY_TIME)
FLOWS: Final = Read("dapiPrivateGetIncome", (), **_BY_TIME)


WALLET: Final = WalletForm(
    coin="asset",
    wallet=("walletBalance",),
    gains=("unrealizedProfit",),
    equity="marginBalance",
)
PRICE: Final = PriceForm(last="price", interval=Decimal(8))
ORDER: Final = OrderForm(
    working=frozenset({"NEW", "PARTIALLY_FILLED"}),
    done=frozenset({"FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH", "REJECTED"}),
    reason=lambda row: _why(row.text("status"), row.text("timeInForce")),
)
FILL: Final = FillForm(trade_id=("symbol", "id"))  # a number is unique in its market only


def _why(state: str, lives: str) -> str:
    """Why an order ended early; a cancel was asked for."""
    return "" if state == "CANCELED" else _REASONS.get(lives, state.lower())


def leg(row: Row, _kind: Kind) -> Leg | None:
    """The position of a row, in contracts; None for a flat one."""
    size = row.number("positionAmt")
    if size == 0:
        return None
    return Leg(
        market_id=row.text("symbol"),
        quantity=size,
        entry=row.positive("entryPrice"),
        unrealised_pnl=row.number("unRealizedProfit"),
        liquidation_price=row.optional_price("liquidationPrice"),
        mark=row.positive("markPrice"),
        in_contracts=True,
    )


def leverage(row: Row) -> Decimal:
    """How many times its initial margin a position may be."""
    return row.positive("leverage")


def margin_mode(row: Row) -> str:
    """Each market has its own: cross, isolated."""
    return row.text("marginType")


def coins_of(market_id: str, _kind: Kind) -> tuple[str, str]:
    """BTCUSD_PERP, BTCUSD_210924."""
    base = market_id.partition("USD")[0]
    return base, base


def delisting(listing: Row) -> str | None:
    """Why a market is about to go: a perpetual has a delivery date once its end is decided."""
    at_ms = listing.positive("deliveryDate")
    if at_ms >= _NEVER_MS or listing.text("contractType") != "PERPETUAL":
        return None
    return f"it is being delisted (delivery at {plain(at_ms)} ms)"


def maintenance(rows: list[Row]) -> Decimal:
    """The maintenance rate of the lowest bracket."""
    brackets = rows_at(rows[0].what, rows[0].values, ("brackets",))
    if not brackets:
        raise rows[0].odd("brackets", "a list of brackets")
    return min(bracket.positive("maintMarginRatio") for bracket in brackets)


def completed(fill_of_order: Fill, order: Row) -> Fill:
    """A fill with what its order tells: whose it is, and whether the venue forced it."""
    client_id = order.text("clientOrderId")
    forced = next((kind for begin, kind in _FORCED.items() if client_id.startswith(begin)), None)
    if forced is not None:
        return replace(fill_of_order, kind=forced)
    return replace(fill_of_order, client_id=client_id)


def flow(row: Row) -> Flow:
    """A line of the income history; a trade's profit and its commission are two lines."""
    told, income, asset = row.text("incomeType"), row.number("income"), row.text("asset")
    return Flow(
        flow_id=f"{told}-{row.name('tranId')}-{asset}",
        kind=_FLOWS.get(told, FlowKind.OTHER),
        change=Amount(income, asset),
        funding=income if told == "FUNDING_FEE" else ZERO,
        fee=-income if told == "COMMISSION" else ZERO,
        balance=None,
        at=row.time("time"),
        market=row.optional_text("symbol"),
        trade_id=f"{row.optional_text('symbol')}-{row.text('tradeId')}"
        if row.optional_text("tradeId")
        else "",
        detail=told,
    )


async def countdown(client: Any, markets: Sequence[str], window_s: int) -> bool:
    """Every order in these markets goes, whoever sent it; each has a countdown of its own."""
    window_ms = str(window_s * 1000)
    for market in markets:
        told = await client.dapiPrivatePostCountdownCancelAll(
            {"symbol": market, "countdownTime": window_ms}
        )
        row = row_at("dead-man switch", told, ())
        if row.text("symbol") != market or row.name("countdownTime") != window_ms:
            return False
    return bool(markets)
