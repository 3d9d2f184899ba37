"""How Bitget v2 states futures accounts, positions, prices, orders, fills and bills.

Sizes are in coins everywhere, of contracts that are paid in the coin, too: such a position is worth
size times entry in USD and stays so, since its profit in coins is size·(1 - entry/mark), which is
q·(1/entry - 1/mark) with q = size·entry. What fills and orders change q by is size times price.
"""

from decimal import Decimal
from typing import Any, Final

from hedged.core.access import Access
from hedged.core.decimals import ZERO, plain
from hedged.core.types import Flow, FlowKind, Instrument, Kind, Level
from hedged.ports import NO_LIQUIDITY, WOULD_TAKE, Fill, FillKind, OrderReport
from hedged.venue.fields import EPOCH, Row, row_at, value_at
from hedged.venue.profiles.account_forms import FlowForm, PositionForm, WalletForm, signed
from hedged.venue.profiles.books import Book, book
from hedged.venue.profiles.forms import FillForm, OrderForm, PriceForm, meant
from hedged.venue.profiles.profile import Leg
from hedged.venue.profiles.reads import Read, Store

_DATA: Final = ("data",)
_REASONS: Final = {"ioc": NO_LIQUIDITY, "post_only": WOULD_TAKE}  # by how long an order lives


async def access(client: Any) -> Access:
    """The account, and what this key may do there."""
    told = row_at("account", await client.privateSpotGetV2SpotAccountInfo(), ("data",))
    rights = told.values.get("authorities")
    if not isinstance(rights, list):
        raise told.odd("authorities", "a list of rights")
    return Access(
        account_id=told.name("userId"),
        may_trade="trade" in rights,
        may_withdraw="withdraw" in rights,
        is_bound=bool(told.optional_text("ips")),
    )


async def clock(client: Any) -> int:
    """Each reply tells the time; the request for it alone leaves a test order's mark out."""
    asked = {"symbol": "BTCUSDT", "productType": "USDT-FUTURES"}
    reply = await client.publicMixGetV2MixMarketSymbolPrice(asked)
    told = Row("clock", reply).time("requestTime")
    return int((told - EPOCH).total_seconds() * 1000)


async def inverse_listing(client: Any, params: dict[str, str]) -> Any:
    """The markets; inverse ones counted in dollars, while their listed sizes are in coins."""
    markets = await client.fetch_markets(params)
    for market in markets:
        if market["inverse"]:
            market["precision"]["amount"] = market["limits"]["amount"]["min"] = "1"
    return markets


def coins_of(market_id: str, kind: Kind) -> tuple[str, str]:
    """BTCUSD, BTCUSDT, BTCPERP (in USDC), ETHUSD_231229."""
    for quote, settle in (("USDT", "USDT"), ("PERP", "USDC"), ("USD", "USD")):
        base, found, _ = market_id.partition(quote)
        if found:
            return base, base if kind is Kind.INVERSE else settle
    return market_id, market_id


def is_one_way(row: Row) -> bool:
    """Hedge mode keeps a long and a short beside each other."""
    return meant(row, "posMode", {"one_way_mode": True, "hedge_mode": False})


def _is_told(row: Row, key: str) -> bool:
    """Yes or no; rows of replies without it leave it open."""
    return row.optional_text(key).upper() == "YES"


WALLET: Final = WalletForm(
    coin="marginCoin", equity="accountEquity", gains=("unrealizedPL",), blank_gains=True
)
POSITION: Final = PositionForm(
    quantity=signed("total", "holdSide", {"long": 1, "short": -1}),
    entry="openPriceAvg",
    pnl="unrealizedPL",
    in_contracts=False,
)
PRICE: Final = PriceForm(
    bid="bidPr",
    ask="askPr",
    last="lastPr",
    rate="fundingRate",
    next="nextUpdate",
    interval="fundingRateInterval",
)
ORDER: Final = OrderForm(
    client_id="clientOid",
    quantity="size",
    filled="baseVolume",
    average="priceAvg",
    working=frozenset({"live", "new", "partially_filled"}),
    done=frozenset({"filled", "canceled", "cancelled"}),
    reduce_only=lambda row: _is_told(row, "reduceOnly"),
    created="cTime",
    reason=lambda row: _REASONS.get(row.text("force").lower(), ""),
)
FILL: Final = FillForm(
    trade_id=("tradeId",),
    client_id="clientOid",
    quantity="baseVolume",
    fee="totalFee",
    paid=-1,
    fee_coin="feeCoin",
    is_maker=lambda row: meant(row, "tradeScope", {"taker": False, "maker": True}),
    at="cTime",
    kind=lambda row: _forced(row.optional_text("tradeSide")),
)
FLOW: Final = FlowForm(
    flow_id=("billId",),
    kind="businessType",
    kinds={
        "contract_settle_fee": FlowKind.FUNDING,
        **dict.fromkeys(("trans_from_exchange", "trans_to_exchange"), FlowKind.TRANSFER),
        **dict.fromkeys(("open_long", "open_short", "close_long", "close_short"), FlowKind.TRADE),
        **dict.fromkeys(("buy", "sell"), FlowKind.TRADE),
        **dict.fromkeys(("force_buy", "force_sell", "burst_buy"), FlowKind.LIQUIDATION),
        **dict.fromkeys(("force_close_long", "force_close_short"), FlowKind.LIQUIDATION),
        **dict.fromkeys(("burst_long_loss_query", "burst_short_loss_query"), FlowKind.LIQUIDATION),
    },
    change="change",
    coin="coin",
    at="cTime",
    balance="balance",
    fee="paid",
)


def _forced(how: str) -> FillKind:
    if "burst" in how:
        return FillKind.LIQUIDATION
    if "reduce" in how and "single" not in how:
        return FillKind.ADL
    return FillKind.SETTLEMENT if "delivery" in how else FillKind.TRADE


def inverse_leg(row: Row, kind: Kind) -> Leg | None:
    """A position that is paid in its coin, in USD."""
    return POSITION.leg(_valued(row, "total", "openPriceAvg"), kind)


def report(row: Row, instrument: Instrument) -> OrderReport:
    """An order; lists call its state `status`, a look-up calls it `state`."""
    told = row if "status" in row.values else row.also(status=row.values.get("state"))
    return ORDER.report(told, instrument)


def inverse_report(row: Row, instrument: Instrument) -> OrderReport:
    """An order that is paid in its coin, in USD."""
    filled = _valued(row, "baseVolume", "priceAvg")
    return report(_valued(filled, "size", "price"), instrument)


def fill(row: Row, instrument: Instrument) -> Fill | None:
    """An execution, whose fee stands in a list of one."""
    fee = value_at(row.values, ("feeDetail", "0"))
    if not isinstance(fee, dict) or len(row.values["feeDetail"]) != 1:
        raise row.odd("feeDetail", "a list of one fee")
    return FILL.fill(row.also(**fee), instrument)


def inverse_fill(row: Row, instrument: Instrument) -> Fill | None:
    """An execution that is paid in its coin, in USD."""
    return fill(_valued(row, "baseVolume", "price"), instrument)


def flow(row: Row) -> Flow:
    """A bill: an amount, and beside it a fee that is negative when paid."""
    fee = row.optional("fee") or ZERO
    return FLOW.flow(row.also(change=plain(row.number("amount") + fee), paid=plain(-fee)))


def inverse_book(reply: Row) -> Book:
    """Bids and asks: price and USD."""
    bids, asks = (
        tuple(Level(level.price, level.contracts * level.price) for level in side)
        for side in book(reply)
    )
    return bids, asks


def _valued(row: Row, size: str, price: str) -> Row:
    """The row with a size in USD, where it has one."""
    coins = row.optional(size) or Decimal(0)
    value = plain(coins * row.positive(price)) if coins else row.values.get(size)
    return row.also(**{size: value})


ACCOUNTS: Final = {
    "spot": (
        Store(
            Read("privateSpotGetV2SpotAccountAssets", _DATA),
            ("available", "frozen", "locked"),
            own_name=str.upper,
        ),
    ),
    "funding": (
        Store(
            Read("privateSpotGetV2AccountFundingAssets", _DATA),
            ("available", "frozen"),
            blank_is_zero=True,
        ),
    ),
}
