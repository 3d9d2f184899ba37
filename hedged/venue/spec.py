"""What the gateway is told about one venue of the configuration."""

from dataclasses import dataclass, field

from hedged.core.types import Environment, Kind


@dataclass(frozen=True, slots=True)
class VenueSpec:
    """One account at one venue, as plain values: secrets are resolved, nothing is looked up."""

    name: str  # the venue's name in the configuration
    exchange: str  # ccxt's id
    environment: Environment
    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(default="", repr=False)  # the third part of a key, where it has one
    testnet: str = "testnet"  # which test environment, where a venue has two: testnet | demo
    url: str | None = None  # of a local server, with environment "sim" only
    timeout_s: float = 10.0  # longest wait for one operation, retries included
    arranges: bool = False  # whether its margin mode and leverage may be set
    coins: tuple[str, ...] = ()  # that count there
    symbols: tuple[str, ...] = ()  # to be traded: `open` checks their position mode
    moves: bool = False  # coins may be moved between the owner's accounts

    @property
    def world(self) -> str:
        """What a profile calls the environment."""
        is_test = self.environment is Environment.TESTNET
        return self.testnet if is_test else self.environment.value


def kind_of(symbol: str) -> Kind:
    """The kind that the unified symbol of a contract tells: an inverse one settles in its coin."""
    return Kind.INVERSE if settle_of(symbol) == symbol.partition("/")[0] else Kind.LINEAR


def settle_of(symbol: str) -> str:
    """The coin that the unified symbol of a contract says it settles in."""
    return symbol.partition(":")[2].partition("-")[0]
