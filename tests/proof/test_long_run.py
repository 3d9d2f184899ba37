"""The whole daemon, live against the embedded exchange, for as long as HEDGED_PROOF_S says.

The owner keeps moving coins and prices move at random all along. At the end the book must be
inside its band, and in all that time nothing may have been worth a warning.
"""

import os
import random
import time
from decimal import Decimal
from pathlib import Path

import pytest

from tests.process import Exchange, embedded_exchange, process, written

DURATION_S = float(os.environ.get("HEDGED_PROOF_S", "60"))
FLOW_EVERY = 40  # cycles


def flow(exchange: Exchange, chance: random.Random) -> None:
    """One thing that an owner does."""
    coin, most = chance.choice((("BTC", 40), ("ETH", 400)))
    amount = str(Decimal(chance.randint(1, most)) / 100)
    match chance.choice(("deposit", "withdraw", "trade")):
        case "trade":
            side = chance.choice(("buy", "sell"))
            exchange.admin(
                "trade", account="demo", symbol=f"{coin}USDT", side=side, quantity=amount
            )
        case "withdraw":
            exchange.admin("withdraw", account="demo", coin=coin, amount=amount)
            exchange.admin("deposit", account="demo", coin="USDT", amount="100")
        case action:
            exchange.admin(action, account="demo", coin=coin, amount=amount)


@pytest.mark.proof
def test_a_long_live_run_ends_inside_the_band_without_a_warning(tmp_path: Path) -> None:
    chance = random.Random(20261122)  # noqa: S311 - reproducible
    with embedded_exchange("--speed", "20") as exchange:
        config = written(tmp_path, exchange.url, execution="live", poll="0.5s")
        with process("run", "-c", config, "--live") as daemon:
            ends_at = time.monotonic() + DURATION_S
            cycles = 0
            while time.monotonic() < ends_at:
                daemon.event("cycle.done", asset="ETH")
                cycles += 1
                if cycles % FLOW_EVERY == 0:
                    flow(exchange, chance)
            for asset in ("BTC", "ETH"):
                last = daemon.event("cycle.done", asset=asset, reason="IN_BAND")
                assert abs(Decimal(last["drift_usd"])) <= Decimal(last["band_usd"])
            assert daemon.end() == 0
        events = daemon.events()
        warnings = [e for e in events if e["level"] not in {"debug", "info"}]
        # The owner is told of coins that were withdrawn; of nothing else.
        assert [e for e in warnings if "left since the last look" not in e.get("why", "")] == []
        sent = [e["client_id"] for e in events if e["event"] == "order.sent"]
        done = [e["client_id"] for e in events if e["event"] == "order.done"]
        assert sorted(sent) == sorted(done)
        assert len(set(sent)) == len(sent) >= 2
        truth = exchange.admin("state")["accounts"]["demo"]
        assert truth["open_orders"] == []
        print(
            f"\n{cycles} cycles, {len(sent)} orders, {truth['fills']} fills in {DURATION_S:.0f} s"
        )
