"""What the owner has beside the trading account: /v5/asset, /v5/earn, and the sub-accounts."""

from collections.abc import Callable

from hedged.sim.accounts import Account, Sending, Transfer, Wallet, sub_accounts
from hedged.sim.bybit.errors import parameter_error, permission_error
from hedged.sim.bybit.paging import page
from hedged.sim.bybit.parameters import Parameters
from hedged.sim.decimals import ZERO, plain, plain_coins
from hedged.sim.exchange import Exchange

_MOVABLE = (Wallet.UNIFIED, Wallet.FUND)
_SAVING = "FlexibleSaving"
_EARNING = (_SAVING, "OnChain")


def _wallet(parameters: Parameters, name: str) -> Wallet:
    """Read a type of account; what earns is none of them."""
    wallet = parameters.choice(name, Wallet)
    if wallet not in _MOVABLE:
        raise parameter_error(f"{name} invalid")
    return wallet


def coin_info(exchange: Exchange, account: Account, parameters: Parameters) -> dict[str, object]:
    """GET /v5/asset/coin/query-info."""
    del account
    asked = parameters.text("coin")
    rows = [
        {
            "name": coin,
            "coin": coin,
            "remainAmount": "1000000",
            "chains": [
                {
                    "chainType": coin,
                    "confirmation": "6",
                    "withdrawFee": "0",
                    "depositMin": "0",
                    "withdrawMin": "0",
                    "chain": coin,
                    "chainDeposit": "1",
                    "chainWithdraw": "1",
                    "minAccuracy": "8",
                    "withdrawPercentageFee": "0",
                    "contractAddress": "",
                    "safeConfirmNumber": "65",
                }
            ],
        }
        for coin in exchange.prices
        if asked in ("", coin)
    ]
    return {"rows": rows}


def transfer(exchange: Exchange, account: Account, parameters: Parameters) -> dict[str, object]:
    """POST /v5/asset/transfer/inter-transfer."""
    done = exchange.transfer(
        account,
        parameters.required("coin"),
        parameters.required_number("amount"),
        source=_wallet(parameters, "fromAccountType"),
        target=_wallet(parameters, "toAccountType"),
        transfer_id=parameters.required("transferId"),
    )
    return {"transferId": done.transfer_id, "status": "SUCCESS"}


def transfer_list(
    exchange: Exchange, account: Account, parameters: Parameters
) -> dict[str, object]:
    """GET /v5/asset/transfer/query-inter-transfer-list: between its own wallets, newest first."""
    return _transfers(exchange, account, parameters, lambda done: done.sender == done.receiver)


def universal_list(
    exchange: Exchange, account: Account, parameters: Parameters
) -> dict[str, object]:
    """GET /v5/asset/transfer/query-universal-transfer-list: to and from sub-accounts."""
    return _transfers(exchange, account, parameters, lambda done: done.sender != done.receiver)


def _transfers(
    exchange: Exchange,
    account: Account,
    parameters: Parameters,
    is_listed: Callable[[Transfer], bool],
) -> dict[str, object]:
    coin, transfer_id = parameters.text("coin"), parameters.text("transferId")
    start_ms, end_ms = parameters.time_ms("startTime"), parameters.time_ms("endTime")
    owned = (account, *sub_accounts(exchange.accounts, account))
    done = sorted((t for own in owned for t in own.transfers.values()), key=lambda t: t.at_ms)

    def rendered(entry: tuple[int, Transfer]) -> dict[str, object]:
        done = entry[1]
        row: dict[str, object] = {
            "transferId": done.transfer_id,
            "coin": done.coin,
            "amount": plain(done.amount),
            "fromAccountType": done.source,
            "toAccountType": done.target,
            "timestamp": str(done.at_ms),
            "status": "SUCCESS" if done.arrives_ms <= exchange.now_ms else "PENDING",
        }
        if done.sender != done.receiver:
            row |= {"fromMemberId": str(done.sender), "toMemberId": str(done.receiver)}
        return row

    result = page(
        (
            (number, entry)
            for number, entry in reversed(list(enumerate(done, start=1)))
            if is_listed(entry)
            and coin in ("", entry.coin)
            and transfer_id in ("", entry.transfer_id)
            and (start_ms is None or entry.at_ms >= start_ms)
            and (end_ms is None or entry.at_ms <= end_ms)
        ),
        parameters,
        place=lambda entry: entry[0],
        rendered=rendered,
        default=20,
        highest=50,
    )
    return {"list": result.rows, "nextPageCursor": result.cursor}


def withdrawals(exchange: Exchange, account: Account, parameters: Parameters) -> dict[str, object]:
    """GET /v5/asset/withdraw/query-record: what was sent away over a chain, newest first."""

    def rendered(sent: Sending) -> dict[str, object]:
        is_sent = sent.arrives_ms <= exchange.now_ms
        return {
            "coin": sent.coin,
            "chain": sent.coin,
            "amount": plain(sent.amount),
            "txID": sent.tx_id,
            "status": "success" if is_sent else "BlockchainConfirmed",
            "toAddress": sent.address,
            "tag": "",
            "withdrawFee": "0",
            "createTime": str(sent.at_ms),
            "updateTime": str(min(sent.arrives_ms, exchange.now_ms)),
            "withdrawId": str(sent.number),
            "withdrawType": 0,
            "fee": "",
            "tax": "",
            "taxRate": "",
            "taxType": "",
        }

    return _sendings(account.withdrawals, parameters, rendered)


def deposits(exchange: Exchange, account: Account, parameters: Parameters) -> dict[str, object]:
    """GET /v5/asset/deposit/query-record: what came over a chain, or is coming, newest first."""

    def rendered(sent: Sending) -> dict[str, object]:
        is_credited = sent.arrives_ms <= exchange.now_ms
        return {
            "id": str(sent.number),
            "coin": sent.coin,
            "chain": sent.coin,
            "amount": plain(sent.amount),
            "txID": sent.tx_id,
            "status": 3 if is_credited else 1,
            "toAddress": sent.address,
            "tag": "",
            "depositFee": "",
            "successAt": str(sent.arrives_ms) if is_credited else "",
            "confirmations": "6" if is_credited else "0",
            "txIndex": "",
            "blockHash": "",
            "batchReleaseLimit": "-1",
            "depositType": "0",
            "fromAddress": "",
            "taxDepositRecordsId": "",
            "taxStatus": 0,
        }

    return _sendings(account.deposits, parameters, rendered)


def _sendings(
    record: list[Sending], parameters: Parameters, rendered: Callable[[Sending], dict[str, object]]
) -> dict[str, object]:
    coin = parameters.text("coin")
    start_ms, end_ms = parameters.time_ms("startTime"), parameters.time_ms("endTime")
    parameters.integer("withdrawType", default=0, lowest=0, highest=2)
    result = page(
        (
            sent
            for sent in reversed(record)
            if coin in ("", sent.coin)
            and (start_ms is None or sent.at_ms >= start_ms)
            and (end_ms is None or sent.at_ms <= end_ms)
        ),
        parameters,
        place=lambda sent: sent.number,
        rendered=rendered,
        default=50,
        highest=50,
    )
    return {"rows": result.rows, "nextPageCursor": result.cursor}


def coins_balance(
    exchange: Exchange, account: Account, parameters: Parameters
) -> dict[str, object]:
    """GET /v5/asset/transfer/query-account-coins-balance, of the account or a sub-account."""
    wallet, member = _wallet(parameters, "accountType"), parameters.text("memberId")
    owned = (account, *sub_accounts(exchange.accounts, account))
    account = next((own for own in owned if member in ("", str(own.user_id))), account)
    if member not in ("", str(account.user_id)):
        raise permission_error()
    held = exchange.ledger.holdings(account.purse(wallet))
    asked = [coin for coin in parameters.text("coin").split(",") if coin] or list(held)
    rows = []
    for coin in asked:
        balance = held.get(coin, ZERO)
        movable = balance
        if wallet is Wallet.UNIFIED and coin in exchange.prices:
            movable = exchange.margin.withdrawable(account, coin)
        rows.append(
            {
                "coin": coin,
                "transferBalance": plain_coins(movable),
                "walletBalance": plain(balance),
                "bonus": "",
            }
        )
    return {"memberId": str(account.user_id), "accountType": wallet, "balance": rows}


def earn_positions(
    exchange: Exchange, account: Account, parameters: Parameters
) -> dict[str, object]:
    """GET /v5/earn/position: here all that earns is in flexible savings."""
    category, asked = parameters.required("category"), parameters.text("coin")
    if category not in _EARNING:
        raise parameter_error("category invalid")
    held = exchange.ledger.holdings(account.purse(Wallet.EARN)) if category == _SAVING else {}
    rows = [
        {
            "coin": coin,
            "productId": str(430 + number),
            "amount": plain(amount),
            "totalPnl": "0",
            "claimableYield": "0",
        }
        for number, (coin, amount) in enumerate(held.items())
        if amount and asked in ("", coin)
    ]
    return {"list": rows}


def sub_members(exchange: Exchange, account: Account, _parameters: Parameters) -> dict[str, object]:
    """GET /v5/user/query-sub-members, for main accounts only."""
    if account.parent:
        raise permission_error()
    rows = [
        {
            "uid": str(sub.user_id),
            "username": sub.name,
            "memberType": 1,
            "status": 1,
            "accountMode": 5,
            "remark": "",
        }
        for sub in sub_accounts(exchange.accounts, account)
    ]
    return {"subMembers": rows}
