"""Sends approved orders, once each, and holds an instrument's slot until the order's end is known.

A submit has three outcomes. Refused is proof that nothing exists. Accepted and Unknown both
mean: look the order up by its client id until it can fill no further; until then the slot is
held and nothing else is sent in that instrument. An Unknown order that the venue does not know
is given up only after several such answers over a time, and with the position unchanged.
Nothing is ever sent twice.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from hedged.core.decimals import plain
from hedged.core.types import Amount, Approved, InFlight, OrderIntent, Snapshot
from hedged.ports import (
    Accepted,
    Clock,
    Order,
    OrderStatus,
    Outcome,
    Refused,
    TradingVenue,
    Unknown,
    VenueAuthError,
    VenueUnavailable,
)

PREFIX: Final = "hg"  # what marks an order as ours, on every venue
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"

log = structlog.get_logger("hedged.executor")


@dataclass(frozen=True, slots=True)
class SettleRules:
    """When an order's end counts as known; only the sim environment may shorten these."""

    not_founds: int = 3  # answers "no such order" needed to believe it
    over_s: float = 10.0  # and the time that they must span
    poll_s: float = 0.2  # between look-ups right after a submit
    wait_s: float = 3.0  # for how long a cycle waits before the slot is carried over


@dataclass(slots=True)
class Slot:
    """One order whose end is not known yet."""

    order: Order
    sent_at_s: float
    position_before: Amount
    exists: bool = False  # the venue acknowledged it: "not found" is then no answer
    detail: str = "submit under way"
    not_found_at_s: list[float] = field(default_factory=list)


class Executor:
    """The only caller of `submit`."""

    def __init__(
        self, venues: Mapping[str, TradingVenue], clock: Clock, rules: SettleRules | None = None
    ) -> None:
        self._venues = venues
        self._clock = clock
        self._rules = rules or SettleRules()
        self._started_ms = int(clock.now().timestamp() * 1000)
        self._slots: dict[tuple[str, str], Slot] = {}
        self.sent = 0

    def in_flight(self) -> tuple[InFlight, ...]:
        """Orders that hold their slots, for the next snapshot."""
        return tuple(
            InFlight(venue, symbol, slot.order.client_id, slot.detail)
            for (venue, symbol), slot in self._slots.items()
        )

    async def execute(self, approved: Iterable[Approved], snapshot: Snapshot) -> None:
        """Send each approved order and wait, for a bounded time, for its end."""
        async with asyncio.TaskGroup() as group:
            for order in approved:
                group.create_task(self._send(order.intent, snapshot))

    async def settle(self) -> None:
        """Look up every order that still holds its slot, once."""
        async with asyncio.TaskGroup() as group:
            for slot in list(self._slots.values()):
                group.create_task(self._look_up(slot))

    async def _send(self, intent: OrderIntent, snapshot: Snapshot) -> None:
        key = (intent.instrument.venue, intent.instrument.symbol)
        if key in self._slots:
            return
        order = Order(
            client_id=self._client_id(intent),
            instrument=intent.instrument,
            side=intent.side,
            contracts=intent.contracts,
            limit_price=intent.limit_price,
            reduce_only=intent.reduce_only,
        )
        slot = Slot(order, self._clock.monotonic(), _position(snapshot, order))
        self._slots[key] = slot
        self.sent += 1
        log.info("order.sent", **_described(order))
        outcome = await self._venues[key[0]].submit(order)
        self._note(slot, outcome)
        deadline_s = self._clock.monotonic() + self._rules.wait_s
        while self._held(slot) and self._clock.monotonic() < deadline_s:
            await self._look_up(slot)
            if self._held(slot):
                await self._clock.sleep(self._rules.poll_s)

    def _note(self, slot: Slot, outcome: Outcome) -> None:
        match outcome:
            case Accepted(venue_id):
                slot.exists, slot.detail = True, "acknowledged, end not seen yet"
                log.info("order.accepted", client_id=slot.order.client_id, venue_id=venue_id)
            case Refused(detail):
                log.warning("order.refused", client_id=slot.order.client_id, detail=detail)
                self._release(slot)
            case Unknown(detail):
                slot.detail = f"outcome unknown: {detail}"
                log.warning("order.unknown", client_id=slot.order.client_id, detail=detail)

    async def _look_up(self, slot: Slot) -> None:
        order = slot.order
        venue = self._venues[order.instrument.venue]
        try:
            report = await venue.find_order(order.instrument, order.client_id)
            if report is None:
                await self._not_found(slot, venue)
                return
        except (VenueUnavailable, VenueAuthError) as error:
            slot.detail = f"look-up failed: {error}"
            return
        slot.exists, slot.detail = True, "still working"
        if report.status is OrderStatus.DONE:
            log.info(
                "order.done",
                client_id=order.client_id,
                filled=plain(report.filled),
                of=plain(order.contracts),
                average=None if report.average is None else plain(report.average),
            )
            self._release(slot)

    async def _not_found(self, slot: Slot, venue: TradingVenue) -> None:
        """Believe that an order does not exist only on proof."""
        slot.detail = "the venue does not know it"
        if slot.exists:
            return
        now_s = self._clock.monotonic()
        slot.not_found_at_s.append(now_s)
        enough = len(slot.not_found_at_s) >= self._rules.not_founds
        if not enough or now_s - slot.not_found_at_s[0] < self._rules.over_s:
            return
        instrument = slot.order.instrument
        account = await venue.account([instrument.base])
        held = [p.quantity for p in account.positions if p.instrument.symbol == instrument.symbol]
        after = held[0] if held else Amount(slot.position_before.value * 0, instrument.unit)
        if after != slot.position_before:
            slot.detail = (
                f"the venue does not know it, but the position went from "
                f"{plain(slot.position_before.value)} to {plain(after.value)}"
            )
            log.error("order.unexplained", client_id=slot.order.client_id, detail=slot.detail)
            return
        log.warning("order.never_existed", client_id=slot.order.client_id)
        self._release(slot)

    def _held(self, slot: Slot) -> bool:
        return slot in self._slots.values()

    def _release(self, slot: Slot) -> None:
        del self._slots[slot.order.instrument.venue, slot.order.instrument.symbol]

    def _client_id(self, intent: OrderIntent) -> str:
        """Ours, lowercase alphanumeric, at most 28 characters, never the same twice."""
        name = f"{intent.book}|{intent.instrument.venue}|{intent.instrument.symbol}"
        digest = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
        cycle = _base36(intent.cycle)
        return f"{PREFIX}{_base36(digest):0>7}{_base36(self._started_ms):0>9}{cycle}"


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if not number:
            return digits


def _position(snapshot: Snapshot, order: Order) -> Amount:
    instrument = order.instrument
    held = (
        p.quantity
        for account in snapshot.accounts
        if account.venue == instrument.venue
        for p in account.positions
        if p.instrument.symbol == instrument.symbol
    )
    return next(held, Amount(order.contracts * 0, instrument.unit))


def _described(order: Order) -> dict[str, object]:
    return {
        "client_id": order.client_id,
        "venue": order.instrument.venue,
        "instrument": order.instrument.symbol,
        "side": order.side.value,
        "contracts": plain(order.contracts),
        "limit_price": plain(order.limit_price),
        "reduce_only": order.reduce_only,
    }
