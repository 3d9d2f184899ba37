"""What the web shows and may ask for: the parts of a living daemon, none of which can trade."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hedged.config import Settings
from hedged.core.events import StateChanged
from hedged.core.types import Execution, TradingState
from hedged.engine.control import Perform
from hedged.ops.notify import Outbox
from hedged.ports import Clock, Journal, Venue


@dataclass(frozen=True, slots=True)
class Subject:
    """One daemon, as far as those who look at it need to know it."""

    settings: Settings
    execution: Execution
    journal: Journal | None  # None: a dry-run, which records nothing
    venues: Mapping[str, Venue]
    perform: Perform  # what an operator says, as on the control socket
    wake: Callable[[], None]
    clock: Clock
    started_at: datetime
    outboxes: Callable[[], Sequence[Outbox]] = tuple  # where alerts wait to be delivered
    unrecorded: Callable[[], StateChanged | None] = lambda: None  # a halt, in force all the same

    @property
    def state(self) -> TradingState:
        """What the operator, or a fault, allows."""
        if self.unrecorded() is not None:
            return TradingState.HALTED
        return TradingState.ACTIVE if self.journal is None else self.journal.ledger.state
