"""The operator's interface, for tests and for practice: what a client of an exchange cannot do.

`POST /admin/ACTION` with a JSON object; `ACTIONS` lists the actions with their fields. `GET
/admin/state` shows accounts and markets, `/admin/overview` books, requests and faults too,
`/admin/log` every fault that struck, `/admin/events` what truly happened, `/admin/kinds` the kinds
of fault. Amounts are decimal strings. A bad request gets status 400 and one line.
"""

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from hedged.sim.accounts import Account, Rights, Wallet
from hedged.sim.admin_fields import AdminError, Fields, delay_ms, flag, integer, number, size, text
from hedged.sim.decimals import plain
from hedged.sim.exchange import Exchange
from hedged.sim.faults import FaultPlan
from hedged.sim.faults.fault import fault_of
from hedged.sim.faults.kinds import TRAITS
from hedged.sim.faults.mishaps import change_instrument
from hedged.sim.instruments import Kind
from hedged.sim.market import Market, Notice, Phase
from hedged.sim.orders import (
    Order,
    OrderRequest,
    OrderType,
    RefusedError,
    Side,
    TimeInForce,
)
from hedged.sim.state import Request, injection, overview, state

Answer = dict[str, object]

_EVENTS_SHOWN = 1000


class Operator(NamedTuple):
    """What the operator has in hand."""

    exchange: Exchange
    faults: FaultPlan
    requests: deque[Request]


Command = Callable[[Operator, Fields], Answer]


def answer(operator: Operator, method: str, action: str, body: bytes) -> tuple[int, Answer]:
    """Answer one request of the operator with a status and a JSON object."""
    if method == "GET" and action in _VIEWS:
        return 200, _VIEWS[action](operator)
    if method != "POST" or action not in ACTIONS:
        return 404, {"error": f"no such action: {method} /admin/{action}"}
    try:
        return perform(operator, action, _fields(body))
    except (AdminError, ValueError, RecursionError) as error:
        return 400, {"error": f"bad request: {error}"}


def perform(operator: Operator, action: str, fields: Fields) -> tuple[int, Answer]:
    """Do one of the actions."""
    try:
        return 200, ACTIONS[action](operator, fields)
    except (AdminError, RefusedError, ValueError) as error:
        return 400, {"error": str(error)}


def _fields(body: bytes) -> Fields:
    fields = json.loads(body or b"{}", parse_float=Decimal)
    if not isinstance(fields, dict):
        raise AdminError("the body must be a JSON object")
    return fields


def _account(operator: Operator, fields: Fields) -> Account:
    accounts = operator.exchange.accounts
    name = text(fields, "account")
    if name not in accounts:
        known = ", ".join(accounts) or "none"
        raise AdminError(f"no account {name}; there are: {known}")
    return accounts[name]


def _wallet(fields: Fields, name: str, usual: Wallet) -> Wallet:
    return Wallet(str(fields.get(name, usual)))


def _market(operator: Operator, fields: Fields) -> Market:
    """Return the market of a symbol; `category` tells those that share it apart."""
    kind = Kind(text(fields, "category")) if "category" in fields else None
    return operator.exchange.market(text(fields, "symbol"), kind)


def _side(fields: Fields) -> Side:
    return Side(text(fields, "side").capitalize())


def _open_account(operator: Operator, fields: Fields) -> Answer:
    """account, api_key, secret, parent?: open an account, or a sub-account of one."""
    parent = _account(operator, {"account": fields["parent"]}).name if "parent" in fields else ""
    account = operator.exchange.open_account(
        text(fields, "account"), text(fields, "api_key"), text(fields, "secret"), parent
    )
    return {"user_id": account.user_id, "address": account.address}


def _key(operator: Operator, fields: Fields) -> Answer:
    """account, may_trade?, may_withdraw?, addresses?, expires_ms?: what its key may do."""
    account = _account(operator, fields)
    addresses = fields.get("addresses", [])
    if not isinstance(addresses, list) or not all(isinstance(one, str) for one in addresses):
        raise AdminError("addresses must be a list of texts")
    account.rights = Rights(
        may_trade=flag(fields, "may_trade", usual=True),
        may_withdraw=flag(fields, "may_withdraw", usual=False),
        addresses=tuple(addresses),
        expires_ms=integer(fields, "expires_ms", 10**14) if "expires_ms" in fields else None,
    )
    return {}


def _deposit(operator: Operator, fields: Fields) -> Answer:
    """account, coin, amount, wallet?, delay_s?: coins come in from outside."""
    account = _account(operator, fields)
    done = operator.exchange.deposit(
        account,
        text(fields, "coin"),
        number(fields, "amount"),
        wallet=_wallet(fields, "wallet", account.margin_wallet),
        delay_ms=delay_ms(fields),
    )
    return {"amount": plain(done)}


def _withdraw(operator: Operator, fields: Fields) -> Answer:
    """account, coin, amount, wallet?, delay_s?, address?: coins leave, perhaps for an account."""
    account = _account(operator, fields)
    done = operator.exchange.withdraw(
        account,
        text(fields, "coin"),
        number(fields, "amount"),
        wallet=_wallet(fields, "wallet", account.margin_wallet),
        delay_ms=delay_ms(fields),
        address=text(fields, "address") if "address" in fields else "",
    )
    return {"amount": plain(done)}


def _transfer(operator: Operator, fields: Fields) -> Answer:
    """account, coin, amount, source?, target?, to?, delay_s?: to another wallet (FUND)."""
    account = _account(operator, fields)
    receiver = _account(operator, {"account": fields["to"]}) if "to" in fields else account
    done = operator.exchange.transfer(
        account,
        text(fields, "coin"),
        number(fields, "amount"),
        source=_wallet(fields, "source", account.margin_wallet),
        target=_wallet(fields, "target", Wallet.FUND),
        transfer_id=f"operator-{len(account.transfers) + 1}",
        to=receiver,
        delay_ms=delay_ms(fields),
    )
    return {"amount": plain(done.amount)}


def _price(operator: Operator, fields: Fields) -> Answer:
    """coin, index, mark?: move a coin's market; generated and replayed prices go on from there."""
    mark = number(fields, "mark") if "mark" in fields else None
    operator.exchange.set_index(text(fields, "coin"), number(fields, "index"), mark)
    return {}


def _funding(operator: Operator, fields: Fields) -> Answer:
    """coin, rate: charge funding now, longs to shorts when the rate is above 0."""
    operator.exchange.charge_funding(text(fields, "coin"), number(fields, "rate"))
    return {}


def _settle(operator: Operator, fields: Fields) -> Answer:
    """symbol, category?: pay out the unrealised profit of its positions, as some venues do."""
    operator.exchange.settle_session(_market(operator, fields).instrument.key)
    return {}


def _trade(operator: Operator, fields: Fields) -> Answer:
    """account, symbol, side, quantity: the owner trades at market by hand."""
    account = _account(operator, fields)
    order = operator.exchange.trade_by_hand(
        account, text(fields, "symbol"), _side(fields), number(fields, "quantity")
    )
    return _outcome(order)


def _order(operator: Operator, fields: Fields) -> Answer:
    """account, symbol, side, quantity, price?, time_in_force?, link_id?: another bot's order."""
    price = number(fields, "price") if "price" in fields else None
    request = OrderRequest(
        symbol=text(fields, "symbol"),
        side=_side(fields),
        quantity=number(fields, "quantity"),
        price=price,
        order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
        time_in_force=TimeInForce(str(fields.get("time_in_force", TimeInForce.GTC))),
        link_id=str(fields.get("link_id", "")),
    )
    return _outcome(operator.exchange.place_order(_account(operator, fields), request))


def _cancel(operator: Operator, fields: Fields) -> Answer:
    """account, order_id or link_id: an open order ends by another hand."""
    account = _account(operator, fields)
    by_id = account.orders.get(str(fields.get("order_id", "")))
    order = by_id or account.orders_by_link.get(str(fields.get("link_id", "")))
    if order is None:
        raise AdminError("no order has this order_id or link_id")
    operator.exchange.cancel_order(account, order)
    return _outcome(order)


def _outcome(order: Order) -> Answer:
    return {
        "order_id": order.order_id,
        "status": order.status,
        "filled": plain(order.filled),
        "average_price": plain(order.average_price),
    }


def _depth(operator: Operator, fields: Fields) -> Answer:
    """symbol?, category?, levels?, level_usd?, half_spread_bps?: the book; no levels, no book."""
    markets = [_market(operator, fields)] if "symbol" in fields else None
    for market in markets or operator.exchange.markets.values():
        depth = market.book.depth
        if "levels" in fields:
            depth = replace(depth, levels=integer(fields, "levels", 1000))
        market.book.depth = replace(
            depth,
            level_usd=size(fields, "level_usd", depth.level_usd),
            half_spread_bps=size(fields, "half_spread_bps", depth.half_spread_bps),
            step_bps=size(fields, "step_bps", depth.step_bps),
        )
    return {}


def _instrument(operator: Operator, fields: Fields) -> Answer:
    """symbol, category?, lot?, tick?, min_quantity?: the steps of an instrument change."""
    names = ("lot", "tick", "min_quantity", "max_quantity", "max_market_quantity")
    changes = {name: number(fields, name) for name in names if name in fields}
    if any(step <= 0 for step in changes.values()):
        raise AdminError("steps and limits must be above 0")
    market = _market(operator, fields)
    change_instrument(operator.exchange, market, **changes)
    return {name: plain(getattr(market.instrument, name)) for name in names}


def _phase(operator: Operator, fields: Fields) -> Answer:
    """symbol, category?, phase: Trading, PostOnly (only such), Delivering, or Closed (delisted)."""
    market, phase = _market(operator, fields), text(fields, "phase")
    market.is_post_only = phase == "PostOnly"
    market.phase = Phase.TRADING if market.is_post_only else Phase(phase)
    return {"phase": phase}


def _announce(operator: Operator, fields: Fields) -> Answer:
    """begin_s, duration_s, title?: the exchange announces maintenance, so long from now."""
    begin_ms = operator.exchange.now_ms + 1000 * integer(fields, "begin_s", 10**7)
    end_ms = begin_ms + 1000 * integer(fields, "duration_s", 10**6)
    title = text(fields, "title") if "title" in fields else "system upgrade"
    operator.exchange.notices.append(Notice(title, begin_ms, end_ms))
    return {"begins_ms": begin_ms, "ends_ms": end_ms}


def _liquidate(operator: Operator, fields: Fields) -> Answer:
    """account: liquidate it, whatever its margin."""
    operator.exchange.liquidate(_account(operator, fields))
    return {}


def _deleverage(operator: Operator, fields: Fields) -> Answer:
    """account, symbol, quantity, price?: auto-deleverage a part of a position."""
    price = number(fields, "price") if "price" in fields else None
    market = _market(operator, fields)
    operator.exchange.deleverage(
        _account(operator, fields),
        market.instrument.key,
        number(fields, "quantity"),
        price=price,
    )
    return {}


def _protect(operator: Operator, fields: Fields) -> Answer:
    """account, is_protected?: let lost connections cancel its orders (dcp), as Bybit enables it."""
    is_protected = flag(fields, "is_protected", usual=True)
    account = _account(operator, fields)
    account.protect_from_disconnect(is_protected=is_protected)
    return {"window_s": account.disconnect_window_s}


def _fault(operator: Operator, fields: Fields) -> Answer:
    """`kind` and the fields that GET /admin/kinds names: something goes wrong."""
    number = operator.faults.add(fault_of(fields), operator.exchange.now_ms)
    return {"number": number}


def _lift(operator: Operator, fields: Fields) -> Answer:
    """number?: end a fault, or all."""
    number = integer(fields, "number", 10**9) if "number" in fields else None
    return {"lifted": operator.faults.lift(number)}


def _rotate(operator: Operator, fields: Fields) -> Answer:
    """account, api_key, is_valid?: one more key of the same secret opens it, or one no longer."""
    account, api_key = _account(operator, fields), text(fields, "api_key")
    if flag(fields, "is_valid", usual=True):
        operator.exchange.accounts_by_key.setdefault(api_key, account)
    else:
        operator.exchange.accounts_by_key.pop(api_key, None)
    return {}


ACTIONS: Mapping[str, Command] = {
    "account": _open_account,
    "key": _key,
    "rotate": _rotate,
    "deposit": _deposit,
    "withdraw": _withdraw,
    "transfer": _transfer,
    "price": _price,
    "funding": _funding,
    "settle": _settle,
    "trade": _trade,
    "order": _order,
    "cancel": _cancel,
    "liquidate": _liquidate,
    "deleverage": _deleverage,
    "protect": _protect,
    "depth": _depth,
    "instrument": _instrument,
    "phase": _phase,
    "announce": _announce,
    "fault": _fault,
    "lift": _lift,
}


def _events(operator: Operator) -> Answer:
    shown = list(operator.exchange.truth.events)[-_EVENTS_SHOWN:]
    return {
        "events": [
            event._asdict() | {"quantity": plain(event.quantity), "price": plain(event.price)}
            for event in shown
        ]
    }


_VIEWS: Mapping[str, Callable[[Operator], Answer]] = {
    "state": lambda operator: state(operator.exchange),
    "overview": lambda operator: overview(*operator),
    "log": lambda operator: {"log": [injection(entry) for entry in operator.faults.log]},
    "events": _events,
    "kinds": lambda _operator: {
        "kinds": {kind: trait._asdict() for kind, trait in TRAITS.items()},
        "actions": {name: command.__doc__ for name, command in ACTIONS.items()},
    },
}
