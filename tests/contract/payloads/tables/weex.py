"""WEEX, of which nothing was recorded: rows in the form that ccxt's class documents."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from hedged.ports import Accepted, Refused, Style, Unknown, VenueRefused, VenueUnavailable
from tests.contract.payloads import table as t
from tests.contract.payloads.table import Answer, Refusal, Row, Sent, Table, Trade

D = Decimal
API: Final = "/capi/v3"
SYMBOL: Final = "BTC/USDT:USDT"
LISTED: Final = {
    "symbol": "BTCUSDT",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "marginAsset": "USDT",
    "pricePrecision": "1",
    "quantityPrecision": "3",
    "contractVal": "0.001",
    "minOrderSize": "0.001",
    "maxOrderSize": "1200",
}
HELD: Final = {
    "asset": "USDT",
    "symbol": "BTCUSDT",
    "side": "SHORT",
    "separatedMode": "COMBINED",
    "size": "0.250",
    "openValue": "15000.00",
    "unrealizePnl": "-12.50",
    "liquidatePrice": "0",
}
PLACED: Final = {
    "avgPrice": "60000.5",
    "clientOrderId": t.CLIENT_ID,
    "executedQty": "0.001",
    "orderId": 737185556881998184,
    "origQty": "0.003",
    "price": "60000.0",
    "reduceOnly": False,
    "side": "SELL",
    "positionSide": "SHORT",
    "status": "EXPIRED",
    "symbol": "BTCUSDT",
    "time": 1775758733006,
    "timeInForce": "IOC",
    "type": "LIMIT",
}
TRADED: Final = {
    "id": 737074389731770728,
    "orderId": 737185556881998184,
    "symbol": "BTCUSDT",
    "commission": "0.048",
    "commissionAsset": "USDT",
    "maker": False,
    "price": "60000.5",
    "qty": "0.001",
    "side": "SELL",
    "positionSide": "SHORT",
    "time": 1775758733106,
}
WORKING: Final = PLACED | {"status": "NEW", "executedQty": "0", "avgPrice": "0.0"}


def told(path: str, body: Any, method: str = "GET") -> Answer:
    return Answer(method, f"{API}/{path}", body)


def error(code: str) -> Any:
    return {"code": int(code), "msg": "as it is said"}


def sale(lives: str, position: str, *, reduce_only: bool) -> Sent:
    return Sent(
        "POST",
        f"{API}/order",
        {
            "symbol": "BTCUSDT",
            "side": "SELL",
            "positionSide": position,
            "type": "LIMIT",
            "quantity": "0.003",
            "price": "60000",
            "timeInForce": lives,
            "newClientOrderId": t.CLIENT_ID,
            "reduceOnly": reduce_only,
        },
    )


def bill(word: str) -> Answer:
    row = {
        "billId": "793622764958253481",
        "asset": "USDT",
        "symbol": "BTCUSDT",
        "income": "0.00000378",
        "incomeType": word,
        "balance": "29.36239410",
        "fillFee": "0",
        "time": "1789214411964",
    }
    return told("account/income", {"hasNextPage": False, "nextKey": None, "items": [row]}, "POST")


OPENING: Final = (
    told("market/time", {"serverTime": 1775758733006}),
    told("market/exchangeInfo", {"symbols": [LISTED]}),
    Answer("GET", "/api/v3/exchangeInfo", {"symbols": []}),
    Answer(
        "GET",
        "/api/v3/account/",
        {"uid": 8886281669, "balances": [{"asset": "BTC", "free": "0.5", "locked": "0.25"}]},
    ),
    told("account/balance", [{"asset": "USDT", "balance": "20.5", "unrealizePnl": "-0.5"}]),
    told("account/position/allPosition", []),
    told(
        "account/commissionRate",
        {"symbol": "BTCUSDT", "makerCommissionRate": "0.0002", "takerCommissionRate": "0.0008"},
    ),
)

WEEX: Final = Table(
    exchange="weex",
    symbol=SYMBOL,
    opening=OPENING,
    instruments={
        # quantityPrecision 3, in coins; what `contractVal` says of a contract orders do not count
        SYMBOL: {
            "kind": "linear",
            "contract_size": D(1),
            "lot": D("0.001"),
            "tick": D("0.1"),
            "min_contracts": D("0.001"),
            "max_contracts": D(1200),
        }
    },
    rows=(
        Row("key", "balances", t.key, (), ({"account_id": "8886281669", "may_withdraw": None},)),
        Row(
            "no inverse contract",
            "instruments",
            t.listed("BTC/USD:BTC"),
            (),
            Refusal(
                VenueRefused,
                "lists no inverse contract on BTC; a hedge there is linear, in BTC/USDT:USDT",
            ),
        ),
        Row(
            "wallet",
            "balances",
            t.balances("USDT", "BTC"),
            (),
            ({"wallet": "20.5 USDT", "equity": "20 USDT"}, {"wallet": "0 BTC"}),
        ),
        Row("spot", "balances", t.holdings("spot", "BTC"), (), ({"quantity": "0.75 BTC"},)),
        Row(
            "short",
            "positions",
            t.positions(),
            (told("account/position/allPosition", [HELD]),),
            # opened for 15000 / 0.25
            (
                {
                    "quantity": "-0.25 BTC",
                    "entry": D(60_000),
                    "unrealised_pnl": D("-12.5"),
                    "mark": None,
                    "liquidation_price": None,
                },
            ),
        ),
        Row(
            "flat",
            "positions",
            t.positions(),
            (told("account/position/allPosition", [HELD | {"size": "0", "openValue": "0"}]),),
            (),
        ),
        Row(
            "a long beside the short",
            "positions",
            t.positions(),
            (told("account/position/allPosition", [HELD, HELD | {"side": "LONG"}]),),
            Refusal(VenueUnavailable, "BTCUSDT: it is listed twice"),
        ),
        Row(
            "quote",
            "prices",
            t.quote(SYMBOL),
            (
                told(
                    "market/premiumIndex",
                    [
                        {
                            "symbol": "BTCUSDT",
                            "markPrice": "61000.1",
                            "indexPrice": "61001",
                            "forecastFundingRate": "0.00003489",
                            "lastFundingRate": "0.00004879",
                            "nextFundingTime": 1786348800000,
                            "collectCycle": 480,
                        }
                    ],
                ),
                told(
                    "market/ticker/bookTicker",
                    [
                        {"symbol": "BTCUSDT", "bidPrice": "60999.9", "askPrice": "61000"},
                        {"symbol": "ETHUSDT", "bidPrice": "2000", "askPrice": "2001"},
                    ],
                ),
            ),
            (
                {
                    "mark": D("61000.1"),
                    "index": D(61001),
                    "bid": D("60999.9"),
                    "ask": D(61000),
                    "funding_rate": D("0.00004879"),
                    "funding_at": datetime(2026, 8, 10, 8, tzinfo=UTC),
                    "funding_interval_h": D(8),  # 480 minutes
                    "taker_fee": D("0.0008"),
                },
            ),
        ),
        Row(
            "depth",
            "prices",
            t.depth(SYMBOL),
            (told("market/depth", {"asks": [["61000", "1.5"]], "bids": [["60999.9", "2"]]}),),
            ({"asks": ("1.5 at 61000",), "bids": ("2 at 60999.9",)},),
        ),
        Row(
            "working order",
            "orders",
            t.orders(SYMBOL),
            (told("openOrders", [WORKING]),),
            (
                {
                    "client_id": t.CLIENT_ID,
                    "side": "sell",
                    "contracts": D("0.003"),
                    "average": None,
                    "status": "working",
                },
            ),
        ),
        Row(
            "more orders than are told",
            "orders",
            t.orders(SYMBOL),
            (told("openOrders", [WORKING] * 100),),
            Refusal(VenueUnavailable, "more than 100, not all told"),
        ),
        Row(
            "fill",
            "fills",
            t.fills(SYMBOL),
            (told("userTrades", [TRADED]), told("order", PLACED)),
            (
                {
                    "client_id": t.CLIENT_ID,
                    "contracts": D("0.001"),
                    "fee": "0.048 USDT",  # 0.001 * 60000.5 * 0.0008, printed short
                    "is_maker": False,
                },
            ),
        ),
        *(
            Row(
                f"bill that is a {word}",
                "fills",
                t.flows,
                (bill(word),),
                ({"kind": kind, "change": "0.00000378 USDT", "balance": D("29.3623941")},),
            )
            for word, kind in (
                ("position_funding", "funding"),
                ("transfer_in", "transfer"),
                ("position_close_short", "trade"),
                ("finish_liquidate", "liquidation"),
                ("tracking_follow_back", "other"),
            )
        ),
    ),
    trade=Trade(
        contracts="0.003",
        orders={
            (Style.IOC, False): sale("IOC", "SHORT", reduce_only=False),
            (Style.POST_ONLY, True): sale("POST_ONLY", "LONG", reduce_only=True),
        },
        cancel=Sent("DELETE", f"{API}/order", {"origClientOrderId": t.CLIENT_ID}),
        look_up=Sent("GET", f"{API}/openOrders", {"symbol": "BTCUSDT", "limit": "100"}),
        acknowledged=told(
            "order", {"clientOrderId": t.CLIENT_ID, "orderId": 737185556881998184}, "POST"
        ),
        outcome=Accepted("737185556881998184"),
        found=(
            told("openOrders", []),
            told("order/history", [PLACED, PLACED | {"clientOrderId": "hg0000000009"}]),
            told("order", {"origClientOrderId": t.CLIENT_ID, "status": "CANCELED"}, "DELETE"),
        ),
        missing=(told("order/history", []),),
        headers=frozenset({"ACCESS-KEY", "ACCESS-SIGN", "ACCESS-TIMESTAMP", "ACCESS-PASSPHRASE"}),
        errors={"-1160": Refused, "-1054": Unknown, "-1000": Unknown},
        error=error,
        error_status=400,
        unsigned=frozenset(),
        is_listed=True,
    ),
)
