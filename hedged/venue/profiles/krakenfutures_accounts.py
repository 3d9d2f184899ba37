"""How Kraken Futures states its cash account, the log of all accounts, and announcements.

Coins come from Kraken's spot exchange into the cash account, which is no collateral, and go back
from it: both at once. A transfer has no id of ours, so that one whose answer is lost could not be
found again: hedged makes none.
"""

from datetime import timedelta
from typing import Any, Final

from hedged.core.access import Access
from hedged.core.decimals import ZERO
from hedged.core.types import Amount, Flow, FlowKind, Maintenance
from hedged.venue.fields import Row, row_at
from hedged.venue.profiles.krakenfutures_rows import coin
from hedged.venue.profiles.profile import Notices
from hedged.venue.profiles.reads import Log, Read, Store

_CASH: Final = "cash"
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


FLOWS: Final = (
    Log(
        Read(
            "historyGetAccountLog",
            ("logs",),
            {"count": "500", "sort": "desc"},
            page=500,
            last="id",
            cursor_param="to",
            span=("since", "before"),
        ),
        _flow,
    ),
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
