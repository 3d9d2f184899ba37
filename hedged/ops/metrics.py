"""Prometheus metrics; docs/metrics.md describes each, and a test holds the two together.

What a cycle changes is set at its end, the rest when somebody asks. Figures of an asset carry
`basis`: "real" is what the venue shows, "paper" goes on from orders that a dry-run assumed.
Money and coins become floats here: for charts and thresholds, never for a decision.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest

from hedged.core.access import Use
from hedged.core.figures import Figures, standing_figures
from hedged.core.orders import Order
from hedged.core.types import AssetDecision, Decision, Snapshot, TradingState
from hedged.ops.notify import Outbox

_ASSET: Final = ("book", "asset")
_BASIS: Final = (*_ASSET, "basis")
_DURATIONS_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_GAUGES: Final = {  # figure → name and help
    "price": ("mark_price_usd", "Mark price of the first instrument, USD per coin"),
    "net_delta": ("net_delta_coins", "Coins that still move with the price"),
    "hedge_ratio": ("hedge_ratio", "Share of the coins that is hedged"),
    "position_usd": ("position_usd", "Hedge position, signed, USD at the mark"),
    "target_usd": ("target_usd", "Position that is wanted, signed, USD"),
    "drift_usd": ("drift_usd", "Position less target, signed, USD"),
    "band_usd": ("band_usd", "Drift that is left alone, USD to either side"),
    "funding_rate": ("funding_rate", "Funding rate per interval, a fraction; shorts receive > 0"),
    "index_basis": ("index_basis", "Mark less index of the first instrument, a fraction of it"),
    "funding_usd_per_day": ("funding_usd_per_day", "Funding of the position as rates are, USD"),
    "collateral_fraction": ("collateral_fraction", "Share of the coins in the futures account"),
    "liquidation_distance": ("liquidation_distance", "Way to the nearest liquidation, fraction"),
}


class Metrics:
    """All metrics of one daemon, in a registry of their own."""

    def __init__(self, version: str, environment: str, execution: str) -> None:
        self.registry = CollectorRegistry()
        info = Info("hedged", "What runs", registry=self.registry)
        info.info({"version": version, "environment": environment, "execution": execution})
        self._figures = {
            figure: self._gauge(name, text, _BASIS) for figure, (name, text) in _GAUGES.items()
        }
        self._unhedged = self._counter(
            "unhedged_dollar_minutes", "|drift| in USD times minutes, summed", _BASIS
        )
        self._verdicts = self._counter(
            "verdicts", "Verdicts of cycles, by reason", (*_ASSET, "reason")
        )
        self._findings = self._gauge(
            "findings", "What stands in the way of orders: 1 while it does", (*_ASSET, "reason")
        )
        self._duration = Histogram(
            "hedged_cycle_duration_seconds",
            "From the start of the reads to the end of the acts",
            ("book",),
            buckets=_DURATIONS_S,
            registry=self.registry,
        )
        self._last_cycle = self._gauge(
            "last_cycle_timestamp_seconds",
            "When the last cycle saw the world, Unix time",
            ("book",),
        )
        self._ages = self._gauge(
            "data_age_seconds", "Age of what the last cycle read", ("book", "source", "what")
        )
        self._orders = self._counter("orders", "Orders by what became of them", ("book", "outcome"))
        self._in_flight = self._gauge("orders_in_flight", "Orders whose end is not known", ())
        self._state = self._gauge("trading_state", "1 for the state in force", ("state",))
        self._ready = self._gauge("ready", "1 when reconciled, fresh and not halted", ())
        self._skew = self._gauge(
            "clock_skew_seconds", "This clock less the venue's, as last measured", ("venue",)
        )
        self._requests = self._counter("api_requests", "Requests to the venue", ("venue",))
        self._weight = self._counter(
            "api_weight", "Weight of these; 1 is the usual one of a request", ("venue",)
        )
        self._carry = self._gauge(
            "carry_per_year", "What the hedge earns by its last stamps, a fraction", _ASSET
        )
        self._used: dict[str, Use] = {}
        self._alerts = self._counter("alerts", "Alerts by what became of them", ("to", "outcome"))
        self._waiting = self._gauge("alerts_waiting", "Alerts that are not delivered yet", ("to",))
        self._posted: dict[tuple[str, str], int] = {}
        self._seen_s: dict[str, float] = {}
        self._ended: frozenset[str] = frozenset()
        self._shown: dict[str, set[tuple[str, ...]]] = {}

    def adopt(self, orders: Iterable[Order]) -> None:
        """Orders that ended before this process began are not counted."""
        self._ended = frozenset(order.client_id for order in orders if order.resolved)

    def cycle(self, snapshot: Snapshot, decision: Decision, seen_s: float, took_s: float) -> None:
        """Take in a cycle; times are monotonic seconds."""
        book = decision.book
        before_s = self._seen_s.get(book, seen_s)
        self._seen_s[book] = seen_s
        self._duration.labels(book).observe(took_s)
        self._last_cycle.labels(book).set(decision.at.timestamp())
        for asset in decision.assets:
            self._asset(snapshot, book, asset, (seen_s - before_s) / 60)
        self._set_ages(snapshot)
        found = {
            (book, asset.asset, finding.reason.value)
            for asset in decision.assets
            for finding in asset.blocked
        }
        self._show(self._findings, f"findings|{book}", dict.fromkeys(found, 1.0))

    def standing(
        self,
        *,
        state: TradingState,
        is_ready: bool,
        orders: Mapping[str, Order],
        skews_s: Mapping[str, Decimal | None],
        uses: Mapping[str, Use],
        outboxes: Iterable[Outbox],
    ) -> None:
        """Take in what stands beside the cycles, just before it is shown."""
        for one in TradingState:
            self._state.labels(one.value).set(one is state)
        self._ready.set(is_ready)
        self._in_flight.set(sum(not order.resolved for order in orders.values()))
        self._count_orders(orders.values())
        for venue, skew_s in skews_s.items():
            if skew_s is not None:
                self._skew.labels(venue).set(float(skew_s))
        for venue, use in uses.items():
            before = self._used.get(venue, Use())
            self._requests.labels(venue).inc(use.requests - before.requests)
            self._weight.labels(venue).inc(float(use.weight - before.weight))
            self._used[venue] = use
        for outbox in outboxes:
            self._count_alerts(outbox)

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)

    def _asset(self, snapshot: Snapshot, book: str, asset: AssetDecision, minutes: float) -> None:
        self._verdicts.labels(book, asset.asset, asset.reason.value).inc()
        earns: dict[tuple[str, ...], float] = {}
        if asset.carry_per_year is not None:
            earns[book, asset.asset] = float(asset.carry_per_year)
        self._show(self._carry, f"carry|{book}|{asset.asset}", earns)
        for basis, standing in (("real", asset.standing), ("paper", asset.paper)):
            labels = (book, asset.asset, basis)
            if standing is None:
                self._show_figures(labels, None)
                continue
            shown = standing_figures(snapshot, standing)
            self._show_figures(labels, shown)
            self._unhedged.labels(*labels).inc(float(abs(shown.drift_usd)) * minutes)

    def _show_figures(self, labels: tuple[str, ...], shown: Figures | None) -> None:
        """What cannot be told is absent, never zero."""
        for figure, gauge in self._figures.items():
            value = None if shown is None else getattr(shown, figure)
            values = {} if value is None else {labels: float(value)}
            self._show(gauge, "|".join((figure, *labels)), values)

    def _set_ages(self, snapshot: Snapshot) -> None:
        book = snapshot.book
        ages = {(book, a.venue, "account"): a.age_s for a in snapshot.accounts}
        ages |= {(book, h.source, "holdings"): h.age_s for h in snapshot.holdings}
        ages |= {
            (book, q.instrument.venue, f"quote {q.instrument.symbol}"): q.age_s
            for q in snapshot.quotes
        }
        self._show(self._ages, f"ages|{book}", {at: float(age) for at, age in ages.items()})

    def _show(self, gauge: Gauge, group: str, values: Mapping[tuple[str, ...], float]) -> None:
        """Set these series of a group, and take away those that it had beside them."""
        for gone in self._shown.get(group, set()) - values.keys():
            gauge.remove(*gone)
        for labels, value in values.items():
            gauge.labels(*labels).set(value)
        self._shown[group] = set(values)

    def _count_orders(self, orders: Iterable[Order]) -> None:
        """Count each end once."""
        ended = {order.client_id: order for order in orders if order.resolved}
        for name in ended.keys() - self._ended:
            order = ended[name]
            self._orders.labels(order.terms.book, order.state.value).inc()
        self._ended = frozenset(ended)

    def _count_alerts(self, outbox: Outbox) -> None:
        """What became of the alerts of one address; a reload begins with new outboxes."""
        self._waiting.labels(outbox.name).set(len(outbox))
        for outcome, count in (("sent", outbox.sent), ("lost", outbox.dropped)):
            key = (outbox.name, outcome)
            self._alerts.labels(*key).inc(count - self._posted.get(key, 0))
            self._posted[key] = count

    def _gauge(self, name: str, text: str, labels: tuple[str, ...]) -> Gauge:
        return Gauge(f"hedged_{name}", text, labels, registry=self.registry)

    def _counter(self, name: str, text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(f"hedged_{name}", text, labels, registry=self.registry)
