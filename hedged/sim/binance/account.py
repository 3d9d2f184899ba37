"""The COIN-M account: wallet, positions, settings, and what has been booked on it."""

from collections.abc import Iterator
from decimal import Decimal

from hedged.sim.accounts import Account, StatementLine, Wallet
from hedged.sim.binance.errors import BinanceError
from hedged.sim.binance.market import listed, market_of
from hedged.sim.binance.parameters import Parameters
from hedged.sim.binance.rows import Row, coins_text, position_side
from hedged.sim.decimals import ZERO, fixed, plain, quotient
from hedged.sim.exchange import Exchange
from hedged.sim.instruments import Instrument, Kind
from hedged.sim.intake import LONG_LEG, SHORT_LEG
from hedged.sim.margin import CoinFigures
from hedged.sim.orders import Refusal, RefusedError
from hedged.sim.positions import Position

_DONE: Row = {"code": 200, "msg": "success"}
_DAY_MS = 24 * 3600 * 1000
_DELIVERED = "DELIVERED_SETTELMENT"  # as Binance spells it


def _coins(exchange: Exchange) -> list[str]:
    """Return the coins of the wallet: those in which contracts are settled."""
    settled = (m.instrument.settle for m in exchange.markets.values() if m.instrument.is_inverse)
    return list(dict.fromkeys(settled))


def account(exchange: Exchange, account: Account, _parameters: Parameters) -> Row:
    """GET /dapi/v1/account."""
    return {
        "assets": [
            _asset(exchange, account, exchange.margin.coin(account, coin))
            for coin in _coins(exchange)
        ],
        "positions": [
            _position_in_account(exchange, account, instrument, index)
            for instrument, index in _legs(exchange, account, Parameters({}))
        ],
        "canDeposit": True,
        "canTrade": account.rights.may_trade,
        "canWithdraw": True,
        "feeTier": 0,
        "updateTime": exchange.now_ms,
    }


def _asset(exchange: Exchange, account: Account, coin: CoinFigures) -> Row:
    needed = coin.position_initial + coin.order_initial
    return {
        "asset": coin.coin,
        "walletBalance": coins_text(coin.balance),
        "unrealizedProfit": coins_text(coin.unrealised),
        "marginBalance": coins_text(coin.equity),
        "maintMargin": coins_text(coin.position_maintenance),
        "initialMargin": coins_text(needed),
        "positionInitialMargin": coins_text(coin.position_initial),
        "openOrderInitialMargin": coins_text(coin.order_initial),
        "maxWithdrawAmount": coins_text(exchange.margin.withdrawable(account, coin.coin)),
        "crossWalletBalance": coins_text(coin.balance),
        "crossUnPnl": coins_text(coin.unrealised),
        "availableBalance": coins_text(max(ZERO, coin.equity - needed)),
        "updateTime": exchange.now_ms,
    }


def balance(exchange: Exchange, account: Account, _parameters: Parameters) -> list[Row]:
    """GET /dapi/v1/balance."""
    rows = []
    for coin in _coins(exchange):
        asset = _asset(exchange, account, exchange.margin.coin(account, coin))
        rows.append(
            {
                "accountAlias": f"sim{account.user_id}",
                "asset": coin,
                "balance": asset["walletBalance"],
                "withdrawAvailable": asset["maxWithdrawAmount"],
                "crossWalletBalance": asset["crossWalletBalance"],
                "crossUnPnl": asset["crossUnPnl"],
                "availableBalance": asset["availableBalance"],
                "updateTime": exchange.now_ms,
            }
        )
    return rows


def _legs(
    exchange: Exchange, account: Account, parameters: Parameters
) -> Iterator[tuple[Instrument, int]]:
    """Yield what positions there could be, flat or not."""
    for market in listed(exchange, parameters, Kind.INVERSE):
        instrument = market.instrument
        is_hedged = instrument.key in account.hedge_symbols
        for index in (0, LONG_LEG, SHORT_LEG) if is_hedged else (0,):
            yield instrument, index


def position_risk(exchange: Exchange, account: Account, parameters: Parameters) -> list[Row]:
    """GET /dapi/v1/positionRisk: a row of each market, flat or not."""
    asset = parameters.text("marginAsset")
    return [
        _position(exchange, account, instrument, index)
        for instrument, index in _legs(exchange, account, parameters)
        if asset in ("", instrument.settle)
    ]


def _held(account: Account, instrument: Instrument, index: int) -> Position:
    held = account.positions.get((instrument.key, index))
    return held or Position(instrument, index, 0, 0)


def _price(price: Decimal) -> str:
    """Print an average price."""
    return coins_text(price) if price else "0.0"


def _size_text(instrument: Instrument, quantity: Decimal) -> str:
    """Print a position in contracts, short < 0."""
    return plain(quotient(quantity, instrument.contract_size))


def _position(exchange: Exchange, account: Account, instrument: Instrument, index: int) -> Row:
    position, mark = _held(account, instrument, index), exchange.markets[instrument.key].mark
    is_open = bool(position.quantity)
    ends = exchange.margin.liquidation_price(account, position) if is_open else None
    return {
        "symbol": instrument.symbol,
        "positionAmt": _size_text(instrument, position.quantity),
        "entryPrice": _price(position.entry_price),
        "breakEvenPrice": _price(position.entry_price),
        "markPrice": coins_text(mark),
        "unRealizedProfit": coins_text(position.unrealised(mark)),
        "liquidationPrice": "0" if ends is None else coins_text(ends),
        "leverage": plain(account.leverage(instrument.key)),
        "maxQty": plain(instrument.tiers[0].limit),
        "marginType": "cross",
        "isolatedMargin": coins_text(ZERO),
        "isAutoAddMargin": "false",
        "positionSide": position_side(index),
        "notionalValue": plain(Decimal(coins_text(quotient(position.quantity, mark)))),
        "updateTime": position.updated_ms,
    }


def _position_in_account(
    exchange: Exchange, account: Account, instrument: Instrument, index: int
) -> Row:
    position, mark = _held(account, instrument, index), exchange.markets[instrument.key].mark
    margin = exchange.margin.leg_margin(account, position)
    return {
        "symbol": instrument.symbol,
        "positionAmt": _size_text(instrument, position.quantity),
        "initialMargin": coins_text(margin.position_initial + margin.order_initial),
        "maintMargin": coins_text(margin.position_maintenance),
        "unrealizedProfit": coins_text(position.unrealised(mark)),
        "positionInitialMargin": coins_text(margin.position_initial),
        "openOrderInitialMargin": coins_text(margin.order_initial),
        "leverage": plain(account.leverage(instrument.key)),
        "isolated": False,
        "positionSide": position_side(index),
        "entryPrice": _price(position.entry_price),
        "breakEvenPrice": _price(position.entry_price),
        "maxQty": plain(instrument.tiers[0].limit),
        "updateTime": position.updated_ms,
    }


def position_mode(exchange: Exchange, account: Account, _parameters: Parameters) -> Row:
    """GET /dapi/v1/positionSide/dual: of all COIN-M contracts at once."""
    del exchange
    return {"dualSidePosition": bool(account.hedge_symbols)}


def set_position_mode(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """POST /dapi/v1/positionSide/dual."""
    parameters.required("dualSidePosition")
    is_hedged = parameters.flag("dualSidePosition")
    keys = [m.instrument.key for m in exchange.markets.values() if m.instrument.is_inverse]
    try:
        account.set_hedge_mode(keys, is_hedged=is_hedged)
    except RefusedError as refused:
        if refused.refusal is Refusal.NOT_MODIFIED:
            raise BinanceError(-4059, "No need to change position side.") from None
        raise
    return _DONE


def commission_rate(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """GET /dapi/v1/commissionRate."""
    del account
    instrument = market_of(exchange, parameters.required("symbol"), Kind.INVERSE).instrument
    return {
        "symbol": instrument.symbol,
        "makerCommissionRate": plain(instrument.maker_rate),
        "takerCommissionRate": plain(instrument.taker_rate),
    }


def set_leverage(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """POST /dapi/v1/leverage."""
    instrument = market_of(exchange, parameters.required("symbol"), Kind.INVERSE).instrument
    leverage = parameters.integer("leverage", default=0, lowest=0, highest=1000)
    if leverage != account.leverage(instrument.key):
        exchange.set_leverage(account, instrument.key, Decimal(leverage))
    return {
        "symbol": instrument.symbol,
        "leverage": leverage,
        "maxQty": plain(instrument.tiers[0].limit),
    }


def set_margin_type(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """POST /dapi/v1/marginType: only cross margin is known here."""
    del account
    market_of(exchange, parameters.required("symbol"), Kind.INVERSE)
    if parameters.required("marginType") == "CROSSED":
        raise BinanceError(-4046, "No need to change margin type.")
    raise BinanceError(-4047, "Margin type cannot be changed: only cross margin is available.")


def income(exchange: Exchange, account: Account, parameters: Parameters) -> list[Row]:
    """GET /dapi/v1/income, oldest first: those after a start, or the latest."""
    symbol, kind = parameters.text("symbol"), parameters.text("incomeType")
    start_ms, end_ms = parameters.time_ms("startTime"), parameters.time_ms("endTime")
    limit = parameters.integer("limit", default=100, lowest=1, highest=1000)
    since_ms = exchange.now_ms - 7 * _DAY_MS if start_ms is None else start_ms
    rows = [
        row
        for line in account.statement
        if line.at_ms >= since_ms and (end_ms is None or line.at_ms <= end_ms)
        for row in _income(line)
        if symbol in ("", row["symbol"]) and kind in ("", row["incomeType"])
    ]
    return rows[-limit:] if start_ms is None else rows[:limit]


def _income(line: StatementLine) -> Iterator[Row]:
    """Yield what a line of the statement is here: profit and commission are lines of their own."""
    fill = line.fill
    if fill is not None and fill.instrument.is_spot:
        return
    amounts = {
        _flow_type(line): line.cash_flow,
        "FUNDING_FEE": line.funding,
        "INSURANCE_CLEAR" if line.kind == "LIQUIDATION" else "COMMISSION": -line.fee,
    }
    info = "" if fill is not None else ("DEPOSIT" if line.cash_flow > 0 else "WITHDRAW")
    for kind, amount in amounts.items():
        if amount:
            yield {
                "symbol": fill.symbol if fill is not None else "",
                "incomeType": kind,
                "income": coins_text(amount),
                "asset": line.coin,
                "info": info,
                "time": line.at_ms,
                "tranId": str(line.line),
                "tradeId": str(fill.sequence) if fill is not None and not line.funding else "",
            }


def _flow_type(line: StatementLine) -> str:
    if line.kind == "DELIVERY":
        return _DELIVERED
    if line.fill is not None:
        return "REALIZED_PNL"
    return "INSURANCE_CLEAR" if line.kind == "LIQUIDATION" else "TRANSFER"


def spot_account(exchange: Exchange, account: Account, parameters: Parameters) -> Row:
    """GET /api/v3/account: the spot wallet."""
    held = exchange.ledger.holdings(account.purse(Wallet.SPOT))
    only_held = parameters.flag("omitZeroBalances")
    rate = fixed(Decimal("0.001"), 8)
    return {
        "makerCommission": 10,
        "takerCommission": 10,
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": {
            "maker": rate,
            "taker": rate,
            "buyer": coins_text(ZERO),
            "seller": coins_text(ZERO),
        },
        "canTrade": account.rights.may_trade,
        "canWithdraw": True,
        "canDeposit": True,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": exchange.now_ms,
        "accountType": "SPOT",
        "balances": [
            {
                "asset": coin,
                "free": coins_text(held.get(coin, ZERO) - account.locked(coin)),
                "locked": coins_text(account.locked(coin)),
            }
            for coin in exchange.prices
            if held.get(coin) or not only_held
        ],
        "permissions": ["SPOT"],
        "uid": account.user_id,
    }
