"""What a futures contract pays and how it moves, inverse and linear.

Notation. q: signed position of an inverse contract in USD notional (contracts times contract
size, short < 0). n: signed position of a linear contract in coins. entry and mark: USD per
coin. PnL of an inverse contract is in coin, of a linear one in quote.

An inverse contract pays q*(1/entry - 1/mark). Valued in dollars at the mark that is
q*(mark/entry - 1): linear in the price, so a dollar-viewed short has no convexity. Because
fills add up in 1/price, the average entry is the harmonic, USD-weighted mean.
Source: the venues' published PnL formulas, docs/maths.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from hedged.core.decimals import CONTEXT, ONE, ZERO, exact
from hedged.core.types import Instrument, Kind


@exact
def inverse_pnl(q_usd: Decimal, entry: Decimal, mark: Decimal) -> Decimal:
    """Unrealised PnL in coins of `q_usd` opened at `entry`."""
    return q_usd * (ONE / entry - ONE / mark)


@exact
def inverse_delta(q_usd: Decimal, mark: Decimal) -> Decimal:
    """Coins that the position adds to the exposure, its own PnL left out (see `exposure`)."""
    return q_usd / mark


@exact
def standalone_delta(q_usd: Decimal, entry: Decimal) -> Decimal:
    """Slope of the position's own dollar PnL, q*(mark/entry - 1), in coins: constant in price.

    `E - uPnL + standalone_delta` is the net delta in the entry identity, equal to
    `E + inverse_delta` in the equity identity; never mix the two.
    """
    return q_usd / entry


@exact
def linear_pnl(n_coins: Decimal, entry: Decimal, mark: Decimal) -> Decimal:
    """Unrealised PnL in quote currency of `n_coins` opened at `entry`."""
    return n_coins * (mark - entry)


@exact
def average_entry(fills: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """Entry of inverse fills `(q_usd, price)` on one side: their harmonic mean."""
    pairs = tuple(fills)
    return sum((q for q, _ in pairs), ZERO) / sum((q / price for q, price in pairs), ZERO)


@dataclass(frozen=True, slots=True)
class PartialClose:
    """What closing a part of an inverse position leaves."""

    realised_coins: Decimal
    q_left_usd: Decimal
    entry: Decimal  # of what is left: unchanged


@exact
def partial_close(
    q_usd: Decimal, entry: Decimal, close_q_usd: Decimal, close_price: Decimal
) -> PartialClose:
    """Close `close_q_usd` (the sign of the trade, opposite to `q_usd`) of an inverse position."""
    return PartialClose(
        realised_coins=inverse_pnl(-close_q_usd, entry, close_price),
        q_left_usd=q_usd + close_q_usd,
        entry=entry,
    )


@exact
def basis(futures: Decimal, spot: Decimal) -> Decimal:
    """Futures over spot, USD per coin; < 0 is backwardation."""
    return futures - spot


@exact
def basis_bps(futures: Decimal, spot: Decimal) -> Decimal:
    """The basis in basis points of spot."""
    return (futures - spot) / spot * 10_000


@exact
def dated_inverse_hedge(coins: Decimal, futures: Decimal) -> Decimal:
    """Signed USD that locks `coins` at today's futures price until expiry: no tailing needed."""
    return -coins * futures


@exact
def linear_hedge(coins: Decimal, tail: Decimal = ONE) -> Decimal:
    """Signed coins of a linear contract that neutralise `coins`; tail: its slope dF/dS."""
    return -coins / tail


@exact
def cross_hedge(equity: Decimal, mark: Decimal, other_usd: Decimal, beta: Decimal) -> Decimal:
    """Signed USD that hedges a coin's equity and another asset that moves `beta` times as much."""
    return -(equity * mark + beta * other_usd)


def usd_per_contract(instrument: Instrument, mark: Decimal) -> Decimal:
    """Notional of one contract at the mark."""
    if instrument.kind is Kind.INVERSE:
        return instrument.contract_size
    return CONTEXT.multiply(instrument.contract_size, mark)


def position_usd(instrument: Instrument, quantity: Decimal, mark: Decimal) -> Decimal:
    """Signed USD notional of a position given in the instrument's own unit."""
    return quantity if instrument.kind is Kind.INVERSE else CONTEXT.multiply(quantity, mark)
