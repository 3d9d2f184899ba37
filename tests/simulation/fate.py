"""Draws acts of the world: which, and how hard."""

import random
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Final

from hedged.core.types import TradingState
from tests.simulation.faults import POSSIBLE, STRIKES, Call
from tests.simulation.stage import BOOK, Stage
from tests.simulation.truth import Rule

VERBS: Final = (
    *("halt", "pause", "resume", "resume", "resume", "ack", "ack", "ack"),
    *("flatten", "cancel", "release", "reconcile"),
)


class Fate:
    """Draws acts."""

    def __init__(self, stage: Stage, chance: random.Random) -> None:
        self._stage = stage
        self._chance = chance
        self._planted = 0
        self._acts: tuple[tuple[int, Callable[[], Awaitable[None] | None]], ...] = (
            (90 if stage.plot.storm else 0, self._flow),
            (8, self._line),
            (12, self._order),
            (6, self._price),
            (6, self._flow),
            (4, self._trade),
            (5, self._kill),
            (2, self._stop),
            (4, self._operate),
            (2, self._interrupt),
            (3, self._disk),
            (2, self._depth),
            (2, self._lag),
            (2, self._maintenance),
            (1, self._steps),
            (1, self._plant),
            (2, self._fill_late),
            (1, self._venue),
            (1, self._clock),
        )

    async def act(self) -> None:
        """One act."""
        weights = [weight for weight, _ in self._acts]
        _, act = self._chance.choices(self._acts, weights)[0]
        done = act()
        if done is not None:
            await done

    def _coin(self) -> str:
        return self._chance.choice(self._stage.plot.coins)

    def _leg(self, coin: str) -> Rule:
        """One of the contracts that hedge a coin."""
        return self._chance.choice(self._stage.legs(coin))

    def _line(self) -> None:
        call, fault = self._chance.choice(STRIKES)
        self._stage.plan(call, fault, self._chance.choice((1, 1, 2, 3)))

    def _order(self) -> None:
        """An order is needed, and goes wrong."""
        fault = self._chance.choice(POSSIBLE[Call.SUBMIT])
        self._stage.plan(Call.SUBMIT, fault, self._chance.choice((1, 1, 2)))
        self._flow()

    def _price(self) -> None:
        width = self._chance.choice((0.003, 0.02, 0.15))
        self._stage.price(self._coin(), Decimal(str(round(1 + self._chance.gauss(0, width), 5))))

    def _flow(self) -> None:
        coin, most = self._coin(), {"BTC": 1.5, "ETH": 20.0}
        amount = self._chance.choice((-0.6, 1)) * self._chance.uniform(0, most[coin])
        self._stage.flow(coin, Decimal(str(round(amount, 4))))

    def _trade(self) -> None:
        coin, sign = self._coin(), self._chance.choice((-1, 1))
        if self._chance.random() < 0.6:
            size = {"BTC": 0.4, "ETH": 5.0}[coin] * self._chance.random()
            self._stage.by_hand(f"{coin}USDT", sign * Decimal(str(round(size + 0.01, 3))))
            return
        leg, usd = self._leg(coin), Decimal(sign * self._chance.randint(100, 40_000))
        market = self._stage.exchange.market(leg.key)
        lot = market.instrument.lot
        quantity = usd / market.mark // lot * lot if leg.linear else usd
        if quantity:
            self._stage.by_hand(leg.key, quantity)

    async def _kill(self) -> None:
        await self._stage.start()
        if self._chance.random() < 0.5:
            self._stage.flow(self._coin(), Decimal("0.8"))  # so that there is something to do
        await self._stage.kill(self._chance.randint(0, 60))
        await self._stage.live(self._chance.choice((0.1, 5, 120)))
        await self._stage.start()

    async def _stop(self) -> None:
        await self._stage.end()
        await self._stage.live(self._chance.choice((0.1, 60)))
        await self._stage.start()

    async def _operate(self) -> None:
        verb = self._chance.choice(VERBS)
        if verb == "release":
            await self._stage.release()
        else:
            await self._stage.operate(verb)
            if verb == "flatten" and self._chance.random() < 0.7:
                await self._stage.live(self._chance.choice((0.05, 15, 70)))
                await self._stage.operate("resume", book=BOOK)

    def _interrupt(self) -> None:
        states = (TradingState.HALTED, TradingState.REDUCING)
        self._stage.interrupt(self._chance.choice(states))
        self._flow()

    def _disk(self) -> None:
        full = self._chance.random() < 0.5
        self._stage.disk(full=full, delay_s=self._chance.choice((0.0, 0.0, 0.05, 2.0)))

    def _depth(self) -> None:
        self._stage.depth(self._chance.choice((0, 1, 50, 50)))

    def _lag(self) -> None:
        trades_s = self._chance.choice((0.0, 0.0, 5.0, 60.0))
        self._stage.lag(trades_s, self._chance.choice((0.0, 0.0, 1.0, 12.0)))

    async def _maintenance(self) -> None:
        self._stage.maintenance(down=True)
        await self._stage.live(self._chance.choice((1, 20, 90)))
        self._stage.maintenance(down=False)

    def _steps(self) -> None:
        self._stage.steps(self._leg(self._coin()).key, self._chance.choice((1, 1, 10)))

    def _plant(self) -> None:
        self._planted += 1
        mark = self._chance.choice(("hg", "bot", ""))
        name = f"{mark}planted{self._planted}" if mark else ""
        self._stage.plant(self._leg(self._coin()).key, name)

    def _fill_late(self) -> None:
        self._stage.fill_late()

    def _venue(self) -> None:
        if self._chance.random() < 0.3:
            self._stage.liquidate()
            for coin, amount in (("BTC", 3), ("ETH", 30), ("USDT", 100_000)):
                self._stage.flow(coin, Decimal(amount))  # the owner begins anew
        else:
            share = Decimal(str(round(self._chance.uniform(0.01, 0.9), 3)))
            self._stage.deleverage(self._leg(self._coin()).key, share)

    def _clock(self) -> None:
        self._stage.step_clock(self._chance.choice((0.0, 0.0, 1.5, 3600.0, -3600.0)))
