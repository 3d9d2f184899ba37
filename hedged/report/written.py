"""A report as text for machines and spreadsheets: JSON and CSV."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence

from hedged.core.decimals import plain
from hedged.report.made import Quote, Report
from hedged.report.text import (
    ROLLING,
    facts,
    left_out,
    report_object,
    rolling_row,
    titled,
)


def report_json(found: Report) -> str:
    """One object."""
    return (
        json.dumps(
            {
                "note": " ".join(found.notes),
                "assets": [
                    report_object(one, found.windows[one.records.book, one.records.asset])
                    for one in found.summaries
                ],
                "api": {
                    venue: {"requests": use.requests, "weight": plain(use.weight)}
                    for venue, use in found.uses.items()
                },
                "quotes": [_quote_object(quote) for quote in found.quotes],
            }
        )
        + "\n"
    )


def report_csv(found: Report) -> str:
    """A row a figure: what it is of, its name, its value."""
    rows = [
        (titled(one), name, value.replace(",", ""))
        for one in found.summaries
        for name, value in facts(one)
    ]
    rows += [
        (f"{quote.venue}: {quote.coin}", kind.value, plain(value))
        for quote in found.quotes
        for kind, value in quote.by_kind.items()
    ]
    for venue, use in found.uses.items():
        rows += [(venue, "requests", str(use.requests)), (venue, "weight", plain(use.weight))]
    return _csv(("of", "figure", "value"), rows)


def rolling_csv(found: Report) -> str:
    """A row a window."""
    rows = [
        (*key, *rolling_row(window)) for key, windows in found.windows.items() for window in windows
    ]
    return _csv(("book", "asset", *ROLLING), rows)


def lines(found: Report) -> Iterator[str]:
    """What stands below the tables."""
    for quote in found.quotes:
        parts = ", ".join(f"{kind.value} {plain(v, 8)}" for kind, v in quote.by_kind.items())
        yield f"{quote.coin} at {quote.venue}, beside what contracts paid: {parts or 'nothing'}."
    for venue, use in found.uses.items():
        if use.requests:
            yield f"{venue} was asked {use.requests:,} times, weight {plain(use.weight, 0)}."
    yield from found.notes
    for one in found.summaries:
        for text in left_out(one.records):
            yield f"Left out: {text}."


def _quote_object(quote: Quote) -> dict[str, object]:
    by_kind = {kind.value: plain(value) for kind, value in quote.by_kind.items()}
    return {"venue": quote.venue, "coin": quote.coin, "by_kind": by_kind}


def _csv(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(heading)
    table.writerows(rows)
    return out.getvalue()
