"""The stream of a COIN-M account: its orders and fills as they happen, then wallet and positions.

Balances and positions are sent as they stand when the messages are collected, after anything that
concerned them; when the listen key has run out, that is the last message.
"""

from hedged.sim.accounts import Account
from hedged.sim.binance.account import position_risk
from hedged.sim.binance.listen import ListenKeys
from hedged.sim.binance.parameters import Parameters
from hedged.sim.binance.rows import (
    Row,
    client_id,
    coin_m_order,
    coins_text,
    position_side,
    price_text,
    quantity_text,
)
from hedged.sim.decimals import ZERO, plain
from hedged.sim.exchange import Exchange
from hedged.sim.hub import TRADES, News
from hedged.sim.orders import Execution, Fill, Order

TOLD = ("ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE")


def order_news(order: Order, fill: Fill | None, at_ms: int) -> Row:
    """Return an order as the stream shows it, with the fill that it tells of."""
    row, instrument = coin_m_order(order), order.instrument
    state = str(row["status"])
    kind = "CALCULATED" if fill is not None and fill.kind is Execution.LIQUIDATION else "TRADE"
    told: Row = {
        "s": order.symbol,
        "c": client_id(order),
        "S": row["side"],
        "o": row["type"],
        "f": row["timeInForce"],
        "q": row["origQty"],
        "p": row["price"],
        "ap": row["avgPrice"],
        "sp": "0",
        "x": kind if fill is not None else state,
        "X": state,
        "i": row["orderId"],
        "l": quantity_text(instrument, fill.quantity) if fill else "0",
        "z": row["executedQty"],
        "L": price_text(instrument, fill.price) if fill else "0",
        "ma": instrument.settle,
        "T": order.updated_ms,
        "t": fill.sequence if fill else 0,
        "rp": plain(fill.profit) if fill else "0",
        "b": "0",
        "a": "0",
        "m": bool(fill and fill.is_maker),
        "R": row["reduceOnly"],
        "wt": "CONTRACT_PRICE",
        "ot": row["origType"],
        "ps": row["positionSide"],
        "cp": False,
        "pP": False,
        "si": 0,
        "ss": 0,
    }
    if fill is not None:
        told |= {"N": fill.fee_coin, "n": plain(fill.fee)}
    return {"e": "ORDER_TRADE_UPDATE", "E": at_ms, "T": order.updated_ms, "o": told}


class AccountNews:
    """What has happened to one account and is not told yet."""

    def __init__(self, exchange: Exchange, account: Account, key: str, keys: ListenKeys) -> None:
        self._exchange = exchange
        self._account = account
        self._key = key
        self._keys = keys
        self._happened: list[Row] = []
        self._reasons: dict[str, None] = {}
        self._pending: Fill | None = None  # its order is heard of next
        self._is_over = False

    def hear(self, news: News) -> None:
        """Remember what happened to the account, as it is at this moment."""
        about = news.order or news.fill
        if news.account is not self._account:
            return
        if about is not None and about.instrument.is_spot:
            return
        if news.fill is not None:
            self._reasons["FUNDING_FEE" if news.fill.kind is Execution.FUNDING else "ORDER"] = None
            self._pending = news.fill if news.fill.kind in TRADES else None
        elif news.order is not None:
            fill, self._pending = self._pending, None
            of_it = fill if fill is not None and fill.order_id == news.order.order_id else None
            self._happened.append(order_news(news.order, of_it, news.event.at_ms))
        else:
            self._reasons[news.event.kind.upper()] = None

    def taken(self, now_ms: int) -> list[Row]:
        """Return what there is to tell."""
        if self._is_over:
            return []
        if self._keys.key_of(self._account, now_ms) != self._key:
            self._is_over = True
            return [{"e": "listenKeyExpired", "E": now_ms, "listenKey": self._key}]
        told, self._happened = self._happened, []
        for reason in self._reasons:
            told.append(self._standing(reason, now_ms))
        self._reasons = {}
        return told

    def _standing(self, reason: str, now_ms: int) -> Row:
        """Return the wallet and the open positions."""
        exchange, account = self._exchange, self._account
        balances = [
            {
                "a": coin,
                "wb": coins_text(amount),
                "cw": coins_text(amount),
                "bc": coins_text(ZERO),
            }
            for coin, amount in exchange.ledger.holdings(account.purse()).items()
        ]
        rows = position_risk(exchange, account, Parameters({}))
        known = {(key, position_side(index)) for key, index in account.positions}
        positions = [
            {
                "s": row["symbol"],
                "pa": row["positionAmt"],
                "ep": row["entryPrice"],
                "cr": "0",
                "up": row["unRealizedProfit"],
                "mt": row["marginType"],
                "iw": row["isolatedMargin"],
                "ps": row["positionSide"],
            }
            for row in rows
            if (row["symbol"], row["positionSide"]) in known
        ]
        update = {"m": reason, "B": balances, "P": positions}
        return {"e": "ACCOUNT_UPDATE", "E": now_ms, "T": now_ms, "a": update}
