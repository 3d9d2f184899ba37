"""Ways in which a venue can mean something else than hedged does, planted in the embedded exchange.

Most are planted where the exchange takes an order, whatever language it was asked in; some only in
what it says of itself afterwards, in the words of each of its tongues.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hedged.sim.accounts import Account
from hedged.sim.bybit.dialect import BybitDialect
from hedged.sim.dialect import Purpose
from hedged.sim.faults import Fault, Kind
from hedged.sim.orders import Order, OrderRequest, Side, TimeInForce
from hedged.sim.server import SimServer

Plant = Callable[[SimServer, Account], None]
Change = Callable[[OrderRequest], OrderRequest]
_OTHER = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}
_GTC = {TimeInForce.IOC, TimeInForce.POST_ONLY}


@dataclass(frozen=True)
class Trap:
    """What is planted, and the step of a trial that must show it."""

    name: str
    plant: Plant
    shown_by: str
    or_by: str = ""  # where what the venue acknowledges shows it already
    leaves_orders: bool = False  # nothing that the venue offers takes them away
    hides_orders: bool = False  # that nothing is left cannot be seen


def taking(change: Change, *, forget: bool = False) -> Plant:
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


Told = Callable[[dict[str, Any]], object]


def saying(**changes: tuple[str, Told]) -> Plant:
    """The exchange does as it is told, and says something else of each row afterwards.

    By its tongue: in which reply, and what. A row is left out where the change says False.
    """

    def plant(server: SimServer, _account: Account) -> None:
        dialect = server.dialect
        handle = dialect.handle
        path, change = changes[_tongue(server)]

        def handled(method: str, asked: str, *more: Any, **also: Any) -> Any:
            reply = handle(method, asked, *more, **also)
            if asked == path and not reply.code:
                rows = _rows(reply.data)
                rows[:] = [row for row in rows if change(row) is not False]
            return reply

        dialect.handle = handled  # type: ignore[assignment, method-assign] # that is the trap

    return plant


def _tongue(server: SimServer) -> str:
    return "bybit" if isinstance(server.dialect, BybitDialect) else "binance"


def _rows(data: Any) -> list[dict[str, Any]]:
    """What a reply lists, or the one thing that it is about."""
    if isinstance(data, list):
        return data
    for key in ("list", "assets"):
        if isinstance(data.get(key), list):
            found: list[dict[str, Any]] = data[key]
            return found
    return [data]


def times(factor: str, *keys: str) -> Told:
    """These figures multiplied."""

    def change(row: dict[str, Any]) -> None:
        for key in keys:
            row[key] = row[key] and str(Decimal(row[key]) * Decimal(factor))

    return change


def _flipped(row: dict[str, Any]) -> None:
    """Short for long, with a profit that agrees with it."""
    row["side"] = {"Buy": "Sell", "Sell": "Buy", "": ""}[row["side"]]
    times("-1", "unrealisedPnl")(row)


def _with_profit(row: dict[str, Any]) -> None:
    for coin in row["coin"]:
        total = Decimal(coin["walletBalance"]) + Decimal(coin["unrealisedPnl"])
        coin["walletBalance"] = str(total)


def _with_its_profit(row: dict[str, Any]) -> None:
    for key in ("walletBalance", "marginBalance"):
        row[key] = str(Decimal(row[key]) + Decimal(row["unrealizedProfit"]))


def _told_tenfold(server: SimServer, account: Account) -> None:
    """A contract of ten times the size, wherever it is told as listed: only the money shows it."""
    taking(lambda request: request._replace(quantity=request.quantity * 10))(server, account)
    told: dict[str, list[tuple[str, tuple[str, ...]]]] = {
        "bybit": [
            ("/v5/order/realtime", ("qty", "leavesQty", "cumExecQty")),
            ("/v5/order/history", ("qty", "leavesQty", "cumExecQty")),
            ("/v5/execution/list", ("execQty", "orderQty", "leavesQty")),
            ("/v5/position/list", ("size", "positionValue", "unrealisedPnl")),
        ],
        "binance": [
            ("/dapi/v1/order", ("origQty", "executedQty")),
            ("/dapi/v1/openOrders", ("origQty", "executedQty")),
            ("/dapi/v1/userTrades", ("qty",)),
            ("/dapi/v1/positionRisk", ("positionAmt", "unRealizedProfit", "notionalValue")),
        ],
    }
    for path, keys in told[_tongue(server)]:
        saying(**{_tongue(server): (path, times("0.1", *keys))})(server, account)


def _taking_all(server: SimServer, account: Account) -> None:
    """Whatever says that it must not take takes all the same."""
    for market in server.exchange.markets.values():
        market.book.would_take = lambda *_: False  # type: ignore[method-assign] # that is the trap
    taking(
        lambda request: (
            request._replace(time_in_force=TimeInForce.GTC)
            if request.time_in_force is TimeInForce.POST_ONLY
            else request
        )
    )(server, account)


def _html(server: SimServer, _account: Account) -> None:
    server.faults.add(Fault(Kind.HTML, path=Purpose.CREATE, times=0))


def _torn(server: SimServer, _account: Account) -> None:
    skip = {"bybit": 2, "binance": 3}[_tongue(server)]
    server.faults.add(Fault(Kind.TRUNCATED, path=Purpose.LOOK_UPS, skip=skip, times=0))


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
    Trap(
        "the sign of positions flipped",
        saying(
            bybit=("/v5/position/list", _flipped),
            binance=(
                "/dapi/v1/positionRisk",
                times("-1", "positionAmt", "unRealizedProfit", "notionalValue"),
            ),
        ),
        "position",
    ),
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
        _taking_all,
        "post-only that would take",
    ),
    Trap("a duplicate accepted", taking(lambda request: request, forget=True), "duplicate id"),
    Trap(
        "the client id dropped",
        taking(lambda request: request._replace(link_id="")),
        "client id",
        or_by="far order",
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
    Trap(
        "positions that are not listed",
        saying(
            bybit=("/v5/position/list", lambda _: False),
            binance=("/dapi/v1/positionRisk", lambda _: False),
        ),
        "position",
    ),
    Trap(
        "a wallet with the profit in it",
        saying(
            bybit=("/v5/account/wallet-balance", _with_profit),
            binance=("/dapi/v1/account", _with_its_profit),
        ),
        "wallet after opening",
    ),
    Trap(
        "fees with the sign flipped",
        saying(
            bybit=("/v5/execution/list", times("-1", "execFee")),
            binance=("/dapi/v1/userTrades", times("-1", "commission")),
        ),
        "wallet after opening",
    ),
    Trap(
        "trades without client ids",
        saying(
            bybit=("/v5/execution/list", lambda row: row.update(orderLinkId="")),
            binance=("/dapi/v1/userTrades", lambda _: False),
        ),
        "trades by client id",
    ),
]
