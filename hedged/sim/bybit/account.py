"""The trading account: /v5/account, and its key."""

from datetime import UTC, datetime
from decimal import Decimal

from hedged.sim.accounts import Account, StatementLine, Wallet
from hedged.sim.bybit.errors import BybitError, parameter_error
from hedged.sim.bybit.paging import page
from hedged.sim.bybit.parameters import Parameters
from hedged.sim.bybit.rows import price_text, quantity_text
from hedged.sim.decimals import fixed, plain, plain_coins, quotient
from hedged.sim.exchange import Exchange
from hedged.sim.margin import AccountFigures, CoinFigures

_MARGIN_MODE = "REGULAR_MARGIN"
# 5 is "unified account 2.0": spot, linear and inverse in one wallet.
_UNIFIED_STATUS = 5


def key_info(exchange: Exchange, account: Account, _parameters: Parameters) -> dict[str, object]:
    """GET /v5/user/query-api."""
    rights, expires = account.rights, "1970-01-01T00:00:00Z"
    if rights.expires_ms is not None:
        expires = f"{datetime.fromtimestamp(rights.expires_ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "id": str(account.user_id),
        "note": account.name,
        "apiKey": account.api_key,
        "readOnly": 0 if rights.may_trade else 1,
        "secret": "",
        "permissions": {
            "ContractTrade": ["Order", "Position"],
            "Spot": ["SpotTrade"],
            "Wallet": [
                "AccountTransfer",
                "SubMemberTransfer",
                *(["Withdraw"] if rights.may_withdraw else []),
            ],
            "Options": ["OptionsTrade"],
            "Derivatives": [],
            "CopyTrading": [],
            "BlockTrade": [],
            "Exchange": [],
            "NFT": [],
            "Affiliate": [],
        },
        "ips": list(rights.addresses) or ["*"],
        "type": 1,
        "deadlineDay": -2 if rights.expires_ms is None else _days(exchange, rights.expires_ms),
        "expiredAt": expires,
        "createdAt": "2022-10-16T02:24:40Z",
        "unified": 0,
        "uta": 1,
        "userID": account.user_id,
        "inviterID": 0,
        "vipLevel": "No VIP",
        "mktMakerLevel": "0",
        "affiliateID": 0,
        "rsaPublicKey": "",
        "isMaster": not account.parent,
        "parentUid": str(exchange.accounts[account.parent].user_id) if account.parent else "0",
        "kycLevel": "LEVEL_DEFAULT",
        "kycRegion": "",
    }


def _days(exchange: Exchange, at_ms: int) -> int:
    return (at_ms - exchange.now_ms) // (24 * 3600 * 1000)


def account_info(
    exchange: Exchange, account: Account, _parameters: Parameters
) -> dict[str, object]:
    """GET /v5/account/info."""
    del exchange
    return {
        "marginMode": _MARGIN_MODE,
        "updatedTime": str(account.opened_ms),
        "unifiedMarginStatus": _UNIFIED_STATUS,
        "dcpStatus": "ON" if account.is_disconnect_protected else "OFF",
        "timeWindow": account.disconnect_window_s,
        "smpGroup": 0,
        "isMasterTrader": False,
        "spotHedgingStatus": "OFF",
    }


def disconnect_info(
    exchange: Exchange, account: Account, _parameters: Parameters
) -> dict[str, object]:
    """GET /v5/account/query-dcp-info: whether, and how soon, lost connections cancel its orders."""
    del exchange
    row = {
        "dcpStatus": "ON" if account.is_disconnect_protected else "OFF",
        "timeWindow": str(account.disconnect_window_s),
    }
    return {"dcpInfos": [{"product": name, **row} for name in ("SPOT", "DERIVATIVES")]}


def _rate(amount: Decimal, base: Decimal) -> str:
    return plain(Decimal(fixed(quotient(amount, base), 4))) if base > 0 else "0"


def wallet_balance(
    exchange: Exchange, account: Account, parameters: Parameters
) -> dict[str, object]:
    """GET /v5/account/wallet-balance: coins with a balance, or those asked for."""
    if parameters.required("accountType") != Wallet.UNIFIED:
        raise parameter_error("accountType only support UNIFIED")
    figures = exchange.margin.figures(account)
    asked = [coin for coin in parameters.text("coin").split(",") if coin]
    if asked:
        unknown = next((coin for coin in asked if coin not in exchange.prices), None)
        if unknown is not None:
            raise parameter_error(f"coin {unknown} invalid")
        coins = [exchange.margin.coin(account, coin) for coin in asked]
    else:
        coins = [coin for coin in figures.coins if coin.balance or coin.unrealised]
    return {"list": [_account_row(figures) | {"coin": [_coin_row(coin) for coin in coins]}]}


def _account_row(figures: AccountFigures) -> dict[str, object]:
    initial, maintenance = figures.initial_margin, figures.maintenance_margin
    margin_balance = figures.margin_balance
    initial_rate = _rate(initial, margin_balance)
    maintenance_rate = _rate(maintenance, margin_balance)
    return {
        "totalEquity": plain_coins(figures.equity),
        "accountIMRate": initial_rate,
        "accountIMRateByMp": initial_rate,
        "totalMarginBalance": plain_coins(margin_balance),
        "totalInitialMargin": plain_coins(initial),
        "totalInitialMarginByMp": plain_coins(initial),
        "accountType": Wallet.UNIFIED,
        "totalAvailableBalance": plain_coins(figures.available),
        "accountMMRate": maintenance_rate,
        "accountMMRateByMp": maintenance_rate,
        "totalPerpUPL": plain_coins(figures.unrealised),
        "totalWalletBalance": plain_coins(figures.wallet),
        "accountLTV": "0",
        "totalMaintenanceMargin": plain_coins(maintenance),
        "totalMaintenanceMarginByMp": plain_coins(maintenance),
    }


def _coin_row(coin: CoinFigures) -> dict[str, object]:
    """Return one coin; `availableToWithdraw` is empty, as in unified accounts since 2025.

    What positions have lost beyond the balance is in the balance already; `spotBorrow` is what was
    borrowed to trade spot on margin, which this exchange does not offer.
    """
    return {
        "availableToBorrow": "",
        "bonus": "0",
        "accruedInterest": "0",
        "availableToWithdraw": "",
        "totalOrderIM": plain(coin.order_initial),
        "equity": plain(coin.equity),
        "totalPositionMM": plain(coin.position_maintenance),
        "usdValue": plain_coins(coin.usd),
        "spotHedgingQty": "0",
        "unrealisedPnl": plain(coin.unrealised),
        "collateralSwitch": True,
        "borrowAmount": plain(coin.borrowed),
        "totalPositionIM": plain(coin.position_initial),
        "walletBalance": plain(coin.balance),
        "cumRealisedPnl": plain(coin.realised),
        "locked": plain(coin.locked),
        "marginCollateral": coin.collateral_ratio > 0,
        "coin": coin.coin,
        "spotBorrow": "0",
    }


def fee_rate(exchange: Exchange, account: Account, parameters: Parameters) -> dict[str, object]:
    """GET /v5/account/fee-rate."""
    del account
    kind, symbol = parameters.category().kind, parameters.text("symbol")
    if symbol and kind is not None:
        exchange.market(symbol, kind)
    rows = [
        {
            "symbol": market.instrument.symbol,
            "baseCoin": "",
            "takerFeeRate": plain(market.instrument.taker_rate),
            "makerFeeRate": plain(market.instrument.maker_rate),
        }
        for market in exchange.markets.values()
        if market.instrument.kind is kind and symbol in ("", market.instrument.symbol)
    ]
    return {"list": rows}


def transaction_log(
    exchange: Exchange, account: Account, parameters: Parameters
) -> dict[str, object]:
    """GET /v5/account/transaction-log, newest first."""
    del exchange
    category, currency = parameters.text("category"), parameters.text("currency")
    kind, base = parameters.text("type"), parameters.text("baseCoin")
    start_ms, end_ms = parameters.time_ms("startTime"), parameters.time_ms("endTime")

    def is_wanted(line: StatementLine) -> bool:
        symbol = line.fill.symbol if line.fill else ""
        return (
            category in ("", line.category)
            and currency in ("", line.coin)
            and kind in ("", line.kind)
            and (not base or symbol.startswith(base))
            and (start_ms is None or line.at_ms >= start_ms)
            and (end_ms is None or line.at_ms <= end_ms)
        )

    result = page(
        (line for line in reversed(account.statement) if is_wanted(line)),
        parameters,
        place=lambda line: line.line,
        rendered=lambda line: _statement_row(account, line),
        default=20,
        highest=50,
    )
    return {"nextPageCursor": result.cursor, "list": result.rows}


def _statement_row(account: Account, line: StatementLine) -> dict[str, object]:
    fill = line.fill
    row: dict[str, object] = {
        "transSubType": "",
        "id": f"{account.user_id}_{line.coin}_{line.line}",
        "symbol": "",
        "side": "None",
        "funding": plain(line.funding) if line.kind == "SETTLEMENT" else "",
        "orderLinkId": "",
        "orderId": "",
        "fee": plain(line.fee),
        "change": plain(line.change),
        "cashFlow": plain(line.cash_flow),
        "transactionTime": str(line.at_ms),
        "type": line.kind,
        "feeRate": "0",
        "bonusChange": "",
        "size": "0",
        "qty": "0",
        "cashBalance": plain(line.balance),
        "currency": line.coin,
        "category": line.category,
        "tradePrice": "0",
        "tradeId": "",
        "extraFees": "",
    }
    if fill is None:
        return row
    instrument = fill.instrument
    return row | {
        "symbol": fill.symbol,
        "side": fill.side,
        "orderLinkId": fill.link_id,
        "orderId": fill.order_id,
        "feeRate": plain(fill.fee_rate),
        "size": quantity_text(instrument, line.size),
        "qty": quantity_text(instrument, fill.quantity),
        "tradePrice": price_text(instrument, fill.price),
        "tradeId": fill.fill_id,
    }


def set_margin_mode(
    exchange: Exchange, account: Account, parameters: Parameters
) -> dict[str, object]:
    """POST /v5/account/set-margin-mode: only cross margin is known here."""
    del exchange, account
    if parameters.required("setMarginMode") != _MARGIN_MODE:
        reason = {"reasonCode": "3400000", "reasonMsg": "Only REGULAR_MARGIN is available"}
        raise BybitError(3400045, "Set margin mode failed", {"reasons": [reason]})
    return {"reasons": []}
