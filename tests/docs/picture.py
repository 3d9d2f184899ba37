"""docs/equity.svg: what a fall does to two hedges that differ in one question only.

Both are computed by the core's own formulas: the question that `hedged calc` answers is asked at
every price, its order is filled at the mark, and the next question starts from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hedged.core.calc import Question, answer
from hedged.core.types import Accounting, Kind

START: Final = Decimal(65_000)
COINS: Final = Decimal(5)
PRICES: Final = [Decimal(price) for price in range(65_000, 39_000, -250)]

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 76, 190, 44, 52
LOW, HIGH = Decimal(180_000), Decimal(340_000)

STYLE: Final = """
  text { font: 14px system-ui, sans-serif; fill: #333 } .small { font-size: 12px; fill: #667 }
  .grid { stroke: #ccd; stroke-width: 1 } path { fill: none; stroke-width: 2.5 }
  .equity { stroke: #0a7d5a } .coins { stroke: #c2410c; stroke-dasharray: 7 4 }
  .none { stroke: #778; stroke-dasharray: 2 4 }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd } .small { fill: #99a } .grid { stroke: #445 }
    .equity { stroke: #34d399 } .coins { stroke: #fb923c } .none { stroke: #99a }
  }
"""


@dataclass(slots=True)
class Hedge:
    """A short in an inverse contract of 1 USD, its collateral, and the rule that sizes it."""

    accounting: Accounting
    wallet: Decimal = COINS
    position: Decimal = Decimal(0)  # USD
    entry: Decimal = START

    def pnl(self, mark: Decimal, position: Decimal) -> Decimal:
        """Coins that a part of the position has gained."""
        return position * (1 / self.entry - 1 / mark)

    def follow(self, mark: Decimal) -> Decimal:
        """Trade as the rule says at this price; the book's value in USD."""
        order = answer(
            Question(
                kind=Kind.INVERSE,
                coins=Decimal(0),
                wallet=self.wallet,
                mark=mark,
                entry=self.entry,
                position_contracts=self.position,
                contract_size=Decimal(1),
                lot=Decimal(1),
                ratio=Decimal(1),
                accounting=self.accounting,
            )
        ).order_contracts
        if order > 0:  # buys back a part of the short
            self.wallet += self.pnl(mark, -order)
        elif order < 0:
            together = self.position + order
            self.entry = together / (self.position / self.entry + order / mark)
        self.position += order
        return (self.wallet + self.pnl(mark, self.position)) * mark


def values(accounting: Accounting) -> list[Decimal]:
    """The book's value at each price of the fall."""
    hedge = Hedge(accounting)
    return [hedge.follow(price) for price in PRICES]


def picture() -> str:
    """The figure as SVG; it follows the reader's light or dark."""
    equity, coins = values(Accounting.EQUITY), values(Accounting.COINS)
    unhedged = [COINS * price for price in PRICES]
    lines = (
        ("equity", equity, "counts equity:", f"${equity[-1]:,.0f}"),
        ("coins", coins, "counts coins only:", f"${coins[-1]:,.0f}"),
        ("none", unhedged, "no hedge:", f"${unhedged[-1]:,.0f}"),
    )
    body = [
        _text(LEFT, 24, "5 BTC, fully hedged at 65,000: what the book is worth as the price falls")
    ]
    for usd in range(int(LOW), int(HIGH), 40_000):
        y = _y(Decimal(usd))
        body.append(f'<path class="grid" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>')
        body.append(_text(LEFT - 8, y + 4, f"{usd // 1000}k", 'class="small" text-anchor="end"'))
    for price in range(65_000, 39_000, -5_000):
        x = _x(PRICES.index(Decimal(price)))
        place = 'class="small" text-anchor="middle"'
        body.append(_text(x, HEIGHT - BOTTOM + 20, f"{price:,}", place))
    middle = (LEFT + WIDTH - RIGHT) / 2
    body.append(_text(middle, HEIGHT - 10, "price, USD", 'class="small" text-anchor="middle"'))
    for name, series, label, end in lines:
        body.append(f'<path class="{name}" d="{_line(series)}"/>')
        y = _y(series[-1])
        body.append(_text(WIDTH - RIGHT + 10, y - 4, label, 'class="small"'))
        body.append(_text(WIDTH - RIGHT + 10, y + 13, end))
    title = "Counting equity keeps the value; counting coins alone loses with the price"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n" + "\n".join(body) + "\n</svg>\n"
    )


def _x(step: int) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * step / (len(PRICES) - 1), 1)


def _y(usd: Decimal) -> float:
    share = float((usd - LOW) / (HIGH - LOW))
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)


def _line(series: Sequence[Decimal]) -> str:
    points = (f"{_x(step)} {_y(usd)}" for step, usd in enumerate(series))
    return "M" + "L".join(points)


def _text(x: float, y: float, text: str, attributes: str = "") -> str:
    return f'<text x="{x}" y="{round(y, 1)}" {attributes}>{text}</text>'
