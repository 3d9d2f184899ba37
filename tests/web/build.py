"""A daemon in memory with its API on it, and a client to ask it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from hedged.config import Settings
from hedged.core.types import Environment, Execution
from hedged.engine.executor import Executor
from hedged.engine.hedger import Book, Hedger
from hedged.engine.observer import Observer
from hedged.engine.operator import Operator
from hedged.engine.paper import PaperLedger
from hedged.ops.metrics import Metrics
from hedged.ops.notify import Outbox
from hedged.ports import VenueUnavailable
from hedged.store import MemoryJournal
from hedged.web.recorder import Recorder
from hedged.web.server import application
from hedged.web.subject import Subject
from hedged.web.tokens import Scope, TokenFile
from tests.engine.fake import SYMBOL, FakeVenue, btc


def settings(**web: Any) -> Settings:
    venue = {
        "exchange": "bybit",
        "api_key": "env:WEB_KEY",
        "secret": "file:web-secret",
        "url": "http://127.0.0.1:1",
    }
    hedge = {"asset": "BTC", "venue": "main", "instrument": SYMBOL}
    given = {"bind": "127.0.0.1:0", **web}
    return Settings.model_validate(
        {
            "environment": "sim",
            "venues": {"main": venue},
            "books": {"core": {"hedges": [hedge]}},
            "web": {key: value for key, value in given.items() if value is not None},
        }
    )


@dataclass
class Stage:
    """All that a test wants to turn."""

    venue: FakeVenue
    hedger: Hedger
    journal: MemoryJournal | None
    recorder: Recorder
    metrics: Metrics
    tokens: TokenFile
    subject: Subject
    app: Application
    woken: list[bool]

    def token(self, scope: Scope = Scope.OPERATOR) -> dict[str, str]:
        """A new token, as a header."""
        name = f"anna-{len(self.tokens.tokens())}"
        secret = self.tokens.new(name, scope, self.venue.clock.now())
        return {"Authorization": f"Bearer {secret}"}


def stage(
    folder: Path, *, live: bool = True, outboxes: tuple[Outbox, ...] = (), **web: Any
) -> Stage:
    venue = FakeVenue()
    clock = venue.clock
    journal = MemoryJournal(clock) if live else None
    executor = None
    if journal is not None:
        executor = Executor({"main": venue}, {"main": (SYMBOL,)}, journal, clock)
    hedger = Hedger(
        Book("core", Environment.SIM, (btc(),)),
        Observer((btc(),), {"main": venue}, {}, clock),
        clock,
        executor=executor,
        paper=PaperLedger(),
    )
    execution = Execution.LIVE if live else Execution.DRY_RUN
    woken: list[bool] = []
    subject = Subject(
        settings=settings(**web),
        execution=execution,
        journal=journal,
        venues={"main": venue},
        perform=Operator(journal or MemoryJournal(clock), clock, (), executor=executor).perform,
        wake=lambda: woken.append(True),
        clock=clock,
        started_at=clock.now(),
        outboxes=lambda: outboxes,
        unrecorded=lambda: None if executor is None else executor.brake.unrecorded,
    )
    recorder, metrics = Recorder(), Metrics("0", "sim", execution.value)
    hedger.watchers.append(recorder.watch)
    hedger.watchers.append(lambda c: metrics.cycle(c.snapshot, c.decision, c.seen_s, c.took_s))
    tokens = TokenFile(folder / "tokens.json")
    app = application(subject, recorder, metrics, tokens)
    return Stage(venue, hedger, journal, recorder, metrics, tokens, subject, app, woken)


@asynccontextmanager
async def asked(of: Stage) -> AsyncIterator["TestClient[Request, Application]"]:
    """A client of the stage's API."""
    async with TestClient(TestServer(of.app)) as client:
        yield client


def unavailable() -> None:
    """A read that fails."""
    raise VenueUnavailable("gone")
