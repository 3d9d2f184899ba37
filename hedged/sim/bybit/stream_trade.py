"""Order entry over the websocket /v5/trade: order.create, order.amend and order.cancel."""

from collections.abc import Callable, Mapping

from hedged.sim.accounts import Account
from hedged.sim.bybit import trade
from hedged.sim.bybit.errors import (
    API_KEY,
    PARAMETER,
    RATE_LIMIT,
    TIMESTAMP,
    BybitError,
    parameter_error,
    refusal_error,
)
from hedged.sim.bybit.limits import RateLimits
from hedged.sim.bybit.parameters import Parameters
from hedged.sim.bybit.signature import check_time, stream_sender
from hedged.sim.bybit.stream_session import (
    Request,
    Session,
    operation_of,
    request_id,
)
from hedged.sim.dialect import Message
from hedged.sim.exchange import Exchange
from hedged.sim.orders import RefusedError

Handler = Callable[[Exchange, Account, Parameters], dict[str, object]]
ORDER_ENTRY: Mapping[str, tuple[str, Handler]] = {
    "order.create": ("/v5/order/create", trade.create_order),
    "order.amend": ("/v5/order/amend", trade.amend_order),
    "order.cancel": ("/v5/order/cancel", trade.cancel_order),
}
_PER_SECOND = 20


class TradeSession(Session):
    """A connection for orders."""

    def __init__(self, exchange: Exchange, connection: str, limits: RateLimits) -> None:
        super().__init__(exchange, connection)
        self._limits = limits

    @property
    def operations(self) -> Mapping[str, Callable[[Request, int], None]]:
        """Authentication, signs of life, orders."""
        return {
            "auth": self.authenticate,
            "ping": self.ping,
            **dict.fromkeys(ORDER_ENTRY, self.order),
        }

    def authenticate(self, request: Request, now_ms: int) -> None:
        """Open the session to an account."""
        self.account = stream_sender(self.exchange, request.get("args"), now_ms)
        self.answer(self._reply(request, 0, "OK"))

    def ping(self, request: Request, now_ms: int) -> None:
        """Answer a sign of life, with the time."""
        self.answer(self._reply(request, 0, "OK") | {"op": "pong", "data": [str(now_ms)]})

    def order(self, request: Request, now_ms: int) -> None:
        """Do what POST does on the path of the same name."""
        path, handler = ORDER_ENTRY[operation_of(request)]
        account = self.account
        if account is None:
            raise BybitError(API_KEY, "Request not authorized")
        _check_header(request, now_ms)
        allowance = self._limits.count(account.name, path, _PER_SECOND, now_ms)
        header = {**allowance.headers, "Traceid": "", "Timenow": str(now_ms)}
        code, message, data = 0, "OK", dict[str, object]()
        try:
            if allowance.is_within:
                data = _done(handler, self.exchange, account, request)
            else:
                code, message = RATE_LIMIT, "Too many visits. Exceeded the API Rate Limit."
        except BybitError as error:
            code, message = error.code, error.message
        reply = self._reply(request, code, message)
        self.answer(reply | {"data": data, "retExtInfo": {}, "header": header})

    def refuse(self, request: Request, error: BybitError) -> None:
        """Answer what cannot be done."""
        self.answer(self._reply(request, error.code, error.message))

    def _reply(self, request: Request, code: int, message: str) -> Message:
        return {
            "reqId": request_id(request, "reqId"),
            "retCode": code,
            "retMsg": message,
            "op": operation_of(request),
            "connId": self.connection,
        }


def _check_header(request: Request, now_ms: int) -> None:
    """Refuse a request whose time is out of its window."""
    header = request.get("header")
    if not isinstance(header, dict):
        raise BybitError(PARAMETER, "header is required")
    timestamp, window = (
        header.get(name, "") for name in ("X-BAPI-TIMESTAMP", "X-BAPI-RECV-WINDOW")
    )
    if not isinstance(timestamp, str | int) or not isinstance(window, str | int):
        raise BybitError(TIMESTAMP, "header invalid")
    check_time(str(timestamp), str(window), now_ms)


def _done(
    handler: Handler, exchange: Exchange, account: Account, request: Request
) -> dict[str, object]:
    """Do what the first argument asks for; refusals become the venue's errors."""
    arguments = request.get("args")
    if not isinstance(arguments, list) or not arguments or not isinstance(arguments[0], dict):
        raise parameter_error("args must be a list with one order")
    parameters = Parameters(arguments[0])
    try:
        return handler(exchange, account, parameters)
    except RefusedError as refused:
        raise refusal_error(refused, is_spot=parameters.is_spot) from None
