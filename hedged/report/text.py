"""A report in words and figures: for tables, CSV and JSON."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ZERO, exact, plain
from hedged.report.causes import Causes
from hedged.report.effectiveness import Effectiveness
from hedged.report.samples import AssetRecords
from hedged.report.summary import Summary

NAMES: Final = {
    "inventory": "coins alone",
    "perp_index": "hedge, by the index",
    "basis": "hedge, by its basis",
    "flows": "deposits, withdrawals, spot trades",
    "transfers": "own transfers, lost or on the way",
    "outside": "coins elsewhere, without a record",
    "external": "trades by others",
    "venue_rounding": "rounding by the venue",
}
OVERVIEW: Final = (
    "asset",
    "value before, USD",
    "value after, USD",
    "came and went",
    "coins alone",
    "the hedge, all in",
    "of it funding",
    "unexplained",
    "time in band",
    "slope",
)
ROLLING: Final = (
    "from",
    "to",
    "slope (-0.80 to -1.25)",
    "R² (0.80 or more)",
    "dollar offset (80 to 125 %)",
    "variance reduction",
    "changes",
    "within the marks",
)


def cause_name(field: str) -> str:
    """What a cause is called."""
    return NAMES.get(field, field)


def titled(found: Summary) -> str:
    """Book, asset and period."""
    start, end = found.steps[0].start.at, found.steps[-1].end.at
    return (
        f"{found.records.book}: {found.records.asset}, {start:%Y-%m-%d %H:%M} to "
        f"{end:%Y-%m-%d %H:%M} UTC"
    )


def overview(found: Sequence[Summary]) -> Iterator[tuple[str, ...]]:
    """A row an asset in the order of `OVERVIEW`, and their sum where there are several."""
    for one in found:
        yield (
            f"{one.records.book}: {one.records.asset}",
            *map(_usd, _dollars(one)),
            share(one.in_band),
            _or_none(one.effectiveness.slope),
        )
    if len(found) > 1:
        columns = zip(*map(_dollars, found), strict=True)
        yield ("all", *(_usd(_sum(column)) for column in columns), "", "")


def _dollars(one: Summary) -> tuple[Decimal, ...]:
    """The columns of an overview that add up."""
    causes = one.causes
    moved = _sum((causes.flows, causes.transfers, causes.outside))
    return (
        one.value_before,
        one.value_after,
        moved,
        causes.inventory,
        causes.hedge,
        causes.funding,
        causes.unexplained,
    )


@exact
def _sum(values: Iterable[Decimal]) -> Decimal:
    return sum(values, ZERO)


def cause_facts(found: Summary) -> Iterator[tuple[str, str]]:
    """Dollars by cause, from the value before to the value after."""
    yield "value before", _usd(found.value_before)
    for field in fields(Causes):
        yield cause_name(field.name), _usd(getattr(found.causes, field.name))
    yield "value after", _usd(found.value_after)


def work_facts(found: Summary) -> Iterator[tuple[str, str]]:
    """How the hedge was kept, and what it earned."""
    yield "time in band", share(found.in_band)
    yield "unhedged, USD-hours", _usd(found.exposed_usd_hours)
    yield "orders", str(found.orders)
    yield "fills", str(found.fills)
    yield "turnover, USD", _usd(found.turnover)
    yield "carry per year, realised", share(found.carry_per_year)
    yield "carry per year, forecast", share(found.carry_forecast)
    forecast = found.funding_forecast
    yield "funding a day, forecast, USD", "–" if forecast is None else _usd(forecast)
    for basis in found.basis:
        last, mean = plain(basis.last, 2), plain(basis.mean, 2)
        least, most = plain(basis.least, 2), plain(basis.most, 2)
        yield (
            f"basis of {basis.place[1]} at {basis.place[0]}, bps",
            f"{last} (mean {mean}, {least} to {most})",
        )


def effect_facts(found: Effectiveness) -> Iterator[tuple[str, str]]:
    """Whether it worked; the slope first."""
    yield "slope of the hedge on the coins (-0.80 to -1.25)", _or_none(found.slope)
    yield "R² (0.80 or more)", _or_none(found.r_squared)
    yield "dollar offset (80 to 125 %)", share(found.offset)
    yield "variance reduction", share(found.reduction)


def facts(found: Summary) -> Iterator[tuple[str, str]]:
    """All of them; dollars with two decimals."""
    yield from cause_facts(found)
    yield from work_facts(found)
    yield from effect_facts(found.effectiveness)


def rolling_row(window: Effectiveness) -> tuple[str, ...]:
    """One window in the order of `ROLLING`."""
    marks = {True: "yes", False: "no", None: "–"}[window.is_within]
    return (
        f"{window.start:%Y-%m-%d %H:%M}",
        f"{window.end:%Y-%m-%d %H:%M}",
        _or_none(window.slope),
        _or_none(window.r_squared),
        share(window.offset),
        share(window.reduction),
        str(window.samples),
        marks,
    )


def left_out(records: AssetRecords) -> Iterator[str]:
    """What the figures do not hold, in words."""
    name = f"{records.book} {records.asset}"
    if records.left_out:
        yield f"{name}: {records.left_out} fills of contracts that it was not hedged with"
    if records.other_fees:
        yield f"{name}: fees of {records.other_fees} fills, paid in another coin"
    if not all(sample.is_whole for sample in records.samples):
        yield f"{name}: the index of the journal's older part, which has marks only"


def report_object(found: Summary, windows: Iterable[Effectiveness]) -> dict[str, object]:
    """As JSON: plain decimal strings, null for what cannot be told."""
    watched = found.watched
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
        "unhedged_usd_hours": plain(found.exposed_usd_hours),
        "blind_s": plain(watched.blind_s),
        "cycles": watched.cycles,
        "orders": found.orders,
        "fills": found.fills,
        "turnover_usd": plain(found.turnover),
        "carry_per_year": _plain(found.carry_per_year),
        "carry_forecast_per_year": _plain(found.carry_forecast),
        "funding_forecast_usd_per_day": _plain(found.funding_forecast),
        "basis_bps": [
            {
                "venue": basis.place[0],
                "instrument": basis.place[1],
                "last": plain(basis.last, 6),
                "mean": plain(basis.mean, 6),
                "least": plain(basis.least, 6),
                "most": plain(basis.most, 6),
            }
            for basis in found.basis
        ],
        **effect_object(found.effectiveness),
        "rolling": [
            {"from": w.start.isoformat(), "to": w.end.isoformat(), **effect_object(w)}
            for w in windows
        ],
        "fills_left_out": found.records.left_out,
        "left_out": list(left_out(found.records)),
    }


def effect_object(found: Effectiveness) -> dict[str, object]:
    """Effectiveness as JSON."""
    return {
        "slope": _plain(found.slope),
        "r_squared": _plain(found.r_squared),
        "dollar_offset": _plain(found.offset),
        "is_effective": found.is_within,
        "variance_reduction": _plain(found.reduction),
        "samples": found.samples,
    }


def share(value: Decimal | None) -> str:
    """A fraction in per cent."""
    return "–" if value is None else f"{value:.2%}"


def _usd(value: Decimal) -> str:
    return f"{value:z,.2f}"


def _or_none(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:z.3f}"


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
