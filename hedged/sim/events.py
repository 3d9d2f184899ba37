"""What truly happened, in order: the record that tests compare a client's belief with."""

import json
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

    def line(self) -> str:
        """Return it as a line of JSON; the same seed and calls give the same lines."""
        return json.dumps([str(figure) for figure in self], separators=(",", ":"))


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
