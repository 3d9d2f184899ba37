"""What an account is worth and what it may still do: the unified account's margin.

One wallet of many coins carries all positions. A coin's equity is its balance plus the unrealised
profit settled in it; the margin balance adds the coins in USD, the positive ones with a haircut. A
leg needs initial margin for the worst position that its open orders can lead to,

    worst = max(|q + buys|, |q - sells|)        (reduce-only orders cannot enlarge it)

valued at the mark, divided by the leverage but at least at the tier's rate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from hedged.sim.accounts import Account
from hedged.sim.decimals import ONE, ZERO, product, quotient, to_coins
from hedged.sim.instruments import Instrument
from hedged.sim.ledger import Ledger
from hedged.sim.market import Market
from hedged.sim.orders import Side
from hedged.sim.positions import Position

COLLATERAL_RATIOS: Mapping[str, Decimal] = {
    "BTC": Decimal("0.95"),
    "ETH": Decimal("0.90"),
    "USDT": ONE,
    "USDC": ONE,
}


@dataclass(frozen=True, slots=True)
class LegMargin:
    """Margin of one leg in its settlement coin: of the position, and on top of it of its orders."""

    position_initial: Decimal
    position_maintenance: Decimal
    order_initial: Decimal


@dataclass(frozen=True, slots=True)
class CoinFigures:
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
        return product(self.usd, self.collateral_ratio) if self.equity > 0 else self.usd

    @property
    def borrowed(self) -> Decimal:
        """What the account owes of the coin."""
        return max(ZERO, -self.balance)


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """An account in USD, and its coins."""

    coins: tuple[CoinFigures, ...]

    @property
    def equity(self) -> Decimal:
        """All coins at full value."""
        return sum((coin.usd for coin in self.coins), ZERO)

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
        return sum((coin.collateral_usd for coin in self.coins), ZERO)

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
        return sum((product(coin.position_maintenance, coin.price) for coin in self.coins), ZERO)

    @property
    def available(self) -> Decimal:
        """What new positions and orders may need, >= 0."""
        return max(ZERO, self.margin_balance - self.initial_margin)


class MarginDesk:
    """Values accounts at the prices of the moment."""

    def __init__(
        self, ledger: Ledger, markets: Mapping[str, Market], prices: Mapping[str, Decimal]
    ) -> None:
        self._ledger = ledger
        self._markets = markets
        self._prices = prices

    def price(self, coin: str) -> Decimal:
        """Return the coin's index price in USD."""
        return self._prices[coin]

    def leg_margin(
        self,
        account: Account,
        position: Position,
        *,
        more_bought: Decimal = ZERO,
        more_sold: Decimal = ZERO,
    ) -> LegMargin:
        """Return the margin of a leg, also as it would be with further orders."""
        instrument, quantity = position.instrument, position.quantity
        mark = self._markets[instrument.symbol].mark
        bought = more_bought + account.waiting(instrument.symbol, position.index, Side.BUY)
        sold = more_sold + account.waiting(instrument.symbol, position.index, Side.SELL)
        worst = max(abs(quantity + bought), abs(quantity - sold), abs(quantity))
        held_value = instrument.value(quantity, mark)
        held_tier = instrument.tier(held_value)
        held = product(held_value, self._initial_rate(account, instrument, held_value))
        worst_value = instrument.value(worst, mark)
        total = product(worst_value, self._initial_rate(account, instrument, worst_value))
        return LegMargin(
            position_initial=held,
            position_maintenance=product(held_value, held_tier.maintenance_rate),
            order_initial=total - held,
        )

    @staticmethod
    def _initial_rate(account: Account, instrument: Instrument, value: Decimal) -> Decimal:
        by_leverage = quotient(ONE, account.leverage(instrument.symbol))
        return max(by_leverage, instrument.tier(value).initial_rate)

    def locked(self, account: Account, coin: str) -> Decimal:
        """Return what the account's open spot orders hold of a coin."""
        total = ZERO
        for order in account.open_orders.values():
            instrument = order.instrument
            if not instrument.is_spot:
                continue
            if order.side is Side.SELL and instrument.base == coin:
                total += order.leaves
            elif order.side is Side.BUY and instrument.quote == coin:
                total += product(order.leaves, order.price)
        return total

    def coin(self, account: Account, coin: str) -> CoinFigures:
        """Return one coin of an account."""
        unrealised = initial = maintenance = for_orders = ZERO
        for position in account.positions.values():
            if position.instrument.settle != coin:
                continue
            mark = self._markets[position.instrument.symbol].mark
            margin = self.leg_margin(account, position)
            unrealised += position.unrealised(mark)
            initial += margin.position_initial
            maintenance += margin.position_maintenance
            for_orders += margin.order_initial
        return CoinFigures(
            coin=coin,
            price=self._prices[coin],
            collateral_ratio=COLLATERAL_RATIOS.get(coin, ZERO),
            balance=self._ledger.balance(account.purse(), coin),
            unrealised=to_coins(unrealised),
            locked=to_coins(self.locked(account, coin)),
            realised=account.realised.get(coin, ZERO),
            position_initial=to_coins(initial),
            position_maintenance=to_coins(maintenance),
            order_initial=to_coins(for_orders),
        )

    def figures(self, account: Account) -> AccountFigures:
        """Return the account with every coin that it holds, owes or settles in."""
        coins = dict.fromkeys(self._ledger.holdings(account.purse()))
        coins.update(
            dict.fromkeys(position.instrument.settle for position in account.positions.values())
        )
        return AccountFigures(tuple(self.coin(account, coin) for coin in coins))

    def spendable(self, account: Account, coin: str) -> Decimal:
        """Return what may be spent of a coin: not locked, not needed for a loss, >= 0."""
        figures = self.coin(account, coin)
        return max(ZERO, figures.balance + min(ZERO, figures.unrealised) - figures.locked)

    def withdrawable(self, account: Account, coin: str) -> Decimal:
        """Return what may leave the account without touching the margin of its positions, >= 0."""
        spendable = self.spendable(account, coin)
        if not account.positions and not account.open_orders:
            return spendable
        ratio = COLLATERAL_RATIOS.get(coin, ZERO)
        if not ratio:
            return spendable
        available = quotient(self.figures(account).available, product(self._prices[coin], ratio))
        return min(spendable, available)

    def liquidation_price(self, account: Account, position: Position) -> Decimal | None:
        """Estimate the mark at which the account's margin is used up, other coins unchanged.

        With O the margin balance of the other coins less all other maintenance (USD), W the coin's
        balance with all other profit, r its haircut ratio (1 once it is owed): at price P the
        margin balance of an inverse position is r*(P*(W - cost) - q) + O, and its maintenance m*|q|
        does not depend on P. So

            P = (r*q + m*|q| - O) / (r*(W - cost))

        which for one coin and r = 1 is Q*(1 - m) / (Q/entry - W) for a short: none at 1x or less.
        Returns None when no price ahead of the mark is one, or the instrument is not inverse.
        """
        instrument, quantity = position.instrument, position.quantity
        if not quantity or instrument.base != instrument.settle:
            return None
        mark = self._markets[instrument.symbol].mark
        figures = self.figures(account)
        coin = next(held for held in figures.coins if held.coin == instrument.settle)
        rate = instrument.tier(instrument.value(quantity, mark)).maintenance_rate
        own = product(abs(quantity), rate)
        others = figures.margin_balance - coin.collateral_usd - figures.maintenance_margin + own
        surplus = coin.equity - position.unrealised(mark) - position.cost
        for ratio in (coin.collateral_ratio, ONE):
            slope = product(ratio, surplus)
            if not slope:
                continue
            price = quotient(product(ratio, quantity) + own - others, slope)
            is_ahead = price > mark if quantity < 0 else ZERO < price < mark
            if is_ahead:
                is_owed = surplus + instrument.worth(quantity, price) < 0
                if is_owed == (ratio is ONE) or coin.collateral_ratio == ONE:
                    return price
        return None
