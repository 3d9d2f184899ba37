"""The record of truth: the same for the same seed, byte for byte, and bounded on request."""

import os
import subprocess
import sys
from decimal import ROUND_FLOOR, ROUND_UP, Decimal, localcontext
from itertools import islice
from pathlib import Path

import pytest

from hedged.sim.accounts import Account, Wallet
from hedged.sim.decimals import floored
from hedged.sim.exchange import Exchange
from hedged.sim.feed import apply_point
from hedged.sim.orders import OrderRequest, RefusedError, Side, TimeInForce
from hedged.sim.prices import generated

D = Decimal
HOUR_MS = 3600 * 1000


def busy(exchange: Exchange, hours: int, seed: int) -> Account:
    """Let an account trade by the hour while prices move."""
    account = exchange.open_account("main", "key", "secret")
    other = exchange.open_account("other", "key-other", "secret")
    for owner in (account, other):
        exchange.deposit(owner, "BTC", D(5))
    path = generated(D(65_000), seed=seed, step_s=3600).points
    for hour, point in enumerate(islice(path, hours)):
        exchange.advance(exchange.now_ms + HOUR_MS)
        apply_point(exchange, "BTC", point)
        side = Side.BUY if hour % 2 else Side.SELL
        for owner, symbol in ((account, "BTCUSD"), (other, "BTCUSDT:linear")):
            quantity = D(5_000) if symbol == "BTCUSD" else D("0.01")
            mark = floored(exchange.market(symbol).mark, D("0.1"))
            for request in (
                OrderRequest(symbol, side, quantity, mark, link_id=f"r{hour}"),
                OrderRequest(symbol, side, quantity, mark, time_in_force=TimeInForce.IOC),
            ):
                try:
                    order = exchange.place_order(owner, request)
                except RefusedError:
                    continue
                if order.status.is_open and hour % 3:
                    exchange.cancel_order(owner, order)
        exchange.cancel_all(account)
        if hour % 24 == 0:
            exchange.transfer(
                account,
                "BTC",
                D("0.01"),
                source=Wallet.UNIFIED,
                target=Wallet.FUND,
                transfer_id=str(hour),
                delay_ms=HOUR_MS,
            )
    return account


def log_of(seed: int) -> bytes:
    exchange = Exchange(now_ms=1_750_000_000_000, seed=seed)
    busy(exchange, 200, seed)
    return "\n".join(event.line() for event in exchange.truth.events).encode()


def test_the_same_seed_gives_the_same_log_byte_for_byte() -> None:
    first = log_of(11)
    assert first == log_of(11)
    assert first != log_of(12)
    assert first.count(b"\n") > 1_000


@pytest.mark.parametrize("rounding", [ROUND_UP, ROUND_FLOOR])
def test_the_log_does_not_depend_on_the_callers_rounding(rounding: str) -> None:
    """ccxt leaves whatever rounding it used last in the context of its process."""
    expected = log_of(3)
    with localcontext(rounding=rounding):
        assert log_of(3) == expected


def test_the_log_does_not_depend_on_the_process() -> None:
    """Neither on the order in which this Python happens to hash texts."""
    code = (
        "import sys; from tests.sim.test_history import log_of; sys.stdout.buffer.write(log_of(3))"
    )
    logs = [
        subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
        ).stdout
        for seed in ("1", "2")
    ]
    assert logs[0] == logs[1] == log_of(3)


def test_a_bounded_history_forgets_the_oldest_and_nothing_that_matters() -> None:
    bounded = Exchange(now_ms=1_750_000_000_000, seed=5, history=50)
    whole = Exchange(now_ms=1_750_000_000_000, seed=5)
    kept, full = busy(bounded, 400, 5), busy(whole, 400, 5)
    for records in (
        bounded.truth.events,
        bounded.ledger.postings,
        kept.fills,
        kept.statement,
        kept.orders,
        kept.orders_by_link,
        kept.transfers,
        bounded.market("BTCUSD").funding_stamps,
    ):
        assert len(records) <= 100 + 20  # twice what is kept, and what an hour brings
    assert kept.statement == full.statement[-len(kept.statement) :]
    assert [fill.fill_id for fill in kept.fills] == [
        fill.fill_id for fill in full.fills[-len(kept.fills) :]
    ]
    assert set(kept.open_orders) == set(full.open_orders) <= set(kept.orders)
    assert bounded.margin.figures(kept) == whole.margin.figures(full)
    assert all(total == 0 for _, total in bounded.ledger.totals())
