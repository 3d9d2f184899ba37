"""The wallets beside the COIN-M account, the moves between them, and the key: /sapi."""

from collections.abc import Mapping

from hedged.sim.accounts import Account, Transfer, Wallet
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
