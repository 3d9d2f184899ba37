"""Funding in the form that each venue charges it, and the carry that it adds up to.

A rate > 0 means that longs pay shorts. Amounts are in coins, received > 0. A receipt adds
exposure: to stay neutral after it, trade q*rate USD (a short sells that much more).

    most venues      -q/mark * rate             at each stamp
    Deribit          -q/index * rate_8h * h/8   accrued continuously
    Kraken PI_*      -q * absolute rate         coin per 1 USD and hour

Source: the venues' contract specifications, docs/maths.md.
"""

from decimal import Decimal
from typing import Final

from hedged.core.decimals import ONE, exact
from hedged.core.types import Kind

DAYS_A_YEAR: Final = Decimal(365)
HOURS_A_DAY: Final = Decimal(24)


@exact
def funding_coins(q_usd: Decimal, mark: Decimal, rate: Decimal) -> Decimal:
    """Coins that an inverse position receives at one stamp."""
    return -q_usd / mark * rate


@exact
def requote_usd(q_usd: Decimal, rate: Decimal) -> Decimal:
    """The signed USD trade that re-neutralises the hedge after a receipt."""
    return q_usd * rate


@exact
def accrued_funding_coins(
    q_usd: Decimal, index: Decimal, rate_8h: Decimal, hours: Decimal
) -> Decimal:
    """Coins received over `hours` where funding accrues continuously (Deribit)."""
    return -q_usd / index * rate_8h * hours / 8


@exact
def absolute_funding_coins(q_usd: Decimal, absolute_rate: Decimal) -> Decimal:
    """Coins received in an hour at a rate in coin per USD (Kraken's inverse contracts)."""
    return -q_usd * absolute_rate


@exact
def relative_rate(absolute_rate: Decimal, price: Decimal, kind: Kind) -> Decimal:
    """Kraken's absolute rate as a fraction of the notional."""
    return absolute_rate * price if kind is Kind.INVERSE else absolute_rate / price


@exact
def annual_rate(rate: Decimal, interval_hours: Decimal) -> Decimal:
    """A rate per interval as a simple rate per year."""
    return rate * HOURS_A_DAY / interval_hours * DAYS_A_YEAR


@exact
def annual_rate_compounded(rate: Decimal, interval_hours: Decimal) -> Decimal:
    """A rate per interval as a rate per year, each receipt hedged and so earning too."""
    return (ONE + rate) ** (HOURS_A_DAY / interval_hours * DAYS_A_YEAR) - ONE
