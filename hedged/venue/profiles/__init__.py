"""What is known of each venue, declared: one profile a venue, no branch on a venue elsewhere."""

from typing import Final

from hedged.ports import VenueRefused
from hedged.venue.profiles.binance import BINANCE
from hedged.venue.profiles.bybit import BYBIT
from hedged.venue.profiles.deribit import DERIBIT
from hedged.venue.profiles.krakenfutures import KRAKENFUTURES
from hedged.venue.profiles.okx import OKX
from hedged.venue.profiles.profile import Leg, Profile, Reach, Read

PROFILES: Final = {
    profile.exchange: profile for profile in (BINANCE, BYBIT, DERIBIT, KRAKENFUTURES, OKX)
}


def profile_of(exchange: str) -> Profile:
    """The profile of a venue, by its name in the configuration.

    Raises:
        VenueRefused: hedged knows no such venue.
    """
    try:
        return PROFILES[exchange]
    except KeyError:
        known = ", ".join(sorted(PROFILES))
        raise VenueRefused(f"venue {exchange!r} is not known; known are {known}") from None


def with_test_environment() -> list[str]:
    """The venues that can be tried without real money."""
    return sorted(name for name, profile in PROFILES.items() if len(profile.environments) > 1)


__all__ = ["PROFILES", "Leg", "Profile", "Reach", "Read", "profile_of", "with_test_environment"]
