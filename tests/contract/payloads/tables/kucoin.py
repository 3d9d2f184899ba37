"""KuCoin Futures: recorded of inverse contracts (XBTUSDM) and of linear ones (XBTUSDTM)."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from hedged.ports import Accepted, Refused, Style, Unknown, VenueRefused, VenueUnavailable
from tests.contract.payloads import table as t
from tests.contract.payloads.table import Answer, Refusal, Row, Said, Sent, Table, Trade

D = Decimal
NAMES: Final = "endpoints:Endpoints/Futures"
API: Final = "/api/v1"
INVERSE, LINEAR = "BTC/USD:BTC", "BTC/USDT:USDT"
# What bitcoin's inverse contract has other than the recorded ones: -1 is a dollar, upside down.
DOLLAR: Final = {
    "symbol": "XBTUSDM",
    "baseCurrency": "XBT",
    "quoteCurrency": "USD",
    "settleCurrency": "XBT",
    "isInverse": True,
    "multiplier": -1.0,
    "nextFundingRateTime": 1000,
}


def said(path: str, name: str, edit: Any = None, method: str = "GET", **params: str) -> Answer:
    return Answer(method, f"{API}/{path}", Said(f"{NAMES}/{name}", edit), params)


def ok(data: Any) -> Any:
    return {"code": "200000", "data": data}


def both(reply: Any) -> Any:
    linear = reply["data"][0] | {"nextFundingRateTime": 1000}
    return ok([linear, linear | DOLLAR])


def error(code: str) -> Any:
    return {"code": code, "msg": "as it is said"}


def sale(**more: Any) -> Sent:
    return Sent(
        "POST",
        f"{API}/orders",
        {
            "clientOid": t.CLIENT_ID,
            "side": "sell",
            "symbol": "XBTUSDM",
            "type": "limit",
            "leverage": 1,
            "size": 3,
            "price": "60000",
            "marginMode": "CROSS",
            **more,
        },
    )


KEY: Final = {"uid": 165111215, "permission": "General,Futures", "ipWhitelist": ""}
OPENING: Final = (
    Answer("GET", f"{API}/timestamp", ok(1557996342053)),
    Answer("GET", f"{API}/user/api-key", ok(KEY)),
    said("contracts/active", "ExchangeData/GetOpenContracts", both),
    said("contracts/XBTUSDM", "ExchangeData/GetContract", t.but("data", **DOLLAR)),
    said("account-overview", "Account/GetAccountOverview", currency="XBT"),
    Answer("GET", f"{API}/positions", ok([])),
    said("trade-fees", "Account/GetTradingFee", t.but("data", symbol="XBTUSDM")),
)
ETHER: Final = said(
    "account-overview", "Account/GetAccountOverview", t.but("data", currency="ETH"), currency="ETH"
)
ONE: Final = said("orders/5ce24c16b210233c36ee321d", "Trading/GetOrder")
# 60 contracts of 1 USD, sold at 60,000 and now at 61,000
LOST: Final = round(-60 * (1 / D(60_000) - 1 / D(61_000)), 10)


def items(**values: Any) -> Any:
    return t.but("data", "items", 0, **values)


def held(**values: Any) -> Answer:
    return said("positions", "Account/GetPositions", t.but("data", 0, **values))


KUCOIN: Final = Table(
    exchange="kucoin",
    symbol=INVERSE,
    opening=OPENING,
    instruments={
        # multiplier -1: 1 USD; lotSize 1, tickSize 1
        INVERSE: {
            "kind": "inverse",
            "contract_size": D(1),
            "lot": D(1),
            "tick": D(1),
            "min_contracts": D(1),
            "max_contracts": D(1_000_000),
            "maintenance": D("0.025"),
        },
        LINEAR: {"kind": "linear", "contract_size": D("0.001"), "lot": D(1)},
    },
    rows=(
        Row(
            "key",
            "balances",
            t.key,
            (),
            ({"account_id": "165111215", "may_trade": True, "may_withdraw": False},),
        ),
        Row(
            "wallets of two coins, asked for one by one",
            "balances",
            t.balances("BTC", "ETH"),
            (ETHER,),
            (
                {"wallet": "99.8999305281 BTC", "equity": "99.8999305281 BTC"},
                {"wallet": "99.8999305281 ETH"},
            ),
        ),
        Row(
            "wallet that contradicts itself",
            "balances",
            t.balances("BTC"),
            (
                said(
                    "account-overview",
                    "Account/GetAccountOverview",
                    t.but("data", unrealisedPNL=0.5),
                ),
            ),
            Refusal(VenueUnavailable, r"accountEquity is 99\.8999305281, its parts give 100\.39"),
        ),
        Row(
            "trading and funding wallets",
            "balances",
            t.holdings("funding", "BTC"),
            (
                Answer(
                    "GET",
                    f"{API}/accounts",
                    Said(
                        "endpoints:Endpoints/Spot/Account/GetAccounts",
                        lambda reply: reply | {"data": reply["data"][:1]},
                    ),
                    {"type": "main"},
                ),
            ),
            ({"quantity": "237582.04299 BTC"},),
        ),
        Row(
            "long, linear",
            "positions",
            t.positions(),
            (held(),),
            # 1 contract of 0.001: 0.001 * (40014.93 - 40008) = 0.00693
            (
                {
                    "instrument.symbol": LINEAR,
                    "quantity": "0.001 BTC",
                    "entry": D(40008),
                    "mark": D("40014.93"),
                    "unrealised_pnl": D("0.00693"),
                    "liquidation_price": D(32211),
                },
            ),
        ),
        Row(
            "short of 60 USD",
            "positions",
            t.positions(),
            (
                held(
                    symbol="XBTUSDM",
                    currentQty=-60,
                    avgEntryPrice=60000.0,
                    markPrice=61000.0,
                    unrealisedPnl=float(LOST),
                    settleCurrency="XBT",
                    positionSide="BOTH",
                ),
            ),
            ({"instrument.symbol": INVERSE, "quantity": "-60 USD", "unrealised_pnl": LOST},),
        ),
        Row(
            "position of the wrong size",
            "positions",
            t.positions(),
            (held(currentQty=10),),
            Refusal(VenueUnavailable, r"is 0\.00693, size and prices give 0\.0693"),
        ),
        Row("flat", "positions", t.positions(), (held(currentQty=0),), ()),
        Row(
            "leg of hedge mode",
            "positions",
            t.positions(),
            (
                held(
                    symbol="XBTUSDM",
                    currentQty=-60,
                    avgEntryPrice=60000.0,
                    markPrice=61000.0,
                    unrealisedPnl=float(LOST),
                    positionSide="SHORT",
                ),
            ),
            Refusal(VenueRefused, "BTC/USD:BTC is in hedge mode.*choose One-Way Mode"),
        ),
        Row(
            "quote",
            "prices",
            t.quote(INVERSE),
            (said("ticker", "ExchangeData/GetTicker"),),
            (
                {
                    "mark": D("101.6"),
                    "index": D("101.59"),
                    "bid": D(7000),
                    "ask": D(7001),
                    "last": D(7000),
                    "funding_rate": D("0.0001"),
                    "taker_fee": D("0.0006"),
                    "maker_fee": D("0.0002"),
                },
            ),
        ),
        Row(
            "depth in contracts",
            "prices",
            t.depth(INVERSE),
            (said("level2/depth20", "ExchangeData/GetAggregatedPartialOrderBook"),),
            ({"asks": ("1000 at 5000", "1983 at 6000"), "bids.0": "800 at 3200"},),
        ),
        Row(
            "working order",
            "orders",
            t.orders(INVERSE),
            (
                said(
                    "orders",
                    "Trading/GetOrders",
                    items(status="open", filledSize=0, filledValue="0"),
                    pageSize="100",
                ),
            ),
            (
                {
                    "client_id": "5ce24c16b210233c36ee321d",
                    "side": "buy",
                    "contracts": D(20000),
                    "filled": D(0),
                    "average": None,
                    "limit_price": D(3600),
                    "status": "working",
                    "reduce_only": False,
                    "created_at": datetime(2019, 5, 18, 8, 24, 32, tzinfo=UTC),
                },
            ),
        ),
        Row(
            "order whose fills are told by their value",
            "orders",
            t.orders(INVERSE),
            # 5 of 20000 USD were worth 0.00125 BTC: at 5 / 0.00125
            (
                said(
                    "orders",
                    "Trading/GetOrders",
                    items(status="open", filledSize=5, filledValue="0.00125"),
                ),
            ),
            ({"filled": D(5), "average": D(4000)},),
        ),
        Row(
            "fill",
            "fills",
            t.fills(INVERSE),
            (said("fills", "Trading/GetUserTrades"), ONE),
            (
                {
                    "trade_id": "5ce24c1f0c19fc3c58edc47c",
                    "client_id": "5ce24c16b210233c36ee321d",
                    "side": "sell",
                    "contracts": D(10),
                    "price": D(8302),
                    "fee": "0.0000012022 BTC",  # in XBT
                    "is_maker": False,
                    "kind": "trade",
                },
            ),
        ),
        *(
            Row(
                f"fill that is a {kind}",
                "fills",
                t.fills(INVERSE),
                (said("fills", "Trading/GetUserTrades", items(tradeType=told)), ONE),
                ({"kind": kind},),
            )
            for told, kind in (
                ("liquidation", "liquidation"),
                ("adl", "adl"),
                ("settlement", "settlement"),
            )
        ),
        Row(
            "profits that were settled, and payments of funding",
            "fills",
            t.flows,
            (
                said("transaction-history", "Account/GetTransactionHistory"),
                said("funding-history", "Account/GetFundingHistory", symbol="XBTUSDM"),
            ),
            # the newest profit is pending: it has changed nothing yet
            (
                {"kind": "funding", "change": "-0.00000476 BTC", "market": "XBTUSDM"},
                {"kind": "funding", "change": "-0.00000465 BTC", "symbol": INVERSE},
                {
                    "flow_id": "funding-36275152660006",
                    "funding": D("-0.00000464"),
                    "at": datetime(2019, 5, 15, 11, tzinfo=UTC),  # 1557918000000 ms
                },
                {"kind": "settlement", "change": "-0.000017105 BTC", "market": "", "fee": D(0)},
            ),
        ),
        *(
            Row(
                f"coins that moved: {told}",
                "fills",
                t.flows,
                (
                    said(
                        "transaction-history",
                        "Account/GetTransactionHistory",
                        t.but("data", "dataList", 1, type=told, amount=2),
                    ),
                    Answer("GET", f"{API}/funding-history", ok({"dataList": []})),
                ),
                ({"kind": "transfer", "change": change},),
            )
            for told, change in (
                ("Deposit", "2 BTC"),
                ("TransferIn", "2 BTC"),
                ("TransferOut", "-2 BTC"),
                ("Withdrawal", "-2 BTC"),
            )
        ),
    ),
    trade=Trade(
        orders={
            (Style.IOC, False): sale(timeInForce="IOC"),
            (Style.POST_ONLY, True): sale(postOnly=True, reduceOnly=True),
        },
        cancel=Sent("DELETE", f"{API}/orders/client-order/{t.CLIENT_ID}", {"symbol": "XBTUSDM"}),
        look_up=Sent(
            "GET",
            f"{API}/orders/byClientOid",
            {"symbol": "XBTUSDM", "clientOid": t.CLIENT_ID},
        ),
        acknowledged=said("orders", "Trading/PlaceOrder", method="POST"),
        outcome=Accepted("5bd6e9286d99522a52e458de"),
        found=(
            said(
                "orders/byClientOid",
                "Trading/GetOrderByClientOrderId",
                t.but("data", clientOid=t.CLIENT_ID),
            ),
            said(
                f"orders/client-order/{t.CLIENT_ID}",
                "Trading/CancelOrderByClientOrderId",
                method="DELETE",
            ),
        ),
        missing=(Answer("GET", f"{API}/orders/byClientOid", error("100001")),),
        headers=frozenset({"KC-API-KEY", "KC-API-SIGN", "KC-API-TIMESTAMP", "KC-API-PASSPHRASE"}),
        errors={
            "330012": Refused,
            "300003": Refused,
            "429000": Refused,
            "500000": Unknown,
            "200002": Unknown,
        },
        error=error,
        unsigned=frozenset(),
    ),
)
