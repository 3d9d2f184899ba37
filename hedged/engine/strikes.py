"""Orders that come to nothing: three in a row in one instrument, and the next try waits.

A refusal (margin, a limit of the venue) and an order that fills nothing at its bound (an empty
testnet book, a post-only order that would have taken) would else be repeated at every poll, for
ever. The pause doubles with every further failure up to an hour, and any fill ends it. It is no
halt: the daemon recovers by itself when the venue does. The journal counts the strikes, so that
a restart ends no pause; the pauses run on the monotonic clock.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from hedged.core.conduct import Strike
from hedged.core.types import Missing

ALLOWED: Final = 3
FIRST_PAUSE_S: Final = 10.0
LONGEST_PAUSE_S: Final = 3600.0
REOPENING_S: Final = 60.0  # the longest pause while a venue takes none but post-only orders


class Strikes:
    """When each strike was first seen; times are monotonic seconds."""

    def __init__(self) -> None:
        self._struck_s: dict[Strike, float] = {}

    def pauses(self, strikes: Iterable[Strike], now: datetime, now_s: float) -> Iterator[Missing]:
        """Instruments in which the next try has to wait, and for how long."""
        strikes = tuple(strikes)
        self._struck_s = {
            strike: self._struck_s.get(strike, now_s - max(0.0, (now - strike.at).total_seconds()))
            for strike in strikes
        }
        for strike in strikes:
            # What is refused to all comes to nothing three times as it does once, and ends soon.
            allowed = 1 if strike.is_of_reopening else ALLOWED
            longest_s = REOPENING_S if strike.is_of_reopening else LONGEST_PAUSE_S
            if strike.count < allowed:
                continue
            pause_s = min(FIRST_PAUSE_S * 2.0 ** (strike.count - allowed), longest_s)
            left_s = self._struck_s[strike] + pause_s - now_s
            if left_s > 0:
                why = (
                    f"{strike.count} orders in a row came to nothing ({strike.detail}), "
                    f"next try in {left_s:.0f} s"
                )
                yield Missing(strike.venue, "order", why, strike.reason, symbol=strike.symbol)
