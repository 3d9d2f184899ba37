"""The kinds of fault: what each does, and which requests it strikes unless told otherwise."""

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import NamedTuple

from hedged.sim.dialect import Purpose


class Kind(StrEnum):
    """The kinds of fault; `TRAITS` tells what each one does."""

    REQUEST_LOST = auto()
    REPLY_LOST = auto()
    RESET = auto()
    HANG = auto()
    DELAY = auto()

    STATUS = auto()
    HTML = auto()
    TRUNCATED = auto()
    RATE_LIMIT = auto()
    MAINTENANCE = auto()
    CODE = auto()
    KEY_EXPIRED = auto()
    IP_REFUSED = auto()
    CLOCK_SKEW = auto()

    EMPTY = auto()
    ZERO = auto()
    MISSING_COIN = auto()
    STALE = auto()
    PRICE = auto()
    CROSSED = auto()
    NOT_FOUND = auto()
    INVISIBLE = auto()
    DUPLICATE_FILLS = auto()
    UNORDERED_FILLS = auto()

    LATE_FILL = auto()
    THIN_BOOK = auto()

    STREAM_REFUSED = auto()
    STREAM_CLOSED = auto()
    STREAM_SILENT = auto()


class Trait(NamedTuple):
    """What a kind does, and its defaults.

    `needs` names the fields that must be given. A lasting kind describes a state: it strikes until
    it is lifted, unless `times` is given. `accepted` is whether the exchange does what it is asked.
    """

    meaning: str
    method: str = "*"
    purposes: tuple[Purpose, ...] = (Purpose.ANY,)
    needs: tuple[str, ...] = ()
    is_lasting: bool = False
    accepted: bool = False


_READS = (Purpose.WALLET, Purpose.POSITIONS)
_QUOTES = (Purpose.TICKERS, Purpose.BOOKS)
_STREAMS = (Purpose.STREAMS,)

TRAITS: Mapping[Kind, Trait] = {
    # the network
    Kind.REQUEST_LOST: Trait("the connection closes; the exchange never saw the request"),
    Kind.REPLY_LOST: Trait("it is done, and the connection closes without a reply", accepted=True),
    Kind.RESET: Trait(
        "it is done, and the connection is reset in the middle of the reply", accepted=True
    ),
    Kind.HANG: Trait("the connection stays open and nothing ever comes back"),
    Kind.DELAY: Trait(
        "it takes `seconds`: on the way in or, accepted, on the way back", needs=("seconds",)
    ),
    # the venue's front door
    Kind.STATUS: Trait("an HTTP error `status` with a page in HTML", needs=("status",)),
    Kind.HTML: Trait("HTTP status 200 with a page in HTML", accepted=True),
    Kind.TRUNCATED: Trait("HTTP status 200 with the first half of the JSON", accepted=True),
    Kind.RATE_LIMIT: Trait(
        "too many requests: the venue's code with HTTP `status` (429), Retry-After in `seconds` (1)"
    ),
    Kind.MAINTENANCE: Trait(
        "HTTP status 503 for everything, websockets cut off and refused", is_lasting=True
    ),
    Kind.CODE: Trait("the venue's return `code` and `message`", needs=("code",)),
    Kind.KEY_EXPIRED: Trait("signed requests: the key has expired", is_lasting=True),
    Kind.IP_REFUSED: Trait("signed requests: not from this address", is_lasting=True),
    Kind.CLOCK_SKEW: Trait(
        "the venue's clock is `seconds` fast (< 0: slow), over HTTP",
        "[GP]*",
        needs=("seconds",),
        is_lasting=True,
        accepted=True,
    ),
    # what replies say
    Kind.EMPTY: Trait("the list in the reply is empty", "GET", _READS, accepted=True),
    Kind.ZERO: Trait("the amounts in the reply are 0", "GET", _READS, accepted=True),
    Kind.MISSING_COIN: Trait(
        "the wallet lacks `coin`", "GET", (Purpose.WALLET,), needs=("coin",), accepted=True
    ),
    Kind.STALE: Trait(
        "the reply that the same question got before, or so many `seconds` before (when it is new: "
        "the first one)",
        "GET",
        is_lasting=True,
        accepted=True,
    ),
    Kind.PRICE: Trait(
        'prices are `value`: "0", "NaN", or "x10" for ten times as high',
        "*",
        _QUOTES,
        needs=("value",),
        is_lasting=True,
        accepted=True,
    ),
    Kind.CROSSED: Trait("bids are above asks", "*", _QUOTES, is_lasting=True, accepted=True),
    Kind.NOT_FOUND: Trait(
        "look-ups of orders find nothing", "GET", (Purpose.LOOK_UPS,), accepted=True
    ),
    Kind.INVISIBLE: Trait(
        "orders and fills are not listed in their first `seconds`",
        "GET",
        (Purpose.LOOK_UPS, Purpose.FILLS),
        needs=("seconds",),
        is_lasting=True,
        accepted=True,
    ),
    Kind.DUPLICATE_FILLS: Trait(
        "fills come twice, websockets too", "*", (Purpose.FILLS,), accepted=True
    ),
    Kind.UNORDERED_FILLS: Trait(
        "fills come out of order, websockets too", "*", (Purpose.FILLS,), accepted=True
    ),
    # what becomes of orders
    Kind.LATE_FILL: Trait(
        "the cancel is acknowledged, and `seconds` (0) later the order fills after all",
        "*",
        (Purpose.CANCEL,),
        accepted=True,
    ),
    Kind.THIN_BOOK: Trait(
        "the order meets a book of `value` US dollars on each side",
        "*",
        (Purpose.CREATE,),
        needs=("value",),
        accepted=True,
    ),
    # websockets
    Kind.STREAM_REFUSED: Trait("websockets cannot be opened", "WS", _STREAMS, is_lasting=True),
    Kind.STREAM_CLOSED: Trait("open websockets are cut off", "WS", _STREAMS),
    Kind.STREAM_SILENT: Trait(
        "websockets stay open and send nothing", "WS", _STREAMS, is_lasting=True
    ),
}
