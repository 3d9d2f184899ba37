"""Halts without a command line: by a signal, and by a file that is there."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hedged.clock import VirtualClock
from hedged.core.types import TradingState
from hedged.engine.control import Answer, Command, CommandError
from hedged.engine.halting import Halting
from hedged.engine.operator import Operator
from hedged.store import MemoryJournal
from tests.engine.fake import virtual

pytestmark = pytest.mark.asyncio


class Daemon:
    """What a halt reaches: a journal with an operator."""

    def __init__(self, kill_file: Path | None) -> None:
        clock: VirtualClock = virtual()
        self.journal = MemoryJournal(clock)
        self.operator = Operator(self.journal, clock, ("core",))
        self.halting = Halting(self.perform, lambda: self.journal.ledger.state, lambda: kill_file)
        self.said: list[Command] = []
        self.heard = asyncio.Event()

    async def perform(self, command: Command) -> Answer:
        self.said.append(command)
        answer = await self.operator.perform(command)
        self.heard.set()
        return answer

    @property
    def is_halted(self) -> bool:
        return self.journal.ledger.state is TradingState.HALTED


async def test_a_file_that_is_there_halts_and_a_resume_under_it_does_not_last(
    tmp_path: Path,
) -> None:
    path = tmp_path / "halt"
    daemon = Daemon(path)
    await daemon.halting.look()
    assert daemon.said == []
    path.touch()
    await daemon.halting.look()
    await daemon.halting.look()
    assert daemon.said == [{"verb": "halt", "who": "kill_file", "why": f"{path} is there"}]
    await daemon.operator.perform({"verb": "resume"})
    await daemon.halting.look()
    path.unlink()
    await daemon.halting.look()
    assert len(daemon.said) == 2
    assert daemon.is_halted, "its removal resumes nothing"


async def test_the_file_is_looked_for_as_long_as_the_daemon_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hedged.engine.halting.LOOK_S", 0.01)
    daemon = Daemon(tmp_path / "halt")
    async with daemon.halting.watched():
        (tmp_path / "halt").touch()
        await asyncio.wait_for(daemon.heard.wait(), 10)
    assert daemon.is_halted


async def test_sigusr1_halts_and_one_that_comes_late_ends_nothing() -> None:
    daemon = Daemon(None)
    async with daemon.halting.watched():
        os.kill(os.getpid(), signal.SIGUSR1)
        await asyncio.wait_for(daemon.heard.wait(), 10)
    assert daemon.is_halted
    os.kill(os.getpid(), signal.SIGUSR1)


def _refused(text: str) -> Callable[[Command], object]:
    async def perform(_: Command) -> Answer:
        raise CommandError(text)

    return perform


async def test_a_halt_that_cannot_be_done_is_said() -> None:
    daemon = Daemon(None)
    daemon.halting = Halting(_refused("a dry-run"), lambda: None, lambda: None)  # type: ignore[arg-type] # never returns
    with capture_logs() as logs:
        await daemon.halting._halt("signal", "SIGUSR1")
    assert [(entry["event"], entry["why"]) for entry in logs] == [("halt.refused", "a dry-run")]
