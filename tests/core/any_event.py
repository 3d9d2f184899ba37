"""Any event at all, and any order of ours, for properties."""

import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, get_args, get_origin

from hypothesis import strategies as st

from hedged.core.events import EVENTS, Event, Fill
from hedged.core.orders import client_id
from hedged.core.terms import Terms
from hedged.core.types import USD, Amount, Side

START = datetime(2026, 1, 1, tzinfo=UTC)
SYMBOL = "BTC/USD:BTC"
NAMES = st.sampled_from(["main", "spare", SYMBOL, "BTC", "hg1", "hg2", ""])
NUMBERS = st.decimals(
    min_value=Decimal("-1e12"), max_value=Decimal("1e12"), allow_nan=False, places=10
) | st.sampled_from([Decimal("1E+5"), Decimal("1E-18"), Decimal("-0"), Decimal(10) ** 40 + 1])


def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that events are made of; all amounts in USD, so that they add up."""
    if get_origin(kind) in (typing.Union, types.UnionType):
        return st.none() | st.one_of(*(any_of(a) for a in get_args(kind) if a is not type(None)))
    if get_origin(kind) is tuple:
        return st.lists(any_of(get_args(kind)[0]), max_size=3).map(tuple)
    if kind is Amount:
        return st.builds(Amount, NUMBERS, st.just(USD))
    if isinstance(kind, type) and is_dataclass(kind):
        make: Any = kind
        hints = typing.get_type_hints(kind)
        given = {f.name: any_of(hints[f.name]) for f in fields(kind) if f.default is MISSING}
        extra = {f.name: any_of(hints[f.name]) for f in fields(kind) if f.default is not MISSING}
        given |= {"unit": st.just(USD)} if "unit" in given else {}
        return st.fixed_dictionaries(given, optional=extra).map(lambda values: make(**values))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    simple: dict[Any, st.SearchStrategy[Any]] = {
        str: NAMES,
        int: st.integers(0, 2**40),
        bool: st.booleans(),
        Decimal: NUMBERS,
        date: st.dates(),
        datetime: st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - made aware below
            lambda at: at.replace(tzinfo=UTC)
        ),
    }
    return simple[kind]


ANY_EVENT: st.SearchStrategy[Event] = st.one_of(*(any_of(event) for event in EVENTS))


def terms(number: int = 1, *, contracts: str = "100", side: Side = Side.SELL) -> Terms:
    """One of our orders."""
    return Terms(
        client_id=client_id("core", "main", SYMBOL, epoch_ms=1, cycle=number, part=0),
        book="core",
        asset="BTC",
        cycle=number,
        part=0,
        venue="main",
        symbol=SYMBOL,
        unit=USD,
        contract_size=Decimal(1),
        side=side,
        contracts=Decimal(contracts),
        limit_price=Decimal("60000.5"),
        reduce_only=False,
    )


def fill(order: Terms, contracts: str, trade_id: str = "t1", *, at: datetime = START) -> Fill:
    """A trade of one of our orders."""
    return Fill(
        client_id=order.client_id,
        venue=order.venue,
        symbol=order.symbol,
        trade_id=trade_id,
        side=order.side,
        contracts=Decimal(contracts),
        contract_size=order.contract_size,
        unit=order.unit,
        price=Decimal(60_000),
        traded_at=at,
    )
