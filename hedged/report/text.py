"""A report in words and figures: for tables, CSV and JSON."""

from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal

from hedged.core.decimals import plain
from hedged.report.causes import Causes
from hedged.report.summary import Summary

_NAMES = {
    "inventory": "coins alone",
    "perp": "hedge, by prices",
    "transfers": "deposits and withdrawals",
    "venue_rounding": "rounding by the venue",
    "beside": "coins without a record",
    "external": "positions changed by others",
}


def titled(found: Summary) -> str:
    """Book, asset and period."""
    start, end = found.steps[0].start.at, found.steps[-1].end.at
    return (
        f"{found.records.book}: {found.records.asset}, {start:%Y-%m-%d %H:%M} to "
        f"{end:%Y-%m-%d %H:%M} UTC"
    )


def facts(found: Summary, *, only_causes: bool = False) -> Iterator[tuple[str, str]]:
    """Names and figures; dollars with two decimals."""
    if not only_causes:
        yield "value before", _usd(found.value_before)
    for field in fields(Causes):
        value = getattr(found.causes, field.name)
        yield _NAMES.get(field.name, field.name), _usd(value)
    if only_causes:
        return
    yield "value after", _usd(found.value_after)
    yield "time in band", _share(found.in_band)
    yield "drift, USD-hours", _usd(found.exposed_usd_hours)
    yield "orders", str(found.records.orders)
    yield "fills", str(len(found.records.trades))
    yield "turnover", _usd(found.turnover)
    yield "carry per year", _share(found.carry_per_year)
    worked = found.effectiveness
    yield (
        "slope of the hedge on the coins (-0.80 to -1.25)",
        _or_none(worked.slope, 3),
    )
    yield "dollar offset (80 to 125 %)", _share(worked.offset)
    yield "R² (0.80 or more)", _or_none(worked.r_squared, 3)
    yield "variance reduction", _share(worked.reduction)


def report_object(found: Summary) -> dict[str, object]:
    """As JSON: plain decimal strings, null for what cannot be told."""
    worked = found.effectiveness
    return {
        "book": found.records.book,
        "asset": found.records.asset,
        "from": found.steps[0].start.at.isoformat(),
        "to": found.steps[-1].end.at.isoformat(),
        "value_before_usd": plain(found.value_before),
        "value_after_usd": plain(found.value_after),
        "causes_usd": {
            field.name: plain(getattr(found.causes, field.name)) for field in fields(Causes)
        },
        "in_band": _plain(found.in_band),
        "drift_usd_hours": plain(found.exposed_usd_hours),
        "orders": found.records.orders,
        "fills": len(found.records.trades),
        "turnover_usd": plain(found.turnover),
        "carry_per_year": _plain(found.carry_per_year),
        "slope": _plain(worked.slope),
        "r_squared": _plain(worked.r_squared),
        "dollar_offset": _plain(worked.offset),
        "is_effective": worked.is_effective,
        "variance_reduction": _plain(worked.reduction),
        "samples": worked.samples,
        "fills_left_out": found.records.left_out,
    }


def _usd(value: Decimal) -> str:
    return f"{value:,.2f}"


def _share(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:.2%}"


def _or_none(value: Decimal | None, places: int) -> str:
    return "–" if value is None else plain(value, places)


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
