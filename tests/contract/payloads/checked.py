"""Which recordings the cases check, by venue and kind, and which are none of the gateway's.

A recording that is in neither list fails `test_coverage.py`: somebody has to look at it.
"""

from collections.abc import Mapping
from typing import Final

from tests.contract.payloads.tables import TABLES

KINDS: Final = ("instruments", "balances", "positions", "prices", "orders", "fills", "errors")

Checked = Mapping[str, tuple[str, ...]]

_COIN_M: Final = "endpoints:Endpoints/CoinFutures"
_SPOT: Final = "endpoints:Endpoints/Spot"
_DAPI: Final = "binancecoinm/documented"
_KRAKEN: Final = "kraken/endpoints:Endpoints/Futures"
_OKX: Final = "endpoints:Endpoints/UnifiedApi"

_V5: Final = "endpoints:Endpoints/V5Api"

# What cases that are written out read; those of Bybit are in tests/venue/test_payloads.py.
LISTED: Final[Mapping[str, Checked]] = {
    "bybit": {
        "instruments": ("fixtures:http_get_instruments_inverse",),
        "balances": (
            f"{_V5}/Account/GetApiKeyInfo",
            f"{_V5}/Account/GetBalances",
            f"{_V5}/Account/GetMarginAccountInfo",
            "fixtures:http_get_user_query_api",
            "fixtures:http_get_wallet_balance",
            "fixtures:http_get_wallet_balance_spot_short",
            "fixtures:http_get_wallet_balance_with_spot_borrow",
        ),
        "positions": (f"{_V5}/Trading/GetPositions", "fixtures:http_get_positions"),
        "prices": (f"{_V5}/ExchangeData/GetLinearInverseTickers",),
        "orders": (
            f"{_V5}/Trading/GetOrderHistory",
            f"{_V5}/Trading/GetOrders",
            f"{_V5}/Trading/PlaceOrder",
            "fixtures:http_get_order_partially_filled_rejected",
            "fixtures:http_get_orders_history",
            "fixtures:http_get_orders_realtime",
        ),
        "fills": (f"{_V5}/Trading/GetUserTrades", "fixtures:http_get_executions"),
    },
    "binance": {
        "instruments": ("binancecoinm/instruments_01",),
        "balances": (
            f"{_COIN_M}/Account/GetAccountInfo",
            f"{_COIN_M}/Account/GetPositionMode",
            f"{_SPOT}/Account/GetAccountInfo",
            f"{_SPOT}/Account/GetAPIKeyPermissions",
            f"{_SPOT}/Account/GetFundingWallet",
            f"{_SPOT}/Account/GetDepositHistory",
            f"{_SPOT}/Account/GetTransfers",
            f"{_SPOT}/Account/GetWithdrawalHistory",
            f"{_SPOT}/Account/Transfer",
            f"{_SPOT}/ExchangeData/GetSystemStatus",
        ),
        "positions": (
            f"{_COIN_M}/Account/GetPositionInformation",
            f"{_DAPI}:GET /dapi/v1/positionRisk",
        ),
        "prices": (
            f"{_COIN_M}/ExchangeData/GetServerTime",
            f"{_COIN_M}/ExchangeData/GetMarkPrices",
            f"{_COIN_M}/ExchangeData/GetBookPrices",
            f"{_COIN_M}/ExchangeData/GetPrices",
            f"{_COIN_M}/ExchangeData/GetOrderBook",
            f"{_COIN_M}/Account/GetUserCommissionRate",
            f"{_COIN_M}/Account/GetBrackets",
            f"{_SPOT}/ExchangeData/GetBookPrice",
        ),
        "orders": (
            f"{_COIN_M}/Trading/PlaceOrder",
            f"{_COIN_M}/Trading/CancelOrder",
            f"{_COIN_M}/Trading/CancelAllOrdersAfterTimeout",
            "binancecoinm/documented:POST /dapi/v1/countdownCancelAll",
            f"{_COIN_M}/Trading/GetOrder",
            f"{_COIN_M}/Trading/GetOpenOrders",
            f"{_DAPI}:GET /dapi/v1/order",
            f"{_DAPI}:DELETE /dapi/v1/order",
            f"{_DAPI}:GET /dapi/v1/openOrders",
            f"{_DAPI}:POST /dapi/v1/order#2",
        ),
        "fills": (
            f"{_COIN_M}/Trading/GetUserTrades",
            f"{_COIN_M}/Account/GetIncomeHistory",
            f"{_DAPI}:GET /dapi/v1/userTrades",
        ),
        "errors": (f"{_DAPI}:POST /dapi/v1/order",),
    },
}


def _of_tables() -> dict[str, Checked]:
    """What the rows of the tables read, by venue and kind."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for table in TABLES:
        kinds = found.setdefault(table.exchange, {kind: {} for kind in KINDS})
        for kind, name in table.read():
            if not any(name in names for names in kinds.values()):
                kinds[kind][name] = None
    return {
        venue: {kind: tuple(names) for kind, names in kinds.items()}
        for venue, kinds in sorted(found.items())
    }


def _both(venue: str) -> Checked:
    written, tables = LISTED.get(venue, {}), _TABLES.get(venue, {})
    return {
        kind: tuple(dict.fromkeys((*written.get(kind, ()), *tables.get(kind, ()))))
        for kind in KINDS
    }


_TABLES: Final = _of_tables()
CHECKED: Final[Mapping[str, Checked]] = {
    venue: _both(venue) for venue in sorted({*LISTED, *_TABLES})
}

# Recordings that say again what a checked one of the same request says: with no field more.
AGAIN: Final[Mapping[str, tuple[str, ...]]] = dict.fromkeys(
    ("bitget", "gate", "mexc"), ("documented:* /*",)
)
# Requests that the gateway does not make, by pattern: a reply to one of them has nobody to read it.
NOT_ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "bingx": ("streams:*",),  # the gateway asks, it does not subscribe
    "bybit": (
        "streams:*",
        "fixtures:ws_*",
        "endpoints:JsonResponses/*",  # of older versions
        "documented:[a-z]*",  # of websockets, and of requests that are not made
        "documented:POST /v5/*/set-*",  # leverage and margin mode, as endpoints has them
        "documented:GET /v5/market/instruments-info*",  # of spot and of options
        "documented:GET /v5/market/tickers#2",  # of options
        "documented:GET /v5/asset/*",  # as endpoints has them; transfers are in tests/venue
        "documented:GET /v5/user/query-sub-members",
        "documented:GET /v5/account/fee-rate",  # as endpoints has it, word for word
        f"{_V5}/Account/Set*",
        f"{_V5}/Account/GetWithdrawals",
        f"{_V5}/Trading/CancelOrder",  # as documented, but for its numbers
        f"{_V5}/ExchangeData/Get*Symbols*",  # linear contracts, options and spot; see fixtures
        f"{_V5}/ExchangeData/GetOptionTickers",
        f"{_V5}/ExchangeData/GetSystemStatus",
        f"{_V5}/Trading/SetDisconnectCancelAll",
        "fixtures:http_get_account_info",  # these three have the fields of those documented
        "fixtures:http_get_fee_rate",
        "fixtures:http_get_orderbook",
        "fixtures:http_get_funding_history",
        "fixtures:http_get_instruments_linear*",
        "fixtures:http_get_instruments_option*",
        "fixtures:http_get_instruments_spot*",
        "fixtures:http_get_klines_linear",
        "fixtures:http_get_trades_recent",
        "fixtures:http_get_user_*",
        "fixtures:http_post_*",
    ),
    "bitget": ("streams:*",),
    "gate": (
        "streams:*",
        "documented:*websocket_api*",
        "documented:POST /futures/{settle}/orders*",  # of a websocket
        "documented:patch_*",
    ),
    "htx": ("streams:*", "instruments_02"),  # linear contracts, which are no hedge there
    "kucoin": (
        "streams:*",
        "documented:*",  # schemas, not replies
        "endpoints:Endpoints/Spot/*",  # by the same paths on another host
    ),
    # Beside those checked: of spot, of linear contracts, of a websocket, and forms without values.
    "phemex": ("documented:*",),
    "weex": (),  # nothing was recorded
    "mexc": (
        "streams:*",
        "documented:[a-z]*",  # beside those checked: what endpoints has, and the spot market
        "endpoints:Endpoints/FuturesApi/ExchangeData/GetFundingRateHistory",
        "endpoints:JsonResponses/Spot/*",  # as above
        "endpoints:Endpoints/FuturesApi/ExchangeData/GetSymbol",  # one of those in GetSymbols
    ),
    "binance": (
        "streams:*",  # the gateway asks, it does not subscribe
        "fixtures:*",  # of the spot market and of USD-M futures
        "documented:*",  # of the spot market
        f"{_DAPI}:response_formats*",
        f"{_DAPI}:GET /dapi/v1/*",  # beside those above: word for word what endpoints has
        "endpoints:Endpoints/UsdFutures/*",
        f"{_COIN_M}/ExchangeData/GetExchangeInfo",  # the recorded listing is read instead
    ),
    "deribit": (
        "fixtures:http_get_combos",
        "fixtures:http_get_expirations_*",
        "fixtures:http_get_instrument_option",
        "fixtures:http_get_instruments_*_combo",
        "fixtures:http_get_last_trades*",
        "fixtures:http_get_tradingview_chart_data",
        "fixtures:http_test",
        "fixtures:ws_[!oe]*",  # the gateway asks, it does not subscribe
    ),
    "krakenfutures": (
        "fixtures:ws_*",
        "fixtures:http_[!f]*",  # of the spot exchange
        "fixtures:http_futures_candles*",
        "fixtures:http_futures_instrument_no_fee_schedule",
        "fixtures:http_futures_historical_funding_rates",
        "fixtures:http_futures_order_events*",
        "fixtures:http_futures_public_executions",
        "kraken/*",  # beside those above: of the spot exchange, and other forms of the same
    ),
    "okx": (
        "streams:*",  # the gateway asks, it does not subscribe
        "fixtures:ws_*",
        "fixtures:common_*",
        "fixtures:http_*algo*",
        "fixtures:http_*spread*",
        "fixtures:http_get_candlesticks*",
        "fixtures:http_get_instruments_*",  # listings as recorded stand in instruments_*
        "fixtures:http_get_option_summary",
        "fixtures:http_get_position_tiers",
        "fixtures:http_get_account_positions-history",
        "fixtures:http_get_funding_rate_history",
        "fixtures:http_get_trades",
        "fixtures:http_place_order_response",  # of a websocket
        "fixtures:http_set_position_mode_response",
        f"{_OKX}/ExchangeData/GetSymbols",  # as above
        f"{_OKX}/Trading/GetUserTrades",  # the archive, word for word
    ),
}
