"""Working orders and fills, of the instruments that are asked for; and the account's flows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from hedged.core.types import Flow, Instrument, Kind
from hedged.ports import Fill, OrderReport, OrderStatus, VenueRefused
from hedged.venue.connection import Connection
from hedged.venue.fields import EPOCH, Row
from hedged.venue.markets import Markets
from hedged.venue.profiles.profile import Profile

_MILLISECOND: Final = timedelta(milliseconds=1)
_MOST_SPANS: Final = 53  # a year, where one request may span a week


class Records:
    """Reads what the venue has written down of orders."""

    def __init__(self, profile: Profile, connection: Connection, markets: Markets) -> None:
        self._profile = profile
        self._connection = connection
        self._markets = markets

    async def open_orders(self, symbols: Sequence[str]) -> tuple[OrderReport, ...]:
        """See `ports.Venue`; an attempt of `Connection.read`."""
        wanted = self._markets.by_id(symbols)
        rows: list[Row] = []
        for kind in _kinds(wanted.values()):
            for only in self._profile.contracts[kind].order_lists:
                rows += await self._connection.rows(
                    "open orders", self._profile.open_orders, **only
                )
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
        for span in self.spans(since):
            for fill in await self._connection.read(partial(self._fills, wanted, span)):
                found.setdefault(fill.trade_id, fill)
        # Rows come newest first: reversed, those of one moment are in the order they happened.
        oldest_first = list(found.values())[::-1]
        oldest_first.sort(key=lambda fill: fill.at)
        return tuple(oldest_first)

    async def flows(self, since: datetime) -> tuple[Flow, ...]:
        """See `ports.Venue`. Each span of time is an attempt of its own."""
        found: dict[str, Flow] = {}
        for span in self.spans(since):
            for row in await self._connection.read(partial(self._flow_rows, span)):
                flow = self._profile.flow(row)
                found.setdefault(flow.flow_id, flow)
        oldest_first = list(found.values())[::-1]
        oldest_first.sort(key=lambda flow: flow.at)
        return tuple(oldest_first)

    async def _flow_rows(self, span: Mapping[str, str]) -> list[Row]:
        return await self._connection.rows("flows", self._profile.flows, **span)

    def report(self, row: Row, instrument: Instrument) -> OrderReport:
        """One order, in contracts."""
        report = self._profile.report(row, instrument)
        return replace(
            report,
            contracts=self._contracts(report.contracts, instrument),
            filled=self._contracts(report.filled, instrument),
        )

    async def _fills(self, wanted: Mapping[str, Instrument], span: Mapping[str, str]) -> list[Fill]:
        fills = []
        for kind in _kinds(wanted.values()):
            only = self._profile.contracts[kind].only
            for row in await self._connection.rows("fills", self._profile.fills, **only, **span):
                instrument = self._wanted_by(wanted, row)
                if instrument is None:
                    continue
                fill = self._profile.fill(Row("fill", row.values), instrument)
                if fill is not None:
                    contracts = self._contracts(fill.contracts, instrument)
                    fills.append(replace(fill, contracts=contracts))
        return fills

    def spans(self, since: datetime) -> list[dict[str, str]]:
        """The spans of time to ask for, latest first; the latest has no end."""
        start_ms, now_ms = (
            (at - EPOCH) // _MILLISECOND for at in (since, self._connection.venue_time)
        )
        longest_ms = self._profile.longest_span // _MILLISECOND
        starts = list(range(start_ms, max(now_ms, start_ms) + 1, longest_ms))
        if len(starts) > _MOST_SPANS:
            raise VenueRefused(f"records since {since:%Y-%m-%d}: that is more than a year ago")
        spans = [
            {
                self._profile.from_param: str(begin_ms),
                self._profile.to_param: str(begin_ms + longest_ms - 1),
            }
            for begin_ms in starts
        ]
        del spans[-1][self._profile.to_param]
        return spans[::-1]

    def _wanted_by(self, wanted: Mapping[str, Instrument], row: Row) -> Instrument | None:
        return wanted.get(row.text(self._profile.market_key))

    def _contracts(self, amount: Decimal, instrument: Instrument) -> Decimal:
        return amount if self._profile.amounts_in_contracts else amount / instrument.contract_size


def _kinds(instruments: Iterable[Instrument]) -> Iterable[Kind]:
    return dict.fromkeys(instrument.kind for instrument in instruments)
