from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from hedged.config import (
    ConfigError,
    SecretRef,
    StaticSource,
    VenueSource,
    load,
)
from hedged.core.types import Accounting, Band, Environment, Execution

LEAST = """
[venues.main]
exchange = "bybit"
api_key = "env:KEY"
secret = "file:keys/secret"

[books.core]
[[books.core.hedges]]
asset = "BTC"
venue = "main"
instrument = "BTC/USD:BTC"
"""

EVERYTHING = """
environment = "sim"
execution = "live"
paper = false

[log]
format = "json"
level = "debug"

[venues.main]
exchange = "bybit"
api_key = "env:KEY"
secret = "credential:bybit.secret"
url = "http://[::1]:8421/"
timeout = "250ms"

[venues.other]
exchange = "bybit"
api_key = "env:OTHER_KEY"
secret = "env:OTHER_SECRET"
url = "http://localhost"

[books.core]
poll = "50ms"
cron = "*/5  8-18 * JAN,mar MON-fri"
max_age = "1.5m"

[[books.core.hedges]]
asset = "BTC"
spot = ["main", "other", { static = "2.50000000" }, { static = 3, label = "cold wallet" }]
venue = "main"
instrument = "BTC/USDT:USDT"
keep = 0.10
accounting = "coins"
band = 0.01
rebalance_to = "edge"
slippage = "1%"
allow_long = true

[[books.core.hedges]]
asset = "ETH"
venue = "main"
instrument = "ETH/USD:ETH"
ratio = "80%"
band = "50%"
rebalance_to = "25%"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "x.toml"
    path.write_text(text)
    return path


def test_what_is_not_said_has_its_default(tmp_path: Path) -> None:
    settings = load(written(tmp_path, LEAST), env={})
    assert settings.environment is Environment.TESTNET
    assert settings.execution is Execution.DRY_RUN
    assert settings.paper is True
    assert (settings.log.format, settings.log.level) == ("auto", "info")
    venue = settings.venues["main"]
    assert venue.api_key == SecretRef("env", "KEY")
    assert venue.secret == SecretRef("file", "keys/secret")
    assert (venue.testnet, venue.url, venue.timeout_s) == ("testnet", None, Decimal(10))
    book = settings.books["core"]
    assert (book.poll_s, book.cron, book.max_age_s) == (Decimal(10), None, Decimal(30))
    (hedge,) = book.hedges
    assert hedge.spot == ()
    assert (hedge.ratio, hedge.keep, hedge.accounting) == (Decimal(1), None, None)
    assert (hedge.band, hedge.rebalance_to) == (Band(), Decimal("0.5"))
    assert (hedge.slippage, hedge.allow_long) == (Decimal("0.001"), False)


def test_what_is_said_is_read_exactly(tmp_path: Path) -> None:
    settings = load(written(tmp_path, EVERYTHING), env={})
    assert settings.environment is Environment.SIM
    assert settings.execution is Execution.LIVE
    assert settings.paper is False
    assert (settings.log.format, settings.log.level) == ("json", "debug")
    venue = settings.venues["main"]
    assert venue.secret == SecretRef("credential", "bybit.secret")
    assert (venue.url, venue.timeout_s) == ("http://[::1]:8421", Decimal("0.25"))
    assert settings.venues["other"].url == "http://localhost"
    book = settings.books["core"]
    assert book.poll_s == Decimal("0.05")
    assert book.cron == "*/5 8-18 * jan,mar mon-fri"
    assert book.max_age_s == Decimal(90)
    btc, eth = book.hedges
    assert btc.spot == (
        VenueSource("main"),
        VenueSource("other"),
        StaticSource(static=Decimal("2.5"), label="static"),
        StaticSource(static=Decimal(3), label="cold wallet"),
    )
    assert btc.instrument == "BTC/USDT:USDT"
    assert btc.keep == Decimal("0.1")
    assert btc.accounting is Accounting.COINS
    assert (btc.band.size, btc.rebalance_to) == (Decimal("0.01"), Decimal(1))
    assert (btc.slippage, btc.allow_long) == (Decimal("0.01"), True)
    assert (eth.ratio, eth.band.size) == (Decimal("0.8"), Decimal("0.5"))
    assert eth.rebalance_to == Decimal("0.25")


def test_a_reference_knows_where_it_was_written(tmp_path: Path) -> None:
    path = written(tmp_path, LEAST)
    ref = load(path, env={}).venues["main"].secret
    assert (ref.file, ref.line, ref.key) == (str(path), 5, "venues.main.secret")


def test_settings_are_frozen(tmp_path: Path) -> None:
    settings = load(written(tmp_path, LEAST), env={})
    for table, key in [
        (settings, "execution"),
        (settings.venues["main"], "url"),
        (settings.books["core"].hedges[0], "band"),
    ]:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(table, key, getattr(table, key))


def test_a_windows_editor_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
    assert load(path, env={}) == load(written(tmp_path, LEAST), env={})


def failure(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, env={})
    return str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    assert failure(path) == f"{path}: cannot be read: No such file or directory"


def test_a_folder(tmp_path: Path) -> None:
    assert failure(tmp_path) == f"{tmp_path}: cannot be read: Is a directory"


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:  # root may read every file, so no mode would do
        raise PermissionError(13, "Permission denied", str(path))

    path = written(tmp_path, LEAST)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert failure(path) == f"{path}: cannot be read: Permission denied"


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b'paper = true\nexecution = "\xff"\n')
    assert failure(path) == f"{path}:2: this is not UTF-8 text"
