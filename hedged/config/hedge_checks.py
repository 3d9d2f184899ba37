"""What contradicts itself within one hedge."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from hedged.config.hedges import HedgeSettings, StaticSource, WindowSettings
from hedged.config.policies import account_names, collateral_bounds
from hedged.config.problems import Location
from hedged.core.types import BandKind, StyleKind

Contradiction = tuple[Location, str]


def hedge_contradictions(at: Location, hedge: HedgeSettings) -> Iterator[Contradiction]:
    """Everything that is wrong between the keys of one hedge."""
    yield from _targets(at, hedge)
    yield from _carrier(at, hedge)
    yield from _instruments(at, hedge)
    yield from _bands(at, hedge)
    for index, window in enumerate(hedge.windows):
        yield from _window((*at, "windows", index), window)
    for index, source in enumerate(hedge.spot):
        if isinstance(source, StaticSource):
            yield from _addresses((*at, "spot", index), source)
    seen = {hedge.asset}
    for index, alias in enumerate(hedge.also):
        if alias.coin in seen:
            yield (*at, "also", index, "coin"), f"{alias.coin} counts already"
        seen.add(alias.coin)
    carry = hedge.carry
    bounds = {"ceiling", "basis_low", "basis_high"} & carry.model_fields_set
    if carry.floor is None and carry.model_fields_set and not bounds:
        yield (*at, "carry"), "does nothing without floor, the least funding per year"
    low, high = carry.basis_low, carry.basis_high
    if low is not None and high is not None and low >= high:
        yield (*at, "carry", "basis_low"), "must be less than basis_high"
    floor, ceiling = carry.floor, carry.ceiling
    if floor is not None and ceiling is not None and floor >= ceiling:
        yield (*at, "carry", "ceiling"), "must be more than floor"


def _addresses(at: Location, source: StaticSource) -> Iterator[Contradiction]:
    """Without its time nobody could tell what is in the number from what is on its way."""
    if source.addresses and source.as_of is None:
        yield (*at, "as_of"), "missing: when static was right, such as 2026-03-18T18:00:00Z"
    if source.as_of is not None and not source.addresses:
        yield (*at, "as_of"), "does nothing without addresses"


def _targets(at: Location, hedge: HedgeSettings) -> Iterator[Contradiction]:
    wanted = [key for key in ("ratio", "keep", "notional") if key in hedge.model_fields_set]
    if len(wanted) > 1:
        first, second = wanted[:2]
        yield (*at, second), f"{first} and {second} exclude each other; remove one of them"


def _carrier(at: Location, hedge: HedgeSettings) -> Iterator[Contradiction]:
    """An instrument of its own, or another asset's hedge: one of the two, and all of it."""
    if hedge.hedged_by is None:
        if hedge.venue is None:
            yield (*at, "venue"), "missing: the name of the venue that carries the hedge"
        if hedge.instrument is None:
            yield (*at, "instrument"), 'missing: the contract that hedges it, such as "BTC/USD:BTC"'
        if hedge.beta is not None:
            yield (*at, "beta"), "is for an asset that another one's hedge carries; see hedged_by"
        return
    if hedge.beta is None:
        yield (*at, "beta"), f"missing: what {hedge.asset} does when {hedge.hedged_by} moves by 1"
    unused = ("venue", "instrument", "more", "ratio", "keep", "notional", "windows", "band")
    for key in unused:
        if key in hedge.model_fields_set:
            yield (*at, key), f"means nothing here: the hedge of {hedge.hedged_by} carries it"


def _instruments(at: Location, hedge: HedgeSettings) -> Iterator[Contradiction]:
    for index, leg in enumerate(hedge.more):
        base = leg.instrument.partition("/")[0]
        if base != hedge.asset:
            place = (*at, "more", index, "instrument")
            yield place, f"is a contract on {base}, but the asset is {hedge.asset}"


def _bands(at: Location, hedge: HedgeSettings) -> Iterator[Contradiction]:
    if hedge.auto.model_fields_set and hedge.band.kind is not BandKind.AUTO:
        yield (*at, "auto"), 'is for band = "auto"'
    for kind in (StyleKind.MAKER, StyleKind.TWAP):
        if getattr(hedge, kind).model_fields_set and hedge.style is not kind:
            yield (*at, kind.value), f'is for style = "{kind}"'
    if hedge.hysteresis < hedge.rebalance_to:
        yield (*at, "hysteresis"), "is less than rebalance_to: no correction would ever end"
    least, most = hedge.limits.min_order, hedge.limits.max_order
    if least is not None and most is not None and least > most:
        yield (*at, "limits", "min_order"), "is more than max_order: no order would ever fit"
    yield from _margins((*at, "limits"), hedge)
    yield from _transfers((*at, "transfers"), hedge)


def _transfers(at: Location, hedge: HedgeSettings) -> Iterator[Contradiction]:
    """Coins that are moved must count before and after."""
    allowed = hedge.transfers
    if allowed.account is None:
        for key in sorted(allowed.model_fields_set):
            yield (*at, key), "does nothing without account, where collateral comes from"
        return
    counted = {
        name
        for source in hedge.spot
        if not isinstance(source, StaticSource)
        for name in account_names(source)
    }
    if allowed.account == "trading" or f"{hedge.venue}:{allowed.account}" not in counted:
        example = f'{{ venue = "{hedge.venue}", accounts = ["{allowed.account}"] }}'
        if allowed.account == "trading":
            yield (*at, "account"), "is where the short is; name the account that coins come from"
        else:
            yield (*at, "account"), f"its coins do not count: add {example} to spot"


def _margins(at: Location, hedge: HedgeSettings) -> Iterator[Contradiction]:
    """Bounds of collateral in their order, and an emergency that a reduction can end."""
    limits, bounds = hedge.limits, collateral_bounds(hedge)
    if bounds.low > bounds.target:
        yield (*at, "collateral_low"), "is more than collateral_target"
    if bounds.target > bounds.high:
        yield (*at, "collateral_high"), "is less than collateral_target"
    distance = limits.emergency_distance
    if distance is not None and distance >= limits.liquidation_distance:
        yield (*at, "emergency_distance"), "must be less than liquidation_distance"


def _window(at: Location, window: WindowSettings) -> Iterator[Contradiction]:
    """From and to, or cron and duration; the ramps fit in."""
    length_s = _length_s(window)
    if length_s is None:
        yield at, 'needs "from" and "to", or "cron" and "duration"'
    elif length_s <= 0:
        yield (*at, "to"), "must be later than from"
    elif 2 * window.ramp_s > length_s:
        yield (*at, "ramp"), "must be at most half of the window: it goes there and back"
    if window.steps > 1 and not window.ramp_s:
        yield (*at, "steps"), "needs a ramp to take them in"
    if "zone" in window.model_fields_set and window.cron is None:
        yield (*at, "zone"), "is for cron; from and to carry their own offset"


def _length_s(window: WindowSettings) -> int | None:
    """How long a window lasts; None where it is not said in exactly one of the two ways."""
    match window.from_at, window.to_at, window.cron, window.duration_s:
        case datetime() as start, datetime() as end, None, None:
            return (end - start) // timedelta(seconds=1)
        case None, None, str(), Decimal() as duration_s:
            return int(duration_s)
        case _:
            return None
