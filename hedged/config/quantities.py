"""How numbers, fractions and durations are written in the file, and what they become.

Fractions are written "0.25%" or 0.0025 and become 0.0025; durations are written "10s" and
become seconds; quantities of coins are numbers or, to keep every digit in sight, plain decimal
strings. A reader refuses what it does not understand with a message that says what it would
have understood, and gives the JSON Schema of what a user may write.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Final

from pydantic.json_schema import JsonSchemaValue

from hedged.config.problems import did_you_mean, refusal, shown

_PLAIN: Final = r"[0-9]+(?:\.[0-9]+)?"
_SIGN: Final = "[+-]?"
_SIGNED: Final = re.compile(rf"{_SIGN}{_PLAIN}")
_MOST_DIGITS: Final = 20  # before the point, and after it: far beyond any coin or price
_UNIT_SECONDS: Final = {
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86400),
}
_DURATION: Final = re.compile(rf"({_PLAIN})(ms|s|m|h|d)")
_LOOSE_DURATION: Final = re.compile(rf"({_PLAIN}) *(ms|s|m|h|d|)[a-z]*")
_PERCENTAGE: Final = re.compile(rf"([+-]?{_PLAIN}) ?%")
_BAND_POINTS: Final = {"target": Decimal(0), "edge": Decimal(1)}


def number(value: object, expected: str) -> Decimal:
    """A TOML number or a plain decimal string, exactly; never a boolean, NaN or infinity."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise refusal(f"must be {expected}, not {shown(value)}")
    if isinstance(value, str) and not _SIGNED.fullmatch(value):
        raise refusal(f"must be {expected}, not {shown(value)}")
    parsed = Decimal(value)
    if not parsed.is_finite():
        raise refusal(f"must be {expected}; nan and inf are not numbers to hedge by")
    if len(parsed.as_tuple().digits) > 2 * _MOST_DIGITS or abs(parsed.adjusted()) > _MOST_DIGITS:
        raise refusal(f"must be {expected}; this number has too many digits")
    return parsed


def coins(value: object) -> Decimal:
    """A quantity of coins, never negative."""
    expected = 'a number of coins such as 2.5 or "2.5", at least 0'
    parsed = number(value, expected)
    if parsed < 0:
        raise refusal(f"must be {expected}, not {shown(value)}")
    return parsed


COINS_SCHEMA: Final[JsonSchemaValue] = {
    "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": f"^{_PLAIN}$"}]
}


@dataclass(frozen=True, slots=True)
class Fraction:
    """Reads a share of something, as a percentage or as a fraction, within bounds."""

    expected: str  # in words, with the bounds
    low: Decimal
    high: Decimal
    above_low: bool = False  # the lower bound itself is refused

    def __call__(self, value: object) -> Decimal:
        """The fraction: "0.25%" gives 0.0025."""
        if isinstance(value, str) and (percentage := _PERCENTAGE.fullmatch(value)):
            fraction = _hundredth(number(percentage.group(1), self.expected))
            hint = ""
        else:
            fraction = number(value, self.expected)
            # 25 for 25 % is a slip; 1.6, just above a bound of 1.5, is not.
            meant_percent = fraction >= 2 * self.high and self._contains(_hundredth(fraction))
            hint = f'; did you mean "{fraction:f}%"?' if meant_percent else ""
        if not self._contains(fraction):
            raise refusal(f"must be {self.expected}, not {shown(value)}{hint}")
        return fraction

    def _contains(self, fraction: Decimal) -> bool:
        return self.low <= fraction <= self.high and not (self.above_low and fraction == self.low)

    @property
    def schema(self) -> JsonSchemaValue:
        """What a user may write."""
        low = "exclusiveMinimum" if self.above_low else "minimum"
        return {
            "anyOf": [
                {"type": "number", low: float(self.low), "maximum": float(self.high)},
                {"type": "string", "pattern": f"^{_SIGN if self.low < 0 else ''}{_PLAIN}%?$"},
            ]
        }


def _hundredth(percentage: Decimal) -> Decimal:
    with localcontext(prec=2 * _MOST_DIGITS):
        return percentage.scaleb(-2)


RATIO: Final = Fraction('a ratio such as 0.5 or "50%", from 0 to 1.5', Decimal(0), Decimal("1.5"))
BAND: Final = Fraction(
    'a percentage such as "0.25%" or a fraction such as 0.0025, above 0 and at most 50%',
    Decimal(0),
    Decimal("0.5"),
    above_low=True,
)
SHARE: Final = Fraction(
    'a percentage such as "50%" or a fraction such as 0.5, above 0 and at most 100%',
    Decimal(0),
    Decimal(1),
    above_low=True,
)
COLLAR: Final = Fraction(
    'a percentage such as "5%" or a fraction such as 0.05, from 0.1% to 50%',
    Decimal("0.001"),
    Decimal("0.5"),
)
JUMP: Final = Fraction(
    'a percentage such as "50%" or a fraction such as 0.5, from 1% to 1000%',
    Decimal("0.01"),
    Decimal(10),
)
CARRY_FLOOR: Final = Fraction(
    'a rate per year such as "-10%" or -0.1, from -1000% to 1000%', Decimal(-10), Decimal(10)
)
BASIS_BOUND: Final = Fraction(
    'a share of the index such as "0.5%" or 0.005, from -20% to 20%',
    Decimal("-0.2"),
    Decimal("0.2"),
)
SLIPPAGE: Final = Fraction(
    'a percentage such as "0.1%" or a fraction such as 0.001, from 0.01% to 5%',
    Decimal("0.0001"),
    Decimal("0.05"),
)
JITTER: Final = Fraction(
    'a percentage such as "50%" or a fraction such as 0.5, from 0% to 100%',
    Decimal(0),
    Decimal(1),
)
_BAND_SHARE: Final = Fraction(
    '"target", "edge" or a fraction of the band such as 0.5, from 0 to 1', Decimal(0), Decimal(1)
)


def band_share(value: object) -> Decimal:
    """How far from the target a correction stops, as a fraction of the band."""
    if isinstance(value, str) and value.isalpha():
        if value in _BAND_POINTS:
            return _BAND_POINTS[value]
        near = did_you_mean(value, _BAND_POINTS)
        raise refusal(f"must be {_BAND_SHARE.expected}, not {shown(value)}{near}")
    return _BAND_SHARE(value)


BAND_SHARE_SCHEMA: Final[JsonSchemaValue] = {
    "anyOf": [{"enum": list(_BAND_POINTS)}, *_BAND_SHARE.schema["anyOf"]]
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """Reads a plain number within bounds, whole where it must be."""

    expected: str  # in words, with the bounds
    low: Decimal
    high: Decimal
    whole: bool = False

    def __call__(self, value: object) -> Decimal:
        """The number."""
        found = number(value, self.expected)
        is_odd = self.whole and found != found.to_integral_value()
        if not self.low <= found <= self.high or is_odd:
            raise refusal(f"must be {self.expected}, not {shown(value)}")
        return found

    @property
    def schema(self) -> JsonSchemaValue:
        """What a user may write."""
        return {
            "anyOf": [
                {"type": "number", "minimum": float(self.low), "maximum": float(self.high)},
                {"type": "string", "pattern": f"^{_PLAIN}$"},
            ]
        }


def counted(reader: Quantity) -> Callable[[object], int]:
    """A reader of whole numbers as `int`."""

    def read(value: object) -> int:
        return int(reader(value))

    return read


_MOST: Final = Decimal(10) ** 12
USD_AMOUNT: Final = Quantity('an amount in USD such as 50000 or "2500.50"', Decimal(0), _MOST)
WEIGHT: Final = Quantity(
    "a weight such as 1 or 0.5, from 0.001 to 1000", Decimal("0.001"), Decimal(1000)
)
BETA: Final = Quantity("a number such as 1.1, from 0.01 to 10", Decimal("0.01"), Decimal(10))
OUTER_BAND: Final = Quantity("a number of bands such as 3, from 1 to 100", Decimal(1), Decimal(100))
LEVERAGE: Final = Quantity("a leverage such as 4, from 0.1 to 100", Decimal("0.1"), Decimal(100))
RISK_AVERSION: Final = Quantity(
    "a number such as 10, from 0.1 to 1000", Decimal("0.1"), Decimal(1000)
)
PRIORITY: Final = Quantity("a whole number from 1 to 99", Decimal(1), Decimal(99), whole=True)
STEPS: Final = Quantity("a whole number from 1 to 100", Decimal(1), Decimal(100), whole=True)
STAMPS: Final = Quantity("a whole number from 1 to 400", Decimal(1), Decimal(400), whole=True)
ORDERS: Final = Quantity("a whole number from 1 to 3600", Decimal(1), Decimal(3600), whole=True)
TICKS: Final = Quantity("a whole number from 1 to 1000", Decimal(1), Decimal(1000), whole=True)
RATE: Final = Quantity(
    'a rate such as 1.1832, from 0.000001 to 1000000, or "observed"',
    Decimal("0.000001"),
    Decimal(1_000_000),
)


@dataclass(frozen=True, slots=True)
class Duration:
    """Reads "250ms", "10s", "5m", "2h" or "1d" as seconds, within bounds."""

    low_s: Decimal
    high_s: Decimal
    bounds: str  # in words

    def __call__(self, value: object) -> Decimal:
        """The duration in seconds."""
        match = _DURATION.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise refusal(f"must be {self.expected}, not {shown(value)}{_nearest_duration(value)}")
        seconds = number(match.group(1), self.expected) * _UNIT_SECONDS[match.group(2)]
        if not self.low_s <= seconds <= self.high_s:
            raise refusal(f"must be {self.expected}, not {shown(value)}")
        return seconds

    @property
    def expected(self) -> str:
        """What may be written, in words."""
        return f'a duration such as "250ms", "10s", "5m", "2h" or "1d", {self.bounds}'

    @property
    def schema(self) -> JsonSchemaValue:
        """What a user may write."""
        return {"type": "string", "pattern": f"^{_DURATION.pattern}$"}


def _nearest_duration(value: object) -> str:
    """A suggestion for 10, "10", "10 s", "10S" or "10 seconds"."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return ""
    match = _LOOSE_DURATION.fullmatch(shown(value).strip('"').strip().lower())
    return f'; did you mean "{match.group(1)}{match.group(2) or "s"}"?' if match else ""


COOLDOWN: Final = Duration(Decimal(0), Decimal(86_400), "0s to 1d")
TRANSIT: Final = Duration(Decimal(0), Decimal(604_800), "0s to 7d")
RAMP: Final = Duration(Decimal(0), Decimal(604_800), "0s to 7d")
SPAN: Final = Duration(Decimal(60), Decimal(2_678_400), "1m to 31d")
PATIENCE: Final = Duration(Decimal(5), Decimal(86_400), "5s to 1d")
REPRICE: Final = Duration(Decimal("0.2"), Decimal(3600), "200ms to 1h")
SLICE_SPAN: Final = Duration(Decimal(10), Decimal(604_800), "10s to 7d")
LASTING: Final = Duration(Decimal(1), Decimal(86_400), "1s to 1d")
REPEAT: Final = Duration(Decimal(60), Decimal(86_400), "1m to 1d")
BEAT: Final = Duration(Decimal(1), Decimal(3600), "1s to 1h")
TIMEOUT: Final = Duration(
    Decimal("0.05"), Decimal(120), '1s to 2m (from 50ms with environment = "sim")'
)
WAIT: Final = Duration(
    Decimal("0.05"), Decimal(3600), '1s to 1h (from 50ms with environment = "sim")'
)
