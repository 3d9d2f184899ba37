"""The form of a dead-man switch that hangs on a websocket."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

Frame = Mapping[str, object]  # a message to a websocket


@dataclass(frozen=True, slots=True)
class Switch:
    """A dead-man switch that cancels the account's orders when a private websocket is lost."""

    path: str  # of the websocket
    # Given the client and seconds: have the venue wait so long; whether it says that it does.
    has_window: Callable[[Any, int], Awaitable[bool]]
    # Given key, secret and the venue's time in ms: what opens the websocket, one after the other.
    greeting: Callable[[str, str, int], tuple[Frame, ...]]
    ping: Frame
    farewell: Frame  # after it the loss of the websocket means nothing
    # Given a frame and what came back: whether it was done; None: that is no answer to it.
    is_taken: Callable[[Frame, Mapping[str, Any]], bool | None]
