"""Nothing that was recorded is left out in silence, and the docs count what is checked."""

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from hedged.venue.profiles import every_profile
from hedged.venue.transport import is_listed
from tests.contract.payloads.checked import CHECKED, KINDS, LISTED, NOT_ASKED
from tests.contract.payloads.replay import MORE, ROOT, Recording, recordings

if not ROOT.is_dir():
    pytest.skip(f"no recorded payloads at {ROOT}", allow_module_level=True)

HERE = Path(__file__).parent
CASES = {"bybit": HERE.parents[1] / "venue" / "test_payloads.py"}


def is_asked(venue: str, recording: Recording) -> bool:
    """Whether the gateway makes such a request; where no request is told, it may."""
    path = recording.path.partition("?")[0]
    routes = {
        route
        for profile in every_profile()
        if profile.exchange == venue
        for route in profile.routes | profile.write_routes
    }
    return not recording.path or is_listed(routes, recording.method, path)


@pytest.mark.parametrize("venue", CHECKED)
def test_every_recording_is_checked_or_none_of_ours(venue: str) -> None:
    checked = {name for names in CHECKED[venue].values() for name in names}
    new = [
        r.name
        for r in recordings(venue)
        if is_asked(venue, r)
        and r.name not in checked
        and not any(fnmatchcase(r.name, pattern) for pattern in NOT_ASKED[venue])
    ]
    assert not new, "recordings of a kind not seen before"


def test_every_folder_is_of_a_venue_that_is_checked() -> None:
    of_venues = {folder for venue in CHECKED for folder in (venue, *MORE.get(venue, ()))}
    assert {path.name for path in ROOT.iterdir() if path.is_dir()} <= of_venues


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
