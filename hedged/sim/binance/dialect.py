"""The dialect: one request in, one reply out.

`handle` never raises for anything that a client can send: whatever is malformed, unsigned or
refused is answered as the venue answers it. It lets the exchange advance to the time of the request
first, so that due funding and refills have happened before anything is read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

from hedged.sim.accounts import Account
from hedged.sim.binance import account as accounts
from hedged.sim.binance import faults, listing, market, members, trade, wallets
from hedged.sim.binance.errors import BinanceError, refusal_error, unauthorised
from hedged.sim.binance.limits import Weights
from hedged.sim.binance.listen import ListenKeys
from hedged.sim.binance.parameters import Parameters, read
from hedged.sim.binance.signature import check_signature, key_of, owner
from hedged.sim.dialect import Purpose, Reply
from hedged.sim.exchange import Exchange
from hedged.sim.faults.fault import Fault
from hedged.sim.market import Market
from hedged.sim.orders import RefusedError

Endpoint = tuple[str, str]
PublicHandler = Callable[[Exchange, Parameters], Any]
PrivateHandler = Callable[[Exchange, Account, Parameters], Any]

_TIMES = (("GET", "/dapi/v1/time"), ("GET", "/api/v3/time"))
_PINGS = (("GET", "/dapi/v1/ping"), ("GET", "/api/v3/ping"))
_LISTEN = "/dapi/v1/listenKey"
_UNSIGNED = ("timestamp", "recvWindow", "signature")
_SLOWER = {HTTPStatus.TOO_MANY_REQUESTS: "5", HTTPStatus.IM_A_TEAPOT: "120"}  # Retry-After, s


@dataclass(frozen=True, slots=True)
class Public:
    """An endpoint for everybody, with its weight."""

    handler: PublicHandler
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Private:
    """A signed endpoint, with its weight."""

    handler: PrivateHandler
    weight: int = 1


PUBLIC: Mapping[Endpoint, Public] = {
    ("GET", "/dapi/v1/exchangeInfo"): Public(listing.coin_m_listing),
    ("GET", "/dapi/v1/premiumIndex"): Public(market.premium_index, 10),
    ("GET", "/dapi/v1/depth"): Public(market.coin_m_depth, 5),
    ("GET", "/dapi/v1/ticker/bookTicker"): Public(market.coin_m_best, 2),
    ("GET", "/dapi/v1/ticker/price"): Public(market.coin_m_last),
    ("GET", "/dapi/v1/ticker/24hr"): Public(market.coin_m_day),
    ("GET", "/dapi/v1/fundingRate"): Public(market.funding_rates),
    ("GET", "/dapi/v1/fundingInfo"): Public(market.funding_info),
    ("GET", "/api/v3/exchangeInfo"): Public(listing.spot_listing, 20),
    ("GET", "/api/v3/depth"): Public(market.spot_depth, 5),
    ("GET", "/api/v3/ticker/bookTicker"): Public(market.spot_best, 2),
    ("GET", "/api/v3/ticker/price"): Public(market.spot_last, 2),
    ("GET", "/api/v3/ticker/24hr"): Public(market.spot_day, 2),
    ("GET", "/sapi/v1/system/status"): Public(wallets.system_status),
}

PRIVATE: Mapping[Endpoint, Private] = {
    ("GET", "/dapi/v1/account"): Private(accounts.account, 5),
    ("GET", "/dapi/v1/balance"): Private(accounts.balance),
    ("GET", "/dapi/v1/positionRisk"): Private(accounts.position_risk),
    ("GET", "/dapi/v1/positionSide/dual"): Private(accounts.position_mode, 30),
    ("POST", "/dapi/v1/positionSide/dual"): Private(accounts.set_position_mode),
    ("GET", "/dapi/v1/commissionRate"): Private(accounts.commission_rate, 20),
    ("POST", "/dapi/v1/leverage"): Private(accounts.set_leverage),
    ("POST", "/dapi/v1/marginType"): Private(accounts.set_margin_type),
    ("GET", "/dapi/v1/income"): Private(accounts.income, 20),
    ("GET", "/dapi/v2/leverageBracket"): Private(
        lambda exchange, _account, parameters: listing.brackets(exchange, parameters)
    ),
    ("GET", "/dapi/v1/order"): Private(trade.coin_m_order_known),
    ("POST", "/dapi/v1/order"): Private(trade.create_coin_m),
    ("PUT", "/dapi/v1/order"): Private(trade.amend_coin_m),
    ("DELETE", "/dapi/v1/order"): Private(trade.cancel_coin_m),
    ("GET", "/dapi/v1/openOrder"): Private(trade.coin_m_order_open),
    ("GET", "/dapi/v1/openOrders"): Private(trade.open_coin_m),
    ("GET", "/dapi/v1/allOrders"): Private(trade.all_coin_m, 20),
    ("DELETE", "/dapi/v1/allOpenOrders"): Private(trade.cancel_all_coin_m),
    ("POST", "/dapi/v1/countdownCancelAll"): Private(trade.count_down, 10),
    ("GET", "/dapi/v1/userTrades"): Private(trade.trades_coin_m, 20),
    ("GET", "/api/v3/account"): Private(accounts.spot_account, 20),
    ("GET", "/api/v3/order"): Private(trade.spot_order_known, 4),
    ("POST", "/api/v3/order"): Private(trade.create_spot),
    ("DELETE", "/api/v3/order"): Private(trade.cancel_spot),
    ("GET", "/api/v3/openOrders"): Private(trade.open_spot, 6),
    ("DELETE", "/api/v3/openOrders"): Private(trade.cancel_all_spot),
    ("GET", "/api/v3/allOrders"): Private(trade.all_spot, 20),
    ("GET", "/api/v3/myTrades"): Private(trade.trades_spot, 20),
    ("GET", "/sapi/v1/account/apiRestrictions"): Private(wallets.restrictions),
    ("POST", "/sapi/v1/asset/transfer"): Private(wallets.transfer, 900),
    ("GET", "/sapi/v1/asset/transfer"): Private(wallets.transfers),
    ("GET", "/sapi/v1/capital/withdraw/history"): Private(wallets.withdrawals, 1),
    ("GET", "/sapi/v1/capital/deposit/hisrec"): Private(wallets.deposits),
    ("GET", "/sapi/v1/sub-account/list"): Private(members.members),
    ("GET", "/sapi/v4/sub-account/assets"): Private(members.assets, 60),
    ("GET", "/sapi/v1/sub-account/universalTransfer"): Private(members.transfers),
    ("POST", "/sapi/v1/asset/get-funding-asset"): Private(wallets.funding_wallet),
    ("GET", "/sapi/v1/asset/tradeFee"): Private(wallets.trade_fees),
    ("GET", "/sapi/v1/margin/allPairs"): Private(wallets.no_margin),
    ("GET", "/sapi/v1/margin/isolated/allPairs"): Private(wallets.no_margin),
    ("GET", "/sapi/v1/simple-earn/flexible/position"): Private(wallets.flexible, 150),
    ("GET", "/sapi/v1/simple-earn/locked/position"): Private(wallets.locked, 150),
}
# Settings and orders; the others read, whatever their method.
WRITES = frozenset(
    endpoint
    for endpoint in PRIVATE
    if endpoint[0] != "GET" and endpoint[1] != "/sapi/v1/asset/get-funding-asset"
)


class BinanceDialect:
    """Answers Binance's requests for one exchange."""

    def __init__(self, exchange: Exchange, keys: ListenKeys, weights: Weights) -> None:
        self.exchange = exchange
        self._keys = keys
        self._weights = weights

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
        call = _Call((method, path), query, headers, body, now_ms + skew_ms)
        try:
            payload = self._answer(call)
        except RefusedError as refused:
            return call.error(refusal_error(refused, is_spot=path.startswith("/api/v3")))
        except BinanceError as error:
            return call.error(error)
        order_id = payload.get("orderId", "") if isinstance(payload, dict) else ""
        return Reply(200, call.told, payload, call.account, order_id=str(order_id))

    def _answer(self, call: "_Call") -> Any:
        endpoint, count = call.endpoint, partial(self._weights.count, call.endpoint[1])
        if endpoint in PUBLIC:
            call.told = count(PUBLIC[endpoint].weight, call.now_ms)
            return PUBLIC[endpoint].handler(self.exchange, call.parameters())
        if endpoint in PRIVATE:
            call.told = count(PRIVATE[endpoint].weight, call.now_ms)
            return self._signed(call, PRIVATE[endpoint].handler)
        if endpoint in _TIMES:
            return {"serverTime": call.now_ms}
        if endpoint in _PINGS:
            return {}
        if endpoint[1] == _LISTEN:
            return self._listen(call)
        raise BinanceError(-5000, f"Path {endpoint[1]}, Method {endpoint[0]} is invalid", 404)

    def _signed(self, call: "_Call", handler: PrivateHandler) -> Any:
        """Check who asks, then do what is asked."""
        account, parameters = owner(self.exchange, call.headers), call.parameters()
        call.account = account.name
        check_signature(account, call.sent(), parameters, call.now_ms)
        if call.endpoint in WRITES and not account.rights.may_trade:
            raise unauthorised()
        return handler(self.exchange, account, parameters)

    def _listen(self, call: "_Call") -> Any:
        """Answer what needs a key and no signature."""
        account = owner(self.exchange, call.headers)
        call.account = account.name
        match call.endpoint[0]:
            case "POST":
                return self._keys.start(account, call.now_ms)
            case "PUT":
                return self._keys.keep(account, call.now_ms)
            case "DELETE":
                return self._keys.end(account)
            case method:
                raise BinanceError(-5000, f"Path {_LISTEN}, Method {method} is invalid", 404)

    def purposes(self, method: str, path: str) -> frozenset[Purpose]:
        """Return what a request is for."""
        return faults.purposes(method, path)

    def key_of(self, headers: Mapping[str, str]) -> str:
        """Return the API key of a request, empty when it has none."""
        return key_of(headers)

    def question(self, query: str, body: bytes) -> str:
        """Return what a request asks, without its time and signature."""
        parts = _joined(query, body).split("&")
        return "&".join(part for part in parts if part.partition("=")[0] not in _UNSIGNED)

    def market_of(self, question: str) -> Market | None:
        """Return the market of an order, by the question that asks for it."""
        return self.exchange.markets.get(read(question).get("symbol", ""))

    def refusal(self, fault: Fault, now_ms: int) -> Reply:
        """Return the reply of a fault that is an error of the venue's own."""
        del now_ms
        return faults.refusal(fault)

    def altered(self, fault: Fault, reply: Reply, now_ms: int) -> Reply:
        """Return a reply as a fault makes it."""
        return faults.altered(fault, reply, now_ms)


def _joined(query: str, body: bytes) -> str:
    return "&".join(part for part in (query, body.decode(errors="replace")) if part)


@dataclass(slots=True)
class _Call:
    """A request, and what is told beside its answer."""

    endpoint: Endpoint
    query: str
    headers: Mapping[str, str]
    body: bytes
    now_ms: int
    told: Mapping[str, str] = field(default_factory=dict)
    account: str = ""

    def sent(self) -> str:
        """Return what is signed: the query string and the body, one after the other."""
        return self.query + self.body.decode(errors="surrogateescape")

    def parameters(self) -> Parameters:
        """Read the parameters of the query string and of the form in the body."""
        return Parameters(read(_joined(self.query, self.body)))

    def error(self, error: BinanceError) -> Reply:
        """Return the reply that says what was wrong."""
        reply = faults.error(error.status, error.code, error.message)
        told = dict(self.told)
        if error.status in _SLOWER:
            told["Retry-After"] = _SLOWER[HTTPStatus(error.status)]
        return Reply(reply.status, told, reply.payload, self.account, reply.code)
