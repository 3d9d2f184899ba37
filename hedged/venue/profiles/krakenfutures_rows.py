"""How Kraken Futures states accounts, positions, prices, orders and fills.

A margin account holds one coin; its portfolio value is balance, profit of its positions and funding
that is not paid yet. Sizes are in USD for inverse contracts. A funding rate is absolute: coins per
USD and hour.
"""

from collections.abc import Collection
from decimal import Decimal
from typing import Any, Final

from hedged.core.decimals import ZERO, plain
from hedged.core.types import Amount, CoinBalance, EquityTerm, Instrument, Kind, Level, Side
from hedged.ports import Fill, FillKind, OrderReport, OrderStatus, VenueUnavailable
from hedged.venue.fields import Row
from hedged.venue.profiles.profile import Leg, Prices
from hedged.venue.profiles.rows import DUST, levels

_NAMES: Final = {"XBT": "BTC", "XDG": "DOGE"}
_HOURLY: Final = Decimal(1)
_INVERSE: Final = ("PI_", "FI_")
_WORKING: Final = frozenset({"untouched", "partiallyFilled"})
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


def book(reply: Row) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
    """Bids and asks: price and contracts."""
    return levels(reply, "bids"), levels(reply, "asks")


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


def report(row: Row, instrument: Instrument) -> OrderReport:
    """A working order; what ended is not listed."""
    if row.text("status") not in _WORKING:
        raise row.odd("status", "a known status")
    filled = row.unsigned("filledSize")
    return OrderReport(
        client_id=row.optional_text("cliOrdId") or row.optional_text("cli_ord_id"),
        venue_id=row.text("order_id"),
        symbol=instrument.symbol,
        side=_side(row),
        contracts=filled + row.unsigned("unfilledSize"),
        filled=filled,
        average=None,  # not told of an order that works
        limit_price=row.optional_price("limitPrice"),
        status=OrderStatus.WORKING,
        reduce_only=row.flag("reduceOnly"),
        created_at=row.moment("receivedTime"),
        reason="",
    )


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
        side=_side(row),
        contracts=row.unsigned("size"),
        price=row.positive("price"),
        fee=Amount(row.optional("fee_paid") or ZERO, instrument.settle),
        is_maker=told == "maker",
        at=row.moment("fillTime"),
        kind=kind,
    )


def _side(row: Row) -> Side:
    side = row.text("side")
    if side not in {"buy", "sell"}:
        raise row.odd("side", "buy or sell")
    return Side(side)
