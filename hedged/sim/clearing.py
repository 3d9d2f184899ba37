"""Clearing: what a trade, a funding payment or a flow does to an account."""

from decimal import Decimal

from hedged.sim.accounts import Account, StatementLine, Transfer, Wallet
from hedged.sim.decimals import ZERO, product, to_coins
from hedged.sim.events import Event, Truth
from hedged.sim.identifiers import Identifiers
from hedged.sim.instruments import Instrument
from hedged.sim.ledger import CLEARING, FEES, OUTSIDE, Ledger, Reason
from hedged.sim.market import Market
from hedged.sim.orders import Fill, Order, Side
from hedged.sim.positions import Position


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
    ) -> Fill:
        """Book one execution of an order: its state, the position, the coins and the fee."""
        instrument = market.instrument
        value = to_coins(instrument.value(quantity, price))
        rate = instrument.maker_rate if is_maker else instrument.taker_rate
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
        order.fill(quantity, value, fee_coin, fee, now_ms)
        if not order.status.is_open:
            account.open_orders.pop(order.order_id, None)
        fill = Fill(
            fill_id=self._identifiers.uuid(),
            order_id=order.order_id,
            link_id=order.link_id,
            account=account.name,
            symbol=instrument.symbol,
            kind="Trade",
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
        self._book_trade(account, instrument, fill)
        if position is not None:
            self._book_gain(account, position, fill, profit - fee)
        market.note_trade(now_ms, price, quantity, value)
        self._record(account, fill, "maker" if is_maker else "taker")
        return fill

    def _book_trade(self, account: Account, instrument: Instrument, fill: Fill) -> None:
        """Move the coins of a trade: those exchanged or the profit, and the fee."""
        purse, at_ms, move = account.purse(), fill.at_ms, self._ledger.move
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
        move(at_ms, Reason.FEE, fill.fee_coin, fill.fee, purse, FEES)
        for coin, flow in flows.items():
            fee = fill.fee if coin == fill.fee_coin else ZERO
            self._write(
                account,
                fill.at_ms,
                "TRADE",
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
        is_long = quantity > 0
        paid = to_coins(product(value, rate if is_long else -rate))
        fill = Fill(
            fill_id=self._identifiers.uuid(),
            order_id=f"{stamp_ms // 1000}-{instrument.symbol}-{account.user_id}",
            link_id="",
            account=account.name,
            symbol=instrument.symbol,
            kind="Funding",
            side=Side.BUY if is_long else Side.SELL,
            at_ms=stamp_ms,
            price=market.mark,
            quantity=abs(quantity),
            value=to_coins(value),
            fee=paid,
            fee_coin=instrument.settle,
            fee_rate=rate,
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
        coin = instrument.settle
        self._ledger.move(stamp_ms, Reason.FUNDING, coin, paid, account.purse(), CLEARING)
        self._write(
            account, stamp_ms, "SETTLEMENT", coin, funding=-paid, fill=fill, instrument=instrument
        )
        self._book_gain(account, position, fill, -paid)
        self._record(account, fill, str(-paid))

    def book_flow(self, account: Account, coin: str, amount: Decimal, now_ms: int) -> Decimal:
        """Book a deposit (> 0) or a withdrawal (< 0) of the unified wallet; return it as booked."""
        reason = Reason.DEPOSIT if amount > 0 else Reason.WITHDRAWAL
        booked = self._ledger.move(now_ms, reason, coin, amount, OUTSIDE, account.purse())
        kind = "TRANSFER_IN" if amount > 0 else "TRANSFER_OUT"
        self._write(account, now_ms, kind, coin, cash_flow=booked)
        self._truth.note(Event(now_ms, reason, account.name, coin, "", "", booked))
        return booked

    def book_transfer(self, account: Account, transfer: Transfer) -> None:
        """Book a transfer between the account's own wallets."""
        source, target = account.purse(transfer.source), account.purse(transfer.target)
        now_ms, coin = transfer.at_ms, transfer.coin
        booked = self._ledger.move(now_ms, Reason.TRANSFER, coin, transfer.amount, source, target)
        if transfer.source is Wallet.UNIFIED:
            self._write(account, now_ms, "TRANSFER_OUT", coin, cash_flow=-booked)
        else:
            self._write(account, now_ms, "TRANSFER_IN", coin, cash_flow=booked)
        account.transfers[transfer.transfer_id] = transfer
        detail = f"{transfer.source}>{transfer.target}"
        self._truth.note(
            Event(now_ms, "transfer", account.name, coin, transfer.transfer_id, detail, booked)
        )

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
        size = ZERO
        if instrument is not None and not instrument.is_spot:
            size = sum(
                (
                    position.quantity
                    for (symbol, _), position in account.positions.items()
                    if symbol == instrument.symbol
                ),
                ZERO,
            )
        account.statement.append(
            StatementLine(
                line=len(account.statement) + 1,
                at_ms=at_ms,
                kind=kind,
                coin=coin,
                cash_flow=cash_flow,
                funding=funding,
                fee=fee,
                balance=self._ledger.balance(account.purse(), coin),
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
                fill.symbol,
                fill.fill_id,
                detail,
                fill.side.signed(fill.quantity),
                fill.price,
            )
        )
