"""How Binance COIN-M states balances, positions, prices, orders, fills and income.

Positions are in contracts, signed in one-way mode. A fill names its order by number only: whose it
was, and whether the venue forced it, stands in the order's client id.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from hedged.core.decimals import ZERO, plain
from hedged.core.types import (
    Amount,
    CoinBalance,
    Flow,
    FlowKind,
    Instrument,
    Kind,
)
from hedged.ports import (
    NO_LIQUIDITY,
    WOULD_TAKE,
    Fill,
    FillKind,
    OrderReport,
    OrderStatus,
    VenueUnavailable,
)
from hedged.venue.fields import Row, row_at, rows_at
from hedged.venue.profiles.forms import side_of
from hedged.venue.profiles.profile import Fees, Leg, Prices
from hedged.venue.profiles.reads import Read, by_symbol
from hedged.venue.profiles.rows import DUST

_NEVER_MS: Final = 4_133_404_800_000  # the delivery date of what is never delivered
_INTERVAL_H: Final = Decimal(8)  # of funding
_WORKING: Final = frozenset({"NEW", "PARTIALLY_FILLED"})
_DONE: Final = frozenset({"FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH", "REJECTED"})
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


def balances(rows: list[Row], coins: Collection[str]) -> tuple[CoinBalance, ...]:
    """Every coin of the COIN-M wallet, also those of which there is none."""
    found: dict[str, CoinBalance] = {}
    for row in rows:
        coin = row.text("asset")
        if coin in found:
            raise VenueUnavailable(f"wallet: {coin} is listed twice")
        named = Row(f"wallet {coin}", row.values)
        wallet, equity = named.number("walletBalance"), named.number("marginBalance")
        given = wallet + named.number("unrealizedProfit")
        if coin in coins and abs(equity - given) > DUST:
            raise VenueUnavailable(
                f"{named.what}: marginBalance is {plain(equity)}, wallet and PnL give "
                f"{plain(given)}"
            )
        found[coin] = CoinBalance(wallet=Amount(wallet, coin), equity=Amount(equity, coin))
    return tuple(found.values())


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


def best(row: Row) -> tuple[Decimal | None, Decimal | None]:
    """Bid and ask of a ticker."""
    return row.optional_price("bidPrice"), row.optional_price("askPrice")


def prices(row: Row) -> Prices:
    """Premium index, best prices and last price of a market, put together."""
    bid, ask = best(row)
    return Prices(
        mark=row.positive("markPrice"),
        index=row.positive("indexPrice"),
        bid=bid,
        ask=ask,
        last=row.optional_price("price"),
        funding_rate=row.optional("lastFundingRate"),
        funding_at=row.time("nextFundingTime") if row.optional("nextFundingTime") else None,
        funding_interval_h=_INTERVAL_H if row.optional("nextFundingTime") else None,
    )


def fees(row: Row) -> Fees:
    """A market's commission rates."""
    return Fees(row.number("takerCommissionRate"), row.number("makerCommissionRate"))


def maintenance(rows: list[Row]) -> Decimal:
    """The maintenance rate of the lowest bracket."""
    brackets = rows_at(rows[0].what, rows[0].values, ("brackets",))
    if not brackets:
        raise rows[0].odd("brackets", "a list of brackets")
    return min(bracket.positive("maintMarginRatio") for bracket in brackets)


def report(row: Row, instrument: Instrument) -> OrderReport:
    """An order row; quantities in contracts."""
    state, filled = row.text("status"), row.unsigned("executedQty")
    if state not in _WORKING | _DONE:
        raise row.odd("status", "a known status")
    ended_early = state in _DONE and state not in {"FILLED", "CANCELED"}
    return OrderReport(
        client_id=row.optional_text("clientOrderId"),
        venue_id=row.name("orderId"),
        symbol=instrument.symbol,
        side=side_of(row),
        contracts=row.unsigned("origQty"),
        filled=filled,
        average=row.positive("avgPrice") if filled else None,
        limit_price=row.optional_price("price"),
        status=OrderStatus.DONE if state in _DONE else OrderStatus.WORKING,
        reduce_only=row.flag("reduceOnly"),
        created_at=row.time("time"),
        reason=_REASONS.get(row.text("timeInForce"), state.lower()) if ended_early else "",
    )


def fill(row: Row, instrument: Instrument) -> Fill:
    """A trade; its id is unique in its market only."""
    return Fill(
        trade_id=f"{row.text('symbol')}-{row.name('id')}",
        client_id="",
        venue_id=row.name("orderId"),
        symbol=instrument.symbol,
        side=side_of(row),
        contracts=row.unsigned("qty"),
        price=row.positive("price"),
        fee=Amount(row.number("commission"), row.text("commissionAsset")),
        is_maker=row.flag("maker"),
        at=row.time("time"),
        kind=FillKind.TRADE,
    )


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
