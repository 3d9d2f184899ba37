"""`hedged sim`: the embedded exchange alone, to practise against or to test with."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

import typer

from hedged.cli.calc import number, positive
from hedged.cli.common import Exit, fail, run_async
from hedged.cli.demo import CREDENTIALS
from hedged.engine.supervisor import stop_on_signals
from hedged.ops import logging
from hedged.sim.exchange import START_PRICES, Exchange
from hedged.sim.prices import PriceFileError, PricePath, generated, read_prices
from hedged.sim.server import SimServer, run_server, wall_clock_ms

FUNDS: Final = {"BTC": Decimal(5), "ETH": Decimal(50), "USDT": Decimal(100_000)}


def sim(
    *,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 8421,
    seed: Annotated[int, typer.Option(help="Seed of prices and identifiers.")] = 1,
    prices: Annotated[
        Path | None, typer.Option(help="Replay this price file (CSV, CSV.gz) as BTC.")
    ] = None,
    speed: Annotated[
        Decimal, typer.Option(help="Times real time.", parser=positive, metavar="NUMBER")
    ] = Decimal(1),
    latency: Annotated[
        Decimal, typer.Option(help="Seconds per request.", parser=number, metavar="NUMBER")
    ] = Decimal(0),
    admin_token: Annotated[
        str | None, typer.Option(help="Require this token for /admin requests.")
    ] = None,
) -> None:
    """Serve the embedded exchange (Bybit v5) on 127.0.0.1 until SIGTERM or SIGINT.

    Its one account holds 5 BTC, 50 ETH and 100,000 USDT. Move the market and the money with
    POST /admin/price, /admin/deposit, /admin/withdraw and /admin/trade.
    """
    logging.configure(style="console", level="info")
    paths: dict[str, PricePath] = {
        coin: generated(START_PRICES[coin], seed=seed + i) for i, coin in enumerate(("BTC", "ETH"))
    }
    try:
        if prices is not None:
            paths["BTC"] = read_prices(prices)
    except PriceFileError as error:
        fail(str(error), Exit.ERROR)
    exchange = Exchange(now_ms=wall_clock_ms(), seed=seed)
    account = exchange.open_account("demo", *CREDENTIALS.values())
    for coin, amount in FUNDS.items():
        exchange.deposit(account, coin, amount)
    server = SimServer(exchange, port=port, admin_token=admin_token, latency_s=float(latency))

    async def serving() -> None:
        stop = asyncio.Event()
        stop_on_signals(stop)
        await run_server(server, paths, stop=stop, speed=float(speed), on_ready=_announce)

    try:
        run_async(serving)
    except OSError as error:
        fail(f"cannot listen on 127.0.0.1:{port}: {error.strerror}; try --port 0", Exit.ERROR)
    except PriceFileError as error:
        fail(str(error), Exit.ERROR)


def _announce(server: SimServer) -> None:
    typer.echo(f"the embedded exchange listens on {server.url}; point a configuration at it with")
    typer.echo(f'  environment = "sim" and url = "{server.url}", and in the shell:')
    for name, value in CREDENTIALS.items():
        typer.echo(f"  export {name}={value}")
