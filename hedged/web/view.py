"""The read model: everything that is shown, as objects for JSON.

What `hedged plan --json` says of a book is said here in the same words: both come from
`core.view`. Around it stands what only a living daemon knows: its state, when it looked, what
is open, what it did. Nothing here changes anything.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from hedged import __version__
from hedged.core.events import Acked, Entry, Fill, Intended, StateChanged
from hedged.core.figures import figures
from hedged.core.ledger import Ledger
from hedged.core.types import AssetDecision, Decision, Finding, Reason
from hedged.core.view import Json, asset_object, book_object
from hedged.engine.cycle import Cycle
from hedged.engine.readiness import hindrances
from hedged.ops.runbook import runbook
from hedged.ports import Selection
from hedged.report.payments import FundingLog
from hedged.web.history import COLUMNS
from hedged.web.recall import notional_usd
from hedged.web.recorder import Mark, Recorder
from hedged.web.sentence import doing, done
from hedged.web.subject import Subject

_LONG: Final = frozenset({"lines", "steps", "positions", "findings", "alerts"})


class View:
    """What a daemon shows of itself."""

    def __init__(self, subject: Subject, recorder: Recorder) -> None:
        self._subject = subject
        self._recorder = recorder
        self._state_of: tuple[object, Json] | None = None
        self._funding = FundingLog(subject.venues, subject.clock)
        self._told: dict[tuple[str, frozenset[str]], tuple[Cycle, list[Json]]] = {}

    @property
    def recorder(self) -> Recorder:
        """What is remembered; a reload goes on with it."""
        return self._recorder

    def hindrances(self) -> list[Finding]:
        """What keeps the daemon from being ready."""
        polls_s = {name: book.poll_s for name, book in self._subject.settings.books.items()}
        now_s = self._subject.clock.monotonic()
        return list(hindrances(polls_s, self._recorder.cycles, self._subject.state, now_s))

    async def status(self) -> Json:
        """The whole at a glance."""
        hindered = self.hindrances()
        return {
            "version": __version__,
            "environment": self._subject.settings.environment,
            "execution": self._subject.execution,
            "started_at": self._subject.started_at,
            "now": self._subject.clock.now(),
            "ready": not hindered,
            "not_ready": [finding_object(finding) for finding in hindered],
            "state": await self.state(),
            "recorded": self._subject.journal is not None,
            "last_act": self._last_act(),
            "books": [self._summary(cycle) for cycle in self._cycles()],
            "findings": list(self._findings(hindered)),
            "in_flight": len(self._ledger.unresolved()),
        }

    async def state(self) -> Json:
        """What is allowed, who said so, when and why."""
        if said := self._subject.unrecorded():
            why = f"{said.why} (not on record: a restart would lift it)".lstrip()
            return {"state": said.state, "at": None, "who": said.who, "why": why}
        ledger = self._ledger
        key = (ledger.state, ledger.why)
        if self._state_of is None or self._state_of[0] != key:
            last = await self._entries(StateChanged.kind, limit=1)
            changes = [_state_object(entry) for entry in last]
            origin: Json = {"at": None, "who": None, "why": None}
            self._state_of = key, changes[0] if changes else origin
        return {**self._state_of[1], "state": ledger.state}

    def books(self) -> list[Json]:
        """Every book with all its lines, as the plan has it."""
        return [
            {**book_object(cycle.decision), "assets": self._assets(cycle, frozenset())}
            for cycle in self._cycles()
        ]

    def lines(self) -> list[Json]:
        """What each exposure consists of."""
        found = []
        for cycle in self._cycles():
            for asset in cycle.decision.assets:
                lines = asset_object(asset)["lines"]
                place = {"book": cycle.decision.book, "asset": asset.asset}
                found += [{**place, **line} for line in lines]  # type: ignore[attr-defined] # a list of objects
        return found

    async def orders(self, limit: int) -> list[Json]:
        """Orders, newest first: the journal's, or in a dry-run those that were proposed."""
        if self._subject.journal is None:
            marks = list(self._recorder.marks)[::-1][:limit]
            return [
                {
                    **_NO_ORDER,
                    **_marked(mark),
                    "at": mark.at,
                    "book": mark.book,
                    "asset": mark.asset,
                    "cycle": mark.cycle,
                    "state": mark.fate,
                    "detail": mark.why,
                }
                for mark in marks
            ]
        entries = await self._entries(Intended.kind, limit=limit)
        return [_order_object(entry, self._ledger) for entry in entries]

    async def fills(self, limit: int) -> list[Json]:
        """Trades of ours as the venue listed them, newest first."""
        return [
            {
                "at": entry.event.traded_at,
                "client_id": entry.event.client_id,
                "venue": entry.event.venue,
                "instrument": entry.event.symbol,
                "trade_id": entry.event.trade_id,
                "side": entry.event.side,
                "contracts": entry.event.contracts,
                "price": entry.event.price,
                "fee": None if entry.event.fee is None else entry.event.fee.value,
                "fee_unit": None if entry.event.fee is None else entry.event.fee.unit,
                "is_maker": entry.event.is_maker,
                "cause": entry.event.cause,
            }
            for entry in await self._entries(Fill.kind, limit=limit)
            if isinstance(entry.event, Fill)
        ]

    def decisions(self, limit: int) -> list[Json]:
        """Verdicts, newest first; equal ones in a row are one, with their count."""
        return [
            {
                "since": row.since,
                "at": row.at,
                "cycles": row.cycles,
                "cycle": row.cycle,
                "book": row.book,
                "asset": row.asset,
                "reason": row.reason,
                "why": row.why,
                "blocked": row.blocked,
                "orders": row.orders,
                "drift_usd": row.drift_usd,
                "band_usd": row.band_usd,
                "net_delta": row.net_delta,
            }
            for row in self._recorder.verdicts[:limit]
        ]

    def funding(self) -> list[Json]:
        """What each hedged instrument charges or pays, now and at the stamps that are known."""
        found: list[Json] = []
        for cycle in self._cycles():
            legs = {(leg.venue, leg.symbol) for h in cycle.snapshot.hedges for leg in h.legs}
            for quote in cycle.snapshot.quotes:
                place = (quote.instrument.venue, quote.instrument.symbol)
                stamps = [s for s in cycle.snapshot.memory.stamps if (s.venue, s.symbol) == place]
                if place in legs:
                    found.append(
                        {
                            "book": cycle.decision.book,
                            "venue": place[0],
                            "instrument": place[1],
                            "rate": quote.funding_rate,
                            "interval_h": quote.funding_interval_h,
                            "next_at": quote.funding_at,
                            "stamps": [
                                {"at": s.at, "rate": s.rate, "settled": s.settled} for s in stamps
                            ],
                        }
                    )
        return found

    async def payments(self) -> list[Json]:
        """Funding that was paid and received, newest first, as each venue listed it last."""
        return [
            {
                "venue": of_venue.venue,
                "as_of": of_venue.as_of,
                "why": of_venue.why or None,
                "payments": [
                    {
                        "at": flow.at,
                        "instrument": flow.symbol or flow.market,
                        "amount": flow.funding,
                        "coin": flow.change.unit,
                    }
                    for flow in of_venue.flows[::-1]
                ],
            }
            for of_venue in await self._funding.payments()
        ]

    async def states(self, limit: int) -> list[Json]:
        """What operators and faults changed, newest first."""
        kinds = (StateChanged.kind, Acked.kind)
        return [_state_object(entry) for entry in await self._entries(*kinds, limit=limit)]

    @property
    def unprotected(self) -> list[str]:
        """Venues where resting orders would outlive this process."""
        return sorted({venue for c in self._cycles() for venue in c.snapshot.unprotected})

    @property
    def configuration(self) -> object:
        """The settings in force; references to secrets are cut."""
        return self._subject.settings

    async def history(self, book: str, asset: str, *, hours: float, points: int) -> Json | None:
        """Series for charts with the orders on them; None: there is no such asset."""
        series = self._recorder.series.get((book, asset))
        if series is None:
            return None
        now = self._subject.clock.now()
        since = now - timedelta(hours=hours)
        # Each part shows up to four points of a figure: its ends, its least and its greatest.
        thinned = await series.thinned(since.timestamp(), max(1, points // 4))
        return {
            "book": book,
            "asset": asset,
            "kept": len(series),
            "series": {
                name: {
                    "at_ms": [round(at * 1000) for at in thinned[name][0]],
                    "value": [None if math.isnan(v) else v for v in thinned[name][1]],
                }
                for name in COLUMNS
            },
            "marks": [
                {"at": mark.at, "state": mark.fate, **_marked(mark)}
                for mark in self._recorder.marks
                if (mark.book, mark.asset) == (book, asset) and mark.at >= since
            ],
        }

    @property
    def _ledger(self) -> Ledger:
        return Ledger() if self._subject.journal is None else self._subject.journal.ledger

    def _cycles(self) -> Iterator[Cycle]:
        """The last cycle of each book, in the order of the configuration."""
        for name in self._subject.settings.books:
            if name in self._recorder.cycles:
                yield self._recorder.cycles[name]

    def _summary(self, cycle: Cycle) -> Json:
        decision, now_s = cycle.decision, self._subject.clock.monotonic()
        return {
            **book_object(Decision(decision.book, decision.cycle, decision.at, (), ())),
            "assets": self._assets(cycle, _LONG),
            "doing": doing(decision, cycle.snapshot.execution),
            "took_s": round(cycle.took_s, 4),
            "poll_s": self._subject.settings.books[decision.book].poll_s,
            "max_age_s": self._subject.settings.books[decision.book].max_age_s,
            "ages": list(_ages(cycle, now_s)),
        }

    def _assets(self, cycle: Cycle, without: frozenset[str]) -> list[Json]:
        """The plan's own words, with the figures that are watched; made once a cycle."""
        key = (cycle.decision.book, without)
        made = self._told.get(key)
        if made is None or made[0] is not cycle:
            made = cycle, [_asset(cycle, asset, without) for asset in cycle.decision.assets]
            self._told[key] = made
        return made[1]

    def _findings(self, hindered: list[Finding]) -> Iterator[Json]:
        """What is open, each thing once, with what to do."""
        for cycle in self._cycles():
            for asset in cycle.decision.assets:
                place = {"book": cycle.decision.book, "asset": asset.asset}
                open_ones = [*asset.blocked, *asset.alerts]
                if asset.reason not in VERDICTS:
                    open_ones.append(Finding(asset.reason, asset.why))
                for finding in dict.fromkeys(open_ones):
                    yield {**place, **finding_object(finding)}
        for finding in hindered:
            if finding.reason in {Reason.HALTED, Reason.STALE_DATA}:
                yield {"book": None, "asset": None, **finding_object(finding)}

    def _last_act(self) -> Json | None:
        if not self._recorder.marks:
            return None
        mark = self._recorder.marks[-1]
        return {"at": mark.at, "book": mark.book, "asset": mark.asset, "said": done(mark)}

    async def _entries(self, *kinds: str, limit: int) -> tuple[Entry, ...]:
        """Newest first; none in a dry-run."""
        if self._subject.journal is None:
            return ()
        selection = Selection(kinds=kinds, last=limit)
        return (await self._subject.journal.entries(selection))[::-1]


def _asset(cycle: Cycle, asset: AssetDecision, without: frozenset[str]) -> Json:
    advice = runbook().get(asset.reason)
    return {
        **{key: value for key, value in asset_object(asset).items() if key not in without},
        "what_to_do": None if advice is None else advice.you,
        "figures": figures(cycle.snapshot, asset),
    }


VERDICTS: Final = frozenset({Reason.IN_BAND, Reason.ABOVE_BAND, Reason.BELOW_BAND})
_NO_ORDER: Final[Mapping[str, object]] = {"client_id": None, "venue_id": None, "filled": None}


def finding_object(finding: Finding) -> Json:
    """A finding with what it means and what to do about it."""
    advice = runbook().get(finding.reason)
    return {
        "reason": finding.reason,
        "detail": finding.detail,
        "means": None if advice is None else advice.means,
        "by_itself": None if advice is None else advice.by_itself,
        "what_to_do": None if advice is None else advice.you,
    }


def _state_object(entry: Entry) -> Json:
    event = entry.event
    if isinstance(event, StateChanged):
        return {"at": entry.at, "state": event.state, "who": event.who, "why": event.why}
    return {
        "at": entry.at,
        "acknowledged": f"{getattr(event, 'venue', '')} {getattr(event, 'what', '')}",
        "who": getattr(event, "who", ""),
        "why": getattr(event, "why", ""),
    }


def _marked(mark: Mark) -> Json:
    """An order on a chart."""
    return {
        "venue": mark.venue,
        "instrument": mark.instrument,
        "side": mark.side,
        "contracts": mark.contracts,
        "notional_usd": mark.notional_usd,
        "limit_price": mark.limit_price,
        "reduce_only": mark.reduce_only,
        "style": mark.style,
        "post_price": mark.post_price,
    }


def _order_object(entry: Entry, ledger: Ledger) -> Json:
    """An intent with what has become of it; a forgotten order has ended long ago."""
    terms = entry.event.order  # type: ignore[union-attr] # selected by its kind
    known = ledger.orders.get(terms.client_id)
    return {
        "at": entry.at,
        "client_id": terms.client_id,
        "venue_id": None if known is None else known.venue_id,
        "book": terms.book,
        "asset": terms.asset,
        "cycle": terms.cycle,
        "venue": terms.venue,
        "instrument": terms.symbol,
        "side": terms.side,
        "contracts": terms.contracts,
        "notional_usd": notional_usd(terms),
        "limit_price": terms.limit_price,
        "reduce_only": terms.reduce_only,
        "filled": None if known is None else known.filled,
        "state": "ended" if known is None else known.state,
        "detail": "" if known is None else known.detail,
    }


def _ages(cycle: Cycle, now_s: float) -> Iterator[Json]:
    """How old what was read is by now."""
    since_s = max(0.0, now_s - cycle.seen_s)
    snapshot = cycle.snapshot
    read = [(a.venue, "account", a.age_s) for a in snapshot.accounts]
    read += [(h.source, "holdings", h.age_s) for h in snapshot.holdings]
    read += [(q.instrument.venue, f"quote {q.instrument.symbol}", q.age_s) for q in snapshot.quotes]
    for source, what, age_s in read:
        yield {"source": source, "what": what, "age_s": round(float(age_s) + since_s, 3)}
    for missing in snapshot.missing:
        yield {"source": missing.source, "what": missing.what, "age_s": None}
