"""The OpenAPI document is valid, complete, and true: schemathesis asks what it allows."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, settings

from hedged.web.endpoints import ENDPOINTS
from hedged.web.openapi import SCHEMAS, document
from tests.web.build import Stage, stage

SCHEMA = schemathesis.openapi.from_dict(document())
ASKED = SCHEMA.exclude(path="/api/v1/events")  # a stream has no end


def test_every_endpoint_is_described_and_every_schema_is_used() -> None:
    described = {
        (method.upper(), path)
        for path, methods in document()["paths"].items()
        for method in methods
    }
    assert described == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    named = {endpoint.answer for endpoint in ENDPOINTS} | {e.body for e in ENDPOINTS}
    assert set(SCHEMAS) - named == {"Failure", "State"}


def test_no_endpoint_enters_an_order() -> None:
    writing = {endpoint.name for endpoint in ENDPOINTS if endpoint.method != "GET"}
    assert writing == {"pause", "resume", "halt", "ack", "cycle"}


def _serve(on: Stage, ready: threading.Event, port: list[int], stop: asyncio.Event) -> None:
    async def serving() -> None:
        runner = web.AppRunner(on.app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        await on.hedger.run_cycle()
        await on.hedger.run_cycle()
        port.append(runner.addresses[0][1])
        ready.set()
        await stop.wait()
        await runner.cleanup()

    with asyncio.Runner() as runner:
        on.loop = runner.get_loop()  # type: ignore[attr-defined] # to stop it from outside
        runner.run(serving())


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """A served stage on a thread of its own, and an operator's header."""
    on = stage(tmp_path_factory.mktemp("api"))
    ready, stop = threading.Event(), asyncio.Event()
    port: list[int] = []
    thread = threading.Thread(target=_serve, args=(on, ready, port, stop))
    with ExitStack() as ending:
        thread.start()
        ending.callback(thread.join)
        assert ready.wait(20)
        ending.callback(lambda: on.loop.call_soon_threadsafe(stop.set))  # type: ignore[attr-defined] # as above
        yield f"http://127.0.0.1:{port[0]}", on.token()


@ASKED.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_does_what_the_document_says(case: Any, live: tuple[str, dict[str, str]]) -> None:
    url, headers = live
    case.call_and_validate(base_url=url, headers=headers, timeout=20)
