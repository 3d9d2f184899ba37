"""`hedged sim`: the embedded exchange alone, to practise against or to test with."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

import typer

from hedged.cli.common import Exit, fail, run_async
from hedged.cli.numbers import within
from hedged.cli.stage import CREDENTIALS, Dialect, DialectOption
from hedged.engine.signals import stop_on_signals
from hedged.ops import logging
from hedged.sim.exchange import START_PRICES, Exchange
from hedged.sim.prices import PriceFileError, PricePath, generated, read_prices
from hedged.sim.script import ScriptError, read_script
from hedged.sim.server import SimServer, run_server, wall_clock_ms

HISTORY: Final = 100_000  # lines kept of each record, so that it can run for weeks
SLOWEST, FASTEST = Decimal("0.001"), Decimal(100_000)  # times real time
ZERO, SLOWEST_REPLY_S = Decimal(0), Decimal(3600)
FUNDS: Final = {"BTC": Decimal(5), "ETH": Decimal(50), "USDT": Decimal(100_000)}


def sim(
    *,
    dialect: DialectOption = Dialect.BYBIT,
    port: Annotated[
        int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65_535)
    ] = 8421,
    seed: Annotated[
        int, typer.Option(help="Seed of prices, identifiers and the chances of faults.")
    ] = 1,
    prices: Annotated[
        Path | None,
        typer.Option(help="Replay this price file (CSV, CSV.gz) as BTC; without it they are made."),
    ] = None,
    speed: Annotated[
        Decimal,
        typer.Option(
            help="Times real time, of prices and script.",
            parser=within(SLOWEST, FASTEST),
            metavar="NUMBER",
        ),
    ] = Decimal(1),
    script: Annotated[
        Path | None,
        typer.Option(help="Do what this file says at its times (JSON lines, or TOML), see above."),
    ] = None,
    latency: Annotated[
        Decimal,
        typer.Option(
            help="Seconds that every request takes.",
            parser=within(ZERO, SLOWEST_REPLY_S),
            metavar="NUMBER",
        ),
    ] = Decimal(0),
    admin_token: Annotated[
        str | None, typer.Option(help="Require this token (X-Admin-Token) for /admin requests.")
    ] = None,
    limits: Annotated[
        int, typer.Option(min=0, help="Times the venue's rate limits; 0 takes them away.")
    ] = 1,
) -> None:
    """Serve the embedded exchange (Bybit v5 or Binance, REST and websockets) on 127.0.0.1.

    It runs until SIGTERM or SIGINT. Its one account holds 5 BTC and 50 ETH where they carry
    contracts, and 100,000 USDT where spot is traded. Open the address in a browser to see accounts,
    books, requests and faults.

    \b
    You are its operator: POST a JSON object to /admin/ACTION, for example
      price     {"coin": "BTC", "index": "58000"}
      deposit   {"account": "demo", "coin": "BTC", "amount": "1"}
      trade     {"account": "demo", "symbol": "BTCUSD", "side": "sell", "quantity": "100"}
      depth     {"levels": "0"}                        (an empty book)
      fault     {"kind": "reply_lost", "path": "create"}
      lift      {}                                     (ends all faults)
    GET /admin/kinds lists all actions and all kinds of fault.

    \b
    A --script does the same at set times, one act on each line:
      {"at_s": 5, "action": "fault", "kind": "delay", "seconds": 10, "times": 3}
      {"at_s": 60, "action": "price", "coin": "BTC", "index": "58000"}
    or, in a .toml file, a table [[step]] for each. docs/simulator.md tells all of it.
    """  # noqa: D301 - \b is click's mark for a paragraph that keeps its lines
    logging.configure(style="console", level="info")
    paths: dict[str, PricePath] = {
        coin: generated(START_PRICES[coin], seed=seed + i) for i, coin in enumerate(("BTC", "ETH"))
    }
    try:
        if prices is not None:
            paths["BTC"] = read_prices(prices)
        steps = read_script(script) if script is not None else []
    except (PriceFileError, ScriptError) as error:
        fail(str(error), Exit.ERROR)
    tongue = dialect.tongue
    exchange = Exchange(now_ms=wall_clock_ms(), seed=seed, history=HISTORY, rules=tongue.rules)
    account = exchange.open_account("demo", *CREDENTIALS.values())
    for coin, amount in FUNDS.items():
        wallet = account.spot_wallet if coin == "USDT" else account.margin_wallet
        exchange.deposit(account, coin, amount, wallet=wallet)
    server = SimServer(
        exchange,
        tongue=tongue,
        port=port,
        admin_token=admin_token,
        latency_s=float(latency),
        seed=seed,
        limits=limits,
    )

    async def serving() -> None:
        stop = asyncio.Event()
        stop_on_signals(stop, hang_up_stops=True)
        await run_server(
            server,
            paths,
            stop=stop,
            speed=float(speed),
            script=steps,
            on_ready=lambda ready: _announce(ready, dialect),
            on_refusal=lambda text: typer.echo(text, err=True),
        )

    try:
        run_async(serving)
    except OSError as error:
        fail(f"cannot listen on 127.0.0.1:{port}: {error.strerror}; try --port 0", Exit.ERROR)
    except PriceFileError as error:
        fail(str(error), Exit.ERROR)


def _announce(server: SimServer, dialect: Dialect) -> None:
    typer.echo(f"the embedded exchange listens on {server.url}; point a configuration at it with")
    typer.echo(f'  environment = "sim", exchange = "{dialect}" and url = "{server.url}",')
    typer.echo("and in the shell:")
    for name, value in CREDENTIALS.items():
        typer.echo(f"  export {name}={value}")
    typer.echo(f"watch it: open {server.url} in a browser")
