"""How OKX v5 states accounts beside the trading one, transfers, withdrawals, bills and maintenance.

Coins move between the funding and the trading account of one owner at once: none are ever on their
way, so no list of such moves is read. Coins on a chain come to the funding account and leave it.
"""

from typing import Any, Final

from hedged.core.access import Access
from hedged.core.decimals import ZERO, plain
from hedged.core.moves import MoveState, MoveTerms
from hedged.core.types import Amount, Flow, FlowKind, Maintenance
from hedged.ports import VenueRefused
from hedged.venue.fields import Row, row_at
from hedged.venue.profiles.chains import ChainForm
from hedged.venue.profiles.profile import Chains, Members, Mover, Notices
from hedged.venue.profiles.reads import Read, Store

_DATA: Final = ("data",)
_SPOT_MODE, _PORTFOLIO = "1", "4"  # account modes

ACCOUNTS: Final = {
    "funding": (Store(Read("privateGetAssetBalances", _DATA), "bal", coin="ccy"),),
    "earn": (Store(Read("privateGetFinanceSavingsBalance", _DATA), "amt", coin="ccy"),),
    # Cash without the profit of positions, and what lies in the funding account of the same owner.
    "sub": (
        Store(
            Read("privateGetAccountSubaccountBalances", ("data", "0", "details")),
            "cashBal",
            coin="ccy",
        ),
        Store(Read("privateGetAssetSubaccountBalances", _DATA), "bal", coin="ccy"),
    ),
}
MEMBERS: Final = Members(
    Read("privateGetUsersSubaccountList", _DATA),
    lambda row: (row.text("subAcct"), row.text("subAcct")),
    "subAcct",
)


async def access(client: Any) -> Access:
    """The key and its account; refuses the account mode in which there are no contracts."""
    row = row_at("account", await client.privateGetAccountConfig(), ("data", "0"))
    if row.text("acctLv") == _SPOT_MODE:
        raise VenueRefused(
            "the account is in Spot mode; choose Futures mode (or higher) in OKX's account settings"
        )
    rights = row.text("perm").split(",")
    return Access(
        account_id=row.text("uid"),
        may_trade="trade" in rights,
        may_withdraw="withdraw" in rights,
        may_transfer="trade" in rights,
        is_bound=bool(row.optional_text("ip")),
        margin_mode="portfolio" if row.text("acctLv") == _PORTFOLIO else "cross",
    )


_FLOWS: Final = {
    "1": FlowKind.TRANSFER,
    "2": FlowKind.TRADE,
    "3": FlowKind.SETTLEMENT,
    "5": FlowKind.LIQUIDATION,
    "7": FlowKind.INTEREST,
    "8": FlowKind.FUNDING,
    "9": FlowKind.ADL,
}


def flow(row: Row) -> Flow:
    """A bill: the change of one coin's balance, fee taken off."""
    told = row.text("type")
    kind = _FLOWS.get(told, FlowKind.OTHER)
    change = row.number("balChg")
    return Flow(
        flow_id=row.text("billId"),
        kind=kind,
        change=Amount(change, row.text("ccy")),
        funding=change if kind is FlowKind.FUNDING else ZERO,
        fee=-(row.optional("fee") or ZERO),
        balance=row.optional("bal"),
        at=row.time("ts"),
        market=row.optional_text("instId"),
        trade_id=row.text("billId") if row.optional_text("tradeId") else "",
        detail=f"{told}/{row.optional_text('subType')}",
    )


_STATES: Final = {
    "success": MoveState.CONFIRMED,
    "failed": MoveState.REFUSED,
    "pending": MoveState.SENT,
}


def _request(terms: MoveTerms, source: str, target: str) -> dict[str, str]:
    return {
        "ccy": terms.quantity.unit,
        "amt": plain(terms.quantity.value),
        "from": source,
        "to": target,
        "type": "0",  # within the account
    }


def _state(row: Row) -> MoveState:
    """How far a transfer is: an acknowledgement says no more than that it was taken."""
    if "state" not in row.values:
        row.text("transId")
        return MoveState.SENT
    state = _STATES.get(row.text("state"))
    if state is None:
        raise row.odd("state", "a known state")
    return state


# Left out on purpose: 58007 (assets cannot be read now), 58112 (failed, to be tried again).
_NOT_MOVED: Final = (
    "58000 58004 58100 58101 58102 58103 58104 58105 58106 58107 58108 58109 58110 58111 58114 "
    "58115 58116 58117 58125 58126 58127 58128 58350"
)
MOVER: Final = Mover(
    route=("POST", "/api/v5/asset/transfer"),
    method="privatePostAssetTransfer",
    wallets={"": "18", ":funding": "6"},
    request=_request,
    reply=("data", "0"),
    state=_state,
    look_up=Read("privateGetAssetTransferState", _DATA, {"type": "0"}),
    id_param="clientId",
    own_id=lambda transfer_id: transfer_id.replace("-", ""),  # at most 32 letters and digits
    rejections=frozenset(_NOT_MOVED.split()),
)

_CHAIN: Final = ChainForm(
    number="wdId",
    amount="amt",
    coin="ccy",
    address="to",
    at="ts",
    state="state",
    leaving=frozenset(map(str, (-3, 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 17))),
    back=frozenset({"-1", "-2"}),  # failed, cancelled
    source=lambda _: ":funding",
    credited=frozenset({"1", "2"}),  # of which only the latter may be withdrawn again
)


def _history(method: str) -> Read:
    # `before` a time is what is newer than it: pages are counted from the newest.
    return Read(method, _DATA, {"limit": "100"}, page=100, span=("before", "after"))


CHAINS: Final = Chains(
    withdrawals=_history("privateGetAssetWithdrawalHistory"),
    withdrawal=_CHAIN.withdrawal,
    deposits=_history("privateGetAssetDepositHistory"),
    credited=_CHAIN.deposit,
    into=":funding",
)

_ELSEWHERE: Final = frozenset({"0", "6", "7"})  # services: websockets, spreads, copied trades
_LASTING: Final = frozenset({"ongoing", "pre_open"})


def _notice(row: Row, venue: str, world: str) -> Maintenance | None:
    """An announcement; one of other services, or of the other environment, is none."""
    state, service = row.text("state"), row.text("serviceType")
    is_elsewhere = {"mainnet": "2", "testnet": "1"}.get(world) == row.optional_text("env")
    if state not in {"scheduled", *_LASTING} or service in _ELSEWHERE or is_elsewhere:
        return None
    return Maintenance(
        venue=venue,
        title=row.optional_text("title"),
        starts_at=row.time("begin"),
        ends_at=row.time("end") if row.optional("end") else None,
        lasts=state in _LASTING,
    )


# Asked for every few minutes; ccxt's weight of it is more than its limiter can ever let pass.
REQUESTS: Final = {"system_status": ("system/status", "public", "GET")}
NOTICES: Final = Notices(Read("system_status", _DATA), _notice)
