"""What truly happened, in order: the record that tests compare a client's belief with."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from hedged.sim.decimals import ZERO


class Event(NamedTuple):
    """One thing that happened to a symbol or coin (`subject`), with the id of what it was about."""

    at_ms: int
    kind: str
    account: str
    subject: str
    reference: str
    detail: str
    quantity: Decimal = ZERO
    price: Decimal = ZERO


class Truth:
    """The record of all events; listeners hear of each one as it happens."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.listeners: list[Callable[[Event], None]] = []

    def note(self, event: Event) -> None:
        """Record an event."""
        self.events.append(event)
        for listener in self.listeners:
            listener(event)
