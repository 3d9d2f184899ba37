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
    Finding,
    HedgePolicy,
    Kind,
    MarginAccount,
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
    carried = (needed for needed, _ in world.carried.get(policy.asset, ()))
    for needed in (policy, *carried):
        for finding in _findings(world, needed):
            if finding is not None:
                return finding
    return None


def _findings(world: World, policy: HedgePolicy) -> Iterator[Finding | None]:
    sources = tuple(dict.fromkeys((*world.venues[policy.asset], *policy.spot)))
    yield _missing(world, policy, sources)
    yield _in_flight(world, policy)
    yield _absent(world, policy, sources)
    quotes = [world.quotes[leg.venue, leg.symbol] for leg in policy.legs]
    yield _stale(world, policy, quotes, sources)
    for quote in quotes:
        yield _collar(policy, quote)
    yield _unmanaged(world, policy)
    for venue in sources:
        account = world.accounts.get(venue)
        if account is not None:
            yield _torn(world, policy, account)


def _missing(world: World, policy: HedgePolicy, sources: tuple[str, ...]) -> Finding | None:
    legs = {(leg.venue, leg.symbol) for leg in policy.legs}
    for source in sources:
        for gap in world.missing.get(source, ()):
            if gap.symbol is None or (source, gap.symbol) in legs:
                return Finding(gap.reason, f"{source}: {gap.what}: {gap.detail}")
    return None


def _in_flight(world: World, policy: HedgePolicy) -> Finding | None:
    """An order whose end is not known: what it will have done cannot be planned around."""
    for leg in policy.legs:
        order = world.in_flight.get((leg.venue, leg.symbol))
        if order is not None:
            return Finding(
                Reason.ORDER_IN_FLIGHT, f"order {order.client_id} is unresolved: {order.detail}"
            )
    return None


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
        if world.quote(leg) is None:
            return Finding(Reason.SOURCE_MISSING, f"no quote of {leg.symbol} at {leg.venue}")
    for alias in policy.aliases:
        if alias.rate is None and (alias.coin, policy.asset) not in world.rates:
            return Finding(
                Reason.SOURCE_MISSING, f"the rate of {alias.coin} in {policy.asset} is not known"
            )
    if policy.cross is not None and (policy.asset, USD) not in world.rates:
        return Finding(Reason.SOURCE_MISSING, f"the price of {policy.asset} is not known")
    return None


def _stale(
    world: World, policy: HedgePolicy, quotes: list[Quote], sources: tuple[str, ...]
) -> Finding | None:
    limit = policy.max_age_s
    coins = (policy.asset, *(alias.coin for alias in policy.aliases))
    ages = [(f"quote {quote.instrument.symbol}", quote.age_s) for quote in quotes]
    for source in sources:
        account = world.accounts.get(source)
        if account is not None:
            ages.append((f"account {source}", account.age_s))
        for coin in coins:
            ages += [(source, held.age_s) for held in world.holdings.get((source, coin), ())]
    for coin, into in (
        (policy.asset, USD),
        *((alias.coin, policy.asset) for alias in policy.aliases),
    ):
        rate = world.rates.get((coin, into))
        if rate is not None:
            ages.append((f"rate of {coin}", rate.age_s))
    what, age_s = max(ages, key=lambda pair: pair[1])
    if age_s > limit:
        return Finding(Reason.STALE_DATA, f"{what} is {plain(age_s)} s old, limit {plain(limit)} s")
    return None


def _collar(policy: HedgePolicy, quote: Quote) -> Finding | None:
    if quote.bid is not None and quote.ask is not None and quote.bid >= quote.ask:
        return Finding(
            Reason.COLLAR, f"book is crossed: bid {plain(quote.bid)}, ask {plain(quote.ask)}"
        )
    for name, other in (("index", quote.index), ("last price", quote.last)):
        gap = ZERO if other is None else abs(quote.mark / other - ONE)
        if other is not None and gap > policy.limits.collar:
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


def _torn(world: World, policy: HedgePolicy, account: MarginAccount) -> Finding | None:
    """The identity equity = wallet + terms + unrealised PnL, which one moment's figures obey.

    The PnL is taken twice: as our marks make it, and as the venue reports it.
    """
    coin = policy.asset
    balance = world.balances.get((account.venue, coin))
    if balance is None or balance.equity is None:
        return None
    equity, wallet = balance.equity.value, balance.wallet.value
    wallet += sum((term.coins for term in balance.terms), ZERO)
    exposed, reckoned, reported = ZERO, wallet, wallet
    for position in world.moving.get((account.venue, coin), ()):
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
                f"{account.venue} reports {plain(equity)} {coin} equity, wallet and {what} give "
                f"{plain(own)}: apart by {plain(gap)}, limit {plain(limit)}",
            )
    return None
