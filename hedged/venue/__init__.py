"""The venue gateway: the only part of hedged that knows ccxt.

`ReadOnlyVenue` is what dry-run gets and `LiveVenue` what live execution gets; both are given a
`VenueSpec`, the venue's `Profile` and a clock. What differs between venues is in the profile.
"""

from hedged.venue.lazy import ccxt_version
from hedged.venue.orders import LiveVenue
from hedged.venue.profiles import PROFILES, Profile, profile_of
from hedged.venue.rest import ReadOnlyVenue
from hedged.venue.spec import VenueSpec
from hedged.venue.transport import WriteRefused

__all__ = [
    "PROFILES",
    "LiveVenue",
    "Profile",
    "ReadOnlyVenue",
    "VenueSpec",
    "WriteRefused",
    "ccxt_version",
    "profile_of",
]
