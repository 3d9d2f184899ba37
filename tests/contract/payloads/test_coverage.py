"""Nothing that was recorded is left out in silence, and the docs count what is checked."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hedged.venue.profiles import every_profile
from hedged.venue.transport import Route, is_listed
from tests.contract.payloads.checked import AGAIN, CHECKED, KINDS, LISTED, NOT_ASKED
from tests.contract.payloads.replay import (
    LISTINGS,
    MARKETS,
    MORE,
    PARTS,
    ROOT,
    Recording,
    recordings,
)

if not ROOT.is_dir():
    pytest.skip(f"no recorded payloads at {ROOT}", allow_module_level=True)

HERE = Path(__file__).parent
CASES = {"bybit": HERE.parents[1] / "venue" / "test_payloads.py"}


@cache
def routes_of(venue: str) -> frozenset[Route]:
    """All requests that the gateway may ever make there."""
    profiles = [profile for profile in every_profile() if profile.exchange == venue]
    return frozenset().union(*(p.routes | p.write_routes for p in profiles))


def asked(venue: str, recording: Recording) -> Route | None:
    """Which of the gateway's requests it answers; None: none of them."""
    path = recording.path.partition("?")[0]
    return next((r for r in routes_of(venue) if is_listed({r}, recording.method, path)), None)


def is_asked(venue: str, recording: Recording) -> bool:
    """Whether the gateway makes such a request; where no request is told, it may."""
    return not recording.path or asked(venue, recording) is not None


def fields(body: Any, above: str = "") -> Iterator[str]:
    """The names of everything in a reply."""
    for key, value in body.items() if isinstance(body, dict) else ():
        yield above + key
        yield from fields(value, f"{above}{key}.")
    for value in body if isinstance(body, list) else ():
        yield from fields(value, above)


def says_again(venue: str, recording: Recording) -> bool:
    """Whether what is checked of the same request has all of its fields."""
    if not any(fnmatchcase(recording.name, pattern) for pattern in AGAIN.get(venue, ())):
        return False
    names, route = set().union(*CHECKED[venue].values()), asked(venue, recording)
    known = (r for r in recordings(venue) if r.name in names and asked(venue, r) == route)
    return set(fields(recording.body)) <= {name for r in known for name in fields(r.body)}


@pytest.mark.parametrize("venue", CHECKED)
def test_every_recording_is_checked_or_none_of_ours(venue: str) -> None:
    checked = {name for names in CHECKED[venue].values() for name in names}
    new = [
        r.name
        for r in recordings(venue)
        if is_asked(venue, r)
        and r.name not in checked
        and not any(fnmatchcase(r.name, pattern) for pattern in NOT_ASKED[venue])
        and not says_again(venue, r)
    ]
    assert not new, "recordings of a kind not seen before"


def test_every_folder_is_of_a_venue_that_is_checked() -> None:
    of_venues = {folder for venue in CHECKED for folder in (venue, *MORE.get(venue, ()))}
    assert {path.name for path in ROOT.iterdir() if path.is_dir()} <= of_venues


def test_every_file_is_one_that_the_cases_read() -> None:
    kinds = (*(f"{part}.jsonl" for part in PARTS), LISTINGS, MARKETS)
    files = [path for path in ROOT.rglob("*") if path.is_file() and path.parent != ROOT]
    assert len(files) > 40
    new = [p for p in files if not any(fnmatchcase(p.name, kind) for kind in kinds)]
    assert not new, "files of a kind not seen before"


@pytest.mark.parametrize("venue", LISTED)
def test_what_counts_as_checked_is_used_by_the_cases(venue: str) -> None:
    cases = CASES.get(venue, HERE / f"test_{venue}.py").read_text()
    known = {r.name for r in recordings(venue)}
    for kind, names in LISTED[venue].items():
        assert kind in KINDS
        for name in names:
            assert name in known
            short = name.rpartition(":")[2].rpartition("/")[2]
            stem = name.rpartition("instruments_0")[2]
            assert short in cases or stem.isdigit(), f"no case reads {name}"
