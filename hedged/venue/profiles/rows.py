"""A position's profit, as its own figures explain it."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from hedged.core.contracts import inverse_pnl, linear_pnl
from hedged.core.decimals import plain
from hedged.core.types import Instrument, Kind
from hedged.ports import VenueUnavailable
from hedged.venue.fields import Row
from hedged.venue.profiles.profile import Leg

DUST: Final = Decimal("0.0000001")  # coins; venues round each figure to eight decimals


def check_pnl(
    row: Row, key: str, kind: Kind, quantity: Decimal, prices: tuple[Decimal, Decimal]
) -> None:
    """Refuse a position whose size, side and prices (origin, mark) do not explain its PnL.

    A size or side that is wrong moves the net delta by the whole position, and the equity by
    next to nothing while the mark is near the entry: seen from the wallet it would look right.
    """
    pnl = row.number(key)
    # The venue reckons with more digits than it prints.
    if kind is Kind.INVERSE:
        explained = inverse_pnl(quantity, *prices)
        printed = max(_last_digit(price) / price for price in prices)
        rounding = abs(quantity) / min(prices) * printed
    else:
        explained = linear_pnl(quantity, *prices)
        rounding = abs(quantity) * max(map(_last_digit, prices))
    if abs(pnl - explained) > DUST + rounding:
        raise VenueUnavailable(
            f"{row.what}: {key} is {plain(pnl)}, size and prices give {plain(explained, 8)}"
        )


def in_units(row: Row, leg: Leg, instrument: Instrument) -> Leg:
    """A position that is told in contracts, in the unit of its instrument.

    Raises:
        VenueUnavailable: nothing tells what one contract is, or its figures contradict each other.
    """
    if instrument.max_contracts == 0:
        raise VenueUnavailable(
            f"{row.what}: hedged does not know this market, so not what a contract of it is; "
            "close the position, or move it to another account"
        )
    quantity = leg.quantity * instrument.contract_size
    if leg.mark is not None and leg.unrealised_pnl is not None:
        origin = leg.entry if leg.pnl_from is None else leg.pnl_from
        told = Row(row.what, {"unrealised PnL": plain(leg.unrealised_pnl)})
        check_pnl(told, "unrealised PnL", instrument.kind, quantity, (origin, leg.mark))
    return replace(leg, quantity=quantity, in_contracts=False)


def _last_digit(price: Decimal) -> Decimal:
    """One unit of the last digit that was printed."""
    return Decimal((0, (1,), int(price.as_tuple().exponent)))
