"""The websockets without sockets: what is subscribed to, and what is heard in which order."""

import random
from decimal import Decimal

import pytest

from hedged.sim.accounts import Account
from hedged.sim.book import Depth
from hedged.sim.bybit.limits import RateLimits
from hedged.sim.bybit.stream import StreamHub
from hedged.sim.exchange import Exchange
from hedged.sim.orders import OrderRequest, Side
from tests.sim.stream_client import ask, credentials, news, opened, private

D = Decimal


@pytest.fixture
def hub(exchange: Exchange) -> StreamHub:
    return StreamHub(exchange, RateLimits(0))


@pytest.mark.parametrize(
    ("path", "topic", "symbol"),
    [
        ("/v5/public/spot", "tickers.BTCUSDT", "BTCUSDT"),
        ("/v5/public/inverse", "tickers.BTCUSD", "BTCUSD"),
        ("/v5/public/linear", "tickers.BTCUSDT", "BTCUSDT"),
    ],
)
def test_a_ticker_begins_whole_then_tells_what_changes(
    hub: StreamHub, exchange: Exchange, path: str, topic: str, symbol: str
) -> None:
    session = opened(hub, path)
    ask(session, "subscribe", topic)
    (first,) = news(session)
    assert (first["type"], first["data"]["symbol"]) == ("snapshot", symbol)
    assert news(session) == []
    exchange.set_index("BTC", D(65_100))
    (second,) = news(session)
    assert second["data"]["symbol"] == symbol
    if path.endswith("spot"):
        assert set(second["data"]) == set(first["data"])
    else:
        assert (second["type"], second["data"]["markPrice"]) == ("delta", "65100.00")
        assert "prevPrice24h" not in second["data"]


def test_deltas_of_a_book_lead_to_the_book(hub: StreamHub, exchange: Exchange) -> None:
    """Whoever applies them has what a fresh snapshot shows: the way clients keep books."""
    session = opened(hub, "/v5/public/inverse")
    ask(session, "subscribe", "orderbook.50.BTCUSD")
    draw = random.Random(4)  # noqa: S311 - reproducible on purpose
    held: dict[str, dict[str, str]] = {"b": {}, "a": {}}
    kinds = []
    stranger = exchange.open_account("stranger", "k", "s")
    exchange.deposit(stranger, "BTC", D(100))
    for _ in range(40):
        for message in news(session):
            kinds.append(message["type"])
            for side, levels in held.items():
                for price, size in message["data"][side]:
                    levels.pop(price, None)
                    if size != "0":
                        levels[price] = size
        fresh = opened(hub, "/v5/public/inverse")
        ask(fresh, "subscribe", "orderbook.50.BTCUSD")
        (snapshot,) = news(fresh)
        hub.close(fresh)
        assert {side: dict(snapshot["data"][side]) for side in held} == held
        if draw.random() < 0.5:
            exchange.set_index("BTC", D(draw.randrange(64_900, 65_100)))
        else:
            side = draw.choice(list(Side))
            exchange.trade_by_hand(stranger, "BTCUSD", side, D(draw.randrange(1, 200_000)))
        if draw.random() < 0.1:
            exchange.market("BTCUSD").book.depth = Depth(levels=draw.choice((0, 3, 50)))
    assert kinds[0] == "snapshot"
    assert set(kinds[1:]) == {"delta"}


def test_an_unchanged_book_is_silent_and_the_best_level_is_always_whole(
    hub: StreamHub, exchange: Exchange
) -> None:
    session = opened(hub, "/v5/public/inverse")
    ask(session, "subscribe", "orderbook.1.BTCUSD")
    assert [message["type"] for message in news(session)] == ["snapshot"]
    assert news(session) == []
    exchange.set_index("BTC", D(65_010))
    (again,) = news(session)
    assert (again["type"], len(again["data"]["b"]), len(again["data"]["a"])) == ("snapshot", 1, 1)


def test_every_trade_is_public_once_from_its_takers_side(
    hub: StreamHub, exchange: Exchange, account: Account, other: Account
) -> None:
    session = opened(hub, "/v5/public/inverse")
    ask(session, "subscribe", "publicTrade.BTCUSD")
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(100))
    (message,) = news(session)
    assert [(row["S"], row["v"]) for row in message["data"]] == [("Sell", "100")]

    # Both sides are ours: a bid inside the spread is hit by another account.
    exchange.place_order(account, OrderRequest("BTCUSD", Side.BUY, D(50), D("65000.0")))
    exchange.trade_by_hand(other, "BTCUSD", Side.SELL, D(50))
    (message,) = news(session)
    assert [(row["S"], row["v"], row["p"]) for row in message["data"]] == [
        ("Sell", "50", "65000.00")
    ]

    # The market moves through a resting order: the market was the taker.
    exchange.place_order(account, OrderRequest("BTCUSD", Side.BUY, D(70), D("64000.0")))
    exchange.set_index("BTC", D(63_000))
    (message,) = news(session)
    assert [(row["S"], row["v"]) for row in message["data"]] == [("Sell", "70")]


def test_only_trades_of_the_market_are_its_trades(
    hub: StreamHub, exchange: Exchange, account: Account
) -> None:
    """Not those of others, not those of a pair with the same symbol, not funding."""
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(100))
    session = opened(hub, "/v5/public/inverse")
    ask(session, "subscribe", "publicTrade.BTCUSD", "allLiquidation.BTCUSD")
    linear = opened(hub, "/v5/public/linear")
    ask(linear, "subscribe", "publicTrade.BTCUSDT")
    exchange.trade_by_hand(account, "ETHUSD", Side.SELL, D(100))
    exchange.trade_by_hand(account, "BTCUSDT", Side.SELL, D("0.1"))
    exchange.charge_funding("BTC", D("0.0001"))
    assert news(session) == []
    assert news(linear) == []


def test_trades_and_tickers_say_where_the_price_went(
    hub: StreamHub, exchange: Exchange, account: Account
) -> None:
    session = opened(hub, "/v5/public/inverse")
    ask(session, "subscribe", "tickers.BTCUSD", "publicTrade.BTCUSD")
    news(session)
    directions = []
    for side in (Side.BUY, Side.SELL, Side.SELL):
        exchange.trade_by_hand(account, "BTCUSD", side, D(100))
        ticker, trades = news(session)
        directions.append((ticker["data"].get("tickDirection"), trades["data"][0]["L"]))
    assert directions == [("PlusTick", "PlusTick"), ("MinusTick", "MinusTick"), (None, "MinusTick")]


def test_a_candle_follows_trades_and_closes(
    hub: StreamHub, exchange: Exchange, account: Account
) -> None:
    session = opened(hub, "/v5/public/inverse")
    ask(session, "subscribe", "kline.1.BTCUSD")
    (first,) = news(session)
    assert news(session) == []
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(100))
    (second,) = news(session)
    (row,) = second["data"]
    assert (row["open"], row["volume"], row["confirm"]) == ("65000.00", "100", False)
    assert D(row["low"]) < D(row["open"])
    assert row["start"] == first["data"][0]["start"]
    exchange.advance(exchange.now_ms + 60_000)
    (third,) = news(session)
    closed, begun = third["data"]
    assert (closed["confirm"], closed["low"], begun["confirm"]) == (True, row["low"], False)
    assert begun["start"] == row["start"] + 60_000


def test_liquidations_are_public(hub: StreamHub, exchange: Exchange, account: Account) -> None:
    session = opened(hub, "/v5/public/inverse")
    ask(session, "subscribe", "allLiquidation.BTCUSD")
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(1000))
    exchange.liquidate(account)
    (message,) = news(session)
    assert {row["S"] for row in message["data"]} == {"Sell"}
    assert sum(D(row["v"]) for row in message["data"]) == 1000


@pytest.mark.parametrize(
    "topic",
    [
        "tickers.DOGEUSD",
        "tickers.BTCUSDT",
        "tickers",
        "orderbook.7.BTCUSD",
        "kline.2.BTCUSD",
        "dance.BTCUSD",
        "",
    ],
)
def test_unknown_topics_are_refused_and_none_is_subscribed(hub: StreamHub, topic: str) -> None:
    session = opened(hub, "/v5/public/inverse")
    answer = ask(session, "subscribe", "tickers.BTCUSD", topic)
    assert answer["success"] is False
    assert "handler not found" in str(answer["ret_msg"])
    assert news(session) == []


def test_what_is_unsubscribed_is_silent(hub: StreamHub, account: Account) -> None:
    session = opened(hub, "/v5/public/inverse")
    ask(session, "subscribe", "tickers.BTCUSD", "orderbook.50.BTCUSD")
    assert ask(session, "unsubscribe", "tickers.BTCUSD")["success"] is True
    assert [message["topic"] for message in news(session)] == ["orderbook.50.BTCUSD"]
    session = private(hub, account, "order", "wallet")
    ask(session, "unsubscribe", "order")
    hub.exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(100))
    assert {message["topic"] for message in news(session)} == {"wallet"}


def test_other_paths_have_no_websocket(hub: StreamHub) -> None:
    assert hub.open("/v5/public/option") is None
    assert hub.open("/") is None


def test_private_topics_need_authentication(
    hub: StreamHub, exchange: Exchange, account: Account
) -> None:
    session = opened(hub, "/v5/private")
    assert ask(session, "subscribe", "order")["ret_msg"] == "Request not authorized"
    good = credentials(account, exchange.now_ms)
    wrong: list[list[object]] = [
        [],
        ["nobody", *good[1:]],
        [*good[:2], "0" * 64],
        credentials(account, exchange.now_ms, expires_in_ms=-1),
        [good[0], "soon", good[2]],
    ]
    for arguments in wrong:
        assert ask(session, "auth", *arguments)["success"] is False
    assert ask(session, "auth", *good)["success"] is True
    assert ask(session, "subscribe", "order", "dance")["success"] is False


def test_an_account_hears_of_its_own_orders_and_of_no_others(
    hub: StreamHub, exchange: Exchange, account: Account, other: Account
) -> None:
    mine = private(hub, account, "order", "execution", "position", "wallet")
    theirs = private(hub, other, "order", "execution", "position", "wallet")
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(60_000))
    heard = news(mine)
    assert news(theirs) == []
    assert [message["topic"] for message in heard] == [
        "order",
        "execution",
        "order",
        "execution",
        "order",
        "position",
        "wallet",
    ]
    rows = [message["data"][0] for message in heard]
    assert [row["orderStatus"] for row in (rows[0], rows[2], rows[4])] == [
        "New",
        "PartiallyFilled",
        "Filled",
    ]
    assert [row["execQty"] for row in (rows[1], rows[3])] == ["50000", "10000"]
    assert (rows[5]["side"], rows[5]["size"]) == ("Sell", "60000")
    (btc,) = [coin for coin in rows[6]["coin"] if coin["coin"] == "BTC"]
    assert D(btc["walletBalance"]) == 5 - sum(D(row["execFee"]) for row in (rows[1], rows[3]))
    assert len({message["id"] for message in heard}) == len(heard)
    assert news(mine) == []


def test_topics_of_one_category_leave_out_the_others(
    hub: StreamHub, exchange: Exchange, account: Account
) -> None:
    session = private(hub, account, "order.spot", "execution.inverse", "position.linear")
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(100))
    exchange.trade_by_hand(account, "BTCUSDT", Side.SELL, D("0.1"))
    heard = [(message["topic"], message["data"][0]["category"]) for message in news(session)]
    assert heard == [
        ("execution.inverse", "inverse"),
        ("order.spot", "spot"),
        ("order.spot", "spot"),
    ]


def test_fast_executions_are_trades_only(
    hub: StreamHub, exchange: Exchange, account: Account
) -> None:
    session = private(hub, account, "execution", "execution.fast")
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(100))
    assert [message["topic"] for message in news(session)] == ["execution", "execution.fast"]
    exchange.charge_funding("BTC", D("0.0001"))
    (message,) = news(session)
    assert (message["topic"], message["data"][0]["execType"]) == ("execution", "Funding")


def test_a_closed_position_is_told_with_zeros(
    hub: StreamHub, exchange: Exchange, account: Account
) -> None:
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(100))
    session = private(hub, account, "position")
    exchange.trade_by_hand(account, "BTCUSD", Side.BUY, D(100))
    (message,) = news(session)
    row = message["data"][0]
    assert (row["side"], row["size"], row["entryPrice"], row["liqPrice"]) == ("", "0", "0", "0")


def test_deposits_move_the_wallet_only(
    hub: StreamHub, exchange: Exchange, account: Account
) -> None:
    session = private(hub, account, "order", "position", "wallet")
    exchange.deposit(account, "BTC", D(1))
    (message,) = news(session)
    assert message["topic"] == "wallet"


def test_lost_connections_cancel_the_orders_of_a_protected_account(
    hub: StreamHub, exchange: Exchange, account: Account
) -> None:
    account.protect_from_disconnect(window_s=10)
    exchange.place_order(account, OrderRequest("BTCUSD", Side.BUY, D(50), D("64000.0")))
    session = private(hub, account, "dcp.future")
    for _ in range(5):
        exchange.advance(exchange.now_ms + 5_000)
        news(session)
    assert account.open_orders
    hub.close(session)
    exchange.advance(exchange.now_ms + 9_999)
    assert account.open_orders
    exchange.advance(exchange.now_ms + 1)
    assert not account.open_orders


def test_a_closed_session_hears_nothing(
    hub: StreamHub, exchange: Exchange, account: Account
) -> None:
    session = private(hub, account, "order")
    hub.close(session)
    exchange.trade_by_hand(account, "BTCUSD", Side.SELL, D(100))
    assert news(session) == []
