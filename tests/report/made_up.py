"""A journal made up of hours: many assets, long periods, whatever a report must bear.

Prices wander, funding is paid every eight hours, the owner deposits and withdraws, and the hedge
follows where it leaves its band. The book's equity is kept by the core's own attribution, so that
nothing of it is unexplained.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from hedged.core.attribution import (
    Book,
    Contract,
    Event,
    Flowed,
    Funded,
    Marked,
    Traded,
    attribution,
)
from hedged.core.events import Decided, Entry, Fill, Intended
from hedged.core.looks import LegLook, Look, Watched
from hedged.core.statement import StatementLine, StatementRead
from hedged.core.terms import Terms
from hedged.core.types import USD, Amount, Flow, FlowKind, Kind, Reason, Side
from tests.core.any_event import START

D = Decimal
HOUR = timedelta(hours=1)
FUNDED_EVERY = 8  # hours
BAND = D("0.0025")
NOTHING = D(0)


@dataclass
class Life:
    """One asset, hour by hour."""

    asset: str
    chance: random.Random
    flows_a_day: float
    funds: bool
    price: float = 50_000.0
    book: Book = field(init=False)
    hours: int = 0
    orders: int = 0
    fills: int = 0

    def __post_init__(self) -> None:
        price = D(str(round(self.price, 2)))
        quantity = -D(5) * price
        contract = Contract(price, quantity, quantity / price)
        self.book = Book(D(5), price, (contract,))

    @property
    def symbol(self) -> str:
        return f"{self.asset}/USD:{self.asset}"

    @property
    def contract(self) -> Contract:
        return self.book.contracts[0]

    @property
    def drift(self) -> Decimal:
        """USD."""
        return self.contract.quantity + self.book.equity * self.contract.mark

    def hour(self) -> Iterator[object]:
        """What goes into the journal, but for its times."""
        self.hours += 1
        self.price *= 1 + self.chance.gauss(0, 0.006)
        spot = D(str(round(self.price, 2)))
        mark = D(str(round(self.price * (1 + self.chance.gauss(0.0003, 0.0002)), 2)))
        self._play(Marked(spot, (mark,)))
        if self.funds and self.hours % FUNDED_EVERY == 0:
            paid = round(
                -self.contract.quantity / mark * D(str(round(self.chance.gauss(1e-4, 2e-4), 6))), 8
            )
            self._play(Funded(paid))
            yield self._line(FlowKind.FUNDING, paid)
        if self.chance.random() < self.flows_a_day / 24:
            moved = D(self.chance.randint(-20, 24)) / 1000
            self._play(Flowed(moved))
            yield self._line(FlowKind.TRANSFER, moved)
        yield self._verdict()
        if abs(self.drift) > BAND * self.book.equity * mark:
            yield from self._order(mark)
            yield self._verdict()

    def _play(self, event: Event) -> None:
        self.book, _ = attribution(self.book, [event])

    def _line(self, kind: FlowKind, coins: Decimal) -> StatementLine:
        self.fills += 1
        funding = coins if kind is FlowKind.FUNDING else NOTHING
        symbol = self.symbol if kind is FlowKind.FUNDING else ""
        change = Amount(coins, self.asset)
        return StatementLine(
            "main",
            Flow(
                *(f"{self.asset}{self.fills}", kind, change, funding, NOTHING, None),
                *(START + self.hours * HOUR - timedelta(minutes=1), "", "", kind.value, symbol),
            ),
        )

    def _order(self, mark: Decimal) -> Iterator[object]:
        self.orders += 1
        wanted = round(-self.drift / 2)
        side = Side.BUY if wanted > 0 else Side.SELL
        price = round(mark * (D("1.0002") if wanted > 0 else D("0.9998")), 1)
        name = f"hg-{self.asset}-{self.orders}"
        yield Intended(
            Terms(
                *(name, "core", self.asset, self.hours, 0, "main", self.symbol, USD, D(1)),
                *(side, D(abs(wanted)), price, False),
            )
        )
        fee = round(abs(wanted) / price * D("0.0005"), 8)
        self._play(Traded(D(wanted), price, fee))
        yield Fill(
            *(name, "main", self.symbol, f"t{self.orders}", side, D(abs(wanted)), D(1), USD, price),
            START + self.hours * HOUR + timedelta(seconds=1),
            Amount(fee, self.asset),
        )

    def _verdict(self) -> Decided:
        mark, drift, equity = self.contract.mark, self.drift, self.book.equity
        band = BAND * equity * mark
        leg = LegLook(
            *("main", self.symbol, Kind.INVERSE, self.asset, self.contract.quantity, mark),
            *(self.book.spot, mark, D("0.0001"), D(8)),
        )
        return Decided(
            *("core", self.hours, self.asset),
            *(Reason.IN_BAND if abs(drift) <= band else Reason.ABOVE_BAND, "made up"),
            target_usd=self.contract.quantity - drift,
            drift_usd=drift,
            net_delta=drift / mark,
            band_usd=band,
            position_usd=self.contract.quantity,
            equity=equity,
            look=Look(
                *(mark, self.book.spot, NOTHING, equity, NOTHING, D(1), D("0.11"), D("0.4"), (leg,))
            ),
            watched=Watched(D(3600), D(3590), D(0), abs(drift) * 3600, 360),
        )


def journal(
    assets: int = 1,
    days: int = 30,
    *,
    flows_a_day: float = 1.0,
    funds: bool = True,
    seed: int = 7,
) -> Iterator[Entry]:
    """The entries, oldest first; the statement of `main` is read whole."""
    chance = random.Random(seed)  # noqa: S311 - reproducible
    names = ["BTC", "ETH", *(f"C{n:02}" for n in range(assets))][:assets]
    lives = [Life(name, chance, flows_a_day, funds) for name in names]
    seq = 0
    for hour in range(1, days * 24 + 1):
        for life in lives:
            for event in life.hour():
                seq += 1
                yield Entry(seq, START + hour * HOUR, event)  # type: ignore[arg-type] # events
    end = START + days * 24 * HOUR
    yield Entry(seq + 1, end, StatementRead("main", START, end + HOUR))
