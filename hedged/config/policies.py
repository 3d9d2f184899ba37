"""From a hedge's settings to the core's policy: the same facts in the core's own types."""

from dataclasses import replace
from decimal import Decimal
from typing import Final, NamedTuple

from hedged.config.hedges import (
    AccountsSource,
    CapSettings,
    CarrySettings,
    HedgeSettings,
    LimitSettings,
    StaticSource,
    VenueSource,
    WindowSettings,
)
from hedged.config.settings import Settings, VenueSettings
from hedged.core.reports import Rules
from hedged.core.types import (
    Alias,
    Band,
    Caps,
    CarryAction,
    CarryBounds,
    CarryFloor,
    Cross,
    HedgeLeg,
    HedgePolicy,
    Limits,
    Style,
    StyleKind,
    Transfers,
    Window,
)

TRADING: Final = "trading"  # the account that carries margin and positions: the venue itself


def account_names(source: VenueSource | AccountsSource) -> tuple[str, ...]:
    """How the core names an exchange's accounts: "main", "main:funding", "main:sub:cold"."""
    if isinstance(source, VenueSource):
        return (source.venue,)
    return tuple(
        source.venue if account == TRADING else f"{source.venue}:{account}"
        for account in source.accounts
    )


def hedge_policy(hedge: HedgeSettings, spot: tuple[str, ...], max_age_s: Decimal) -> HedgePolicy:
    """What the owner wants for one asset; `spot` are the names of its sources."""
    cross = None
    if hedge.hedged_by is not None and hedge.beta is not None:
        cross = Cross(hedge.hedged_by, hedge.beta)
    return HedgePolicy(
        asset=hedge.asset,
        transfers=_transfers(hedge),
        spot=spot,
        legs=tuple(
            HedgeLeg(leg.venue, leg.instrument, leg.priority, leg.weight, leg.cap)
            for leg in hedge.legs
        ),
        aliases=tuple(Alias(alias.coin, alias.rate) for alias in hedge.also),
        cross=cross,
        ratio=hedge.ratio,
        keep=hedge.keep,
        notional_usd=hedge.notional,
        windows=tuple(map(_window, hedge.windows)),
        carry_floor=_carry_floor(hedge),
        carry_bounds=_carry_bounds(hedge.carry),
        accounting=hedge.accounting,
        band=_band(hedge),
        rebalance_to=hedge.rebalance_to,
        slippage=hedge.slippage,
        max_age_s=max_age_s,
        allow_long=hedge.allow_long,
        others=hedge.others,
        limits=_limits(hedge),
        style=Style(
            kind=hedge.style,
            time_limit_s=hedge.maker.time_limit_s,
            reprice_s=hedge.maker.reprice_s,
            reprice_ticks=hedge.maker.ticks,
            cross=hedge.maker.then == "cross",
            slices=hedge.twap.slices,
            duration_s=hedge.twap.duration_s,
            jitter=hedge.twap.jitter,
        ),
    )


def maker_venues(settings: Settings) -> tuple[str, ...]:
    """The venues at which orders may rest."""
    hedges = [hedge for book in settings.books.values() for hedge in book.hedges]
    resting = [hedge for hedge in hedges if hedge.style is StyleKind.MAKER]
    return tuple(sorted({leg.venue for hedge in resting for leg in hedge.legs}))


def proof_rules(venue: VenueSettings, usual: Rules) -> Rules:
    """How a venue's reports are judged."""
    return replace(
        usual,
        adopt_external=venue.external == "adopt",
        rehedge_adl=venue.on_adl == "rehedge",
        most_adl=venue.max_adl,
    )


def caps_of(caps: CapSettings) -> Caps:
    """The core's view of caps."""
    return Caps(caps.max_orders, caps.max_turnover, caps.max_cost, caps.max_position)


def _transfers(hedge: HedgeSettings) -> Transfers | None:
    allowed = hedge.transfers
    if allowed.account is None or hedge.venue is None:
        return None
    store = f"{hedge.venue}:{allowed.account}"
    return Transfers(hedge.venue, store, allowed.max_count, allowed.max_coins)


def _window(window: WindowSettings) -> Window:
    return Window(
        name=window.name,
        ratio=window.ratio,
        starts_at=window.from_at,
        ends_at=window.to_at,
        cron=window.cron,
        duration_s=None if window.duration_s is None else int(window.duration_s),
        zone=window.zone,
        ramp_s=int(window.ramp_s),
        steps=window.steps,
    )


def _carry_bounds(carry: CarrySettings) -> CarryBounds:
    bounds = CarryBounds(carry.ceiling, carry.basis_low, carry.basis_high, carry.stamps)
    return bounds if carry.ceiling is not None else replace(bounds, stamps=CarryBounds().stamps)


def _carry_floor(hedge: HedgeSettings) -> CarryFloor | None:
    carry = hedge.carry
    if carry.floor is None:
        return None
    if isinstance(carry.action, Decimal):
        return CarryFloor(carry.floor, carry.stamps, CarryAction.RATIO, carry.action)
    return CarryFloor(carry.floor, carry.stamps, carry.action)


def _band(hedge: HedgeSettings) -> Band:
    return Band(
        kind=hedge.band.kind,
        size=hedge.band.size,
        risk_aversion=hedge.auto.risk_aversion,
        order_cost_usd=hedge.auto.order_cost,
        value_at_risk_usd=hedge.auto.value_at_risk,
        hysteresis=hedge.hysteresis,
        outer=hedge.outer_band,
    )


class Bounds(NamedTuple):
    """Parts of the coins that are collateral: see docs/maths.md."""

    low: Decimal
    target: Decimal
    high: Decimal


NEAR: Final = Bounds(Decimal("0.25"), Decimal("0.4"), Decimal("0.65"))  # BTC, coins at hand
FAR: Final = Bounds(Decimal("0.35"), Decimal("0.5"), Decimal("0.75"))  # BTC, a day away


def collateral_bounds(hedge: HedgeSettings) -> Bounds:
    """The bounds of a hedge: the owner's, else those of BTC."""
    at_hand = {leg.venue for leg in hedge.legs}
    is_near = all(
        not isinstance(source, StaticSource) and source.venue in at_hand for source in hedge.spot
    )
    limits, usual = hedge.limits, NEAR if is_near else FAR
    given = (limits.collateral_low, limits.collateral_target, limits.collateral_high)
    low, target, high = (
        default if own is None else own for own, default in zip(given, usual, strict=True)
    )
    # A bound of the owner's moves those beside it that are BTC's only, and never passes them.
    if limits.collateral_target is None:
        target = max(low, target if limits.collateral_high is None else min(target, high))
    if limits.collateral_low is None:
        low = min(low, target)
    return Bounds(low, target, high if limits.collateral_high is not None else max(high, target))


def has_coins_elsewhere(hedge: HedgeSettings) -> bool:
    """Whether some of its coins are not collateral."""
    traded = {leg.venue for leg in hedge.legs}
    return any(
        isinstance(source, StaticSource) or not traded.issuperset(account_names(source))
        for source in hedge.spot
    )


def _emergency(limits: LimitSettings) -> Decimal | None:
    if limits.on_emergency == "alert":
        return None
    return limits.emergency_distance or limits.liquidation_distance / 2


def _limits(hedge: HedgeSettings) -> Limits:
    limits, bounds = hedge.limits, collateral_bounds(hedge)
    return Limits(
        min_order_usd=limits.min_order,
        max_order_usd=limits.max_order,
        max_position_usd=limits.max_position,
        max_orders_per_hour=limits.max_orders,
        max_turnover_usd=limits.max_turnover,
        max_cost_usd=limits.max_cost,
        cooldown_s=limits.cooldown_s,
        max_leverage=limits.max_leverage,
        liquidation_distance=limits.liquidation_distance,
        emergency_distance=_emergency(limits),
        collateral_low=bounds.low,
        collateral_target=bounds.target,
        collateral_high=bounds.high,
        max_margin_use=limits.max_margin_use,
        collar=limits.collar,
        jump=limits.jump,
        depth_share=limits.depth_share,
        transit_s=limits.transit_s,
    )
