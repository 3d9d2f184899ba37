"""How Deribit states the account, sub-accounts, its log, coins on chains, and that it is locked.

An account has one wallet for each coin: there is nothing to move between wallets. Sub-accounts are
asked for with the key of the main account.
"""

from typing import Any, Final

from hedged.core.access import Access
from hedged.core.decimals import ZERO
from hedged.core.types import Amount, Flow, FlowKind, Maintenance, Margin
from hedged.venue.fields import Row, row_at
from hedged.venue.profiles.chains import ChainForm
from hedged.venue.profiles.profile import Chains, Members, Notices
from hedged.venue.profiles.reads import Log, Read, Store

SUMMARIES: Final = Read(
    "privateGetGetAccountSummaries", ("result", "summaries"), {"extended": "true"}
)
FOREVER_MS: Final = "32503680000000"  # Deribit wants an end to each span
_LOCKED: Final = {"true": True, "false": False}
_COINS: Final = frozenset({"btc", "eth"})  # that have inverse contracts


async def access(client: Any) -> Access:
    """Whose account it is; Deribit tells what a key may do only when it signs in."""
    reply = await client.privateGetGetAccountSummaries({"extended": "true"})
    account = row_at("account", reply, ("result",))
    model = row_at("account", reply, (*SUMMARIES.rows, "0")).optional_text("margin_model")
    mode = "portfolio" if model.endswith("_pm") else "cross"
    return Access(account_id=account.name("id"), margin_mode=mode if model else None)


def margin(summaries: list[Row]) -> Margin | None:
    """How the whole account stands where its coins carry each other; else each stands alone."""
    for row in summaries:
        if row.values.get("cross_collateral_enabled") is True:
            return Margin(
                row.number("total_margin_balance_usd"), row.number("total_maintenance_margin_usd")
            )
    return None


ACCOUNTS: Final = {"sub": (Store(SUMMARIES, "balance", coin="currency"),)}
MEMBERS: Final = Members(
    Read("privateGetGetSubaccounts", ("result",)),
    lambda row: (row.text("username"), row.name("id")),
    "subaccount_id",
)


_CHAIN: Final = ChainForm(
    number="id",
    coin="currency",
    at="created_timestamp",
    tx_id="transaction_id",
    state="state",
    leaving=frozenset({"unconfirmed", "confirmed", "completed"}),
    back=frozenset({"cancelled", "interrupted", "rejected"}),
    credited=frozenset({"completed"}),
)


def _latest(method: str) -> Read:
    """The newest ones, whenever that was."""
    return Read(method, ("result", "data"), {"count": "1000"}, page=1000, span=("", ""))


CHAINS: Final = Chains(
    withdrawals=_latest("privateGetGetWithdrawals"),
    withdrawal=_CHAIN.withdrawal,
    deposits=_latest("privateGetGetDeposits"),
    credited=_CHAIN.deposit,
    coin_param="currency",
)


def _notice(row: Row, venue: str, _world: str) -> Maintenance | None:
    """That trading is locked, in all coins or in those of inverse contracts; no times are told."""
    told = row.values.get("locked")
    locked = told if isinstance(told, bool) else _LOCKED.get(str(told))
    if locked is None:
        if told != "partial":
            raise row.odd("locked", "true, false or partial")
        indices = row.values.get("locked_indices") or row.values.get("locked_currencies")
        if not isinstance(indices, list):
            raise row.odd("locked_indices", "a list")
        locked = any(str(index).lower().partition("_")[0] in _COINS for index in indices)
    if not locked:
        return None
    return Maintenance(venue, "trading is locked", starts_at=None, ends_at=None, lasts=True)


NOTICES: Final = Notices(Read("publicGetStatus", ("result",), one=True), _notice)

_FLOWS: Final = {
    "trade": FlowKind.TRADE,
    "settlement": FlowKind.SETTLEMENT,
    "delivery": FlowKind.SETTLEMENT,
    "deposit": FlowKind.TRANSFER,
    "withdrawal": FlowKind.TRANSFER,
    "transfer": FlowKind.TRANSFER,
    "liquidation": FlowKind.LIQUIDATION,
}


def _flow(row: Row) -> Flow:
    """A line of the transaction log; a settlement brings the funding of its session with it."""
    told = row.text("type")
    return Flow(
        flow_id=row.name("id"),
        kind=_FLOWS.get(told, FlowKind.OTHER),
        change=Amount(row.number("change"), row.text("currency")),
        funding=row.optional("interest_pl") or ZERO,
        fee=row.optional("commission") or ZERO,
        balance=row.optional("balance"),
        at=row.time("timestamp"),
        market=row.optional_text("instrument_name"),
        trade_id=row.optional_text("trade_id"),
        detail=told,
    )


FLOWS: Final = (
    Log(
        Read(
            "privateGetGetTransactionLog",
            ("result", "logs"),
            {"count": "250", "end_timestamp": FOREVER_MS},
            cursor=("result", "continuation"),
            cursor_param="continuation",
        ),
        _flow,
        "currency",
    ),
)
