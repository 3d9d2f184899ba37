"""The independent checker: the invariants of the daemon, asserted from the exchange's side.

It keeps a ledger of its own, made of what truly happened (the exchange's accounts and fills), of
what the venue's face said, and of what was committed to the journal. It trusts no figure that the
daemon computed and shares no formula with it. What breaks is noted, with the invariant's number,
and raised by whoever runs the simulation: raised here, the daemon might catch it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from hedged.core.events import (
    Entry,
    Event,
    ExternalChange,
    Fill,
    Flattened,
    Intended,
    NeverExisted,
    Opening,
    Reconciled,
    Released,
    StateChanged,
    Submitted,
)
from hedged.core.ledger import Ledger
from hedged.core.terms import Terms
from hedged.core.types import MarginAccount, Quote, Side, TradingState
from hedged.ports import Fill as Told
from hedged.ports import Order
from hedged.sim.accounts import Account
from hedged.sim.exchange import Exchange
from hedged.sim.orders import Fill as TrueFill
from hedged.sim.orders import Side as TrueSide
from tests.simulation.faults import Fault
from tests.simulation.timeless import VirtualLoop

ZERO: Final = Decimal(0)
OURS: Final = "hg"
EXECUTIONS: Final = frozenset({"Trade", "BustTrade", "AdlTrade", "Delivery"})
NOT_FOUNDS: Final = 3
NOT_FOUND_OVER_S: Final = 10.0
SURPRISES: Final = frozenset({Fault.ZERO, Fault.FLAT})


@dataclass(frozen=True, slots=True)
class Rule:
    """What the owner set for one instrument."""

    symbol: str  # unified
    key: str  # the exchange's
    coin: str
    ratio: Decimal = Decimal(1)
    band: Decimal = Decimal("0.0025")
    cap_usd: Decimal | None = None
    order_usd: Decimal | None = None
    orders_per_hour: int | None = None
    collar: Decimal = Decimal("0.05")
    max_age_s: float = 30.0
    crosses: bool = True  # False: an order may wait for others for ever
    linear: bool = False  # held in coins; else inverse, held in USD


@dataclass(slots=True)
class Sent:
    """One submit as the face saw it."""

    order: Order
    at_s: float
    on_its_way: bool = True
    settled: bool = False  # the daemon was told, or proved, that it can fill no further
    not_found_s: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Figures:
    """One coin and its contracts: what the position should be follows from it; short < 0."""

    equity: Decimal  # coins
    q: Decimal  # USD, inverse
    n: Decimal  # coins, linear

    def held(self, mark: Decimal) -> Decimal:
        """The position in USD."""
        return self.q + self.n * mark

    def off(self, mark: Decimal, ratio: Decimal, more: Decimal = ZERO) -> Decimal:
        """How far the position, with `more` on top, is from its target, in USD."""
        return abs(self.held(mark) + more + ratio * self.equity * mark)


@dataclass(frozen=True, slots=True)
class Look:
    """One account read as it was answered."""

    asked_s: float
    lie: Fault | None
    true: Mapping[str, Figures]  # by coin
    told: MarginAccount
    is_flat: bool  # whether the book was to be closed then
    filled: Mapping[str, Decimal]  # what the orders that are not settled had truly filled


class Truth:
    """What is true, and every invariant that was broken."""

    def __init__(
        self, exchange: Exchange, account: Account, rules: Iterable[Rule], loop: VirtualLoop
    ) -> None:
        self.broken: list[str] = []
        self.checks = 0
        self.trades = 0  # booked
        self.sent: dict[str, Sent] = {}
        self.planted: set[str] = set()  # orders with our mark that are none of ours
        self.intents: dict[str, Terms] = {}
        self.state = TradingState.ACTIVE
        self.is_flat = False  # the book is to be closed
        self.rules = {rule.symbol: rule for rule in rules}
        self._exchange = exchange
        self._account = account
        self._loop = loop
        self._submits: set[str] = set()
        self._resolved: dict[str, object] = {}
        self._booked: set[str] = set()
        self._expected: dict[str, Decimal] = {}
        self._fills: dict[str, TrueFill] = {}
        self._counted = 0
        self._looks: list[Look] = []
        self._seen = False
        self._quotes: dict[str, Quote] = {}
        self._reconciled = False
        self._dry = False
        self._is_halted = False  # in force, on record or not

    # --- what the daemon is told

    def born(self, *, dry: bool) -> None:
        """Another process begins: it knows nothing but the journal."""
        self._looks, self._quotes, self._reconciled, self._dry = [], {}, False, dry
        self._is_halted = self.state is TradingState.HALTED

    def told(self, verb: str) -> None:
        """An operator gives a command; a halt is in force at once."""
        self._is_halted |= verb == "halt"

    def figures(self, rule: Rule) -> Figures:
        """Where a coin truly stands."""
        coin = self._exchange.margin.coin(self._account, rule.coin)
        q = sum((self._account.quantity(leg.key) for leg in self._legs(rule, linear=False)), ZERO)
        n = sum((self._account.quantity(leg.key) for leg in self._legs(rule, linear=True)), ZERO)
        return Figures(coin.balance + coin.unrealised, q, n)

    def _legs(self, rule: Rule, *, linear: bool) -> Iterator[Rule]:
        """The contracts of one kind that hedge the same coin."""
        for leg in self.rules.values():
            if leg.coin == rule.coin and leg.linear is linear:
                yield leg

    def looked(self, asked_s: float, told: MarginAccount, lie: Fault | None) -> None:
        """An account read was answered."""
        true = {rule.coin: self.figures(rule) for rule in self.rules.values()}
        filled = {name: self._filled(name) for name, sent in self.sent.items() if not sent.settled}
        look = Look(asked_s, lie, true, told, self.is_flat, filled)
        self._looks = [*self._looks[-3:], look]
        self._seen = True

    def asked(self) -> None:
        """An account read begins; until it is answered nothing may be traded on."""
        self._seen = False

    def quoted(self, symbol: str, quote: Quote | None) -> None:
        """A quote was answered, or not."""
        if quote is None:
            self._quotes.pop(symbol, None)
        else:
            self._quotes[symbol] = quote

    def not_found(self, name: str) -> None:
        """A look-up was answered with "no such order"."""
        if name in self.sent:
            self.sent[name].not_found_s.append(self._loop.time())

    def found(self, name: str, *, is_open: bool) -> None:
        """A look-up was answered with the order."""
        if name in self.sent:
            self.sent[name].not_found_s.clear()
            self.sent[name].settled |= not is_open

    def listed(self, fills: Iterable[Told]) -> None:
        """Trades were listed; an order whose trades make it up can fill no further."""
        filled: dict[str, Decimal] = {}
        for fill in {fill.trade_id: fill for fill in fills}.values():
            filled[fill.client_id] = filled.get(fill.client_id, ZERO) + fill.contracts
        for name, contracts in filled.items():
            if name in self.sent and contracts >= self.sent[name].order.contracts:
                self.sent[name].settled = True

    # --- what the daemon does

    def sending(self, order: Order) -> None:
        """A submit leaves."""
        name = order.client_id
        self._keeps_its_word(order)
        self._is_alone(order)
        self._is_in_sight(order)
        self.sent[name] = Sent(order, self._loop.time())

    def arrived(self, name: str) -> None:
        """An order has reached the exchange, or never will."""
        self.sent[name].on_its_way = False

    def _keeps_its_word(self, order: Order) -> None:
        """One id per order, recorded before it leaves, under the state that is in force."""
        name = order.client_id
        mine = name.startswith(OURS) and name.isalnum() and name == name.lower()
        self._holds(4, mine and len(name) <= 28, f"{name} is not one of our ids")
        self._holds(4, name not in self.sent, f"{name} is sent again")
        self._holds(5, name in self.intents and name in self._submits, f"{name} is not recorded")
        self._holds(6, not self._dry, f"{name} is sent in a dry-run")
        self._holds(13, not self._is_halted, f"{name} is sent while halted")
        reduces = order.reduce_only or self.state is not TradingState.REDUCING
        self._holds(13, reduces, f"{name} is sent while only reducing")
        numbers = (order.contracts, order.limit_price)
        self._holds(14, all(isinstance(n, Decimal) for n in numbers), f"{name} is not Decimal")
        terms = self.intents.get(name)
        if terms is not None:
            same = (terms.side, terms.contracts, terms.limit_price, terms.reduce_only) == (
                order.side,
                order.contracts,
                order.limit_price,
                order.reduce_only,
            )
            self._holds(5, same, f"{name} is recorded otherwise than it is sent")

    def _is_alone(self, order: Order) -> None:
        symbol = order.instrument.symbol
        for name, other in self.sent.items():
            if other.order.instrument.symbol == symbol and not other.settled:
                self._holds(3, False, f"{order.client_id} leaves while {name} is unresolved")

    def _is_in_sight(self, order: Order) -> None:
        """Fresh input, and an order that makes things better within the limits."""
        name, symbol = order.client_id, order.instrument.symbol
        rule, quote = self.rules[symbol], self._quotes.get(symbol)
        look = self._looks[-1] if self._looks and self._seen else None
        self._holds(7, self._reconciled, f"{name} is sent before anything was reconciled")
        self._holds(7, look is not None, f"{name} is sent on an account that was not read")
        self._holds(7, quote is not None, f"{name} is sent without a quote")
        if look is None or quote is None:
            return
        age_s = self._loop.time() - look.asked_s
        self._holds(7, age_s <= rule.max_age_s + 3, f"{name} is sent on a read of {age_s:.0f} s")
        if look.lie in SURPRISES:
            before = self._looks[-2].lie if len(self._looks) > 1 else None
            self._holds(7, before is look.lie, f"{name} is sent on a first reading of {look.lie}")
        torn = self._tear(look, rule, quote.mark)
        self._holds(7, torn <= Decimal("0.005"), f"{name} is sent on a torn account: {torn}")
        told = self._told(look, rule, quote.mark)
        figures = look.true[rule.coin] if look.lie is None else told
        self._improves(order, figures, quote, rule, look)

    def _improves(
        self, order: Order, figures: Figures, quote: Quote, rule: Rule, look: Look
    ) -> None:
        name = order.client_id
        change = self._change(order, order.contracts, quote.mark)
        worst = change + self._beside(order, look, quote.mark)
        ratios = {ZERO if flat else rule.ratio for flat in (look.is_flat, self.is_flat)}
        drifts = [(figures.off(quote.mark, r), figures.off(quote.mark, r, worst)) for r in ratios]
        room = self._room(figures, rule, quote.mark)
        better = any(after <= max(before, room) for before, after in drifts)
        self._holds(1, better, f"{name} takes the drift from and to {drifts} USD")
        held, then = abs(figures.held(quote.mark)), abs(figures.held(quote.mark) + worst)
        if rule.cap_usd is not None:
            self._holds(2, then <= max(held, rule.cap_usd), f"{name} exceeds the cap: {then}")
        if rule.order_usd is not None:
            self._holds(12, abs(change) <= rule.order_usd, f"{name} is too large: {change}")
        away = abs(order.limit_price / quote.index - 1)
        self._holds(12, away <= rule.collar, f"{name} has its bound {away} from the index")
        if rule.orders_per_hour is not None:
            hour_ago = self._loop.time() - 3600
            recent = sum(
                1
                for other in self.sent.values()
                if other.at_s > hour_ago and self._is_new(other.order, rule)
            )
            within = recent < 5 * rule.orders_per_hour or not self._is_new(order, rule)
            self._holds(12, within, f"{name} is number {recent + 1} in an hour")

    def _change(self, order: Order, contracts: Decimal, mark: Decimal) -> Decimal:
        """What so many contracts of an order do to the position, in USD."""
        size = contracts * order.instrument.contract_size
        usd = size * mark if self.rules[order.instrument.symbol].linear else size
        return usd if order.side is Side.BUY else -usd

    def _beside(self, order: Order, look: Look, mark: Decimal) -> Decimal:
        """What unsettled orders in the coin's other contracts may add in the same direction."""
        coin, usd = order.instrument.base, ZERO
        for name, sent in self.sent.items():
            other = sent.order
            is_beside = other.instrument.base == coin and other.side is order.side
            if is_beside and not sent.settled and other.instrument != order.instrument:
                usd += self._change(other, other.contracts - look.filled.get(name, ZERO), mark)
        return usd

    def _room(self, figures: Figures, rule: Rule, mark: Decimal) -> Decimal:
        """How far a move from one contract to another may leave the target, in USD."""
        legs = [leg for leg in self.rules.values() if leg.coin == rule.coin]
        return ZERO if len(legs) == 1 else rule.band * abs(figures.equity * mark)

    def _filled(self, name: str) -> Decimal:
        true = self._account.orders_by_link.get(name)
        return ZERO if true is None else true.filled

    def _is_new(self, order: Order, rule: Rule) -> bool:
        """Whether it is one of the instrument's, and not in the place of one that was cancelled."""
        terms = self.intents.get(order.client_id)
        goes_on = terms is not None and terms.goes_on
        return order.instrument.symbol == rule.symbol and not goes_on

    def _told(self, look: Look, rule: Rule, mark: Decimal) -> Figures:
        wallet, pnl, q = self._parts(look, rule, mark)
        linear = {leg.symbol for leg in self._legs(rule, linear=True)}
        held = (h for h in look.told.positions if h.instrument.symbol in linear)
        return Figures(wallet + pnl, q, sum((h.quantity.value for h in held), ZERO))

    def _parts(self, look: Look, rule: Rule, mark: Decimal) -> tuple[Decimal, Decimal, Decimal]:
        """Wallet and PnL in coins, and the inverse position in USD, as they were told."""
        wallet = sum(
            (b.wallet.value for b in look.told.balances if b.wallet.unit == rule.coin), ZERO
        )
        pnl, q = ZERO, ZERO
        inverse = {leg.symbol for leg in self._legs(rule, linear=False)}
        for held in look.told.positions:
            if held.instrument.symbol in inverse:
                q += held.quantity.value
                pnl += held.quantity.value * (1 / held.entry - 1 / mark)
        return wallet, pnl, q

    def _tear(self, look: Look, rule: Rule, mark: Decimal) -> Decimal:
        """How badly the account belies itself, as a fraction of the position."""
        wallet, pnl, q = self._parts(look, rule, mark)
        if not q or look.lie is not Fault.TORN:
            return ZERO
        reported = [b.equity for b in look.told.balances if b.wallet.unit == rule.coin]
        off = (e.value - wallet - pnl for e in reported if e is not None)
        return max((abs(o) * mark / abs(q) for o in off), default=ZERO)

    # --- what is recorded

    def committed(self, entries: Iterable[Entry], ledger: Ledger) -> None:
        """Events are on disk."""
        filled = set()
        for entry in entries:
            self._record(entry.event)
            if isinstance(entry.event, Fill):
                filled.add(entry.event.client_id)
        self._fold_holds(ledger, filled)

    def _record(self, event: Event) -> None:
        match event:
            case Intended(terms):
                self._holds(4, terms.client_id not in self.intents, f"{terms} twice")
                self.intents[terms.client_id] = terms
            case Submitted(name):
                self._submits.add(name)
            case StateChanged(state):
                self.state, self._is_halted = state, state is TradingState.HALTED
            case Flattened():
                self.is_flat = event.on
            case Reconciled():
                self._reconciled = True
            case NeverExisted(name):
                self._is_disproved(name)
            case Released(name) if name in self.sent:
                self.sent[name].settled = True
            case Opening(_, symbol, quantity):
                self._expected[symbol] = quantity.value
            case Fill() | ExternalChange():
                self._book(event.trade_id, event.symbol, event.quantity.value)
            case _:
                pass

    def _book(self, trade_id: str | None, symbol: str, quantity: Decimal) -> None:
        self._expected[symbol] = self._expected.get(symbol, ZERO) + quantity
        if trade_id is None:
            return
        self._holds(9, trade_id not in self._booked, f"trade {trade_id} is booked twice")
        self._booked.add(trade_id)
        self.trades += 1
        true = self._true_fills().get(trade_id)
        what = None if true is None else _signed(true)
        self._holds(8, what == quantity, f"trade {trade_id} is booked as {quantity}, not {what}")

    def _is_disproved(self, name: str) -> None:
        """An order is given up: on proof alone, and rightly."""
        sent = self.sent.get(name)
        if sent is None:
            return  # the process died before it left
        times = sent.not_found_s
        proof = len(times) >= NOT_FOUNDS and times[-1] - times[0] > NOT_FOUND_OVER_S - 0.001
        self._holds(11, proof, f"{name} is given up after {times}")
        true = self._account.orders_by_link.get(name)
        self._holds(11, not sent.on_its_way, f"{name} is given up on its way")
        lives = true is not None and (true.status.is_open or bool(true.filled))
        self._holds(11, not lives, f"{name} is given up, and exists")
        sent.settled = True

    def _fold_holds(self, ledger: Ledger, filled: set[str]) -> None:
        for name, order in ledger.orders.items():
            if name in self._resolved and order.state != self._resolved[name]:
                text = f"{name} was {self._resolved[name]} and is {order.state}"
                self._holds(10, name in filled, text)
            if order.resolved:
                self._resolved[name] = order.state
        for (_, symbol), slot in ledger.slots.items():
            expected = self._expected.get(symbol, ZERO)
            text = f"{symbol}: the ledger has {slot.quantity.value}, its entries give {expected}"
            self._holds(8, slot.quantity.value == expected, text)

    # --- what is true

    def _true_fills(self) -> Mapping[str, TrueFill]:
        """Everything that changed a position."""
        new = self._account.fills[self._counted :]
        self._fills |= {fill.fill_id: fill for fill in new if fill.kind in EXECUTIONS}
        self._counted = len(self._account.fills)
        return self._fills

    def settled(self, ledger: Ledger, marks: Mapping[str, Decimal]) -> list[str]:
        """What is not as it must be once everything is quiet: lost, orphaned, or off its band."""
        waiting = {
            order.client_id
            for order in ledger.unresolved()
            if order.terms.post_only and not self.rules[order.terms.symbol].crosses
        }
        wrong = [
            f"{order.client_id} is {order.state}"
            for order in ledger.unresolved()
            if order.client_id not in waiting
        ]
        wrong += [f"{name} is halted" for name in (self.state,) if name != TradingState.ACTIVE]
        for order in self._account.open_orders.values():
            if order.link_id.startswith(OURS) and order.link_id not in waiting:
                wrong.append(f"{order.link_id} is working at the exchange")
        for name in self.sent:
            filled, known = self._filled(name), ledger.orders.get(name)
            if known is not None and not known.filled == known.booked == filled:
                wrong.append(f"{name} filled {filled}, booked {known.booked} of {known.filled}")
        for fill in self._true_fills().values():
            if fill.link_id in self.sent and fill.fill_id not in self._booked:
                wrong.append(f"trade {fill.fill_id} of {fill.link_id} is lost")
        for rule in self.rules.values():
            wrong += self._off(rule, ledger, marks[rule.symbol])
        return wrong

    def _off(self, rule: Rule, ledger: Ledger, mark: Decimal) -> list[str]:
        figures, wrong = self.figures(rule), []
        slots = [slot for (_, symbol), slot in ledger.slots.items() if symbol == rule.symbol]
        journalled = slots[0].quantity.value if slots else ZERO
        true = self._account.quantity(rule.key)
        if journalled != true:
            wrong.append(f"{rule.symbol}: {true} at the exchange, {journalled} journalled")
        if any(slot.unacked for slot in slots):
            wrong.append(f"{rule.symbol}: an external change waits")
        if self.is_flat:
            wrong.append("the book is flattened")
        if not rule.crosses:
            return wrong
        target = -rule.ratio * max(ZERO, figures.equity) * mark
        if rule.cap_usd is not None and abs(target) > rule.cap_usd:
            return wrong  # the owner wants less than the hedge needs
        band = max(rule.band * abs(figures.equity * mark), *self._lots(rule, mark))
        if figures.off(mark, ZERO, -target) > band:
            held = figures.held(mark)
            wrong.append(f"{rule.symbol}: {held} is not within {band} of {target}")
        return wrong

    def _lots(self, rule: Rule, mark: Decimal) -> list[Decimal]:
        """One lot of each of the coin's contracts, in USD."""
        legs = [leg for leg in self.rules.values() if leg.coin == rule.coin]
        lots = [(self._exchange.market(leg.key).instrument.lot, leg.linear) for leg in legs]
        return [Decimal(1), *(lot * mark if linear else lot for lot, linear in lots)]

    def _holds(self, number: int, holds: bool, text: str) -> None:  # noqa: FBT001 - an assertion
        self.checks += 1
        if not holds:
            self.broken.append(f"invariant {number} at {self._loop.time():.1f} s: {text}")


def _signed(fill: TrueFill) -> Decimal:
    return fill.quantity if fill.side is TrueSide.BUY else -fill.quantity
