"""What an exchange looks like from above: markets, books, accounts, and what arrived lately.

Everything is plain JSON: amounts as decimal texts, times in milliseconds, secrets left out.
"""

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from hedged.sim.accounts import Account
from hedged.sim.decimals import plain
from hedged.sim.exchange import Exchange
from hedged.sim.faults import FaultPlan, Injection
from hedged.sim.faults.plan import Rule
from hedged.sim.market import Market
from hedged.sim.orders import Side

Object = dict[str, object]

_LEVELS, _RECENT = 8, 50


class Request(NamedTuple):
    """A line of the request log; `code` is the venue's return code (admin: the status)."""

    at_ms: int
    method: str
    path: str
    account: str
    code: int


def state(exchange: Exchange) -> Object:
    """Return prices, markets and accounts."""
    return {
        "now_ms": exchange.now_ms,
        "prices": {coin: plain(price) for coin, price in exchange.prices.items()},
        "markets": {key: _market(market) for key, market in exchange.markets.items()},
        "accounts": {
            name: _account(exchange, account) for name, account in exchange.accounts.items()
        },
    }


def overview(exchange: Exchange, plan: FaultPlan, requests: Iterable[Request]) -> Object:
    """Return the state with books, the latest requests and the faults: what the page shows."""
    return state(exchange) | {
        "books": {key: _book(market) for key, market in exchange.markets.items()},
        "requests": [request._asdict() for request in _newest(requests)],
        "faults": faults(plan),
    }


def faults(plan: FaultPlan) -> Object:
    """Return the faults in force, and those that struck lately, newest first."""
    return {
        "rules": [_rule(rule) for rule in plan.rules],
        "log": [injection(entry) for entry in islice(reversed(plan.log), _RECENT)],
    }


def injection(entry: Injection) -> Object:
    """Return one entry of the log of faults."""
    return {
        "at_ms": entry.at_ms,
        "fault": entry.fault,
        "kind": entry.kind,
        "method": entry.method,
        "path": entry.path,
        "account": entry.account,
        "request": entry.request,
        "reached": entry.reached,
        "code": entry.code,
        "order_id": entry.order_id,
    }


def _newest(requests: Iterable[Request]) -> list[Request]:
    return list(reversed(list(requests)[-_RECENT:]))


def _rule(rule: Rule) -> Object:
    fault = rule.fault
    return {
        "number": rule.number,
        "kind": fault.kind,
        "meaning": fault.trait.meaning,
        "method": fault.method or fault.trait.method,
        "path": fault.path or " ".join(fault.trait.purposes),
        "struck": rule.struck,
        "times": fault.limit,
        "accepted": fault.is_accepted,
    }


def _market(market: Market) -> Object:
    return {
        "symbol": market.instrument.symbol,
        "kind": market.instrument.kind,
        "mark": plain(market.mark),
        "last": plain(market.last),
        "funding_rate": plain(market.funding_rate),
        "next_funding_ms": market.next_funding_ms,
    }


def _book(market: Market) -> Object:
    def side(which: Side) -> list[list[str]]:
        levels = market.book.levels(which, _LEVELS)
        return [[plain(price), plain(quantity)] for price, quantity in levels]

    return {"bids": side(Side.BUY), "asks": side(Side.SELL)}


def _account(exchange: Exchange, account: Account) -> Object:
    figures = exchange.margin.figures(account)
    return {
        "equity_usd": plain(figures.equity),
        "initial_margin_usd": plain(figures.initial_margin),
        "maintenance_margin_usd": plain(figures.maintenance_margin),
        "coins": {
            coin.coin: {
                "balance": plain(coin.balance),
                "unrealised": plain(coin.unrealised),
                "equity": plain(coin.equity),
            }
            for coin in figures.coins
        },
        "positions": {
            key if not index else f"{key}:{index}": {
                "quantity": plain(position.quantity),
                "entry_price": plain(position.entry_price),
            }
            for (key, index), position in account.positions.items()
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
