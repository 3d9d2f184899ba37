"""What each endpoint does: reads the view, or passes an operator's word on to the journal."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Any, Final

from aiohttp import web

from hedged import __version__
from hedged.engine.control import CommandError
from hedged.ops.metrics import Metrics
from hedged.ports import StoreError
from hedged.web.access import is_exposed
from hedged.web.encode import encoded
from hedged.web.endpoints import ENDPOINTS, Endpoint, Query
from hedged.web.guard import HOLDER, Denied, Handler, answer
from hedged.web.openapi import SCHEMAS, document
from hedged.web.recorder import Recorder
from hedged.web.subject import Subject
from hedged.web.view import View, finding_object

PATIENCE_S: Final = 25.0  # for the journal, and for a venue that is slow to cancel
HEARTBEAT_S: Final = 15.0
LEAST_PAUSE_S: Final = 0.25  # between two events
MOST_LISTENERS: Final = 20
LONGEST_TEXT: Final = 500
_CONVERT: Final = {"integer": int, "number": float, "string": str}


class Handlers:
    """One method an endpoint, named as it is."""

    def __init__(self, subject: Subject, recorder: Recorder, metrics: Metrics, view: View) -> None:
        self._subject = subject
        self._recorder = recorder
        self._metrics = metrics
        self._view = view
        self._document = encoded(document())

    def of(self, endpoint: Endpoint) -> Handler:
        """The handler of an endpoint."""
        if endpoint.method == "POST":
            return self._command(endpoint)
        found: Handler = getattr(self, f"get_{endpoint.name}")
        return found

    async def get_health(self, _request: web.Request) -> web.Response:
        """The event loop runs."""
        return answer({"alive": True, "version": __version__})

    async def get_readiness(self, _request: web.Request) -> web.Response:
        """Whether it can do its work; the figures are not for everybody."""
        hindered = [finding_object(finding) for finding in self._view.hindrances()]
        if is_exposed(self._subject.settings.web):
            hindered = [{**finding, "detail": ""} for finding in hindered]
        return answer({"ready": not hindered, "not_ready": hindered}, 503 if hindered else 200)

    async def get_metrics(self, _request: web.Request) -> web.Response:
        """All metrics, as they stand now."""
        journal = self._subject.journal
        self._metrics.standing(
            state=self._subject.state,
            is_ready=not self._view.hindrances(),
            orders={} if journal is None else journal.ledger.orders,
            skews_s={name: venue.skew_s for name, venue in self._subject.venues.items()},
            uses={name: venue.use for name, venue in self._subject.venues.items()},
            outboxes=self._subject.outboxes(),
        )
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return web.Response(body=self._metrics.text(), headers={"Content-Type": kind})

    async def get_openapi(self, _request: web.Request) -> web.Response:
        """The description of all this."""
        return web.Response(body=self._document, content_type="application/json")

    async def get_status(self, _request: web.Request) -> web.Response:
        """Everything at a glance."""
        return answer(await self._view.status())

    async def get_books(self, _request: web.Request) -> web.Response:
        """Books in full."""
        return answer({"books": self._view.books()})

    async def get_lines(self, _request: web.Request) -> web.Response:
        """What exposures consist of."""
        return answer({"lines": self._view.lines()})

    async def get_orders(self, request: web.Request) -> web.Response:
        """Orders."""
        return answer({"orders": await self._view.orders(_asked("orders", request)["limit"])})

    async def get_fills(self, request: web.Request) -> web.Response:
        """Trades."""
        return answer({"fills": await self._view.fills(_asked("fills", request)["limit"])})

    async def get_decisions(self, request: web.Request) -> web.Response:
        """Verdicts."""
        limit = _asked("decisions", request)["limit"]
        return answer({"decisions": self._view.decisions(limit)})

    async def get_funding(self, _request: web.Request) -> web.Response:
        """Funding rates."""
        payments = await self._view.payments()
        return answer({"funding": self._view.funding(), "paid": payments})

    async def get_states(self, request: web.Request) -> web.Response:
        """Changes of the state."""
        return answer({"states": await self._view.states(_asked("states", request)["limit"])})

    async def get_configuration(self, _request: web.Request) -> web.Response:
        """Settings."""
        return answer(self._view.configuration)

    async def get_history(self, request: web.Request) -> web.Response:
        """Series."""
        asked = _asked("history", request)
        found = await self._view.history(
            asked["book"], asked["asset"], hours=asked["hours"], points=asked["points"]
        )
        if found is None:
            raise Denied(404, "there is no such book and asset, or it has no cycle yet")
        response = answer(found)
        response.enable_compression()
        return response

    async def get_events(self, request: web.Request) -> web.StreamResponse:
        """The status at each change; a comment now and then shows that the line is up."""
        if self._recorder.listeners >= MOST_LISTENERS:
            raise Denied(503, f"{MOST_LISTENERS} listen already")
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        )
        await response.prepare(request)
        async with aclosing(self._recorder.changes(HEARTBEAT_S)) as changes:
            with suppress(ConnectionResetError):  # whoever leaves needs no answer
                async for changed in changes:
                    status = encoded(await self._view.status()) if changed else b""
                    frame = b"event: status\ndata: " + status if changed else b": still here"
                    await response.write(frame + b"\n\n")
                    await asyncio.sleep(LEAST_PAUSE_S)
        return response

    def _command(self, endpoint: Endpoint) -> Handler:
        async def told(request: web.Request) -> web.Response:
            body = await _body(request, SCHEMAS[endpoint.body or ""]["properties"])
            if endpoint.name == "cycle":
                self._subject.wake()
                return answer({"said": "every book looks at the world now"})
            if self._subject.journal is None:
                raise Denied(
                    409, f"this is a dry-run: it sends nothing, so there is no {endpoint.name}"
                )
            command = {**body, "verb": endpoint.name, "who": request[HOLDER].name}
            try:
                async with asyncio.timeout(PATIENCE_S):
                    done = await self._subject.perform(command)
            except CommandError as error:
                raise Denied(409, str(error)) from None
            except TimeoutError:
                raise StoreError("it is not done yet; look at the daemon's log") from None
            self._subject.wake()
            self._recorder.tell()
            return answer({"said": "; ".join(done.said)})

        return told


_QUERIES: Final = {endpoint.name: endpoint.query for endpoint in ENDPOINTS}


def _asked(name: str, request: web.Request) -> dict[str, Any]:
    """The parameters of a query, as the table of endpoints describes them."""
    queries = _QUERIES[name]
    unknown = request.query.keys() - {query.name for query in queries}
    if unknown:
        known = ", ".join(query.name for query in queries)
        raise Denied(400, f"unknown: {', '.join(sorted(unknown))}; known: {known}")
    return {
        query.name: _parameter(query, request.query.getall(query.name, [])) for query in queries
    }


def _parameter(query: Query, given: list[str]) -> Any:
    schema = query.schema
    if not given and not query.required:
        return schema["default"]
    expected = f"{query.name} must be one {schema['type']}"
    if "minimum" in schema:
        expected += f" from {schema['minimum']} to {schema['maximum']}"
    try:
        (text,) = given
        value = _CONVERT[schema["type"]](text)
    except ValueError:
        raise Denied(400, expected) from None
    if "minimum" in schema and not schema["minimum"] <= value <= schema["maximum"]:
        raise Denied(400, expected)
    return value


async def _body(request: web.Request, members: Mapping[str, object]) -> dict[str, str]:
    """An optional JSON object of short texts."""
    if not request.body_exists:
        return {}
    if request.content_type != "application/json":
        raise Denied(415, "the body must be JSON, with Content-Type: application/json")
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise Denied(400, "the body is not JSON") from None
    if not isinstance(body, dict) or body.keys() - members.keys():
        raise Denied(400, f"the body must be an object with at most: {', '.join(members)}")
    for key, text in body.items():
        is_text = isinstance(text, str) and text.isascii() and (text.isprintable() or not text)
        if not is_text or len(text) > LONGEST_TEXT:
            raise Denied(400, f"{key} must be at most {LONGEST_TEXT} printable ASCII characters")
    return body
