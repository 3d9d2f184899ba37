"""From holdings, collateral and positions to the net delta of one asset.

The dollar value of a coin's book is S*E with E = spot + futures wallet + unrealised PnL, so

    delta = E + sum of q/F (inverse) + sum of n*dF/dS (linear)

which for inverse contracts equals (E - uPnL) + q/entry, hence is constant in price.
Collateral and unrealised PnL belong in E: the short's loss after a rise has already taken
coins away, and exactly as many as the hedge would otherwise lack. A daemon that leaves them
out trades after every price move, in the wrong direction (docs/maths.md).

Each (venue, account, coin) balance counts once. The wallet of a leg's venue is `collateral`,
also where the same venue is listed as a spot source: in a unified account it is one wallet.
A linear contract's PnL is in quote currency and adds nothing to the coins; dF/dS is 1 for a
perpetual and F/S for a dated one. Where a venue settles, the PnL runs from the last settlement.
Wrapped and staked coins count at their rate, own transfers while they are under way, and an
asset that this hedge carries as beta times its dollar value.
Every figure is the sum of `Line`s, so that a person can redo it by hand.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from hedged.core.contracts import inverse_pnl
from hedged.core.decimals import ONE, ZERO, exact, plain
from hedged.core.types import (
    USD,
    Amount,
    Exposure,
    Finding,
    HedgePolicy,
    Held,
    Kind,
    Line,
    Others,
    Position,
    Quote,
    Reason,
)
from hedged.core.world import World

Rates = list[tuple[str, Decimal]]  # coins that count, with what each is worth in the asset


class _Part(NamedTuple):
    """A position with the fills that its PnL runs from: quantity, price, assumed (these last)."""

    held: Held
    opened: list[tuple[Amount, Decimal, bool]]


@exact
def net_exposure(world: World, policy: HedgePolicy, *, paper: bool = False) -> Exposure:
    """Where `policy.asset` stands, all in coins; every input that it needs is there.

    With `paper` the assumed fills are added to the positions and, for an inverse contract, to
    the PnL: each then gains or loses from its own fill price, as a real one would.
    """
    asset, mark = policy.asset, mark_of(world, policy)
    coins = _coins(world, policy)
    spot = [*_spot_lines(world, policy, coins), *_transit_lines(world, policy, coins)]
    collateral = list(_collateral_lines(world, policy, coins))
    cross = list(_cross_lines(world, policy, mark)) if asset in world.carried else []
    parts = list(_leg_parts(world, policy, mark, paper=paper))
    if policy.others is Others.COUNT:
        parts += _counted_parts(world, policy, mark)
    pnl = list(_pnl_lines(parts))
    hedge = [_hedge_line(part, asset) for part in parts]
    return Exposure(
        asset=asset,
        mark=mark,
        lines=(*spot, *collateral, *pnl, *cross, *hedge),
        spot=_total(spot, asset),
        collateral=_total(collateral, asset),
        unrealised_pnl=_total(pnl, asset),
        cross=_total(cross, asset),
        held=tuple([part.held for part in parts]),
        position_usd=sum([part.held.value_usd for part in parts], ZERO),
        hedge_delta=_total(hedge, asset),
    )


def mark_of(world: World, policy: HedgePolicy) -> Decimal:
    """What the asset's coins are turned into USD with: the mark of its first leg, or its price."""
    if policy.legs:
        return world.quotes[policy.legs[0].venue, policy.legs[0].symbol].mark
    return world.rates[policy.asset, USD].value


def coins_per_unit(quote: Quote) -> Decimal:
    """Coins of delta per unit of a position's quantity."""
    if quote.instrument.kind is Kind.INVERSE:
        return ONE / quote.mark
    return _tail(quote)


def usd_per_unit(quote: Quote, mark: Decimal) -> Decimal:
    """USD at the asset's `mark` that one unit of a position's quantity moves the hedge by."""
    if quote.instrument.kind is Kind.INVERSE:
        return ONE if quote.mark == mark else mark / quote.mark
    return _tail(quote) * mark


def _tail(quote: Quote) -> Decimal:
    return ONE if quote.instrument.expires_at is None else quote.mark / quote.index


def unmanaged_positions(world: World, policy: HedgePolicy) -> Iterator[Position]:
    """Positions that move with the asset, in an account that it uses, and are no leg of it."""
    legs = {(leg.venue, leg.symbol) for leg in policy.legs}
    for venue in dict.fromkeys((*world.venues[policy.asset], *policy.spot)):
        for position in world.moving.get((venue, policy.asset), ()):
            if (venue, position.instrument.symbol) not in legs:
                yield position


def is_countable(world: World, policy: HedgePolicy, position: Position) -> bool:
    """Whether all that it takes to count an unmanaged position is known."""
    if position.instrument.base != policy.asset:
        return False
    return position.delta is not None or world.mark(position) is not None


def _coins(world: World, policy: HedgePolicy) -> Rates:
    """The asset and its aliases, with their rates."""
    rates = [(policy.asset, ONE)]
    for alias in policy.aliases:
        rate = alias.rate
        if rate is None:
            rate = world.rates[alias.coin, policy.asset].value
        rates.append((alias.coin, rate))
    return rates


def _spot_lines(world: World, policy: HedgePolicy, coins: Rates) -> Iterator[Line]:
    hedge_venues = world.venues[policy.asset]
    for source in policy.spot:
        for coin, rate in coins:
            for holding in world.holdings.get((source, coin), ()):
                yield _line("spot", source, holding.quantity, rate, policy.asset)
            if source in world.accounts and source not in hedge_venues:
                yield from _account_lines("spot", world, source, (coin, rate), policy.asset)


def _collateral_lines(world: World, policy: HedgePolicy, coins: Rates) -> Iterator[Line]:
    for venue in world.venues[policy.asset]:
        for pair in coins:
            yield from _account_lines("collateral", world, venue, pair, policy.asset)


def _account_lines(
    label: str, world: World, venue: str, pair: tuple[str, Decimal], asset: str
) -> Iterator[Line]:
    coin, rate = pair
    balance = world.balances.get((venue, coin))
    if balance is None:
        if coin == asset:
            yield Line(label, venue, Amount(ZERO, asset))
        return
    yield _line(label, venue, balance.wallet, rate, asset)
    for term in balance.terms:
        yield _line(f"{label}: {term.name}", venue, Amount(term.coins, coin), rate, asset)


def _transit_lines(world: World, policy: HedgePolicy, coins: Rates) -> Iterator[Line]:
    if not world.transfers:
        return
    places = {*policy.spot, *world.venues[policy.asset]}
    limit = _seconds(policy.limits.transit_s)
    for coin, rate in coins:
        for transfer in world.transfers.get(coin, ()):
            is_recent = world.snapshot.at - transfer.started_at <= limit
            if transfer.destination in places and is_recent:
                way = f"{transfer.source} to {transfer.destination}"
                yield _line("in transit", way, transfer.quantity, rate, policy.asset)


def overdue_alerts(world: World, policy: HedgePolicy) -> tuple[Finding, ...]:
    """Transfers that count no longer, as they are under way for too long."""
    if not world.transfers:
        return ()
    limit, at = policy.limits.transit_s, world.snapshot.at
    places = {*policy.spot, *world.venues[policy.asset]}
    return tuple(
        Finding(
            Reason.SANITY_JUMP,
            f"{plain(transfer.quantity.value)} {coin} on the way from {transfer.source} to "
            f"{transfer.destination} for more than {plain(limit)} s (transit) count no longer",
        )
        for coin, _ in _coins(world, policy)
        for transfer in world.transfers.get(coin, ())
        if transfer.destination in places and at - transfer.started_at > _seconds(limit)
    )


def _seconds(limit_s: Decimal) -> timedelta:
    return timedelta(milliseconds=int(limit_s * 1000))


def _line(label: str, source: str, quantity: Amount, rate: Decimal, asset: str) -> Line:
    if quantity.unit == asset:
        return Line(label, source, quantity)
    return Line(label, source, Amount(quantity.value * rate, asset), quantity, end=rate)


def _cross_lines(world: World, policy: HedgePolicy, mark: Decimal) -> Iterator[Line]:
    for carried, cross in world.carried[policy.asset]:
        price = mark_of(world, carried)
        coins = _carried_coins(world, carried)
        yield Line(
            "carried",
            carried.asset,
            Amount(cross.beta * coins.value * price / mark, policy.asset),
            coins,
            end=price,
            factor=cross.beta / mark,
        )


def _carried_coins(world: World, policy: HedgePolicy) -> Amount:
    """Spot and transfers: an asset without an instrument has no collateral."""
    coins = _coins(world, policy)
    lines = [*_spot_lines(world, policy, coins), *_transit_lines(world, policy, coins)]
    return _total(lines, policy.asset)


def _leg_parts(world: World, policy: HedgePolicy, mark: Decimal, *, paper: bool) -> Iterator[_Part]:
    for leg in policy.legs:
        key = (leg.venue, leg.symbol)
        quote = world.quotes[key]
        opened = [(p.quantity, p.origin, False) for p in world.positions.get(key, ())]
        if paper:
            opened += [(fill.quantity, fill.price, True) for fill in world.paper.get(key, ())]
        unit = quote.instrument.unit
        quantity = sum([amount.of(unit) for amount, _, _ in opened], ZERO)
        yield _Part(
            Held(
                instrument=quote.instrument,
                quantity=Amount(quantity, unit),
                mark=quote.mark,
                delta=quantity * coins_per_unit(quote),
                value_usd=quantity * usd_per_unit(quote, mark),
            ),
            opened,
        )


def _counted_parts(world: World, policy: HedgePolicy, mark: Decimal) -> Iterator[_Part]:
    for position in unmanaged_positions(world, policy):
        own = world.mark(position) or mark
        quantity = position.quantity
        if position.delta is not None:
            delta = position.delta.of(policy.asset)
        elif position.instrument.kind is Kind.INVERSE:
            delta = quantity.of(USD) / own
        else:
            delta = quantity.of(policy.asset)
        yield _Part(
            Held(position.instrument, quantity, own, delta, delta * mark, managed=False),
            [] if position.delta is not None else [(quantity, position.origin, False)],
        )


def _pnl_lines(parts: Iterable[_Part]) -> Iterator[Line]:
    """Coins that inverse positions have gained since their entry; none for linear ones."""
    for held, opened in parts:
        if held.instrument.kind is not Kind.INVERSE:
            continue
        for q, origin, assumed in opened:
            yield Line(
                "unrealised PnL",
                held.instrument.venue,
                Amount(inverse_pnl(q.of(USD), origin, held.mark), held.instrument.settle),
                q,
                start=origin,
                end=held.mark,
                assumed=assumed,
            )


def _hedge_line(part: _Part, asset: str) -> Line:
    held = part.held
    return Line(
        "hedge" if held.managed else "other position",
        held.instrument.venue,
        Amount(held.delta, asset),
        held.quantity,
        end=held.mark,
        symbol=held.instrument.symbol,
        assumed=bool(part.opened) and part.opened[-1][2],
    )


def _total(lines: Iterable[Line], asset: str) -> Amount:
    total = ZERO
    for line in lines:
        coins = line.coins
        total += coins.value if coins.unit == asset else coins.of(asset)  # which raises
    return Amount(total, asset)
