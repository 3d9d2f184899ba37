"""How WEEX v3 states futures accounts, positions, prices, orders and fills; all in coins.

A market holds a long and a short beside each other: each order says which of them it changes. A
position tells what it was opened for, not at which price, and no mark.
"""

from decimal import localcontext
from typing import Any, Final

from hedged.core.access import Access
from hedged.core.decimals import CONTEXT, plain
from hedged.core.types import FlowKind, Kind, Side
from hedged.ports import NO_LIQUIDITY, WOULD_TAKE, Order
from hedged.venue.fields import Row, row_at
from hedged.venue.profiles.account_forms import FlowForm, PositionForm, WalletForm, signed
from hedged.venue.profiles.forms import FillForm, OrderForm, PriceForm
from hedged.venue.profiles.profile import Leg, Prices

_REASONS: Final = {"IOC": NO_LIQUIDITY, "POST_ONLY": WOULD_TAKE}


async def access(client: Any) -> Access:
    """The account; what a key may do is not told."""
    told = row_at("account", await client.privateGetApiV3Account(), ())
    return Access(account_id=told.name("uid"))


def mistaken(order: Order) -> str | None:
    """Why an order would open the other of the two positions, not change the hedge."""
    if order.side is Side.BUY and not order.reduce_only:
        return "at WEEX a purchase that is not reduce-only opens a long beside the short"
    return None


def coins_of(market_id: str, _kind: Kind) -> tuple[str, str]:
    """BTCUSDT, BTCUSDC."""
    for quote in ("USDT", "USDC", "USD"):
        if market_id.endswith(quote):
            return market_id.removesuffix(quote), quote
    return market_id, market_id


WALLET: Final = WalletForm(coin="asset", wallet=("balance",), gains=("unrealizePnl",))
POSITION: Final = PositionForm(
    quantity=signed("size", "side", {"LONG": 1, "SHORT": -1}),
    entry="entry",
    pnl="unrealizePnl",
    liquidation="liquidatePrice",
    mark="",
    in_contracts=False,
)
PRICE: Final = PriceForm(last="price", interval="hours")
ORDER: Final = OrderForm(
    working=frozenset({"NEW", "PENDING", "PARTIALLY_FILLED", "UNTRIGGERED"}),
    done=frozenset({"FILLED", "CANCELED", "EXPIRED", "REJECTED"}),
    reason=lambda row: _REASONS.get(row.optional_text("timeInForce"), ""),
)
FILL: Final = FillForm()
FLOW: Final = FlowForm(
    flow_id=("billId",),
    kinds={
        "position_funding": FlowKind.FUNDING,
        **dict.fromkeys(("deposit", "withdraw", "transfer_in", "transfer_out"), FlowKind.TRANSFER),
        **dict.fromkeys(("position_open_long", "position_open_short"), FlowKind.TRADE),
        **dict.fromkeys(("position_close_long", "position_close_short"), FlowKind.TRADE),
        **dict.fromkeys(("order_fill_fee_income", "order_fix_margin_amount"), FlowKind.TRADE),
        **dict.fromkeys(("margin_move_in", "margin_move_out"), FlowKind.TRADE),  # within it
        **dict.fromkeys(("start_liquidate", "finish_liquidate"), FlowKind.LIQUIDATION),
        "order_liquidate_fee_income": FlowKind.LIQUIDATION,
    },
    balance="balance",
    fee="fillFee",
)


def leg(row: Row, kind: Kind) -> Leg | None:
    """A position, whose entry is what it was opened for by its size."""
    size = row.unsigned("size")
    if not size:
        return None
    with localcontext(CONTEXT):
        entry = row.positive("openValue") / size
    return POSITION.leg(row.also(entry=plain(entry)), kind)


def prices(row: Row) -> Prices:
    """Premium index and best prices of a market, put together; its cycle is in minutes."""
    hours = row.positive("collectCycle") / 60
    return PRICE.prices(row.also(hours=plain(hours)))


def client_id(row: Row) -> str:
    """Whose an order in a list is."""
    return row.optional_text("clientOrderId")
