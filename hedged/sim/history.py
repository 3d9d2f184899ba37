"""Forgetting old records, so that a replay of years fits into memory.

Records are cut to size only when they have doubled, so that it costs little.
"""

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from hedged.sim.exchange import Exchange


Record = TypeVar("Record")


def forget(exchange: "Exchange", kept: int) -> None:
    """Keep the newest lines of every record, and the newest ended orders."""
    _cut(exchange.truth.events, kept)
    _cut(exchange.ledger.postings, kept)
    for market in exchange.markets.values():
        _cut(market.funding_stamps, kept)
    for account in exchange.accounts.values():
        _cut(account.fills, kept)
        _cut(account.statement, kept)
        _cut(account.withdrawals, kept)
        _cut(account.deposits, kept)
        if len(account.orders) > 2 * kept:
            ended = [order for order in account.orders.values() if not order.status.is_open]
            for order in ended[: len(account.orders) - kept]:
                del account.orders[order.order_id]
                if account.orders_by_link.get(order.link_id) is order:
                    del account.orders_by_link[order.link_id]
        for transfer_id in list(account.transfers)[: max(0, len(account.transfers) - kept)]:
            del account.transfers[transfer_id]


def _cut(lines: list[Record], kept: int) -> None:
    if len(lines) > 2 * kept:
        del lines[:-kept]
