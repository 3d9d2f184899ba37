"""What is due at set times: funding, deliveries, arrivals of coins in transit."""

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from itertools import count

Action = Callable[[int], object]


class Agenda:
    """Actions by the time at which they are due; those of one time in the order of their entry."""

    def __init__(self) -> None:
        self._entries: list[tuple[int, int, Action]] = []
        self._numbers = count()

    def enter(self, at_ms: int, action: Action) -> None:
        """Let an action be due at a time; it is called with that time."""
        heappush(self._entries, (at_ms, next(self._numbers), action))

    def due(self, now_ms: int) -> Iterator[tuple[int, Action]]:
        """Take out what is due by now, earliest first, also what is entered meanwhile."""
        while self._entries and self._entries[0][0] <= now_ms:
            at_ms, _, action = heappop(self._entries)
            yield at_ms, action
