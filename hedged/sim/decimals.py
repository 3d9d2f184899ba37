"""Decimal arithmetic that does not depend on the caller's decimal context.

Coins are booked to 8 decimals. Intermediate figures (the cost of a position) keep 18, so that any
sum of them is exact in 28 digits and the same whatever context the caller happens to run in.
"""

from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)

ZERO = Decimal(0)
ONE = Decimal(1)
COIN_STEP = Decimal("0.00000001")
FINE_STEP = Decimal("0.000000000000000001")
BASIS_POINT = Decimal("0.0001")

_CONTEXT = Context(
    prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow]
)
_STEPS = [ONE.scaleb(-places) for places in range(19)]
_multiply, _divide = _CONTEXT.multiply, _CONTEXT.divide


def to_coins(amount: Decimal) -> Decimal:
    """Return the amount as a ledger can hold it: to 8 decimals, half to even."""
    return amount.quantize(COIN_STEP, None, _CONTEXT)


def quotient(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Return the quotient to 18 decimals."""
    return _divide(dividend, divisor).quantize(FINE_STEP, None, _CONTEXT)


def product(left: Decimal, right: Decimal) -> Decimal:
    """Return the product to 18 decimals."""
    return _multiply(left, right).quantize(FINE_STEP, None, _CONTEXT)


def floored(amount: Decimal, step: Decimal) -> Decimal:
    """Return the largest multiple of the step that is not above the amount."""
    steps = _CONTEXT.divide(amount, step).to_integral_value(ROUND_FLOOR, _CONTEXT)
    return _CONTEXT.multiply(steps, step)


def ceiled(amount: Decimal, step: Decimal) -> Decimal:
    """Return the smallest multiple of the step that is not below the amount."""
    steps = _CONTEXT.divide(amount, step).to_integral_value(ROUND_CEILING, _CONTEXT)
    return _CONTEXT.multiply(steps, step)


def is_multiple(amount: Decimal, step: Decimal) -> bool:
    """Say whether the amount lies on the step."""
    return not _CONTEXT.remainder(amount, step)


def plain(amount: Decimal) -> str:
    """Return the number in plain notation without trailing zeros, as venues print balances."""
    text = f"{amount:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def plain_coins(amount: Decimal) -> str:
    """Return an amount of coins rounded to 8 decimals, in plain notation."""
    return plain(to_coins(amount))


def fixed(amount: Decimal, places: int) -> str:
    """Return the number with exactly this many decimals, as venues print prices."""
    # Formatting alone would round by the caller's context, which clients like ccxt change.
    return f"{amount.quantize(_STEPS[places], None, _CONTEXT):z.{places}f}"
