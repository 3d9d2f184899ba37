"""The hands of a trial: orders under names of their own, looks that wait, and the tidying up.

A venue may list what it has just done some seconds late, so a look is repeated until it shows what
it should, or patience ends; what it showed last is then what was seen. Orders of a trial do not
bear our mark: a daemon on the same account does not take them for its own. Whatever a trial leaves
behind is known by their names, also to the next trial.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, ParamSpec, Protocol, TypeVar

from hedged.core.decimals import ZERO, Rounding, exact, passive_price, plain, round_contracts
from hedged.core.types import Instrument, Kind, Side
from hedged.ports import (
    OUTAGE,
    Accepted,
    Clock,
    Fill,
    FillKind,
    Order,
    OrderReport,
    OrderStatus,
    Outcome,
    Style,
    TradingVenue,
    Unknown,
    VenueRefused,
    VenueUnavailable,
)

P = ParamSpec("P")
T = TypeVar("T")

PREFIX: Final = "trial"
WORTH_USD: Final = Decimal(100)  # of an order: its fee must show in eight decimals
FAR: Final = Decimal("0.03")  # from the market: nothing trades there meanwhile
NEAR: Final = Decimal("0.01")  # the worst price at which something has to be traded
_PAUSE_S: Final = 0.25
_LIMITED_S: Final = 2.0
_BEFORE: Final = timedelta(days=1)  # so far back a trial may have been killed


class TrialVenue(TradingVenue, Protocol):
    """A venue at which a trial can tidy up even where it drops client ids."""

    async def cancel_numbered(self, instrument: Instrument, venue_id: str) -> None:
        """Ask to cancel an order by the venue's own number; one that is gone is no error.

        Raises:
            VenueUnavailable: whether it was cancelled is not known.
        """


class Desk:
    """One trial in one contract; `begin` first, `tidy` last."""

    def __init__(self, venue: TrialVenue, symbol: str, clock: Clock, patience_s: float) -> None:
        self.venue = venue
        self.clock = clock
        self.instrument = venue.instrument(symbol)
        self.before = ZERO  # the position that was there, signed, in the instrument's unit
        self.began_at: datetime = clock.now()
        self.contracts = self.instrument.lot
        self._patience_s = patience_s
        self._sent: list[Order] = []
        self._numbers: set[str] = set()  # that the venue gave to orders of ours
        self._foreign: set[str] = set()  # orders that were there before
        self._has_begun = False

    async def begin(self) -> None:
        """Take away what a killed trial left, and remember what is not ours.

        Raises:
            VenueRefused: a long position: what is sold would not open one.
        """
        instrument = self.instrument
        for order in await self.working():
            await self.venue.cancel(instrument, order.client_id)
        since = self.venue_time - _BEFORE
        fills = await self._asked(self.venue.fills, [instrument.symbol], since)
        left = sum((_signed(f.side, f.contracts) for f in fills if _is_trade_of_ours(f)), ZERO)
        held = await self.position()
        if left and left * held > 0:
            await self._close(min(abs(left), abs(held) / instrument.contract_size), left)
            held = await self.position()
        if held > 0:
            raise VenueRefused(
                f"{instrument.symbol}: a long position of {plain(held)} {instrument.unit} is open; "
                "a trial sells first: close it, or try with another account"
            )
        listed = await self._asked(self.venue.open_orders, [instrument.symbol])
        self._foreign = {order.venue_id for order in listed}
        self.before, self.began_at = held, self.venue_time
        quote = await self._asked(self.venue.quote, instrument.symbol)
        self.contracts = _least(instrument, quote.mark)
        self._has_begun = True

    @property
    def last(self) -> Order:
        """The newest order."""
        return self._sent[-1]

    @property
    def venue_time(self) -> datetime:
        """The time by the venue's clock."""
        return self.clock.now() - timedelta(seconds=float(self.venue.skew_s or 0))

    async def price(self, side: Side, away: Decimal) -> Decimal:
        """A price so far below the best bid (> 0) for a purchase, above the best ask for a sale.

        With `away` < 0 it is on the other side: an order at it trades.
        """
        quote = await self._asked(self.venue.quote, self.instrument.symbol)
        buys = side is Side.BUY
        behind = (quote.bid if buys else quote.ask) or quote.mark
        beyond = (quote.ask if buys else quote.bid) or quote.mark
        base = behind if away > 0 else beyond
        factor = 1 - away if buys else 1 + away
        return passive_price(base * factor, self.instrument.tick, buy=buys)

    def order(
        self,
        side: Side,
        price: Decimal,
        style: Style,
        *,
        contracts: Decimal | None = None,
        reduce_only: bool = False,
    ) -> Order:
        """An order that was never sent, under a name that was never used."""
        name = f"{PREFIX}{int(self.clock.now().timestamp() * 1000):x}n{len(self._sent)}"
        size = self.contracts if contracts is None else contracts
        made = Order(name, self.instrument, side, size, price, reduce_only, style)
        self._sent.append(made)
        return made

    async def send(self, order: Order) -> Outcome:
        """Send it once; it is taken away in the end, whatever came back."""
        outcome = await self.venue.submit(order)
        if isinstance(outcome, Accepted):
            self._numbers.add(outcome.venue_id)
        return outcome

    async def known(self, order: Order) -> OrderReport | None:
        """What the venue says of an order by its client id now; None: it does not know it."""
        return await self._asked(self.venue.find_order, self.instrument, order.client_id)

    async def look(
        self, order: Order, is_right: Callable[[OrderReport], bool]
    ) -> OrderReport | None:
        """The same once it is known, and right."""
        return await self.until(
            lambda: self.known(order),
            lambda seen: seen is not None and is_right(seen),
        )

    async def ended(self, order: Order) -> OrderReport | None:
        """The same of one that should have ended."""
        return await self.look(order, lambda seen: seen.status is OrderStatus.DONE)

    async def working(self) -> tuple[OrderReport, ...]:
        """The orders of trials that rest, also those whose name the venue has dropped."""
        listed = await self._asked(self.venue.open_orders, [self.instrument.symbol])
        return tuple(order for order in listed if self._is_ours(order))

    async def position(self) -> Decimal:
        """Signed, in the instrument's unit."""
        account = await self._asked(self.venue.account, [self.instrument.settle])
        symbol = self.instrument.symbol
        held = [p.quantity.value for p in account.positions if p.instrument.symbol == symbol]
        return sum(held, ZERO)

    async def wallet(self) -> Decimal:
        """Coins of the settlement currency, without unrealised profit."""
        coin = self.instrument.settle
        account = await self._asked(self.venue.account, [coin])
        return sum((b.wallet.value for b in account.balances if b.wallet.unit == coin), ZERO)

    async def fills(self, order: Order, contracts: Decimal) -> list[Fill]:
        """The trades of an order, once they come to so many contracts."""

        async def listed() -> list[Fill]:
            since = self.began_at - timedelta(seconds=1)
            fills = await self._asked(self.venue.fills, [self.instrument.symbol], since)
            return [fill for fill in fills if fill.client_id == order.client_id]

        return await self.until(
            listed, lambda seen: sum((f.contracts for f in seen), ZERO) >= contracts
        )

    async def _asked(self, read: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """What a read brings; a venue that limits us is asked again for a while."""
        end_s = self.clock.monotonic() + _LIMITED_S
        while True:
            try:
                return await read(*args, **kwargs)
            except VenueUnavailable:
                if self.clock.monotonic() >= end_s:
                    raise
            await self.clock.sleep(_PAUSE_S)

    async def until(self, look: Callable[[], Awaitable[T]], is_right: Callable[[T], bool]) -> T:
        """What is seen as soon as it is right, or at the end of patience."""
        end_s = self.clock.monotonic() + self._patience_s
        while True:
            seen = await look()
            if is_right(seen) or self.clock.monotonic() >= end_s:
                return seen
            await self.clock.sleep(_PAUSE_S)

    async def tidy(self) -> list[str]:
        """Cancel what rests and close what is open; what could not be, in words."""
        try:
            return [*await self._without_orders(), *await self._as_before()]
        except OUTAGE as error:
            return [f"what is left is not known: {error}"]

    async def _without_orders(self) -> list[str]:
        """By name first, each whatever became of the others: perhaps they cannot be listed."""
        for order in self._sent:
            with suppress(*OUTAGE):
                await self.venue.cancel(self.instrument, order.client_id)

        async def swept() -> tuple[OrderReport, ...]:
            for order in await self.working():
                await self.venue.cancel_numbered(self.instrument, order.venue_id)
            return await self.working()

        left = await self.until(swept, lambda seen: not seen)
        return [f"order {order.venue_id} rests: cancel it by hand" for order in left]

    async def _as_before(self) -> list[str]:
        """Reduce-only, by what our orders filled, then by what the position still shows.

        Either may be told wrongly; a trial that never began has changed nothing.
        """
        if not self._has_begun:
            return []
        if filled := await self._filled():
            await self._close(abs(filled), filled)
        if moved := await self._moved():
            await self._close(abs(moved) / self.instrument.contract_size, moved)
        left = await self.until(self._moved, lambda seen: seen == 0)
        unit = self.instrument.unit
        return [f"a position of {plain(left)} {unit} is left: close it by hand"] if left else []

    async def _moved(self) -> Decimal:
        return await self.position() - self.before

    async def _filled(self) -> Decimal:
        """Signed contracts, as the venue reports the orders of this trial."""
        total = ZERO
        for order in tuple(self._sent):
            report = await self.known(order)
            if report is not None:
                total += _signed(report.side, report.filled)
        return total

    async def _close(self, contracts: Decimal, moved: Decimal) -> None:
        """Trade against a move of this sign; what it came to, the position shows."""
        side = Side.SELL if moved > 0 else Side.BUY
        lots = round_contracts(contracts, self.instrument.lot, Rounding.DOWN)
        price = await self.price(side, -NEAR)
        order = self.order(side, price, Style.IOC, contracts=lots, reduce_only=True)
        await self.send(order)
        await self.ended(order)

    def _is_ours(self, order: OrderReport) -> bool:
        """By its name or number; one that lost both is told by what was sent, as it is new."""
        if order.client_id.startswith(PREFIX) or order.venue_id in self._numbers:
            return True
        terms = {(sent.side, sent.contracts, sent.limit_price) for sent in self._sent}
        is_new = self._has_begun and order.venue_id not in self._foreign
        return is_new and (order.side, order.contracts, order.limit_price) in terms


def described(outcome: Outcome) -> str:
    """An outcome in words."""
    match outcome:
        case Accepted():
            return "accepted"
        case Unknown(detail):
            return f"unknown: {detail}"
        case _:
            return f"refused: {outcome.detail}"


@exact
def _least(instrument: Instrument, mark: Decimal) -> Decimal:
    """The fewest contracts whose fee can be told."""
    each = instrument.contract_size * (1 if instrument.kind is Kind.INVERSE else mark)
    worth = max(WORTH_USD, instrument.min_notional_usd or ZERO)
    wanted = max(instrument.min_contracts, worth / each)
    return round_contracts(wanted, instrument.lot, Rounding.UP)


def _signed(side: Side, contracts: Decimal) -> Decimal:
    return contracts if side is Side.BUY else -contracts


def _is_trade_of_ours(fill: Fill) -> bool:
    return fill.kind is FillKind.TRADE and fill.client_id.startswith(PREFIX)
