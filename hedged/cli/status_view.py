"""A status as text for people: what runs where, what it holds, what it did, what to see to."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from hedged.alerts.course import duration
from hedged.core.decimals import plain

Found = dict[str, Any]
_COLUMNS: Final = ("asset", "equity", "position USD", "net delta", "hedge", "drift USD", "band USD")


def rendered(found: Found) -> list[RenderableType]:
    """All of a status, part by part."""
    return [
        *_head(found),
        *(part for book in found["books"] for part in _book(book)),
        *_orders(found),
        *_fills(found["fills"]),
        *_findings(found["findings"]),
    ]


def _head(found: Found) -> Iterator[RenderableType]:
    is_real = found["environment"] == "mainnet" and found["execution"] == "live"
    banner = f" {found['execution']} on {found['environment']} "
    yield Text(banner.upper(), style="bold white on red" if is_real else "bold black on cyan")
    state = found["state"]
    said = f"trading is {state['state']}"
    if state["at"] is not None:
        why = f": {state['why']}" if state["why"] else ""
        said += f" since {_moment(state['at'])}, by {state['who']}{why}"
    yield Text(said, style="" if state["state"] == "active" else "bold red")
    if not found["alive"]:
        last = f"; as of {_moment(found['now'])}" if found["now"] else ""
        yield Text(f"NOT RUNNING: {found['note']}{last}", style="bold red")
    elif found["ready"]:
        yield Text(f"ready; running since {_moment(found['started_at'])}", style="green")
    else:
        yield Text("not ready: see the findings below", style="bold yellow")
    if found["last_act"]:
        yield Text(f"last act {_moment(found['last_act']['at'])}: {found['last_act']['said']}")


def _book(book: Found) -> Iterator[RenderableType]:
    table = Table(
        *_COLUMNS,
        title=f"book {book['book']}",
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1),
    )
    for column in table.columns[1:]:
        column.justify = "right"
    whys = []
    for asset in book["assets"]:
        table.add_row(asset["asset"], *_cells(asset, ""))
        if asset.get("assumed"):
            table.add_row(" assumed", *_cells(asset, "paper_"))
        since = f" ({_moment(asset['at'])})" if "at" in asset else ""
        whys.append(f"  {asset['asset']}: {asset['reason']}: {asset['why']}{since}")
        blocked = [reason for reason in asset["blocked"] if reason != asset["reason"]]
        if blocked:
            whys.append(f"  {asset['asset']}: blocked by {', '.join(blocked)}")
    yield table
    yield Text("\n".join(whys))
    if ages := book.get("ages"):
        yield Text(f"  data: {_ages(ages)}")


def _cells(asset: Found, prefix: str) -> list[str]:
    ratio = _number(asset[f"{prefix}hedge_ratio"])
    return [
        _figure(asset[f"{prefix}equity"], 4),
        _figure(asset[f"{prefix}position_usd"], 0),
        _figure(asset[f"{prefix}net_delta"], 4),
        "-" if ratio is None else f"{ratio * 100:.1f} %",
        _figure(asset[f"{prefix}drift_usd"], 0),
        "-" if asset[f"{prefix}band_usd"] is None else f"±{_figure(asset[f'{prefix}band_usd'], 0)}",
    ]


def _ages(ages: Sequence[Found]) -> str:
    known = [age["age_s"] for age in ages if age["age_s"] is not None]
    missing = [f"{age['source']} {age['what']}" for age in ages if age["age_s"] is None]
    oldest = f"the oldest figure is {duration(max(known))} old" if known else "nothing was read"
    return oldest + (f"; missing: {', '.join(missing)}" if missing else "")


def _orders(found: Found) -> Iterator[RenderableType]:
    for venue in found.get("unprotected", ()):
        yield Text(f"! {venue}: no dead-man switch is armed; what rests there is kept short")
    yield Text(
        f"orders in flight: {found['in_flight']}{'; the last ones:' if found['orders'] else ''}"
    )
    for order in found["orders"]:
        filled = "" if order["filled"] is None else f", filled {_figure(order['filled'], 0)}"
        yield Text(
            f"  {_moment(order['at'])}  {order['asset']}  {order['side']} "
            f"{_figure(order['contracts'], 4)} of {order['instrument']} at {order['limit_price']}: "
            f"{order['state']}{filled}"
        )


def _fills(fills: Sequence[Found]) -> Iterator[RenderableType]:
    if fills:
        yield Text("last fills:")
    for fill in fills:
        fee = "" if fill["fee"] is None else f", fee {fill['fee']} {fill['fee_unit']}"
        yield Text(
            f"  {_moment(fill['at'])}  {fill['side']} {_figure(fill['contracts'], 4)} of "
            f"{fill['instrument']} at {fill['price']}{fee}"
        )


def _findings(findings: Sequence[Found]) -> Iterator[RenderableType]:
    if not findings:
        yield Text("nothing is open", style="green")
    for finding in findings:
        where = " ".join(filter(None, (finding["book"], finding["asset"])))
        yield Text(f"! {where} {finding['reason']}: {finding['detail']}".replace("  ", " "))
        if finding["what_to_do"]:
            yield Text(f"  you: {finding['what_to_do']}")


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _figure(text: str | None, digits: int) -> str:
    value = _number(text)
    if value is None:
        return "-"
    return f"{value:,.{digits}f}" if digits == 0 else plain(value, digits)
