"""Clearing: what a trade, a funding payment or a flow does to an account."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from hedged.sim.accounts import Account, StatementLine
from hedged.sim.decimals import ZERO, product, to_coins
from hedged.sim.events import Event, Truth
from hedged.sim.identifiers import Identifiers
from hedged.sim.instruments import Instrument
from hedged.sim.ledger import CLEARING, FEES, OUTSIDE, Ledger, Reason
from hedged.sim.market import Market
from hedged.sim.orders import Execution, Fill, Order, Side
from hedged.sim.positions import Position

_PUBLIC = (Execution.TRADE, Execution.LIQUIDATION)
_STATEMENT_KINDS: Mapping[Execution, str] = {
    Execution.TRADE: "TRADE",
    Execution.LIQUIDATION: "LIQUIDATION",
    Execution.DELEVERAGING: "ADL",
    Execution.DELIVERY: "DELIVERY",
    Execution.SETTLEMENT: "SETTLEMENT",
}
_FLOW_KINDS: Mapping[Reason, str] = {
    Reason.INTEREST: "INTEREST",
    Reason.BANKRUPTCY: "LIQUIDATION",
}


class Terms(NamedTuple):
    """On which terms an execution is booked: what it is, its fee, and who gets the fee."""

    execution: Execution
    fee_rate: Decimal
    fee_purse: str = FEES


class Clearing:
    """Books everything that happens to an account, in the ledger and in the account's history."""

    def __init__(self, ledger: Ledger, identifiers: Identifiers, truth: Truth) -> None:
        self._ledger = ledger
        self._identifiers = identifiers
        self._truth = truth

    def book_fill(
        self,
        account: Account,
        market: Market,
        order: Order,
        *,
        price: Decimal,
        quantity: Decimal,
        index: Decimal,
        is_maker: bool,
        now_ms: int,
        terms: Terms,
    ) -> Fill:
        """Book one execution of an order: its state, the position, the coins and the fee."""
        instrument = market.instrument
        value = to_coins(instrument.value(quantity, price))
        rate = terms.fee_rate
        closed = profit = ZERO
        position = None
        if instrument.is_spot:
            fee_coin = instrument.base if order.side is Side.BUY else instrument.quote
            fee = to_coins(product(quantity if order.side is Side.BUY else value, rate))
        else:
            fee_coin, fee = instrument.settle, to_coins(product(value, rate))
            position = account.position(instrument, order.request.position_index, now_ms)
            change = order.side.signed(quantity)
            closed = position.closing_part(change)
            profit = to_coins(position.trade(change, price))
        account.leave(order)
        order.fill(quantity, value, fee_coin, fee, now_ms)
        if order.status.is_open:
            account.enter(order)
        fill = Fill(
            fill_id=self._identifiers.uuid(),
            order_id=order.order_id,
            link_id=order.link_id,
            account=account.name,
            instrument=instrument,
            kind=terms.execution,
            side=order.side,
            at_ms=now_ms,
            price=price,
            quantity=quantity,
            value=value,
            fee=fee,
            fee_coin=fee_coin,
            fee_rate=rate,
            is_maker=is_maker,
            order_type=order.request.order_type,
            order_price=order.price,
            order_quantity=order.request.quantity,
            leaves=order.leaves,
            closed=closed,
            profit=profit,
            mark=market.mark,
            index=index,
            sequence=self._identifiers.sequence(),
        )
        self._book_trade(account, instrument, fill, terms.fee_purse)
        if position is not None:
            self._book_gain(account, position, fill, profit - fee)
        if terms.execution in _PUBLIC:
            market.note_trade(now_ms, price, quantity, value)
        self._record(account, fill, "maker" if is_maker else "taker")
        return fill

    def _book_trade(
        self, account: Account, instrument: Instrument, fill: Fill, fee_purse: str
    ) -> None:
        """Move the coins of a trade: those exchanged or the profit, and the fee."""
        purse, at_ms, move = account.purse_for(instrument), fill.at_ms, self._ledger.move
        if instrument.is_spot:
            bought = fill.side.signed(fill.quantity)
            paid = fill.side.signed(fill.value)
            flows = {
                instrument.base: move(
                    at_ms, Reason.TRADE, instrument.base, bought, CLEARING, purse
                ),
                instrument.quote: -move(
                    at_ms, Reason.TRADE, instrument.quote, paid, purse, CLEARING
                ),
            }
        else:
            settle = instrument.settle
            flows = {settle: move(at_ms, Reason.PROFIT, settle, fill.profit, CLEARING, purse)}
        move(at_ms, Reason.FEE, fill.fee_coin, fill.fee, purse, fee_purse)
        for coin, flow in flows.items():
            fee = fill.fee if coin == fill.fee_coin else ZERO
            self._write(
                account,
                fill.at_ms,
                _STATEMENT_KINDS[fill.kind],
                coin,
                cash_flow=flow,
                fee=fee,
                fill=fill,
                instrument=instrument,
            )

    def _book_gain(self, account: Account, position: Position, fill: Fill, gain: Decimal) -> None:
        """Count what a position has brought so far."""
        coin = position.instrument.settle
        account.realised[coin] = account.realised.get(coin, ZERO) + gain
        position.realised += gain
        position.realised_ever += gain
        position.updated_ms = fill.at_ms
        position.sequence = fill.sequence

    def pay_funding(
        self, account: Account, market: Market, position: Position, rate: Decimal, stamp_ms: int
    ) -> None:
        """Book a funding payment: rate * value at the mark, longs to shorts when it is > 0."""
        instrument, quantity = market.instrument, position.quantity
        value = instrument.value(quantity, market.mark)
        paid = to_coins(product(value, rate if quantity > 0 else -rate))
        fill = replace(
            self._own_fill(account, market, position, Execution.FUNDING, stamp_ms),
            fee=paid,
            fee_rate=rate,
        )
        coin = instrument.settle
        self._ledger.move(stamp_ms, Reason.FUNDING, coin, paid, account.purse(), CLEARING)
        self._write(
            account, stamp_ms, "SETTLEMENT", coin, funding=-paid, fill=fill, instrument=instrument
        )
        self._book_gain(account, position, fill, -paid)
        self._record(account, fill, str(-paid))

    def settle_session(
        self, account: Account, market: Market, position: Position, now_ms: int
    ) -> None:
        """Pay out the unrealised profit of a position at the mark, without closing it."""
        coin = market.instrument.settle
        profit = to_coins(position.settle(market.mark))
        fill = replace(
            self._own_fill(account, market, position, Execution.SETTLEMENT, now_ms), profit=profit
        )
        self._book_trade(account, market.instrument, fill, FEES)
        self._book_gain(account, position, fill, profit)
        self._record(account, fill, f"{coin} {profit}")

    def _own_fill(
        self,
        account: Account,
        market: Market,
        position: Position,
        kind: Execution,
        at_ms: int,
    ) -> Fill:
        """Return an execution of the exchange's own about the whole of a position."""
        instrument, quantity = market.instrument, position.quantity
        return Fill(
            fill_id=self._identifiers.uuid(),
            order_id=f"{at_ms // 1000}-{instrument.symbol}-{account.user_id}",
            link_id="",
            account=account.name,
            instrument=instrument,
            kind=kind,
            side=Side.BUY if quantity > 0 else Side.SELL,
            at_ms=at_ms,
            price=market.mark,
            quantity=abs(quantity),
            value=to_coins(instrument.value(quantity, market.mark)),
            fee=ZERO,
            fee_coin=instrument.settle,
            fee_rate=ZERO,
            is_maker=False,
            order_type="UNKNOWN",
            order_price=ZERO,
            order_quantity=ZERO,
            leaves=ZERO,
            closed=ZERO,
            profit=ZERO,
            mark=market.mark,
            index=market.mark,
            sequence=self._identifiers.sequence(),
        )

    def book_flow(
        self,
        account: Account,
        coin: str,
        amount: Decimal,
        now_ms: int,
        *,
        reason: Reason,
        other: str = OUTSIDE,
        reference: str = "",
    ) -> Decimal:
        """Book what comes into the trading wallet (> 0) or leaves it; return it as booked."""
        booked = self._ledger.move(now_ms, reason, coin, amount, other, account.purse())
        kind = _FLOW_KINDS.get(reason) or ("TRANSFER_IN" if amount > 0 else "TRANSFER_OUT")
        self._write(account, now_ms, kind, coin, cash_flow=booked)
        self._truth.note(Event(now_ms, reason, account.name, coin, reference, "", booked))
        return booked

    def _write(
        self,
        account: Account,
        at_ms: int,
        kind: str,
        coin: str,
        *,
        cash_flow: Decimal = ZERO,
        funding: Decimal = ZERO,
        fee: Decimal = ZERO,
        fill: Fill | None = None,
        instrument: Instrument | None = None,
    ) -> None:
        """Write a line of the account's statement, after its coins have moved."""
        size, purse = ZERO, account.purse()
        if instrument is not None:
            purse = account.purse_for(instrument)
        if instrument is not None and not instrument.is_spot:
            key = instrument.key
            size = account.quantity(key)
            if key in account.hedge_symbols:
                size = account.quantity(key, 1) + account.quantity(key, 2)
        account.statement_lines += 1
        account.statement.append(
            StatementLine(
                line=account.statement_lines,
                at_ms=at_ms,
                kind=kind,
                coin=coin,
                cash_flow=cash_flow,
                funding=funding,
                fee=fee,
                balance=self._ledger.balance(purse, coin),
                fill=fill,
                category=instrument.kind if instrument else "",
                size=size,
            )
        )

    def _record(self, account: Account, fill: Fill, detail: str) -> None:
        """Keep the fill in the account's history and in the record of truth."""
        account.fills.append(fill)
        self._truth.note(
            Event(
                fill.at_ms,
                fill.kind,
                account.name,
                fill.instrument.key,
                fill.fill_id,
                detail,
                fill.side.signed(fill.quantity),
                fill.price,
            )
        )
