"""Binance's error codes, and which of them says what the exchange refused."""

from collections.abc import Mapping
from http import HTTPStatus

from hedged.sim.orders import Refusal, RefusedError


class BinanceError(Exception):
    """A reply with a code and a message in place of what was asked for."""

    def __init__(self, code: int, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message
        self.status = int(status)


def missing(name: str) -> BinanceError:
    """Return the error for a parameter that is not there or makes no sense."""
    return BinanceError(
        -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    )


def unauthorised() -> BinanceError:
    """Return the error for a key that is unknown or has not the right to do this."""
    return BinanceError(
        -2015, "Invalid API-key, IP, or permissions for action.", HTTPStatus.UNAUTHORIZED
    )


_COIN_M: Mapping[Refusal, tuple[int, str]] = {
    Refusal.UNKNOWN_SYMBOL: (-1121, "Invalid symbol."),
    Refusal.NOT_TRADING: (-4141, "Symbol is closed."),
    Refusal.UNKNOWN_COIN: (-1102, "Mandatory parameter 'asset' was malformed."),
    Refusal.UNKNOWN_ORDER: (-2011, "Unknown order sent."),
    Refusal.DUPLICATE_LINK_ID: (-4116, "ClientOrderId is duplicated."),
    Refusal.QUANTITY_INVALID: (-4023, "Qty not increased by step size."),
    Refusal.QUANTITY_TOO_SMALL: (-4004, "Quantity less than or equal to zero."),
    Refusal.QUANTITY_TOO_LARGE: (-4005, "Quantity greater than max quantity."),
    Refusal.PRICE_INVALID: (-4014, "Price not increased by tick size."),
    Refusal.PRICE_TOO_HIGH: (-4016, "Limit price can't be higher than {}."),
    Refusal.PRICE_TOO_LOW: (-4024, "Limit price can't be lower than {}."),
    Refusal.POSITION_INDEX: (-4061, "Order's position side does not match user's setting."),
    Refusal.REDUCE_ONLY: (-2022, "ReduceOnly Order is rejected."),
    Refusal.INSUFFICIENT_MARGIN: (-2019, "Margin is insufficient."),
    Refusal.INSUFFICIENT_BALANCE: (-5013, "Asset transfer failed: insufficient balance"),
    Refusal.TOO_MANY_ORDERS: (-2025, "Reach max open order limit."),
    Refusal.NOT_MODIFIED: (-5027, "No need to modify the order."),
    Refusal.BELOW_FILLED: (-4023, "Qty not increased by step size."),
    Refusal.LEVERAGE_INVALID: (-4028, "Leverage is not valid"),
    Refusal.POSITION_OPEN: (
        -4068,
        "Position side cannot be changed if there exists position.",
    ),
    Refusal.ORDERS_OPEN: (-4067, "Position side cannot be changed if there exists open orders."),
}
_SPOT: Mapping[Refusal, tuple[int, str]] = {
    Refusal.NOT_TRADING: (-1013, "Market is closed."),
    Refusal.DUPLICATE_LINK_ID: (-2010, "Duplicate order sent."),
    Refusal.QUANTITY_INVALID: (-1013, "Filter failure: LOT_SIZE"),
    Refusal.QUANTITY_TOO_SMALL: (-1013, "Filter failure: LOT_SIZE"),
    Refusal.QUANTITY_TOO_LARGE: (-1013, "Filter failure: LOT_SIZE"),
    Refusal.VALUE_TOO_SMALL: (-1013, "Filter failure: NOTIONAL"),
    Refusal.VALUE_TOO_LARGE: (-1013, "Filter failure: NOTIONAL"),
    Refusal.PRICE_INVALID: (-1013, "Filter failure: PRICE_FILTER"),
    Refusal.PRICE_TOO_HIGH: (-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    Refusal.PRICE_TOO_LOW: (-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    Refusal.INSUFFICIENT_BALANCE: (
        -2010,
        "Account has insufficient balance for requested action.",
    ),
    Refusal.TOO_MANY_ORDERS: (-1013, "Filter failure: MAX_NUM_ORDERS"),
}
_OTHER = (-1130, "Data sent for a parameter is not valid.")


def refusal_error(refused: RefusedError, *, is_spot: bool) -> BinanceError:
    """Return the reply to a refused request."""
    general = _COIN_M.get(refused.refusal, _OTHER)
    code, message = _SPOT.get(refused.refusal, general) if is_spot else general
    return BinanceError(code, message.format(refused.detail))
