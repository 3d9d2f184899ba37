"""From a wish to an order that its venue takes: minima, slices, depth and the price bound."""

from decimal import Decimal
from typing import NamedTuple

from hedged.core.chase import front_price
from hedged.core.contracts import usd_per_contract
from hedged.core.decimals import ONE, ZERO, Rounding, passive_price, plain, whole
from hedged.core.types import (
    Finding,
    HedgeLeg,
    HedgePolicy,
    Held,
    Instrument,
    OrderIntent,
    Quote,
    Reason,
    Side,
)
from hedged.core.working import goes_on, rests, sliced
from hedged.core.world import World


class Slot(NamedTuple):
    """One instrument of a hedge, as the planner sees it."""

    leg: HedgeLeg
    quote: Quote
    instrument: Instrument
    held: Held
    contract_usd: Decimal  # what one contract moves the hedge by, at the asset's mark
    lot_usd: Decimal  # what one lot moves it by

    def closes(self, *, buys: bool) -> bool:
        """Whether a trade in this direction reduces the position; dust below a lot is crossed."""
        held_usd = self.held.value_usd
        return held_usd <= -self.lot_usd if buys else held_usd >= self.lot_usd

    def room_usd(self, *, buys: bool) -> Decimal | None:
        """How much may trade in this direction: down to flat, or up to the cap; None: any."""
        size = abs(self.held.value_usd)
        if self.closes(buys=buys):
            return size
        return None if self.leg.cap_usd is None else max(ZERO, self.leg.cap_usd - size)


class Wish(NamedTuple):
    """What one instrument should trade, before its venue is asked."""

    slot: Slot
    buys: bool
    usd: Decimal  # > 0, before rounding
    contracts: Decimal  # whole lots

    def with_more(self, lots: Decimal) -> "Wish":
        """The same with more lots."""
        return self._replace(contracts=self.contracts + lots * self.slot.instrument.lot)


class Sized(NamedTuple):
    """An order that its venue takes, and how its size came about."""

    slot: Slot
    intent: OrderIntent
    wanted_usd: Decimal  # signed, before rounding and limits
    sizing: str  # what cut or raised it, in words


def sized(world: World, policy: HedgePolicy, wish: Wish, spare_usd: Decimal) -> Sized | Finding:
    """The order of a wish, or why there is none.

    `spare_usd` is what the order may grow by without passing the target.
    """
    slot, instrument = wish.slot, wish.slot.instrument
    price = _bound(policy, slot.quote, buys=wish.buys)
    contract_usd = usd_per_contract(instrument, slot.quote.mark)
    least = _least(policy, instrument, contract_usd)
    contracts, note = sliced(world, policy, slot.quote, wish.contracts)
    contracts, notes = max(contracts, min(least, wish.contracts)), [note] if note else []
    if contracts < least:
        room = slot.room_usd(buys=wish.buys)
        grown = (least - contracts) * slot.contract_usd
        if grown > spare_usd or (room is not None and least * slot.contract_usd > room):
            return _too_small(wish, least)
        contracts = least
        notes.append(f"raised to the smallest order, {plain(least)} contracts")
    is_resting = rests(world, policy, instrument.venue)
    taken_at = None if is_resting else price
    most, cut = _most(policy, slot, contracts, taken_at, buys=wish.buys)
    if most < contracts:
        contracts = most
        notes.append(cut)
        if contracts < least:
            return Finding(Reason.NO_LIQUIDITY, f"{instrument.symbol}: {cut}")
    side = Side.BUY if wish.buys else Side.SELL
    post_price = front_price(side, slot.quote, price) if is_resting else None
    if is_resting and post_price is None:
        return Finding(Reason.NO_LIQUIDITY, f"{instrument.symbol}: no best price to rest at")
    intent = OrderIntent(
        book=world.snapshot.book,
        cycle=world.snapshot.cycle,
        asset=policy.asset,
        instrument=instrument,
        side=side,
        contracts=contracts,
        notional_usd=contracts * contract_usd,
        limit_price=price,
        reduce_only=slot.closes(buys=wish.buys),
        style=policy.style.kind,
        post_price=post_price,
        goes_on=goes_on(world, policy, instrument, side),
    )
    return Sized(slot, intent, wish.usd if wish.buys else -wish.usd, "; ".join(notes))


def _bound(policy: HedgePolicy, quote: Quote, *, buys: bool) -> Decimal:
    price = quote.mark * (ONE + policy.slippage if buys else ONE - policy.slippage)
    return passive_price(price, quote.instrument.tick, buy=buys)


def _least(policy: HedgePolicy, instrument: Instrument, contract_usd: Decimal) -> Decimal:
    """The smallest order in contracts: the venue's quantity and notional, and the owner's."""
    needed = instrument.min_contracts
    for usd in (instrument.min_notional_usd, policy.limits.min_order_usd):
        if usd is not None:
            needed = max(needed, usd / contract_usd)
    return whole(needed / instrument.lot, Rounding.UP) * instrument.lot


def _most(
    policy: HedgePolicy, slot: Slot, contracts: Decimal, price: Decimal | None, *, buys: bool
) -> tuple[Decimal, str]:
    """What the tightest limit leaves of so many contracts, and which limit that is.

    Without a `price` it rests, and takes nothing of what stands in the book.
    """
    instrument, limits = slot.instrument, policy.limits
    exceeded: list[tuple[Decimal, str]] = []
    most = instrument.max_contracts
    if most is not None and contracts > most:
        exceeded.append((most, f"cut to the venue's largest order, {plain(most)}"))
    if limits.max_order_usd is not None:
        most = limits.max_order_usd / usd_per_contract(instrument, slot.quote.mark)
        if contracts > most:
            exceeded.append((most, f"cut to max_order, {plain(limits.max_order_usd)} USD"))
    visible = None if price is None else _visible(slot.quote, price, buys=buys)
    if visible is not None and contracts > visible * limits.depth_share:
        share = plain(limits.depth_share * 100)
        cut = f"cut to {share} % of the {plain(visible)} contracts in the book within the bound"
        exceeded.append((visible * limits.depth_share, cut))
    if not exceeded:
        return contracts, ""
    most, cut = min(exceeded, key=lambda limit: limit[0])
    return whole(most / instrument.lot, Rounding.DOWN) * instrument.lot, cut


def _visible(quote: Quote, price: Decimal, *, buys: bool) -> Decimal | None:
    """Contracts that stand in the book within the bound; None: the depth is not known."""
    levels = quote.asks if buys else quote.bids
    if levels is None:
        return None
    reached = (lv.contracts for lv in levels if (lv.price <= price if buys else lv.price >= price))
    return sum(reached, ZERO)


def _too_small(wish: Wish, least: Decimal) -> Finding:
    usd = wish.usd if wish.buys else -wish.usd
    return Finding(
        Reason.BELOW_MIN_QTY,
        f"a correction of {plain(usd, 2)} USD is less than the smallest order, "
        f"{plain(least * wish.slot.contract_usd, 2)} USD",
    )
