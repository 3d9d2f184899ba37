"""Bybit: what `tests/venue/test_payloads.py` does not read; and what is sent, everywhere."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from hedged.ports import WOULD_TAKE, Accepted, Refused, Style, Unknown, VenueRefused
from tests.contract.payloads import table as t
from tests.contract.payloads.table import Answer, Refusal, Row, Said, Sent, Table, Trade

D = Decimal
V5: Final = "endpoints:Endpoints/V5Api"
INVERSE, LINEAR = "BTC/USD:BTC", "BTC/USDT:USDT"


def endpoint(path: str, name: str, edit: Any = None, **params: str) -> Answer:
    return Answer("GET", f"/v5/{path}", Said(f"{V5}/{name}", edit), params)


def fixture(path: str, name: str, edit: Any = None, **params: str) -> Answer:
    return Answer("GET", f"/v5/{path}", Said(f"fixtures:{name}", edit), params)


def documented(path: str, edit: Any = None, number: int = 1, **params: str) -> Answer:
    suffix = "" if number == 1 else f"#{number}"
    return Answer("GET", f"/v5/{path}", Said(f"documented:GET /v5/{path}{suffix}", edit), params)


def whole(**values: Any) -> Any:
    """The first row, with these values, of a list that has no other page."""

    def edit(reply: Any) -> Any:
        rows = reply["result"]["list"]
        return reply | {
            "result": reply["result"] | {"list": [rows[0] | values], "nextPageCursor": ""}
        }

    return edit


def ended(reply: Any) -> Any:
    """A list that has no other page."""
    return reply | {"result": reply["result"] | {"nextPageCursor": ""}}


def none(path: str, **params: str) -> Answer:
    return Answer("GET", f"/v5/{path}", {"retCode": 0, "result": {"list": []}}, params)


def error(code: str) -> Any:
    return {"retCode": int(code), "retMsg": "as it is said", "result": {}}


def sale(lives: str, *, reduce_only: bool) -> Sent:
    return Sent(
        "POST",
        "/v5/order/create",
        {
            "symbol": "BTCUSD",
            "category": "inverse",
            "side": "Sell",
            "orderType": "Limit",
            "qty": "3",  # USD
            "price": "60000.5",
            "timeInForce": lives,
            "orderLinkId": t.CLIENT_ID,
            "reduceOnly": reduce_only,
        },
    )


UNIFIED: Final = t.but("result", uta=1)
ACCOUNT: Final = t.but("result", unifiedMarginStatus=5)


def trading(reply: Any) -> Any:
    """The inverse listing, which says so, and that no end of its contract is decided."""
    return t.but("result", category="inverse")(whole(deliveryTime="0")(reply))


OPENING: Final = (
    documented("market/time"),
    documented("user/query-api", UNIFIED),
    documented("account/info", ACCOUNT),
    fixture("market/instruments-info", "http_get_instruments_inverse", trading, category="inverse"),
    documented("account/wallet-balance"),
    none("position/list"),
    documented("position/list", t.but("result", "list", 0, size="0"), symbol="BTCUSD"),
    endpoint("account/fee-rate", "Account/GetFeeRate", whole(symbol="BTCUSD")),
    endpoint("market/risk-limit", "ExchangeData/GetRiskLimit"),
    none("system/status"),
)
FLAT: Final = t.but("result", "list", 0, size="0")
PAID: Final = {
    "kind": "funding",
    "change": "-0.003676 USDT",
    "funding": D("-0.003676"),
    "fee": D(0),
    "balance": D("5086.55825002"),
}

BYBIT: Final = Table(
    exchange="bybit",
    symbol=INVERSE,
    opening=OPENING,
    instruments={
        # 1 USD a contract; qtyStep 1, tickSize 0.5; maintenanceMargin 0.5 per cent
        INVERSE: {
            "kind": "inverse",
            "contract_size": D(1),
            "lot": D(1),
            "tick": D("0.5"),
            "maintenance": D("0.005"),
        }
    },
    rows=(
        Row(
            "key",
            "balances",
            t.key,
            OPENING[1:3],
            ({"account_id": "24617703", "may_trade": True, "may_withdraw": False},),
        ),
        Row(
            "account that is not unified",
            "balances",
            t.key,
            (documented("account/info"),),  # unifiedMarginStatus 4
            Refusal(VenueRefused, "not a unified trading account 2.0"),
        ),
        Row("wallet", "balances", t.balances("BTC"), OPENING[4:5], ({"wallet": "0 BTC"},)),
        Row(
            "contracts on goods",
            "instruments",
            t.listed("BRENT/USD:BRENT"),
            (
                fixture(
                    "market/instruments-info",
                    "http_get_instruments_inverse_symbol_type",
                    lambda reply: (
                        ended(reply)
                        | {
                            "result": {
                                "list": [
                                    reply["result"]["list"][0],
                                    reply["result"]["list"][0]
                                    | {"symbol": "BTCUSD", "baseCoin": "BTC", "settleCoin": "BTC"},
                                ]
                            }
                        }
                    ),
                    category="inverse",
                ),
            ),
            ({"lot": D("0.001"), "tick": D("0.01"), "max_contracts": D(100)},),
        ),
        Row(
            "short of 300 USD",
            "positions",
            t.positions(),
            (
                documented("position/list", category="inverse"),
                fixture(
                    "position/list", "http_get_positions_with_open_time", FLAT, settleCoin="USDT"
                ),
            ),
            # -300 * (1/27464.50441675 - 1/28224.50) = -0.00029413...
            (
                {
                    "quantity": "-300 USD",
                    "entry": D("27464.50441675"),
                    "mark": D("28224.5"),
                    "unrealised_pnl": D("-0.00029413"),
                    "liquidation_price": None,
                },
            ),
        ),
        Row(
            "prices of a ticker",
            "prices",
            t.quote(INVERSE),
            (documented("market/tickers"),),
            (
                {
                    "mark": D("114898.43"),
                    "index": D("114890.92"),
                    "bid": D(103401),
                    "ask": D("109152.8"),
                    "funding_rate": D("0.0001"),
                    "funding_at": datetime(2025, 10, 13, 16, tzinfo=UTC),  # 1760371200000 ms
                    "funding_interval_h": D(8),
                    "taker_fee": D("0.0006"),
                    "maker_fee": D("0.0001"),
                },
            ),
        ),
        Row(
            "depth in contracts",
            "prices",
            t.depth(INVERSE),
            (documented("market/orderbook", t.but("result", s="BTCUSD")),),
            ({"asks.0": "16.606555 at 65557.7", "bids.0": "47.081829 at 65485.47"},),
        ),
        Row(
            "depth as another system knows it",
            "prices",
            t.depth(INVERSE),
            (endpoint("market/orderbook", "ExchangeData/GetOrderbook"),),
            ({"asks.0": "0.01 at 62710.3", "bids.0": "5.52 at 62710.2"},),
        ),
        *(
            Row(
                f"price of a coin, {told.body.name}",
                "prices",
                t.price("BTC"),
                (told,),
                # in the middle between 20517.96 and 20527.77
                ({"value": D("20522.865")},),
            )
            for told in (
                documented("market/tickers", number=3, category="spot"),
                endpoint("market/tickers", "ExchangeData/GetSpotTickers", category="spot"),
            )
            if isinstance(told.body, Said)
        ),
        Row(
            "working order",
            "orders",
            t.orders(INVERSE),
            (documented("order/realtime", whole(symbol="BTCUSD", positionIdx=0)),),
            (
                {
                    "client_id": "test-000005",
                    "side": "buy",
                    "contracts": D("0.1"),
                    "limit_price": D(1600),
                    "status": "working",
                },
            ),
        ),
        Row(
            "orders that wait for their price",
            "orders",
            t.orders(INVERSE),
            (
                fixture(
                    "order/realtime",
                    "http_get_orders_realtime_tp_sl",
                    whole(symbol="BTCUSD"),
                ),
            ),
            ({"client_id": "client-tp-001", "limit_price": None, "reduce_only": True},),
        ),
        Row(
            "order in the history that works still",
            "orders",
            t.find(INVERSE),
            (
                none("order/realtime"),
                fixture(
                    "order/history",
                    "http_get_orders_history_with_duplicate",
                    whole(symbol="BTCUSD", orderLinkId=t.CLIENT_ID),
                ),
            ),
            ({"status": "working", "average": None, "contracts": D("0.01")},),
        ),
        Row(
            "order that would have taken",
            "orders",
            t.find(INVERSE),
            (
                none("order/realtime"),
                documented("order/history", whole(symbol="BTCUSD", orderLinkId=t.CLIENT_ID)),
            ),
            ({"status": "done", "reason": WOULD_TAKE, "filled": D(0)},),
        ),
        Row(
            "fill",
            "fills",
            t.fills(INVERSE),
            (documented("execution/list", whole(symbol="BTCUSD")),),
            (
                {
                    "trade_id": "e0cbe81d-0f18-5866-9415-cf319b5dab3b",
                    "contracts": D("0.1"),
                    "price": D("1190.15"),
                    "fee": "0.071409 BTC",  # no coin is told: what the contract settles in
                    "is_maker": False,
                },
            ),
        ),
        *(
            Row(f"log, {told.body.name}", "fills", t.flows, (told,), (PAID,))
            for told in (
                documented("account/transaction-log", whole()),
                endpoint("account/transaction-log", "Account/GetTransactionHistory", whole()),
            )
            if isinstance(told.body, Said)
        ),
        Row(
            "funding wallet",
            "balances",
            t.holdings("funding", "USDC"),
            (documented("asset/transfer/query-account-coins-balance"),),
            ({"quantity": "0 USDC"},),
        ),
    ),
    trade=Trade(
        price="60000.5",
        orders={
            (Style.IOC, False): sale("IOC", reduce_only=False),
            (Style.POST_ONLY, True): sale("PostOnly", reduce_only=True),
        },
        cancel=Sent(
            "POST",
            "/v5/order/cancel",
            {"symbol": "BTCUSD", "category": "inverse", "orderLinkId": t.CLIENT_ID},
        ),
        look_up=Sent(
            "GET",
            "/v5/order/realtime",
            {"symbol": "BTCUSD", "category": "inverse", "orderLinkId": t.CLIENT_ID},
        ),
        acknowledged=Answer(
            "POST",
            "/v5/order/create",
            Said("documented:POST /v5/order/create", t.but("result", orderLinkId=t.CLIENT_ID)),
        ),
        outcome=Accepted("1321003749386327552"),
        found=(
            documented("order/realtime", whole(symbol="BTCUSD", orderLinkId=t.CLIENT_ID)),
            Answer("POST", "/v5/order/cancel", Said("documented:POST /v5/order/cancel")),
        ),
        missing=(none("order/realtime"), none("order/history")),
        headers=frozenset(
            {"X-BAPI-API-KEY", "X-BAPI-SIGN", "X-BAPI-TIMESTAMP", "X-BAPI-RECV-WINDOW"}
        ),
        errors={"110007": Refused, "10016": Unknown, "110072": Unknown},
        error=error,
        unsigned=frozenset(),
    ),
)
