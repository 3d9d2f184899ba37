"""What an account is worth and what it may still do: its margin.

Positions are carried by a pool of coins. In a unified house it is all coins of the wallet: a coin's
equity is its balance plus the unrealised profit settled in it, and the margin balance adds the
coins in USD, the positive ones with a haircut. Otherwise each coin is a pool of its own, without a
haircut, for what is settled in it. A leg needs initial margin for the worst position that its open
orders can lead to,

    worst = max(|q + buys|, |q - sells|)        (reduce-only orders cannot enlarge it)

valued at the mark, divided by the leverage but at least at the tier's rate. The maintenance margin
of a position is its value times the tier's rate, less the tier's deduction, plus the closing fee.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from hedged.sim.accounts import Account, Wallet
from hedged.sim.decimals import ONE, ZERO, product, quotient, to_coins
from hedged.sim.instruments import Instrument
from hedged.sim.ledger import Ledger
from hedged.sim.liquidation_price import CoinLine, Line, liquidation_factor
from hedged.sim.market import Market
from hedged.sim.orders import Side
from hedged.sim.positions import Position

COLLATERAL_RATIOS: Mapping[str, Decimal] = {
    "BTC": Decimal("0.95"),
    "ETH": Decimal("0.90"),
    "USDT": ONE,
    "USDC": ONE,
}


class LegMargin(NamedTuple):
    """Margin of one leg in its settlement coin: of the position, and on top of it of its orders."""

    position_initial: Decimal
    position_maintenance: Decimal
    order_initial: Decimal


class CoinFigures(NamedTuple):
    """One coin of an account; amounts in the coin, `price` in USD."""

    coin: str
    price: Decimal
    collateral_ratio: Decimal
    balance: Decimal
    unrealised: Decimal
    locked: Decimal
    realised: Decimal
    position_initial: Decimal
    position_maintenance: Decimal
    order_initial: Decimal

    @property
    def equity(self) -> Decimal:
        """Balance plus unrealised profit."""
        return self.balance + self.unrealised

    @property
    def usd(self) -> Decimal:
        """The equity in USD."""
        return product(self.equity, self.price)

    @property
    def collateral_usd(self) -> Decimal:
        """What it counts as margin, in USD; what is owed counts in full."""
        usd = self.usd
        return product(usd, self.collateral_ratio) if usd > 0 else usd

    @property
    def borrowed(self) -> Decimal:
        """What the account owes of the coin."""
        return max(ZERO, -self.balance)


class AccountFigures(NamedTuple):
    """An account in USD, and its coins."""

    coins: tuple[CoinFigures, ...]

    @property
    def equity(self) -> Decimal:
        """All coins at full value."""
        return sum([coin.usd for coin in self.coins], ZERO)

    @property
    def wallet(self) -> Decimal:
        """All balances without unrealised profit."""
        return sum((product(coin.balance, coin.price) for coin in self.coins), ZERO)

    @property
    def unrealised(self) -> Decimal:
        """The unrealised profit of all positions."""
        return sum((product(coin.unrealised, coin.price) for coin in self.coins), ZERO)

    @property
    def margin_balance(self) -> Decimal:
        """What carries positions and orders."""
        return sum([coin.collateral_usd for coin in self.coins], ZERO)

    @property
    def initial_margin(self) -> Decimal:
        """What positions and orders need."""
        needed = (
            product(coin.position_initial + coin.order_initial, coin.price) for coin in self.coins
        )
        return sum(needed, ZERO)

    @property
    def maintenance_margin(self) -> Decimal:
        """Below this margin balance the account is liquidated."""
        return sum([product(coin.position_maintenance, coin.price) for coin in self.coins], ZERO)

    @property
    def available(self) -> Decimal:
        """What new positions and orders may need, >= 0."""
        return max(ZERO, self.margin_balance - self.initial_margin)


class MarginDesk:
    """Values accounts at the prices of the moment."""

    def __init__(
        self,
        ledger: Ledger,
        markets: Mapping[str, Market],
        prices: Mapping[str, Decimal],
        *,
        is_unified: bool = True,
    ) -> None:
        self._ledger = ledger
        self._markets = markets
        self._prices = prices
        self._is_unified = is_unified

    def knows(self, coin: str) -> bool:
        """Say whether the exchange has this coin."""
        return coin in self._prices

    def price(self, coin: str) -> Decimal:
        """Return the coin's index price in USD."""
        return self._prices[coin]

    def leg_margin(self, account: Account, position: Position) -> LegMargin:
        """Return the margin of a leg."""
        instrument, quantity = position.instrument, position.quantity
        key, index = instrument.key, position.index
        bought = account.waiting(key, index, Side.BUY)
        sold = account.waiting(key, index, Side.SELL)
        held = maintenance = ZERO
        if quantity:
            value = instrument.value(quantity, self._markets[key].mark)
            tier = instrument.tier(value)
            held = product(value, max(account.leverage_rate(key), tier.initial_rate))
            rate = tier.maintenance_rate + instrument.taker_rate
            maintenance = product(value, rate) - tier.deduction
        if not bought and not sold:
            return LegMargin(held, maintenance, ZERO)
        worst = _worst(quantity, bought, sold)
        with_orders = self._initial(account, instrument, worst) if worst > abs(quantity) else held
        return LegMargin(held, maintenance, with_orders - held)

    def added_initial(
        self, account: Account, instrument: Instrument, index: int, side: Side, quantity: Decimal
    ) -> Decimal:
        """Return what a further order would add to the initial margin of a leg."""
        key = instrument.key
        held = account.quantity(key, index)
        bought = account.waiting(key, index, Side.BUY)
        sold = account.waiting(key, index, Side.SELL)
        before = _worst(held, bought, sold)
        if side is Side.BUY:
            after = _worst(held, bought + quantity, sold)
        else:
            after = _worst(held, bought, sold + quantity)
        if after <= before:
            return ZERO
        needed = self._initial(account, instrument, after)
        return needed - self._initial(account, instrument, before) if before else needed

    def _initial(self, account: Account, instrument: Instrument, quantity: Decimal) -> Decimal:
        """Return the initial margin of a position of this size."""
        value = instrument.value(quantity, self._markets[instrument.key].mark)
        rate = max(account.leverage_rate(instrument.key), instrument.tier(value).initial_rate)
        return product(value, rate)

    def coin(self, account: Account, coin: str) -> CoinFigures:
        """Return one coin of an account."""
        settled = [held for held in account.positions.values() if held.instrument.settle == coin]
        return self._coin(account, coin, settled)

    def _coin(self, account: Account, coin: str, settled: list[Position]) -> CoinFigures:
        """Return one coin of an account, given the positions that are settled in it."""
        unrealised = initial = maintenance = for_orders = ZERO
        for position in settled:
            margin = self.leg_margin(account, position)
            unrealised += position.unrealised(self._markets[position.instrument.key].mark)
            initial += margin.position_initial
            maintenance += margin.position_maintenance
            for_orders += margin.order_initial
        return CoinFigures(
            coin,
            price=self._prices[coin],
            collateral_ratio=self._collateral_ratio(coin),
            balance=self._ledger.balance(account.purse(), coin),
            unrealised=to_coins(unrealised) if unrealised else ZERO,
            locked=to_coins(account.locked(coin)) if self._is_unified else ZERO,
            realised=account.realised.get(coin, ZERO),
            position_initial=to_coins(initial) if initial else ZERO,
            position_maintenance=to_coins(maintenance) if maintenance else ZERO,
            order_initial=to_coins(for_orders) if for_orders else ZERO,
        )

    def figures(self, account: Account) -> AccountFigures:
        """Return the account with every coin that it holds, owes or settles in."""
        settled: dict[str, list[Position]] = {
            coin: [] for coin in self._ledger.holdings(account.purse())
        }
        for position in account.positions.values():
            settled.setdefault(position.instrument.settle, []).append(position)
        return AccountFigures(
            tuple([self._coin(account, coin, held) for coin, held in settled.items()])
        )

    def _collateral_ratio(self, coin: str) -> Decimal:
        return COLLATERAL_RATIOS.get(coin, ZERO) if self._is_unified else ONE

    def pools(self, account: Account) -> Iterable[str]:
        """Name the pools that carry positions, by a coin of each."""
        held = (leg.instrument.settle for leg in account.positions.values() if leg.quantity)
        coins = dict.fromkeys(held)
        return list(coins)[:1] if self._is_unified else coins

    def pool(self, account: Account, coin: str) -> AccountFigures:
        """Return the coins that carry what is settled in a coin."""
        if self._is_unified:
            return self.figures(account)
        return AccountFigures((self.coin(account, coin),))

    def carries(self, pool: str, instrument: Instrument) -> bool:
        """Say whether a pool, by a coin of it, carries positions and orders of an instrument."""
        return self._is_unified or (instrument.settle == pool and not instrument.is_spot)

    def spendable(self, account: Account, coin: str) -> Decimal:
        """Return what may be spent of a coin on spot: not locked, not needed for a loss, >= 0."""
        if not self._is_unified:
            held = self._ledger.balance(account.purse(account.spot_wallet), coin)
            return max(ZERO, held - to_coins(account.locked(coin)))
        return _free(self.coin(account, coin))

    def withdrawable(self, account: Account, coin: str, wallet: Wallet | None = None) -> Decimal:
        """Return what may leave a wallet, >= 0; one that carries contracts keeps their margin."""
        wallet = wallet or account.margin_wallet
        if wallet is not account.margin_wallet:
            if wallet is account.spot_wallet:
                return self.spendable(account, coin)
            return self._ledger.balance(account.purse(wallet), coin)
        free = _free(self.coin(account, coin))
        if not account.positions and not account.open_orders:
            return free
        ratio = self._collateral_ratio(coin)
        if not ratio:
            return free
        pool = self.pool(account, coin)
        return min(free, quotient(pool.available, product(self._prices[coin], ratio)))

    def liquidation_price(
        self, account: Account, position: Position, figures: AccountFigures | None = None
    ) -> Decimal | None:
        """Return the mark at which the account would be liquidated, other coins unchanged.

        The account's figures of this moment spare their calculation.
        """
        instrument = position.instrument
        if not position.quantity:
            return None
        figures = figures or self.pool(account, instrument.settle)
        factor = liquidation_factor(
            [self._equity_line(account, coin, instrument.base) for coin in figures.coins],
            self._maintenance_line(account, instrument, figures.maintenance_margin),
            is_rise=position.quantity < 0,
        )
        mark = self._markets[instrument.key].mark
        return None if factor is None else product(mark, factor)

    def _equity_line(self, account: Account, coin: CoinFigures, base: str) -> CoinLine:
        """Return how the equity of a coin follows the price of the base coin."""
        worth, usd = ZERO, coin.usd
        for position in account.positions.values():
            instrument = position.instrument
            if instrument.settle == coin.coin and instrument.base == base:
                mark = self._markets[instrument.key].mark
                worth += product(instrument.worth(position.quantity, mark), coin.price)
        # Dollars of an inverse contract stay while its coins follow; those of a linear one follow.
        fixed = worth if coin.coin == base else usd - worth
        return CoinLine(Line(fixed, usd - fixed), coin.collateral_ratio)

    def _maintenance_line(self, account: Account, moved: Instrument, total: Decimal) -> Line:
        """Return how the maintenance margin of a pool follows the price of an instrument's coin."""
        slope, base = ZERO, moved.base
        for position in account.positions.values():
            instrument, quantity = position.instrument, position.quantity
            if not quantity or instrument.base != base:
                continue
            if not self.carries(moved.settle, instrument):
                continue
            value = instrument.value(quantity, self._markets[instrument.key].mark)
            deduction = instrument.tier(value).deduction
            if instrument.is_inverse:
                moving = -deduction
            else:
                moving = self.leg_margin(account, position).position_maintenance + deduction
            slope += product(moving, self._prices[instrument.settle])
        return Line(total - slope, slope)


def _free(coin: CoinFigures) -> Decimal:
    """Return what of a coin is neither locked nor needed for a loss."""
    return max(ZERO, coin.balance + min(ZERO, coin.unrealised) - coin.locked)


def _worst(held: Decimal, bought: Decimal, sold: Decimal) -> Decimal:
    """Return the largest position that the orders of a leg can lead to."""
    return max(abs(held), abs(held + bought), abs(held - sold))
