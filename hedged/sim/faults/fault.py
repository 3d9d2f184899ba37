"""A fault: what goes wrong, and which requests it strikes.

`path` is a purpose such as "create", or a pattern such as "/v5/order/*", `method` GET, POST or WS,
`account` a name, `containing` a text that the query or the body contains (a symbol, a client id);
left out, the kind says. Then `skip` lets so many matching requests pass, `times` is how many are
struck (0: no end), `rate` the chance of each, and `lasts_s` ends the fault.

`accepted` says whether the exchange does what it is asked all the same: the whole difference
between an order that exists and one that does not. Most kinds leave no choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from typing import NamedTuple

from hedged.sim.decimals import ONE, ZERO
from hedged.sim.dialect import Purpose
from hedged.sim.faults.kinds import TRAITS, Kind, Trait

_PURPOSES = frozenset(Purpose)
_HTTP_ERRORS = range(400, 600)
# Kinds after which the request may have been carried out or not; of the others it is certain.
_EITHER_WAY = frozenset({Kind.HANG, Kind.DELAY, Kind.STATUS, Kind.HTML, Kind.CODE})


class FaultError(ValueError):
    """A fault that makes no sense, with the reason in one line."""


class Call(NamedTuple):
    """What a client asks: a request, an order over a websocket, a message that it waits for."""

    method: str
    path: str
    account: str
    text: str
    purposes: frozenset[Purpose] = frozenset({Purpose.ANY})
    is_signed: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; see the module for which requests it strikes, `kinds` for what it does."""

    kind: Kind
    method: str = ""
    path: str = ""
    account: str = ""
    containing: str = ""
    skip: int = 0
    times: int | None = None
    rate: Decimal = ONE
    lasts_s: Decimal = ZERO
    accepted: bool | None = None
    seconds: Decimal = ZERO
    status: int = 0
    code: int = 0
    message: str = ""
    coin: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        missing = next((name for name in self.trait.needs if not getattr(self, name)), None)
        if missing is not None:
            raise FaultError(f"{self.kind} needs {missing}: {self.trait.meaning}")
        if self.accepted is not None and self.kind not in _EITHER_WAY:
            raise FaultError(f"accepted is not for {self.kind}: {self.trait.meaning}")
        if self.path and self.path[0] not in "/*" and self.path not in _PURPOSES:
            known = ", ".join(Purpose)
            raise FaultError(f"path must begin with / or be one of {known}, not {self.path}")
        if not ZERO < self.rate <= ONE:
            raise FaultError(f"rate must be above 0 and at most 1, not {self.rate}")
        if self.skip < 0 or (self.times or 0) < 0 or self.lasts_s < 0:
            raise FaultError("skip, times and lasts_s must not be negative")
        if self.seconds < 0 and self.kind is not Kind.CLOCK_SKEW:
            raise FaultError("seconds must not be negative")
        if self.status and self.status not in _HTTP_ERRORS and self.kind is Kind.STATUS:
            raise FaultError(f"status must be an HTTP error, not {self.status}")
        if self.kind is Kind.PRICE and self.value not in ("0", "NaN"):
            _decimal("value", self.value.removeprefix("x"))
        if self.kind is Kind.THIN_BOOK and _decimal("value", self.value) <= 0:
            raise FaultError("value must be above 0")

    @property
    def trait(self) -> Trait:
        """What the kind does."""
        return TRAITS[self.kind]

    @property
    def is_accepted(self) -> bool:
        """Whether the exchange does what it is asked."""
        return self.trait.accepted if self.accepted is None else self.accepted

    @property
    def limit(self) -> int:
        """How many requests it strikes; 0 when there is no end."""
        if self.times is None:
            return 0 if self.trait.is_lasting or self.lasts_s else 1
        return self.times

    def concerns(self, call: Call) -> bool:
        """Say whether a call is one that it may strike."""
        if self.kind in (Kind.KEY_EXPIRED, Kind.IP_REFUSED) and not call.is_signed:
            return False
        if self.path in _PURPOSES:
            is_there = Purpose(self.path) in call.purposes
        elif self.path:
            is_there = fnmatchcase(call.path, self.path)
        else:
            is_there = any(purpose in call.purposes for purpose in self.trait.purposes)
        return (
            is_there
            and fnmatchcase(call.method, self.method or self.trait.method)
            and self.account in ("", call.account)
            and self.containing in call.text
        )


def fault_of(given: Mapping[str, object]) -> Fault:
    """Read a fault from JSON or TOML values."""
    known = [field.name for field in fields(Fault)]
    unknown = next((name for name in given if name not in known), None)
    if unknown is not None:
        raise FaultError(f"a fault has no {unknown}; it has: {', '.join(known)}")
    try:
        kind = Kind(str(given.get("kind", "")))
    except ValueError:
        raise FaultError(f"kind must be one of: {', '.join(Kind)}") from None
    read = {name: _read(name, value) for name, value in given.items() if name != "kind"}
    return Fault(kind, **read)  # type: ignore[arg-type] # each value was read as its field's type


def _read(name: str, value: object) -> object:
    if name == "accepted":
        if not isinstance(value, bool):
            raise FaultError("accepted must be true or false")
        return value
    if name in ("skip", "times", "status", "code"):
        number = _decimal(name, value)
        if number != int(number):
            raise FaultError(f"{name} must be a whole number, not {value}")
        return int(number)
    if name in ("rate", "lasts_s", "seconds"):
        return _decimal(name, value)
    return str(value)


def _decimal(name: str, value: object) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise FaultError(f"{name} must be a number, not {value}") from None
    if not number.is_finite() or abs(number.adjusted()) > 15:  # noqa: PLR2004 - beyond any use
        raise FaultError(f"{name} is out of range: {value}")
    return number
