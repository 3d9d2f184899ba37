"""What may go wrong between the daemon and the world, by the call that it strikes."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Call(StrEnum):
    """What the daemon asks of the outside."""

    ACCOUNT = "account"
    QUOTE = "quote"
    OPEN_ORDERS = "open-orders"
    FILLS = "fills"
    SUBMIT = "submit"
    FIND = "find"
    CANCEL = "cancel"
    SWITCH = "dead-man switch"


class Fault(StrEnum):
    """One way in which one call goes wrong."""

    DOWN = "down"  # 503, reset, DNS, rate limit: no answer
    KEY = "key refused"
    SLOW = "slow"  # up to 30 s, then the truth

    ZERO = "zero"  # an account of nothing
    FLAT = "flat"  # the positions are left out
    STALE = "stale"  # the account of an earlier read
    TORN = "torn"  # balances of an earlier read beside the positions of now

    TENFOLD = "x10"
    CROSSED = "crossed"
    SHALLOW = "no book"  # neither bid nor ask

    NOT_FOUND = "not found"  # there is such an order, and the venue does not find it
    TWICE = "twice"  # every fill is listed twice
    SHUFFLED = "shuffled"
    CURTAILED = "curtailed"  # the latest fill is left out

    LOST = "lost"  # never arrives, no answer
    REFUSED = "refused"  # never arrives, and the venue says so
    UNPROVEN = "unproven"  # accepted, no answer
    LATE = "late"  # no answer, accepted within the venue's window afterwards
    DUPLICATE = "duplicate"  # accepted, and answered as a duplicate of itself
    HIDDEN = "hidden"  # accepted; neither it nor its fills are listed for 10 s
    PARTIAL = "partial"  # meets a thin book


_READ: Final = (Fault.DOWN, Fault.KEY, Fault.SLOW)
POSSIBLE: Final[Mapping[Call, tuple[Fault, ...]]] = {
    Call.ACCOUNT: (*_READ, Fault.ZERO, Fault.FLAT, Fault.STALE, Fault.TORN),
    Call.QUOTE: (*_READ, Fault.TENFOLD, Fault.CROSSED, Fault.SHALLOW),
    Call.OPEN_ORDERS: (*_READ, Fault.NOT_FOUND),
    Call.FILLS: (*_READ, Fault.TWICE, Fault.SHUFFLED, Fault.CURTAILED),
    Call.FIND: (*_READ, Fault.NOT_FOUND),
    Call.CANCEL: (Fault.DOWN, Fault.SLOW, Fault.LOST),
    Call.SWITCH: (*_READ, Fault.LOST),
    Call.SUBMIT: (
        Fault.LOST,
        Fault.REFUSED,
        Fault.UNPROVEN,
        Fault.LATE,
        Fault.DUPLICATE,
        Fault.HIDDEN,
        Fault.PARTIAL,
        Fault.SLOW,
    ),
}
STRIKES: Final[tuple[tuple[Call, Fault], ...]] = tuple(
    (call, fault) for call, faults in POSSIBLE.items() for fault in faults
)
