"""Working orders and fills, of the instruments that are asked for; and the account's flows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from hedged.core.types import Flow, Instrument, Kind
from hedged.ports import (
    Fill,
    OrderReport,
    OrderStatus,
    StatementNotTold,
    VenueRefused,
    VenueUnavailable,
)
from hedged.venue.connection import Connection
from hedged.venue.fields import EPOCH, Row
from hedged.venue.lazy import errors
from hedged.venue.markets import Markets
from hedged.venue.profiles.profile import Profile
from hedged.venue.profiles.reads import Log, Read
from hedged.venue.spec import settle_of

_LONGEST: Final = timedelta(days=371)  # that is told of


class Records:
    """Reads what the venue has written down of orders."""

    def __init__(
        self, profile: Profile, connection: Connection, markets: Markets, symbols: Sequence[str]
    ) -> None:
        self._profile = profile
        self._connection = connection
        self._markets = markets
        self._symbols = symbols  # that are traded here
        self._orders: dict[tuple[str, str], Row] = {}  # of fills, by symbol and venue's number

    async def open_orders(self, symbols: Sequence[str]) -> tuple[OrderReport, ...]:
        """See `ports.Venue`; an attempt of `Connection.read`."""
        wanted = self._markets.by_id(symbols)
        rows: list[Row] = []
        read = self._profile.open_orders
        for kind in _kinds(wanted.values()):
            ours = (i.symbol for i in wanted.values() if i.kind is kind)
            contracts = self._profile.contracts[kind]
            each = (self._connection.naming(read, symbol) for symbol in ours)
            for only in contracts.order_lists or list(each):
                named = {**contracts.only, **only}
                page = await self._listed(read, named)
                if read.page and not read.cursor and not read.last and len(page) >= read.page:
                    raise VenueUnavailable(f"open orders: more than {read.page}, not all told")
                rows += page
        reports = [
            self.report(Row("open order", row.values), instrument)
            for row in rows
            if (instrument := self._wanted_by(wanted, row)) is not None
        ]
        # An order that moves between pages while they are read comes twice.
        working = {r.venue_id: r for r in reports if r.status is OrderStatus.WORKING}
        return tuple(working.values())

    async def fills(self, symbols: Sequence[str], since: datetime) -> tuple[Fill, ...]:
        """See `ports.Venue`. Each span of time is an attempt of its own."""
        wanted = self._markets.by_id(symbols)
        found: dict[str, Fill] = {}
        for span in self.spans(since, self._profile.fills):
            for fill in await self._connection.read(partial(self._fills, wanted, span, since)):
                found.setdefault(fill.trade_id, fill)
        told = list(found.values())
        return tuple(sorted(told[:: _step(self._profile.fills)], key=lambda fill: fill.at))

    async def flows(self, since: datetime) -> tuple[Flow, ...]:
        """See `ports.Venue`. Each span of time is an attempt of its own."""
        if not self._profile.flows:
            raise StatementNotTold(f"{self._profile.exchange}: its account log is not read")
        told = [flow for log in self._profile.flows for flow in await self._logged(log, since)]
        return tuple(sorted(told, key=lambda flow: flow.at))

    async def _logged(self, log: Log, since: datetime) -> list[Flow]:
        """What one list tells, in the order it happened."""
        found: dict[str, Flow] = {}
        read, symbols = log.read, self._markets.listed(self._symbols)
        for span in self.spans(since, read):
            for only in self._asked(log):
                attempt = partial(self._connection.rows, "flows", read, **only, **span)
                rows = await self._connection.read(attempt)
                told = [flow for row in rows if (flow := log.flow(row)) is not None]
                reaches_back = not span and any(flow.at < since for flow in told)
                if read.page and not read.last and len(rows) >= read.page and not reaches_back:
                    raise VenueUnavailable(f"flows: more than {read.page}, not all of them told")
                for flow in told:
                    symbol = "" if flow.is_spot else symbols.get(flow.market, "")
                    found.setdefault(flow.flow_id, replace(flow, symbol=symbol))
        return list(found.values())[:: _step(read)]

    def _asked(self, log: Log) -> list[dict[str, str]]:
        """What narrows its requests, to one coin or one market each."""
        if log.coin_param:
            return [{log.coin_param: c} for c in dict.fromkeys(map(settle_of, self._symbols))]
        if log.read.market is not None:
            # Of a contract that has ended nothing can be asked. Where all have, that is refused:
            # asking for nothing would pass for nothing having happened.
            left = self._markets.listed(self._symbols).values() or self._symbols
            return [self._connection.naming(log.read, symbol) for symbol in left]
        return [{}]

    async def _listed(self, read: Read, named: Mapping[str, str]) -> list[Row]:
        try:
            return await self._connection.rows("open orders", read, **named)
        except errors().OrderNotFound:
            if read.or_none:  # how such a venue says that there are none
                return []
            raise

    def report(self, row: Row, instrument: Instrument) -> OrderReport:
        """One order, in contracts."""
        report = self._profile.report(row, instrument)
        return replace(
            report,
            contracts=self._contracts(report.contracts, instrument),
            filled=self._contracts(report.filled, instrument),
        )

    async def _fills(
        self, wanted: Mapping[str, Instrument], span: Mapping[str, str], since: datetime
    ) -> list[Fill]:
        fills = []
        read = self._profile.fills
        for kind in _kinds(wanted.values()):
            only = self._profile.contracts[kind].only
            ours = [i.symbol for i in wanted.values() if i.kind is kind]
            each = [self._connection.naming(read, symbol) for symbol in ours]
            for naming in each if read.market is not None else [{}]:
                rows = await self._connection.rows("fills", read, **only, **naming, **span)
                told = [self._fill(wanted, row) for row in rows]
                found = [fill for fill in told if fill is not None]
                self._check_whole(len(rows), found, since)
                fills += [await self._complete(fill) for fill in found]
        return fills

    def _fill(self, wanted: Mapping[str, Instrument], row: Row) -> Fill | None:
        instrument = self._wanted_by(wanted, row)
        if instrument is None:
            return None
        fill = self._profile.fill(Row("fill", row.values), instrument)
        if fill is None:
            return None
        return replace(fill, contracts=self._contracts(fill.contracts, instrument))

    async def _complete(self, fill: Fill) -> Fill:
        """The fill with what its order adds; an order is asked for once."""
        completion = self._profile.completion
        if completion is None:
            return fill
        key = fill.symbol, fill.venue_id
        if key not in self._orders:
            named = self._connection.naming(completion.read, fill.symbol)
            asked = {**named, completion.param: fill.venue_id}
            (self._orders[key],) = await self._connection.rows(
                "order of a fill", completion.read, **asked
            )
        return completion.completed(fill, self._orders[key])

    def _check_whole(self, rows: int, fills: Sequence[Fill], since: datetime) -> None:
        """Refuse a full page that does not reach back to `since`, where none can follow it."""
        read = self._profile.fills
        if not read.page or read.cursor or read.last or rows < read.page:
            return
        if self._profile.from_param or all(fill.at >= since for fill in fills):
            raise VenueUnavailable(f"fills: more than {read.page}, of which not all are told")

    def spans(self, since: datetime, read: Read) -> list[dict[str, str]]:
        """The spans of time to ask for, latest first; the latest has no end, if it need not."""
        begin, end = read.span or (self._profile.from_param, self._profile.to_param)
        if not begin:
            return [{}]
        unit = self._profile.span_unit
        start, now = ((at - EPOCH) // unit for at in (since, self._connection.venue_time))
        longest = self._profile.longest_span // unit
        starts = list(range(start, max(now, start) + 1, longest))
        if now - start > _LONGEST // unit:
            raise VenueRefused(f"records since {since:%Y-%m-%d}: that is more than a year ago")
        spans = [{begin: str(at), end: str(at + longest - 1)} for at in starts]
        if not self._profile.spans_end:
            del spans[-1][end]
        return spans[::-1]

    def _wanted_by(self, wanted: Mapping[str, Instrument], row: Row) -> Instrument | None:
        name = row.text(self._profile.market_key)
        return wanted.get(name) or wanted.get(name.upper())  # some venues are careless of case

    def _contracts(self, amount: Decimal, instrument: Instrument) -> Decimal:
        return amount if self._profile.amounts_in_contracts else amount / instrument.contract_size


def _step(read: Read) -> int:
    """How to go through the rows so that those of one moment are in the order they happened."""
    return 1 if read.oldest_first else -1


def _kinds(instruments: Iterable[Instrument]) -> Iterable[Kind]:
    return dict.fromkeys(instrument.kind for instrument in instruments)
