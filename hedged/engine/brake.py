"""What may leave this process: the operator's last word, in force before it is on record.

A halt takes effect the moment it is said; the store is told at the same time and, when it
cannot take it (a full disk), again at every cycle. Only the journal makes a halt survive a
restart, so whoever says it is told when it is not on record. Everything that lets more through
than before (pause after a halt, resume) is in force only once it is recorded.
"""

import structlog

from hedged.core.events import StateChanged
from hedged.core.types import OrderIntent, TradingState
from hedged.ports import Journal

log = structlog.get_logger("hedged.brake")


class Brake:
    """One for all books of a process."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._unrecorded: StateChanged | None = None
        self._is_held = False

    @property
    def state(self) -> TradingState:
        """What the operator, or a fault, allows."""
        if self._unrecorded is not None:
            return TradingState.HALTED
        return self._journal.ledger.state

    @property
    def unrecorded(self) -> StateChanged | None:
        """A halt that is in force and would not survive a restart; None: all is on record."""
        return self._unrecorded

    def hold(self) -> None:
        """Let no new order leave any more: this process is about to end, or to change."""
        self._is_held = True

    def withholds(self, intent: OrderIntent) -> str:
        """Why an order that was approved a moment ago may not leave any more; empty: it may."""
        if self._is_held:
            return "the process is ending"
        if self.state is TradingState.HALTED:
            return "halted"
        if intent.reduce_only:
            return ""
        if intent.book in self._journal.ledger.flattened:
            return f"{intent.book} is flattened"
        return "only reduce-only orders pass" if self.state is TradingState.REDUCING else ""

    def withholds_move(self, *, is_in: bool) -> str:
        """The same of a transfer: into the trading account, where it adds margin, or out of it."""
        if self._is_held:
            return "the process is ending"
        if self.state is TradingState.HALTED:
            return "halted"
        return "" if is_in or self.state is TradingState.ACTIVE else "only margin is moved in"

    async def say(self, change: StateChanged) -> None:
        """Change the state.

        Raises:
            StoreError: it is not on record; a halt is in force all the same.
        """
        if change.state is TradingState.HALTED:
            self._unrecorded = change
        waiting = self._unrecorded
        await self._journal.append(change)
        if self._unrecorded is waiting:  # no halt was said while this was being recorded
            self._unrecorded = None

    async def halt(self, why: str) -> None:
        """Stop trading for what was found, until an operator resumes; halted already: nothing.

        Raises:
            StoreError: it is not on record; it is in force all the same.
        """
        if self.state is not TradingState.HALTED:
            log.error("halted", why=why)
            await self.say(StateChanged(TradingState.HALTED, "hedged", why))

    async def record(self) -> None:
        """Put on record what could not be so far, where there is such a thing."""
        if self._unrecorded is not None:
            await self.say(self._unrecorded)
