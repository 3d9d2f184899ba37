"""The embedded exchange's records as the port tells them: orders, fills, account statement."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from hedged.core.types import Amount, Flow, FlowKind, Maintenance, Transfer
from hedged.core.types import Side as CoreSide
from hedged.ports import (
    NO_LIQUIDITY,
    REDUCE_ONLY,
    WOULD_TAKE,
    Fill,
    FillKind,
    OrderReport,
    OrderStatus,
)
from hedged.replay.listing import unified_symbol
from hedged.sim import orders as sim
from hedged.sim.accounts import Sending, StatementLine
from hedged.sim.accounts import Transfer as Moved
from hedged.sim.market import Notice
from hedged.sim.orders import Ending, Execution

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_SIDES: Final = {sim.Side.BUY: CoreSide.BUY, sim.Side.SELL: CoreSide.SELL}
_REASONS: Final[Mapping[Ending, str]] = {
    Ending.NONE: "",
    Ending.BY_USER: "",
    Ending.WOULD_TAKE: WOULD_TAKE,
    Ending.NO_LIQUIDITY: NO_LIQUIDITY,
    Ending.REDUCE_ONLY: REDUCE_ONLY,
}
# The settlement of a session leaves the position as it is: it is no fill.
FILLS: Final[Mapping[Execution, FillKind]] = {
    Execution.TRADE: FillKind.TRADE,
    Execution.FUNDING: FillKind.FUNDING,
    Execution.LIQUIDATION: FillKind.LIQUIDATION,
    Execution.DELEVERAGING: FillKind.ADL,
    Execution.DELIVERY: FillKind.SETTLEMENT,
}
_KINDS: Final[Mapping[str, FlowKind]] = {
    "TRADE": FlowKind.TRADE,
    "SETTLEMENT": FlowKind.SETTLEMENT,
    "DELIVERY": FlowKind.SETTLEMENT,
    "LIQUIDATION": FlowKind.LIQUIDATION,
    "ADL": FlowKind.ADL,
    "INTEREST": FlowKind.INTEREST,
    "TRANSFER_IN": FlowKind.TRANSFER,
    "TRANSFER_OUT": FlowKind.TRANSFER,
}


def time_of(at_ms: int) -> datetime:
    """A moment of the exchange's clock."""
    return EPOCH + timedelta(milliseconds=at_ms)


def ms_of(at: datetime) -> int:
    """The same moment on the exchange's clock."""
    return (at - EPOCH) // _MILLISECOND


def flow_of(line: StatementLine, owner: int) -> Flow:
    """One line; `owner` is the number of its account."""
    fill = line.fill
    return Flow(
        flow_id=f"{owner}_{line.coin}_{line.line}",
        kind=FlowKind.FUNDING if line.funding else _KINDS[line.kind],
        change=Amount(line.change, line.coin),
        funding=line.funding,
        fee=line.fee,
        balance=line.balance,
        at=time_of(line.at_ms),
        market=fill.symbol if fill else "",
        trade_id=fill.fill_id if fill else "",
        detail=line.kind,
        symbol=unified_symbol(fill.instrument) if fill and not fill.instrument.is_spot else "",
        is_spot=fill is not None and fill.instrument.is_spot,
    )


def report_of(order: sim.Order) -> OrderReport:
    """An order of any state."""
    is_open = order.status.is_open
    return OrderReport(
        client_id=order.link_id,
        venue_id=order.order_id,
        symbol=unified_symbol(order.instrument),
        side=_SIDES[order.side],
        contracts=order.quantity,
        filled=order.filled,
        average=order.average_price if order.filled else None,
        limit_price=None if order.request.price is None else order.price,
        status=OrderStatus.WORKING if is_open else OrderStatus.DONE,
        reduce_only=order.request.reduce_only,
        created_at=time_of(order.created_ms),
        reason=_REASONS.get(order.ending, order.ending.value),
    )


def fill_of(fill: sim.Fill) -> Fill:
    """An execution that changes a position, or funding."""
    return Fill(
        trade_id=fill.fill_id,
        client_id=fill.link_id,
        venue_id=fill.order_id,
        symbol=unified_symbol(fill.instrument),
        side=_SIDES[fill.side],
        contracts=fill.quantity,
        price=fill.price,
        fee=Amount(fill.fee, fill.fee_coin),
        is_maker=fill.is_maker,
        at=time_of(fill.at_ms),
        kind=FILLS[fill.kind],
    )


def withdrawal_of(sent: Sending, venue: str) -> Transfer:
    """Coins sent over a chain."""
    return Transfer(
        transfer_id=f"withdrawal {sent.number}",
        quantity=Amount(sent.amount, sent.coin),
        source=venue,
        destination=sent.address,
        started_at=time_of(sent.at_ms),
        tx_id=sent.tx_id,
    )


def maintenance_of(notices: Iterable[Notice], venue: str, now_ms: int) -> tuple[Maintenance, ...]:
    """What is announced, and not over."""
    return tuple(
        Maintenance(
            venue=venue,
            title=notice.title,
            starts_at=time_of(notice.begins_ms),
            ends_at=time_of(notice.ends_ms),
            lasts=notice.begins_ms <= now_ms,
        )
        for notice in notices
        if notice.ends_ms > now_ms
    )


def transfer_of(moved: Moved, source: str, destination: str, now_ms: int) -> Transfer:
    """A move between accounts; the names of both are the port's."""
    return Transfer(
        transfer_id=moved.transfer_id,
        quantity=Amount(moved.amount, moved.coin),
        source=source,
        destination=destination,
        started_at=time_of(moved.at_ms),
        arrived=moved.arrives_ms <= now_ms,
    )
