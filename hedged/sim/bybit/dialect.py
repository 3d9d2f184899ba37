"""The dialect: one request in, one reply out.

`handle` never raises for anything that a client can send: whatever is malformed, unsigned or
refused is answered as the venue answers it. It lets the exchange advance to the time of the request
first, so that due funding and refills have happened before anything is read.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from hedged.sim.accounts import Account
from hedged.sim.bybit import account as accounts
from hedged.sim.bybit import asset, faults, market, trade
from hedged.sim.bybit.errors import (
    NOT_FOUND,
    RATE_LIMIT,
    BybitError,
    parameter_error,
    permission_error,
    refusal_error,
)
from hedged.sim.bybit.limits import RateLimits
from hedged.sim.bybit.parameters import Parameters
from hedged.sim.bybit.signature import sender
from hedged.sim.dialect import Purpose, Reply
from hedged.sim.exchange import Exchange
from hedged.sim.faults.fault import Fault
from hedged.sim.market import Market
from hedged.sim.orders import RefusedError

Result = dict[str, object]
PublicHandler = Callable[[Exchange, Parameters], Result]
PrivateHandler = Callable[[Exchange, Account, Parameters], Result]

_MAX_FIELDS = 100


@dataclass(frozen=True, slots=True)
class Private:
    """A signed endpoint with its limit of requests a second."""

    handler: PrivateHandler
    per_second: int
    message: str = "OK"


TIME = ("GET", "/v5/market/time")  # tells the gateway's clock, not the exchange's

PUBLIC: Mapping[tuple[str, str], PublicHandler] = {
    ("GET", "/v5/system/status"): market.system_status,
    ("GET", "/v5/market/instruments-info"): market.instruments,
    ("GET", "/v5/market/tickers"): market.tickers,
    ("GET", "/v5/market/orderbook"): market.orderbook,
    ("GET", "/v5/market/funding/history"): market.funding_history,
    ("GET", "/v5/market/risk-limit"): market.risk_limit,
}

PRIVATE: Mapping[tuple[str, str], Private] = {
    ("GET", "/v5/user/query-api"): Private(accounts.key_info, 10, ""),
    ("GET", "/v5/account/info"): Private(accounts.account_info, 50),
    ("GET", "/v5/account/query-dcp-info"): Private(accounts.disconnect_info, 5),
    ("GET", "/v5/account/wallet-balance"): Private(accounts.wallet_balance, 50),
    ("GET", "/v5/account/fee-rate"): Private(accounts.fee_rate, 10),
    ("GET", "/v5/account/transaction-log"): Private(accounts.transaction_log, 30),
    ("POST", "/v5/account/set-margin-mode"): Private(
        accounts.set_margin_mode, 5, "Request accepted"
    ),
    ("GET", "/v5/asset/coin/query-info"): Private(asset.coin_info, 5, ""),
    ("POST", "/v5/asset/transfer/inter-transfer"): Private(asset.transfer, 20, "success"),
    ("GET", "/v5/asset/transfer/query-inter-transfer-list"): Private(
        asset.transfer_list, 20, "success"
    ),
    ("GET", "/v5/asset/transfer/query-universal-transfer-list"): Private(
        asset.universal_list, 5, "success"
    ),
    ("GET", "/v5/asset/withdraw/query-record"): Private(asset.withdrawals, 5, "success"),
    ("GET", "/v5/asset/deposit/query-record"): Private(asset.deposits, 5, "success"),
    ("GET", "/v5/earn/position"): Private(asset.earn_positions, 10),
    ("GET", "/v5/user/query-sub-members"): Private(asset.sub_members, 10, ""),
    ("GET", "/v5/asset/transfer/query-account-coins-balance"): Private(
        asset.coins_balance, 5, "success"
    ),
    ("GET", "/v5/position/list"): Private(trade.positions, 50),
    ("POST", "/v5/position/set-leverage"): Private(trade.set_leverage, 10),
    ("POST", "/v5/position/switch-mode"): Private(trade.switch_mode, 10),
    ("GET", "/v5/order/realtime"): Private(trade.open_orders, 50),
    ("GET", "/v5/order/history"): Private(trade.order_history, 50),
    ("GET", "/v5/execution/list"): Private(trade.executions, 50),
    ("POST", "/v5/order/create"): Private(trade.create_order, 20),
    ("POST", "/v5/order/amend"): Private(trade.amend_order, 20),
    ("POST", "/v5/order/cancel"): Private(trade.cancel_order, 20),
    ("POST", "/v5/order/cancel-all"): Private(trade.cancel_all, 20),
    ("POST", "/v5/order/disconnected-cancel-all"): Private(
        trade.disconnected_cancel_all, 5, "success"
    ),
}


class BybitDialect:
    """Answers Bybit v5 requests for one exchange."""

    def __init__(self, exchange: Exchange, *, limits: RateLimits | None = None) -> None:
        self.exchange = exchange
        self.limits = limits or RateLimits()

    def handle(
        self,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes,
        now_ms: int,
        *,
        skew_ms: int = 0,
    ) -> Reply:
        """Answer one request; `skew_ms` is how far the clock of the venue's gateway is fast."""
        self.exchange.advance(now_ms)
        call = _Call(method, path, query, headers, body, now_ms + skew_ms)
        endpoint = (method, path)
        try:
            if endpoint in PRIVATE:
                self._answer_private(call, PRIVATE[endpoint])
            elif endpoint == TIME:
                call.result = market.server_time(call.now_ms)
            elif endpoint in PUBLIC:
                call.result = PUBLIC[endpoint](self.exchange, call.parameters())
            else:
                call.status = 404
                call.fail(BybitError(NOT_FOUND, "Route not found."))
        except RefusedError as refused:
            call.fail(refusal_error(refused, is_spot=call.is_spot_order))
        except BybitError as error:
            call.fail(error)
        return call.reply()

    def purposes(self, method: str, path: str) -> frozenset[Purpose]:
        """Return what a request is for."""
        return faults.purposes(method, path)

    def key_of(self, headers: Mapping[str, str]) -> str:
        """Return the API key of a request, empty when it has none."""
        return next((headers[name] for name in headers if name.lower() == "x-bapi-api-key"), "")

    def question(self, query: str, body: bytes) -> str:
        """Return what a request asks; its time and signature are in the headers."""
        return body.decode(errors="replace") or query

    def market_of(self, question: str) -> Market | None:
        """Return the market of an order, by the question that asks for it."""
        return faults.market_of(self.exchange, question)

    def refusal(self, fault: Fault, now_ms: int) -> Reply:
        """Return the reply of a fault that is an error of the venue's own."""
        return faults.refusal(fault, now_ms)

    def altered(self, fault: Fault, reply: Reply, now_ms: int) -> Reply:
        """Return a reply as a fault makes it."""
        return faults.altered(fault, reply, now_ms)

    def _answer_private(self, call: "_Call", endpoint: Private) -> None:
        """Check who asks and how often, then do what is asked."""
        lowered = {name.lower(): value for name, value in call.headers.items()}
        account = sender(self.exchange, lowered, call.payload(), call.now_ms)
        call.account = account.name
        allowance = self.limits.count(account.name, call.path, endpoint.per_second, call.now_ms)
        call.reply_headers = allowance.headers
        if not allowance.is_within:
            raise BybitError(RATE_LIMIT, "Too many visits. Exceeded the API Rate Limit.")
        if call.method == "POST" and not account.rights.may_trade:
            raise permission_error()
        call.message = endpoint.message
        call.result = endpoint.handler(self.exchange, account, call.parameters())


@dataclass(slots=True)
class _Call:
    """A request, and the reply as it comes about."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    now_ms: int
    status: int = 200
    reply_headers: Mapping[str, str] = field(default_factory=dict)
    account: str = ""
    code: int = 0
    message: str = "OK"
    result: Result = field(default_factory=dict)
    is_spot_order: bool = False

    def payload(self) -> str:
        """Return what is signed: the query string as it came, or the body."""
        if self.method != "POST":
            return self.query
        try:
            return self.body.decode()
        except UnicodeDecodeError:
            raise parameter_error("the body is not UTF-8") from None

    def parameters(self) -> Parameters:
        """Read the parameters from the query string or the JSON object in the body."""
        read = _from_json if self.method == "POST" else _from_query
        parameters = read(self.payload())
        self.is_spot_order = parameters.is_spot and self.path.startswith("/v5/order")
        return parameters

    def fail(self, error: BybitError) -> None:
        """Turn the reply into an error."""
        self.code, self.message, self.result = error.code, error.message, error.result

    def reply(self) -> Reply:
        """Return the reply in the venue's envelope."""
        envelope = {
            "retCode": self.code,
            "retMsg": self.message,
            "result": self.result,
            "retExtInfo": {},
            "time": self.now_ms,
        }
        order_id = self.result.get("orderId", "")
        return Reply(
            self.status,
            self.reply_headers,
            envelope,
            self.account,
            self.code,
            order_id=order_id if isinstance(order_id, str) else "",
            inside="result",
        )


def _from_json(text: str) -> Parameters:
    try:
        values = json.loads(text or "{}")
    except (ValueError, RecursionError):
        raise parameter_error("the body is not JSON") from None
    if not isinstance(values, dict):
        raise parameter_error("the body is not a JSON object")
    return Parameters(values)


def _from_query(text: str) -> Parameters:
    try:
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise parameter_error("too many parameters") from None
    return Parameters(dict(fields))
