"""Certificates: what `hedged certify` has seen a venue do with orders of ours, with small money.

Units, signs and errors differ by venue, and what translates them for us may change with any of its
versions. So real money moves only in contracts of which a trial has shown that an order means there
what we mean by it. A certificate holds as long as what was tried is what would be used: the same
version of ccxt, and a contract of the same specification. Lot and tick are no part of it: they are
read from the listing before every order, and differ between a testnet and the real market. A
trial on the embedded exchange proves the program, and nothing about a venue.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from hedged.core.decimals import plain
from hedged.core.types import Environment, Instrument, Kind


@dataclass(frozen=True, slots=True)
class Certificate:
    """One contract at one exchange, in one of its worlds."""

    exchange: str
    environment: Environment
    symbol: str  # unified
    kind: Kind
    base: str
    settle: str
    contract_size: Decimal  # USD per contract (inverse), coins per contract (linear)
    ccxt: str  # its version
    hedged: str  # ours: told, and no condition
    at: datetime

    @property
    def about(self) -> tuple[str, Environment, str]:
        """What a newer certificate replaces."""
        return self.exchange, self.environment, self.symbol


def specification(contract: Instrument | Certificate) -> str:
    """What has to be the same, in words."""
    unit = "USD" if contract.kind is Kind.INVERSE else contract.base
    return (
        f"{contract.kind.value} on {contract.base}, settled in {contract.settle}, "
        f"{plain(contract.contract_size)} {unit} a contract"
    )


@dataclass(frozen=True, slots=True)
class Proven:
    """The certificates that there are, for the venues of a configuration."""

    exchanges: Mapping[str, str] = field(default_factory=dict)  # by the venue's name
    certificates: tuple[Certificate, ...] = ()
    ccxt: str = ""  # the version in use

    def lack(self, instruments: Iterable[Instrument]) -> str | None:
        """Why real money may not move in these contracts; None: it may."""
        lacks = dict.fromkeys(lack for i in instruments for lack in self._lacks(i))
        return "; ".join(lacks) or None

    def _lacks(self, instrument: Instrument) -> Iterator[str]:
        exchange = self.exchanges.get(instrument.venue, instrument.venue)
        what, way = (
            f"{instrument.symbol} at {exchange}",
            f"hedged certify --venue {instrument.venue}, with the configuration of its testnet",
        )
        held = [
            certificate
            for certificate in self.certificates
            if (certificate.exchange, certificate.symbol) == (exchange, instrument.symbol)
            and certificate.environment is not Environment.SIM
        ]
        if not held:
            yield f"{what} has no certificate: {way}"
            return
        if any(self._fits(certificate, instrument) for certificate in held):
            return
        newest = max(held, key=lambda certificate: certificate.at)
        if newest.ccxt != self.ccxt:
            yield f"{what} was certified with ccxt {newest.ccxt}, this is {self.ccxt}: {way}"
        else:
            was, now = specification(newest), specification(instrument)
            yield f"{what} was certified as {was}, and is {now}: {way}"

    def _fits(self, certificate: Certificate, instrument: Instrument) -> bool:
        same = specification(certificate) == specification(instrument)
        return same and certificate.ccxt == self.ccxt


NOTHING_PROVEN = Proven()
