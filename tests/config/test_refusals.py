"""Bad files and exactly what is said of them: each case edits the good file below."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hedged.config import ConfigError, load

GOOD = """\
environment = "testnet"
execution = "dry-run"
paper = true
[venues.main]
exchange = "bybit"
api_key = "env:KEY"
secret = "env:SECRET"
timeout = "10s"
[venues.other]
exchange = "bybit"
api_key = "env:OTHER_KEY"
secret = "env:OTHER_SECRET"
[books.core]
poll = "10s"
max_age = "30s"
[[books.core.hedges]]
asset = "BTC"
spot = ["main"]
venue = "main"
instrument = "BTC/USD:BTC"
ratio = 1.0
band = "0.25%"
[[books.core.hedges]]
asset = "ETH"
venue = "main"
instrument = "ETH/USD:ETH"
"""


def cases() -> Iterator[tuple[str, str, list[str]]]:
    """What to replace in the good file, by what, and what is said then."""
    table = Path(__file__).with_name("refusals.txt").read_text()
    for block in table.split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if lines:
            old, arrow, new = lines[0].encode().decode("unicode_escape").partition(" => ")
            assert arrow
            yield old, new, [line.strip() for line in lines[1:]]


def said_of(folder: Path, text: str) -> list[str]:
    path = folder / "x.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(path, env={"SECRET": "hunter2"})
    assert all(problem.file == str(path) for problem in caught.value.problems)
    lines = str(caught.value).split("\n")
    return [line.removeprefix(str(path)).removeprefix(":").strip() for line in lines]


def test_the_file_that_the_cases_edit_is_good(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(GOOD)
    assert list(load(path, env={}).books) == ["core"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [*cases()],
    ids=lambda value: value[:30].replace("\n", " ") if isinstance(value, str) else "",
)
def test_a_bad_file_is_refused_in_plain_words(
    tmp_path: Path, old: str, new: str, said: list[str]
) -> None:
    assert old in GOOD
    assert said_of(tmp_path, GOOD.replace(old, new, 1)) == said


def test_an_empty_file_lacks_what_has_no_default(tmp_path: Path) -> None:
    assert said_of(tmp_path, "") == [
        "venues: missing: accounts at exchanges, one [venues.NAME] each",
        "books: missing: books of assets to hedge, one [books.NAME] each",
    ]


def test_empty_tables_are_not_enough(tmp_path: Path) -> None:
    least = "must be at least one table that begins with"
    assert said_of(tmp_path, "books = 3\n[venues]\n") == [
        f"1: books: {least} [books.NAME], not 3",
        f"2: venues: {least} [venues.NAME], not nothing",
    ]
    assert said_of(tmp_path, GOOD.replace("[[books.core.hedges]]", "[[books.core.hedge]]")) == [
        "13: books.core.hedges: missing: what the book hedges, one [[books.NAME.hedges]] per asset",
        "16: books.core.hedge: unknown key; did you mean `hedges`?",
    ]
    single = GOOD[: GOOD.rindex("[[")].replace("[[books.core.hedges]]", "[books.core.hedges]")
    assert said_of(tmp_path, single) == [
        f"16: books.core.hedges: {least} [[books.NAME.hedges]], in two brackets, not a table"
    ]


def test_all_problems_are_told_together_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = GOOD
    for old, new in [("paper", "papr"), ('"env:SECRET"', '"hunter2"'), ("= 1.0", "= true")]:
        text = text.replace(old, new, 1)
    assert [line.split(":")[:2] for line in said_of(tmp_path, text)] == [
        ["3", " papr"],
        ["7", " venues.main.secret"],
        ["21", " books.core.hedges[0].ratio"],
    ]


@pytest.mark.parametrize("digits", ["0x" + "f" * 5000, "9" * 5000, "0." + "1" * 5000])
def test_a_number_too_long_to_mean_anything(tmp_path: Path, digits: str) -> None:
    (said,) = said_of(tmp_path, GOOD.replace('"0.25%"', digits))
    assert said.endswith("too many digits")
    assert len(said) < 200


def test_nesting_too_deep_to_mean_anything(tmp_path: Path) -> None:
    text = GOOD.replace("paper = true", "x = " + "[" * 5000)
    assert said_of(tmp_path, text) == ["lists or tables in this file are nested too deeply"]


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:1",
        "http://127.0.0.1:70000",
        "http://127.0.0.1:0",
        "http://127.0.0.1.example.com",
        "http://example.com",
        "http://127.0.0.1/path",
        "http://0.0.0.0",
        "127.0.0.1:80",
    ],
)
def test_the_embedded_exchange_is_on_this_machine(tmp_path: Path, url: str) -> None:
    (said,) = said_of(tmp_path, GOOD.replace('timeout = "10s"', f'url = "{url}"'))
    assert said.startswith("8: venues.main.url: must be an address on this machine")
