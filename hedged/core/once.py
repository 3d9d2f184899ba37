"""What the journal records only once: an intent by its client id, and what a venue numbers."""

from collections.abc import Sequence

from hedged.core.events import Event, ExternalChange, Fill, IllegalStepError, Intended
from hedged.core.moves import MoveIntended
from hedged.core.statement import StatementLine


def once(event: Event) -> str | None:
    """The key under which an event may be recorded only once, for those that have one."""
    match event:
        case Intended():
            return f"intent|{event.client_id}"
        case MoveIntended():
            return f"transfer|{event.transfer_id}"
        case Fill():
            return f"trade|{event.trade}"
        case ExternalChange(trade_id=str()):
            return f"trade|{event.trade}"
        case StatementLine():
            return f"line|{event.line}"
        case _:
            return None


def admitted(events: Sequence[Event], taken: frozenset[str]) -> tuple[Event, ...]:
    """The events without what a venue numbers and is recorded already; `taken` are keys in use.

    Raises:
        IllegalStepError: an intent has the client id of another one.
    """
    seen = set(taken)
    fresh = []
    for event in events:
        key = once(event)
        if key is not None and key in seen:
            if isinstance(event, Intended):
                raise IllegalStepError(f"the client id {event.client_id} was used before")
            if isinstance(event, MoveIntended):
                raise IllegalStepError(f"the transfer {event.transfer_id} was made before")
            continue
        if key is not None:
            seen.add(key)
        fresh.append(event)
    return tuple(fresh)
