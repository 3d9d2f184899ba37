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


class PassingClock(VirtualClock):
    """A virtual clock on which whoever sleeps has slept: time passes at once.

    It is for a single line of work, such as one book's cycles: nothing else is waiting meanwhile.
    """

    async def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self._elapsed_s += max(0.0, seconds)

    def pass_until(self, monotonic_s: float) -> None:
        """Move on to a moment; one that has passed already stays passed."""
        self._elapsed_s = max(self._elapsed_s, monotonic_s)
