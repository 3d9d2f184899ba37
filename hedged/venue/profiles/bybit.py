"""Bybit v5, unified account: spot wallet, inverse and linear contracts in one account.

An inverse contract is 1 USD and a linear one is 1 coin: order amounts are in USD or coins.
"""

from decimal import Decimal
from typing import Final

from hedged.ports import Style
from hedged.venue.deadline import Deadline
from hedged.venue.profiles import bybit_accounts, bybit_rows, codes
from hedged.venue.profiles.bybit_switch import SWITCH
from hedged.venue.profiles.profile import Notices, Profile, Reach
from hedged.venue.profiles.reads import Log, Read, routes

_LIST: Final = ("result", "list")
_CURSOR: Final = ("result", "nextPageCursor")
_READS: Final = (
    "system/status market/time market/instruments-info market/tickers user/query-api account/info "
    "account/wallet-balance account/fee-rate position/list order/realtime order/history "
    "execution/list market/orderbook market/risk-limit earn/position user/query-sub-members "
    "account/transaction-log account/query-dcp-info "
    "asset/transfer/query-account-coins-balance asset/transfer/query-inter-transfer-list "
    "asset/transfer/query-universal-transfer-list asset/withdraw/query-record "
    "asset/deposit/query-record"
)


BYBIT: Final = Profile(
    exchange="bybit",
    title="Bybit",
    notes=("The account must be a unified trading account 2.0.",),
    environments={
        "mainnet": Reach(("api.bybit.com",), "stream.bybit.com"),
        "testnet": Reach(
            ("api-testnet.bybit.com",), "stream-testnet.bybit.com", "set_sandbox_mode"
        ),
        "demo": Reach(("api-demo.bybit.com",), "stream-demo.bybit.com", "enable_demo_trading"),
    },
    options={"defaultType": "swap", "defaultSubType": "inverse"},
    # Bybit takes 600 requests in 5 s from an address; at ccxt's cost of 5 each this sends 500 reads
    # and leaves the rest to orders and cancels, which are not counted.
    rate_limit_ms=Decimal(2),
    limit_per_hour=432_000,
    routes=routes("GET", "/v5/", _READS),
    write_routes=routes("POST", "/v5/order/", "create cancel disconnected-cancel-all")
    | routes("GET", "", SWITCH.path),
    setting_routes=routes("POST", "/v5/", "position/set-leverage account/set-margin-mode"),
    switch=SWITCH,
    access=bybit_accounts.access,
    wallet=Read("privateGetV5AccountWalletBalance", _LIST, {"accountType": "UNIFIED"}),
    wallet_coin_param="coin",
    unknown_coin=frozenset({"10001"}),
    balances=bybit_rows.balances,
    margin=bybit_rows.margin,
    positions=bybit_rows.POSITIONS,
    leg=bybit_rows.leg,
    is_one_way=bybit_rows.is_one_way,
    position_mode=Read("privateGetV5PositionList", _LIST),
    leverage=bybit_rows.leverage,
    one_way_advice="close its positions and orders, then choose One-Way Mode in the preferences "
    "of its trading page on Bybit (or call /v5/position/switch-mode with mode 0)",
    coins_of=bybit_rows.coins_of,
    accounts=bybit_accounts.ACCOUNTS,
    accounts_a_second=4,  # Bybit takes 5
    accounts_advice=bybit_accounts.ADVICE,
    members=bybit_accounts.MEMBERS,
    moves=bybit_accounts.MOVES,
    mover=bybit_accounts.MOVER,
    chains=bybit_accounts.CHAINS,
    notices=Notices(Read("publicGetV5SystemStatus", _LIST), bybit_rows.notice),
    contracts=bybit_rows.CONTRACTS,
    contract_size=Decimal(1),
    amounts_in_contracts=False,
    delisting=bybit_rows.delisting,
    funding_interval=bybit_rows.funding_interval,
    market_key="symbol",
    tickers=(Read("publicGetV5MarketTickers", _LIST),),
    prices=bybit_rows.PRICE.prices,
    best=bybit_rows.PRICE.best,
    spot_tickers=Read("publicGetV5MarketTickers", _LIST, {"category": "spot"}),
    spot_market="{}USDT",
    depth=Read("publicGetV5MarketOrderbook", ("result",), {"limit": "50"}),
    book=bybit_rows.book,
    fee_rates=Read("privateGetV5AccountFeeRate", _LIST),
    fees=bybit_rows.fees,
    risk_limits=Read("publicGetV5MarketRiskLimit", _LIST, cursor=_CURSOR),
    maintenance=bybit_rows.maintenance,
    styles={Style.IOC: {"timeInForce": "IOC"}, Style.POST_ONLY: {"timeInForce": "PostOnly"}},
    deadline=Deadline(5),
    client_id_param="orderLinkId",
    order_lookups=tuple(
        Read(f"privateGetV5Order{name}", _LIST) for name in ("Realtime", "History")
    ),
    open_orders=Read("privateGetV5OrderRealtime", _LIST, {"limit": "50"}, cursor=_CURSOR),
    report=bybit_rows.report,
    fills=Read("privateGetV5ExecutionList", _LIST, {"limit": "100"}, cursor=_CURSOR),
    fill=bybit_rows.fill,
    flows=(
        Log(
            Read(
                "privateGetV5AccountTransactionLog",
                _LIST,
                {"accountType": "UNIFIED", "limit": "50"},
                cursor=_CURSOR,
            ),
            bybit_accounts.flow,
        ),
    ),
    code=lambda reply: (reply.get("retCode"), reply.get("retMsg")),
    **codes.BYBIT,
    limit_header="X-Bapi-Limit-Reset-Timestamp",
    # 10006 is one endpoint's limit for a second. An address that overdid it is shut out (403) for
    # ten minutes, and asking meanwhile prolongs it.
    limit_pauses_s={"10006": 1, "10018": 60, "http-403": 600},
)
