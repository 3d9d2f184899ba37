"""The margin gate: may the account carry what an order adds?

Leverage is the notional of everything that settles in one coin over the collateral in that
coin, after the order. Where the venue reports the margin of the whole account, other coins
carry too, and its own equity and maintenance are what counts. The distance to liquidation is
computed where the maintenance rate is known, and read where the venue reports the price.
Orders that reduce a position pass.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from hedged.core.contracts import average_entry, inverse_pnl, linear_pnl
from hedged.core.decimals import ZERO, plain
from hedged.core.margin import distance, liquidation_price
from hedged.core.types import (
    USD,
    Finding,
    HedgePolicy,
    Instrument,
    Kind,
    Margin,
    MarginAccount,
    OrderIntent,
    Position,
    Reason,
)
from hedged.core.world import World


def margin_findings(
    world: World, policy: HedgePolicy, intent: OrderIntent, beside: Sequence[OrderIntent]
) -> Iterator[Finding]:
    """What speaks against an order that increases a position, after those that go before it."""
    account = world.accounts.get(intent.instrument.venue)
    if intent.reduce_only or account is None:
        return
    yield from maintenance_findings(policy, account.margin)
    yield from _leverage(world, policy, account, (intent, *beside))
    yield from _liquidation(world, policy, account, intent)


def maintenance_findings(policy: HedgePolicy, margin: Margin | None) -> Iterator[Finding]:
    """Whether the venue's own maintenance margin takes too much of the account."""
    limit = policy.limits.max_margin_use
    if margin is None or limit is None or margin.maintenance_usd <= limit * margin.equity_usd:
        return
    yield Finding(
        Reason.MARGIN_LOW,
        f"maintenance takes {margin.maintenance_usd:,.2f} of {margin.equity_usd:,.2f} USD equity, "
        f"limit {plain(limit * 100)} % (max_margin_use)",
    )


def _leverage(
    world: World, policy: HedgePolicy, account: MarginAccount, orders: Sequence[OrderIntent]
) -> Iterator[Finding]:
    limit, coin = policy.limits.max_leverage, orders[0].instrument.settle
    if limit is None:
        return
    if account.margin is None:
        moving = world.moving.get((account.venue, coin), ())
        positions = [p for p in moving if p.instrument.settle == coin]
        equity = _collateral_usd(world, account.venue, orders[0].instrument)
        what = f"{coin} collateral"
    else:
        positions = list(account.positions)
        equity, what = account.margin.equity_usd, "equity"
    carried = sum([notional_usd(world, p) for p in positions], ZERO)
    added = [
        order.notional_usd
        for order in orders
        if order.instrument.venue == account.venue
        and not order.reduce_only
        and (account.margin is not None or order.instrument.settle == coin)
    ]
    after = sum(added, carried)
    if after > limit * equity:
        yield Finding(
            Reason.MARGIN_LOW,
            f"{account.venue} would carry {after:,.2f} USD on {equity:,.2f} USD of {what}, "
            f"limit {plain(limit)} times (max_leverage)",
        )


def notional_usd(world: World, position: Position) -> Decimal:
    """The size of a position, at its mark or else its entry."""
    if position.instrument.kind is Kind.INVERSE:
        return abs(position.quantity.of(USD))
    return abs(position.quantity.value) * (world.mark(position) or position.entry)


def _collateral_usd(world: World, venue: str, instrument: Instrument) -> Decimal:
    """What stands behind the positions that settle in an instrument's coin, with their PnL."""
    coins = coin_equity(world, venue, instrument.settle)
    if instrument.kind is Kind.LINEAR:
        return coins
    return coins * world.quotes[venue, instrument.symbol].mark


def coin_equity(world: World, venue: str, coin: str) -> Decimal:
    """Coins of an account with the PnL of the positions that settle in them."""
    profit = ZERO
    for position in world.moving.get((venue, coin), ()):
        if position.instrument.settle == coin:
            profit += _pnl(world, position)
    return collateral(world, venue, coin) + profit


def _pnl(world: World, position: Position) -> Decimal:
    """Unrealised, in the coin that it settles in."""
    mark = world.mark(position) or position.entry
    if position.instrument.kind is Kind.INVERSE:
        return inverse_pnl(position.quantity.of(USD), position.origin, mark)
    return linear_pnl(position.quantity.value, position.origin, mark)


def collateral(world: World, venue: str, coin: str) -> Decimal:
    """Coins of an account without futures PnL."""
    balance = world.balances.get((venue, coin))
    if balance is None:
        return ZERO
    coins = balance.wallet.value
    for term in balance.terms:
        coins += term.coins
    return coins


def _liquidation(
    world: World, policy: HedgePolicy, account: MarginAccount, intent: OrderIntent
) -> Iterator[Finding]:
    limit, instrument = policy.limits.liquidation_distance, intent.instrument
    if limit is None:
        return
    mark = world.quotes[account.venue, instrument.symbol].mark
    held = world.positions.get((account.venue, instrument.symbol), ())
    prices = [p.liquidation_price for p in held if p.liquidation_price is not None]
    if account.margin is None and instrument.maintenance is not None:
        after = _liquidation_after(world, account.venue, held, intent, mark)
        prices += [] if after is None else [after]
    for price in prices:
        gap = distance(price, mark)
        if gap < limit:
            yield Finding(
                Reason.MARGIN_LOW,
                f"liquidation at {plain(price, 2)} would be {plain(gap * 100, 2)} % from the mark "
                f"{plain(mark)}, limit {plain(limit * 100)} % (liquidation_distance)",
            )


def _liquidation_after(
    world: World, venue: str, held: tuple[Position, ...], intent: OrderIntent, mark: Decimal
) -> Decimal | None:
    """The liquidation price of an inverse position after the order, at the mark."""
    instrument = intent.instrument
    if instrument.kind is Kind.LINEAR or instrument.maintenance is None:
        return None
    fills = [(p.quantity.of(USD), p.origin) for p in held] + [(intent.quantity.of(USD), mark)]
    q = sum((quantity for quantity, _ in fills), ZERO)
    coins = collateral(world, venue, instrument.settle)
    return liquidation_price(q, average_entry(fills), coins, instrument.maintenance)
