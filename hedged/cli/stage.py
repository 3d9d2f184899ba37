"""The stage of the demo: the embedded exchange with one account, a market, and a script.

Prices come from a generated path or a price file, sampled at every tick; the script shifts them
and moves the owner's coins. All of it happens on the exchange's own side: the daemon only sees
what a venue would show it.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final

import structlog
import typer

from hedged.sim.accounts import Account
from hedged.sim.exchange import START_PRICES, Exchange
from hedged.sim.feed import apply_point
from hedged.sim.orders import Side
from hedged.sim.prices import PricePoint, generated, read_prices
from hedged.sim.server import SimServer, wall_clock_ms
from hedged.sim.tongues import TONGUES, Tongue

log = structlog.get_logger("hedged.demo")

CREDENTIALS: Final = {"HEDGED_DEMO_KEY": "demo-key", "HEDGED_DEMO_SECRET": "demo-secret"}
TICK_S: Final = 0.25
COLLATERAL: Final = {"BTC": Decimal(3), "ETH": Decimal(30)}
SOLD: Final = Decimal(1)  # BTC of spot, by hand
_PRICE: Final = Context(prec=8)


class Dialect(StrEnum):
    """The venues that the embedded exchange can pass for."""

    BYBIT = "bybit"
    BINANCE = "binance"

    @property
    def tongue(self) -> Tongue:
        """What it speaks then."""
        return TONGUES[self.value]


DialectOption = Annotated[Dialect, typer.Option(help="Which venue's language it speaks.")]


@dataclass(frozen=True, slots=True)
class Act:
    """What the owner or the market does, and when, as a fraction of the demo."""

    at: float
    what: str
    do: Callable[[], object]


class Stage:
    """The embedded exchange, its one account, and the paths that its prices follow."""

    def __init__(
        self,
        seed: int,
        prices: Path | None,
        duration_s: float,
        dialect: Dialect,
        api_key: str,
        secret: str,
    ) -> None:
        """`prices` replays a file as BTC, stretched or squeezed to the duration.

        Raises:
            PriceFileError: the file cannot be used.
        """
        self.duration_s = duration_s
        self.config = "demo.toml" if dialect is Dialect.BYBIT else f"demo-{dialect}.toml"
        self._paths: dict[str, Iterator[PricePoint]] = {
            coin: iter(generated(START_PRICES[coin], seed=seed + number, step_s=TICK_S).points)
            for number, coin in enumerate(COLLATERAL)
        }
        if prices is not None:
            ticks = round(duration_s / TICK_S)
            self._paths["BTC"] = _sampled(list(read_prices(prices).points), ticks)
        opening = {coin: next(path).index for coin, path in self._paths.items()}
        self.exchange = Exchange(
            now_ms=wall_clock_ms(),
            seed=seed,
            prices={**START_PRICES, **opening},
            rules=dialect.tongue.rules,
        )
        self._shift = Decimal(1)
        self._account: Account = self.exchange.open_account("demo", api_key, secret)
        for coin, amount in COLLATERAL.items():
            self.exchange.deposit(self._account, coin, amount)
        spot = self._account.spot_wallet
        if spot is not self._account.margin_wallet:  # what will be sold lies there
            self.exchange.transfer(
                *(self._account, "BTC", SOLD),
                source=self._account.margin_wallet,
                target=spot,
                transfer_id="opening-1",
            )
        self.server = SimServer(self.exchange, tongue=dialect.tongue)

    async def play(self) -> None:
        """Move prices at every tick and perform the script, until the duration is over."""
        running = asyncio.get_running_loop()
        began_s = running.time()
        acts = list(self._script())
        for tick in range(1, round(self.duration_s / TICK_S) + 1):
            await asyncio.sleep(max(0.0, began_s + tick * TICK_S - running.time()))
            while acts and tick * TICK_S >= acts[0].at * self.duration_s:
                act = acts.pop(0)
                act.do()
                log.info("demo.event", what=act.what)
            self.exchange.advance(wall_clock_ms())
            for coin, path in self._paths.items():
                apply_point(self.exchange, coin, self._shifted(next(path)))

    def _script(self) -> Iterator[Act]:
        exchange, account = self.exchange, self._account
        one, ten = Decimal(1), Decimal(10)
        yield Act(0.2, "deposit of 1 BTC", lambda: exchange.deposit(account, "BTC", one))
        yield Act(0.35, "withdrawal of 10 ETH", lambda: exchange.withdraw(account, "ETH", ten))
        yield Act(
            0.5,
            "sale of 1 BTC of spot by hand",
            lambda: exchange.trade_by_hand(account, "BTCUSDT", Side.SELL, SOLD),
        )
        yield Act(0.65, "all prices fall by 10 %", lambda: self._move("0.9"))
        yield Act(0.8, "all prices rise by 20 %", lambda: self._move("1.2"))

    def _move(self, factor: str) -> None:
        self._shift *= Decimal(factor)

    def _shifted(self, point: PricePoint) -> PricePoint:
        mark = None if point.mark is None else _PRICE.multiply(point.mark, self._shift)
        return replace(point, index=_PRICE.multiply(point.index, self._shift), mark=mark)


def _sampled(points: Sequence[PricePoint], ticks: int) -> Iterator[PricePoint]:
    """One point per tick over the whole file, the last one held; funding in between adds up."""
    edges = [(len(points) - 1) * tick // ticks for tick in range(ticks + 1)]
    yield points[0]
    for start, end in pairwise(edges):
        passed = points[start + 1 : end + 1]
        rates = [point.charged_rate for point in passed if point.charged_rate is not None]
        yield replace(points[end], charged_rate=sum(rates, Decimal(0)) if rates else None)
    while True:
        yield replace(points[-1], charged_rate=None)
