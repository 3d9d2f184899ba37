"""How Bybit v5 states balances, positions, prices, orders and fills.

Wallet balances are without unrealised PnL; coins borrowed on the spot market stand beside them
in `spotBorrow`, losses of derivatives are in them already. A position's size is unsigned, in USD
for an inverse contract and in coins for a linear one or an option.
"""

import re
from collections.abc import Collection
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ZERO, plain
from hedged.core.types import (
    Amount,
    CoinBalance,
    Instrument,
    Kind,
    Maintenance,
    Margin,
    Side,
)
from hedged.ports import (
    NO_LIQUIDITY,
    REDUCE_ONLY,
    WOULD_TAKE,
    Fill,
    FillKind,
    OrderReport,
    VenueUnavailable,
)
from hedged.venue.fields import Row, rows_at
from hedged.venue.profiles.books import Book, levels
from hedged.venue.profiles.forms import OrderForm, PriceForm, side_of
from hedged.venue.profiles.profile import Contracts, Fees, Leg
from hedged.venue.profiles.reads import Read
from hedged.venue.profiles.rows import check_pnl

_DUST: Final = Decimal("0.0000001")  # coins; each figure is rounded to eight decimals
_MULTIPLE: Final = re.compile(r"(?P<before>10{2,})?(?P<coin>.*?[A-Z])(?P<after>10{2,})?")
_OPTION: Final = re.compile("-[CP](-[A-Z]+)?$")
_PERCENT: Final = 100
_FUTURES: Final = 1  # among the products of an announcement
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


def balances(accounts: list[Row], coins: Collection[str]) -> tuple[CoinBalance, ...]:
    """Every coin of the account; Bybit leaves out those of which there is none.

    Of `coins`, equity must be wallet and unrealised PnL. It is more in those that options are
    paid in, stablecoins.
    """
    if not accounts:
        raise VenueUnavailable("wallet: the reply lists no account")
    found: dict[str, CoinBalance] = {}
    for account in accounts:
        for row in rows_at("wallet", account.values, ("coin",)):
            coin = row.text("coin")
            if coin in found:
                raise VenueUnavailable(f"wallet: {coin} is listed twice")
            named = Row(f"wallet {coin}", row.values)
            found[coin] = _balance(named, coin, is_wanted=coin in coins)
    return tuple(found.values())


def _balance(row: Row, coin: str, *, is_wanted: bool) -> CoinBalance:
    # Before Bybit split spot loans off, they were part of the balance and had no field.
    wallet = row.number("walletBalance") - (row.optional("spotBorrow") or ZERO)
    equity = row.number("equity")
    if is_wanted:
        given = wallet + row.number("unrealisedPnl")
        if abs(equity - given) > _DUST:
            raise VenueUnavailable(
                f"{row.what}: equity is {plain(equity)}, wallet and PnL give {plain(given)}"
            )
    return CoinBalance(wallet=Amount(wallet, coin), equity=Amount(equity, coin))


def margin(accounts: list[Row]) -> Margin | None:
    """How the whole account stands over all its coins, haircuts taken off; USD.

    Isolated accounts leave these figures empty.
    """
    if len(accounts) != 1:
        return None
    equity = accounts[0].optional("totalMarginBalance")
    maintenance = accounts[0].optional("totalMaintenanceMargin")
    return None if equity is None or maintenance is None else Margin(equity, maintenance)


def leg(row: Row, kind: Kind) -> Leg | None:
    """The position of a row; None for a flat one."""
    size = row.unsigned("size")
    if size == 0:
        return None
    quantity = size if side_of(row) is Side.BUY else -size
    market_id, entry = row.text("symbol"), row.positive("avgPrice")
    liquidation_price = row.optional_price("liqPrice")
    if _OPTION.search(market_id):
        pnl = row.optional("unrealisedPnl")
        return Leg(market_id, quantity, entry, pnl, liquidation_price)
    pnl_from, mark = row.optional_price("sessionAvgPrice"), row.positive("markPrice")
    pnl = row.number("unrealisedPnl")
    check_pnl(row, "unrealisedPnl", kind, quantity, (pnl_from or entry, mark))
    multiple = _coin_and_multiple(market_id)[1] if kind is Kind.LINEAR else 1
    return Leg(
        market_id=market_id,
        quantity=quantity * multiple,
        entry=entry / multiple,
        unrealised_pnl=pnl,
        liquidation_price=liquidation_price and liquidation_price / multiple,
        pnl_from=pnl_from and pnl_from / multiple,
        mark=mark / multiple,
    )


def is_one_way(row: Row) -> bool:
    """Hedge mode numbers the legs 1 and 2."""
    return row.number("positionIdx") == 0


def leverage(row: Row) -> Decimal | None:
    """How many times its initial margin a position may be; an empty text in portfolio margin."""
    return row.optional("leverage")


def notice(row: Row, venue: str, world: str) -> Maintenance | None:
    """An announcement of maintenance; one of other products, or of another environment, is none."""
    state = row.text("state")
    for key in ("product", "serviceTypes"):
        if not isinstance(row.values.get(key), list):
            raise row.odd(key, "a list")
    env = row.whole("env")
    elsewhere = {"mainnet": 2, "demo": 1}.get(world) == env
    if state not in {"scheduled", "ongoing"} or _FUTURES not in row.values["product"] or elsewhere:
        return None
    return Maintenance(
        venue=venue,
        title=row.optional_text("title"),
        starts_at=row.time("begin"),
        ends_at=row.time("end") if row.values.get("end") else None,
        lasts=state == "ongoing",
    )


def coins_of(market_id: str, kind: Kind) -> tuple[str, str]:
    """BTCUSD, BTCUSDH26, BTCUSDT, BTCPERP, BTC-26DEC25, BTC-26DEC25-90000-C-USDT."""
    settle = "USDT" if "USDT" in market_id else "USDC"
    base = _coin_and_multiple(market_id)[0]
    return base, base if kind is Kind.INVERSE else settle


def _coin_and_multiple(market_id: str) -> tuple[str, int]:
    """1000PEPEUSDT and SHIB1000USDT are contracts on a thousand coins each."""
    name = re.split("-|PERP|USD", market_id, maxsplit=1)[0]
    found = _MULTIPLE.fullmatch(name)
    if found is None:
        return name, 1
    return found["coin"], int(found["before"] or found["after"] or 1)


def delisting(listing: Row) -> str | None:
    """Why a market is about to go: a perpetual has a delivery time once its end is decided."""
    at_ms = listing.optional("deliveryTime")
    if not at_ms or not listing.text("contractType").endswith("Perpetual"):
        return None
    return f"it is being delisted (delivery at {at_ms} ms)"


def book(reply: Row) -> Book:
    """Bids and asks: pairs of price and size, best first."""
    return levels(reply, "b"), levels(reply, "a")


def fees(row: Row) -> Fees:
    """A row of fee rates."""
    return Fees(taker=row.number("takerFeeRate"), maker=row.number("makerFeeRate"))


def maintenance(rows: list[Row]) -> Decimal:
    """The maintenance rate of the lowest tier.

    Some replies give rates as percentages, others as fractions: the initial rate, which is one
    over the highest leverage, tells which.
    """
    (lowest, *_) = sorted(rows, key=lambda row: row.positive("riskLimitValue"))
    rate, initial = lowest.positive("maintenanceMargin"), lowest.positive("initialMargin")
    scale = 1 if initial * lowest.positive("maxLeverage") < _PERCENT / 10 else _PERCENT
    if rate > initial or initial > scale:
        raise lowest.odd("maintenanceMargin", "a rate below the initial one")
    return rate / scale


def funding_interval(listing: Row) -> Decimal | None:
    """Hours between two stamps of a perpetual; the listing has minutes, and 0 for a dated one."""
    minutes = listing.optional("fundingInterval")
    return minutes / 60 if minutes else None


def report(row: Row, instrument: Instrument) -> OrderReport:
    """An order row; quantities in USD for an inverse contract."""
    # What a market order names is the worst price that Bybit gave it.
    told = row.also(price=None) if row.text("orderType") == "Market" else row
    return ORDER.report(told, instrument)


def _reason(row: Row) -> str:
    """Why an order ended early; Bybit says it in one of two fields, or in none."""
    told = [row.optional_text(key) for key in ("rejectReason", "cancelType")]
    words = [_REASONS.get(text, text) for text in told]
    return next(filter(None, words), "")


PRICE: Final = PriceForm(
    bid="bid1Price", ask="ask1Price", rate="fundingRate", interval="fundingIntervalHour"
)
ORDER: Final = OrderForm(
    client_id="orderLinkId",
    quantity="qty",
    filled="cumExecQty",
    state="orderStatus",
    working=_WORKING,
    done=_DONE,
    created="createdTime",
    reason=_reason,
)


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
        side=side_of(row),
        contracts=row.unsigned("execQty"),
        price=row.positive("execPrice"),
        fee=Amount(row.number("execFee"), row.optional_text("feeCurrency") or instrument.settle),
        is_maker=row.flag("isMaker"),
        at=row.time("execTime"),
        kind=kind,
    )


def _positions(kind: Kind, *, rest_s: float = 0, **params: str) -> Read:
    return Read(
        "privateGetV5PositionList",
        ("result", "list"),
        {**params, "limit": "200"},
        kind=kind,
        settle=params.get("settleCoin", ""),
        cursor=("result", "nextPageCursor"),
        rest_s=rest_s,
    )


POSITIONS: Final = (
    _positions(Kind.INVERSE, category="inverse"),
    _positions(Kind.LINEAR, category="linear", settleCoin="USDT"),
    _positions(Kind.LINEAR, category="linear", settleCoin="USDC", rest_s=60),
    _positions(Kind.LINEAR, category="option", rest_s=60),
)
CONTRACTS: Final = {
    Kind.INVERSE: Contracts(
        listing=("inverse",),
        only={"category": "inverse"},
        by_market=False,
        order_lists=({"category": "inverse"},),
    ),
    Kind.LINEAR: Contracts(
        listing=("linear",),
        only={"category": "linear"},
        by_market=True,
        order_lists=tuple({"category": "linear", "settleCoin": coin} for coin in ("USDT", "USDC")),
    ),
}
