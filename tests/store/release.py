"""Keeps a journal of the version at hand, for all later ones to open.

Run `python -m tests.store.release` when a version is released, never again for that version. The
daemon trades, is halted, and somebody trades beside it; what it wrote becomes SQL, headed by what
it comes to.
"""

import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from hedged import __version__
from tests.process import embedded_exchange, hedged, process, written

FOLDER: Final = Path(__file__).parent / "released"
HEAD: Final = "-- comes to "


def lived_through(folder: Path) -> dict[str, str]:
    """A life with something of each kind in its journal; the positions at its end, in USD."""
    with embedded_exchange() as exchange:
        config = written(folder, exchange.url, execution="live")
        with process("run", "-c", config, "--live") as daemon:
            for asset in ("BTC", "ETH"):
                daemon.event("cycle.done", asset=asset, reason="IN_BAND")
            exchange.admin("trade", account="demo", symbol="BTCUSD", side="buy", quantity="50000")
            daemon.event("cycle.done", asset="BTC", reason="EXTERNAL_CHANGE")
            hedged("ack", "-c", config, "--why", "by hand")
            daemon.event("cycle.done", asset="BTC", reason="IN_BAND")
            hedged("halt", "-c", config, "--why", "lunch")
            exchange.admin("deposit", account="demo", coin="ETH", amount="1")
            daemon.event("order.proposed", asset="ETH", blocked=["HALTED"])
            daemon.end()
        held = exchange.admin("state")["accounts"]["demo"]["positions"]
        return {symbol: position["quantity"] for symbol, position in held.items()}


def main() -> None:
    """Write the file of this version."""
    with tempfile.TemporaryDirectory() as name:
        positions = lived_through(Path(name))
        journal = Path(name) / "state/journal-sim.db"
        with closing(sqlite3.connect(journal)) as database:
            lines = [HEAD + json.dumps(positions), *database.iterdump()]
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{__version__}.sql").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
