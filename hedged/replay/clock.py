"""The clock of a replay."""

from hedged.clock import VirtualClock


class ReplayClock(VirtualClock):
    """A virtual clock that turns the event loop only when somebody sleeps.

    In a replay nothing runs beside the cycle, and a year has thousands of hours.
    """

    async def advance(self, seconds: float) -> None:
        """Move on; without a sleeper to wake, time merely passes."""
        end_s = self._elapsed_s + seconds
        if self._sleepers and self._sleepers[0][0] <= end_s:
            await super().advance(seconds)
        else:
            self._elapsed_s = end_s
