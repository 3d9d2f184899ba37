"""The embedded exchange in a process of its own that limits nobody, for cycles back to back.

Prices move 20 times as fast as they would. Says where it listens, and runs until a signal comes.
"""

import asyncio
from decimal import Decimal

from hedged.cli.stage import CREDENTIALS
from hedged.engine.signals import stop_on_signals
from hedged.ops import logging
from hedged.sim.exchange import START_PRICES, Exchange
from hedged.sim.prices import generated
from hedged.sim.server import SimServer, run_server, wall_clock_ms

FUNDS = {"BTC": Decimal(5), "ETH": Decimal(50), "USDT": Decimal(100_000)}
COINS = ("BTC", "ETH")
SPEED = 20


async def serve() -> None:
    """Until SIGTERM or SIGINT."""
    logging.configure(style="console", level="error")  # nobody reads more than the address
    exchange = Exchange(now_ms=wall_clock_ms(), seed=1, history=1_000)
    account = exchange.open_account("demo", *CREDENTIALS.values())
    for coin, amount in FUNDS.items():
        exchange.deposit(account, coin, amount)
    stop = asyncio.Event()
    stop_on_signals(stop)
    await run_server(
        SimServer(exchange, limits=0),
        {coin: generated(START_PRICES[coin], seed=seed) for seed, coin in enumerate(COINS, 1)},
        stop=stop,
        speed=SPEED,
        on_ready=lambda server: print(server.url, flush=True),
    )


if __name__ == "__main__":
    asyncio.run(serve())
