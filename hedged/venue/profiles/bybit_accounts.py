"""How Bybit v5 states accounts beside the trading one, transfers, and the transaction log.

Its names of coins are the same in all of them: what earns is listed under its own coin.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from hedged.core.access import Access
from hedged.core.decimals import ZERO, plain
from hedged.core.moves import MoveState, MoveTerms
from hedged.core.types import Amount, Flow, FlowKind, Transfer
from hedged.ports import VenueRefused, VenueUnavailable
from hedged.venue.fields import EPOCH, Row, row_at
from hedged.venue.profiles.chains import ChainForm
from hedged.venue.profiles.profile import Chains, Members, Mover, Moves
from hedged.venue.profiles.reads import Read, Store

_BALANCES: Final = "privateGetV5AssetTransferQueryAccountCoinsBalance"
_NAMES: Final = {"UNIFIED": "", "FUND": ":funding"}
_WALLETS: Final = {place: kind for kind, place in _NAMES.items()}
_CURSOR: Final = ("result", "nextPageCursor")
_MARGIN_MODES: Final = {
    "REGULAR_MARGIN": "cross",
    "ISOLATED_MARGIN": "isolated",
    "PORTFOLIO_MARGIN": "portfolio",
}
_CHAIN: Final = ChainForm(
    number="withdrawId",
    address="toAddress",
    tx_id="txID",
    at="createTime",
    # "success" says that they have left, not that they came.
    leaving=frozenset(
        {"SecurityCheck", "Pending", "success", "BlockchainConfirmed", "MoreInformationRequired"}
    ),
    back=frozenset({"CancelByUser", "Reject", "Fail"}),
    credited=frozenset({"3"}),
)
_UNIFIED: Final = frozenset({5, 6})  # account states in which inverse contracts share the wallet
_DUST: Final = Decimal("0.0000001")  # coins; each figure is rounded to eight decimals


def _balances(wallet: str) -> Store:
    read = Read(_BALANCES, ("result", "balance"), {"accountType": wallet})
    return Store(read, amount="walletBalance", coins_param="coin")


def _earning(category: str) -> Store:
    read = Read("privateGetV5EarnPosition", ("result", "list"), {"category": category})
    return Store(read, amount="amount")


ACCOUNTS: Final[Mapping[str, tuple[Store, ...]]] = {
    "funding": (_balances("FUND"),),
    "earn": (_earning("FlexibleSaving"), _earning("OnChain")),
    "sub": (_balances("UNIFIED"), _balances("FUND")),
}
ADVICE: Final = (
    "it needs the permission Assets (Account Transfer), and sub-accounts a key of the main account"
)


async def access(client: Any) -> Access:
    """The key and its account: sub-accounts have their own; demo trading tells of neither.

    ccxt's own question after the kind of account takes a reply without an answer for one.
    """
    if client.options.get("enableDemoTrading"):
        return Access()
    key = row_at("api key", await client.privateGetV5UserQueryApi(), ("result",))
    account = row_at("account", await client.privateGetV5AccountInfo(), ("result",))
    is_unified, status = key.number("uta") == 1, account.number("unifiedMarginStatus")
    if not is_unified or status not in _UNIFIED:
        raise VenueRefused(
            "the account is not a unified trading account 2.0; upgrade it in Bybit's account page"
        )
    # ccxt finds its answer here: no order has to wait while it asks.
    client.options |= {
        "enableUnifiedMargin": False,
        "enableUnifiedAccount": True,
        "unifiedMarginStatus": int(status),
    }
    may_trade, may_withdraw, may_transfer = _rights(key)
    ips = key.values.get("ips")
    return Access(
        account_id=str(key.whole("userID")),
        may_trade=may_trade,
        may_withdraw=may_withdraw,
        may_transfer=may_transfer,
        is_bound="*" not in ips if isinstance(ips, list) and ips else None,
        expires_at=_expiry(key),
        margin_mode=_MARGIN_MODES.get(account.optional_text("marginMode")),
    )


def _rights(key: Row) -> tuple[bool | None, bool | None, bool | None]:
    """Whether it may trade derivatives, withdraw, and transfer; a key that only reads does none."""
    if key.optional("readOnly") == 1:
        return False, False, False
    groups = key.values.get("permissions")
    wanted = ("ContractTrade", "Derivatives", "Wallet")
    if not isinstance(groups, dict) or not all(isinstance(groups.get(g), list) for g in wanted):
        return None, None, None
    may_trade, wallet = bool(groups["ContractTrade"] or groups["Derivatives"]), groups["Wallet"]
    return may_trade, "Withdraw" in wallet, "AccountTransfer" in wallet


def _expiry(key: Row) -> datetime | None:
    """A key that never expires does so in 1970."""
    text = key.optional_text("expiredAt")
    try:
        expires_at = datetime.fromisoformat(text) if text else EPOCH
    except ValueError:
        raise key.odd("expiredAt", "a time") from None
    return expires_at if expires_at.astimezone(UTC) > EPOCH else None


_FLOWS: Final = {
    "TRADE": FlowKind.TRADE,
    "SETTLEMENT": FlowKind.FUNDING,
    "DELIVERY": FlowKind.SETTLEMENT,
    "LIQUIDATION": FlowKind.LIQUIDATION,
    "ADL": FlowKind.ADL,
    "INTEREST": FlowKind.INTEREST,
    **dict.fromkeys(("TRANSFER_IN", "TRANSFER_OUT"), FlowKind.TRANSFER),
}


def member(row: Row) -> tuple[str, str]:
    """Name and number of a sub-account."""
    return row.text("username"), str(row.whole("uid"))


def transfer(row: Row, venue: str, members: Mapping[str, str]) -> Transfer:
    """A move between accounts. `members`: our names of sub-accounts by number."""
    status = row.text("status")
    if status not in {"SUCCESS", "PENDING", "STATUS_UNKNOWN", "FAILED"}:
        raise row.odd("status", "a known status")
    return Transfer(
        transfer_id=row.text("transferId"),
        quantity=Amount(row.positive("amount"), row.text("coin")),
        source=_place(row, "from", venue, members),
        destination=_place(row, "to", venue, members),
        started_at=row.time("timestamp"),
        arrived=status in {"SUCCESS", "FAILED"},
    )


def _place(row: Row, end: str, venue: str, members: Mapping[str, str]) -> str:
    number = row.optional_text(f"{end}MemberId")
    kind = row.text(f"{end}AccountType")
    return members.get(number) or f"{venue}{_NAMES.get(kind, f':{kind.lower()}')}"


def flow(row: Row) -> Flow:
    """A line of the transaction log: change = cashFlow + funding - fee."""
    told, funding = row.text("type"), row.optional("funding") or ZERO
    kind = _FLOWS.get(told, FlowKind.OTHER)
    if kind is FlowKind.FUNDING and not funding:
        kind = FlowKind.SETTLEMENT  # a session's profit has the same name
    change, fee = row.number("change"), row.optional("fee") or ZERO
    given = row.number("cashFlow") + funding - fee
    if abs(change - given) > _DUST:
        raise VenueUnavailable(
            f"{row.what}: change is {plain(change)}, its parts give {plain(given)}"
        )
    return Flow(
        flow_id=row.text("id"),
        kind=kind,
        change=Amount(change, row.text("currency")),
        funding=funding,
        fee=fee,
        balance=row.optional("cashBalance"),
        at=row.time("transactionTime"),
        market=row.optional_text("symbol"),
        trade_id=row.optional_text("tradeId"),
        detail=told,
        is_spot=row.optional_text("category") == "spot",
    )


_TRANSFERS: Final = Read(
    "privateGetV5AssetTransferQueryInterTransferList",
    ("result", "list"),
    {"limit": "50"},
    cursor=_CURSOR,
)
MEMBERS: Final = Members(
    Read("privateGetV5UserQuerySubMembers", ("result", "subMembers")), member, "memberId"
)
MOVES: Final = Moves(
    (_TRANSFERS,),
    (replace(_TRANSFERS, method="privateGetV5AssetTransferQueryUniversalTransferList"),),
    transfer,
)
CHAINS: Final = Chains(
    withdrawals=Read(
        "privateGetV5AssetWithdrawQueryRecord",
        ("result", "rows"),
        {"withdrawType": "2", "limit": "50"},  # on a chain, and to other customers
        cursor=_CURSOR,
    ),
    withdrawal=_CHAIN.withdrawal,
    deposits=Read(
        "privateGetV5AssetDepositQueryRecord", ("result", "rows"), {"limit": "50"}, cursor=_CURSOR
    ),
    credited=_CHAIN.deposit,
)


def _request(terms: MoveTerms, source: str, target: str) -> dict[str, str]:
    return {
        "coin": terms.quantity.unit,
        "amount": plain(terms.quantity.value),
        "fromAccountType": source,
        "toAccountType": target,
    }


_STATES: Final = {
    "SUCCESS": MoveState.CONFIRMED,
    "FAILED": MoveState.REFUSED,
    "PENDING": MoveState.SENT,
    "STATUS_UNKNOWN": MoveState.SENT,
}


def _state(row: Row) -> MoveState:
    state = _STATES.get(row.text("status"))
    if state is None:
        raise row.odd("status", "a known status")
    return state


# Left out on purpose: 131200 and 131201 (service error), 131214 (the transfer exists).
_NOT_MOVED: Final = (
    "131202 131203 131204 131206 131207 131208 131210 131211 131212 131213 131215 131217 131227 "
    "131228"
)
MOVER: Final = Mover(
    route=("POST", "/v5/asset/transfer/inter-transfer"),
    method="privatePostV5AssetTransferInterTransfer",
    wallets=_WALLETS,
    request=_request,
    reply=("result",),
    state=_state,
    look_up=replace(_TRANSFERS, params={}),
    id_param="transferId",
    rejections=frozenset(_NOT_MOVED.split()),
)
