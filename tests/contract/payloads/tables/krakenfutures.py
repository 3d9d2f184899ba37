"""Kraken Futures: bitcoin's inverse contract as recorded, the log of its accounts as documented."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from hedged.core.arrangement import Change
from hedged.core.moves import MoveState
from hedged.ports import Accepted, Refused, Style, Unknown, VenueUnavailable
from tests.contract.payloads import table as t
from tests.contract.payloads.table import Answer, Deed, Refusal, Row, Said, Sent, Table, Trade

D = Decimal
API: Final = "/derivatives/api/v3"
SYMBOL, ETH = "BTC/USD:BTC", "ETH/USD:ETH"
STATUS: Final = f"{API}/orders/status"
HISTORY: Final = "/api/history/v2/orders"
LOG: Final = "/api/history/v3/account-log"
ACCOUNT: Final = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
PLACED: Final = "179f9af8-e45e-469d-b3e9-2fd4675cb7d0"


def fixture(path: str, name: str, edit: Any = None) -> Answer:
    return Answer("GET", f"{API}/{path}", Said(f"fixtures:{name}", edit))


def said(path: str, name: str, edit: Any = None, method: str = "GET") -> Answer:
    recording = f"kraken/endpoints:Endpoints/Futures/{name}"
    return Answer(method, path if path.startswith("/") else f"{API}/{path}", Said(recording, edit))


def sample(path: str, name: str, edit: Any = None, method: str = "GET") -> Answer:
    recording = f"kraken/endpoints:JsonResponses/Futures{name}"
    return Answer(method, path if path.startswith("/") else f"{API}/{path}", Said(recording, edit))


def made(path: str, method: str = "GET", **values: Any) -> Answer:
    """A reply as Kraken documents it."""
    where = path if path.startswith("/") else f"{API}/{path}"
    return Answer(method, where, {"result": "success", **values})


def with_ether(reply: Any) -> Any:
    """Of ether positions were recorded, and no listing."""
    eth = reply["instruments"][0] | {"symbol": "PI_ETHUSD", "base": "ETH", "pair": "ETH:USD"}
    return reply | {"instruments": [*reply["instruments"], eth]}


def unpaid(coins: float) -> Any:
    """The recorded accounts, a margin account with so much funding that is not paid yet."""

    def edit(reply: Any) -> Any:
        reply["accounts"]["fi_xbtusd"]["auxiliary"]["funding"] = coins
        return reply

    return edit


def with_account(reply: Any) -> Any:
    """The recorded accounts with one of ether."""
    reply = unpaid(0.0)(reply)
    reply["accounts"]["fi_ethusd"] = {
        "type": "marginAccount",
        "currency": "eth",
        "balances": {"eth": 7.5},
        "auxiliary": {"pv": 7.5, "pnl": 0, "af": 1},
    }
    return reply


BALANCES: Final = "Account/GetBalances"
OPENING: Final = (
    fixture("instruments", "http_futures_instruments", with_ether),
    said("accounts", BALANCES, unpaid(0.0)),
    made("openpositions", openPositions=[]),
    made("notifications", notifications=[]),
    said(LOG, "Account/GetAccountLog"),
)


def state(status: str, **fields: Any) -> Answer:
    """The documented reply about one order, filled in."""

    def edit(reply: Any) -> Any:
        (row,) = reply["orders"]
        row["order"] |= {
            "cliOrdId": t.CLIENT_ID,
            "quantity": 10,
            "timestamp": "2020-08-27T17:03:33.196Z",
        }
        row |= {"status": status, "error": None}
        row["order"] |= {key: value for key, value in fields.items() if key in row["order"]}
        row |= {key: value for key, value in fields.items() if key in row}
        return reply

    return sample("orders/status", "Trading/GetOrdersAsync", edit, method="POST")


NOT_RECENT: Final = said("orders/status", "Trading/GetOrders", lambda r: r | {"orders": []}, "POST")


def event(kind: str, client_id: str = t.CLIENT_ID, **fields: Any) -> Any:
    """An entry of the history, as documented."""
    order = {
        "uid": "179f9af8",
        "accountUid": "a",
        "tradeable": "PI_XBTUSD",
        "direction": "Sell",
        "quantity": "10",
        "filled": "0",
        "timestamp": 1604937694000,
        "limitPrice": "60000.5",
        "orderType": "Post",
        "clientId": client_id,
        "reduceOnly": True,
        "lastUpdateTimestamp": 1604937694000,
        **fields,
    }
    about = {"oldOrder": order, "newOrder": order} if kind == "OrderUpdated" else {"order": order}
    return {"uid": "e", "timestamp": 1604937694000, "event": {kind: {**about, "reason": "r"}}}


def history(*events: Any) -> Answer:
    return Answer("GET", HISTORY, {"elements": list(events), "len": len(events)}, {"count": "500"})


def logged(**values: Any) -> Answer:
    """The documented line of the log, filled in."""
    line = {
        "asset": "xbt",
        "booking_uid": "3fa85f64",
        "contract": "pi_xbtusd",
        "margin_account": "fi_xbtusd",
        "execution": "e1",
        "old_balance": 1.5,
        "new_balance": 1.4995,
        "fee": 0.0001,
        "realized_funding": 0.0,
        **values,
    }
    return sample(LOG, "Account/GetAccountLogAsync", t.but("logs", 0, **line))


def sale(kind: str, *, reduce_only: bool) -> Sent:
    return Sent(
        "POST",
        f"{API}/sendorder",
        {
            "symbol": "PI_XBTUSD",
            "side": "sell",
            "orderType": kind,  # "lmt" would rest: ccxt makes it of IOC in capitals
            "size": "3",
            "limitPrice": "60000.5",
            "cliOrdId": t.CLIENT_ID,
            "reduceOnly": str(reduce_only).lower(),
        },
    )


def placed(reply: Any) -> Any:
    """The recorded acknowledgement, as of our order."""
    reply["sendStatus"]["orderEvents"][0]["order"]["cliOrdId"] = t.CLIENT_ID
    return reply


def error(told: str) -> Any:
    """A status of what was sent, or an error of the request."""
    if told == "INSUFFICIENT_MARGIN":
        return {"result": "error", "errors": [{"code": 92, "message": told}]}
    if told in {"apiLimitExceeded", "unknownError", "Server Error", "invalidArgument"}:
        return {"result": "error", "error": told}
    return {"result": "success", "sendStatus": {"status": told, "orderEvents": []}}


def balances() -> tuple[Row, ...]:
    return (
        Row("key", "balances", t.key, (), ({"account_id": ACCOUNT, "margin_mode": "cross"},)),
        Row(
            "wallets of two margin accounts",
            "balances",
            t.balances("BTC", "EUR"),
            (),
            # 141.31756797 + 0.1185308247 of the multi-collateral wallet = 141.4360987947;
            # with the profit 12.42134766 = 153.8574464547. Cash is no collateral.
            (
                {"wallet": "141.4360987947 BTC", "equity": "153.8574464547 BTC"},
                {"wallet": "4540.5837374453 EUR", "equity": "4540.5837374453 EUR"},
            ),
        ),
        Row(
            "a wallet that contradicts itself",
            "balances",
            t.balances("BTC"),
            # pv is 153.73891563 = 141.31756797 + 12.42134766: with 0.5 of funding it would be more
            (said("accounts", BALANCES, unpaid(0.5)),),
            Refusal(VenueUnavailable, r"its parts give 154\.23891563"),
        ),
        Row(
            "funding that is not paid",
            "balances",
            t.balances("BTC"),
            (
                sample(
                    "accounts",
                    "Account/GetBalancesAsync",
                    t.but("accounts", "fi_xbtusd", "auxiliary", funding=0.5, pv=154.23891563),
                ),
            ),
            ({"terms.0.name": "funding not paid yet", "terms.0.coins": D("0.5")},),
        ),
        Row(
            "cash, which is no collateral",
            "balances",
            t.holdings("funding", "BTC", "ETH"),
            (),
            ({"source": "main:funding", "quantity": "141.31756797 BTC"}, {"quantity": "0 ETH"}),
        ),
    )


def markets() -> tuple[Row, ...]:
    return (
        Row(
            "a listing of 2021, before contracts had a precision",
            "instruments",
            t.listed(SYMBOL),
            (Answer("GET", f"{API}/instruments", Said("instruments_01")),),
            Refusal(VenueUnavailable, "lot is None"),
        ),
        Row(
            "a short and a long",
            "positions",
            t.positions(),
            (
                fixture("openpositions", "http_futures_open_positions"),
                said("accounts", BALANCES, with_account),
            ),
            (
                {
                    "instrument.symbol": SYMBOL,
                    "quantity": "-8000 USD",
                    "entry": D("27523.749993345933"),
                    "unrealised_pnl": None,
                    "mark": None,
                },
                {"instrument.symbol": ETH, "quantity": "12000 USD"},
            ),
        ),
        Row(
            "quote",
            "prices",
            t.quote(SYMBOL),
            (fixture("tickers", "http_futures_tickers"),),
            (
                {
                    "mark": D("91506.6009839176"),
                    "index": D("91468.38"),
                    "bid": D(91415),
                    "ask": D("91490.5"),
                    "last": D(91415),
                    # -3.995839963e-09 BTC per USD and hour * 91506.6009839176
                    "funding_rate": D("-3.995839963e-09") * D("91506.6009839176"),
                    "funding_interval_h": D(1),
                },
            ),
        ),
        Row(
            "prices of another year",
            "prices",
            t.quote(SYMBOL),
            (said("tickers", "ExchangeData/GetTickers"),),
            ({"mark": D("30209.9"), "bid": D(8634), "ask": D(49289)},),
        ),
        Row(
            "depth",
            "prices",
            t.depth(SYMBOL),
            (fixture("orderbook", "http_futures_orderbook"),),
            (
                {
                    "bids.0.price": D(105900),
                    "bids.1.price": D(105850),
                    "asks.0.contracts": D("0.3"),
                },
            ),
        ),
        Row(
            "announcements without a downtime",
            "prices",
            t.maintenance,
            (said("notifications", "ExchangeData/GetPlatformNotifications"),),
            (),
        ),
        Row(
            "announcement of a downtime",
            "prices",
            t.maintenance,
            (
                said(
                    "notifications",
                    "ExchangeData/GetPlatformNotifications",
                    t.but("notifications", 1, expectedDowntimeMinutes=15, note="Upgrade"),
                ),
            ),
            (
                {
                    "title": "Upgrade",
                    "starts_at": datetime(2018, 6, 29, 15, tzinfo=UTC),
                    "ends_at": datetime(2018, 6, 29, 15, 15, tzinfo=UTC),
                    "lasts": False,
                },
            ),
        ),
    )


def orders() -> tuple[Row, ...]:
    nothing = "nothing to fill it with at its limit"
    recent = (
        (state("ENTERED_BOOK", filled=4), "working", 4, ""),
        (state("FULLY_EXECUTED", filled=10), "done", 10, ""),
        (state("CANCELLED", filled=4), "done", 4, ""),
        (state("REJECTED", error="IOC_WOULD_NOT_EXECUTE"), "done", 0, nothing),
    )
    update = event("OrderPlaced")
    ended = (
        ((event("OrderPlaced"),), "working", 0),
        ((event("OrderPlaced", orderType="IoC"),), "done", 0),
        ((event("OrderUpdated", filled="4"), update), "working", 4),
        ((event("OrderUpdated", filled="10"), update), "done", 10),
        ((event("OrderCancelled", filled="4"), update), "done", 4),
        ((event("OrderRejected"),), "done", 0),
        ((event("OrderCancelled", "another"), update), "working", 0),
    )
    return (
        Row(
            "working orders",
            "orders",
            t.orders(SYMBOL),
            (fixture("openorders", "http_futures_open_orders"),),
            (
                {
                    "client_id": "my-client-order-123",
                    "side": "sell",
                    "reduce_only": True,
                    "contracts": D(7000),  # 2000 filled + 5000 unfilled
                    "filled": D(2000),
                    "created_at": datetime(2023, 4, 7, 14, 30, 15, 123000, tzinfo=UTC),
                },
            ),
        ),
        Row(
            "working orders of another year",
            "orders",
            t.first(t.orders(SYMBOL)),
            (said("openorders", "Trading/GetOpenOrders"),),
            ({"status": "working", "limit_price": D(10640)},),
        ),
        *(
            Row(
                f"order of the last seconds, {status} with {filled} and {reason or 'no reason'}",
                "orders",
                t.find(SYMBOL),
                (reply,),
                (
                    {
                        "client_id": t.CLIENT_ID,
                        "status": status,
                        "filled": D(filled),
                        "contracts": D(10),
                        "side": "buy",
                        "reason": reason,
                    },
                ),
            )
            for reply, status, filled, reason in recent
        ),
        *(
            Row(
                f"order that ended before: {number}",
                "orders",
                t.find(SYMBOL),
                (NOT_RECENT, history(*events)),
                (
                    {
                        "client_id": t.CLIENT_ID,
                        "status": status,
                        "filled": D(filled),
                        "limit_price": D("60000.5"),
                        "side": "sell",
                        "reduce_only": True,
                    },
                ),
            )
            for number, (events, status, filled) in enumerate(ended)
        ),
        Row(
            "a reply without its list",
            "orders",
            t.find(SYMBOL),
            (said("orders/status", "Trading/GetOrders", method="POST"),),
            Refusal(VenueUnavailable, "the reply has no list orders"),
        ),
    )


def records() -> tuple[Row, ...]:
    fills = fixture("fills", "http_futures_fills")
    return (
        Row(
            "fills",
            "fills",
            t.fills(SYMBOL),
            (fills,),
            (
                {
                    "contracts": D(5000),
                    "price": D("27937.5"),
                    "is_maker": True,
                    "fee": "0.00008957 BTC",
                },
                {"side": "sell", "kind": "trade"},
            ),
        ),
        Row(
            "fills of another contract",
            "fills",
            t.fills(ETH),
            (fills,),
            ({"client_id": "my-order-ref-456", "is_maker": False},),
        ),
        Row(
            "a trade in the log",
            "fills",
            t.flows,
            (logged(info="futures trade"),),
            # 1.4995 - 1.5, its fee taken off
            (
                {
                    "kind": "trade",
                    "change": "-0.0005 BTC",
                    "fee": D("0.0001"),
                    "trade_id": "e1",
                    "symbol": SYMBOL,
                    "at": datetime(2019, 8, 24, 14, 15, 22, tzinfo=UTC),
                },
            ),
        ),
        Row(
            "funding in the log",
            "fills",
            t.flows,
            (
                logged(
                    info="funding rate change",
                    realized_funding=-0.0005,
                    fee=0.0,
                    execution="",
                ),
            ),
            ({"kind": "funding", "funding": D("-0.0005"), "fee": D(0), "change": "-0.0005 BTC"},),
        ),
        Row(
            "a transfer into a margin account",
            "fills",
            t.flows,
            (logged(info="transfer", new_balance=2.0, contract="", fee=0.0),),
            ({"kind": "transfer", "change": "0.5 BTC", "balance": None},),
        ),
        Row(
            "its other half, in cash",
            "fills",
            t.flows,
            (logged(info="transfer", margin_account="cash", contract=""),),
            (),
        ),
        Row(
            "contracts that came or went",
            "fills",
            t.flows,
            (logged(info="futures trade", asset="pi_xbtusd"),),
            (),
        ),
        Row(
            "a log without values",
            "fills",
            t.flows,
            (said(LOG, "Account/GetAccountLog"),),
            ({"kind": "trade", "change": "0 STRING"},),
        ),
    )


def moves() -> tuple[Deed, ...]:
    into = {"fromAccount": "cash", "toAccount": "fi_xbtusd", "unit": "xbt", "amount": "1.5"}
    back = into | {"fromAccount": "fi_xbtusd", "toAccount": "cash"}
    path = f"{API}/transfer"
    taken = said("transfer", "Account/Transfer", method="POST")
    log = Sent("GET", LOG, {"count": "500", "sort": "desc"})
    look = t.find_move("main:funding", "main", "1.5")
    moved = {"info": "transfer", "contract": "", "old_balance": 0.0}
    return (
        *(
            Deed(what, t.move(*places, "1.5"), (taken,), (Sent("POST", path, asked),), Unknown)
            for what, places, asked in (
                ("transfer, which is looked up", ("main:funding", "main"), into),
                ("transfer back", ("main", "main:funding"), back),
            )
        ),
        *(
            Deed(
                f"transfer with the error {told}",
                t.move("main:funding", "main", "1.5"),
                (Answer("POST", path, {"result": "error", "error": told}),),
                (Sent("POST", path, into),),
                outcome,
            )
            for told, outcome in (
                ("insufficientFunds", Refused),
                ("invalidAccount", Refused),
                ("Server Error", Unknown),
            )
        ),
        Deed(
            "look at a transfer",
            look,
            (logged(**moved, new_balance=1.5),),
            (log,),
            MoveState.CONFIRMED,
        ),
        *(
            Deed(f"look at {what}", look, (logged(**{**moved, **values}),), (log,), None)
            for what, values in (
                ("another amount", {"new_balance": 1.4}),
                ("one that went back", {"old_balance": 1.5, "new_balance": 0.0}),
                ("a trade", {"info": "futures trade", "new_balance": 1.5}),
                ("the cash of one", {"margin_account": "cash", "new_balance": 1.5}),
            )
        ),
    )


def deeds() -> tuple[Deed, ...]:
    after = Sent("POST", f"{API}/cancelallordersafter", {"timeout": "60"})
    on = said("cancelallordersafter", "Trading/CancelAllOrderAfter", method="POST")
    off = sample("cancelallordersafter", "Trading/CancelAllOrderAfterAsync", method="POST")
    cancel = Sent("POST", f"{API}/cancelorder", {"cliOrdId": t.CLIENT_ID})
    return (
        Deed("dead-man switch", lambda v: v.arm_dead_man(60), (on,), (after,), True, "orders"),
        Deed(
            "dead-man switch that would do nothing",
            lambda v: v.arm_dead_man(60),
            (off,),
            (after,),
            False,
            "orders",
        ),
        Deed(
            "dead-man switch, disarmed",
            lambda v: v.disarm_dead_man(),
            (off,),
            (Sent("POST", after.path, {"timeout": "0"}),),
            None,
            "orders",
        ),
        *(
            Deed(
                f"cancel answered {number}",
                lambda v: v.cancel(v.instrument(SYMBOL), t.CLIENT_ID),
                (reply,),
                (cancel,),
                None,
                "orders",
            )
            for number, reply in enumerate(
                (
                    said("cancelorder", "Trading/CancelOrder", method="POST"),
                    Answer("POST", cancel.path, Said("fixtures:http_cancel_order_futures")),
                    made("cancelorder", "POST", cancelStatus={"status": "notFound"}),
                )
            )
        ),
        Deed(
            "cancel by number, which ccxt tells as an error: it is gone",
            lambda v: v.cancel_numbered(v.instrument(SYMBOL), "cb4e34f6"),
            (made("cancelorder", "POST", cancelStatus={"status": "notFound"}),),
            (Sent("POST", cancel.path, {"order_id": "cb4e34f6"}),),
            None,
            "orders",
        ),
        Deed(
            "dead-man switch without a word of it",
            lambda v: v.arm_dead_man(60),
            (made("cancelallordersafter", "POST"),),
            (after,),
            Refusal(VenueUnavailable, "has no status"),
        ),
        Deed(
            "leverage",
            lambda v: v.arrange(Change(SYMBOL, "10", "3")),
            (),
            (),
            Refused("it cannot be set through hedged at Kraken Futures"),
        ),
        *moves(),
    )


KRAKENFUTURES: Final = Table(
    exchange="krakenfutures",
    symbol=SYMBOL,
    opening=OPENING,
    instruments={
        # contractSize 1 USD, contractValueTradePrecision 0: whole contracts
        SYMBOL: {
            "kind": "inverse",
            "contract_size": D(1),
            "lot": D(1),
            "tick": D("0.5"),
            "maintenance": D("0.01"),
        }
    },
    rows=(*balances(), *markets(), *orders(), *records()),
    deeds=deeds(),
    trade=Trade(
        price="60000.5",
        orders={
            (Style.IOC, False): sale("ioc", reduce_only=False),
            (Style.IOC, True): sale("ioc", reduce_only=True),
            (Style.POST_ONLY, False): sale("post", reduce_only=False),
            (Style.POST_ONLY, True): sale("post", reduce_only=True),
        },
        cancel=Sent("POST", f"{API}/cancelorder", {"cliOrdId": t.CLIENT_ID}),
        look_up=Sent("POST", STATUS, {"cliOrdIds": t.CLIENT_ID}),
        acknowledged=said("sendorder", "Trading/PlaceOrder", placed, method="POST"),
        outcome=Accepted(PLACED),
        others=(
            (
                Answer("POST", f"{API}/sendorder", Said("fixtures:http_send_order_futures")),
                Accepted("c8a35168-8d52-4609-944f-3f32bb0d5c77"),  # it tells no events
            ),
        ),
        found=(state("ENTERED_BOOK"), said("cancelorder", "Trading/CancelOrder", method="POST")),
        missing=(
            made("orders/status", "POST", orders=[]),
            history(
                event("OrderPlaced", "another"),
                {"uid": "e", "event": {"OrderNotFound": {"orderId": "x"}}},
            ),
        ),
        headers=frozenset({"APIKey", "Authent"}),
        errors={
            "insufficientAvailableFunds": Refused,
            "iocWouldNotExecute": Refused,
            "postWouldExecute": Refused,
            "wouldNotReducePosition": Refused,
            "clientOrderIdAlreadyExist": Unknown,
            "orderForEditNotFound": Unknown,  # says nothing of an order that was sent
            "apiLimitExceeded": Refused,
            "invalidArgument": Refused,
            "unknownError": Unknown,
            "Server Error": Unknown,
            "INSUFFICIENT_MARGIN": Refused,
        },
        error=error,
        unsigned=frozenset({"processBefore", "since"}),  # times
    ),
)
