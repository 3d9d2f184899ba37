"""What a contract is, as the journal has it, against how its venue lists it now. Pure.

All that was decided about a position rests on what one contract is: USD or coins, how many of them,
settled in what. A venue that lists it otherwise one day has made another contract of it, or has
told nonsense; either way nothing may be sent by the old reckoning, and none but a person can say
that the new one is right. Steps of price and size are another matter: they change now and then,
orders follow them, and it is enough to write that down.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

from hedged.core.decimals import plain
from hedged.core.types import Instrument, Kind

Key = tuple[str, str]  # venue and symbol


@dataclass(frozen=True, slots=True)
class Listed:
    """How a venue lists a contract: the first time, and whenever it differs."""

    kind: ClassVar[str] = "listing"
    venue: str
    symbol: str
    pays: Kind
    base: str
    settle: str
    contract_size: Decimal  # USD per contract (inverse), coins per contract (linear)
    lot: Decimal  # contracts
    tick: Decimal  # USD per coin
    min_contracts: Decimal
    adopted: bool  # False: another contract than the one on record, until an operator has seen it

    @property
    def nature(self) -> tuple[object, ...]:
        """What makes it this contract and no other."""
        return (self.pays, self.base, self.settle, self.contract_size)

    @property
    def text(self) -> str:
        """The contract in words."""
        unit = "USD" if self.pays is Kind.INVERSE else self.base
        size = f"{plain(self.contract_size)} {unit} a contract"
        return f"{self.pays.value} on {self.base}, settled in {self.settle}, {size}"

    @property
    def steps(self) -> str:
        """The steps in words."""
        return f"lot {plain(self.lot)}, tick {plain(self.tick)}, least {plain(self.min_contracts)}"


def listed(instrument: Instrument, *, adopted: bool = True) -> Listed:
    """An instrument as the journal has it."""
    return Listed(
        venue=instrument.venue,
        symbol=instrument.symbol,
        pays=instrument.kind,
        base=instrument.base,
        settle=instrument.settle,
        contract_size=instrument.contract_size,
        lot=instrument.lot,
        tick=instrument.tick,
        min_contracts=instrument.min_contracts,
        adopted=adopted,
    )


def relisted(known: Listed | None, doubted: Listed | None, instrument: Instrument) -> Listed | None:
    """What to write down of an instrument; None: it is as it was."""
    now = listed(instrument)
    if known is not None and now.nature != known.nature:
        now = replace(now, adopted=False)
        return None if now == doubted else now
    return None if now == known and doubted is None else now


def freezes(
    known: Mapping[Key, Listed], doubted: Mapping[Key, Listed]
) -> Iterator[tuple[Key, str]]:
    """Instruments that are another contract than the one on record, with both in words."""
    for key, now in doubted.items():
        before = known[key].text if key in known else "nothing"
        yield key, f"the venue lists it as {now.text}; on record is {before}"
