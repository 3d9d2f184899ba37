"""Bybit v5, unified account: spot wallet, inverse and linear contracts in one account.

An inverse contract is 1 USD and a linear one is 1 coin: order amounts are in USD or coins.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from hedged.core.access import Access
from hedged.core.types import Kind
from hedged.ports import Style, VenueRefused
from hedged.venue.fields import row_at
from hedged.venue.profiles import bybit_accounts, bybit_rows
from hedged.venue.profiles.bybit_switch import SWITCH
from hedged.venue.profiles.profile import Contracts, Notices, Profile, Reach, Read

_LIST: Final = ("result", "list")
_CURSOR: Final = ("result", "nextPageCursor")
_STABLE: Final = ("USDT", "USDC")  # what linear contracts settle in
_UNIFIED: Final = frozenset({5, 6})  # account states in which inverse contracts share the wallet
_READS: Final = (
    "system/status market/time market/instruments-info market/tickers user/query-api account/info "
    "account/wallet-balance account/fee-rate position/list order/realtime order/history "
    "execution/list market/orderbook market/risk-limit earn/position user/query-sub-members "
    "account/transaction-log account/query-dcp-info "
    "asset/transfer/query-account-coins-balance asset/transfer/query-inter-transfer-list "
    "asset/transfer/query-universal-transfer-list asset/withdraw/query-record "
    "asset/deposit/query-record"
)
# Left out on purpose, since an order may exist: 10000 and 10016 (server error), 10014
# (duplicate request), 170146 (creation timed out), 170149 (creation failed), 110079 (busy).
_REJECTIONS: Final = (
    "http-429 10001 10002 10003 10004 10005 10006 10007 10008 10009 10010 10018 10020 10024 10027 "
    "10028 10029 33004 110003 110004 110005 110006 110007 110009 110011 110012 110016 110017 "
    "110013 110020 110021 110022 110023 110037 110040 110042 110043 110044 110045 110051 110052 "
    "110053 110066 110067 110068 110069 110070 110094 170130 170131 170132 170133 170134 170135 "
    "170136 170137 170140 170192 170193 170194 110103 3400045"
)


async def _access(client: Any) -> Access:
    """The key and its account: sub-accounts have their own; demo trading tells of neither.

    ccxt's own question after the kind of account takes a reply without an answer for one.
    """
    if client.options.get("enableDemoTrading"):
        return Access()
    key = row_at("api key", await client.privateGetV5UserQueryApi(), ("result",))
    account = row_at("account", await client.privateGetV5AccountInfo(), ("result",))
    is_unified, status = key.number("uta") == 1, account.number("unifiedMarginStatus")
    if not is_unified or status not in _UNIFIED:
        raise VenueRefused(
            "the account is not a unified trading account 2.0; upgrade it in Bybit's account page"
        )
    # ccxt finds its answer here: no order has to wait while it asks.
    client.options |= {
        "enableUnifiedMargin": False,
        "enableUnifiedAccount": True,
        "unifiedMarginStatus": int(status),
    }
    return bybit_accounts.access(key, account)


def _positions(kind: Kind, *, rest_s: float = 0, **params: str) -> Read:
    return Read(
        "privateGetV5PositionList",
        _LIST,
        {**params, "limit": "200"},
        kind=kind,
        settle=params.get("settleCoin", ""),
        cursor=_CURSOR,
        rest_s=rest_s,
    )


BYBIT: Final = Profile(
    exchange="bybit",
    title="Bybit",
    notes=("The account must be a unified trading account 2.0.",),
    environments={
        "mainnet": Reach(("api.bybit.com",), "stream.bybit.com"),
        "testnet": Reach(
            ("api-testnet.bybit.com",), "stream-testnet.bybit.com", switch="set_sandbox_mode"
        ),
        "demo": Reach(
            ("api-demo.bybit.com",), "stream-demo.bybit.com", switch="enable_demo_trading"
        ),
    },
    options={"defaultType": "swap", "defaultSubType": "inverse"},
    # Bybit takes 600 requests in 5 s from an address; at ccxt's cost of 5 each this sends 500 reads
    # and leaves the rest to orders and cancels, which are not counted.
    rate_limit_ms=Decimal(2),
    limit_per_hour=432_000,
    routes=frozenset(("GET", f"/v5/{path}") for path in _READS.split()),
    write_routes=frozenset(
        {
            ("POST", "/v5/order/create"),
            ("POST", "/v5/order/cancel"),
            ("POST", "/v5/order/disconnected-cancel-all"),
            ("GET", SWITCH.path),
        }
    ),
    setting_routes=frozenset(
        {("POST", "/v5/position/set-leverage"), ("POST", "/v5/account/set-margin-mode")}
    ),
    switch=SWITCH,
    access=_access,
    wallet=Read("privateGetV5AccountWalletBalance", _LIST, {"accountType": "UNIFIED"}),
    wallet_coin_param="coin",
    unknown_coin=frozenset({"10001"}),
    balances=bybit_rows.balances,
    margin=bybit_rows.margin,
    positions=(
        _positions(Kind.INVERSE, category="inverse"),
        _positions(Kind.LINEAR, category="linear", settleCoin="USDT"),
        _positions(Kind.LINEAR, category="linear", settleCoin="USDC", rest_s=60),
        _positions(Kind.LINEAR, category="option", rest_s=60),
    ),
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
    contracts={
        Kind.INVERSE: Contracts(
            listing=("inverse",),
            only={"category": "inverse"},
            by_market=False,
            order_lists=({"category": "inverse"},),
        ),
        Kind.LINEAR: Contracts(
            listing=("linear",),
            only={"category": "linear"},
            by_market=True,
            order_lists=tuple({"category": "linear", "settleCoin": coin} for coin in _STABLE),
        ),
    },
    contract_size=Decimal(1),
    amounts_in_contracts=False,
    delisting=bybit_rows.delisting,
    market_key="symbol",
    tickers=(Read("publicGetV5MarketTickers", _LIST),),
    prices=bybit_rows.prices,
    best=bybit_rows.best,
    spot_tickers=Read("publicGetV5MarketTickers", _LIST, {"category": "spot"}),
    spot_market="{}USDT",
    depth=Read("publicGetV5MarketOrderbook", ("result",), {"limit": "50"}),
    book=bybit_rows.book,
    fee_rates=Read("privateGetV5AccountFeeRate", _LIST),
    fees=bybit_rows.fees,
    risk_limits=Read("publicGetV5MarketRiskLimit", _LIST, cursor=_CURSOR),
    maintenance=bybit_rows.maintenance,
    styles={Style.IOC: {"timeInForce": "IOC"}, Style.POST_ONLY: {"timeInForce": "PostOnly"}},
    client_id_param="orderLinkId",
    order_lookups=(
        Read("privateGetV5OrderRealtime", _LIST),
        Read("privateGetV5OrderHistory", _LIST),
    ),
    open_orders=Read("privateGetV5OrderRealtime", _LIST, {"limit": "50"}, cursor=_CURSOR),
    report=bybit_rows.report,
    from_param="startTime",
    to_param="endTime",
    longest_span=timedelta(days=7),
    fills=Read("privateGetV5ExecutionList", _LIST, {"limit": "100"}, cursor=_CURSOR),
    fill=bybit_rows.fill,
    flows=Read(
        "privateGetV5AccountTransactionLog",
        _LIST,
        {"accountType": "UNIFIED", "limit": "50"},
        cursor=_CURSOR,
    ),
    flow=bybit_accounts.flow,
    code=lambda reply: (reply.get("retCode"), reply.get("retMsg")),
    rejections=frozenset(_REJECTIONS.split()),
    duplicates=frozenset({"110030", "110072", "170141"}),
    post_only_period=frozenset({"110103"}),
    gone=frozenset({"110001", "110008", "110010", "170139", "170142", "170143", "170213"}),
    listing_doubts=frozenset(
        {"10001", "110003", "110094", "170134", "170135", "170136", "170137", "170140"}
    ),
    limit_header="X-Bapi-Limit-Reset-Timestamp",
    # 10006 is one endpoint's limit for a second. An address that overdid it is shut out (403) for
    # ten minutes, and asking meanwhile prolongs it.
    limit_pauses_s={"10006": 1, "10018": 60, "http-403": 600},
)
