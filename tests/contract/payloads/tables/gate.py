"""Gate: recorded of USDT's contracts; bitcoin's, which are inverse, are written alike."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from hedged.ports import Accepted, Refused, Style, Unknown, VenueRefused, VenueUnavailable
from tests.contract.payloads import table as t
from tests.contract.payloads.table import Answer, Refusal, Row, Said, Sent, Table, Trade

D = Decimal
NAMES: Final = "endpoints:Endpoints/PerpetualFutures"
API: Final = "/api/v4"
BTC, USDT = f"{API}/futures/btc", f"{API}/futures/usdt"
INVERSE, LINEAR = "BTC/USD:BTC", "BTC/USDT:USDT"
DOLLAR: Final = {"name": "BTC_USD", "type": "inverse", "quanto_multiplier": "0"}


def said(path: str, name: str, edit: Any = None, method: str = "GET") -> Answer:
    return Answer(method, path, Said(f"{NAMES}/{name}", edit))


def documented(path: str, edit: Any = None, at: str = "") -> Answer:
    return Answer("GET", at or API + path, Said(f"documented:GET {path}", edit))


def in_dollars(listing: Any) -> Any:
    """The listing of one contract as that of 1 USD, which is paid in bitcoin."""
    return [listing | DOLLAR]


def of_bitcoin(reply: Any) -> Any:
    return reply | {"currency": "BTC"}


def error(label: str) -> Any:
    return {"label": label, "message": "as it is said"}


def dollars(reply: Any) -> Any:
    """Rows recorded of BTC_USDT, as of BTC_USD."""
    rows = reply if isinstance(reply, list) else [reply]
    for row in rows:
        row["contract"] = "BTC_USD"
    return reply


def ours(market: str, **values: Any) -> Any:
    """The recorded order with our client id."""

    def edit(reply: Any) -> Any:
        return reply | {"contract": market, "text": f"t-{t.CLIENT_ID}"} | values

    return edit


KEY: Final = (
    documented("/spot/time"),
    Answer("GET", f"{API}/account/detail", Said("endpoints:Endpoints/Spot/Account/GetAccountInfo")),
    Answer("GET", f"{API}/spot/accounts", Said("endpoints:Endpoints/Spot/Account/GetBalances")),
)
LISTED: Final = (
    said(f"{USDT}/contracts", "ExchangeData/GetContract", lambda row: [row]),
    said(f"{BTC}/contracts", "ExchangeData/GetContract", in_dollars),
    said(f"{USDT}/contracts/BTC_USDT", "ExchangeData/GetContract"),
    said(f"{BTC}/contracts/BTC_USD", "ExchangeData/GetContract", lambda row: row | DOLLAR),
)
HELD: Final = f"{NAMES}/Trading/GetPositions"
IN_BOOK: Final = {"status": "open", "left": 6000, "fill_price": "3764"}
ENDED: Final = {"finish_as": "ioc", "fill_price": "3764.5", "left": -1, "size": -3}
QUOTED: Final = {
    "mark": D(6534),
    "index": D(6531),
    "bid": D("34089.7"),
    "ask": D("34217.9"),
    "last": D(6432),
    "funding_rate": D("0.0001"),
    "funding_at": datetime(2021, 1, 7, 16, tzinfo=UTC),  # 1610035200 s
    "funding_interval_h": D(8),  # 28800 s
}


def sale(base: str, market: str, lives: str, *, reduce_only: bool) -> Sent:
    return Sent(
        "POST",
        f"{base}/orders",
        {
            "contract": market,
            "size": -3,  # a sale
            "price": "60000.1",
            "tif": lives,
            "text": f"t-{t.CLIENT_ID}",
            "reduce_only": reduce_only,
        },
    )


def trade(base: str, market: str) -> Trade:
    """What is sent about one market."""
    look_up = f"{base}/orders/t-{t.CLIENT_ID}"
    return Trade(
        price="60000.1",
        orders={
            (Style.IOC, False): sale(base, market, "ioc", reduce_only=False),
            (Style.POST_ONLY, True): sale(base, market, "poc", reduce_only=True),
        },
        cancel=Sent("DELETE", look_up, {}),
        look_up=Sent("GET", look_up, {}),
        acknowledged=said(f"{base}/orders", "Trading/PlaceOrder", ours(market), method="POST"),
        outcome=Accepted("15675394"),
        found=(
            said(look_up, "Trading/GetOrder", ours(market, **ENDED)),
            said(f"{base}/orders/t-hg0000000002", "Trading/GetOrder", ours(market)),
            said(look_up, "Trading/CancelOrder", method="DELETE"),
        ),
        missing=(Answer("GET", look_up, error("ORDER_NOT_FOUND"), status=404),),
        headers=frozenset({"KEY", "Timestamp", "SIGN"}),
        errors={
            "ORDER_POC_IMMEDIATE": Refused,
            "INSUFFICIENT_AVAILABLE": Refused,
            "POC_FILL_IMMEDIATELY": Refused,
            "TOO_MANY_REQUESTS": Refused,
            "INTERNAL": Unknown,
            "TOO_BUSY": Unknown,
        },
        error=error,
        error_status=400,
        unsigned=frozenset(),
    )


COIN: Final = Table(
    exchange="gate",
    symbol=INVERSE,
    opening=(
        *KEY,
        *LISTED,
        said(f"{BTC}/accounts", "Account/GetAccount", of_bitcoin),
        Answer("GET", f"{BTC}/positions", []),
    ),
    instruments={
        # quanto_multiplier 0: 1 USD
        INVERSE: {
            "kind": "inverse",
            "contract_size": D(1),
            "lot": D(1),
            "tick": D("0.1"),
            "min_contracts": D(1),
            "max_contracts": D(1_000_000),
            "maintenance": D("0.005"),
        },
        LINEAR: {"kind": "linear", "contract_size": D("0.0001")},
    },
    rows=(
        Row("key", "balances", t.key, KEY, ({"is_bound": True, "may_withdraw": None},)),
        Row(
            "key as documented",
            "balances",
            t.key,
            (documented("/account/detail"),),
            ({"account_id": "1667201533", "is_bound": True},),
        ),
        Row(
            "wallet",
            "balances",
            t.balances("BTC"),
            (said(f"{BTC}/accounts", "Account/GetAccount", of_bitcoin),),
            # 38.712189181 + 0 + 9669.091377934145 = 9707.803567115145; + 3371.248828 profit
            ({"wallet": "9707.803567115145 BTC", "equity": "13079.052395115145 BTC"},),
        ),
        Row(
            "wallet whose parts do not make the total",
            "balances",
            t.balances("BTC"),
            (
                said(
                    f"{BTC}/accounts",
                    "Account/GetAccount",
                    lambda reply: of_bitcoin(reply) | {"order_margin": "1"},
                ),
            ),
            Refusal(VenueUnavailable, r"its parts give 13080\.052395115145"),
        ),
        Row(
            "spot",
            "balances",
            t.holdings("spot", "ETH"),
            (documented("/spot/accounts"),),
            ({"quantity": "968.8 ETH"},),
        ),
        Row(
            "short of 9440 USD",
            "positions",
            t.positions(),
            (Answer("GET", f"{BTC}/positions", Said(HELD, dollars)),),
            # -9440 * (1/3779.55 - 1/3780.32) = -0.00050874, prices being printed to the cent
            (
                {
                    "instrument.symbol": INVERSE,
                    "quantity": "-9440 USD",
                    "entry": D("3779.55"),
                    "mark": D("3780.32"),
                    "unrealised_pnl": D("-0.000507486844"),
                    "liquidation_price": None,  # 99999999
                },
            ),
        ),
        Row(
            "the same as a long contradicts itself",
            "positions",
            t.positions(),
            (
                Answer(
                    "GET",
                    f"{BTC}/positions",
                    Said(HELD, lambda rows: [dollars(rows)[0] | {"size": 944_000}]),
                ),
            ),
            Refusal(VenueUnavailable, "size and prices give 0.05"),
        ),
        Row(
            "flat",
            "positions",
            t.positions(),
            (
                Answer(
                    "GET",
                    f"{BTC}/positions",
                    Said(HELD, lambda rows: [dollars(rows)[0] | {"size": 0}]),
                ),
            ),
            (),
        ),
        Row(
            "leg of hedge mode",
            "positions",
            t.positions(),
            (
                Answer(
                    "GET",
                    f"{BTC}/positions",
                    Said(HELD, lambda rows: [dollars(rows)[0] | {"mode": "dual_short"}]),
                ),
            ),
            Refusal(VenueRefused, "BTC/USD:BTC is in hedge mode"),
        ),
        Row(
            "hedge mode",
            "positions",
            t.positions(),
            (
                said(
                    f"{BTC}/accounts",
                    "Account/GetAccount",
                    lambda reply: of_bitcoin(reply) | {"in_dual_mode": True},
                ),
            ),
            Refusal(VenueRefused, "hedge mode.*choose One-way Mode"),
        ),
        Row(
            "contract that is being delisted",
            "instruments",
            t.listed(INVERSE),
            (
                said(
                    f"{BTC}/contracts",
                    "ExchangeData/GetContract",
                    lambda row: [row | DOLLAR | {"in_delisting": True}],
                ),
            ),
            Refusal(VenueRefused, "being delisted"),
        ),
        Row(
            "quote",
            "prices",
            t.quote(INVERSE),
            (said(f"{BTC}/tickers", "ExchangeData/GetTickers", dollars),),
            (QUOTED,),
        ),
        Row(
            "depth in contracts",
            "prices",
            t.depth(INVERSE),
            (said(f"{BTC}/order_book", "ExchangeData/GetOrderBook"),),
            ({"asks": ("100 at 1.52", "40 at 1.53"), "bids.0": "150 at 1.17"},),
        ),
        Row(
            "working order",
            "orders",
            t.orders(INVERSE),
            (
                said(
                    f"{BTC}/orders",
                    "Trading/GetOrders",
                    lambda rows: [dollars(rows)[0] | IN_BOOK],
                ),
            ),
            (
                {
                    "client_id": "my-custom-id",  # t-my-custom-id
                    "venue_id": "15675394",
                    "side": "buy",
                    "contracts": D(6024),
                    "filled": D(24),
                    "average": D("3764"),
                    "limit_price": D(3765),
                    "status": "working",
                    "created_at": datetime(2019, 1, 4, 2, 46, 8, tzinfo=UTC),
                },
            ),
        ),
        Row(
            "order of no known state",
            "orders",
            t.orders(INVERSE),
            (
                said(
                    f"{BTC}/orders",
                    "Trading/GetOrders",
                    lambda rows: [dollars(rows)[0] | {"status": "odd"}],
                ),
            ),
            Refusal(VenueUnavailable, "status is 'odd', not a known state"),
        ),
        Row(
            "fill",
            "fills",
            t.fills(INVERSE),
            (said(f"{BTC}/my_trades_timerange", "Trading/GetUserTradesByTimestamp", dollars),),
            (
                {
                    "trade_id": "121234231",
                    "client_id": "123456",
                    "side": "buy",
                    "contracts": D(100),
                    "price": D("100.123"),
                    "fee": "0.01 BTC",
                    "is_maker": False,
                    "at": datetime(2018, 1, 1, 0, 0, 0, 123000, tzinfo=UTC),
                    "kind": "trade",
                },
            ),
        ),
        *(
            Row(
                f"fill that is a {kind}",
                "fills",
                t.fills(INVERSE),
                (
                    said(
                        f"{BTC}/my_trades_timerange",
                        "Trading/GetUserTradesByTimestamp",
                        lambda rows, text=text: [dollars(rows)[0] | {"size": -5, "text": text}],
                    ),
                ),
                ({"kind": kind, "client_id": "", "side": "sell", "contracts": D(5)},),
            )
            for text, kind in (
                ("liq-12345", "liquidation"),
                ("auto_deleveraging", "adl"),
                ("web", "trade"),
            )
        ),
        Row(
            "fill in its documented form",
            "fills",
            t.fills(INVERSE),
            (
                documented(
                    "/futures/{settle}/my_trades_timerange", dollars, f"{BTC}/my_trades_timerange"
                ),
            ),
            ({"trade_id": "121234231", "contracts": D(100)},),
        ),
        Row(
            "account book",
            "fills",
            t.flows,
            (said(f"{BTC}/account_book", "Account/GetLedger"),),
            (
                {
                    "kind": "trade",
                    "change": "0.000010152188 BTC",
                    "fee": D("-0.000010152188"),  # received
                    "balance": D("4.59316525194"),
                    "market": "ETH_USD",
                },
            ),
        ),
    ),
    trade=trade(BTC, "BTC_USD"),
    worlds=("mainnet",),  # the testnet lists none of them
)


DOLLARS: Final = Table(
    exchange="gate",
    symbol=LINEAR,
    opening=(
        *KEY,
        *LISTED,
        said(f"{USDT}/accounts", "Account/GetAccount"),
        Answer("GET", f"{USDT}/positions", []),
    ),
    instruments={LINEAR: {"kind": "linear", "contract_size": D("0.0001"), "lot": D(1)}},
    rows=(
        Row(
            "wallet",
            "balances",
            t.balances("USDT", "BTC"),
            (said(f"{USDT}/accounts", "Account/GetAccount"),),
            ({"wallet": "9707.803567115145 USDT"}, {"wallet": "0 BTC"}),
        ),
        Row(
            "short that contradicts itself",
            "positions",
            t.positions(),
            (Answer("GET", f"{USDT}/positions", Said(HELD)),),
            # 9440 contracts of 0.0001, sold, and 0.77 USDT dearer now
            Refusal(VenueUnavailable, r"size and prices give -0\.72688"),
        ),
        Row(
            "short",
            "positions",
            t.positions(),
            (
                Answer(
                    "GET",
                    f"{USDT}/positions",
                    Said(HELD, lambda rows: [rows[0] | {"unrealised_pnl": "-0.72688"}]),
                ),
            ),
            ({"quantity": "-0.944 BTC", "unrealised_pnl": D("-0.72688")},),
        ),
        Row(
            "quote",
            "prices",
            t.quote(LINEAR),
            (said(f"{USDT}/tickers", "ExchangeData/GetTickers"),),
            (QUOTED,),
        ),
        Row(
            "depth in contracts",
            "prices",
            t.depth(LINEAR),
            (said(f"{USDT}/order_book", "ExchangeData/GetOrderBook"),),
            ({"bids.0": "150 at 1.17"},),
        ),
        Row(
            "contract as documented",
            "instruments",
            t.listed(LINEAR),
            (documented("/futures/{settle}/contracts", at=f"{USDT}/contracts"),),
            ({"contract_size": D("0.0001"), "tick": D("0.1"), "max_contracts": D(1_000_000)},),
        ),
        Row(
            "prices of a contract as documented",
            "prices",
            t.quote(LINEAR),
            (
                said(f"{USDT}/tickers", "ExchangeData/GetTickers"),
                documented(
                    "/futures/{settle}/contracts/{contract}", at=f"{USDT}/contracts/BTC_USDT"
                ),
            ),
            ({"funding_at": datetime(2021, 1, 7, 16, tzinfo=UTC), "funding_interval_h": D(8)},),
        ),
        Row(
            "contracts that are traded in parts",
            "instruments",
            t.listed("LAB/USDT:USDT"),
            (
                said(
                    f"{USDT}/contracts",
                    "ExchangeData/GetContracts",
                    lambda rows: [rows[0], rows[0] | {"name": "BTC_USDT"}],
                ),
            ),
            # order_size_min 0.1
            ({"contract_size": D(100), "lot": D("0.1"), "min_contracts": D("0.1")},),
        ),
    ),
    trade=trade(USDT, "BTC_USDT"),
)
