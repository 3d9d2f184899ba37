"""Ways in which a venue can mean something else than hedged does, planted in the embedded exchange.

Most are planted where the exchange takes an order, whatever language it was asked in; some only in
what it says of itself afterwards, in Bybit's words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from hedged.sim.accounts import Account
from hedged.sim.faults import Fault, Kind
from hedged.sim.orders import Order, OrderRequest, Side, TimeInForce
from hedged.sim.server import SimServer

Change = Callable[[OrderRequest], OrderRequest]
_OTHER = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}
_GTC = {TimeInForce.IOC, TimeInForce.POST_ONLY}


@dataclass(frozen=True)
class Trap:
    """What is planted, and the step of a trial that must show it."""

    name: str
    plant: Callable[[SimServer, Account], None]
    shown_by: str
    leaves_orders: bool = False  # nothing that the venue offers takes them away
    hides_orders: bool = False  # that nothing is left cannot be seen


def taking(change: Change, *, forget: bool = False) -> Callable[[SimServer, Account], None]:
    """The exchange takes another order than it was sent."""

    def plant(server: SimServer, account: Account) -> None:
        place = server.exchange.place_order

        def placed(who: Account, request: OrderRequest) -> Order:
            if forget:
                account.orders_by_link.pop(request.link_id, None)
            return place(who, change(request))

        server.exchange.place_order = placed  # type: ignore[assignment, method-assign] # that is the trap

    return plant


def _twice(server: SimServer, _account: Account) -> None:
    place = server.exchange.place_order

    def placed(who: Account, request: OrderRequest) -> Order:
        order = place(who, request)
        place(who, request._replace(link_id=""))
        return order

    server.exchange.place_order = placed  # type: ignore[assignment, method-assign] # that is the trap


def _deaf(server: SimServer, _account: Account) -> None:
    server.exchange.cancel_order = lambda *_: None  # type: ignore[method-assign] # that is the trap


def saying(path: str, change: Callable[[dict[str, Any]], object]) -> Callable[..., None]:
    """The exchange does as it is told, and says something else of each row afterwards."""

    def plant(server: SimServer, _account: Account) -> None:
        dialect = server._gate.dialect
        handle = dialect.handle

        def handled(method: str, asked: str, *more: Any, **also: Any) -> Any:
            reply = handle(method, asked, *more, **also)
            result = reply.payload["result"]
            if asked == path and isinstance(result, Mapping):
                for row in [*result.get("list", ())]:
                    if change(row) is False:
                        result["list"].remove(row)
            return reply

        dialect.handle = handled  # type: ignore[assignment, method-assign] # that is the trap

    return plant


def _flip(row: dict[str, Any]) -> None:
    """Short for long, with a profit that agrees with it."""
    row["side"] = {"Buy": "Sell", "Sell": "Buy", "": ""}[row["side"]]
    row["unrealisedPnl"] = row["unrealisedPnl"] and str(-Decimal(row["unrealisedPnl"]))


def _with_profit(row: dict[str, Any]) -> None:
    for coin in row["coin"]:
        total = Decimal(coin["walletBalance"]) + Decimal(coin["unrealisedPnl"])
        coin["walletBalance"] = str(total)


def _received(row: dict[str, Any]) -> None:
    row["execFee"] = str(-Decimal(row["execFee"]))


def _told_tenfold(server: SimServer, account: Account) -> None:
    """A contract of ten dollars, listed as one of a dollar: only the money shows it."""

    def tenth(keys: tuple[str, ...], row: dict[str, Any]) -> None:
        for key in keys:
            row[key] = row[key] and str(Decimal(row[key]) / 10)

    taking(lambda request: request._replace(quantity=request.quantity * 10))(server, account)
    for path, keys in (
        ("/v5/order/realtime", ("qty", "leavesQty", "cumExecQty")),
        ("/v5/order/history", ("qty", "leavesQty", "cumExecQty")),
        ("/v5/execution/list", ("execQty", "orderQty", "leavesQty")),
        ("/v5/position/list", ("size", "positionValue", "unrealisedPnl")),
    ):
        saying(path, partial(tenth, keys))(server, account)
    # The wallet and its equity know nothing of it, and the profit of so small a trade is little.


def _html(server: SimServer, _account: Account) -> None:
    server.faults.add(Fault(Kind.HTML, path="/v5/order/create", times=0))


def _torn(server: SimServer, _account: Account) -> None:
    server.faults.add(Fault(Kind.TRUNCATED, path="/v5/order/realtime", skip=2, times=0))


TRAPS = [
    Trap(
        "a contract size off by ten",
        taking(lambda request: request._replace(quantity=request.quantity * 10)),
        "far order: units",
    ),
    Trap("a contract size off by ten wherever it is told", _told_tenfold, "size, by the fee"),
    Trap(
        "the side flipped",
        taking(lambda request: request._replace(side=_OTHER[request.side])),
        "far order: side",
    ),
    Trap("the sign of positions flipped", saying("/v5/position/list", _flip), "position"),
    Trap(
        "an IOC that rests",
        taking(
            lambda request: (
                request._replace(time_in_force=TimeInForce.GTC)
                if request.time_in_force is TimeInForce.IOC
                else request
            )
        ),
        "IOC far away",
    ),
    Trap(
        "a post-only that takes",
        taking(
            lambda request: (
                request._replace(time_in_force=TimeInForce.GTC)
                if request.time_in_force is TimeInForce.POST_ONLY
                else request
            )
        ),
        "post-only that would take",
    ),
    Trap("a duplicate accepted", taking(lambda request: request, forget=True), "duplicate id"),
    Trap(
        "the client id dropped", taking(lambda request: request._replace(link_id="")), "client id"
    ),
    Trap("200 with HTML", _html, "far order"),
    Trap("torn JSON", _torn, "an order that rests", hides_orders=True),
    Trap(
        "reduce-only ignored",
        taking(lambda request: request._replace(reduce_only=False)),
        "reduce-only that would increase",
    ),
    Trap("each order placed twice", _twice, "open orders"),
    Trap(
        "prices rounded",
        taking(
            lambda request: request._replace(
                price=None if request.price is None else request.price // 10 * 10
            )
        ),
        "far order: price",
    ),
    Trap("a cancel that does nothing", _deaf, "cancel to reprice", leaves_orders=True),
    Trap("positions that are not listed", saying("/v5/position/list", lambda _: False), "position"),
    Trap(
        "a wallet with the profit in it",
        saying("/v5/account/wallet-balance", _with_profit),
        "wallet after opening",
    ),
    Trap(
        "fees with the sign flipped",
        saying("/v5/execution/list", _received),
        "wallet after opening",
    ),
    Trap(
        "trades without client ids",
        saying("/v5/execution/list", lambda row: row.update(orderLinkId="")),
        "trades by client id",
    ),
]
