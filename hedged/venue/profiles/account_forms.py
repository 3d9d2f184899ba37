"""Forms of an account's rows: coins, positions, and how coins changed; see `forms`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from hedged.core.decimals import ZERO, plain
from hedged.core.types import Amount, CoinBalance, Flow, FlowKind, Kind
from hedged.ports import VenueUnavailable
from hedged.venue.fields import Row
from hedged.venue.profiles.forms import Time, meant
from hedged.venue.profiles.profile import Leg
from hedged.venue.profiles.rows import DUST, check_pnl


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletForm:
    """Rows of which each tells one coin."""

    coin: str
    wallet: tuple[str, ...] = ()  # figures that add up to it; none: the equity without the gains
    equity: str = ""  # empty: what the wallet and the gains make
    gains: tuple[str, ...] = ()  # figures that make the equity of the wallet
    blank_gains: bool = False  # they may be left blank, where there is no position
    dust: Decimal = DUST  # how far figures may be apart that the venue rounds
    own_name: Callable[[str], str] = str  # a coin's, given the venue's for it

    def balances(self, rows: list[Row], coins: Collection[str]) -> tuple[CoinBalance, ...]:
        """Every coin of which the rows tell; of `coins`, the figures must agree."""
        found: dict[str, CoinBalance] = {}
        for row in rows:
            coin = self.own_name(row.text(self.coin))
            if coin in found:
                raise VenueUnavailable(f"wallet: {coin} is listed twice")
            if coin in coins or not self.equity or row.optional(self.equity) is not None:
                named = row.called(f"wallet {coin}")
                found[coin] = self._balance(named, coin, is_wanted=coin in coins)
        return tuple(found.values())

    def _balance(self, row: Row, coin: str, *, is_wanted: bool) -> CoinBalance:
        told = row.number(self.equity) if self.equity else None
        is_told = [
            part for part in self.gains if not self.blank_gains or row.values.get(part) != ""
        ]
        gains = sum((row.number(part) for part in is_told), ZERO)
        parts = sum((row.number(part) for part in self.wallet), ZERO)
        equity = parts + gains if told is None else told
        wallet = parts if self.wallet else equity - gains
        given = wallet + gains
        if is_wanted and abs(equity - given) > self.dust:
            raise VenueUnavailable(
                f"{row.what}: {self.equity} is {plain(equity)}, its parts give {plain(given)}"
            )
        return CoinBalance(wallet=Amount(wallet, coin), equity=Amount(equity, coin))


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionForm:
    """Rows of which each is one position."""

    market: str = "symbol"
    quantity: Callable[[Row], Decimal]  # signed
    entry: str
    pnl: str = ""  # empty: not told
    liquidation: str = "liquidationPrice"
    pnl_from: str = ""  # the price that profit runs from; empty: the entry
    mark: str = "markPrice"  # empty: not told
    in_contracts: bool = True
    kind: Callable[[str], Kind | None] = lambda _: None  # given the market's id; None: the read's

    def leg(self, row: Row, kind: Kind) -> Leg | None:
        """The position of a row; None for a flat one. One in contracts is checked as such later."""
        quantity, market_id = self.quantity(row), row.text(self.market)
        if quantity == 0:
            return None
        has_mark = bool(self.mark and row.optional(self.mark))
        if self.pnl and has_mark and not self.in_contracts:
            prices = row.positive(self.entry), row.positive(self.mark)
            check_pnl(row, self.pnl, self.kind(market_id) or kind, quantity, prices)
        return Leg(
            market_id=market_id,
            quantity=quantity,
            entry=row.positive(self.entry),
            unrealised_pnl=row.number(self.pnl) if self.pnl else None,
            liquidation_price=row.optional_price(self.liquidation),
            mark=row.positive(self.mark) if has_mark else None,
            pnl_from=row.positive(self.pnl_from) if self.pnl_from else None,
            kind=self.kind(market_id),
            in_contracts=self.in_contracts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowForm:
    """Rows of which each is one change of a coin's balance."""

    flow_id: tuple[str, ...] = ("incomeType", "tranId")  # together unique at the venue
    kind: str = "incomeType"
    kinds: Mapping[str, FlowKind]  # any other word is `OTHER`
    change: str = "income"
    coin: str = "asset"
    at: str = "time"
    market: str = "symbol"
    balance: str = ""
    fee: str = ""
    time: Time = Row.time
    fees: frozenset[str] = field(default_factory=frozenset)  # kinds whose change is a fee

    def flow(self, row: Row) -> Flow:
        """One change."""
        told, change = row.name(self.kind), row.number(self.change)
        kind = self.kinds.get(told, FlowKind.OTHER)
        fee = -change if told in self.fees else row.optional(self.fee) or ZERO
        return Flow(
            flow_id="-".join(map(row.name, self.flow_id)),
            kind=kind,
            change=Amount(change, row.text(self.coin)),
            funding=change if kind is FlowKind.FUNDING else ZERO,
            fee=fee,
            balance=row.optional(self.balance),
            at=self.time(row, self.at),
            market=row.optional_text(self.market),
            trade_id="",
            detail=told,
        )


def signed(size: str, side: str, signs: Mapping[str, int]) -> Callable[[Row], Decimal]:
    """A size whose sign another column tells; of a flat row it need not."""

    def quantity(row: Row) -> Decimal:
        found = row.unsigned(size)
        return found * meant(row, side, signs) if found else found

    return quantity
