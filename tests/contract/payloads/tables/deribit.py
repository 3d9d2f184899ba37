"""Deribit: recorded but for positions, trades and logs, whose rows have the form of its
documentation, with figures that obey its formulas.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from hedged.core.arrangement import Change
from hedged.ports import Accepted, Refused, Style, Unknown, VenueRefused, VenueUnavailable
from tests.contract.payloads import table as t
from tests.contract.payloads.table import Answer, Deed, Refusal, Row, Said, Sent, Table, Trade

D = Decimal
API: Final = "/api/v2"
SYMBOL: Final = "BTC/USD:BTC"
PERPETUAL: Final = "BTC-PERPETUAL"
DOLLARS, UNI = "UNI/USDC:USDC", "UNI_USDC-PERPETUAL"
TRADES: Final = "private/get_user_trades_by_instrument_and_time"
LABEL: Final = {"label": t.CLIENT_ID}
BITCOIN: Final = {"currency": "BTC"}


def result(value: Any) -> Any:
    return {"jsonrpc": "2.0", "id": 1, "result": value}


def fixture(path: str, name: str, edit: Any = None, **params: str) -> Answer:
    return Answer("GET", f"{API}/{path}", Said(f"fixtures:{name}", edit), params)


def made(path: str, value: Any, **params: str) -> Answer:
    """A reply as Deribit documents it."""
    return Answer("GET", f"{API}/{path}", result(value), params)


def wallet(**values: Any) -> Answer:
    """The recorded bitcoins, with these figures."""
    name = "http_get_account_summaries"
    return fixture("private/get_account_summaries", name, t.but("result", "summaries", 0, **values))


def position(size: int, entry: str, mark: str, settled: str | None = None) -> Any:
    """As documented; `settled`: the price of the last settlement, if it came after the trade."""
    total = size * (1 / D(entry) - 1 / D(mark))
    session = size * (1 / D(settled or entry) - 1 / D(mark))
    return {
        "instrument_name": PERPETUAL,
        "kind": "future",
        "direction": "buy" if size > 0 else "sell" if size else "zero",
        "size": size,
        "size_currency": float(size / D(mark)),
        "average_price": float(entry),
        "mark_price": float(mark),
        "settlement_price": float(settled or 0),
        "floating_profit_loss": round(float(session), 9),
        "total_profit_loss": round(float(total), 9),
        "estimated_liquidation_price": 0,
    }


def held(row: Any, **values: Any) -> Answer:
    return made("private/get_positions", [row | values])


def error(code: str) -> Any:
    return {"jsonrpc": "2.0", "error": {"code": int(code), "message": "as said", "data": None}}


def ours(reply: Any) -> Any:
    """The recorded order, as our look-up tells of it."""
    found = reply["result"]
    return result([found.get("order", found) | LABEL | {"instrument_name": PERPETUAL}])


def told(name: str, **values: Any) -> Answer:
    """What a look-up of our order says, as recorded of another one."""

    def edit(reply: Any) -> Any:
        found = ours(reply)
        found["result"][0] |= values
        return found

    return fixture("private/get_order_state_by_label", name, edit)


def sale(**more: str) -> Sent:
    return Sent(
        "GET",
        f"{API}/private/sell",
        {
            "instrument_name": PERPETUAL,
            "amount": "30",  # USD: 3 contracts of 10
            "price": "60000.5",
            "type": "limit",
            "label": t.CLIENT_ID,
            **more,
        },
    )


OPENING: Final = (
    fixture("public/get_time", "http_get_time"),
    fixture("public/get_instruments", "http_get_instruments"),
    fixture("public/get_instrument", "http_get_instrument"),
    fixture("private/get_account_summaries", "http_get_account_summaries"),
    made("private/get_positions", []),
    made("public/status", {"locked": "false"}),
)
TICKER: Final = fixture("public/ticker", "ws_ticker", lambda reply: result(reply["params"]["data"]))
TRADE: Final = {
    "trade_id": "48079573",
    "order_id": "4008965646",
    "label": t.CLIENT_ID,
    "instrument_name": PERPETUAL,
    "direction": "sell",
    "amount": 60,
    "price": 60000.5,
    "fee": 5e-7,
    "fee_currency": "BTC",
    "liquidity": "T",
    "timestamp": 1590480363130,
}
SETTLED: Final = {
    "id": 61311,
    "type": "settlement",
    "currency": "BTC",
    "change": -0.0008,
    "balance": 1.5,
    "timestamp": 1590480363130,
    "interest_pl": 0.00001,
    "commission": 0,
    "instrument_name": PERPETUAL,
}
SENT: Final = {
    "address": "2NBqqD5GRJ8wHy1PYyCXTe9ke5226FhavBz",
    "amount": 0.5,
    "confirmed_timestamp": None,
    "created_timestamp": 4_102_444_800_000,  # in 2100: after the test began
    "currency": "BTC",
    "fee": 0.0001,
    "id": 1,
    "state": "unconfirmed",
    "transaction_id": None,
    "updated_timestamp": 4_102_444_800_000,
}
CAME: Final = {
    "address": "2N35qDKDY22zmJq9eSyiAerMD4enJ1xx6ax",
    "amount": 5,
    "currency": "BTC",
    "received_timestamp": 1549295017670,
    "state": "completed",
    "transaction_id": "230669110fdaf0a0dbcdc079b6b8b43d5af29cc73683835b9bc6b3406c065fda",
    "updated_timestamp": 1549295130159,
}
SHORT: Final = position(-6000, "60000", "61000")


def instruments() -> tuple[Row, ...]:
    def only(reply: Any) -> Any:
        return result([reply["result"]])

    return (
        Row(
            "one listing",
            "instruments",
            t.listed(SYMBOL),
            (fixture("public/get_instruments", "http_get_instrument", only),),
            ({"contract_size": D(10)},),
        ),
        *(
            # They name no counter currency, without which ccxt lists nothing.
            Row(
                f"listings of 2021: {name}",
                "instruments",
                t.listed(SYMBOL),
                (Answer("GET", f"{API}/public/get_instruments", Said(name)),),
                Refusal(VenueUnavailable, "lists none"),
            )
            for name in ("instruments_01", "instruments_02")
        ),
    )


def balances() -> tuple[Row, ...]:
    crossed = fixture("private/get_account_summaries", "http_get_account_summaries_cross_margin")
    vault = made(
        "private/get_subaccounts",
        [{"id": 7, "username": "vault", "type": "subaccount"}, {"id": 10, "username": "user"}],
    )
    return (
        Row("key", "balances", t.key, (), ({"account_id": "10", "margin_mode": "cross"},)),
        Row(
            "key of a portfolio's account",
            "balances",
            t.key,
            (crossed,),
            ({"margin_mode": "portfolio"},),
        ),
        Row(
            "equity of an account with options",
            "balances",
            t.balances("BTC"),
            (),
            # 302.60065765 - 0.03258105 realised - 0.0086 options + 0.05921555 unrealised of futures
            # = 302.61869215, reported as 302.61869214
            (
                {
                    "wallet": "302.60065765 BTC",
                    "equity": "302.61869214 BTC",
                    "terms.0.name": "session's realised profit",
                    "terms.0.coins": D("-0.03258105"),
                    "terms.1.name": "options",
                    "terms.1.coins": D("-0.0086"),
                },
            ),
        ),
        Row(
            "equity without its options",
            "balances",
            t.balances("BTC"),
            (wallet(options_value=0),),
            Refusal(VenueUnavailable, r"its parts give 302\.62729215"),
        ),
        Row(
            "an account whose coins carry each other",
            "balances",
            t.balances("BTC", "USDT", "SOL"),
            (crossed,),
            ({"wallet": "0.00002288 BTC"}, {"wallet": "23.61869 USDT"}, {"wallet": "0 SOL"}),
        ),
        Row(
            "its margin, of all coins together",
            "balances",
            t.margin,
            (crossed,),
            ({"equity_usd": D("25.710502678"), "maintenance_usd": D("0.2671726792")},),
        ),
        Row("no margin of all where each coin stands alone", "balances", t.margin, (), ()),
        Row(
            "sub-account",
            "balances",
            t.holdings("sub:vault", "BTC"),
            (
                vault,
                made(
                    "private/get_account_summaries",
                    {"id": 7, "summaries": [{"currency": "BTC", "balance": 1.5}]},
                    subaccount_id="7",
                ),
            ),
            ({"source": "main:sub:vault", "quantity": "1.5 BTC"},),
        ),
        Row(
            "sub-account that is not there",
            "balances",
            t.holdings("sub:cellar", "BTC"),
            (vault,),
            Refusal(VenueRefused, "there is no sub-account cellar; there are: user, vault"),
        ),
        Row(
            "another account",
            "balances",
            t.holdings("funding", "BTC"),
            (),
            Refusal(VenueRefused, "it reads these beside the trading account: sub"),
        ),
        *chains(),
    )


def chains() -> tuple[Row, ...]:
    sent = "private/get_withdrawals"
    old = {"created_timestamp": 1550571443070, "updated_timestamp": 1550571443070}
    cases: tuple[tuple[str, Any, Any], ...] = (
        (
            "under way",
            {},
            (
                {
                    "transfer_id": "withdrawal 1",
                    "quantity": "0.5 BTC",
                    "source": "main",
                    "destination": "2NBqqD5GRJ8wHy1PYyCXTe9ke5226FhavBz",
                    "arrived": False,
                    "tx_id": "",
                },
            ),
        ),
        ("that was rejected", {"state": "rejected"}, ({"arrived": True},)),
        ("of long ago", old, ()),
        (
            "in an unknown state",
            {"state": "odd"},
            Refusal(VenueUnavailable, "state is 'odd', not a known state"),
        ),
    )
    return (
        *(
            Row(
                f"withdrawal {what}",
                "balances",
                t.sent_lately,
                (made(sent, {"count": 1, "data": [SENT | values]}, **BITCOIN),),
                expected,
            )
            for what, values, expected in cases
        ),
        *(
            Row(
                f"deposit that is {state}",
                "balances",
                t.credited,
                (
                    made(
                        "private/get_deposits",
                        {"count": 1, "data": [CAME | {"state": state}]},
                        **BITCOIN,
                    ),
                ),
                tuple({"tx_id": CAME["transaction_id"]} for _ in range(count)),
            )
            for state, count in (("completed", 1), ("pending", 0))
        ),
    )


def positions() -> tuple[Row, ...]:
    return (
        Row(
            "a short across a settlement",
            "positions",
            t.positions(),
            # Short 6,000 USD from 60,000, settled at 60,500, now at 61,000
            (held(position(-6000, "60000", "61000", "60500")),),
            # -6000 * (1/60500 - 1/61000) = -0.000812897...; since the entry it is -0.001639344
            (
                {
                    "quantity": "-6000 USD",
                    "entry": D(60_000),
                    "unrealised_pnl": D("-0.000812898"),
                    "liquidation_price": None,
                },
            ),
        ),
        Row("flat", "positions", t.positions(), (held(position(0, "1", "1")),), ()),
        Row(
            "a side that contradicts the size",
            "positions",
            t.positions(),
            (held(SHORT, direction="buy"),),
            Refusal(VenueUnavailable, "direction is 'buy', not the side of a size"),
        ),
        Row(
            "ten times as much, as if the size were contracts",
            "positions",
            t.positions(),
            (held(SHORT, size=-60000),),
            Refusal(VenueUnavailable, "total_profit_loss"),
        ),
    )


def prices() -> tuple[Row, ...]:
    return (
        Row(
            "quote",
            "prices",
            t.quote(SYMBOL),
            (TICKER,),
            (
                {
                    "mark": D("92281.78"),
                    "index": D("92263.55"),
                    "last": D("92283.5"),
                    "bid": D("92283.5"),
                    "ask": D("92284"),
                    "funding_rate": D("0.00001742"),
                    "funding_interval_h": D(8),
                    "taker_fee": D("0.0005"),
                    "maker_fee": D(0),
                },
            ),
        ),
        Row(
            "depth in contracts of 10 USD",
            "prices",
            t.depth(SYMBOL),
            (fixture("public/get_order_book", "http_get_order_book"),),
            ({"bids.0": "19919 at 87002.5", "asks.0.price": D(87003)},),  # 199190 USD
        ),
        Row(
            "too many requests",
            "errors",
            t.depth(SYMBOL),
            (
                Answer(
                    "GET",
                    f"{API}/public/get_order_book",
                    Said("fixtures:ws_error"),
                    status=400,
                ),
            ),
            Refusal(VenueUnavailable, "10028 too_many_requests"),
        ),
        Row(
            "price of a coin",
            "prices",
            t.price("BTC"),
            (
                made(
                    "public/ticker",
                    {
                        "instrument_name": "BTC_USDC",
                        "best_bid_price": 92280.0,
                        "best_ask_price": 92290.0,
                    },
                    instrument_name="BTC_USDC",
                ),
            ),
            ({"value": D(92285)},),
        ),
        *(
            Row(
                f"trading is {what}", "prices", t.maintenance, (made("public/status", said),), found
            )
            for what, said, found in (
                ("locked", {"locked": "true"}, ({"venue": "main", "lasts": True},)),
                ("locked, as documented of late", {"locked": True}, ({"starts_at": None},)),
                (
                    "locked for bitcoin",
                    {"locked": "partial", "locked_indices": ["btc_usd"]},
                    ({"title": "trading is locked"},),
                ),
                ("locked for others", {"locked": "partial", "locked_indices": ["xrp_usdc"]}, ()),
                # What cannot be read stops nothing: the venue opens, and is asked again.
                ("told in another word", {"locked": "perhaps"}, ()),
                ("locked for nobody knows whom", {"locked": "partial"}, ()),
            )
        ),
    )


def orders() -> tuple[Row, ...]:
    recorded = (
        ("ws_order_buy_response", "buy", "working", "2973.55"),
        ("ws_order_sell_response", "sell", "working", "3286.7"),
        ("ws_order_edit_response", "buy", "working", "3067.2"),
        ("ws_order_cancel_response", "buy", "done", "3067.2"),
        ("ws_order_stop_market_response", "sell", "working", None),
        ("ws_order_stop_market_no_filled_amount", "sell", "working", None),
    )
    return (
        *(
            Row(
                f"order as in {name}",
                "orders",
                t.find(SYMBOL),
                (told(name),),
                (
                    {
                        "side": side,
                        "status": status,
                        "reason": "",
                        "limit_price": None if price is None else D(price),
                        "filled": D(0),
                        "average": None,
                    },
                ),
            )
            for name, side, status, price in recorded
        ),
        Row(
            "order that found nothing",
            "orders",
            t.find(SYMBOL),
            (told("ws_order_cancel_response", cancel_reason="immediate_or_cancel"),),
            ({"reason": "nothing to fill it with at its limit"},),
        ),
        Row(
            "working orders",
            "orders",
            t.orders(SYMBOL),
            (
                fixture(
                    "private/get_open_orders_by_instrument",
                    "ws_order_buy_response",
                    ours,
                    instrument_name=PERPETUAL,
                ),
            ),
            ({"client_id": t.CLIENT_ID, "status": "working"},),
        ),
    )


def records() -> tuple[Row, ...]:
    return (
        Row(
            "trade",
            "fills",
            t.fills(SYMBOL),
            (made(TRADES, {"trades": [TRADE], "has_more": False}),),
            # 60 USD = 6 contracts
            (
                {
                    "contracts": D(6),
                    "side": "sell",
                    "kind": "trade",
                    "is_maker": False,
                    "fee": "0.0000005 BTC",
                },
            ),
        ),
        Row(
            "trade that was forced",
            "fills",
            t.fills(SYMBOL),
            (made(TRADES, {"trades": [TRADE | {"liquidation": "T"}], "has_more": False}),),
            ({"kind": "liquidation"},),
        ),
        Row(
            "settlement in the log",
            "fills",
            t.flows,
            (
                made(
                    "private/get_transaction_log",
                    {"logs": [SETTLED], "continuation": None},
                    **BITCOIN,
                ),
            ),
            (
                {
                    "kind": "settlement",
                    "change": "-0.0008 BTC",
                    "funding": D("0.00001"),
                    "balance": D("1.5"),
                    "at": datetime(2020, 5, 26, 8, 6, 3, 130000, tzinfo=UTC),
                },
            ),
        ),
    )


def trade(sale: Any, price: str, currency: str) -> Trade:
    """What is sent of 3 contracts."""
    named = {"currency": currency, **LABEL}
    return Trade(
        price=price,
        orders={
            (Style.IOC, False): sale(time_in_force="immediate_or_cancel"),
            (Style.POST_ONLY, True): sale(
                post_only="true", reject_post_only="true", reduce_only="true"
            ),
        },
        cancel=Sent("GET", f"{API}/private/cancel_by_label", named),
        look_up=Sent("GET", f"{API}/private/get_order_state_by_label", named),
        acknowledged=fixture("private/sell", "ws_order_sell_response"),
        outcome=Accepted("USDC-104819327458"),
        found=(
            fixture("private/get_order_state_by_label", "ws_order_buy_response", ours),
            made("private/cancel_by_label", 0),
        ),
        missing=(made("private/get_order_state_by_label", []),),
        headers=frozenset({"Authorization"}),
        errors={
            "10009": Refused,  # not enough funds
            "11054": Refused,  # post-only, and would take
            "10028": Refused,  # too many requests
            "13888": Unknown,  # timed out, or came after its deadline
            "10040": Unknown,
        },
        error=error,
        error_status=400,
        unsigned=frozenset({"valid_until"}),  # a time, which another test looks at
    )


DERIBIT: Final = Table(
    exchange="deribit",
    symbol=SYMBOL,
    opening=OPENING,
    instruments={
        # contract_size 10 USD, min_trade_amount 10 USD = 1 contract, tick_size 0.5
        SYMBOL: {
            "kind": "inverse",
            "contract_size": D(10),
            "lot": D(1),
            "min_contracts": D(1),
            "tick": D("0.5"),
        }
    },
    rows=(*instruments(), *balances(), *positions(), *prices(), *orders(), *records()),
    deeds=(
        Deed(
            "leverage",
            lambda venue: venue.arrange(Change(SYMBOL, "10", "3")),
            (),
            (),
            Refused("it cannot be set through hedged at Deribit"),
        ),
        Deed("transfer", t.move("main:sub:vault", "main", "1.5"), (), (), Refused),
        Deed("dead-man switch", lambda venue: venue.arm_dead_man(60), (), (), outcome=False),
    ),
    trade=trade(sale, "60000.5", "BTC"),
)


def linear_sale(**more: str) -> Sent:
    linear = {"instrument_name": UNI, "amount": "3", "price": "6.001"}  # coins: 3 contracts of 1
    return Sent("GET", f"{API}/private/sell", {**sale().params, **linear, **more})


# 100 coins, sold at 6 dollars and now at 5
SOLD: Final = {
    "instrument_name": UNI,
    "kind": "future",
    "direction": "sell",
    "size": -500,
    "size_currency": -100,
    "average_price": 6.0,
    "mark_price": 5.0,
    "floating_profit_loss": 100.0,
    "total_profit_loss": 100.0,
    "estimated_liquidation_price": 9.5,
}
LINEAR: Final = Table(
    exchange="deribit",
    symbol=DOLLARS,
    opening=(
        *OPENING,
        Answer("GET", f"{API}/public/get_instruments", Said("instruments_03")),
        fixture(
            "public/get_instrument", "http_get_instrument", t.but("result", instrument_name=UNI)
        ),
    ),
    instruments={
        # contract_size 1 UNI, min_trade_amount 1, tick_size 0.001
        DOLLARS: {
            "kind": "linear",
            "contract_size": D(1),
            "lot": D(1),
            "tick": D("0.001"),
            "settle": "USDC",
        }
    },
    rows=(
        Row(
            "a linear short, in coins",
            "positions",
            t.positions(),
            (
                made("private/get_positions", [SOLD]),
                fixture(
                    "private/get_account_summaries",
                    "http_get_account_summaries",
                    t.but("result", "summaries", 0, currency="USDC"),
                ),
            ),
            (
                {
                    "instrument.symbol": DOLLARS,
                    "quantity": "-100 UNI",
                    "unrealised_pnl": D(100),  # -100 * (5 - 6)
                    "liquidation_price": D("9.5"),
                },
            ),
        ),
        Row(
            "a linear position of the wrong size",
            "positions",
            t.positions(),
            (made("private/get_positions", [SOLD | {"size_currency": -1000}]),),
            Refusal(VenueUnavailable, "total_profit_loss is 100, size and prices give 1000"),
        ),
        Row(
            "quote",
            "prices",
            t.quote(DOLLARS),
            (
                fixture(
                    "public/ticker",
                    "ws_ticker",
                    lambda reply: result(reply["params"]["data"] | {"instrument_name": UNI}),
                ),
            ),
            ({"mark": D("92281.78"), "taker_fee": D("0.0005")},),
        ),
    ),
    trade=trade(linear_sale, "6.001", "USDC"),
)
