"""From holdings, collateral and positions to the net delta of one asset.

The dollar value of a coin's book is S*E with E = spot + futures wallet + unrealised PnL, so

    delta = E + q/F     which equals (E - uPnL) + q/entry, hence constant in price.

Collateral and unrealised PnL belong in E: the short's loss after a rise has already taken
coins away, and exactly as many as the hedge would otherwise lack. A daemon that leaves them
out trades after every price move, in the wrong direction (docs/maths.md).

Each (venue, account, coin) balance counts once. The hedge venue's wallet is `collateral`,
also where the same venue is listed as a spot source: in a unified account it is one wallet.
A linear contract's PnL is in quote currency and adds nothing to the coins.
Every figure is the sum of `Line`s, so that a person can redo it by hand.
"""

from collections.abc import Iterable
from decimal import Decimal

from hedged.core.contracts import inverse_pnl, position_delta, position_usd
from hedged.core.decimals import ZERO, exact, plain
from hedged.core.types import (
    Amount,
    Exposure,
    HedgePolicy,
    Holding,
    Instrument,
    Kind,
    Line,
    MarginAccount,
    PaperFill,
    Position,
    Quote,
)


@exact
def net_exposure(
    policy: HedgePolicy,
    quote: Quote,
    accounts: Iterable[MarginAccount],
    holdings: Iterable[Holding],
    paper: Iterable[PaperFill] = (),
) -> Exposure:
    """Where `policy.asset` stands at `quote.mark`, all in coins.

    `accounts` and `holdings` may hold other venues, sources and coins; those are skipped.
    `paper` fills are added to the position and, for an inverse contract, to the PnL: each
    then gains or loses from its own fill price, as a real one would.
    """
    instrument, asset = quote.instrument, policy.asset
    accounts = tuple(accounts)
    spot = [
        *(_holding_line(h, asset) for h in holdings if _counts(h, policy)),
        *(
            _wallet_line("spot", account, asset)
            for account in accounts
            if account.venue in policy.spot and account.venue != policy.venue
        ),
    ]
    hedge_accounts = [account for account in accounts if account.venue == policy.venue]
    collateral = [_wallet_line("collateral", account, asset) for account in hedge_accounts]
    held = [p for account in hedge_accounts for p in account.positions if _is_hedge(p, instrument)]
    assumed = [fill for fill in paper if fill.instrument == instrument]

    quantity = sum((p.quantity for p in held), Amount(ZERO, instrument.unit))
    quantity = sum((fill.quantity for fill in assumed), quantity)
    pnl = _pnl_lines(held, assumed, quote)
    delta = position_delta(instrument, quantity.of(instrument.unit), quote.mark)
    delta_line = Line(
        "hedge",
        policy.venue,
        Amount(delta, asset),
        detail=f"{plain(quantity.value)} {quantity.unit} at mark {plain(quote.mark)}",
        assumed=bool(assumed),
    )
    return Exposure(
        asset=asset,
        lines=(*spot, *collateral, *pnl, delta_line),
        spot=_total(spot, asset),
        collateral=_total(collateral, asset),
        unrealised_pnl=_total(pnl, asset),
        position=quantity,
        position_usd=position_usd(instrument, quantity.of(instrument.unit), quote.mark),
        hedge_delta=delta_line.coins,
    )


def wallet(account: MarginAccount, coin: str) -> Amount:
    """The wallet balance of `coin`; an account that does not list it holds none of it."""
    return sum(
        (b.wallet for b in account.balances if b.wallet.unit == coin), start=Amount(ZERO, coin)
    )


def _counts(holding: Holding, policy: HedgePolicy) -> bool:
    return holding.source in policy.spot and holding.quantity.unit == policy.asset


def _is_hedge(position: Position, instrument: Instrument) -> bool:
    return position.instrument.symbol == instrument.symbol


def _holding_line(holding: Holding, asset: str) -> Line:
    return Line("spot", holding.source, Amount(holding.quantity.of(asset), asset))


def _wallet_line(label: str, account: MarginAccount, asset: str) -> Line:
    return Line(label, account.venue, wallet(account, asset))


def _pnl_lines(held: list[Position], assumed: list[PaperFill], quote: Quote) -> list[Line]:
    """Coins that inverse positions have gained since their entry; none for linear ones."""
    if quote.instrument.kind is not Kind.INVERSE:
        return []
    opened = [(p.quantity, p.entry, False) for p in held]
    opened += [(fill.quantity, fill.price, True) for fill in assumed]
    return [
        Line(
            "unrealised PnL",
            quote.instrument.venue,
            Amount(inverse_pnl(q.of("USD"), entry, quote.mark), quote.instrument.settle),
            detail=f"{plain(q.value)} USD from {plain(entry)} to {plain(quote.mark)}",
            assumed=assume,
        )
        for q, entry, assume in opened
    ]


def _total(lines: Iterable[Line], asset: str) -> Amount:
    return sum((line.coins for line in lines), Amount(Decimal(0), asset))
