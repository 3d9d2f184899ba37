"""Bybit's return codes, and which of them says what the exchange refused."""

from collections.abc import Mapping

from hedged.sim.orders import Refusal, RefusedError

PARAMETER = 10001
TIMESTAMP = 10002
API_KEY = 10003
SIGNATURE = 10004
PERMISSION = 10005
RATE_LIMIT = 10006
SYSTEM = 10016
NOT_FOUND = 10017


class BybitError(Exception):
    """A reply with a return code other than 0."""

    def __init__(self, code: int, message: str, result: Mapping[str, object] | None = None) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.result = dict(result or {})


def parameter_error(detail: str) -> BybitError:
    """Return the error for a missing or malformed parameter."""
    return BybitError(PARAMETER, f"params error: {detail}")


def permission_error() -> BybitError:
    """Return the error for a key without the right to do this."""
    return BybitError(PERMISSION, "Permission denied, please check your API key permissions.")


_SPOT: Mapping[Refusal, tuple[int, str]] = {
    Refusal.UNKNOWN_SYMBOL: (170121, "Invalid symbol."),
    Refusal.UNKNOWN_ORDER: (170213, "Order does not exist."),
    Refusal.DUPLICATE_LINK_ID: (170141, "Duplicate clientOrderId."),
    Refusal.QUANTITY_INVALID: (170137, "Order quantity has too many decimals."),
    Refusal.QUANTITY_TOO_SMALL: (170136, "Order quantity exceeded lower limit."),
    Refusal.QUANTITY_TOO_LARGE: (170135, "Order quantity exceeded upper limit."),
    Refusal.VALUE_TOO_SMALL: (170140, "Order value exceeded lower limit."),
    Refusal.VALUE_TOO_LARGE: (170124, "Order amount too large."),
    Refusal.PRICE_INVALID: (170134, "Order price has too many decimals."),
    Refusal.PRICE_TOO_HIGH: (170193, "Buy order price cannot be higher than the limit."),
    Refusal.PRICE_TOO_LOW: (170194, "Sell order price cannot be lower than the limit."),
    Refusal.INSUFFICIENT_BALANCE: (170131, "Insufficient balance."),
}

_GENERAL: Mapping[Refusal, tuple[int, str]] = {
    Refusal.UNKNOWN_SYMBOL: (PARAMETER, "params error: symbol invalid"),
    Refusal.NOT_TRADING: (110074, "This contract is not live"),
    Refusal.POST_ONLY_PERIOD: (110103, "Only Post-Only orders are available at this stage"),
    Refusal.UNKNOWN_COIN: (PARAMETER, "params error: coin invalid"),
    Refusal.UNKNOWN_ORDER: (110001, "order not exists or too late to cancel"),
    Refusal.DUPLICATE_LINK_ID: (110072, "OrderLinkedID is duplicate"),
    Refusal.QUANTITY_INVALID: (PARAMETER, "Qty invalid"),
    Refusal.QUANTITY_TOO_SMALL: (
        PARAMETER,
        "The number of contracts exceeds minimum limit allowed",
    ),
    Refusal.QUANTITY_TOO_LARGE: (
        PARAMETER,
        "The number of contracts exceeds maximum limit allowed",
    ),
    Refusal.VALUE_TOO_SMALL: (110094, "Order does not meet minimum order value"),
    Refusal.VALUE_TOO_LARGE: (PARAMETER, "Order value exceeds the maximum"),
    Refusal.PRICE_INVALID: (PARAMETER, "Price invalid"),
    Refusal.PRICE_TOO_HIGH: (110003, "Order price exceeds the allowable range."),
    Refusal.PRICE_TOO_LOW: (110003, "Order price exceeds the allowable range."),
    Refusal.POSITION_INDEX: (PARAMETER, "position idx not match position mode"),
    Refusal.REDUCE_ONLY: (
        110017,
        "current position is zero, cannot fix reduce-only order qty",
    ),
    Refusal.INSUFFICIENT_MARGIN: (110007, "ab not enough for new order"),
    Refusal.INSUFFICIENT_BALANCE: (131212, "Insufficient balance"),
    Refusal.TOO_MANY_ORDERS: (
        110020,
        "You have exceeded the maximum number of active orders",
    ),
    Refusal.NOT_MODIFIED: (
        PARAMETER,
        "The order remains unchanged as the parameters entered match the existing ones.",
    ),
    Refusal.BELOW_FILLED: (
        110064,
        "The number of contracts modified cannot be less than or equal to the filled quantity",
    ),
    Refusal.LEVERAGE_INVALID: (PARAMETER, "leverage invalid"),
    Refusal.POSITION_OPEN: (
        110024,
        "You have an existing position, so the position mode cannot be switched",
    ),
    Refusal.ORDERS_OPEN: (
        110028,
        "You have existing open orders, so the position mode cannot be switched",
    ),
    Refusal.SAME_WALLET: (131211, "fromAccountType can't be the same as toAccountType"),
    Refusal.DUPLICATE_TRANSFER: (131214, "TransferId exist"),
}


def refusal_error(refused: RefusedError, *, is_spot: bool) -> BybitError:
    """Return the reply to a refused request."""
    code, message = (_SPOT if is_spot else _GENERAL).get(refused.refusal, _GENERAL[refused.refusal])
    return BybitError(code, message)
