"""A failpoint kills where it is told to, and never outside the sim environment."""

import os
import signal
from collections.abc import Iterator

import pytest

from hedged.core.types import Environment
from hedged.store import failpoints


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, int]]]:
    calls: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: calls.append((pid, number)))
    yield calls
    failpoints.arm(Environment.SIM, {})


def test_it_kills_at_the_named_place_and_count(killed: list[tuple[int, int]]) -> None:
    assert failpoints.arm(Environment.SIM, {"HEDGED_FAILPOINT": "send.before:2"})
    failpoints.point("send.before")
    failpoints.point("send.after")
    assert killed == []
    failpoints.point("send.before")
    assert killed == [(os.getpid(), signal.SIGKILL)]


@pytest.mark.parametrize("environment", [Environment.TESTNET, Environment.MAINNET])
def test_elsewhere_the_variable_is_ignored(
    killed: list[tuple[int, int]], environment: Environment
) -> None:
    assert not failpoints.arm(environment, {"HEDGED_FAILPOINT": "send.before:1"})
    failpoints.point("send.before")
    assert killed == []


def test_an_unarmed_process_passes_by(killed: list[tuple[int, int]]) -> None:
    assert not failpoints.arm(Environment.SIM, {})
    failpoints.point("send.before")
    assert killed == []


@pytest.mark.parametrize("text", ["send.before", ":1", "send.before:0", "send.before:x"])
@pytest.mark.usefixtures("killed")
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="HEDGED_FAILPOINT"):
        failpoints.arm(Environment.SIM, {"HEDGED_FAILPOINT": text})
