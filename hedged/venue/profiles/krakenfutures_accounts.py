"""How Kraken Futures states its cash account, the log of all accounts, and announcements.

Coins come from Kraken's spot exchange into the cash account, which is no collateral, and go back
from it: both at once, as between it and the margin account of a coin. A transfer is answered
without a number; the log has it, as a change of the margin account.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from hedged.core.access import Access
from hedged.core.decimals import ZERO, plain
from hedged.core.moves import MoveState, MoveTerms
from hedged.core.types import Amount, Flow, FlowKind, Maintenance, Transfer
from hedged.venue.fields import Row, row_at
from hedged.venue.profiles.krakenfutures_rows import coin
from hedged.venue.profiles.profile import Mover, Moves, Notices
from hedged.venue.profiles.reads import Log, Read, Store

_CASH, _MARGIN = "cash", "margin"
_UNITS: Final = {"BTC": "xbt"}
_FLOWS: Final = {
    "futures trade": FlowKind.TRADE,
    "futures liquidation": FlowKind.LIQUIDATION,
    "futures assignor": FlowKind.LIQUIDATION,
    "futures assignee": FlowKind.LIQUIDATION,
    "futures unwind bankrupt": FlowKind.LIQUIDATION,
    "futures unwind counterparty": FlowKind.ADL,
    "funding rate change": FlowKind.FUNDING,
    "interest payment": FlowKind.INTEREST,
}

ACCOUNTS: Final = {
    "funding": (
        Store(
            Read("privateGetAccounts", ("accounts", _CASH, "balances"), one=True),
            by_coin=True,
            own_name=coin,
        ),
    )
}


async def access(client: Any) -> Access:
    """Whose account it is, as its log says; a margin account carries all positions of its coin.

    What a key may do is not told.
    """
    account = row_at("account", await client.historyGetAccountLog({"count": "1"}), ())
    return Access(account_id=account.text("accountUid"), margin_mode="cross")


def _flow(row: Row) -> Flow | None:
    """A change of a coin; of contracts, and of cash that is no collateral, it is none."""
    market, asset = row.optional_text("contract"), row.text("asset")
    if row.text("margin_account") == _CASH or asset.upper() == market.upper():
        return None
    told = row.text("info")
    kind = FlowKind.TRANSFER if "transfer" in told else _FLOWS.get(told, FlowKind.OTHER)
    return Flow(
        flow_id=row.text("booking_uid"),
        kind=kind,
        change=Amount(row.number("new_balance") - row.number("old_balance"), coin(asset)),
        funding=row.optional("realized_funding") or ZERO,
        fee=row.optional("fee") or ZERO,
        balance=None,  # each margin account has its own
        at=row.moment("date"),
        market=market.upper(),
        trade_id=row.optional_text("execution"),
        detail=told,
    )


_LOG: Final = Read(
    "historyGetAccountLog",
    ("logs",),
    {"count": "500", "sort": "desc"},
    page=500,
    last="id",
    cursor_param="to",
    span=("since", "before"),
)
FLOWS: Final = (Log(_LOG, _flow),)


def _transfer(row: Row, venue: str, _members: Mapping[str, str]) -> Transfer | None:
    """A move between cash and a margin account, by what it changed of the latter."""
    flow = _flow(row)
    if flow is None or flow.kind is not FlowKind.TRANSFER or not flow.change.value:
        return None
    places = (f"{venue}:funding", venue)
    source, destination = places if flow.change.value > 0 else places[::-1]
    return Transfer(
        transfer_id=flow.flow_id,
        quantity=Amount(abs(flow.change.value), flow.change.unit),
        source=source,
        destination=destination,
        started_at=flow.at,
        arrived=True,
    )


def _request(terms: MoveTerms, source: str, target: str) -> dict[str, str]:
    unit = _UNITS.get(terms.quantity.unit, terms.quantity.unit.lower())
    names = {_MARGIN: f"fi_{unit}usd", _CASH: _CASH}
    return {
        "fromAccount": names[source],
        "toAccount": names[target],
        "unit": unit,
        "amount": plain(terms.quantity.value),
    }


def _state(row: Row) -> MoveState:
    """What stands in the log has been done; that it was taken is not known to be done."""
    return MoveState.SENT if "result" in row.values else MoveState.CONFIRMED


MOVES: Final = Moves((_LOG,), (), _transfer)
MOVER: Final = Mover(
    route=("POST", "/derivatives/api/v3/transfer"),
    method="privatePostTransfer",
    wallets={"": _MARGIN, ":funding": _CASH},
    request=_request,
    reply=(),
    state=_state,
    look_up=_LOG,
    rejections=frozenset({"invalidAccount", "invalidAmount", "invalidUnit"}),
)


def _notice(row: Row, venue: str, _world: str) -> Maintenance | None:
    """An announcement with a downtime; any other stops nothing."""
    minutes = row.optional("expectedDowntimeMinutes")
    if not minutes:
        return None
    begins_at = row.moment("effectiveTime")
    return Maintenance(
        venue=venue,
        title=row.optional_text("note"),
        starts_at=begins_at,
        ends_at=begins_at + timedelta(minutes=int(minutes)),
        lasts=False,
    )


NOTICES: Final = Notices(Read("privateGetNotifications", ("notifications",)), _notice)
