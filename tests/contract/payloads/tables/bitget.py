"""Bitget: USDT-M as recorded and documented, COIN-M in the same form."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from hedged.core.decimals import plain
from hedged.ports import Accepted, Refused, Style, Unknown, VenueRefused, VenueUnavailable
from tests.contract.payloads import table as t
from tests.contract.payloads.table import Answer, Refusal, Row, Said, Sent, Table, Trade

D = Decimal
FUTURES: Final = "endpoints:Endpoints/Futures"
SPOT: Final = "endpoints:Endpoints/Spot"
API: Final = "/api/v2"
MIX: Final = f"{API}/mix"
POSITIONS: Final = f"{MIX}/position/all-position"
ACCOUNTS: Final = f"{MIX}/account/accounts"
LISTED: Final = f"{MIX}/market/contracts"
LINEAR, INVERSE = "BTC/USDT:USDT", "BTC/USD:BTC"


def said(path: str, name: str, edit: Any = None, method: str = "GET", **params: str) -> Answer:
    return Answer(method, path, Said(name, edit), params)


def mix(path: str, name: str, edit: Any = None, method: str = "GET", **params: str) -> Answer:
    return said(f"{MIX}/{path}", f"{FUTURES}/{name}", edit, method, **params)


def documented(path: str, edit: Any = None) -> Answer:
    return said(f"{API}/{path}", f"documented:GET {API}/{path}", edit)


def ok(data: Any) -> dict[str, Any]:
    return {"code": "00000", "msg": "success", "requestTime": 1695793384294, "data": data}


def of_v2(reply: Any) -> Any:
    """A listing recorded in 2022, with what the second version of it has beside."""
    for row in reply["data"]:
        row["symbol"] = row["symbol"].partition("_")[0]
        row |= {"symbolType": "perpetual", "symbolStatus": "normal", "minTradeUSDT": "5"}
        row["sizeMultiplier"] = row["minTradeNum"]
    return reply


def error(code: str) -> Any:
    return {"code": code, "msg": "as it is said", "requestTime": 1695793384294, "data": None}


def opening(product: str, listing: str, symbol: str) -> tuple[Answer, ...]:
    """What it takes to open; the account's mode is documented, its other figures are recorded."""
    return (
        Answer("GET", LISTED, ok([])),  # of the other kinds of contracts
        said(LISTED, listing, of_v2, productType=product),
        mix("market/symbol-price", "ExchangeData/GetPrices"),
        said(f"{API}/spot/account/info", f"{SPOT}/Account/GetAccountInfo"),
        mix("account/accounts", "Account/GetBalances", productType=product),
        Answer("GET", POSITIONS, ok([]), {"productType": product}),
        documented("mix/account/account", t.but("data", posMode="one_way_mode")),
        said(f"{API}/common/trade-rate", f"{SPOT}/Account/GetTradeFee"),
        mix(
            "market/query-position-lever",
            "ExchangeData/GetPositionTiers",
            t.but("data", 0, symbol=symbol),
        ),
    )


ONE_WAY: Final = {"posMode": "one_way_mode"}
TICKERS: Final = {
    symbol: (
        mix("market/ticker", "ExchangeData/GetTicker", t.but("data", 0, symbol=symbol)),
        mix("market/symbol-price", "ExchangeData/GetPrices", t.but("data", 0, symbol=symbol)),
        documented("mix/market/current-fund-rate", t.but("data", 0, symbol=symbol)),
    )
    for symbol in ("BTCUSDT", "BTCUSD")
}
QUOTED: Final = {
    "mark": D(25555),
    "index": D(34867),
    "bid": D("1829.3"),
    "ask": D("1829.8"),
    "funding_rate": D("0.000068"),
    "funding_at": datetime(2025, 3, 27, 8, tzinfo=UTC),  # 1743062400000 ms
    "funding_interval_h": D(8),
    "taker_fee": D("0.0006"),
    "maker_fee": D("0.0002"),
}
KEY: Final = Row(
    "key",
    "balances",
    t.key,
    (said(f"{API}/spot/account/info", f"{SPOT}/Account/GetAccountInfo"),),
    ({"may_trade": True, "may_withdraw": False, "is_bound": True},),
)
of_bitcoin: Final = t.but("data", 0, symbol="BTCUSDT")
ONE_ORDER: Final = "Trading/GetOrder"
OURS: Final = t.but("data", symbol="BTCUSDT", clientOid=t.CLIENT_ID)
FILLED: Final = {
    "trade_id": "1103122437840805890",
    "client_id": "77777",
    "side": "sell",
    "contracts": D("0.02"),
    "price": D("1801.33"),
    "fee": "0.02161596 USDT",  # -0.02161596: paid; 0.02 * 1801.33 * 0.0006
    "is_maker": False,
    "kind": "trade",
}


def sale(force: str, **more: str) -> Sent:
    return Sent(
        "POST",
        f"{MIX}/order/place-order",
        {
            "symbol": "BTCUSDT",
            "productType": "USDT-FUTURES",
            "marginCoin": "USDT",
            "marginMode": "crossed",
            "orderType": "limit",
            "side": "sell",
            "size": "0.003",  # coins
            "price": "60000.5",
            "force": force,
            "clientOid": t.CLIENT_ID,
            **more,
        },
    )


USDT: Final = Table(
    exchange="bitget",
    symbol=LINEAR,
    opening=opening("USDT-FUTURES", "instruments_02", "BTCUSDT"),
    instruments={
        # minTradeNum and volumePlace: 0.001 coins; priceEndStep 5, pricePlace 1: 0.5 USDT
        LINEAR: {
            "kind": "linear",
            "contract_size": D(1),
            "lot": D("0.001"),
            "tick": D("0.5"),
            "min_contracts": D("0.001"),
            "min_notional_usd": D(5),
            "maintenance": D("0.004"),
        },
        "ETH/USDT:USDT": {"lot": D("0.01"), "tick": D("0.01")},
    },
    rows=(
        KEY,
        Row(
            "listing in its second version",
            "instruments",
            t.listed(LINEAR),
            (mix("market/contracts", "ExchangeData/GetContracts", productType="USDT-FUTURES"),),
            # sizeMultiplier 0.01, volumePlace 2; priceEndStep 1 of pricePlace 1
            ({"lot": D("0.01"), "min_contracts": D("0.01"), "tick": D("0.1")},),
        ),
        Row(
            "wallet",
            "balances",
            t.balances("USDT", "BTC"),
            (mix("account/accounts", "Account/GetBalances"),),
            (
                {"wallet": "10582.90265771 USDT", "equity": "10582.90265771 USDT"},
                {"wallet": "0 BTC"},
            ),
        ),
        Row(
            "wallet without the profit",
            "balances",
            t.balances("USDT"),
            # 10582.90265771 - 1 = 10581.90265771
            (documented("mix/account/accounts", t.but("data", 0, unrealizedPL="1")),),
            ({"wallet": "10581.90265771 USDT", "equity": "10582.90265771 USDT"},),
        ),
        Row(
            "spot and funding wallets",
            "balances",
            t.holdings("funding", "USDT"),
            (said(f"{API}/account/funding-assets", f"{SPOT}/Account/GetFundingBalances"),),
            ({"quantity": "326 USDT"},),  # frozen is left blank
        ),
        Row(
            "spot wallet",
            "balances",
            t.holdings("spot", "USDT"),
            (
                said(
                    f"{API}/spot/account/assets",
                    f"{SPOT}/Account/GetSpotBalances",
                    t.but("data", 0, available="1.5", frozen="0.25", locked="0.25"),
                ),
            ),
            ({"quantity": "2 USDT"},),
        ),
        Row(
            "long",
            "positions",
            t.positions(),
            (mix("position/all-position", "Trading/GetPositions", t.but("data", 0, **ONE_WAY)),),
            # 0.01 * (25100 - 25000) = 1, as told
            (
                {
                    "quantity": "0.01 BTC",
                    "entry": D(25000),
                    "mark": D(25100),
                    "unrealised_pnl": D(1),
                    "liquidation_price": D("24144.1124161806977798"),
                },
            ),
        ),
        Row(
            "the same long as a short contradicts itself",
            "positions",
            t.positions(),
            (
                mix(
                    "position/all-position",
                    "Trading/GetPositions",
                    t.but("data", 0, holdSide="short", **ONE_WAY),
                ),
            ),
            Refusal(VenueUnavailable, "unrealizedPL is 1, size and prices give -1"),
        ),
        Row(
            "flat",
            "positions",
            t.positions(),
            (mix("position/all-position", "Trading/GetPositions", t.but("data", 0, total="0")),),
            (),
        ),
        Row(
            "leg of hedge mode",
            "positions",
            t.positions(),
            (mix("position/all-position", "Trading/GetPositions"),),
            Refusal(VenueRefused, "BTC/USDT:USDT is in hedge mode"),
        ),
        Row(
            "hedge mode",
            "positions",
            t.positions(),
            (mix("account/account", "Account/GetBalance"),),  # posMode hedge_mode
            Refusal(VenueRefused, "hedge mode.*choose One-way mode"),
        ),
        Row("quote", "prices", t.quote(LINEAR), TICKERS["BTCUSDT"], (QUOTED,)),
        Row(
            "funding rate without its stamp",
            "prices",
            t.quote(LINEAR),
            (
                *TICKERS["BTCUSDT"][:2],
                mix("market/current-fund-rate", "ExchangeData/GetFundingRate"),
            ),
            ({"funding_rate": D("0.0005"), "funding_at": None, "funding_interval_h": None},),
        ),
        Row(
            "depth in coins",
            "prices",
            t.depth(LINEAR),
            (mix("market/merge-depth", "ExchangeData/GetOrderBook"),),
            ({"asks.0": "0.25 at 26347.5", "bids": ("0.16 at 26346.5", "0.32 at 26346")},),
        ),
        Row(
            "working order, of a market in small letters",
            "orders",
            t.orders("ETH/USDT:USDT"),
            (mix("order/orders-pending", "Trading/GetOpenOrders"),),
            (
                {
                    "client_id": "12321",
                    "venue_id": "123",
                    "side": "buy",
                    "contracts": D(100),
                    "filled": D("12.1"),
                    "average": D(1903),
                    "limit_price": D(1900),
                    "status": "working",
                    "created_at": datetime(2021, 7, 26, 9, 58, 24, 612000, tzinfo=UTC),
                },
            ),
        ),
        Row(
            "no working orders",
            "orders",
            t.orders(LINEAR),
            (
                mix(
                    "order/orders-pending",
                    "Trading/GetOpenOrders2",
                    lambda reply: reply | {"data": {"entrustedList": None, "endId": None}},
                ),
            ),
            (),
        ),
        Row(
            "working order of one-way mode",
            "orders",
            t.orders(LINEAR),
            (
                mix(
                    "order/orders-pending",
                    "Trading/GetOpenOrders2",
                    t.but("data", "entrustedList", 0, symbol="BTCUSDT"),
                    productType="USDT-FUTURES",
                ),
            ),
            (
                {
                    "venue_id": "1190384645049036801",
                    "contracts": D(40),
                    "filled": D(0),
                    "average": None,
                    "reduce_only": False,
                },
            ),
        ),
        Row(
            "fills",
            "fills",
            t.fills("ETH/USDT:USDT"),
            (
                mix("order/fills", "Trading/GetHistoricalUserTrades"),
                mix("order/detail", ONE_ORDER),
            ),
            (FILLED,),
        ),
        Row(
            "contract as documented",
            "instruments",
            t.listed(LINEAR),
            (documented("mix/market/contracts"),),
            ({"lot": D("0.01"), "min_contracts": D("0.01"), "tick": D("0.1")},),
        ),
        Row(
            "ticker as documented, with a mark",
            "prices",
            t.quote(LINEAR),
            (*TICKERS["BTCUSDT"], documented("mix/market/ticker", of_bitcoin)),
            ({"bid": D("1829.3"), "ask": D("1829.8"), "last": D("1829.3")},),
        ),
        Row(
            "position as documented",
            "positions",
            t.positions(),
            (documented("mix/position/all-position", t.but("data", 0, **ONE_WAY)),),
            ({"quantity": "0.01 BTC", "mark": D(25100), "unrealised_pnl": D(1)},),
        ),
        Row(
            "working order as documented",
            "orders",
            t.orders("ETH/USDT:USDT"),
            (documented("mix/order/orders-pending"),),
            ({"client_id": "12321", "filled": D("12.1"), "average": D(1903), "side": "buy"},),
        ),
        Row(
            "fill of an order as documented",
            "fills",
            t.fills("ETH/USDT:USDT"),
            (mix("order/fills", "Trading/GetUserTrades"), documented("mix/order/detail")),
            ({"client_id": "77777"},),
        ),
        Row(
            "fee paid in another coin",
            "fills",
            t.fills("ETH/USDT:USDT"),
            (mix("order/fills", "Trading/GetUserTrades"), mix("order/detail", ONE_ORDER)),
            ({"fee": "0.017118519726 BGB", "contracts": D(1), "price": D(1900)},),
        ),
        Row(
            "a liquidation",
            "fills",
            t.fills("ETH/USDT:USDT"),
            (
                mix(
                    "order/fills",
                    "Trading/GetUserTrades",
                    t.but("data", "fillList", 0, tradeSide="burst_close_long"),
                ),
                mix("order/detail", ONE_ORDER),
            ),
            ({"kind": "liquidation"},),
        ),
        Row(
            "bills",
            "fills",
            t.flows,
            (mix("account/bill", "Account/GetLedger"),),
            (
                # oldest first: 0 - 0.222012 fee, and funding of 0.004992 paid
                {"kind": "trade", "change": "-0.222012 USDT", "fee": D("0.222012")},
                {"kind": "funding", "change": "-0.004992 USDT", "funding": D("-0.004992")},
            ),
        ),
    ),
    trade=Trade(
        price="60000.5",
        contracts="0.003",
        orders={
            (Style.IOC, False): sale("IOC"),
            (Style.POST_ONLY, True): sale("post_only", reduceOnly="YES"),
        },
        cancel=Sent(
            "POST",
            f"{MIX}/order/cancel-order",
            {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "clientOid": t.CLIENT_ID},
        ),
        look_up=Sent(
            "GET",
            f"{MIX}/order/detail",
            {"symbol": "BTCUSDT", "productType": "USDT-FUTURES", "clientOid": t.CLIENT_ID},
        ),
        acknowledged=mix(
            "order/place-order",
            "Trading/PlaceOrder",
            t.but("data", clientOid=t.CLIENT_ID),
            method="POST",
        ),
        outcome=Accepted("121211212122"),
        found=(
            mix("order/detail", ONE_ORDER, OURS),
            mix("order/cancel-order", "Trading/CancelOrder", method="POST"),
        ),
        missing=(Answer("GET", f"{MIX}/order/detail", error("40109"), status=400),),
        headers=frozenset({"ACCESS-KEY", "ACCESS-SIGN", "ACCESS-TIMESTAMP", "ACCESS-PASSPHRASE"}),
        errors={
            "45113": Refused,
            "40762": Refused,  # more than the balance
            "45110": Refused,  # less than the least order
            "40786": Unknown,  # an order of this client id exists
            "40010": Unknown,  # timed out
            "40604": Unknown,  # busy
        },
        error=error,
        error_status=400,
        unsigned=frozenset(),
    ),
)

# 0.1 BTC sold at 60,000 and now at 61,000: 6,000 USD short, however the price moves.
LOST: Final = -6000 * (1 / D(60_000) - 1 / D(61_000))
HELD: Final = t.but(
    "data",
    0,
    symbol="BTCUSD",
    marginCoin="BTC",
    holdSide="short",
    total="0.1",
    openPriceAvg="60000",
    markPrice="61000",
    unrealizedPL=plain(round(LOST, 8)),
    **ONE_WAY,
)
WALLET: Final = t.but(
    "data", 0, marginCoin="BTC", accountEquity="1.5", unrealizedPL=plain(round(LOST, 8))
)

COIN: Final = Table(
    exchange="bitget",
    symbol=INVERSE,
    opening=opening("COIN-FUTURES", "instruments_03", "BTCUSD"),
    instruments={
        INVERSE: {"kind": "inverse", "contract_size": D(1), "lot": D(1), "tick": D("0.5")},
        "ETH/USD:ETH": {"kind": "inverse", "tick": D("0.01")},
    },
    rows=(
        KEY,
        Row(
            "wallet",
            "balances",
            t.balances("BTC"),
            (mix("account/accounts", "Account/GetBalances", WALLET),),
            ({"wallet": f"{plain(D('1.5') - round(LOST, 8))} BTC", "equity": "1.5 BTC"},),
        ),
        Row(
            "short of 6000 USD",
            "positions",
            t.positions(),
            (mix("position/all-position", "Trading/GetPositions", HELD),),
            (
                {
                    "instrument.symbol": INVERSE,
                    "quantity": "-6000 USD",
                    "entry": D(60_000),
                    "unrealised_pnl": round(LOST, 8),
                },
            ),
        ),
        Row("quote", "prices", t.quote(INVERSE), TICKERS["BTCUSD"], (QUOTED,)),
        Row(
            "depth in USD",
            "prices",
            t.depth(INVERSE),
            (mix("market/merge-depth", "ExchangeData/GetOrderBook"),),
            # 0.25 * 26347.5 and 0.16 * 26346.5
            ({"asks.0": "6586.875 at 26347.5", "bids.0": "4215.44 at 26346.5"},),
        ),
        Row(
            "working order in USD",
            "orders",
            t.orders(INVERSE),
            (
                mix(
                    "order/orders-pending",
                    "Trading/GetOpenOrders",
                    t.but("data", "entrustedList", 0, symbol="BTCUSD"),
                    productType="COIN-FUTURES",
                ),
            ),
            # 100 * 1900, of which 12.1 * 1903
            ({"contracts": D(190_000), "filled": D("23026.3"), "limit_price": D(1900)},),
        ),
        Row(
            "fill in USD",
            "fills",
            t.fills(INVERSE),
            (
                mix(
                    "order/fills",
                    "Trading/GetHistoricalUserTrades",
                    t.but("data", "fillList", 0, symbol="BTCUSD"),
                ),
                mix("order/detail", ONE_ORDER),
            ),
            ({"contracts": D("36.0266"), "price": D("1801.33")},),  # 0.02 * 1801.33
        ),
    ),
)
