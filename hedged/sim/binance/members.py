"""The sub-accounts, as their main account sees them: /sapi/…/sub-account."""

from collections.abc import Mapping

from hedged.sim.accounts import Account, Transfer, Wallet, sub_accounts
from hedged.sim.binance.errors import BinanceError, missing
from hedged.sim.binance.parameters import Parameters
from hedged.sim.binance.rows import Row
from hedged.sim.decimals import plain
from hedged.sim.exchange import Exchange

_KINDS: Mapping[Wallet, str] = {Wallet.SPOT: "SPOT", Wallet.COIN_M: "COIN_FUTURE"}


def email(account: Account) -> str:
    """Return what an account is called."""
    return f"{account.name}@example.com"


def _owned(exchange: Exchange, account: Account) -> list[Account]:
    """Return the sub-accounts, which their main account alone is told of."""
    if account.parent:
        raise BinanceError(-1002, "You are not authorized to execute this request.")
    return sub_accounts(exchange.accounts, account)


def _named(exchange: Exchange, account: Account, name: str) -> Account:
    for own in _owned(exchange, account):
        if email(own) == name:
            return own
    raise missing("email")


def members(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """GET /sapi/v1/sub-account/list."""
    limit = parameters.integer("limit", default=1, lowest=1, highest=200)
    rows = [
        {
            "subUserId": own.user_id,
            "email": email(own),
            "remark": "",
            "isFreeze": False,
            "createTime": own.opened_ms,
            "isManagedSubAccount": False,
            "isAssetManagementSubAccount": False,
        }
        for own in _owned(exchange, account)
    ]
    return {"subAccounts": rows[:limit]}


def assets(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """GET /sapi/v4/sub-account/assets: the spot wallet; these figures are numbers, not texts."""
    own = _named(exchange, account, parameters.required("email"))
    held = exchange.ledger.holdings(own.purse(Wallet.SPOT))
    return {
        "balances": [
            {
                "asset": coin,
                "free": float(amount - own.locked(coin)),
                "locked": float(own.locked(coin)),
                "freeze": 0,
                "withdrawing": 0,
            }
            for coin, amount in held.items()
        ]
    }


def transfers(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """GET /sapi/v1/sub-account/universalTransfer: what left one account for another of the owner's.

    That is the main account, unless a sub-account is named as the sender.
    """
    name = parameters.text("fromEmail")
    sender = _named(exchange, account, name) if name else account
    start_ms, end_ms = parameters.time_ms("startTime"), parameters.time_ms("endTime")
    limit = parameters.integer("limit", default=500, lowest=1, highest=500)
    names = {own.user_id: email(own) for own in exchange.accounts.values()}
    found = [
        _moved(exchange, names, done)
        for done in reversed(sender.transfers.values())
        if done.sender != done.receiver
        and (start_ms is None or done.at_ms >= start_ms)
        and (end_ms is None or done.at_ms <= end_ms)
    ]
    return {"result": found[:limit], "totalCount": len(found)}


def _moved(exchange: Exchange, names: Mapping[int, str], done: Transfer) -> Row:
    return {
        "tranId": int(done.transfer_id.rpartition("-")[2]),  # the operator's have names
        "fromEmail": names[done.sender],
        "toEmail": names[done.receiver],
        "asset": done.coin,
        "amount": plain(done.amount),
        "createTimeStamp": done.at_ms,
        "fromAccountType": _KINDS.get(done.source, done.source),
        "toAccountType": _KINDS.get(done.target, done.target),
        "status": "SUCCESS" if done.arrives_ms <= exchange.now_ms else "PROCESS",
        "clientTranId": "",
    }
