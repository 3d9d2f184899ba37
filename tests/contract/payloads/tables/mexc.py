"""MEXC's futures: recorded of linear contracts; inverse ones are listed and written alike."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from hedged.ports import Accepted, Refused, Style, Unknown, VenueRefused, VenueUnavailable
from tests.contract.payloads import table as t
from tests.contract.payloads.table import Answer, Refusal, Row, Said, Sent, Table, Trade

D = Decimal
NAMES: Final = "endpoints:Endpoints/FuturesApi"
PUBLIC, PRIVATE = "/api/v1/contract", "/api/v1/private"
LINEAR, INVERSE = "BTC/USDT:USDT", "BTC/USD:BTC"
LISTED: Final = f"{PUBLIC}/detail"
POSITIONS: Final = f"{PRIVATE}/position/open_positions"
MODE: Final = f"{PRIVATE}/position/position_mode"
OPEN: Final = f"{PRIVATE}/order/list/open_orders/BTC_USDT"
DEALS: Final = f"{PRIVATE}/order/list/order_deals"
ORDER: Final = "102015012431820288"

FUNDING, TRANSFERS = f"{PRIVATE}/position/funding_records", f"{PRIVATE}/account/transfer_record"


def said(path: str, name: str, edit: Any = None, method: str = "GET") -> Answer:
    return Answer(method, path, Said(f"{NAMES}/{name}", edit))


def with_inverse(reply: Any) -> Any:
    """The listing, with a contract of 100 USD that is paid in bitcoin."""
    btc = reply["data"][0]
    coin = {"symbol": "BTC_USD", "quoteCoin": "USD", "settleCoin": "BTC", "contractSize": 100}
    reply["data"].append(btc | coin)
    return reply


def first(reply: Any) -> Any:
    """The first of all tickers, as a reply about one gives it; recorded of the USDT market."""
    return reply | {"data": reply["data"][0] | {"symbol": "BTC_USD"}}


def error(code: str) -> Any:
    return {"success": False, "code": int(code), "message": "as it is said"}


def sale(kind: int, side: int, **more: Any) -> Sent:
    return Sent(
        "POST",
        f"{PRIVATE}/order/create",
        {
            "symbol": "BTC_USD",
            "vol": 3.0,
            "price": 60000.0,
            "type": kind,
            "side": side,
            "openType": 2,  # cross
            "positionMode": 2,  # one-way
            "externalOid": t.CLIENT_ID,
            **more,
        },
    )


TICKERS: Final = (
    said(f"{PUBLIC}/ticker", "ExchangeData/GetTickers", first),
    said(
        f"{PUBLIC}/funding_rate/BTC_USD",
        "ExchangeData/GetFundingRate",
        t.but("data", symbol="BTC_USD"),
    ),
)
OURS: Final = t.but("data", symbol="BTC_USD", externalOid=t.CLIENT_ID)
LOOK_UP: Final = f"{PRIVATE}/order/external/BTC_USD/{t.CLIENT_ID}"

OPENING: Final = (
    Answer("GET", f"{PUBLIC}/ping", Said("documented:public_rest_api")),
    Answer("GET", "/api/v3/account", Said("endpoints:Endpoints/SpotApi/Account/GetAccountInfo")),
    said(LISTED, "ExchangeData/GetSymbols", with_inverse),
    said(f"{PRIVATE}/account/assets", "Account/GetBalances"),
    Answer("GET", POSITIONS, {"success": True, "code": 0, "data": []}),
    said(MODE, "Account/GetPositionMode", lambda reply: reply | {"data": 2}),
)
ROWS: Final = (
    # The account may withdraw, it says; whether this key may, it does not.
    Row("key", "balances", t.key, OPENING[1:2], ({"may_withdraw": None, "account_id": None},)),
    Row(
        "wallet",
        "balances",
        t.balances("USDT", "BTC"),
        OPENING[3:4],
        ({"wallet": "0.03176562 USDT", "equity": "0.03176562 USDT"}, {"equity": "0 BTC"}),
    ),
    Row(
        "wallet without the profit",
        "balances",
        t.balances("USDT"),
        # equity 10 of which -2.5 is not realised: 12.5 in the wallet
        (
            said(
                f"{PRIVATE}/account/assets",
                "Account/GetBalances",
                t.but("data", 0, equity=10, unrealized=-2.5),
            ),
        ),
        ({"wallet": "12.5 USDT", "equity": "10 USDT"},),
    ),
    Row(
        "spot wallet",
        "balances",
        t.holdings("spot", "NBNTEST", "BTC"),
        OPENING[1:2],
        ({"quantity": "1111111 NBNTEST"}, {"quantity": "0 BTC"}),  # 1111078 + 33
    ),
    Row(
        "spot wallet as documented",
        "balances",
        t.holdings("spot", "MAIN"),
        (Answer("GET", "/api/v3/account", Said("documented:GET /api/v3/account")),),
        ({"quantity": "1020000 MAIN"},),
    ),
    Row(
        "long, linear",
        "positions",
        t.positions(),
        (said(POSITIONS, "Trading/GetPositions"),),
        (
            {
                "instrument.symbol": "ETH/USDT:USDT",
                "quantity": "0.001 ETH",  # 1 contract of 0.001
                "entry": D("1217.3"),
                "liquidation_price": D("1211.2"),
                "unrealised_pnl": None,
            },
        ),
    ),
    Row(
        "short of 6000 USD",
        "positions",
        t.positions(),
        # 60 contracts of 100 USD
        (
            said(
                POSITIONS,
                "Trading/GetPositions",
                t.but("data", 0, symbol="BTC_USD", positionType=2, holdVol=60),
            ),
        ),
        ({"instrument.symbol": INVERSE, "quantity": "-6000 USD"},),
    ),
    Row(
        "flat",
        "positions",
        t.positions(),
        (said(POSITIONS, "Trading/GetPositions", t.but("data", 0, holdVol=0)),),
        (),
    ),
    Row(
        "position of an unknown side",
        "positions",
        t.positions(),
        (said(POSITIONS, "Trading/GetPositions", t.but("data", 0, positionType=3)),),
        Refusal(VenueUnavailable, "positionType is 3, not one of 1, 2"),
    ),
    Row(
        "hedge mode",
        "positions",
        t.positions(),
        (said(MODE, "Account/GetPositionMode"),),  # 1
        Refusal(VenueRefused, "hedge mode.*choose One-Way Mode"),
    ),
    Row(
        "quote",
        "prices",
        t.quote(INVERSE),
        TICKERS,
        (
            {
                "mark": D("31199.5"),
                "index": D("31016.3"),
                "bid": D("31198.5"),
                "ask": D(31199),
                "funding_rate": D("-0.000489"),
                "funding_at": datetime(2021, 1, 5, 8, tzinfo=UTC),  # 1609833600000 ms
                "funding_interval_h": D(8),
            },
        ),
    ),
    Row(
        "price of another market",
        "prices",
        t.quote("ETH/USDT:USDT"),
        (*TICKERS, said(f"{PUBLIC}/funding_rate/ETH_USDT", "ExchangeData/GetFundingRate")),
        Refusal(VenueUnavailable, "has 0 prices of it"),
    ),
    Row(
        "depth in contracts",
        "prices",
        t.depth(LINEAR),
        (
            Answer(
                "GET",
                f"{PUBLIC}/depth/BTC_USDT",
                Said("documented:public_rest_api#4", lambda book: {"code": 0, "data": book}),
            ),
        ),
        ({"asks": ("121 at 3968.5", "160 at 3968.6"), "bids.0": "179 at 3968.4"},),
    ),
    Row(
        "working order",
        "orders",
        t.orders(LINEAR),
        (
            said(
                OPEN,
                "Trading/GetOrder",
                lambda reply: (
                    reply | {"data": [reply["data"] | {"symbol": "BTC_USDT", "state": 2, "vol": 4}]}
                ),
            ),
        ),
        (
            {
                "client_id": "_m_f95eb99b061d4eef8f64a04e9ac4dad3",
                "venue_id": ORDER,
                "side": "buy",  # 2: closes a short
                "reduce_only": True,
                "contracts": D(4),
                "filled": D(1),
                "average": D("1208.35"),
                "limit_price": D("1209.05"),
                "status": "working",
            },
        ),
    ),
    Row(
        "orders without any figure, as the documentation shows them",
        "orders",
        t.orders(LINEAR),
        (said(OPEN, "Trading/GetOpenOrders"),),
        Refusal(VenueUnavailable, "symbol is '', not a text"),
    ),
    Row(
        "fills",
        "fills",
        t.fills("ETH/USDT:USDT"),
        (
            said(DEALS, "Trading/GetOrderTrades"),
            said(f"{PRIVATE}/order/get/{ORDER}", "Trading/GetOrder"),
        ),
        (
            {
                "trade_id": "159274416",
                "client_id": "_m_f95eb99b061d4eef8f64a04e9ac4dad3",
                "side": "buy",
                "contracts": D(1),
                "price": D("1208.35"),
                "fee": "0.0072501 USDT",
                "is_maker": False,
                "kind": "trade",
            },
        ),
    ),
    *(
        Row(
            f"fill that is a {kind}",
            "fills",
            t.fills("ETH/USDT:USDT"),
            (
                said(DEALS, "Trading/GetOrderTrades", t.but("data", 0, category=number)),
                said(f"{PRIVATE}/order/get/{ORDER}", "Trading/GetOrder"),
            ),
            ({"kind": kind},),
        )
        for number, kind in ((2, "liquidation"), (4, "adl"))
    ),
    Row(
        "fill of an unknown kind",
        "fills",
        t.fills("ETH/USDT:USDT"),
        (said(DEALS, "Trading/GetOrderTrades", t.but("data", 0, category=9)),),
        Refusal(VenueUnavailable, "category is 9, not one of"),
    ),
    Row(
        "payments of funding, and transfers",
        "fills",
        t.flows,
        (
            said(FUNDING, "Account/GetFundingHistory"),
            said(TRANSFERS, "Account/GetTransferHistory"),
        ),
        (
            # a long at a rate of -0.002 receives: 0.002 * 34.2654
            {"kind": "funding", "change": "0.0685308 USDT", "market": "SUSHI_USDT"},
            {"kind": "funding", "funding": D("0.002") * D("41.8899")},
            {"kind": "transfer", "change": "-60.53383524 USDT", "flow_id": "OUT-139320"},
            {"kind": "transfer", "change": "0.03176562 USDT", "symbol": ""},
        ),
    ),
    Row(
        "transfer that failed",
        "fills",
        t.flows,
        (
            said(FUNDING, "Account/GetFundingHistory", t.but("data", resultList=[])),
            said(
                TRANSFERS,
                "Account/GetTransferHistory",
                t.but("data", "resultList", 0, state="FAILED"),
            ),
        ),
        ({"flow_id": "OUT-139320"},),
    ),
    Row(
        "system error",
        "errors",
        t.orders(LINEAR),
        (Answer("GET", OPEN, Said("documented:private_rest_api#2")),),
        Refusal(VenueUnavailable, "500 System internal error!"),
    ),
)

MEXC: Final = Table(
    exchange="mexc",
    symbol=INVERSE,
    opening=OPENING,
    instruments={
        INVERSE: {"kind": "inverse", "contract_size": D(100), "lot": D(1), "tick": D("0.5")},
        LINEAR: {
            "kind": "linear",
            "contract_size": D("0.0001"),
            "lot": D(1),
            "min_contracts": D(1),
            "max_contracts": D(1_000_000),
        },
    },
    rows=ROWS,
    trade=Trade(
        orders={
            (Style.IOC, False): sale(3, 3, reduceOnly=False),  # opens a short
            (Style.POST_ONLY, True): sale(2, 4),  # closes a long
        },
        cancel=Sent(
            "POST",
            f"{PRIVATE}/order/cancel_with_external",
            {"symbol": "BTC_USD", "externalOid": t.CLIENT_ID},
        ),
        look_up=Sent("GET", LOOK_UP, {}),
        acknowledged=said(f"{PRIVATE}/order/create", "Trading/PlaceOrder", method="POST"),
        outcome=Accepted("739113577038255616"),
        found=(
            said(LOOK_UP, "Trading/GetOrderByClientOrderId", OURS),
            said(
                f"{PRIVATE}/order/external/BTC_USD/hg0000000002",
                "Trading/GetOrderByClientOrderId",
                OURS,
            ),
            Answer("POST", f"{PRIVATE}/order/cancel_with_external", {"success": True, "code": 0}),
        ),
        missing=(Answer("GET", LOOK_UP, {"success": True, "code": 0, "data": None}),),
        headers=frozenset({"ApiKey", "Request-Time", "Signature"}),
        errors={
            "2005": Refused,  # not enough margin
            "510": Refused,  # too many requests
            "603": Unknown,  # a repeated request
            "501": Unknown,  # busy
            "500": Unknown,
        },
        error=error,
        unsigned=frozenset(),
    ),
)
