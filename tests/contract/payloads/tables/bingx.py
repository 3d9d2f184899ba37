"""BingX: USDT-M as recorded, and Coin-M as documented, which nobody has recorded."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from hedged.core.decimals import plain
from hedged.ports import Accepted, Refused, Style, Unknown, VenueRefused, VenueUnavailable
from tests.contract.payloads import table as t
from tests.contract.payloads.table import Answer, Refusal, Row, Said, Sent, Table, Trade

D = Decimal
USDT_M: Final = "endpoints:Endpoints/PerpetualFutures"
SPOT: Final = "endpoints:Endpoints/Spot"
SWAP: Final = "/openApi/swap"
COIN_M: Final = "/openApi/cswap/v1"
LINEAR, INVERSE = "BTC/USDT:USDT", "BTC/USD:BTC"
UNSIGNED: Final = frozenset({"timestamp", "signature"})


def linear(path: str, name: str, but: Any = None, method: str = "GET") -> Answer:
    return Answer(method, f"{SWAP}/{path}", Said(f"{USDT_M}/{name}", but))


def ok(data: Any) -> dict[str, Any]:
    return {"code": 0, "msg": "", "data": data}


def changed(*path: str | int, **values: Any) -> Any:
    return t.but("data", *path, **values)


def error(code: str) -> Any:
    return {"code": int(code), "msg": "as it is said", "data": {}}


OURS: Final = {"clientOrderId": t.CLIENT_ID, "symbol": "BTC-USDT"}
KEY: Final = (
    Answer("GET", f"{SWAP}/v2/server/time", ok({"serverTime": 1700000000000})),
    Answer("GET", "/openApi/account/v1/uid", Said(f"{SPOT}/Account/GetUserId")),
    Answer("GET", "/openApi/account/v1/apiKey/query", Said(f"{SPOT}/Account/GetApiKeyPermissions")),
    Answer("GET", "/openApi/spot/v1/account/balance", Said(f"{SPOT}/Account/GetBalances")),
)
POSITION: Final = "v2/user/positions"
BNB_PNL: Final = D("0.20") * (D("246.43") - D("246.7565"))
ERRORS: Final[dict[str, type[Refused | Unknown]]] = {
    "101204": Refused,  # not enough margin
    "101400": Refused,  # less than the least order
    "109201": Unknown,  # an order of this client id exists
    "100410": Unknown,  # busy
    "80012": Unknown,  # unavailable
}

USDT: Final = Table(
    exchange="bingx",
    symbol=LINEAR,
    opening=(
        *KEY,
        linear("v2/quote/contracts", "ExchangeData/GetContracts"),
        linear("v3/user/balance", "Account/GetBalances"),
        Answer("GET", f"{SWAP}/{POSITION}", ok([])),
        linear(
            "v1/positionSide/dual", "Account/GetPositionMode", changed(dualSidePosition="false")
        ),
        linear("v2/user/commissionRate", "Account/GetTradingFees"),
        linear("v1/maintMarginRatio", "Trading/GetPositionAndMarginInfo"),
    ),
    instruments={
        # quantityPrecision 4: 0.0001 BTC; pricePrecision 1: 0.1 USDT
        LINEAR: {
            "kind": "linear",
            "contract_size": D(1),
            "lot": D("0.0001"),
            "tick": D("0.1"),
            "min_contracts": D("0.0001"),
            "min_notional_usd": D(2),
            "maintenance": D("0.0038"),
        },
        "ETH/USDT:USDT": {"lot": D("0.01"), "tick": D("0.01")},
    },
    rows=(
        # permissions 1, 2, 3, 4, 7: futures (3), no withdrawal (5)
        Row(
            "key",
            "balances",
            t.key,
            KEY[1:3],
            (
                {
                    "account_id": "16844999",
                    "may_trade": True,
                    "may_withdraw": False,
                    "is_bound": False,
                },
            ),
        ),
        Row(
            "wallet",
            "balances",
            t.balances("USDT", "USDC"),
            (linear("v3/user/balance", "Account/GetBalances"),),
            (
                {"wallet": "19.9003 USDT", "equity": "19.9003 USDT"},
                {"wallet": "0 USDC", "equity": "0 USDC"},
            ),
        ),
        Row(
            "wallet with a coin left blank",
            "balances",
            t.balances("USDT", "BTC"),
            (linear("v3/user/balance", "Account/GetBalances2"),),
            ({"wallet": "300 USDT"}, {"wallet": "0 BTC", "equity": "0 BTC"}),
        ),
        Row(
            "wallet whose blank coin is wanted",
            "balances",
            t.balances("USDC"),
            (linear("v3/user/balance", "Account/GetBalances2"),),
            Refusal(VenueUnavailable, "wallet USDC: equity is '', not a number"),
        ),
        Row(
            "wallet that contradicts itself",
            "balances",
            t.balances("USDT"),
            # 19.9003 + 1.5 = 21.4003
            (
                linear(
                    "v3/user/balance",
                    "Account/GetBalances",
                    changed(0, unrealizedProfit="1.5"),
                ),
            ),
            Refusal(VenueUnavailable, r"equity is 19\.9003, its parts give 21\.4003"),
        ),
        Row(
            "spot wallet",
            "balances",
            t.holdings("spot", "USDT", "BTC"),
            KEY[3:],
            # 566773.193402631 + 244.18616265388994 locked
            (
                {"quantity": f"{t.shown(D('566773.193402631') + D('244.18616265388994'))} USDT"},
                {"quantity": "0 BTC"},
            ),
        ),
        Row(
            "short",
            "positions",
            t.positions(),
            (
                linear(
                    POSITION,
                    "Trading/GetPositions",
                    changed(0, symbol="ETH-USDT", onlyOnePosition=True),
                ),
            ),
            (
                {
                    "instrument.symbol": "ETH/USDT:USDT",
                    "quantity": "-0.2 ETH",
                    "entry": D("246.43"),
                    "unrealised_pnl": D("-0.0653"),
                    "liquidation_price": D("294.16914617776246"),
                    "mark": None,
                },
            ),
        ),
        Row(
            "long, signed",
            "positions",
            t.positions(),
            (
                linear(
                    POSITION,
                    "Trading/GetPositions",
                    # 0.2 ETH bought at 246.43 and worth 246.7565: 0.0653 won
                    changed(
                        0,
                        symbol="ETH-USDT",
                        positionSide="BOTH",
                        unrealizedProfit="0.0653",
                        markPrice="246.7565",
                    ),
                ),
            ),
            (
                {
                    "quantity": "0.2 ETH",
                    "unrealised_pnl": -BNB_PNL,
                    "mark": D("246.7565"),
                },
            ),
        ),
        Row(
            "position of the wrong side",
            "positions",
            t.positions(),
            (
                linear(
                    POSITION,
                    "Trading/GetPositions",
                    changed(0, symbol="ETH-USDT", positionSide="BOTH", markPrice="246.7565"),
                ),
            ),
            Refusal(VenueUnavailable, r"unrealised PnL is -0\.0653, size and prices give 0\.0653"),
        ),
        Row(
            "flat",
            "positions",
            t.positions(),
            (linear(POSITION, "Trading/GetPositions", changed(0, positionAmt="0")),),
            (),
        ),
        Row(
            "leg of hedge mode",
            "positions",
            t.positions(),
            (
                linear(
                    POSITION,
                    "Trading/GetPositions",
                    changed(0, symbol="BTC-USDT", onlyOnePosition=False),
                ),
            ),
            Refusal(VenueRefused, "BTC/USDT:USDT is in hedge mode.*choose One-way Mode"),
        ),
        Row(
            "hedge mode",
            "positions",
            t.positions(),
            (linear("v1/positionSide/dual", "Account/GetPositionMode"),),
            Refusal(VenueRefused, "BTC/USDT:USDT is in hedge mode"),
        ),
        Row(
            "quote",
            "prices",
            t.quote(LINEAR),
            (
                linear("v2/quote/premiumIndex", "ExchangeData/GetFundingRate"),
                linear("v2/quote/ticker", "ExchangeData/GetTicker", changed(symbol="BTC-USDT")),
            ),
            (
                {
                    "mark": D("42216.4"),
                    "index": D("42219.9"),
                    "bid": D("0.7413"),
                    "ask": D("0.7414"),
                    "last": D("0.7409"),
                    "funding_rate": D("0.000251"),
                    # 1702742400000 ms
                    "funding_at": datetime(2023, 12, 16, 16, tzinfo=UTC),
                    "taker_fee": D("0.0005"),
                    "maker_fee": D("0.0002"),
                },
            ),
        ),
        Row(
            "price of another market",
            "prices",
            t.quote(LINEAR),
            (
                linear("v2/quote/premiumIndex", "ExchangeData/GetFundingRate"),
                linear("v2/quote/ticker", "ExchangeData/GetTicker"),
            ),
            Refusal(VenueUnavailable, "has 0 prices of it"),
        ),
        Row(
            "depth, told with its worst ask first, in coins and in least orders",
            "prices",
            t.depth(LINEAR),
            (linear("v2/quote/depth", "ExchangeData/GetOrderBook"),),
            (
                {
                    "bids.0": "483909000 at 0.000009854",
                    "asks.0": "687669000 at 0.000009856",
                    "asks.4": "578208000 at 0.00000986",
                },
            ),
        ),
        Row(
            "working orders, of which one is listed twice",
            "orders",
            t.orders(LINEAR),
            (linear("v2/trade/openOrders", "Trading/GetOpenOrders"),),
            (
                {
                    "client_id": "",
                    "venue_id": "1733405587011123500",
                    "side": "sell",
                    "contracts": D("0.003"),
                    "filled": D(0),
                    "average": None,
                    "status": "working",
                    "reduce_only": False,
                    "created_at": datetime(2023, 12, 9, 8, 37, 51, 719000, tzinfo=UTC),
                },
            ),
        ),
        Row(
            "fills",
            "fills",
            t.fills(LINEAR),
            (
                linear(
                    "v2/trade/allFillOrders",
                    "Trading/GetUserTrades",
                    changed("fill_orders", 0, symbol="BTC-USDT"),
                ),
                linear("v2/trade/order", "Trading/GetOrder", changed("order", **OURS)),
            ),
            (
                {
                    "client_id": t.CLIENT_ID,
                    "side": "sell",  # as its order says
                    "contracts": D("4.1"),
                    "price": D("3.1088"),
                    "fee": "0.0025 USDT",  # -0.0025: paid
                    # 20:58:36 +0800; filledTm says the same in local time, with a Z
                    "at": datetime(2023, 12, 16, 12, 58, 36, tzinfo=UTC),
                    "kind": "trade",
                },
            ),
        ),
        Row(
            "a liquidation",
            "fills",
            t.fills(LINEAR),
            (
                linear(
                    "v2/trade/allFillOrders",
                    "Trading/GetUserTrades",
                    changed("fill_orders", 0, symbol="BTC-USDT", liquidatedPrice="3.1"),
                ),
                linear("v2/trade/order", "Trading/GetOrder", changed("order", **OURS)),
            ),
            ({"kind": "liquidation"},),
        ),
        Row(
            "funding",
            "fills",
            t.flows,
            (linear("v2/user/income", "Account/GetIncomes"),),
            (
                {
                    "kind": "funding",
                    "change": "-0.0292 USDT",
                    "funding": D("-0.0292"),
                    "fee": D(0),
                    "market": "LDO-USDT",
                },
            ),
        ),
    ),
    trade=Trade(
        contracts="0.003",
        orders={
            (Style.IOC, False): Sent(
                "POST",
                f"{SWAP}/v2/trade/order",
                {
                    "symbol": "BTC-USDT",
                    "type": "LIMIT",
                    "side": "SELL",
                    "positionSide": "BOTH",
                    "quantity": "0.003",
                    "price": "60000",
                    "timeInForce": "IOC",
                    "clientOrderID": t.CLIENT_ID,
                    "reduceOnly": "false",
                },
            ),
            (Style.POST_ONLY, True): Sent(
                "POST",
                f"{SWAP}/v2/trade/order",
                {
                    "symbol": "BTC-USDT",
                    "type": "LIMIT",
                    "side": "SELL",
                    "positionSide": "BOTH",
                    "quantity": "0.003",
                    "price": "60000",
                    "timeInForce": "PostOnly",
                    "clientOrderID": t.CLIENT_ID,
                    "reduceOnly": "true",
                },
            ),
        },
        cancel=Sent(
            "DELETE",
            f"{SWAP}/v2/trade/order",
            {"symbol": "BTC-USDT", "clientOrderID": t.CLIENT_ID},
        ),
        look_up=Sent(
            "GET", f"{SWAP}/v2/trade/order", {"symbol": "BTC-USDT", "clientOrderId": t.CLIENT_ID}
        ),
        acknowledged=linear(
            "v2/trade/order",
            "Trading/PlaceOrder",
            changed("order", clientOrderID=t.CLIENT_ID),
            method="POST",
        ),
        outcome=Accepted("1735950529123455000"),
        found=(
            linear("v2/trade/order", "Trading/GetOrder", changed("order", **OURS)),
            linear("v2/trade/order", "Trading/CancelOrder", method="DELETE"),
        ),
        missing=(Answer("GET", f"{SWAP}/v2/trade/order", error("80016")),),
        headers=frozenset({"X-BX-APIKEY"}),
        errors=ERRORS,
        error=error,
        unsigned=UNSIGNED,
    ),
)

# What follows is made up in the form that BingX documents: 60 contracts of 100 USD, short from
# 60,000 and now at 61,000: -6000 * (1/60000 - 1/61000) BTC, which is a loss.
LOST: Final = -6000 * (1 / D(60_000) - 1 / D(61_000))
LISTED: Final = {
    "symbol": "BTC-USD",
    "pricePrecision": 1,
    "minTickSize": "100",
    "minTradeValue": "100",
    "minQty": "1.00000000",
    "status": 1,
    "timeOnline": 1713175200000,
}
WALLET: Final = {
    "asset": "BTC",
    "balance": "1.5",
    "equity": plain(D("1.5") + round(LOST, 8)),
    "unrealizedProfit": plain(round(LOST, 8)),
}
HELD: Final = {
    "symbol": "BTC-USD",
    "positionSide": "BOTH",
    "positionAmt": "-60",
    "avgPrice": "60000",
    "markPrice": "61000",
    "unrealizedProfit": plain(round(LOST, 8)),
    "liquidationPrice": 92000.5,
}
ENDED: Final = {
    "symbol": "BTC-USD",
    "orderId": "1816342420721254400",
    "side": "SELL",
    "positionSide": "BOTH",
    "type": "LIMIT",
    "quantity": 4,
    "origQty": "400.00000000",
    "price": "60000",
    "executedQty": "300.00000000",
    "avgPrice": "60001",
    "commission": "-0.0000025",
    "status": "Cancelled",
    "time": 1721884753767,
    "updateTime": 1721884753786,
    "clientOrderId": t.CLIENT_ID,
}


def coin_m(path: str, data: Any, method: str = "GET") -> Answer:
    return Answer(method, f"{COIN_M}/{path}", ok(data))


def _order(lives: str, *, reduce_only: bool) -> Sent:
    return Sent(
        "POST",
        f"{COIN_M}/trade/order",
        {
            "symbol": "BTC-USD",
            "type": "LIMIT",
            "side": "SELL",
            "positionSide": "BOTH",
            "quantity": "3",  # contracts
            "price": "60000",
            "timeInForce": lives,
            "clientOrderID": t.CLIENT_ID,
            "reduceOnly": str(reduce_only).lower(),
        },
    )


COIN: Final = Table(
    exchange="bingx",
    symbol=INVERSE,
    opening=(
        *KEY,
        coin_m("market/contracts", [LISTED]),
        coin_m("user/balance", [WALLET]),
        coin_m("user/positions", []),
        coin_m(
            "user/commissionRate",
            {"takerCommissionRate": "0.0005", "makerCommissionRate": "0.0002"},
        ),
    ),
    instruments={
        INVERSE: {
            "kind": "inverse",
            "contract_size": D(100),  # minTickSize
            "lot": D(1),
            "min_contracts": D(1),
            "tick": D("0.1"),
        }
    },
    rows=(
        Row(
            "wallet",
            "balances",
            t.balances("BTC", "ETH"),
            (),
            ({"wallet": "1.5 BTC", "equity": f"{WALLET['equity']} BTC"}, {"wallet": "0 ETH"}),
        ),
        Row(
            "short of 6000 USD",
            "positions",
            t.positions(),
            (coin_m("user/positions", [HELD]),),
            (
                {
                    "quantity": "-6000 USD",
                    "entry": D(60_000),
                    "mark": D(61_000),
                    "unrealised_pnl": round(LOST, 8),
                    "liquidation_price": D("92000.5"),
                },
            ),
        ),
        Row(
            "leg of hedge mode",
            "positions",
            t.positions(),
            (coin_m("user/positions", [HELD | {"positionSide": "SHORT", "positionAmt": "60"}]),),
            Refusal(VenueRefused, "BTC/USD:BTC is in hedge mode"),
        ),
        Row(
            "quote",
            "prices",
            t.quote(INVERSE),
            (
                coin_m(
                    "market/premiumIndex",
                    [
                        {
                            "symbol": "BTC-USD",
                            "markPrice": "61000",
                            "indexPrice": "61001.5",
                            "lastFundingRate": "0.0001",
                            "nextFundingTime": 1672041600000,
                        }
                    ],
                ),
                coin_m(
                    "market/ticker",
                    [
                        {
                            "symbol": "BTC-USD",
                            "lastPrice": "60999",
                            "bidPrice": "60998.9",
                            "askPrice": "60999.1",
                        }
                    ],
                ),
            ),
            (
                {
                    "mark": D(61_000),
                    "index": D("61001.5"),
                    "bid": D("60998.9"),
                    "ask": D("60999.1"),
                    "funding_rate": D("0.0001"),
                    "taker_fee": D("0.0005"),
                },
            ),
        ),
        Row(
            "an order of 4 contracts, of which 3 were filled",
            "fills",
            t.fills(INVERSE),
            (coin_m("trade/orderHistory", {"orders": [ENDED]}),),
            # 300 of 400, in whatever unit: 3 of 4 contracts
            (
                {
                    "contracts": D(3),
                    "price": D(60_001),
                    "fee": "0.0000025 BTC",
                    "client_id": t.CLIENT_ID,
                },
            ),
        ),
        Row(
            "an order that works is no fill yet",
            "fills",
            t.fills(INVERSE),
            (coin_m("trade/orderHistory", {"orders": [ENDED | {"status": "Pending"}]}),),
            (),
        ),
        Row(
            "an order whose unit is not told",
            "fills",
            t.fills(INVERSE),
            (coin_m("trade/orderHistory", {"orders": [ENDED | {"origQty": ""}]}),),
            Refusal(VenueUnavailable, "origQty is '', not the size that executedQty is a part of"),
        ),
    ),
    trade=Trade(
        orders={
            (Style.IOC, False): _order("IOC", reduce_only=False),
            (Style.POST_ONLY, True): _order("PostOnly", reduce_only=True),
        },
        cancel=Sent(
            "DELETE",
            f"{COIN_M}/trade/cancelOrder",
            {"symbol": "BTC-USD", "clientOrderID": t.CLIENT_ID},
        ),
        look_up=Sent(
            "GET",
            f"{COIN_M}/trade/orderDetail",
            {"symbol": "BTC-USD", "clientOrderId": t.CLIENT_ID},
        ),
        acknowledged=Answer(
            "POST", f"{COIN_M}/trade/order", {"orderId": 1809841379603398656, "symbol": "BTC-USD"}
        ),
        outcome=Accepted("1809841379603398656"),
        found=(
            coin_m("trade/orderDetail", {"order": ENDED}),
            coin_m("trade/cancelOrder", {"order": ENDED}, "DELETE"),
        ),
        missing=(Answer("GET", f"{COIN_M}/trade/orderDetail", error("80016")),),
        headers=frozenset({"X-BX-APIKEY"}),
        errors=ERRORS,
        error=error,
        unsigned=UNSIGNED,
    ),
)
