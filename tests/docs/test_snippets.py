"""The pieces of configuration that the pages show are understood where they belong."""

import re
from pathlib import Path
from typing import Final

import pytest

from hedged.config import load
from hedged.sim.script import read_script
from tests.docs.shown import PAGES, blocks

WHOLE: Final = """
environment = "mainnet"

[venues.main]
exchange = "bybit"
api_key = "env:KEY"
secret = "env:SECRET"

[[books.core.hedges]]
asset = "BTC"
venue = "main"
instrument = "BTC/USD:BTC"
"""
HEDGE: Final = "[[books.core.hedges]]\n"
SHOWN: Final = [
    (page.name, text) for page in PAGES for kind, text in blocks(page) if kind == "toml"
]


@pytest.mark.parametrize(("page", "text"), SHOWN, ids=[page for page, _ in SHOWN])
def test_a_piece_of_configuration_is_understood(page: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "shown.toml"
    if "[[step]]" in text:  # it is a script for the embedded exchange
        path.write_text(text)
        assert read_script(path)
        return
    of_hedge, *tables = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    of_hedge += "".join(table.removeprefix(HEDGE) for table in tables if table.startswith(HEDGE))
    others = "".join(table for table in tables if not table.startswith(HEDGE))
    path.write_text(f"{WHOLE}{of_hedge}{others}")
    assert load(path, env={}).books["core"].hedges, page
