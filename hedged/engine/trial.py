"""A trial of a venue: a few small orders, and after each step a look whether it did what we meant.

A post-only order far from the market is placed, found by its client id, sent a second time,
repriced as hedged reprices, by a cancel and a new order, and cancelled. Orders follow that must
trade nothing: one that would rest and may not, one that would take and may not. Then a small
position is opened and closed. Its money is reckoned, too: fee and wallet are the only witnesses of
a contract's size that orders and positions of one interface cannot agree with by mistake.
The first step that fails ends the trial. Whatever happens, what it has made is taken away again.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hedged.core.decimals import ZERO, exact, plain
from hedged.core.preflight import Mark
from hedged.core.types import Instrument, Kind, Side
from hedged.engine.trial_desk import FAR, NEAR, Desk, described
from hedged.ports import (
    OUTAGE,
    Accepted,
    Fill,
    Order,
    OrderReport,
    OrderStatus,
    Refused,
    Style,
    Unknown,
)

_HALF: Final = NEAR / 2
_FEE_TOLERANCE: Final = Decimal("0.1")  # of the fee: tiers and discounts; a size is off by ten
_LAST_DIGIT: Final = Decimal("0.00000001")  # coins; venues book to eight decimals


@dataclass(frozen=True, slots=True)
class Step:
    """What was looked at, what it should have shown, and what it showed."""

    what: str
    expected: str
    seen: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Trial:
    """All steps of one contract, in their order."""

    instrument: Instrument
    steps: tuple[Step, ...]
    was_interrupted: bool = False

    @property
    def is_passed(self) -> bool:
        """Whether every step that could be judged was right, and the trial came to its end."""
        return not self.was_interrupted and all(s.mark is not Mark.WRONG for s in self.steps)


Steps = AsyncGenerator[Step, None]


async def tried(desk: Desk, *, refuses_duplicates: bool) -> Trial:
    """Run all phases up to the first step that fails, and tidy up.

    `refuses_duplicates`: whether the venue is known to take no second order of one client id.
    """
    steps: list[Step] = []
    was_interrupted = False
    try:
        await _run(desk, steps, refuses_duplicates=refuses_duplicates)
    except asyncio.CancelledError:
        # Somebody pressed Ctrl-C: they learn what was seen, and that nothing is left behind.
        was_interrupted = True
        if (task := asyncio.current_task()) is not None:
            task.uncancel()
    finally:
        left = await desk.tidy()
        nothing = "no order, and the position as before"
        steps.append(_judged("nothing is left", nothing, "; ".join(left) or nothing, not left))
    return Trial(desk.instrument, tuple(steps), was_interrupted)


async def _run(desk: Desk, steps: list[Step], *, refuses_duplicates: bool) -> None:
    phases: tuple[tuple[str, Callable[[Desk], Steps]], ...] = (
        ("start", _starts),
        ("an order that rests", _rests),
        ("a duplicate", _duplicates if refuses_duplicates else _takes_duplicates),
        ("reprice", _reprices),
        ("cancel", _cancels),
        ("an IOC order that cannot fill", _never_rests),
        ("a post-only order that would take", _never_takes),
        ("opening", _opens),
        ("reduce-only", _only_reduces),
        ("closing", _closes),
    )
    for name, phase in phases:
        try:
            async with aclosing(phase(desk)) as found:
                async for step in found:
                    steps.append(step)
                    if step.mark is Mark.WRONG:
                        return
        except OUTAGE as error:
            steps.append(Step(name, "an answer", str(error), Mark.WRONG))
            return


async def _starts(desk: Desk) -> Steps:
    await desk.begin()
    yield Step("start", "flat or short", _position(desk, desk.before), Mark.GOOD)


async def _rests(desk: Desk) -> Steps:
    """A post-only order far away, as the venue reports it."""
    order = desk.order(Side.BUY, await desk.price(Side.BUY, FAR), Style.POST_ONLY)
    outcome = await desk.send(order)
    yield _judged("far order", "accepted", described(outcome), isinstance(outcome, Accepted))
    report = await desk.look(order, lambda _: True)
    yield _judged("client id", "found by it", _known(report), report is not None)
    assert report is not None  # noqa: S101 - the step before ends the trial otherwise
    for step in _as_sent(desk, order, report):
        yield step
    listed = await desk.until(desk.working, lambda seen: len(seen) == 1)
    yield _judged("open orders", "1 of ours", f"{len(listed)} of ours", len(listed) == 1)


async def _duplicates(desk: Desk) -> Steps:
    order = desk.last
    outcome = await desk.send(order)
    what, expected = "duplicate id", "not taken, and told to exist"
    yield _judged(what, expected, described(outcome), isinstance(outcome, Unknown))
    listed = await desk.until(desk.working, lambda seen: len(seen) == 1)
    yield _judged("open orders after it", "1 of ours", f"{len(listed)} of ours", len(listed) == 1)


async def _takes_duplicates(_: Desk) -> Steps:
    seen = "not tried: this venue takes them, and hedged sends nothing twice"
    yield Step("duplicate id", "not taken", seen, Mark.DOUBT)


async def _reprices(desk: Desk) -> Steps:
    old = desk.last
    async for step in _cancelled(desk, old, "cancel to reprice"):
        yield step
    order = desk.order(Side.BUY, await desk.price(Side.BUY, FAR + NEAR), Style.POST_ONLY)
    outcome = await desk.send(order)
    yield _judged("new price", "accepted", described(outcome), isinstance(outcome, Accepted))
    report = await desk.look(order, lambda _: True)
    price = None if report is None else report.limit_price
    shown = "not known" if price is None else plain(price)
    yield _judged("new price", plain(order.limit_price), shown, price == order.limit_price)


async def _cancels(desk: Desk) -> Steps:
    order = desk.last
    async for step in _cancelled(desk, order, "cancel"):
        yield step
    await desk.venue.cancel(desk.instrument, order.client_id)
    yield Step("cancel once more", "no error", "no error", Mark.GOOD)
    listed = await desk.until(desk.working, lambda seen: not seen)
    yield _judged("open orders", "0 of ours", f"{len(listed)} of ours", not listed)
    stranger = desk.order(Side.BUY, order.limit_price, Style.POST_ONLY)
    found = await desk.known(stranger)
    yield _judged("an order never sent", "not known", _known(found), found is None)


async def _never_rests(desk: Desk) -> Steps:
    order = desk.order(Side.BUY, await desk.price(Side.BUY, FAR), Style.IOC)
    async for step in _without_a_trade(desk, order, "IOC far away"):
        yield step


async def _never_takes(desk: Desk) -> Steps:
    order = desk.order(Side.SELL, await desk.price(Side.SELL, -_HALF), Style.POST_ONLY)
    async for step in _without_a_trade(desk, order, "post-only that would take"):
        yield step


async def _opens(desk: Desk) -> Steps:
    """Sell a little; the report, the position, the trades and the money must tell the same."""
    wallet, quote = await desk.wallet(), await desk.venue.quote(desk.instrument.symbol)
    order = desk.order(Side.SELL, await desk.price(Side.SELL, -NEAR), Style.IOC)
    async for step in _traded(desk, order, "opening"):
        yield step
    wanted = desk.before - order.contracts * desk.instrument.contract_size
    held = await desk.until(desk.position, lambda seen: seen == wanted)
    yield _judged("position", _position(desk, wanted), _position(desk, held), held == wanted)
    fills = await desk.fills(order, order.contracts)
    yield _as_traded(order, fills)
    if not fills:
        return
    told = _fee_told(fills, desk.instrument.settle)

    async def paid() -> Decimal:
        return wallet - await desk.wallet()

    # Venues book each trade to their last digit.
    slack = _LAST_DIGIT * (len(fills) + 1)
    gone = await desk.until(paid, lambda seen: told is None or abs(seen - told) <= slack)
    unit = desk.instrument.settle
    if told is None:
        yield Step("fee of the trade", "told", "the venue tells none", Mark.DOUBT)
        told = gone
    else:
        good = abs(gone - told) <= slack
        what = "wallet after opening"
        yield _judged(what, f"less by the fee, {plain(told)} {unit}", f"{plain(gone)} {unit}", good)
    yield _fee(desk.instrument, order, fills, quote.taker_fee, told)


async def _only_reduces(desk: Desk) -> Steps:
    """A further sale that is marked reduce-only must come to nothing."""
    price = await desk.price(Side.SELL, -NEAR)
    order = desk.order(Side.SELL, price, Style.IOC, reduce_only=True)
    async for step in _without_a_trade(desk, order, "reduce-only that would increase"):
        yield step


async def _closes(desk: Desk) -> Steps:
    price = await desk.price(Side.BUY, -NEAR)
    order = desk.order(Side.BUY, price, Style.IOC, reduce_only=True)
    async for step in _traded(desk, order, "closing"):
        yield step
    held = await desk.until(desk.position, lambda seen: seen == desk.before)
    good = held == desk.before
    yield _judged("position", _position(desk, desk.before), _position(desk, held), good)
    yield _as_traded(order, await desk.fills(order, order.contracts))


async def _cancelled(desk: Desk, order: Order, what: str) -> Steps:
    await desk.venue.cancel(desk.instrument, order.client_id)
    report = await desk.ended(order)
    is_done = report is not None and report.status is OrderStatus.DONE and not report.filled
    yield _judged(what, "ended, nothing filled", _state(report), is_done)


async def _traded(desk: Desk, order: Order, what: str) -> Steps:
    outcome = await desk.send(order)
    yield _judged(what, "accepted", described(outcome), isinstance(outcome, Accepted))
    report = await desk.ended(order)
    is_whole = report is not None and report.status is OrderStatus.DONE
    is_whole = is_whole and report is not None and report.filled == order.contracts
    expected = f"ended, {plain(order.contracts)} filled"
    yield _judged(what, expected, _state(report), is_whole)
    assert report is not None  # noqa: S101 - the step before ends the trial otherwise
    for step in _as_sent(desk, order, report, of=what):
        yield step


async def _without_a_trade(desk: Desk, order: Order, what: str) -> Steps:
    """Refused, or accepted and ended at once: either way it must not rest, and nothing trades."""
    outcome, expected = await desk.send(order), "refused, or ended with nothing filled"
    is_told = isinstance(outcome, Refused)  # that it does not exist: one look has to agree
    report = await (desk.known(order) if is_told else desk.ended(order))
    ended = report is not None and report.status is OrderStatus.DONE and not report.filled
    is_refused = is_told and report is None
    seen = described(outcome) if report is None else _state(report)
    yield _judged(what, expected, seen, is_refused or (isinstance(outcome, Accepted) and ended))
    listed = await desk.until(desk.working, lambda seen: not seen)
    yield _judged(f"open orders after {what}", "0 of ours", f"{len(listed)} of ours", not listed)


def _as_sent(desk: Desk, order: Order, report: OrderReport, of: str = "far order") -> list[Step]:
    """The report says what was sent: units, side, price, reduce-only."""
    size, unit = desk.instrument.contract_size, desk.instrument.unit
    pairs = [
        (
            "units",
            *(
                f"{plain(c)} contracts, {plain(c * size)} {unit}"
                for c in (order.contracts, report.contracts)
            ),
        ),
        ("side", order.side.value, report.side.value),
        (
            "price",
            plain(order.limit_price),
            "none" if report.limit_price is None else plain(report.limit_price),
        ),
        ("reduce-only", str(order.reduce_only).lower(), str(report.reduce_only).lower()),
    ]
    if order.style is Style.POST_ONLY:
        pairs.append(("state", "working, 0 filled", _state(report)))
    return [_judged(f"{of}: {what}", wanted, seen, wanted == seen) for what, wanted, seen in pairs]


def _as_traded(order: Order, fills: list[Fill]) -> Step:
    """The trades of an order, found by its client id."""
    total = sum((fill.contracts for fill in fills), ZERO)
    sides = {fill.side for fill in fills}
    worst = max((f.price if order.side is Side.BUY else -f.price) for f in fills) if fills else ZERO
    bound = order.limit_price if order.side is Side.BUY else -order.limit_price
    expected = (
        f"{order.side.value} {plain(order.contracts)}, at {plain(order.limit_price)} or better"
    )
    seen = "; ".join(f"{f.side.value} {plain(f.contracts)} at {plain(f.price)}" for f in fills)
    is_right = total == order.contracts and sides == {order.side} and worst <= bound
    return _judged("trades by client id", expected, seen or "none", is_right)


def _fee_told(fills: list[Fill], settle: str) -> Decimal | None:
    """What the trades say was paid; None: they do not tell."""
    if any(fill.fee.unit != settle or not fill.fee.value for fill in fills):
        return None
    return sum((fill.fee.value for fill in fills), ZERO)


@exact
def _fee(
    instrument: Instrument, order: Order, fills: list[Fill], rate: Decimal | None, paid: Decimal
) -> Step:
    """The fee against its rate: it grows with the size that the venue has booked."""
    what, unit = "size, by the fee", instrument.settle
    if rate is None or rate <= 0:
        return Step(what, "a rate", "the venue tells none", Mark.DOUBT)
    total = sum((fill.contracts for fill in fills), ZERO)
    average = sum((fill.price * fill.contracts for fill in fills), ZERO) / total
    size = order.contracts * instrument.contract_size
    notional = size / average if instrument.kind is Kind.INVERSE else size * average
    wanted = notional * rate
    slack = wanted * _FEE_TOLERANCE + _LAST_DIGIT * (len(fills) + 1)
    expected = f"about {plain(wanted, 10)} {unit}"
    return _judged(what, expected, f"{plain(paid, 10)} {unit}", abs(paid - wanted) <= slack)


def _judged(what: str, expected: str, seen: str, is_right: bool) -> Step:  # noqa: FBT001 - the verdict
    return Step(what, expected, seen, Mark.GOOD if is_right else Mark.WRONG)


def _known(report: OrderReport | None) -> str:
    return "not known" if report is None else "found by it"


def _state(report: OrderReport | None) -> str:
    if report is None:
        return "not known"
    state = "working" if report.status is OrderStatus.WORKING else "ended"
    return f"{state}, {plain(report.filled)} filled"


def _position(desk: Desk, held: Decimal) -> str:
    return f"{plain(held)} {desk.instrument.unit}"
