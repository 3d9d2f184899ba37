"""What is known of each venue, declared: one profile a venue, no branch on a venue elsewhere."""

from collections.abc import Iterator, Sequence
from typing import Final

from hedged.core.types import Kind
from hedged.ports import VenueRefused
from hedged.venue.profiles.anywhere import coin_profile
from hedged.venue.profiles.binance import BINANCE
from hedged.venue.profiles.bingx_linear import BINGX
from hedged.venue.profiles.bitget_linear import BITGET
from hedged.venue.profiles.bybit import BYBIT
from hedged.venue.profiles.deribit import DERIBIT
from hedged.venue.profiles.gate_linear import GATE
from hedged.venue.profiles.htx import HTX
from hedged.venue.profiles.krakenfutures import KRAKENFUTURES
from hedged.venue.profiles.kucoin import KUCOIN
from hedged.venue.profiles.mexc import MEXC
from hedged.venue.profiles.okx import OKX
from hedged.venue.profiles.phemex import PHEMEX
from hedged.venue.profiles.profile import Leg, Profile, Reach
from hedged.venue.profiles.reads import Read
from hedged.venue.profiles.weex import WEEX
from hedged.venue.spec import kind_of

PROFILES: Final = {
    profile.exchange: profile
    for profile in (
        BINANCE,
        BINGX,
        BITGET,
        BYBIT,
        DERIBIT,
        GATE,
        HTX,
        KRAKENFUTURES,
        KUCOIN,
        MEXC,
        OKX,
        PHEMEX,
        WEEX,
    )
}


def profile_of(exchange: str, symbols: Sequence[str] = ()) -> Profile:
    """The profile of a venue, by its name in the configuration and what is traded there.

    Raises:
        VenueRefused: there is no such venue, only its coins can be read, or what is traded is in
            two accounts of it.
    """
    profile = PROFILES.get(exchange)
    if profile is None:
        if symbols:
            known = ", ".join(sorted(PROFILES))
            raise VenueRefused(f"hedged cannot trade at {exchange}; it can at {known}")
        return coin_profile(exchange)
    kinds = set(map(kind_of, symbols))
    if profile.linear is None or Kind.LINEAR not in kinds:
        return profile
    if len(kinds) > 1:
        raise VenueRefused(
            f"inverse and linear contracts of {profile.title} are in two accounts: give each kind "
            "a [venues.NAME] of its own"
        )
    return profile.linear


def every_profile() -> Iterator[Profile]:
    """All of them, those of a venue's second account too."""
    for profile in PROFILES.values():
        yield profile
        if profile.linear is not None:
            yield profile.linear


def with_test_environment() -> list[str]:
    """The venues that can be tried without real money."""
    return sorted(name for name, profile in PROFILES.items() if len(profile.environments) > 1)


__all__ = [
    "PROFILES",
    "Leg",
    "Profile",
    "Reach",
    "Read",
    "every_profile",
    "profile_of",
    "with_test_environment",
]
