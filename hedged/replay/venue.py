"""The embedded exchange behind the venue ports, in the same process and in virtual time.

What comes out is what the gateway makes of the same exchange's HTTP interface, without the ccxt
client, JSON and sockets between: units and signs are those of the core, refusals are outcomes. The
contract tests hold both to the same cases. Each call first lets the exchange advance to the clock.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import takewhile
from typing import Final

from hedged.core.access import Access, Use
from hedged.core.arrangement import MARGIN_MODE, Arrangement, Change
from hedged.core.types import (
    USD,
    Depth,
    Flow,
    Holding,
    Instrument,
    Level,
    Maintenance,
    MarginAccount,
    Quote,
    Rate,
    Transfer,
)
from hedged.core.types import Side as CoreSide
from hedged.core.words import POST_ONLY_PERIOD
from hedged.ports import (
    Accepted,
    Clock,
    Fill,
    Order,
    OrderReport,
    Outcome,
    Refused,
    Style,
    Unknown,
    VenueRefused,
    VenueUnavailable,
)
from hedged.replay import records, wallets
from hedged.replay.listing import listing_of, market_of
from hedged.sim import orders as sim
from hedged.sim.accounts import Account
from hedged.sim.exchange import Exchange
from hedged.sim.market import Market
from hedged.sim.orders import OrderRequest, Refusal, RefusedError, TimeInForce

ZERO: Final = Decimal(0)
_REMEMBERED: Final = 1_000
_LEVELS: Final = 50
_HOUR_MS: Final = 3_600_000
_MILLISECOND: Final = timedelta(milliseconds=1)
_SIDES: Final = {CoreSide.BUY: sim.Side.BUY, CoreSide.SELL: sim.Side.SELL}
_STYLES: Final = {Style.IOC: TimeInForce.IOC, Style.POST_ONLY: TimeInForce.POST_ONLY}


class InProcessVenue:
    """`ports.TradingVenue` for one account of an embedded exchange."""

    use = Use()  # nothing goes over a wire

    def __init__(self, name: str, exchange: Exchange, account: Account, clock: Clock) -> None:
        self._name = name
        self._exchange = exchange
        self._owner = account
        self._clock = clock
        self._markets: dict[str, Market] = {}
        self._fills: dict[str, Fill] = {}
        self._advanced_s: float | None = None  # by the monotonic clock

    @property
    def name(self) -> str:
        """The venue's name in the configuration."""
        return self._name

    @property
    def skew_s(self) -> Decimal | None:
        """See `ports.Venue`: both live by the same clock."""
        return ZERO

    @property
    def access(self) -> Access:
        """See `ports.Venue`."""
        rights, key = self._owner.rights, str(self._owner.user_id)
        return Access(
            account_id=key,
            may_trade=rights.may_trade,
            may_withdraw=rights.may_withdraw,
            is_bound=bool(rights.addresses),
            expires_at=None if rights.expires_ms is None else records.time_of(rights.expires_ms),
            margin_mode="cross",
        )

    @property
    def maintenance(self) -> tuple[Maintenance, ...]:
        """See `ports.Venue`."""
        return records.maintenance_of(self._exchange.notices, self._name, self._exchange.now_ms)

    async def open(self) -> None:
        """See `ports.Venue`."""
        self._advance()
        if self._owner.hedge_symbols:
            raise wallets.in_hedge_mode(min(self._owner.hedge_symbols))

    async def close(self) -> None:
        """See `ports.Venue`: there is nothing to release."""

    def instrument(self, symbol: str) -> Instrument:
        """See `ports.Venue`."""
        return listing_of(self._name, self._market(symbol))

    async def arrangement(self) -> Arrangement:
        """See `ports.Venue`."""
        told = {
            symbol: self._owner.leverage(m.instrument.key) for symbol, m in self._markets.items()
        }
        return Arrangement(self.access.margin_mode, told)

    async def account(self, coins: Sequence[str]) -> MarginAccount:
        """See `ports.Venue`."""
        self._advance()
        return wallets.margin_account(self._name, self._exchange, self._owner, coins)

    async def holdings(self, account: str, coins: Sequence[str]) -> tuple[Holding, ...]:
        """See `ports.Venue`."""
        self._advance()
        return wallets.holdings(self._name, self._exchange, self._owner, account, coins)

    async def transfers(self, since: datetime) -> tuple[Transfer, ...]:
        """See `ports.Venue`; here every sub-account is named."""
        self._advance()
        return wallets.transfers(self._name, self._exchange, self._owner, records.ms_of(since))

    async def withdrawals(self, since: datetime) -> tuple[Transfer, ...]:
        """See `ports.Venue`."""
        self._advance()
        since_ms = records.ms_of(since)
        sent = (s for s in self._owner.withdrawals if s.at_ms >= since_ms)
        return tuple(records.withdrawal_of(sending, self._name) for sending in sent)

    async def credited(self, since: datetime) -> frozenset[str]:
        """See `ports.Venue`."""
        self._advance()
        now_ms, since_ms = self._exchange.now_ms, records.ms_of(since)
        came = (s for s in self._owner.deposits if since_ms <= s.at_ms and s.arrives_ms <= now_ms)
        return frozenset(sent.tx_id for sent in came)

    async def quote(self, symbol: str) -> Quote:
        """See `ports.Venue`."""
        self._advance()
        market = self._market(symbol)
        listing, pays_funding = market.instrument, market.instrument.is_perpetual
        bid, ask = market.book.best(sim.Side.BUY), market.book.best(sim.Side.SELL)
        return Quote(
            instrument=listing_of(self._name, market),
            mark=market.mark,
            index=self._exchange.board.index(listing),
            age_s=ZERO,
            bid=bid[0] if bid else None,
            ask=ask[0] if ask else None,
            last=market.last,
            funding_rate=market.funding_rate if pays_funding else None,
            funding_at=records.time_of(market.next_funding_ms) if pays_funding else None,
            funding_interval_h=_hours(listing.funding_interval_ms) if pays_funding else None,
            taker_fee=listing.taker_rate,
            maker_fee=listing.maker_rate,
        )

    async def depth(self, symbol: str) -> Depth:
        """See `ports.Venue`."""
        self._advance()
        market = self._market(symbol)
        bids, asks = (
            tuple(Level(price, size) for price, size in market.book.levels(side, _LEVELS))
            for side in (sim.Side.BUY, sim.Side.SELL)
        )
        return Depth(bids, asks, ZERO)

    async def prices(self, coins: Sequence[str]) -> tuple[Rate, ...]:
        """See `ports.Venue`."""
        self._advance()
        return tuple(Rate(coin, USD, self._spot_price(coin), ZERO) for coin in coins)

    def _spot_price(self, coin: str) -> Decimal:
        market = self._exchange.markets.get(f"{coin}USDT")
        bid = market and market.book.best(sim.Side.BUY)
        ask = market and market.book.best(sim.Side.SELL)
        if not bid or not ask:
            raise VenueUnavailable(f"price of {coin}: its spot market has no two sides")
        return (bid[0] + ask[0]) / 2

    async def open_orders(self, symbols: Sequence[str]) -> tuple[OrderReport, ...]:
        """See `ports.Venue`."""
        self._advance()
        keys = self._keys(symbols)
        waiting = self._exchange.open_orders(self._owner)
        return tuple(records.report_of(order) for order in waiting if order.instrument.key in keys)

    async def fills(self, symbols: Sequence[str], since: datetime) -> tuple[Fill, ...]:
        """See `ports.Venue`."""
        self._advance()
        keys = self._keys(symbols)
        since_ms = records.ms_of(since)
        recent = takewhile(lambda fill: fill.at_ms >= since_ms, reversed(self._owner.fills))
        found = [
            fill for fill in recent if fill.instrument.key in keys and fill.kind in records.FILLS
        ]
        return tuple(self._told(fill) for fill in reversed(found))

    async def flows(self, since: datetime) -> tuple[Flow, ...]:
        """See `ports.Venue`."""
        self._advance()
        since_ms, owner = records.ms_of(since), self._owner.user_id
        recent = takewhile(lambda line: line.at_ms >= since_ms, reversed(self._owner.statement))
        return tuple(records.flow_of(line, owner) for line in reversed(list(recent)))

    def _told(self, fill: sim.Fill) -> Fill:
        """A fill as the port tells it; the latest are asked for again and again."""
        told = self._fills.get(fill.fill_id)
        if told is None:
            if len(self._fills) > _REMEMBERED:
                self._fills.clear()
            told = self._fills[fill.fill_id] = records.fill_of(fill)
        return told

    async def submit(self, order: Order) -> Outcome:
        """See `ports.TradingVenue`."""
        return self.place(order)

    def place(self, order: Order) -> Outcome:
        """What the exchange does with an order that reaches it now, and answers."""
        self._advance()
        try:
            market = self._market(order.instrument.symbol)
            listed = listing_of(self._name, market, held=True)
            if listed is not order.instrument and listed != order.instrument:
                return Refused("not sent: the listing has changed since the order was made")
            placed = self._exchange.place_order(
                self._owner,
                OrderRequest(
                    symbol=market.instrument.key,
                    side=_SIDES[order.side],
                    quantity=order.contracts * order.instrument.contract_size,
                    price=order.limit_price,
                    time_in_force=_STYLES[order.style],
                    reduce_only=order.reduce_only,
                    link_id=order.client_id,
                ),
            )
        except VenueRefused as refused:
            return Refused(f"not sent: {refused}")
        except RefusedError as refused:
            if refused.refusal is Refusal.DUPLICATE_LINK_ID:
                return Unknown(str(refused))
            reopens = refused.refusal is Refusal.POST_ONLY_PERIOD
            return Refused(f"{POST_ONLY_PERIOD}: {refused}" if reopens else str(refused))
        return Accepted(placed.order_id)

    async def find_order(self, instrument: Instrument, client_id: str) -> OrderReport | None:
        """See `ports.TradingVenue`."""
        self._advance()
        order = self._order(instrument, client_id)
        return None if order is None else records.report_of(order)

    async def cancel(self, instrument: Instrument, client_id: str) -> None:
        """See `ports.TradingVenue`."""
        self._advance()
        order = self._order(instrument, client_id)
        if order is not None and order.status.is_open:
            self._exchange.cancel_order(self._owner, order)

    async def arrange(self, change: Change) -> Outcome:
        """See `ports.TradingVenue`."""
        if change.what == MARGIN_MODE:
            return Refused("only cross margin is known here")
        try:
            self._owner.set_leverage(self._market(change.what).instrument, Decimal(change.wanted))
        except RefusedError as refused:
            return Refused(str(refused))
        return Accepted("")

    async def arm_dead_man(self, window_s: int) -> bool:
        """See `ports.TradingVenue`."""
        self._advance()
        self._owner.protect_from_disconnect(window_s=window_s)
        self._exchange.heartbeat(self._owner)
        return True

    async def disarm_dead_man(self) -> None:
        """See `ports.TradingVenue`."""
        self._owner.protect_from_disconnect(is_protected=False)

    def _advance(self) -> None:
        now_s = self._clock.monotonic()
        if now_s != self._advanced_s:
            self._exchange.advance(records.ms_of(self._clock.now()))
            self._advanced_s = now_s

    def _market(self, symbol: str) -> Market:
        market = self._markets.get(symbol)
        if market is None:
            market = self._markets[symbol] = market_of(self._exchange, symbol)
        return market

    def _keys(self, symbols: Sequence[str]) -> set[str]:
        return {self._market(symbol).instrument.key for symbol in symbols}

    def _order(self, instrument: Instrument, client_id: str) -> sim.Order | None:
        key = self._market(instrument.symbol).instrument.key
        return self._owner.find_order(key, link_id=client_id)


@lru_cache
def _hours(interval_ms: int) -> Decimal:
    return Decimal(interval_ms) / _HOUR_MS
