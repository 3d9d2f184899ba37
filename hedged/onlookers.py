"""Wires those who look on beside the trading: the API and the dashboard.

They see what the cycles found and did, and can reach nothing that trades.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from hedged.app import Daemon
from hedged.clock import SystemClock
from hedged.config import Settings
from hedged.store import state_folder
from hedged.web.recorder import Recorder
from hedged.web.server import served
from hedged.web.subject import Subject
from hedged.web.tokens import TokenFile
from hedged.web.view import View


def tokens_of(settings: Settings, env: Mapping[str, str]) -> TokenFile:
    """Where the tokens of the API are kept."""
    return TokenFile(state_folder(env) / f"tokens-{settings.environment.value}.json")


@asynccontextmanager
async def shown(daemon: Daemon, tokens: TokenFile) -> AsyncIterator[View]:
    """Watch every cycle, and serve the API and the dashboard where the settings say so."""
    clock = SystemClock()
    subject = Subject(
        settings=daemon.settings,
        execution=daemon.execution,
        journal=daemon.journal,
        venues=daemon.venues,
        perform=daemon.perform,
        wake=daemon.wake,
        clock=clock,
        started_at=clock.now(),
    )
    hedgers = [loop.hedger for loop in daemon.loops]
    recorder = Recorder() if daemon.settings.web.bind else Recorder(points=1)
    for hedger in hedgers:
        hedger.watchers.append(recorder.watch)
    async with served(subject, recorder, hedgers, tokens):
        yield View(subject, recorder)
