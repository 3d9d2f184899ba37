"""Holds the journal against one venue: reads, lets `core.reconcile` judge, and acts on it.

Orders are listed first, then fills, then positions: a trade in between shows as a difference
that the next reading explains, and never as one that is explained away. What was found is
journalled before anything else is done about it, except that orphans go as soon as they are
listed: a read that fails must not keep them working. The venue wins; whatever no trade explains
freezes new orders in its instrument until it is explained or acknowledged.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import structlog

from hedged.core.access import Use
from hedged.core.decimals import ZERO, plain
from hedged.core.events import Event, LookedUp, Reconciled
from hedged.core.events import Fill as Trade
from hedged.core.listing import Listed, freezes, relisted
from hedged.core.reconcile import orphans, reconciled
from hedged.core.reports import (
    FREEZING,
    Absence,
    Doubt,
    Evidence,
    OpenOrder,
    Orphan,
    Reconciliation,
    Rules,
    Topic,
    VenueReport,
)
from hedged.core.terms import Answer, Cause
from hedged.core.types import Instrument, MarginAccount
from hedged.engine.brake import Brake
from hedged.ports import Clock, Fill, FillKind, Journal, OrderReport, OrderStatus, TradingVenue
from hedged.store.failpoints import point

log = structlog.get_logger("hedged.reconciler")

# A venue lists a fill some seconds late, and its clock is not ours.
LOOK_BACK: Final = timedelta(minutes=10)
REPEAT_S: Final = 3600.0  # an unchanged comparison is journalled again after this
PROOF_S: Final = 20.0  # the same while orders may be working
ROUNDS: Final = 3  # of look-ups that lead to further look-ups
# What every order of ours brings with it.
_ROUTINE: Final = frozenset(
    {Topic.NEW_FILL, Topic.ENDED_ORDER, Topic.OUTSTANDING_FILL, Topic.IN_FLIGHT}
)
_ALERTING: Final = FREEZING | {Topic.DELEVERAGED, Topic.ADOPTED_CHANGE, Topic.RECOVERED}
_CAUSES: Final = {
    FillKind.TRADE: Cause.TRADE,
    FillKind.LIQUIDATION: Cause.LIQUIDATION,
    FillKind.ADL: Cause.ADL,
    FillKind.SETTLEMENT: Cause.SETTLEMENT,
}


class Reconciler:
    """The comparison of one account with the journal; `frozen` is what it came to last."""

    def __init__(
        self,
        venue: TradingVenue,
        symbols: tuple[str, ...],
        journal: Journal,
        clock: Clock,
        rules: Rules,
        brake: Brake,
    ) -> None:
        self.venue = venue
        self._brake = brake
        self.done_at_s: float | None = None  # monotonic; None: never yet
        self.failed = ""  # why the last attempt came to nothing
        self.owed = 0  # clean comparisons until orders may follow an outage
        self.frozen: Mapping[str, str] = {}
        self.last: Reconciliation | None = None
        self._symbols = symbols
        self._journal = journal
        self._clock = clock
        self._rules = rules
        self._started_s = clock.monotonic()
        self._absent: dict[str, list[float]] = {}  # when "not found" was answered, in a row
        self._answered_s: dict[str, float] = {}  # the last look-up of each order
        self._doubts: Mapping[str, Doubt] = {}
        self._gone: tuple[Orphan, ...] = ()  # cancelled as soon as the last list was read
        self._said: tuple[Event, float] | None = None  # the last comparison on record, and when
        self._told = Use()  # what was asked of the venue, as on record
        self._turn = asyncio.Lock()

    async def reconcile(self, under_way: frozenset[str] = frozenset()) -> Reconciliation:
        """Read, compare, journal, and cancel what is nobody's.

        Raises:
            VenueUnavailable: something could not be read; nothing was concluded.
            VenueAuthError: the key was refused.
            StoreError: it could not be journalled.
        """
        async with self._turn:
            result = await self._once(under_way)
            for _ in range(ROUNDS):
                if not result.look_up:
                    break
                result = await self._once(under_way)
            self.frozen, self.last = {**result.frozen, **self._relisted_frozen()}, result
            self.done_at_s = self._clock.monotonic()
            self.owed = max(0, self.owed - 1)
            for orphan in result.cancel:
                if orphan not in self._gone:
                    await self._cancel(orphan)
            return result

    def differences(self, account: MarginAccount) -> Mapping[str, str]:
        """Instruments whose position is not what the journal comes to, with both figures.

        Fills that the venue reported but has not listed yet count as expected.
        """
        held = {p.instrument.symbol: p.quantity.value for p in account.positions}
        ledger, found = self._journal.ledger, {}
        for symbol in self._symbols:
            slot = ledger.slots.get((self.venue.name, symbol))
            if slot is None or held.get(symbol, ZERO) == slot.quantity.value:
                continue
            expected = slot.quantity
            for order in ledger.orders.values():
                if (order.terms.venue, order.terms.symbol) == (self.venue.name, symbol):
                    expected += order.outstanding
            if held.get(symbol, ZERO) != expected.value:
                found[symbol] = (
                    f"the venue shows {plain(held.get(symbol, ZERO))} {expected.unit}, "
                    f"the journal comes to {plain(expected.value)}"
                )
        return found

    async def _once(self, under_way: frozenset[str]) -> Reconciliation:
        unresolved = self._journal.ledger.unresolved(self.venue.name)
        symbols = {*self._symbols, *(order.terms.symbol for order in unresolved)}
        instruments = {symbol: self.venue.instrument(symbol) for symbol in sorted(symbols)}
        evidence = Evidence(
            watched={symbol: instrument.unit for symbol, instrument in instruments.items()},
            started_at=self._venue_time() - self._since_start(),
            now_s=Decimal(str(round(self._clock.monotonic(), 3))),
            under_way=under_way,
            doubts=self._doubts,
        )
        reports = await self.venue.open_orders(tuple(instruments))
        listed = tuple(_open_order(report) for report in reports)
        self._gone = orphans(self._journal.ledger, listed, evidence)
        for orphan in self._gone:
            await self._cancel(orphan)
        report = await self._report(instruments, listed, under_way)
        result = reconciled(
            self._journal.ledger, report, self._with_absences(evidence, report), self._rules
        )
        await self._record((*self._relisted(instruments.values()), *result.events))
        self._doubts = result.doubts
        for note in result.notes:
            tell = log.warning if note.topic in _ALERTING else log.info
            if note.topic in _ROUTINE:
                tell = log.debug
            tell("reconcile.note", venue=self.venue.name, topic=note.topic.value, why=note.text)
        if result.halt:
            await self._brake.halt(result.halt)
        return result

    def _relisted(self, instruments: Iterable[Instrument]) -> Iterator[Listed]:
        """What the venue lists otherwise than the journal has it; told on the way."""
        ledger = self._journal.ledger
        for instrument in instruments:
            key = (self.venue.name, instrument.symbol)
            known = ledger.listings.get(key)
            now = relisted(known, ledger.doubted.get(key), instrument)
            if now is None:
                continue
            if known is not None:
                (log.info if now.adopted else log.error)(
                    "listing.changed",
                    venue=now.venue,
                    instrument=now.symbol,
                    was=f"{known.text}, {known.steps}",
                    now=f"{now.text}, {now.steps}",
                )
            yield now

    def _relisted_frozen(self) -> dict[str, str]:
        ledger = self._journal.ledger
        frozen = freezes(ledger.listings, ledger.doubted)
        return {symbol: why for (venue, symbol), why in frozen if venue == self.venue.name}

    async def _record(self, events: tuple[Event, ...]) -> None:
        """Journal what was found, but for a comparison that says what the last one said.

        While orders of ours may be working it is repeated more often: that it can be written
        proves that what becomes of them could be.
        """
        now_s, said = self._clock.monotonic(), self._said
        repeat_s = PROOF_S if self._journal.ledger.unresolved(self.venue.name) else REPEAT_S
        if (
            events[:-1]
            or self.done_at_s is None
            or self.owed
            or said is None
            or said[0] != events[-1]
            or now_s - said[1] >= repeat_s
        ):
            use, told = self.venue.use, self._told
            await self._journal.append(*events[:-1], _with_use(events[-1], told, use))
            self._said, self._told = (events[-1], now_s), use

    async def _report(
        self,
        instruments: Mapping[str, Instrument],
        listed: tuple[OpenOrder, ...],
        under_way: frozenset[str],
    ) -> VenueReport:
        """What is read after the working orders."""
        self._answered_s.clear()
        look_ups = {
            order.client_id: await self._looked_up(instruments[order.terms.symbol], order.client_id)
            for order in self._journal.ledger.unresolved(self.venue.name)
            if order.client_id not in under_way
            and order.client_id not in {working.client_id for working in listed}
        }
        fills = await self.venue.fills(tuple(instruments), self._fills_since())
        coins = sorted({instrument.base for instrument in instruments.values()})
        account = await self.venue.account(coins)
        return VenueReport(
            venue=self.venue.name,
            at=self._venue_time(),
            open_orders=listed,
            fills=tuple(
                _trade(self.venue.name, fill, instruments[fill.symbol])
                for fill in fills
                if fill.kind is not FillKind.FUNDING
            ),
            positions={
                position.instrument.symbol: position.quantity
                for position in account.positions
                if position.instrument.symbol in instruments
            },
            # Owners move coins by hand, and the hedge follows; see the exposure, not the journal.
            balances=(),
            look_ups=look_ups,
        )

    def _venue_time(self) -> datetime:
        """The venue's clock, as far as it is known: ours may have been set wrong by hours."""
        skew_s = self.venue.skew_s or ZERO
        return self._clock.now() - timedelta(seconds=float(skew_s))

    def _since_start(self) -> timedelta:
        return timedelta(seconds=self._clock.monotonic() - self._started_s)

    def _fills_since(self) -> datetime:
        """Before anything that may not be booked yet."""
        ledger = self._journal.ledger
        known = [slot.as_of for slot in ledger.slots.values() if slot.venue == self.venue.name]
        if not known:
            return self._venue_time() - LOOK_BACK
        prefix = f"{self.venue.name}|"
        trades = [at for key, at in ledger.trades.items() if key.startswith(prefix)]
        return max(*known, *trades, ledger.trades_floor) - LOOK_BACK

    async def _looked_up(self, instrument: Instrument, client_id: str) -> LookedUp:
        report = await self.venue.find_order(instrument, client_id)
        self._answered_s[client_id] = self._clock.monotonic()
        return look_up_event(client_id, report)

    def _with_absences(self, evidence: Evidence, report: VenueReport) -> Evidence:
        """Count the answers "not found" in a row, and the time that they span."""
        self._absent = {
            name: [*self._absent.get(name, []), self._answered_s[name]]
            for name, said in report.look_ups.items()
            if said.answer is Answer.NOT_FOUND
        }
        return replace(
            evidence,
            absences={
                name: Absence(len(times), Decimal(str(round(times[-1] - times[0], 3))))
                for name, times in self._absent.items()
            },
        )

    async def _cancel(self, orphan: Orphan) -> None:
        log.warning("order.orphan_cancelled", client_id=orphan.client_id, instrument=orphan.symbol)
        point("cancel.before")
        await self.venue.cancel(self.venue.instrument(orphan.symbol), orphan.client_id)
        point("cancel.after")


def _with_use(event: Event, before: Use, now: Use) -> Event:
    """The comparison with what was asked since the one before on record."""
    if not isinstance(event, Reconciled):
        raise TypeError(f"a reconciliation ends with {event}")
    return replace(
        event, requests=now.requests - before.requests, weight=now.weight - before.weight
    )


def look_up_event(client_id: str, report: OrderReport | None) -> LookedUp:
    """What a look-up says, for the journal."""
    if report is None:
        return LookedUp(client_id, Answer.NOT_FOUND)
    answer = Answer.DONE if report.status is OrderStatus.DONE else Answer.WORKING
    return LookedUp(client_id, answer, report.filled, report.venue_id, report.reason)


def _open_order(report: OrderReport) -> OpenOrder:
    return OpenOrder(
        client_id=report.client_id,
        venue_id=report.venue_id,
        symbol=report.symbol,
        filled=report.filled,
        created_at=report.created_at,
    )


def _trade(venue: str, fill: Fill, instrument: Instrument) -> Trade:
    return Trade(
        client_id=fill.client_id,
        venue=venue,
        symbol=fill.symbol,
        trade_id=fill.trade_id,
        side=fill.side,
        contracts=fill.contracts,
        contract_size=instrument.contract_size,
        unit=instrument.unit,
        price=fill.price,
        traded_at=fill.at,
        fee=fill.fee,
        is_maker=fill.is_maker,
        cause=_CAUSES[fill.kind],
    )
