"""How Deribit states balances, positions, prices, orders and trades.

A coin's equity is balance, profit of the session that is realised but not settled yet, unrealised
profit of the session's futures, and the value of options. A future's size is signed, in USD for an
inverse one; its profit is told twice, since the entry and since the last settlement.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any, Final

from hedged.core.decimals import CONTEXT, ZERO, plain
from hedged.core.types import (
    Amount,
    CoinBalance,
    EquityTerm,
    Instrument,
    Kind,
)
from hedged.ports import NO_LIQUIDITY, Fill, FillKind, OrderReport, OrderStatus, VenueUnavailable
from hedged.venue.fields import Row
from hedged.venue.profiles.forms import side_of
from hedged.venue.profiles.profile import Fees, Leg, Prices
from hedged.venue.profiles.rows import DUST, check_pnl

_INTERVAL_H: Final = Decimal(8)  # that `funding_8h` is told for; it accrues continuously
_WORKING: Final = frozenset({"open", "untriggered", "triggered"})
_DONE: Final = frozenset({"filled", "cancelled", "rejected"})
_REASONS: Final = {"user_request": "", "immediate_or_cancel": NO_LIQUIDITY}


def balances(rows: list[Row], coins: Collection[str]) -> tuple[CoinBalance, ...]:
    """Every coin's wallet, with what beside unrealised profit makes up its equity."""
    found: dict[str, CoinBalance] = {}
    for row in rows:
        coin = row.text("currency")
        if coin in found:
            raise VenueUnavailable(f"wallet: {coin} is listed twice")
        found[coin] = _balance(Row(f"wallet {coin}", row.values), coin, is_wanted=coin in coins)
    return tuple(found.values())


def _balance(row: Row, coin: str, *, is_wanted: bool) -> CoinBalance:
    wallet, equity = row.number("balance"), row.number("equity")
    realised, options = row.number("session_rpl"), row.number("options_value")
    # Accounts without futures leave the futures' part out; it is then all that there is.
    futures = row.optional("futures_session_upl")
    unrealised = row.number("session_upl") if futures is None else futures
    given = wallet + realised + unrealised + options
    if is_wanted and abs(equity - given) > DUST:
        raise VenueUnavailable(
            f"{row.what}: equity is {plain(equity)}, its parts give {plain(given)}"
        )
    terms = (("session's realised profit", realised), ("options", options))
    return CoinBalance(
        wallet=Amount(wallet, coin),
        equity=Amount(equity, coin),
        terms=tuple(EquityTerm(name, value) for name, value in terms if value),
    )


def leg(row: Row, _kind: Kind) -> Leg | None:
    """The position of a row; None for a flat one."""
    size, market_id, told = row.number("size"), row.text("instrument_name"), row.text("kind")
    if size == 0:
        return None
    side = row.text("direction")
    if side not in {"buy", "sell"} or (side == "sell") is not (size < 0):
        raise row.odd("direction", f"the side of a size of {plain(size)}")
    entry, mark = row.positive("average_price"), row.positive("mark_price")
    liquidation_price = row.optional_price("estimated_liquidation_price")
    if told == "option":
        profit = row.optional("floating_profit_loss")
        return Leg(market_id, size, entry, profit, liquidation_price, kind=Kind.LINEAR)
    if told != "future":
        raise row.odd("kind", "future or option")
    kind = Kind.LINEAR if "_" in market_id else Kind.INVERSE
    quantity = size if kind is Kind.INVERSE else row.number("size_currency")
    check_pnl(row, "total_profit_loss", kind, quantity, (entry, mark))
    session = row.number("floating_profit_loss")
    return Leg(
        market_id=market_id,
        quantity=quantity,
        entry=entry,
        unrealised_pnl=session,
        liquidation_price=liquidation_price,
        pnl_from=_origin(kind, quantity, mark, session),
        mark=mark,
        kind=kind,
    )


def _origin(kind: Kind, quantity: Decimal, mark: Decimal, profit: Decimal) -> Decimal:
    """The price that the session's profit runs from.

    It is the last settlement price, the entry, or a mean of both where a part was traded since:
    the profit itself tells, by profit = q·(1/origin - 1/mark).
    """
    with localcontext(CONTEXT):
        if kind is Kind.INVERSE:
            return 1 / (1 / mark + profit / quantity)
        return mark - profit / quantity


def coins_of(market_id: str, _kind: Kind) -> tuple[str, str]:
    """BTC-PERPETUAL, BTC-27DEC24, ETH_USDC-PERPETUAL, BTC-27DEC24-100000-C."""
    base, _, quote = market_id.partition("-")[0].partition("_")
    return base, quote or base


def delisting(listing: Row) -> str | None:
    """Why a market is about to go: a perpetual that ends sooner than in the year 3000."""
    if listing.text("settlement_period") != "perpetual":
        return None
    at_ms = listing.positive("expiration_timestamp")
    return None if at_ms > 32_000_000_000_000 else f"it is being delisted (at {plain(at_ms)} ms)"  # noqa: PLR2004 - about the year 2984


def best(row: Row) -> tuple[Decimal | None, Decimal | None]:
    """Bid and ask of a ticker; 0 where there is none."""
    return row.optional_price("best_bid_price"), row.optional_price("best_ask_price")


def prices(row: Row) -> Prices:
    """A future's ticker; dated ones have no funding."""
    bid, ask = best(row)
    rate = row.optional("funding_8h")
    return Prices(
        mark=row.positive("mark_price"),
        index=row.positive("index_price"),
        bid=bid,
        ask=ask,
        last=row.optional_price("last_price"),
        funding_rate=rate,
        funding_at=None,
        funding_interval_h=None if rate is None else _INTERVAL_H,
    )


def expiry(last_at: datetime) -> dict[str, object]:
    """What tells that an order is not to be placed later."""
    return {"valid_until": str(int(last_at.timestamp() * 1000))}


def fees(row: Row) -> Fees:
    """What a market's listing says of its fees."""
    return Fees(row.number("taker_commission"), row.number("maker_commission"))


def report(row: Row, instrument: Instrument) -> OrderReport:
    """An order row; quantities in USD."""
    state, filled = row.text("order_state"), row.optional("filled_amount") or ZERO
    if state not in _WORKING | _DONE:
        raise row.odd("order_state", "a known state")
    is_limit = row.text("order_type").endswith("limit")
    told = row.optional_text("cancel_reason")
    return OrderReport(
        client_id=row.optional_text("label"),
        venue_id=row.text("order_id"),
        symbol=instrument.symbol,
        side=side_of(row, "direction"),
        contracts=row.unsigned("amount"),
        filled=filled,
        average=row.positive("average_price") if filled else None,
        limit_price=row.optional_price("price") if is_limit else None,
        status=OrderStatus.DONE if state in _DONE else OrderStatus.WORKING,
        reduce_only=row.flag("reduce_only"),
        created_at=row.time("creation_timestamp"),
        reason=_REASONS.get(told, told) if state in _DONE - {"filled"} else "",
    )


def fill(row: Row, instrument: Instrument) -> Fill:
    """A trade; quantities in USD, a fee that is paid is positive."""
    liquidity, forced = row.text("liquidity"), row.optional_text("liquidation")
    if liquidity not in {"M", "T"}:
        raise row.odd("liquidity", "M or T")
    return Fill(
        trade_id=row.text("trade_id"),
        client_id=row.optional_text("label"),
        venue_id=row.text("order_id"),
        symbol=instrument.symbol,
        side=side_of(row, "direction"),
        contracts=row.unsigned("amount"),
        price=row.positive("price"),
        fee=Amount(row.number("fee"), row.text("fee_currency")),
        is_maker=liquidity == "M",
        at=row.time("timestamp"),
        kind=FillKind.LIQUIDATION if liquidity in forced else FillKind.TRADE,
    )


def code(reply: Mapping[str, Any]) -> tuple[object, object]:
    """The error that stands in a reply."""
    error = reply.get("error")
    if not isinstance(error, dict):
        return None, None
    details = error.get("data")
    reason = details.get("reason") if isinstance(details, dict) else None
    return error.get("code"), " ".join(str(part) for part in (error.get("message"), reason) if part)
