"""Phemex: bitcoin's inverse contract as documented, its listing as recorded."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from hedged.ports import Accepted, Refused, Style, Unknown, VenueRefused, VenueUnavailable
from tests.contract.payloads import table as t
from tests.contract.payloads.table import Answer, Refusal, Row, Said, Sent, Table, Trade

D = Decimal
SYMBOL: Final = "BTC/USD:BTC"
ACCOUNT: Final = "/accounts/accountPositions"
TRADES: Final = "/exchange/order/trade"


def said(path: str, number: int, edit: Any = None, method: str = "GET") -> Answer:
    """One of the samples of the contracts' documentation, by its place there."""
    name = "documented:Public-Contract-API-en" + (f"#{number}" if number > 1 else "")
    return Answer(method, path, Said(name, edit))


def held(**values: Any) -> Answer:
    return said(ACCOUNT, 7, t.but("data", "positions", 0, **values))


def error(code: str) -> Any:
    return {"code": int(code), "msg": "as it is said", "data": None}


def only(place: int, **values: Any) -> Any:
    """One of the documented rows, with these values."""

    def edit(reply: Any) -> Any:
        reply["data"]["rows"] = [reply["data"]["rows"][place] | values]
        return reply

    return edit


def ours(reply: Any) -> Any:
    """The second of the documented orders, with our client id."""
    return reply | {"data": [reply["data"][1] | {"clOrdID": t.CLIENT_ID}]}


def sale(lives: str, *, reduce_only: bool) -> Sent:
    return Sent(
        "POST",
        "/orders",
        {
            "symbol": "BTCUSD",
            "side": "Sell",
            "posSide": "Merged",
            "ordType": "Limit",
            "orderQty": 3,
            "priceEp": 600005000,  # 60000.5
            "timeInForce": lives,
            "clOrdID": t.CLIENT_ID,
            "reduceOnly": reduce_only,
        },
    )


def listing(path: str, *rows: Any, **params: str) -> Answer:
    return Answer("GET", path, {"code": 0, "msg": "OK", "data": {"rows": list(rows)}}, params)


# Neither payments nor transfers were recorded: they have the form that ccxt's class documents.
PAID: Final = {
    "symbol": "BTCUSD",
    "currency": "BTC",
    "side": "Buy",
    "execValueEv": 49987,
    "fundingRateEr": 10000,
    "execFeeEv": 5,
    "createTime": 1651881600000,
}
MOVED: Final = {
    "linkKey": "1",
    "currency": "BTC",
    "amountEv": 67932,
    "side": 2,
    "status": 10,
    "createTime": 1652832467000,
}
OPENING: Final = (
    Answer("GET", "/public/products", Said("instruments_01")),
    Answer(
        "GET",
        "/v1/exchange/public/products",
        Said("instruments_01", lambda reply: reply | {"data": reply["data"]["products"]}),
    ),
    said("/v1/md/ticker/24hr", 15),
    said(ACCOUNT, 6),
)
BOOK: Final = said("/v1/md/orderbook", 13)

PHEMEX: Final = Table(
    exchange="phemex",
    symbol=SYMBOL,
    opening=OPENING,
    instruments={
        # contractSize 1 USD, lotSize 1, tickSize 0.5
        SYMBOL: {"kind": "inverse", "contract_size": D(1), "lot": D(1), "tick": D("0.5")}
    },
    rows=(
        Row(
            "a listing of another scale",
            "instruments",
            t.listed(SYMBOL),
            (
                Answer(
                    "GET",
                    "/v1/exchange/public/products",
                    Said(
                        "instruments_01",
                        lambda reply: {"data": [reply["data"]["products"][0] | {"priceScale": 8}]},
                    ),
                ),
            ),
            Refusal(VenueRefused, "its prices have 8 digits, not 4"),
        ),
        Row(
            "wallet, without what is unrealised",
            "balances",
            t.balances("BTC"),
            (said(ACCOUNT, 7),),
            ({"wallet": "8795.99942377 BTC", "equity": None},),  # 879599942377 satoshis
        ),
        Row("empty wallet", "balances", t.balances("BTC"), (), ({"wallet": "0 BTC"},)),
        Row(
            "long of 5 USD",
            "positions",
            t.positions(),
            (said(ACCOUNT, 7),),
            # 5 * (1/18914.3181 - 1/23828.7555) = 0.0000545195
            (
                {
                    "instrument.symbol": SYMBOL,
                    "quantity": "5 USD",
                    "entry": D("18914.3181"),
                    "mark": D("23828.7555"),
                    "unrealised_pnl": D("0.00005452"),
                    "liquidation_price": D("0.5"),
                },
            ),
        ),
        Row(
            "the same as a short contradicts itself, had it size",
            "positions",
            t.positions(),
            (held(side="Sell", size=500_000, unRealisedPnlEv=545_200_000),),
            Refusal(VenueUnavailable, "size and prices give -5.45"),
        ),
        Row(
            "short whose profit is not told",
            "positions",
            t.positions(),
            (held(side="Sell", size=6000, unRealisedPnlEv=None),),
            ({"quantity": "-6000 USD", "unrealised_pnl": None},),
        ),
        Row("flat", "positions", t.positions(), (said(ACCOUNT, 6),), ()),
        Row(
            "leg of hedge mode",
            "positions",
            t.positions(),
            (held(posSide="Long"),),
            Refusal(VenueRefused, "BTC/USD:BTC is in hedge mode.*choose One-Way Mode"),
        ),
        Row(
            "quote",
            "prices",
            t.quote(SYMBOL),
            (said("/v1/md/ticker/24hr", 15), BOOK),
            (
                {
                    "mark": D("8745.3092"),
                    "index": D("8745.0676"),
                    "bid": D(8770),
                    "ask": D("8770.5"),
                    "last": D("8742.5"),
                    "funding_rate": D("0.0001"),  # 10000
                },
            ),
        ),
        Row(
            "depth in contracts",
            "prices",
            t.depth(SYMBOL),
            (BOOK,),
            (
                {
                    "asks": ("1000000 at 8770.5", "200000 at 8771"),
                    "bids": ("2000000 at 8770", "200000 at 8769.5"),
                },
            ),
        ),
        Row(
            "working orders, of which one waits for its price",
            "orders",
            t.orders(SYMBOL),
            (said("/orders/activeList", 9),),
            (
                {"side": "buy", "contracts": D(1), "limit_price": D(8400)},
                {
                    "client_id": "71c2ab5d-eb6f-0d5c-a7c4-50fd5d40cc50",
                    "side": "sell",
                    "limit_price": D(9904),
                    "status": "working",
                    "created_at": datetime(2020, 2, 1, 4, 56, 23, 785000, tzinfo=UTC),
                },
                {"side": "buy", "limit_price": D(8004)},
            ),
        ),
        Row(
            "no working orders, which Phemex calls an order that is not found",
            "orders",
            t.orders(SYMBOL),
            (Answer("GET", "/orders/activeList", error("10002")),),
            (),
        ),
        Row(
            "fill for which a fee was received",
            "fills",
            t.fills(SYMBOL),
            (said(TRADES, 12, only(0)),),
            (
                {
                    "trade_id": "b01671a1-5ddc-5def-b80a-5311522fd4bf",
                    "client_id": "uuid-1577463487504",
                    "side": "sell",
                    "contracts": D(700),
                    "price": D(7150),
                    "fee": "-0.00002447 BTC",  # 0.09790209 * -0.00025
                    "is_maker": True,
                    "kind": "trade",
                },
            ),
        ),
        Row(
            "funding",
            "fills",
            t.fills(SYMBOL),
            (said(TRADES, 12, only(1)),),
            # paid on 700 USD: 0.10075793 * 0.00004747 = 0.00000478
            ({"kind": "funding", "fee": "0.00000479 BTC", "contracts": D(700)},),
        ),
        *(
            Row(
                f"fill that is a {kind}",
                "fills",
                t.fills(SYMBOL),
                (said(TRADES, 12, only(0, tradeType=told)),),
                ({"kind": kind},),
            )
            for told, kind in (("LiqTrade", "liquidation"), ("AdlTrade", "adl"))
        ),
        Row(
            "fill of an unknown kind",
            "fills",
            t.fills(SYMBOL),
            (said(TRADES, 12, only(0, tradeType="Odd")),),
            Refusal(VenueUnavailable, "tradeType is 'Odd', not one of"),
        ),
        Row(
            "an order that was filled at its limit",
            "orders",
            t.find(SYMBOL),
            (said("/exchange/order", 11, ours),),
            # 700 USD for 0.09790209 BTC
            (
                {
                    "average": D(700) / D("0.09790209"),
                    "filled": D(700),
                    "status": "done",
                },
            ),
        ),
        Row(
            "payments of funding, and transfers",
            "fills",
            t.flows,
            (
                listing("/api-data/futures/funding-fees", PAID, symbol="BTCUSD"),
                listing(
                    "/assets/transfer",
                    MOVED,
                    MOVED | {"linkKey": "2", "side": 1},
                    MOVED | {"linkKey": "3", "status": 3},  # rejected
                    currency="BTC",
                ),
            ),
            (
                # a long of 0.00049987 BTC pays a rate of 0.0001
                {"kind": "funding", "change": "-0.00000005 BTC", "symbol": SYMBOL},
                {"kind": "transfer", "change": "-0.00067932 BTC"},
                {"kind": "transfer", "change": "0.00067932 BTC", "flow_id": "transfer-1"},
            ),
        ),
    ),
    trade=Trade(
        price="60000.5",
        orders={
            (Style.IOC, False): sale("ImmediateOrCancel", reduce_only=False),
            (Style.POST_ONLY, True): sale("PostOnly", reduce_only=True),
        },
        cancel=Sent("DELETE", "/orders/cancel", {"symbol": "BTCUSD", "clOrdID": t.CLIENT_ID}),
        look_up=Sent("GET", "/exchange/order", {"symbol": "BTCUSD", "clOrdID": t.CLIENT_ID}),
        acknowledged=said("/orders", 1, t.but("data", clOrdID=t.CLIENT_ID), method="POST"),
        outcome=Accepted("ab90a08c-b728-4b6b-97c4-36fa497335bf"),
        found=(
            said("/exchange/order", 11, ours),
            said("/orders/cancel", 5, method="DELETE"),
        ),
        missing=(Answer("GET", "/exchange/order", {"code": 0, "msg": "OK", "data": []}),),
        headers=frozenset(
            {
                "x-phemex-access-token",
                "x-phemex-request-expiry",
                "x-phemex-request-signature",
            }
        ),
        errors={
            "11114": Refused,
            "11001": Refused,  # not enough balance
            "11057": Refused,  # reduce-only, and no position
            "11085": Unknown,  # an order of this client id exists
            "39999": Unknown,
        },
        error=error,
        unsigned=frozenset(),
    ),
)
