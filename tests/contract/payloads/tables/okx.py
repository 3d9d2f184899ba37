"""OKX: recorded of inverse contracts (BTC-USD-SWAP) and of others, which are written alike."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from hedged.core.arrangement import MARGIN_MODE, Change
from hedged.core.moves import MoveState
from hedged.ports import Accepted, Refused, Style, Unknown, VenueRefused, VenueUnavailable
from tests.contract.payloads import table as t
from tests.contract.payloads.table import Answer, Deed, Refusal, Row, Said, Sent, Table, Trade

D = Decimal
API: Final = "/api/v5"
SYMBOL: Final = "BTC/USD:BTC"
SWAP: Final = "BTC-USD-SWAP"
DOLLARS: Final = "BTC/USDT:USDT"
LINEAR_SWAP: Final = "BTC-USDT-SWAP"
NAMES: Final = "endpoints:Endpoints/UnifiedApi"


def ok(*rows: Any) -> Any:
    return {"code": "0", "msg": "", "data": list(rows)}


def first(**values: Any) -> Any:
    """The recording, its first row with these values."""
    return t.but("data", 0, **values)


def said(path: str, name: str, edit: Any = None, method: str = "GET", **params: str) -> Answer:
    return Answer(method, f"{API}/{path}", Said(f"{NAMES}/{name}", edit), params)


def fixture(path: str, name: str, edit: Any = None, **params: str) -> Answer:
    return Answer("GET", f"{API}/{path}", Said(f"fixtures:{name}", edit), params)


def made(path: str, *rows: Any, method: str = "GET", **params: str) -> Answer:
    """A reply as OKX documents it."""
    return Answer(method, f"{API}/{path}", ok(*rows), params)


def coin(name: str) -> Any:
    return {"details": [{"ccy": name, "cashBal": "10", "eq": "10", "upl": "0"}]}


def held(**values: Any) -> Answer:
    return said("account/positions", "Account/GetAccountPositions", first(**values))


def error(code: str) -> Any:
    row = {"clOrdId": "", "ordId": "", "sCode": code, "sMsg": "as it is said"}
    return {"code": "1", "data": [row], "msg": ""}


def sale(swap: str = SWAP, **more: Any) -> Sent:
    return Sent(
        "POST",
        f"{API}/trade/order",
        {
            "instId": swap,
            "side": "sell",
            "sz": "3",
            "px": "60000.1",
            "tdMode": "cross",
            "clOrdId": t.CLIENT_ID,
            **more,
        },
    )


def listing(number: int, kind: str) -> Answer:
    name = f"instruments_0{number}"
    return Answer("GET", f"{API}/public/instruments", Said(name), {"instType": kind})


OPENING: Final = (
    said("public/time", "ExchangeData/GetServerTime"),
    listing(1, "SPOT"),
    listing(2, "SWAP"),
    listing(3, "FUTURES"),
    said("account/config", "Account/GetAccountConfiguration"),
    said("account/balance", "Account/GetAccountBalance"),
    made("account/positions"),
    said("account/trade-fee", "Account/GetFeeRates"),
    said("public/position-tiers", "ExchangeData/GetPositionTiers"),
    made("system/status"),
)
# Recorded of the USDT market, but for the first.
PRICES: Final = (
    said("market/ticker", "ExchangeData/GetTicker"),
    said("public/mark-price", "ExchangeData/GetMarkPrices", first(instId=SWAP)),
    said("market/index-tickers", "ExchangeData/GetIndexTickers", first(instId="BTC-USD")),
    said("public/funding-rate", "ExchangeData/GetFundingRates", first(instId=SWAP)),
)
BTC: Final = made("account/balance", coin("BTC"))
OURS: Final = {"clOrdId": t.CLIENT_ID, "instId": SWAP}
# 3250 contracts of 100 USD, sold at 60,000 and marked at 61,000
SHORT: Final = {
    "instId": SWAP,
    "instType": "SWAP",
    "posSide": "net",
    "pos": "-3250",
    "avgPx": "60000",
    "markPx": "61000",
    "upl": str(-325_000 * (1 / D(60_000) - 1 / D(61_000))),
    "liqPx": "",
}
# As recorded the position contradicts itself: one contract of 10 USD, short from 2566.31 and now at
# 2353.849, made 10 * (1/2353.849 - 1/2566.31) = 0.000351719... and not -0.0000009...
DATED: Final = {"instId": "ETH-USD-220930", "posSide": "net", "pos": "-1", "ccy": "ETH"}
GAIN: Final = str(-10 * (1 / D("2566.31") - 1 / D("2353.849")))
STATUS: Final = {
    "title": "Trading system upgrade",
    "state": "scheduled",
    "begin": "1672823400000",
    "end": "1672825980000",
    "serviceType": "5",
    "system": "unified",
    "env": "2",
}
TRANSFER: Final = "5a5f2c4e6f0f5b7e9f610e6f6f1c1c11"  # an id of at most 32 letters and digits
MOVED: Final = Sent(
    "POST",
    f"{API}/asset/transfer",
    {
        "ccy": "BTC",
        "amt": "1.5",
        "from": "6",
        "to": "18",
        "type": "0",
        "clientId": TRANSFER,
    },
)
ASKED: Final = Sent("GET", f"{API}/asset/transfer-state", {"type": "0", "clientId": TRANSFER})
LEVERAGE: Final = Sent(
    "POST", f"{API}/account/set-leverage", {"instId": SWAP, "lever": 3, "mgnMode": "cross"}
)


def orders() -> tuple[Row, ...]:
    """Rows of other markets are written alike."""
    recorded = (
        (f"{NAMES}/Trading/GetOrderDetails", "100", "51858", "done"),
        (f"{NAMES}/Trading/GetOrderHistory", "100", "51858", "done"),
        (f"{NAMES}/Trading/GetOrders", "1", None, "working"),
        ("fixtures:http_get_orders_history", "0.03", "103698.9", "done"),
        ("fixtures:http_get_orders_pending_with_attached_tp_sl", "0.01", None, "working"),
    )
    return tuple(
        Row(
            f"order as in {name.rpartition('/')[2]}",
            "orders",
            t.find(SYMBOL),
            (Answer("GET", f"{API}/trade/order", Said(name, only_first(**OURS))),),
            (
                {
                    "side": "buy",
                    "contracts": D(contracts),
                    "average": None if average is None else D(average),
                    "status": status,
                },
            ),
        )
        for name, contracts, average, status in recorded
    )


def only_first(**values: Any) -> Any:
    return lambda reply: reply | {"data": [reply["data"][0] | values]}


def deeds() -> tuple[Deed, ...]:
    to_trading = t.move("main:funding", "main", "1.50000000")
    look = t.find_move("main:funding", "main", "1.5")
    acknowledged = said("asset/transfer", "Account/Transfer", method="POST")
    refused = {
        "58350": Refused,  # not enough of it
        "58112": Unknown,  # it failed, and may be tried again
        "58999": Unknown,
    }
    told = {"success": MoveState.CONFIRMED, "failed": MoveState.REFUSED, "pending": MoveState.SENT}
    state = "Account/GetTransfer"
    return (
        Deed("transfer", to_trading, (acknowledged,), (MOVED,), Unknown),
        Deed(
            "transfer back",
            t.move("main", "main:funding", "1.5"),
            (acknowledged,),
            (Sent("POST", MOVED.path, {**MOVED.params, "from": "18", "to": "6"}),),
            Unknown,
        ),
        Deed("transfer from earn", t.move("main:earn", "main", "1.5"), (), (), Refused),
        *(
            Deed(
                f"transfer with the error {code}",
                to_trading,
                (Answer("POST", f"{API}/asset/transfer", {"code": code, "data": [], "msg": "no"}),),
                (MOVED,),
                outcome,
            )
            for code, outcome in refused.items()
        ),
        *(
            Deed(
                f"look at a transfer: {word}",
                look,
                (said("asset/transfer-state", state, first(clientId=TRANSFER, state=word)),),
                (ASKED,),
                outcome,
            )
            for word, outcome in told.items()
        ),
        Deed(
            "look at a transfer in an unknown state",
            look,
            (said("asset/transfer-state", state, first(clientId=TRANSFER, state="odd")),),
            (ASKED,),
            Refusal(VenueUnavailable, "state is 'odd', not a known state"),
        ),
        Deed(
            "look at the transfer of another",
            look,
            (said("asset/transfer-state", state, first(clientId="another")),),
            (ASKED,),
            Refusal(VenueUnavailable, "the reply is about something else"),
        ),
        Deed("look at no transfer", look, (made("asset/transfer-state"),), (ASKED,), None),
        Deed(
            "leverage",
            lambda venue: venue.arrange(Change(SYMBOL, "10", "3")),
            (said("account/set-leverage", "Account/SetAccountLeverage", method="POST"),),
            (LEVERAGE,),
            Accepted(""),
        ),
        Deed(
            "leverage that is refused",
            lambda venue: venue.arrange(Change(SYMBOL, "10", "3")),
            (Answer("POST", LEVERAGE.path, {"code": "59102", "data": [], "msg": "too much"}),),
            (LEVERAGE,),
            Refused,
        ),
        Deed(
            "margin mode",
            lambda venue: venue.arrange(Change(MARGIN_MODE, "portfolio", "cross")),
            (),
            (),
            Refused("it cannot be set through hedged at OKX"),
        ),
        *(
            Deed(
                f"dead-man switch {what}",
                lambda venue: venue.arm_dead_man(60),
                (said("trade/cancel-all-after", "Trading/CancelAllAfter", edit, method="POST"),),
                (Sent("POST", f"{API}/trade/cancel-all-after", {"timeOut": "60"}),),
                armed,
            )
            for what, edit, armed in (
                ("that is armed", None, True),
                ("that would do nothing", first(triggerTime="0"), False),
            )
        ),
        Deed(
            "dead-man switch, disarmed",
            lambda venue: venue.disarm_dead_man(),
            (said("trade/cancel-all-after", "Trading/CancelAllAfter", method="POST"),),
            (Sent("POST", f"{API}/trade/cancel-all-after", {"timeOut": "0"}),),
            None,
        ),
    )


def balances() -> tuple[Row, ...]:
    return (
        Row(
            "key",
            "balances",
            t.key,
            (),
            (
                {
                    "account_id": "44705892343619584",
                    "may_trade": True,
                    "may_withdraw": True,
                    "may_transfer": True,
                    "margin_mode": "cross",
                },
            ),
        ),
        Row(
            "key of a portfolio's account",
            "balances",
            t.key,
            (said("account/config", "Account/GetAccountConfiguration", first(acctLv="4")),),
            ({"margin_mode": "portfolio"},),
        ),
        Row(
            "hedge mode",
            "balances",
            t.key,
            (
                said(
                    "account/config",
                    "Account/GetAccountConfiguration",
                    first(posMode="long_short_mode"),
                ),
            ),
            Refusal(VenueRefused, "choose One-way mode"),
        ),
        Row(
            "spot mode",
            "balances",
            t.key,
            (said("account/config", "Account/GetAccountConfiguration", first(acctLv="1")),),
            Refusal(VenueRefused, "choose Futures mode"),
        ),
        Row(
            "wallet of cash and bots",
            "balances",
            t.balances("USDT"),
            (),
            # 4850.435693622894 + 150 with bots = 5000.435..., - 7.5456 PnL = 4992.890... as told
            ({"wallet": "5000.435693622894 USDT", "equity": "4992.890093622894 USDT"},),
        ),
        Row(
            "wallet without its bots contradicts itself",
            "balances",
            t.balances("USDT"),
            (
                said(
                    "account/balance",
                    "Account/GetAccountBalance",
                    t.but("data", 0, "details", 0, stgyEq="0"),
                ),
            ),
            Refusal(VenueUnavailable, r"wallet USDT: eq is 4992\.89"),
        ),
        Row(
            "wallet with isolated margin",
            "balances",
            t.balances("USDT"),
            (fixture("account/balance", "http_get_account_balance"),),
            # 94.42612990333333 cash + 5.468566666666667 isolated, 0.0273000000000002 of it PnL
            ({"wallet": "99.9219965699999972 USDT", "equity": "99.89469657000001 USDT"},),
        ),
        *(
            Row(
                f"wallet as in {name}",
                "balances",
                t.balances("USDT"),
                (fixture("account/balance", name, lambda row: ok({"details": [row]})),),
                ({"wallet": "100 USDT", "equity": "100 USDT"},),
            )
            for name in ("http_balance_detail_new_fields", "http_balance_detail_old_fields")
        ),
        Row(
            "a coin that is left out twice",
            "balances",
            t.balances("BTC"),
            (made("account/balance", {"details": []}, ccy="BTC"),),
            ({"wallet": "0 BTC", "equity": "0 BTC"},),
        ),
        Row(
            "margin of the account",
            "balances",
            t.margin,
            (),
            ({"equity_usd": D("55415.624719833286")},),
        ),
        Row(
            "margin that is not told",
            "balances",
            t.margin,
            (fixture("account/balance", "http_get_account_balance"),),
            (),
        ),
        Row(
            "funding",
            "balances",
            t.holdings("funding", "ETH"),
            (said("asset/balances", "Account/GetFundingBalance"),),
            ({"quantity": "37.11827078 ETH"},),
        ),
        Row(
            "earning",
            "balances",
            t.holdings("earn", "USDT", "BTC"),
            (said("finance/savings/balance", "Account/GetSavingBalances"),),
            ({"quantity": "11.0010737453457821 USDT"}, {"quantity": "0 BTC"}),
        ),
        Row(
            "an account that it has not",
            "balances",
            t.holdings("spot", "BTC"),
            (),
            Refusal(VenueRefused, "earn, funding, sub"),
        ),
        *sub_accounts(),
        Row(
            "margin as it is set",
            "balances",
            t.arrangement,
            (
                said(
                    "account/leverage-info",
                    "Account/GetAccountLeverage",
                    first(instId=SWAP, posSide="net"),
                    mgnMode="cross",
                    instId=SWAP,
                ),
            ),
            ({"mode": "cross", "leverages": {SYMBOL: D(10)}},),
        ),
        Row(
            "withdrawal under way, at the chain already",
            "balances",
            t.sent_away,
            (said("asset/withdrawal-history", "Account/GetWithdrawalHistory"),),
            (
                {
                    "transfer_id": "withdrawal 15447421",
                    "quantity": "0.029809 ETH",  # the fee of 0.007 was paid beside it
                    "source": "main:funding",
                    "destination": "0xa30d1fab********7CF18C7B6C579",
                    "started_at": datetime(2022, 6, 15, tzinfo=UTC),
                    "arrived": False,  # that it left says nothing of its arrival
                    "tx_id": "0x35c******b360a174d",
                },
            ),
        ),
        *(
            Row(
                f"withdrawal in the state {state}",
                "balances",
                t.sent_away,
                (
                    said(
                        "asset/withdrawal-history",
                        "Account/GetWithdrawalHistory",
                        first(state=state, txId=""),
                    ),
                ),
                expected,
            )
            for state, expected in (
                ("0", ({"arrived": False, "tx_id": ""},)),
                ("-2", ({"arrived": True},)),  # cancelled: the coins are back
                ("99", Refusal(VenueUnavailable, "state is '99', not a known state")),
            )
        ),
        *(
            Row(
                f"deposit in the state {state}",
                "balances",
                t.credited,
                (said("asset/deposit-history", "Account/GetDepositHistory", first(state=state)),),
                tuple({"tx_id": f"fee235b3e812********857d36bb0426917f0df180{n}"} for n in found),
            )
            for state, found in (("2", (2,)), ("1", (2,)), ("0", ()))
        ),
    )


def sub_accounts() -> tuple[Row, ...]:
    """As OKX documents them; nothing of this was recorded."""
    cash = {"ccy": "BTC", "cashBal": "1.5", "eq": "1.75", "upl": "0.25"}
    listed = made("users/subaccount/list", {"subAcct": "vault", "uid": "7"})
    replies = (
        listed,
        made("account/subaccount/balances", {"details": [cash]}, subAcct="vault"),
        made(
            "asset/subaccount/balances",
            {"ccy": "BTC", "bal": "0.5", "availBal": "0.5", "frozenBal": "0"},
            subAcct="vault",
        ),
    )
    return (
        Row(
            "sub-account of cash and funds",
            "balances",
            t.holdings("sub:vault", "BTC", "ETH"),
            replies,
            # 1.5 + 0.5; the profit of its positions, 0.25, is not part of it
            ({"source": "main:sub:vault", "quantity": "2 BTC"}, {"quantity": "0 ETH"}),
        ),
        Row(
            "sub-account that is not there",
            "balances",
            t.holdings("sub:cellar", "BTC"),
            (listed,),
            Refusal(VenueRefused, "there is no sub-account cellar; there are: vault"),
        ),
    )


def positions() -> tuple[Row, ...]:
    eth = made("account/balance", coin("ETH"))
    return (
        Row(
            "a dated short of ten dollars",
            "positions",
            t.positions(),
            (held(**DATED, upl=GAIN), eth),
            (
                {
                    "quantity": "-10 USD",
                    "entry": D("2566.31"),
                    "mark": D("2353.849"),
                    "liquidation_price": D("2352.8496681818233"),
                    "instrument.symbol": "ETH/USD:ETH-220930",
                },
            ),
        ),
        Row(
            "a position that contradicts itself",
            "positions",
            t.positions(),
            (held(**DATED), eth),
            Refusal(VenueUnavailable, r"unrealised PnL is -0\.0000009932766034"),
        ),
        Row(
            "thirty-two thousand dollars short",
            "positions",
            t.positions(),
            (held(**SHORT), BTC),
            ({"quantity": "-325000 USD", "liquidation_price": None},),
        ),
        Row("flat", "positions", t.positions(), (held(**{**SHORT, "pos": "0"}), BTC), ()),
        Row(
            "a linear position, in coins",
            "positions",
            t.positions(),
            (
                fixture("account/positions", "http_get_positions", first(posSide="net")),
                made("account/balance", coin("USDT")),
            ),
            # 0.5 contracts of 0.01 BTC
            ({"quantity": "0.005 BTC", "entry": D(10_000), "mark": D(10_000)},),
        ),
        Row(
            "leg of hedge mode",
            "positions",
            t.positions(),
            (held(instId="ETH-USD-220930", upl=str(-D(GAIN))), eth),
            Refusal(VenueRefused, "hedge mode"),
        ),
        Row(
            "an option",
            "positions",
            t.positions(),
            (held(instId="BTC-USD-220930-50000-C", instType="OPTION", posSide="net"), BTC),
            Refusal(VenueUnavailable, "what a contract of it is"),
        ),
    )


def prices() -> tuple[Row, ...]:
    return (
        Row(
            "quote",
            "prices",
            t.quote(SYMBOL),
            PRICES,
            (
                {
                    "mark": D(200),
                    "index": D(43350),
                    "last": D("9999.99"),
                    "bid": D("8888.88"),
                    "ask": D("9999.99"),
                    "funding_rate": D("0.0000792386885340"),
                    # 1703116800000 - 1703088000000 ms = 8 h
                    "funding_at": datetime(2023, 12, 20, 16, tzinfo=UTC),
                    "funding_interval_h": D(8),
                    "taker_fee": D("0.001"),
                    "maker_fee": D("0.0008"),
                },
            ),
        ),
        Row(
            "prices of another market",
            "prices",
            t.quote(SYMBOL),
            (*PRICES, said("public/mark-price", "ExchangeData/GetMarkPrices")),
            Refusal(VenueUnavailable, "0 prices of it"),
        ),
        Row(
            "prices and fees as another system has them",
            "prices",
            t.quote(SYMBOL),
            (
                *PRICES,
                fixture("public/mark-price", "http_get_mark_price", first(instId=SWAP)),
                fixture("market/index-tickers", "http_get_index_price", first(instId="BTC-USD")),
                fixture("account/trade-fee", "http_get_trade_fee_response"),
            ),
            # -0.001: a thousandth is paid
            ({"mark": D("84660.1"), "index": D(103895), "taker_fee": D("0.001")},),
        ),
        Row(
            "depth",
            "prices",
            t.depth(SYMBOL),
            (said("market/books", "ExchangeData/GetOrderBook"),),
            ({"asks": ("0.60038921 at 41006.8",)},),
        ),
        Row(
            "depth as another system has it",
            "prices",
            t.depth(SYMBOL),
            (fixture("market/books", "http_get_order_book"),),
            ({"bids.0": "0.487921 at 41006.7", "asks.0.price": D("41006.8")},),
        ),
        *(
            Row(
                f"maintenance that is {what}",
                "prices",
                t.maintenance,
                (made("system/status", {**STATUS, **changes}),),
                tuple({"venue": "main", **expected} for expected in found),
            )
            for what, changes, found in (
                (
                    "announced",
                    {},
                    (
                        {
                            "title": "Trading system upgrade",
                            "starts_at": datetime(2023, 1, 4, 9, 10, tzinfo=UTC),
                            "ends_at": datetime(2023, 1, 4, 9, 53, tzinfo=UTC),
                            "lasts": False,
                        },
                    ),
                ),
                (
                    "under way",
                    {"state": "ongoing", "end": ""},
                    ({"lasts": True, "ends_at": None},),
                ),
                ("over but for its post-only time", {"state": "pre_open"}, ({"lasts": True},)),
                ("over", {"state": "completed"}, ()),
                ("of websockets", {"serviceType": "0"}, ()),
            )
        ),
    )


def records() -> tuple[Row, ...]:
    pending = first(instId=SWAP, posSide="net", sz="10")
    trade = "Trading/GetUserTradesArchive"
    swap = {"instId": SWAP, "fillSz": "3"}
    return (
        Row(
            "working orders",
            "orders",
            t.orders(SYMBOL),
            (
                fixture(
                    "trade/orders-pending",
                    "http_get_orders_pending",
                    pending,
                    limit="100",
                    instType="SWAP",
                    instId=SWAP,
                ),
            ),
            (
                {
                    "client_id": "client-order-1",
                    "side": "buy",
                    "contracts": D(10),
                    "limit_price": D(103_500),
                    "status": "working",
                    "filled": D(0),
                    "average": None,
                    "reduce_only": False,
                },
            ),
        ),
        *orders(),
        Row(
            "fill with its fee",
            "fills",
            t.fills(SYMBOL),
            (said("trade/fills-history", trade, first(**swap)),),
            (
                {
                    "kind": "trade",
                    "side": "buy",
                    "contracts": D(3),
                    "price": D(51_858),
                    "is_maker": False,
                    "fee": "0.00000192834 BTC",  # -0.00000192834: paid
                    "trade_id": "680800019754098688",
                },
            ),
        ),
        Row(
            "fill by auto-deleveraging",
            "fills",
            t.fills(SYMBOL),
            (said("trade/fills-history", trade, first(**swap, subType="127")),),
            ({"kind": "adl"},),
        ),
        Row(
            "fill of an unknown kind",
            "fills",
            t.fills(SYMBOL),
            (said("trade/fills-history", trade, first(**swap, subType="4711")),),
            Refusal(VenueUnavailable, "subType is '4711', not a known kind of fill"),
        ),
        *(
            # It leaves out what kind of fill it was; nobody knows whether it was forced.
            Row(
                f"fill as in {name}",
                "fills",
                t.fills(SYMBOL),
                (fixture("trade/fills-history", name, lambda row: ok(row | {"instId": SWAP})),),
                Refusal(VenueUnavailable, "subType is missing"),
            )
            for name in ("http_transaction_detail", "http_transaction_detail_empty_fee")
        ),
        *(
            Row(
                f"bills as in {name}",
                "fills",
                t.flows,
                (said("account/bills-archive", f"Account/{name}"),),
                # 0.021955779 traded less 0.000021955779 fee = 0.021933823221
                (
                    {
                        "kind": "trade",
                        "change": "0.021933823221 USDT",
                        "fee": D("0.000021955779"),
                        "balance": D("8694.2179403378290202"),
                    },
                ),
            )
            for name in ("GetBillHistory", "GetBillArchive")
        ),
    )


def trade(swap: str) -> Trade:
    ours = {**OURS, "instId": swap}
    found = Said(f"{NAMES}/Trading/GetOrderDetails", only_first(**ours))
    missing = {"code": "51603", "data": [], "msg": "Order does not exist"}
    named = {"instId": swap, "clOrdId": t.CLIENT_ID}
    return Trade(
        price="60000.1",
        orders={
            (Style.IOC, False): sale(swap, ordType="ioc", reduceOnly=False),
            (Style.POST_ONLY, True): sale(swap, ordType="post_only", reduceOnly=True),
        },
        cancel=Sent("POST", f"{API}/trade/cancel-order", named),
        look_up=Sent("GET", f"{API}/trade/order", named),
        acknowledged=said(
            "trade/order", "Trading/PlaceOrder", first(clOrdId=t.CLIENT_ID), method="POST"
        ),
        outcome=Accepted("312269865356374016"),
        found=(
            Answer("GET", f"{API}/trade/order", found),
            said("trade/cancel-order", "Trading/CancelOrder", method="POST"),
        ),
        missing=(Answer("GET", f"{API}/trade/order", missing),),
        headers=frozenset({"OK-ACCESS-KEY", "OK-ACCESS-SIGN", "OK-ACCESS-PASSPHRASE"}),
        errors={
            "51008": Refused,  # not enough margin
            "51016": Unknown,  # an order of this client id exists
            "51149": Unknown,  # timed out
            "50026": Unknown,
        },
        error=error,
        unsigned=frozenset(),
    )


OKX: Final = Table(
    exchange="okx",
    symbol=SYMBOL,
    opening=OPENING,
    instruments={
        # ctVal 100 USD, lotSz 1, tickSz 0.1; mmr of the first tier 0.03
        SYMBOL: {
            "kind": "inverse",
            "contract_size": D(100),
            "lot": D(1),
            "tick": D("0.1"),
            "maintenance": D("0.03"),
        },
        "ETH/USD:ETH": {"contract_size": D(10)},
    },
    rows=(*balances(), *positions(), *prices(), *records()),
    deeds=deeds(),
    trade=trade(SWAP),
)

# Contracts of 0.01 BTC in dollars; what was recorded of prices is theirs.
LINEAR: Final = Table(
    exchange="okx",
    symbol=DOLLARS,
    opening=(
        *OPENING,
        said(
            "account/trade-fee",
            "Account/GetFeeRates",
            first(taker="-0.001", takerU="-0.0005", makerU="-0.0002"),
        ),
    ),
    instruments={
        # ctVal 0.01 BTC, lotSz 1, tickSz 0.1
        DOLLARS: {
            "kind": "linear",
            "contract_size": D("0.01"),
            "lot": D(1),
            "tick": D("0.1"),
            "settle": "USDT",
        }
    },
    rows=(
        Row(
            "quote",
            "prices",
            t.quote(DOLLARS),
            (
                said("market/ticker", "ExchangeData/GetTicker", first(instId=LINEAR_SWAP)),
                said("public/mark-price", "ExchangeData/GetMarkPrices"),
                said("market/index-tickers", "ExchangeData/GetIndexTickers"),
                said("public/funding-rate", "ExchangeData/GetFundingRates"),
            ),
            (
                {
                    "mark": D(200),
                    "index": D(43350),
                    "funding_rate": D("0.0000792386885340"),
                    "taker_fee": D("0.0005"),
                    "maker_fee": D("0.0002"),
                },
            ),
        ),
        Row(
            "short of 30 contracts",
            "positions",
            t.positions(),
            (
                fixture(
                    "account/positions",
                    "http_get_positions",
                    first(posSide="net", pos="-30", avgPx="10100", upl="30"),
                ),
                made("account/balance", coin("USDT")),
            ),
            # -30 * 0.01 BTC from 10,100, now at 10,000: 0.3 * 100 USDT
            (
                {
                    "instrument.symbol": DOLLARS,
                    "quantity": "-0.3 BTC",
                    "unrealised_pnl": D(30),
                    "entry": D(10_100),
                },
            ),
        ),
        Row(
            "position of the wrong size",
            "positions",
            t.positions(),
            (
                fixture(
                    "account/positions",
                    "http_get_positions",
                    first(posSide="net", pos="-300", avgPx="10100", upl="30"),
                ),
                made("account/balance", coin("USDT")),
            ),
            Refusal(VenueUnavailable, "unrealised PnL is 30, size and prices give 300"),
        ),
    ),
    trade=trade(LINEAR_SWAP),
)
