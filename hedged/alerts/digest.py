"""The day in one message: where each book stands, what was traded, what is open. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from hedged.core.decimals import ZERO, exact, plain
from hedged.core.events import Fill
from hedged.core.figures import figures, hedge_ratio
from hedged.core.types import USD, AssetDecision, TradingState
from hedged.engine.cycle import Cycle
from hedged.ops.notify import Alert, Level


def digest(
    state: TradingState,
    cycles: Mapping[str, Cycle],
    fills: Sequence[Fill] | None,
    standing: Iterable[str],
    report: Iterable[str] = (),
) -> Alert:
    """`standing` is what was told and is not over, `report` what the day came to by cause.

    `fills` are those of the last day, None where they cannot be read.
    """
    lines = [f"Trading is {state.value}."]
    for book, cycle in cycles.items():
        for asset in cycle.decision.assets:
            lines += [f"{book} {asset.asset}: {line}" for line in _lines(cycle, asset)]
    lines += report
    lines.append("The journal cannot be read." if fills is None else _traded(fills))
    opened = list(standing)
    lines.append("Open: " + "; ".join(opened) if opened else "Nothing is open.")
    return Alert(Level.INFO, "the day", "\n".join(lines))


def _lines(cycle: Cycle, asset: AssetDecision) -> Iterator[str]:
    judged = asset.judged
    if judged is None:
        yield f"{asset.reason.value}: {asset.why}"
        return
    exposure = judged.exposure
    ratio = hedge_ratio(exposure)
    yield (
        f"{plain(exposure.equity.value, 6)} coins, position {exposure.position_usd:,.0f} USD"
        f"{' (assumed)' if asset.paper is not None else ''}, hedged "
        f"{'-' if ratio is None else f'{ratio * 100:.1f} %'}; {asset.reason.value}, drift "
        f"{judged.drift_usd:+,.2f} of ±{judged.target.band_usd:,.2f} USD"
    )
    known = figures(cycle.snapshot, asset)
    if known is not None and known.funding_usd_per_day is not None:
        yield f"funding as rates are {known.funding_usd_per_day:+,.2f} USD a day"


@exact
def _traded(fills: Sequence[Fill]) -> str:
    """How much was traded in the last day, and what it cost."""
    if not fills:
        return "Traded in the last day: nothing."
    usd = ZERO
    paid: dict[str, Decimal] = {}
    for fill in fills:
        usd += fill.contracts * fill.contract_size * (1 if fill.unit == USD else fill.price)
        if fill.fee is not None:
            paid[fill.fee.unit] = paid.get(fill.fee.unit, ZERO) + fill.fee.value
    cost = ", ".join(f"{plain(value, 8)} {unit}" for unit, value in paid.items()) or "not told"
    return f"Traded in the last day: {len(fills)} fills, {usd:,.0f} USD; fees {cost}."
