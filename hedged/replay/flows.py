"""The embedded exchange's account statement as the port tells it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from hedged.core.types import Amount, Flow, FlowKind
from hedged.sim.accounts import StatementLine

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
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
        at=_EPOCH + timedelta(milliseconds=line.at_ms),
        market=fill.symbol if fill else "",
        trade_id=fill.fill_id if fill else "",
        detail=line.kind,
    )
