"""How Binance states the key, the wallets beside COIN-M and what moves between them: /sapi."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations
from typing import Any, Final

from hedged.core.access import Access
from hedged.core.decimals import plain
from hedged.core.moves import MoveState, MoveTerms
from hedged.core.types import Amount, Maintenance, Transfer
from hedged.venue.fields import Row, row_at
from hedged.venue.profiles.chains import ChainForm
from hedged.venue.profiles.forms import meant
from hedged.venue.profiles.profile import Chains, Members, Mover, Moves, Notices
from hedged.venue.profiles.reads import Read, Store, routes

_READS: Final = (
    "account/apiRestrictions simple-earn/flexible/position simple-earn/locked/position "
    "asset/transfer system/status capital/withdraw/history capital/deposit/hisrec "
    "sub-account/list sub-account/universalTransfer"
)
ROUTES: Final = (
    routes("GET", "/sapi/v1/", _READS)
    | routes("GET", "/sapi/v4/", "sub-account/assets")
    | routes("POST", "/sapi/v1/asset/", "get-funding-asset")  # reads, although it is a POST
)
ADVICE: Final = "it needs the permission Enable Reading, and sub-accounts a key of the main account"


def _earning(method: str, amount: str) -> Store:
    return Store(Read(method, ("rows",), {"size": "100"}, page=100), amount, coin="asset")


ACCOUNTS: Final = {
    "spot": (Store(Read("privateGetAccount", ("balances",)), ("free", "locked"), coin="asset"),),
    "funding": (
        Store(
            Read("sapiPostAssetGetFundingAsset", ()),
            ("free", "locked", "freeze"),  # what is being withdrawn is on its way
            coin="asset",
        ),
    ),
    "earn": (
        _earning("sapiGetSimpleEarnFlexiblePosition", "totalAmount"),
        _earning("sapiGetSimpleEarnLockedPosition", "amount"),
    ),
    "sub": (
        Store(
            Read("sapiV4GetSubAccountAssets", ("balances",)),
            ("free", "locked", "freeze"),
            coin="asset",
        ),
    ),
}


def notice(row: Row, venue: str, _world: str) -> Maintenance | None:
    """Maintenance that is under way: Binance tells of none ahead here, nor of an end."""
    state = row.unsigned("status")
    if state not in {0, 1}:
        raise row.odd("status", "0 or 1")
    title = row.text("msg")
    return Maintenance(venue, title, starts_at=None, ends_at=None, lasts=True) if state else None


NOTICES: Final = Notices(Read("sapiGetSystemStatus", (), one=True), notice)


async def access(client: Any) -> Access:
    """The key and its account; demo trading tells of the account alone."""
    spot = row_at("account", await client.privateGetAccount(), ())
    if client.options.get("enableDemoTrading"):
        return Access(account_id=str(spot.whole("uid")))
    key = row_at("api key", await client.sapiGetAccountApiRestrictions(), ())
    return Access(
        account_id=str(spot.whole("uid")),
        may_trade=key.flag("enableFutures"),
        may_withdraw=key.flag("enableWithdrawals"),
        may_transfer=key.flag("permitsUniversalTransfer"),
        is_bound=key.flag("ipRestrict"),
    )


# Of the fee, which goes with what is sent, nothing comes.
_CHAIN: Final = ChainForm(
    number="id",
    at="applyTime",
    time=Row.utc,
    leaving=frozenset({"0", "2", "4", "6"}),  # waits for the owner, the venue, is processed, left
    back=frozenset({"1", "3", "5"}),  # cancelled, rejected, failed
    source=lambda row: meant(row, "walletType", {"0": ":spot", "1": ":funding"}),
    credited=frozenset({"1", "6"}),  # they count; one of them may not be withdrawn yet
)
CHAINS: Final = Chains(
    withdrawals=Read("sapiGetCapitalWithdrawHistory", (), {"limit": "1000"}, page=1000),
    withdrawal=_CHAIN.withdrawal,
    deposits=Read("sapiGetCapitalDepositHisrec", (), {"limit": "1000"}, page=1000),
    credited=_CHAIN.deposit,
    into=":spot",
    a_minute=10,  # each of the 18,000 weights counts: 180,000 are allowed
)


def transfer(row: Row, venue: str, members: Mapping[str, str]) -> Transfer:
    """A move between two wallets of the account, or to and from those of a sub-account."""
    if "fromEmail" in row.values:
        return _of_member(row, venue, members)
    status, (source, _, destination) = row.text("status"), row.text("type").partition("_")
    if not {source, destination} <= _WALLETS.keys():
        raise row.odd("type", "a known pair of wallets")
    if status not in {"CONFIRMED", "PENDING", "FAILED"}:
        raise row.odd("status", "a known status")
    return Transfer(
        transfer_id=row.name("tranId"),
        quantity=Amount(row.positive("amount"), row.text("asset")),
        source=f"{venue}{_WALLETS[source]}",
        destination=f"{venue}{_WALLETS[destination]}",
        started_at=row.time("timestamp"),
        arrived=status != "PENDING",
    )


def _of_member(row: Row, venue: str, members: Mapping[str, str]) -> Transfer:
    status = row.text("status")
    if status not in {"SUCCESS", "PROCESS", "FAILURE"}:
        raise row.odd("status", "a known status")
    return Transfer(
        transfer_id=row.name("tranId"),
        quantity=Amount(row.positive("amount"), row.text("asset")),
        source=_place(row, "from", venue, members),
        destination=_place(row, "to", venue, members),
        started_at=row.time("createTimeStamp"),
        arrived=status != "PROCESS",
    )


def _place(row: Row, end: str, venue: str, members: Mapping[str, str]) -> str:
    """Of a sub-account the spot wallet counts, and no other one."""
    member, kind = members.get(row.text(f"{end}Email")), row.text(f"{end}AccountType")
    beside = f":{kind.lower()}"
    if member is not None:
        return member if kind == "SPOT" else f"{member}{beside}"
    return f"{venue}{_KINDS.get(kind, beside)}"


_KINDS: Final = {"SPOT": ":spot", "COIN_FUTURE": ""}  # as transfers of sub-accounts say it
_WALLETS: Final = {"CMFUTURE": "", "MAIN": ":spot", "FUNDING": ":funding"}
_TRANSFERS: Final = Read(
    "sapiGetAssetTransfer",
    ("rows",),
    {"size": "100"},
    or_none=True,  # where there are none, their list is left out
    page=100,
)


def _kind(source: str, target: str) -> dict[str, str]:
    return {"type": f"{source}_{target}"}


MOVES: Final = Moves(
    tuple(
        replace(_TRANSFERS, params={**_TRANSFERS.params, **_kind(source, target)})
        for source, target in permutations(_WALLETS, 2)
    ),
    (Read("sapiGetSubAccountUniversalTransfer", ("result",), {"limit": "500"}, page=500),),
    transfer,
    member_param="fromEmail",  # without it, those that the main account sent are told
)
MEMBERS: Final = Members(
    Read("sapiGetSubAccountList", ("subAccounts",), {"limit": "200"}, page=200),
    lambda row: (row.text("email"), row.text("email")),
    "email",
)


def _request(terms: MoveTerms, source: str, target: str) -> dict[str, str]:
    quantity = terms.quantity
    return _kind(source, target) | {"asset": quantity.unit, "amount": plain(quantity.value)}


_STATES: Final = {
    "CONFIRMED": MoveState.CONFIRMED,
    "FAILED": MoveState.REFUSED,
    "PENDING": MoveState.SENT,
    "": MoveState.SENT,  # a reply tells the number alone
}


def _state(row: Row) -> MoveState:
    state = _STATES.get(row.optional_text("status"))
    if state is None:
        raise row.odd("status", "a known status")
    return state


# Left out on purpose: -5010 (it failed, of what is not said), -5012 (it is pending).
MOVER: Final = Mover(
    route=("POST", "/sapi/v1/asset/transfer"),
    method="sapiPostAssetTransfer",
    wallets={place: name for name, place in _WALLETS.items()},
    request=_request,
    reply=(),
    state=_state,
    look_up=_TRANSFERS,
    number="tranId",
    alike=_kind,
    rejections=frozenset(["-5001", "-5002", "-5003", "-5007", "-5009", "-5011", "-5013"]),
)
