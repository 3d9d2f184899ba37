"""The wallets beside the COIN-M account, the moves between them, and the key: /sapi."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from hedged.sim.accounts import Account, Sending, Transfer, Wallet
from hedged.sim.binance.errors import missing, unauthorised
from hedged.sim.binance.market import listed
from hedged.sim.binance.parameters import Parameters
from hedged.sim.binance.rows import Row, coins_text
from hedged.sim.decimals import ZERO, plain
from hedged.sim.exchange import Exchange
from hedged.sim.instruments import Kind

_NAMES: Mapping[str, Wallet] = {
    "MAIN": Wallet.SPOT,
    "CMFUTURE": Wallet.COIN_M,
    "FUNDING": Wallet.FUND,
}
_MOVES: Mapping[str, tuple[Wallet, Wallet]] = {
    f"{source}_{target}": (_NAMES[source], _NAMES[target])
    for source in _NAMES
    for target in _NAMES
    if source != target
}
_FIRST_MOVE = 13_526_853_000
_PAGE = 10
_PROCESSING, _SENT = 4, 6  # states of a withdrawal


def system_status(exchange: Exchange, _parameters: Parameters) -> Row:
    """GET /sapi/v1/system/status: maintenance that is under way; of what is ahead, nothing."""
    now_ms = exchange.now_ms
    lasting = (n for n in exchange.notices if n.begins_ms <= now_ms < n.ends_ms)
    return (
        {"status": 1, "msg": "system maintenance"}
        if any(lasting)
        else {"status": 0, "msg": "normal"}
    )


def restrictions(exchange: Exchange, account: Account, _parameters: Parameters) -> Row:
    """GET /sapi/v1/account/apiRestrictions: what the key may do."""
    del exchange
    rights = account.rights
    row: Row = {
        "ipRestrict": bool(rights.addresses),
        "createTime": account.opened_ms,
        "enableInternalTransfer": rights.may_withdraw,
        "enableFutures": rights.may_trade,
        "enablePortfolioMarginTrading": False,
        "enableVanillaOptions": False,
        "permitsUniversalTransfer": rights.may_trade,
        "enableReading": True,
        "enableSpotAndMarginTrading": rights.may_trade,
        "enableWithdrawals": rights.may_withdraw,
        "enableMargin": False,
    }
    return (
        row
        if rights.expires_ms is None
        else row | {"tradingAuthorityExpirationTime": rights.expires_ms}
    )


def _move(parameters: Parameters) -> tuple[Wallet, Wallet]:
    kind = parameters.required("type")
    if kind not in _MOVES:
        raise missing("type")
    return _MOVES[kind]


def transfer(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """POST /sapi/v1/asset/transfer: the universal transfer, which the key must permit."""
    if not account.rights.may_trade:
        raise unauthorised()
    source, target = _move(parameters)
    number = _FIRST_MOVE + len(account.transfers) + 1
    exchange.transfer(
        account,
        parameters.required("asset"),
        parameters.required_number("amount"),
        source=source,
        target=target,
        transfer_id=str(number),
    )
    return {"tranId": number}


def transfers(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """GET /sapi/v1/asset/transfer: those of one kind, newest first."""
    kind, (source, target) = parameters.required("type"), _move(parameters)
    start_ms, end_ms = parameters.time_ms("startTime"), parameters.time_ms("endTime")
    current = parameters.integer("current", default=1, lowest=1, highest=10**6)
    size = parameters.integer("size", default=_PAGE, lowest=1, highest=100)
    found = [
        done
        for done in reversed(account.transfers.values())
        if (done.source, done.target) == (source, target)
        and done.sender == done.receiver
        and (start_ms is None or done.at_ms >= start_ms)
        and (end_ms is None or done.at_ms <= end_ms)
    ]
    page = found[(current - 1) * size : current * size]
    return {"total": len(found), "rows": [_moved(exchange, kind, done) for done in page]}


def _moved(exchange: Exchange, kind: str, done: Transfer) -> Row:
    number = done.transfer_id.rpartition("-")[2]  # the operator's have names
    return {
        "asset": done.coin,
        "amount": plain(done.amount),
        "type": kind,
        "status": "CONFIRMED" if done.arrives_ms <= exchange.now_ms else "PENDING",
        "tranId": int(number),
        "timestamp": done.at_ms,
    }


def withdrawals(exchange: Exchange, account: Account, parameters: Parameters) -> list[Row]:
    """GET /sapi/v1/capital/withdraw/history: what was sent away over a chain, newest first."""

    def rendered(sent: Sending) -> Row:
        is_sent = sent.arrives_ms <= exchange.now_ms
        return {
            "id": f"{sent.number:032x}",
            "amount": plain(sent.amount),
            "transactionFee": "0",
            "coin": sent.coin,
            "status": _SENT if is_sent else _PROCESSING,
            "address": sent.address,
            "txId": sent.tx_id,
            "applyTime": f"{datetime.fromtimestamp(sent.at_ms // 1000, UTC):%Y-%m-%d %H:%M:%S}",
            "network": sent.coin,
            "transferType": 0,
            "info": "",
            "confirmNo": 6 if is_sent else 0,
            "walletType": int(sent.wallet is Wallet.FUND),
            "txKey": "",
        }

    return _sendings(account.withdrawals, parameters, rendered)


def deposits(exchange: Exchange, account: Account, parameters: Parameters) -> list[Row]:
    """GET /sapi/v1/capital/deposit/hisrec: what came over a chain, or is coming, newest first."""

    def rendered(sent: Sending) -> Row:
        is_credited = sent.arrives_ms <= exchange.now_ms
        return {
            "id": f"{sent.number}",
            "amount": plain(sent.amount),
            "coin": sent.coin,
            "network": sent.coin,
            "status": int(is_credited),
            "address": sent.address,
            "addressTag": "",
            "txId": sent.tx_id,
            "insertTime": sent.at_ms,
            "transferType": 0,
            "confirmTimes": "6/6" if is_credited else "0/6",
            "unlockConfirm": 6,
            "walletType": int(sent.wallet is Wallet.FUND),
        }

    return _sendings(account.deposits, parameters, rendered)


def _sendings(
    record: list[Sending], parameters: Parameters, rendered: Callable[[Sending], Row]
) -> list[Row]:
    coin = parameters.text("coin")
    start_ms, end_ms = parameters.time_ms("startTime"), parameters.time_ms("endTime")
    offset = parameters.integer("offset", default=0, lowest=0, highest=10**6)
    limit = parameters.integer("limit", default=1000, lowest=1, highest=1000)
    found = [
        sent
        for sent in reversed(record)
        if coin in ("", sent.coin)
        and (start_ms is None or sent.at_ms >= start_ms)
        and (end_ms is None or sent.at_ms <= end_ms)
    ]
    return [rendered(sent) for sent in found[offset : offset + limit]]


def funding_wallet(exchange: Exchange, account: Account, parameters: Parameters) -> list[Row]:
    """POST /sapi/v1/asset/get-funding-asset: the coins of which there are any."""
    asked = parameters.text("asset")
    return [
        {
            "asset": coin,
            "free": plain(amount),
            "locked": "0",
            "freeze": "0",
            "withdrawing": "0",
            "btcValuation": "0",
        }
        for coin, amount in exchange.ledger.holdings(account.purse(Wallet.FUND)).items()
        if amount and asked in ("", coin)
    ]


def flexible(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """GET /sapi/v1/simple-earn/flexible/position: here all that earns is flexible."""
    asked = parameters.text("asset")
    rows = [
        {
            "asset": coin,
            "totalAmount": coins_text(amount),
            "latestAnnualPercentageRate": "0.00200000",
            "productId": f"{coin}001",
            "canRedeem": True,
            "collateralAmount": coins_text(ZERO),
            "cumulativeTotalRewards": coins_text(ZERO),
        }
        for coin, amount in exchange.ledger.holdings(account.purse(Wallet.EARN)).items()
        if amount and asked in ("", coin)
    ]
    return {"rows": rows, "total": len(rows)}


def locked(exchange: Exchange, account: Account, _parameters: Parameters) -> Row:
    """GET /sapi/v1/simple-earn/locked/position."""
    del exchange, account
    return {"rows": [], "total": 0}


def no_margin(_exchange: Exchange, _account: Account, _parameters: Parameters) -> list[Row]:
    """GET /sapi/v1/margin/allPairs, …/isolated/allPairs: nothing is traded on margin here."""
    return []


def trade_fees(exchange: Exchange, account: Account, parameters: Parameters) -> list[Row]:
    """GET /sapi/v1/asset/tradeFee: of spot."""
    del account
    return [
        {
            "symbol": market.instrument.symbol,
            "makerCommission": plain(market.instrument.maker_rate),
            "takerCommission": plain(market.instrument.taker_rate),
        }
        for market in listed(exchange, parameters, Kind.SPOT)
    ]
