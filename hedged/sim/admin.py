"""The operator's interface, for tests and for practice: what a client of an exchange cannot do.

`POST /admin/deposit` and `/admin/withdraw` {account, coin, amount}, `/admin/price` {coin, index,
mark?}, `/admin/trade` {account, symbol, side, quantity} (the owner's own hand), `/admin/account`
{account, api_key, secret}; `GET /admin/state` shows everything. Amounts are decimal strings. A bad
request gets status 400 and one line.
"""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from hedged.sim.accounts import Account
from hedged.sim.decimals import plain
from hedged.sim.exchange import Exchange
from hedged.sim.orders import RefusedError, Side

Answer = dict[str, object]
Fields = Mapping[str, object]


class AdminError(Exception):
    """A request of the operator that cannot be done, with the reason in one line."""


def answer(exchange: Exchange, method: str, action: str, body: bytes) -> tuple[int, Answer]:
    """Answer one request of the operator with a status and a JSON object."""
    if (method, action) == ("GET", "state"):
        return 200, state(exchange)
    command = _COMMANDS.get(action) if method == "POST" else None
    if command is None:
        return 404, {"error": f"no such action: {method} /admin/{action}"}
    try:
        return 200, command(exchange, _fields(body))
    except (AdminError, RefusedError) as error:
        return 400, {"error": str(error)}
    except (ValueError, RecursionError) as error:
        return 400, {"error": f"bad request: {error}"}


def _fields(body: bytes) -> Fields:
    fields = json.loads(body or b"{}")
    if not isinstance(fields, dict):
        raise AdminError("the body must be a JSON object")
    return fields


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise AdminError(f"{name} is missing (a text)")
    return value


def _number(fields: Fields, name: str) -> Decimal:
    try:
        number = Decimal(_text(fields, name))
    except InvalidOperation:
        raise AdminError(f"{name} must be a decimal number in quotes") from None
    if not number.is_finite() or abs(number.adjusted()) > 18:  # noqa: PLR2004 - beyond any market
        raise AdminError(f"{name} is out of range")
    return number


def _account(exchange: Exchange, fields: Fields) -> Account:
    name = _text(fields, "account")
    if name not in exchange.accounts:
        known = ", ".join(exchange.accounts) or "none"
        raise AdminError(f"no account {name}; there are: {known}")
    return exchange.accounts[name]


def _deposit(exchange: Exchange, fields: Fields) -> Answer:
    account = _account(exchange, fields)
    done = exchange.deposit(account, _text(fields, "coin"), _number(fields, "amount"))
    return {"amount": plain(done)}


def _withdraw(exchange: Exchange, fields: Fields) -> Answer:
    account = _account(exchange, fields)
    done = exchange.withdraw(account, _text(fields, "coin"), _number(fields, "amount"))
    return {"amount": plain(done)}


def _price(exchange: Exchange, fields: Fields) -> Answer:
    mark = _number(fields, "mark") if "mark" in fields else None
    exchange.set_index(_text(fields, "coin"), _number(fields, "index"), mark)
    return {}


def _trade(exchange: Exchange, fields: Fields) -> Answer:
    account = _account(exchange, fields)
    side = Side(_text(fields, "side").capitalize())
    order = exchange.trade_by_hand(
        account, _text(fields, "symbol"), side, _number(fields, "quantity")
    )
    return {
        "order_id": order.order_id,
        "filled": plain(order.filled),
        "average_price": plain(order.average_price),
    }


def _open_account(exchange: Exchange, fields: Fields) -> Answer:
    account = exchange.open_account(
        _text(fields, "account"), _text(fields, "api_key"), _text(fields, "secret")
    )
    return {"user_id": account.user_id}


_COMMANDS: Mapping[str, Callable[[Exchange, Fields], Answer]] = {
    "account": _open_account,
    "deposit": _deposit,
    "withdraw": _withdraw,
    "price": _price,
    "trade": _trade,
}


def state(exchange: Exchange) -> Answer:
    """Return prices, markets and accounts; secrets are left out."""
    return {
        "now_ms": exchange.now_ms,
        "prices": {coin: plain(price) for coin, price in exchange.prices.items()},
        "markets": {
            symbol: {"mark": plain(market.mark), "funding_rate": plain(market.funding_rate)}
            for symbol, market in exchange.markets.items()
        },
        "accounts": {
            name: _account_state(exchange, account) for name, account in exchange.accounts.items()
        },
    }


def _account_state(exchange: Exchange, account: Account) -> Answer:
    figures = exchange.margin.figures(account)
    return {
        "equity_usd": plain(figures.equity),
        "coins": {
            coin.coin: {
                "balance": plain(coin.balance),
                "unrealised": plain(coin.unrealised),
                "equity": plain(coin.equity),
            }
            for coin in figures.coins
        },
        "positions": {
            symbol if not index else f"{symbol}:{index}": {
                "quantity": plain(position.quantity),
                "entry_price": plain(position.entry_price),
            }
            for (symbol, index), position in account.positions.items()
        },
        "open_orders": [
            {
                "order_id": order.order_id,
                "link_id": order.link_id,
                "symbol": order.symbol,
                "side": order.side,
                "price": plain(order.price),
                "leaves": plain(order.leaves),
            }
            for order in exchange.open_orders(account)
        ],
        "fills": len(account.fills),
    }
