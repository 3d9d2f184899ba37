"""How OKX v5 states balances, positions, prices, orders and fills.

A coin's equity is cash, isolated margin, what trading bots hold, and unrealised PnL: the first
three are the wallet. Positions are in contracts, signed in one-way mode. Fees are negative when
paid.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from hedged.core.decimals import ZERO, plain
from hedged.core.types import (
    Amount,
    CoinBalance,
    Instrument,
    Kind,
    Margin,
)
from hedged.ports import (
    NO_LIQUIDITY,
    WOULD_TAKE,
    Fill,
    FillKind,
    VenueUnavailable,
)
from hedged.venue.fields import Row, row_at, rows_at
from hedged.venue.profiles.forms import OrderForm, PriceForm, side_of
from hedged.venue.profiles.profile import Fees, Leg, Prices
from hedged.venue.profiles.reads import Read
from hedged.venue.profiles.rows import DUST

_DATA: Final = ("data",)
_HOUR_MS: Final = Decimal(3_600_000)
_REASONS: Final = {"1": "", "14": NO_LIQUIDITY, "31": WOULD_TAKE}  # by the source of a cancel
_TRADES: Final = dict.fromkeys(("1", "2", "3", "4", "5", "6"), FillKind.TRADE)
_FILLS: Final = {
    **_TRADES,
    **dict.fromkeys(map(str, range(100, 108)), FillKind.LIQUIDATION),
    **dict.fromkeys(("112", "113"), FillKind.SETTLEMENT),
    **dict.fromkeys(("125", "126", "127", "128"), FillKind.ADL),
}


def named(market: Any) -> dict[str, str]:
    """How a market is asked for."""
    return {"instType": "SWAP" if market["swap"] else "FUTURES", "instId": market["id"]}


def by_id(market: Any) -> dict[str, str]:
    """The same without its kind."""
    return {"instId": market["id"]}


TICKERS: Final = (
    Read("publicGetMarketTicker", _DATA),
    Read("publicGetPublicMarkPrice", _DATA, market=named),
    Read(
        "publicGetMarketIndexTickers",
        _DATA,
        market=lambda market: {"instId": f"{market['baseId']}-{market['quoteId']}"},
    ),
    Read("publicGetPublicFundingRate", _DATA),
)


def balances(accounts: list[Row], coins: Collection[str]) -> tuple[CoinBalance, ...]:
    """Every coin of the account; OKX leaves out those of which there is none."""
    if len(accounts) != 1:
        raise VenueUnavailable(f"wallet: the reply lists {len(accounts)} accounts")
    found: dict[str, CoinBalance] = {}
    for row in rows_at("wallet", accounts[0].values, ("details",)):
        coin = row.text("ccy")
        if coin in found:
            raise VenueUnavailable(f"wallet: {coin} is listed twice")
        found[coin] = _balance(Row(f"wallet {coin}", row.values), coin, is_wanted=coin in coins)
    return tuple(found.values())


def _balance(row: Row, coin: str, *, is_wanted: bool) -> CoinBalance:
    isolated = (row.optional("isoEq") or ZERO) - (row.optional("isoUpl") or ZERO)
    wallet = row.number("cashBal") + isolated + (row.optional("stgyEq") or ZERO)
    equity = row.number("eq")
    given = wallet + (row.optional("upl") or ZERO)
    if is_wanted and abs(equity - given) > DUST:
        raise VenueUnavailable(
            f"{row.what}: eq is {plain(equity)}, its parts and upl give {plain(given)}"
        )
    return CoinBalance(wallet=Amount(wallet, coin), equity=Amount(equity, coin))


def margin(accounts: list[Row]) -> Margin | None:
    """How the whole account stands, haircuts taken off; OKX tells it of multi-currency ones."""
    equity = accounts[0].optional("adjEq") if len(accounts) == 1 else None
    maintenance = accounts[0].optional("mmr") if len(accounts) == 1 else None
    return None if equity is None or maintenance is None else Margin(equity, maintenance)


def leg(row: Row, _kind: Kind) -> Leg | None:
    """The position of a row, in contracts; None for a flat one."""
    size, market_id = row.number("pos"), row.text("instId")
    told = row.text("instType")
    if told not in {"SWAP", "FUTURES", "OPTION"}:
        raise row.odd("instType", "SWAP, FUTURES or OPTION: spot margin positions are not read")
    if size == 0:
        return None
    side = row.text("posSide")
    if side not in {"net", "long", "short"}:
        raise row.odd("posSide", "a known side")
    return Leg(
        market_id=market_id,
        quantity=-size if side == "short" else size,
        entry=row.positive("avgPx"),
        unrealised_pnl=row.number("upl"),
        liquidation_price=row.optional_price("liqPx"),
        mark=row.positive("markPx"),
        kind=Kind.INVERSE if market_id.split("-")[1] == "USD" else Kind.LINEAR,
        in_contracts=True,
    )


PRICE: Final = PriceForm(
    mark="markPx",
    index="idxPx",
    bid="bidPx",
    ask="askPx",
    last="last",
    rate="fundingRate",
    next="fundingTime",
    interval="hours",
)
ORDER: Final = OrderForm(
    client_id="clOrdId",
    venue_id="ordId",
    quantity="sz",
    filled="accFillSz",
    average="avgPx",
    price="px",
    state="state",
    working=frozenset({"live", "partially_filled"}),
    done=frozenset({"filled", "canceled", "mmp_canceled"}),
    reduce_only=lambda row: _flag(row, "reduceOnly"),
    created="cTime",
    reason=lambda row: _REASONS.get(
        row.optional_text("cancelSource"), row.optional_text("cancelSourceReason")
    ),
)


def prices(row: Row) -> Prices:
    """Ticker, mark, index and funding of a market, put together."""
    at_ms, then_ms = row.optional("fundingTime"), row.optional("nextFundingTime")
    hours = (then_ms - at_ms) / _HOUR_MS if at_ms and then_ms else None
    return PRICE.prices(row.also(hours=None if hours is None else plain(hours)))


def coins_of(market_id: str, kind: Kind) -> tuple[str, str]:
    """BTC-USD-SWAP, BTC-USD-210430, BTC-USDT-SWAP."""
    base, quote = market_id.split("-")[:2]
    return base, base if kind is Kind.INVERSE else quote


def family(market: Mapping[str, Any]) -> dict[str, str]:
    """How fee rates are asked for."""
    kind = "SWAP" if market["swap"] else "FUTURES"
    return {"instType": kind, "instFamily": f"{market['baseId']}-{market['quoteId']}"}


def delisting(listing: Row) -> str | None:
    """Why a market is about to go: a perpetual has an expiry once its end is decided."""
    at_ms = listing.optional("expTime")
    if not at_ms or listing.text("instType") != "SWAP":
        return None
    return f"it is being delisted (delivery at {plain(at_ms)} ms)"


def fees(row: Row) -> Fees:
    """A row of fee rates, negative when paid; contracts in dollar coins have other columns."""
    column = {"USDT": "U", "USDC": "USDC"}.get(row.text("instId").split("-")[1], "")
    return Fees(taker=-row.number(f"taker{column}"), maker=-row.number(f"maker{column}"))


def fill(row: Row, instrument: Instrument) -> Fill:
    """A fill; a trade id is unique in its market only, the bill's id everywhere."""
    kind = _FILLS.get(row.text("subType"))
    if kind is None:
        raise row.odd("subType", "a known kind of fill")
    if row.optional_text("execType") not in {"T", "M", ""}:
        raise row.odd("execType", "T or M")
    return Fill(
        trade_id=row.text("billId"),
        client_id=row.optional_text("clOrdId"),
        venue_id=row.optional_text("ordId"),
        symbol=instrument.symbol,
        side=side_of(row),
        contracts=row.unsigned("fillSz"),
        price=row.positive("fillPx"),
        fee=Amount(-row.number("fee"), row.text("feeCcy")),
        is_maker=row.optional_text("execType") == "M",
        at=row.time("ts"),
        kind=kind,
    )


def code(reply: Mapping[str, Any]) -> tuple[object, object]:
    """An order's own code stands beside its row; the reply's says only that one failed."""
    for row in reply.get("data") or ():
        if isinstance(row, dict) and row.get("sCode") not in {None, "", "0"}:
            return row["sCode"], row.get("sMsg")
    return reply.get("code"), reply.get("msg")


def _flag(row: Row, key: str) -> bool:
    """True or false, which OKX writes as texts."""
    value = row.values.get(key)
    if value not in {"true", "false"}:
        raise row.odd(key, "true or false")
    return bool(value == "true")


def leverage(row: Row) -> Decimal | None:
    """How many times its initial margin a position may be."""
    return row.optional("lever")


def maintenance(tiers: list[Row]) -> Decimal:
    """The margin rate of the first tier."""
    return min(tier.positive("mmr") for tier in tiers)


async def countdown(client: Any, _markets: Sequence[str], window_s: int) -> bool:
    """Every order of the account goes, whoever sent it; OKX takes 10 to 120 seconds, or 0."""
    reply = await client.privatePostTradeCancelAllAfter({"timeOut": str(window_s)})
    return row_at("dead-man switch", reply, ("data", "0")).text("triggerTime") != "0"
