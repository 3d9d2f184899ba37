"""The table of the API: one row per endpoint, from which routes and OpenAPI document are made."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from hedged.web.tokens import Scope

Schema = Mapping[str, Any]

LIMIT: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter of a query."""

    name: str
    schema: Schema
    text: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path with what it takes and gives."""

    method: str
    path: str
    name: str  # of the operation, and of the handler
    text: str
    answer: str  # the schema of what it gives
    scope: Scope | None  # None: for everybody
    query: tuple[Query, ...] = ()
    body: str | None = None  # the schema of what it takes
    media: str = "application/json"
    failures: tuple[int, ...] = ()  # beside those that all share


V1: Final = "/api/v1"

_LAST: Final = Query("limit", LIMIT, "how many, newest first")
_NAME: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 40}
_CHART: Final = (
    Query("book", _NAME, "the book", required=True),
    Query("asset", _NAME, "the asset", required=True),
    Query("hours", {"type": "number", "minimum": 0.01, "maximum": 1000, "default": 24}, "how far"),
    Query(
        "points",
        {"type": "integer", "minimum": 8, "maximum": 10_000, "default": 1000},
        "about how many points a figure may have; spikes are kept",
    ),
)
_BODIES: Final = (409, 503)


def _read(name: str, text: str, *query: Query, answer: str = "") -> Endpoint:
    """Something to read, whose answer is named as it is itself."""
    path = f"{V1}/{name}"
    return Endpoint("GET", path, name, text, answer or name.capitalize(), Scope.READ, query)


def _command(name: str, text: str, *, body: str = "Why") -> Endpoint:
    """Something to tell the daemon."""
    path, scope = f"{V1}/{name}", Scope.OPERATOR
    return Endpoint("POST", path, name, text, "Said", scope, body=body, failures=_BODIES)


_HISTORY: Final = _read("history", "Series for charts, with the orders on them.", *_CHART)
_EVENTS: Final = _read("events", "Server-sent events: the status at each change.", answer="Text")

ENDPOINTS: Final = (
    Endpoint("GET", "/healthz", "health", "Alive: the process answers.", "Health", None),
    Endpoint(
        "GET",
        "/readyz",
        "readiness",
        "Reconciled, fresh and not halted; 503 says what is missing.",
        "Readiness",
        None,
        failures=(503,),
    ),
    Endpoint(
        "GET",
        "/metrics",
        "metrics",
        "Prometheus metrics; docs/metrics.md describes each.",
        "Text",
        Scope.READ,
        media="text/plain",
    ),
    Endpoint("GET", f"{V1}/openapi.json", "openapi", "This document.", "Object", None),
    _read("status", "Everything at a glance."),
    _read("books", "Every book as `hedged plan --json` has it."),
    _read("lines", "What each exposure consists of."),
    _read("orders", "Orders, newest first.", _LAST),
    _read("fills", "Trades of ours, newest first.", _LAST),
    _read("decisions", "Verdicts, newest first; equal ones in a row are one.", _LAST),
    _read("funding", "Rates, now and at the stamps that are known; what was paid, received > 0."),
    _read("states", "What operators and faults changed, newest first.", _LAST),
    _read("configuration", "The settings in force, without secrets.", answer="Object"),
    replace(_HISTORY, failures=(404,)),
    replace(_EVENTS, media="text/event-stream", failures=(503,)),
    _command("pause", "Let only reduce-only orders pass until resumed."),
    _command("resume", "Trade again after a pause or a halt."),
    _command("halt", "Send nothing until resumed; survives a restart, keeps the hedge."),
    _command("ack", "Acknowledge positions that somebody else changed.", body="Ack"),
    _command("cycle", "Have every book look at the world now."),
)
