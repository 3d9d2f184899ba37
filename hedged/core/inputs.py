"""May the input be judged at all? What must hold before a verdict is given.

On stale, torn, missing or unexplained data nothing is concluded, because for a long book every
hedge order lowers |net delta| and would pass any check of direction. The first thing that is
wrong replaces the verdict. An asset whose hedge carries others needs their input too.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from hedged.core.contracts import inverse_pnl
from hedged.core.decimals import ONE, ZERO, plain
from hedged.core.exposure import is_countable, unmanaged_positions
from hedged.core.types import (
    USD,
    CoinBalance,
    Finding,
    HedgePolicy,
    InFlight,
    Kind,
    Others,
    Quote,
    Reason,
)
from hedged.core.world import World

# Two reads of one account see marks that differ by what the price did between them.
EPOCH_TOLERANCE: Final = Decimal("0.002")
# Venues report coins to eight decimals: each of a few terms may be off by one unit.
COIN_DUST: Final = Decimal("0.00000005")


def input_finding(world: World, policy: HedgePolicy) -> Finding | None:
    """The first reason why this asset's input allows no verdict, or None."""
    finding = _own_finding(world, policy)
    for carried, _ in world.carried.get(policy.asset, ()):
        finding = finding or _own_finding(world, carried)
    return finding


def _own_finding(world: World, policy: HedgePolicy) -> Finding | None:
    sources = tuple(dict.fromkeys((*world.venues[policy.asset], *policy.spot)))
    return (
        _missing(world, policy, sources)
        or _in_flight(world, policy)
        or _absent(world, policy, sources)
        or _stale(world, policy, sources)
        or _collar(world, policy)
        or _unmanaged(world, policy)
        or _torn(world, policy, sources)
    )


def _missing(world: World, policy: HedgePolicy, sources: tuple[str, ...]) -> Finding | None:
    if not world.missing:
        return None
    legs = {(leg.venue, leg.symbol) for leg in policy.legs}
    for source in sources:
        for gap in world.missing.get(source, ()):
            if gap.symbol is None or (source, gap.symbol) in legs:
                return Finding(gap.reason, f"{source}: {gap.what}: {gap.detail}")
    return None


def _in_flight(world: World, policy: HedgePolicy) -> Finding | None:
    """An order whose end is not known: what it will have done cannot be planned around."""
    for leg in policy.legs if world.in_flight else ():
        order = world.in_flight.get((leg.venue, leg.symbol))
        if order is not None and not _is_planned_around(world, order):
            return Finding(
                Reason.ORDER_IN_FLIGHT, f"order {order.client_id} is unresolved: {order.detail}"
            )
    return None


def _is_planned_around(world: World, order: InFlight) -> bool:
    """A resting order of the book is known to the contract; its slot stays held all the same."""
    return order.resting is not None and order.resting.book == world.snapshot.book


def _absent(world: World, policy: HedgePolicy, sources: tuple[str, ...]) -> Finding | None:
    """A source that is neither there nor reported missing is missing all the same."""
    for source in sources:
        if source not in world.sources:
            return Finding(Reason.SOURCE_MISSING, f"{source}: not read")
        if source in world.accounts and (source, policy.asset) not in world.balances:
            return Finding(
                Reason.SOURCE_MISSING,
                f"{source}: the account tells of no {policy.asset}, not even 0",
            )
    for leg in policy.legs:
        if (leg.venue, leg.symbol) not in world.quotes:
            return Finding(Reason.SOURCE_MISSING, f"no quote of {leg.symbol} at {leg.venue}")
    for alias in policy.aliases:
        if alias.rate is None and (alias.coin, policy.asset) not in world.rates:
            return Finding(
                Reason.SOURCE_MISSING, f"the rate of {alias.coin} in {policy.asset} is not known"
            )
    if policy.cross is not None and (policy.asset, USD) not in world.rates:
        return Finding(Reason.SOURCE_MISSING, f"the price of {policy.asset} is not known")
    return None


def _stale(world: World, policy: HedgePolicy, sources: tuple[str, ...]) -> Finding | None:
    limit = policy.max_age_s
    if world.oldest_s <= limit:
        return None
    age_s, what, name = max(_ages(world, policy, sources))
    if age_s > limit:
        detail = f"{what}{name} is {plain(age_s)} s old, limit {plain(limit)} s"
        return Finding(Reason.STALE_DATA, detail)
    return None


def _ages(
    world: World, policy: HedgePolicy, sources: tuple[str, ...]
) -> Iterator[tuple[Decimal, str, str]]:
    """Seconds since each read that the asset depends on, and what it brought."""
    for leg in policy.legs:
        yield world.quotes[leg.venue, leg.symbol].age_s, "quote ", leg.symbol
    coins = (policy.asset, *(alias.coin for alias in policy.aliases))
    for source in sources:
        account = world.accounts.get(source)
        if account is not None:
            yield account.age_s, "account ", source
        for coin in coins:
            for held in world.holdings.get((source, coin), ()):
                yield held.age_s, "", source
    if world.rates:
        for coin in coins:
            rate = world.rates.get((coin, USD if coin == policy.asset else policy.asset))
            if rate is not None:
                yield rate.age_s, "rate of ", coin


def _collar(world: World, policy: HedgePolicy) -> Finding | None:
    for leg in policy.legs:
        finding = _off_price(policy, world.quotes[leg.venue, leg.symbol])
        if finding is not None:
            return finding
    return None


def _off_price(policy: HedgePolicy, quote: Quote) -> Finding | None:
    """A crossed book, or a mark far from what it should be near."""
    if quote.bid is not None and quote.ask is not None and quote.bid >= quote.ask:
        return Finding(
            Reason.COLLAR, f"book is crossed: bid {plain(quote.bid)}, ask {plain(quote.ask)}"
        )
    for name, other in (("index", quote.index), ("last price", quote.last)):
        if other is not None:
            gap = abs(quote.mark / other - ONE)
            if gap > policy.limits.collar:
                return Finding(
                    Reason.COLLAR,
                    f"mark {plain(quote.mark)} is {plain(gap * 100, 2)} % from {name} "
                    f"{plain(other)}, limit {plain(policy.limits.collar * 100)} %",
                )
    return None


def _unmanaged(world: World, policy: HedgePolicy) -> Finding | None:
    for position in unmanaged_positions(world, policy):
        if policy.others is Others.BLOCK or not is_countable(world, policy, position):
            why = "no hedge manages" if policy.others is Others.BLOCK else "cannot be counted"
            return Finding(
                Reason.UNMANAGED_POSITION,
                f"{position.instrument.venue} holds {plain(position.quantity.value)} "
                f"{position.quantity.unit} of {position.instrument.symbol}, which {why}",
            )
    return None


def _torn(world: World, policy: HedgePolicy, sources: tuple[str, ...]) -> Finding | None:
    for venue in sources:
        balance = world.balances.get((venue, policy.asset))
        if balance is not None and balance.equity is not None:
            finding = _torn_balance(world, venue, balance, balance.equity.of(policy.asset))
            if finding is not None:
                return finding
    return None


def _torn_balance(
    world: World, venue: str, balance: CoinBalance, equity: Decimal
) -> Finding | None:
    """The identity equity = wallet + terms + unrealised PnL, which one moment's figures obey.

    The PnL is taken twice: as our marks make it, and as the venue reports it.
    """
    coin = balance.wallet.unit
    wallet = sum((term.coins for term in balance.terms), balance.wallet.value)
    exposed, reckoned, reported = ZERO, wallet, wallet
    for position in world.moving.get((venue, coin), ()):
        is_inverse = position.instrument.kind is Kind.INVERSE and position.delta is None
        if is_inverse and position.instrument.settle == coin:
            q = position.quantity.of(USD)
            mark = world.mark(position) or position.entry
            exposed += abs(q) / mark
            pnl = inverse_pnl(q, position.origin, mark)
            reckoned += pnl
            reported += pnl if position.unrealised_pnl is None else position.unrealised_pnl
    limit = COIN_DUST + EPOCH_TOLERANCE * exposed
    for what, own in (("PnL", reckoned), ("reported PnL", reported)):
        gap = abs(equity - own)
        if gap > limit:
            return Finding(
                Reason.EPOCH_TORN,
                f"{venue} reports {plain(equity)} {coin} equity, wallet and {what} give "
                f"{plain(own)}: apart by {plain(gap)}, limit {plain(limit)}",
            )
    return None
