"""How Kraken Futures states accounts, positions, prices, orders and fills.

A margin account holds one coin; its portfolio value is balance, profit of its positions and funding
that is not paid yet. Sizes are in USD for inverse contracts. A funding rate is absolute: coins per
USD and hour.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from hedged.core.decimals import ZERO, plain
from hedged.core.types import Amount, CoinBalance, EquityTerm, Instrument, Kind
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
from hedged.venue.fields import Row, row_at, rows_at
from hedged.venue.profiles.forms import side_of
from hedged.venue.profiles.profile import Leg, Prices
from hedged.venue.profiles.rows import DUST

_NAMES: Final = {"XBT": "BTC", "XDG": "DOGE"}
_HOURLY: Final = Decimal(1)
_INVERSE: Final = ("PI_", "FI_")
_WORKING: Final = frozenset({"untouched", "partiallyFilled"})
_STATES: Final = {
    "ENTERED_BOOK": OrderStatus.WORKING,
    **dict.fromkeys(("FULLY_EXECUTED", "CANCELLED", "REJECTED"), OrderStatus.DONE),
}
_ENDS: Final = frozenset({"OrderCancelled", "OrderRejected"})
_REASONS: Final = {
    "IOC_WOULD_NOT_EXECUTE": NO_LIQUIDITY,
    "POST_WOULD_EXECUTE": WOULD_TAKE,
    "WOULD_NOT_REDUCE_POSITION": REDUCE_ONLY,
}
_FILLS: Final = {
    **dict.fromkeys(("maker", "taker", "takerAfterEdit"), FillKind.TRADE),
    **dict.fromkeys(
        ("liquidation", "assignor", "assignee", "unwindBankrupt"), FillKind.LIQUIDATION
    ),
    "unwindCounterparty": FillKind.ADL,
    "termination": FillKind.SETTLEMENT,
}


def coin(name: str) -> str:
    """The coin that Kraken calls by this name, in either case."""
    return _NAMES.get(name.upper(), name.upper())


def balances(replies: list[Row], coins: Collection[str]) -> tuple[CoinBalance, ...]:
    """Every coin of the margin accounts, of one coin each and of several."""
    wallets: dict[str, Decimal] = {}
    gains: dict[str, Decimal] = {}
    funding: dict[str, Decimal] = {}
    for account in _accounts(replies):
        told = account.text("type")
        if told == "marginAccount":
            name = account.text("currency")
            its = coin(name)
            parts, held = _part(account, "auxiliary"), _part(account, "balances")
            wallet, unpaid = held.number(name), parts.optional("funding") or ZERO
            equity, given = parts.number("pv"), wallet + parts.number("pnl") + unpaid
            if its in coins and abs(equity - given) > DUST:
                raise VenueUnavailable(
                    f"{account.what}: pv is {plain(equity)}, its parts give {plain(given)}"
                )
            wallets[its] = wallets.get(its, ZERO) + wallet
            gains[its] = gains.get(its, ZERO) + equity - wallet
            funding[its] = funding.get(its, ZERO) + unpaid
        elif told == "multiCollateralMarginAccount":
            for name, values in _part(account, "currencies").values.items():
                held = Row(f"{account.what} {name}", values)
                wallets[coin(name)] = wallets.get(coin(name), ZERO) + held.number("quantity")
        elif told != "cashAccount":  # whose coins are no collateral
            raise account.odd("type", "a known kind of account")
    return tuple(
        CoinBalance(
            wallet=Amount(wallet, its),
            equity=Amount(wallet + gains.get(its, ZERO), its),
            terms=(EquityTerm("funding not paid yet", unpaid),)
            if (unpaid := funding.get(its, ZERO))
            else (),
        )
        for its, wallet in wallets.items()
    )


def _accounts(replies: list[Row]) -> list[Row]:
    if len(replies) != 1 or not all(isinstance(v, dict) for v in replies[0].values.values()):
        raise VenueUnavailable("wallet: the reply lists no accounts")
    return [Row(f"wallet {name}", values) for name, values in replies[0].values.items()]


def _part(account: Row, key: str) -> Row:
    values: Any = account.values.get(key)
    if not isinstance(values, dict):
        raise account.odd(key, "an object")
    return Row(account.what, values)


def leg(row: Row, _kind: Kind) -> Leg | None:
    """The position of a row, in USD, or in coins for a linear one."""
    size, side, market_id = row.unsigned("size"), row.text("side"), row.text("symbol").upper()
    if side not in {"long", "short"}:
        raise row.odd("side", "long or short")
    if size == 0:
        return None
    return Leg(
        market_id=market_id,
        quantity=-size if side == "short" else size,
        entry=row.positive("price"),
        unrealised_pnl=None,
        liquidation_price=None,
        kind=Kind.INVERSE if market_id.startswith(_INVERSE) else Kind.LINEAR,
    )


def coins_of(market_id: str, kind: Kind) -> tuple[str, str]:
    """PI_XBTUSD, FI_XBTUSD_171215, PF_ETHUSD."""
    base = coin(market_id.upper().split("_")[1].removesuffix("USD"))
    return base, base if kind is Kind.INVERSE else "USD"


def best(row: Row) -> tuple[Decimal | None, Decimal | None]:
    """Bid and ask of a ticker."""
    return row.optional_price("bid"), row.optional_price("ask")


def prices(row: Row) -> Prices:
    """A ticker of an inverse contract; its rate becomes relative by the price."""
    bid, ask = best(row)
    mark, absolute = row.positive("markPrice"), row.optional("fundingRate")
    return Prices(
        mark=mark,
        index=row.positive("indexPrice"),
        bid=bid,
        ask=ask,
        last=row.optional_price("last"),
        funding_rate=None if absolute is None else absolute * mark,
        funding_at=None,
        funding_interval_h=None if absolute is None else _HOURLY,
    )


def maintenance(listings: list[Row]) -> Decimal:
    """The margin rate of the first level."""
    (listing,) = listings
    levels = rows_at(listing.what, listing.values, ("marginLevels",))
    if not levels:
        raise listing.odd("marginLevels", "a list of levels")
    return min(level.positive("maintenanceMargin") for level in levels)


def expiry(last_at: datetime) -> dict[str, object]:
    """What tells that an order is not to be placed later."""
    return {"processBefore": last_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


def report(row: Row, instrument: Instrument) -> OrderReport:
    """An order as one of three lists has it: working ones, states, events."""
    if "event" in row.values:
        return _of_event(row, instrument)
    if "order" in row.values:
        return _of_state(row, instrument)
    if row.text("status") not in _WORKING:
        raise row.odd("status", "a known status")
    filled = row.unsigned("filledSize")
    return OrderReport(
        client_id=row.optional_text("cliOrdId") or row.optional_text("cli_ord_id"),
        venue_id=row.text("order_id"),
        symbol=instrument.symbol,
        side=side_of(row),
        contracts=filled + row.unsigned("unfilledSize"),
        filled=filled,
        average=None,  # not told of orders
        limit_price=row.optional_price("limitPrice"),
        status=OrderStatus.WORKING,
        reduce_only=row.flag("reduceOnly"),
        created_at=row.moment("receivedTime"),
        reason="",
    )


def _of_state(row: Row, instrument: Instrument) -> OrderReport:
    """An order that works, or ended in the last 5 seconds."""
    order, told = _part(row, "order"), row.text("status")
    if told not in _STATES:
        raise row.odd("status", "a known status")
    error = row.optional_text("error")
    return OrderReport(
        client_id=order.optional_text("cliOrdId"),
        venue_id=order.text("orderId"),
        symbol=instrument.symbol,
        side=side_of(order),
        contracts=order.unsigned("quantity"),
        filled=order.unsigned("filled"),
        average=None,
        limit_price=order.optional_price("limitPrice"),
        status=_STATES[told],
        reduce_only=order.flag("reduceOnly"),
        created_at=order.moment("timestamp"),
        reason=_REASONS.get(error, error),
    )


def _of_event(row: Row, instrument: Instrument) -> OrderReport:
    """The newest event of an order, which is the last thing that happened to it.

    One that was only placed may still work, unless it is of a kind that never rests.
    """
    told, event = _event(row)
    order = _part(event, "newOrder" if "newOrder" in event.values else "order")
    quantity, filled = order.unsigned("quantity"), order.unsigned("filled")
    is_over = told in _ENDS or filled >= quantity or order.text("orderType").lower() == "ioc"
    error = event.optional_text("orderError")
    return OrderReport(
        client_id=order.optional_text("clientId"),
        venue_id=order.text("uid"),
        symbol=instrument.symbol,
        side=side_of(order, "direction"),
        contracts=quantity,
        filled=filled,
        average=None,
        limit_price=order.optional_price("limitPrice"),
        status=OrderStatus.DONE if is_over else OrderStatus.WORKING,
        reduce_only=order.flag("reduceOnly"),
        created_at=order.time("timestamp"),
        reason=_REASONS.get(error, error),
    )


def event_client_id(row: Row) -> str:
    """Whose order an event is about; empty for one that named none."""
    _, event = _event(row)
    for key in ("newOrder", "order"):
        if key in event.values:
            return _part(event, key).optional_text("clientId")
    return ""


def _event(row: Row) -> tuple[str, Row]:
    """What happened, and to what."""
    events = _part(row, "event").values
    if len(events) != 1:
        raise row.odd("event", "one event")
    ((told, values),) = events.items()
    if not isinstance(values, dict):
        raise row.odd("event", "an event")
    return told, Row(row.what, values)


def code(reply: Mapping[str, Any]) -> tuple[object, object]:
    """The first word of an error, which some replies have in a list."""
    errors = reply.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return errors[0].get("message"), None
    told, _, more = str(reply.get("error") or "").partition(":")
    return told or None, more.strip() or None


def fill(row: Row, instrument: Instrument) -> Fill:
    """A fill; its fee is told by some replies only, and shows in the balance."""
    told = row.text("fillType")
    kind = _FILLS.get(told)
    if kind is None:
        raise row.odd("fillType", "a known kind of fill")
    return Fill(
        trade_id=row.text("fill_id"),
        client_id=row.optional_text("cliOrdId") or row.optional_text("cli_ord_id"),
        venue_id=row.text("order_id"),
        symbol=instrument.symbol,
        side=side_of(row),
        contracts=row.unsigned("size"),
        price=row.positive("price"),
        fee=Amount(row.optional("fee_paid") or ZERO, instrument.settle),
        is_maker=told == "maker",
        at=row.moment("fillTime"),
        kind=kind,
    )


async def countdown(client: Any, _markets: Sequence[str], window_s: int) -> bool:
    """Every order of the account goes, whoever sent it; a trigger time of 0 is none."""
    reply = await client.privatePostCancelallordersafter({"timeout": str(window_s)})
    status = row_at("dead-man switch", reply, ("status",))
    return status.text("triggerTime") != "0"
